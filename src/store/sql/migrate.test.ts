import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import type { PersonId } from '../../person/ids.ts'
import { folded } from '../../person/text.ts'
import { checkDatabase } from '../check.ts'
import { sqliteStore } from '../sqlite.ts'
import { kyselyOver } from '../sqlite-adapter.ts'
import { people } from './migrations/001-people.ts'
import { footprints } from './migrations/002-footprints.ts'
import { personRow } from './queries.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-migrate-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'kith.db')
const { ada, askers, groups, organizations } = cast
const { home } = organizations
const [{ group }] = groups
const silent = { ...group, id: '0a000000-5555-4555-8555-555555555555', name: 'Silent' }
const open = () => sqliteStore(path, () => cast.testNow)

/** A person as an older Kith kept them, with their name whatever became of them. */
function olderRow(person: typeof ada): object {
  const { sight: _, lifecycle: __, ...row } = personRow(person)
  const { userName, externalId } = person
  return { ...row, user_name_key: folded(userName), external_id: externalId ?? null }
}

beforeAll(() => olderDatabase(path, [ada, { ...askers.deleted, externalId: 'gone' }]))

/** Makes a database as it was before there was any search. */
async function olderDatabase(file: string, everybody: readonly (typeof ada)[]): Promise<void> {
  const handle = new DatabaseSync(file)
  handle.exec('PRAGMA synchronous = OFF; BEGIN')
  const db = kyselyOver(handle)
  const insert = (table: string, row: object) =>
    db
      .insertInto(table as never)
      .values(row as never)
      .execute()
  let sequence = 0
  const log = (entity: string, entityId: string, at: string, kind = 'created') => {
    sequence += 1
    const line = { sequence, entity, entity_id: entityId, kind, actor: 'test', at }
    return insert('change', line)
  }
  await people.begin(db as unknown as Kysely<unknown>, '')
  await footprints.begin(db as unknown as Kysely<unknown>, '')
  await db.schema
    .createTable('migration')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  for (const name of ['001-people', '002-footprints']) await insert('migration', { name, at: '' })
  const { id, name, timeZone, audiences } = home
  const text = JSON.stringify(audiences)
  const row = { id, name, time_zone: timeZone, audiences: text, checksum: crc32(text) }
  await insert('organization', row)
  await log('organization', id, '2026-01-01T00:00:00.000Z')
  for (const person of everybody) {
    await insert('person', olderRow(person))
    await log('person', person.id, '2026-01-01T00:00:00.000Z')
  }
  for (const one of [group, silent]) {
    const name_key = folded(one.name)
    await insert('people_group', { id: one.id, organization_id: id, name: one.name, name_key })
  }
  await log('group', group.id, '2026-01-02T00:00:00.000Z')
  await log('group', group.id, '2026-01-03T00:00:00.000Z', 'changed')
  handle.exec('COMMIT')
  handle.close()
}

it('fills in all that a search needs, and frees the names of those who are deleted', async () => {
  const store = await open()
  const { organizationId, userName } = ada
  const eyes = { organizationId, administers: new Set([organizationId]) }
  const condition = {
    op: 'some',
    list: 'emails',
    where: { op: 'eq', field: 'value', value: 'CANARY.mail@ada-canary.example' },
  } as const
  const asked = { organizationId, eyes, from: { skip: 0 }, limit: 9, total: true }
  expect((await store.people.search({ ...asked, condition })).places).toMatchObject([
    { id: ada.id },
  ])
  expect((await store.people.search(asked)).total).toBe(1)
  for (const one of [
    { op: 'word', prefix: 'CanaryGiv' },
    { op: 'eq', field: 'title', value: 'canary title' },
  ] as const) {
    expect((await store.people.search({ ...asked, condition: one })).total).toBe(1)
  }
  expect((await store.people.byUserName(organizationId, userName))?.person).toEqual(ada)
  const heir = { ...cast.manager, userName: askers.deleted.userName, externalId: 'gone' }
  await store.commit([{ kind: 'person', person: heir }], 'test', home.name)
  expect((await store.people.byExternalId(organizationId, 'gone'))?.person).toEqual(heir)
  await store.close()
})

it('gives groups a first version, and the instants that the change log knows', async () => {
  const store = await open()
  const first = { version: 1, organizationId: home.id }
  const now = new Date(cast.testNow).toISOString()
  expect(await store.groups.inOrganization(home.id)).toEqual([
    { ...first, id: silent.id, name: silent.name, createdAt: now, updatedAt: now },
    {
      ...{ ...first, id: group.id, name: group.name },
      createdAt: '2026-01-02T00:00:00.000Z',
      updatedAt: '2026-01-03T00:00:00.000Z',
    },
  ])
  await store.close()
})

it('goes on from where it was interrupted, and is no older version’s to open meanwhile', async () => {
  const file = join(folder, 'interrupted.db')
  const many = Array.from({ length: 4_500 }, (_, index) => {
    const id = `b0000000-0000-4000-8000-${String(index).padStart(12, '0')}` as PersonId
    const [email] = ada.emails
    return {
      ...{ ...ada, id, number: index + 1, userName: `user${index}`, externalId: `x${index}` },
      emails: [{ ...email, value: `m${index}@x.example`, normalized: `m${index}@x.example` }],
    } as typeof ada
  })
  await olderDatabase(file, many)
  const seen: string[] = []
  const interrupted = sqliteStore(
    file,
    () => cast.testNow,
    (step, people, of) => {
      seen.push(`${step} ${people}/${of}`)
      if (step === '004-digest' && people > 2_000) throw new Error('interrupted')
    },
  )
  await expect(interrupted).rejects.toThrow('interrupted')
  const handle = new DatabaseSync(file, { readOnly: true })
  expect(handle.prepare('select name from migration order by name').all()).toEqual([
    ...['001-people', '002-footprints', '003-search'].map((name) => ({ name })),
    { name: '004-digest (unfinished)' },
  ])
  handle.close()
  const store = await sqliteStore(
    file,
    () => cast.testNow,
    (step, people, of) => seen.push(`${step} ${people}/${of}`),
  )
  expect(seen).toEqual([
    ...['003-search 2000/4500', '003-search 4000/4500', '003-search 4500/4500'],
    ...['004-digest 2000/4500', '004-digest 4000/4500'],
    '004-digest 4500/4500',
  ])
  const eyes = { organizationId: home.id, administers: new Set([home.id]) }
  const asked = { organizationId: home.id, eyes, from: { skip: 0 }, limit: 1, total: true }
  const condition = { op: 'word', prefix: 'canarygiv' } as const
  expect((await store.people.search({ ...asked, condition })).total).toBe(4_500)
  await store.close()
})

it('leaves nothing that a check would find, but for what it was told nothing of', () => {
  expect(checkDatabase(path).faults).toEqual([
    {
      what: 'rows of people_group that the change log does not know',
      ...{ count: 1, first: [silent.id] },
    },
  ])
})
