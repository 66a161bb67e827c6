import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { primaryOf } from '../../person/emails.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call } from '../dialect.ts'
import { refuseModified } from '../precondition.ts'
import { type Acceptance, acceptUpdate, admissionFrom, cultureFrom, typeOf } from './accept.ts'
import type { Frame } from './envelope.ts'
import { keyFrom } from './ids.ts'
import { holderOf } from './list.ts'
import { move, movesTo } from './moves.ts'
import { Refusal } from './problem.ts'
import { bodyReader } from './read.ts'
import { mustAdminister, mustDispose, mustManage, mustOwn, refuseVersion } from './rights.ts'
import { Culture, MemberUpdate, NewMember } from './schema.ts'
import { userNamesFor } from './user-names.ts'
import { view, wanted } from './view.ts'

const readNew = bodyReader('POST', NewMember)
const readUpdate = bodyReader('PUT', MemberUpdate)
const readCulture = bodyReader('PUT', Culture)

/** A new person, in the groups that are named. */
export async function addMember(call: Call): Promise<unknown> {
  const member = readNew(call.body)
  mustAdminister(call.viewer)
  refuseVersion(call)
  if (typeOf(member) === 'DocSpaceAdmin') mustOwn(call.viewer)
  const moves = await movesTo(call, [], member.department)
  const id = await admitted(call, member)
  await move(call, id, moves)
  return view(call, await shown(call, id), 'POST')
}

/** Under a user name that nobody has; somebody else may take one meanwhile, or the address. */
async function admitted(call: Call, member: NewMember): Promise<PersonId> {
  const admission = admissionFrom(member, acceptanceOf(call))
  for (const userName of userNamesFor(member.email)) {
    await refuseTakenEmail(call, member.email)
    try {
      return await call.registrar.admit(call.viewer, { ...admission, userName })
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'conflict') throw error
    }
  }
  throw new Failure('conflict', 'There is no user name left for this email')
}

/** What an update names; everything else stays. */
export async function updateMember(call: Call, userId: string): Promise<unknown> {
  const member = readUpdate(call.body)
  const person = await target(call, userId)
  const current = person.groups?.map(({ id }) => id) ?? []
  const moves = await movesTo(call, current, member.department)
  await change(call, person, call, async (before) => {
    const accepted = acceptUpdate(member, before, acceptanceOf(call))
    if (accepted.lifecycle || accepted.flags) mustDispose(call.viewer, before)
    if (member.email !== undefined) await refuseTakenEmail(call, member.email, before)
    return accepted
  })
  await move(call, person.id, moves)
  return view(call, await shown(call, person.id), 'PUT')
}

export async function updateCulture(call: Call, userId: string): Promise<unknown> {
  const locale = cultureFrom(readCulture(call.body).cultureName)
  const person = await target(call, userId)
  // What has a version is the person, whose address this is below.
  const url = call.url.replace(/\/culture\/?(?=\?|$)/, '')
  const { query, switches } = call
  await change(call, person, { url, query, switches }, () => ({ locale }))
  return view(call, await shown(call, person.id), 'PUT')
}

/** Deletes somebody who is terminated, and tells who it was. */
export async function deleteMember(call: Call, userId: string): Promise<unknown> {
  const { id } = await target(call, userId)
  let gone: unknown
  await call.registrar.retire(call.viewer, id, async (before) => {
    const person = await shown(call, id)
    mustDispose(call.viewer, before)
    refuseModified(call, view(call, person))
    if (before.lifecycle !== 'suspended')
      throw new Refusal('forbidden', 'The user is not suspended')
    gone = view(call, person, 'DELETE')
  })
  return gone
}

/** Whom the path names, if the viewer may know of them. @throws not_found, invalid_id */
const target = ({ directory, viewer }: Call, userId: string): Promise<VisiblePerson> =>
  directory.find(viewer, keyFrom(userId), wanted)

const shown = ({ directory, viewer }: Call, id: PersonId): Promise<VisiblePerson> =>
  directory.find(viewer, { id }, wanted)

/** `If-Match` is about what a GET at the address of `frame` answers. */
const change = (
  call: Call,
  { id }: VisiblePerson,
  frame: Frame,
  changeOf: (before: Person) => Promise<PersonChange> | PersonChange,
): Promise<void> =>
  call.registrar.change(call.viewer, id, async (before) => {
    mustManage(call.viewer, before)
    refuseModified(call, view(call, await shown(call, id), 'GET', frame))
    return changeOf(before)
  })

const acceptanceOf = ({ now, viewer, pictureAddress }: Call): Acceptance => ({
  pictureAddress,
  now: new Date(now).toISOString(),
  timeZone: viewer.timeZone,
})

/** As far as the viewer may know whose an address is. @throws conflict */
async function refuseTakenEmail(call: Call, email: string, before?: Person): Promise<void> {
  const sought = folded(email.trim())
  if (folded(primaryOf(before?.emails)?.value ?? '') === sought) return
  const holder = await holderOf(call, email.trim())
  if (holder && holder.id !== before?.id) {
    throw new Failure('conflict', 'The user with this email already exists')
  }
}
