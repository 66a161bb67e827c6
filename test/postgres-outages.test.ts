import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresStore } from '../src/store/postgres.ts'
import { type Cluster, hasPostgres, type Server, startCluster } from './postgres-cluster.ts'
import { type Counts, furnish, trafficTo } from './postgres-traffic.ts'
import { type ServerProcess, serverProcess } from './server-process.ts'
import { tableOf } from './tables.ts'
import { wire } from './wire.ts'

// Two nodes, a primary and a synchronous standby that is read from, while everybody reads and writes, and one thing after
// the other breaks.
// What was sent, acknowledged, failed, lost or stale is counted, and told at the end.

/** Milliseconds in which everything that is asked has to have an answer, whatever it is. */
const deadline = 9_000
const bound = 1_000
/** Milliseconds for which nothing comes through. */
const cutFor = 30_000

describe.runIf(hasPostgres())('nodes on PostgreSQL', () => {
  let cluster: Cluster
  let standby: Server
  const folder = mkdtempSync(join(tmpdir(), 'kith-outages-'))
  beforeAll(async () => {
    cluster = await startCluster({ durable: true, maxConnections: 50 })
    standby = await cluster.addStandby()
    // What is acknowledged is on both.
    await cluster.primary.psql("alter system set synchronous_standby_names = '*'")
    await cluster.primary.psql('select pg_reload_conf()')
    await follows()
  }, 120_000)
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })

  async function follows(): Promise<void> {
    const state = () => cluster.primary.psql('select sync_state from pg_stat_replication')
    while ((await state()) !== 'sync') await pause(100)
  }

  it('lose nothing, show nothing that is stale and leave nobody waiting, whatever breaks', async () => {
    const url = await cluster.newDatabase()
    const ground = await furnish(url)
    const lines = await Promise.all([cluster.primary, standby].map(({ port }) => wire(port)))
    const hosts = lines.map(({ port }) => `127.0.0.1:${port}`).join()
    const near = await wire(standby.port)
    const env = {
      ...process.env,
      KITH_DATABASE: url.replace(/127\.0\.0\.1:\d+/, hosts),
      KITH_READ_FROM: cluster.urlOn(near, url),
      KITH_PICTURES: join(folder, 'pictures'),
      KITH_FAILURE_LIMIT: '1000000',
    }
    const nodes = await Promise.all([serverProcess(env), serverProcess(env)])
    const urls = nodes.map((node) => node.url)
    const traffic = trafficTo(urls, ground, { pace: 100 })
    const { counts, history } = traffic
    await traffic.flows()

    const rows: Record<string, string | number>[] = []
    /** What breaks is whole again when `breaks` resolves. */
    async function fault(name: string, breaks: () => Promise<unknown>): Promise<void> {
      const since = performance.now()
      const before: Counts = { ...counts }
      counts.longest = 0
      await breaks()
      await traffic.flows()
      for (const node of nodes) expect((await node.get('/readyz')).status).toBe(200)
      const { answers, others, stale } = history.judge(bound, since)
      const passed = (of: keyof Counts) => counts[of] - before[of]
      rows.push({
        'what breaks': name,
        ...{ sent: passed('sent'), acknowledged: passed('acknowledged'), failed: passed('failed') },
        ...{ reads: passed('reads'), answers, refused: passed('refused'), stale: stale.length },
        ...{ 'latest, ms': Math.round(others), 'longest, ms': Math.round(counts.longest) },
      })
      expect(stale).toEqual([])
      expect(passed('wrong')).toBe(0)
      expect(counts.longest).toBeLessThan(deadline)
      expect(passed('acknowledged') + passed('failed')).toBeGreaterThan(0)
    }

    await fault('the primary, for 3 s', async () => {
      await cluster.primary.kill()
      await isFelt(nodes)
      await pause(3_000)
      await cluster.primary.start()
    })
    await fault('the standby lags, for 5 s', async () => {
      await standby.psql('select pg_wal_replay_pause()')
      await pause(5_000)
      await standby.psql('select pg_wal_replay_resume()')
    })
    await fault('the synchronous standby, for 8 s', async () => {
      await standby.kill()
      await isFelt(nodes)
      await pause(8_000)
      await standby.start()
      await follows()
    })
    await fault('no connections are left, for 5 s', async () => {
      const release = await takeAllConnections(url)
      await isFelt(nodes)
      await pause(5_000)
      await release()
    })
    await fault(`nothing comes through, for ${cutFor / 1_000} s`, async () => {
      const all = [...lines, near]
      for (const line of all) line.cut()
      await isFelt(nodes)
      await pause(cutFor)
      for (const line of all) line.mend()
    })
    await fault('the primary, and the standby is promoted', async () => {
      await cluster.primary.kill()
      await isFelt(nodes)
      await standby.promote()
      // It follows nobody any more, and waits for nobody.
      await standby.psql("alter system set synchronous_standby_names = ''")
      await standby.psql('select pg_reload_conf()')
    })
    await traffic.ended()
    const store = await postgresStore(cluster.urlOn(standby, url), Date.now)
    const lost = await traffic.lost(store)
    await store.close()
    console.log(`${tableOf(rows)}\nlost: ${lost.length} of ${counts.acknowledged} acknowledged`)
    expect(lost).toEqual([])
    expect(counts.failed).toBeGreaterThan(0)
  }, 240_000)
})

/** Resolves when no node takes itself for ready. */
async function isFelt(nodes: readonly ServerProcess[]): Promise<void> {
  for (const node of nodes) {
    while ((await node.get('/readyz')).status !== 503) await pause(100)
  }
}

/** Takes every connection that the server has, the nodes' too. @returns what gives them back */
async function takeAllConnections(url: string): Promise<() => Promise<unknown>> {
  const all: Client[] = []
  const take = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    try {
      await client.connect()
      all.push(client)
      return true
    } catch {
      return false
    }
  }
  // Theirs are ended, and taken, until they have none.
  for (let theirs = 1; theirs > 0; ) {
    while (await take());
    const [one] = all
    const result = await one?.query(
      `select count(pg_terminate_backend(pid)) as ended from pg_stat_activity where application_name = 'kith'`,
    )
    theirs = Number(result?.rows[0]?.ended ?? 0)
  }
  return () => Promise.all(all.map((client) => client.end()))
}
