import { appendFileSync } from 'node:fs'
import { type DispatchFunc, inject } from 'light-my-request'
import { inject as injected, onTestFinished } from 'vitest'
import { type CredentialPlace, createDoor } from '../src/access/identify.ts'
import { issueKey, type Key } from '../src/access/key.ts'
import { createSeal } from '../src/access/seal.ts'
import { type Dialect, extensionRulesOf, type PersonIds } from '../src/dialects/dialect.ts'
import { house } from '../src/dialects/house/index.ts'
import { spoken as allDialects } from '../src/dialects/index.ts'
import { documentOf } from '../src/dialects/openapi.ts'
import { createDirectory } from '../src/directory/directory.ts'
import type { Organization, Store, Write } from '../src/directory/ports.ts'
import { createPulse } from '../src/directory/pulse.ts'
import { createVerbs } from '../src/directory/verbs.ts'
import { createApp } from '../src/http/app.ts'
import { createLog } from '../src/http/log.ts'
import type { Shelf } from '../src/http/shelf.ts'
import type { Person } from '../src/person/person.ts'
import type { PictureFiles } from '../src/pictures/files.ts'
import { memoryFiles } from '../src/pictures/memory-files.ts'
import { createPictures } from '../src/pictures/pictures.ts'
import type { Signals } from '../src/presence/presence.ts'
import { memoryStore } from '../src/store/memory.ts'
import { postgresStore } from '../src/store/postgres.ts'
import * as cast from './cast.ts'
import { endWorld, newWorld } from './postgres-worlds.ts'

/** The same in every world, so that one world's ids are another's too. */
export const testSecret = 'the tests’ secret'

const at = new Date(cast.testNow).toISOString()

export interface WorldOptions {
  /** In place of all that there are, with our own beside them. */
  readonly dialects?: readonly Dialect[]
  readonly store?: Store
  /** Where pictures are kept; in memory unless it is said. */
  readonly files?: PictureFiles
  /** Everybody is in the store already. */
  readonly furnished?: boolean
  readonly ada?: Person
  readonly adaSignals?: Signals
  /** Changes of the other people, by their id. */
  readonly others?: readonly Person[]
  readonly home?: Organization
  readonly connections?: typeof cast.connections
  readonly groups?: readonly (typeof cast.groups)[number][]
  /** By dialect; the defaults where nothing is said. */
  readonly switches?: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  /** Milliseconds since the epoch, or a clock. */
  readonly now?: number | (() => number)
  readonly trustedProxies?: readonly string[]
  /** Where clients that follow links find it. */
  readonly publicUrl?: () => string
  /** Requests a minute of each key, by dialect. */
  readonly limits?: Readonly<Record<string, number>>
  /** A minute, from each address. Unless it is said, tests have as many tries as they like. */
  readonly failureLimit?: number
  readonly corsOrigins?: readonly string[]
  /** Bytes. */
  readonly cacheSize?: number
  /** Milliseconds. */
  readonly heartbeatInterval?: number
  readonly shelf?: Shelf
}

export interface Question {
  /** Whose key; none for nobody's. */
  readonly as?: cast.ViewerName | cast.RefusedName
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
  readonly bytes: Buffer
}

export type { ViewerName } from './cast.ts'

export type World = Awaited<ReturnType<typeof world>>

/** A whole server in memory, with Ada and everybody whom she knows in it. Its log goes to the file that is audited at the end. */
export async function world(options: WorldOptions = {}) {
  const store = options.store ?? (await freshStore())
  if (!options.furnished) await furnish(store, options)

  const { now: moment = cast.testNow } = options
  const now = typeof moment === 'function' ? moment : () => moment
  const seal = createSeal(await store.secret())
  const door = createDoor((store.nearby ?? store).keys, store.watch, now, seal)
  const extensionRules = extensionRulesOf(allDialects)
  const directory = createDirectory({ store, now, extensionRules })
  const logFile = injected('logFile')
  const logged: Record<string, unknown>[] = []
  const log = createLog('debug', {
    destination: {
      write(line) {
        logged.push(JSON.parse(line))
        appendFileSync(logFile, line)
      },
    },
  })
  const pulse = createPulse({
    beat: (times) => store.beat(times),
    complain: (err) => log.warn({ err }, 'heartbeats could not be written'),
    interval: options.heartbeatInterval ?? 60_000,
  })
  const pictures = createPictures(options.files ?? memoryFiles(now), now)
  const complain = (err: unknown, what: string) => log.warn({ err }, what)
  const verbs = createVerbs({ store, directory, pulse, pictures, complain, now })
  const app = createApp({
    dialects: options.dialects ?? allDialects,
    fallback: house,
    directory,
    verbs,
    door,
    watch: store.watch,
    seal,
    switches: Object.fromEntries(
      allDialects.map(({ name, switches }) => [
        name,
        {
          ...Object.fromEntries(
            Object.entries(switches).map(([one, { default: value }]) => [one, value]),
          ),
          ...options.switches?.[name],
        },
      ]),
    ),
    publicUrl: options.publicUrl ?? (() => 'https://people.example'),
    trustedProxies: options.trustedProxies ?? [],
    limits: { requests: options.limits ?? {}, failures: options.failureLimit ?? 1_000_000 },
    corsOrigins: options.corsOrigins ?? [],
    describe: (dialect) => documentOf(dialect, 'https://people.example'),
    pages: new Map(),
    cacheSize: options.cacheSize ?? 1_048_576,
    ...(options.shelf && { shelf: options.shelf }),
    ready: () => store.ready(),
    now,
    log,
  })

  // As a request comes in over a socket: past what is in front of the framework.
  await app.ready()
  const dispatch: DispatchFunc = (request, response) =>
    app.server.emit('request', request, response)

  /** Asks with the key of `as` in the place where `dialect` has it. */
  async function ask(dialect: Dialect, path: string, question: Question = {}): Promise<Answer> {
    const { as, method = 'GET', headers = {}, body } = question
    const response = await inject(dispatch, {
      method: method as 'GET',
      url: path,
      headers: { ...(as && credential(dialect, keys[as].secret)), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : Buffer.from(body) }),
    })
    const text = response.body
    const isJson = /json|text\/plain/.test(String(response.headers['content-type']))
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, string>,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
      bytes: response.rawPayload,
    }
  }

  /** The path of `dialect`'s one read of a person. */
  const pathOf = (
    dialect: Dialect,
    person: Pick<Person, 'id' | 'number' | 'userName'> = cast.ada,
  ): string => dialect.personPath(idsOf(person), seal.mark) ?? ''

  return { ask, pathOf, store, keys, app, seal, door, pulse, logged }
}

/** In memory; with `KITH_TEST_STORE=postgres` on PostgreSQL, in a database of its own. */
async function freshStore(): Promise<Store> {
  const worlds = injected('postgres')
  if (!worlds) return memoryStore(testSecret)
  const url = await newWorld(worlds)
  const store = await postgresStore(url, () => cast.testNow)
  try {
    onTestFinished(async () => {
      await store.close()
      await endWorld(url)
    })
  } catch {
    // It is for all tests of a file, and ends with their process.
  }
  return store
}

async function furnish(store: Store, options: WorldOptions): Promise<void> {
  const all = Object.values(keys).map(({ key }) => key)
  await store.commit(writesOf(options, all), 'test', at)
  await store.signal(new Map([[cast.ada.id, options.adaSignals ?? cast.adaSignals]]))
}

const idsOf = ({
  id,
  number,
  userName,
}: Pick<Person, 'id' | 'number' | 'userName'>): PersonIds => ({
  id,
  number,
  userName,
  eventUrl: cast.event.url,
})

/** The headers that carry `secret` where `dialect` looks first. */
export const credential = ({ credentials: [place] }: Dialect, secret: string) =>
  place ? credentialAt(place, secret) : {}

/** The headers that carry `secret` in that place. */
export function credentialAt(place: CredentialPlace, secret: string): Record<string, string> {
  if (place.in === 'header') return { [place.name]: secret }
  if (place.in === 'cookie') return { cookie: `${place.name}=${secret}` }
  return { authorization: `Bearer ${secret}` }
}

function writesOf(
  {
    ada = cast.ada,
    others = [],
    home,
    connections = cast.connections,
    groups = cast.groups,
  }: WorldOptions,
  keys: readonly Key[],
): Write[] {
  const everybody = [
    cast.manager,
    cast.creator,
    cast.reportee,
    cast.groupManager,
    ...Object.values(cast.askers),
  ]
  const changed = new Map(others.map((person) => [person.id, person]))
  const organizations = Object.values({ ...cast.organizations, ...(home && { home }) })
  const { organizationId } = ada
  if (!organizations.some(({ id }) => id === organizationId)) {
    organizations.push({ ...cast.organizations.home, id: organizationId })
  }
  return [
    ...organizations.map((organization) => ({ kind: 'organization' as const, organization })),
    { kind: 'person', person: ada },
    ...everybody.map((person) => ({
      kind: 'person' as const,
      person: changed.get(person.id) ?? person,
    })),
    ...groups.flatMap(({ group, memberIds }): Write[] => [
      { kind: 'group', group },
      {
        ...{ kind: 'members', groupId: group.id, leaving: [] },
        // Who is deleted, or elsewhere, can be in no group.
        joining: memberIds.filter((id) => {
          const one = id === ada.id ? ada : (changed.get(id) ?? everybody.find((p) => p.id === id))
          return one?.lifecycle !== 'deleted' && one?.organizationId === group.organizationId
        }),
      },
    ]),
    { kind: 'event', event: cast.event },
    ...Object.values(cast.attendees).map((attendee) => ({ kind: 'attendee' as const, attendee })),
    ...connections.map((connection) => ({ kind: 'connection' as const, connection })),
    ...keys.map((key) => ({ kind: 'key' as const, key })),
  ]
}

function keysOfEverybody() {
  const make = (person: Person | undefined, more: Partial<Key> = {}) => {
    return issueKey({
      organizationId: person?.organizationId ?? cast.organizations.home.id,
      role: 'owner',
      createdAt: at,
      ...(person && { personId: person.id }),
      ...more,
    })
  }
  const { askers } = cast
  return {
    owner: make(askers.owner),
    admin: make(askers.admin),
    managingAdmin: make(askers.managingAdmin),
    self: make(cast.ada),
    colleague: make(askers.colleague),
    connection: make(askers.connection),
    coAttendee: make(askers.coAttendee),
    outsider: make(askers.outsider),
    service: make(undefined, { service: 'reader', role: 'member' }),
    suspended: make(askers.suspended),
    deleted: make(askers.deleted),
    barred: make(askers.barred),
    revoked: make(askers.colleague, { revokedAt: at }),
    expired: make(askers.colleague, { expiresAt: at }),
  } satisfies Record<cast.ViewerName | cast.RefusedName, unknown>
}

/** The same in every world, so that two worlds' answers can be compared. */
const keys = keysOfEverybody()
