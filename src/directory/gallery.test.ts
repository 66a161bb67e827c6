import { expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { picture } from '../../test/pictures.ts'
import { world } from '../../test/world.ts'
import { house } from '../dialects/house/index.ts'
import { memoryFiles } from '../pictures/memory-files.ts'
import { createPictures } from '../pictures/pictures.ts'
import { tidyPictures } from './gallery.ts'

const day = 86_400_000
const { avatar: _, cover: __, ...ada } = cast.ada

it('tidies away what a crash has left and what was of people who are deleted, and nothing that is shown', async () => {
  let now = cast.testNow
  const files = memoryFiles(() => now)
  const pictures = createPictures(files, () => now)
  const one = await world({ ada, files })
  const body = await picture(40, 40).jpeg().toBuffer()
  const put = {
    as: 'self',
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body,
  } as const
  await one.ask(house, `/api/v1/people/${ada.id}/avatar`, put)
  const left = await pictures.keep(ada.id, body, ada.id)
  const stranger = crypto.randomUUID()
  await pictures.keep(stranger, body, stranger)

  const there = async () => (await files.of(ada.id)).map(({ id }) => id)
  await tidyPictures(one.store, pictures)
  expect(await there()).toHaveLength(2)
  now += day + 1
  await tidyPictures(one.store, pictures)
  expect(await there()).toHaveLength(1)
  expect(await there()).not.toContain(left.id)
  expect(await files.of(stranger)).toEqual([])

  const { person } = (await one.store.people.byId(ada.id)) ?? {}
  if (!person) throw new Error('There is nobody')
  const gone = { ...person, lifecycle: 'deleted' as const, version: person.version + 1 }
  await one.store.commit([{ kind: 'person', person: gone }], 'test', person.updatedAt)
  await tidyPictures(one.store, pictures)
  expect(await there()).toEqual([])
})
