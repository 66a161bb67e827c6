import { isDeepStrictEqual } from 'node:util'
import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { type PersonId, personIdFrom } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import type { Call } from '../dialect.ts'
import { type Acceptance, acceptUser, admissionFrom } from './accept.ts'
import { canonicalResource, refusePrimaries, schemasNamed } from './canonical.ts'
import { refuseModified } from './condition.ts'
import type { JsonObject } from './json.ts'
import { applyPatch, parsePatch } from './patch.ts'
import { portraitOf, projectUser } from './project.ts'
import type { Resources } from './resources.ts'
import { userType } from './schemas.ts'

const wanted = { groups: true, groupsAbove: true, manager: true, createdBy: true }

/** A PATCH is worked out over all that there is. */
const allNamed: ReadonlySet<string> = new Set(userType.extensions.map(({ id }) => id))

/** Users: the people of the viewer's organization. */
export const users: Resources = {
  type: userType,

  async list({ viewer, directory, base, pictureAddress }, question) {
    const { items, ...rest } = await directory.search(viewer, question, wanted)
    return { ...rest, items: items.map((person) => projectUser(person, base, pictureAddress)) }
  },

  read: (call, id) => readUser(call, personId(id)),

  async create({ viewer, registrar, now }, body) {
    const user = canonicalResource(body, userType)
    refusePrimaries(user)
    const acceptance = { now: now(), named: schemasNamed(body, userType) }
    return registrar.admit(viewer, admissionFrom(user, acceptance))
  },

  async replace(call, id, body, condition) {
    const user = canonicalResource(body, userType)
    refusePrimaries(user)
    const named = schemasNamed(body, userType)
    await call.registrar.change(call.viewer, personId(id), async (before) => {
      const there = await readUser(call, before.id)
      refuseModified(there, condition)
      return difference(there, user, { ...portrayed(call, before), named, now: call.now() })
    })
  },

  async modify(call, id, body, condition) {
    const operations = parsePatch(body)
    await call.registrar.change(call.viewer, personId(id), async (before) => {
      const user = await readUser(call, before.id)
      refuseModified(user, condition)
      const patched = applyPatch(user, operations, userType)
      const next = canonicalResource(patched, userType)
      return difference(user, next, {
        ...portrayed(call, before),
        ...{ named: allNamed, now: call.now() },
      })
    })
  },

  async remove(call, id, condition) {
    await call.registrar.retire(call.viewer, personId(id), async (person) => {
      refuseModified(await readUser(call, person.id), condition)
    })
  },
}

/**
 * What a client changes is the difference from what they were shown: what is hidden from them is not theirs to
 * remove by leaving it out, nor to find out by setting it.
 */
function difference(
  shown: JsonObject,
  next: JsonObject,
  acceptance: Acceptance & { readonly before: Person },
): PersonChange {
  const before = acceptUser(canonicalResource(shown, userType), acceptance)
  const after = Object.entries(acceptUser(next, acceptance))
  return Object.fromEntries(
    after.filter(([name, value]) => !isDeepStrictEqual(value, before[name as keyof PersonChange])),
  )
}

/** The record, and the address by which this client is told its avatar. */
function portrayed({ pictureAddress }: Asker, before: Person) {
  const portrait = portraitOf(before, pictureAddress)
  return { before, ...(portrait !== undefined && { portrait }) }
}

async function readUser(
  { viewer, directory, base, pictureAddress }: Asker,
  id: PersonId,
): Promise<JsonObject> {
  const person = await directory.find(viewer, { id }, wanted)
  // SCIM speaks of one organization, whatever else there is to be seen here.
  if (person.organizationId !== viewer.organizationId) throw noSuchUser()
  return projectUser(person, base, pictureAddress)
}

type Asker = Pick<Call, 'viewer' | 'directory' | 'base' | 'pictureAddress'>

function personId(text: string): PersonId {
  const id = personIdFrom(text)
  if (!id) throw noSuchUser()
  return id
}

const noSuchUser = () => new Failure('not_found', 'No such person')
