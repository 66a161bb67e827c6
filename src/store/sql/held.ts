import { crc32 } from 'node:zlib'
import type { KeyHolder } from '../../access/key.ts'
import type {
  Defaults,
  Group,
  GroupMember,
  Handles,
  HeldPerson,
  Mention,
  Mentioned,
} from '../../directory/ports.ts'
import type { Connection } from '../../gatherings/gatherings.ts'
import type { OrganizationId } from '../../person/ids.ts'
import type { Audiences, Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import type { Signals } from '../../presence/presence.ts'
import { Damaged } from '../damage.ts'
import { connectionFrom } from './gatherings.ts'
import * as queries from './queries.ts'
import type { Tables } from './tables.ts'

// Rows of people with what was read beside them. Whatever decides an answer is held to its checksum: a damaged page
// must not become somebody's data, or an open door.

export interface MemberRow {
  readonly group_id: string
  readonly id: string
  readonly relation: GroupMember['relation']
  readonly mention: string | null
  readonly mention_checksum: number | null
  readonly audiences: string | null
  readonly checksum: number | null
  readonly name: string | null
}

export function memberFrom(row: MemberRow): GroupMember {
  const { group_id: groupId, id, relation, mention, mention_checksum, audiences, checksum } = row
  if (relation === 'subgroup') return { groupId, relation, group: { id, name: row.name ?? '' } }
  const person = mentionFrom(mention ?? '', mention_checksum, audiences, checksum)
  if (person.person.id !== id) throw new Damaged('An index leads to somebody else')
  return { groupId, relation, person }
}

export interface HeldRow {
  readonly id: string
  readonly organization_id: string
  readonly record: string
  readonly record_checksum: number
  readonly audiences: string
  readonly checksum: number
  readonly defaults: string | null
  /** 0 where it is somebody else's, who was read in place of nobody. */
  readonly asked?: number
  readonly attendee_number?: number
  readonly attendee_person?: string
  readonly signals?: string | null
  readonly signals_checksum?: number | null
  readonly groups?: string
  readonly groups_above?: string
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
  readonly blocked_by?: Tables['connection']['blocked_by']
  readonly updated_at?: string | null
}

type GroupRow = [
  id: string,
  organization_id: string,
  name: string,
  manager_id: string | null,
  external_id: string | null,
  description: string | null,
  version: number,
  created_at: string,
  updated_at: string,
]
type MentionRow = [string | null, number | null, string | null, number | null]

export function heldFrom(row: HeldRow, expected: (person: Person) => boolean): HeldPerson {
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
  const groups = rowsIn<[...GroupRow, ...MentionRow]>(row.groups).map((columns) => {
    const [, , , , , , , , , mention, ...rest] = columns
    if (mention !== null) named.push(mentionFrom(mention, ...rest))
    return groupFrom(columns)
  })
  const held: HeldPerson = {
    person,
    organizationAudiences: audiencesFrom(row.audiences, row.checksum),
    signals: row.signals ? parsed<Signals>(row.signals, row.signals_checksum) : undefined,
    groups,
    groupsAbove: rowsIn<GroupRow>(row.groups_above).map(groupFrom),
    named,
    reportees: rowsIn<MentionRow>(row.reportees).map(([mention, ...rest]) =>
      mentionFrom(mention ?? '', ...rest),
    ),
    connection: connectionIn(row),
  }
  return row.defaults === null
    ? held
    : { ...held, organizationDefaults: defaultsFrom(row.defaults) }
}

/** Mostly there are none, or they were not wanted. */
const rowsIn = <Row>(text: string | undefined): readonly Row[] =>
  text === undefined || text === '[]' ? [] : JSON.parse(text)

/**
 * For a row that was read in place of nobody: all the work, and nothing given. Damage of it is for whoever asks for
 * that person.
 */
export function readInVain(row: HeldRow): void {
  try {
    heldFrom(row, () => true)
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
  }
}

function groupFrom(columns: readonly [...GroupRow, ...unknown[]]): Group {
  const [id, organization_id, name, manager_id, external_id, description, version] = columns
  const [, , , , , , , created_at, updated_at] = columns
  return queries.groupFrom({
    ...{ id, organization_id, name, manager_id, external_id, description, version },
    ...{ created_at, updated_at },
  })
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

function connectionIn({
  requester_id,
  addressee_id,
  state,
  rejected_by_id = null,
  blocked_by = null,
  updated_at = null,
}: HeldRow): Connection | undefined {
  if (!requester_id || !addressee_id || !state) return undefined
  return connectionFrom({
    ...{ requester_id, addressee_id, state, rejected_by_id, blocked_by, updated_at },
  })
}

/** Those of the rows that were found by these handles whom they are meant for. */
export function heldByAny(rows: readonly HeldRow[], handles: Handles): HeldPerson[] {
  const isKnown = knownBy(handles)
  // Somebody deleted is kept under their id, which is not their name.
  const expected = (person: Person) => person.lifecycle === 'deleted' || isKnown(person)
  return rows.map((row) => heldFrom(row, expected)).filter(({ person }) => isKnown(person))
}

/** Whether somebody has one of these handles; deleted ones have their ids alone. */
function knownBy(handles: Handles): (person: Person) => boolean {
  const ids = new Set(handles.ids)
  const names = new Set(handles.userNames.map(folded))
  const externalIds = new Set(handles.externalIds)
  const addresses = new Set(handles.verifiedEmails)
  return ({ id, userName, externalId, emails, lifecycle }) =>
    ids.has(id) ||
    (lifecycle !== 'deleted' &&
      (names.has(folded(userName)) ||
        (externalId !== undefined && externalIds.has(externalId)) ||
        emails.some(({ verified, normalized }) => verified && addresses.has(normalized))))
}

export type HolderRow = Tables['access_key'] & {
  readonly record: string | null
  readonly record_checksum: number | null
  readonly time_zone: string | null
  readonly manages: string
}

export function holderFrom(row: HolderRow): KeyHolder {
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
const knownDefaults = new Map<string, Defaults>()
const mostKnown = 10_000

function audiencesFrom(
  text: string | null | undefined,
  checksum: number | null | undefined,
): Audiences {
  return known(knownAudiences, `${checksum} ${text}`, () => parsed(text ?? '', checksum))
}

/** By the checksum, a space and the text. */
function defaultsFrom(column: string): Defaults {
  return known(knownDefaults, column, () => {
    const space = column.indexOf(' ')
    return parsed(column.slice(space + 1), Number(column.slice(0, space)))
  })
}

function known<T>(all: Map<string, T>, name: string, read: () => T): T {
  const found = all.get(name)
  if (found !== undefined) return found
  const value = read()
  if (all.size >= mostKnown) all.clear()
  all.set(name, value)
  return value
}
