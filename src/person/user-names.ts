import { isUuid } from './ids.ts'
import { folded, hasControls } from './text.ts'

/** Words that stand in the place of a user name in some dialect's paths. */
export const reservedUserNames: readonly string[] = [
  'activationstatus',
  'delete',
  'email',
  'exists',
  'file',
  'filter',
  'folder',
  'guests',
  'invite',
  'me',
  'password',
  'photo',
  'reassign',
  'remove',
  'resetquota',
  'room',
  'search',
  'self',
  'simple',
  'status',
  'theme',
  'thirdparty',
  'tokendiagnostics',
  'type',
  'userquota',
]

/**
 * Why `name` can't be a user name; undefined when it can. A name is looked up before an id, so one that
 * looks like somebody's id or like a path of its own could shadow it.
 */
export function userNameProblem(name: string): string | undefined {
  if (name === '' || name.length > 255) return 'must have 1 to 255 characters'
  if (name !== name.trim() || hasControls(name))
    return 'must not begin or end with a blank, nor hold control characters'
  // By the form in which it is looked up: full-width letters must not get past.
  const key = folded(name)
  if (key.startsWith('@')) return 'must not begin with "@"'
  if (isUuid(key)) return 'must not be a UUID'
  if (key === '.' || key === '..') return 'must not be "." or ".."'
  if (reservedUserNames.includes(key)) return `must not be the reserved word "${key}"`
  return undefined
}
