import { type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import { comparable, entryOf } from '../../search/matches.ts'
import {
  type Between,
  type Condition,
  type EventSearch,
  type Eyes,
  type Field,
  type Found,
  groupFields,
  groupLists,
  type Inquiry,
  type Operator,
  type Order,
  type PeopleSearch,
  type PersonField,
  personFields,
  personLists,
  type Scalar,
  type Search,
} from '../../search/search.ts'
import {
  afterAll,
  displayNameWords,
  prefixForm,
  type WordRule,
  wordRules,
} from '../../search/words.ts'
import { bitOf, digestFields } from './digest.ts'
import { letters, placeInSight, undecided } from './sight.ts'
import type { Tables } from './tables.ts'

// Conditions as SQL. What callers send becomes parameters and nothing else: every name is one of ours.

export type Sql = RawBuilder<unknown>

/** What engines say in different words. None of it is null for what is none. */
export interface Engine {
  /** A value in a record or an item, by its path; null where there is none. */
  valueAt(json: Sql, path: readonly string[]): Sql
  /** The items of a record's list, as rows with `value` and, in their order, `key`. */
  items(record: Sql, path: readonly string[]): Sql
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
  /** Few are looked at, as far as can be told beforehand: they are found by an index, and not everybody is put in order. */
  readonly isShort: boolean
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
  const { organizationId, eyes } = search
  const narrowed = narrowedPeople(search)
  const asked = peopleAsked(engine, eyes, {
    organization: sql`${organizationId}`,
    colleague: organizationId === eyes.organizationId ? yes : no,
    administered: eyes.administers.has(organizationId) ? yes : no,
    narrowedTo: narrowed?.words,
  })
  return searchQueries(db, engine, search, {
    asked,
    among: sql`p.organization_id = ${organizationId} and p.lifecycle <> 'deleted'
      and ${asked.exists}`,
    table: () => sql`person p${asked.digest()}`,
    ...{ id: sql`p.id`, narrowed: narrowed?.ids },
    areFew: !narrowed?.words || prefixForm(narrowed.words.prefix).length >= fewBegin,
  })
}

export function eventSearch(
  db: Kysely<Tables>,
  engine: Engine,
  search: EventSearch,
): SearchQueries {
  const { eventNumber, eyes } = search
  const administers = [...eyes.administers].map((id) => sql`${id}`)
  const asked = peopleAsked(engine, eyes, {
    organization: sql`p.organization_id`,
    colleague: sql`p.organization_id = ${eyes.organizationId}`,
    administered:
      administers.length > 0 ? sql`p.organization_id in (${sql.join(administers)})` : no,
  })
  return searchQueries(db, engine, search, {
    asked,
    among: sql`a.event_number = ${eventNumber} and p.id = a.person_id
      and p.lifecycle <> 'deleted' and ${asked.exists}`,
    table: () => sql`attendee a cross join person p${asked.digest()}`,
    ...{ id: sql`a.person_id`, narrowed: narrowedAnywhere(search) },
  })
}

export function groupSearch(db: Kysely<Tables>, engine: Engine, search: Search): SearchQueries {
  return searchQueries(db, engine, search, {
    asked: groupsAsked(engine),
    among: sql`g.organization_id = ${search.organizationId}`,
    ...{ table: () => sql`people_group g`, id: sql`g.id` },
    narrowed: narrowedGroups(search),
  })
}

// What a condition is asked of.

interface AskedField {
  readonly kind: Field['kind']
  /** In the form in which it is compared; null where there is none. */
  readonly value: Sql
  /** Whether it may be seen. */
  readonly seen: Sql
}

interface AskedList {
  /** Rows of the list, under the name of `i`. */
  readonly rows: Sql
  /** The columns by which they are in order: the primary one first. */
  readonly inOrder: Sql
  readonly seen: Sql
  item(name: string): AskedField
}

interface Asked {
  field(name: string): AskedField
  list(name: string): AskedList
  isList(name: string): boolean
  word(condition: WordCondition): Sql
  between(state: Between): Sql
}

type WordCondition = Extract<Condition, { readonly op: 'word' }>

const yes = sql`true`
const no = sql`false`

/** What is known of those who are asked for before they are looked at; each the same for all, or of a row's `p`. */
interface Realm {
  /** The id of their organization. */
  readonly organization: Sql
  readonly colleague: Sql
  readonly administered: Sql
  /** The condition by which the rows of `n` were found, which say under which rules it holds. */
  readonly narrowedTo?: WordCondition | undefined
}

interface PeopleAsked extends Asked {
  readonly exists: Sql
  /** What joins the digest to those in question, when something of it was asked for by now: each costs a look. */
  digest(): Sql
}

function peopleAsked(engine: Engine, eyes: Eyes, realm: Realm): PeopleAsked {
  const sees = sightOf(eyes, realm)
  let readsDigest = false
  const manages = sql`m.id = p.manager_id and m.organization_id = p.organization_id
    and m.lifecycle <> 'deleted' and ${sees('existence', 'm')}`
  const known = sql`exists (select 1 from person m where ${manages})`
  const managerName = () => sql`(select ${engine.valueAt(sql`e.fields`, ['displayName'])}
    from person m join digest e on e.person_id = m.id
    where ${manages} and ${sees(entryOf(personFields, 'displayName').rule, 'm')})`
  return {
    exists: sees('existence', 'p'),
    field(name) {
      const field = entryOf(personFields, name)
      const column = personColumns[name]
      if (name === 'managerName') {
        return { kind: field.kind, value: managerName(), seen: sees(field.rule, 'p') }
      }
      const inDigest = column === undefined && digestFields.some((one) => one === name)
      readsDigest ||= inDigest
      const value = inDigest
        ? engine.valueAt(sql`d.fields`, [name])
        : (column ?? inForm(engine, field, sql`p.record`))
      const seen = sees(field.rule, 'p')
      if (name !== 'managerId') return { kind: field.kind, value, seen }
      return { kind: field.kind, value, seen: allOf(seen, anyOf(realm.administered, known)) }
    },
    list(name) {
      const { rule, items, path = [name] } = entryOf(personLists, name)
      const groups = groupRows[name]
      if (groups) return { ...groupsOf(engine, groups, items), seen: sees(rule, 'p') }
      const primary = engine.valueAt(sql`i.value`, ['primary'])
      return {
        rows: sql`${engine.items(sql`p.record`, path)} i`,
        inOrder: Object.hasOwn(items, 'primary')
          ? sql`coalesce(${primary} = ${engine.parameter(true)}, false) desc, i.key`
          : sql`i.key`,
        item: (part) => itemField(engine, entryOf(items, part)),
        seen: sees(rule, 'p'),
      }
    },
    isList: (name) => Object.hasOwn(personLists, name),
    word(condition) {
      const meets = (test: (rule: WordRule) => Sql) =>
        anyOf(...wordRules.map((rule) => allOf(sees(rule, 'p'), test(rule))))
      if (condition === realm.narrowedTo) {
        return meets((rule) => sql`(n.rules & ${sql.lit(bitOf(rule))}) <> 0`)
      }
      const prefix = prefixForm(condition.prefix)
      // No word has a space, which stands before each of them; nothing but signs is the beginning of no word.
      if (prefix === '' || prefix.includes(' ')) return no
      readsDigest = true
      return meets((rule) => {
        const words = sql`coalesce(d.${sql.ref(rule)}, '')`
        return engine.contains(words, ` ${prefix}`)
      })
    },
    digest: () => (readsDigest ? sql` left join digest d on d.person_id = p.id` : sql``),
    between: (state) => related(eyes, sql`p`, state),
  }
}

/** Whether that is what who asks sees between themselves and somebody. */
function related(eyes: Eyes, person: Sql, state: Between): Sql {
  switch (state) {
    case 'none':
      return sql`not ${paired(eyes, person, (own) => sql`(c.state <> 'none' or ${blocks(own)})`)}`
    case 'blocked':
      return paired(eyes, person, blocks)
    default:
      return paired(eyes, person, (own) => sql`c.state = ${state} and not ${blocks(own)}`)
  }
}

/** Whether somebody wants nothing of who asks. */
const unwelcome = (eyes: Eyes, person: Sql): Sql =>
  paired(eyes, person, (own) => blocks(own === 'one' ? 'other' : 'one'))

type Side = 'one' | 'other'

const blocks = (side: Side): Sql => sql`coalesce(c.blocked_by, '') in (${sql.lit(side)}, 'both')`

/** Whether something is on record between who asks and somebody that passes `test`, which is told whose side is theirs. */
function paired({ personId }: Eyes, person: Sql, test: (own: Side) => Sql): Sql {
  if (personId === undefined) return no
  return sql`exists (select 1 from connection c
    where (c.one_id = ${person}.id and c.other_id = ${personId} and ${test('other')}
      or c.one_id = ${personId} and c.other_id = ${person}.id and ${test('one')}))`
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

/** The lists of groups that somebody is in, as rows of `i`. */
const groupRows: Readonly<Record<string, Sql>> = {
  groups: sql`(select g.id, g.name from membership b join people_group g on g.id = b.group_id
    where b.person_id = p.id) i`,
  // A group at most twice, however many ways lead to it: `union` ends where it comes round.
  allGroups: sql`(with recursive above(id, is_direct) as (
      select b.group_id, 1 from membership b where b.person_id = p.id
      union select n.group_id, 0 from above join group_nesting n on n.child_id = above.id)
    select g.id, g.name, case max(above.is_direct) when 1 then 'direct' else 'indirect' end as type
    from above join people_group g on g.id = above.id group by g.id, g.name) i`,
}

function groupsOf(
  engine: Engine,
  rows: Sql,
  items: Readonly<Record<string, Field>>,
): Omit<AskedList, 'seen'> {
  const columns = { id: sql`i.id`, name: sql`i.name`, type: sql`i.type` }
  return {
    rows,
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
      seen: yes,
      item: (part) =>
        columnField(engine, entryOf(entryOf(groupLists, name), part), { id: sql`i.id` }),
    }),
    isList: (name) => Object.hasOwn(groupLists, name),
    ...ofPeopleAlone,
  }
}

/** What is asked of people alone. */
const ofPeopleAlone = {
  word: () => entryOf<Sql>({}, 'word'),
  between: () => entryOf<Sql>({}, 'connection'),
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
  return { kind, value: kind === 'caseless' ? engine.folded(column) : column, seen: yes }
}

const itemField = (engine: Engine, field: Field): AskedField => ({
  kind: field.kind,
  value: inForm(engine, field, sql`i.value`),
  seen: yes,
})

/** A value of a record or an item in the form in which those of its kind are compared. */
function inForm(engine: Engine, { path, kind }: Field, json: Sql): Sql {
  const value = path.length === 0 ? json : engine.valueAt(json, path)
  if (kind === 'caseless') return engine.folded(value)
  return kind === 'number' ? engine.asNumber(value) : value
}

/** Whether a person's fields under a rule may be seen. */
function sightOf(eyes: Eyes, { organization, colleague, administered }: Realm) {
  const { personId } = eyes
  const attends = personId !== undefined && eyes.attends === true
  // Never null: what is not true has to be false.
  const colleagues = sql`case when ${colleague} then ${letters.organization}
    else ${letters.everyone} end`

  return (rule: PersonField['rule'], name: 'p' | 'm'): Sql => {
    if (rule === 'internal') return no
    if (rule === 'administrators' || administered === yes) return administered
    const person = sql.raw(name)
    const self = personId === undefined ? no : sql`${person}.id = ${personId}`
    if (rule === 'own') return anyOf(administered, self)
    const place = sql.lit(placeInSight(rule))
    const letter = sql`case substr(${person}.sight, ${place}, 1) when ${undecided}
      then (select substr(h.sight, ${place}, 1) from organization h where h.id = ${organization})
      else substr(${person}.sight, ${place}, 1) end`
    // Only those who are met in an event are met as co-attendees, and not who is named by them.
    const met = attends && name === 'p' ? letters.event : letters.everyone
    const accepted = related(eyes, person, 'accepted')
    const welcome =
      rule === 'meetings' && personId !== undefined ? sql`not ${unwelcome(eyes, person)}` : yes
    const belongs = anyOf(
      sql`${letter} in (${letters.everyone}, ${colleagues}, ${met})`,
      allOf(sql`${letter} = ${letters.connections}`, accepted),
    )
    return anyOf(administered, self, allOf(belongs, welcome))
  }
}

// Conditions. Every one of them is true or false, so that `not` makes the one of the other.

function predicate(engine: Engine, condition: Condition, asked: Asked, whose = asked): Sql {
  switch (condition.op) {
    case 'and':
      return joined(
        'and',
        condition.of.map((one) => predicate(engine, one, asked, whose)),
      )
    case 'or':
      return joined('or', alternatives(engine, condition.of, asked, whose))
    case 'not':
      return sql`not ${predicate(engine, condition.of, asked, whose)}`
    case 'some': {
      const { rows, seen, item } = asked.list(condition.list)
      const where = condition.where && predicate(engine, condition.where, itemAsked(item), asked)
      return allOf(seen, sql`exists (select 1 from ${rows} where ${where ?? yes})`)
    }
    case 'same': {
      const { value, seen } = whose.field(condition.as)
      return allOf(seen, sql`coalesce(${asked.field(condition.field).value} = ${value}, false)`)
    }
    case 'present': {
      const { kind, value, seen } = asked.field(condition.field)
      const text = kind !== 'number' && kind !== 'boolean'
      return allOf(seen, text ? sql`coalesce(${value} <> '', false)` : sql`${value} is not null`)
    }
    case 'word':
      return asked.word(condition)
    case 'connection':
      return asked.between(condition.state)
    default: {
      const field = asked.field(condition.field)
      const sought = comparable(field.kind, condition.value)
      if (sought === undefined || (field.kind === 'boolean' && condition.op !== 'eq')) return no
      const compared = comparison(engine, condition.op, field.value, sought)
      return allOf(field.seen, sql`coalesce(${compared}, false)`)
    }
  }
}

/** What is asked of one field, or of the items of one list, is looked at once, however many values will do. */
function alternatives(
  engine: Engine,
  all: readonly Condition[],
  asked: Asked,
  whose: Asked,
): readonly Sql[] {
  const values = new Map<string, Scalar[]>()
  const wheres = new Map<string, Condition[]>()
  const others: Condition[] = []
  for (const one of all) {
    if (one.op === 'eq') values.getOrInsert(one.field, []).push(one.value)
    else if (one.op === 'some' && one.where) wheres.getOrInsert(one.list, []).push(one.where)
    else others.push(one)
  }
  const ofLists = [...wheres].map(
    ([list, of]): Condition => ({
      ...{ op: 'some', list, where: { op: 'or', of } },
    }),
  )
  return [
    ...[...values].map(([field, sought]) => equalsOneOf(engine, asked.field(field), sought)),
    ...[...ofLists, ...others].map((one) => predicate(engine, one, asked, whose)),
  ]
}

function equalsOneOf(engine: Engine, field: AskedField, values: readonly Scalar[]): Sql {
  const sought = [...new Set(values.flatMap((one) => comparable(field.kind, one) ?? []))]
  if (sought.length === 0) return no
  const parameters = sql.join(sought.map((one) => engine.parameter(one)))
  return allOf(field.seen, sql`coalesce(${field.value} in (${parameters}), false)`)
}

const joined = (op: 'and' | 'or', all: readonly Sql[]): Sql =>
  all.length === 0 ? (op === 'and' ? yes : no) : sql`(${sql.join(all, sql.raw(` ${op} `))})`

/** Without what is true, or false, in any case. */
const allOf = (...all: readonly Sql[]): Sql =>
  all.includes(no)
    ? no
    : joined(
        'and',
        all.filter((one) => one !== yes),
      )

const anyOf = (...all: readonly Sql[]): Sql =>
  all.includes(yes)
    ? yes
    : joined(
        'or',
        all.filter((one) => one !== no),
      )

const itemAsked = (item: (name: string) => AskedField): Asked => ({
  field: item,
  list: (name) => entryOf({}, name),
  isList: () => false,
  ...ofPeopleAlone,
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
    return whereSeen(seen, value)
  }
  const { rows, inOrder, item, seen } = asked.list(name)
  const value = sql`(select ${item('value').value} from ${rows} order by ${inOrder} limit 1)`
  return whereSeen(seen, value)
}

const whereSeen = (seen: Sql, value: Sql): Sql =>
  seen === yes ? value : sql`case when ${seen} then ${value} end`

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

interface Rows {
  readonly asked: Asked
  /** With all that was asked for by now beside it. */
  readonly table: () => Sql
  readonly id: Sql
  /** Those who are in question at all. */
  readonly among: Sql
  /** Ids, found by an index, of all who can fulfil the condition, and maybe of some more. */
  readonly narrowed: Sql | undefined
  /** Whether these are few, as far as can be told. */
  readonly areFew?: boolean
}

function searchQueries(
  db: Kysely<Tables>,
  engine: Engine,
  { condition, order, from, limit, total }: Inquiry,
  { asked, table, id, among, narrowed, areFew = true }: Rows,
): SearchQueries {
  const test = sql`${among} and ${engine.inTime(id)}
    and ${condition ? predicate(engine, condition, asked) : yes}`
  // Were it left to the engine, it might go through the whole organization: it does not know how large that is.
  const fitting = () =>
    narrowed === undefined
      ? sql`${table()} where ${test}`
      : sql`(${narrowed}) n cross join ${table()} where ${id} = n.id and ${test}`
  const countOfAll = sql`select count(*) as total from ${fitting()}`
  const key = order ? keyOf(order, asked) : sql`null`
  const all = sql`select ${id} as id, ${key} as key from ${fitting()}`
  const page = pageOf(engine, { order, from, limit })
  const left = total === 'left' ? behindPlace(engine, order, from) : nothing
  const count =
    left === nothing ? countOfAll : sql`select count(*) as total from (${all}) k ${left}`
  const keysAreBooleans = order !== undefined && isBoolean(order, asked)
  const compiled = (...queries: readonly Sql[]) => queries.map((query) => query.compile(db))
  const found = (rows: readonly Row[] = [], counted: readonly Row[] = []): Found<string> => ({
    places: rows.flatMap((row) => placeFrom(row, keysAreBooleans)),
    ...(total && { total: Number(counted[0]?.total ?? 0) }),
  })

  const isShort = narrowed === undefined ? !(condition || order) : areFew
  if (total && limit > 0 && condition) {
    // What takes long is to look at everybody: it is done once for the two.
    const both = sql`with k as materialized (${all})
      select t.total, b.id, b.key from (select count(*) as total from k ${left}) t
        left join (select k.id, k.key from k ${page}) b on true ${inOrder(order, sql`b`)}`
    return { queries: compiled(both), isShort, found: ([rows]) => found(rows, rows) }
  }
  const places = sql`select k.id, k.key from (${all}) k ${page}`
  if (limit === 0)
    return { queries: total ? compiled(count) : [], isShort, found: ([rows]) => found([], rows) }
  return {
    queries: total ? compiled(places, count) : compiled(places),
    isShort,
    found: ([rows, counted]) => found(rows, counted),
  }
}

/** Without an order, what goes on from a place can be found by the id. */
function pageOf(
  engine: Engine,
  { order, from, limit }: Pick<Inquiry, 'from' | 'limit'> & { readonly order: Order | undefined },
): Sql {
  const skipped = 'skip' in from ? sql`limit ${limit} offset ${from.skip}` : sql`limit ${limit}`
  return sql`${behindPlace(engine, order, from)} ${inOrder(order, sql`k`)} ${skipped}`
}

const nothing = sql``

/** What leaves those alone who come after a place, where a page goes on from one. */
function behindPlace(engine: Engine, order: Order | undefined, from: Inquiry['from']): Sql {
  if ('skip' in from) return nothing
  const after = order
    ? afterPlace(engine, from.after, order.descending)
    : sql`k.id > ${from.after.id}`
  return sql`where ${after}`
}

function inOrder(order: Order | undefined, rows: Sql): Sql {
  if (order === undefined) return sql`order by ${rows}.id`
  const direction = order.descending ? sql`desc nulls first` : sql`asc nulls last`
  return sql`order by ${rows}.key ${direction}, ${rows}.id`
}

const isBoolean = ({ field }: Order, asked: Asked): boolean =>
  !asked.isList(field) && asked.field(field).kind === 'boolean'

/** Some engines have numbers for booleans, and of a record some have words. */
function placeFrom({ id, key }: Row, keysAreBooleans: boolean): Found<string>['places'] {
  if (!id) return []
  return [{ id, key: keysAreBooleans && key !== null ? isTrue(key) : (key ?? null) }]
}

const isTrue = (key: Row['key']): boolean => key === 'true' || key === 1 || key === true

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

/** Letters of a prefix with which the words of few begin. */
const fewBegin = 3

type Lookup = readonly [name: string, ids: (value: string) => Sql]

interface Narrowed {
  readonly ids: Sql
  /** The condition that found them; the rows say under which rules, as `rules`. */
  readonly words?: WordCondition
}

function narrowedPeople({ organizationId, condition, eyes }: PeopleSearch): Narrowed | undefined {
  const own = sql`organization_id = ${organizationId}`
  const lookups: readonly Lookup[] = [
    ['userName', (key) => sql`select id from person where ${own} and user_name_key = ${key}`],
    ['externalId', (id) => sql`select id from person where ${own} and external_id = ${id}`],
    [
      'emails',
      (key) => sql`select person_id as id from person_email where ${own} and address_key = ${key}`,
    ],
  ]
  const ids =
    narrowed(lookups, condition, kindOfPeoples) ??
    narrowedAnywhere({ condition, eyes }) ??
    narrowedByManager(own, condition)
  return ids === undefined ? narrowedByWord(own, required(condition)) : { ids }
}

/** By a word of the name that their manager has to have: few have it, and few of those have anybody who reports to them. */
function narrowedByManager(own: Sql, condition: Condition | undefined): Sql | undefined {
  const name = equalled(required(condition), 'managerName', false)
  const [word] = typeof name === 'string' ? displayNameWords(name) : []
  if (word === undefined) return undefined
  return sql`select id from person where manager_id in (
    select person_id from person_word where ${own} and word = ${word})`
}

/** By what tells people apart whatever organization they are of. */
function narrowedAnywhere({
  condition,
  eyes: { personId },
}: {
  readonly condition?: Condition | undefined
  readonly eyes: Eyes
}): Sql | undefined {
  const lookups: readonly Lookup[] = [
    ['id', (id) => sql`select id from person where id = ${id}`],
    ['managerId', (id) => sql`select id from person where manager_id = ${id}`],
    ['groups', (id) => sql`select person_id as id from membership where group_id = ${id}`],
    [
      'allGroups',
      (id) => sql`select person_id as id from membership where group_id in (
      with recursive inside(id) as (select id from people_group where id = ${id}
        union select n.child_id from inside join group_nesting n on n.group_id = inside.id)
      select id from inside)`,
    ],
  ]
  const related = required(condition).some((one) => one.op === 'connection' && one.state !== 'none')
  return (
    narrowed(lookups, condition, kindOfPeoples) ??
    (related && personId !== undefined
      ? sql`select other_id as id from connection where one_id = ${personId}
          union select one_id from connection where other_id = ${personId}`
      : undefined)
  )
}

const kindOfPeoples = (name: string) =>
  Object.hasOwn(personLists, name) ? personLists[name]?.items.value?.kind : personFields[name]?.kind

/** By the longest prefix, which the fewest have. */
function narrowedByWord(own: Sql, all: readonly Condition[]): Narrowed | undefined {
  const [longest] = all
    .filter((one) => one.op === 'word')
    .toSorted((one, other) => prefixForm(other.prefix).length - prefixForm(one.prefix).length)
  const prefix = longest && prefixForm(longest.prefix)
  if (!prefix) return undefined
  const after = afterAll(prefix)
  const rules = wordRules.map((rule) => sql`max(rules & ${sql.lit(bitOf(rule))})`)
  const ids = sql`select person_id as id, ${sql.join(rules, sql.raw(' + '))} as rules
    from person_word where ${own} and word >= ${prefix}
      and ${after === undefined ? yes : sql`word < ${after}`} group by person_id`
  return { ids, words: longest }
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
