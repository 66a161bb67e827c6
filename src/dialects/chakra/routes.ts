import { Failure } from '../../failure.ts'
import { personIdFrom } from '../../person/ids.ts'
import { type Call, get, ok, type Reply } from '../dialect.ts'
import { projectPerson, type Told } from './project.ts'
import type { ChakraUser } from './schema.ts'

const wanted = { presence: true, reportees: true, deleted: true }

export const routes = [
  get('/v1/ext/user/:userId', (call) => user(call, 'id')),

  // The vendor calls v2 humanized: wherever v1 has the id of a configured thing, this has its name.
  get('/v2/ext/user/:userId', (call) => user(call, 'name')),
]

type UserCall = Call<'/v1/ext/user/:userId'>

async function user({ viewer, directory, params, switches }: UserCall, told: Told): Promise<Reply> {
  const id = personIdFrom(params.userId)
  if (!id) throw new Failure('invalid_id', 'userId: not a UUID')
  const person = await directory.find(viewer, { id }, wanted)
  return ok({ _data: projectPerson(person, switches, told) } satisfies ChakraUser)
}
