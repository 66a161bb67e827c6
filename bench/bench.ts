// Read this file first: it is the command. people.ts is what is served, reads.ts, writes.ts, scim.ts, presence.ts,
// postgres.ts, growth.ts and soak.ts what is measured of it, measure.ts how, load.ts the load generator, results.ts what is told of it all.
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { styled, table } from '../src/cli/output.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/index.ts'
import { hasPostgres } from '../test/postgres-cluster.ts'
import { measureGrowth } from './growth.ts'
import { measureHidden } from './hidden.ts'
import { circumstances } from './machine.ts'
import type { Plan } from './measure.ts'
import { type Population, population } from './people.ts'
import { measurePostgres } from './postgres.ts'
import { measurePresence } from './presence.ts'
import { type Cores, coresOf, kithd } from './processes.ts'
import { measureReads, measureWorkers } from './reads.ts'
import { keepSections, type Measurement, type Section, shown } from './results.ts'
import { measureScim } from './scim.ts'
import { soak } from './soak.ts'
import { measureImport, measureStart, measureWrites } from './writes.ts'

const kinds = [
  'reads',
  'sizes',
  'writes',
  'scim',
  'presence',
  'hidden',
  'import',
  'start',
  'workers',
  'postgres',
] as const
type Kind = (typeof kinds)[number]

interface Flags {
  readonly people?: number
  readonly quick?: true
  readonly seconds?: number
  readonly rounds?: number
  readonly warmUp?: number
  readonly fill?: true
  readonly connections: number
  readonly dialects: readonly Dialect[]
  readonly only?: Kind
  readonly compare?: number
  readonly workers?: true
  readonly soak?: number
}

/** What is not asked for otherwise; `repeats` is for one measurement of all dialects. A quick benchmark is over within two minutes. */
const usual = {
  full: { people: 100_000, seconds: 3, rounds: 5, warmUp: 60, repeats: 60 },
  quick: { people: 10_000, seconds: 0.5, rounds: 1, warmUp: 0.5, repeats: 2 },
} as const

const positive = (text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It takes a number above 0.')
  return value
}

const count = (text: string): number => {
  const value = positive(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It takes a whole number.')
  return value
}

const namedDialects = (text: string): readonly Dialect[] =>
  text.split(',').map((name) => {
    const found = dialects.find((dialect) => dialect.name === name.trim())
    if (found) return found
    const names = dialects.map((dialect) => dialect.name).join(', ')
    throw new InvalidArgumentError(`There are ${names}.`)
  })

const command = new Command('bench')
  .description('measure Kith beside a bare node:http server; bench/results.md tells what came out')
  .option('--people <number>', 'the size of the directory (100000, quick 10000)', count)
  .option('--quick', 'a first impression, within two minutes')
  .option('--seconds <number>', 'the length of a run (3, quick 0.5)', positive)
  .option('--rounds <number>', 'runs of each server in each case (5, quick 1)', count)
  .option(
    '--warm-up <seconds>',
    'load before a case, at most: until it stands (60, quick 0.5)',
    positive,
  )
  .option(
    '--fill',
    'ask for everybody once before reads are measured: what was answered is kept then',
  )
  .option('--connections <number>', 'requests in flight', count, 32)
  .addOption(
    new Option('--dialects <names>', 'some alone, parted by commas')
      .argParser(namedDialects)
      .default(dialects, 'all'),
  )
  .addOption(new Option('--only <what>', 'one part alone').choices(kinds))
  .option(
    '--compare <people>',
    'the hot figure also in a smaller directory of this size, beside',
    count,
  )
  .option('--workers', 'two workers beside one, too')
  .option('--soak <minutes>', 'only full load, with writes and revocations', positive)
  .action(run)

async function run(flags: Flags): Promise<void> {
  const cores = coresOf(process.env.PATH)
  const sections: Section[] = []
  const keep = (measurement: Measurement) => {
    const section: Section = {
      ...measurement,
      quick: flags.quick === true,
      circumstances: circumstances(isPinned(measurement) ? cores : nowhere),
      settings: settingsOf(flags, measurement),
    }
    sections.push(section)
    // At once: what comes after may fail.
    keepSections([section])
  }
  for await (const measurement of measurements(flags, cores)) keep(measurement)
  for (const section of sections) {
    const { title, tables } = shown(section)
    console.log(`\n${styled('bold', title)}`)
    for (const { headings, rows } of tables) console.log(`${table(headings, rows)}\n`)
  }
  console.log(styled('dim', 'bench/results.md tells more.'))
}

const nowhere: Cores = { server: undefined, generator: undefined }

/** Whether what was measured ran on cores of its own. */
const isPinned = ({ kind }: Measurement): boolean =>
  ['reads', 'sizes', 'scim', 'presence', 'hidden', 'soak'].includes(kind)

function planOf(flags: Flags): Plan {
  const { seconds, rounds, warmUp, repeats } = flags.quick ? usual.quick : usual.full
  return {
    seconds: flags.seconds ?? seconds,
    rounds: flags.rounds ?? rounds,
    warmUp: flags.warmUp ?? warmUp,
    connections: flags.connections,
    patience: { left: repeats },
  }
}

/** Everybody has a turn in it, at the pace of so many a minute. */
function aMinuteOf(flags: Flags): Plan {
  const plan = planOf(flags)
  if (flags.quick || flags.seconds !== undefined) return plan
  return { ...plan, seconds: 60, rounds: flags.rounds ?? 1 }
}

const sizeOf = ({ people, quick }: Flags): number =>
  people ?? (quick ? usual.quick : usual.full).people

function settingsOf(flags: Flags, { kind }: Measurement): string {
  const { rounds, seconds, warmUp, connections } =
    kind === 'presence' ? aMinuteOf(flags) : planOf(flags)
  if (flags.soak !== undefined || kind === 'hidden') return 'one run'
  const runs = `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s after at most ${warmUp} s of load`
  return kind === 'scim' ? runs : `${runs}, ${connections} connections`
}

async function* measurements(flags: Flags, cores: Cores): AsyncGenerator<Measurement> {
  const { quick, only } = flags
  const wanted = (kind: Kind) => only === undefined || only === kind
  const loaded = await population(sizeOf(flags))
  if (flags.soak !== undefined) {
    yield { kind: 'soak', data: await soak(loaded, flags.dialects, flags.soak, cores) }
    return
  }
  yield* reads(flags, loaded, cores)
  if (only === 'workers' || flags.workers) yield* workers(flags, loaded, planOf(flags))
  if (wanted('writes')) {
    yield { kind: 'writes', data: await measureWrites(loaded, quick ? 2 : 10) }
  }
  if (wanted('scim')) yield { kind: 'scim', data: await measureScim(loaded, cores, planOf(flags)) }
  yield* alone(flags, loaded, cores)
  yield* onPostgres(flags, loaded)
  if (wanted('import')) yield { kind: 'import', data: await measureImport(quick ? 2_000 : 20_000) }
  if (wanted('start')) yield { kind: 'start', data: await measureStart(loaded, quick ? 3 : 9) }
}

/** What is measured only when it is asked for. */
async function* alone(flags: Flags, loaded: Population, cores: Cores): AsyncGenerator<Measurement> {
  const { only, quick } = flags
  if (only === 'presence') {
    yield { kind: 'presence', data: await measurePresence(loaded, cores, aMinuteOf(flags)) }
  }
  if (only === 'hidden') {
    const data = await measureHidden(loaded, flags.dialects, cores, quick ? 500 : 4_000)
    yield { kind: 'hidden', data }
  }
}

/** Reads, and those of a smaller directory beside them where there is one to compare with. */
async function* reads(flags: Flags, loaded: Population, cores: Cores): AsyncGenerator<Measurement> {
  const { only, compare, dialects: chosen, fill: filled = false } = flags
  const isAlone = only === 'sizes'
  if (only !== undefined && only !== 'reads' && !isAlone) return
  const size = compare ?? (isAlone ? usual.quick.people : undefined)
  if (size !== undefined && size >= loaded.people) {
    throw new Error(`There are ${loaded.people} people: --compare takes a smaller number.`)
  }
  const { reads: data, sizes } = await measureReads(loaded, {
    ...{ dialects: chosen, cores, filled, plan: planOf(flags) },
    ...(isAlone && { cases: ['zipf'] }),
    small: size === undefined ? undefined : await population(size),
  })
  if (!isAlone) yield { kind: 'reads', data }
  if (sizes) yield { kind: 'sizes', data: sizes }
}

async function* onPostgres(flags: Flags, loaded: Population): AsyncGenerator<Measurement> {
  if (flags.only !== 'postgres' || !hasPostgres()) return
  const [dialect] = flags.dialects.length < dialects.length ? flags.dialects : dialects.slice(-1)
  if (!dialect) return
  if (flags.compare !== undefined) {
    const sizes = [await population(flags.compare), loaded]
    yield { kind: 'growth', data: await measureGrowth(sizes, dialect, planOf(flags)) }
    return
  }
  yield { kind: 'postgres', data: await measurePostgres(loaded, dialect, planOf(flags)) }
}

async function* workers(
  { dialects: chosen }: Flags,
  loaded: Population,
  plan: Plan,
): AsyncGenerator<Measurement> {
  const { stdout } = await kithd('serve', '--help')
  const [dialect] = chosen.length < dialects.length ? chosen : chosen.slice(-1)
  if (!stdout.includes('--workers') || !dialect) {
    console.error('kithd serve has no --workers, so there is nothing to measure of them')
    return
  }
  const data = await measureWorkers(loaded, dialect, availableParallelism(), plan)
  yield { kind: 'workers', data }
}

await command.parseAsync()
