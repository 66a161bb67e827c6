import type { Failure, FailureCode } from '../../failure.ts'
import type { Reply } from '../dialect.ts'
import type { ChakraError } from './schema.ts'

/** The envelope is the vendor's (docs.chakrahq.com, API Keys); which status goes with what is published nowhere. */
const statuses: Record<FailureCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  no_such_event: 404,
  no_such_path: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  invalid: 400,
  invalid_id: 400,
  invalid_body: 400,
  conflict: 409,
  precondition_failed: 412,
  unsupported_media_type: 415,
  too_large: 413,
  too_many_requests: 429,
  unavailable: 503,
  internal: 500,
}

/** What the vendor calls the fields of the record that a failure begins with. */
const names: Readonly<Record<string, string>> = {
  userName: 'username',
  givenName: 'firstName',
  familyName: 'lastName',
  birthDate: 'dob',
  avatar: 'profileImageUrl',
  cover: 'coverImageUrl',
  timeZone: 'timezone',
  lifecycle: 'isActive',
}

function inItsWords(message: string): string {
  const [field = '', ...rest] = message.split(':')
  if (rest.length === 0) return message
  const [first = '', ...deeper] = field.split('.')
  return [[names[first] ?? first, ...deeper].join('.'), ...rest].join(':')
}

export function refuse({ code, message }: Failure): Reply {
  const where = code === 'unauthenticated' ? ', in the header Authorization, after Bearer' : ''
  const body: ChakraError = { _errors: [inItsWords(message) + where] }
  return { status: statuses[code], body }
}
