import { isIP } from 'node:net'
import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../config.ts'
import { Failure } from '../failure.ts'

/** What is told of a request. */
export interface RequestLine {
  readonly requestId: string
  readonly dialect: string | undefined
  /** The route's pattern. */
  readonly route: string | undefined
  /** The network that it came from. */
  readonly client: string
  readonly method: string
  readonly status: number
  /** How long it took, in milliseconds. */
  readonly ms: number
}

export interface Log extends Logger {
  /** Tells of a request, at the level of information. */
  readonly request: (line: RequestLine) => void
}

export interface LogParts {
  /** Which of several processes it is. */
  readonly worker?: number
  /** In place of standard error. */
  readonly destination?: DestinationStream
}

/** Standard output is for what commands print. */
const stderr = 2

/** Milliseconds until a line is written out at the latest. */
const longestWait = 200

/** Characters that are written out at once. */
const piece = 3584

/** Bytes that a pipe takes from one of several processes without mixing; lines hold hardly a letter of two bytes. */
const unmixed = 4096

/** Bytes that wait where the log can not be written, since its disk is full; what is more is lost. */
const mostHeld = 1_048_576

const { info, warn } = pino.levels.values as { info: number; warn: number }

/**
 * The server's log: JSON lines. It tells routes, never paths or queries; an error's words are told only
 * where they can't quote anybody's data, and scrubbed of keys, e-mail addresses and telephone numbers even so.
 */
export function createLog(level: LogLevel, { worker, destination }: LogParts = {}): Log {
  const stream = destination ?? bufferedTo(stderr)
  const base = worker === undefined ? null : { worker }
  const log = pino(
    {
      level,
      base,
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
          if (severity >= warn && 'flush' in stream) (stream as Buffered).flush()
        },
      },
    },
    stream,
  )
  const isTold = log.isLevelEnabled('info')
  return Object.assign(log, { request: isTold ? requestLines(stream, worker) : () => {} })
}

/**
 * Lines as pino would write them, at a fifth of what they cost there: their fields are always the same, and but for the
 * number they are words of ours, a few of them, which take no thinking about each time.
 */
function requestLines(stream: DestinationStream, worker?: number): Log['request'] {
  const texts = new Map<string, string>()
  function inJson(text: string): string {
    const known = texts.get(text)
    if (known !== undefined) return known
    const json = JSON.stringify(text)
    if (texts.size < mostTexts) texts.set(text, json)
    return json
  }
  const start = `{"level":${info}`
  const own = `${worker === undefined ? '' : `,"worker":${worker}`},"requestId":"`
  return ({ requestId, dialect, route, client, method, status, ms }) => {
    let line = `${start}${isoTime()}${own}${requestId}"`
    if (dialect) line += `,"dialect":${inJson(dialect)}`
    if (route) line += `,"route":${inJson(route)}`
    line += `,"client":${inJson(client)},"method":${inJson(method)}`
    stream.write(`${line},"status":${status},"ms":${ms}}\n`)
  }
}

const mostTexts = 10_000

interface Buffered extends DestinationStream {
  /** Writes out all that was not yet. */
  flush(): void
}

/**
 * Writing out each line costs as much as answering a request. A few are written at a time, by this thread: handing
 * them to another costs more than the writing. They are put together here, since the stream measures each line it is given, and
 * all that it has, in bytes.
 */
function bufferedTo(descriptor: number): Buffered {
  const stream = pino.destination({ dest: descriptor, sync: true, maxLength: mostHeld })
  // A log that can't be written, since its disk is full, is no reason to end.
  stream.on('error', () => {})
  let held = ''
  function flush(): void {
    const text = held
    held = ''
    if (text !== '') stream.write(text)
  }
  setInterval(flush, longestWait).unref()
  // Not `flushSync` of the stream, which tries for ever where nobody reads any more.
  process.once('exit', flush)
  return {
    write(line) {
      if (held.length + line.length > unmixed) flush()
      held += line
      if (held.length >= piece) flush()
    },
    flush,
  }
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
