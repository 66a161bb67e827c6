// Who may do what to whom, where the vendor allows less than the directory.
import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import type { Viewer } from '../../privacy/viewer.ts'
import type { Call } from '../dialect.ts'

interface Target {
  readonly id: PersonId
  readonly flags?: Person['flags']
}

const denied = () => new Failure('forbidden', 'Access denied')

/** @throws forbidden */
export function mustAdminister({ administers, organizationId }: Viewer): void {
  if (!administers.has(organizationId)) throw denied()
}

/** @throws forbidden */
export function mustOwn({ owner }: Viewer): void {
  if (!owner) throw denied()
}

/** Those who hold the highest offices are changed by owners and by themselves alone. @throws forbidden */
export function mustManage(viewer: Viewer, { id, flags }: Target): void {
  const high = flags?.owner || flags?.administrator
  if (high && !viewer.owner && viewer.personId !== id) throw denied()
}

/** Nobody decides whether they are in the portal, nor as what; and nobody does of an owner. @throws forbidden */
export function mustDispose(viewer: Viewer, target: Target): void {
  if (target.id === viewer.personId || target.flags?.owner) throw denied()
  mustManage(viewer, target)
}

/**
 * For writes that no one version is of: to make somebody, or to change several people.
 * @throws precondition_failed when `If-Match` names one all the same
 */
export function refuseVersion({ header }: Pick<Call, 'header'>): void {
  const condition = header('if-match')
  if (condition === undefined || condition.trim() === '*') return
  throw new Failure('precondition_failed', 'If-Match: there is no one version of what this changes')
}
