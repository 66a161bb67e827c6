import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { KeyHolder } from '../access/key.ts'
import type {
  Beside,
  Group,
  GroupMember,
  HeldAttendee,
  HeldPerson,
  Mention,
  Mentioned,
} from '../directory/ports.ts'
import type { Attendee, Connection } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Audiences, Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import type { Signals } from '../presence/presence.ts'
import { Damaged } from './damage.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

// The hot reads: SQL of SQLite's own, prepared once for each set of things beside. Whatever decides an answer
// is held to its checksum: a damaged page must not become somebody's data, or an open door.

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
      one('p.id = ?1', [id], beside, (person) => person.id === id),
    byNumber: (number: number, beside: Beside = {}) =>
      one('p.number = ?1', [number], beside, (person) => person.number === number),
    byUserName: (organizationId: OrganizationId, userName: string, beside: Beside = {}) => {
      const key = folded(userName)
      const found = one(
        'p.organization_id = ?1 and p.user_name_key = ?2',
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
      return rows.map((row) => heldFrom(row as unknown as HeldRow, ({ id }) => asked.has(id)))
    },
    byAttendance(
      eventNumber: number,
      number: number,
      beside: Beside = {},
    ): HeldAttendee | undefined {
      const found = statement(attending, 3, beside)
      const row = found.get(...parameters([number, eventNumber], beside)) as HeldRow | undefined
      if (!row?.attendee_number) return undefined
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
        .map((row) => queries.connectionFrom(row as unknown as Tables['connection'])),
    attendees: (eventNumber: number, personIds: readonly PersonId[]): Attendee[] =>
      attendees
        .all(eventNumber, JSON.stringify(personIds))
        .map((row) => queries.attendeeFrom(row as unknown as Tables['attendee'])),
    holderByHash: (hash: string) => holder(holderByHash, hash),
    holderById: (keyId: string) => holder(holderById, keyId),
  }
}

/** Found by the attendee's number, else by the person's. */
const attending = 'a.event_number = ?2'
const listed = 'p.organization_id = ?1 and p.id > ?2 order by p.id limit ?3'
const having = `p.id in (select person_id from person_email
  where organization_id = ?1 and address_key = ?2 and verified = 1)`

const parameters = (values: readonly SQLInputValue[], { connectionWith }: Beside) =>
  connectionWith === undefined ? values : [...values, connectionWith]

const setOf = ({ presence, groups, manager, reportees, createdBy, connectionWith }: Beside) =>
  [presence, groups, manager, reportees, createdBy, connectionWith !== undefined]
    .map((wanted) => (wanted ? 1 : 0))
    .join('')

// SQL.

function heldPerson(condition: string, viewer: number, beside: Beside): string {
  if (condition !== attending) return selection('person p', condition, viewer, beside)
  const [byAttendee, byPerson] = ['a', 'p'].map((alias) =>
    selection(
      'attendee a join person p on p.id = a.person_id',
      `${alias}.number = ?1 and ${attending}`,
      viewer,
      beside,
      ['a.number attendee_number, a.person_id attendee_person'],
    ),
  )
  return `${byAttendee} union all ${byPerson} limit 1`
}

function selection(
  from: string,
  condition: string,
  viewer: number,
  beside: Beside,
  more: readonly string[] = [],
): string {
  const { presence, groups, manager, reportees, createdBy, connectionWith } = beside
  const columns = [
    'p.id, p.organization_id, p.record, p.record_checksum, o.audiences, o.checksum',
    ...more,
  ]
  // Left, here and below: who has no organization is damaged, which must not look like being absent.
  const joins = ['left join organization o on o.id = p.organization_id']
  if (presence) {
    columns.push('s.signals, s.checksum signals_checksum')
    joins.push('left join presence s on s.person_id = p.id')
  }
  if (manager) {
    columns.push('p.manager_id', mentionColumns('m', 'manager'))
    joins.push(mentionJoins('m', 'p.manager_id'))
  }
  if (createdBy) {
    columns.push('p.created_by_id', mentionColumns('c', 'creator'))
    joins.push(mentionJoins('c', 'p.created_by_id'))
  }
  if (groups) {
    columns.push(`(select json_group_array(json_array(g.id, g.organization_id, g.name, g.manager_id,
        g.external_id, g.description, g.version, g.created_at, g.updated_at,
        ${mentionOf('gm')}, gm.mention_checksum, gmo.audiences, gmo.checksum) order by g.id)
      from membership b join people_group g on g.id = b.group_id ${mentionJoins('gm', 'g.manager_id')}
      where b.person_id = p.id) groups`)
  }
  if (reportees) {
    columns.push(`(select json_group_array(json_array(r.mention, r.mention_checksum, ro.audiences,
        ro.checksum) order by r.id)
      from person r left join organization ro on ro.id = r.organization_id
      where r.manager_id = p.id) reportees`)
  }
  if (connectionWith !== undefined) {
    columns.push('n.requester_id, n.addressee_id, n.state, n.rejected_by_id')
    joins.push(`left join connection n
      on n.one_id = min(p.id, ?${viewer}) and n.other_id = max(p.id, ?${viewer})`)
  }
  return `select ${columns.join(', ')} from ${from} ${joins.join(' ')} where ${condition}`
}

/** Null for nobody alone: somebody without one is damaged. */
const mentionOf = (alias: string) =>
  `iif(${alias}.rowid is null, null, coalesce(${alias}.mention, ''))`

const mentionColumns = (alias: string, name: string) =>
  `${mentionOf(alias)} ${name}, ${alias}.mention_checksum ${name}_checksum,
   ${alias}o.audiences ${name}_audiences, ${alias}o.checksum ${name}_audiences_checksum`

const mentionJoins = (alias: string, id: string) =>
  `left join person ${alias} on ${alias}.id = ${id}
   left join organization ${alias}o on ${alias}o.id = ${alias}.organization_id`

const keyHolder = (condition: string) => `
  select k.*, p.record, p.record_checksum, o.time_zone,
    (select json_group_array(m.managed_id) from management m
      where m.manager_id = k.organization_id) as manages
  from access_key k
    left join organization o on o.id = k.organization_id
    left join person p on p.id = k.person_id
  where ${condition}`

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
  select requester_id, addressee_id, state, rejected_by_id from connection
  where one_id = ?1 and other_id in (select value from json_each(?2))
  union all
  select requester_id, addressee_id, state, rejected_by_id from connection
  where other_id = ?1 and one_id in (select value from json_each(?2)) and one_id <> other_id`

// Rows.

interface MemberRow {
  readonly group_id: string
  readonly id: string
  readonly relation: GroupMember['relation']
  readonly mention: string | null
  readonly mention_checksum: number | null
  readonly audiences: string | null
  readonly checksum: number | null
  readonly name: string | null
}

function memberFrom(row: MemberRow): GroupMember {
  const { group_id: groupId, id, relation, mention, mention_checksum, audiences, checksum } = row
  if (relation === 'subgroup') return { groupId, relation, group: { id, name: row.name ?? '' } }
  const person = mentionFrom(mention ?? '', mention_checksum, audiences, checksum)
  if (person.person.id !== id) throw new Damaged('An index leads to somebody else')
  return { groupId, relation, person }
}

interface HeldRow {
  readonly id: string
  readonly organization_id: string
  readonly record: string
  readonly record_checksum: number
  readonly audiences: string
  readonly checksum: number
  readonly attendee_number?: number
  readonly attendee_person?: string
  readonly signals?: string | null
  readonly signals_checksum?: number | null
  readonly groups?: string
  readonly reportees?: string
  readonly manager_id?: string | null
  readonly created_by_id?: string | null
  readonly manager?: string | null
  readonly manager_checksum?: number | null
  readonly manager_audiences?: string | null
  readonly manager_audiences_checksum?: number | null
  readonly creator?: string | null
  readonly creator_checksum?: number | null
  readonly creator_audiences?: string | null
  readonly creator_audiences_checksum?: number | null
  readonly requester_id?: string | null
  readonly addressee_id?: string | null
  readonly state?: string | null
  readonly rejected_by_id?: string | null
}

type GroupRow = [
  string,
  string,
  string,
  string | null,
  string | null,
  string | null,
  number,
  string,
  string,
  ...MentionRow,
]
type MentionRow = [string | null, number | null, string | null, number | null]

function heldFrom(row: HeldRow, expected: (person: Person) => boolean): HeldPerson {
  const person = parsed<Person>(row.record, row.record_checksum)
  // Where an index leads to the wrong row, the row itself is in order.
  if (!expected(person)) throw new Damaged('An index leads to somebody else')
  // What is beside it was found by these.
  const same =
    row.id === person.id &&
    row.organization_id === person.organizationId &&
    isOf(row.manager_id, person.managerId) &&
    isOf(row.created_by_id, person.createdById)
  if (!same) throw new Damaged('A row does not agree with its record')
  const named = namedFrom(row)
  const groups: Group[] = []
  if (row.groups !== undefined && row.groups !== '[]') {
    for (const columns of JSON.parse(row.groups) as GroupRow[]) {
      const [id, organization_id, name, manager_id, external_id, description, version] = columns
      const [, , , , , , , created_at, updated_at, mention, ...rest] = columns
      groups.push(
        queries.groupFrom({
          ...{ id, organization_id, name, manager_id, external_id, description, version },
          ...{ created_at, updated_at },
        }),
      )
      if (mention !== null) named.push(mentionFrom(mention, ...rest))
    }
  }
  return {
    person,
    organizationAudiences: audiencesFrom(row.audiences, row.checksum),
    signals: row.signals ? parsed<Signals>(row.signals, row.signals_checksum) : undefined,
    groups,
    named,
    reportees:
      row.reportees === undefined || row.reportees === '[]'
        ? []
        : (JSON.parse(row.reportees) as MentionRow[]).map(([mention, ...rest]) =>
            mentionFrom(mention ?? '', ...rest),
          ),
    connection: connectionFrom(row),
  }
}

/** Whether a column is what the record says; it may not have been read. */
const isOf = (column: string | null | undefined, value: string | undefined): boolean =>
  column === undefined || (column ?? undefined) === value

/** The manager and the creator, as far as they were wanted and are there. */
function namedFrom(row: HeldRow): Mention[] {
  const named: Mention[] = []
  if (row.manager !== null && row.manager !== undefined) {
    const { manager, manager_checksum, manager_audiences, manager_audiences_checksum } = row
    named.push(
      mentionFrom(manager, manager_checksum, manager_audiences, manager_audiences_checksum),
    )
  }
  if (row.creator !== null && row.creator !== undefined) {
    const { creator, creator_checksum, creator_audiences, creator_audiences_checksum } = row
    named.push(
      mentionFrom(creator, creator_checksum, creator_audiences, creator_audiences_checksum),
    )
  }
  return named
}

const mentionFrom = (
  mention: string,
  checksum: number | null | undefined,
  audiences: string | null | undefined,
  audiencesChecksum: number | null | undefined,
): Mention => ({
  person: parsed<Mentioned>(mention, checksum),
  organizationAudiences: audiencesFrom(audiences, audiencesChecksum),
})

function connectionFrom({
  requester_id,
  addressee_id,
  state,
  rejected_by_id = null,
}: HeldRow): Connection | undefined {
  if (!requester_id || !addressee_id || !state) return undefined
  return queries.connectionFrom({ requester_id, addressee_id, state, rejected_by_id })
}

type HolderRow = Tables['access_key'] & {
  readonly record: string | null
  readonly record_checksum: number | null
  readonly time_zone: string | null
  readonly manages: string
}

function holderFrom(row: HolderRow): KeyHolder {
  if (queries.keyChecksum(row) !== row.checksum) throw new Damaged('A key is not as it was written')
  if (row.time_zone === null) throw new Damaged('A key is of no organization')
  const person = row.person_id === null ? undefined : bearerFrom(row)
  return {
    key: queries.keyFrom(row),
    ...(person && { person }),
    timeZone: row.time_zone,
    manages: JSON.parse(row.manages) as OrganizationId[],
  }
}

function bearerFrom({ record, record_checksum, person_id }: HolderRow): Person {
  const person = parsed<Person>(record ?? '', record_checksum)
  if (person.id !== person_id) throw new Damaged('An index leads to somebody else')
  return person
}

function parsed<T>(text: unknown, checksum: number | null | undefined): T {
  // A damaged row may give a number for a text.
  if (typeof text !== 'string' || text === '' || crc32(text) !== checksum) {
    throw new Damaged('A row is not as it was written')
  }
  return JSON.parse(text) as T
}

/** Of the few organizations there are, by their text and checksum. */
const knownAudiences = new Map<string, Audiences>()
const mostKnown = 10_000

function audiencesFrom(
  text: string | null | undefined,
  checksum: number | null | undefined,
): Audiences {
  const name = `${checksum} ${text}`
  const known = knownAudiences.get(name)
  if (known) return known
  const audiences = parsed<Audiences>(text ?? '', checksum)
  if (knownAudiences.size >= mostKnown) knownAudiences.clear()
  knownAudiences.set(name, audiences)
  return audiences
}
