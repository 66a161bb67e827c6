import type { Failure, FailureCode, FailureReason } from '../../failure.ts'
import type { Asked, Reply } from '../dialect.ts'
import type { Problem } from './schema.ts'

const statuses: Record<FailureCode, readonly [number, string]> = {
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  not_found: [404, 'Not Found'],
  no_such_event: [404, 'Not Found'],
  no_such_path: [404, 'Not Found'],
  method_not_allowed: [405, 'Method Not Allowed'],
  not_acceptable: [406, 'Not Acceptable'],
  invalid: [400, 'Bad Request'],
  invalid_id: [400, 'Bad Request'],
  invalid_body: [400, 'Bad Request'],
  conflict: [409, 'Conflict'],
  precondition_failed: [412, 'Precondition Failed'],
  unsupported_media_type: [415, 'Unsupported Media Type'],
  too_large: [413, 'Content Too Large'],
  too_many_requests: [429, 'Too Many Requests'],
  unavailable: [503, 'Service Unavailable'],
  internal: [500, 'Internal Server Error'],
}

/** For what a program may want to tell apart where the status is the same. */
const titles: Record<FailureReason, string> = {
  too_long: 'The search takes too long',
  no_such_request: 'There is no such request',
  already_accepted: 'It is accepted already',
  already_rejected: 'It is rejected already',
  already_connected: 'The two are connected already',
  own_connection: 'Nobody is connected with themselves',
  slot_taken: 'Not everybody is free at that time',
  cross_site: 'The request comes from another site',
  not_welcome: 'The person does not want that',
  key_reused: 'The idempotency key belongs to another request',
}

/** draft-ietf-httpapi-idempotency-key-header-07 §2.6 has a status of its own for that. */
const unprocessable = 422

/** Problem details (RFC 9457). */
export function refuse({ code, message, reason, parameter }: Failure, asked: Asked): Reply {
  const [usual, title] = statuses[code]
  const status = reason === 'key_reused' ? unprocessable : usual
  const errors = errorsFrom(message, parameter, asked)
  const body: Problem = {
    ...(reason && { type: `urn:problem-type:kith:${reason.replaceAll('_', '-')}` }),
    title: reason ? titles[reason] : title,
    status,
    detail: message,
    ...(errors && { errors }),
  }
  return { status, body, headers: { 'content-type': 'application/problem+json' } }
}

/** Failures begin with the field, or with all that are missing: `emails.0.value: must be string`. */
function errorsFrom(
  message: string,
  parameter: string | undefined,
  { url }: Asked,
): Problem['errors'] {
  const [, places = '', detail = ''] =
    /^([A-Za-z][\w-]*(?:(?:\.|, )[\w@$-]+)*): (.*)$/s.exec(message) ?? []
  if (places === '') return undefined
  if (/^[A-Z][a-z]*(-[A-Z][a-z]*)+$/.test(places)) return [{ detail, header: places }]
  if (parameter !== undefined) return [{ detail, parameter }]
  const asked = URL.parse(url)?.searchParams
  return places.split(', ').map((place) => {
    const each = places === place ? detail : detail.replace(/^are /, 'is ')
    if (asked?.has(place)) return { detail: each, parameter: place }
    return { detail: each, pointer: `#/${place.replaceAll('.', '/')}` }
  })
}
