import type { Writable } from 'node:stream'

/** Something the user of the command can mend; shown as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value))

/** Says something beside the result, which has standard output to itself. */
export const explain = (text: string): void => void process.stderr.write(`${text}\n`)

/** On one line, and without anything that a terminal would act upon. */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (sign) =>
    JSON.stringify(sign)
      .slice(1, -1)
      .replace(/\p{Cc}/gu, '?'),
  )

/** Rows under headings, each column as wide as its widest cell, each cell {@link printable}. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows].map((row) => row.map(printable))
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  )
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'cyan'
const codes: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 }

/** `text` in a style on a terminal, and as it is anywhere else. */
export function styled(style: Style, text: string, stream: Writable = process.stdout): string {
  const colored = 'hasColors' in stream && (stream as NodeJS.WriteStream).hasColors()
  return colored ? `\u001b[${codes[style]}m${text}\u001b[0m` : text
}

const meterWidth = 24

/** How much is done, `part` of 1, as a bar and in per cent; for standard error. */
export function meter(part: number): string {
  const filled = Math.round(part * meterWidth)
  const rest = '░'.repeat(meterWidth - filled)
  return `${styled('cyan', '█'.repeat(filled), process.stderr)}${rest} ${Math.floor(part * 100)} %`
}
