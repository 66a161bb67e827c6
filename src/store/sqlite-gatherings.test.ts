import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type CompiledQuery, sql } from 'kysely'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import type { Store, Write } from '../directory/ports.ts'
import type { Connection, Meeting } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import { checkDatabase } from './check.ts'
import * as queries from './sql/gatherings.ts'
import { sqliteStore } from './sqlite.ts'
import { kyselyOver } from './sqlite-adapter.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-gatherings-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = new Date(cast.testNow).toISOString()
const { ada, manager, creator } = cast
const { home } = cast.organizations
const unavailable = { code: 'unavailable' }

async function open(path: string): Promise<Store> {
  const store = await sqliteStore(path, () => cast.testNow)
  onTestFinished(() => store.close().catch(() => {}))
  return store
}

const newPath = () => join(mkdtempSync(join(folder, 'db-')), 'kith.db')

/** Two stores over one database, as two processes have it. */
async function opened(): Promise<{ path: string; one: Store; other: Store }> {
  const path = newPath()
  const [one, other] = [await open(path), await open(path)]
  const people = [ada, manager, creator].map((person): Write => ({ kind: 'person', person }))
  await one.commit([{ kind: 'organization', organization: home }, ...people], 'test', at)
  return { path, one, other }
}

const hour = (hour: number) => `2026-05-04T${String(hour).padStart(2, '0')}:00:00.000Z`

const meeting = (start: number, participantIds: readonly [PersonId, ...PersonId[]]): Meeting => ({
  ...{ id: crypto.randomUUID(), version: 1, organizerId: participantIds[0], participantIds },
  ...{ start: hour(start), end: hour(start + 2), state: 'booked', createdAt: at, updatedAt: at },
})

const book = (store: Store, meeting: Meeting) =>
  store.commit([{ kind: 'meeting', meeting }], 'test', at)

const fulfilled = (all: readonly PromiseSettledResult<unknown>[]) =>
  all.filter(({ status }) => status === 'fulfilled').length

it('books each time once, whichever process is asked', async () => {
  const { path, one, other } = await opened()
  const done: Promise<unknown>[] = []
  for (const start of [1, 4, 7, 10]) {
    for (let time = 0; time < 25; time += 1) {
      done.push(book(one, meeting(start, [ada.id, manager.id])))
      done.push(book(other, meeting(start + 1, [creator.id, ada.id])))
    }
  }
  const settled = await Promise.allSettled(done)
  expect(fulfilled(settled)).toBe(4)
  for (const one of settled) {
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ reason: 'slot_taken' })
  }
  const within = { from: hour(0), until: hour(20) }
  for (const store of [one, other]) {
    expect(await store.gatherings.meetingsWithin([ada.id], within)).toHaveLength(4)
  }
  expect(checkDatabase(path).faults).toEqual([])
})

it('lets one side of a connection write what both have decided, whichever process is asked', async () => {
  const { one, other } = await opened()
  let before: Connection | null = null
  for (let time = 0; time < 20; time += 1) {
    const tries = [
      [one, ada, manager] as const,
      [other, manager, ada] as const,
      [one, manager, ada] as const,
    ].map(([store, requester, addressee]) => {
      const ends = { requesterId: requester.id, addresseeId: addressee.id }
      const connection: Connection = { ...ends, state: 'requested', updatedAt: hour(time) }
      return store.commit([{ kind: 'connection', connection, before }], 'test', at)
    })
    expect(fulfilled(await Promise.allSettled(tries))).toBe(1)
    before = (await other.gatherings.connection(ada.id, manager.id)) ?? null
    expect(before).toMatchObject({ updatedAt: hour(time) })
  }
  const lines = await one.changesAfter(0, 1_000)
  expect(lines.filter(({ entity }) => entity === 'connection')).toHaveLength(20)
})

it('loses neither a beat nor a status, whichever process is told of it', async () => {
  const { one, other } = await opened()
  const status = { doNotDisturb: { until: hour(20) } }
  await one.signal(new Map([[ada.id, status]]))
  const beats = Array.from({ length: 20 }, (_, index) =>
    (index % 2 ? one : other).beat(new Map([[ada.id, hour(index)]])),
  )
  await Promise.all(beats)
  expect((await one.people.byId(ada.id, { presence: true }))?.signals).toEqual({
    ...{ ...status, lastActivityAt: hour(19) },
    firstLoginAt: expect.stringMatching(/^2026-05-04T/),
  })
})

it('lets others write, and do whatever else, between the beats of very many', async () => {
  const { one: store } = await opened()
  const many = Array.from({ length: 2_600 }, (_, index) => ({
    ...{ ...manager, id: crypto.randomUUID() as PersonId, number: index + 1 },
    userName: `user${index}`,
  }))
  await store.commit(
    many.map((person): Write => ({ kind: 'person', person })),
    'test',
    at,
  )
  const told: string[] = []
  let turns = 0
  const turning = setInterval(() => {
    turns += 1
  }, 0)
  await Promise.all([
    store.beat(new Map(many.map(({ id }) => [id, at]))).then(() => told.push('beats')),
    store
      .commit([{ kind: 'person', person: { ...ada, version: 2 } }], 'test', at)
      .then(() => told.push('write')),
  ])
  clearInterval(turning)
  expect(told).toEqual(['write', 'beats'])
  expect(turns).toBeGreaterThan(3)
})

const span = { from: hour(1), until: hour(2) }
const after = { start: hour(1), id: 'x' }
const id = ada.id
it.each<[string, (db: ReturnType<typeof kyselyOver>) => CompiledQuery, readonly RegExp[]]>([
  [
    'whether somebody is taken',
    (db) => queries.lastBefore(db, id, hour(1), 'x').compile(),
    [/_taken \(person_id=\? AND state=\? AND start_at<\?\)/],
  ],
  [
    'whom somebody meets often',
    (db) => queries.oftenTogether(db, meeting(1, [ada.id, manager.id]), 100),
    [
      /o USING (COVERING )?INDEX meeting_participant_taken \(person_id=\? AND state=\? AND start_at>\?\)/,
      /p USING COVERING INDEX \S+ \(meeting_id=\? AND person_id=\?\)/,
    ],
  ],
  [
    'the meetings within a time',
    (db) => queries.meetingsWithin(db, sql`(select value as id from json_each(${'[]'}))`, span),
    [
      /p USING (COVERING )?INDEX meeting_participant_taken \(person_id=\? AND state=\? AND start_at>\? AND start_at<\?\)/,
      /b USING COVERING INDEX meeting_participant_taken \(person_id=\? AND state=\? AND start_at<\?\)/,
      /m USING INDEX \S+ \(id=\?\)/,
    ],
  ],
  [
    'the first page of somebody’s meetings',
    (db) => queries.meetingsOf(db, id, { limit: 9 }),
    [/p USING COVERING INDEX meeting_participant_listed \(person_id=\?\)/],
  ],
  [
    'the first page of those to come',
    (db) => queries.meetingsOf(db, id, { limit: 9, from: hour(1) }),
    [
      /p USING COVERING INDEX meeting_participant_listed \(person_id=\? AND start_at>\?\)/,
      /e USING COVERING INDEX meeting_participant_ended \(person_id=\? AND end_at>\?\)/,
    ],
  ],
  [
    'the next page of them',
    (db) => queries.meetingsOf(db, id, { limit: 9, from: hour(1), after }),
    [/_listed \(person_id=\? AND \(start_at,meeting_id\)>\(\?,\?\)\)/],
  ],
  [
    'the events of an organization',
    (db) => queries.eventsOf(db, home.id, { limit: 9, after: 5 }).compile(),
    [/event_listed \(organization_id=\? AND number>\?\)/],
  ],
  [
    'the events that somebody attends',
    (db) => queries.eventsAttendedBy(db, id, { limit: 9, after: 5 }).compile(),
    [/attendee USING COVERING INDEX attendee_person \(person_id=\? AND event_number>\?\)/],
  ],
  [
    'the connections of somebody',
    (db) => queries.connectionsWith(db, id, { limit: 9, after: id }).compile(),
    [
      /connection USING INDEX sqlite_autoindex_connection_1 \(one_id=\? AND other_id>\?\)/,
      /connection USING INDEX connection_other_one \(other_id=\? AND one_id>\?\)/,
    ],
  ],
  [
    'receipts of long ago',
    (db) => queries.forgetReceipts(db, at, 10).compile(),
    [/receipt USING INDEX receipt_at \(at<\?\)/],
  ],
])('looks up %s, and nothing else', async (_, queryOn, expected) => {
  const { path } = await opened()
  const handle = new DatabaseSync(path)
  const query = queryOn(kyselyOver(handle))
  const plan = handle
    .prepare(`explain query plan ${query.sql}`)
    .all(...(query.parameters as SQLInputValue[]))
    .map(({ detail }) => String(detail))
  for (const one of expected) expect(plan.join('\n')).toMatch(one)
  // Those that are asked after, the page and the lists of what is forgotten are as many as they are.
  expect(plan.filter((line) => /^SCAN (?!(w|page|json_each)\b)/.test(line))).toEqual([])
  handle.close()
})

it.each<[string, string, (store: Store) => Promise<unknown>]>([
  [
    'a meeting',
    `update meeting set record = replace(record, 'booked', 'hooked')`,
    (store) => store.gatherings.meetingsOf(ada.id, { limit: 9 }),
  ],
  [
    'a meeting under another’s id',
    `update meeting set id = 'x'; update meeting_participant set meeting_id = 'x'`,
    (store) => store.gatherings.meetingById('x'),
  ],
  [
    'what an organization sets',
    `update organization set defaults = replace(defaults, 'light', 'might')`,
    (store) => store.people.byId(ada.id),
  ],
  [
    'what an organization sets, all of it',
    `update organization set defaults = ''`,
    (store) => store.people.byId(ada.id),
  ],
  [
    'the signals of somebody who is there',
    `update presence set signals = replace(signals, '2026', '2036')`,
    (store) => store.beat(new Map([[ada.id, at]])),
  ],
])('is unavailable where %s was damaged', async (_, damage, ask) => {
  const { path, one } = await opened()
  const organization = { ...home, defaults: { colorMode: 'light' as const } }
  await one.commit([{ kind: 'organization', organization }], 'test', at)
  await book(one, meeting(1, [ada.id]))
  await one.signal(new Map([[ada.id, cast.adaSignals]]))
  await ask(one)
  const handle = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  handle.exec(damage)
  handle.close()
  await expect(ask(one)).rejects.toMatchObject(unavailable)
})
