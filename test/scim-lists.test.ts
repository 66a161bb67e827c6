// Lists of many: pages while people are deleted, and how much is asked of the database for one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatementSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scim } from '../src/dialects/scim/index.ts'
import type { Store } from '../src/directory/ports.ts'
import { newPerson } from '../src/person/draft.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import * as cast from './cast.ts'
import { type World, world } from './world.ts'

const people = 20_000
const at = new Date(cast.testNow).toISOString()
const folder = mkdtempSync(join(tmpdir(), 'kith-lists-'))
let store: Store
let own: World

beforeAll(async () => {
  store = await sqliteStore(join(folder, 'kith.db'), () => cast.testNow)
  own = await world({ store })
  const organizationId = cast.organizations.home.id
  for (let first = 0; first < people; first += 1000) {
    const writes = Array.from({ length: 1000 }, (_, index) => ({
      kind: 'person' as const,
      person: newPerson({ organizationId, userName: `crowd${first + index}`, title: 'Crowd' }, at),
    }))
    await store.commit(writes, 'test', at)
  }
}, 120_000)

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const filter = 'title eq "crowd"'

async function page(parameters: Record<string, string>) {
  const query = new URLSearchParams({ filter, ...parameters })
  const { status, body } = await own.ask(scim, `/scim/v2/Users?${query}`, { as: 'admin' })
  expect([status, body.detail]).toEqual([200, undefined])
  return body
}

it('pages by cursor miss nobody who was there all the time, and have nobody twice, while 50 are deleted', async () => {
  const first = await page({ count: '0' })
  const all = first.totalResults
  expect(all).toBe(people)
  const seen: string[] = []
  const deleted = new Set<string>()
  let cursor = ''
  let deletions: Promise<unknown>[] = []
  for (;;) {
    const body = await page({ cursor, count: '200' })
    const ids = body.Resources.map(({ id }: { id: string }) => id)
    seen.push(...ids)
    if (body.nextCursor === undefined) break
    cursor = body.nextCursor
    // The last one is whom the next page goes on from.
    if (deleted.size < 50) {
      const target = deleted.size % 2 === 0 ? ids.at(-1) : ids.at(0)
      deleted.add(target)
      deletions.push(own.ask(scim, `/scim/v2/Users/${target}`, { as: 'admin', method: 'DELETE' }))
    }
  }
  await Promise.all(deletions)
  deletions = []
  expect(deleted.size).toBe(50)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBe(people)
  expect((await page({ count: '0' })).totalResults).toBe(people - 50)
}, 120_000)

it('pages by index shift, and their totals follow', async () => {
  const before = await page({ startIndex: '1', count: '2' })
  const [gone] = before.Resources
  await own.ask(scim, `/scim/v2/Users/${gone.id}`, { as: 'admin', method: 'DELETE' })
  const after = await page({ startIndex: '1', count: '2' })
  expect(after.totalResults).toBe(before.totalResults - 1)
  expect(after.Resources[0].id).toBe(before.Resources[1].id)
})

it('takes as many queries for a page of 200 as for one of 2, of people and of groups', async () => {
  const counted = async (path: string) => {
    let statements = 0
    const { all, get } = StatementSync.prototype
    const counting = (method: typeof all | typeof get) =>
      function (this: StatementSync, ...values: unknown[]) {
        statements += 1
        return (method as (...all: unknown[]) => unknown).apply(this, values)
      }
    Object.assign(StatementSync.prototype, { all: counting(all), get: counting(get) })
    try {
      expect((await own.ask(scim, path, { as: 'admin' })).status).toBe(200)
    } finally {
      Object.assign(StatementSync.prototype, { all, get })
    }
    return statements
  }
  for (const list of ['/scim/v2/Users', '/scim/v2/Groups']) {
    const few = await counted(`${list}?count=2`)
    expect(few).toBeGreaterThan(0)
    expect(await counted(`${list}?count=200`)).toBe(few)
  }
})
