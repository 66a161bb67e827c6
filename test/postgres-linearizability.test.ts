import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, hasPostgres, type Server, startCluster } from './postgres-cluster.ts'
import { furnish, trafficTo } from './postgres-traffic.ts'
import { serverProcess } from './server-process.ts'
import { tableOf } from './tables.ts'
import { wire } from './wire.ts'

// Keys are ended and people hidden on three nodes while everybody reads on all of them, two of which read from a standby: no
// answer may show what was before, on the node that did it from the moment at which it said so, on the others from a second
// later.

const bound = 1_000
/** Milliseconds that each phase takes, and more until there were so many changes. */
const span = 6_000
const fewest = 12

/** Ends the lines by which nodes watch the log. */
const endWatches = ({ primary }: Cluster, database: string) =>
  primary.psql(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${database}' and query like '%incarnation%' and pid <> pg_backend_pid()`)

describe.runIf(hasPostgres())('three nodes on PostgreSQL', () => {
  let cluster: Cluster
  let standby: Server
  const folder = mkdtempSync(join(tmpdir(), 'kith-history-'))
  beforeAll(async () => {
    cluster = await startCluster({ durable: true })
    standby = await cluster.addStandby()
  }, 120_000)
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })

  it('show nothing that was ended or hidden a second ago, nor on the node that did it a moment ago', async () => {
    const url = await cluster.newDatabase()
    const ground = await furnish(url)
    const lines = await Promise.all([0, 1, 2].map(() => wire(cluster.primary.port)))
    const near = await wire(standby.port)
    const nodes = await Promise.all(
      lines.map((line, index) =>
        serverProcess({
          ...process.env,
          KITH_DATABASE: cluster.urlOn(line, url),
          KITH_READ_FROM: index === 0 ? '' : cluster.urlOn(near, url),
          KITH_PICTURES: join(folder, 'pictures'),
          KITH_FAILURE_LIMIT: '1000000',
        }),
      ),
    )
    const urls = nodes.map((node) => node.url)
    const { counts, history, flows, ended } = trafficTo(urls, ground)
    await flows()

    const rows: Record<string, string | number>[] = []
    async function phase(name: string, meanwhile: () => unknown = () => {}): Promise<void> {
      const since = performance.now()
      const answered = near.answered
      while (performance.now() - since < span || history.acknowledgedSince(since) < fewest) {
        await meanwhile()
        await pause(300)
      }
      const { answers, own, others, stale } = history.judge(bound, since)
      const changes = history.acknowledgedSince(since)
      const latest = { 'own, ms': Math.round(own), 'others, ms': Math.round(others) }
      const asked = { 'standby asked': near.answered - answered }
      rows.push({ 'three nodes': name, answers, changes, ...asked, ...latest, stale: stale.length })
      expect(stale).toEqual([])
      expect(answers).toBeGreaterThan(300)
    }
    await phase('notified of commits')
    let isPaused = false
    await phase('the standby lags now and then', async () => {
      isPaused = !isPaused && Math.random() < 0.7
      await standby.psql(`select pg_wal_replay_${isPaused ? 'pause' : 'resume'}()`)
    })
    await standby.psql('select pg_wal_replay_resume()')
    for (const line of lines) line.deafen()
    await phase('no notification comes through')
    await phase('nor does any line to the log last', () =>
      endWatches(cluster, new URL(url).pathname.slice(1)),
    )
    await ended()
    console.log(tableOf(rows))
    expect(counts.wrong).toBe(0)
  }, 180_000)
})
