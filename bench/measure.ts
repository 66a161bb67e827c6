// How a figure is measured: short runs of each server in turn, without those in which the machine did something else.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, LoadReport } from './load.ts'
import { workSoFar } from './machine.ts'
import type { Generator, Server } from './processes.ts'

/** One of the servers that are compared. */
export interface Contender {
  readonly name: string
  readonly server: Server
  readonly job: Omit<Job, 'leadIn' | 'seconds' | 'connections' | 'seed'>
  /** Everybody is asked for once, before anything else. */
  readonly filled?: boolean
  /** What somebody else asks meanwhile, one request after the other. */
  readonly beside?: { readonly generator: Generator; readonly job: Contender['job'] }
}

export interface Plan {
  readonly rounds: number
  /** Seconds of a run. */
  readonly seconds: number
  /** Seconds of load before a server's first run, at most: it is over when requests do not get cheaper any more. */
  readonly warmUp: number
  readonly connections: number
  readonly patience: Patience
}

/** How many runs may still be repeated because the machine was busy. It is one for all cases of a measurement. */
export interface Patience {
  left: number
}

/** Medians over a server's runs. */
export interface Figures {
  readonly requestsPerSecond: number
  /** Microseconds of processor time, of the server alone. */
  readonly cpuPerRequest: number
  /** Microseconds. */
  readonly p50: number
  /** Microseconds. */
  readonly p99: number
  /** Bytes, at the end of a run. */
  readonly rss: number
  /** Requests in a second of the busiest process's time, if it had one whole core. */
  readonly requestsPerBusySecond: number
  /** Requests a second that somebody else asked meanwhile. */
  readonly besidePerSecond?: number
  /** Microseconds, of what somebody else asked. */
  readonly besideP99?: number
  readonly runs: number
  readonly requests: number
  readonly errors: number
  readonly problems: readonly string[]
}

export interface Measured {
  /** By contender. */
  readonly figures: Readonly<Record<string, Figures>>
  /** Runs that were thrown away because the machine was busy otherwise. */
  readonly discarded: number
  /** Runs in which it was, and that count even so. */
  readonly disturbed: number
}

/** Of one core: more than this of other work, and a run does not count. */
const tolerance = 0.08
/** Seconds of load before each run, so that connections and pages are warm again. */
const leadIn = 0.3
/** Milliseconds after a disturbed run, in which what disturbed it may pass. */
const pause = 1_000
const mostRepeats = 3

export async function measure(
  generator: Generator,
  contenders: readonly Contender[],
  plan: Plan,
  told: () => void,
): Promise<Measured> {
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]))
  let discarded = 0
  let disturbed = 0
  for (const contender of contenders) await warm(generator, contender, plan)
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const contender of contenders) {
      const job = { ...plan, leadIn, seed: round }
      let run = await runOnce(generator, contender, job)
      for (let repeat = 0; run.other > tolerance && repeat < mostRepeats; repeat += 1) {
        if (plan.patience.left === 0) break
        plan.patience.left -= 1
        discarded += 1
        await sleep(pause)
        run = await runOnce(generator, contender, job)
      }
      if (run.other > tolerance) disturbed += 1
      runs.get(contender.name)?.push(run)
      told()
    }
  }
  const figures = [...runs].map(([name, own]) => [name, figuresOf(own)] as const)
  return { figures: Object.fromEntries(figures), discarded, disturbed }
}

/** Asks for everybody once. */
async function fill(
  generator: Generator,
  { server, job }: Contender,
  { connections }: Plan,
): Promise<void> {
  const each = { ...job, distribution: 'each', least: job.lines } as const
  await runOnce(generator, { name: 'fill', server, job: each }, { ...once, connections })
}

const once = { leadIn: 0, seconds: 1, seed: 0 }

/** Seconds of load between two looks at what a request costs meanwhile. */
const warmingStep = 4
/** A step after which requests cost more than this part of what they did before has changed nothing. */
const steady = 0.97

/** Until two steps in a row have changed nothing: code is compiled by then, and what can be kept is. */
async function warm(generator: Generator, contender: Contender, plan: Plan): Promise<void> {
  if (contender.filled) await fill(generator, contender, plan)
  let unchanged = 0
  let least = Number.POSITIVE_INFINITY
  for (let left = plan.warmUp, seed = 1_000; left > 0 && unchanged < 2; seed += 1) {
    const seconds = Math.min(left, warmingStep)
    left -= seconds
    const { cpu, report } = await runOnce(generator, contender, { ...plan, leadIn, seconds, seed })
    const cost = cpu / report.requests
    unchanged = cost < least * steady ? 0 : unchanged + 1
    least = Math.min(least, cost)
  }
}

interface Run {
  readonly report: LoadReport
  /** Of what was asked beside it. */
  readonly beside?: LoadReport
  /** Microseconds, of the server. */
  readonly cpu: number
  /** Microseconds, of its busiest process. */
  readonly busiest: number
  readonly rss: number
  /** What else the machine did meanwhile, as a part of one core. */
  readonly other: number
}

type Timing = Pick<Job, 'leadIn' | 'seconds' | 'connections' | 'seed'>

async function runOnce(
  generator: Generator,
  { server, job, beside }: Contender,
  { leadIn, seconds, connections, seed }: Timing,
): Promise<Run> {
  const look = async () => {
    const at = performance.now()
    const all = workSoFar()
    const own = process.cpuUsage()
    const shares = await server.shares()
    return { at, all, own: own.user + own.system, shares, usage: await server.usage() }
  }
  let before = await look()
  let after = before
  const asking = beside?.generator.run(
    { ...beside.job, leadIn: 0, seconds: leadIn + seconds, connections: 1, seed },
    unwatched,
  )
  // Its failure is told when it is waited for.
  asking?.catch(() => {})
  const report = await generator.run(
    { ...job, leadIn, seconds, connections, seed },
    {
      began: async () => {
        before = await look()
      },
      counted: async () => {
        after = await look()
      },
    },
  )
  const cpu = after.usage.cpu - before.usage.cpu
  const asked = await asking
  const known = cpu + report.cpu + (asked?.cpu ?? 0) + after.own - before.own
  const span = (after.at - before.at) * 1000
  return {
    report,
    ...(asked && { beside: asked }),
    cpu,
    busiest: Math.max(...after.shares.map((share, index) => share - (before.shares[index] ?? 0))),
    rss: after.usage.rss,
    other: Math.max(0, after.all - before.all - known) / span,
  }
}

const unwatched = { began: async () => {}, counted: async () => {} }

function figuresOf(runs: readonly Run[]): Figures {
  const over = (figure: (run: Run) => number) => median(runs.map(figure))
  const others = runs.flatMap(({ beside = [] }) => beside)
  const own = runs.map(({ report }) => report)
  const sum = (reports: readonly LoadReport[], figure: (report: LoadReport) => number) =>
    reports.reduce((total, report) => total + figure(report), 0)
  return {
    requestsPerSecond: over(({ report }) => report.requests / report.seconds),
    cpuPerRequest: over(({ cpu, report }) => cpu / report.requests),
    p50: over(({ report }) => report.latency.p50),
    p99: over(({ report }) => report.latency.p99),
    rss: over(({ rss }) => rss),
    requestsPerBusySecond: over(({ busiest, report }) => report.requests / (busiest / 1e6)),
    ...(others.length > 0 && {
      besidePerSecond: median(others.map(({ requests, seconds }) => requests / seconds)),
      besideP99: median(others.map(({ latency }) => latency.p99)),
    }),
    runs: runs.length,
    requests: sum(own, ({ requests }) => requests),
    errors: sum([...own, ...others], ({ errors }) => errors),
    problems: [...new Set([...own, ...others].flatMap(({ problems }) => problems))].slice(0, 5),
  }
}

export function median(values: readonly number[]): number {
  const rising = values.toSorted((one, other) => one - other)
  const middle = rising.length >> 1
  const upper = rising[middle] ?? Number.NaN
  return rising.length % 2 === 1 ? upper : ((rising[middle - 1] ?? upper) + upper) / 2
}
