import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { accelevents } from '../src/dialects/accelevents/index.ts'
import { chakra } from '../src/dialects/chakra/index.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { docspace } from '../src/dialects/docspace/index.ts'
import { rinkel } from '../src/dialects/rinkel/index.ts'
import { scim } from '../src/dialects/scim/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import type { Store, Write } from '../src/directory/ports.ts'
import { newPerson } from '../src/person/draft.ts'
import { newNumber, type PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import { memoryStore } from '../src/store/memory.ts'
import { postgresStore } from '../src/store/postgres.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import * as cast from './cast.ts'
import { hasPostgres, startCluster } from './postgres-cluster.ts'
import { nextOf } from './walks.ts'
import { type Question, testSecret, type World, world } from './world.ts'

// Whoever is there from the first page of a walk to its last is met once, whoever else comes and goes meanwhile, and
// whatever their client takes for the end.

const cases = Number(process.env.KITH_WALK_CASES ?? 6)
const at = new Date(cast.testNow).toISOString()
const folder = mkdtempSync(join(tmpdir(), 'kith-walks-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a client goes by when it asks for another page. */
const ends = ['an empty page', 'a short page', 'the total', 'no link'] as const
type End = (typeof ends)[number]

interface List {
  readonly dialect: Dialect
  readonly as: 'admin' | 'colleague' | 'self'
  readonly ends: readonly End[]
  /** Of the page with that number, from 0. */
  readonly page: (
    size: number,
    number: number,
  ) => Pick<Question, 'method' | 'body'> & { path: string }
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  readonly items: (body: any) => readonly Record<string, unknown>[]
  /** The member of an item that tells who it is, and what that of a person is. */
  readonly id: string
  readonly idOf: (one: World, person: Person) => unknown
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  readonly total?: (body: any) => number
}

const byUuid = { id: 'id', idOf: (_: World, { id }: Person): unknown => id }
const byNumber = { idOf: (_: World, { number }: Person): unknown => number }

const docspaceList = (path: string, as: List['as'] = 'admin'): List => ({
  ...{ dialect: docspace, as, ends: ['an empty page', 'a short page', 'the total'], ...byUuid },
  page: (size, number) => ({
    path: `/api/2.0/people${path}${path.includes('?') ? '&' : '?'}count=${size}&startIndex=${size * number}`,
  }),
  items: ({ response }) => response,
  total: ({ total }) => total,
})

const acceleventsList = (path: string, as: List['as'] = 'admin', more: object = {}): List => ({
  ...{ dialect: accelevents, as, ends: ['an empty page', 'a short page', 'the total'] },
  ...{ id: 'userId', ...byNumber },
  page: (size, number) => ({
    path: `/rest/event/${cast.event.url}/people${path}`,
    method: 'POST',
    body: JSON.stringify({ ...more, page: number, size }),
  }),
  items: ({ data }) => data,
  total: ({ recordsFiltered }) => recordsFiltered,
})

const chakraList = (path: string, links: boolean): List => ({
  ...{
    dialect: chakra,
    as: 'admin',
    ends: links ? ['no link'] : ['an empty page', 'a short page'],
  },
  page: (size, number) => ({
    path: links ? `${path}?limit=${size}` : `${path}?limit=${size}&page=${number + 1}`,
  }),
  ...{ items: ({ _data }) => _data, ...byUuid },
})

const lists: Readonly<Record<string, List>> = {
  'docspace, by first name': docspaceList(''),
  'docspace, by first name, for a colleague': docspaceList('', 'colleague'),
  'docspace, backwards by user name': docspaceList(
    '/status/All?sortBy=userName&sortOrder=descending',
  ),
  'docspace, by a title that some have': docspaceList('/filter?sortBy=title'),
  'docspace, backwards by a title that some have': docspaceList(
    '/simple/filter?sortBy=title&sortOrder=descending',
  ),
  'docspace, by when they came': docspaceList('?sortBy=registrationDate'),
  'docspace, those who are found': docspaceList('/@search/walker', 'colleague'),
  rinkel: {
    ...{ dialect: rinkel, as: 'admin', ends: ['an empty page', 'a short page'] },
    page: (size, number) => ({ path: `/v1/users?per-page=${size}&page=${number + 1}` }),
    items: ({ data }) => data,
    ...{ id: 'id', idOf: (one, person) => one.pathOf(rinkel, person).split('/').at(-1) },
  },
  'accelevents, everybody': acceleventsList(''),
  'accelevents, those who are found, for a colleague': acceleventsList('', 'self', {
    searchString: 'walker',
  }),
  'accelevents, all attendees': {
    ...acceleventsList(''),
    page: (size, number) => ({
      path: `/rest/events/${cast.event.url}/staff/allAttendees?size=${size}&page=${number}`,
    }),
    ...{ items: ({ attendees }) => attendees, id: 'attendeeId' },
  },
  'chakra, by number': chakraList('/v1/ext/users', false),
  'chakra, by links': chakraList('/v2/ext/users', true),
  'scim, by index': {
    ...{ dialect: scim, as: 'admin', ends: ['an empty page', 'a short page', 'the total'] },
    page: (size, number) => ({
      path: `/scim/v2/Users?sortBy=userName&count=${size}&startIndex=${size * number + 1}`,
    }),
    ...{ items: ({ Resources }) => Resources, total: ({ totalResults }) => totalResults },
    ...byUuid,
  },
  webex: {
    ...{ dialect: webex, as: 'admin', ends: ['no link'] },
    page: (size) => ({ path: `/v1/people?max=${size}` }),
    items: ({ items }) => items,
    ...{ id: 'id', idOf: (one, person) => one.pathOf(webex, person).split('/').at(-1) },
  },
}

/** Somebody who comes at that place in every order. */
function walker(place: number): Person {
  const hex = place.toString(16).padStart(8, '0')
  const uuid = crypto.randomUUID()
  return newPerson(
    {
      ...{ id: `${hex}${uuid.slice(8)}` as PersonId, number: newNumber() },
      organizationId: cast.organizations.home.id,
      ...{
        userName: `w-${hex}-${uuid}x`,
        givenName: `Walker ${hex}`,
        displayName: `Walker ${hex}`,
      },
      ...(place % 3 === 0 && { title: `Title ${place % 5}` }),
      createdAt: new Date(cast.testNow + place).toISOString(),
    },
    at,
  )
}

const coming = (person: Person): Write[] => [
  { kind: 'person', person },
  {
    kind: 'attendee',
    attendee: { number: person.number, eventNumber: cast.event.number, personId: person.id },
  },
]

/** Deleted, suspended, or hidden from everybody but administrators: gone from the list either way. */
function going(person: Person, { as }: List): Write[] {
  const version = person.version + 1
  if (as !== 'admin' && person.number % 2 === 0) {
    return [{ kind: 'person', person: { ...person, version, audiences: { existence: 'nobody' } } }]
  }
  return [{ kind: 'person', person: { ...person, version, lifecycle: 'deleted', deletedAt: at } }]
}

interface Step {
  readonly coming: readonly number[]
  readonly going: readonly number[]
}

const place = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const step: fc.Arbitrary<Step> = fc.record({
  coming: fc.array(place, { maxLength: 3 }),
  going: fc.array(fc.nat(40), { maxLength: 4 }),
})
const walk = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  crowd: fc.uniqueArray(place, { minLength: 6, maxLength: 24 }),
  steps: fc.array(step, { minLength: 4, maxLength: 14 }),
  // Some page is asked for twice, as after a connection that broke.
  again: fc.nat(8),
})

const cluster = hasPostgres() ? await startCluster() : undefined
afterAll(() => cluster?.close())

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  memory: async () => memoryStore(testSecret),
  SQLite: () => sqliteStore(join(folder, `${crypto.randomUUID()}.db`), () => cast.testNow),
  ...(cluster && {
    PostgreSQL: async () => postgresStore(await cluster.newDatabase(), () => cast.testNow),
  }),
}

describe.each(Object.keys(stores))('with %s', (name) => {
  it.each(Object.entries(lists))(
    '%s: whoever stays is met once',
    async (_, list) => {
      const store = (await stores[name]?.()) ?? memoryStore()
      const one = await world({ store })
      for (const end of list.ends) {
        await fc.assert(
          fc.asyncProperty(walk, (asked) => walkedOnce(one, list, end, asked)),
          { numRuns: name === 'memory' ? cases : Math.ceil(cases / 4), endOnFailure: true },
        )
      }
      await store.close()
    },
    120_000,
  )
})

interface Walked {
  readonly size: number
  readonly crowd: readonly number[]
  readonly steps: readonly Step[]
  readonly again: number
}

async function walkedOnce(one: World, list: List, end: End, { size, crowd, steps, again }: Walked) {
  const there = new Set<Person>()
  async function come(places: readonly number[]) {
    if (places.length === 0) return
    const people = places.map(walker)
    await one.store.commit(people.flatMap(coming), 'test', at)
    for (const person of people) there.add(person)
  }
  async function go(people: readonly Person[]) {
    if (people.length === 0) return
    await one.store.commit(
      people.flatMap((each) => going(each, list)),
      'test',
      at,
    )
    for (const person of people) there.delete(person)
  }

  await come(crowd)
  const stayed = new Set(there)
  const seen: unknown[] = []
  let link: string | undefined
  for (let number = 0; ; number += 1) {
    expect(number).toBeLessThan(200)
    const { path, ...question } = list.page(size, number)
    const ask = async () => {
      const headers = question.body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await one.ask(list.dialect, link ?? path, {
        ...question,
        headers,
        as: list.as,
      })
      expect(answer.status, answer.text).toBe(200)
      return answer
    }
    const first = await ask()
    const answer = number === again ? await ask() : first
    expect(answer.text).toBe(first.text)
    const items = list.items(answer.body)
    seen.push(...items.map((item) => item[list.id]))
    link = end === 'no link' ? nextOf(answer.headers.link) : undefined
    if (
      isOver(end, {
        items,
        size,
        asked: (number + 1) * size,
        link,
        total: list.total?.(answer.body),
      })
    )
      break
    const step = steps[number]
    if (!step) continue
    await come(step.coming)
    const all = [...there]
    const leaving = new Set(step.going.map((index) => all[index % all.length]))
    const gone = [...leaving].filter((each) => each !== undefined)
    for (const person of gone) stayed.delete(person)
    await go(gone)
  }
  await go([...there])

  expect(seen.length).toBe(new Set(seen).size)
  const ids = [...stayed].map((person) => list.idOf(one, person))
  expect(ids.filter((id) => !seen.includes(id))).toEqual([])
}

interface PageRead {
  readonly items: readonly unknown[]
  readonly size: number
  /** How many were asked for by now. */
  readonly asked: number
  readonly link: string | undefined
  readonly total: number | undefined
}

function isOver(end: End, { items, size, asked, link, total = 0 }: PageRead): boolean {
  switch (end) {
    case 'an empty page':
      return items.length === 0
    case 'a short page':
      return items.length < size
    case 'the total':
      return asked >= total
    case 'no link':
      return link === undefined
  }
}
