import { isUtf8 } from 'node:buffer'
import { UsageError } from '../output.ts'

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** What ends it; empty for a last line that nothing ends. */
  readonly end: '\n' | '\r\n' | ''
  /** Whether its bytes are UTF-8; where they are not, `text` has U+FFFD. */
  readonly utf8: boolean
  /** Where the next line begins, in bytes from the beginning of the file. */
  readonly until: number
}

/** Where to go on reading a file: so many bytes and so many lines of it are behind. */
export interface Place {
  readonly bytes: number
  readonly lines: number
}

/** The place after a line. */
export const after = ({ number, until }: Line): Place => ({ bytes: until, lines: number })

/** Bytes. A file without line ends would otherwise be read into memory as a whole. */
const longest = 16 * 2 ** 20

const newline = 0x0a
const byteOrderMark = '\ufeff'

/**
 * The lines of `chunks`, split at line feeds alone: U+2028 may stand in JSON as it is, which is why this
 * is not `node:readline`. The chunks begin at `from`. @throws UsageError for UTF-16, and a line that is longer than 16 MiB
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  from: Place = { bytes: 0, lines: 0 },
): AsyncGenerator<Line> {
  let number = from.lines
  let until = from.bytes
  let pending: Buffer[] = []
  let pendingBytes = 0
  const line = (bytes: Buffer, ended: boolean): Line => {
    number += 1
    until += bytes.length + (ended ? 1 : 0)
    return lineFrom(number, bytes, ended, until)
  }

  for await (const chunk of chunks) {
    if (until === 0 && pending.length === 0) refuseUtf16(chunk)
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      const tail = chunk.subarray(from, at)
      yield line(pending.length > 0 ? Buffer.concat([...pending, tail]) : tail, true)
      pending = []
      pendingBytes = 0
      from = at + 1
    }
    if (from < chunk.length) pending.push(chunk.subarray(from))
    pendingBytes += chunk.length - from
    if (pendingBytes > longest) {
      throw new UsageError(`Line ${number + 1} is longer than 16 MiB; is it a text file at all?`)
    }
  }
  if (pendingBytes > 0) yield line(Buffer.concat(pending), false)
}

function refuseUtf16(beginning: Buffer): void {
  const mark = beginning.subarray(0, 2).toString('hex')
  if (mark === 'fffe' || mark === 'feff') {
    throw new UsageError('The file is in UTF-16; save it as UTF-8')
  }
}

function lineFrom(number: number, bytes: Buffer, ended: boolean, until: number): Line {
  const whole = bytes.toString('utf8')
  const returned = whole.endsWith('\r')
  const from = number === 1 && whole.startsWith(byteOrderMark) ? 1 : 0
  return {
    number,
    text: whole.slice(from, returned ? -1 : undefined),
    end: ended ? (returned ? '\r\n' : '\n') : '',
    utf8: isUtf8(bytes),
    until,
  }
}
