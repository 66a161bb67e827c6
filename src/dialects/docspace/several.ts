import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { personIdFrom } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call } from '../dialect.ts'
import { flagsOf, standingOf, typeFrom } from './accept.ts'
import { envelopedList } from './envelope.ts'
import { Refusal } from './problem.ts'
import { projectPerson } from './project.ts'
import { bodyReader, pathReader } from './read.ts'
import { mustAdminister, mustDispose, mustOwn, refuseVersion } from './rights.ts'
import { EmployeeKind, Members, Status } from './schema.ts'
import { angleOf, wanted } from './view.ts'
import { employeeStatuses, wordOf } from './words.ts'

const readMembers = bodyReader('PUT', Members)
const readStatus = pathReader('PUT', 'status', Status)
const readType = pathReader('PUT', 'type', EmployeeKind)

/** Terminates people, or takes them back. */
export async function updateStatus(call: Call, sent: string): Promise<unknown> {
  const status = wordOf(employeeStatuses, readStatus(sent))
  if (status !== 'Active' && status !== 'Terminated') {
    throw new Refusal('invalid', 'Incorrect status')
  }
  const now = new Date(call.now).toISOString()
  return changed(call, await targets(call), (one) => standingOf(status === 'Terminated', one, now))
}

/** Makes people guests, users or administrators; those who are terminated are left out, and stay what they are. */
export async function updateType(call: Call, sent: string): Promise<unknown> {
  const type = typeFrom(readType(sent))
  const people = await targets(call)
  if (type === 'DocSpaceAdmin') mustOwn(call.viewer)
  const there = people.filter(({ lifecycle }) => lifecycle !== 'suspended')
  return changed(call, there, ({ flags }) => ({ flags: flagsOf(type, flags) }))
}

/** All who are named, if each may be changed: a list that can't be done as a whole is not begun. @throws forbidden, not_found */
async function targets(call: Call): Promise<readonly VisiblePerson[]> {
  const { userIds } = readMembers(call.body)
  mustAdminister(call.viewer)
  refuseVersion(call)
  const ids = [...new Set(userIds.flatMap((id) => personIdFrom(id) ?? []))]
  const people = await call.directory.findAll(call.viewer, ids, wanted)
  if (people.length < ids.length) throw new Failure('not_found', 'No such person')
  for (const person of people) mustDispose(call.viewer, person)
  return people
}

/** Each is a commit of its own. */
async function changed(
  call: Call,
  people: readonly VisiblePerson[],
  changeOf: (before: Person) => PersonChange,
): Promise<unknown> {
  const { directory, registrar, viewer } = call
  for (const { id } of people) {
    await registrar.change(viewer, id, (before) => {
      mustDispose(viewer, before)
      return changeOf(before)
    })
  }
  const ids = people.map(({ id }) => id)
  const after = await directory.findAll(viewer, ids, wanted)
  const angle = angleOf(call)
  return envelopedList(call, { items: after.map((one) => projectPerson(one, angle)) }, 'PUT')
}
