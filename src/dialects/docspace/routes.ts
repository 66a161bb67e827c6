import Type from 'typebox'
import { Failure } from '../../failure.ts'
import { get, getOpen, ok, post, postMultipart, put, remove } from '../dialect.ts'
import { largestPicture } from '../picture-reply.ts'
import { enveloped } from './envelope.ts'
import { groupRoutes } from './group-routes.ts'
import { keyFrom } from './ids.ts'
import {
  existence,
  listByFilter,
  listByStatus,
  listByText,
  personByEmail,
  statusFrom,
} from './list.ts'
import {
  deletePhoto,
  Photo,
  PhotoChange,
  PhotoForm,
  PhotoUpload,
  readPhoto,
  updatePhoto,
  uploadPhoto,
} from './photo.ts'
import { defaultPicture } from './pictures.ts'
import {
  Culture,
  DocSpacePerson,
  EmailQuery,
  Existence,
  FilterQuery,
  ListQuery,
  Members,
  MemberUpdate,
  NewMember,
  SearchQuery,
  ShortPerson,
} from './schema.ts'
import { updateStatus, updateType } from './several.ts'
import { tellList, tellOne, tellWrite } from './told.ts'
import { view, viewSelf, wanted } from './view.ts'
import { addMember, deleteMember, updateCulture, updateMember } from './write.ts'

const root = '/api/2.0/people'
const active = 'Active'

const people = [
  get(
    root,
    async (call) => ok(await listByStatus(call, active)),
    tellList('Get profiles', DocSpacePerson, ListQuery),
  ),

  get(
    `${root}/@self`,
    async (call) => ok(await viewSelf(call)),
    tellOne('Get my profile', DocSpacePerson),
  ),

  get(
    `${root}/filter`,
    async (call) => ok(await listByFilter(call, 'full')),
    tellList(
      'Search users with detailed information by extended filter',
      DocSpacePerson,
      FilterQuery,
    ),
  ),

  get(
    `${root}/simple/filter`,
    async (call) => ok(await listByFilter(call, 'short')),
    tellList('Search users by extended filter', ShortPerson, FilterQuery),
  ),

  get(
    `${root}/search`,
    async (call) => ok(await listByText(call, { status: active, form: 'short' })),
    tellList('Search users (using query parameters)', ShortPerson, SearchQuery),
  ),

  get(
    `${root}/@search/:text`,
    async (call) => {
      const { text } = call.params
      return ok(await listByText(call, { text, status: active, form: 'full' }))
    },
    tellList('Search users', DocSpacePerson, ListQuery),
  ),

  get(
    `${root}/status/:status`,
    async (call) => ok(await listByStatus(call, statusFrom(call.params.status))),
    tellList('Get profiles by status', DocSpacePerson, ListQuery),
  ),

  get(
    `${root}/status/:status/search`,
    async (call) => {
      const status = statusFrom(call.params.status)
      return ok(await listByText(call, { status, form: 'full' }))
    },
    tellList('Search users by status filter', DocSpacePerson, SearchQuery),
  ),

  get(
    `${root}/email`,
    async (call) => ok(await personByEmail(call)),
    tellOne('Get a profile by user email', DocSpacePerson, EmailQuery),
  ),

  get(
    `${root}/exists`,
    async (call) => ok(await existence(call)),
    tellOne('Check if a user exists by email', Existence, EmailQuery),
  ),

  get(
    `${root}/:userId`,
    async (call) => {
      const key = keyFrom(call.params.userId)
      return ok(view(call, await call.directory.find(call.viewer, key, wanted)))
    },
    tellOne('Get a profile by user name', DocSpacePerson),
  ),
]

const writes = [
  post(
    root,
    async (call) => ok(await addMember(call)),
    tellWrite('POST', 'Add a user', DocSpacePerson, NewMember),
  ),

  put(
    `${root}/status/:status`,
    async (call) => ok(await updateStatus(call, call.params.status)),
    tellWrite('PUT', 'Change a user status', Type.Array(DocSpacePerson), Members),
  ),

  put(
    `${root}/type/:type`,
    async (call) => ok(await updateType(call, call.params.type)),
    tellWrite('PUT', 'Change a user type', Type.Array(DocSpacePerson), Members),
  ),

  put(
    `${root}/:userId`,
    async (call) => ok(await updateMember(call, call.params.userId)),
    tellWrite('PUT', 'Update a user', DocSpacePerson, MemberUpdate),
  ),

  put(
    `${root}/:userId/culture`,
    async (call) => ok(await updateCulture(call, call.params.userId)),
    tellWrite('PUT', 'Update a user culture', DocSpacePerson, Culture),
  ),

  remove(
    `${root}/:userId`,
    async (call) => ok(await deleteMember(call, call.params.userId)),
    tellWrite('DELETE', 'Delete a user', DocSpacePerson),
  ),
]

const photo = `${root}/:userId/photo` as const

const photos = [
  get(photo, async (call) => ok(await readPhoto(call)), tellOne('Get a user photo', Photo)),

  put(
    photo,
    async (call) => ok(await updatePhoto(call)),
    tellWrite('PUT', 'Update a user photo', Photo, PhotoChange),
  ),

  postMultipart(
    photo,
    largestPicture,
    async (call) => ok(await uploadPhoto(call)),
    tellWrite('POST', 'Upload a user photo', PhotoUpload, PhotoForm),
  ),

  remove(
    photo,
    async (call) => ok(await deletePhoto(call)),
    tellWrite('DELETE', 'Delete a user photo', Photo),
  ),
]

// The address of a picture holds a hash of its bytes.
const pictureHeaders = {
  'content-type': 'image/png',
  'cache-control': 'public, max-age=31536000, immutable',
}

export const routes = [
  ...people,
  ...writes,
  ...photos,
  ...groupRoutes,

  get(
    '/api/2.0/authentication',
    async (call) => ok(enveloped(call, true)),
    tellOne('Check authentication', Type.Boolean()),
  ),

  getOpen(
    '/static/images/:name',
    async ({ params }) => {
      const body = defaultPicture(params.name)
      if (!body) throw new Failure('no_such_path', 'Not Found')
      return { status: 200, body, headers: pictureHeaders }
    },
    {
      summary: 'Get a picture that stands in for a missing one',
      types: ['image/png'],
      answers: { 200: Type.String({ format: 'binary' }) },
    },
  ),
]
