// What providers of identities ask for and write, in SCIM; and what somebody who reads meanwhile notices of it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scim } from '../src/dialects/scim/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import { upkeepOf } from '../src/store/backup.ts'
import { type Contender, type Figures, type Measured, measure, type Plan } from './measure.ts'
import { type Newcomers, newcomers, type Removal, usersPath } from './newcomers.ts'
import { addressOf, dataFolder, type Population, pathAt, userNameAt } from './people.ts'
import { type Cores, type Generator, type Server, startGenerator, startKith } from './processes.ts'
import { type Progress, progress } from './progress.ts'
import { writePaths } from './reads.ts'
import { headFor, openLine, rendered } from './wire.ts'

export interface Scim {
  readonly people: number
  /** Whether it was done in a copy of the directory, which is gone. */
  readonly copied: boolean
  /** How many were created, and deleted again. */
  readonly newcomers: number
  /** How many took turns in being changed. */
  readonly changed: number
  readonly results: readonly ScimResult[]
  readonly hot: readonly HotResult[]
  readonly discarded: number
  readonly disturbed: number
}

export interface ScimResult {
  readonly request: string
  readonly inFlight: number
  readonly figures: ScimFigures
}

/** The deletions are counted, and measured no further. */
type ScimFigures = Pick<Figures, 'requestsPerSecond' | 'p50' | 'p99' | 'errors' | 'problems'> &
  Partial<Pick<Figures, 'cpuPerRequest'>>

/** Reads of one person while searches run, or while none do. */
export interface HotResult {
  readonly beside: string
  readonly figures: Figures
}

/** Bytes. A larger directory is not copied. */
const largestCopy = 2 ** 30
/** Answers of a run, at least: a scan of many people takes seconds. */
const least = 3
/** Seconds of load before what is slow, of which more would take long and change little. */
const shortWarmUp = 4
/** Seconds, of load before creations and of a run of them: whoever is created has to be deleted, which takes longer. */
const longestCreating = { warmUp: 2, seconds: 1 }
const pageSize = 100
/** How many pages by cursor are asked for, from the first on. */
const mostPages = 50
/** How many people are looked up. */
const mostFound = 2_000
/** How many take turns in being changed; as many as in the durable writes that no server is asked for. */
const mostChanged = 500

export async function measureScim(population: Population, cores: Cores, plan: Plan): Promise<Scim> {
  // Not among the system's temporary files, which may be in memory: to be safe on disk has to cost what it costs.
  const folder = mkdtempSync(join(dataFolder, 'scim-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const copied = statSync(population.database).size <= largestCopy
  const bar = progress('scim', plan.rounds * (reads.length + writes.length + besides.length))
  try {
    const database = copied ? join(folder, 'copy.db') : population.database
    if (copied) await upkeepOf(Date.now).backUp(population.database, database)
    const own: Population = { ...population, database }
    return { copied, ...(await measureAll({ population: own, plan, folder, bar }, cores)) }
  } finally {
    bar.end()
    remove()
  }
}

async function measureAll(bench: Bench, cores: Cores): Promise<Omit<Scim, 'copied'>> {
  const { people } = bench.population
  const read = await withServer(bench, cores, measureSearches)
  const hot = await withServer(bench, nowhere, measureHot)
  const { removal, ...written } = await withServer(bench, cores, measureChanges)
  const all = [...read.parts, ...hot.parts, ...written.parts]
  const sum = (figure: (one: Measured) => number) =>
    all.reduce((total, one) => total + figure(one), 0)
  return {
    people,
    newcomers: removal.people,
    changed: Math.min(mostChanged, people),
    results: [...read.results, ...written.results, deletions(removal)],
    hot: hot.results,
    discarded: sum(({ discarded }) => discarded),
    disturbed: sum(({ disturbed }) => disturbed),
  }
}

interface Bench {
  readonly population: Population
  readonly plan: Plan
  /** Where lines of requests are written, for generators to read. */
  readonly folder: string
  readonly bar: Progress
}

interface Place extends Bench {
  readonly server: Server
  readonly generator: Generator
  readonly cores: Cores
}

interface Part<Result> {
  readonly parts: readonly Measured[]
  readonly results: readonly Result[]
}

const nowhere: Cores = { server: undefined, generator: undefined }

async function withServer<Result>(
  bench: Bench,
  cores: Cores,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const server = await startKith(bench.population.database, cores.server)
  const generator = startGenerator(cores.generator)
  try {
    return await work({ ...bench, server, generator, cores })
  } finally {
    await Promise.all([generator.stop(), server.stop()])
  }
}

// Lists and searches.

interface ReadKind {
  readonly request: string
  readonly slow?: true
  linesOf(place: Place): readonly string[] | Promise<readonly string[]>
}

const listed = (query: string): string => `${usersPath}?${query}`
const filtered = (filter: string, count = pageSize): string =>
  listed(`filter=${encodeURIComponent(filter)}&count=${count}`)

const scanned = 'title co "engineer"'

const reads: readonly ReadKind[] = [
  {
    request: `list: the first ${pageSize}, with the total`,
    linesOf: () => [listed(`count=${pageSize}`)],
  },
  { request: `list: ${pageSize} by cursor`, linesOf: cursorLines },
  {
    request: 'filter: `userName eq`',
    linesOf: (place) => lookups(place, (userName) => `userName eq "${userName}"`),
  },
  {
    request: 'filter: `emails.value eq`',
    linesOf: (place) => lookups(place, (userName) => `emails.value eq "${addressOf(userName)}"`),
  },
  {
    request: `filter: \`${scanned}\`, a scan`,
    slow: true,
    linesOf: () => [filtered(scanned)],
  },
]

const lookups = ({ population }: Place, filter: (userName: string) => string): string[] =>
  Array.from({ length: Math.min(mostFound, population.people) }, (_, rank) =>
    filtered(filter(userNameAt(population.ranks, rank))),
  )

async function cursorLines(place: Place): Promise<readonly string[]> {
  const lines: string[] = []
  let cursor: string | undefined = ''
  while (cursor !== undefined && lines.length < mostPages) {
    const line: string = listed(`count=${pageSize}&cursor=${encodeURIComponent(cursor)}`)
    cursor = (await answerTo(place, line)).nextCursor
    lines.push(line)
  }
  return lines
}

interface Page {
  readonly Resources: readonly object[]
  readonly nextCursor?: string
}

async function answerTo({ server, population }: Place, path: string): Promise<Page> {
  const line = openLine(server.port)
  try {
    const answer = await line.ask(rendered(path, headFor(scim, population.administrator)))
    if (answer.status === 200) return JSON.parse(answer.body.toString()) as Page
    throw new Error(`${path} was answered with ${answer.status}: ${answer.body.toString()}`)
  } finally {
    line.close()
  }
}

async function measureSearches(place: Place): Promise<Part<ScimResult>> {
  const parts: Measured[] = []
  const results: ScimResult[] = []
  for (const [index, { request, slow, linesOf }] of reads.entries()) {
    const lines = await linesOf(place)
    if (!slow) await refuseEmpty(place, request, lines)
    const job = asking(place, `read-${index}`, lines)
    const plan = slow ? shortened(place.plan, { warmUp: shortWarmUp }) : place.plan
    const measured = await measureOne({ ...place, plan }, request, job, 1)
    parts.push(measured)
    results.push({ request, inFlight: 1, figures: figuresOf(measured, request) })
  }
  return { parts, results }
}

/** A search that finds nobody costs less than it should. */
async function refuseEmpty(place: Place, request: string, lines: readonly string[]): Promise<void> {
  const { Resources } = await answerTo(place, lines[0] ?? '')
  if (Resources.length === 0) throw new Error(`There is nobody to be found by ${request}`)
}

/** Requests of the administrator's. */
function asking(
  { server, population, folder }: Place,
  name: string,
  lines: readonly string[],
): Contender['job'] {
  const file = join(folder, name)
  writeFileSync(file, lines.join('\n'))
  return {
    port: server.port,
    callers: [{ file, head: headFor(scim, population.administrator) }],
    ...{ lines: lines.length, distribution: 'uniform', expected: 200, least },
  }
}

const measureOne = (
  { generator, server, plan, bar }: Place,
  name: string,
  job: Contender['job'],
  connections: number,
): Promise<Measured> =>
  measure(generator, [{ name, server, job }], { ...plan, connections }, bar.advance)

const shortened = (
  plan: Plan,
  most: { readonly warmUp: number; readonly seconds?: number },
): Plan => ({
  ...plan,
  warmUp: Math.min(plan.warmUp, most.warmUp),
  seconds: Math.min(plan.seconds, most.seconds ?? plan.seconds),
})

function figuresOf({ figures }: Measured, name: string): Figures {
  const own = figures[name]
  if (!own) throw new Error(`Nothing was measured of ${name}`)
  return own
}

// Writes.

interface WriteKind {
  readonly request: 'create' | 'PATCH of the title'
  readonly inFlight: number
}

const writes: readonly WriteKind[] = (['create', 'PATCH of the title'] as const).flatMap(
  (request) => [1, 8].map((inFlight) => ({ request, inFlight })),
)

async function measureChanges(
  place: Place,
): Promise<Part<ScimResult> & { readonly removal: Removal }> {
  const parts: Measured[] = []
  const results: ScimResult[] = []
  const creating = { ...place, plan: shortened(place.plan, longestCreating) }
  const made = await newcomers(place.server.port, place.population.administrator)
  let removal: Removal
  try {
    for (const { request, inFlight } of writes) {
      const measured =
        request === 'create'
          ? await measureOne(creating, request, creationOf(place, made), inFlight)
          : await measureOne(place, request, changeOf(place), inFlight)
      parts.push(measured)
      results.push({ request, inFlight, figures: figuresOf(measured, request) })
    }
  } finally {
    place.bar.tell('deleting those who were created')
    removal = await made.remove()
  }
  return { parts, results, removal }
}

function creationOf(place: Place, { body }: Newcomers): Contender['job'] {
  const { callers, ...job } = asking(place, 'create', [`${usersPath}\t${body}`])
  return { ...job, callers: callers.map((one) => ({ ...one, method: 'POST' })), expected: 201 }
}

/** Of people who were there before: their titles stay other ones. */
function changeOf(place: Place): Contender['job'] {
  const { population } = place
  const body = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'Patch {n}' }],
  })
  const lines = Array.from({ length: Math.min(mostChanged, population.people) }, (_, rank) => {
    return `${pathAt(population, scim, rank)}\t${body}`
  })
  const { callers, ...job } = asking(place, 'change', lines)
  return { ...job, callers: callers.map((one) => ({ ...one, method: 'PATCH' })) }
}

function deletions({ people, inFlight, seconds, took }: Removal): ScimResult {
  const rising = took.toSorted((one, other) => one - other)
  const at = (part: number) => rising[Math.ceil(rising.length * part) - 1] ?? Number.NaN
  const figures = { p50: at(0.5), p99: at(0.99), errors: 0, problems: [] }
  return {
    request: 'delete',
    inFlight,
    figures: { requestsPerSecond: people / seconds, ...figures },
  }
}

// Reads beside searches.

interface BesideKind {
  readonly beside: string
  /** How many of those who fit a search answers with; undefined where there is no search. */
  readonly count: number | undefined
}

const besides: readonly BesideKind[] = [
  { beside: 'nothing', count: undefined },
  { beside: `scans that answer with ${pageSize}`, count: pageSize },
  { beside: 'scans for the total alone', count: 0 },
]

/** One read after the other of the most popular, so that reads and searches have a core each even where there are two. */
async function measureHot(place: Place): Promise<Part<HotResult>> {
  const { server, population, folder, plan, bar } = place
  const file = join(folder, 'hot')
  writePaths(file, population, webex)
  const job: Contender['job'] = {
    port: server.port,
    callers: [{ file, head: headFor(webex, population.keys[0] ?? '') }],
    ...{ lines: population.people, distribution: 'zipf', expected: 200 },
  }
  const searcher = startGenerator(place.cores.generator)
  try {
    const contenders = besides.map(({ beside: name, count }): Contender => {
      const search =
        count === undefined
          ? undefined
          : asking(place, `beside-${count}`, [filtered(scanned, count)])
      return {
        ...{ name, server, job },
        ...(search && { beside: { generator: searcher, job: { ...search, least: 1 } } }),
      }
    })
    const measured = await measure(
      place.generator,
      contenders,
      { ...shortened(plan, { warmUp: shortWarmUp }), connections: 1 },
      bar.advance,
    )
    const results = besides.map(({ beside }) => ({
      beside,
      figures: figuresOf(measured, beside),
    }))
    return { parts: [measured], results }
  } finally {
    await searcher.stop()
  }
}
