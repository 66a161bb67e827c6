// What writes beside a server, a process of its own that is given one job over IPC.
import { setTimeout as sleep } from 'node:timers/promises'
import { createSeal } from '../src/access/seal.ts'
import { createRandom } from '../src/demo/random.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/index.ts'
import type { Store } from '../src/directory/ports.ts'
import type { Person } from '../src/person/person.ts'
import { postgresStore } from '../src/store/postgres.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import { median } from './measure.ts'
import { keyFor, pathAt, personIdAt, ranksOf } from './people.ts'
import { headFor, type Line, openLine, rendered } from './wire.ts'

export type WriterJob = CommitsJob | ChecksJob

/** Changes of one person each, as fast as they go. */
export interface CommitsJob {
  readonly kind: 'commits'
  readonly database: string
  readonly people: number
  readonly seconds: number
  /** How many are under way at once. */
  readonly inFlight: number
  /** The rank of the first who is changed; from the most popular on where nothing is said. */
  readonly from?: number
}

export interface CommitsReport {
  readonly kind: 'written'
  readonly perSecond: number
  /** Microseconds that half of the commits took at most. */
  readonly p50: number
}

/** Changes and revocations at a steady rate, each checked in the server's next answer. */
export interface ChecksJob {
  readonly kind: 'checks'
  readonly database: string
  readonly people: number
  /** The server's. */
  readonly port: number
  readonly key: string
  readonly seconds: number
  readonly changesPerSecond: number
  readonly revocationsPerSecond: number
}

export interface ChecksReport {
  readonly kind: 'written'
  readonly changes: number
  readonly revocations: number
  /** Answers that were not what had been committed before they were asked for. */
  readonly violations: number
  /** The first few, in words. */
  readonly examples: readonly string[]
}

const actor = 'bench'
const now = () => new Date().toISOString()

/** The next version of a record, with another title. */
const retitled = (person: Person, title: string): Person => {
  const at = now()
  return {
    ...person,
    title,
    version: person.version + 1,
    updatedAt: at,
    touched: { ...person.touched, profile: at },
  }
}

/** How many people take turns in being changed. */
const changing = 500

async function commits(
  store: Store,
  { people, seconds, inFlight, from = 0 }: CommitsJob,
): Promise<CommitsReport> {
  const ranks = ranksOf(people)
  const ids = Array.from({ length: Math.min(changing, people) }, (_, rank) =>
    personIdAt(ranks, (from + rank) % people),
  )
  const records = (await store.people.byIds(ids)).map(({ person }) => person)
  const took: number[] = []
  let next = 0
  const began = performance.now()
  const end = began + seconds * 1000
  const lane = async () => {
    while (performance.now() < end) {
      const index = next % records.length
      const person = records[index]
      if (!person) return
      next += 1
      const started = performance.now()
      const changed = retitled(person, `Commit ${next}`)
      await store.commit([{ kind: 'person', person: changed }], actor, now())
      records[index] = changed
      took.push((performance.now() - started) * 1000)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const perSecond = took.length / ((performance.now() - began) / 1000)
  return { kind: 'written', perSecond, p50: median(took) }
}

/** Those whose answers show a title. */
const titled = dialects.filter(({ name }) => ['webex', 'docspace', 'accelevents'].includes(name))
/** Changes are of these, the most popular: what is asked for most is what may be remembered wrongly. */
const hottest = 1_000
const mostExamples = 5

interface Checks {
  readonly job: ChecksJob
  readonly store: Store
  readonly line: Line
  readonly ranks: Uint32Array
  readonly mark: ReturnType<typeof createSeal>['mark']
  readonly examples: string[]
  changes: number
  revocations: number
  violations: number
}

async function check(store: Store, job: ChecksJob): Promise<ChecksReport> {
  const { mark } = createSeal(await store.secret())
  const line = openLine(job.port)
  const checks: Checks = {
    ...{ job, store, line, mark },
    ranks: ranksOf(job.people),
    examples: [],
    changes: 0,
    revocations: 0,
    violations: 0,
  }
  const random = createRandom(job.seconds)
  const began = performance.now()
  const end = began + job.seconds * 1000
  /** Changes and revocations are one sequence, so that at every moment at most one write is not checked yet. */
  for (let turn = 0; performance.now() < end; turn += 1) {
    await change(checks, random.below(Math.min(hottest, job.people)), turn)
    const due = ((performance.now() - began) / 1000) * job.revocationsPerSecond
    if (checks.revocations < due) await revoke(checks)
    const ahead = began + ((turn + 1) * 1000) / job.changesPerSecond - performance.now()
    if (ahead > 0) await sleep(ahead)
  }
  line.close()
  const { changes, revocations, violations, examples } = checks
  return { kind: 'written', changes, revocations, violations, examples }
}

async function change(checks: Checks, rank: number, turn: number): Promise<void> {
  const { store, ranks, job, line, mark } = checks
  const held = await store.people.byId(personIdAt(ranks, rank))
  // Who shows their title to some alone would be checked in vain.
  if (!held || held.person.audiences.profile !== undefined) return
  const title = `Change ${Date.now()}-${turn}`
  await store.commit([{ kind: 'person', person: retitled(held.person, title) }], actor, now())
  checks.changes += 1
  const dialect = titled[turn % titled.length] as Dialect
  const path = pathAt({ ranks, mark }, dialect, rank)
  const answer = await line.ask(rendered(path, headFor(dialect, job.key)))
  const shown = answer.status === 200 && answer.body.includes(title)
  if (!shown) violated(checks, `${dialect.name} ${answer.status} without the new title`)
}

async function revoke(checks: Checks): Promise<void> {
  const { store, ranks, line, mark } = checks
  const dialect = dialects[checks.revocations % dialects.length] as Dialect
  const { key, secret } = keyFor(personIdAt(ranks, checks.revocations % checks.job.people), now())
  const request = rendered(pathAt({ ranks, mark }, dialect, 0), headFor(dialect, secret))
  await store.commit([{ kind: 'key', key }], actor, now())
  const before = await line.ask(request)
  if (before.status !== 200) violated(checks, `${before.status} with a new key`)
  await store.commit([{ kind: 'key', key: { ...key, revokedAt: now() } }], actor, now())
  checks.revocations += 1
  const after = await line.ask(request)
  if (after.status !== 401) violated(checks, `${after.status} with a revoked key`)
}

function violated(checks: Checks, what: string): void {
  checks.violations += 1
  if (checks.examples.length < mostExamples) checks.examples.push(what)
}

process.once('message', async (message) => {
  const job = message as WriterJob
  const store = job.database.startsWith('postgres:')
    ? await postgresStore(job.database, Date.now)
    : await sqliteStore(job.database, Date.now)
  const report = job.kind === 'commits' ? await commits(store, job) : await check(store, job)
  await store.close()
  process.send?.(report)
})
process.on('disconnect', () => process.exit())
