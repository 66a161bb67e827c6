import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isHostedAddress } from '../../pictures/address.ts'
import type { PictureAddress, Pictured, PictureSize } from '../../pictures/forms.ts'

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

/** The addresses of a person's picture in the vendor's sizes; `retina` is told of photos alone. */
export function pictureAddresses(person: Pictured, pictureAddress: PictureAddress) {
  const address = addressIn(person, pictureAddress)
  return {
    avatar: address(82),
    avatarOriginal: address(1280),
    avatarMax: address(200),
    avatarMedium: address(48),
    avatarSmall: address(32),
    retina: address(360),
  }
}

/** In a size, or of what stands in for it. The vendor's clients take an address of the portal itself from its root on. */
const addressIn =
  (person: Pictured, pictureAddress: PictureAddress) =>
  (size: PictureSize): string => {
    const address = pictureAddress(person, 'avatar', size)
    if (address === undefined) return defaultAddress(sizes.find((one) => one === size) ?? 200)
    return isHostedAddress(address) ? new URL(address).pathname : address
  }

/** Whether an address is that of a picture that stands in for a missing one. */
export const isDefaultPicture = (address: string): boolean =>
  defaults.has(/\/static\/images\/([^/?]+)(?:\?|$)/.exec(address)?.[1] ?? '')
