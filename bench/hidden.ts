// Whether somebody hidden can be told from nobody by how long the answer takes.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom } from '../src/demo/random.ts'
import type { Dialect, PersonIds } from '../src/dialects/dialect.ts'
import type { Write } from '../src/directory/ports.ts'
import type { PersonId } from '../src/person/ids.ts'
import { upkeepOf } from '../src/store/backup.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import { median } from './measure.ts'
import { dataFolder, type Population, personIdAt } from './people.ts'
import type { Cores } from './processes.ts'
import { progress } from './progress.ts'
import { Workbench } from './reads.ts'
import { headFor, openLine, rendered } from './wire.ts'

/** Answers about people of whom the caller may not know, and about people who are not there, in one dialect. */
export interface HiddenResult {
  readonly dialect: string
  /** Microseconds, at the median. */
  readonly hidden: number
  readonly absent: number
  /** How often the answer about somebody hidden is the later one of two; half where nothing can be told. */
  readonly later: number
}

export interface Hidden {
  readonly people: number
  /** Of each kind, in each dialect. */
  readonly requests: number
  readonly results: readonly HiddenResult[]
}

/** How many people are hidden: those who are asked for most. */
const hiding = 200
/** Requests whose time does not count yet. */
const lead = 500
const seed = 7

/** One request after the other, to one and the other by chance; in a copy of the directory, which is thrown away. */
export async function measureHidden(
  population: Population,
  dialects: readonly Dialect[],
  cores: Cores,
  requests: number,
): Promise<Hidden> {
  const folder = mkdtempSync(join(dataFolder, 'hidden-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const bar = progress('hidden', dialects.length)
  try {
    const database = join(folder, 'copy.db')
    await upkeepOf(Date.now).backUp(population.database, database)
    const own = { ...population, database }
    const hidden = await hide(own)
    const desk = await Workbench.open(cores)
    try {
      const kith = await desk.kith(own)
      const results: HiddenResult[] = []
      for (const dialect of dialects) {
        results.push(await compare(own, dialect, hidden, kith.port, requests))
        bar.advance()
      }
      return { people: own.people, requests, results }
    } finally {
      await desk.close()
    }
  } finally {
    bar.end()
    remove()
  }
}

/** Lets nobody know of the most popular people. */
async function hide({ database, ranks }: Population): Promise<PersonIds[]> {
  const store = await sqliteStore(database, Date.now)
  const hidden: PersonIds[] = []
  const writes: Write[] = []
  for (let rank = 0; rank < Math.min(hiding, ranks.length >> 1); rank += 1) {
    const held = await store.people.byId(personIdAt(ranks, rank))
    if (!held) throw new Error('Somebody is missing')
    const { person } = held
    const audiences = { ...person.audiences, existence: 'nobody' } as const
    writes.push({ kind: 'person', person: { ...person, audiences, version: person.version + 1 } })
    hidden.push({ ...person, eventUrl: 'all-hands' })
  }
  await store.commit(writes, 'bench', new Date().toISOString())
  await store.close()
  return hidden
}

async function compare(
  { keys, mark }: Population,
  dialect: Dialect,
  hidden: readonly PersonIds[],
  port: number,
  requests: number,
): Promise<HiddenResult> {
  const random = createRandom(seed)
  // One who asks is the most popular person, and knows of themselves.
  const head = headFor(dialect, keys[0] ?? '')
  const line = openLine(port)
  const times: Record<'hidden' | 'absent', number[]> = { hidden: [], absent: [] }
  try {
    for (let asked = -lead; times.hidden.length < requests || times.absent.length < requests; ) {
      const kind = random.below(2) === 0 ? 'hidden' : 'absent'
      const who = kind === 'hidden' ? hidden[1 + random.below(hidden.length - 1)] : nobody(random)
      const path = who && dialect.personPath(who, mark)
      if (path === undefined) throw new Error(`${dialect.name} has no path for a person`)
      const began = performance.now()
      const { status } = await line.ask(rendered(path, head))
      const took = (performance.now() - began) * 1000
      if (status < 400) throw new Error(`${dialect.name} shows somebody who is hidden: ${status}`)
      asked += 1
      if (asked > 0) times[kind].push(took)
    }
  } finally {
    line.close()
  }
  return {
    dialect: dialect.name,
    hidden: median(times.hidden),
    absent: median(times.absent),
    later: laterOf(times.hidden, times.absent),
  }
}

const nobody = (random: ReturnType<typeof createRandom>): PersonIds => ({
  ...{ id: random.uuid() as PersonId, number: random.number() },
  ...{ userName: `nobody.${random.number()}`, eventUrl: 'all-hands' },
})

/** How often one of the first is larger than one of the second, of all pairs (Mann and Whitney's U, as a part). */
function laterOf(first: readonly number[], second: readonly number[]): number {
  const rising = second.toSorted((one, other) => one - other)
  let pairs = 0
  for (const value of first) {
    let [low, high] = [0, rising.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((rising[middle] ?? 0) < value) low = middle + 1
      else high = middle
    }
    pairs += low
  }
  return pairs / (first.length * second.length)
}
