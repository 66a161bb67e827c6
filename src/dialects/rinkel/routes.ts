import { Failure } from '../../failure.ts'
import { get, getSigned, ok, patch, put, type Told } from '../dialect.ts'
import { pageFrom } from './listing.ts'
import { RinkelChange, RinkelPage, RinkelUser, RinkelUsers } from './schema.ts'
import { answered, find, list, read, update } from './users.ts'

const told = {
  list: {
    summary: 'List all users',
    query: RinkelPage,
    answers: { 200: RinkelUsers },
  },
  read: { summary: 'Get the user', answers: { 200: RinkelUser } },
  update: { summary: 'Update the user', body: RinkelChange, answers: { 204: null } },
  avatar: { summary: 'Lead to the picture of the user', answers: { 302: null } },
} satisfies Readonly<Record<string, Told>>

export const routes = [
  get('/v1/users', async (call) => ok(await list(call, pageFrom(call.query))), told.list),

  get('/v1/users/:id', async (call) => ok(answered(call, await read(call))), told.read),

  patch('/v1/users/:id', update, told.update),

  // Nowhere does the vendor say that it would replace: what it leaves out stays.
  put('/v1/users/:id', update, told.update),

  // Pictures are kept elsewhere so far; the address leads there for as long as the caller may see it.
  getSigned(
    '/users/:id/avatar/:size',
    async (call) => {
      const { avatar } = await find(call, call.params.id)
      const known = call.params.size === 'small' || call.params.size === 'large'
      if (!avatar || !known) throw new Failure('not_found', 'There is no such picture')
      // A header takes no other letters than those of ASCII.
      return { status: 302, headers: { location: new URL(avatar.url).href } }
    },
    told.avatar,
  ),
]
