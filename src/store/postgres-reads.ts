import type { KeyHolder } from '../access/key.ts'
import type { Beside, Group, GroupMember, HeldAttendee, HeldPerson } from '../directory/ports.ts'
import type { Attendee, Connection } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import { foldingOver } from './postgres-folding.ts'
import type { Lines } from './postgres-lines.ts'
import { attendeeFrom, connectionFrom } from './sql/gatherings.ts'
import {
  type HeldRow,
  type HolderRow,
  heldFrom,
  holderFrom,
  type MemberRow,
  memberFrom,
} from './sql/held.ts'
import { keyHolders, mentionJoins, mentionOf, selection, type Words } from './sql/held-sql.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

// The hot reads: SQL of PostgreSQL's own. Look-ups of one kind that come at once are one statement, in which each is a row
// of `w`: its values, whose connection is wanted as `viewer`, and its place among them as `n`.

/** No text that is kept has it in it, and PostgreSQL takes none that has. */
const isStorable = (text: string): boolean => !text.includes('\0')

/** The hot reads over lines. @throws Damaged for rows that are not as they were written */
export function hotReads(lines: Lines) {
  const look = foldingOver(lines)
  const rows = <Row>(sql: string, values: readonly unknown[]): Promise<Row[]> =>
    lines.use((line) => line.all<Row>(sql, values))

  async function one(
    condition: string,
    values: readonly (string | number)[],
    beside: Beside,
    expected: (person: Person) => boolean,
  ): Promise<HeldPerson | undefined> {
    const known = values.every((value) =>
      typeof value === 'string' ? isStorable(value) : Number.isSafeInteger(value),
    )
    if (!known) return undefined
    const { connectionWith } = beside
    const asked = connectionWith === undefined ? values : [...values, connectionWith]
    const [row] = await look<HeldRow>(foldedPeople(condition, values, beside), asked)
    return row && heldFrom(row, expected)
  }

  async function holder(column: 'hash' | 'id', value: string): Promise<KeyHolder | undefined> {
    if (!isStorable(value)) return undefined
    const [row] = await look<HolderRow>(foldedHolders(column), [value])
    return row && holderFrom(row)
  }

  return {
    byId: (id: PersonId, beside: Beside = {}) =>
      one('p.id = w.a', [id], beside, (person) => person.id === id),
    byNumber: (number: number, beside: Beside = {}) =>
      one('p.number = w.a', [number], beside, (person) => person.number === number),
    async byUserName(organizationId: OrganizationId, userName: string, beside: Beside = {}) {
      const key = folded(userName)
      const found = await one(
        'p.organization_id = w.a and p.user_name_key = w.b',
        [organizationId, key],
        beside,
        (person) => queries.userNameKey(person) === key,
      )
      // Somebody deleted is kept under their id, which is not their name.
      return found?.person.lifecycle === 'deleted' ? undefined : found
    },
    byExternalId: (organizationId: OrganizationId, externalId: string, beside: Beside = {}) =>
      one(
        'p.organization_id = w.a and p.external_id = w.b',
        [organizationId, externalId],
        beside,
        (person) => person.externalId === externalId,
      ),
    async byIds(ids: readonly PersonId[], beside: Beside = {}): Promise<HeldPerson[]> {
      const asked = new Set<string>(ids.filter(isStorable))
      const sql = selection(words, 'person p', 'p.id = any($1::text[])', '$2', beside)
      const found = await rows<HeldRow>(sql, parameters([[...asked]], beside))
      return found.map((row) => heldFrom(row, ({ id }) => asked.has(id)))
    },
    async byAttendance(
      eventNumber: number,
      number: number,
      beside: Beside = {},
    ): Promise<HeldAttendee | undefined> {
      if (!Number.isSafeInteger(eventNumber) || !Number.isSafeInteger(number)) return undefined
      const found = await rows<HeldRow>(
        attendance(beside),
        parameters([number, eventNumber], beside),
      )
      const [row] = found
      if (!row?.attendee_number) return undefined
      const held = heldFrom(row, ({ id }) => id === row.attendee_person)
      const attendee = { number: row.attendee_number, eventNumber, personId: held.person.id }
      return { ...held, attendee }
    },
    async inOrganization(
      organizationId: OrganizationId,
      { after = '', limit }: { readonly after?: string; readonly limit: number },
      beside: Beside = {},
    ): Promise<HeldPerson[]> {
      const sql = selection(words, 'person p', listed, '$4', beside)
      const found = await rows<HeldRow>(sql, parameters([organizationId, after, limit], beside))
      return found.map((row) =>
        heldFrom(row, (person) => person.organizationId === organizationId && person.id > after),
      )
    },
    async byVerifiedEmail(
      organizationId: OrganizationId,
      normalized: string,
    ): Promise<HeldPerson[]> {
      if (!isStorable(normalized)) return []
      const sql = selection(words, 'person p', having, '$3', {})
      return (await rows<HeldRow>(sql, [organizationId, normalized])).map((row) =>
        heldFrom(row, ({ emails }) =>
          emails.some((email) => email.verified && email.normalized === normalized),
        ),
      )
    },
    managersAbove: async (id: PersonId): Promise<PersonId[]> =>
      (await rows<{ id: PersonId }>(managersAbove, [id])).map((row) => row.id),
    groupsByIds: async (ids: readonly string[]): Promise<Group[]> =>
      (await rows<Tables['people_group']>(groupsByIds, [ids.filter(isStorable)])).map(
        queries.groupFrom,
      ),
    members: async (groupIds: readonly string[]): Promise<GroupMember[]> =>
      (await rows<MemberRow>(insideGroups, [groupIds.filter(isStorable)])).map(memberFrom),
    connectionsOf: async (personId: PersonId, others: readonly PersonId[]): Promise<Connection[]> =>
      (await rows<Tables['connection']>(connectionsWith, [personId, others])).map(connectionFrom),
    attendees: async (eventNumber: number, personIds: readonly PersonId[]): Promise<Attendee[]> =>
      (await rows<Tables['attendee']>(attendees, [eventNumber, personIds])).map(attendeeFrom),
    holderByHash: (hash: string) => holder('hash', hash),
    holderById: (keyId: string) => holder('id', keyId),
  }
}

const parameters = (values: readonly unknown[], { connectionWith }: Beside) =>
  connectionWith === undefined ? values : [...values, connectionWith]

// SQL.

const words: Words = {
  rows: (columns, order) =>
    `coalesce(json_agg(json_build_array(${columns}) order by ${order}), '[]')::text`,
  least: (one, other) => `least(${one}, ${other})`,
  greatest: (one, other) => `greatest(${one}, ${other})`,
}

const letters = ['a', 'b', 'c']

/** The rows of `w`, an array of values for each of its columns. */
function asked(values: readonly (string | number)[], withViewer: boolean): string {
  const types = values.map((value) => (typeof value === 'number' ? 'bigint' : 'text'))
  const columns = letters.slice(0, values.length)
  if (withViewer) {
    types.push('text')
    columns.push('viewer')
  }
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`)
  return `unnest(${arrays.join(', ')}) with ordinality as w(${columns.join(', ')}, n)`
}

function foldedPeople(
  condition: string,
  values: readonly (string | number)[],
  beside: Beside,
): string {
  const from = `${asked(values, beside.connectionWith !== undefined)} join person p on ${condition}`
  return selection(words, from, 'true', 'w.viewer', beside, ['w.n'])
}

const foldedHolders = (column: 'hash' | 'id'): string =>
  keyHolders(
    manages,
    `${asked([''], false)} join access_key k on k.${column} = w.a`,
    'true',
    ', w.n',
  )

const manages = "coalesce(json_agg(m.managed_id), '[]')::text"

/** By the attendee's number, else by the person's. */
function attendance(beside: Beside): string {
  const [byAttendee, byPerson] = ['a', 'p'].map((alias) =>
    selection(
      words,
      'attendee a join person p on p.id = a.person_id',
      `${alias}.number = $1 and a.event_number = $2`,
      '$3',
      beside,
      ['a.number as attendee_number', 'a.person_id as attendee_person'],
    ),
  )
  return `select * from (select 1 as rank, one.* from (${byAttendee}) one
    union all select 2 as rank, other.* from (${byPerson}) other) both_ways order by rank limit 1`
}

const listed = 'p.organization_id = $1 and p.id > $2 order by p.id limit $3'
const having = `p.id in (select person_id from person_email
  where organization_id = $1 and address_key = $2 and verified = 1)`

/** Row after row, the latest found first asked for who is above: `union` ends where it comes round. */
const managersAbove = `
  with recursive above(id) as (
    select m.id from person p join person m on m.id = p.manager_id where p.id = $1
    union
    select m.id from above join person p on p.id = above.id join person m on m.id = p.manager_id)
  select id from above where id <> $1`

const groupsByIds = 'select * from people_group where id = any($1::text[])'

const people = (relation: string, table: string) => `
  select r.group_id, r.person_id as id, '${relation}' as relation, ${mentionOf('p')} as mention,
    p.mention_checksum, po.audiences, po.checksum, null as name
  from ${table} r ${mentionJoins('p', 'r.person_id')}
  where r.group_id = any($1::text[]) and p.lifecycle is distinct from 'deleted'`

const insideGroups = `
  ${people('member', 'membership')} union all ${people('owner', 'group_owner')} union all
  select n.group_id, n.child_id, 'subgroup', null, null, null, null, g.name
  from group_nesting n join people_group g on g.id = n.child_id
  where n.group_id = any($1::text[])
  order by 1, 2, 3`

const connectionsWith = `
  select * from connection where one_id = $1 and other_id = any($2::text[])
  union all
  select * from connection
  where other_id = $1 and one_id = any($2::text[]) and one_id <> other_id`

const attendees = 'select * from attendee where event_number = $1 and person_id = any($2::text[])'
