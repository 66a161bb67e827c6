import { Failure } from '../failure.ts'
import type { Call } from './dialect.ts'

/**
 * For the moment before a write; `body` is what a GET of the thing answers this viewer now.
 * @throws precondition_failed when that is another than `If-Match` names (RFC 9110 §13.1.1)
 */
export function refuseModified(
  { header, versionOf }: Pick<Call, 'header' | 'versionOf'>,
  body: unknown,
): void {
  const condition = header('if-match')
  if (condition === undefined || condition.trim() === '*') return
  const version = versionOf(body)
  if (condition.split(',').some((member) => member.trim() === version)) return
  throw new Failure(
    'precondition_failed',
    `If-Match: the version is ${version} now, not ${condition.slice(0, 200)}`,
  )
}
