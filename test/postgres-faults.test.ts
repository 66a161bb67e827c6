import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../src/directory/ports.ts'
import { Failure } from '../src/failure.ts'
import { Footprint, factOf } from '../src/footprint/footprint.ts'
import type { Person } from '../src/person/person.ts'
import { postgresStore } from '../src/store/postgres.ts'
import * as cast from './cast.ts'
import { type Cluster, hasPostgres, type Server, startCluster } from './postgres-cluster.ts'
import { wire } from './wire.ts'

// What a node does when the database goes away, comes back as another one, or can't be heard any more. Nothing that was
// acknowledged is lost, and nobody waits for ever.

const at = new Date(cast.testNow).toISOString()

/** Milliseconds in which everything that is asked has to have an answer, whatever it is. */
const deadline = 9_000

describe.runIf(hasPostgres())('a node on PostgreSQL', () => {
  let cluster: Cluster
  let standby: Server
  beforeAll(async () => {
    cluster = await startCluster({ durable: true })
    standby = await cluster.addStandby()
    // What is acknowledged is on both.
    await cluster.primary.psql("alter system set synchronous_standby_names = '*'")
    await cluster.primary.psql('select pg_reload_conf()')
    await follows(cluster)
  }, 120_000)
  afterAll(() => cluster.close())

  const opened = async (url: string): Promise<Store> => {
    const store = await postgresStore(url, () => cast.testNow)
    onTestFinished(() => store.close())
    await store.commit(
      [{ kind: 'organization', organization: cast.organizations.home }, person(cast.ada)],
      'test',
      at,
    )
    return store
  }

  it('finds the primary among the hosts that it is told, wherever it is', async () => {
    const url = await cluster.newDatabase()
    const hosts = `127.0.0.1:1,127.0.0.1:${standby.port},127.0.0.1:${cluster.primary.port}`
    const store = await opened(url.replace(/127\.0\.0\.1:\d+/, hosts))
    await store.ready()
    expect((await store.people.byId(cast.ada.id))?.person).toEqual(cast.ada)
  })

  it('goes on by itself when the primary has crashed and come back, and has lost nothing', async () => {
    const store = await opened(await cluster.newDatabase())
    const writing = writingTo(store)
    await writing.until((acknowledged) => acknowledged > 50)
    await cluster.primary.kill()
    await pause(2_000)
    await expect(store.people.byId(cast.ada.id)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.ready()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
    await cluster.primary.start()
    const before = writing.counts.acknowledged
    await writing.until((acknowledged) => acknowledged > before + 50)
    const { sent, acknowledged, failed, slowest } = await writing.ended()
    await store.ready()
    expect(await lostOf(store, writing)).toEqual([])
    expect(sent).toBe(acknowledged + failed)
    expect(failed).toBeGreaterThan(0)
    expect(slowest).toBeLessThan(deadline)
  }, 60_000)

  it('answers by a deadline while nothing comes through, and goes on when it does again', async () => {
    const url = await cluster.newDatabase()
    const line = await wire(cluster.primary.port)
    const store = await opened(url.replace(/:\d+\//, `:${line.port}/`))
    // So that there are lines at rest, on which what is asked goes out and is not answered.
    const { people, groups } = store
    const { id: home } = cast.organizations.home
    await Promise.all([
      people.byId(cast.ada.id),
      groups.inOrganization(home),
      people.managersAbove(cast.ada.id),
    ])
    await pause(300)
    const footprint = new Footprint(store.watch.moment)
    footprint.reads(factOf('person', cast.ada.id))
    expect(store.watch.stands(footprint, cast.testNow)).toBe(true)

    line.cut()
    await pause(1_000)
    expect(store.watch.stands(footprint, cast.testNow)).toBe(false)
    const began = performance.now()
    const told = await Promise.allSettled([
      ...Array.from({ length: 200 }, () => store.people.byId(cast.ada.id)),
      ...Array.from({ length: 50 }, () => store.commit([person(cast.manager)], 'test', at)),
      store.keys.holderByHash('nobody’s'),
      groups.inOrganization(home),
      store.ready(),
    ])
    expect(performance.now() - began).toBeLessThan(deadline)
    const reasons = told.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(reasons).toHaveLength(told.length)
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'unavailable' })

    line.mend()
    await eventually(async () => (await store.people.byId(cast.ada.id))?.person.id)
    await eventually(() => store.ready())
    const rest = new Footprint(store.watch.moment)
    await eventually(async () => {
      if (!store.watch.stands(rest, cast.testNow)) throw new Error('It does not look')
    })
  }, 60_000)

  it('says unavailable when there are no connections left, and goes on when there are', async () => {
    const url = await cluster.newDatabase()
    const store = await opened(url)
    const name = new URL(url).pathname.slice(1)
    await cluster.primary.psql(`alter database ${name} allow_connections false`)
    await cluster.primary.psql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    )
    await eventually(async () => {
      await expect(store.people.byId(cast.ada.id)).rejects.toMatchObject({ code: 'unavailable' })
    })
    await cluster.primary.psql(`alter database ${name} allow_connections true`)
    await eventually(async () => (await store.people.byId(cast.ada.id))?.person.id)
  }, 60_000)

  it('writes to the standby that was promoted, and has lost nothing', async () => {
    const url = await cluster.newDatabase()
    const hosts = `127.0.0.1:${cluster.primary.port},127.0.0.1:${standby.port}`
    const store = await opened(url.replace(/127\.0\.0\.1:\d+/, hosts))
    const writing = writingTo(store)
    await writing.until((acknowledged) => acknowledged > 50)
    await cluster.primary.kill()
    await pause(500)
    // It follows nobody any more, and waits for nobody.
    await standby.promote()
    await standby.psql("alter system set synchronous_standby_names = ''")
    await standby.psql('select pg_reload_conf()')
    const before = writing.counts.acknowledged
    await writing.until((acknowledged) => acknowledged > before + 50)
    const { sent, acknowledged, failed, slowest } = await writing.ended()
    expect(await lostOf(store, writing)).toEqual([])
    expect(sent).toBe(acknowledged + failed)
    expect(slowest).toBeLessThan(deadline)
  }, 60_000)
})

const person = (one: Person) => ({ kind: 'person', person: one }) as const

interface Writing {
  readonly counts: { sent: number; acknowledged: number; failed: number; slowest: number }
  /** The ids of the events whose writes were acknowledged. */
  readonly done: readonly number[]
  until(enough: (acknowledged: number) => boolean): Promise<void>
  /** Resolves when the last has its answer. */
  ended(): Promise<Writing['counts']>
}

/** Four who write one event after the other, each with a number of its own. */
function writingTo(store: Store): Writing {
  const counts = { sent: 0, acknowledged: 0, failed: 0, slowest: 0 }
  const done: number[] = []
  let stopped = false
  const writeOne = async () => {
    counts.sent += 1
    const number = 1_000_000 + counts.sent
    const event = { ...cast.event, number, url: `event-${number}` }
    const began = performance.now()
    try {
      await store.commit([{ kind: 'event', event }], 'test', at)
      counts.acknowledged += 1
      done.push(number)
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
      expect(error).toMatchObject({ code: 'unavailable' })
      counts.failed += 1
      await pause(20)
    }
    counts.slowest = Math.max(counts.slowest, performance.now() - began)
  }
  const writers = Array.from({ length: 4 }, async () => {
    while (!stopped) await writeOne()
  })
  return {
    counts,
    done,
    async until(enough) {
      const began = performance.now()
      while (!enough(counts.acknowledged)) {
        if (performance.now() - began > 20_000) throw new Error('Nothing is written any more')
        await pause(10)
      }
    },
    async ended() {
      stopped = true
      await Promise.all(writers)
      return counts
    },
  }
}

/** Those that were acknowledged and are not there; and the log has no gap. */
async function lostOf(store: Store, { done }: Writing): Promise<readonly number[]> {
  const there = new Set<number>()
  let after = 0
  for (;;) {
    const page = await store.changesAfter(after, 500)
    expect(page.map(({ sequence }) => sequence)).toEqual(page.map((_, index) => after + index + 1))
    for (const { entityId } of page) there.add(Number(entityId))
    if (page.length < 500) break
    after += page.length
  }
  return done.filter((number) => !there.has(number))
}

async function eventually(work: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (performance.now() - began > 15_000) throw error
      await pause(50)
    }
  }
}

async function follows({ primary }: Cluster): Promise<void> {
  await eventually(async () => {
    const state = await primary.psql('select sync_state from pg_stat_replication')
    if (state !== 'sync') throw new Error(`The standby is ${state || 'not there'}`)
  })
}
