import type { Footprint } from '../footprint/footprint.ts'
import type { Watch } from '../footprint/stamps.ts'
import type { Said } from './answer.ts'
import type { Shelf } from './shelf.ts'

/** A finished answer with all that it takes to give it again. */
export interface Keepable extends Said {
  readonly body: Buffer
  readonly etag: string
  readonly footprint: Footprint
  /** Whose answer it is. */
  readonly keyId: string
  readonly dialect: string
  /** The route's pattern. */
  readonly route: string
}

/** A kept answer, without its bytes. */
export interface Kept {
  readonly shape: Shape
  readonly etag: string
  /** Bytes. */
  readonly length: number
  readonly keyId: string
}

/** What many answers share. */
export interface Shape {
  readonly dialect: string
  /** The route's pattern. */
  readonly route: string
  // Headers, name by name.
  /** But for `etag` and `content-length`. */
  readonly headers: readonly string[]
  /** Those of them that a 304 has. */
  readonly unmodified: readonly string[]
}

/** Finished answers, kept for as long as they stand: in memory, and on a shelf where there is one. */
export interface KeptAnswers {
  /** The answer for that target and those headers, if it is kept and stands at `now`. */
  find(target: string, asked: string, now: number): Kept | undefined
  /** Its bytes, as text of one character each. */
  bytesOf(kept: Kept): string
  keep(target: string, asked: string, answer: Keepable): void
}

/** Bytes: how much of memory is taken at a time, where there is much, and gone through at once when it comes round. */
const largestSlab = 131_072

/** Bytes: a longer answer is not kept. */
const longestAnswer = 262_144

/** What is longer, or made of more, is told anew each time: it is rare, and costs much to keep. */
const longestTarget = 2_048
const mostFacts = 1_000

/** Bytes that an answer takes beside itself, its target and its footprint: measured, and rounded up. */
const overhead = 370

interface Entry extends Kept {
  readonly asking: Asking
  readonly target: string
  readonly footprint: Footprint
  /** It came from the shelf, and may be there still. */
  readonly shelved: boolean
  slab: Slab
  start: number
  readonly length: number
  /** Since its slab came round last. */
  used: boolean
}

/** What was asked beside the target, and what was answered to it. */
interface Asking {
  readonly number: number
  /** By target. */
  readonly entries: Map<string, Entry>
}

/** One that was found on the shelf. */
interface Read extends Kept {
  readonly text: string
}

interface Slab {
  readonly bytes: Buffer
  /** It is for one long answer alone, and as long. */
  readonly isOwn: boolean
  entries: Entry[]
  end: number
}

/**
 * Keeps answers in slabs of memory that are taken once and used over again, but for long answers: the collector hardly sees the bytes,
 * and `limit` (in bytes) holds, with what lies beside them. When the slabs are full the oldest comes round: those of
 * its answers that were asked for since stay, the others make room: they go on the shelf, and come back to memory when
 * they are asked for there twice while memory comes round, as those that stay are.
 */
export function keptAnswers(watch: Watch, limit: number, shelf?: Shelf): KeptAnswers {
  const slabSize = Math.min(largestSlab, Math.floor(limit / 8))
  const longest = Math.min(longestAnswer, Math.floor(limit / 32))
  /** The oldest first. A longer answer than a quarter of one has a slab to itself, of its own size. */
  const slabs: Slab[] = []
  let filling: Slab | undefined
  /** Bytes of all slabs. */
  let taken = 0
  /** By what was asked: names stay short, and secrets are kept once. */
  const askings = new Map<string, Asking>()
  let lastAsking = 0
  const shapes = new Map<string, Shape>()
  const shapeList: Shape[] = []
  /** Bytes beside the slabs: what was forgotten counts until its slab comes round. */
  let beside = 0
  /** How many slabs came round since all of them had. */
  let rounds = 0

  const isOver = () => taken + beside > limit

  const isThere = (entry: Entry): boolean => entry.asking.entries.get(entry.target) === entry

  function newSlab(size: number, isOwn: boolean): Slab {
    const slab = { bytes: Buffer.allocUnsafeSlow(size), isOwn, entries: [], end: 0 }
    slabs.push(slab)
    taken += size
    return slab
  }

  /** Takes the oldest slab from among them. A long answer that was asked for stays with its slab. */
  function oldestSlab(): Slab {
    for (;;) {
      rounds += 1
      if (rounds >= slabs.length) {
        rounds = 0
        shelf?.turn()
      }
      const slab = slabs.shift() as Slab
      const [only] = slab.entries
      if (!slab.isOwn || !only?.used || !isThere(only)) return slab
      only.used = false
      slabs.push(slab)
    }
  }

  /** Moves what of a slab is worth keeping into `target`, perhaps itself, and forgets the rest. */
  function empty(slab: Slab, target: Slab): void {
    const { entries: all } = slab
    if (target === slab) {
      slab.entries = []
      slab.end = 0
    }
    for (const entry of all) {
      const stays = isThere(entry)
      if (stays && entry.used && target.end < slabSize / 2) {
        slab.bytes.copy(target.bytes, target.end, entry.start, entry.start + entry.length)
        place(entry, target)
      } else {
        if (stays) {
          entry.asking.entries.delete(entry.target)
          putOnShelf(entry)
        }
        beside -= weightBeside(entry)
      }
    }
  }

  function giveUp(slab: Slab): void {
    empty(slab, filling ?? slab)
    taken -= slab.bytes.length
  }

  function putOnShelf({ asking, target, shape, slab, start, length, ...entry }: Entry): void {
    if (!shelf) return
    const name = nameOf(asking, target)
    if (entry.shelved && shelf.has(name)) return
    const index = shapeList.indexOf(shape)
    if (index < 0) return
    const answer = { shape: index, ...entry }
    shelf.put(name, answer, slab.bytes.subarray(start, start + length))
  }

  function findOnShelf(asking: Asking, target: string, now: number): Kept | undefined {
    if (!shelf) return undefined
    const name = nameOf(asking, target)
    const found = shelf.find(name)
    const shape = found && shapeList[found.shape]
    if (!shape) return undefined
    const { footprint, etag, keyId, text } = found
    if (!watch.stands(footprint, now)) {
      shelf.remove(name)
      return undefined
    }
    const { length } = text
    if (found.again) {
      const entry = { asking, target, shape, etag, keyId, footprint, length, shelved: true }
      insert(entry, text)
    }
    return { shape, etag, keyId, length, text } as Read
  }

  /** Puts an answer into memory, `body` as bytes or as text of one character each. */
  function insert(answer: Omit<Entry, 'slab' | 'start' | 'used'>, body: Buffer | string): void {
    const slab = slabFor(answer.length)
    const entry: Entry = { ...answer, slab, start: 0, used: false }
    if (typeof body === 'string') slab.bytes.write(body, slab.end, 'latin1')
    else body.copy(slab.bytes, slab.end)
    place(entry, slab)
    entry.asking.entries.set(entry.target, entry)
    beside += weightBeside(entry)
    if (isOver()) makeRoom()
  }

  function place(entry: Entry, slab: Slab): void {
    entry.slab = slab
    entry.start = slab.end
    entry.used = false
    slab.entries.push(entry)
    slab.end += entry.length
  }

  /** The slab that has room for so many bytes: the one that is being filled, or else one that is made or emptied. */
  function slabFor(length: number): Slab {
    if (length > slabSize / 4) return newSlab(length, true)
    if (filling && filling.end + length <= slabSize) return filling
    while (taken + slabSize + beside > limit && slabs.length > 0) {
      const slab = oldestSlab()
      if (!slab.isOwn) {
        empty(slab, slab)
        slabs.push(slab)
        filling = slab
        return slab
      }
      giveUp(slab)
    }
    filling = newSlab(slabSize, false)
    return filling
  }

  /** Many short answers leave room for fewer slabs. */
  function makeRoom(): void {
    while (isOver() && slabs.length > 1) {
      const slab = oldestSlab()
      if (slab === filling) {
        empty(slab, slab)
        slabs.push(slab)
      } else giveUp(slab)
    }
    // Twice, since what was asked for stays the first time.
    for (let time = 0; time < 2 && filling && isOver(); time += 1) empty(filling, filling)
  }

  function askingOf(asked: string): Asking {
    const known = askings.get(asked)
    if (known !== undefined) return known
    const [oldest] = askings.size < mostAskings ? [] : askings
    if (oldest !== undefined) {
      askings.delete(oldest[0])
      oldest[1].entries.clear()
    }
    lastAsking += 1
    const asking = { number: lastAsking, entries: new Map() }
    askings.set(asked, asking)
    return asking
  }

  function shapeOf({ dialect, route, headers }: Keepable): Shape {
    const name = `${dialect}\n${route}\n${Object.entries(headers).join('\n')}`
    const known = shapes.get(name)
    if (known) return known
    const { 'content-type': _, ...unmodified } = headers
    const shape = {
      dialect,
      route,
      headers: Object.entries(headers).flat(),
      unmodified: Object.entries(unmodified).flat(),
    }
    // Answers have a handful of shapes; were there ever more, each would have its own.
    if (shapes.size < mostShapes) {
      shapes.set(name, shape)
      shapeList.push(shape)
    }
    return shape
  }

  return {
    find(target, asked, now) {
      if (target.length > longestTarget) return undefined
      const asking = askings.get(asked)
      if (asking === undefined) return undefined
      const entry = asking.entries.get(target)
      if (!entry) return findOnShelf(asking, target, now)
      if (!watch.stands(entry.footprint, now)) {
        asking.entries.delete(target)
        return undefined
      }
      entry.used = true
      return entry
    },

    bytesOf(kept) {
      if ('text' in kept) return (kept as Read).text
      const { slab, start, length } = kept as Entry
      return slab.bytes.toString('latin1', start, start + length)
    },

    keep(target, asked, answer) {
      const { body, etag, footprint, keyId } = answer
      const { length } = body
      const { facts } = footprint
      // What leaves no footprint could never be told to have changed.
      if (facts.length === 0 || facts.length > mostFacts || footprint.once) return
      if (length > longest || target.length > longestTarget) return
      const shape = shapeOf(answer)
      footprint.settle()
      const own = { asking: askingOf(asked), target: compact(target), etag: compact(etag) }
      insert({ ...own, footprint, length, shape, keyId, shelved: false }, body)
    },
  }
}

const mostShapes = 1000

/** The same text in one piece: what was put together of pieces takes all of them, and as much again. */
const compact = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** How many ways to ask (keys, media types) are told apart; then the oldest is forgotten, and what was answered to it. */
const mostAskings = 10_000

/** The name of an answer on the shelf. It is nobody else's, since no target begins with a digit. */
const nameOf = ({ number }: Asking, target: string): string => number + target

const weightBeside = ({ target, footprint }: Entry): number =>
  overhead + target.length + 8 * footprint.facts.length
