import { Failure } from '../../failure.ts'
import { UsageError } from '../output.ts'
import { type Column, columnOf } from './columns.ts'
import { csvRecords } from './csv.ts'
import type { Line } from './lines.ts'

/** What one record of a file says, cell by cell; an empty CSV cell says nothing, so it is not there. */
export interface Row {
  readonly line: number
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly column: Column
  /** What the file calls the column. */
  readonly label: string
  /** A text, or from JSON anything; `null` removes. */
  readonly value: unknown
}

/** Why a row, or one value of it, could not be taken. */
export interface Problem {
  readonly line: number
  readonly label?: string
  readonly reason: string
}

/** A row, or why it could not be read. */
export type ReadRow = Row | Problem

const notUtf8 = 'holds bytes that are not UTF-8; save the file as UTF-8'

/** The rows of a CSV file. @throws UsageError before the first row when the header is not understood */
export async function* csvRows(lines: AsyncIterable<Line>): AsyncGenerator<ReadRow> {
  let header: readonly Heading[] | undefined
  for await (const record of csvRecords(lines)) {
    if ('problem' in record) {
      if (!header) throw new UsageError(`Line ${record.line}: ${record.problem}`)
      yield { line: record.line, reason: record.problem }
    } else if (!header) {
      header = headingsOf(record.cells, record.line)
    } else {
      yield rowOf(record, header)
    }
  }
  if (!header) throw new UsageError('The file is empty; its first line names the columns')
}

type Heading = Pick<Cell, 'column' | 'label'>

function headingsOf(labels: readonly string[], line: number): readonly Heading[] {
  const problems: string[] = []
  const headings = labels.flatMap((label, at) => {
    const heading = headingOf(label || undefined, at)
    if (typeof heading !== 'string') return [heading]
    problems.push(heading)
    return []
  })
  problems.push(...twins(headings))
  const [label = '', another] = labels
  if (problems.length > 0 && another === undefined && /[;\t|]/.test(label)) {
    problems.unshift('there is only one column; cells must be parted by commas')
  }
  if (problems.length > 0) throw new UsageError(`Line ${line}: ${problems.join('\n  ')}`)
  return headings
}

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

function rowOf(
  { line, cells, utf8 }: { line: number; cells: readonly string[]; utf8: boolean },
  header: readonly Heading[],
): ReadRow {
  if (cells.length !== header.length) {
    return { line, reason: `has ${count(cells)}, but the header has ${count(header)}` }
  }
  if (!utf8) {
    const label = header.find((_, at) => cells[at]?.includes('\ufffd'))?.label
    return { line, reason: notUtf8, ...(label !== undefined && { label }) }
  }
  return {
    line,
    cells: header.flatMap((heading, at) => {
      const value = cells[at] ?? ''
      return value.trim() === '' ? [] : [{ ...heading, value }]
    }),
  }
}

const count = (cells: readonly unknown[]): string =>
  cells.length === 1 ? '1 cell' : `${cells.length} cells`

/** The rows of a JSON Lines file: an object a line. */
export async function* jsonRows(lines: AsyncIterable<Line>): AsyncGenerator<ReadRow> {
  for await (const line of lines) {
    if (line.text.trim() !== '') yield jsonRow(line)
  }
}

function jsonRow({ number: line, text, utf8 }: Line): ReadRow {
  if (!utf8) return { line, reason: notUtf8 }
  const object = parsed(text)
  if (typeof object === 'string') return { line, reason: object }
  const cells: Cell[] = []
  for (const [label, value] of Object.entries(object)) {
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
export async function refuseUnknownKeys(lines: AsyncIterable<Line>): Promise<void> {
  const seen = new Set<string>()
  const problems: string[] = []
  for await (const { number, text } of lines) {
    const object = text.trim() === '' ? '' : parsed(text)
    const fresh =
      typeof object === 'string' ? [] : Object.keys(object).filter((key) => !seen.has(key))
    for (const label of fresh) {
      seen.add(label)
      const heading = headingOf(label || undefined, 0)
      if (typeof heading === 'string') problems.push(`Line ${number}: ${heading}`)
    }
  }
  if (problems.length > 0) throw new UsageError(problems.slice(0, 20).join('\n  '))
}
