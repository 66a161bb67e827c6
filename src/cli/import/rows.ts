import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import { UsageError } from '../output.ts'
import { type Column, columnOf, headerKey } from './columns.ts'
import { type CsvCells, type CsvRecord, csvRecords } from './csv.ts'
import { unescaped } from './formulas.ts'
import { after, type Line, type Place } from './lines.ts'
import { shown } from './values.ts'

/** What one record of a file says, cell by cell; an empty CSV cell says nothing, so it is not there. */
export interface Row {
  readonly line: number
  readonly cells: readonly Cell[]
  /** After it. */
  readonly until?: Place
  /** Whom it is about, if they are there; before anything else that it says of that. */
  readonly personId?: PersonId
  /** What it says too if nobody has that id. */
  readonly otherwise?: Cell
  /** What of the record could not be taken. */
  readonly leftOut?: readonly Problem[]
  /** A cell that can't be read is left out and told, and the rest of the row is taken. */
  readonly lenient?: boolean
}

export interface Cell {
  readonly column: Column
  /** What the file calls the column. */
  readonly label: string
  /** A text, or from JSON anything; `null` removes. */
  readonly value: unknown
  /** Where it stands, if not in the line where the row begins. */
  readonly line?: number
}

/** Why a row, or one value of it, could not be taken. */
export interface Problem {
  readonly line: number
  readonly label?: string
  readonly reason: string
}

/** A row, or why it could not be read. */
export type ReadRow = Row | UnreadRow

export interface UnreadRow extends Problem {
  readonly until?: Place
}

const notUtf8 = 'holds bytes that are not UTF-8; save the file as UTF-8'

/**
 * The rows of a CSV file. Where its header is not among `lines`, `head` has it.
 * @throws UsageError before the first row when the header is not understood
 */
export async function* csvRows(
  lines: AsyncIterable<Line>,
  ignored: Ignored = nothing,
  head?: AsyncIterable<Line>,
): AsyncGenerator<ReadRow> {
  let header = head && (await headerOf(head, ignored))
  for await (const record of csvRecords(lines)) {
    if (!header) {
      header = headerFrom(record, ignored)
    } else if ('problem' in record) {
      yield { line: record.line, reason: record.problem, until: record.until }
    } else {
      yield rowOf(record, header)
    }
  }
  if (!header) throw new UsageError(empty)
}

const empty = 'The file is empty; its first line names the columns'

async function headerOf(lines: AsyncIterable<Line>, ignored: Ignored): Promise<Header> {
  for await (const record of csvRecords(lines)) return headerFrom(record, ignored)
  throw new UsageError(empty)
}

function headerFrom(record: CsvRecord, ignored: Ignored): Header {
  if ('problem' in record) throw new UsageError(`Line ${record.line}: ${record.problem}`)
  return headingsOf(record.cells.map(unescaped), record.line, ignored)
}

type Heading = Pick<Cell, 'column' | 'label'>

/** What each column of a file is; undefined for one that is left out. */
type Header = readonly (Heading | undefined)[]

/** Headers to leave out, by `headerKey`. */
export type Ignored = ReadonlySet<string>
const nothing: Ignored = new Set()

/** The headers that `--ignore` names, however often it is given: one that may have a comma in it, or several. */
export const ignoredIn = (texts: readonly string[]): Ignored =>
  new Set(texts.flatMap((text) => [text, ...text.split(',')]).map((name) => headerKey(name.trim())))

function headingsOf(labels: readonly string[], line: number, ignored: Ignored): Header {
  const problems: string[] = []
  const unknown: string[] = []
  const headings = labels.map((label, at) => {
    if (label !== '' && ignored.has(headerKey(label))) return undefined
    const heading = headingOf(label || undefined, at)
    if (typeof heading !== 'string') return heading
    problems.push(heading)
    if (label !== '') unknown.push(label)
    return undefined
  })
  problems.push(...twins(headings.filter((heading) => heading !== undefined)))
  problems.push(...wayOut(unknown))
  if (labels.some((label) => label.includes('\r'))) {
    problems.unshift('lines end with CR alone; save the file with LF or CRLF')
  }
  const [label = '', another] = labels
  if (problems.length > 0 && another === undefined && /[;\t|]/.test(label)) {
    problems.unshift('there is only one column; cells must be parted by commas')
  }
  if (problems.length > 0) throw new UsageError(`Line ${line}: ${problems.join('\n  ')}`)
  return headings
}

/** How to go on without the columns that nobody knows. */
const wayOut = (labels: readonly string[]): readonly string[] =>
  labels.length > 0
    ? [
        `${labels.map((label) => `--ignore ${shown(label)}`).join(' ')} leaves out what nobody knows`,
      ]
    : []

function headingOf(label: string | undefined, at: number): Heading | string {
  if (label === undefined) return `column ${at + 1} has no name`
  try {
    return { label, column: columnOf(label) }
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
}

/** What is wrong with headings that mean the same column. */
function twins(headings: readonly Heading[]): readonly string[] {
  const first = new Map<Column, string>()
  return headings.flatMap(({ column, label }) => {
    const twin = first.get(column)
    if (twin === undefined) first.set(column, label)
    return twin === undefined
      ? []
      : [`"${twin}" and "${label}" are both the column "${column.name}"; keep one of them`]
  })
}

function rowOf({ line, cells, utf8, until }: CsvCells, header: Header): ReadRow {
  if (cells.length !== header.length) {
    return { line, until, reason: `has ${count(cells)}, but the header has ${count(header)}` }
  }
  if (!utf8) {
    const label = header.find((one, at) => one && cells[at]?.includes('\ufffd'))?.label
    return { line, until, reason: notUtf8, ...(label !== undefined && { label }) }
  }
  return { line, until, cells: header.flatMap((heading, at) => cellOf(heading, cells[at])) }
}

function cellOf(heading: Heading | undefined, text = ''): readonly Cell[] {
  if (heading === undefined || text.trim() === '') return []
  return [{ column: heading.column, label: heading.label, value: unescaped(text) }]
}

const count = (cells: readonly unknown[]): string =>
  cells.length === 1 ? '1 cell' : `${cells.length} cells`

/** The rows of a JSON Lines file: an object a line. */
export async function* jsonRows(
  lines: AsyncIterable<Line>,
  ignored: Ignored = nothing,
): AsyncGenerator<ReadRow> {
  for await (const line of lines) {
    if (line.text.trim() !== '') yield { ...jsonRow(line, ignored), until: after(line) }
  }
}

function jsonRow({ number: line, text, utf8 }: Line, ignored: Ignored): ReadRow {
  if (!utf8) return { line, reason: notUtf8 }
  const object = parsed(text)
  if (typeof object === 'string') return { line, reason: object }
  const cells: Cell[] = []
  for (const [label, value] of Object.entries(object)) {
    if (ignored.has(headerKey(label))) continue
    const heading = headingOf(label || undefined, cells.length)
    if (typeof heading === 'string') return { line, reason: heading }
    cells.push({ ...heading, value })
  }
  const [twin] = twins(cells)
  if (twin !== undefined) return { line, reason: twin }
  return { line, cells: cells.filter(({ value }) => value !== '') }
}

/** The object that the line spells; in words why it spells none. */
function parsed(text: string): Readonly<Record<string, unknown>> | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `is no JSON: ${error instanceof Error ? error.message : error}`
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : 'is no object such as {"userName":"ada","emails":["ada@example.com"]}'
}

/**
 * Reads a whole JSON Lines file for its keys, since a column that nobody knows must stop the import before
 * anything is written. @throws UsageError that names each of them, and the line where it comes first
 */
export async function refuseUnknownKeys(
  lines: AsyncIterable<Line>,
  ignored: Ignored = nothing,
): Promise<void> {
  const unknown: string[] = []
  const problems: string[] = []
  for await (const { number, label } of keysOf(lines)) {
    if (problems.length === mostUnknown) break
    const heading = headingOf(label || undefined, 0)
    if (typeof heading !== 'string' || ignored.has(headerKey(label))) continue
    problems.push(`Line ${number}: ${heading}`)
    if (label !== '') unknown.push(label)
  }
  if (problems.length === 0) return
  throw new UsageError([...problems, ...wayOut(unknown)].join('\n  '))
}

/** So many are told; there is no end to what may be in a file. */
const mostUnknown = 20

/** Spellings of keys that are remembered not to be looked at again. */
const mostSeen = 10_000

/** Each key of a JSON Lines file, mostly once, with the line where it comes first. */
async function* keysOf(
  lines: AsyncIterable<Line>,
): AsyncGenerator<{ readonly number: number; readonly label: string }> {
  const seen = new Set<string>()
  for await (const { number, text } of lines) {
    const object = text.trim() === '' ? '' : parsed(text)
    if (typeof object === 'string') continue
    for (const label of Object.keys(object)) {
      if (seen.has(label)) continue
      if (seen.size === mostSeen) seen.clear()
      seen.add(label)
      yield { number, label }
    }
  }
}
