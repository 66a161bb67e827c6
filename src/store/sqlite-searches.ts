import { Worker } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import { Failure } from '../failure.ts'
import type { PersonId } from '../person/ids.ts'
import type { EventSearch, Found, PeopleSearch, Search } from '../search/search.ts'
import { eventSearch, groupSearch, peopleSearch, type SearchQueries } from './sql/search.ts'
import type { Tables } from './sql/tables.ts'
import { sqliteEngine } from './sqlite-engine.ts'
import { type Guard, unreachable } from './sqlite-guard.ts'

// What goes between the store and its thread that searches.

export interface Asking {
  readonly id: number
  readonly queries: SearchQueries['queries']
  /** In nanoseconds of `process.hrtime`, which all threads share. */
  readonly until: bigint
}

export interface Told {
  readonly id: number
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

interface Searches {
  people(search: PeopleSearch): Promise<Found<PersonId>>
  attendees(search: EventSearch): Promise<Found<PersonId>>
  groups(search: Search): Promise<Found<string>>
  close(): Promise<void>
}

/**
 * Searches of a database, one after the other in a thread of their own, which the first one starts. What takes
 * `longest` is unavailable.
 */
export function searchesOf(
  path: string,
  db: Kysely<Tables>,
  guard: Guard,
  patience: number,
  longest = usualLongest,
): Searches {
  const waiting = new Map<number, (told: Told) => void>()
  let thread: Worker | undefined
  let last = 0

  function started(): Worker {
    if (thread !== undefined) return thread
    const made = new Worker(new URL('./sqlite-search-thread.ts', import.meta.url), {
      workerData: { path, patience },
    })
    thread = made
    let cause: unknown
    made.on('message', (told: Told) => waiting.get(told.id)?.(told))
    made.on('error', (error) => {
      cause = error
    })
    made.once('exit', () => end(made, cause))
    return made
  }

  /** Whoever waits for a thread that is gone waits in vain; the next search starts another one. */
  function end(gone: Worker, cause: unknown): void {
    if (thread !== gone) return
    thread = undefined
    const message = cause instanceof Error ? cause.message : 'The thread that searches has ended'
    const { errcode } = (cause ?? {}) as { errcode?: number }
    const failed = { message, late: true, ...(errcode !== undefined && { errcode }) }
    for (const [id, settle] of waiting) settle({ id, failed })
  }

  async function ask(queries: Asking['queries']): Promise<NonNullable<Told['rows']>> {
    const { promise, resolve } = Promise.withResolvers<Told>()
    const worker = started()
    last += 1
    const id = last
    waiting.set(id, resolve)
    // A process may end when nothing is under way any more, and not before.
    worker.ref()
    const until = process.hrtime.bigint() + BigInt(longest) * 1_000_000n
    worker.postMessage({ id, queries, until } satisfies Asking)
    const { rows = [], failed } = await promise
    waiting.delete(id)
    if (waiting.size === 0) worker.unref()
    if (failed) throw errorFrom(failed)
    return rows
  }

  /** The database has to be in its place before and after, as for any other read. */
  async function guarded({ queries, found }: SearchQueries): Promise<Found<string>> {
    guard.attempt(() => guard.refuseReads())
    try {
      const rows = queries.length === 0 ? [] : await ask(queries)
      guard.refuseReads()
      return found(rows)
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
      await thread?.terminate()
    },
  }
}

/** The thread's error, with which the guard does what it does with any other. */
function errorFrom({ message, errcode, late }: NonNullable<Told['failed']>): Error {
  const error = Object.assign(new Error(message), errcode !== undefined && { errcode })
  return late && errcode === undefined
    ? new Failure('unavailable', unreachable, { cause: error })
    : error
}
