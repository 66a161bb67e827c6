import { type IncomingMessage, validateHeaderValue } from 'node:http'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import Negotiator from 'negotiator'
import type { CredentialPlace, Door } from '../access/identify.ts'
import { keyIdFrom, type Seal, tokenFor } from '../access/seal.ts'
import type { Asked, Call, Dialect, Reply, Route } from '../dialects/dialect.ts'
import type { Directory } from '../directory/directory.ts'
import { Failure } from '../failure.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { etagOf, isKnown } from './conditional.ts'
import { type Log, networkOf } from './log.ts'
import { createRouter, type Place } from './router.ts'

export interface AppParts {
  readonly dialects: readonly Dialect[]
  /** Answers for every path that no dialect claims. */
  readonly fallback: Dialect
  readonly directory: Directory
  readonly door: Door
  readonly seal: Seal
  /** By dialect. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  /** Absolute addresses begin with it, whatever a request's `Host` or `X-Forwarded-*` say. No slash at the end. */
  readonly publicUrl: () => string
  /** Addresses or networks whose `X-Forwarded-For` is believed, for the log alone. */
  readonly trustedProxies: readonly string[]
  /** Fixed answers at fixed paths, by path. */
  readonly pages: ReadonlyMap<string, Page>
  /** Resolves when the server can answer from its store. */
  readonly ready: () => Promise<void>
  readonly now: () => number
  readonly log: Log
}

export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Bytes. The longest list of ids that a dialect takes fits well. */
const longestQuery = 8192
const longestHead = 32_768

/** The only room that knows a web framework, and all it asks of it is the server around one handler. */
export function createApp(parts: AppParts): FastifyInstance {
  let closing = false
  let inFlight = 0
  const answer = createAnswer(parts, () => !closing)
  const loggerInstance: FastifyBaseLogger = parts.log
  const app = fastify({
    loggerInstance,
    // Its own lines tell the path, and a path tells of people.
    logController: new fastify.LogController({ disableRequestLogging: true }),
    trustProxy: parts.trustedProxies.length > 0 ? [...parts.trustedProxies] : false,
    http: { maxHeaderSize: longestHead },
    // The dialects' paths, good and bad, are ours to tell apart: two of them share a beginning, and what
    // the framework refuses it refuses in its own words. `originalUrl` keeps what was asked.
    rewriteUrl: () => '/',
    return503OnClosing: false,
    // Before a path is known there is no dialect to say it in.
    clientErrorHandler(error, socket) {
      if (!socket.writable) return
      const status = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
      const reason = status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'
      socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    },
  })

  // Before the framework looks at anything: what it refuses (a method it wants a body for, a body of a type
  // that it does not know), it refuses in its own words.
  app.addHook('onRequest', async (request, reply) => {
    const started = performance.now()
    inFlight += 1
    reply.raw.once('close', () => {
      inFlight -= 1
      if (closing && inFlight === 0) app.server.closeAllConnections()
    })
    const { reply: said, ...place } = await answer(request.raw, request.originalUrl, request.id)
    reply.code(said.status).headers(said.headers)
    // A connection that is kept alive would keep a closing server open.
    if (closing) reply.header('connection', 'close')
    parts.log.info({
      requestId: request.id,
      ...place,
      client: networkOf(request.ip),
      method: request.method,
      status: said.status,
      ms: Math.round((performance.now() - started) * 1000) / 1000,
    })
    return reply.send(said.body)
  })
  app.addHook('preClose', async () => {
    closing = true
    // What is still open then has no request to be answered: half a head, or the rest of a body that is not read.
    if (inFlight === 0) app.server.closeAllConnections()
  })
  app.setErrorHandler((error, request, reply) => {
    const failure = failureFrom(error, parts.log, request.id)
    const { status, body } = parts.fallback.refuse(failure, unasked)
    return reply.code(status).type('application/problem+json').send(body)
  })
  return app
}

interface Said {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: Buffer
}

interface Answered {
  readonly reply: Said
  readonly dialect?: string
  /** The route's pattern; a path would tell of people. */
  readonly route?: string
}

/** From a request to all that goes out for it. Never throws. */
function createAnswer(parts: AppParts, open: () => boolean) {
  const { directory, door, seal, log } = parts
  const find = createRouter(parts.dialects, parts.fallback)

  return async (raw: IncomingMessage, target: string, requestId: string): Promise<Answered> => {
    const [path, search] = pathAndSearch(target)
    if (path === '/healthz') return own(raw, requestId, async () => probe('ok'))
    if (path === '/readyz') return own(raw, requestId, readiness)
    const page = parts.pages.get(path)
    if (page) return own(raw, requestId, async () => ({ status: 200, ...page }))

    const place = find(path)
    const { dialect } = place
    const asked: Asked = {
      url: parts.publicUrl() + path + search,
      header: (name) => valuesOf(raw, name).join(', ') || undefined,
      switches: parts.switches[dialect.name] ?? {},
    }
    const route = place.candidates[0]?.route
    const known = { dialect: dialect.name, ...(route && { route: place.prefix + route.path }) }
    try {
      return { ...known, reply: await serve(raw, place, asked, search) }
    } catch (error) {
      const failure = failureFrom(error, log, requestId)
      return { ...known, reply: refused(failure, dialect, asked, allowed(place)) }
    }
  }

  /** In the order in which a caller learns what is wrong: path, method, credential, `Accept`, then the rest. */
  async function serve(
    raw: IncomingMessage,
    place: Place,
    asked: Asked,
    search: string,
  ): Promise<Said> {
    const { dialect, prefix, path, candidates } = place
    if (candidates.length === 0) throw new Failure('no_such_path', 'Request path not found.')
    const method = raw.method === 'HEAD' ? 'GET' : raw.method
    const found = candidates.find(({ route }) => route.method === method)
    if (!found) throw new Failure('method_not_allowed', 'Request method not supported.')
    const { route, params } = found

    if (route.entry === 'open') {
      return conditional(raw, await route.handle({ ...asked, params: params() }), dialect, 'public')
    }
    const viewer = await admit(raw, route, dialect, path, search)
    const mediaType = route.entry === 'key' ? acceptable(asked, dialect) : dialect.mediaTypes[0]
    const base = parts.publicUrl() + prefix
    const call: Call = {
      ...asked,
      viewer,
      directory,
      params: params(),
      query: queryFrom(search),
      base,
      mark: seal.mark,
      signed: (to) => `${base}${to}?token=${tokenFor(seal, to, viewer.keyId, parts.now())}`,
    }
    return conditional(raw, await route.handle(call), dialect, 'private', mediaType)
  }

  async function admit(
    raw: IncomingMessage,
    route: Route,
    dialect: Dialect,
    path: string,
    search: string,
  ): Promise<Viewer> {
    if (route.entry === 'key') {
      return door.identify((name) => valuesOf(raw, name), dialect.credentials)
    }
    const token = new URLSearchParams(search).get('token') ?? ''
    const keyId = keyIdFrom(seal, path, token, parts.now())
    if (keyId === undefined)
      throw new Failure('unauthenticated', 'The address is not valid any more')
    return door.identifyBy(keyId)
  }

  async function readiness() {
    if (!open()) throw new Failure('unavailable', 'The server is shutting down')
    await parts.ready().catch((cause: unknown) => {
      throw new Failure('unavailable', 'The database can not be read', { cause })
    })
    return probe('ready')
  }

  /** What is the server's own: probes and pages. */
  async function own(
    raw: IncomingMessage,
    requestId: string,
    work: () => Promise<Reply>,
  ): Promise<Answered> {
    const dialect = parts.fallback
    try {
      if (raw.method !== 'GET' && raw.method !== 'HEAD') {
        throw new Failure('method_not_allowed', 'Request method not supported.')
      }
      return { reply: conditional(raw, await work(), dialect, 'public') }
    } catch (error) {
      return { reply: refused(failureFrom(error, log, requestId), dialect, unasked, 'GET, HEAD') }
    }
  }
}

/** For refusals that depend on nothing that was asked. */
const unasked: Asked = { url: '', header: () => undefined, switches: {} }

const probe = (status: string): Reply => ({
  status: 200,
  body: { status },
  headers: { 'cache-control': 'no-store' },
})

/** A refusal in the dialect's words; `allow` is what a wrong method is told. */
function refused(failure: Failure, dialect: Dialect, asked: Asked, allow: string): Said {
  const { headers, ...refusal } = dialect.refuse(failure, asked)
  const allowing = failure.code === 'method_not_allowed' ? { allow } : {}
  return spoken({ ...refusal, headers: { ...allowing, ...headers } }, dialect)
}

function failureFrom(error: unknown, log: Log, requestId: string): Failure {
  if (error instanceof Failure) {
    if (error.code === 'unavailable') log.error({ requestId, err: error }, 'unavailable')
    return error
  }
  log.error({ requestId, err: error }, 'internal error')
  return new Failure('internal', 'Internal error')
}

/** The answer to a read, or that the caller has it already. */
function conditional(
  raw: IncomingMessage,
  reply: Reply,
  dialect: Dialect,
  scope: 'private' | 'public',
  mediaType?: string,
): Said {
  const said = spoken(reply, dialect, mediaType, scope)
  if (said.status !== 200 || !said.body) return said
  const etag = etagOf(said.body, said.headers['content-type'] ?? '')
  said.headers.etag = etag
  if (!isKnown(valuesOf(raw, 'if-none-match').join(), etag)) return said
  const { 'content-type': _, ...headers } = said.headers
  return { status: 304, headers }
}

/** The bytes and headers of a reply. Nothing in the headers depends on the person that it is about. */
function spoken(
  { status, body, headers = {} }: Reply,
  dialect: Dialect,
  mediaType: string = dialect.mediaTypes[0],
  scope: 'private' | 'public' = 'private',
): Said {
  const bytes =
    body === undefined || body instanceof Uint8Array
      ? body && Buffer.from(body)
      : Buffer.from(JSON.stringify(body))
  // Here a value that no header can have is still a failure that the dialect can tell.
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value)
  const all = {
    ...(bytes && { 'content-type': `${mediaType}; charset=utf-8` }),
    'cache-control': scope === 'private' ? 'private, no-cache' : 'public, no-cache',
    ...(scope === 'private' && { vary: varyOf(dialect) }),
    'x-content-type-options': 'nosniff',
    ...headers,
  }
  return { status, headers: all, ...(bytes && { body: bytes }) }
}

const varyOf = (dialect: Dialect): string =>
  [...new Set([...dialect.credentials.map(headerOf), 'accept'])].join(', ')

const headerOf = (place: CredentialPlace): string =>
  place.in === 'header' ? place.name : place.in === 'cookie' ? 'cookie' : 'authorization'

const allowed = ({ candidates }: Place): string =>
  [
    ...new Set(
      candidates.flatMap(({ route }) =>
        route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
      ),
    ),
  ].join(', ')

/** The media type to answer in. @throws not_acceptable when `Accept` wants none that the vendor has */
function acceptable(asked: Asked, dialect: Dialect): string {
  const accept = asked.header('accept')
  if (accept === undefined) return dialect.mediaTypes[0]
  // A charset that is asked for is the one that is given; other parameters do not tell these types apart.
  const bare = accept.replace(/;\s*(?!q\s*=)[\w-]+\s*=\s*(?:"[^"]*"|[^;,\s]*)/gi, '')
  const [best] = new Negotiator({ headers: { accept: bare } }).mediaTypes([...dialect.mediaTypes])
  if (best === undefined) {
    throw new Failure('not_acceptable', `Only ${dialect.mediaTypes.join(', ')} can be had here.`)
  }
  return best
}

/** @throws invalid for a query that is too long or not percent-encoded UTF-8 */
function queryFrom(search: string): URLSearchParams {
  if (search.length > longestQuery) {
    throw new Failure(
      'invalid',
      `The query has ${search.length} bytes; at most ${longestQuery} are read.`,
    )
  }
  try {
    decodeURIComponent(search)
  } catch {
    throw new Failure('invalid', 'The query is not percent-encoded UTF-8.')
  }
  return new URLSearchParams(search)
}

/** Every value of a header: Node keeps but the first of some and joins others, which would hide a second credential. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

/** The raw path and `?query` of a request's target; whatever host an absolute one names is dropped. */
function pathAndSearch(target: string): [string, string] {
  const url = target.startsWith('/') ? undefined : URL.parse(target)
  const local = url ? url.pathname + url.search : target
  const mark = local.indexOf('?')
  return mark < 0 ? [local, ''] : [local.slice(0, mark), local.slice(mark)]
}
