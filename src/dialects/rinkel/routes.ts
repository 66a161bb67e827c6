import Type from 'typebox'
import { Failure } from '../../failure.ts'
import type { PictureSize } from '../../pictures/forms.ts'
import { get, getSigned, ok, patch, put, type Told } from '../dialect.ts'
import { formatFor, pictureReply, pictureTypes } from '../picture-reply.ts'
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
  avatar: {
    summary: 'Get the picture of the user',
    types: pictureTypes,
    answers: { 200: Type.String({ format: 'binary' }), 302: null },
  },
} satisfies Readonly<Record<string, Told>>

const sizes = new Map<string, PictureSize>([
  ['small', 250],
  ['large', 500],
])

export const routes = [
  get('/v1/users', async (call) => ok(await list(call, pageFrom(call.query))), told.list),

  get('/v1/users/:id', async (call) => ok(answered(call, await read(call))), told.read),

  patch('/v1/users/:id', update, told.update),

  // Nowhere does the vendor say that it would replace: what it leaves out stays.
  put('/v1/users/:id', update, told.update),

  // For as long as the caller may see it; a picture that is kept elsewhere is led to.
  getSigned(
    '/users/:id/avatar/:size',
    async (call) => {
      const { id } = await find(call, call.params.id)
      const size = sizes.get(call.params.size)
      const format = formatFor(call)
      const opened = size && (await call.gallery.open(call.viewer, id, 'avatar', { size, format }))
      const reply = opened && pictureReply(opened, format)
      if (!reply) throw new Failure('not_found', 'There is no such picture')
      return reply
    },
    told.avatar,
  ),
]
