import { randomBytes } from 'node:crypto'
import type { Failure, FailureCode } from '../../failure.ts'
import type { Allowance, Asked, Reply } from '../dialect.ts'
import { ModelProblem, Refusal } from './problem.ts'
import type { DocSpaceError, DocSpaceProblem } from './schema.ts'

interface Answer {
  readonly status: number
  /** The vendor's sentence; else what the failure says. */
  readonly message?: string
  /** The sentence of the vendor's page, where it is another. */
  readonly seedMessage?: string
  /** The vendor's server is .NET, and names its exceptions. */
  readonly type: string
}

const notFound: Answer = {
  status: 404,
  message: 'The user could not be found',
  seedMessage: 'User not found',
  type: 'ASC.Common.Web.ItemNotFoundException',
}

const answers: Record<FailureCode, Answer> = {
  unauthenticated: { status: 401, type: 'System.Security.Authentication.AuthenticationException' },
  forbidden: { status: 403, message: 'Access denied', type: 'System.Security.SecurityException' },
  not_found: notFound,
  no_such_event: notFound,
  no_such_path: { status: 404, message: 'Not Found', type: 'System.Exception' },
  method_not_allowed: { status: 405, message: 'Method Not Allowed', type: 'System.Exception' },
  not_acceptable: { status: 406, type: 'System.Exception' },
  invalid: { status: 400, type: 'System.ArgumentException' },
  invalid_id: { status: 400, type: 'System.ArgumentException' },
  invalid_body: { status: 400, type: 'System.ArgumentException' },
  conflict: { status: 409, type: 'System.InvalidOperationException' },
  precondition_failed: { status: 412, type: 'System.InvalidOperationException' },
  unsupported_media_type: { status: 415, type: 'System.ArgumentException' },
  too_large: { status: 413, type: 'System.ArgumentException' },
  too_many_requests: { status: 429, type: 'System.InvalidOperationException' },
  unavailable: { status: 503, type: 'System.Exception' },
  internal: { status: 500, message: 'Internal Server Error', type: 'System.Exception' },
}

/** The time is in seconds since the epoch. */
export const tellAllowance = ({ limit, left, whole, now }: Allowance): Record<string, string> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(left),
  'x-ratelimit-reset': String(Math.ceil((now + whole) / 1000)),
})

/** COR_E_EXCEPTION, with which every .NET exception begins. */
const hresult = -2146233088

export function refuse(failure: Failure, asked: Asked): Reply {
  if (failure instanceof ModelProblem) return { status: 400, body: problemBody(failure, asked) }
  const { status, message, seedMessage, type } = answers[failure.code]
  if (status === 401) return { status, headers: challenge(asked) }
  const isOwn = failure instanceof Refusal || failure.reason === 'cross_site'
  const own = isOwn ? failure.message : undefined
  const usual = (asked.switches.seedErrors ? seedMessage : undefined) ?? message
  const body: DocSpaceError = {
    error: { message: own ?? usual ?? failure.message, type, stack: '', hresult },
    status: 1,
    statusCode: status,
  }
  return { status, body }
}

/** What ASP.NET tells of a request that does not fit its model, in the envelope of a success. */
const problemBody = (
  { field, message, method }: ModelProblem,
  { url }: Asked,
): DocSpaceProblem => ({
  response: {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    errors: { [field]: [message] },
    traceId: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
  },
  count: 1,
  links: [{ href: url, action: method }],
  status: 1,
  statusCode: 400,
})

const challenge = (asked: Asked): Record<string, string> =>
  /^Basic /i.test(asked.header('authorization') ?? '') ? { 'www-authenticate': 'Basic' } : {}
