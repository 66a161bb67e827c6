import type { FieldGroup, Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import {
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

/** A person with what the record alone does not tell. */
export interface Subject {
  readonly person: Person
  /** Those that the person is in, directly; by id. */
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  /** Whether the eyes may know that the person's manager exists: an id names somebody, too. */
  readonly managerKnown: boolean
}

/** A group with the ids of who and what is directly in it, and of who looks after it; by id. */
export interface GroupSubject {
  readonly group: object
  readonly members: readonly string[]
  readonly owners: readonly string[]
}

/** Whether the person fulfils `condition`, as far as `eyes` may see; `connected` to whom they belong. */
export const matches = (
  condition: Condition,
  subject: Subject,
  eyes: Eyes,
  connected: boolean,
): boolean => fulfils(condition, personSeen(subject, eyes, connected))

/** What the person is put in order by, in the form in which it is compared; null where there is nothing. */
export const keyOf = (
  order: Order,
  subject: Subject,
  eyes: Eyes,
  connected: boolean,
): Scalar | null => keyIn(order, personSeen(subject, eyes, connected))

/** Whether `eyes` may know of the person: nobody is told of those who are deleted. */
export const existsFor = (
  person: Pick<Person, 'id' | 'audiences' | 'lifecycle'>,
  eyes: Eyes,
  connected: boolean,
): boolean => person.lifecycle !== 'deleted' && sightOf(person, eyes, connected)('existence')

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
}

interface SeenItem extends Seen {
  readonly primary: boolean
}

function personSeen(subject: Subject, eyes: Eyes, connected: boolean): Seen {
  const { person, groups, managerKnown } = subject
  const sees = sightOf(person, eyes, connected)
  return {
    field(name) {
      const field = entryOf(personFields, name)
      const hidden = name === 'managerId' && !eyes.all && !managerKnown
      return valueAt(sees(field.rule) && !hidden ? person : undefined, field)
    },
    items(name) {
      const { rule, items } = entryOf(personLists, name)
      const all = name === 'groups' ? groups : person[name as keyof Person]
      return sees(rule) ? itemsSeen((all ?? []) as readonly unknown[], items) : []
    },
    isList: (name) => Object.hasOwn(personLists, name),
  }
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
  }))

function valueAt(from: unknown, { path, kind }: Field) {
  let value = from
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name]
  return { kind, value: comparable(kind, value) }
}

function sightOf(
  person: Pick<Person, 'id' | 'audiences'>,
  eyes: Eyes,
  connected: boolean,
): (rule: PersonField['rule']) => boolean {
  const near = eyes.all || eyes.personId === person.id
  const belongs = (group: FieldGroup): boolean => {
    const audience = person.audiences[group] ?? eyes.defaults[group]
    if (audience === 'connections') return connected && eyes.personId !== undefined
    // Whoever is searched for is a colleague: it is always one's own organization.
    return audience === 'everyone' || audience === 'organization'
  }
  return (rule) => {
    if (rule === 'internal') return false
    if (rule === 'administrators') return eyes.all
    return near || (rule !== 'own' && belongs(rule))
  }
}

// Conditions and orders.

function fulfils(condition: Condition, seen: Seen): boolean {
  switch (condition.op) {
    case 'and':
      return condition.of.every((one) => fulfils(one, seen))
    case 'or':
      return condition.of.some((one) => fulfils(one, seen))
    case 'not':
      return !fulfils(condition.of, seen)
    case 'some': {
      const { list, where } = condition
      return seen.items(list).some((item) => where === undefined || fulfils(where, item))
    }
    case 'present': {
      const { value } = seen.field(condition.field)
      return value !== undefined && value !== ''
    }
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
