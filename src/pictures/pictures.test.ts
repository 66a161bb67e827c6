import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { picture, png } from '../../test/pictures.ts'
import type { PictureFiles } from './files.ts'
import { memoryFiles } from './memory-files.ts'
import { createPictures, largestPicture } from './pictures.ts'
import { createQueue } from './queue.ts'

const ada = '11111111-1111-4111-8111-111111111111'
const bob = '22222222-2222-4222-8222-222222222222'
const day = 86_400_000

function kept() {
  let now = 0
  const files = memoryFiles(() => now)
  const made: string[] = []
  const counted: PictureFiles = {
    ...files,
    async putForm(...form) {
      made.push(form[2])
      await files.putForm(...form)
    },
  }
  const pictures = createPictures(counted, () => now)
  return { files, pictures, made, pass: (by: number) => (now += by) }
}

const jpeg = () => picture(900, 600).jpeg().toBuffer()
const small = { kind: 'avatar', size: 82, format: 'webp' } as const

describe('a picture that is kept', () => {
  it('is named by the hash of what is kept, and never twice the same', async () => {
    const { files, pictures } = kept()
    const bytes = await jpeg()
    const [one, other] = [
      await pictures.keep(ada, bytes, ada),
      await pictures.keep(ada, bytes, ada),
    ]
    const master = (await files.master(ada, one.id)) as Buffer
    expect(one.hash).toBe(createHash('sha256').update(master).digest('hex'))
    expect(other.hash).toBe(one.hash)
    expect(other.id).not.toBe(one.id)
    expect(await pictures.find(ada, one.id)).toEqual(one)
    expect(await pictures.find(bob, one.id)).toBeUndefined()
    expect(await pictures.find(ada, `../${one.id}`)).toBeUndefined()
  })

  it('is a square in the sizes of lists, and whole in the others', async () => {
    const { pictures } = kept()
    const one = await pictures.keep(ada, await jpeg(), ada)
    const sizeOf = async (form: Parameters<typeof pictures.form>[2]) => {
      const { width, height } = await sharp(await pictures.form(ada, one, form, ada)).metadata()
      return [width, height]
    }
    expect(await sizeOf(small)).toEqual([82, 82])
    expect(await sizeOf({ ...small, size: 1280 })).toEqual([900, 600])
    expect(await sizeOf({ ...small, kind: 'cover', size: 500 })).toEqual([500, 333])
  })

  it('has each form made once, however many ask for it at once, and then again', async () => {
    const { pictures, made } = kept()
    const one = await pictures.keep(ada, await jpeg(), ada)
    const all = await Promise.all(
      Array.from({ length: 20 }, () => pictures.form(ada, one, small, ada)),
    )
    expect(new Set(all.map(String)).size).toBe(1)
    await pictures.form(ada, one, small, ada)
    expect(made).toEqual(['square-82.webp'])
    await pictures.form(ada, one, { ...small, format: 'png' }, ada)
    expect(made).toEqual(['square-82.webp', 'square-82.png'])
  })

  it('has no form where its bytes are missing', async () => {
    const { pictures } = kept()
    const one = await pictures.keep(ada, await jpeg(), ada)
    await pictures.remove(ada, one.id)
    expect(await pictures.form(ada, one, small, ada)).toBeUndefined()
    expect(await pictures.copy(ada, one.id, bob)).toBeUndefined()
  })

  it('is another’s when it is copied, and stays when the first goes', async () => {
    const { pictures } = kept()
    const one = await pictures.keep(ada, await jpeg(), ada)
    const copy = await pictures.copy(ada, one.id, bob)
    await pictures.remove(ada, one.id)
    expect(copy?.hash).toBe(one.hash)
    expect(copy && (await pictures.form(bob, copy, small, bob))).toBeDefined()
  })

  it('is not so large', async () => {
    const { pictures } = kept()
    await expect(pictures.keep(ada, Buffer.alloc(largestPicture + 1), ada)).rejects.toMatchObject({
      code: 'too_large',
    })
  })

  it('goes when nobody has used it for a day, or too many came after it', async () => {
    const { files, pictures, pass } = kept()
    const ids: string[] = []
    for (let count = 0; count < 4; count += 1) {
      ids.push((await pictures.keep(ada, await jpeg(), ada)).id)
      pass(1000)
    }
    const left = async () => (await files.of(ada)).map(({ id }) => ids.indexOf(id))
    const used = new Set([ids[0] as string])
    await pictures.tidy(ada, used, { age: day, most: 3 })
    expect(await left()).toEqual([0, 1, 2, 3])
    await pictures.tidy(ada, used, { age: day, most: 2 })
    expect(await left()).toEqual([0, 2, 3])
    pass(day - 1500)
    await pictures.tidy(ada, used, { age: day, most: 2 })
    expect(await left()).toEqual([0, 3])
  })

  it('waits its turn, and is refused where too many wait, of one or of all', async () => {
    const { pictures } = kept()
    const bytes = png(800, 600)
    const wanted = async (count: number, askerOf: (index: number) => string) => {
      const all = await Promise.allSettled(
        Array.from({ length: count }, (_, index) => pictures.keep(ada, bytes, askerOf(index))),
      )
      const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      for (const reason of refused) {
        expect(reason).toMatchObject({ code: 'too_many_requests', retryAfter: 2 })
      }
      return count - refused.length
    }
    expect(await wanted(20, () => ada)).toBe(5)
    expect(await wanted(20, String)).toBe(8)
    await pictures.keep(ada, bytes, ada)
  })
})

describe('what stands in for a picture', () => {
  it('is drawn once for all who want it, at 500 pixels at most', async () => {
    const { pictures } = kept()
    const all = await Promise.all(
      Array.from({ length: 150 }, () => pictures.standIn(ada, { size: 1600, format: 'webp' }, bob)),
    )
    expect(new Set(all).size).toBe(1)
    expect((await sharp(all[0]).metadata()).width).toBe(500)
    expect(await pictures.standIn(ada, { size: 500, format: 'webp' }, ada)).toBe(all[0])
    expect(await pictures.standIn(bob, { size: 500, format: 'webp' }, ada)).not.toEqual(all[0])
  })

  it('does not keep a picture from being taken, however many are wanted', async () => {
    const { pictures } = kept()
    const sizes = [500, 360, 250, 200, 82] as const
    const wanted = sizes.flatMap((size) =>
      (['png', 'webp', 'jpeg', 'avif'] as const).map((format) => ({ size, format })),
    )
    let drawn = 0
    const all = wanted.map((form) => pictures.standIn(ada, form, bob).then(() => (drawn += 1)))
    await Promise.all([1, 2, 3].map(async () => pictures.keep(ada, await jpeg(), ada)))
    expect(drawn).toBeLessThan(wanted.length)
    await Promise.all(all)
  })
})

describe('the queue', () => {
  const patience = { coming: { all: 9, ofOne: 9 }, going: { all: 20, ofOne: 10 } }
  const coming = { kind: 'coming', weight: 1, askerId: ada } as const
  const going = { kind: 'going', weight: 1, askerId: ada } as const

  it('never does more at once than there is room for, and goes on after what fails', async () => {
    const queue = createQueue(2, patience)
    let now = 0
    let most = 0
    const work = (weight: number) => async () => {
      now += weight
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now -= weight
      if (weight === 2) throw new Error('failed')
      return weight
    }
    const weights = [1, 2, 1, 1, 1, 2, 1]
    const all = await Promise.allSettled(
      weights.map((weight) => queue.run({ ...coming, weight }, work(weight))),
    )
    expect(most).toBe(2)
    expect(all.map(({ status }) => status === 'fulfilled')).toEqual(weights.map((one) => one === 1))
  })

  it('lets the kinds of work take turns, and those who ask for it', async () => {
    const queue = createQueue(1, patience)
    const order: string[] = []
    const tasks = [
      ...(['1', '2', '3', '4'] as const).map((name) => [going, name] as const),
      [{ ...going, askerId: bob }, 'b'] as const,
      [coming, 'c'] as const,
      [coming, 'd'] as const,
    ]
    await Promise.all(
      tasks.map(([task, name]) => queue.run(task, async () => void order.push(name))),
    )
    expect(order.join('')).toBe('1c2db34')
  })

  it('refuses who has too much waiting, and nobody else', async () => {
    const queue = createQueue(1, patience)
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, 1))
    const all = await Promise.allSettled(Array.from({ length: 15 }, () => queue.run(going, work)))
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    const filled = Promise.allSettled(Array.from({ length: 15 }, () => queue.run(going, work)))
    await queue.run({ ...going, askerId: bob }, work)
    await queue.run(coming, work)
    await filled
  })
})
