import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { house } from '../src/dialects/house/index.ts'
import type { Store } from '../src/directory/ports.ts'
import { Footprint, factOf } from '../src/footprint/footprint.ts'
import { postgresStore } from '../src/store/postgres.ts'
import * as cast from './cast.ts'
import { type Cluster, hasPostgres, type Server, startCluster } from './postgres-cluster.ts'
import { type Wire, wire } from './wire.ts'
import { world } from './world.ts'

const at = new Date(cast.testNow).toISOString()
const home = { kind: 'organization', organization: cast.organizations.home } as const
const ada = { kind: 'person', person: cast.ada } as const
const { id } = cast.ada
const titled = (version: number) =>
  ({ kind: 'person', person: { ...cast.ada, version, title: `Title ${version}` } }) as const

/** Milliseconds: less than a statement may take that is not answered, and more than a busy machine does. */
const patience = 2_000

type Nearby = NonNullable<Store['nearby']>

interface Node {
  readonly store: Store
  readonly nearby: Nearby
  /** To the standby. */
  readonly line: Wire
}

describe.runIf(hasPostgres())('a node that reads from a standby', () => {
  let cluster: Cluster
  let standby: Server
  beforeAll(async () => {
    cluster = await startCluster()
    standby = await cluster.addStandby()
  }, 120_000)
  afterAll(() => cluster.close())

  /** A node, once the standby is good enough for it. */
  async function node(url: string): Promise<Node> {
    const line = await wire(standby.port)
    const from = cluster.urlOn(line, url)
    const store = await postgresStore(url, () => cast.testNow, undefined, from)
    onTestFinished(() => store.close())
    const { nearby } = store
    if (!nearby) throw new Error('It reads from no standby')
    await answers({ nearby, line })
    return { store, nearby, line }
  }

  /** Resolves when reads are answered by the standby. */
  async function answers({ nearby, line }: Pick<Node, 'nearby' | 'line'>): Promise<void> {
    const began = performance.now()
    for (let before = line.answered; line.answered < before + 20; ) {
      if (performance.now() - began > 10_000) throw new Error('The standby is never asked')
      await nearby.people.byId(id)
      await pause(5)
    }
  }

  async function lagging(): Promise<void> {
    await standby.psql('select pg_wal_replay_pause()')
    const state = () => standby.psql('select pg_get_wal_replay_pause_state()')
    // It is paused at the next record that comes.
    while ((await state()) !== 'paused') {
      await cluster.primary.psql('select pg_switch_wal()')
      await pause(20)
    }
    onTestFinished(() => following())
  }
  const following = async () => {
    await standby.psql('select pg_wal_replay_resume()').catch(() => {})
  }

  const titleIn = async ({ people }: Pick<Store, 'people'>) => (await people.byId(id))?.person.title

  it('reads what it has written itself at once, however far behind the standby is', async () => {
    const one = await node(await cluster.newDatabase())
    const { store, nearby } = one
    await store.commit([home, ada], 'test', at)
    for (let version = 2; version < 40; version += 2) {
      await following()
      await answers(one)
      if (version > 30) await lagging()
      // The standby is the one to be asked, until it is found to be behind.
      await store.commit([titled(version)], 'test', at)
      expect(await titleIn(nearby)).toBe(`Title ${version}`)
      await store.commit([titled(version + 1)], 'test', at)
      expect(await titleIn(nearby)).toBe(`Title ${version + 1}`)
    }
  }, 60_000)

  it('reads, and remembers, what another node has written within a second, with a standby that is behind', async () => {
    const url = await cluster.newDatabase()
    const { store, nearby } = await node(url)
    const other = await postgresStore(url, () => cast.testNow)
    onTestFinished(() => other.close())
    await other.commit([home, ada], 'test', at)
    for (let version = 2; version < 12; version += 1) {
      if (version === 4) await lagging()
      if (version === 10) await following()
      await other.commit([titled(version)], 'test', at)
      const began = performance.now()
      while (!(await isRead(`Title ${version}`))) {
        expect(performance.now() - began).toBeLessThan(1_000)
      }
    }

    /** Whether it reads that; what it remembers of something else must not stand for long. */
    async function isRead(title: string): Promise<boolean> {
      const footprint = new Footprint(store.watch.moment)
      footprint.reads(factOf('person', id))
      if ((await titleIn(nearby)) === title) return true
      await pause(300)
      expect(store.watch.stands(footprint, cast.testNow)).toBe(false)
      return false
    }
  }, 60_000)

  it('opens to a key that another node has made a moment ago', async () => {
    const url = await cluster.newDatabase()
    const { nearby } = await node(url)
    const other = await postgresStore(url, () => cast.testNow)
    onTestFinished(() => other.close())
    await other.commit([home], 'test', at)
    await lagging()
    const key = { id: 'made', hash: 'hash', organizationId: cast.organizations.home.id }
    await other.commit(
      [{ kind: 'key', key: { ...key, service: 'new', role: 'member', createdAt: at } }],
      'test',
      at,
    )
    const both = await Promise.all([
      nearby.keys.holderByHash('hash'),
      nearby.keys.holderById('made'),
    ])
    expect(both.map((holder) => holder?.key.id)).toEqual(['made', 'made'])
  }, 60_000)

  it('lets nobody write by what is not so any more, which the standby still has', async () => {
    const url = await cluster.newDatabase()
    const deaf = await wire(cluster.primary.port)
    const one = await node(cluster.urlOn(deaf, url))
    const other = await postgresStore(url, () => cast.testNow)
    onTestFinished(() => other.close())
    const { ask } = await world({ store: one.store })
    deaf.deafen()
    const path = `/api/v1/people/${id}`
    for (let version = 2; version < 8; version += 1) {
      await following()
      await answers(one)
      await lagging()
      const { headers } = await ask(house, path, { as: 'admin' })
      const etag = headers.etag ?? ''
      await other.commit([titled(version)], 'test', at)
      const body = JSON.stringify({ title: 'By what was' })
      const question = { as: 'admin', method: 'PATCH', body } as const
      const json = { 'content-type': 'application/json' }
      const told = await ask(house, path, { ...question, headers: { ...json, 'if-match': etag } })
      expect([told.status, await titleIn(one.store)]).toEqual([412, `Title ${version}`])
    }
  }, 60_000)

  it('goes on with the primary, and nobody waits, when the standby is gone or says nothing, until it is back', async () => {
    const one = await node(await cluster.newDatabase())
    const { store, nearby, line } = one
    await store.commit([home, ada], 'test', at)
    const slowest = async () => {
      let most = 0
      for (let round = 0; round < 100; round += 1) {
        const began = performance.now()
        const all = [titleIn(nearby), nearby.groups.inOrganization(cast.ada.organizationId)]
        const [title] = await Promise.all(all)
        expect(title).toBe(cast.ada.title)
        most = Math.max(most, performance.now() - began)
        await pause(5)
      }
      return most
    }
    await answers(one)
    line.cut()
    expect(await slowest()).toBeLessThan(patience)
    line.mend()
    await answers(one)
    await standby.kill()
    expect(await slowest()).toBeLessThan(patience)
    await standby.start()
    await answers(one)
  }, 60_000)

  it('reads from no standby while it can’t hear the primary', async () => {
    const url = await cluster.newDatabase()
    const line = await wire(cluster.primary.port)
    const { store, nearby } = await node(url.replace(/:\d+\//, `:${line.port}/`))
    await store.commit([home, ada], 'test', at)
    line.cut()
    await pause(1_000)
    await expect(nearby.people.byId(id)).rejects.toMatchObject({ code: 'unavailable' })
  }, 60_000)
})
