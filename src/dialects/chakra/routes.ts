import Type from 'typebox'
import { get, getOpen, patch, postMultipart, put, type Route, remove } from '../dialect.ts'
import { largestPicture, pictureTypes } from '../picture-reply.ts'
import { config, health } from './config.ts'
import { list } from './listing.ts'
import { deletePhoto, readPhoto, uploadPhoto } from './photo.ts'
import {
  ChakraConfig,
  ChakraHealth,
  ChakraUpdate,
  ChakraUser,
  ChakraUsers,
  ChakraUsersQuery,
} from './schema.ts'
import { read, update } from './users.ts'

const user = { 200: ChakraUser }
const listing = { query: ChakraUsersQuery, answers: { 200: ChakraUsers } }
const Bytes = Type.String({ format: 'binary' })
const updating = { summary: 'Update a user', body: ChakraUpdate, answers: user }

// The vendor calls v2 humanized: wherever v1 has the id of a configured thing, this has its name.
export const routes: readonly Route[] = [
  get('/v1/ext/users', (call) => list(call, 'id'), { summary: 'List users', ...listing }),
  get('/v2/ext/users', (call) => list(call, 'name'), { summary: 'List users by name', ...listing }),

  // The vendor's page of the update shows a GET with a body. A GET must change nothing: its body is left unread.
  get('/v1/ext/user/:userId', (call) => read(call, 'id'), {
    ...{ summary: 'Fetch a user', answers: user },
  }),
  put('/v1/ext/user/:userId', update, updating),
  patch('/v1/ext/user/:userId', update, updating),
  get('/v2/ext/user/:userId', (call) => read(call, 'name'), {
    ...{ summary: 'Fetch a user by name', answers: user },
  }),

  // The vendor tells of these two and not how they look.
  get('/v1/ext/user/:userId/photo', readPhoto, {
    summary: 'Fetch the photo of a user',
    types: pictureTypes,
    answers: { 200: Bytes, 302: null },
  }),
  postMultipart('/v1/ext/user/:userId/photo', largestPicture, uploadPhoto, {
    summary: 'Upload the photo of a user',
    body: Type.Object({ file: Bytes }),
    answers: user,
  }),
  remove('/v1/ext/user/:userId/photo', deletePhoto, {
    ...{ summary: 'Remove the photo of a user', answers: user },
  }),

  get('/v1/ext/config', config, { summary: 'Fetch the config', answers: { 200: ChakraConfig } }),
  getOpen('/v1/health', health, { summary: 'Tell health', answers: { 200: ChakraHealth } }),
]
