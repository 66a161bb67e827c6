import type { PersonKey } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import { personIdFrom } from '../../person/ids.ts'
import { hasControls } from '../../person/text.ts'

/** What the path's user id names. The user name would win over the id, but no user name can look like one. */
export function keyFrom(userId: string): PersonKey {
  // The vendor's spelling.
  if (userId.length > 255 || hasControls(userId)) throw new Failure('invalid_id', 'Incorect UserId')
  const id = personIdFrom(userId)
  return id ? { id } : { userName: userId }
}
