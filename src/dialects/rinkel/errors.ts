import type { Failure, FailureCode } from '../../failure.ts'
import type { Reply } from '../dialect.ts'
import type { RinkelError } from './schema.ts'

/** The vendor publishes the statuses and the envelope; the codes are ours. */
const answers: Record<FailureCode, readonly [number, string]> = {
  unauthenticated: [401, 'UNAUTHORIZED'],
  forbidden: [403, 'FORBIDDEN'],
  not_found: [404, 'NOT_FOUND'],
  no_such_event: [404, 'NOT_FOUND'],
  no_such_path: [404, 'NOT_FOUND'],
  method_not_allowed: [405, 'METHOD_NOT_ALLOWED'],
  not_acceptable: [406, 'NOT_ACCEPTABLE'],
  invalid: [400, 'BAD_REQUEST'],
  invalid_id: [400, 'BAD_REQUEST'],
  invalid_body: [400, 'BAD_REQUEST'],
  conflict: [409, 'CONFLICT'],
  precondition_failed: [412, 'PRECONDITION_FAILED'],
  unsupported_media_type: [415, 'UNSUPPORTED_MEDIA_TYPE'],
  too_large: [413, 'PAYLOAD_TOO_LARGE'],
  too_many_requests: [429, 'TOO_MANY_REQUESTS'],
  unavailable: [503, 'SERVICE_UNAVAILABLE'],
  internal: [500, 'INTERNAL_SERVER_ERROR'],
}

export function refuse({ code, message: said }: Failure): Reply {
  const [status, word] = answers[code]
  const message = code === 'unauthenticated' ? `${said}, in the header x-rinkel-api-key` : said
  const body: RinkelError = { errors: [{ code: word, message, detail: null }] }
  return { status, body }
}
