import { Worker } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import { Failure } from '../failure.ts'
import type { PersonId } from '../person/ids.ts'
import type { EventSearch, Found, PeopleSearch, Search } from '../search/search.ts'
import { tooBusy, tooLong } from './refusals.ts'
import { eventSearch, groupSearch, peopleSearch, type SearchQueries } from './sql/search.ts'
import type { Tables } from './sql/tables.ts'
import { sqliteEngine } from './sqlite-engine.ts'
import { type Guard, unreachable } from './sqlite-guard.ts'

// What goes between the store and its threads that search.

export interface Asking {
  readonly queries: SearchQueries['queries']
  /** In nanoseconds of `process.hrtime`, which all threads share. */
  readonly until: bigint
}

export interface Told {
  /** Those of each query. */
  readonly rows?: readonly (readonly object[])[]
  readonly failed?: {
    readonly message: string
    /** SQLite's result code. */
    readonly errcode?: number
    readonly late: boolean
  }
}

/** Milliseconds that a search may take, waiting for others included. */
const usualLongest = 10_000
/** How many threads there may be. One of them is for what is looked up, which does not wait for those who look at everybody. */
const mostThreads = 3
/** Milliseconds that are no time to have waited. */
const atOnce = 50
/** How many searches may wait for one. */
const mostWaiting = 1_000

interface Searches {
  people(search: PeopleSearch): Promise<Found<PersonId>>
  attendees(search: EventSearch): Promise<Found<PersonId>>
  groups(search: Search): Promise<Found<string>>
  close(): Promise<void>
}

/** A search that waits for a thread or has one. */
interface Job {
  readonly asking: Asking
  readonly isShort: boolean
  readonly settle: (told: Told) => void
  readonly since: number
  /** Of the thread that has it. */
  begunAt?: number
}

interface Thread {
  readonly worker: Worker
  job?: Job | undefined
}

/**
 * Searches of a database, each in a thread that has no other meanwhile; threads are started as they are wanted. What
 * takes `longest` is unavailable: see {@link tooLong} and {@link tooBusy}.
 */
export function searchesOf(
  path: string,
  db: Kysely<Tables>,
  guard: Guard,
  patience: number,
  longest = usualLongest,
): Searches {
  const threads = new Set<Thread>()
  const waiting: Job[] = []

  function started(): Thread {
    const worker = new Worker(new URL('./sqlite-search-thread.ts', import.meta.url), {
      workerData: { path, patience },
    })
    const thread: Thread = { worker }
    threads.add(thread)
    let cause: unknown
    worker.on('message', (told: Told) => end(thread, told))
    worker.on('error', (error) => {
      cause = error
    })
    worker.once('exit', () => {
      threads.delete(thread)
      end(thread, { failed: gone(cause) })
    })
    return thread
  }

  /** Whoever waits for a thread that is gone waits in vain; what comes next gets another one. */
  function end(thread: Thread, told: Told): void {
    const { job } = thread
    thread.job = undefined
    // A process may end when nothing is under way any more, and not before.
    thread.worker.unref()
    job?.settle(told)
    begin()
  }

  /** Gives threads to those that wait, as far as there are any. */
  function begin(): void {
    for (let job = nextJob(); job; job = nextJob()) {
      job.begunAt = performance.now()
      const thread = [...threads].find((one) => one.job === undefined) ?? started()
      thread.job = job
      thread.worker.ref()
      thread.worker.postMessage(job.asking)
    }
  }

  /** What is looked up comes first. */
  function nextJob(): Job | undefined {
    const busy = [...threads].flatMap(({ job }) => job ?? [])
    if (busy.length === mostThreads) return undefined
    const long = busy.filter(({ isShort }) => !isShort).length
    const at = waiting.findIndex(({ isShort }) => isShort)
    if (at >= 0) return waiting.splice(at, 1)[0]
    return long < mostThreads - 1 ? waiting.shift() : undefined
  }

  function giveUp(job: Job): void {
    const at = waiting.indexOf(job)
    if (at < 0) return
    waiting.splice(at, 1)
    job.settle({ failed: { message: 'A search has waited for too long', late: true } })
  }

  async function ask({ queries, isShort }: SearchQueries): Promise<NonNullable<Told['rows']>> {
    if (waiting.length >= mostWaiting) throw tooBusy(new Error('Too many searches wait'))
    const { promise, resolve: settle } = Promise.withResolvers<Told>()
    const until = process.hrtime.bigint() + BigInt(longest) * 1_000_000n
    const job: Job = {
      ...{ asking: { queries, until }, isShort, settle },
      since: performance.now(),
    }
    waiting.push(job)
    const patienceEnds = setTimeout(giveUp, longest, job)
    begin()
    const { rows = [], failed } = await promise
    clearTimeout(patienceEnds)
    if (failed) throw errorFrom(failed, job)
    return rows
  }

  /** The thread's error, with which the guard does what it does with any other. */
  function errorFrom(
    { message, errcode, late }: NonNullable<Told['failed']>,
    { since, begunAt }: Job,
  ): Error {
    const error = Object.assign(new Error(message), errcode !== undefined && { errcode })
    if (errcode !== undefined) return error
    if (!late) return new Failure('unavailable', unreachable, { cause: error })
    // What had most of the time for itself would need more of it another time, too.
    const waited = (begunAt ?? Number.POSITIVE_INFINITY) - since
    return waited <= Math.max(longest / 2, atOnce) ? tooLong(error) : tooBusy(error)
  }

  /** The database has to be in its place before and after, as for any other read. */
  async function guarded(search: SearchQueries): Promise<Found<string>> {
    guard.attempt(() => guard.refuseReads())
    try {
      const rows = search.queries.length === 0 ? [] : await ask(search)
      guard.refuseReads()
      return search.found(rows)
    } catch (error) {
      return guard.attempt((): never => {
        throw error
      })
    }
  }

  return {
    people: async (search) =>
      (await guarded(peopleSearch(db, sqliteEngine, search))) as Found<PersonId>,
    attendees: async (search) =>
      (await guarded(eventSearch(db, sqliteEngine, search))) as Found<PersonId>,
    groups: async (search) => guarded(groupSearch(db, sqliteEngine, search)),
    async close() {
      const failed = gone(undefined)
      for (const { settle } of waiting.splice(0)) settle({ failed })
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}

function gone(cause: unknown): NonNullable<Told['failed']> {
  const message = cause instanceof Error ? cause.message : 'The thread that searches has ended'
  const { errcode } = (cause ?? {}) as { errcode?: number }
  return { message, late: false, ...(errcode !== undefined && { errcode }) }
}
