import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { type Config, isServer, nameOf } from '../config.ts'
import type { Store } from '../directory/ports.ts'
import { withDatabase } from './options.ts'
import { UsageError } from './output.ts'
import { type Progress, progressTo } from './progress.ts'
import type { Wiring } from './wiring.ts'

interface Invocation {
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, unknown>>
  readonly json: boolean
}

/** Whether a database that is not there is made: by what is of use in an empty one. */
interface Opening {
  readonly creates: boolean
  /** See {@link Wiring.openStore}. */
  readonly muchToWrite?: boolean
}

/** Makes a command that works on the store directly, beside a server that may be running on it. */
export function inStore(
  wiring: Wiring,
  command: Command,
  work: (store: Store, invocation: Invocation) => Promise<void>,
  opening: Opening = { creates: false },
): Command {
  return withDatabase(command)
    .option('--json', 'print one line of JSON')
    .action(async () => {
      const flags = command.opts()
      const config = wiring.configFor({ database: flags.database })
      const store = await openStore(wiring, config, opening)
      try {
        await work(store, { args: command.args, flags, json: flags.json === true })
      } finally {
        await store.close()
      }
    })
}

/** Opens the database. @throws UsageError that names the file and what is wrong with it */
export async function openStore(
  wiring: Wiring,
  config: Pick<Config, 'database'>,
  { creates, muchToWrite = false }: Opening,
): Promise<Store> {
  const { database } = config
  try {
    checkDatabase(database, { creates })
    const { onUpgrade, ended } = upgradeTold(nameOf(database), wiring.now)
    return await wiring.openStore(config, onUpgrade, { muchToWrite }).finally(ended)
  } catch (error) {
    // What the system and SQLite say is about a file, but rarely names it.
    if (!(error instanceof Error) || !(isServer(database) || 'code' in error)) throw error
    throw new UsageError(`The database ${nameOf(database)} can not be opened: ${error.message}`)
  }
}

/** @throws UsageError that names a file that is no database, or can't be made */
export function checkDatabase(database: string, { creates }: Opening): void {
  if (isServer(database)) return
  const found = statSync(database, { throwIfNoEntry: false })
  if (found) checkFile(database, found)
  else checkPlace(database, creates)
}

/** Tells how far it is, where a database has to be brought up to date first. */
function upgradeTold(database: string, now: () => number) {
  let progress: Progress | undefined
  let step: string | undefined
  let before = 0
  return {
    onUpgrade(current: string, people: number, of: number) {
      if (current !== step) {
        progress?.hide()
        progress = progressTo(process.stderr, { now, noun: 'people', from: people / of })
        if (step === undefined) progress.tell(`Bringing ${database} up to date`)
        step = current
        before = people
      }
      progress?.at(people / of, people - before)
    },
    ended: () => progress?.hide(),
  }
}

function checkPlace(database: string, creates: boolean): void {
  if (!creates) {
    throw new UsageError(
      `There is no database at ${database}; kithd org create NAME makes one, --database names another`,
    )
  }
  const folder = dirname(database)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(
      `The database ${database} can not be made: there is no folder ${folder}; --database names another file`,
    )
  }
}

/** What every SQLite database begins with (sqlite.org/fileformat.html); an empty file is one too. */
const magic = 'SQLite format 3\0'

function checkFile(database: string, found: Stats): void {
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a folder' : 'no plain file'
    throw new UsageError(`The database ${database} is ${what}; --database takes the path of a file`)
  }
  try {
    accessSync(database, constants.R_OK | constants.W_OK)
  } catch {
    throw new UsageError(
      `The database ${database} can not be both read and written by this user; its owner and mode decide`,
    )
  }
  const handle = openSync(database, 'r')
  const beginning = Buffer.alloc(magic.length)
  const length = readSync(handle, beginning)
  closeSync(handle)
  if (length > 0 && beginning.toString('latin1') !== magic) {
    throw new UsageError(`The file ${database} is no database of Kith; --database names another`)
  }
}
