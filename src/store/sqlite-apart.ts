import { Worker } from 'node:worker_threads'
import type { Store, Write } from '../directory/ports.ts'
import type { OnUpgrade } from '../directory/upkeep.ts'
import { Failure, type FailureCode, type FailureReason } from '../failure.ts'
import { sqliteStore } from './sqlite.ts'
import { unreachable } from './sqlite-guard.ts'

// What goes between a store and its thread that commits.

export interface Asked {
  readonly id: number
  readonly writes: readonly Write[]
  readonly actor: string
  readonly at: string
}

export interface Outcome {
  readonly id: number
  /** What went wrong, or the cause of the failure. */
  readonly error?: unknown
  readonly failure?: {
    readonly code: FailureCode
    readonly message: string
    readonly reason?: FailureReason
  }
}

/**
 * The embedded store as who has much to write wants it: it commits in a thread of its own, which the first commit starts,
 * so that the next can be worked out meanwhile. Everything else is {@link sqliteStore}.
 */
export async function sqliteStoreApart(
  path: string,
  now: () => number,
  onUpgrade?: OnUpgrade,
): Promise<Store> {
  const local = await sqliteStore(path, now, onUpgrade)
  const commits = commitsApart(path)
  return {
    ...local,
    async commit(writes, actor, at) {
      await commits.commit(writes, actor, at)
      try {
        local.watch.look()
      } catch {
        // It is written, and is not to be told as failed. The next look makes up for this one, or says why not.
      }
    },
    async close() {
      await commits.close()
      await local.close()
    },
  }
}

function commitsApart(path: string) {
  const waiting = new Map<number, (outcome: Outcome) => void>()
  let thread: Worker | undefined
  let last = 0

  function started(): Worker {
    if (thread !== undefined) return thread
    const made = new Worker(new URL('./sqlite-apart-thread.ts', import.meta.url), {
      workerData: { path },
      // To close one of these would give up SQLite's locks on that file, of the whole process.
      trackUnmanagedFds: false,
    })
    thread = made
    let cause: unknown
    made.on('message', (outcome: Outcome) => waiting.get(outcome.id)?.(outcome))
    made.on('error', (error) => {
      cause = error
    })
    made.once('exit', () => {
      thread = undefined
      const failure = { code: 'unavailable', message: unreachable } as const
      for (const [id, settle] of waiting) settle({ id, error: cause, failure })
    })
    return made
  }

  async function commit(writes: readonly Write[], actor: string, at: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const worker = started()
    last += 1
    const id = last
    waiting.set(id, resolve)
    worker.postMessage({ id, writes, actor, at } satisfies Asked)
    const { error, failure } = await promise
    waiting.delete(id)
    if (failure) {
      const { code, message, reason } = failure
      throw new Failure(code, message, { cause: error, ...(reason && { reason }) })
    }
    if (error !== undefined) throw error
  }

  let underWay: Promise<unknown> = Promise.resolve()
  return {
    commit(...of: Parameters<typeof commit>): Promise<void> {
      const one = commit(...of)
      underWay = Promise.allSettled([underWay, one])
      return one
    },
    /** Once all that was asked for is done or has failed. */
    async close(): Promise<void> {
      await underWay
      await thread?.terminate()
    },
  }
}
