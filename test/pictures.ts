import { deflateSync } from 'node:zlib'
import sharp from 'sharp'

// Pictures for tests, good and bad, all made here.

/** Four colours by corner, so that turning and mirroring tell: red, green, blue and white from the upper left, clockwise. */
const corners = [
  [230, 30, 30],
  [30, 200, 30],
  [30, 30, 230],
  [245, 245, 245],
] as const

/** RGB pixels of a picture with a colour in each corner. */
export function cornered(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const corner = y < height / 2 ? (x < width / 2 ? 0 : 1) : x < width / 2 ? 3 : 2
      pixels.set(corners[corner], (y * width + x) * 3)
    }
  }
  return pixels
}

export const picture = (width = 120, height = 80) =>
  sharp(cornered(width, height), { raw: { width, height, channels: 3 } })

/** Which of the corner colours is nearest to each corner of a picture, from the upper left, clockwise. */
export async function cornersOf(bytes: Uint8Array): Promise<readonly number[]> {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const at = (x: number, y: number) => {
    const start = (Math.floor(y * (height - 1)) * width + Math.floor(x * (width - 1))) * channels
    const seen = [...data.subarray(start, start + 3)]
    const distances = corners.map((one) =>
      one.reduce((sum, value, index) => sum + (value - (seen[index] ?? 0)) ** 2, 0),
    )
    return distances.indexOf(Math.min(...distances))
  }
  return [at(0.1, 0.1), at(0.9, 0.1), at(0.9, 0.9), at(0.1, 0.9)]
}

const crcTable = Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  crc.writeUInt32BE(crcOf(body))
  return Buffer.concat([length, body, crc])
}

const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** A PNG of one colour; `claimed` is what its head says. */
export function png(
  width: number,
  height: number,
  { depth = 8, colour = 0, rows = height, interlaced = false } = {},
): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8)
  const samples = { 0: 1, 2: 3, 4: 2, 6: 4 }[colour] ?? 1
  const row = Buffer.alloc(1 + Math.ceil((width * samples * depth) / 8))
  const pixels = Buffer.concat(Array.from({ length: rows }, () => row))
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(pixels)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A GIF whose logical screen is as large as can be said. */
export function hugeGif(): Buffer {
  const head = Buffer.from('GIF89a\xff\xff\xff\xff\x80\x00\x00', 'latin1')
  const colours = Buffer.from([0, 0, 0, 255, 255, 255])
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b])
  return Buffer.concat([head, colours, frame])
}

/** A WebP whose canvas is said to be 16,384 pixels square, with a small picture in it. */
export async function hugeWebp(): Promise<Buffer> {
  const small = await picture(16, 16).webp({ lossless: true }).toBuffer()
  const frame = small.subarray(12)
  const canvas = Buffer.alloc(18)
  canvas.write('VP8X', 0, 'latin1')
  canvas.writeUInt32LE(10, 4)
  canvas.writeUIntLE(16_383, 12, 3)
  canvas.writeUIntLE(16_383, 15, 3)
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + canvas.length + frame.length, 4)
  return Buffer.concat([head, canvas, frame])
}

/** A JPEG whose frame is said to be 65,500 pixels square. */
export async function hugeJpeg(): Promise<Buffer> {
  const bytes = await picture().jpeg().toBuffer()
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
  bytes.writeUInt16BE(65_500, frame + 5)
  bytes.writeUInt16BE(65_500, frame + 7)
  return bytes
}

/** An AVIF whose picture is said to be 60,000 pixels square. */
export async function hugeAvif(): Promise<Buffer> {
  const bytes = await picture().avif({ effort: 0 }).toBuffer()
  const place = bytes.indexOf('ispe')
  bytes.writeUInt32BE(60_000, place + 8)
  bytes.writeUInt32BE(60_000, place + 12)
  return bytes
}
