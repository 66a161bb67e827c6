import type { Failure, FailureCode, FailureReason } from '../../failure.ts'
import type { Reply } from '../dialect.ts'
import { present } from '../present.ts'
import type { AcceleventsError } from './schema.ts'

interface Answer {
  readonly status: number
  /** Left out where the vendor's page has none. */
  readonly errorCode?: number
  /** What the failure says, where the vendor has no sentence of its own. */
  readonly message?: string
}

const answers: Record<FailureCode, Answer> = {
  unauthenticated: {
    status: 401,
    errorCode: 4010101,
    message: 'You are not authorized to access this.',
  },
  forbidden: { status: 403 },
  // The first three digits of the vendor's codes are the status: a missing attendee is 406.
  not_found: { status: 406, errorCode: 4068001, message: 'Attendee not found.' },
  no_such_event: { status: 404, errorCode: 4040200, message: 'Event not found.' },
  no_such_path: { status: 404, message: 'Request path not found.' },
  method_not_allowed: { status: 405, message: 'Request method not supported.' },
  not_acceptable: { status: 406 },
  invalid: { status: 400 },
  invalid_id: { status: 400 },
  invalid_body: { status: 400 },
  conflict: { status: 409 },
  precondition_failed: { status: 412 },
  unsupported_media_type: { status: 415 },
  too_large: { status: 413 },
  too_many_requests: { status: 429 },
  unavailable: { status: 503 },
  internal: { status: 500 },
}

/** Where the vendor publishes more of why. */
const reasons: Partial<Record<FailureReason, Answer>> = {
  no_such_request: { status: 404, errorCode: 4043001 },
  already_accepted: { status: 404, errorCode: 4043002 },
  already_rejected: { status: 404, errorCode: 4043003 },
  already_connected: { status: 406, errorCode: 4068003 },
  own_connection: { status: 406, errorCode: 4068005 },
  // Not 407 by its first digits: that would ask clients for a proxy's credentials.
  slot_taken: { status: 409, errorCode: 4070002 },
}

export function refuse(failure: Failure): Reply {
  const answer = (failure.reason && reasons[failure.reason]) ?? answers[failure.code]
  const { status, errorCode, message = failure.message } = answer
  return { status, body: present<AcceleventsError>({ errorCode, message }) }
}
