import sharp, { type Sharp } from 'sharp'
import { Failure } from '../failure.ts'
import type { PictureFormat, PictureSize } from './forms.ts'
import { kindOf, type TakenKind } from './kinds.ts'

// The one file that knows the library that reads and writes pictures. Loaded with the first picture.

// Of all that the library could read, what is taken alone; whatever else it is built with or comes to learn stays shut.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadNsgifBuffer',
  ],
})
// What was decoded is not asked for again, and would stay in memory.
sharp.cache(false)
// Each picture on one core, so that two never take more than two.
sharp.concurrency(1)

/** The longer side of a master, in pixels: the largest that any dialect names. */
const longestSide = 1600

/**
 * Pixels that a picture may have when it comes in. 50 million are what a camera makes, and take up to half a gigabyte
 * while they are read; AVIF takes twice as much, and a second for every four million, out of a kilobyte.
 */
const mostPixels: Record<TakenKind, number> = {
  ...{ JPEG: 50_000_000, PNG: 50_000_000, WebP: 50_000_000, GIF: 50_000_000 },
  AVIF: 20_000_000,
}

/** Seconds that one picture may take. */
const patience = 20

/** What is known of a picture before any of its pixels are read. */
export interface Sketch {
  readonly kind: TakenKind
  readonly width: number
  readonly height: number
  /** EXIF, from 1 to 8. */
  readonly orientation: number
}

/** @throws invalid for what is no picture, has too many pixels or says that it has none */
export async function sketch(bytes: Uint8Array): Promise<Sketch> {
  const kind = kindOf(bytes)
  const { width, height, orientation, compression } = await explained(kind, () =>
    sharp(bytes, { limitInputPixels: false }).metadata(),
  )
  if (kind === 'AVIF' && compression !== 'av1') throw unreadable(kind)
  if (width * height > mostPixels[kind]) {
    throw new Failure(
      'invalid',
      `The ${kind} picture has ${width} × ${height} pixels; at most ${millions(kind)} are taken`,
    )
  }
  return { kind, width, height, orientation: orientation ?? 1 }
}

/**
 * The picture as it is kept: its first frame, upright, in 8 bits of sRGB with its transparency and nothing else that was
 * in the file; at most 1600 pixels long. As WebP of quality 95 without thinned colours, which nobody tells from what was
 * sent: lossless took four times the bytes and up to five times the time, and JPEG has no transparency.
 * @throws invalid for one that is cut off or damaged
 */
export async function masterOf(bytes: Uint8Array, { kind, orientation }: Sketch): Promise<Buffer> {
  return explained(kind, async () => {
    // Made small first, and turned then: what is turned has to be in memory as a whole.
    const { data, info } = await sharp(bytes, {
      limitInputPixels: mostPixels[kind],
      failOn: 'error',
    })
      .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .timeout({ seconds: patience })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    return upright(sharp(data, { raw: { width, height, channels } }), orientation)
      .timeout({ seconds: patience })
      .webp({ quality: 95, smartSubsample: true, effort: 2 })
      .toBuffer()
  })
}

/** A form of a master. `square`: cut from its middle. It is never enlarged. */
export async function formOf(
  master: Uint8Array,
  size: PictureSize,
  square: boolean,
  format: PictureFormat,
): Promise<Buffer> {
  const { width, height } = await sharp(master).metadata()
  const side = Math.min(size, width, height)
  const box = square
    ? { width: side, height: side, fit: 'cover' as const }
    : { width: size, height: size, fit: 'inside' as const, withoutEnlargement: true }
  return encoded(sharp(master).resize(box), format).timeout({ seconds: patience }).toBuffer()
}

/** Pixels of three channels as a picture. */
export const pictureOf = (data: Uint8Array, size: number, format: PictureFormat): Promise<Buffer> =>
  encoded(sharp(data, { raw: { width: size, height: size, channels: 3 } }), format).toBuffer()

function encoded(picture: Sharp, format: PictureFormat): Sharp {
  switch (format) {
    case 'webp':
      return picture.webp({ quality: 85 })
    case 'png':
      return picture.png({ compressionLevel: 6 })
    case 'jpeg':
      return picture.flatten({ background: '#fff' }).jpeg({ quality: 85, mozjpeg: false })
    // Its better efforts take seconds.
    case 'avif':
      return picture.avif({ quality: 60, effort: 1 })
  }
}

/** EXIF 2.32 §4.6.4: what was meant to be up is up. */
function upright(picture: Sharp, orientation: number): Sharp {
  switch (orientation) {
    case 2:
      return picture.flop()
    case 3:
      return picture.rotate(180)
    case 4:
      return picture.flip()
    case 5:
      return picture.rotate(270).flop()
    case 6:
      return picture.rotate(90)
    case 7:
      return picture.rotate(90).flop()
    case 8:
      return picture.rotate(270)
    default:
      return picture
  }
}

/** What the library says is about its own insides: what a caller can do something about is said in its place. */
async function explained<Result>(kind: TakenKind, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Failure) throw error
    const { message } = error as Error
    if (/timeout/i.test(message)) {
      const said = `The picture takes longer to read than ${patience} seconds`
      throw new Failure('invalid', said, { cause: error })
    }
    if (/pixel limit|dimensions/i.test(message)) {
      const said = `The ${kind} picture has more than ${millions(kind)} pixels`
      throw new Failure('invalid', said, { cause: error })
    }
    if (
      /premature|truncat|end of|eof|not enough|read error|bad seek|unable to parse/i.test(message)
    ) {
      throw new Failure('invalid', `The ${kind} picture is cut off or damaged`, { cause: error })
    }
    throw unreadable(kind, error)
  }
}

const millions = (kind: TakenKind): string => `${mostPixels[kind] / 1e6} million`

const unreadable = (kind: TakenKind, cause?: unknown): Failure =>
  new Failure('invalid', `The ${kind} picture is damaged and can not be read`, { cause })
