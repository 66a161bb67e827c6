import type { Wanted } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, get, getSigned, ok } from '../dialect.ts'
import { decodeId } from './ids.ts'
import { projectUser } from './project.ts'

export const routes = [
  get('/v1/users/:id', async (call) => {
    const person = await find(call, call.params.id, { presence: true })
    const id = call.params.id.toLowerCase()
    const avatarUrl = (size: string) => call.signed(`/users/${id}/avatar/${size}`)
    const user = projectUser(person, { id, avatarUrl, switches: call.switches })
    return ok(call.switches.wrapSingle ? { data: user } : user)
  }),

  // Pictures are kept elsewhere so far; the address leads there for as long as the caller may see it.
  getSigned('/users/:id/avatar/:size', async (call) => {
    const { avatar } = await find(call, call.params.id)
    const known = call.params.size === 'small' || call.params.size === 'large'
    if (!avatar || !known) throw new Failure('not_found', 'There is no such picture')
    // A header takes no other letters than those of ASCII.
    return { status: 302, headers: { location: new URL(avatar.url).href } }
  }),
]

function find(
  { viewer, directory, mark }: Call,
  id: string,
  wanted?: Wanted,
): Promise<VisiblePerson> {
  const number = decodeId(id, mark)
  if (number === 'malformed')
    throw new Failure('invalid_id', 'id: 24 hexadecimal digits are wanted')
  if (number === 'wrong') throw new Failure('not_found', 'No such person')
  return directory.find(viewer, { number }, wanted)
}
