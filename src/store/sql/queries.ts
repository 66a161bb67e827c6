import { crc32 } from 'node:zlib'
import type { Kysely } from 'kysely'
import type { Key } from '../../access/key.ts'
import type { Change, Group, Mentioned, Organization, Write } from '../../directory/ports.ts'
import { type Attendee, type Connection, type Event, pairOf } from '../../gatherings/gatherings.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import type { Tables } from './tables.ts'

type Db = Kysely<Tables>

// Rows to what the ports speak of.

export const keyFrom = (row: Tables['access_key']): Key =>
  withoutNulls<Key>({
    id: row.id,
    hash: row.hash,
    organizationId: row.organization_id,
    personId: row.person_id,
    service: row.service,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  })

export const groupFrom = (row: Omit<Tables['people_group'], 'name_key'>): Group =>
  withoutNulls<Group>({
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    managerId: row.manager_id,
  })

export const eventFrom = (row: Tables['event']): Event =>
  withoutNulls<Event>({
    number: Number(row.number),
    organizationId: row.organization_id,
    url: row.url,
    name: row.name,
  })

export const attendeeFrom = (row: Tables['attendee']): Attendee =>
  withoutNulls<Attendee>({
    number: Number(row.number),
    eventNumber: Number(row.event_number),
    personId: row.person_id,
  })

export const connectionFrom = (
  row: Omit<Tables['connection'], 'one_id' | 'other_id'>,
): Connection =>
  withoutNulls<Connection>({
    requesterId: row.requester_id,
    addresseeId: row.addressee_id,
    state: row.state,
    rejectedById: row.rejected_by_id,
  })

export const changeFrom = (row: Tables['change']): Change =>
  withoutNulls<Change>({
    sequence: Number(row.sequence),
    entity: row.entity,
    entityId: row.entity_id,
    personId: row.person_id,
    kind: row.kind,
    actor: row.actor,
    at: row.at,
  })

export const organizationFrom = (
  row: Tables['organization'],
  manages: readonly string[],
): Organization =>
  withoutNulls<Organization>({
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    audiences: JSON.parse(row.audiences),
    manages,
  })

/** Ids and words of the database are taken at their word here: only our own writes put them there. */
function withoutNulls<T>(row: { readonly [Field in keyof T]: unknown }): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T
}

// Reads that are not hot.

export const organizationRows = (db: Db) =>
  db.selectFrom('organization').selectAll().orderBy('name')
export const managementRows = (db: Db) =>
  db.selectFrom('management').selectAll().orderBy('managed_id')

export const groupRows = (db: Db, organizationId: string) =>
  db
    .selectFrom('people_group')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('id')

export const eventRow = (db: Db, url: string) =>
  db.selectFrom('event').selectAll().where('url', '=', url)

export const attendeeRowOf = (db: Db, eventNumber: number, personId: PersonId) =>
  db
    .selectFrom('attendee')
    .selectAll()
    .where('event_number', '=', eventNumber)
    .where('person_id', '=', personId)

export function connectionRow(db: Db, one: PersonId, other: PersonId) {
  const [first, second] = pairOf(one, other)
  return db
    .selectFrom('connection')
    .selectAll()
    .where('one_id', '=', first)
    .where('other_id', '=', second)
}

export function keyRows(db: Db, organizationId: string | undefined) {
  const rows = db.selectFrom('access_key').selectAll().orderBy('created_at').orderBy('id')
  return organizationId === undefined ? rows : rows.where('organization_id', '=', organizationId)
}

export const changeRows = (db: Db, after: number, limit: number) =>
  db.selectFrom('change').selectAll().where('sequence', '>', after).orderBy('sequence').limit(limit)

export const secretRow = (db: Db) =>
  db.selectFrom('secret').select('value').where('name', '=', 'seal')

// What is news to whoever has read before.

/**
 * Where the log, the signals and the database itself stand. Another incarnation is another history: the
 * database was restored.
 */
export const latest = (db: Db) =>
  db.selectNoFrom(({ selectFrom }) => [
    selectFrom('change')
      .select(({ fn, lit }) => fn.coalesce(fn.max('sequence'), lit(0)).as('sequence'))
      .as('sequence'),
    selectFrom('presence')
      .select(({ fn, lit }) => fn.coalesce(fn.max('revision'), lit(0)).as('revision'))
      .as('revision'),
    selectFrom('secret').select('value').where('name', '=', 'incarnation').as('incarnation'),
  ])

/** The changes after `sequence`, with to whom a changed person reports now. */
export const newsRows = (db: Db, sequence: number, limit: number) =>
  db
    .selectFrom('change')
    .leftJoin('person', (join) =>
      join.onRef('person.id', '=', 'change.entity_id').on('change.entity', '=', 'person'),
    )
    .select(['change.entity', 'change.entity_id', 'change.person_id', 'person.manager_id'])
    .where('change.sequence', '>', sequence)
    .orderBy('change.sequence')
    .limit(limit)

export const signalledRows = (db: Db, revision: number, limit: number) =>
  db.selectFrom('presence').select('person_id').where('revision', '>', revision).limit(limit)

// Writes. Each takes a row in whole, new or not.

/** A person's whole row; all of it follows from the record. */
export function personRow(person: Person): Tables['person'] {
  const record = asciiJson(person)
  const mention = asciiJson(mentionOf(person))
  return {
    id: person.id,
    number: person.number,
    organization_id: person.organizationId,
    user_name_key: folded(person.userName),
    external_id: person.externalId ?? null,
    manager_id: person.managerId ?? null,
    created_by_id: person.createdById ?? null,
    version: person.version,
    record,
    record_checksum: crc32(record),
    mention,
    mention_checksum: crc32(mention),
  }
}

const mentionOf = (person: Person): Mentioned => ({
  id: person.id,
  organizationId: person.organizationId,
  audiences: person.audiences,
  displayName: person.displayName,
  userName: person.userName,
  lifecycle: person.lifecycle,
})

/** JSON in which letters of other scripts are escaped: it is read a third faster, and says the same. */
const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The checksum that belongs with a key's row. */
export const keyChecksum = (row: Omit<Tables['access_key'], 'checksum'>): number =>
  crc32(
    JSON.stringify([
      row.id,
      row.hash,
      row.organization_id,
      row.person_id,
      row.service,
      row.role,
      row.created_at,
      row.expires_at,
      row.revoked_at,
    ]),
  )

/** The statements that put anything but a person or members in place of what was there, in order. */
export function putQueries(db: Db, write: Exclude<Write, { kind: 'person' | 'members' }>) {
  switch (write.kind) {
    case 'organization':
      return putOrganization(db, write.organization)
    case 'group': {
      const { group } = write
      return [
        upsert(db, 'people_group', ['id'], {
          id: group.id,
          organization_id: group.organizationId,
          name: group.name,
          name_key: folded(group.name),
          manager_id: group.managerId ?? null,
        }),
      ]
    }
    case 'key': {
      const { key } = write
      const row = {
        id: key.id,
        hash: key.hash,
        organization_id: key.organizationId,
        person_id: key.personId ?? null,
        service: key.service ?? null,
        role: key.role,
        created_at: key.createdAt,
        expires_at: key.expiresAt ?? null,
        revoked_at: key.revokedAt ?? null,
        last_used_at: key.lastUsedAt ?? null,
      }
      return [upsert(db, 'access_key', ['id'], { ...row, checksum: keyChecksum(row) })]
    }
    case 'event': {
      const { number, organizationId, url, name } = write.event
      return [
        upsert(db, 'event', ['number'], { number, organization_id: organizationId, url, name }),
      ]
    }
    case 'attendee': {
      const { number, eventNumber, personId } = write.attendee
      const row = { number, event_number: eventNumber, person_id: personId }
      return [upsert(db, 'attendee', ['number'], row)]
    }
    case 'connection': {
      const { requesterId, addresseeId, state, rejectedById } = write.connection
      const [one, other] = pairOf(requesterId, addresseeId)
      return [
        upsert(db, 'connection', ['one_id', 'other_id'], {
          one_id: one,
          other_id: other,
          requester_id: requesterId,
          addressee_id: addresseeId,
          state,
          rejected_by_id: rejectedById ?? null,
        }),
      ]
    }
  }
}

/** Changes nothing for somebody who is a member. */
export const join = (db: Db, groupId: string, personId: PersonId) =>
  db
    .insertInto('membership')
    .values({ person_id: personId, group_id: groupId })
    .onConflict((conflict) => conflict.columns(['person_id', 'group_id']).doNothing())

/** Changes nothing for somebody who is no member. */
export const leave = (db: Db, groupId: string, personId: PersonId) =>
  db.deleteFrom('membership').where('person_id', '=', personId).where('group_id', '=', groupId)

function putOrganization(db: Db, { id, name, timeZone, audiences: map, manages }: Organization) {
  const audiences = JSON.stringify(map)
  return [
    upsert(db, 'organization', ['id'], {
      id,
      name,
      time_zone: timeZone,
      audiences,
      checksum: crc32(audiences),
    }),
    db.deleteFrom('management').where('manager_id', '=', id),
    ...manages.map((managed) =>
      db.insertInto('management').values({ manager_id: id, managed_id: managed }),
    ),
  ]
}

export const groupRow = (db: Db, groupId: string) =>
  db.selectFrom('people_group').select('id').where('id', '=', groupId)

/** Whether what `write` puts is there already. */
export function existing(db: Db, write: Exclude<Write, { kind: 'person' | 'members' }>) {
  switch (write.kind) {
    case 'organization':
      return db.selectFrom('organization').select('id').where('id', '=', write.organization.id)
    case 'group':
      return groupRow(db, write.group.id)
    case 'key':
      return db.selectFrom('access_key').select('id').where('id', '=', write.key.id)
    case 'event':
      return db.selectFrom('event').select('number').where('number', '=', write.event.number)
    case 'attendee':
      return db.selectFrom('attendee').select('number').where('number', '=', write.attendee.number)
    case 'connection':
      return connectionRow(db, write.connection.requesterId, write.connection.addresseeId)
  }
}

export const latestRevision = (db: Db) =>
  db
    .selectFrom('presence')
    .select(({ fn, lit }) => fn.coalesce(fn.max('revision'), lit(0)).as('latest'))

export function putSignals(db: Db, personId: PersonId, one: object, revision: number) {
  const signals = asciiJson(one)
  const row = { person_id: personId, signals, checksum: crc32(signals), revision }
  return upsert(db, 'presence', ['person_id'], row)
}

export const noteKeyUse = (db: Db, keyId: string, at: string) =>
  db.updateTable('access_key').set({ last_used_at: at }).where('id', '=', keyId)

export const insertSecret = (db: Db, value: string) =>
  db
    .insertInto('secret')
    .values({ name: 'seal', value })
    .onConflict((conflict) => conflict.column('name').doNothing())

function upsert<Table extends keyof Tables>(
  db: Db,
  table: Table,
  key: readonly string[],
  row: Tables[Table],
) {
  const rest = Object.fromEntries(Object.entries(row).filter(([column]) => !key.includes(column)))
  return db
    .insertInto(table)
    .values(row as never)
    .onConflict((conflict) => conflict.columns([...key] as never).doUpdateSet(rest as never))
}
