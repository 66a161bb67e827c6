import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { type Guard, isBusy } from './sqlite-guard.ts'

/** Milliseconds to wait for another process's transaction. */
const patience = 5_000

/** Milliseconds between two attempts at a lock that somebody else has: at first, and at most. */
const shortest = 1
const longest = 20

export interface Transactions {
  /**
   * Runs `work`, which is synchronous, in one transaction, after those that were asked for before. While another
   * process writes it waits up to five seconds from now, without holding up anything else; `work` may run
   * again. When the promise resolves, all of it is on disk. @throws unavailable, having done nothing
   */
  transact(work: () => void): Promise<void>
  /** The same before those that wait, for up to `wait` milliseconds. */
  transactAhead(work: () => void, wait: number): Promise<void>
  /** Resolves when all that was asked for is done or has failed. */
  settled(): Promise<void>
  /** When the last transaction ended, in milliseconds of `performance.now()`. */
  readonly wroteAt: number
}

/**
 * Transactions on a handle whose busy timeout is zero: SQLite would wait in its sleep, and the process with it. Each begins
 * with `heedMark`: by now nobody else can bring the database to another version.
 */
export function transactionsOn(
  handle: DatabaseSync,
  guard: Guard,
  heedMark: () => void,
): Transactions {
  let last: Promise<unknown> = Promise.resolve()
  let wroteAt = Number.NEGATIVE_INFINITY

  function once(work: () => void): void {
    guard.refuseWrites()
    if (handle.isTransaction) handle.exec('ROLLBACK')
    handle.exec('BEGIN IMMEDIATE')
    try {
      guard.checkLog()
      heedMark()
      work()
      handle.exec('COMMIT')
    } catch (error) {
      rollBack(handle)
      throw error
    }
    // What went to a file that was taken away meanwhile is not safe.
    guard.refuseWrites()
    wroteAt = performance.now()
  }

  async function until(deadline: number, work: () => void): Promise<void> {
    for (let wait = shortest; ; wait = Math.min(longest, wait * 2)) {
      try {
        once(work)
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) guard.attempt(() => raise(error))
      }
      await pause(wait)
    }
  }

  return {
    transactAhead: (work, wait) => until(performance.now() + wait, work),
    transact(work) {
      const deadline = performance.now() + patience
      const mine = last.then(() => until(deadline, work))
      last = mine.catch(() => {})
      return mine
    },
    async settled() {
      await last
    },
    get wroteAt() {
      return wroteAt
    },
  }
}

function raise(error: unknown): never {
  throw error
}

/** What made it necessary is what is told; the next transaction tries again. */
function rollBack(handle: DatabaseSync): void {
  try {
    if (handle.isTransaction) handle.exec('ROLLBACK')
  } catch {}
}

/** Milliseconds for which an answer to whether the database can be written holds, whoever asks. */
const fresh = 1_000
/** Milliseconds that a trial waits for another process's transaction. */
const trialPatience = 1_000

/**
 * Whether the database can be written: found out by writing, at most once a second. A full disk lets a transaction
 * begin and shows at its end only, so it takes one that ends; it writes a number in the file's header that nothing
 * reads. Nothing is tried while real writes go well.
 */
export function trialOf(handle: DatabaseSync, transactions: Transactions): () => Promise<void> {
  let trial: Promise<void> | undefined
  let endedAt = Number.NEGATIVE_INFINITY

  const write = () => {
    const { user_version: before = 0 } = handle.prepare('PRAGMA user_version').get() ?? {}
    handle.exec(`PRAGMA user_version = ${(Number(before) + 1) % 2 ** 30}`)
  }
  async function tried(): Promise<void> {
    try {
      await transactions.transactAhead(write, trialPatience)
    } finally {
      endedAt = performance.now()
    }
  }

  return () => {
    const now = performance.now()
    if (now - transactions.wroteAt < fresh) return Promise.resolve()
    if (trial === undefined || now - endedAt >= fresh) {
      endedAt = Number.POSITIVE_INFINITY
      trial = tried()
    }
    return trial
  }
}
