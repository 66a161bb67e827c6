import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Call } from '../dialect.ts'
import { Refusal } from './problem.ts'
import { mustAdminister } from './rights.ts'

/** The groups that somebody comes into, and those that they leave. */
export interface Moves {
  readonly joining: readonly string[]
  readonly leaving: readonly string[]
}

/**
 * From the groups that somebody is in to those of `department`; nothing where that is not said.
 * @throws forbidden, or Refusal for a group that is not there
 */
export async function movesTo(
  { viewer, directory }: Call,
  current: readonly string[],
  department: readonly string[] | undefined,
): Promise<Moves> {
  if (!department) return { joining: [], leaving: [] }
  const wanted = new Set(department.map((id) => id.toLowerCase()))
  const joining = [...wanted].filter((id) => !current.includes(id))
  const leaving = current.filter((id) => !wanted.has(id))
  if (joining.length + leaving.length > 0) mustAdminister(viewer)
  for (const id of [...joining, ...leaving]) {
    await directory.group(viewer, id, false).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== 'not_found') throw error
      throw new Refusal('invalid', `department: there is no group with the id ${id}`)
    })
  }
  return { joining, leaving }
}

/** Each group is a commit of its own. */
export async function move(
  { registrar, viewer }: Call,
  id: PersonId,
  { joining, leaving }: Moves,
): Promise<void> {
  for (const group of joining) {
    await registrar.changeGroup(viewer, group, () => ({ members: { joining: [id], leaving: [] } }))
  }
  for (const group of leaving) {
    await registrar.changeGroup(viewer, group, () => ({ members: { joining: [], leaving: [id] } }))
  }
}
