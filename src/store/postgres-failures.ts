import { DatabaseError } from 'pg'
import { Failure } from '../failure.ts'
import { Damaged } from './damage.ts'
import { absent, taken } from './refusals.ts'

// What PostgreSQL refuses, as callers are told of it (postgresql.org/docs/current/errcodes-appendix.html).

const unreachable = 'The directory can not be read or written at the moment'

/** Whole seconds after which a caller may try again. */
const retryAfter = 1

/** A line that is gone, or that nothing came over in time. */
export class Lost extends Error {
  override readonly name = 'Lost'
}

export const isUnreachable = (cause: unknown): Failure =>
  new Failure('unavailable', unreachable, { cause, retryAfter })

/** Two transactions that can't both be done: the other one was. The last is told of what went out after what had failed. */
const again = ['40001', '40P01', '25P02']

/** A statement that was prepared before a column was added to what it selects. */
export const isStale = (error: unknown): boolean =>
  error instanceof DatabaseError && error.routine === 'RevalidateCachedQuery'

export const isOfTheMoment = (error: unknown): boolean =>
  (error instanceof DatabaseError && again.includes(error.code ?? '')) || isStale(error)

const uniqueViolation = '23505'
const foreignKeyViolation = '23503'
/** A text that no column can hold, and one that no index can. */
const unstorable = ['22021', '22P05']
const tooLong = '54000'
/**
 * Nothing that a mistake in a program of ours would cause: the line, its end, its place, what it may use, who wrote
 * meanwhile, and what took too long.
 */
const outer = /^(08|25006|28|3D000|40|53|55P03|57|58|54)/
/** Damage that the server has seen. */
const damaged = ['XX001', 'XX002']

/** What `error` is to whoever asked. What is told of the cause names no value: it may be in the log. */
export function failureFrom(error: unknown): unknown {
  if (error instanceof Damaged || error instanceof Lost) return isUnreachable(error)
  if (!(error instanceof DatabaseError)) return error
  const { code = '' } = error
  const cause = new Error(`PostgreSQL ${code}${/^2[23]/.test(code) ? '' : `: ${error.message}`}`)
  if (code === uniqueViolation) return new Failure('conflict', taken, { cause })
  if (code === foreignKeyViolation) return new Failure('conflict', absent, { cause })
  if (unstorable.includes(code)) {
    return new Failure('invalid', 'A text holds a character that can not be kept: U+0000', {
      cause,
    })
  }
  if (code === tooLong)
    return new Failure('too_large', 'A name or id is too long to be kept', { cause })
  return outer.test(code) || damaged.includes(code) ? isUnreachable(cause) : cause
}

/** Runs `work`, turning what PostgreSQL refuses into failures that callers can act on. */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failureFrom(error)
  }
}
