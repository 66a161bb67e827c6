// Photo fetch and upload. The vendor names both and publishes neither: their form here is our guess.
import { Failure } from '../../failure.ts'
import { type PersonId, personIdFrom } from '../../person/ids.ts'
import type { Call, Reply } from '../dialect.ts'
import { fileOf, formatFor, pictureReply, refuseOtherPicture } from '../picture-reply.ts'
import { read } from './users.ts'

type PhotoCall = Call<'/v1/ext/user/:userId/photo'>

/** The largest square that is kept; where the picture is elsewhere, the way there. */
export async function readPhoto(call: PhotoCall): Promise<Reply> {
  const format = formatFor(call)
  const opened = await call.gallery.open(call.viewer, idFrom(call), 'avatar', { size: 500, format })
  const reply = pictureReply(opened, format)
  if (!reply) throw new Failure('not_found', 'There is no photo')
  return reply
}

export async function uploadPhoto(call: PhotoCall): Promise<Reply> {
  const id = idFrom(call)
  const bytes = fileOf(call.body, 'file')
  await call.directory.find(call.viewer, { id })
  await call.gallery.put(call.viewer, id, 'avatar', bytes, (before) =>
    refuseOtherPicture(call, before, 'avatar'),
  )
  return read(call, 'id')
}

export async function deletePhoto(call: PhotoCall): Promise<Reply> {
  const id = idFrom(call)
  await call.directory.find(call.viewer, { id })
  await call.gallery.remove(call.viewer, id, 'avatar', (before) =>
    refuseOtherPicture(call, before, 'avatar'),
  )
  return read(call, 'id')
}

function idFrom({ params }: PhotoCall): PersonId {
  const id = personIdFrom(params.userId)
  if (id) return id
  throw new Failure('invalid_id', 'userId: not a UUID')
}
