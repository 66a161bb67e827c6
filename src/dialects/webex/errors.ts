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
  too_many_requests: { status: 429 },
  unavailable: { status: 503 },
  internal: { status: 500 },
}

/** What the vendor calls the fields of the record that a failure begins with. */
const names: Readonly<Record<string, string>> = {
  givenName: 'firstName',
  familyName: 'lastName',
  phones: 'phoneNumbers',
  timeZone: 'timezone',
  lifecycle: 'loginEnabled',
  // Whoever is created here is known by the first address.
  userName: 'emails',
  street: 'streetAddress',
}

function inItsWords(message: string): string {
  const [field = '', ...rest] = message.split(':')
  if (rest.length === 0) return message
  const parts = field.split('.').map((part) => names[part] ?? part)
  return [parts.join('.'), ...rest].join(':')
}

export function refuse(failure: Failure): Reply {
  const { status, message = inItsWords(failure.message) } = answers[failure.code]
  const trackingId = `ROUTERGW_${crypto.randomUUID()}`
  const body: WebexError = { message, errors: [{ description: message }], trackingId }
  return { status, body, headers: { trackingid: trackingId } }
}
