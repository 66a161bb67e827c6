import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { diskFiles } from './disk-files.ts'
import type { PictureFiles } from './files.ts'
import { memoryFiles } from './memory-files.ts'

const ada = '11111111-1111-4111-8111-111111111111'
const bob = '11222222-2222-4222-8222-222222222222'
const folder = mkdtempSync(join(tmpdir(), 'kith-pictures-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
function onDisk(): { files: PictureFiles; root: string } {
  count += 1
  const root = join(folder, String(count), 'deep')
  return { files: diskFiles(root), root }
}

const bytes = (text: string) => Buffer.from(text)
const all = async (files: PictureFiles) => (await Array.fromAsync(files.people())).sort()

describe.each([
  ['in memory', () => memoryFiles(Date.now)],
  ['on disk', () => onDisk().files],
])('files of pictures %s', (_, make) => {
  it('give back what was put, and nothing that was not', async () => {
    const files = make()
    expect(await files.master(ada, 'a-1')).toBeUndefined()
    expect([await files.of(ada), await all(files)]).toEqual([[], []])
    await files.put(ada, 'a-1', bytes('master'))
    expect(String(await files.master(ada, 'a-1'))).toBe('master')
    expect(await files.master(bob, 'a-1')).toBeUndefined()
    expect((await files.of(ada)).map(({ id }) => id)).toEqual(['a-1'])
    expect(await all(files)).toEqual([ada])
  })

  it('keep the forms of a picture that is there', async () => {
    const files = make()
    await files.putForm(ada, 'a-1', 'square-32.webp', bytes('lost'))
    expect(await files.form(ada, 'a-1', 'square-32.webp')).toBeUndefined()
    expect(await all(files)).toEqual([])
    await files.put(ada, 'a-1', bytes('master'))
    await files.putForm(ada, 'a-1', 'square-32.webp', bytes('form'))
    await files.putForm(ada, 'a-1', 'square-32.webp', bytes('again'))
    expect(String(await files.form(ada, 'a-1', 'square-32.webp'))).toBe('again')
  })

  it('never take another’s with one’s own', async () => {
    const files = make()
    for (const person of [ada, bob]) {
      await files.put(person, 'same-1', bytes(person))
      await files.putForm(person, 'same-1', 'square-32.webp', bytes(person))
    }
    await files.put(ada, 'other-2', bytes('other'))
    await files.remove(ada, 'same-1')
    await files.remove(ada, 'same-1')
    expect(await files.master(ada, 'same-1')).toBeUndefined()
    expect(await files.form(ada, 'same-1', 'square-32.webp')).toBeUndefined()
    expect(String(await files.master(ada, 'other-2'))).toBe('other')
    expect(String(await files.form(bob, 'same-1', 'square-32.webp'))).toBe(bob)
    await files.remove(ada, 'other-2')
    expect(await all(files)).toEqual([bob])
  })

  it('tell when each was put, the oldest first', async () => {
    const files = make()
    const started = Date.now()
    for (const id of ['c-1', 'a-2', 'b-3']) {
      await files.put(ada, id, bytes(id))
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    const found = await files.of(ada)
    expect(found.map(({ id }) => id)).toEqual(['c-1', 'a-2', 'b-3'])
    for (const { at } of found) expect(Math.abs(at - started)).toBeLessThan(10_000)
  })
})

describe('files of pictures on disk', () => {
  it('are for their owner alone, and leave nothing half written', async () => {
    const { files, root } = onDisk()
    await files.put(ada, 'a-1', bytes('master'))
    await files.putForm(ada, 'a-1', 'square-32.webp', bytes('form'))
    const place = join(root, '11', ada, 'a-1')
    expect(readdirSync(place).sort()).toEqual(['master.webp', 'square-32.webp'])
    const mode = (path: string) => statSync(path).mode & 0o777
    expect([root, join(root, '11'), place].map(mode)).toEqual([0o700, 0o700, 0o700])
    expect(mode(join(place, 'master.webp'))).toBe(0o600)
  })

  it('lead nowhere else', async () => {
    const { files } = onDisk()
    for (const id of ['..', '../x', 'a/b', '', '.x', 'a\0b']) {
      await expect((async () => files.put(ada, id, bytes('x')))()).rejects.toThrow()
      await expect((async () => files.master(id, 'a-1'))()).rejects.toThrow()
    }
  })

  it('say that they can not be written when they can not', async () => {
    const { files, root } = onDisk()
    await files.put(ada, 'a-1', bytes('master'))
    const inTheWay = diskFiles(join(root, '11', ada, 'a-1', 'master.webp'))
    await expect(inTheWay.put(bob, 'b-1', bytes('x'))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(await inTheWay.master(bob, 'b-1')).toBeUndefined()
  })
})
