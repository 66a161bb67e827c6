import { meter } from './output.ts'

/**
 * How far a long work has come: on a terminal a bar that stays in the last line, elsewhere a line every few
 * seconds.
 */
export interface Progress {
  /** So much of the whole is done, from 0 to 1 if that is known, and so many rows of this run. */
  at(part: number | undefined, rows: number): void
  /** Writes a line to standard error, above the bar. */
  tell(line: string): void
  /** Takes the bar away for what is written in between, or for good. */
  hide(): void
}

/** Milliseconds between two pictures of the bar, and between two lines elsewhere. */
const drawn = 100
const told = 5_000

export interface ProgressParts {
  /** Milliseconds. */
  readonly now: () => number
  /** What is counted. */
  readonly noun: string
  /** How much of the whole was done before this run. */
  readonly from?: number
}

export function progressTo(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  { now, noun, from = 0 }: ProgressParts,
): Progress {
  const started = now()
  const interval = stream.isTTY ? drawn : told
  let shown = false
  // The first line comes after a while: most works are done by then.
  let last = stream.isTTY ? Number.NEGATIVE_INFINITY : started

  function hide(): void {
    if (shown) stream.write('\r\u001b[K')
    shown = false
  }

  return {
    at(part, rows) {
      const time = now()
      if (time - last < interval) return
      last = time
      const pace = paceOf({ part, from, rows, seconds: (time - started) / 1000, noun })
      if (stream.isTTY) stream.write(`\r${bar(part)}${pace}\u001b[K`)
      else stream.write(`${percent(part)}${pace}\n`)
      shown = stream.isTTY
    },
    tell(line) {
      hide()
      stream.write(`${line}\n`)
    },
    hide,
  }
}

const within = (part: number): number => Math.min(1, Math.max(0, part))

const bar = (part: number | undefined): string =>
  part === undefined ? '' : `${meter(within(part))}  `

const percent = (part: number | undefined): string =>
  part === undefined ? '' : `${Math.floor(within(part) * 100)} %  `

interface Pace {
  readonly part: number | undefined
  readonly from: number
  readonly rows: number
  readonly seconds: number
  readonly noun: string
}

/** How many, how fast, and how long it will take, at the pace of this run. */
export function paceOf({ part, from, rows, seconds, noun }: Pace): string {
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0
  const done = part === undefined ? 0 : within(part) - from
  const left =
    part === undefined || done <= 0 ? '' : `, ${timeOf((seconds * (1 - within(part))) / done)}`
  return `${rows} ${noun}, ${rate} a second${left}`
}

function timeOf(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s left`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s left`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min left`
}
