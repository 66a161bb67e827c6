import type { Failure, FailureCode } from '../../failure.ts'
import type { Asked, Reply } from '../dialect.ts'
import type { DocSpaceError } from './schema.ts'

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
  unavailable: { status: 503, type: 'System.Exception' },
  internal: { status: 500, message: 'Internal Server Error', type: 'System.Exception' },
}

/** COR_E_EXCEPTION, with which every .NET exception begins. */
const hresult = -2146233088

export function refuse(failure: Failure, asked: Asked): Reply {
  const { status, message, seedMessage, type } = answers[failure.code]
  if (status === 401) return { status, headers: challenge(asked) }
  const told = (asked.switches.seedErrors ? seedMessage : undefined) ?? message ?? failure.message
  const body: DocSpaceError = {
    error: { message: told, type, stack: '', hresult },
    status: 1,
    statusCode: status,
  }
  return { status, body }
}

const challenge = (asked: Asked): Record<string, string> =>
  /^Basic /i.test(asked.header('authorization') ?? '') ? { 'www-authenticate': 'Basic' } : {}
