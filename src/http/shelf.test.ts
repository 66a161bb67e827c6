import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { type Shelf, type Shelved, shelfAt } from './shelf.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-shelf-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'answers')
const megabyte = 1_048_576

const open: Shelf[] = []
const failures: unknown[] = []
function shelfOf(size: number): Shelf {
  const shelf = shelfAt(path, size, (error) => failures.push(error))
  open.push(shelf)
  return shelf
}
afterEach(() => {
  for (const shelf of open.splice(0)) shelf.close()
  expect(failures.splice(0)).toEqual([])
})

function answer(more: Partial<Shelved> = {}): Shelved {
  const footprint = new Footprint(7)
  footprint.reads(factOf('person', 'one'))
  footprint.reads(factOf('organization', 'home'))
  return { shape: 3, etag: '"etag"', keyId: 'key', footprint, ...more }
}
const bytes = (text: string) => Buffer.from(text)

/** The handle of a file of this process that has lost its name. */
function fileBehind(path: string): number {
  const file = readdirSync('/proc/self/fd').find((fd) => {
    const link = `/proc/self/fd/${fd}`
    return isLinkTo(link, `${path} (deleted)`)
  })
  return Number(file)
}

function isLinkTo(link: string, target: string): boolean {
  try {
    return readlinkSync(link) === target
  } catch {
    return false
  }
}

describe('answers on the shelf', () => {
  it('come back with all that they were put there with', () => {
    const shelf = shelfOf(megabyte)
    const whole = answer()
    whole.footprint.holds(1000, 2000)
    shelf.put('1/people/a', whole, bytes('नेहा é'))
    shelf.put('1/people/b', answer({ etag: '"other"', keyId: 'second' }), bytes(''))
    const found = shelf.find('1/people/a')
    expect(found).toMatchObject({ shape: 3, etag: '"etag"', keyId: 'key', again: false })
    expect(Buffer.from(found?.text ?? '', 'latin1').toString()).toBe('नेहा é')
    const { facts, from, until, moment } = found?.footprint ?? new Footprint(0)
    expect({ facts, from, until, moment }).toEqual({
      ...{ facts: whole.footprint.facts, from: 1000, until: 2000, moment: 7 },
    })
    expect(shelf.find('1/people/a')?.again).toBe(true)
    expect(shelf.find('1/people/b')).toMatchObject({ etag: '"other"', keyId: 'second', text: '' })
    expect(shelf.find('1/people/b')?.footprint.until).toBe(Number.POSITIVE_INFINITY)
    expect(shelf.find('1/people/c')).toBeUndefined()
  })

  it('are found again when that was in this turn or the last', () => {
    const shelf = shelfOf(megabyte)
    shelf.put('name', answer(), bytes('text'))
    const again = () => shelf.find('name')?.again
    expect([again(), again()]).toEqual([false, true])
    shelf.turn()
    expect(again()).toBe(true)
    for (let turn = 0; turn < 2; turn += 1) shelf.turn()
    expect([again(), again()]).toEqual([false, true])
    // However many turns there were.
    for (let turn = 0; turn < 254; turn += 1) shelf.turn()
    expect([again(), again()]).toEqual([false, true])
    shelf.turn()
    expect(again()).toBe(true)
  })

  it('give way to their namesakes, and are gone when they are taken away', () => {
    const shelf = shelfOf(megabyte)
    shelf.put('name', answer(), bytes('old'))
    shelf.put('name', answer(), bytes('new'))
    expect(shelf.find('name')?.text).toBe('new')
    expect(shelf.has('name')).toBe(true)
    shelf.remove('name')
    expect(shelf.has('name')).toBe(false)
    expect(shelf.find('name')).toBeUndefined()
  })

  it('are right or not there, however often the file was written over', () => {
    const size = 3 * megabyte + 64 * 5
    const shelf = shelfOf(size)
    const textOf = (index: number) => `${index} ${'x'.repeat((index * 7919) % 3000)}`
    let last = 0
    for (let index = 0; index < 20_000; index += 1) {
      shelf.put(`name ${index}`, answer({ keyId: String(index) }), bytes(textOf(index)))
      // Whatever is asked for, from the newest to those of long ago.
      const asked = Math.max(0, index - ((index * 31) % 5000))
      const found = shelf.find(`name ${asked}`)
      if (found) expect([found.text, found.keyId]).toEqual([textOf(asked), String(asked)])
      if (found && index - asked > last) last = index - asked
      if (index - asked < 500) expect(found).toBeDefined()
    }
    expect(last).toBeGreaterThan(1000)
    // About as many as fit are left: those of this average length.
    const left = Array.from({ length: 20_000 }, (_, index) => shelf.has(`name ${index}`))
    const count = left.filter(Boolean).length
    expect(count * 1700).toBeGreaterThan(size * 0.7)
    expect(count * 1500).toBeLessThan(size * 1.1)
  })

  it('are left out when they are longer than what is written at once', () => {
    const shelf = shelfOf(4 * megabyte)
    shelf.put('long', answer(), Buffer.alloc(300_000))
    expect(shelf.find('long')).toBeUndefined()
  })
})

describe('the file of the shelf', () => {
  it('has no name for anybody to open it by', () => {
    shelfOf(megabyte)
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is nobody else’s: where there is one of its name there can be none', () => {
    closeSync(openSync(path, 'w'))
    expect(() => shelfAt(path, megabyte, () => {})).toThrow(/EEXIST/)
    rmSync(path)
  })

  it('that fails is empty from then on, and is told of once', () => {
    const told: unknown[] = []
    const shelf = shelfAt(path, megabyte, (error) => told.push(error))
    for (let index = 0; index < 400; index += 1) shelf.put(`${index}`, answer(), Buffer.alloc(1000))
    expect(shelf.find('0')).toBeDefined()
    // As a disk would go away.
    closeSync(fileBehind(path))
    expect(shelf.find('0')).toBeUndefined()
    shelf.put('more', answer(), bytes('more'))
    expect(shelf.has('more')).toBe(false)
    shelf.close()
    expect(told).toMatchObject([{ code: 'EBADF' }])
  })
})
