import { expect, it } from 'vitest'
import type { Found, Inquiry } from '../search/search.ts'
import { type Reading, readPage, readStep } from './pages.ts'
import { Walks } from './walks.ts'

const question: Inquiry = { from: { skip: 0 }, limit: 3, total: true }

/** A list of ids; each of `gone` leaves it after it was found, and before it is read. */
function listOf(ids: string[], gone: readonly string[]) {
  const leaving = new Set(gone)
  let finds = 0
  const reading: Reading<string, { id: string }> = {
    async find({ from, limit, total }): Promise<Found<string>> {
      finds += 1
      const there = ids.filter((id) => 'skip' in from || id > from.after.id)
      const page = 'skip' in from ? there.slice(from.skip) : there
      const counted = total === 'left' ? there : ids
      const places = page.slice(0, limit).map((id) => ({ id, key: null }))
      return { places, ...(total && { total: counted.length }) }
    },
    async read(asked) {
      for (const id of asked) if (leaving.has(id)) ids.splice(ids.indexOf(id), 1)
      return asked.filter((id) => ids.includes(id)).map((id) => ({ id }))
    },
    idOf: ({ id }) => id,
  }
  return { reading, finds: () => finds }
}

const idsOf = ({ items }: { items: readonly { id: string }[] }) =>
  items.map(({ id }) => id).join('')
const walkOf = () =>
  new Walks(() => 0).of(
    {
      ...{
        keyId: 'k',
        organizationId: '' as never,
        timeZone: 'UTC',
        administers: new Set<never>(),
      },
      ...{ owner: false, plain: true },
    },
    { list: '', size: 3 },
    [],
  )

it('makes up for those who go between being found and being read, so that no page is short before the last', async () => {
  const { reading, finds } = listOf([...'abcdefgh'], ['a', 'c', 'd'])
  const page = await readPage(question, reading)
  expect([idsOf(page), page.total, page.last?.id, finds()]).toEqual(['bef', 6, 'f', 3])
  const rest = await readPage({ ...question, from: { after: { key: null, id: 'f' } } }, reading)
  expect([idsOf(rest), rest.last]).toEqual(['gh', undefined])
})

it('gives up after a few rounds, and says that there is more', async () => {
  const many = Array.from({ length: 50 }, (_, index) => String.fromCodePoint(0x4e00 + index))
  const { reading, finds } = listOf([...many], many)
  const page = await readPage(question, reading)
  expect([page.items.length, page.last?.id, finds()]).toEqual([0, many[14], 5])
})

it('asks once where everybody is still there', async () => {
  const { reading, finds } = listOf([...'abc'], [])
  const page = await readPage(question, reading)
  expect([idsOf(page), page.total, finds()]).toEqual(['abc', 3, 1])
})

it('counts in a walk those who were given and those who are left', async () => {
  const ids = [...'abcdefgh']
  const { reading } = listOf(ids, ['e'])
  const walk = walkOf()
  const step = (skip: number, limit = 3) =>
    readStep(walk, { ...question, from: { skip }, limit }, 3, reading)
  const first = await step(0)
  expect([idsOf(first), first.total]).toEqual(['abc', 8])
  ids.splice(ids.indexOf('a'), 1)
  // Where somebody goes while a page is read, it ends after whoever was given last.
  const second = await step(3)
  expect([idsOf(second), second.total]).toEqual(['dfg', 7])
  ids.unshift('0', '1')
  const third = await step(6)
  expect([idsOf(third), third.total]).toEqual(['h', 7])
  // Whoever goes by what was given asks for this, whoever goes by pages for that.
  for (const skip of [7, 9]) {
    const end = await step(skip)
    expect([idsOf(end), end.total]).toEqual(['', 7])
  }
  ids.push('i')
  expect(idsOf(await step(9))).toBe('i')
})

it('ends a step after as many as it has, though more were read to see whether there are any', async () => {
  const { reading } = listOf([...'abcdefgh'], [])
  const walk = walkOf()
  const step = (skip: number) =>
    readStep(walk, { ...question, from: { skip }, limit: 4 }, 3, reading)
  expect([idsOf(await step(0)), idsOf(await step(3))]).toEqual(['abcd', 'defg'])
})

it('begins after so many where the page before was not given out', async () => {
  const { reading } = listOf([...'abcdefgh'], [])
  const walk = walkOf()
  const step = (skip: number) => readStep(walk, { ...question, from: { skip } }, 3, reading)
  const jump = await step(4)
  expect([idsOf(jump), jump.total]).toEqual(['efg', 8])
  expect(idsOf(await step(7))).toBe('h')
  expect(idsOf(await step(100))).toBe('')
  expect(idsOf(await step(0))).toBe('abc')
})

it('goes on from no page of a walk before the first page was asked for again', async () => {
  const ids = [...'abcdefghij']
  const { reading } = listOf(ids, [])
  const walk = walkOf()
  const step = (skip: number) => readStep(walk, { ...question, from: { skip } }, 3, reading)
  expect([idsOf(await step(0)), idsOf(await step(3))]).toEqual(['abc', 'def'])
  ids.splice(0, 2)
  expect([idsOf(await step(0)), idsOf(await step(6))]).toEqual(['cde', 'ij'])
})
