import {
  hostedPicture,
  type Pictured,
  type PictureFormat,
  type PictureKind,
  type PictureSize,
  pictureFormats,
  pictureKinds,
  pictureSizes,
} from './forms.ts'

// Addresses of pictures that are kept here: /pictures/<token>/<person>/<kind>/<hash>/<size>.<format>

/** What a token opens: one picture of one person, in all of its forms. */
export interface PicturePath {
  readonly personId: string
  readonly kind: PictureKind
  readonly hash: string
}

/** What a token for a picture is made of. */
export const pictureText = ({ personId, kind, hash }: PicturePath): string =>
  `${personId}/${kind}/${hash}`

/** The path below which a hosted picture has its forms, for whoever has that token for it. */
const picturePath = (path: PicturePath, token: string): string =>
  `/pictures/${token}/${pictureText(path)}`

const madePath = new RegExp(
  `^/pictures/([^/%]+)/([0-9a-f-]{36})/(${pictureKinds.join('|')})/([0-9a-f]{64})/[^/%]+$`,
)

/**
 * What a path names, as it came; undefined where it is none that could have been made here. There is one spelling of each:
 * in another it would not be known for what it is, and get into records.
 */
export function picturePathFrom(
  path: string,
): (PicturePath & { readonly token: string }) | undefined {
  const [, token, personId, named, hash] = madePath.exec(path) ?? []
  const kind = pictureKinds.find((one) => one === named)
  if (token === undefined || personId === undefined || !kind || hash === undefined) return undefined
  return { token, personId, kind, hash }
}

/** What is said of every address that opens nothing, whyever. */
export const noSuchPicture = 'There is no such picture'

/** The name of a form, the last of a path. */
const formName = (size: PictureSize, format: PictureFormat): string => `${size}.${format}`

/** Which form a name means; undefined for one that there is not. */
export function formFrom(
  name: string,
): { readonly size: PictureSize; readonly format: PictureFormat } | undefined {
  const [digits = '', extension] = name.split('.')
  const size = pictureSizes.find((one) => String(one) === digits)
  const format = pictureFormats.find((one) => one === extension)
  return size && format && name === formName(size, format) ? { size, format } : undefined
}

/**
 * Where a person's picture is: elsewhere as it was said, here below `origin` with the token that `tokenFor` makes for it.
 * WebP where no format is named.
 */
export function addressOf(
  person: Pictured,
  kind: PictureKind,
  form: { readonly size: PictureSize; readonly format: PictureFormat },
  {
    origin,
    tokenFor,
  }: { readonly origin: string; readonly tokenFor: (path: PicturePath) => string },
): string | undefined {
  const picture = person[kind]
  if (picture && 'url' in picture) return picture.url
  const hosted = hostedPicture(person, kind)
  if (!hosted) return undefined
  const path = { personId: person.id, kind, hash: hosted.hash }
  return `${origin}${picturePath(path, tokenFor(path))}/${formName(form.size, form.format)}`
}

const hosted = new RegExp(
  `/pictures/[^/?#]+/[0-9a-f-]{36}/(?:${pictureKinds.join('|')})/[0-9a-f]{64}/`,
  'i',
)

/** Whether a text is an address that was made here, of whatever picture and for whomever, or leads to one. */
export function isHostedAddress(text: string): boolean {
  // As a reader follows it: `..`, a backslash or the end of a line may stand in between.
  const followed = URL.parse(text, 'https://anywhere.example')?.pathname ?? ''
  return hosted.test(text) || hosted.test(followed)
}

/** Why such an address is not put into a record, where others would see it and look through its owner's eyes. */
export const notToBeKept =
  'an address of a picture that is kept here opens for the one viewer whom it was made for, and can not be put into a record; send the picture itself'
