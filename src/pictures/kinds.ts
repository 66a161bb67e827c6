import { Failure } from '../failure.ts'

/** The kinds of pictures that are taken, told apart by their first bytes: names and declared types are anybody's word. */
export const takenKinds = ['JPEG', 'PNG', 'WebP', 'AVIF', 'GIF'] as const
export type TakenKind = (typeof takenKinds)[number]

const list = `${takenKinds.slice(0, -1).join(', ')} or ${takenKinds.at(-1)}`

/** @throws invalid for what is nothing of that */
export function kindOf(bytes: Uint8Array): TakenKind {
  if (bytes.length === 0) throw new Failure('invalid', `There is no picture; send ${list}`)
  const kind = takenKinds.find((one) => begins[one](bytes))
  if (kind) return kind
  throw new Failure('invalid', `This is no picture of a kind that is taken: ${list}`)
}

const begins: Record<TakenKind, (bytes: Uint8Array) => boolean> = {
  JPEG: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
  PNG: (bytes) => textAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n',
  WebP: (bytes) => textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP',
  GIF: (bytes) => /^GIF8[79]a$/.test(textAt(bytes, 0, 6)),
  AVIF: isAvif,
}

/** An ISO media file whose brands have AV1's still or moving picture: HEIC is of the same family, and is not taken. */
function isAvif(bytes: Uint8Array): boolean {
  if (textAt(bytes, 4, 4) !== 'ftyp') return false
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const brands = textAt(bytes, 8, Math.min(size, 256) - 8).match(/.{4}/gs) ?? []
  return brands.some((brand, at) => at !== 1 && (brand === 'avif' || brand === 'avis'))
}

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  Buffer.from(bytes.subarray(at, at + Math.max(length, 0))).toString('latin1')
