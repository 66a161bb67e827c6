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

/** What of a `conflict`, a `not_found`, a `forbidden` or an `unavailable` it is, for dialects that have words for it. */
export type FailureReason =
  /** It would be so again: too much was asked for. */
  | 'too_long'
  | 'no_such_request'
  | 'already_accepted'
  | 'already_rejected'
  | 'already_connected'
  | 'own_connection'
  | 'slot_taken'
  | 'cross_site'
  | 'key_reused'
  | 'not_welcome'

interface FailureOptions extends ErrorOptions {
  readonly retryAfter?: number
  readonly reason?: FailureReason
  readonly parameter?: string
}

/** An expected refusal, its message fit for the caller. Anything else thrown is a bug, and the caller sees `internal`. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter?: number
  readonly reason?: FailureReason
  /** Which of what was asked by it is about, where that was no part of what was sent. */
  readonly parameter?: string

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options)
    this.code = code
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
    if (options.reason !== undefined) this.reason = options.reason
    if (options.parameter !== undefined) this.parameter = options.parameter
  }
}
