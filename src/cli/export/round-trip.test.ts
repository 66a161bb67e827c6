import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { person as anybody } from '../../../test/arbitrary.ts'
import type { Group, HeldPerson, Organization, Store, Write } from '../../directory/ports.ts'
import { checkedPerson } from '../../person/draft.ts'
import { newNumber, newOrganizationId, newPersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { memoryStore } from '../../store/memory.ts'
import { cardRows } from '../import/cards.ts'
import { importRows, inWords } from '../import/importer.ts'
import { linesOf } from '../import/lines.ts'
import { csvRows, jsonRows, type ReadRow } from '../import/rows.ts'
import { statedOf } from '../import/stated.ts'
import { cards } from './cards.ts'
import { exportPeople } from './exporter.ts'
import { csv, type Format, jsonLines, toldOf } from './formats.ts'
import { type Held, holds } from './holds.ts'

const at = '2026-01-01T00:00:00.000Z'
const organization: Organization = {
  id: newOrganizationId(),
  name: 'Acme',
  timeZone: 'Europe/Amsterdam',
  audiences: {},
  manages: [],
}

const rules = Object.fromEntries(
  [
    'defaultCountryCode,defaultOutboundNumber,webphone,notifications,insights,stray',
    'listAdminModules,isCustomQuota,shared,loginEventId',
  ].map((names, index) => [
    ['rinkel', 'docspace'][index],
    Object.fromEntries(names.split(',').map((name) => [name, 'own' as const])),
  ]),
)

// People with everything in their texts that a format might trip over.

const tricky = fc
  .array(
    fc.constantFrom(
      ...['=1+1', '+31', '-5', '@x', "'", '"', ',', ';', ':', '\\', '\\n', '\n', '\r\n', '\r'],
      ...[
        '\t',
        ' ',
        '[',
        '{',
        ']',
        '}',
        'ü',
        '\u{1f600}',
        '\u2028',
        '\u0007',
        '^',
        '^n',
        'a',
        'Z',
        '%20',
      ],
      'a word or two that make the line longer than a card may have',
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((pieces) => pieces.join('').slice(0, 64).toWellFormed())
const item = fc.record(
  { value: tricky, display: tricky, type: tricky, primary: fc.boolean() },
  { requiredKeys: ['value'] },
)
const reference = fc.record(
  { id: tricky, name: tricky, type: tricky, primary: fc.boolean() },
  { requiredKeys: ['id'] },
)
const type = fc.oneof(
  tricky,
  fc.constantFrom(
    'work',
    'home',
    'mobile',
    'cell',
    'Work',
    'work fax',
    'fax work',
    'pref',
    'other',
  ),
)
const address = fc.record(
  {
    ...{ type, formatted: tricky, street: tricky, locality: tricky, region: tricky },
    ...{ postalCode: tricky, country: tricky, primary: fc.boolean() },
  },
  { requiredKeys: [] },
)
const contact = fc.record(
  { type, value: tricky, display: tricky, primary: fc.boolean() },
  { requiredKeys: ['type', 'value'] },
)

const texts = (
  'formattedName honorificPrefix givenName middleName familyName honorificSuffix ' +
  'nickName pronouns title company division department costCenter employeeNumber userType ' +
  'location bio notes locale gender preferredLanguage profileUrl'
).split(' ')

const replaced = fc.record(
  {
    ...Object.fromEntries(texts.map((name) => [name, tricky])),
    // Everybody has one: where a format can't hold it, another is made.
    displayName: tricky.map((text) => `N${text}`),
    interests: fc.array(tricky, { maxLength: 3 }),
    entitlements: fc.array(item, { maxLength: 2 }),
    certificates: fc.array(item, { maxLength: 2 }),
    roles: fc.array(reference, { maxLength: 2 }),
    licenses: fc.array(reference, { maxLength: 2 }),
    team: reference,
    role: reference,
    addresses: fc.array(address, { maxLength: 2 }),
    contacts: fc.array(contact, { maxLength: 3 }),
    extraInfo: fc.record({ about: tricky, knows: tricky }, { requiredKeys: [] }),
    socialLinks: fc.record({ twitter: tricky, linkedin: tricky }, { requiredKeys: [] }),
    data: fc.record({ key: tricky, list: fc.array(tricky) }, { requiredKeys: [] }),
    emailTypes: fc.array(fc.option(type, { nil: undefined }), { minLength: 3, maxLength: 3 }),
    phoneTypes: fc.array(fc.option(type, { nil: undefined }), { minLength: 3, maxLength: 3 }),
    display: tricky,
    plain: fc.boolean(),
  },
  { requiredKeys: ['emailTypes', 'phoneTypes', 'plain'] },
)

const human = fc.tuple(anybody, replaced).map(([person, parts]) => {
  const {
    emailTypes = [],
    phoneTypes = [],
    display,
    plain,
    ...fields
  } = parts as typeof parts & {
    readonly emailTypes: readonly (string | undefined)[]
    readonly phoneTypes: readonly (string | undefined)[]
  }
  const { nobodys, ...extensions } = person.extensions
  const { timeZone: _, ...rest } = person
  return {
    ...rest,
    ...fields,
    extensions,
    ...(person.timeZone === 'Asia/Kathmandu' && { timeZone: person.timeZone }),
    emails: told(person.emails, emailTypes, display, plain),
    phones: told(person.phones, phoneTypes, display, plain),
  }
})

interface Told {
  readonly value: string
  readonly type?: string
  readonly primary: boolean
}

/** At most one is primary, none is there twice, and some people have nothing that a plain cell could not say. */
function told(
  all: readonly Told[],
  types: readonly (string | undefined)[],
  display: string | undefined,
  plain: boolean,
): readonly unknown[] {
  const once = all.filter(
    ({ value }, index) => all.findIndex((one) => one.value === value) === index,
  )
  const first = once.findIndex(({ primary }) => primary)
  return once.map(({ type: _, ...one }, index) => ({
    ...one,
    primary: plain ? index === 0 : index === first,
    ...(plain && { verified: false }),
    ...(!plain && types[index] !== undefined && { type: types[index] }),
    ...(!plain && display !== undefined && index === 0 && { display }),
  }))
}

const people = fc
  .array(fc.tuple(human, fc.uniqueArray(tricky.filter(isName), { maxLength: 2, selector: fold })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((all) => {
    const ids = all.map(() => newPersonId())
    return all.map(([fields, groups], index) => {
      const { managerId, ...rest } = fields as Partial<Person>
      const boss = ids[index - 1]
      return {
        groups,
        person: checkedPerson({
          ...rest,
          ...(managerId && boss && { managerId: boss }),
          id: ids[index],
          number: newNumber(),
          organizationId: organization.id,
          userName: `${rest.userName}${index}`,
          ...(rest.externalId && { externalId: `${rest.externalId}${index}` }),
        }),
      }
    })
  })

function isName(text: string): boolean {
  return text.trim() !== ''
}
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

// Out of one store and into another.

async function furnished(
  all: readonly { readonly person: Person; readonly groups: readonly string[] }[],
): Promise<Store> {
  const store = memoryStore()
  const groups = new Map<string, Group>()
  for (const name of all.flatMap((one) => one.groups)) {
    if (groups.has(fold(name))) continue
    const id = crypto.randomUUID()
    const group = {
      id,
      organizationId: organization.id,
      name,
      version: 1,
      createdAt: at,
      updatedAt: at,
    }
    groups.set(fold(name), group)
  }
  const members = [...groups].map(([key, { id: groupId }]): Write => {
    const those = all.filter((one) => one.groups.some((name) => fold(name) === key))
    return { kind: 'members', groupId, joining: those.map(({ person }) => person.id), leaving: [] }
  })
  await store.commit(
    [
      { kind: 'organization', organization },
      ...all.map(({ person }): Write => ({ kind: 'person', person })),
      ...[...groups.values()].map((group): Write => ({ kind: 'group', group })),
      ...members,
    ],
    'test',
    at,
  )
  return store
}

async function exported(store: Store, format: Format) {
  let text = ''
  const done = await exportPeople(
    { store, organization, format, deleted: false, pageSize: 2, onPage: () => {} },
    async (piece) => {
      text += piece
    },
  )
  return { text, ...done }
}

async function* inPieces(text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += 61) yield bytes.subarray(from, from + 61)
}

async function imported(rows: AsyncIterable<ReadRow>): Promise<Store> {
  const store = memoryStore()
  await store.commit([{ kind: 'organization', organization }], 'test', at)
  const problems: string[] = []
  const tally = await importRows(rows, {
    ...{ store, organization, dryRun: false, extensions: rules, now: () => Date.parse(at) },
    events: {
      problem: (problem) => problems.push(inWords(problem)),
      committed: () => {},
      would: () => {},
    },
  })
  expect(problems).toEqual([])
  expect(tally.rejected).toBe(0)
  return store
}

const everybody = (store: Store): Promise<readonly HeldPerson[]> =>
  store.people.inOrganization(organization.id, { limit: 100 }, { groups: true, manager: true })

/** What can be told of everybody, by user name, but for what the table says the format can't hold. */
async function keptIn(store: Store, format: keyof Held): Promise<ReadonlyMap<string, unknown>> {
  const all = (await everybody(store)).map((held): [string, unknown] => {
    const { stated } = toldOf(held)
    const kept = Object.entries(stated).flatMap(([name, value]) => {
      const one = without(name, value, format)
      return one === undefined ? [] : [[name, one]]
    })
    const groups = [...((stated.groups ?? []) as readonly string[])].sort()
    return [held.person.userName, { ...Object.fromEntries(kept), groups }]
  })
  return new Map(all)
}

function without(name: string, value: unknown, format: keyof Held): unknown {
  const held: Held = { ...(holds as Readonly<Record<string, Held>>) }[name] ?? holds.managerId
  const limits = held[format].limits ?? []
  if (limits.includes('pictureId')) return (value as { url: string }).url
  if (!limits.includes('blank')) return value
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  const members = Object.entries(value as object).filter(([, one]) => one.trim() !== '')
  return members.length > 0 ? Object.fromEntries(members) : undefined
}

const readers: Readonly<Record<string, (text: string) => AsyncIterable<ReadRow>>> = {
  csv: (text) => csvRows(linesOf(inPieces(text))),
  jsonl: (text) => jsonRows(linesOf(inPieces(text))),
  vcf: (text) => cardRows(linesOf(inPieces(text))),
}

describe.each<[string, keyof Held, Format]>([
  ['a .csv file', 'csv', csv],
  ['a .jsonl file', 'jsonl', jsonLines],
  ['a .vcf file of version 4', 'vcf', cards('4.0')],
  ['a .vcf file of version 3', 'vcf', cards('3.0')],
])('%s', (_, name, format) => {
  it('brings back all that its column of docs/export.md says it holds', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const store = await furnished(all)
        const { text, people: count } = await exported(store, format)
        expect(count).toBe(all.length)
        const again = await imported(readers[name]?.(text) as AsyncIterable<ReadRow>)
        expect(await keptIn(again, name)).toEqual(await keptIn(store, name))
      }),
      { numRuns: 60 },
    )
  })

  it('tells of each field that it can not hold, and of no other', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const store = await furnished(all)
        const { lost } = await exported(store, format)
        const columns = (person: Person) => {
          const { socialLinks, extraInfo, ...rest } = statedOf(person)
          return Object.entries({ ...rest, ...(socialLinks as object), ...(extraInfo as object) })
        }
        const blank = all.flatMap(({ person }) =>
          columns(person).filter(([, value]) => typeof value === 'string' && value.trim() === ''),
        )
        const wanted = name === 'csv' ? blank.map(([field]) => field) : []
        expect([...lost.keys()].sort()).toEqual([...new Set(wanted)].sort())
      }),
      { numRuns: 20 },
    )
  })
})
