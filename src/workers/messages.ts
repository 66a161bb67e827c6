import type { Keys } from '../access/key.ts'
import type { Config } from '../config.ts'
import type { Store } from '../directory/ports.ts'
import type { FailureCode, FailureReason } from '../failure.ts'
import type { Page } from '../http/app.ts'

// What goes between the first process, which alone writes, and its workers. It is cloned on its way.

/** What only the writer can do, or can tell. */
export interface Writer extends Pick<Store, 'commit' | 'signal' | 'beat' | 'secret' | 'ready'> {
  used: Keys['used']
}

/** What a worker is to serve. */
export interface Order {
  /** From 1; the worker that replaces one has the same. */
  readonly worker: number
  readonly config: Config
  readonly pages: ReadonlyMap<string, Page>
  /** The file that the writer has open, by what the system knows it by: another one may get its name. */
  readonly databaseFile: string
}

export interface Ask {
  readonly kind: 'ask'
  readonly id: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly verb: keyof Writer
  readonly parameters: readonly unknown[]
}

export interface Answer {
  readonly kind: 'answer'
  /** That of the ask. */
  readonly id: number
  readonly value?: unknown
  /** Absent for what was done. */
  readonly failure?: {
    readonly code: FailureCode
    readonly message: string
    readonly reason?: FailureReason
  }
}

/** Where a worker listens. */
export interface Listening {
  readonly kind: 'listening'
  readonly url: string
  readonly port: number
}

/** Why a worker can't listen. */
export interface Failed {
  readonly kind: 'failed'
  /** The system's, such as `EADDRINUSE`. */
  readonly code?: string
  readonly message: string
}

export type FromWorker =
  /** What was sent to it before it says so is lost. */
  { readonly kind: 'hears' } | Ask | Listening | Failed
export type FromWriter =
  | { readonly kind: 'start'; readonly order: Order }
  | { readonly kind: 'stop' }
  | Answer

export function failedOf(error: unknown): Failed {
  if (!(error instanceof Error)) return { kind: 'failed', message: String(error) }
  const { code, message } = error as NodeJS.ErrnoException
  return { kind: 'failed', message, ...(code !== undefined && { code }) }
}
