import type { Audiences, FieldGroup, Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import { audienceOf, audiencesInForce, audiencesTowards } from '../privacy/rules.ts'
import {
  type Between,
  type Condition,
  type Eyes,
  type Field,
  groupFields,
  groupLists,
  type Kind,
  type Operator,
  type Order,
  type PersonField,
  personFields,
  personLists,
  type Scalar,
} from './search.ts'
import { prefixForm, wordsOf } from './words.ts'

/** What decides who may see what of somebody. */
export interface Seeable {
  readonly person: Pick<Person, 'id' | 'organizationId' | 'audiences' | 'lifecycle'>
  /** What the person's organization decides for those who have not. */
  readonly organizationAudiences: Audiences
  /** What is between the person and the eyes, as the eyes see it. */
  readonly between: Between
  /** The person wants nothing of who looks. */
  readonly unwelcome?: boolean
}

/** A person with what the record alone does not tell. */
export interface Subject extends Seeable {
  readonly person: Person
  /** Those that the person is in, directly; by id. */
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  /** Those that they are in, directly or through others, and the person is not; by id. */
  readonly groupsAbove: Subject['groups']
  /** Whether the eyes may know that the person's manager exists: an id names somebody, too. */
  readonly managerKnown: boolean
  /** The manager's display name, where the eyes may see it in the manager's own record. */
  readonly managerName?: string | undefined
}

/** A group with the ids of who and what is directly in it, and of who looks after it; by id. */
export interface GroupSubject {
  readonly group: object
  readonly members: readonly string[]
  readonly owners: readonly string[]
}

/** Whether the person fulfils `condition`, as far as `eyes` may see. */
export const matches = (condition: Condition, subject: Subject, eyes: Eyes): boolean =>
  fulfils(condition, personSeen(subject, eyes))

/** What the person is put in order by, in the form in which it is compared; null where there is nothing. */
export const keyOf = (order: Order, subject: Subject, eyes: Eyes): Scalar | null =>
  keyIn(order, personSeen(subject, eyes))

/** Whether `eyes` may know of the person: nobody is told of those who are deleted. */
export const existsFor = (subject: Seeable, eyes: Eyes): boolean =>
  subject.person.lifecycle !== 'deleted' && sightOf(subject, eyes)('existence')

/** The display name of somebody, where `eyes` may see it. */
export const nameOf = (
  subject: Seeable & { readonly person: Pick<Person, 'displayName'> },
  eyes: Eyes,
): string | undefined =>
  sightOf(subject, eyes)(entryOf(personFields, 'displayName').rule)
    ? subject.person.displayName
    : undefined

/** What holds in an organization for those who have not decided. */
export const audiencesByDefault = (organization: Audiences): Required<Audiences> =>
  audiencesInForce({}, organization)

/** {@link matches} for a group. */
export const groupMatches = (condition: Condition, subject: GroupSubject): boolean =>
  fulfils(condition, groupSeen(subject))

/** {@link keyOf} for a group. */
export const groupKeyOf = (order: Order, subject: GroupSubject): Scalar | null =>
  keyIn(order, groupSeen(subject))

/** Below zero when `one` comes before `other`. Texts by code point, which is not JavaScript's own order. */
export function compared(one: Scalar, other: Scalar): number {
  if (typeof one === 'string' && typeof other === 'string') {
    return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))
  }
  return Number(one) - Number(other)
}

/** A value in the form in which those of its kind are compared; undefined for what is not of that kind. */
export function comparable(kind: Kind, value: unknown): Scalar | undefined {
  if (kind === 'number' || kind === 'boolean') {
    return typeof value === kind ? (value as Scalar) : undefined
  }
  if (typeof value !== 'string') return undefined
  return kind === 'caseless' ? folded(value) : value
}

/** {@link comparable} of a field of a record or an item. */
export const comparableAt = (from: unknown, { path, kind }: Field): Scalar | undefined =>
  comparable(kind, within(from, path))

function within(from: unknown, path: readonly string[]): unknown {
  let value = from
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

/** The entry of a table by its name. @throws Error when there is none: what callers send is no such name */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  if (entry === undefined) throw new Error(`Nothing called "${name}" can be asked for`)
  return entry
}

// What a condition is asked of.

/** Whatever has fields and lists. What is absent or hidden is undefined, or an empty list. */
interface Seen {
  field(name: string): { readonly kind: Kind; readonly value: Scalar | undefined }
  items(list: string): readonly SeenItem[]
  isList(name: string): boolean
  hasWord(prefix: string): boolean
  is(state: Between): boolean
}

interface SeenItem extends Seen {
  readonly primary: boolean
}

function personSeen(subject: Subject, eyes: Eyes): Seen {
  const { person, groups, groupsAbove, managerKnown, managerName } = subject
  const sees = sightOf(subject, eyes)
  const administers = eyes.administers.has(person.organizationId)
  const typed = (type: string) => (group: Subject['groups'][number]) => ({ ...group, type })
  const ownLists: Readonly<Record<string, () => readonly object[]>> = {
    groups: () => groups,
    // By their ids, directly in them or not: a list is ordered by the first.
    allGroups: () =>
      [...groups.map(typed('direct')), ...groupsAbove.map(typed('indirect'))].sort((one, other) =>
        compared(one.id, other.id),
      ),
  }
  return {
    field(name) {
      const field = entryOf(personFields, name)
      const hidden = name === 'managerId' && !administers && !managerKnown
      const record = name === 'managerName' ? { managerName } : person
      return valueAt(sees(field.rule) && !hidden ? record : undefined, field)
    },
    items(name) {
      const { rule, items, path = [name] } = entryOf(personLists, name)
      const all = ownLists[name]?.() ?? (within(person, path) as readonly unknown[] | undefined)
      return sees(rule) ? itemsSeen(all ?? [], items) : []
    },
    isList: (name) => Object.hasOwn(personLists, name),
    hasWord(prefix) {
      const sought = prefixForm(prefix)
      // Nothing but signs is the beginning of no word.
      if (sought === '') return false
      return wordsOf(person).some(({ word, rule }) => sees(rule) && word.startsWith(sought))
    },
    is: (state) => subject.between === state,
  }
}

/** What is asked of people alone. */
const ofPeopleAlone = {
  hasWord: () => entryOf<boolean>({}, 'word'),
  is: () => entryOf<boolean>({}, 'connection'),
}

function groupSeen({ group, members, owners }: GroupSubject): Seen {
  const ids: Readonly<Record<string, readonly string[]>> = { members, owners }
  return {
    field: (name) => valueAt(group, entryOf(groupFields, name)),
    items: (name) =>
      itemsSeen(
        entryOf(ids, name).map((id) => ({ id })),
        entryOf(groupLists, name),
      ),
    isList: (name) => Object.hasOwn(groupLists, name),
    ...ofPeopleAlone,
  }
}

const itemsSeen = (
  items: readonly unknown[],
  fields: Readonly<Record<string, Field>>,
): readonly SeenItem[] =>
  items.map((item) => ({
    primary: Object.hasOwn(fields, 'primary') && (item as { primary?: unknown }).primary === true,
    field: (name) => valueAt(item, entryOf(fields, name)),
    items: (name) => entryOf({}, name),
    isList: () => false,
    ...ofPeopleAlone,
  }))

const valueAt = (from: unknown, field: Field) => ({
  kind: field.kind,
  value: comparableAt(from, field),
})

function sightOf(
  { person, organizationAudiences, between, unwelcome }: Seeable,
  eyes: Eyes,
): (rule: PersonField['rule']) => boolean {
  const audiences = audiencesTowards(person.audiences, unwelcome)
  const administers = eyes.administers.has(person.organizationId)
  const near = administers || eyes.personId === person.id
  const belongs = (group: FieldGroup): boolean => {
    switch (audienceOf(group, audiences, organizationAudiences)) {
      case 'everyone':
        return true
      case 'organization':
        return eyes.organizationId === person.organizationId
      case 'event':
        return eyes.personId !== undefined && eyes.attends === true
      case 'connections':
        return between === 'accepted'
      case 'nobody':
        return false
    }
  }
  return (rule) => {
    if (rule === 'internal') return false
    if (rule === 'administrators') return administers
    return near || (rule !== 'own' && belongs(rule))
  }
}

// Conditions and orders.

function fulfils(condition: Condition, seen: Seen, whose = seen): boolean {
  switch (condition.op) {
    case 'and':
      return condition.of.every((one) => fulfils(one, seen, whose))
    case 'or':
      return condition.of.some((one) => fulfils(one, seen, whose))
    case 'not':
      return !fulfils(condition.of, seen, whose)
    case 'some': {
      const { list, where } = condition
      return seen.items(list).some((item) => where === undefined || fulfils(where, item, seen))
    }
    case 'same': {
      const { value } = seen.field(condition.field)
      return value !== undefined && value === whose.field(condition.as).value
    }
    case 'present': {
      const { value } = seen.field(condition.field)
      return value !== undefined && value !== ''
    }
    case 'word':
      return seen.hasWord(condition.prefix)
    case 'connection':
      return seen.is(condition.state)
    default: {
      const { kind, value } = seen.field(condition.field)
      const sought = comparable(kind, condition.value)
      if (value === undefined || sought === undefined) return false
      return kind === 'boolean' && condition.op !== 'eq'
        ? false
        : holds[condition.op](value, sought)
    }
  }
}

const holds: Record<Operator, (value: Scalar, sought: Scalar) => boolean> = {
  eq: (value, sought) => value === sought,
  co: (value, sought) => areTexts(value, sought) && String(value).includes(String(sought)),
  sw: (value, sought) => areTexts(value, sought) && String(value).startsWith(String(sought)),
  ew: (value, sought) => areTexts(value, sought) && String(value).endsWith(String(sought)),
  gt: (value, sought) => compared(value, sought) > 0,
  ge: (value, sought) => compared(value, sought) >= 0,
  lt: (value, sought) => compared(value, sought) < 0,
  le: (value, sought) => compared(value, sought) <= 0,
}

const areTexts = (...values: readonly Scalar[]): boolean =>
  values.every((value) => typeof value === 'string')

function keyIn({ field }: Order, seen: Seen): Scalar | null {
  if (!seen.isList(field)) return seen.field(field).value ?? null
  const items = seen.items(field)
  const first = items.find(({ primary }) => primary) ?? items[0]
  return first?.field('value').value ?? null
}
