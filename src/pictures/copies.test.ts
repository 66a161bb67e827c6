import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { copyPictures, restorePictures } from './copies.ts'
import { diskFiles } from './disk-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-copies-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ada = '11111111-1111-4111-8111-111111111111'
const place = (name: string) => join(folder, name)

it('copies pictures without their forms, as they are now and nothing of before, for their owner alone', async () => {
  const files = diskFiles(place('here'))
  await files.put(ada, 'a-1', Buffer.from('one'))
  await files.putForm(ada, 'a-1', 'square-32.webp', Buffer.from('form'))
  await copyPictures(place('here'), place('copy'))
  const copy = diskFiles(place('copy'))
  expect(String(await copy.master(ada, 'a-1'))).toBe('one')
  expect(await copy.form(ada, 'a-1', 'square-32.webp')).toBeUndefined()
  expect(statSync(place('copy')).mode & 0o777).toBe(0o700)
  expect(statSync(join(place('copy'), '11', ada, 'a-1', 'master.webp')).mode & 0o777).toBe(0o600)

  await files.remove(ada, 'a-1')
  await files.put(ada, 'a-2', Buffer.from('two'))
  await copyPictures(place('here'), place('copy'))
  expect((await copy.of(ada)).map(({ id }) => id)).toEqual(['a-2'])
  await copyPictures(place('nothing'), place('copy'))
  expect(existsSync(place('copy'))).toBe(false)
})

it('restores what is missing and leaves alone what is there', async () => {
  const [backup, files] = [diskFiles(place('backup')), diskFiles(place('there'))]
  await backup.put(ada, 'a-1', Buffer.from('backed up'))
  await backup.put(ada, 'a-2', Buffer.from('backed up'))
  await files.put(ada, 'a-2', Buffer.from('there'))
  await files.put(ada, 'a-3', Buffer.from('there'))
  await restorePictures(place('backup'), place('there'))
  await restorePictures(place('nothing'), place('there'))
  const all = await Promise.all(['a-1', 'a-2', 'a-3'].map((id) => files.master(ada, id)))
  expect(all.map(String)).toEqual(['backed up', 'there', 'there'])
})
