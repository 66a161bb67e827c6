import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dialect } from '../src/dialects/dialect.ts'
import type { Latency } from './load.ts'
import type { Population } from './people.ts'
import { type Cores, startGenerator, startKith, write } from './processes.ts'
import { progress } from './progress.ts'
import { writePaths } from './reads.ts'
import { headFor } from './wire.ts'
import type { ChecksJob, ChecksReport } from './writer.ts'

export interface Soak {
  readonly people: number
  readonly minutes: number
  readonly requests: number
  readonly requestsPerSecond: number
  /** Microseconds of the server's processor time, which also went into the changes' checks. */
  readonly cpuPerRequest: number
  readonly errors: number
  readonly problems: readonly string[]
  readonly changes: number
  readonly revocations: number
  readonly violations: number
  readonly examples: readonly string[]
  readonly latency: Latency
  readonly rss: Course
  readonly heap: Course
}

/** How something went over time, in bytes. */
export interface Course {
  readonly first: number
  readonly last: number
  readonly min: number
  readonly max: number
  /** Bytes a minute, after the first fifth of the time. */
  readonly slope: number
  readonly samples: readonly number[]
}

/** Milliseconds between two looks at the server's memory. */
const interval = 5_000
const leadIn = 2
/** Two for each dialect and key. */
const connections = 40
const changesPerSecond = 50
const revocationsPerSecond = 1

/** Full load in all dialects with several keys, while people change and keys are revoked; each of those is checked. */
export async function soak(
  population: Population,
  dialects: readonly Dialect[],
  minutes: number,
  cores: Cores,
): Promise<Soak> {
  const { people, database, keys } = population
  const seconds = minutes * 60
  const folder = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const callers = dialects.flatMap((dialect) => {
    const file = join(folder, dialect.name)
    writePaths(file, population, dialect)
    return keys.map((key) => ({ file, head: headFor(dialect, key) }))
  })
  const bar = progress(`soak of ${minutes} min`, seconds)
  const server = await startKith(database, cores.server)
  const generator = startGenerator(cores.generator)
  const cpu: number[] = []
  const rss: number[] = []
  const heap: number[] = []
  const look = async () => {
    const usage = await server.usage()
    cpu.push(usage.cpu)
    rss.push(usage.rss)
    heap.push(usage.heap)
  }
  const looking = setInterval(() => {
    look().catch(() => {})
    bar.advance(interval / 1000)
  }, interval)
  try {
    let writing: Promise<ChecksReport> | undefined
    const job: ChecksJob = {
      ...{ kind: 'checks', database, people, port: server.port, key: keys[0] ?? '', seconds },
      ...{ changesPerSecond, revocationsPerSecond },
    }
    const report = await generator.run(
      {
        port: server.port,
        callers,
        ...{ lines: people, distribution: 'zipf', seed: 1, connections, leadIn, seconds },
        expected: 200,
      },
      {
        began: async () => {
          await look()
          writing = write<ChecksReport>(job, cores.generator)
          // Its failure is told when it is waited for.
          writing.catch(() => {})
        },
        counted: look,
      },
    )
    const written = await writing
    if (!written) throw new Error('Nothing was written')
    const { requests, errors, problems, latency } = report
    const { changes, revocations, violations, examples } = written
    return {
      ...{ people, minutes, requests, requestsPerSecond: requests / report.seconds },
      cpuPerRequest: ((cpu.at(-1) ?? 0) - (cpu[0] ?? 0)) / requests,
      ...{ errors, problems, changes, revocations, violations, examples, latency },
      rss: courseOf(rss, minutes),
      heap: courseOf(heap, minutes),
    }
  } finally {
    clearInterval(looking)
    bar.end()
    await Promise.all([generator.stop(), server.stop()])
    remove()
  }
}

function courseOf(samples: readonly number[], minutes: number): Course {
  const settled = samples.slice(Math.floor(samples.length / 5))
  return {
    first: samples[0] ?? 0,
    last: samples.at(-1) ?? 0,
    min: Math.min(...samples),
    max: Math.max(...samples),
    slope: slopeOf(settled) * ((samples.length - 1) / minutes),
    samples,
  }
}

/** By least squares, from one sample to the next. */
function slopeOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length
  let rise = 0
  let run = 0
  for (const [index, value] of samples.entries()) {
    rise += (index - middle) * (value - mean)
    run += (index - middle) ** 2
  }
  return run === 0 ? 0 : rise / run
}
