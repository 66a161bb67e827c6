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
import { foldingOver } from './postgres-folding.ts'
import type { Lines } from './postgres-lines.ts'
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

// The hot reads: SQL of PostgreSQL's own. Look-ups of one kind that come at once are one statement, in which each is a row
// of `w`: its values, whose connection is wanted as `viewer`, and its place among them as `n`.

/** No text that is kept has it in it, and PostgreSQL takes none that has. */
const isStorable = (text: string): boolean => !text.includes('\0')

const isAskable = (value: string | number): boolean =>
  typeof value === 'string' ? isStorable(value) : Number.isSafeInteger(value)

/** The hot reads over lines. @throws Damaged for rows that are not as they were written */
export function hotReads(lines: Lines) {
  const look = foldingOver(lines)
  const rows = <Row>(sql: string, values: readonly unknown[]): Promise<Row[]> =>
    lines.use((line) => line.all<Row>(sql, values))

  /** The row for these values, by a statement for whatever is asked with them. */
  async function rowFor(
    sql: string,
    values: readonly (string | number)[],
    beside: Beside,
  ): Promise<HeldRow | undefined> {
    if (!values.every(isAskable)) return undefined
    const [row] = await look<HeldRow>(sql, parameters(values, beside))
    return row
  }

  async function one(
    condition: string,
    values: readonly (string | number)[],
    beside: Beside,
    expected: (person: Person) => boolean,
  ): Promise<HeldPerson | undefined> {
    const row = await rowFor(foldedPeople(condition, values, beside), values, beside)
    return row && heldFrom(row, expected)
  }

  /**
   * As {@link one}, by a column of people that is at least the last of `values`: in place of somebody who is not there the
   * next is read, or the first where none is next, and not given, so that nobody takes as long as somebody whom the viewer
   * may not know of.
   */
  async function nearest(
    column: 'id' | 'number' | 'user_name_key',
    values: readonly (string | number)[],
    beside: Beside,
    expected: (person: Person) => boolean,
  ): Promise<HeldPerson | undefined> {
    const row = await rowFor(foldedNearest(column, values, beside), values, beside)
    if (row?.asked === 1) return heldFrom(row, expected)
    if (row) readInVain(row)
    return undefined
  }

  async function holder(column: 'hash' | 'id', value: string): Promise<KeyHolder | undefined> {
    if (!isStorable(value)) return undefined
    const [row] = await look<HolderRow>(foldedHolders(column), [value])
    return row && holderFrom(row)
  }

  return {
    byId: (id: PersonId, beside: Beside = {}) =>
      nearest('id', [id], beside, (person) => person.id === id),
    byNumber: (number: number, beside: Beside = {}) =>
      nearest('number', [number], beside, (person) => person.number === number),
    async byUserName(organizationId: OrganizationId, userName: string, beside: Beside = {}) {
      const key = folded(userName)
      const found = await nearest(
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
        'p.organization_id = w.a and p.external_id = w.b',
        [organizationId, externalId],
        beside,
        (person) => person.externalId === externalId,
      ),
    async byIds(ids: readonly PersonId[], beside: Beside = {}): Promise<HeldPerson[]> {
      const asked = new Set<string>(ids.filter(isStorable))
      const from = `unnest($1::text[]) as w(a) ${nearestTo('id', 'w.a')}`
      const sql = selection(words, from, 'true', '$2', beside, ['(p.id = w.a)::int as asked'])
      const found = await rows<HeldRow>(sql, parameters([[...asked]], beside))
      return found.flatMap((row) => {
        if (row.asked === 1) return heldFrom(row, ({ id }) => asked.has(id))
        readInVain(row)
        return []
      })
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
      if (!row?.attendee_number) {
        if (row) readInVain(row)
        return undefined
      }
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
    async byAny(
      organizationId: OrganizationId,
      handles: Handles,
      beside: Beside = {},
    ): Promise<HeldPerson[]> {
      const { ids, userNames, externalIds, verifiedEmails } = handles
      const lists = [ids, userNames.map(folded), externalIds, verifiedEmails]
      const sql = selection(words, 'person p', anyOfThese, '$6', beside)
      const values = [organizationId, ...lists.map((list) => list.filter(isStorable))]
      return heldByAny(await rows<HeldRow>(sql, parameters(values, beside)), handles)
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

function foldedNearest(
  column: 'id' | 'number' | 'user_name_key',
  values: readonly (string | number)[],
  beside: Beside,
): string {
  const value = `w.${letters[values.length - 1]}`
  const within = values.length > 1 ? 'organization_id = w.a and ' : ''
  // The first of all may have that name in another organization.
  const isAsked = `${within && `p.${within}`}p.${column} = ${value}`
  const from = `${asked(values, beside.connectionWith !== undefined)} ${nearestTo(column, value, within)}`
  return selection(words, from, 'true', 'w.viewer', beside, [
    ...['w.n', `(${isAsked})::int as asked`],
  ])
}

const nearestTo = (column: string, value: string, within = ''): string =>
  `join person p on p.id = coalesce(
    (select id from person where ${within}${column} >= ${value} order by ${column} limit 1),
    (select id from person order by id limit 1))`

const foldedHolders = (column: 'hash' | 'id'): string =>
  keyHolders(
    manages,
    `${asked([''], false)} join access_key k on k.${column} = w.a`,
    'true',
    ', w.n',
  )

const manages = "coalesce(json_agg(m.managed_id), '[]')::text"

/** By the attendee's number, else by the person's; else whoever is read in place of nobody. */
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
  const inVain = selection(
    ...([words, 'person p', 'p.number >= $1 order by p.number limit 1', '$3', beside] as const),
    ['null::bigint as attendee_number', 'null as attendee_person'],
  )
  return `select * from (select 1 as rank, one.* from (${byAttendee}) one
    union all select 2 as rank, other.* from (${byPerson}) other
    union all select 3 as rank, nobody.* from (${inVain}) nobody) all_ways order by rank limit 1`
}

const listed = 'p.organization_id = $1 and p.id > $2 order by p.id limit $3'
const having = `p.id in (select person_id from person_email
  where organization_id = $1 and address_key = $2 and verified = 1)`

const anyOfThese = `p.organization_id = $1 and p.id in (
  select unnest($2::text[])
  union select id from person where organization_id = $1 and user_name_key = any($3::text[])
  union select id from person where organization_id = $1 and external_id = any($4::text[])
  union select person_id from person_email
    where organization_id = $1 and address_key = any($5::text[]) and verified = 1)`

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
