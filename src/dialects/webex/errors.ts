import type { Failure, FailureCode } from '../../failure.ts'
import type { Reply } from '../dialect.ts'
import type { WebexError } from './schema.ts'

const notFound = { status: 404, message: 'The requested resource could not be found.' }

/** The vendor's status and, where it has a sentence of its own, that; else what the failure says. */
const answers: Record<FailureCode, { readonly status: number; readonly message?: string }> = {
  unauthenticated: {
    status: 401,
    message: 'The request requires a valid access token set in the Authorization request header.',
  },
  forbidden: { status: 403 },
  not_found: notFound,
  no_such_event: notFound,
  no_such_path: notFound,
  method_not_allowed: { status: 405 },
  // The vendor's page: 404 is "also returned when the requested format is not supported".
  not_acceptable: notFound,
  invalid: { status: 400 },
  invalid_id: notFound,
  invalid_body: { status: 400 },
  conflict: { status: 409 },
  precondition_failed: { status: 412 },
  unsupported_media_type: { status: 415 },
  too_large: { status: 413 },
  unavailable: { status: 503 },
  internal: { status: 500 },
}

export function refuse(failure: Failure): Reply {
  const { status, message = failure.message } = answers[failure.code]
  const trackingId = `ROUTERGW_${crypto.randomUUID()}`
  const body: WebexError = { message, errors: [{ description: message }], trackingId }
  return { status, body, headers: { trackingid: trackingId } }
}
