import { isIP } from 'node:net'
import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../config.ts'
import { Failure } from '../failure.ts'

export type Log = Logger

/** Standard output is for what commands print. */
const stderr = 2

/** Milliseconds until a line is written out at the latest. */
const longestWait = 200

/** Bytes that are written out at once. A line more still fits what a pipe takes from one of several processes without mixing. */
const piece = 3584

/** pino's number for it. */
const warning = 40

/**
 * The server's log: JSON lines. It tells routes, never paths or queries; an error's words are told only
 * where they can't quote anybody's data, and scrubbed of keys, e-mail addresses and telephone numbers even so.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const stream = destination ?? bufferedTo(stderr)
  return pino(
    {
      level,
      base: null,
      timestamp: isoTime,
      serializers: { err: tellError },
      redact: {
        paths: ['headers', 'body', 'url', '*.headers', '*.url', '*.authorization', '*.cookie'],
        remove: true,
      },
      hooks: {
        logMethod(args, method, severity) {
          method.apply(this, args)
          // What matters most may be what was said last.
          if (severity >= warning && 'flush' in stream) (stream as Buffered).flush()
        },
      },
    },
    stream,
  )
}

/** For the lines of requests: their fields are words of ours and have nothing to be redacted, which costs more than the rest. */
export const requestLog = (log: Log): Log => log.child({}, { redact: [] })

type Buffered = ReturnType<typeof pino.destination>

/**
 * Writing out each line costs as much as answering a request. A few are written at a time, by this thread: handing
 * them to another costs more than the writing.
 */
function bufferedTo(descriptor: number): Buffered {
  const options = { dest: descriptor, sync: true, minLength: piece, periodicFlush: longestWait }
  const stream = pino.destination(options)
  // Not `flushSync`, which tries for ever where nobody reads any more.
  process.once('exit', () => stream.flush())
  return stream
}

let lastTime = 0
let lastText = ''

/** Many lines have the same millisecond. */
function isoTime(): string {
  const now = Date.now()
  if (now !== lastTime) {
    lastTime = now
    lastText = `,"time":"${new Date(now).toISOString()}"`
  }
  return lastText
}

function tellError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  return {
    type: error.name,
    ...('code' in error && { code: error.code }),
    ...('errcode' in error && { errcode: error.errcode }),
    ...(speaksPlainly(error) && { message: scrub(error.message) }),
    frames: (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line)),
    ...(error.cause instanceof Error && { cause: tellError(error.cause) }),
  }
}

/**
 * Whether the message is in words of the engine's, the system's or our own. Any other error may quote what it
 * choked on, and that may be anybody's record; where it was thrown says enough.
 */
const speaksPlainly = (error: Error): boolean =>
  error instanceof Failure ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof ReferenceError ||
  'code' in error

const scrub = (text: string): string =>
  text
    .replace(/kitht?_[\w.-]+/g, '[key]')
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+/g, '[address]')
    .replace(/\+?\d[\d ().-]{6,}\d/g, '[number]')

export const unknownNetwork = 'unknown'

/** The network that an address is in, /24 or /48: enough to see where load comes from, too little to tell who. */
export function networkOf(address: string): string {
  // A trusted proxy passes on what it was sent, and that may be anything.
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1')
  if (isIP(bare) === 0) return unknownNetwork
  const [, v4] = /(?:^|:)(\d+\.\d+\.\d+)\.\d+$/.exec(bare) ?? []
  if (v4 !== undefined) return `${v4}.0/24`
  const [head = ''] = bare.split('::')
  return `${head.split(':').slice(0, 3).join(':')}::/48`
}
