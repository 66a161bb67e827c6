// How the cost of a read on PostgreSQL grows with the number of people: one node on a small directory and one on a large one.
import type { Dialect } from '../src/dialects/dialect.ts'
import { type Contender, type Figures, measure, type Plan } from './measure.ts'
import type { Population } from './people.ts'
import {
  type Bench,
  contender,
  countStatements,
  databaseOf,
  type Each,
  eachOf,
  move,
  type OnPostgres,
  onCluster,
  type Surroundings,
  startNode,
} from './postgres.ts'
import type { Server } from './processes.ts'
import { progress } from './progress.ts'

const growthCases = ['zipf', 'uniform'] as const

export interface Growth {
  /** In the larger one. */
  readonly people: number
  readonly dialect: string
  readonly version: string
  readonly directories: readonly {
    readonly people: number
    /** Of the database, with its indexes. */
    readonly bytes: number
    readonly moved: OnPostgres['moved']
  }[]
  readonly results: readonly GrowthResult[]
  readonly discarded: number
  readonly disturbed: number
}

interface GrowthResult {
  readonly people: number
  readonly cached: boolean
  readonly case: (typeof growthCases)[number]
  /** Processor time is that of the node and of the database together. */
  readonly figures: Figures
  readonly each: Each
}

/** Reads of both directories in turn, with answers that are kept and without, in databases of one server. */
export const measureGrowth = (
  populations: readonly Population[],
  dialect: Dialect,
  plan: Plan,
): Promise<Growth> => onCluster((around) => measureOn(around, populations, dialect, plan))

async function measureOn(
  around: Surroundings,
  populations: readonly Population[],
  dialect: Dialect,
  plan: Plan,
): Promise<Growth> {
  const { desk, cluster } = around
  const steps = populations.length * growthCases.length * 2 * plan.rounds
  const bar = progress('PostgreSQL, two sizes', steps)
  try {
    const directories: Growth['directories'][number][] = []
    const benches: Bench[] = []
    for (const population of populations) {
      const url = await cluster.newDatabase()
      const moved = await move(population.database, url)
      const bytes = Number(
        await cluster.primary.psql(`select pg_database_size('${databaseOf(url)}')`),
      )
      directories.push({ people: population.people, bytes, moved })
      const bench = { ...around, population, dialect, plan, url }
      await countStatements(bench)
      benches.push(bench)
    }
    // As the server's own upkeep would have, some time after so many rows came.
    await cluster.primary.psql('checkpoint')
    const nodes: { bench: Bench; cached: boolean; node: Server }[] = []
    for (const bench of benches) {
      nodes.push({ bench, cached: true, node: await startNode(bench) })
      nodes.push({ bench, cached: false, node: await startNode(bench, '--cache-size', '0') })
    }
    const results: GrowthResult[] = []
    let [discarded, disturbed] = [0, 0]
    for (const one of growthCases) {
      const asked: { bench: Bench; cached: boolean; contender: Contender }[] = []
      for (const { bench, cached, node } of nodes) {
        const own = await contender(bench, 'one node', one, [node])
        const name = `${bench.population.people} ${cached}`
        asked.push({ bench, cached, contender: { ...own, name } })
      }
      const all = asked.map(({ contender: own }) => own)
      const measured = await measure(desk.generator, all, plan, bar.advance)
      discarded += measured.discarded
      disturbed += measured.disturbed
      for (const { bench, cached, contender: own } of asked) {
        const figures = measured.figures[own.name]
        if (!figures) throw new Error(`Nothing was measured of ${own.name}`)
        const { people } = bench.population
        results.push({ people, cached, case: one, figures, each: await eachOf(bench, own) })
      }
    }
    const version = await cluster.primary.psql('show server_version')
    const people = Math.max(...populations.map((population) => population.people))
    return { people, dialect: dialect.name, version, directories, results, discarded, disturbed }
  } finally {
    bar.end()
  }
}
