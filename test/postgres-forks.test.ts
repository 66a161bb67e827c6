import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Store, Write } from '../src/directory/ports.ts'
import { Footprint, factOf } from '../src/footprint/footprint.ts'
import { postgresStore } from '../src/store/postgres.ts'
import * as cast from './cast.ts'
import { type Cluster, hasPostgres, type Server, startCluster } from './postgres-cluster.ts'

// Without a synchronous standby the last commits are lost with the primary, and others get their numbers. What a node
// remembers, and which servers it believes, must not depend on numbers alone.

const at = new Date(cast.testNow).toISOString()
const home: Write = { kind: 'organization', organization: cast.organizations.home }
const ada: Write = { kind: 'person', person: cast.ada }
const renamed: Write = { kind: 'person', person: { ...cast.ada, version: 2, title: 'Renamed' } }
const eventNamed = (name: string): Write => ({ kind: 'event', event: { ...cast.event, name } })

describe.runIf(hasPostgres())('nodes whose primary was replaced by one that knows less', () => {
  it('take nothing for unchanged that they remember from before', async () => {
    const { cluster, url, standbys } = await clusterWith(1)
    const [one, other] = await Promise.all([1, 2].map(() => open(url)))
    if (!one || !other) throw new Error('There are no nodes')
    await one.commit([home, ada], 'test', at)
    await lose(cluster, standbys, url, async () => {
      const before = one.watch.moment
      await other.commit([eventNamed('Lost')], 'test', at)
      while (one.watch.moment === before) await pause(10)
    })
    const footprint = new Footprint(one.watch.moment)
    footprint.reads(factOf('person', cast.ada.id))
    await untilDone(other, renamed)
    // As many lines as there were, of which the last is another.
    const log = await other.changesAfter(0, 10)
    expect(log.map(({ entity }) => entity)).toEqual(['organization', 'person', 'person'])
    await pause(1_000)
    await isLooking(one)
    expect(one.watch.stands(footprint, cast.testNow)).toBe(false)
  }, 60_000)

  it('believe no standby that has what was lost', async () => {
    const { cluster, url, standbys } = await clusterWith(2)
    const [, left] = standbys
    if (!left) throw new Error('There is no standby')
    const [one, other] = await Promise.all([open(url, cluster.urlOn(left, url)), open(url)])
    const { nearby } = one
    if (!nearby) throw new Error('It reads from no standby')
    const titleThere = async () => (await nearby.people.byId(cast.ada.id))?.person.title
    await one.commit([home, ada], 'test', at)
    await lose(cluster, standbys, url, async () => {
      await other.commit([eventNamed('Lost')], 'test', at)
      await other.commit([eventNamed('Lost, too')], 'test', at)
      const lines = () => left.psql('select count(*) from change', databaseOf(url))
      while ((await lines()) !== '4') await pause(20)
    })
    await untilDone(other, renamed)
    await other.commit([eventNamed('Another')], 'test', at)
    // By the numbers, what was left behind is as good as the primary.
    expect(await other.changesAfter(0, 10)).toHaveLength(4)
    await isLooking(one)
    await pause(1_000)
    const began = performance.now()
    while (performance.now() - began < 3_000) {
      const title = await titleThere().catch(() => 'unavailable')
      expect(title).not.toBe(cast.ada.title)
      await pause(5)
    }
  }, 60_000)
})

interface Place {
  readonly cluster: Cluster
  readonly standbys: readonly Server[]
  /** Of the primary, or the first standby once it is one. */
  readonly url: string
}

async function clusterWith(standbyCount: number): Promise<Place> {
  const cluster = await startCluster({ durable: true })
  onTestFinished(() => cluster.close())
  const standbys: Server[] = []
  while (standbys.length < standbyCount) standbys.push(await cluster.addStandby())
  const url = await cluster.newDatabase()
  const hosts = [cluster.primary, standbys[0]].map((server) => `127.0.0.1:${server?.port}`).join()
  return { cluster, standbys, url: url.replace(/127\.0\.0\.1:\d+/, hosts) }
}

async function open(url: string, readFrom?: string): Promise<Store> {
  const store = await postgresStore(url, () => cast.testNow, undefined, readFrom)
  onTestFinished(() => store.close())
  return store
}

const databaseOf = (url: string): string => /\/(\w+)$/.exec(url)?.[1] ?? ''

/** Has what `work` writes be lost to the first standby, which then is the primary. */
async function lose(
  { primary }: Cluster,
  [next]: readonly Server[],
  url: string,
  work: () => Promise<void>,
): Promise<void> {
  if (!next) throw new Error('There is no standby')
  const replayed = () =>
    next.psql('select count(*) from person', databaseOf(url)).catch(() => 'nothing yet')
  while ((await replayed()) !== '1') await pause(50)
  await next.kill()
  await work()
  await primary.kill()
  await next.start()
  await next.promote()
}

/** Resolves when it can tell again what stands. */
async function isLooking({ watch }: Store): Promise<void> {
  while (!watch.stands(new Footprint(watch.moment), cast.testNow)) await pause(10)
}

async function untilDone(store: Store, write: Write): Promise<void> {
  for (;;) {
    try {
      return await store.commit([write], 'test', at)
    } catch {
      await pause(50)
    }
  }
}
