import { expect, it } from 'vitest'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { Walks } from './walks.ts'

const viewer = (keyId: string, personId?: string): Viewer => ({
  ...{ keyId, organizationId: 'o' as OrganizationId, timeZone: 'UTC', administers: new Set() },
  ...{
    owner: false,
    plain: true,
    ...(personId !== undefined && { personId: personId as PersonId }),
  },
})
const list = { list: '/people', size: 10 }
const beginning = (id: string, given = 10) => ({ after: { key: null, id }, given })

it('remembers where a page ended, for the same key, list, question and the page that follows alone', () => {
  const walks = new Walks(() => 0)
  walks.of(viewer('k'), list, ['all']).endedAt([10], beginning('a'))
  expect(walks.of(viewer('k'), list, ['all']).beginningAt(10)).toMatchObject(beginning('a'))
  for (const other of [
    walks.of(viewer('k'), list, ['all']).beginningAt(20),
    walks.of(viewer('k'), list, ['others']).beginningAt(10),
    walks.of(viewer('k'), { ...list, list: '/users' }, ['all']).beginningAt(10),
    walks.of(viewer('another'), list, ['all']).beginningAt(10),
    walks.of(viewer('another', 'k'), list, ['all']).beginningAt(10),
  ]) {
    expect(other).toBeUndefined()
  }
})

it('forgets a walk when another begins, but not those in other steps', () => {
  const walks = new Walks(() => 0)
  const slow = walks.of(viewer('k'), list, [])
  const fast = walks.of(viewer('k'), { ...list, size: 20 }, [])
  slow.endedAt([20], beginning('a', 20))
  fast.endedAt([20], beginning('b', 20))
  expect([slow.beginningAt(20), fast.beginningAt(20)]).toMatchObject([
    { after: { id: 'a' } },
    { after: { id: 'b' } },
  ])
  fast.begin()
  expect(slow.beginningAt(20)).toMatchObject({ after: { id: 'a' } })
  slow.begin()
  expect(slow.beginningAt(20)).toBeUndefined()
})

it('lets the rest be asked for in a step of another size, and again in that', () => {
  const walks = new Walks(() => 0)
  const walk = walks.of(viewer('k'), list, [])
  const rest = walks.of(viewer('k'), { ...list, size: 7 }, [])
  for (const round of ['a', 'b']) {
    walk.begin()
    walk.endedAt([10], beginning(`${round}1`))
    walk.endedAt([20], beginning(`${round}2`, 20))
    expect(rest.beginningAt(10)).toBeUndefined()
    expect(rest.beginningAt(20)).toMatchObject({ after: { id: `${round}2` }, given: 20 })
    rest.endedAt([27], beginning(`${round}3`, 27))
    expect(rest.beginningAt(20)).toMatchObject({ after: { id: `${round}2` }, given: 20 })
  }
})

it('goes back some pages, each with the beginning that it had', () => {
  const walk = new Walks(() => 0).of(viewer('k'), list, [])
  for (let page = 1; page <= 20; page += 1) {
    walk.endedAt([page * 10], beginning(`p${page}`, page * 10))
  }
  expect(walk.beginningAt(170)).toMatchObject({ after: { id: 'p17' } })
  expect(walk.beginningAt(160)).toBeUndefined()
  walk.endedAt([170], beginning('anew', 170))
  expect(walk.beginningAt(170)).toMatchObject({ after: { id: 'anew' } })
})

it('forgets what is ten minutes old', () => {
  let now = 0
  const walks = new Walks(() => now)
  const walk = walks.of(viewer('k'), list, [])
  walk.endedAt([10], beginning('a'))
  now = 599_999
  expect(walk.beginningAt(10)).toBeDefined()
  now = 600_000
  expect(walk.beginningAt(10)).toBeUndefined()
  walk.endedAt([20], beginning('b'))
  expect([walk.beginningAt(10), walk.beginningAt(20)]).toMatchObject([undefined, { given: 10 }])
  const other = walks.of(viewer('k'), { ...list, list: '/users' }, [])
  now = 1_200_000
  other.endedAt([10], beginning('a'))
  expect([walk.beginningAt(20), other.beginningAt(10)]).toMatchObject([undefined, { given: 10 }])
})

it('keeps a thousand walks of one person, whatever their keys, and of nobody else fewer for it', () => {
  const walks = new Walks(() => 0)
  const other = walks.of(viewer('other'), list, [])
  other.endedAt([10], beginning('o'))
  const own = Array.from({ length: 1_001 }, (_, index) =>
    walks.of(viewer(`key ${index % 3}`, 'person'), list, [index]),
  )
  for (const walk of own) walk.endedAt([10], beginning('a'))
  const remembered = own.filter((walk) => walk.beginningAt(10))
  expect([own[0]?.beginningAt(10), remembered.length]).toEqual([undefined, 1_000])
  expect(other.beginningAt(10)).toBeDefined()
})

it('keeps ten thousand walks in all, and those of whoever walked last', () => {
  const walks = new Walks(() => 0)
  const all = Array.from({ length: 10_100 }, (_, index) => walks.of(viewer(`k${index}`), list, []))
  for (const walk of all) {
    walk.endedAt([10], beginning('a'))
    all[0]?.endedAt([10], beginning('first'))
  }
  expect(all.filter((walk) => walk.beginningAt(10))).toHaveLength(10_000)
  expect(all[0]?.beginningAt(10)).toBeDefined()
})
