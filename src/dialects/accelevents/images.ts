import type { Call, Reply } from '../dialect.ts'
import { fileOf } from '../picture-reply.ts'
import { done } from './people.ts'

/** Bytes, as the vendor's page has it. */
export const largestImage = 2 * 1_048_576

/** Answers with the id under which the uploader can have the image as `photo` or `coverPhoto`, within a day. */
export const uploadImage = async ({ viewer, gallery, body }: Call): Promise<Reply> =>
  done(await gallery.upload(viewer, fileOf(body, 'file')))
