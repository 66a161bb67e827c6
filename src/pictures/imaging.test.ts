import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  cornered,
  cornersOf,
  hugeAvif,
  hugeGif,
  hugeJpeg,
  hugeWebp,
  picture,
  png,
  pngChunk,
} from '../../test/pictures.ts'
import { formOf, masterOf, sketch } from './imaging.ts'

const taken = async (bytes: Uint8Array) => masterOf(bytes, await sketch(bytes))
const inOrder = [0, 1, 2, 3]

describe('a picture that comes in', () => {
  it.each([
    ['JPEG', () => picture().jpeg()],
    ['PNG', () => picture().png()],
    ['an interlaced PNG', () => picture().png({ progressive: true })],
    ['WebP', () => picture().webp()],
    ['AVIF', () => picture().avif({ effort: 0 })],
    ['GIF', () => picture().gif()],
    ['a CMYK JPEG', () => picture().toColourspace('cmyk').jpeg()],
    ['a PNG of 16 bits', () => picture().toColourspace('rgb16').png()],
    ['a PNG with a palette', () => picture().png({ palette: true })],
  ])('is the same picture in 8 bits of sRGB: %s', async (_, made) => {
    const master = await taken(await made().toBuffer())
    expect(await cornersOf(master)).toEqual(inOrder)
    const { format, width, height, space, depth } = await sharp(master).metadata()
    expect({ format, width, height, space, depth }).toEqual({
      ...{ format: 'webp', width: 120, height: 80, space: 'srgb', depth: 'uchar' },
    })
  })

  it('keeps what can be seen through', async () => {
    const master = await taken(await picture().ensureAlpha(0.5).png().toBuffer())
    const { data, info } = await sharp(master).raw().toBuffer({ resolveWithObject: true })
    expect(info.channels).toBe(4)
    expect(data[3]).toBeGreaterThan(120)
    expect(data[3]).toBeLessThan(136)
  })

  it('is at most 1600 pixels long, and never enlarged', async () => {
    const long = await sharp(await taken(await picture(4000, 1000).jpeg().toBuffer())).metadata()
    expect([long.width, long.height]).toEqual([1600, 400])
    const small = await sharp(await taken(await picture(3, 2).png().toBuffer())).metadata()
    expect([small.width, small.height]).toEqual([3, 2])
  })

  // Which corner of what is stored comes to lie where (EXIF 2.32, §4.6.4), from the upper left, clockwise.
  it.each([
    [1, [0, 1, 2, 3]],
    [2, [1, 0, 3, 2]],
    [3, [2, 3, 0, 1]],
    [4, [3, 2, 1, 0]],
    [5, [0, 3, 2, 1]],
    [6, [3, 0, 1, 2]],
    [7, [2, 1, 0, 3]],
    [8, [1, 2, 3, 0]],
  ])('stands upright when its EXIF orientation is %i', async (orientation, corners) => {
    const master = await taken(await picture().withMetadata({ orientation }).jpeg().toBuffer())
    expect(await cornersOf(master)).toEqual(corners)
    const { width, height } = await sharp(master).metadata()
    expect([width, height]).toEqual(orientation > 4 ? [80, 120] : [120, 80])
  })

  it('loses where it was taken, who took it, and everything else that is no picture', async () => {
    const exif = {
      IFD0: { Copyright: 'canary-copyright', Artist: 'canary-artist' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    }
    const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/">canary-xmp</x:xmpmeta>'
    const jpeg = await picture()
      .withExif(exif)
      .withXmp(xmp)
      .withIccProfile('p3', { attach: true })
      .jpeg()
      .toBuffer()
    const before = await sharp(jpeg).metadata()
    expect([before.exif, before.xmp, before.icc].every(Boolean)).toBe(true)
    const master = await taken(jpeg)
    const after = await sharp(master).metadata()
    expect([after.exif, after.xmp, after.icc, after.iptc]).toEqual(Array(4).fill(undefined))
    expect(master.includes('canary')).toBe(false)
    for (const format of ['webp', 'png', 'jpeg', 'avif'] as const) {
      const form = await sharp(await formOf(master, 82, true, format)).metadata()
      expect([form.exif, form.xmp, form.icc]).toEqual(Array(3).fill(undefined))
    }
  })

  it('shows in sRGB the colours that it had by its profile', async () => {
    const wide = await picture().withIccProfile('p3', { attach: true }).png().toBuffer()
    expect(await cornersOf(await taken(wide))).toEqual(inOrder)
  })

  it('is the first frame of one that moves', async () => {
    const black = { width: 120, height: 80, channels: 3, background: '#000' } as const
    const frames = [
      await picture().png().toBuffer(),
      await sharp({ create: black }).png().toBuffer(),
    ]
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()
    const webp = await sharp(gif, { animated: true }).webp().toBuffer()
    for (const moving of [gif, webp]) {
      expect((await sharp(moving).metadata()).pages).toBe(2)
      const master = await taken(moving)
      expect(await cornersOf(master)).toEqual(inOrder)
      expect((await sharp(master).metadata()).pages).toBeUndefined()
    }
  })

  it('leaves nothing behind of a file that is two things at once', async () => {
    const html = '<script>canary-script</script>'
    const polyglot = Buffer.concat([await picture().png().toBuffer(), Buffer.from(html)])
    const text = Buffer.concat([
      (await picture().png().toBuffer()).subarray(0, 33),
      pngChunk('tEXt', Buffer.from(`Comment\0${html}`)),
      (await picture().png().toBuffer()).subarray(33),
    ])
    for (const bytes of [polyglot, text]) {
      const master = await taken(bytes)
      expect(master.includes('canary')).toBe(false)
      expect(await cornersOf(master)).toEqual(inOrder)
    }
  })
})

describe('what is refused', () => {
  const kinds = 'JPEG, PNG, WebP, AVIF or GIF'

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')],
    ['a PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3', 'latin1')],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['a film', Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomavc1', 'latin1')],
    ['one byte', Buffer.from([0xff])],
    ['text', Buffer.from('GIF is a format')],
  ])('is told what is taken: %s', async (_, bytes) => {
    await expect(sketch(bytes)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(kinds),
    })
  })

  it('is TIFF, whatever it is called', async () => {
    const tiff = await picture().tiff().toBuffer()
    await expect(sketch(tiff)).rejects.toMatchObject({ code: 'invalid' })
    // The library itself can read nothing that is not taken: a head that lies leads nowhere.
    await expect(sharp(tiff).metadata()).rejects.toThrow()
    await expect(sharp(Buffer.from('<svg xmlns="x"/>')).metadata()).rejects.toThrow()
  })

  it.each([
    ['PNG', async () => png(60_000, 60_000, { rows: 1 })],
    ['PNG', async () => png(50_001, 1000, { rows: 1 })],
    ['JPEG', hugeJpeg],
    ['AVIF', hugeAvif],
  ])('has more pixels than are taken, and is told so at once: %s', async (kind, made) => {
    const bytes = await made()
    const started = performance.now()
    await expect(sketch(bytes)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(new RegExp(`${kind} picture has .* at most \\d+ million`)),
    })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('says that it is larger than it is, and takes no memory by it', async () => {
    const before = process.memoryUsage().rss
    for (const bytes of [hugeGif(), await hugeWebp()]) {
      const size = await taken(bytes).then(
        async (master) => (await sharp(master).metadata()).width,
        ({ code }) => code,
      )
      expect([1, 'invalid']).toContain(size)
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })

  const whole = {
    JPEG: () => picture(1200, 800).jpeg().toBuffer(),
    PNG: () => picture(1200, 800).png().toBuffer(),
    WebP: () => picture(1200, 800).webp().toBuffer(),
    AVIF: () => picture(1200, 800).avif({ effort: 0 }).toBuffer(),
    GIF: () => picture(1200, 800).gif().toBuffer(),
  }

  it.each(Object.entries(whole))('is cut off: %s', async (kind, made) => {
    const bytes = await made()
    for (const part of [0.1, 0.5, 0.9, 0.97]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part))
      await expect(taken(cut)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(`^The ${kind} picture is (cut off or )?damaged`),
      })
    }
  })

  it.each(Object.entries(whole))(
    'is damaged, or a picture all the same: %s',
    async (kind, made) => {
      const bytes = await made()
      const all = [0.02, 0.2, 0.4, 0.6, 0.8].map((from) => {
        const damaged = Buffer.from(bytes)
        const start = Math.floor(bytes.length * from)
        for (let at = start; at < start + bytes.length * 0.1; at += 1)
          damaged[at] = (damaged[at] ?? 0) ^ 0x5a
        return damaged
      })
      for (const damaged of all) {
        const outcome = await taken(damaged).then(
          async (master) => (await sharp(master).metadata()).format,
          ({ code, message }) => `${code}: ${message}`,
        )
        expect(outcome).toMatch(
          new RegExp(`^webp$|^invalid: (The ${kind} picture|This is no picture of a kind)`),
        )
      }
    },
  )
})

describe('a form', () => {
  const master = () =>
    sharp(cornered(1200, 800), { raw: { width: 1200, height: 800, channels: 3 } })
      .webp()
      .toBuffer()

  it.each([
    [500, true, 500, 500],
    [32, true, 32, 32],
    [500, false, 500, 333],
    [1280, false, 1200, 800],
  ] as const)('of %i pixels, square: %s', async (size, square, width, height) => {
    for (const format of ['webp', 'png', 'jpeg', 'avif'] as const) {
      const bytes = await formOf(await master(), size, square, format)
      const made = await sharp(bytes).metadata()
      expect([made.width, made.height]).toEqual([width, height])
      expect(made.format).toBe(format === 'avif' ? 'heif' : format)
      expect(await cornersOf(bytes)).toEqual(inOrder)
    }
  })

  it('is a smaller square where the picture is smaller', async () => {
    const small = await picture(100, 40).webp().toBuffer()
    const { width, height } = await sharp(await formOf(small, 360, true, 'png')).metadata()
    expect([width, height]).toEqual([40, 40])
  })
})
