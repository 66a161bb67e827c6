import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { Footprint } from '../footprint/footprint.ts'

/** An answer with all that it takes to give it again. */
export interface Shelved {
  /** Whatever whoever puts it there knows its shape by. */
  readonly shape: number
  readonly etag: string
  readonly keyId: string
  readonly footprint: Footprint
}

/** One that was found, with its bytes as text of one character each. */
export interface FoundOnShelf extends Shelved {
  readonly text: string
  /** It was found in this turn before, or in the last: worth a place in memory. */
  readonly again: boolean
}

/** Answers that had to make room in memory, in a file: for whoever knows their names exactly. */
export interface Shelf {
  put(name: string, answer: Shelved, body: Buffer): void
  /** Whether it is there, as far as can be told without reading it. */
  has(name: string): boolean
  find(name: string): FoundOnShelf | undefined
  remove(name: string): void
  /** All that is in memory has come round once. */
  turn(): void
  close(): void
}

/** Bytes: where an answer begins and ends is a multiple of this. */
const unit = 64

/** Bytes that are written at once. A longer answer is left out. */
const chunk = 262_144

/** How many places there are for a name: as many as are fetched from memory at once. */
const ways = 16

/** Bytes that an answer takes on average, rounded down: how many there are places for follows from it. */
const usual = 1_024

/** How many turns are told apart. */
const turns = 255
const before = (turn: number): number => (turn === 1 ? turns : turn - 1)

/** Lengths, places and instants of an answer, before its texts. */
const headSize = 48

/**
 * Keeps answers in a file of `size` bytes at most that nobody else can open: it has no name, and is gone with this process,
 * however that ends. The newest writes over the oldest. In memory there are eleven bytes for a place, of which there are one to two for each
 * answer of usual size.
 * Reading one costs a few microseconds as long as the system has it in its own memory.
 * When the disk fails it is empty from then on, and `onFailure` is told once.
 * @throws Error with the system's code when there can be no file
 */
export function shelfAt(path: string, size: number, onFailure: (error: unknown) => void): Shelf {
  const file = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  /** Of the file, in units. */
  const capacity = Math.floor(size / unit)
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, size / usual / ways)))
  // By place: what is left of the name's hash, where the answer begins, in units since the first (as a counter that comes
  // round: what lies there then has another's name), and how long it is.
  const tags = new Uint32Array(buckets * ways)
  const starts = new Uint32Array(buckets * ways)
  const lengths = new Uint16Array(buckets * ways)
  const met = new Uint8Array(buckets * ways)
  /** What is not written yet; it begins at `written`, in units since the first. */
  const pending = Buffer.allocUnsafeSlow(chunk)
  const scratch = Buffer.allocUnsafeSlow(chunk)
  let written = 0
  let end = 0
  let failed = false
  /** Never 0: which turn it is, as far as that can be told from the last few. */
  let turn = 1

  /** How long ago an answer was put there, in units that were written since. */
  const ageOf = (start: number): number => (end - start) >>> 0

  function fail(error: unknown): void {
    if (failed) return
    failed = true
    tags.fill(0)
    onFailure(error)
  }

  function flush(): void {
    const length = (end - written) * unit
    if (length > 0) writeSync(file, pending, 0, length, (written % capacity) * unit)
    written = end
  }

  /** The place of a name, or -1. Another name can have the same, rarely. */
  function placeOf({ bucket, tag }: Hash): number {
    for (let place = bucket * ways; place < (bucket + 1) * ways; place += 1) {
      if (tags[place] === tag && ageOf(starts[place] ?? 0) <= capacity) return place
    }
    return -1
  }

  /** Where a new one goes: in place of its namesake, else of one that is gone, else of the oldest. */
  function placeFor(hash: Hash): number {
    const known = placeOf(hash)
    if (known >= 0) return known
    const { bucket } = hash
    let oldest = bucket * ways
    for (let place = oldest; place < (bucket + 1) * ways; place += 1) {
      if (tags[place] === 0) return place
      if (ageOf(starts[place] ?? 0) > ageOf(starts[oldest] ?? 0)) oldest = place
    }
    return oldest
  }

  /** Makes room for so many units in one piece of the file. @returns where they are to go in `pending`, in bytes */
  function roomFor(units: number): number {
    const left = capacity - (end % capacity)
    if (left < units) {
      flush()
      end += left
      written = end
    }
    if ((end - written + units) * unit > chunk) flush()
    return (end - written) * unit
  }

  function bytesAt(place: number): { bytes: Buffer; at: number } {
    const start = end - ageOf(starts[place] ?? 0)
    if (start >= written) return { bytes: pending, at: (start - written) * unit }
    const length = (lengths[place] ?? 0) * unit
    const read = readSync(file, scratch, 0, length, (start % capacity) * unit)
    if (read < length) throw new Error('The file of answers is shorter than what was written to it')
    return { bytes: scratch, at: 0 }
  }

  return {
    put(name, answer, body) {
      const { footprint, etag, keyId } = answer
      const texts = name.length + etag.length + keyId.length
      const length = headSize + 4 * footprint.facts.length + texts + body.length
      const units = Math.ceil(length / unit)
      if (failed || units * unit > chunk || units > capacity) return
      try {
        const hash = hashOf(name, buckets)
        const place = placeFor(hash)
        const at = roomFor(units)
        write(pending, at, name, answer, body)
        tags[place] = hash.tag
        starts[place] = end
        lengths[place] = units
        met[place] = 0
        end += units
      } catch (error) {
        fail(error)
      }
    },

    has: (name) => !failed && placeOf(hashOf(name, buckets)) >= 0,

    find(name) {
      if (failed) return undefined
      const place = placeOf(hashOf(name, buckets))
      if (place < 0) return undefined
      try {
        const { bytes, at } = bytesAt(place)
        const again = met[place] === turn || met[place] === before(turn)
        met[place] = turn
        return read(bytes, at, name, again)
      } catch (error) {
        fail(error)
        return undefined
      }
    },

    remove(name) {
      const place = placeOf(hashOf(name, buckets))
      if (place >= 0) tags[place] = 0
    },

    turn() {
      turn = (turn % turns) + 1
    },

    close() {
      // One that has failed may be no file any more.
      if (!failed) closeSync(file)
      failed = true
    },
  }
}

function write(
  bytes: Buffer,
  start: number,
  name: string,
  { shape, etag, keyId, footprint }: Shelved,
  body: Buffer,
): void {
  const { facts, from, until, moment } = footprint
  bytes.writeUInt32LE(name.length, start)
  bytes.writeUInt32LE(etag.length, start + 4)
  bytes.writeUInt32LE(keyId.length, start + 8)
  bytes.writeUInt32LE(body.length, start + 12)
  bytes.writeUInt32LE(facts.length, start + 16)
  bytes.writeUInt32LE(shape, start + 20)
  bytes.writeDoubleLE(from, start + 24)
  bytes.writeDoubleLE(until, start + 32)
  bytes.writeDoubleLE(moment, start + 40)
  let at = start + headSize
  for (const fact of facts) at = bytes.writeUInt32LE(fact, at)
  at += bytes.write(name, at, 'latin1')
  at += bytes.write(etag, at, 'latin1')
  at += bytes.write(keyId, at, 'latin1')
  body.copy(bytes, at)
}

/** Undefined where it is another's, whose name has the same hash. */
function read(
  bytes: Buffer,
  start: number,
  name: string,
  again: boolean,
): FoundOnShelf | undefined {
  const nameLength = bytes.readUInt32LE(start)
  const etagLength = bytes.readUInt32LE(start + 4)
  const keyIdLength = bytes.readUInt32LE(start + 8)
  const bodyLength = bytes.readUInt32LE(start + 12)
  const facts = bytes.readUInt32LE(start + 16)
  let at = start + headSize + 4 * facts
  const text = (length: number): string => {
    at += length
    return bytes.toString('latin1', at - length, at)
  }
  if (text(nameLength) !== name) return undefined
  const footprint = new Footprint(bytes.readDoubleLE(start + 40))
  footprint.holds(bytes.readDoubleLE(start + 24), bytes.readDoubleLE(start + 32))
  for (let index = 0; index < facts; index += 1) {
    footprint.facts.push(bytes.readUInt32LE(start + headSize + 4 * index))
  }
  const shape = bytes.readUInt32LE(start + 20)
  return {
    ...{ shape, footprint, again },
    ...{ etag: text(etagLength), keyId: text(keyIdLength), text: text(bodyLength) },
  }
}

interface Hash {
  readonly bucket: number
  readonly tag: number
}

/** FNV-1a (RFC 9923) twice, from two beginnings: for the bucket and for what tells names in it apart, which is never 0. */
function hashOf(name: string, buckets: number): Hash {
  let one = 0x811c9dc5
  let other = 0x01000193
  for (let index = 0; index < name.length; index += 1) {
    const unitOf = name.charCodeAt(index)
    one = Math.imul(one ^ unitOf, 0x01000193)
    other = Math.imul(other ^ unitOf, 0x85ebca6b)
  }
  // The lowest bits of such a hash depend on little of the name.
  return { bucket: ((one >>> 15) ^ one) & (buckets - 1), tag: ((other >>> 13) ^ other) >>> 0 || 1 }
}
