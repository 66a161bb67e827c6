import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dialect } from '../src/dialects/dialect.ts'
import type { Recorded } from './bare.ts'
import type { Caller } from './load.ts'
import { type Contender, type Figures, type Measured, measure, type Plan } from './measure.ts'
import { type Population, pathAt } from './people.ts'
import {
  type BareServer,
  type Cores,
  type Generator,
  type Server,
  startBare,
  startGenerator,
  startKith,
} from './processes.ts'
import { progress } from './progress.ts'
import { headerOf, headFor, openLine, type RawAnswer, rendered } from './wire.ts'

/** `zipf` and `uniform`: people whom the caller does not know yet; `known`: those whose ETag it has, answered with 304. */
export const readCases = ['zipf', 'uniform', 'known'] as const
export type ReadCase = (typeof readCases)[number]

/** How one dialect does in one case. */
export interface ReadResult {
  readonly dialect: string
  readonly case: ReadCase
  /** Of the answer that the bare server gives. */
  readonly bodyBytes: number
  readonly bare: Figures
  readonly kith: Figures
}

export interface Reads {
  readonly people: number
  /** Everybody had been asked for once, in each dialect, before it was measured. */
  readonly filled?: boolean
  readonly results: readonly ReadResult[]
  readonly discarded: number
  readonly disturbed: number
}

/** How many of the most popular people a caller knows the ETags of. */
const mostKnown = 2_000

/** How the figure changes with the number of people. */
export interface SizeResult {
  readonly dialect: string
  readonly bare: Figures
  readonly small: Figures
  readonly large: Figures
}

/** Zipf reads of two directories, in turn with the bare server, so that all are measured under the same circumstances. */
export interface Sizes {
  /** As in {@link Reads}. */
  readonly filled?: boolean
  readonly small: number
  readonly large: number
  readonly results: readonly SizeResult[]
  readonly discarded: number
  readonly disturbed: number
}

export interface ReadsOptions {
  readonly dialects: readonly Dialect[]
  readonly cores: Cores
  readonly plan: Plan
  /** After everybody was asked for once. */
  readonly filled?: boolean
  /** All of them, when nothing is said. */
  readonly cases?: readonly ReadCase[]
  /** A smaller directory to compare Zipf reads with. */
  readonly small?: Population | undefined
}

/** Every case of every dialect, Kith beside the bare server, and beside a smaller directory. */
export async function measureReads(
  population: Population,
  { dialects, cores, plan, filled = false, cases = readCases, small }: ReadsOptions,
): Promise<{ readonly reads: Reads; readonly sizes?: Sizes }> {
  const bench = await Workbench.open(cores)
  const results: ReadResult[] = []
  const sizes: SizeResult[] = []
  let discarded = 0
  let disturbed = 0
  const steps = dialects.length * plan.rounds * (cases.length * 2 + (small ? 1 : 0))
  const bar = progress('reads', steps)
  try {
    const kith = await bench.kith(population)
    const few = small && { population: small, server: await bench.kith(small) }
    for (const dialect of dialects) {
      for (const one of cases) {
        const contender = async (name: string, server: Server, of = population) => ({
          ...{ name, server, filled: filled && one === 'zipf' },
          job: {
            callers: [await bench.caller(of, dialect, one, server)],
            ...requestsOf(one, of),
            port: server.port,
          },
        })
        const own = await contender('kith', kith)
        const bodyBytes = await bench.record(population, dialect, one, kith)
        const bareJob = { ...own.job, port: bench.bare.port }
        const contenders: Contender[] = [{ name: 'bare', server: bench.bare, job: bareJob }, own]
        const isCompared = few !== undefined && one === 'zipf'
        if (isCompared) contenders.push(await contender('small', few.server, few.population))
        const measured = await measure(bench.generator, contenders, plan, bar.advance)
        const figures = both(measured, 'bare', 'kith')
        discarded += measured.discarded
        disturbed += measured.disturbed
        results.push({ dialect: dialect.name, case: one, bodyBytes, ...figures })
        if (isCompared) {
          const { small: less } = both(measured, 'small', 'bare')
          const { bare, kith: large } = figures
          sizes.push({ dialect: dialect.name, bare, small: less, large })
        }
        bar.tell(line(dialect.name, one, figures.bare, figures.kith))
      }
    }
  } finally {
    bar.end()
    await bench.close()
  }
  const common = { filled, discarded, disturbed }
  const { people } = population
  return {
    reads: { people, ...common, results },
    ...(small && { sizes: { small: small.people, large: people, ...common, results: sizes } }),
  }
}

const line = (dialect: string, one: ReadCase, bare: Figures, kith: Figures): string =>
  `${dialect} ${one}: ${Math.round(kith.requestsPerSecond)} requests/s to bare ${Math.round(bare.requestsPerSecond)}, ` +
  `CPU ${(kith.cpuPerRequest / bare.cpuPerRequest).toFixed(2)} of bare` +
  (kith.errors + bare.errors > 0 ? `, ${kith.errors + bare.errors} errors` : '')

export interface Workers {
  readonly people: number
  readonly dialect: string
  readonly one: Figures
  readonly two: Figures
  /** Whether the generator had a core to itself beside two workers'. */
  readonly roomForAll: boolean
  readonly discarded: number
  readonly disturbed: number
}

/** Zipf reads of one server with one worker and with two, in one dialect. */
export async function measureWorkers(
  population: Population,
  dialect: Dialect,
  cores: number,
  plan: Plan,
): Promise<Workers> {
  // Nothing is pinned: the system spreads two workers better than we could.
  const bench = await Workbench.open({ server: undefined, generator: undefined })
  const bar = progress('workers', plan.rounds * 2)
  try {
    const servers = {
      one: await bench.kith(population, []),
      two: await bench.kith(population, ['--workers', '2']),
    }
    const callers = [await bench.caller(population, dialect, 'zipf', servers.one)]
    const contenders = Object.entries(servers).map(([name, server]) => ({
      name,
      server,
      job: { callers, ...requestsOf('zipf', population), port: server.port },
    }))
    const measured = await measure(bench.generator, contenders, plan, bar.advance)
    const { discarded, disturbed } = measured
    return {
      people: population.people,
      dialect: dialect.name,
      ...both(measured, 'one', 'two'),
      roomForAll: cores >= 3,
      discarded,
      disturbed,
    }
  } finally {
    bar.end()
    await bench.close()
  }
}

function both<One extends string, Other extends string>(
  { figures }: Measured,
  one: One,
  other: Other,
): Record<One | Other, Figures> {
  const named = [one, other].map((name) => {
    if (!figures[name]) throw new Error(`Nothing was measured of ${name}`)
    return [name, figures[name]]
  })
  return Object.fromEntries(named)
}

export const requestsOf = (one: ReadCase, { people }: Population) =>
  ({
    distribution: one === 'uniform' ? 'uniform' : 'zipf',
    lines: one === 'known' ? Math.min(people, mostKnown) : people,
    expected: one === 'known' ? 304 : 200,
  }) as const

/** Writes the paths of everybody in one dialect, the most popular first. */
export function writePaths(file: string, population: Population, dialect: Dialect): void {
  const lines: string[] = []
  for (let rank = 0; rank < population.people; rank += 1) {
    lines.push(pathAt(population, dialect, rank))
  }
  writeFileSync(file, lines.join('\n'))
}

/** What a measurement of reads needs around it: a generator, a bare server, servers, and files that go with them. */
export class Workbench {
  readonly bare: BareServer
  readonly generator: Generator
  readonly #core: number | undefined
  readonly #servers: Server[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'kith-bench-'))
  readonly #written = new Set<string>()

  private constructor(bare: BareServer, generator: Generator, core: number | undefined) {
    this.bare = bare
    this.generator = generator
    this.#core = core
    process.once('exit', () => this.#remove())
  }

  static async open({ server, generator }: Cores): Promise<Workbench> {
    return new Workbench(await startBare(server), startGenerator(generator), server)
  }

  async kith({ database }: Population, more?: readonly string[]): Promise<Server> {
    const server = await startKith(database, this.#core, more)
    this.#servers.push(server)
    return server
  }

  async close(): Promise<void> {
    await Promise.all([
      this.generator.stop(),
      this.bare.stop(),
      ...this.#servers.map((server) => server.stop()),
    ])
    this.#remove()
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Whoever asks for these people in this dialect; with the ETags that it knows, where it knows some. */
  async caller(
    population: Population,
    dialect: Dialect,
    one: ReadCase,
    kith: Server,
  ): Promise<Caller> {
    const head = headFor(dialect, population.keys[0] ?? '')
    const kind = one === 'known' ? 'known' : 'paths'
    const file = join(this.#folder, `${dialect.name}-${population.people}-${kind}`)
    if (one === 'known') {
      const ranks = Math.min(population.people, mostKnown)
      const lines = await knownLines(population, dialect, kith, head, ranks)
      writeFileSync(file, lines.join('\n'))
    } else if (!this.#written.has(file)) {
      writePaths(file, population, dialect)
      this.#written.add(file)
    }
    return { file, head }
  }

  /**
   * Lets the bare server answer as Kith does, with an answer of middling length.
   * @returns the length of its body, in bytes. @throws Error when the two do not answer the same
   */
  async record(
    population: Population,
    dialect: Dialect,
    one: ReadCase,
    kith: Server,
  ): Promise<number> {
    const head = headFor(dialect, population.keys[0] ?? '')
    const lines = [openLine(kith.port), openLine(this.bare.port)] as const
    const [own, bare] = lines
    try {
      const answers: { path: string; answer: RawAnswer }[] = []
      for (let rank = 0; rank < Math.min(99, population.people); rank += 1) {
        const path = pathAt(population, dialect, rank)
        answers.push({ path, answer: await own.ask(rendered(path, head)) })
      }
      answers.sort((a, b) => a.answer.body.length - b.answer.body.length)
      const middling = answers[answers.length >> 1]
      if (!middling) throw new Error('There is nobody to ask for')
      const etag = one === 'known' ? headerOf(middling.answer, 'etag') : undefined
      const request = rendered(middling.path, head, etag)
      const answer = await own.ask(request)
      const expected = requestsOf(one, population).expected
      if (answer.status !== expected) {
        throw new Error(`${dialect.name} answers ${answer.status}: ${answer.body.toString()}`)
      }
      await this.bare.answer(recorded(answer))
      const same = await bare.ask(request)
      if (comparable(same) !== comparable(answer)) {
        throw new Error(
          `The bare server does not answer as Kith does:\n${same.bytes.toString('latin1')}\n---\n${answer.bytes.toString('latin1')}`,
        )
      }
      return answer.body.length
    } finally {
      for (const line of lines) line.close()
    }
  }
}

async function knownLines(
  population: Population,
  dialect: Dialect,
  kith: Server,
  head: string,
  ranks: number,
): Promise<string[]> {
  const line = openLine(kith.port)
  const lines: string[] = []
  try {
    for (let rank = 0; rank < ranks; rank += 1) {
      const path = pathAt(population, dialect, rank)
      const etag = headerOf(await line.ask(rendered(path, head)), 'etag')
      if (etag === undefined) throw new Error(`${dialect.name} answers ${path} without an ETag`)
      lines.push(`${path}\t${etag}`)
    }
  } finally {
    line.close()
  }
  return lines
}

/** Headers that node:http adds to every answer by itself. */
const added = ['date', 'connection', 'keep-alive']

function recorded({ status, headers, body }: RawAnswer): Recorded {
  const kept = headers.flatMap((name, index) =>
    index % 2 === 0 && !added.includes(name.toLowerCase()) ? [name, headers[index + 1] ?? ''] : [],
  )
  return { status, headers: kept, body: body.toString('base64') }
}

/** All that the two have to have in common: every header but the time, in whatever order, and every byte of the body. */
function comparable({ status, headers, body }: RawAnswer): string {
  const lines = headers.flatMap((name, index) => {
    if (index % 2 === 1) return []
    const lower = name.toLowerCase()
    return [`${lower}: ${lower === 'date' ? '' : headers[index + 1]}`]
  })
  return [status, ...lines.sort(), '', body.toString('latin1')].join('\n')
}
