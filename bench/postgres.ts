// The same directory on PostgreSQL: nodes on a primary, and on standbys, beside one server on SQLite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dialect } from '../src/dialects/dialect.ts'
import { transferAt } from '../src/store/transfer.ts'
import { type Cluster, startCluster } from '../test/postgres-cluster.ts'
import type { Caller } from './load.ts'
import { type Contender, type Figures, measure, type Plan } from './measure.ts'
import type { Population } from './people.ts'
import { cpuOf, type Server, write } from './processes.ts'
import { progress } from './progress.ts'
import { type ReadCase, readCases, requestsOf, Workbench } from './reads.ts'
import type { CommitsJob, CommitsReport } from './writer.ts'

export interface OnPostgres {
  readonly people: number
  readonly dialect: string
  readonly version: string
  /** How long it took to copy the directory from SQLite, and to check every row. */
  readonly moved: { readonly rows: number; readonly copying: number; readonly checking: number }
  readonly reads: readonly SetupResult[]
  readonly perRead: readonly PerRead[]
  readonly writes: readonly NodeWrites[]
  readonly discarded: number
  readonly disturbed: number
}

const setups = ['SQLite', 'one node', 'two nodes', 'one standby', 'two standbys'] as const
type Setup = (typeof setups)[number]

interface SetupResult {
  readonly setup: Setup
  readonly case: ReadCase
  /** Processor time is that of the nodes and of the database together, requests in a busy second are of the busiest node. */
  readonly figures: Figures
}

/** What one node asks of the database for a read. */
export interface Each {
  readonly statements: number
  readonly rows: number
  /** That came to the node. */
  readonly bytes: number
  /** Microseconds of processor time, of the database alone. */
  readonly cpu: number
}

interface PerRead extends Each {
  readonly cached: boolean
  readonly case: 'zipf' | 'uniform'
}

interface NodeWrites {
  readonly nodes: 1 | 2
  /** On each. */
  readonly inFlight: number
  readonly perSecond: number
  /** Microseconds. */
  readonly p50: number
}

/** More than tests take, as whoever has a server for it would have it. */
const settings = `
shared_buffers = 1GB
max_wal_size = 4GB
shared_preload_libraries = 'pg_stat_statements'
`

/** So that all nodes answer the same bytes. */
const publicUrl = 'http://127.0.0.1:4000'

/** What is measured on a server of PostgreSQL needs around it. */
export interface Surroundings {
  readonly desk: Workbench
  readonly cluster: Cluster
  /** For pictures, of which there are none. */
  readonly folder: string
}

/** Starts a server of PostgreSQL for what is measured on it, and leaves nothing behind. */
export async function onCluster<Result>(
  work: (around: Surroundings) => Promise<Result>,
): Promise<Result> {
  const cluster = await startCluster({ durable: true, settings })
  const folder = mkdtempSync(join(tmpdir(), 'kith-bench-pictures-'))
  // Nothing is pinned: there are more processes than cores.
  const desk = await Workbench.open({ server: undefined, generator: undefined })
  try {
    return await work({ desk, cluster, folder })
  } finally {
    await desk.close()
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export const measurePostgres = (
  population: Population,
  dialect: Dialect,
  plan: Plan,
): Promise<OnPostgres> => onCluster((around) => measureOn(around, population, dialect, plan))

async function measureOn(
  around: Surroundings,
  population: Population,
  dialect: Dialect,
  plan: Plan,
): Promise<OnPostgres> {
  const { desk, cluster } = around
  const bar = progress('PostgreSQL', plan.rounds * readCases.length * setups.length)
  try {
    const url = await cluster.newDatabase()
    const moved = await move(population.database, url)
    const standbys = [await cluster.addStandby(), await cluster.addStandby()]
    const version = await cluster.primary.psql('show server_version')
    const bench: Bench = { ...around, population, dialect, plan, url }
    const others = standbys.map((standby) => cluster.urlOn(standby, url))
    const node = (...more: string[]) => startNode(bench, ...more)
    const nodes: Readonly<Record<Setup, readonly Server[]>> = {
      SQLite: [await desk.kith(population, ['--public-url', publicUrl])],
      'one node': [await node()],
      'two nodes': [await node(), await node()],
      'one standby': [await node('--read-from', others[0] ?? '')],
      'two standbys': [await node('--read-from', hostsOf(others))],
    }
    const reads: SetupResult[] = []
    let [discarded, disturbed] = [0, 0]
    for (const one of readCases) {
      const contenders: Contender[] = []
      for (const setup of setups) contenders.push(await contender(bench, setup, one, nodes[setup]))
      const measured = await measure(desk.generator, contenders, plan, bar.advance)
      discarded += measured.discarded
      disturbed += measured.disturbed
      for (const setup of setups) {
        const figures = measured.figures[setup]
        if (figures) reads.push({ setup, case: one, figures })
      }
    }
    const perRead = await measureEach(bench, nodes['one node'])
    const { people } = population
    const writes = await measureWrites(url, people, plan.seconds)
    return {
      ...{ people, dialect: dialect.name, version, moved, reads, perRead, writes },
      ...{ discarded, disturbed },
    }
  } finally {
    bar.end()
  }
}

export interface Bench extends Surroundings {
  readonly population: Population
  readonly dialect: Dialect
  readonly plan: Plan
  readonly url: string
}

export const startNode = (
  { desk, population, url, folder }: Bench,
  ...more: string[]
): Promise<Server> =>
  desk.kith({ ...population, database: url }, [
    ...['--pictures', folder, '--public-url', publicUrl],
    ...more,
  ])

/** One URL of several servers. @throws TypeError for what is no URL */
function hostsOf(urls: readonly string[]): string {
  const [first = ''] = urls
  const hosts = urls.map((one) => new URL(one).host)
  return first.replace(new URL(first).host, hosts.join(','))
}

/** As `kithd migrate` does it, so that keys and ids are the same. */
export async function move(database: string, url: string): Promise<OnPostgres['moved']> {
  const bar = progress('moving to PostgreSQL', 1)
  const began = performance.now()
  let copied = began
  try {
    const { copied: rows, count } = await transferAt(Date.now)(
      { database, isServer: false, name: database },
      { database: url, isServer: true, name: 'the new database' },
      {
        onChecked(compared) {
          if (compared === 0) copied = performance.now()
        },
      },
    )
    if (count > 0) throw new Error(`${count} rows are not as they were`)
    const seconds = (ms: number) => ms / 1000
    return { rows, copying: seconds(copied - began), checking: seconds(performance.now() - copied) }
  } finally {
    bar.end()
  }
}

export async function contender(
  { desk, cluster, population, dialect }: Bench,
  setup: Setup,
  one: ReadCase,
  nodes: readonly Server[],
): Promise<Contender> {
  const [first] = nodes
  if (first === undefined) throw new Error(`There is no node of ${setup}`)
  const caller = await desk.caller(population, dialect, one, first)
  const callers: Caller[] = nodes.map(({ port }) => ({ ...caller, port }))
  const database = setup === 'SQLite' ? undefined : cluster
  return {
    name: setup,
    server: together(nodes, database),
    job: { callers, port: first.port, ...requestsOf(one, population) },
  }
}

/** Several nodes as one server, whose processor time is the database's, too. */
function together(nodes: readonly Server[], cluster: Cluster | undefined): Server {
  const [first] = nodes
  if (first === undefined) throw new Error('There is no node')
  return {
    port: first.port,
    async usage() {
      const all = await Promise.all(nodes.map((node) => node.usage()))
      const sum = (figure: 'cpu' | 'rss' | 'heap' | 'fetched') =>
        all.reduce((total, usage) => total + usage[figure], 0)
      return {
        ...{ kind: 'usage', rss: sum('rss'), heap: sum('heap'), fetched: sum('fetched') },
        cpu: sum('cpu') + (cluster ? databaseCpu(cluster) : 0),
      }
    },
    shares: async () => (await Promise.all(nodes.map((node) => node.shares()))).flat(),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

const databaseCpu = ({ servers }: Cluster): number =>
  servers.reduce((sum, { pid }) => sum + cpuOf(pid), 0)

// What a read asks of the database.

/** Seconds in which nothing is asked, so that what a node does by itself can be taken off. */
const idle = 3

/** Lets the database of a bench count what it is asked. */
export const countStatements = ({ cluster, url }: Bench): Promise<string> =>
  cluster.primary.psql('create extension pg_stat_statements', databaseOf(url))

async function measureEach(bench: Bench, kept: readonly Server[]): Promise<PerRead[]> {
  await countStatements(bench)
  const uncached = [await startNode(bench, '--cache-size', '0')]
  const told: PerRead[] = []
  for (const one of ['zipf', 'uniform'] as const) {
    for (const [nodes, cached] of [
      [kept, true],
      [uncached, false],
    ] as const) {
      const asking = await contender(bench, 'one node', one, nodes)
      told.push({ cached, case: one, ...(await eachOf(bench, asking)) })
    }
  }
  return told
}

export async function eachOf(
  { desk, cluster, url, plan }: Bench,
  { server, job }: Contender,
): Promise<Each> {
  const look = async (): Promise<Asked> => {
    // By itself: others may share the database's processor time, but not what is asked of it.
    const statements = await cluster.primary.psql(asked, databaseOf(url))
    const [calls = 0, rows = 0] = statements.split('|').map(Number)
    const { fetched } = await server.usage()
    return { statements: calls, rows, bytes: fetched, cpu: databaseCpu(cluster) }
  }
  let before = await look()
  await sleep(idle * 1000)
  const resting = differenceOf(await look(), before)
  let after = before
  const report = await desk.generator.run(
    { ...job, leadIn: 1, seconds: plan.seconds, connections: plan.connections, seed: 77 },
    {
      began: async () => {
        before = await look()
      },
      counted: async () => {
        after = await look()
      },
    },
  )
  const did = differenceOf(after, before)
  const perRead = (figure: keyof Asked) =>
    Math.max(0, did[figure] - (resting[figure] / idle) * report.seconds) / report.requests
  return {
    statements: perRead('statements'),
    rows: perRead('rows'),
    bytes: perRead('bytes'),
    cpu: perRead('cpu'),
  }
}

interface Asked {
  readonly statements: number
  readonly rows: number
  readonly bytes: number
  readonly cpu: number
}

const differenceOf = (one: Asked, other: Asked): Asked => ({
  statements: one.statements - other.statements,
  rows: one.rows - other.rows,
  bytes: one.bytes - other.bytes,
  cpu: one.cpu - other.cpu,
})

const asked = `select coalesce(sum(calls), 0), coalesce(sum(rows), 0) from pg_stat_statements
  where dbid = (select oid from pg_database where datname = current_database())
    and query not like '%pg_stat_statements%'`

export const databaseOf = (url: string): string => new URL(url).pathname.slice(1)

// Writes.

async function measureWrites(
  database: string,
  people: number,
  seconds: number,
): Promise<NodeWrites[]> {
  const told: NodeWrites[] = []
  for (const nodes of [1, 2] as const) {
    for (const inFlight of [1, 8, 64]) {
      // Each changes other people, or they would stand in each other's way.
      const job = (index: number): CommitsJob => ({
        ...{ kind: 'commits', database, people, inFlight },
        ...{ seconds: Math.max(1, seconds), from: index * (people >> 1) },
      })
      const reports = await Promise.all(
        Array.from({ length: nodes }, (_, index) => write<CommitsReport>(job(index), undefined)),
      )
      told.push({
        ...{ nodes, inFlight },
        perSecond: reports.reduce((sum, { perSecond }) => sum + perSecond, 0),
        p50: Math.max(...reports.map(({ p50 }) => p50)),
      })
    }
  }
  return told
}
