import Type from 'typebox'
import { Failure } from '../../failure.ts'
import { type PersonId, personIdFrom } from '../../person/ids.ts'
import { formFrom, noSuchPicture } from '../../pictures/address.ts'
import { type PictureKind, type PictureSize, pictureSizes } from '../../pictures/forms.ts'
import { initialsImage } from '../../pictures/initials.ts'
import {
  type Call,
  get,
  getPicture,
  putBytes,
  type Reply,
  type Route,
  remove,
  type Told,
} from '../dialect.ts'
import {
  formatFor,
  inert,
  largestPicture,
  pictureReply,
  pictureTypes,
  pictureVersion,
  refuseOtherPicture,
} from '../picture-reply.ts'
import { idFrom, myId } from './people.ts'

/** Whose picture is asked for. @throws invalid_id, not_found for a service's own */
type Whose<Asking extends Call> = (call: Asking) => PersonId

const named: Whose<Call<'/people/:id/avatar'>> = ({ params }) => idFrom(params.id)

const Bytes = Type.String({ format: 'binary' })

const tellGet = (what: string): Told => ({
  summary: `Get ${what}`,
  query: Type.Object({
    size: Type.Optional(
      Type.Enum([...pictureSizes], { description: 'Pixels of the longer side, at most' }),
    ),
  }),
  types: pictureTypes,
  answers: { 200: Bytes, 302: null },
})

const tellPut = (what: string): Told => ({
  summary: `Set ${what}: a JPEG, PNG, WebP, AVIF or GIF of at most 10 MiB and 50 million pixels`,
  body: Bytes,
  answers: { 204: null },
})

const tellRemove = (what: string): Told => ({ summary: `Remove ${what}`, answers: { 204: null } })

const routesOf = (kind: PictureKind, what: string): readonly Route[] => [
  get(`/people/:id/${kind}`, (call) => read(call, named(call), kind), tellGet(what)),
  putBytes(
    `/people/:id/${kind}`,
    largestPicture,
    (call) => set(call, named(call), kind),
    tellPut(what),
  ),
  remove(`/people/:id/${kind}`, (call) => unset(call, named(call), kind), tellRemove(what)),
  get(`/me/${kind}`, (call) => read(call, myId(call), kind), tellGet(`my ${kind}`)),
  putBytes(
    `/me/${kind}`,
    largestPicture,
    (call) => set(call, myId(call), kind),
    tellPut(`my ${kind}`),
  ),
  remove(`/me/${kind}`, (call) => unset(call, myId(call), kind), tellRemove(`my ${kind}`)),
]

export const pictureRoutes: readonly Route[] = [
  ...routesOf('avatar', 'the avatar of a person, or their initials'),
  ...routesOf('cover', 'the cover of a person'),

  getPicture('/pictures/:token/:person/:kind/:hash/:form', open, {
    summary: 'Get a picture at the address that an answer told',
    types: pictureTypes,
    answers: { 200: Bytes },
  }),
]

const usualSize: Record<PictureKind, PictureSize> = { avatar: 500, cover: 1600 }

async function read(call: Call, id: PersonId, kind: PictureKind): Promise<Reply> {
  const size = sizeFrom(call, kind)
  const format = formatFor(call)
  const opened = await call.gallery.open(call.viewer, id, kind, { size, format })
  if (opened.at === 'nowhere') return standIn(call, kind, opened.person, size)
  const etag = `"${pictureVersion(await seen(call, id), kind)}-${size}.${format}"`
  const reply = pictureReply(opened, format, opened.at === 'here' ? { etag } : {})
  if (reply) return reply
  throw new Failure('not_found', noSuchPicture)
}

const seen = ({ directory, viewer }: Pick<Call, 'directory' | 'viewer'>, id: PersonId) =>
  directory.find(viewer, { id })

/** Initials where they can be shown, else a silhouette; a cover has neither. */
async function standIn(
  call: Call,
  kind: PictureKind,
  person: Awaited<ReturnType<typeof seen>>,
  size: PictureSize,
): Promise<Reply> {
  if (kind === 'cover') throw new Failure('not_found', noSuchPicture)
  const drawn = call.preferred(['image/svg+xml']) && initialsImage(person.id, person)
  if (drawn) {
    return { status: 200, body: drawn, headers: { 'content-type': 'image/svg+xml', ...inert } }
  }
  const format = formatFor(call)
  const bytes = await call.gallery.standIn(call.viewer, person, { size, format })
  return { status: 200, body: bytes, headers: { 'content-type': `image/${format}`, ...inert } }
}

async function set(call: Call, id: PersonId, kind: PictureKind): Promise<Reply> {
  // Whoever may not know of somebody is told that first.
  await seen(call, id)
  const bytes = (call.body as Uint8Array | undefined) ?? new Uint8Array()
  await call.gallery.put(call.viewer, id, kind, bytes, (before) =>
    refuseOtherPicture(call, before, kind),
  )
  return { status: 204 }
}

async function unset(call: Call, id: PersonId, kind: PictureKind): Promise<Reply> {
  await seen(call, id)
  await call.gallery.remove(call.viewer, id, kind, (before) =>
    refuseOtherPicture(call, before, kind),
  )
  return { status: 204 }
}

/** Of an address that opens nothing any more, nobody learns why. */
async function open(call: Call<'/pictures/:token/:person/:kind/:hash/:form'>): Promise<Reply> {
  const { person, kind, hash, form: name } = call.params
  const form = formFrom(name)
  const id = personIdFrom(person)
  if (!form || !id || (kind !== 'avatar' && kind !== 'cover')) throw gone()
  const opened = await call.gallery.open(call.viewer, id, kind, form, hash).catch((error) => {
    if (error instanceof Failure && error.code === 'not_found') throw gone()
    throw error
  })
  const etag = `"${hash.slice(0, 32)}-${name}"`
  const reply = pictureReply(opened, form.format, { ...lasting, etag })
  if (!reply) throw gone()
  return reply
}

/** It is named by its bytes, which never change. */
const lasting = { 'cache-control': 'private, max-age=31536000, immutable' }

const gone = () => new Failure('not_found', noSuchPicture)

function sizeFrom({ query }: Call, kind: PictureKind): PictureSize {
  const text = query.get('size') ?? String(usualSize[kind])
  const size = pictureSizes.find((one) => String(one) === text)
  if (size !== undefined) return size
  throw new Failure('invalid', `size: must be one of ${pictureSizes.join(', ')}`)
}
