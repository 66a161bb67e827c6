import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Contents, OnProgress, Upkeep } from '../directory/upkeep.ts'
import { checkDatabase, contentsOf } from './check.ts'
import { sqliteStore } from './sqlite.ts'

// SQLite's primary result codes (sqlite.org/rescode.html).
const busy = 5
const readOnly = 8
const corrupt = 11
const cantOpen = 14
const notADatabase = 26

/** Milliseconds to wait for another process's transaction. */
const patience = 5_000
/** How many pages are copied between two words on progress: 4 MB. */
const pagesAtOnce = 1_000

/** Upkeep of databases that are SQLite files. */
export const upkeepOf = (now: () => number): Upkeep => ({
  check: checkDatabase,

  async backUp(database, file, { onCopied, onChecked, force = false } = {}) {
    refuseSame(file, database, 'a backup must be another file')
    refuseTaken(file, force)
    const copy = beside(file)
    try {
      await copyTo(copy, database, onCopied)
      const contents = soundContents(copy, database, onChecked)
      refuseTaken(file, force)
      putInPlace(copy, file)
      return contents
    } finally {
      removeAll(copy)
    }
  },

  async restore(file, database, { onCopied, onChecked, force = false } = {}) {
    refuseSame(file, database, 'a database can not be restored from itself')
    if (!force && holdsAnything(database)) {
      throw new Error(`There is a database at ${database}; --force restores over it`)
    }
    const copy = beside(database)
    try {
      // What is checked is what is restored, whatever becomes of the file meanwhile.
      await copyTo(copy, file, onCopied)
      const contents = soundContents(copy, file, onChecked)
      await makeCurrent(copy, now)
      return { ...contents, online: await replace(database, copy) }
    } finally {
      removeAll(copy)
    }
  },
})

// Copying.

/** A name of its own in the same folder, so that it can be moved there in one step. */
const beside = (file: string) => `${file}.${randomBytes(6).toString('hex')}.partial`

/** What SQLite keeps beside a database; what is left of another one would be taken for its own. */
const companions = ['-wal', '-shm', '-journal']

function removeAll(file: string): void {
  for (const suffix of ['', ...companions]) rmSync(file + suffix, { force: true })
}

/**
 * The backup API copies pages as they are and begins anew whenever another process commits, so that beside a busy
 * server it would never end; within a read transaction it sees one moment and goes on. (VACUUM INTO sees one moment
 * too, but rebuilds every table, blocks the thread, and can't tell how far it has come.)
 */
async function copyTo(copy: string, from: string, onCopied: OnProgress = () => {}): Promise<void> {
  // Personal data: nobody else may read it, from the first byte on.
  closeSync(openSync(copy, 'wx', 0o600))
  const source = openToRead(from)
  try {
    await backup(source, copy, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => onCopied(1 - remainingPages / totalPages),
    })
  } catch (error) {
    throw new Error(`${from} can not be copied: ${wordsOf(error)}`)
  } finally {
    source.close()
  }
  // One file, with nothing beside it that could be lost.
  const made = new DatabaseSync(copy, { timeout: patience })
  made.exec('PRAGMA journal_mode = DELETE')
  made.close()
}

/** A handle that sees one moment. @throws Error that names the file and why it can't be read */
export function openToRead(file: string): DatabaseSync {
  if (!existsSync(file)) throw new Error(`There is no file ${file}`)
  let why: unknown
  for (const address of [file, unwritable(file)]) {
    const handle = new DatabaseSync(address, { readOnly: true, timeout: patience })
    try {
      handle.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
      return handle
    } catch (error) {
      handle.close()
      why ??= error
      if (![readOnly, cantOpen].includes(codeOf(error))) break
    }
  }
  throw new Error(`${file} can not be read as a database: ${wordsOf(why)}`)
}

/** For a file on a disk that nothing can be written to: SQLite would make a log beside it. */
function unwritable(file: string): URL {
  const url = pathToFileURL(resolve(file))
  url.search = '?immutable=1'
  return url
}

/** @throws Error unless everything in the copy of `from` is as it should be */
function soundContents(copy: string, from: string, onChecked: OnProgress | undefined): Contents {
  const checked = checkDatabase(copy, onChecked)
  if (checked.contents && checked.faults.length === 0) return checked.contents
  const told = checked.faults.map(
    ({ what, count, first }) => `\n  ${count} ${what}: ${first.join(', ')}`,
  )
  throw new Error(`${from} is damaged:${told.join('')}`)
}

/** All of it is on disk, and then under that name; a crash leaves what was there or what comes. */
function putInPlace(copy: string, file: string): void {
  synced(copy, 'r+')
  const before = statOf(file)
  // Restored by root, it is still the server's.
  if (before && process.getuid?.() === 0) chownSync(copy, before.uid, before.gid)
  renameSync(copy, file)
  synced(dirname(resolve(file)), 'r')
}

function synced(path: string, flags: string): void {
  const handle = openSync(path, flags)
  fsyncSync(handle)
  closeSync(handle)
}

// What is refused.

const statOf = (file: string): Stats | undefined => statSync(file, { throwIfNoEntry: false })

function refuseSame(file: string, database: string, why: string): void {
  const found = statOf(file)
  for (const suffix of ['', ...companions]) {
    const part = database + suffix
    const own = statOf(part)
    if (
      resolve(file) === resolve(part) ||
      (found && found.ino === own?.ino && found.dev === own.dev)
    )
      throw new Error(`${file} belongs to the database ${database}; ${why}`)
  }
}

function refuseTaken(file: string, force: boolean): void {
  const found = statOf(file)
  if (found?.isFile() === false) throw new Error(`${file} is no plain file`)
  if (found && !force) throw new Error(`There is a file ${file}; --force overwrites it`)
}

/** What can't be read may hold everything. */
function holdsAnything(database: string): boolean {
  if (!statOf(database)?.size && !statOf(`${database}-wal`)?.size) return false
  try {
    const handle = new DatabaseSync(database, { readOnly: true, timeout: patience })
    try {
      return contentsOf(handle).changes > 0
    } finally {
      handle.close()
    }
  } catch {
    return true
  }
}

// Putting it back.

/**
 * Makes the copy a database of this Kith, and another one than the one that was copied: whoever remembers what they
 * read looks at the change log for what is new, and its numbers have been given before.
 */
async function makeCurrent(copy: string, now: () => number): Promise<void> {
  await (await sqliteStore(copy, now)).close()
  setSecret(copy, 'incarnation', randomBytes(16).toString('hex'))
}

function setSecret(copy: string, name: string, value: string): void {
  const handle = new DatabaseSync(copy, { timeout: patience })
  handle.prepare('insert or replace into secret (name, value) values (?, ?)').run(name, value)
  handle.exec('PRAGMA journal_mode = DELETE')
  handle.close()
}

/** True when others had the database open. */
async function replace(database: string, copy: string): Promise<boolean> {
  const there = standing(database)
  if (!there) {
    // A log of what is no database any more would be taken for the new one's.
    for (const suffix of companions) rmSync(database + suffix, { force: true })
    putInPlace(copy, database)
    return false
  }
  const seal = sealOf(copy)
  if (seal === undefined && there.seal !== undefined) setSecret(copy, 'seal', there.seal)
  else if (there.open && there.seal !== seal) {
    throw new Error(
      `The database ${database} is in use, and what is to be restored has another secret, so that a running server would go on with the wrong one; stop the server first`,
    )
  }
  await copyInto(database, copy)
  return there.open
}

interface Standing {
  /** Whether another process has it open. */
  readonly open: boolean
  /** Undefined where it can't be told. */
  readonly seal: string | undefined
}

/** Undefined where there is no database that SQLite could open, damaged or not. */
function standing(database: string): Standing | undefined {
  if (!statOf(database)?.size) return undefined
  const open = isOpen(database)
  return open === undefined ? undefined : { open, seal: sealOf(database) }
}

/** Whether another process has it open. Only who is alone can have the lock of a database with a log beside it to himself. */
export function isOpen(database: string): boolean | undefined {
  const handle = new DatabaseSync(database, { timeout: 0 })
  try {
    handle.exec('PRAGMA locking_mode = EXCLUSIVE')
    handle.exec('BEGIN EXCLUSIVE; COMMIT')
    return false
  } catch (error) {
    const code = codeOf(error)
    if (code === corrupt || code === notADatabase) return undefined
    if (code === busy) return true
    throw new Error(`The database ${database} can not be opened: ${wordsOf(error)}`)
  } finally {
    handle.close()
  }
}

function sealOf(database: string): string | undefined {
  try {
    const handle = new DatabaseSync(database, { readOnly: true, timeout: patience })
    try {
      const row = handle.prepare(`select value from secret where name = 'seal'`).get()
      return row && String(row.value)
    } finally {
      handle.close()
    }
  } catch {
    return undefined
  }
}

/**
 * As one transaction of SQLite's: whoever has the database open reads the old state or the new one, and so does
 * whoever opens it after a crash.
 */
async function copyInto(database: string, copy: string): Promise<void> {
  const source = new DatabaseSync(copy, { readOnly: true, timeout: patience })
  const started = performance.now()
  try {
    for (;;) {
      try {
        await backup(source, database, { rate: 2 ** 31 - 1 })
        return
      } catch (error) {
        // Node tells of a target that somebody else is writing as an error without a code.
        const waits = [0, busy].includes(codeOf(error)) && performance.now() - started < patience
        if (!waits) {
          throw new Error(`The database ${database} can not be written: ${wordsOf(error)}`)
        }
        await pause(20)
      }
    }
  } finally {
    source.close()
  }
}

/** -1 for what is no error of SQLite's. */
const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : -1

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
