// What is done with one user.
import { Failure } from '../../failure.ts'
import { type PersonId, personIdFrom } from '../../person/ids.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { changeFrom } from './accept.ts'
import { projectPerson, type Told } from './project.ts'
import { ChakraUpdate, type ChakraUser } from './schema.ts'

const wanted = { presence: true, reportees: true, deleted: true }

type UserCall = Call<'/v1/ext/user/:userId'>

const updateFrom = input(ChakraUpdate)

export const read = async (call: UserCall, told: Told): Promise<Reply> =>
  ok(await shown(call, idFrom(call), told))

/** Of what the body names, whatever the method: the vendor's own example names two fields. */
export async function update(call: UserCall): Promise<Reply> {
  const id = idFrom(call)
  const body = updateFrom(call.body)
  const { epochSeconds = false } = call.switches
  const now = new Date(call.now).toISOString()
  await call.registrar.change(call.viewer, id, async (before) => {
    const there = await shown(call, id, 'id')
    refuseModified(call, there)
    return changeFrom(body, { before, shown: there._data, now, epochSeconds })
  })
  return ok(await shown(call, id, 'id'))
}

type Asker = Pick<Call, 'viewer' | 'directory' | 'switches' | 'pictureAddress'>

async function shown(
  { viewer, directory, switches, pictureAddress }: Asker,
  id: PersonId,
  told: Told,
): Promise<ChakraUser> {
  const person = await directory.find(viewer, { id }, wanted)
  return { _data: projectPerson(person, switches, told, pictureAddress) }
}

function idFrom({ params }: UserCall): PersonId {
  const id = personIdFrom(params.userId)
  if (id) return id
  throw new Failure('invalid_id', 'userId: not a UUID')
}
