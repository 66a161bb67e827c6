import { Failure } from '../failure.ts'
import type { Call } from './dialect.ts'

/** Whether `If-Match` names this version, both told apart by what `form` makes of them. */
export const names = (
  ifMatch: string,
  version: string,
  form = (etag: string): string => etag,
): boolean =>
  ifMatch.trim() === '*' ||
  ifMatch.split(',').some((member) => form(member.trim()) === form(version))

/**
 * For the moment before a write; `body` is what a GET of the thing answers this viewer now.
 * @throws precondition_failed when that is another than `If-Match` names (RFC 9110 §13.1.1)
 */
export function refuseModified(
  { header, versionOf }: Pick<Call, 'header' | 'versionOf'>,
  body: unknown,
): void {
  const condition = header('if-match')
  if (condition === undefined) return
  const version = versionOf(body)
  if (names(condition, version)) return
  throw new Failure(
    'precondition_failed',
    `If-Match: the version is ${version} now, not ${condition.slice(0, 200)}`,
  )
}
