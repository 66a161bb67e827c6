import type { Picture } from '../person/person.ts'

export const pictureKinds = ['avatar', 'cover'] as const
export type PictureKind = (typeof pictureKinds)[number]

/**
 * Pixels of the longer side, as the dialects name them. A picture is never enlarged. An avatar of `largestSquare` or
 * less is a square, cut from its middle, since that is where lists show faces; all else keeps its shape.
 */
export const pictureSizes = [32, 48, 82, 200, 250, 360, 500, 1280, 1600] as const
export type PictureSize = (typeof pictureSizes)[number]
export const largestSquare = 500

export const pictureFormats = ['webp', 'png', 'jpeg', 'avif'] as const
export type PictureFormat = (typeof pictureFormats)[number]

/** What of a person it takes to show their pictures. */
export interface Pictured {
  readonly id: string
  readonly avatar?: Picture | undefined
  readonly cover?: Picture | undefined
}

/**
 * Where a picture of a person can be had in a size: absolute, and for the viewer whom it was made for alone where the
 * picture is kept here. It stays the same for as long as the picture does. Undefined where there is none.
 */
export type PictureAddress = (
  person: Pictured,
  kind: PictureKind,
  size: PictureSize,
  format?: PictureFormat,
) => string | undefined

/** Of the picture that a person has of a kind, where its bytes are kept here: its name and the hash of its bytes. */
export function hostedPicture(
  person: Pictured,
  kind: PictureKind,
): Extract<Picture, { readonly hash: string }> | undefined {
  const picture = person[kind]
  return picture && 'hash' in picture ? picture : undefined
}
