import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Picture } from '../../person/person.ts'

/** Pixels of the pictures that stand in for a missing one (a silhouette of our own). */
const sizes = [32, 48, 82, 200, 360] as const

const defaults = new Map(
  sizes.map((size) => {
    const name = `default_user_photo_size_${size}-${size}.png`
    const bytes = readFileSync(new URL(`./pictures/${name}`, import.meta.url))
    return [name, { bytes, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16) }]
  }),
)

/** The bytes of a default picture by its file name. */
export const defaultPicture = (name: string): Uint8Array | undefined => defaults.get(name)?.bytes

function defaultAddress(size: (typeof sizes)[number]): string {
  const name = `default_user_photo_size_${size}-${size}.png`
  return `/static/images/${name}?hash=${defaults.get(name)?.hash}`
}

/** The addresses of a person's picture in the vendor's sizes: big 82, original and max 200 by default, medium 48, small 32. */
export const pictureAddresses = (picture: Picture | undefined) => ({
  avatar: picture?.url ?? defaultAddress(82),
  avatarOriginal: picture?.url ?? defaultAddress(200),
  avatarMax: picture?.url ?? defaultAddress(200),
  avatarMedium: picture?.url ?? defaultAddress(48),
  avatarSmall: picture?.url ?? defaultAddress(32),
})

/** Whether an address is that of a picture that stands in for a missing one. */
export const isDefaultPicture = (address: string): boolean =>
  defaults.has(/\/static\/images\/([^/?]+)(?:\?|$)/.exec(address)?.[1] ?? '')
