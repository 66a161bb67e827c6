// A user's photo (api.onlyoffice.com, People, Photos).
import Type, { type Static } from 'typebox'
import type { Person } from '../../person/person.ts'
import type { Pictured } from '../../pictures/forms.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call, Method, MultipartBody } from '../dialect.ts'
import { fileOf } from '../picture-reply.ts'
import { refuseModified } from '../precondition.ts'
import { enveloped } from './envelope.ts'
import { keyFrom } from './ids.ts'
import { isDefaultPicture, pictureAddresses } from './pictures.ts'
import { Refusal } from './problem.ts'
import { bodyReader } from './read.ts'
import { mustManage } from './rights.ts'

const strict = { additionalProperties: false }

export const Photo = Type.Object(
  {
    original: Type.String(),
    retina: Type.String(),
    max: Type.String(),
    big: Type.String(),
    medium: Type.String(),
    small: Type.String(),
  },
  { ...strict, title: 'Thumbnails' },
)
export type Photo = Static<typeof Photo>

export const PhotoChange = Type.Object(
  { files: Type.Optional(Type.String()) },
  { title: 'UpdatePhotoMemberRequest' },
)

/** The names are in any case. */
export const PhotoForm = Type.Object({
  File: Type.String({ format: 'binary' }),
  Autosave: Type.Optional(Type.Boolean()),
})

/** `data` is the addresses of a photo that was saved, or the name of one that waits for a PUT. */
export const PhotoUpload = Type.Object(
  { success: Type.Boolean(), data: Type.Union([Photo, Type.String()]) },
  { ...strict, title: 'FileUploadResult' },
)
export type PhotoUpload = Static<typeof PhotoUpload>

type PhotoCall = Call<'/api/2.0/people/:userId/photo'>

const readChange = bodyReader('PUT', PhotoChange)

export async function readPhoto(call: PhotoCall): Promise<unknown> {
  return photoView(call, await found(call))
}

/** A photo that was uploaded before; where a photo is already it stays. Addresses elsewhere are not fetched. */
export async function updatePhoto(call: PhotoCall): Promise<unknown> {
  const { files = '' } = readChange(call.body)
  const person = await found(call)
  const upload = uploadFrom(files)
  await call.gallery.use(call.viewer, person.id, async (before) => {
    await agreeing(call, person)(before)
    if (upload !== undefined) {
      return { change: {}, uploads: [{ kind: 'avatar', id: upload, field: 'files' }] }
    }
    const shown: readonly string[] = Object.values(photoOf(before, call))
    if (files === '' || shown.includes(files) || isDefaultPicture(files)) {
      return { change: {}, uploads: [] }
    }
    throw new Refusal(
      'invalid',
      'files: only what a POST to this address has answered can be used; pictures elsewhere are not fetched',
    )
  })
  return photoView(call, await found(call), 'PUT')
}

export async function deletePhoto(call: PhotoCall): Promise<unknown> {
  const person = await found(call)
  await call.gallery.remove(call.viewer, person.id, 'avatar', agreeing(call, person))
  return photoView(call, await found(call), 'DELETE')
}

/** Saved at once where the form says so, else for a PUT to name. */
export async function uploadPhoto(call: PhotoCall): Promise<unknown> {
  const { fields } = call.body as MultipartBody
  const bytes = fileOf(call.body, 'File')
  const person = await found(call)
  if (!isTrue(fields, 'autosave')) {
    const data = `${uploadPrefix}${await call.gallery.upload(call.viewer, bytes)}`
    return enveloped(call, { success: true, data } satisfies PhotoUpload, 'POST')
  }
  await call.gallery.put(call.viewer, person.id, 'avatar', bytes, agreeing(call, person))
  const data = photoOf(await found(call), call)
  return enveloped(call, { success: true, data } satisfies PhotoUpload, 'POST')
}

const uploadPrefix = 'temp/'

const uploadFrom = (files: string): string | undefined =>
  files.startsWith(uploadPrefix) ? files.slice(uploadPrefix.length) : undefined

const found = ({ directory, viewer, params }: PhotoCall): Promise<VisiblePerson> =>
  directory.find(viewer, keyFrom(params.userId))

const photoView = (call: PhotoCall, person: VisiblePerson, method: Method = 'GET'): unknown =>
  enveloped(call, photoOf(person, call), method)

function photoOf(person: Pictured, { pictureAddress }: Pick<Call, 'pictureAddress'>): Photo {
  const all = pictureAddresses(person, pictureAddress)
  return {
    original: all.avatarOriginal,
    retina: all.retina,
    max: all.avatarMax,
    big: all.avatar,
    medium: all.avatarMedium,
    small: all.avatarSmall,
  }
}

/** `If-Match` is about what a GET of the photo answers. */
const agreeing =
  (call: PhotoCall, { id }: VisiblePerson) =>
  async (before: Person): Promise<void> => {
    mustManage(call.viewer, before)
    refuseModified(call, photoView(call, await call.directory.find(call.viewer, { id })))
  }

/** The vendor's names are in any case. */
const isTrue = (fields: Readonly<Record<string, string>>, wanted: string): boolean =>
  Object.entries(fields).some(
    ([name, value]) => name.toLowerCase() === wanted && value.trim().toLowerCase() === 'true',
  )
