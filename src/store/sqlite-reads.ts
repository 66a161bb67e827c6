import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { KeyHolder } from '../access/key.ts'
import type {
  Beside,
  Group,
  GroupMember,
  Handles,
  HeldAttendee,
  HeldPerson,
} from '../directory/ports.ts'
import type { Attendee, Connection } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import { attendeeFrom, connectionFrom } from './sql/gatherings.ts'
import {
  type HeldRow,
  type HolderRow,
  heldByAny,
  heldFrom,
  holderFrom,
  type MemberRow,
  memberFrom,
  readInVain,
} from './sql/held.ts'
import { keyHolders, mentionJoins, mentionOf, selection, type Words } from './sql/held-sql.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

// The hot reads: SQL of SQLite's own, prepared once for each set of things beside.

/** The hot reads over a handle; synchronous. @throws Damaged for rows that are not as they were written */
export function hotReads(handle: DatabaseSync) {
  const prepared = new Map<string, StatementSync>()
  function statement(condition: string, viewer: number, beside: Beside) {
    const name = `${condition} ${setOf(beside)}`
    const found = prepared.get(name) ?? handle.prepare(heldPerson(condition, viewer, beside))
    prepared.set(name, found)
    return found
  }

  /** Finds one by `values`, the parameters of `condition`, after which comes the other side of a connection. */
  function one(
    condition: string,
    values: readonly SQLInputValue[],
    beside: Beside,
    expected: (person: Person) => boolean,
  ): HeldPerson | undefined {
    const found = statement(condition, values.length + 1, beside)
    const row = found.get(...parameters(values, beside)) as HeldRow | undefined
    return row && heldFrom(row, expected)
  }

  /**
   * As {@link one}, by `order`, a column of people that is at least the last of `values`: in place of somebody who is not
   * there the next is read, or the first where none is next, and not given. One whom a viewer may not know of could else
   * be told from nobody by the time that it takes to read them.
   */
  function nearest(
    order: Nearest,
    values: readonly SQLInputValue[],
    beside: Beside,
    expected: (person: Person) => boolean,
  ): HeldPerson | undefined {
    const found = statement(order, values.length + 1, beside)
    const at = (last: SQLInputValue) =>
      found.get(...parameters([...values.slice(0, -1), last], beside)) as HeldRow | undefined
    const row = at(values.at(-1) ?? null) ?? at(order === 'number' ? 0 : '')
    if (row?.asked === 1) return heldFrom(row, expected)
    if (row) readInVain(row)
    return undefined
  }

  function standIn(id: PersonId, beside: Beside): void {
    nearest('id', [id], beside, () => true)
  }

  const holderByHash = handle.prepare(keyHolder('k.hash = ?'))
  const holderById = handle.prepare(keyHolder('k.id = ?'))
  const above = handle.prepare(managersAbove)
  const groups = handle.prepare(
    'select * from people_group where id in (select value from json_each(?1))',
  )
  const inside = handle.prepare(insideGroups)
  const connections = handle.prepare(connectionsWith)
  const attendees = handle.prepare(
    `select * from attendee
     where event_number = ?1 and person_id in (select value from json_each(?2))`,
  )
  function holder(found: StatementSync, parameter: string): KeyHolder | undefined {
    const row = found.get(parameter)
    return row && holderFrom(row as unknown as HolderRow)
  }

  return {
    byId: (id: PersonId, beside: Beside = {}) =>
      nearest('id', [id], beside, (person) => person.id === id),
    byNumber: (number: number, beside: Beside = {}) =>
      nearest('number', [number], beside, (person) => person.number === number),
    byUserName: (organizationId: OrganizationId, userName: string, beside: Beside = {}) => {
      const key = folded(userName)
      const found = nearest(
        'user_name_key',
        [organizationId, key],
        beside,
        (person) => queries.userNameKey(person) === key,
      )
      // Somebody deleted is kept under their id, which is not their name.
      return found?.person.lifecycle === 'deleted' ? undefined : found
    },
    byExternalId: (organizationId: OrganizationId, externalId: string, beside: Beside = {}) =>
      one(
        'p.organization_id = ?1 and p.external_id = ?2',
        [organizationId, externalId],
        beside,
        (person) => person.externalId === externalId,
      ),
    byIds(ids: readonly PersonId[], beside: Beside = {}): HeldPerson[] {
      const asked = new Set<string>(ids)
      const found = statement('p.id in (select value from json_each(?1))', 2, beside)
      const rows = found.all(...parameters([JSON.stringify(ids)], beside))
      const helds = rows.map((row) =>
        heldFrom(row as unknown as HeldRow, ({ id }) => asked.has(id)),
      )
      for (const { person } of helds) asked.delete(person.id)
      for (const id of asked) standIn(id as PersonId, beside)
      return helds
    },
    byAttendance(
      eventNumber: number,
      number: number,
      beside: Beside = {},
    ): HeldAttendee | undefined {
      const found = statement(attending, 3, beside)
      const row = found.get(...parameters([number, eventNumber], beside)) as HeldRow | undefined
      if (!row?.attendee_number) {
        nearest('number', [number], beside, () => true)
        return undefined
      }
      const held = heldFrom(row, ({ id }) => id === row.attendee_person)
      const attendee = { number: row.attendee_number, eventNumber, personId: held.person.id }
      return { ...held, attendee }
    },
    inOrganization(
      organizationId: OrganizationId,
      { after = '', limit }: { readonly after?: string; readonly limit: number },
      beside: Beside = {},
    ): HeldPerson[] {
      const found = statement(listed, 4, beside)
      const rows = found.all(...parameters([organizationId, after, limit], beside))
      return rows.map((row) =>
        heldFrom(
          row as unknown as HeldRow,
          (person) => person.organizationId === organizationId && person.id > after,
        ),
      )
    },
    byVerifiedEmail(organizationId: OrganizationId, normalized: string): HeldPerson[] {
      const rows = statement(having, 3, {}).all(organizationId, normalized)
      return rows.map((row) =>
        heldFrom(row as unknown as HeldRow, ({ emails }) =>
          emails.some((email) => email.verified && email.normalized === normalized),
        ),
      )
    },
    byAny(organizationId: OrganizationId, handles: Handles, beside: Beside = {}): HeldPerson[] {
      const { ids, userNames, externalIds, verifiedEmails } = handles
      const lists = [ids, userNames.map(folded), externalIds, verifiedEmails]
      const found = statement(anyOfThese, 6, beside)
      const rows = found.all(
        ...parameters([organizationId, ...lists.map((list) => JSON.stringify(list))], beside),
      )
      return heldByAny(rows as unknown as HeldRow[], handles)
    },
    managersAbove: (id: PersonId) => above.all(id).map((row) => row.id as PersonId),
    groupsByIds: (ids: readonly string[]): Group[] =>
      groups
        .all(JSON.stringify(ids))
        .map((row) => queries.groupFrom(row as unknown as Tables['people_group'])),
    members(groupIds: readonly string[]): GroupMember[] {
      const asked = JSON.stringify(groupIds)
      return inside.all(asked).map((row) => memberFrom(row as unknown as MemberRow))
    },
    connectionsOf: (personId: PersonId, others: readonly PersonId[]): Connection[] =>
      connections
        .all(personId, JSON.stringify(others))
        .map((row) => connectionFrom(row as unknown as Tables['connection'])),
    attendees: (eventNumber: number, personIds: readonly PersonId[]): Attendee[] =>
      attendees
        .all(eventNumber, JSON.stringify(personIds))
        .map((row) => attendeeFrom(row as unknown as Tables['attendee'])),
    holderByHash: (hash: string) => holder(holderByHash, hash),
    holderById: (keyId: string) => holder(holderById, keyId),
  }
}

/** A column of people that they are looked up by. */
type Nearest = keyof typeof nearestBy

const nearestBy = {
  id: { condition: 'p.id >= ?1', asked: 'p.id = ?1' },
  number: { condition: 'p.number >= ?1', asked: 'p.number = ?1' },
  user_name_key: {
    condition: 'p.organization_id = ?1 and p.user_name_key >= ?2',
    asked: 'p.user_name_key = ?2',
  },
} as const

const isNearest = (condition: string): condition is Nearest => Object.hasOwn(nearestBy, condition)

/** Found by the attendee's number, else by the person's. */
const attending = 'a.event_number = ?2'
const besides = [
  'presence',
  'groups',
  'groupsAbove',
  'manager',
  'reportees',
  'createdBy',
] as const satisfies readonly (keyof Beside)[]
const listed = 'p.organization_id = ?1 and p.id > ?2 order by p.id limit ?3'
const having = `p.id in (select person_id from person_email
  where organization_id = ?1 and address_key = ?2 and verified = 1)`

// By the handles first, and `+` for no index: left to itself SQLite goes through the whole organization.
const anyOfThese = `+p.organization_id = ?1 and p.id in (
  select value from json_each(?2)
  union select q.id from json_each(?3) w
    cross join person q on q.organization_id = ?1 and q.user_name_key = w.value
  union select q.id from json_each(?4) w
    cross join person q on q.organization_id = ?1 and q.external_id = w.value
  union select e.person_id from json_each(?5) w
    cross join person_email e on e.organization_id = ?1 and e.address_key = w.value and e.verified = 1)`

const parameters = (values: readonly SQLInputValue[], { connectionWith }: Beside) =>
  connectionWith === undefined ? values : [...values, connectionWith]

const setOf = ({ connectionWith, ...beside }: Beside) =>
  [...besides.map((name) => beside[name]), connectionWith !== undefined]
    .map((wanted) => (wanted ? 1 : 0))
    .join('')

// SQL.

const words: Words = {
  rows: (columns, order) => `json_group_array(json_array(${columns}) order by ${order})`,
  least: (one, other) => `min(${one}, ${other})`,
  greatest: (one, other) => `max(${one}, ${other})`,
}

const keyHolder = (condition: string): string =>
  keyHolders('json_group_array(m.managed_id)', 'access_key k', condition)

function heldPerson(condition: string, viewer: number, beside: Beside): string {
  const other = `?${viewer}`
  if (isNearest(condition)) {
    const { condition: range, asked } = nearestBy[condition]
    const first = `${range} order by p.${condition} limit 1`
    return selection(words, 'person p', first, other, beside, [`${asked} asked`])
  }
  if (condition !== attending) return selection(words, 'person p', condition, other, beside)
  const [byAttendee, byPerson] = ['a', 'p'].map((alias) =>
    selection(
      words,
      'attendee a join person p on p.id = a.person_id',
      `${alias}.number = ?1 and ${attending}`,
      other,
      beside,
      ['a.number attendee_number, a.person_id attendee_person'],
    ),
  )
  return `${byAttendee} union all ${byPerson} limit 1`
}

/** Row after row, the latest found first asked for who is above: `union` ends where it comes round. */
const managersAbove = `
  with recursive above(id) as (
    select m.id from person p join person m on m.id = p.manager_id where p.id = ?1
    union
    select m.id from above join person p on p.id = above.id join person m on m.id = p.manager_id)
  select id from above where id <> ?1`

const people = (relation: string, table: string) => `
  select r.group_id, r.person_id id, '${relation}' relation, ${mentionOf('p')} mention,
    p.mention_checksum, po.audiences, po.checksum, null name
  from ${table} r ${mentionJoins('p', 'r.person_id')}
  where r.group_id in (select value from json_each(?1)) and p.lifecycle is not 'deleted'`

const insideGroups = `
  ${people('member', 'membership')} union all ${people('owner', 'group_owner')} union all
  select n.group_id, n.child_id, 'subgroup', null, null, null, null, g.name
  from group_nesting n join people_group g on g.id = n.child_id
  where n.group_id in (select value from json_each(?1))
  order by 1, 2, 3`

const connectionsWith = `
  select * from connection
  where one_id = ?1 and other_id in (select value from json_each(?2))
  union all
  select * from connection
  where other_id = ?1 and one_id in (select value from json_each(?2)) and one_id <> other_id`
