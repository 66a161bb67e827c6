// Read this first, then importer.ts: FILE → lines.ts → rows.ts (by columns.ts) → planner.ts → the store.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Command } from 'commander'
import { extensionRulesOf } from '../../dialects/dialect.ts'
import type { Store } from '../../directory/ports.ts'
import { findOrganization } from '../organizations.ts'
import { print, printJson, UsageError } from '../output.ts'
import { inStore } from '../store.ts'
import type { Wiring } from '../wiring.ts'
import { importRows, inWords, type Tally } from './importer.ts'
import { linesOf } from './lines.ts'
import { type Progress, progressTo } from './progress.ts'
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
  inStore(wiring, new Command('import'), async (store, { args: [file = ''], flags, json }) => {
    const { org, dryRun = false, ignore = [] } = flags as ImportFlags
    const tally = await importFile(file, {
      ...{ wiring, store, org, dryRun, json },
      ignored: ignoredIn(ignore),
    })
    if (json) printJson({ file, dryRun, ...tally })
    else print(summary(tally, dryRun))
    if (tally.rejected + tally.incomplete > 0) process.exitCode = partly
  })
    .description('create and change people from a file; docs/import.md tells of the columns')
    .argument('<file>', 'a .csv or .jsonl file')
    .option('--org <name-or-id>', 'the organization, where there are several')
    .option(
      '--ignore <columns>',
      'columns of the file to leave out, parted by commas; may be repeated',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--dry-run', 'write nothing, and say what would be created and changed')

interface ImportFlags {
  readonly org?: string
  readonly dryRun?: boolean
  readonly ignore?: readonly string[]
}

interface FileParts {
  readonly wiring: Wiring
  readonly store: Store
  readonly org: string | undefined
  readonly dryRun: boolean
  readonly json: boolean
  readonly ignored: Ignored
}

async function importFile(file: string, parts: FileParts): Promise<Tally> {
  const { wiring, store, dryRun, json, ignored } = parts
  const reader = readers[extname(file).toLowerCase()]
  if (!reader) {
    throw new UsageError(
      `"${file}" can not be imported: its name ends neither in .csv nor in .jsonl, which are what is read`,
    )
  }
  const organization = await findOrganization(store, parts.org)
  const { size, regular } = await measured(file)
  if (regular) await reader.check(linesOf(bytesOf(file)), ignored)

  const progress = progressTo(process.stderr, size, wiring.now)
  let bytes = 0
  const lines = linesOf(
    bytesOf(file, (more) => {
      bytes += more
    }),
  )
  const tell = (line: string) => sayTo(progress, json, line)
  try {
    return await importRows(
      counted(reader.rows(lines, ignored), (rows) => progress.at(bytes, rows)),
      {
        store,
        organization,
        now: wiring.now,
        extensions: extensionRulesOf(wiring.dialects),
        dryRun,
        events: {
          problem: (problem) => progress.tell(inWords(problem)),
          committed: (rows) => tell(`committed ${rows}`),
          would: ({ outcome, person, fields }) =>
            tell(`would ${verbs[outcome]} ${person.userName}: ${fields.join(', ')}`),
        },
      },
    )
  } finally {
    progress.hide()
  }
}

const verbs = { created: 'create', changed: 'change', unchanged: 'leave' } as const

const nothing = async () => {}
const readers: Readonly<Record<string, Reader>> = {
  // The header is read before the first row in any case.
  '.csv': { rows: csvRows, check: nothing },
  '.jsonl': { rows: jsonRows, check: refuseUnknownKeys },
}

interface Reader {
  readonly rows: (lines: ReturnType<typeof linesOf>, ignored: Ignored) => AsyncIterable<ReadRow>
  /** Looks through the whole file for what must stop the import before anything is written. */
  readonly check: (lines: ReturnType<typeof linesOf>, ignored: Ignored) => Promise<void>
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

/** The file's bytes as they are read; `onRead` is told of each piece. */
async function* bytesOf(file: string, onRead: (bytes: number) => void = () => {}) {
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      onRead(chunk.length)
      yield chunk
    }
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const why = error.code === 'ENOENT' ? 'there is no such file' : error.message
  return new UsageError(`"${file}" can not be read: ${why}`)
}

async function* counted(rows: AsyncIterable<ReadRow>, onRow: (rows: number) => void) {
  let count = 0
  for await (const row of rows) {
    yield row
    count += 1
    onRow(count)
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

function summary({ created, changed, unchanged, rejected, incomplete }: Tally, dryRun: boolean) {
  const counts = `${created} created, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected`
  const without = incomplete > 0 ? `, ${incomplete} without their manager` : ''
  return `${dryRun ? 'Nothing was written. It would be: ' : ''}${counts}${without}`
}
