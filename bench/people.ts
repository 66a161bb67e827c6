// The directory that is measured: as many people as are wanted, the same every time, kept in bench/.data between runs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { issueKey } from '../src/access/key.ts'
import { createSeal } from '../src/access/seal.ts'
import { staff } from '../src/demo/names.ts'
import { choices, createDesk, type Desk, invent } from '../src/demo/profile.ts'
import { createRandom, type Random } from '../src/demo/random.ts'
import { departments } from '../src/demo/words.ts'
import type { Dialect, Mark } from '../src/dialects/dialect.ts'
import { newGroup } from '../src/directory/group.ts'
import type { Organization, Store, Write } from '../src/directory/ports.ts'
import type { OrganizationId, PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import type { Signals } from '../src/presence/presence.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import { ranking } from './draws.ts'
import { progress } from './progress.ts'

/** A loaded directory, ready to be served. */
export interface Population {
  readonly people: number
  readonly database: string
  readonly mark: Mark
  /** Who is at each rank of popularity. */
  readonly ranks: Uint32Array
  /** Keys of plain members who attend the event, made for this run. */
  readonly keys: readonly string[]
  /** The key of a service that administers the organization, made for this run. */
  readonly administrator: string
}

const seed = 20_260_301
/** Raised when other people come out of the same seed. */
const format = 3

/** Where loaded directories are kept; ends with a slash. */
export const dataFolder = fileURLToPath(new URL('./.data/', import.meta.url))
const migrations = fileURLToPath(new URL('../src/store/sql/migrations/', import.meta.url))

/** Opens the directory of that size, which is loaded first if it is not there or does not fit any more. */
export async function population(people: number): Promise<Population> {
  const database = `${dataFolder}people-${people}.db`
  const stampFile = `${dataFolder}people-${people}.json`
  const stamp = JSON.stringify({ people, seed, format, migrations: migrationsHash() })
  mkdirSync(dataFolder, { recursive: true })
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true })
    rmSync(stampFile, { force: true })
    await load(database, people)
    writeFileSync(stampFile, stamp)
  }
  const store = await sqliteStore(database, Date.now)
  const { mark } = createSeal(await store.secret())
  const keys = await issueKeys(store, people)
  await store.close()
  return { people, database, mark, ranks: ranksOf(people), ...keys }
}

/** Who is at each rank of popularity. */
export const ranksOf = (people: number): Uint32Array => ranking(people, seed)

/** Of what the steps do, since one that is not released yet may still change. */
function migrationsHash(): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(migrations).sort()) hash.update(readFileSync(migrations + file))
  return hash.digest('hex').slice(0, 16)
}

/** The path of whoever is at that rank. @throws Error for a dialect in which they can't be read */
export function pathAt(
  { ranks, mark }: Pick<Population, 'ranks' | 'mark'>,
  dialect: Dialect,
  rank: number,
): string {
  const index = ranks[rank] ?? 0
  const path = dialect.personPath(
    { ...idsOf(index), userName: userNameOf(index), eventUrl: event.url },
    mark,
  )
  if (path === undefined) throw new Error(`${dialect.name} has no path for a person`)
  return path
}

export const personIdAt = (ranks: Uint32Array, rank: number): PersonId => idsOf(ranks[rank] ?? 0).id

export const userNameAt = (ranks: Uint32Array, rank: number): string => userNameOf(ranks[rank] ?? 0)

/** The first address of whoever has that user name. */
export const addressOf = (userName: string): string => `${userName}@example.com`

const organization: Organization = {
  id: 'f3b7c3a2-5d0e-4b53-9a53-6a8ce5b1d001' as OrganizationId,
  name: 'Lanternfield',
  timeZone: 'Europe/London',
  audiences: {},
  manages: [],
}

const event = {
  number: 2_871_943_600_129_847,
  organizationId: organization.id,
  url: 'all-hands',
  name: 'All Hands',
}

// People.

/** Random that is one person's own, so that anybody's ids are known without the others'. */
const randomOf = (index: number): Random =>
  createRandom((seed ^ Math.imul(index + 1, 0x9e37_79b1)) >>> 0)

function idsOf(index: number): { id: PersonId; number: number } {
  const random = randomOf(index)
  return { id: random.uuid() as PersonId, number: random.number() }
}

const namedAt = (index: number) => staff[index % staff.length] as (typeof staff)[number]
/** Nobody's number: drawn ones met those of a few hundred others, who were then taken for them. */
const attendeeNumber = (index: number): number => 2 ** 51 + index

const userNameOf = (index: number): string => `${namedAt(index).userName}.${index}`

/** So many profiles are invented in full; people share them, with names, ids, addresses and places of their own. */
const profiles = 2_048
/** How many report to a manager. */
const span = 8
const groupSize = 200

function inventProfiles(): readonly Person[] {
  const desk = createDesk(createRandom(seed))
  return Array.from({ length: profiles }, (_, index) => inventProfile(desk, index))
}

function inventProfile(desk: Desk, index: number): Person {
  const department = desk.random.pick(departments)
  const position = {
    organizationId: organization.id,
    company: organization.name,
    domain: 'example.com',
    department,
    title: desk.random.pick(department.titles),
    rank: index % span === 0 ? 'lead' : 'member',
    team: desk.reference(desk.random.pick(department.teams)),
  } as const
  // Some decide for themselves who sees what; nobody hides altogether, since 404s are not what is measured.
  const { existence: _, ...audiences } = choices[index % choices.length] ?? {}
  return invent(desk, namedAt(index), position, { audiences: index % 10 === 0 ? audiences : {} })
}

function personOf(index: number, invented: readonly Person[]): Person {
  const profile = invented[index % profiles] as Person
  const { family } = namedAt(index >> 3)
  const given = profile.givenName ?? ''
  const userName = userNameOf(index)
  const address = addressOf(userName)
  const [work, ...emails] = profile.emails
  return {
    ...profile,
    ...idsOf(index),
    userName,
    externalId: `E-${index}`,
    displayName: `${given} ${family}`,
    familyName: family,
    emails: work ? [{ ...work, value: address, normalized: address }, ...emails] : [],
    ...(index > 0 && {
      managerId: idsOf(Math.floor((index - 1) / span)).id,
      createdById: idsOf(0).id,
    }),
  }
}

const firstLoginAt = '2022-03-01T08:00:00.000Z'
const lastActivityAt = '2025-11-03T16:20:00.000Z'

/** What nine of ten have; none of it turns into something else with time, and with it an answer's bytes. */
function signalsOf(index: number): Signals | undefined {
  if (index % 10 === 9) return undefined
  if (index % 10 === 8) return { firstLoginAt, lastActivityAt, outOfOffice: {} }
  if (index % 10 === 7) return { firstLoginAt, lastActivityAt, doNotDisturb: {} }
  return { firstLoginAt, lastActivityAt }
}

// Loading.

const batch = 500

async function load(database: string, people: number): Promise<void> {
  const invented = inventProfiles()
  const store = await sqliteStore(database, Date.now)
  const at = new Date().toISOString()
  const commit = (writes: readonly Write[]) => store.commit(writes, 'bench', at)
  const bar = progress(`loading ${people.toLocaleString('en')} people`, people)
  await commit([
    { kind: 'organization', organization },
    { kind: 'event', event },
  ])
  for (let first = 0; first < people; first += batch) {
    const indexes = Array.from({ length: Math.min(batch, people - first) }, (_, at) => first + at)
    await commit([
      ...indexes.map((index): Write => ({ kind: 'person', person: personOf(index, invented) })),
      ...indexes.map(
        (index): Write => ({
          kind: 'attendee',
          attendee: {
            number: attendeeNumber(index),
            eventNumber: event.number,
            personId: idsOf(index).id,
          },
        }),
      ),
    ])
    await store.signal(
      new Map(
        indexes.flatMap((index) => {
          const signals = signalsOf(index)
          return signals ? [[idsOf(index).id, signals] as const] : []
        }),
      ),
    )
    bar.advance(indexes.length)
  }
  for (let first = 0; first < people; first += groupSize) await commit(groupFrom(first, people))
  await store.close()
  bar.end()
}

function groupFrom(first: number, people: number): readonly Write[] {
  const members = Array.from({ length: Math.min(groupSize, people - first) }, (_, at) => first + at)
  const number = first / groupSize
  const { name } = departments[number % departments.length] ?? departments[0]
  const id = createRandom(seed + 2 + number).uuid()
  return [
    {
      kind: 'group',
      group: newGroup(
        {
          id,
          organizationId: organization.id,
          name: `${name} ${number + 1}`,
          managerId: idsOf(first).id,
        },
        firstLoginAt,
      ),
    },
    {
      kind: 'members',
      groupId: id,
      joining: members.map((index) => idsOf(index).id),
      leaving: [],
    },
  ]
}

/** Plain members who ask; more than one where many callers are wanted. */
const askers = [11, 222, 333, 444]

async function issueKeys(
  store: Store,
  people: number,
): Promise<Pick<Population, 'keys' | 'administrator'>> {
  const createdAt = new Date().toISOString()
  const issued = askers.map((index) => keyFor(idsOf(index % people).id, createdAt))
  const service = issueKey({
    ...{ organizationId: organization.id, service: 'bench', role: 'admin', createdAt },
  })
  const writes = [...issued, service].map(({ key }): Write => ({ kind: 'key', key }))
  await store.commit(writes, 'bench', createdAt)
  return { keys: issued.map(({ secret }) => secret), administrator: service.secret }
}

/** A plain member's key. */
export const keyFor = (personId: PersonId, createdAt: string) =>
  issueKey({ organizationId: organization.id, personId, role: 'member', createdAt })
