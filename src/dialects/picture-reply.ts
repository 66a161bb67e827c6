// What of pictures is the same in every dialect that sends or takes their bytes.
import type { OpenedPicture } from '../directory/gallery.ts'
import { Failure } from '../failure.ts'
import {
  hostedPicture,
  type Pictured,
  type PictureFormat,
  type PictureKind,
} from '../pictures/forms.ts'
import type { Call, MultipartBody, Reply } from './dialect.ts'
import { names } from './precondition.ts'

/** Bytes that a picture may have where a vendor says nothing else. */
export const largestPicture = 10 * 1_048_576

const formats: Readonly<Record<string, PictureFormat>> = {
  'image/webp': 'webp',
  'image/png': 'png',
  'image/jpeg': 'jpeg',
}

/** What a route that sends pictures can send. */
export const pictureTypes = [...Object.keys(formats), 'image/avif', 'image/svg+xml'] as const

/** By `Accept`. AVIF takes a core ten times as long as WebP, so that it is for those who take nothing else. */
export function formatFor({ preferred }: Pick<Call, 'preferred'>): PictureFormat {
  const type = preferred(Object.keys(formats))
  return (
    (type === undefined ? undefined : formats[type]) ??
    (preferred(['image/avif']) ? 'avif' : 'webp')
  )
}

/** A picture as it was found, in that format; undefined where there is none. */
export function pictureReply(
  opened: OpenedPicture,
  format: PictureFormat,
  headers: Readonly<Record<string, string>> = {},
): Reply | undefined {
  switch (opened.at) {
    case 'here':
      return {
        ...{ status: 200, body: opened.bytes },
        headers: { 'content-type': `image/${format}`, ...inert, ...headers },
      }
    case 'elsewhere':
      // A header takes no other letters than those of ASCII.
      return { status: 302, headers: { location: new URL(opened.url).href } }
    case 'nowhere':
      return undefined
  }
}

/** Whoever opens one by itself gets a picture and nothing that it could do. */
export const inert = { 'content-security-policy': "default-src 'none'; sandbox" }

/** The version of a picture, whatever the form that it is had in: what the `ETag`s of all of them begin with. */
export function pictureVersion(person: Pictured, kind: PictureKind): string {
  const picture = person[kind]
  if (picture && 'url' in picture) return 'elsewhere'
  return hostedPicture(person, kind)?.hash.slice(0, 32) ?? 'none'
}

/** @throws precondition_failed when `If-Match` names another picture than there is */
export function refuseOtherPicture(
  { header }: Pick<Call, 'header'>,
  before: Pictured,
  kind: PictureKind,
): void {
  const condition = header('if-match')
  if (condition === undefined) return
  const version = pictureVersion(before, kind)
  const bare = (etag: string) => /^(?:W\/)?"([^-"]*)/.exec(etag)?.[1] ?? etag
  if (names(condition, `"${version}"`, bare)) return
  const now =
    version === 'none'
      ? 'there is no picture'
      : version === 'elsewhere'
        ? 'the picture is kept elsewhere and has no version here; only * is true of it'
        : `the version begins with ${version} now`
  throw new Failure('precondition_failed', `If-Match: ${now}; this is ${condition.slice(0, 200)}`)
}

/** The file of a form. @throws invalid where there is none, or under another name */
export function fileOf(body: unknown, wanted: string): Buffer {
  const { file } = body as MultipartBody
  if (file?.name.toLowerCase() === wanted.toLowerCase()) return file.bytes
  const given = file ? `it is called "${file.name.slice(0, 100)}"` : 'there is none'
  throw new Failure('invalid', `${wanted}: the form must have a file of this name; ${given}`)
}
