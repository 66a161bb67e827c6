import { Command } from 'commander'
import { isServer, nameOf } from '../config.ts'
import type { Transferred, Whereabouts } from '../directory/upkeep.ts'
import { explain, print, printJson, table, UsageError } from './output.ts'
import { type Progress, progressTo } from './progress.ts'
import { checkDatabase } from './store.ts'
import type { Wiring } from './wiring.ts'

interface Flags {
  readonly checkOnly?: boolean
  readonly json?: boolean
}

export const migrateCommand = (wiring: Wiring): Command =>
  new Command('migrate')
    .description(
      'copy a whole database into another, from an SQLite file to PostgreSQL or back, checked row by row; broken off, the same command goes on',
    )
    .argument('<from>', 'the database, which nothing may have open: a file or a URL')
    .argument('<to>', 'a new and empty one')
    .option('--check-only', 'copy nothing; compare the rows of both')
    .option('--json', 'print one line of JSON')
    .action(async (from: string, to: string, { checkOnly = false, json = false }: Flags) => {
      checkDatabase(from, { creates: false })
      checkDatabase(to, { creates: !checkOnly })
      const { onCopied, onChecked, hide } = told(wiring.now)
      const done = await wiring
        .transfer(whereaboutsOf(from), whereaboutsOf(to), { checkOnly, onCopied, onChecked })
        .finally(hide)
      const isSame = done.count === 0 && !done.changed
      if (!isSame) process.exitCode = 1
      if (json) {
        printJson({ from: nameOf(from), to: nameOf(to), same: isSame, ...done })
        return
      }
      tell(done, nameOf(from), nameOf(to))
      if (isSame && !checkOnly) {
        explain(
          'Pictures are not in the database: copy their folder, and name it with --pictures. Serve the new one alone from now on.',
        )
      }
    })

const whereaboutsOf = (database: string): Whereabouts => ({
  ...{ database, isServer: isServer(database), name: nameOf(database) },
})

/** How far it is, in two parts. */
function told(now: () => number) {
  let progress: Progress | undefined
  let step: string | undefined

  /** The progress of the part that is under way. */
  function of(current: string, from: number): Progress {
    if (progress === undefined || current !== step) {
      progress?.hide()
      progress = progressTo(process.stderr, { now, noun: 'rows', from })
      progress.tell(current)
      step = current
    }
    return progress
  }

  return {
    onCopied: (rows: number, all: number, before: number) =>
      of('copying …', before / all).at(rows / all, rows - before),
    onChecked: (rows: number, all: number) => of('checking …', 0).at(rows / all, rows),
    hide: () => progress?.hide(),
  }
}

function tell({ tables, count, differences, changed }: Transferred, from: string, to: string) {
  const rows = tables.map((one) => [
    ...[one.table, String(one.from.rows), String(one.to.rows)],
    one.from.checksum.slice(0, 16),
    one.from.checksum === one.to.checksum ? 'the same' : one.to.checksum.slice(0, 16),
  ])
  print(table(['TABLE', 'ROWS', 'COPIED', 'CHECKSUM', 'OF THE COPY'], rows))
  if (count > 0) {
    print(`\n${count} differences${count > differences.length ? ', the first of them:' : ':'}`)
    print(
      table(
        ['TABLE', 'KEY', 'WHAT'],
        differences.map((one) => [one.table, one.key, one.what]),
      ),
    )
  }
  if (changed) {
    throw new UsageError(
      `${from} was written to meanwhile. End what has it open, and begin again with a new and empty database`,
    )
  }
  if (count > 0) throw new UsageError(`${to} does not hold what ${from} holds`)
  print(`${to} holds what ${from} holds.`)
}
