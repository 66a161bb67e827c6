import { isIP } from 'node:net'
import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../config.ts'
import { Failure } from '../failure.ts'

export type Log = Logger

/** Standard output is for what commands print. */
const stderr = 2

/**
 * The server's log: JSON lines. It tells routes, never paths or queries; an error's words are told only
 * where they can't quote anybody's data, and scrubbed of keys, e-mail addresses and telephone numbers even so.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: tellError },
    redact: {
      paths: ['headers', 'body', 'url', '*.headers', '*.url', '*.authorization', '*.cookie'],
      remove: true,
    },
  }
  return pino(options, destination ?? pino.destination(stderr))
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
    .replace(/kith_[0-9A-Za-z]+/g, '[key]')
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+/g, '[address]')
    .replace(/\+?\d[\d ().-]{6,}\d/g, '[number]')

/** The network that an address is in, /24 or /48: enough to see where load comes from, too little to tell who. */
export function networkOf(address: string): string {
  // A trusted proxy passes on what it was sent, and that may be anything.
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1')
  if (isIP(bare) === 0) return 'unknown'
  const [, v4] = /(?:^|:)(\d+\.\d+\.\d+)\.\d+$/.exec(bare) ?? []
  if (v4 !== undefined) return `${v4}.0/24`
  const [head = ''] = bare.split('::')
  return `${head.split(':').slice(0, 3).join(':')}::/48`
}
