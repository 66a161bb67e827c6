import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import type { MultipartBody } from '../dialects/dialect.ts'
import { Failure } from '../failure.ts'
import type { Intake } from './bytes.ts'

/** What a form may have beside its one file. */
const limits = {
  files: 1,
  fields: 20,
  parts: 20,
  fieldNameSize: 100,
  fieldSize: 10_000,
  headerPairs: 20,
  headerSize: 4_096,
}

/** Characters (RFC 2046 §5.1.1). */
const longestBoundary = 70

/**
 * The file and the fields of a form (RFC 7578) that is there in whole.
 * @throws invalid_body for what is no such form, or has more than one file or the same field twice
 */
function formFrom(bytes: Buffer, contentType: string): Promise<MultipartBody> {
  const { promise, resolve, reject } = Promise.withResolvers<MultipartBody>()
  const refuse = (message: string) => reject(new Failure('invalid_body', message))
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType)
  const length = (boundary?.[1] ?? boundary?.[2] ?? '').length
  if (length === 0) {
    refuse('The Content-Type names no boundary, without which the parts can not be told apart.')
    return promise
  }
  if (length > longestBoundary) {
    refuse(`The boundary in the Content-Type has more than ${longestBoundary} characters.`)
    return promise
  }
  const reader = readerOf(contentType, bytes.length)
  if (!reader) {
    refuse('The Content-Type can not be read.')
    return promise
  }
  const fields = new Map<string, string>()
  let file: MultipartBody['file']
  reader.on('file', (name, stream, _, __, type) => {
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.once('end', () => {
      file = { name, type, bytes: Buffer.concat(pieces) }
    })
    // The reader itself tells of it.
    stream.once('error', () => undefined)
  })
  reader.on('field', (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) refuse(`The field "${name}" is longer than can be read.`)
    else if (fields.has(name)) refuse(`The form has "${name}" twice.`)
    else fields.set(name, value)
  })
  reader.once('filesLimit', () => refuse('The form has more than one file.'))
  reader.once('fieldsLimit', () => refuse(`The form has more than ${limits.fields} fields.`))
  reader.once('partsLimit', () => refuse(`The form has more than ${limits.parts} parts.`))
  reader.once('error', () => refuse('The body is no multipart form, or ends in the midst of one.'))
  reader.once('finish', () =>
    resolve({ ...(file && { file }), fields: Object.fromEntries(fields) }),
  )
  reader.end(bytes)
  return promise
}

/** Undefined where the reader takes no such type: of that it tells by a plain error. */
function readerOf(contentType: string, fileSize: number): BusboyInstance | undefined {
  try {
    const headers = { 'content-type': contentType } as BusboyHeaders
    return new Busboy({ headers, limits: { ...limits, fileSize } })
  } catch {
    return undefined
  }
}

/**
 * A body that is to be a picture; undefined where there is none. Of which kind it is its bytes tell, and not its type.
 * @throws unsupported_media_type, and as the intake does
 */
export async function pictureIn(
  raw: IncomingMessage,
  intake: Intake,
  limit: number,
  senderId: string,
): Promise<Buffer | undefined> {
  const type = mediaTypeOf(raw)
  const fits = type === '' || type === 'application/octet-stream' || type.startsWith('image/')
  if (!fits) throw unfit('image/* or application/octet-stream', type)
  refuseCoded(raw)
  const bytes = await intake.bytes(raw, limit, senderId)
  return bytes.length > 0 ? bytes : undefined
}

/** What a form has beside its file: the parts' heads, and the fields. */
const besideFile = 65_536

/** A body that is to be a form with at most one file. @throws unsupported_media_type, invalid_body, and as the intake does */
export async function pictureFormIn(
  raw: IncomingMessage,
  intake: Intake,
  limit: number,
  senderId: string,
): Promise<MultipartBody> {
  const type = mediaTypeOf(raw)
  if (type !== 'multipart/form-data') throw unfit('multipart/form-data', type)
  refuseCoded(raw)
  const bytes = await intake.bytes(raw, limit + besideFile, senderId)
  const form = await formFrom(bytes, raw.headers['content-type'] ?? '')
  if ((form.file?.bytes.length ?? 0) <= limit) return form
  throw new Failure('too_large', `The file may have ${limit} bytes at most.`)
}

const mediaTypeOf = ({ headers }: IncomingMessage): string =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''

function unfit(wanted: string, type: string): Failure {
  const given = type === '' ? 'there is no Content-Type' : `this is ${type.slice(0, 100)}`
  return new Failure('unsupported_media_type', `The body must be ${wanted}; ${given}.`)
}

function refuseCoded({ headers }: IncomingMessage): void {
  const { 'content-encoding': coding } = headers
  if (coding === undefined || coding === 'identity') return
  throw new Failure('unsupported_media_type', 'A body with a Content-Encoding is not read.')
}
