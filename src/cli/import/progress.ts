import { meter } from '../output.ts'

/** How far an import has come. On a terminal a bar that stays in the last line; elsewhere nothing but what is told. */
export interface Progress {
  /** So many bytes of the file were read, and so many rows of it. */
  at(bytes: number, rows: number): void
  /** Writes a line to standard error, above the bar. */
  tell(line: string): void
  /** Takes the bar away for what is written in between, or for good. */
  hide(): void
}

/** Milliseconds between two pictures of the bar. */
const interval = 100

export function progressTo(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  total: number,
  now: () => number,
): Progress {
  const started = now()
  let drawn = false
  let last = Number.NEGATIVE_INFINITY

  function hide(): void {
    if (drawn) stream.write('\r\u001b[K')
    drawn = false
  }

  return {
    at(bytes, rows) {
      if (!stream.isTTY || total === 0 || now() - last < interval) return
      last = now()
      drawn = true
      stream.write(`\r${bar(bytes / total, rows, (now() - started) / 1000)}\u001b[K`)
    },
    tell(line) {
      hide()
      stream.write(`${line}\n`)
    },
    hide,
  }
}

/** `seconds` have gone by. */
export function bar(part: number, rows: number, seconds: number): string {
  const done = Math.min(1, Math.max(0, part))
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0
  const left = done > 0 ? Math.round(seconds / done - seconds) : undefined
  const remaining = left === undefined ? '' : `, ${left} s left`
  return `${meter(done)}  ${rows} rows, ${rate} a second${remaining}`
}
