import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Door } from '../access/identify.ts'
import type { Seal } from '../access/seal.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { OpenDirectory } from '../directory/directory.ts'
import type { Verbs } from '../directory/verbs.ts'
import type { Watch } from '../footprint/stamps.ts'
import { type Answered, createAnswer, type Said } from './answer.ts'
import { asideFor } from './aside.ts'
import { longestStall, watchBacklog } from './backlog.ts'
import { clientsBehind } from './client.ts'
import { isKnown } from './conditional.ts'
import { corsFor } from './cors.ts'
import { Gate, type Limits } from './gate.ts'
import { type Asking, askingReader } from './headers.ts'
import { keptAnswers } from './kept.ts'
import type { Log, RequestLine } from './log.ts'
import { createRepeats, isBare } from './repeats.ts'
import type { Shelf } from './shelf.ts'

export interface AppParts {
  readonly dialects: readonly Dialect[]
  /** Answers for every path that no dialect claims. */
  readonly fallback: Dialect
  readonly directory: OpenDirectory
  readonly verbs: Verbs
  readonly door: Door
  readonly watch: Watch
  readonly seal: Seal
  /** By dialect. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  /** Absolute addresses begin with it, whatever a request's `Host` or `X-Forwarded-*` say. No slash at the end. */
  readonly publicUrl: () => string
  /** Addresses or networks whose `X-Forwarded-For` is believed, by the log and by the limit of failures. */
  readonly trustedProxies: readonly string[]
  readonly limits: Limits
  /** The origins whose pages may ask with a key in a header; `*` for any. */
  readonly corsOrigins: readonly string[]
  /** The document that describes a dialect, in JSON. Asked for once. */
  readonly describe: (dialect: Dialect) => unknown
  /** Fixed answers at fixed paths, by path. */
  readonly pages: ReadonlyMap<string, Page>
  /** Bytes of memory for finished answers; 0 for none. */
  readonly cacheSize: number
  /** For those that had to make room in memory. Closed with the server. */
  readonly shelf?: Shelf
  /** Resolves when the server can answer from its store. */
  readonly ready: () => Promise<void>
  readonly now: () => number
  readonly log: Log
}

export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const longestHead = 32_768

/** The only room that knows a web framework, and all it asks of it is the server around one handler. */
export function createApp(parts: AppParts): FastifyInstance {
  let closing = false
  let inFlight = 0
  const { watch, cacheSize, shelf } = parts
  const kept = cacheSize > 0 ? keptAnswers(watch, cacheSize, shelf) : undefined
  const repeats = createRepeats(watch)
  const askingOf = askingReader([...parts.dialects, parts.fallback])
  const clients = clientsBehind(parts.trustedProxies)
  const cors = corsFor(parts.corsOrigins)
  const gate = new Gate(parts.limits, parts.now)
  const asideOf = asideFor([...parts.dialects, parts.fallback], cors, parts.now)
  const sockets = new Set<Socket>()
  const endWatch = watchBacklog(sockets)
  /** The requests at whose beginning nobody could tell what had changed, and why. */
  const blind = new WeakMap<IncomingMessage, unknown>()
  const answer = createAnswer(parts, {
    ...{ gate, cors, asideOf, sourceOf: clients.source },
    open: () => !closing,
    blindness: (raw) => blind.get(raw),
  })
  let lastId = 0
  function nextId(): string {
    lastId += 1
    return `req-${lastId.toString(36)}`
  }

  const loggerInstance: FastifyBaseLogger = parts.log
  const app = fastify({
    loggerInstance,
    // Its own lines tell the path, and a path tells of people.
    logController: new fastify.LogController({ disableRequestLogging: true }),
    // One for each request would compile its redactions anew.
    childLoggerFactory: (logger) => logger,
    genReqId: nextId,
    // The dialects' paths, good and bad, are ours to tell apart: two of them share a beginning, and what
    // the framework refuses it refuses in its own words. `originalUrl` keeps what was asked.
    rewriteUrl: () => '/',
    return503OnClosing: false,
    // In front of the framework: what is finished already has no need of it.
    serverFactory(handler) {
      const heed = (raw: IncomingMessage, response: ServerResponse) => {
        // Whoever asks for much at once and reads none of it has one answer held, and no other made yet.
        if (response.socket === null) {
          response.once('socket', () => heed(raw, response))
          return
        }
        const started = performance.now()
        const isDone =
          looked(raw) &&
          !closing &&
          (answeredFromKept(raw, response, started) || didAgain(raw, response, started))
        if (!isDone) handler(raw, response)
      }
      const server = createServer({ maxHeaderSize: longestHead }, heed)
      server.setTimeout(longestStall)
      // Expectations that nobody knows are no reason not to answer (RFC 9110 §10.1.1).
      server.on('checkExpectation', heed)
      server.on('connection', (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      // Before a path is known there is no dialect to say it in.
      return server.on('clientError', (error, socket) => {
        if (!socket.writable) return
        const status = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
        const reason = status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'
        socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      })
    },
  })

  /** Answers a request with bytes that are finished and stand; false when there are none. */
  function answeredFromKept(
    raw: IncomingMessage,
    response: ServerResponse,
    started: number,
  ): boolean {
    if (!kept || raw.method !== 'GET') return false
    const { asked, ifNoneMatch } = askingOf(raw)
    const found = asked === undefined ? asked : kept.find(raw.url ?? '', asked, parts.now())
    if (!found) return false
    const { shape, etag, length, keyId } = found
    const count = gate.count(shape.dialect, keyId)
    // Whoever has to wait is told so in the dialect's words.
    if (count && count.wait > 0) return false
    parts.door.use(keyId)
    const aside = asideOf(raw, shape.dialect, count)
    const unmodified = isKnown(ifNoneMatch, etag)
    if (unmodified) {
      response.writeHead(304, [...shape.unmodified, ...aside, 'etag', etag]).end()
    } else {
      const size = String(length)
      const headers = [...shape.headers, ...aside, 'etag', etag, 'content-length', size]
      response.writeHead(200, headers).end(kept.bytesOf(found), 'latin1')
    }
    tell(raw, shape, unmodified ? 304 : 200, started)
    return true
  }

  /** Does what a caller did before and does again in the same words; false where the whole way has to be gone. */
  function didAgain(raw: IncomingMessage, response: ServerResponse, started: number): boolean {
    if (raw.method !== 'POST' || !isBare(raw)) return false
    const { asked } = askingOf(raw)
    const found = asked === undefined ? asked : repeats.find(raw.url ?? '', asked, parts.now())
    if (!found) return false
    const { dialect, viewer, again, status, headers } = found
    const count = gate.count(dialect, viewer.keyId)
    if (count && count.wait > 0) return false
    if (!again(viewer)) {
      gate.discount(dialect, viewer.keyId)
      return false
    }
    parts.door.use(viewer.keyId)
    response.writeHead(status, [...headers, ...asideOf(raw, dialect, count)]).end()
    tell(raw, found, status, started)
    return true
  }

  /**
   * Takes notice of what was written, once for each request: its last bytes may have come after the commit that they
   * must not be answered without. False when the store can't tell, which the answer will say.
   */
  function looked(raw: IncomingMessage): boolean {
    try {
      parts.watch.look()
      return true
    } catch (error) {
      blind.set(raw, error)
      return false
    }
  }

  function tell(
    raw: IncomingMessage,
    { dialect, route }: Pick<RequestLine, 'dialect' | 'route'>,
    status: number,
    started: number,
    requestId = nextId(),
  ): void {
    parts.log.request({
      requestId,
      dialect,
      route,
      client: clients.network(raw),
      method: raw.method ?? '',
      status,
      ms: Math.round((performance.now() - started) * 1000) / 1000,
    })
  }

  // Before the framework looks at anything: what it refuses (a method it wants a body for, a body of a type
  // that it does not know), it refuses in its own words.
  app.addHook('onRequest', (request, reply) => {
    const started = performance.now()
    const { raw, originalUrl, id } = request
    const response = reply.raw
    reply.hijack()
    inFlight += 1
    response.once('close', () => {
      inFlight -= 1
      if (closing && inFlight === 0) hangUp()
    })
    const asking = askingOf(raw)
    answer(raw, originalUrl, asking, id)
      .then((answered) => give(raw, response, originalUrl, asking, answered, started, id))
      .catch((err: unknown) => {
        parts.log.error({ requestId: id, err }, 'an answer could not be sent')
        response.destroy()
      })
  })

  /** Sends an answer and keeps it, if it may be given again. */
  function give(
    raw: IncomingMessage,
    response: ServerResponse,
    target: string,
    { asked, ifNoneMatch }: Asking,
    { said, keepable, repeat, dialect, route, aside = [] }: Answered,
    started: number,
    requestId: string,
  ): void {
    // On a write the condition would be about what is written to (RFC 9110 §13.1.2); no dialect has that.
    const known = raw.method === 'GET' || raw.method === 'HEAD' ? ifNoneMatch : undefined
    const status = send(response, said, aside, known, closing)
    tell(raw, { dialect, route }, status, started, requestId)
    const { body, etag } = said
    const finished = said.status === 200 && body && etag && dialect && route
    if (kept && keepable && finished && asked !== undefined) {
      kept.keep(target, asked, { ...said, ...keepable, body, etag, dialect, route })
    }
    if (
      repeat &&
      !body &&
      said.status < 300 &&
      dialect &&
      route &&
      asked !== undefined &&
      isBare(raw)
    ) {
      const headers = Object.entries(said.headers).flat()
      repeats.keep(target, asked, { ...repeat, status: said.status, headers, dialect, route })
    }
  }

  app.addHook('preClose', async () => {
    closing = true
    // The framework then closes whatever has no answer in the making, also where one is still on its way.
    const patience = setTimeout(longestDrain, undefined, { ref: false })
    await Promise.race([Promise.all([...sockets].map(isDrained)), patience])
    // What is still open then has no request to be answered: half a head, or the rest of a body that is not read.
    if (inFlight === 0) hangUp()
  })
  app.addHook('onClose', async () => {
    endWatch()
    shelf?.close()
  })

  /** Ends every connection, once what was written to it is on its way. */
  function hangUp(): void {
    for (const socket of sockets) socket.destroySoon()
  }
  return app
}

/** Milliseconds that a closing server leaves slow readers for what was written to them. */
const longestDrain = 5_000

/** Resolves when everything written to it is on its way, or it is gone. */
const isDrained = async (socket: Socket): Promise<void> => {
  while (socket.writableLength > 0 && !socket.destroyed) await setTimeout(10)
}

/** @returns the status sent */
function send(
  response: ServerResponse,
  { status, headers, body, etag }: Said,
  aside: readonly string[],
  ifNoneMatch: string | undefined,
  closing: boolean,
): number {
  const unmodified = etag !== undefined && isKnown(ifNoneMatch, etag)
  const all: string[] = []
  for (const name in headers) {
    if (!(unmodified && name === 'content-type')) all.push(name, headers[name] ?? '')
  }
  all.push(...aside)
  if (etag !== undefined) all.push('etag', etag)
  // Nothing has no length (RFC 9110 §8.6).
  if (!unmodified && status !== 204) all.push('content-length', String(body?.length ?? 0))
  // A connection that is kept alive would keep a closing server open.
  if (closing) all.push('connection', 'close')
  const code = unmodified ? 304 : status
  response.writeHead(code, all)
  // As text it goes out in one piece with the head.
  if (unmodified || !body) response.end()
  else response.end(body.toString('latin1'), 'latin1')
  return code
}
