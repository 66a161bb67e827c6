import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { newGroup } from '../src/directory/group.ts'
import type { Group, Store, Write } from '../src/directory/ports.ts'
import { type Connection, connectionStates } from '../src/gatherings/gatherings.ts'
import { newPerson } from '../src/person/draft.ts'
import { newEmail } from '../src/person/emails.ts'
import type { OrganizationId, PersonId } from '../src/person/ids.ts'
import {
  type Audience,
  type Audiences,
  fieldGroups,
  lifecycles,
  type Person,
} from '../src/person/person.ts'
import { newPhone } from '../src/person/phones.ts'
import { compared } from '../src/search/matches.ts'
import {
  betweens,
  type Condition,
  type Eyes,
  type Field,
  groupFields,
  groupLists,
  operators,
  personFields,
  personLists,
  type Scalar,
  type Search,
} from '../src/search/search.ts'
import { termsOf } from '../src/search/words.ts'
import { memoryStore } from '../src/store/memory.ts'
import { postgresStore } from '../src/store/postgres.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import { hasPostgres, startCluster } from './postgres-cluster.ts'

// Whatever is asked, by whomever, each engine finds whom the plain words of matches.ts find, and in the same order.

const cases = Number(process.env.KITH_SEARCH_CASES ?? 25)
/** How many questions are put to each directory. */
const questions = 240
const now = '2026-03-04T05:06:07.000Z'
const folder = mkdtempSync(join(tmpdir(), 'kith-search-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Few enough that they meet often, and odd enough that they go wrong wherever they can. */
const words = [
  ...[
    'a',
    'A',
    'ab',
    'Straße',
    'STRASSE',
    'İ',
    'i̇',
    'ﬁ',
    'fi',
    'é',
    'e\u0301',
    'É',
    'ΟΔΟΣ',
    'οδος',
  ],
  ...[
    '\u{1f600}',
    'a\u{1f600}',
    '\u{fb1d}',
    '\u{10ffff}',
    '%',
    '_',
    'a%',
    'a_b',
    '\\',
    "'",
    '"',
    "' or 1=1 --",
  ],
  ...['$.title', '{}', 'null', 'true', '0', ' ', '*', '?1'],
  ...['Łukasz', '山田太郎', '太郎', 'ada.byron@x', '+31 6 1', 'ab cd', 'Ada-Maria'],
]
const word = fc.constantFrom(...words)
const pair = fc.tuple(word, word).map((two) => two.join(''))
const text = fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: pair })
const flag = fc.boolean()
const instants = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z', now]
const instant = fc.constantFrom(...instants)
const ids = Array.from(
  { length: 8 },
  (_, index) => `${index % 2 ? 'f' : '0'}000000${index}-2222-4222-8222-222222222222` as PersonId,
)
const home = '00000001-1111-4111-8111-111111111111' as OrganizationId
const abroad = '00000002-1111-4111-8111-111111111111' as OrganizationId
const eventNumbers = [11, 12]
const groupIds = ['b', '1', 'c'].map((digit) => `${digit}0000000-5555-4555-8555-555555555555`)
const addresses = [
  'Ada@Example.com',
  'ada@example.com',
  'b@bücher.example',
  'b@xn--bcher-kva.example',
]
const numbers = ['+31612345678', '+14085267209', 'none']

const audience = fc.constantFrom<Audience>(
  ...(['everyone', 'organization', 'event', 'connections', 'nobody'] as const),
)
const audiences = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...fieldGroups), audience, {
      ...{ noNullPrototype: true, maxKeys: 12 },
    }),
    fc.nat(2),
  )
  // Were the existence hidden as often as all else, hardly anybody would ever be found.
  .map(
    ([{ existence, ...rest }, dice]): Audiences => ({
      ...rest,
      ...(existence && dice === 0 && { existence }),
    }),
  )
const optional = <Part extends Record<string, fc.Arbitrary<unknown>>>(parts: Part) =>
  fc.record(parts, { requiredKeys: [] })
const several = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 3 })
const typed = { type: word, primary: flag, display: word }
const reference = fc
  .tuple(text, optional({ name: text, type: word, primary: flag }))
  .map(([id, rest]) => ({ id, ...rest }))
const holding = fc.tuple(text, optional(typed)).map(([value, rest]) => ({ value, ...rest }))

const email = fc
  .tuple(fc.constantFrom(...addresses), word, flag, flag)
  .map(([value, type, primary, verified]) => newEmail(value, now, { type, primary, verified }))
const phone = fc
  .tuple(fc.constantFrom(...numbers), word, flag, flag)
  .map(([value, type, primary, verified]) => newPhone(value, { type, primary, verified }))

/** Every text of a record that can be asked for. */
const texts = Object.fromEntries(
  [
    ...['formattedName', 'honorificPrefix', 'givenName', 'middleName', 'familyName', 'title'],
    ...['honorificSuffix', 'nickName', 'pronouns', 'company', 'location', 'bio', 'notes', 'locale'],
    ...['employeeNumber', 'costCenter', 'division', 'department', 'userType', 'timeZone', 'gender'],
    ...['preferredLanguage', 'profileUrl'],
  ].map((name) => [name, text]),
)
const fields = optional({
  ...{ ...texts, initials: word },
  managerId: fc.constantFrom(...ids),
  ...{ team: reference, role: reference, workFrom: instant, birthDate: fc.constant('1815-12-10') },
  avatar: fc.record({ id: word, url: fc.constant('https://a.example/p') }),
  extensions: fc
    .array(fc.tuple(fc.constantFrom('https://a.example/p', 'a'), optional(typed)), {
      maxLength: 3,
    })
    .map((all) => ({ scim: { photos: all.map(([value, rest]) => ({ value, ...rest })) } })),
  ...{ acceptsDirectMessages: flag, acceptsCallsFromStrangers: flag, emailNotifications: flag },
  acceptsMeetingRequests: fc.constantFrom('everyone', 'connections', 'nobody'),
  directMessagesFrom: fc.constantFrom('everyone', 'connections', 'nobody'),
  colorMode: fc.constantFrom('light', 'dark', 'system'),
  quotaLimit: fc.constantFrom(0, 1, 7, 2 ** 40, 2 ** 60, 1e300),
  ...{ certificates: several(holding), entitlements: several(holding) },
})
const lists = fc.record({
  ...{ emails: several(email), phones: several(phone), interests: several(text) },
  addresses: several(optional({ type: word, primary: flag, formatted: text, country: word })),
  contacts: several(
    fc
      .tuple(word, text, optional({ primary: flag, display: word }))
      .map(([type, value, rest]) => ({ type, value, ...rest })),
  ),
  ...{ roles: several(reference), licenses: several(reference) },
})

const draft = fc.record({
  ...{
    fields,
    lists,
    audiences,
    displayName: text,
    title: text,
    loginEnabled: flag,
    userName: word,
  },
  ...{ externalId: fc.option(word, { nil: undefined }), foreign: fc.nat(4) },
  lifecycle: fc.constantFrom(...lifecycles),
  flags: fc.record({
    ...{ owner: flag, administrator: flag, roomAdministrator: flag, guest: flag },
    ...{ plainUser: flag, ldap: flag, sso: flag },
  }),
  ...{ createdAt: instant, updatedAt: instant },
})

const personOf = (
  id: PersonId,
  number: number,
  from: typeof draft extends fc.Arbitrary<infer Draft> ? Draft : never,
): Person => {
  const { fields: some, lists: more, foreign, userName, externalId, updatedAt, ...rest } = from
  const own = { id, number, organizationId: foreign === 0 ? abroad : home }
  const person = newPerson(
    {
      ...({ ...some, ...more, ...rest, ...own } as Partial<Person>),
      ...{ organizationId: own.organizationId, userName: `x${userName}-${number}` },
      ...(externalId !== undefined && { externalId: `x${externalId}-${number}` }),
    },
    now,
  )
  return { ...person, updatedAt }
}

const groupDraft = fc.record({
  description: fc.option(fc.oneof(text, fc.constant('')), { nil: undefined }),
  ...{ name: text, createdAt: instant, updatedAt: instant },
  ...{ members: fc.subarray([...ids]), owners: fc.subarray([...ids]) },
})

interface Population {
  readonly people: readonly Person[]
  readonly groups: readonly (Group & {
    readonly inside: readonly PersonId[]
    readonly owners: readonly PersonId[]
  })[]
  readonly nested: readonly boolean[]
  readonly connections: readonly (readonly [
    number,
    number,
    Connection['state'],
    readonly ('requesterId' | 'addresseeId')[],
  ])[]
  /** What each organization decides for those of its people who have not. */
  readonly decided: readonly [Audiences, Audiences]
  /** Who attends each event. */
  readonly attending: readonly (readonly PersonId[])[]
}

/** Nearly all exist for everyone, or hardly anybody would ever be found. */
const decision: fc.Arbitrary<Audiences> = fc
  .tuple(audiences, fc.nat(5))
  .map(([some, dice]) => ({ ...some, existence: dice === 0 ? 'connections' : 'everyone' }))

const population: fc.Arbitrary<Population> = fc
  .record({
    drafts: fc.array(draft, { minLength: 3, maxLength: ids.length }),
    groups: fc.array(groupDraft, { maxLength: groupIds.length }),
    nested: fc.array(flag, { minLength: 2, maxLength: 2 }),
    connections: fc.array(
      fc.tuple(
        fc.nat(7),
        fc.nat(7),
        fc.constantFrom('accepted', ...connectionStates),
        fc.subarray(['requesterId', 'addresseeId'] as const),
      ),
      { maxLength: 30 },
    ),
    decided: fc.tuple(decision, decision),
    attending: fc.array(fc.subarray([...ids], { minLength: 4 }), { minLength: 2, maxLength: 2 }),
  })
  .map(({ drafts, groups, ...rest }) => ({
    people: drafts.map((one, index) => personOf(ids[index] as PersonId, index + 1, one)),
    groups: groups.map(({ members, owners, description, name, ...instants }, index) => ({
      ...newGroup({ organizationId: home, name: `${name}-${index}` }, now),
      ...instants,
      ...(description !== undefined && { description }),
      ...(index === 1 && { externalId: name }),
      ...{ id: groupIds[index] ?? '', inside: members, owners },
    })),
    ...rest,
  }))

function writesOf({ people, groups, nested, ...rest }: Population): Write[] {
  const mine = new Set(
    people
      .filter((one) => one.organizationId === home && one.lifecycle !== 'deleted')
      .map(({ id }) => id),
  )
  // Some were in a group before they were deleted.
  const gone = people.filter((one) => one.organizationId === home && one.lifecycle === 'deleted')
  const there = new Set([...mine, ...gone.map(({ id }) => id)])
  const alive = people.map(
    (one): Person => ({
      ...one,
      ...(gone.includes(one) && { lifecycle: 'active' as const }),
    }),
  )
  return [
    ...[home, abroad].map(
      (id, index): Write => ({
        kind: 'organization',
        organization: {
          ...{ id, name: id, timeZone: 'UTC', manages: [] },
          audiences: rest.decided[index] ?? {},
        },
      }),
    ),
    ...alive.map((person): Write => ({ kind: 'person', person })),
    ...groups.map(({ inside: _, owners: __, ...group }): Write => ({ kind: 'group', group })),
    ...groups.map(
      ({ id, inside, owners }, index): Write => ({
        ...{ kind: 'members', groupId: id, leaving: [] },
        joining: inside.filter((one) => there.has(one)),
        appointing: owners.filter((one) => there.has(one)),
        nesting: groups
          .slice(index + 1, index + 2)
          .flatMap((next) => (nested[index] ? next.id : [])),
      }),
    ),
    ...rest.connections.flatMap(([one, other, state, blockers]): Write[] => {
      const [requester, addressee] = [people[one], people[other]]
      if (!requester || !addressee || one === other) return []
      const ends = { requesterId: requester.id, addresseeId: addressee.id }
      // Blocking ends what was accepted.
      const blockedByIds = blockers.map((end) => ends[end]).sort()
      const connection = { ...ends, ...(blockedByIds.length > 0 && { blockedByIds }) }
      const stands = blockedByIds.length > 0 && state === 'accepted' ? 'none' : state
      return [{ kind: 'connection', connection: { ...connection, state: stands } }]
    }),
    ...eventNumbers.map(
      (number): Write => ({
        kind: 'event',
        event: { number, organizationId: home, url: `e${number}`, name: 'Event' },
      }),
    ),
    ...rest.attending.flatMap((some, index) =>
      some
        .filter((id) => people.some((one) => one.id === id))
        .map((personId, place): Write => {
          const number = 100 * (index + 1) + place
          const eventNumber = eventNumbers[index] ?? 0
          return { kind: 'attendee', attendee: { number, eventNumber, personId } }
        }),
    ),
    ...gone.map((person): Write => ({ kind: 'person', person: { ...person, version: 2 } })),
  ]
}

// Questions.

const known = [
  ...[...ids, ...groupIds, ...addresses, ...numbers, ...instants, ...lifecycles, '1815-12-10', ''],
  ...['none', 'person', 'dark', 'light', 'everyone', 'xa-1', 'XA-1', 'https://a.example/p'],
]
/** Words that people may have, to be asked for by their beginning. */
const begun = [...words, ...addresses, ...numbers, 'example', 'xn--bcher-kva', '31612345678', 'xa']
const sought: fc.Arbitrary<Scalar> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 4, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: fc.tuple(word, fc.nat(8)).map(([one, n]) => `x${one}-${n}`) },
  { weight: 2, arbitrary: flag },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 7, 8, 2 ** 40, 2 ** 60, 1e300, -1, 0.5) },
)

/** A value of the kind that a field has, mostly. */
const soughtFor = ({ kind }: Field): fc.Arbitrary<Scalar> => {
  if (kind === 'boolean') return fc.oneof({ weight: 9, arbitrary: flag }, sought)
  if (kind === 'caseless') return fc.oneof({ weight: 3, arbitrary: word }, sought)
  return sought
}

/** Asked for more often than the rest, so that there is somebody whom a question is about. */
const favourites = ['title', 'displayName', 'userName', 'name', 'description', 'value', 'type']

function comparisonOf(table: Readonly<Record<string, Field>>): fc.Arbitrary<Condition> {
  const names = Object.keys(table)
  const favoured = names.filter((name) => favourites.includes(name))
  const name = fc.oneof(fc.constantFrom(...names), fc.constantFrom(...favoured))
  const op = fc.constantFrom(...operators, 'eq' as const)
  return name.chain((field) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<Condition>({ op: 'present', field }) },
      {
        weight: 8,
        arbitrary: fc
          .tuple(op, soughtFor(table[field] as Field))
          .map(([operator, value]): Condition => ({ op: operator, field, value })),
      },
      {
        weight: 1,
        arbitrary: fc.array(soughtFor(table[field] as Field), { maxLength: 4 }).map(
          (values): Condition => ({
            op: 'or',
            of: values.map((value) => ({ op: 'eq', field, value })),
          }),
        ),
      },
    ),
  )
}

function conditionOf(leaf: fc.Arbitrary<Condition>, depth: number): fc.Arbitrary<Condition> {
  if (depth === 0) return leaf
  const inner = conditionOf(leaf, depth - 1)
  const of = fc.array(inner, { maxLength: 3 })
  return fc.oneof(
    { weight: 5, arbitrary: leaf },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('not' as const), of: inner }) },
  )
}

function askedOf(
  table: Readonly<Record<string, Field>>,
  itemTables: Readonly<Record<string, Readonly<Record<string, Field>>>>,
  more: fc.WeightedArbitrary<Condition>[] = [],
): fc.Arbitrary<Condition> {
  const some = fc.constantFrom(...Object.entries(itemTables)).chain(([list, items]) =>
    fc
      .option(conditionOf(comparisonOf(items), 2), { nil: undefined })
      .map((where): Condition => ({ op: 'some', list, ...(where && { where }) }))
      .chain((one) =>
        fc
          .option(conditionOf(comparisonOf(items), 1), { nil: undefined, freq: 1 })
          .map((where): Condition => {
            if (!where) return one
            return { op: 'or', of: [one, { op: 'some', list, where }, one] }
          }),
      ),
  )
  return conditionOf(
    fc.oneof(
      { weight: 2, arbitrary: comparisonOf(table) },
      { weight: 1, arbitrary: some },
      ...more,
    ),
    4,
  )
}

const ofPeopleAlone: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: text.map((prefix): Condition => ({ op: 'word', prefix })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...begun), fc.nat(8))
      .map(([word, length]): Condition => ({ op: 'word', prefix: word.slice(0, length + 1) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...begun).map(
      (typed): Condition => ({
        op: 'and',
        of: termsOf(typed).map((prefix) => ({ op: 'word', prefix })),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...betweens)
      .map((state): Condition => ({ op: 'connection', state })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('avatar', 'avatarId').map(
      (as): Condition => ({
        ...{ op: 'some', list: 'photos' },
        where: { op: 'not', of: { op: 'not', of: { op: 'same', field: 'value', as } } },
      }),
    ),
  },
)

const itemTables = Object.fromEntries(
  Object.entries(personLists).map(([name, { items }]) => [name, items]),
)
const orderOf = (names: readonly string[]) =>
  fc.record({ field: fc.constantFrom(...names), descending: flag })
const peopleOrder = orderOf([
  ...Object.keys(personFields),
  ...Object.keys(personLists).filter((name) => personLists[name]?.items.value),
])
const groupOrder = orderOf([...Object.keys(groupFields), ...Object.keys(groupLists)])

const eyes: fc.Arbitrary<Eyes> = fc.record(
  {
    personId: fc.constantFrom(...ids),
    organizationId: fc.constantFrom(home, home, home, abroad),
    administers: fc
      .nat(5)
      .map((dice) => new Set([home, abroad].slice(dice, dice + 1 + (dice % 2)))),
    attends: flag,
  },
  { requiredKeys: ['organizationId', 'administers'] },
)

const searchOf = (condition: fc.Arbitrary<Condition>, order: ReturnType<typeof orderOf>) =>
  fc
    .tuple(
      fc.option(condition, { nil: undefined, freq: 9 }),
      fc.option(order, { nil: undefined }),
      fc.record({
        limit: fc.constantFrom(9, 9, 9, 3, 1, 0),
        skip: fc.constantFrom(0, 0, 0, 1, 3),
        total: fc.constantFrom(false, true, 'left' as const),
      }),
      fc.record({ key: fc.option(sought), id: fc.constantFrom(...ids, ...groupIds) }),
      flag,
    )
    .map(
      ([one, by, { skip, ...page }, after, further]): Search => ({
        ...{ ...page, organizationId: home },
        from: further ? { after: { ...after, key: by ? after.key : null } } : { skip },
        ...(one && { condition: one }),
        ...(by && { order: by }),
      }),
    )

/** A place beyond has a key of the kind that is ordered by. */
function inKind(search: Search, tables: readonly Readonly<Record<string, Field>>[]): Search {
  if (!('after' in search.from) || search.order === undefined) return search
  const { field } = search.order
  const kind = tables.map((table) => table[field]?.kind).find((one) => one !== undefined) ?? 'exact'
  const { key } = search.from.after
  const wanted = kind === 'boolean' || kind === 'number' ? kind : 'string'
  return typeof key === wanted
    ? search
    : { ...search, from: { after: { ...search.from.after, key: null } } }
}

const ofPeople = searchOf(
  askedOf(personFields, itemTables, [{ weight: 2, arbitrary: ofPeopleAlone }]),
  peopleOrder,
)
const peopleQuestion = fc
  .tuple(ofPeople, eyes, fc.constantFrom(home, home, home, home, home, abroad))
  .map(([search, own, organizationId]) => ({
    ...{ ...inKind(search, [personFields]), eyes: own, organizationId },
  }))
const eventQuestion = fc
  .tuple(ofPeople, eyes, fc.constantFrom(...eventNumbers))
  .map(([{ organizationId: _, ...search }, own, eventNumber]) => ({
    ...{ ...inKind({ ...search, organizationId: home }, [personFields]), eyes: own, eventNumber },
  }))
const groupQuestion = searchOf(askedOf(groupFields, groupLists), groupOrder).map((search) =>
  inKind(search, [groupFields]),
)

const inWords = (question: object): string =>
  JSON.stringify(question, (_, value) => (value instanceof Set ? [...value] : value))

const cluster = hasPostgres() ? await startCluster() : undefined
afterAll(() => cluster?.close())

let files = 0
const counts = { asked: 0, found: 0 }
const engines: Readonly<Record<string, () => Promise<Store>>> = {
  SQLite() {
    files += 1
    return sqliteStore(join(folder, `${files}.db`), () => Date.parse(now))
  },
  ...(cluster && {
    PostgreSQL: async () => postgresStore(await cluster.newDatabase(), () => Date.parse(now)),
  }),
}

async function bothWith(all: Population, open: () => Promise<Store>): Promise<[Store, Store]> {
  const stores: [Store, Store] = [memoryStore(), await open()]
  for (const store of stores) await store.commit(writesOf(all), 'test', now)
  return stores
}

it.each(Object.entries(engines))(
  'finds the same in %s as in memory, whatever is asked by whomever',
  async (_, open) => {
    await fc.assert(
      fc.asyncProperty(
        population,
        fc.array(peopleQuestion, { minLength: questions, maxLength: questions }),
        fc.array(eventQuestion, { minLength: questions / 2, maxLength: questions / 2 }),
        fc.array(groupQuestion, { minLength: questions / 4, maxLength: questions / 4 }),
        async (all, ofPeople, ofEvents, ofGroups) => {
          const [memory, engine] = await bothWith(all, open)
          try {
            for (const question of ofPeople) {
              const expected = await memory.people.search(question)
              const told = () => inWords(question)
              expect(await engine.people.search(question), told()).toEqual(expected)
              counts.asked += 1
              counts.found += expected.places.length > 0 ? 1 : 0
            }
            for (const question of ofEvents) {
              const expected = await memory.gatherings.search(question)
              const told = () => inWords(question)
              expect(await engine.gatherings.search(question), told()).toEqual(expected)
              counts.asked += 1
              counts.found += expected.places.length > 0 ? 1 : 0
            }
            for (const question of ofGroups) {
              const expected = await memory.groups.search(question)
              const told = () => inWords(question)
              expect(await engine.groups.search(question), told()).toEqual(expected)
            }
          } finally {
            await engine.close()
          }
        },
      ),
      { numRuns: cases, endOnFailure: true },
    )
    // Questions that nobody ever fits would tell nothing.
    expect(counts.found / counts.asked).toBeGreaterThan(0.1)
  },
  600_000,
)

it('orders texts by code point', () => {
  const sorted = words.toSorted(compared)
  const points = (one: string) => [...one].map((sign) => sign.codePointAt(0) ?? 0)
  for (const [index, one] of sorted.slice(1).entries()) {
    const [before, after] = [points(sorted[index] ?? ''), points(one)]
    const place = after.findIndex((point, at) => point !== before[at])
    if (place >= 0 && place < before.length) {
      expect(after[place]).toBeGreaterThan(before[place] ?? 0)
    }
  }
})
