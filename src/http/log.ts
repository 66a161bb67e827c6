import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../config.ts'

export type Log = Logger

/**
 * The server's log: JSON lines. It tells routes, never paths or queries; what an error says is scrubbed
 * of keys, e-mail addresses and telephone numbers.
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
  return destination ? pino(options, destination) : pino(options)
}

function tellError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const cause = error.cause instanceof Error ? { cause: tellError(error.cause) } : {}
  // A parser quotes what it could not read, and that may be anybody's record.
  const quotes = error instanceof SyntaxError
  return {
    type: error.name,
    ...('code' in error && { code: error.code }),
    ...('errcode' in error && { errcode: error.errcode }),
    message: quotes ? '' : scrub(error.message),
    stack: scrub(quotes ? (error.stack ?? '').replace(error.message, '') : (error.stack ?? '')),
    ...cause,
  }
}

const scrub = (text: string): string =>
  text
    .replace(/kith_[0-9A-Za-z]+/g, '[key]')
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+/g, '[address]')
    .replace(/\+?\d[\d ().-]{6,}\d/g, '[number]')
