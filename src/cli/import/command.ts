// Read this first, then importer.ts: FILE → lines.ts → rows.ts or cards.ts (by columns.ts) → planner.ts → the store.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Command } from 'commander'
import { extensionRulesOf } from '../../dialects/dialect.ts'
import type { Store } from '../../directory/ports.ts'
import { findOrganization } from '../organizations.ts'
import { explain, print, printJson, UsageError } from '../output.ts'
import { type Progress, progressTo } from '../progress.ts'
import { inStore } from '../store.ts'
import type { Wiring } from '../wiring.ts'
import { cardRows } from './cards.ts'
import { diffJson, diffLines } from './diff.ts'
import { type ImportEvents, importRows, inWords } from './importer.ts'
import type { Tally } from './ledger.ts'
import { type Line, linesOf, type Place } from './lines.ts'
import { journalOf, openJournal, passingJournal } from './resume.ts'
import {
  csvRows,
  type Ignored,
  ignoredIn,
  jsonRows,
  type ReadRow,
  refuseUnknownKeys,
} from './rows.ts'

/** Exit code: some rows, or some values of them, were not taken. The command's own failure is 1. */
const partly = 2

/** `kithd import`. */
export const importCommand = (wiring: Wiring): Command =>
  inStore(
    wiring,
    new Command('import'),
    async (store, { args: [file = ''], flags, json }) => {
      const { org, dryRun = false, ignore = [], resume = false } = flags as ImportFlags
      const tally = await importFile(file, {
        ...{ wiring, store, org, dryRun, json, resume },
        ignored: ignoredIn(ignore),
      })
      if (json) printJson({ file, dryRun, ...tally })
      else print(summary(tally, dryRun))
      if (tally.rejected + tally.incomplete > 0) process.exitCode = partly
    },
    { creates: false, muchToWrite: true },
  )
    .description('create and change people from a file; docs/import.md tells of the columns')
    .argument('<file>', 'a .csv, .jsonl or .vcf file')
    .option('--org <name-or-id>', 'the organization, where there are several')
    .option(
      '--ignore <columns>',
      'columns of the file to leave out, parted by commas; may be repeated',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--dry-run', 'write nothing, and say what would become different')
    .option('--resume', 'go on where an import of the same file was broken off')

interface ImportFlags {
  readonly org?: string
  readonly dryRun?: boolean
  readonly ignore?: readonly string[]
  readonly resume?: boolean
}

interface FileParts {
  readonly wiring: Wiring
  readonly store: Store
  readonly org: string | undefined
  readonly dryRun: boolean
  readonly json: boolean
  readonly resume: boolean
  readonly ignored: Ignored
}

async function importFile(file: string, parts: FileParts): Promise<Tally> {
  const { wiring, store, dryRun, json, ignored, resume } = parts
  const reader = readerOf(file)
  const organization = await findOrganization(store, parts.org)
  const { size, regular } = await measured(file)
  if (resume && dryRun) throw new UsageError('A dry run writes nothing; there is nothing to resume')
  if (resume && !regular) throw new UsageError(`"${file}" can not be resumed: it is no plain file`)

  const journal =
    dryRun || !regular
      ? passingJournal()
      : await openJournal(file, { store, organization, ignored, resume, tell: explain })
  const { ledger } = journal
  const from = ledger.safe?.place
  const already = ledger.safe?.rows ?? 0
  const part = ({ bytes }: Place) => (size > 0 ? bytes / size : undefined)
  const progress = progressTo(process.stderr, {
    ...{ now: wiring.now, noun: 'rows' },
    from: (from && part(from)) ?? 0,
  })
  let through = false
  try {
    if (regular && !from) await reader.check(linesOf(bytesOf(file)), ignored)
    if (already > 0) progress.tell(`resumed after ${already} rows`)
    const rows = counted(rowsOf(file, reader, ignored, from), (place, count) =>
      progress.at(part(place), count),
    )
    const tally = await importRows(rows, {
      ...{ store, organization, dryRun, ledger, now: wiring.now },
      extensions: extensionRulesOf(wiring.dialects),
      events: eventsFor(progress, json),
    })
    through = true
    return tally
  } finally {
    progress.hide()
    if (through) journal.finish()
    else if (journal.leave()) explain(`--resume goes on with it, by ${journalOf(file)}`)
  }
}

function eventsFor(progress: Progress, json: boolean): ImportEvents {
  // On a terminal the bar tells it.
  const tellsBatches = json || !process.stdout.isTTY
  return {
    problem: (problem) => progress.tell(inWords(problem)),
    committed: (rows) => tellsBatches && sayTo(progress, json, `committed ${rows}`),
    would: (plan, line) => {
      progress.hide()
      if (json) printJson(diffJson(plan, line))
      else print(diffLines(plan, line))
    },
  }
}

/** With --json, standard output is for the one line of JSON. */
function sayTo(progress: Progress, json: boolean, line: string): void {
  if (json) {
    progress.tell(line)
  } else {
    progress.hide()
    print(line)
  }
}

type Lines = AsyncIterable<Line>

interface Reader {
  /** Of `lines`; where they are not from the beginning, `head` is. */
  readonly rows: (lines: Lines, ignored: Ignored, head?: Lines) => AsyncIterable<ReadRow>
  /** Looks through the whole file for what must stop the import before anything is written. */
  readonly check: (lines: Lines, ignored: Ignored) => Promise<void>
}

const nothing = async () => {}
const readers: Readonly<Record<string, Reader>> = {
  // The header is read before the first row in any case.
  '.csv': { rows: csvRows, check: nothing },
  '.jsonl': { rows: jsonRows, check: refuseUnknownKeys },
  '.vcf': { rows: cardRows, check: nothing },
}

function readerOf(file: string): Reader {
  const reader = readers[extname(file).toLowerCase()]
  if (reader) return reader
  throw new UsageError(
    `"${file}" can not be imported: its name ends neither in .csv nor in .jsonl nor in .vcf, which are what is read`,
  )
}

function rowsOf(file: string, reader: Reader, ignored: Ignored, from?: Place) {
  const lines = linesOf(bytesOf(file, from?.bytes), from)
  return reader.rows(lines, ignored, from && linesOf(bytesOf(file)))
}

async function measured(file: string): Promise<{ size: number; regular: boolean }> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) throw new UsageError(`"${file}" is a folder; name a file in it`)
    return { size: found.size, regular: found.isFile() }
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** The file's bytes as they are read. */
async function* bytesOf(file: string, start = 0): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, start > 0 ? { start } : {}) as AsyncIterable<Buffer>
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const why = error.code === 'ENOENT' ? 'there is no such file' : error.message
  return new UsageError(`"${file}" can not be read: ${why}`)
}

async function* counted(
  rows: AsyncIterable<ReadRow>,
  onRow: (place: Place, rows: number) => void,
): AsyncGenerator<ReadRow> {
  let count = 0
  for await (const row of rows) {
    yield row
    count += 1
    if (row.until) onRow(row.until, count)
  }
}

function summary({ created, changed, unchanged, rejected, incomplete }: Tally, dryRun: boolean) {
  const counts = `${created} created, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected`
  const without = incomplete > 0 ? `, ${incomplete} not whole` : ''
  return `${dryRun ? 'Nothing was written. It would be: ' : ''}${counts}${without}`
}
