import { styled } from '../src/cli/output.ts'

/** How far something has come, on standard error: a bar in the last line of a terminal, elsewhere a line every tenth. */
export interface Progress {
  advance(by?: number): void
  /** Writes a line, above the bar. */
  tell(line: string): void
  /** Takes the bar away. */
  end(): void
}

const width = 24
/** Milliseconds between two pictures of the bar. */
const interval = 100

export function progress(label: string, total: number): Progress {
  const stream = process.stderr
  const began = performance.now()
  let done = 0
  let drawn = Number.NEGATIVE_INFINITY
  let tenths = 0

  function hide(): void {
    if (stream.isTTY) stream.write('\r\u001b[K')
  }
  function picture(): string {
    const part = Math.min(1, done / total)
    const filled = Math.round(part * width)
    const seconds = (performance.now() - began) / 1000
    const left = part > 0 ? `, ${Math.round(seconds / part - seconds)} s left` : ''
    const bar = styled('cyan', '█'.repeat(filled), stream) + '░'.repeat(width - filled)
    return `${bar} ${Math.floor(part * 100)} %  ${label}${left}`
  }

  return {
    advance(by = 1) {
      done += by
      if (stream.isTTY) {
        if (performance.now() - drawn < interval) return
        drawn = performance.now()
        stream.write(`\r${picture()}\u001b[K`)
      } else if (Math.floor((done / total) * 10) > tenths) {
        tenths = Math.floor((done / total) * 10)
        stream.write(`${label}: ${tenths * 10} %\n`)
      }
    },
    tell(line) {
      hide()
      stream.write(`${line}\n`)
    },
    end: hide,
  }
}
