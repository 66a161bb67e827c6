import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Audience } from '../../person/person.ts'
import { comparable, entryOf } from '../../search/matches.ts'
import {
  type Condition,
  type Eyes,
  type Field,
  type Found,
  groupFields,
  groupLists,
  type Operator,
  type Order,
  type PeopleSearch,
  type PersonField,
  personFields,
  personLists,
  type Scalar,
  type Search,
} from '../../search/search.ts'
import { lettersOf, placeInSight } from './sight.ts'
import type { Tables } from './tables.ts'

// Conditions as SQL. What callers send becomes parameters and nothing else: every name is one of ours.

export type Sql = RawBuilder<unknown>

/** What engines say in different words. None of it is null for what is none. */
export interface Engine {
  /** A value in a record or an item, by its path; null where there is none. */
  valueAt(json: Sql, path: readonly string[]): Sql
  /** The items of a record's list, as rows with `value` and, in their order, `key`. */
  items(record: Sql, list: string): Sql
  folded(text: Sql): Sql
  contains(text: Sql, part: string): Sql
  startsWith(text: Sql, part: string): Sql
  endsWith(text: Sql, part: string): Sql
  /** As a parameter. */
  parameter(value: Scalar): Sql
  asNumber(value: Sql): Sql
  /** True; and what takes too long ends at the next of those who are looked at. */
  inTime(id: Sql): Sql
}

/** A search as queries, all of which are to be made as of one moment. */
export interface SearchQueries {
  readonly queries: readonly Pick<CompiledQuery, 'sql' | 'parameters'>[]
  /** What was found, by the rows of each query. */
  found(rows: readonly (readonly Row[])[]): Found<string>
}

interface Row {
  /** Of nobody, where there is a total alone. */
  readonly id?: string | null
  readonly key?: Scalar | null
  readonly total?: number | bigint
}

export function peopleSearch(
  db: Kysely<Tables>,
  engine: Engine,
  search: PeopleSearch,
): SearchQueries {
  const asked = peopleAsked(engine, search.eyes)
  const among = sql`p.organization_id = ${search.organizationId} and p.lifecycle <> 'deleted'
    and ${asked.exists}`
  return searchQueries(db, engine, search, {
    ...{ asked, among, table: sql`person p`, id: sql`p.id` },
    narrowed: narrowedPeople(search),
  })
}

export function groupSearch(db: Kysely<Tables>, engine: Engine, search: Search): SearchQueries {
  return searchQueries(db, engine, search, {
    asked: groupsAsked(engine),
    among: sql`g.organization_id = ${search.organizationId}`,
    ...{ table: sql`people_group g`, id: sql`g.id` },
    narrowed: narrowedGroups(search),
  })
}

// What a condition is asked of.

interface AskedField {
  readonly kind: Field['kind']
  /** In the form in which it is compared; null where there is none. */
  readonly value: Sql
  /** Whether it may be seen; absent where nobody is in question. */
  readonly seen?: Sql
}

interface AskedList {
  /** Rows of the list, under the name of `i`. */
  readonly rows: Sql
  /** The columns by which they are in order: the primary one first. */
  readonly inOrder: Sql
  readonly seen?: Sql
  item(name: string): AskedField
}

interface Asked {
  field(name: string): AskedField
  list(name: string): AskedList
  isList(name: string): boolean
}

const yes = sql`true`
const no = sql`false`

function peopleAsked(engine: Engine, eyes: Eyes): Asked & { readonly exists: Sql } {
  const sees = sightOf(eyes)
  const known = sql`exists (select 1 from person m where m.id = p.manager_id
    and m.organization_id = p.organization_id and m.lifecycle <> 'deleted'
    and ${sees('existence', 'm') ?? yes})`
  const seen = (rule: PersonField['rule']) => withSeen(sees(rule, 'p'))
  return {
    exists: sees('existence', 'p') ?? yes,
    field(name) {
      const field = entryOf(personFields, name)
      const value = personColumns[name] ?? inForm(engine, field, sql`p.record`)
      const may = sees(field.rule, 'p')
      if (name !== 'managerId' || eyes.all) return { kind: field.kind, value, ...withSeen(may) }
      return { kind: field.kind, value, seen: sql`(${may ?? yes} and ${known})` }
    },
    list(name) {
      const { rule, items } = entryOf(personLists, name)
      if (name === 'groups') return { ...groupsOf(engine, items), ...seen(rule) }
      const primary = engine.valueAt(sql`i.value`, ['primary'])
      return {
        rows: sql`${engine.items(sql`p.record`, name)} i`,
        inOrder: Object.hasOwn(items, 'primary')
          ? sql`coalesce(${primary} = ${engine.parameter(true)}, false) desc, i.key`
          : sql`i.key`,
        item: (part) => itemField(engine, entryOf(items, part)),
        ...seen(rule),
      }
    },
    isList: (name) => Object.hasOwn(personLists, name),
  }
}

/** Nobody whose name, or other mark, is a column of its own has it read from the record. */
const personColumns: Readonly<Record<string, Sql>> = {
  id: sql`p.id`,
  number: sql`p.number`,
  userName: sql`p.user_name_key`,
  externalId: sql`p.external_id`,
  managerId: sql`p.manager_id`,
  lifecycle: sql`p.lifecycle`,
}

function groupsOf(engine: Engine, items: Readonly<Record<string, Field>>): AskedList {
  const columns: Readonly<Record<string, Sql>> = { id: sql`i.id`, name: sql`i.name` }
  return {
    rows: sql`(select g.id, g.name from membership b join people_group g on g.id = b.group_id
      where b.person_id = p.id) i`,
    inOrder: sql`i.id`,
    item: (part) => columnField(engine, entryOf(items, part), columns),
  }
}

function groupsAsked(engine: Engine): Asked {
  const rows: Readonly<Record<string, Sql>> = {
    members: sql`(select b.person_id as id from membership b join person m on m.id = b.person_id
      where b.group_id = g.id and m.lifecycle <> 'deleted'
      union all select n.child_id from group_nesting n where n.group_id = g.id) i`,
    owners: sql`(select b.person_id as id from group_owner b join person m on m.id = b.person_id
      where b.group_id = g.id and m.lifecycle <> 'deleted') i`,
  }
  return {
    field: (name) => columnField(engine, entryOf(groupFields, name), groupColumns),
    list: (name) => ({
      rows: entryOf(rows, name),
      inOrder: sql`i.id`,
      item: (part) =>
        columnField(engine, entryOf(entryOf(groupLists, name), part), { id: sql`i.id` }),
    }),
    isList: (name) => Object.hasOwn(groupLists, name),
  }
}

const groupColumns: Readonly<Record<string, Sql>> = {
  id: sql`g.id`,
  externalId: sql`g.external_id`,
  name: sql`g.name`,
  description: sql`g.description`,
  createdAt: sql`g.created_at`,
  updatedAt: sql`g.updated_at`,
}

function columnField(
  engine: Engine,
  { path, kind }: Field,
  columns: Readonly<Record<string, Sql>>,
): AskedField {
  const column = entryOf(columns, path.join('.'))
  return { kind, value: kind === 'caseless' ? engine.folded(column) : column }
}

const itemField = (engine: Engine, field: Field): AskedField => ({
  kind: field.kind,
  value: inForm(engine, field, sql`i.value`),
})

/** A value of a record or an item in the form in which those of its kind are compared. */
function inForm(engine: Engine, { path, kind }: Field, json: Sql): Sql {
  const value = path.length === 0 ? json : engine.valueAt(json, path)
  if (kind === 'caseless') return engine.folded(value)
  return kind === 'number' ? engine.asNumber(value) : value
}

const withSeen = (seen: Sql | undefined) => (seen === undefined ? {} : { seen })

/** Whether a person's fields under a rule may be seen; undefined where they may in any case. */
function sightOf(eyes: Eyes) {
  const { all, personId, defaults } = eyes
  const connected = (alias: Sql) =>
    personId === undefined
      ? no
      : sql`exists (select 1 from connection c where c.state = 'accepted'
          and (c.one_id = ${alias}.id and c.other_id = ${personId}
            or c.one_id = ${personId} and c.other_id = ${alias}.id))`

  return (rule: PersonField['rule'], name: 'p' | 'm'): Sql | undefined => {
    if (rule === 'internal') return no
    if (all) return undefined
    if (rule === 'administrators') return no
    const alias = sql.raw(name)
    const self = personId === undefined ? no : sql`${alias}.id = ${personId}`
    if (rule === 'own') return self
    const letter = sql`substr(${alias}.sight, ${sql.lit(placeInSight(rule))}, 1)`
    const among = (audiences: readonly Audience[]) =>
      isOneOf(letter, lettersOf(audiences, defaults[rule]))
    return sql`(${among(['everyone', 'organization'])} or ${self}
      or ${among(['connections'])} and ${connected(alias)})`
  }
}

/** So many of them, whatever the letters, that a statement's text does not depend on what was decided. */
const mostLetters = 3

function isOneOf(letter: Sql, letters: string): Sql {
  const each = Array.from({ length: mostLetters }, (_, index) => sql`${letters[index] ?? ''}`)
  return sql`${letter} in (${sql.join(each)})`
}

// Conditions. Every one of them is true or false, so that `not` makes the one of the other.

function predicate(engine: Engine, condition: Condition, asked: Asked): Sql {
  switch (condition.op) {
    case 'and':
    case 'or':
      return joined(
        condition.op,
        condition.of.map((one) => predicate(engine, one, asked)),
      )
    case 'not':
      return sql`not ${predicate(engine, condition.of, asked)}`
    case 'some': {
      const { rows, seen, item } = asked.list(condition.list)
      const where = condition.where && predicate(engine, condition.where, itemAsked(item))
      return whereSeen(seen, sql`exists (select 1 from ${rows} where ${where ?? yes})`)
    }
    case 'present': {
      const { kind, value, seen } = asked.field(condition.field)
      const text = kind !== 'number' && kind !== 'boolean'
      return whereSeen(
        seen,
        text ? sql`coalesce(${value} <> '', false)` : sql`${value} is not null`,
      )
    }
    default: {
      const field = asked.field(condition.field)
      const sought = comparable(field.kind, condition.value)
      if (sought === undefined || (field.kind === 'boolean' && condition.op !== 'eq')) return no
      const compared = comparison(engine, condition.op, field.value, sought)
      return whereSeen(field.seen, sql`coalesce(${compared}, false)`)
    }
  }
}

const joined = (op: 'and' | 'or', all: readonly Sql[]): Sql =>
  all.length === 0 ? (op === 'and' ? yes : no) : sql`(${sql.join(all, sql.raw(` ${op} `))})`

const whereSeen = (seen: Sql | undefined, test: Sql): Sql =>
  seen === undefined ? sql`(${test})` : sql`(${seen} and ${test})`

const itemAsked = (item: (name: string) => AskedField): Asked => ({
  field: item,
  list: (name) => entryOf({}, name),
  isList: () => false,
})

function comparison(engine: Engine, op: Operator, value: Sql, sought: Scalar): Sql {
  const comparator = comparators[op]
  if (comparator !== undefined) {
    return sql`${value} ${sql.raw(comparator)} ${engine.parameter(sought)}`
  }
  if (typeof sought !== 'string') return no
  if (op === 'co') return engine.contains(value, sought)
  return op === 'sw' ? engine.startsWith(value, sought) : engine.endsWith(value, sought)
}

const comparators: Readonly<Partial<Record<Operator, string>>> = {
  eq: '=',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
}

// Orders and pages.

function keyOf({ field: name }: Order, asked: Asked): Sql {
  if (!asked.isList(name)) {
    const { value, seen } = asked.field(name)
    return seen === undefined ? value : sql`case when ${seen} then ${value} end`
  }
  const { rows, inOrder, item, seen } = asked.list(name)
  const value = sql`(select ${item('value').value} from ${rows} order by ${inOrder} limit 1)`
  return seen === undefined ? value : sql`case when ${seen} then ${value} end`
}

/** Those who come after a place. What has no key comes last, or first where the order is descending. */
function afterPlace(
  engine: Engine,
  { key, id }: { readonly key: Scalar | null; readonly id: string },
  descending: boolean,
): Sql {
  if (key === null) {
    const later = sql`k.key is null and k.id > ${id}`
    return descending ? sql`(k.key is not null or ${later})` : later
  }
  const place = engine.parameter(key)
  const beyond = descending ? sql`k.key < ${place}` : sql`(k.key > ${place} or k.key is null)`
  return sql`(${beyond} or k.key = ${place} and k.id > ${id})`
}

interface Realm {
  readonly asked: Asked
  readonly table: Sql
  readonly id: Sql
  /** Those who are in question at all. */
  readonly among: Sql
  /** Ids, found by an index, of all who can fulfil the condition, and maybe of some more. */
  readonly narrowed: Sql | undefined
}

function searchQueries(
  db: Kysely<Tables>,
  engine: Engine,
  { condition, order, from, limit, total }: Search,
  { asked, table, id, among, narrowed }: Realm,
): SearchQueries {
  // Were it left to the engine, it might go through the whole organization: it does not know how large that is.
  const source =
    narrowed === undefined
      ? sql`${table} where`
      : sql`(${narrowed}) n cross join ${table} where ${id} = n.id and`
  const fits = sql`${source} ${among} and ${engine.inTime(id)}
    and ${condition ? predicate(engine, condition, asked) : yes}`
  const key = order ? keyOf(order, asked) : sql`null`
  const all = sql`select ${id} as id, ${key} as key from ${fits}`
  const page = pageOf(engine, { order, from, limit })
  const keysAreBooleans = order !== undefined && isBoolean(order, asked)
  const compiled = (...queries: readonly Sql[]) => queries.map((query) => query.compile(db))
  const found = (rows: readonly Row[] = [], counted: readonly Row[] = []): Found<string> => ({
    places: rows.flatMap((row) => placeFrom(row, keysAreBooleans)),
    ...(total && { total: Number(counted[0]?.total ?? 0) }),
  })

  if (total && limit > 0 && condition) {
    // What takes long is to look at everybody: it is done once for the two.
    const both = sql`with k as materialized (${all})
      select t.total, b.id, b.key from (select count(*) as total from k) t
        left join (select k.id, k.key from k ${page}) b on true ${inOrder(order, sql`b`)}`
    return { queries: compiled(both), found: ([rows]) => found(rows, rows) }
  }
  const places = sql`select k.id, k.key from (${all}) k ${page}`
  const count = sql`select count(*) as total from ${fits}`
  if (limit === 0)
    return { queries: total ? compiled(count) : [], found: ([rows]) => found([], rows) }
  return {
    queries: total ? compiled(places, count) : compiled(places),
    found: ([rows, counted]) => found(rows, counted),
  }
}

/** Without an order, what goes on from a place can be found by the id. */
function pageOf(
  engine: Engine,
  { order, from, limit }: Pick<Search, 'from' | 'limit'> & { readonly order: Order | undefined },
): Sql {
  const skipped = 'skip' in from ? sql`limit ${limit} offset ${from.skip}` : sql`limit ${limit}`
  const sorted = sql`${inOrder(order, sql`k`)} ${skipped}`
  if ('skip' in from) return sorted
  const after = order
    ? afterPlace(engine, from.after, order.descending)
    : sql`k.id > ${from.after.id}`
  return sql`where ${after} ${sorted}`
}

function inOrder(order: Order | undefined, rows: Sql): Sql {
  if (order === undefined) return sql`order by ${rows}.id`
  const direction = order.descending ? sql`desc nulls first` : sql`asc nulls last`
  return sql`order by ${rows}.key ${direction}, ${rows}.id`
}

const isBoolean = ({ field }: Order, asked: Asked): boolean =>
  !asked.isList(field) && asked.field(field).kind === 'boolean'

/** Some engines have numbers for booleans. */
function placeFrom({ id, key }: Row, keysAreBooleans: boolean): Found<string>['places'] {
  if (!id) return []
  return [{ id, key: keysAreBooleans && key !== null ? Boolean(key) : (key ?? null) }]
}

// Narrowing: what is asked of everybody by name is looked up, and the condition then asked of those few.

/** The conditions that all have to hold. */
function required(condition: Condition | undefined): readonly Condition[] {
  if (condition === undefined) return []
  return condition.op === 'and' ? condition.of.flatMap(required) : [condition]
}

/** The value that a field has to equal, or the `value` of some item of a list. */
function equalled(all: readonly Condition[], name: string, list: boolean): unknown {
  for (const one of all) {
    if (one.op === 'eq' && !list && one.field === name) return one.value
    if (one.op === 'some' && list && one.list === name) {
      const value = equalled(required(one.where), 'value', false)
      if (value !== undefined) return value
    }
  }
  return undefined
}

type Lookup = readonly [name: string, ids: (value: string) => Sql]

function narrowedPeople({ organizationId, condition }: PeopleSearch): Sql | undefined {
  const own = sql`organization_id = ${organizationId}`
  const lookups: readonly Lookup[] = [
    ['id', (id) => sql`select id from person where id = ${id}`],
    ['userName', (key) => sql`select id from person where ${own} and user_name_key = ${key}`],
    ['externalId', (id) => sql`select id from person where ${own} and external_id = ${id}`],
    [
      'emails',
      (key) => sql`select person_id as id from person_email where ${own} and address_key = ${key}`,
    ],
    ['managerId', (id) => sql`select id from person where manager_id = ${id}`],
    ['groups', (id) => sql`select person_id as id from membership where group_id = ${id}`],
  ]
  return narrowed(lookups, condition, (name) =>
    Object.hasOwn(personLists, name)
      ? personLists[name]?.items.value?.kind
      : personFields[name]?.kind,
  )
}

function narrowedGroups({ organizationId, condition }: Search): Sql | undefined {
  const own = sql`organization_id = ${organizationId}`
  const lookups: readonly Lookup[] = [
    ['id', (id) => sql`select id from people_group where id = ${id}`],
    ['name', (key) => sql`select id from people_group where ${own} and name_key = ${key}`],
    ['externalId', (id) => sql`select id from people_group where ${own} and external_id = ${id}`],
    ['owners', (id) => sql`select group_id as id from group_owner where person_id = ${id}`],
    [
      'members',
      (id) => sql`select group_id as id from membership where person_id = ${id}
        union select group_id from group_nesting where child_id = ${id}`,
    ],
  ]
  return narrowed(lookups, condition, (name) =>
    Object.hasOwn(groupLists, name) ? groupLists[name]?.value?.kind : groupFields[name]?.kind,
  )
}

/** The first lookup for which there is a value. */
function narrowed(
  lookups: readonly Lookup[],
  condition: Condition | undefined,
  kindOf: (name: string) => Field['kind'] | undefined,
): Sql | undefined {
  const all = required(condition)
  for (const [name, ids] of lookups) {
    const isList = Object.hasOwn(personLists, name) || Object.hasOwn(groupLists, name)
    const value = comparable(kindOf(name) ?? 'exact', equalled(all, name, isList))
    if (typeof value === 'string') return ids(value)
  }
  return undefined
}
