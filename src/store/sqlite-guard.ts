import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { endianness } from 'node:os'
import { Failure } from '../failure.ts'
import { Damaged } from './damage.ts'
import { absent, taken } from './refusals.ts'
import { whyNotUsed } from './sql/compatibility.ts'
import { migrationNames } from './sql/migrate.ts'

/** What a database's files have to go through before anything is answered or acknowledged. */
export interface Guard {
  /** Runs `work`, turning what SQLite refuses into failures that callers can act on. */
  answering<T>(work: () => T): Promise<T>
  /** The same, for what can't wait. */
  attempt<T>(work: () => T): T
  /** @throws Failure unavailable when the files are not those that were opened, or damage was seen */
  refuseWrites(): void
  /** @throws Failure unavailable when the files were not those that were opened a moment ago */
  refuseReads(): void
  /** Takes the database for one with that mark from now on. @throws Failure unavailable when this Kith can't use it */
  heed(mark: string | undefined): void
  /** @throws Damaged when the log is shorter than what was written to it; only under the write lock */
  checkLog(): void
  /** Whether anybody may have committed since this was last asked, by whoever asks it; always, where it can't be told. */
  mayHaveNews(): boolean
  /** Only once no handle on the database is open any more. */
  close(): void
}

// SQLite's result codes (sqlite.org/rescode.html); the low byte of an extended one is the primary one.
const busyCodes = [5, 15]
const corruptCodes = [11, 26]
const constraint = 19
const foreignKey = 787
/** A file that ends before a page that has to be in it. */
const shortRead = 522
/** Nothing that a mistake in a program of ours would cause: memory, the disk, the file, its permissions. */
const outerCodes = [...busyCodes, ...corruptCodes, 3, 7, 8, 9, 10, 13, 14, 22, 23]

export const unreachable = 'The directory can not be read or written at the moment'

/** Milliseconds for which files that were in their place are taken to be there still, by reads. */
const trust = 100

/** Watches over the files of an open database. Its log has to be there. */
export function guardOf(path: string): Guard {
  const files = ['', '-wal', '-shm'].map((suffix) => {
    const file = path + suffix
    return { file, opened: statSync(file) }
  })
  // Kept open: to close it would give up SQLite's own locks on the file, of the whole process.
  const index = openSync(`${path}-shm`, 'r')
  let damage: unknown
  let misplaced: string | undefined
  let looked = Number.NEGATIVE_INFINITY
  let outdated: string | undefined

  /** Writing to a file that has no name any more, or another one, would be lost. */
  function look(): void {
    looked = performance.now()
    misplaced = files.find(({ file, opened }) => !isThat(file, opened))?.file
  }

  function refuseMisplaced(): void {
    if (misplaced === undefined) return
    const cause = new Error(`${misplaced} was removed, or another file is in its place`)
    throw new Failure('unavailable', unreachable, { cause })
  }

  function refuseOutdated(): void {
    if (outdated === undefined) return
    throw new Failure('unavailable', unreachable, { cause: new Error(outdated) })
  }

  function attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (isDamage(error)) damage ??= error
      throw failureFrom(error)
    }
  }

  return {
    attempt,
    answering: async (work) => attempt(work),
    refuseReads() {
      if (performance.now() - looked > trust) look()
      refuseMisplaced()
      refuseOutdated()
    },
    refuseWrites() {
      look()
      refuseMisplaced()
      refuseOutdated()
      if (damage !== undefined) throw failureFrom(damage)
    },
    heed(mark) {
      outdated = mark === undefined ? undefined : whyNotUsed(mark, migrationNames)
      refuseOutdated()
    },
    checkLog() {
      const log = `${path}-wal`
      const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
      if (size < leastLog(index)) {
        throw new Damaged(`${log} is shorter than what was written to it`)
      }
    },
    mayHaveNews: newsIn(index),
    close: () => closeSync(index),
  }
}

/** Bytes of the head of a log's index: each commit makes it another one, in the same moment in which others see it. */
const indexHead = 48

/**
 * By that head, which is read for a third of what it costs to ask SQLite, who compares the same bytes. SQLite sees them through
 * memory that is mapped to the file; where that is not what is read from it, this tells too little.
 */
function newsIn(index: number): () => boolean {
  const bytes = new Uint8Array(indexHead)
  const words = new Int32Array(bytes.buffer)
  const seen = new Int32Array(words.length)
  return () => {
    try {
      if (readSync(index, bytes, 0, indexHead, 0) < indexHead) return true
    } catch {
      return true
    }
    let isNew = false
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] as number
      if (word === seen[at]) continue
      seen[at] = word
      isNew = true
    }
    return isNew
  }
}

function isThat(file: string, opened: Stats): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  return found?.ino === opened.ino && found.dev === opened.dev
}

/** Both in bytes (sqlite.org/walformat.html). */
const logHeader = 32
const frameHeader = 24

/** The least size, in bytes, of a log with all the frames that its index counts; the index is in the machine's order. */
function leastLog(index: number): number {
  const header = Buffer.alloc(20)
  if (fstatSync(index).size < header.length) return 0
  readSync(index, header, 0, header.length, 0)
  const little = endianness() === 'LE'
  const pageSize = little ? header.readUInt16LE(14) : header.readUInt16BE(14)
  const frames = little ? header.readUInt32LE(16) : header.readUInt32BE(16)
  // The largest page size does not fit into its field, and stands there as 1.
  return frames === 0
    ? 0
    : logHeader + frames * (frameHeader + (pageSize === 1 ? 65_536 : pageSize))
}

const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0

/** Whether somebody else has the lock; nothing was done. */
export const isBusy = (error: unknown): boolean => busyCodes.includes(codeOf(error) & 0xff)

/** What SQLite and Node say of a value that was never written: a number or bytes for a text, a number too large. */
const neverWritten = /JSON cannot hold|malformed JSON|too large to be represented/

const isDamage = (error: unknown): boolean =>
  error instanceof Damaged ||
  (error instanceof Error && neverWritten.test(error.message)) ||
  codeOf(error) === shortRead ||
  corruptCodes.includes(codeOf(error) & 0xff)

function failureFrom(error: unknown): unknown {
  if (isDamage(error)) return new Failure('unavailable', unreachable, { cause: error })
  const code = codeOf(error)
  if ((code & 0xff) === constraint) {
    return new Failure('conflict', code === foreignKey ? absent : taken, { cause: error })
  }
  if (!outerCodes.includes(code & 0xff)) return error
  return new Failure('unavailable', unreachable, { cause: error })
}
