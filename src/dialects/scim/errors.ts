import type { Failure, FailureCode } from '../../failure.ts'
import type { Asked, Reply } from '../dialect.ts'
import type { JsonObject } from './json.ts'
import { enterpriseUserUrn, kithGroupUrn } from './schemas.ts'
import { ScimError, type ScimType } from './scim-error.ts'

const statuses: Record<FailureCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  no_such_event: 404,
  no_such_path: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  invalid: 400,
  invalid_id: 404,
  invalid_body: 400,
  conflict: 409,
  precondition_failed: 412,
  unsupported_media_type: 415,
  too_large: 413,
  too_many_requests: 429,
  unavailable: 503,
  internal: 500,
}

/** RFC 7644 §3.12, where it has a word for what went wrong. */
const scimTypes: Partial<Record<FailureCode, ScimType>> = {
  invalid: 'invalidValue',
  invalid_body: 'invalidSyntax',
  conflict: 'uniqueness',
}

/** What the standard calls the fields of the record that a failure begins with. */
const names: Readonly<Record<string, string>> = {
  formattedName: 'name.formatted',
  honorificPrefix: 'name.honorificPrefix',
  givenName: 'name.givenName',
  middleName: 'name.middleName',
  familyName: 'name.familyName',
  honorificSuffix: 'name.honorificSuffix',
  timeZone: 'timezone',
  phones: 'phoneNumbers',
  contacts: 'ims',
  avatar: 'photos',
  'avatar.url': 'photos.value',
  certificates: 'x509Certificates',
  employeeNumber: `${enterpriseUserUrn}:employeeNumber`,
  costCenter: `${enterpriseUserUrn}:costCenter`,
  company: `${enterpriseUserUrn}:organization`,
  division: `${enterpriseUserUrn}:division`,
  department: `${enterpriseUserUrn}:department`,
  managerId: `${enterpriseUserUrn}:manager.value`,
  name: 'displayName',
  description: `${kithGroupUrn}:description`,
}

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'

/** The body of a refusal; its `status` is a string (RFC 7644 §3.12). */
export function errorFrom(given: Failure): { status: number; body: JsonObject } {
  const failure =
    given.reason === 'too_long' ? new ScimError('tooMany', given.message, { cause: given }) : given
  const status = statuses[failure.code]
  const scimType = failure instanceof ScimError ? failure.scimType : scimTypes[failure.code]
  // Those of this dialect's own are in its words already.
  const detail = failure instanceof ScimError ? failure.message : inOurWords(failure.message)
  return {
    status,
    body: {
      schemas: [errorUrn],
      status: String(status),
      ...(scimType && { scimType }),
      detail,
    },
  }
}

function inOurWords(message: string): string {
  const [field = '', ...rest] = message.split(':')
  if (rest.length === 0) return message
  const [first = '', ...deeper] = field.split('.')
  const named = names[first] && [names[first], ...deeper].join('.')
  return [names[field] ?? named ?? field, ...rest].join(':')
}

export function refuse(failure: Failure, asked: Asked): Reply {
  if (new URL(asked.url || 'http://_').pathname.endsWith('/oauth/token'))
    return refuseToken(failure)
  const reply = errorFrom(failure)
  if (reply.status === 401) return { ...reply, headers: { 'www-authenticate': 'Bearer' } }
  return reply.status === 503 ? { ...reply, headers: { 'retry-after': '5' } } : reply
}

/** RFC 6749 §5.2: whatever is wrong with a request for a token is 400, but for what HTTP has a word for. */
function refuseToken({ code, message }: Failure): Reply {
  const status = statuses[code]
  const kept = status >= 500 || status === 405 || status === 429
  return {
    status: kept ? status : 400,
    body: { error: status >= 500 ? 'server_error' : 'invalid_request', error_description: message },
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  }
}
