import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { Stamps } from '../footprint/stamps.ts'
import { type KeptAnswers, keptAnswers } from './kept.ts'
import { type Shelf, shelfAt } from './shelf.ts'

const megabyte = 1_048_576
const now = 0

function keeping(limit = megabyte, shelf?: Shelf) {
  const stamps = new Stamps()
  const kept = keptAnswers(stamps, limit, shelf)
  const keep = (target: string, text: string, asked = 'key', fact = target) => {
    const footprint = new Footprint(stamps.moment)
    footprint.reads(factOf('person', fact))
    kept.keep(target, asked, {
      status: 200,
      headers: { 'content-type': 'application/json', vary: 'accept' },
      body: Buffer.from(text),
      etag: `"${target}"`,
      footprint,
      keyId: 'key',
      dialect: 'webex',
      route: '/people/:id',
    })
  }
  return { kept, keep, stamps }
}

const folder = mkdtempSync(join(tmpdir(), 'kith-kept-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A shelf that tells what it is asked for. */
function shelfWith(onFind: (name: string) => void, size = 64 * megabyte): Shelf {
  const shelf = shelfAt(join(folder, 'answers'), size, (error) => {
    throw error
  })
  return {
    ...shelf,
    find(name) {
      onFind(name)
      return shelf.find(name)
    },
  }
}

function textOf(kept: KeptAnswers, target: string, asked = 'key'): string | undefined {
  const found = kept.find(target, asked, now)
  return found && Buffer.from(kept.bytesOf(found), 'latin1').toString()
}

describe('answers that are kept', () => {
  it('come back byte for byte, in every script', () => {
    const { kept, keep } = keeping()
    keep('/a', 'plain')
    keep('/b', 'नेहा 愛 \u{1f600} é')
    expect(textOf(kept, '/a')).toBe('plain')
    expect(textOf(kept, '/b')).toBe('नेहा 愛 \u{1f600} é')
    expect(kept.find('/a', 'key', now)).toMatchObject({
      etag: '"/a"',
      length: 5,
      shape: {
        headers: ['content-type', 'application/json', 'vary', 'accept'],
        unmodified: ['vary', 'accept'],
      },
    })
  })

  it('are for the same target and the same headers alone', () => {
    const { kept, keep } = keeping()
    keep('/a', 'one’s', 'one')
    keep('/a', 'other’s', 'other')
    expect(textOf(kept, '/a', 'one')).toBe('one’s')
    expect(textOf(kept, '/a', 'other')).toBe('other’s')
    expect(textOf(kept, '/a', 'nobody')).toBeUndefined()
    expect(textOf(kept, '/a?', 'one')).toBeUndefined()
  })

  it('are gone once they do not stand, and the newer takes their place', () => {
    const { kept, keep, stamps } = keeping()
    keep('/a', 'old')
    stamps.change([factOf('person', '/a')])
    expect(textOf(kept, '/a')).toBeUndefined()
    keep('/a', 'new')
    keep('/a', 'newer')
    expect(textOf(kept, '/a')).toBe('newer')
  })

  it('are kept whole, long ones among short ones, for as long as they are asked for', () => {
    const { kept, keep } = keeping(8 * megabyte)
    const long = 'l'.repeat(200_000)
    keep('/long', long)
    for (let index = 0; index < 20_000; index += 1) {
      keep(`/${index}`, 'x'.repeat(1_000))
      if (index % 100 === 0) {
        expect(textOf(kept, '/long')).toBe(long)
        keep(`/long${index}`, `${index}${long}`)
        expect(textOf(kept, `/long${index}`)).toBe(`${index}${long}`)
      }
    }
    expect(textOf(kept, '/long19800')).toBe(`19800${long}`)
    const there = Array.from({ length: 200 }, (_, index) => textOf(kept, `/long${index * 100}`))
    expect(there.filter(Boolean).length * 200_000).toBeLessThan(8 * megabyte)
    expect(there.filter(Boolean).length).toBeGreaterThan(1)
  })

  it.each([131_071, 131_072, 131_073, 32_768, 32_769, 262_144])(
    'are whole beside one of %i bytes, asked for or not',
    (length) => {
      const { kept, keep } = keeping(8 * megabyte)
      const long = 'l'.repeat(length)
      keep('/long', long)
      keep('/idle', long)
      for (let index = 0; index < 12_000; index += 1) {
        keep(`/${index}`, `${index}`.padEnd(2_000, 'x'))
        if (index % 200 === 0) expect(textOf(kept, '/long')).toBe(long)
        for (const before of [0, 1, 500]) {
          const text = textOf(kept, `/${index - before}`)
          if (index >= before) expect(text).toBe(`${index - before}`.padEnd(2_000, 'x'))
        }
      }
    },
  )

  it('are forgotten with what was asked, when too many ways of asking are told apart', () => {
    const { kept, keep } = keeping(16 * megabyte)
    for (let key = 0; key < 10_001; key += 1) keep('/a', `of ${key}`, `key ${key}`)
    expect(textOf(kept, '/a', 'key 0')).toBeUndefined()
    expect(textOf(kept, '/a', 'key 1')).toBe('of 1')
    // Until all of memory came round.
    for (let index = 0; index < 40_000; index += 1) keep(`/${index}`, 'x'.repeat(500))
    keep('/a', 'anew', 'key 0')
    expect(textOf(kept, '/a', 'key 0')).toBe('anew')
    expect(textOf(kept, '/39999')).toBe('x'.repeat(500))
  })

  it('are not kept without a footprint, nor when they are very long', () => {
    const { kept, keep } = keeping()
    keep('/long', 'x'.repeat(megabyte / 2))
    expect(textOf(kept, '/long')).toBeUndefined()
    const answer = { status: 200, headers: {}, body: Buffer.from('x'), etag: '"x"' }
    const whose = { keyId: 'key', dialect: 'webex', route: '/' }
    kept.keep('/none', 'key', { ...answer, ...whose, footprint: new Footprint(1) })
    expect(textOf(kept, '/none')).toBeUndefined()
  })

  it('stay while they are asked for, though ten times as many come by', () => {
    const { kept, keep } = keeping(4 * megabyte)
    const body = 'x'.repeat(2000)
    for (let index = 0; index < 20_000; index += 1) {
      if (index % 50 === 0)
        expect(textOf(kept, '/wanted') ?? 'none').toBe(index ? 'wanted' : 'none')
      if (index === 0) keep('/wanted', 'wanted')
      keep(`/${index}`, `${index} ${body}`)
    }
    expect(textOf(kept, '/19999')).toBe(`19999 ${body}`)
    expect(textOf(kept, '/100')).toBeUndefined()
  })

  it('go on the shelf when they make room, and come back to memory when they are asked for twice', () => {
    const read: string[] = []
    const shelf = shelfWith((name) => read.push(name))
    const { kept, keep, stamps } = keeping(megabyte, shelf)
    keep('/first', 'é first')
    keep('/other', 'other')
    for (let index = 0; index < 2_000; index += 1) keep(`/${index}`, 'x'.repeat(2_000))
    expect(textOf(kept, '/first')).toBe('é first')
    expect(kept.find('/first', 'key', now)).toMatchObject({
      etag: '"/first"',
      keyId: 'key',
      length: 8,
      shape: { dialect: 'webex', unmodified: ['vary', 'accept'] },
    })
    // By now it is in memory.
    expect(read.length).toBe(2)
    expect(textOf(kept, '/first')).toBe('é first')
    expect(read.length).toBe(2)
    stamps.change([factOf('person', '/other'), factOf('person', '/first')])
    expect(textOf(kept, '/other')).toBeUndefined()
    expect(textOf(kept, '/first')).toBeUndefined()
    expect(read.length).toBe(3)
    shelf.close()
  })

  it.each([
    ['in memory', undefined],
    ['on a shelf that has room for all', 64],
    ['on a shelf that is crowded, too', 3],
  ])('are right, whatever is kept, asked for, changed and crowded out: %s', (_, size) => {
    const shelf = size === undefined ? undefined : shelfWith(() => {}, size * megabyte)
    const { kept, keep, stamps } = keeping(2 * megabyte, shelf)
    const expected = new Map<string, string>()
    let hits = 0
    for (let index = 0; index < 30_000; index += 1) {
      // Any sequence will do that comes back to some targets and not to others.
      const target = `/${(index * index) % 997}`
      const found = textOf(kept, target)
      if (found !== undefined) {
        hits += 1
        expect(found).toBe(expected.get(target))
        if (index % 7 === 0) stamps.change([factOf('person', target)])
      } else {
        const text = `${target} ${index} ${'y'.repeat((index * 31) % 9000)}`
        keep(target, text)
        expected.set(target, text)
      }
    }
    expect(hits).toBeGreaterThan(size === 64 ? 20_000 : 3000)
    shelf?.close()
  })

  it.each([
    ['many facts', 600, 20, 900, 600 + 900 * 8],
    ['long targets', 2, 2000, 1, 2000],
  ])('count what lies beside them: %s', (_, length, targetLength, facts, each) => {
    const limit = 8 * megabyte
    const stamps = new Stamps()
    const kept = keptAnswers(stamps, limit)
    const targets = Array.from({ length: 20_000 }, (__, index) =>
      `/${index}`.padEnd(targetLength, 'x'),
    )
    for (const target of targets) {
      const footprint = new Footprint(stamps.moment)
      for (let fact = 0; fact < facts; fact += 1) footprint.reads(fact)
      const body = Buffer.alloc(length)
      const whose = { keyId: 'key', dialect: 'webex', route: '/', status: 200, headers: {} }
      kept.keep(target, 'key', { ...whose, body, etag: '"x"', footprint })
    }
    const there = targets.filter((target) => kept.find(target, 'key', now)).length
    expect(there * each).toBeLessThan(limit)
    expect(there).toBeGreaterThan(100)
  })

  it('are no more when the same are kept anew again and again', () => {
    const { kept, keep } = keeping(8 * megabyte)
    for (let index = 0; index < 50_000; index += 1) {
      keep('/same', `${index}`)
      if (index % 10 === 0) keep(`/${index}`, 'other')
    }
    expect(textOf(kept, '/same')).toBe('49999')
    expect(textOf(kept, '/49990')).toBe('other')
    // What was forgotten has taken the place of most others.
    const there = Array.from({ length: 5000 }, (_, index) => textOf(kept, `/${index * 10}`))
    expect(there.filter(Boolean).length * 370 * 10).toBeLessThan(8 * megabyte)
  })

  it('take no more memory than they are given', () => {
    const limit = 16 * megabyte
    const before = process.memoryUsage.rss()
    const { kept, keep } = keeping(limit)
    let held = 0
    for (let index = 0; index < 100_000; index += 1) {
      keep(`/${index}`, 'z'.repeat(300))
      if (index > 99_000 && textOf(kept, `/${index - 1}`)) held += 1
    }
    expect(held).toBeGreaterThan(900)
    // Stamps take up to eight megabytes; the rest is the collector's, which is not told to hurry.
    expect(process.memoryUsage.rss() - before).toBeLessThan(limit + 100 * megabyte)
    let there = 0
    for (let index = 0; index < 100_000; index += 1) if (textOf(kept, `/${index}`)) there += 1
    // 300 bytes and what lies beside: about 730 for each answer.
    expect(there * 730).toBeLessThan(limit * 1.1)
    expect(there * 730).toBeGreaterThan(limit * 0.5)
  })
})
