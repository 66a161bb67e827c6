// What is done with one person.
import { Failure } from '../../failure.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Email } from '../../person/person.ts'
import type { Condition } from '../../search/search.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { admissionFrom, changeFrom } from './accept.ts'
import { decodePersonId } from './ids.ts'
import { wanted } from './listing.ts'
import { projectPerson } from './project.ts'
import { NewWebexPerson, WebexUpdate } from './schema.ts'

type PersonCall = Call<'/v1/people/:personId'>

const newPersonFrom = input(NewWebexPerson)
const updateFrom = input(WebexUpdate)

export const read = async (call: PersonCall): Promise<Reply> => ok(await shown(call, idFrom(call)))

export async function readMe({
  viewer,
  directory,
  switches,
  pictureAddress,
}: Call): Promise<Reply> {
  return ok(projectPerson(await directory.me(viewer, wanted), switches, pictureAddress))
}

export async function create(call: Call): Promise<Reply> {
  const { viewer, registrar, body } = call
  const { organizationId } = viewer
  const admission = admissionFrom(newPersonFrom(body), { now: instant(call), organizationId })
  // Whoever may not write is told no more than that.
  if (viewer.administers.has(organizationId)) {
    await refuseTaken(call, organizationId, admission.emails ?? [])
  }
  return ok(await shown(call, await registrar.admit(viewer, admission)))
}

export async function replace(call: PersonCall): Promise<Reply> {
  const id = idFrom(call)
  const body = updateFrom(call.body)
  const keepOmitted = call.switches.keepOmitted ?? true
  await call.registrar.change(call.viewer, id, async (before) => {
    const { organizationId } = before
    const there = await shown(call, id)
    refuseModified(call, there)
    const acceptance = { before, shown: there, organizationId, now: instant(call) }
    const change = changeFrom(body, keepOmitted, acceptance)
    const known = new Set(before.emails.map(({ normalized }) => normalized))
    const added = (change.emails ?? []).filter(({ normalized }) => !known.has(normalized))
    await refuseTaken(call, organizationId, added)
    return change
  })
  return ok(await shown(call, id))
}

export async function retire(call: PersonCall): Promise<Reply> {
  const id = idFrom(call)
  await call.registrar.retire(call.viewer, id, async () =>
    refuseModified(call, await shown(call, id)),
  )
  return { status: 204 }
}

type Asker = Pick<Call, 'viewer' | 'directory' | 'switches' | 'pictureAddress'>

const shown = async ({ viewer, directory, switches, pictureAddress }: Asker, id: PersonId) =>
  projectPerson(await directory.find(viewer, { id }, wanted), switches, pictureAddress)

function idFrom({ params }: PersonCall): PersonId {
  const id = decodePersonId(params.personId)
  if (id) return id
  throw new Failure('invalid_id', 'That is no person id')
}

/** By their address people are known at the vendor. @throws conflict, as far as the viewer may see it */
async function refuseTaken(
  { viewer, directory }: Pick<Call, 'viewer' | 'directory'>,
  organizationId: OrganizationId,
  emails: readonly Email[],
): Promise<void> {
  if (emails.length === 0) return
  const { items } = await directory.search(viewer, {
    organizationId,
    condition: { op: 'or', of: emails.map(({ value }) => hasEmail(value)) },
    ...{ from: { skip: 0 }, limit: 1, total: false },
  })
  if (items.length === 0) return
  const taken = emails.map(({ value }) => JSON.stringify(value)).join(' or ')
  throw new Failure('conflict', `emails: ${taken} is somebody else's`)
}

const hasEmail = (value: string): Condition => ({
  ...{ op: 'some', list: 'emails', where: { op: 'eq', field: 'value', value } },
})

const instant = ({ now }: Pick<Call, 'now'>): string => new Date(now).toISOString()
