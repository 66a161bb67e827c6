import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { isServer } from '../config.ts'
import type { Contents, OnProgress } from '../directory/upkeep.ts'
import { copyPictures, picturesBeside, restorePictures } from '../pictures/copies.ts'
import { withDatabase } from './options.ts'
import { explain, meter, print, printJson, table, UsageError } from './output.ts'
import type { Wiring } from './wiring.ts'

interface CopyFlags {
  readonly database?: string
  readonly force?: boolean
  readonly json?: boolean
}

export const backupCommand = (wiring: Wiring): Command =>
  onDatabase(new Command('backup'))
    .description(
      'copy the database to a file, checked and as of one moment, while it is in use; and its pictures to FILE.pictures',
    )
    .argument('<file>', 'where the copy is to be')
    .option('--force', 'overwrite the file if it is there')
    .action(async (file: string, { database: flag, force = false, json }: CopyFlags) => {
      const database = databaseFor(wiring, flag)
      const contents = await withSteps((step) =>
        wiring.upkeep.backUp(database, file, {
          force,
          onCopied: step('copying'),
          onChecked: step('checking the copy'),
        }),
      )
      await copyPictures(wiring.configFor({ database: flag }).pictures, picturesBeside(file))
      if (json) printJson({ file, ...contents })
      else print(`${file} holds ${inWords(contents)}`)
    })

export const restoreCommand = (wiring: Wiring): Command =>
  onDatabase(new Command('restore'))
    .description(
      'put a backup in place of the database, which a server may have open, and its pictures beside what is there',
    )
    .argument('<file>', 'what kithd backup has made')
    .option('--force', 'restore over a database that holds anything')
    .action(async (file: string, { database: flag, force = false, json }: CopyFlags) => {
      const { database, pictures } = wiring.configFor({ database: flag })
      refuseServer(database)
      // Before a record names them. What a backup that is refused had is looked for by nobody, and goes.
      await restorePictures(picturesBeside(file), pictures)
      const { online, ...contents } = await withSteps((step) =>
        wiring.upkeep.restore(file, database, {
          force,
          onCopied: step('copying'),
          onChecked: step('checking the backup'),
        }),
      )
      if (json) return printJson({ database, online, ...contents })
      const told = online ? '; who has it open reads that from now on' : ''
      print(`${database} holds ${inWords(contents)}${told}`)
    })

export const checkCommand = (wiring: Wiring): Command =>
  onDatabase(new Command('check'))
    .description('look through the whole database for damage; exit code 1 when there is any')
    .action(async ({ database: flag, json }: CopyFlags) => {
      const database = databaseFor(wiring, flag)
      const { contents, faults } = await withSteps((step) =>
        wiring.upkeep.check(database, step('checking')),
      )
      if (faults.length > 0) process.exitCode = 1
      if (json) return printJson({ database, sound: faults.length === 0, ...contents, faults })
      if (contents) print(`${database} holds ${inWords(contents)}`)
      if (faults.length === 0) return print('Nothing is wrong with it.')
      print('It is damaged; docs/reliability.md tells what to do:')
      const rows = faults.map(({ what, count, first }) => [what, String(count), first.join(' ')])
      print(table(['WHAT', 'HOW MANY', 'SUCH AS'], rows))
    })

const onDatabase = (command: Command): Command =>
  withDatabase(command).option('--json', 'print one line of JSON')

/** PostgreSQL has tools of its own for it, which know what it is doing meanwhile. */
function refuseServer(database: string): void {
  if (!isServer(database)) return
  throw new UsageError(
    'That is for SQLite files; pg_dump and pg_restore do it for PostgreSQL: docs/postgres.md',
  )
}

function databaseFor(wiring: Wiring, flag: string | undefined): string {
  const { database } = wiring.configFor({ database: flag })
  refuseServer(database)
  if (existsSync(database)) return database
  throw new UsageError(`There is no database at ${database}; --database names another`)
}

const counted = (count: number, one: string, more = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`

function inWords({ people, organizations, changes, bytes }: Contents): string {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const all = [
    `${counted(people, 'person', 'people')} in ${counted(organizations, 'organization')}`,
    counted(changes, 'change'),
  ]
  return `${all.join(', ')}, ${size}`
}

/** Milliseconds between two pictures of the bar. */
const interval = 100

/** Tells on standard error what is done, step by step: on a terminal with a bar, elsewhere a line each. */
async function withSteps<T>(work: (step: (name: string) => OnProgress) => T | Promise<T>) {
  const terminal = process.stderr.isTTY
  const hide = () => terminal && process.stderr.write('\r\u001b[K')
  try {
    return await work((name) => {
      let last = Number.NEGATIVE_INFINITY
      return (part) => {
        const now = performance.now()
        if (!terminal && last < 0) explain(`${name} …`)
        if (terminal && now - last >= interval) {
          process.stderr.write(`\r${meter(part)}  ${name}\u001b[K`)
        }
        if (now - last >= interval) last = now
      }
    })
  } finally {
    hide()
  }
}
