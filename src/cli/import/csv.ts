import { after, type Line, type Place } from './lines.ts'

/** One record of a CSV file, or why there is none to be had. */
export type CsvRecord = CsvCells | CsvProblem

export interface CsvCells {
  /** Where it begins. */
  readonly line: number
  readonly cells: readonly string[]
  readonly utf8: boolean
  /** After it. */
  readonly until: Place
}

export interface CsvProblem {
  readonly line: number
  readonly problem: string
  readonly until: Place
}

/** Characters. A quote that is not closed within so many was forgotten. */
const longestRecord = 2 ** 20

/**
 * The records of a CSV file (RFC 4180), empty lines left out. Blanks around a cell do not count unless they
 * are quoted; a quote inside an unquoted cell is a quote.
 *
 * Written here since `csv-parse` counts a CRLF inside quotes as two lines, and after a misplaced quote gives
 * up on lines that it does not name.
 */
export async function* csvRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  const source = lookingAhead(lines)
  for (let first = await source.next(); first; first = await source.next()) {
    if (first.text.trim() !== '') yield await readRecord(first, source)
  }
}

interface Source {
  next(): Promise<Line | undefined>
  /** Puts lines back, to be read again. */
  giveBack(lines: readonly Line[]): void
}

function lookingAhead(lines: AsyncIterable<Line>): Source {
  const iterator = lines[Symbol.asyncIterator]()
  let returned: readonly Line[] = []
  return {
    async next() {
      const [line, ...rest] = returned
      if (line) {
        returned = rest
        return line
      }
      const { done, value } = await iterator.next()
      return done ? undefined : value
    },
    giveBack(lines) {
      returned = [...lines, ...returned]
    },
  }
}

/** Reads a record that begins with `first`, and as many lines more as its quotes go on for. */
async function readRecord(first: Line, source: Source): Promise<CsvRecord> {
  const further: Line[] = []
  let { text, end } = first
  let reading = readCells(text)
  while ('open' in reading) {
    const next = text.length > longestRecord ? undefined : await source.next()
    if (!next) {
      // Whatever was read in search of the end is records of its own, not to be lost with this one.
      source.giveBack(further)
      return {
        line: first.number,
        until: after(first),
        problem: `the quote that opens cell ${reading.open} is never closed; a cell that begins with " ends with ", and a quote inside it is written ""`,
      }
    }
    further.push(next)
    text += end + next.text
    end = next.end
    if (next.text.includes(quote)) reading = readCells(text)
  }
  const until = after(further.at(-1) ?? first)
  if ('stray' in reading) {
    return { line: first.number, until, problem: strayQuote(reading.stray, further) }
  }
  return {
    line: first.number,
    until,
    cells: reading.cells,
    utf8: first.utf8 && further.every((line) => line.utf8),
  }
}

function strayQuote(cell: number, further: readonly Line[]): string {
  const last = further.at(-1)
  const skipped = last ? `; nothing up to line ${last.number} could be read` : ''
  return `something follows the closing quote of cell ${cell}; a quote inside a quoted cell is written ""${skipped}`
}

const quote = '"'

/** The cells; or the number of the one whose quotes are still open, or that goes on after its quotes. */
type Reading =
  | { readonly cells: readonly string[] }
  | { readonly open: number }
  | { readonly stray: number }

function readCells(text: string): Reading {
  const cells: string[] = []
  let at = 0
  for (;;) {
    const begin = skipBlanks(text, at)
    if (text[begin] !== quote) {
      const comma = text.indexOf(',', at)
      cells.push(text.slice(at, comma < 0 ? undefined : comma).trim())
      if (comma < 0) return { cells }
      at = comma + 1
      continue
    }
    const close = closingQuote(text, begin + 1)
    if (close < 0) return { open: cells.length + 1 }
    cells.push(text.slice(begin + 1, close).replaceAll('""', quote))
    const after = skipBlanks(text, close + 1)
    if (after === text.length) return { cells }
    if (text[after] !== ',') return { stray: cells.length }
    at = after + 1
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at += 1
  return at
}

/** Where the quotes that were opened before `from` close; negative when they do not. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(quote, from)
  while (at >= 0 && text[at + 1] === quote) at = text.indexOf(quote, at + 2)
  return at
}
