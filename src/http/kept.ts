import type { Footprint } from '../footprint/footprint.ts'
import type { Watch } from '../footprint/stamps.ts'
import type { Said } from './answer.ts'

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

/** Finished answers, kept in memory for as long as they stand. */
export interface KeptAnswers {
  /** The answer for that target and those headers, if it is kept and stands at `now`. */
  find(target: string, asked: string, now: number): Kept | undefined
  /** Its bytes, as text of one character each. */
  bytesOf(kept: Kept): string
  keep(target: string, asked: string, answer: Keepable): void
}

/** Bytes: how much of memory is taken at a time. A longer answer than a quarter of it is not kept. */
const slabSize = 1_048_576

/** Bytes that an answer takes beside itself and its target: measured, and rounded up. */
const overhead = 420

interface Entry extends Kept {
  readonly name: string
  readonly footprint: Footprint
  slab: Slab
  start: number
  readonly length: number
  /** Since its slab came round last. */
  used: boolean
}

interface Slab {
  readonly bytes: Buffer
  entries: Entry[]
  end: number
}

/**
 * Keeps answers in slabs of memory that are taken once and used over again: the collector never sees the bytes,
 * and `limit` (in bytes) holds. When the slabs are full the oldest comes round: those of its answers that were
 * asked for since stay, the others make room.
 */
export function keptAnswers(watch: Watch, limit: number): KeptAnswers {
  /** The one that is being filled is the last. */
  const slabs: Slab[] = []
  const entries = new Map<string, Entry>()
  /** What was asked beside the target, by number: names stay short, and secrets are kept once. */
  const askings = new Map<string, number>()
  let lastAsking = 0
  const shapes = new Map<string, Shape>()
  let beside = 0

  function forget(entry: Entry): void {
    if (entries.get(entry.name) !== entry) return
    entries.delete(entry.name)
    beside -= weightBeside(entry)
  }

  /** Takes the oldest slab, moves what of it is worth keeping into `target`, perhaps itself, and forgets the rest. */
  function emptyOldest(into?: Slab): Slab {
    const slab = slabs.shift() as Slab
    const { entries: all } = slab
    const target = into ?? slab
    if (target === slab) {
      slab.entries = []
      slab.end = 0
    }
    for (const entry of all) {
      const stays = entry.used && entries.get(entry.name) === entry && target.end < slabSize / 2
      if (stays) {
        slab.bytes.copy(target.bytes, target.end, entry.start, entry.start + entry.length)
        place(entry, target)
      } else forget(entry)
    }
    return target
  }

  function place(entry: Entry, slab: Slab): void {
    entry.slab = slab
    entry.start = slab.end
    entry.used = false
    slab.entries.push(entry)
    slab.end += entry.length
  }

  /** The slab that has room for so many bytes; the last one, made or emptied where it has to be. */
  function slabFor(length: number): Slab {
    const newest = slabs.at(-1)
    if (newest && newest.end + length <= slabSize) return newest
    // What lies beside the slabs counts too: many short answers leave room for fewer of them.
    const most = Math.max(1, Math.floor((limit - beside) / slabSize))
    let slab: Slab
    if (slabs.length < most) slab = { bytes: Buffer.allocUnsafeSlow(slabSize), entries: [], end: 0 }
    else {
      slab = emptyOldest()
      if (slabs.length >= most && slabs.length > 0) emptyOldest(slab)
    }
    slabs.push(slab)
    return slab
  }

  function numberOf(asked: string): number {
    const known = askings.get(asked)
    if (known !== undefined) return known
    if (askings.size >= mostAskings) {
      askings.clear()
      entries.clear()
      slabs.length = 0
      beside = 0
    }
    lastAsking += 1
    askings.set(asked, lastAsking)
    return lastAsking
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
    if (shapes.size < mostShapes) shapes.set(name, shape)
    return shape
  }

  return {
    find(target, asked, now) {
      const number = askings.get(asked)
      if (number === undefined) return undefined
      const entry = entries.get(number + target)
      if (!entry) return undefined
      if (!watch.stands(entry.footprint, now)) {
        forget(entry)
        return undefined
      }
      entry.used = true
      return entry
    },

    bytesOf(kept) {
      const { slab, start, length } = kept as Entry
      return slab.bytes.toString('latin1', start, start + length)
    },

    keep(target, asked, answer) {
      const { body, etag, footprint, keyId } = answer
      const { length } = body
      // What leaves no footprint could never be told to have changed.
      if (length > slabSize / 4 || footprint.facts.length === 0) return
      const name = compact(numberOf(asked) + target)
      const before = entries.get(name)
      if (before) forget(before)
      const slab = slabFor(length)
      const entry: Entry = {
        name,
        footprint,
        slab,
        start: 0,
        length,
        used: false,
        shape: shapeOf(answer),
        etag: compact(etag),
        keyId,
      }
      footprint.settle()
      body.copy(slab.bytes, slab.end)
      place(entry, slab)
      entries.set(name, entry)
      beside += weightBeside(entry)
    },
  }
}

const mostShapes = 1000

/** The same text in one piece: what was put together of pieces takes all of them, and as much again. */
const compact = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** How many ways to ask (keys, media types) are told apart; then all begins anew. */
const mostAskings = 100_000

const weightBeside = ({ name }: Entry): number => overhead + name.length
