// Heartbeats of many people beside reads, and what they leave behind.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dialect } from '../src/dialects/dialect.ts'
import { docspace } from '../src/dialects/docspace/index.ts'
import { house } from '../src/dialects/house/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import type { Write } from '../src/directory/ports.ts'
import { upkeepOf } from '../src/store/backup.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import { type Contender, type Figures, type Measured, measure, type Plan } from './measure.ts'
import { dataFolder, keyFor, type Population, personIdAt } from './people.ts'
import { type Cores, type Generator, type Server, startGenerator } from './processes.ts'
import { progress } from './progress.ts'
import { Workbench } from './reads.ts'
import { headFor } from './wire.ts'

export interface PresenceLoad {
  readonly people: number
  /** How many of them sent heartbeats, in turn. */
  readonly beating: number
  /** Heartbeats that were sent in a minute. */
  readonly perMinute: number
  readonly results: readonly BesideBeats[]
  /** Heartbeats alone, one connection after the other. */
  readonly alone: Figures
  /** Of those whose heartbeats were answered, how many of a sample are on record as of then. */
  readonly sampled: number
  readonly recorded: number
  /** Lines that the change log got, and records that got another version. */
  readonly changes: number
  readonly discarded: number
  readonly disturbed: number
}

/** Reads in one dialect, without heartbeats and beside them. */
export interface BesideBeats {
  readonly dialect: string
  readonly bare: Figures
  readonly kith: Figures
  /** The bare server answers them, too. */
  readonly bareBeside: Figures
  readonly kithBeside: Figures
}

/** One that shows presence, one that does not. */
const dialects: readonly Dialect[] = [webex, docspace]

const perMinute = 100_000
const perSecond = perMinute / 60
/** How many are looked up afterwards. */
const mostSampled = 1_000
/** How many keys are made in one commit. */
const batch = 500

/** All of it in a copy of the directory, which is thrown away. */
export async function measurePresence(
  population: Population,
  cores: Cores,
  plan: Plan,
): Promise<PresenceLoad> {
  // Not among the system's temporary files, which may be in memory: to be safe on disk has to cost what it costs.
  const folder = mkdtempSync(join(dataFolder, 'presence-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const bar = progress('presence', plan.rounds * (dialects.length * 4 + 1))
  try {
    const database = join(folder, 'copy.db')
    await upkeepOf(Date.now).backUp(population.database, database)
    const own = { ...population, database }
    const keys = join(folder, 'keys')
    const beating = Math.min(own.people, perMinute)
    writeFileSync(keys, (await issueKeys(own, beating)).join('\n'))
    const before = await standing(own, beating)
    const began = new Date().toISOString()
    const measured = await measureAll({ population: own, keys, plan, told: bar.advance }, cores)
    const after = await standing(own, beating)
    return {
      ...{ people: own.people, beating, perMinute, ...measured },
      sampled: after.activities.length,
      recorded: after.activities.filter((at) => at !== undefined && at >= began).length,
      changes: after.changes - before.changes + after.versions - before.versions,
    }
  } finally {
    bar.end()
    remove()
  }
}

interface Bench {
  readonly population: Population
  /** A file of keys, a line each. */
  readonly keys: string
  readonly plan: Plan
  readonly told: () => void
}

async function measureAll(bench: Bench, cores: Cores) {
  const { population, keys, plan, told } = bench
  const desk = await Workbench.open(cores)
  const beats = startGenerator(cores.generator, './beats.ts')
  try {
    const kith = await desk.kith(population)
    const parts: Measured[] = []
    const results: BesideBeats[] = []
    for (const dialect of dialects) {
      const callers = [await desk.caller(population, dialect, 'zipf', kith)]
      await desk.record(population, dialect, 'zipf', kith)
      const reads = {
        callers,
        lines: population.people,
        distribution: 'zipf',
        expected: 200,
      } as const
      const contender = (name: string, server: Server, beside?: number): Contender => ({
        ...{ name, server, job: { ...reads, port: server.port } },
        ...(beside !== undefined && { beside: beatsAt(beats, keys, server, beside) }),
      })
      const measured = await measure(
        desk.generator,
        [
          contender('bare', desk.bare),
          contender('kith', kith),
          contender('bare beside', desk.bare, 200),
          contender('kith beside', kith, 204),
        ],
        plan,
        told,
      )
      parts.push(measured)
      results.push({
        dialect: dialect.name,
        bare: figuresOf(measured, 'bare'),
        kith: figuresOf(measured, 'kith'),
        bareBeside: figuresOf(measured, 'bare beside'),
        kithBeside: figuresOf(measured, 'kith beside'),
      })
    }
    const single = await measure(
      desk.generator,
      [{ name: 'alone', server: kith, job: aloneAt(bench, kith) }],
      { ...plan, connections: 1 },
      told,
    )
    parts.push(single)
    // What is not written yet is part of what is looked up.
    await sleep(65_000)
    return {
      results,
      alone: figuresOf(single, 'alone'),
      discarded: parts.reduce((sum, { discarded }) => sum + discarded, 0),
      disturbed: parts.reduce((sum, { disturbed }) => sum + disturbed, 0),
    }
  } finally {
    await beats.stop()
    await desk.close()
  }
}

const beatsAt = (
  generator: Generator,
  file: string,
  { port }: Server,
  expected: number,
): NonNullable<Contender['beside']> => ({
  generator,
  job: {
    ...{ port, expected, perSecond, lines: 1, distribution: 'uniform' },
    callers: [{ file, head: '' }],
  },
})

/** Of one person, who is active all along. */
function aloneAt({ population, keys }: Bench, { port }: Server): Contender['job'] {
  const file = `${keys}-path`
  writeFileSync(file, '/api/v1/me/heartbeat')
  const head = headFor(house, population.keys[0] ?? '')
  return {
    ...{ port, expected: 204, lines: 1, distribution: 'uniform' },
    callers: [{ file, head, method: 'POST' }],
  }
}

/** A key for each of the most popular people. */
async function issueKeys({ database, ranks }: Population, count: number): Promise<string[]> {
  const store = await sqliteStore(database, Date.now)
  const at = new Date().toISOString()
  const secrets: string[] = []
  for (let rank = 0; rank < count; ) {
    const writes: Write[] = []
    for (; rank < count && writes.length < batch; rank += 1) {
      const { key, secret } = keyFor(personIdAt(ranks, rank), at)
      writes.push({ kind: 'key', key })
      secrets.push(secret)
    }
    await store.commit(writes, 'bench', at)
  }
  await store.close()
  return secrets
}

/** What heartbeats may not change, and what they have to. */
async function standing({ database, ranks }: Population, beating: number) {
  const store = await sqliteStore(database, Date.now)
  const count = Math.min(mostSampled, beating)
  const activities: (string | undefined)[] = []
  let versions = 0
  for (let rank = 0; rank < count; rank += 1) {
    const held = await store.people.byId(personIdAt(ranks, rank), { presence: true })
    activities.push(held?.signals?.lastActivityAt)
    versions += held?.person.version ?? 0
  }
  const changes = await lastChange(store)
  await store.close()
  return { activities, versions, changes }
}

/** The sequence of the latest line of the change log. */
async function lastChange(store: Awaited<ReturnType<typeof sqliteStore>>): Promise<number> {
  let [low, high] = [0, 2 ** 40]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await store.changesAfter(middle, 1)).length > 0) low = middle + 1
    else high = middle
  }
  return low
}

function figuresOf({ figures }: Measured, name: string): Figures {
  const own = figures[name]
  if (!own) throw new Error(`Nothing was measured of ${name}`)
  return own
}
