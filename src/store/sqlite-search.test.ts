import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import type { Store } from '../directory/ports.ts'
import type { Condition, Eyes, PeopleSearch } from '../search/search.ts'
import { eventSearch, groupSearch, peopleSearch } from './sql/search.ts'
import { sqliteStore } from './sqlite.ts'
import { kyselyOver } from './sqlite-adapter.ts'
import { equip, sqliteEngine } from './sqlite-engine.ts'
import { guardOf } from './sqlite-guard.ts'
import { searchesOf } from './sqlite-searches.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-search-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = new Date(cast.testNow).toISOString()
const unavailable = { code: 'unavailable' }
const { ada } = cast
const { home } = cast.organizations

const eyes: Eyes = {
  ...{ organizationId: home.id, administers: new Set() },
  personId: cast.askers.colleague.id,
}
const asked = { organizationId: home.id, from: { skip: 0 }, limit: 10, total: true } as const

async function furnished(): Promise<{ store: Store; path: string }> {
  const path = join(mkdtempSync(join(folder, 'db-')), 'kith.db')
  const store = await sqliteStore(path, () => cast.testNow)
  onTestFinished(() => store.close().catch(() => {}))
  await store.commit(
    [
      { kind: 'organization', organization: home },
      { kind: 'person', person: ada },
    ],
    'test',
    at,
  )
  return { store, path }
}

const is = (field: string, value: string): Condition => ({ op: 'eq', field, value })
const having = (list: string, value: string): Condition => ({
  ...{ op: 'some', list, where: is('value', value) },
})

it.each<[string, Condition, RegExp]>([
  ['id', is('id', ada.id), /person USING.*INDEX sqlite_autoindex_person_1 \(id=\?\)/],
  ['userName', is('userName', 'x'), /\(organization_id=\? AND user_name_key=\?\)/],
  ['externalId', is('externalId', 'x'), /\(organization_id=\? AND external_id=\?\)/],
  ['managerId', is('managerId', ada.id), /person_manager \(manager_id=\?\)/],
  [
    'emails',
    having('emails', 'a@b.c'),
    /person_email USING.*INDEX \S+ \(organization_id=\? AND address_key=\?\)/,
  ],
  [
    'connection',
    { op: 'connection', state: 'requested' },
    /connection USING.*INDEX sqlite_autoindex_connection_1 \(one_id=\?\)/,
  ],
  ['groups', having('groups', 'x'), /membership USING.*INDEX membership_group \(group_id=\?\)/],
])('looks up those with a certain %s, and nobody else', async (_, condition, index) => {
  const { path } = await furnished()
  const handle = new DatabaseSync(path)
  equip(handle, () => {})
  const wanted: Condition = { op: 'and', of: [is('title', 'x'), { op: 'and', of: [condition] }] }
  for (const order of [undefined, { field: 'displayName', descending: true }]) {
    const search = { ...asked, eyes, condition: wanted, ...(order && { order }) }
    const { queries } = peopleSearch(kyselyOver(handle), sqliteEngine, search)
    for (const query of queries) {
      const plan = planOf(handle, query)
      expect(plan[0]).toMatch(index)
      expect(plan.filter((line) => /^SCAN (p|person)\b/.test(line))).toEqual([])
      expect(plan.join('\n')).not.toMatch(/person_listed \(organization_id=\?\)/)
    }
  }
  handle.close()
})

const word = (prefix: string): Condition => ({ op: 'word', prefix })

it.each<[string, Eyes, readonly Condition[]]>([
  ['a colleague, of one word', eyes, [word('ada')]],
  ['an administrator, of one word', { ...eyes, administers: new Set([home.id]) }, [word('ada')]],
  ['a colleague, of several', eyes, [word('ad'), word('canary'), is('title', 'x')]],
])('looks up those who have a word from a range of their index, for %s', async (_, own, of) => {
  const { path } = await furnished()
  const handle = new DatabaseSync(path)
  equip(handle, () => {})
  const search = { ...asked, eyes: own, condition: { op: 'and', of } as const }
  const { queries } = peopleSearch(kyselyOver(handle), sqliteEngine, search)
  expect(queries).toHaveLength(1)
  for (const query of queries) {
    const plan = planOf(handle, query)
    expect(plan[0]).toMatch(
      /^SEARCH person_word USING PRIMARY KEY \(organization_id=\? AND word>\? AND word<\?\)/,
    )
    expect(plan.join('\n')).toMatch(
      /SEARCH p USING .*INDEX \S+ \((organization_id=\? AND )?id=\?\)/,
    )
    expect(plan.filter((line) => /^SCAN (p|person|d|digest)\b/.test(line))).toEqual([])
    // One word of those who are listed for the total is a matter of indexes alone.
    if (of.length === 1) {
      expect(plan.join('\n')).toMatch(/SEARCH p USING COVERING INDEX person_listed/)
      expect(plan.join('\n')).not.toMatch(/SEARCH d\b/)
    } else expect(query.parameters).toContain('canary')
  }
  handle.close()
})

it('looks up those who attend an event, and of them those who are connected or are named', async () => {
  const { path } = await furnished()
  const handle = new DatabaseSync(path)
  equip(handle, () => {})
  const { organizationId: _, ...inquiry } = asked
  const connected: Condition = { op: 'connection', state: 'accepted' }
  for (const [condition, first] of [
    [undefined, /^SEARCH a USING INDEX attendee_once|^SEARCH a USING .*\(event_number=\?\)/],
    [word('ada'), /^SEARCH a USING .*\(event_number=\?\)/],
    [is('id', ada.id), /person USING.*\(id=\?\)/],
    [connected, /connection USING.*\(one_id=\?\)/],
  ] as const) {
    const search = { ...inquiry, eyes, eventNumber: 5, ...(condition && { condition }) }
    for (const query of eventSearch(kyselyOver(handle), sqliteEngine, search).queries) {
      const plan = planOf(handle, query)
      expect(plan[0]).toMatch(first)
      expect(plan.join('\n')).toMatch(/SEARCH p USING .*INDEX \S+ \(id=\?\)/)
      expect(plan.filter((line) => /^SCAN (a|p|person|d|c|connection)\b/.test(line))).toEqual([])
    }
  }
  handle.close()
})

it('lists everybody from an index alone', async () => {
  const { path } = await furnished()
  const handle = new DatabaseSync(path)
  equip(handle, () => {})
  const { queries } = peopleSearch(kyselyOver(handle), sqliteEngine, { ...asked, eyes })
  expect(queries).toHaveLength(2)
  for (const query of queries) {
    const [first, ...rest] = planOf(handle, query)
    expect(first).toMatch(/^SEARCH p USING COVERING INDEX person_listed/)
    expect(rest.join('\n')).not.toMatch(/TEMP B-TREE/)
  }
  handle.close()
})

it('looks up the groups that somebody is in', async () => {
  const { path } = await furnished()
  const handle = new DatabaseSync(path)
  equip(handle, () => {})
  const search = { ...asked, condition: having('members', ada.id) }
  const { queries } = groupSearch(kyselyOver(handle), sqliteEngine, search)
  const plan = queries.flatMap((query) => planOf(handle, query)).join('\n')
  expect(plan).toMatch(/membership USING.*\(person_id=\?\)/)
  expect(plan).toMatch(/group_nesting USING.*group_nesting_child/)
  expect(plan).not.toMatch(/SCAN g\b/)
  handle.close()
})

function planOf(
  handle: DatabaseSync,
  query: { readonly sql: string; readonly parameters: readonly unknown[] },
): string[] {
  const rows = handle
    .prepare(`explain query plan ${query.sql}`)
    .all(...(query.parameters as SQLInputValue[]))
  return rows.map(({ detail }) => String(detail)).filter((line) => /^(SEARCH|SCAN|USE)/.test(line))
}

it('puts nothing that a caller sends into a statement', () => {
  const handle = new DatabaseSync(':memory:')
  const canary = `canary'"--`
  const texts = ['eq', 'co', 'sw', 'ew', 'lt'].map(
    (op): Condition => ({ op: op as 'eq', field: 'title', value: canary }),
  )
  const { queries } = peopleSearch(kyselyOver(handle), sqliteEngine, {
    ...{ ...asked, eyes, condition: { op: 'or', of: [...texts, having('emails', canary)] } },
    ...{
      order: { field: 'title', descending: true },
      from: { after: { key: canary, id: canary } },
    },
  })
  expect(queries).toHaveLength(1)
  for (const query of queries) {
    expect(query.sql).not.toContain('canary')
    expect(query.parameters).toContain(canary)
    expect(query.sql).not.toContain(home.id)
  }
  handle.close()
})

it('holds up no other read, and ends with the store', async () => {
  const { store } = await furnished()
  await store.commit(people(2_000), 'test', at)
  const of = Array.from({ length: 100 }, (_, index) => is('displayName', `Nobody ${index}`))
  let done = false
  const search = store.people
    .search({ ...asked, eyes, condition: { op: 'or', of } })
    .finally(() => {
      done = true
    })
  let reads = 0
  while (!done) {
    const started = performance.now()
    await store.people.byId(ada.id)
    expect(performance.now() - started).toBeLessThan(200)
    reads += 1
    await pause(1)
  }
  expect((await search).total).toBe(0)
  expect(reads).toBeGreaterThan(3)

  const [open] = await Promise.allSettled([
    store.people.search({ ...asked, eyes, condition: { op: 'or', of } }),
    store.close(),
  ])
  expect(open).toMatchObject({ status: 'rejected', reason: unavailable })
})

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'person' as const,
    person: {
      ...cast.manager,
      ...{ id: crypto.randomUUID() as typeof ada.id, number: index + 1, userName: `u${index}` },
    },
  }))

it('does what is looked up while others look at everybody, and of these two at once', async () => {
  const { store } = await furnished()
  await store.commit(people(2_000), 'test', at)
  const of = Array.from({ length: 100 }, (_, index) => is('title', `Nobody ${index}`))
  const ended: string[] = []
  const search = (name: string, condition: Condition) =>
    store.people.search({ ...asked, eyes, condition }).finally(() => ended.push(name))
  // Threads take their time to start.
  await Promise.all(['a', 'b', 'c'].map((name) => search(name, { op: 'or', of })))
  ended.length = 0
  const long = ['1', '2', '3', '4'].map((name) => search(name, { op: 'or', of }))
  const short = Array.from({ length: 20 }, () => search('short', is('userName', 'u7')))
  const found = await Promise.all(short)
  expect(found.every(({ total }) => total === 1)).toBe(true)
  expect(ended.slice(0, 20).filter((name) => name === 'short').length).toBeGreaterThan(17)
  await Promise.all(long)
  expect(ended.indexOf('4')).toBeGreaterThan(ended.indexOf('1'))
})

it.each<[boolean, Partial<typeof asked> & { readonly order?: object }, Condition | undefined]>([
  [true, {}, undefined],
  [true, {}, is('userName', 'x')],
  [true, { order: { field: 'title', descending: false } }, having('groups', 'x')],
  [true, {}, { op: 'word', prefix: 'ada' }],
  [false, {}, { op: 'word', prefix: 'a' }],
  [false, {}, is('title', 'x')],
  [false, {}, { op: 'not', of: is('userName', 'x') }],
  [false, { order: { field: 'title', descending: false } }, undefined],
])('takes it for %s that few are looked at for %j and %j', (isShort, more, condition) => {
  const handle = new DatabaseSync(':memory:')
  const search = { ...asked, eyes, ...more, ...(condition && { condition }) }
  expect(peopleSearch(kyselyOver(handle), sqliteEngine, search as PeopleSearch).isShort).toBe(
    isShort,
  )
  handle.close()
})

it('tells who has waited for too long, or comes when too many wait, to come again', async () => {
  const { store, path } = await furnished()
  const { postMessage } = Worker.prototype
  onTestFinished(() => {
    Worker.prototype.postMessage = postMessage
  })
  // Nobody ever answers.
  Worker.prototype.postMessage = () => {}
  const guard = guardOf(path)
  const searches = searchesOf(path, kyselyOver(new DatabaseSync(path)), guard, 50, 200)
  const search = { ...asked, eyes, condition: is('title', 'x') }
  const [first, second] = [searches.people(search), searches.people(search)]
  const later = await Promise.allSettled(
    Array.from({ length: 1_010 }, () => searches.people(search)),
  )
  for (const one of later) {
    expect(one).toMatchObject({ status: 'rejected', reason: { ...unavailable, retryAfter: 5 } })
  }
  const ends = Promise.allSettled([first, second])
  await searches.close()
  guard.close()
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await store.close()
})

it('ends a search at the next person once its time is over, and does the one after it', async () => {
  const { store, path } = await furnished()
  await store.commit(people(50), 'test', at)
  const handle = new DatabaseSync(path)
  let looked = 0
  equip(handle, () => {
    looked += 1
    if (looked === 10) throw new Error('late')
  })
  const db = kyselyOver(handle)
  const search = { ...asked, eyes, condition: is('title', 'x') }
  for (const { sql, parameters } of peopleSearch(db, sqliteEngine, search).queries) {
    const statement = handle.prepare(sql)
    expect(() => statement.all(...(parameters as SQLInputValue[]))).toThrow('late')
  }
  expect(looked).toBe(10)
  handle.close()

  const guard = guardOf(path)
  const hasty = searchesOf(path, db, guard, 50, 0)
  const late = { ...unavailable, reason: 'too_long', cause: { message: 'A search took too long' } }
  await expect(hasty.people(search)).rejects.toMatchObject(late)
  await expect(hasty.people(search)).rejects.toMatchObject(late)
  await hasty.close()
  guard.close()
  expect((await store.people.search(search)).total).toBe(0)
})

it('is unavailable when its thread dies, and there again at the next search', async () => {
  const { store } = await furnished()
  const threads: Worker[] = []
  const { terminate, postMessage } = Worker.prototype
  onTestFinished(() => {
    Worker.prototype.postMessage = postMessage
  })
  Worker.prototype.postMessage = function (this: Worker, ...of) {
    threads.push(this)
    return postMessage.apply(this, of)
  }
  expect((await store.people.search({ ...asked, eyes })).total).toBe(1)
  const [thread] = threads
  const broken = store.people.search({ ...asked, eyes })
  if (thread) await terminate.call(thread)
  await expect(broken).rejects.toMatchObject(unavailable)
  expect((await store.people.search({ ...asked, eyes })).total).toBe(1)
  expect(new Set(threads).size).toBe(2)
})

it('is unavailable like any other read when the database is taken away or damaged', async () => {
  const { store, path } = await furnished()
  const search = () => store.people.search({ ...asked, eyes, condition: is('title', 'x') })
  expect((await search()).total).toBe(0)
  renameSync(path, `${path}.away`)
  await pause(150)
  await expect(search()).rejects.toMatchObject(unavailable)
  renameSync(`${path}.away`, path)
  await pause(150)
  expect((await search()).total).toBe(0)

  const handle = new DatabaseSync(path)
  handle.exec(`update digest set fields = '{'`)
  handle.close()
  await expect(search()).rejects.toMatchObject({
    ...unavailable,
    cause: { message: 'malformed JSON' },
  })
  await expect(store.ready()).rejects.toMatchObject(unavailable)
})
