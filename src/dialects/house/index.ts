import Type from 'typebox'
import type { FailureCode } from '../../failure.ts'
import type { Dialect } from '../dialect.ts'

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

/** RFC 9457. */
const Problem = Type.Object(
  { title: Type.String(), status: Type.Integer(), detail: Type.String() },
  { additionalProperties: false },
)

/** Our own API. So far it only answers for the paths that no vendor has, with problem details (RFC 9457). */
export const house: Dialect = {
  name: 'house',
  product: 'Kith',
  roots: [],
  prefix: '/api/v1',
  credentials: [{ in: 'authorization' }],
  mediaTypes: ['application/json'],
  switches: {},
  routes: [],
  refuse: ({ code, message }) => {
    const [status, title] = statuses[code]
    return {
      status,
      body: { title, status, detail: message },
      headers: { 'content-type': 'application/problem+json' },
    }
  },
  errorSchema: Problem,
  // draft-ietf-httpapi-ratelimit-headers-10.
  tellAllowance: ({ limit, left, whole }) => ({
    'ratelimit-policy': `"key";q=${limit};w=60`,
    ratelimit: `"key";r=${left};t=${Math.ceil(whole / 1000)}`,
  }),
  personPath: () => undefined,
}
