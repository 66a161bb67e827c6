import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import { type Cluster, hasPostgres, startCluster } from '../../test/postgres-cluster.ts'
import { issueKey } from '../access/key.ts'
import type { Store } from '../directory/ports.ts'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { checkDatabase } from './check.ts'
import { postgresStore } from './postgres.ts'
import { addressOf } from './postgres-address.ts'
import { bringUpToDate } from './postgres-upgrade.ts'
import { type Migrating, migrate, migrationNames, migrations } from './sql/migrate.ts'
import type { Migration } from './sql/migration.ts'
import type { Tables } from './sql/tables.ts'
import { sqliteStore } from './sqlite.ts'
import { kyselyOver } from './sqlite-adapter.ts'

// Steps of a Kith to come, beside nodes of this one.

const at = new Date(cast.testNow).toISOString()
const now = () => cast.testNow
const { organizationId } = cast.ada
const key = issueKey({ organizationId, personId: cast.ada.id, role: 'member', createdAt: at })

const widened = [
  'person',
  'person_email',
  'digest',
  'organization',
  'access_key',
  'event',
  'change',
]

/** Adds a column to every table that this Kith reads whole rows of, and a table. */
const additive: Migration = {
  name: '901-nicknames',
  compatibleSince: migrationNames.at(-1) ?? '',
  async begin({ schema }) {
    for (const table of widened) {
      await schema.alterTable(table).addColumn('nickname', 'text').execute()
    }
    await schema.createTable('nickname').addColumn('name', 'text').execute()
  },
}

/** The same, and goes through everybody. */
const filling: Migration = { ...additive, name: '902-filling', fill: async () => {} }

const breaking: Migration = {
  name: '903-renamed',
  begin: ({ schema }) => schema.alterTable('event').renameColumn('name', 'title').execute(),
}

interface Engine {
  /** A place for a new database. */
  make(): Promise<string>
  open(place: string): Promise<Store>
  /** Brings it to a version to come. */
  upgrade(place: string, migrating: Migrating): Promise<void>
  /** Whether this Kith looks by itself for what others have done to the database. */
  readonly looks: boolean
}

describe('on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kith-compatibility-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let made = 0
  const sqlite: Engine = {
    async make() {
      made += 1
      return join(folder, `${made}.db`)
    },
    open: (path) => sqliteStore(path, now),
    async upgrade(path, migrating) {
      const handle = new DatabaseSync(path, { timeout: 5_000 })
      await migrate(kyselyOver(handle), at, migrating).finally(() => handle.close())
    },
    looks: false,
  }
  works(sqlite)

  it('looks for damage in what a newer Kith has added to, and at nothing that it can not use', async () => {
    const path = await sqlite.make()
    const store = await sqlite.open(path)
    await begin(store)
    await store.close()
    await sqlite.upgrade(path, { steps: [...migrations, additive] })
    expect(checkDatabase(path).faults).toEqual([])
    await sqlite.upgrade(path, { steps: [...migrations, additive, breaking] })
    expect(checkDatabase(path).faults).toMatchObject([{ what: 'what this Kith can not use' }])
  })
})

describe.runIf(hasPostgres())('on PostgreSQL', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 120_000)
  afterAll(() => cluster.close())
  const postgres: Engine = {
    make: () => cluster.newDatabase(),
    open: (url) => postgresStore(url, now),
    async upgrade(url, migrating) {
      await bringUpToDate(addressOf(url), at, migrating)
    },
    looks: true,
  }
  works(postgres)

  it('begins a transaction anew that finds a column where there was none', async () => {
    const url = await postgres.make()
    const store = await opened(postgres, url)
    await begin(store)
    const retitled = (name: string) =>
      store.commit([{ kind: 'event', event: { ...cast.event, name } }], 'test', at)
    await retitled('before')
    await postgres.upgrade(url, { steps: [...migrations, additive] })
    await retitled('after')
    expect((await store.gatherings.eventByUrl(cast.event.url))?.name).toBe('after')
    expect(await store.changesAfter(0, 10)).toHaveLength(6)
  })

  it('lets no older node write once a step has begun that it does not know', async () => {
    const url = await postgres.make()
    const store = await opened(postgres, url)
    await begin(store)
    let acknowledged = 0
    let refused = false
    const writing = (async () => {
      for (let version = 2; !refused; version += 1) {
        const person = { ...cast.ada, version }
        await store.commit([{ kind: 'person', person }], 'test', at).then(
          () => (acknowledged += 1),
          () => (refused = true),
        )
      }
    })()
    await pause(200)
    // What is read while the step goes on is what every write that was acknowledged has left.
    const seen: number[] = []
    const begun = async (db: Kysely<unknown>) => {
      const count = () =>
        (db as Kysely<Tables>)
          .selectFrom('change')
          .select(({ fn }) => fn.countAll().as('count'))
          .execute()
      seen.push(Number((await count())[0]?.count))
      await pause(500)
      seen.push(Number((await count())[0]?.count))
    }
    await postgres.upgrade(url, { steps: [...migrations, { name: '904-slow', begin: begun }] })
    await writing
    expect(acknowledged).toBeGreaterThan(0)
    expect(seen).toEqual([seen[0], 4 + acknowledged].map(() => 4 + acknowledged))
  })
})

function works(engine: Engine): void {
  it('goes on reading and writing while a newer Kith adds to the database, and is started beside it', async () => {
    const place = await engine.make()
    const store = await opened(engine, place)
    await begin(store)
    await readAll(store)
    let rounds = 0
    let done = false
    const traffic = (async () => {
      for (let version = 2; !done; version += 1) {
        await readAll(store)
        await store.commit([{ kind: 'person', person: { ...cast.ada, version } }], 'test', at)
        await store.signal(new Map([[cast.ada.id, { firstLoginAt: at }]]))
        rounds = version - 1
        await pause(1)
      }
    })()
    await pause(50)
    for (const steps of [[additive], [additive, { ...filling, begin: async () => {} }]]) {
      await engine.upgrade(place, { steps: [...migrations, ...steps] })
    }
    const before = rounds
    await until(() => rounds > before + 3)
    done = true
    await traffic

    const restarted = await opened(engine, place)
    await readAll(restarted)
    await restarted.commit([{ kind: 'event', event: { ...cast.event, name: 'B' } }], 'test', at)
    store.watch.look()
    expect((await store.gatherings.eventByUrl(cast.event.url))?.name).toBe('B')
  })

  it('is started while a step goes through everybody that adds to the database', async () => {
    const place = await engine.make()
    const store = await opened(engine, place)
    await begin(store)
    const onUpgrade = () => {
      throw new Error('interrupted')
    }
    const steps = [...migrations, filling]
    await expect(engine.upgrade(place, { steps, onUpgrade })).rejects.toThrow('interrupted')
    const restarted = await opened(engine, place)
    await restarted.commit([{ kind: 'person', person: { ...cast.ada, version: 2 } }], 'test', at)
    for (const one of [store, restarted]) {
      one.watch.look()
      expect((await one.people.byId(cast.ada.id))?.person.version).toBe(2)
    }
    await engine.upgrade(place, { steps })
    await readAll(restarted)
  })

  it('refuses everything, and says why, once a newer Kith has made it a database that it does not know', async () => {
    const place = await engine.make()
    const store = await opened(engine, place)
    await begin(store)
    const reader = await opened(engine, place)
    await readAll(reader)
    const footprint = new Footprint(reader.watch.moment)
    footprint.reads(factOf('person', cast.ada.id))
    await engine.upgrade(place, { steps: [...migrations, additive, breaking] })

    const why = {
      code: 'unavailable',
      cause: { message: expect.stringContaining('"903-renamed"') },
    }
    const person = { ...cast.ada, version: 2 }
    await expect(store.commit([{ kind: 'person', person }], 'test', at)).rejects.toMatchObject(why)
    await expect(store.signal(new Map([[cast.ada.id, {}]]))).rejects.toMatchObject(why)
    if (engine.looks) await refusal(() => reader.people.byId(cast.ada.id))
    else expect(() => reader.watch.look()).toThrow(/can not be read or written at the moment/)
    // Nor is anything told that it remembers; with SQLite nobody asks for that before they look.
    if (engine.looks) expect(reader.watch.stands(footprint, cast.testNow)).toBe(false)
    const asked = [
      reader.people.byId(cast.ada.id),
      reader.keys.holderByHash(key.key.hash),
      reader.organizations.all(),
      reader.people.search(everybody),
      reader.ready(),
    ]
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: 'rejected', reason: why })
    }
    await expect(engine.open(place)).rejects.toThrow(
      /brought up to date by a newer version of Kith \(step "903-renamed"\)/,
    )
  })

  it('is refused by the last step that it has to know, whatever was added after that', async () => {
    const place = await engine.make()
    await (await engine.open(place)).close()
    const later: Migration = { ...additive, name: '905-later' }
    await engine.upgrade(place, { steps: [...migrations, breaking, later] })
    await expect(engine.open(place)).rejects.toThrow(/step "903-renamed"/)
    // Who knows that step is not.
    await engine.upgrade(place, { steps: [...migrations, breaking] })
  })
}

async function opened(engine: Engine, place: string): Promise<Store> {
  const store = await engine.open(place)
  onTestFinished(() => store.close())
  return store
}

const begin = (store: Store): Promise<void> =>
  store.commit(
    [
      { kind: 'organization', organization: cast.organizations.home },
      { kind: 'person', person: cast.ada },
      { kind: 'event', event: cast.event },
      { kind: 'key', key: key.key },
    ],
    'test',
    at,
  )

const eyes = { organizationId, administers: new Set([organizationId]) }
const everybody = { organizationId, eyes, from: { skip: 0 }, limit: 9, total: true }

/** Many at once, so that every line is used. */
async function readAll(store: Store): Promise<void> {
  const reads = Array.from({ length: 8 }, () => [
    store.people.byId(cast.ada.id),
    store.keys.holderByHash(key.key.hash),
    store.keys.list(),
    store.organizations.all(),
    store.gatherings.eventByUrl(cast.event.url),
    store.changesAfter(0, 10),
    store.people.search(everybody),
  ])
  for (const all of reads) for (const one of await Promise.all(all)) expect(one).toBeTruthy()
}

/** Resolves as soon as that is refused. */
async function refusal(ask: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  while (await ask().then(Boolean, () => false)) {
    if (performance.now() - began > 10_000) throw new Error('It never was')
    await pause(5)
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const began = performance.now()
  while (!isSo()) {
    if (performance.now() - began > 10_000) throw new Error('It never was')
    await pause(5)
  }
}
