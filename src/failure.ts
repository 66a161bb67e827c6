/**
 * Everything that can go wrong on purpose, without a word of HTTP.
 *
 * Each dialect maps every code to its vendor's status and envelope, so a new code does not
 * compile until all dialects have an answer for it.
 */
export const failureCodes = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'no_such_event',
  'no_such_path',
  'method_not_allowed',
  'not_acceptable',
  'invalid',
  'invalid_id',
  'invalid_body',
  'conflict',
  'precondition_failed',
  'unsupported_media_type',
  'too_large',
  'too_many_requests',
  'unavailable',
  'internal',
] as const

export type FailureCode = (typeof failureCodes)[number]

interface FailureOptions extends ErrorOptions {
  readonly retryAfter?: number
}

/** An expected refusal, its message fit for the caller. Anything else thrown is a bug, and the caller sees `internal`. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter?: number

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options)
    this.code = code
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }
}
