import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import type { Meeting } from '../gatherings/gatherings.ts'
import { checkDatabase } from './check.ts'
import { sqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-check-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = new Date(cast.testNow).toISOString()
const { ada, askers, groups, organizations } = cast
const [{ group }] = groups
const inner = { ...group, id: '0b000000-5555-4555-8555-555555555555', name: 'Inner' }
const gone = '0c000000-5555-4555-8555-555555555555'
const meeting: Meeting = {
  ...{ id: '0d000000-5555-4555-8555-555555555555', version: 1, organizerId: ada.id },
  participantIds: [ada.id, askers.colleague.id],
  eventNumber: cast.event.number,
  ...{ start: '2026-05-04T10:00:00.000Z', end: '2026-05-04T11:00:00.000Z', state: 'booked' },
  ...{ createdAt: at, updatedAt: at },
}
const second: Meeting = {
  ...{ ...meeting, id: '0e000000-5555-4555-8555-555555555555' },
  ...{ start: '2026-05-04T11:00:00.000Z', end: '2026-05-04T12:00:00.000Z' },
}
const receipt = {
  ...{ keyId: 'key', idempotencyKey: 'name', fingerprint: 'asked', entityId: meeting.id, at },
}

/** A database with something of every kind in it, upon which `damage` was done. */
async function database(damage = ''): Promise<string> {
  const path = join(mkdtempSync(join(folder, 'db-')), 'kith.db')
  const store = await sqliteStore(path, () => cast.testNow)
  const key = {
    id: '07000000-5555-4555-8555-555555555555',
    hash: 'a'.repeat(64),
    organizationId: ada.organizationId,
    personId: ada.id,
    role: 'member' as const,
    createdAt: at,
  }
  await store.commit(
    [
      ...Object.values(organizations).map(
        (organization) =>
          ({
            ...{ kind: 'organization' as const },
            organization: { ...organization, defaults: { colorMode: 'light' as const } },
          }) as const,
      ),
      { kind: 'person', person: ada },
      { kind: 'person', person: askers.connection },
      { kind: 'person', person: askers.colleague },
      { kind: 'person', person: askers.deleted },
      { kind: 'group', group },
      { kind: 'group', group: inner },
      { kind: 'group', group: { ...inner, id: gone, name: 'Gone' } },
      {
        ...{ kind: 'members', groupId: group.id, leaving: [] },
        ...{ joining: [ada.id, askers.colleague.id], nesting: [inner.id, gone] },
        appointing: [askers.colleague.id],
      },
      { kind: 'members', groupId: group.id, joining: [], leaving: [askers.colleague.id] },
      { kind: 'members', groupId: gone, joining: [ada.id], leaving: [] },
      { kind: 'groupRemoval', groupId: gone },
      { kind: 'event', event: cast.event },
      { kind: 'attendee', attendee: cast.attendees.ada },
      ...cast.connections.map((connection) => ({ kind: 'connection', connection }) as const),
      { kind: 'attendee', attendee: cast.attendees.colleague },
      { kind: 'attendeeRemoval', eventNumber: cast.event.number, personId: askers.colleague.id },
      { kind: 'meeting', meeting },
      { kind: 'meeting', meeting: { ...meeting, version: 2, title: 'Canary' } },
      { kind: 'meeting', meeting: second },
      { kind: 'receipt', receipt },
      { kind: 'key', key },
      { kind: 'person', person: { ...ada, version: 2 } },
    ],
    'test',
    at,
  )
  await store.signal(new Map([[ada.id, cast.adaSignals]]))
  await store.secret()
  await store.close()
  const handle = new DatabaseSync(path, { enableForeignKeyConstraints: false, defensive: false })
  handle.exec(damage)
  handle.close()
  return path
}

it('finds nothing wrong with what a store has written, and says what is in it', async () => {
  const progress: number[] = []
  const { contents, faults } = checkDatabase(await database(), (part) => progress.push(part))
  expect(faults).toEqual([])
  expect(contents).toMatchObject({ people: 4, organizations: 3, changes: 32 })
  expect(progress).toEqual([...progress].sort((one, other) => one - other))
  expect(progress.at(-1)).toBe(1)
})

const hers = `where id = '${ada.id}'`
const damages: readonly (readonly [damage: string, what: string, first: string])[] = [
  [
    `update person set version = 3 ${hers}`,
    'people whose version is not the number of their changes in the log',
    ada.id,
  ],
  [
    `delete from change where entity = 'person' and kind = 'changed'`,
    'people whose version is not the number of their changes in the log',
    ada.id,
  ],
  ['update change set sequence = 77 where sequence = 3', 'gaps in the change log', 'before 4'],
  [`update person set record = '{' ${hers}`, 'people whose record can not be read', ada.id],
  [`update person set record = 'null' ${hers}`, 'people whose record can not be read', ada.id],
  [
    `update person set number = 5 ${hers}`,
    'people whose number is not the one in their record',
    ada.id,
  ],
  [
    `update person set number = 9223372036854775807 ${hers}`,
    'people whose number is not the one in their record',
    ada.id,
  ],
  [
    `update person set user_name_key = 'somebody' ${hers}`,
    'people whose user_name_key is not the one in their record',
    ada.id,
  ],
  [
    `update person set organization_id = '${organizations.elsewhere.id}' ${hers}`,
    'people whose organization_id is not the one in their record',
    ada.id,
  ],
  [
    `update person set manager_id = null ${hers}`,
    'people whose manager_id is not the one in their record',
    ada.id,
  ],
  [
    `update person set record = replace(record, 'Canary bio', 'Canary bip') ${hers}`,
    'people whose record is not as it was written',
    ada.id,
  ],
  [
    `update person set mention = replace(mention, 'active', 'actife') ${hers}`,
    'people whose mention is not as it was written',
    ada.id,
  ],
  [
    `update person set mention = (select mention from person where id <> '${ada.id}') ${hers}`,
    'people whose mention is not the one in their record',
    ada.id,
  ],
  [
    `update organization set audiences = '{"contact":"everyone"}'`,
    'organizations whose audiences is not as it was written',
    organizations.home.id,
  ],
  [
    `update presence set signals = '{}'`,
    'presences whose signals is not as it was written',
    ada.id,
  ],
  [
    `update access_key set role = 'owner'`,
    'keys that are not as they were written',
    '07000000-5555-4555-8555-555555555555',
  ],
  [
    `delete from person where id = '${askers.connection.id}'`,
    'references to what is not there',
    'connection 1',
  ],
  [
    `delete from person where id = '${askers.connection.id}'`,
    'rows of person that the change log knows and that are not there',
    askers.connection.id,
  ],
  [
    'delete from access_key',
    'rows of access_key that the change log knows and that are not there',
    '07000000-5555-4555-8555-555555555555',
  ],
  [
    `update event set number = 5; update attendee set event_number = 5`,
    'rows of event that the change log does not know',
    '5',
  ],
  [
    'delete from membership',
    'memberships that the change log contradicts',
    `${group.id} ${ada.id}`,
  ],
  [
    `insert into membership values ('${askers.colleague.id}', '${group.id}')`,
    'memberships that the change log contradicts',
    `${group.id} ${askers.colleague.id}`,
  ],
  [
    `update person set sight = replace(sight, '-', 'e') ${hers}`,
    'people whose sight is not the one in their record',
    ada.id,
  ],
  [
    `update person set lifecycle = 'invited' ${hers}`,
    'people whose lifecycle is not the one in their record',
    ada.id,
  ],
  [
    `update person set user_name_key = 'zz-deleted-user' where lifecycle = 'deleted'`,
    'people whose user_name_key is not the one in their record',
    askers.deleted.id,
  ],
  [
    `delete from person_email where address_key = 'canary.mail@ada-canary.example'`,
    'people whose addresses are not those of their record',
    ada.id,
  ],
  [
    `update person_email set verified = 1`,
    'people whose addresses are not those of their record',
    ada.id,
  ],
  [
    `insert into person_email values ('${organizations.home.id}', 'a@b.c', '${askers.deleted.id}', 1)`,
    'people whose addresses are not those of their record',
    askers.deleted.id,
  ],
  [
    `update organization set sight = replace(sight, 'n', 'e')`,
    'organizations whose sight is not that of their audiences',
    organizations.home.id,
  ],
  [
    `update digest set name = name || ' more' where person_id = '${ada.id}'`,
    'people whose digests are not those of their record',
    ada.id,
  ],
  [
    `delete from person_word where word = 'canarygiven'`,
    'people whose words in the index are not those of their record',
    ada.id,
  ],
  [
    `update person_word set rules = 7 where word = 'canarygiven'`,
    'people whose words in the index are not those of their record',
    ada.id,
  ],
  [
    `insert into person_word values ('${organizations.home.id}', 'more', '${ada.id}', 1)`,
    'words in the index that are nobody’s',
    ada.id,
  ],
  [
    `insert into person_word values ('${organizations.home.id}', 'zzdeleted', '${askers.deleted.id}', 1)`,
    'words in the index that are nobody’s',
    askers.deleted.id,
  ],
  [
    `update person_word set organization_id = '${organizations.elsewhere.id}'`,
    'words in the index that are nobody’s',
    ada.id,
  ],
  [
    `update people_group set name_key = 'else' where id = '${inner.id}'`,
    'groups whose name_key is not that of their name',
    inner.id,
  ],
  [
    `insert into group_nesting values ('${inner.id}', '${group.id}')`,
    'groups that contain themselves',
    inner.id,
  ],
  [
    `update organization set defaults = replace(defaults, 'light', 'dark')`,
    'organizations whose defaults is not as it was written',
    organizations.home.id,
  ],
  [
    `update organization set defaults = '{'`,
    'organizations whose defaults can not be read',
    organizations.home.id,
  ],
  [
    `update connection set requester_id = '${askers.colleague.id}'`,
    'connections that are not between those who are named',
    askers.connection.id,
  ],
  [
    `update connection set state = 'sent'`,
    'connections in no state that there is',
    askers.connection.id,
  ],
  [
    `update connection set blocked_by = '${ada.id}'`,
    'connections in no state that there is',
    askers.connection.id,
  ],
  [
    `insert into attendee values (${cast.attendees.colleague.number}, ${cast.event.number}, '${askers.colleague.id}')`,
    'rows of attendee that the change log does not know',
    String(cast.attendees.colleague.number),
  ],
  [
    `update meeting set version = 3 where version = 2`,
    'meetings whose version is not the number of their changes in the log',
    meeting.id,
  ],
  [
    `update meeting set version = 3 where version = 2`,
    'meetings whose version is not the one in their record',
    meeting.id,
  ],
  [
    `update meeting set event_number = null where version = 2`,
    'meetings whose event_number is not the one in their record',
    meeting.id,
  ],
  [
    `update meeting set record = replace(record, 'Canary', 'Canard')`,
    'meetings whose record is not as it was written',
    meeting.id,
  ],
  [`update meeting set record = '{'`, 'meetings whose record can not be read', meeting.id],
  [
    `delete from meeting where id = '${meeting.id}'`,
    'rows of meeting that the change log knows and that are not there',
    meeting.id,
  ],
  [
    'drop table meeting',
    'rows of meeting that the change log knows and that are not there',
    meeting.id,
  ],
  [
    `delete from change where entity = 'meeting' and entity_id = '${second.id}'`,
    'rows of meeting that the change log does not know',
    second.id,
  ],
  [
    `delete from meeting_participant where person_id = '${askers.colleague.id}'`,
    'meetings whose participants are not those of their record',
    meeting.id,
  ],
  [
    `update meeting_participant set state = 'cancelled' where meeting_id = '${meeting.id}'`,
    'meetings whose participants are not those of their record',
    meeting.id,
  ],
  [
    `update meeting_participant set person_id = '${gone}' where person_id = '${askers.colleague.id}'`,
    'references to what is not there',
    'meeting_participant',
  ],
  [
    `update meeting_participant set end_at = '2026-05-04T11:00:00.001Z' where meeting_id = '${meeting.id}'`,
    'people who are booked twice at a time',
    `${ada.id} ${meeting.start}`,
  ],
  [`delete from calendar`, 'people who have meetings and no calendar', ada.id],
  [
    `insert into group_owner values ('${gone}', '${ada.id}')`,
    'references to what is not there',
    'group_owner 2',
  ],
  [
    `delete from change where entity = 'group' and kind = 'removed'`,
    'rows of people_group that the change log knows and that are not there',
    gone,
  ],
  [
    `delete from people_group where id = '${inner.id}'`,
    'rows of people_group that the change log knows and that are not there',
    inner.id,
  ],
  [
    `drop table compatibility; insert into migration values ('999-tomorrow', '${at}')`,
    'steps of a newer version of Kith',
    '999-tomorrow',
  ],
  ['drop table migration', 'no database of Kith', 'it has no table of migrations'],
  ['drop table presence', 'what can not be read', 'no such table: presence'],
  [
    `pragma writable_schema = on;
     update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'person')
     where name = 'person_manager'`,
    'pages and indexes that do not hold together',
    '',
  ],
]

it.each(damages)('finds what “%s” has done', async (damage, what, first) => {
  const { faults } = checkDatabase(await database(damage))
  const fault = faults.find((one) => one.what === what)
  expect(faults.map((one) => one.what)).toContain(what)
  expect(fault?.count).toBeGreaterThan(0)
  expect(fault?.first.join()).toContain(first)
})

it('names a few of many, and counts them all', async () => {
  const { faults } = checkDatabase(await database(`update change set sequence = sequence * 1000`))
  const gaps = faults.find(({ what }) => what === 'gaps in the change log')
  expect(gaps).toMatchObject({ count: 32, first: { length: 5 } })
})

it('takes a file that is no database for what it is', () => {
  expect(checkDatabase(import.meta.filename)).toEqual({
    contents: undefined,
    faults: [{ what: 'what can not be read', count: 1, first: ['file is not a database'] }],
  })
})
