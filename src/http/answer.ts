import { type IncomingMessage, validateHeaderValue } from 'node:http'
import Negotiator from 'negotiator'
import { keyIdFrom, tokenFor, tokenSpan } from '../access/seal.ts'
import type { Asked, Call, Dialect, Reply, Route } from '../dialects/dialect.ts'
import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import { Recall } from '../footprint/recall.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { AppParts } from './app.ts'
import { readBody } from './body.ts'
import { etagOf } from './conditional.ts'
import { type Asking, valuesOf, varyingOf } from './headers.ts'
import type { Log } from './log.ts'
import { createRouter, type Place } from './router.ts'

/** Bytes. The longest list of ids that a dialect takes fits well. */
const longestQuery = 8192

/** How many callers are remembered, by what they sent. */
const mostViewers = 10_000

/** What goes out, whether the caller has it already or not. */
export interface Said {
  readonly status: number
  /** But for `etag` and `content-length`. */
  readonly headers: Record<string, string>
  readonly body?: Buffer
  readonly etag?: string
}

export interface Answered {
  readonly said: Said
  readonly dialect?: string
  /** The route's pattern; a path would tell of people. */
  readonly route?: string
  /** What the answer was made from and for whose key, where it may be given again as it is. */
  readonly keepable?: { readonly footprint: Footprint; readonly keyId: string }
}

interface Surroundings {
  /** False once the server is closing. */
  readonly open: () => boolean
  /** Why nobody could tell, when the request began, what had changed; undefined where somebody could. */
  readonly blindness: (raw: IncomingMessage) => unknown
}

/** From a request to all that goes out for it. Never throws. */
export function createAnswer(
  parts: AppParts,
  { open, blindness }: Surroundings,
): (raw: IncomingMessage, target: string, asking: Asking, requestId: string) => Promise<Answered> {
  const { directory, door, seal, log } = parts
  const find = createRouter(parts.dialects, parts.fallback)
  const varying = new Map(
    [...parts.dialects, parts.fallback].map((dialect) => {
      const names = varyingOf(dialect)
      return [dialect, { names, text: names.join(', ') }]
    }),
  )

  const viewers = new Recall<Viewer>(parts.watch, parts.now, mostViewers)

  return async (raw, target, { asked: headers }, requestId) => {
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
      return { ...known, ...(await serve(raw, place, asked, search, headers)) }
    } catch (error) {
      const failure = failureFrom(error, log, requestId)
      return { ...known, said: refused(failure, dialect, asked, allowed(place)) }
    }
  }

  /** In the order in which a caller learns what is wrong: path, method, credential, `Accept`, then the rest. */
  async function serve(
    raw: IncomingMessage,
    place: Place,
    asked: Asked,
    search: string,
    headers: string | undefined,
  ): Promise<Pick<Answered, 'said' | 'keepable'>> {
    const { dialect, prefix, path, candidates } = place
    if (candidates.length === 0) throw new Failure('no_such_path', 'Request path not found.')
    const method = raw.method === 'HEAD' ? 'GET' : raw.method
    const found = candidates.find(({ route }) => route.method === method)
    if (!found) throw new Failure('method_not_allowed', 'Request method not supported.')
    const { route, params } = found

    const base = parts.publicUrl() + prefix
    if (route.entry === 'open') {
      const reply = await route.handle({
        ...{ ...asked, params: params(), query: queryFrom(search), base },
        body: await bodyOf(raw, route, dialect),
        grant: (keyId, secret) => {
          refuseBlind(raw)
          return door.grant(keyId, secret)
        },
      })
      return { said: told(reply, dialect, 'public') }
    }
    refuseBlind(raw)
    const footprint = new Footprint(parts.watch.moment)
    const viewer = await (route.entry === 'key'
      ? viewerOf(raw, dialect, headers, footprint)
      : addressee(path, search, footprint))
    const mediaType = route.entry === 'key' ? acceptable(asked, dialect) : dialect.mediaTypes[0]
    let foreseen = route.entry === 'key' && raw.method === 'GET'
    const call: Call = {
      ...asked,
      header(name) {
        // An answer that depends on what nobody foresaw is for this request alone.
        foreseen &&= varying.get(dialect)?.names.includes(name) ?? false
        return asked.header(name)
      },
      viewer,
      directory: directory(footprint),
      registrar: parts.registrar,
      now: parts.now(),
      body: await bodyOf(raw, route, dialect),
      params: params(),
      query: queryFrom(search),
      base,
      mark: seal.mark,
      signed(to) {
        const { from, until } = tokenSpan(parts.now())
        footprint.holds(from, until)
        return `${base}${to}?token=${tokenFor(seal, to, viewer.keyId, parts.now())}`
      },
    }
    const said = told(await route.handle(call), dialect, 'private', mediaType)
    return { said, ...(foreseen && { keepable: { footprint, keyId: viewer.keyId } }) }
  }

  /** @throws unavailable when nobody can tell whether what is remembered still stands */
  function refuseBlind(raw: IncomingMessage): void {
    const cause = blindness(raw)
    if (cause === undefined) return
    throw new Failure('unavailable', 'The directory can not be read at the moment', { cause })
  }

  /** Whoever asked with the same headers before, as long as they would be let in again, or anew. */
  async function viewerOf(
    raw: IncomingMessage,
    dialect: Dialect,
    headers: string | undefined,
    footprint: Footprint,
  ): Promise<Viewer> {
    const identify = (own: Footprint) =>
      door.identify((name) => valuesOf(raw, name), dialect.credentials, own)
    if (headers === undefined) return identify(footprint)
    const viewer = await viewers.get(`${dialect.name} ${headers}`, footprint, identify)
    door.use(viewer.keyId)
    return viewer
  }

  /** Whom a signed address was made for. */
  function addressee(path: string, search: string, footprint: Footprint): Promise<Viewer> {
    const token = new URLSearchParams(search).get('token') ?? ''
    const keyId = keyIdFrom(seal, path, token, parts.now())
    if (keyId === undefined)
      throw new Failure('unauthenticated', 'The address is not valid any more')
    return door.identifyBy(keyId, footprint)
  }

  async function readiness() {
    if (!open()) throw new Failure('unavailable', 'The server is shutting down')
    await parts.ready().catch((cause: unknown) => {
      throw new Failure('unavailable', 'The database can not be read or written', { cause })
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
      return { said: told(await work(), dialect, 'public') }
    } catch (error) {
      return { said: refused(failureFrom(error, log, requestId), dialect, unasked, 'GET, HEAD') }
    }
  }

  /** A refusal in the dialect's words; `allow` is what a wrong method is told. */
  function refused(failure: Failure, dialect: Dialect, asked: Asked, allow: string): Said {
    const { headers, ...refusal } = dialect.refuse(failure, asked)
    const allowing = failure.code === 'method_not_allowed' ? { allow } : {}
    return spoken({ ...refusal, headers: { ...allowing, ...headers } }, dialect)
  }

  /** An answer with its validator. */
  function told(
    reply: Reply,
    dialect: Dialect,
    scope: 'private' | 'public',
    mediaType?: string,
  ): Said {
    const { headers: { etag, ...headers } = {}, ...rest } = reply
    const said = spoken({ ...rest, headers }, dialect, mediaType, scope)
    if (etag !== undefined) return { ...said, etag }
    if (said.status !== 200 || !said.body) return said
    return { ...said, etag: etagOf(said.body, said.headers['content-type'] ?? '') }
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
    const all: Record<string, string> = {}
    if (bytes) all['content-type'] = `${mediaType}; charset=utf-8`
    all['cache-control'] = scope === 'private' ? 'private, no-cache' : 'public, no-cache'
    if (scope === 'private') all.vary = varying.get(dialect)?.text ?? ''
    all['x-content-type-options'] = 'nosniff'
    Object.assign(all, headers)
    return { status, headers: all, ...(bytes && { body: bytes }) }
  }
}

/** What a route that asks for a body gets. @throws unsupported_media_type, too_large, invalid_body */
function bodyOf(raw: IncomingMessage, { body }: Route, dialect: Dialect): Promise<unknown> {
  if (!body) return Promise.resolve(undefined)
  const types = body === 'form' ? formTypes : (dialect.bodyTypes ?? jsonTypes)
  return readBody(raw, types, body)
}

const formTypes = ['application/x-www-form-urlencoded']
const jsonTypes = ['application/json']

/** For refusals that depend on nothing that was asked. */
const unasked: Asked = { url: '', header: () => undefined, switches: {} }

const probe = (status: string): Reply => ({
  status: 200,
  body: { status },
  headers: { 'cache-control': 'no-store' },
})

function failureFrom(error: unknown, log: Log, requestId: string): Failure {
  if (error instanceof Failure) {
    if (error.code === 'unavailable') log.error({ requestId, err: error }, 'unavailable')
    return error
  }
  log.error({ requestId, err: error }, 'internal error')
  return new Failure('internal', 'Internal error')
}

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
  const [usual] = dialect.mediaTypes
  // What clients mostly send needs no reading.
  if (accept === undefined || accept === '*/*' || accept === usual) return usual
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
    if (search.includes('%')) decodeURIComponent(search)
  } catch {
    throw new Failure('invalid', 'The query is not percent-encoded UTF-8.')
  }
  return new URLSearchParams(search)
}

/** The raw path and `?query` of a request's target; whatever host an absolute one names is dropped. */
function pathAndSearch(target: string): [string, string] {
  const url = target.startsWith('/') ? undefined : URL.parse(target)
  const local = url ? url.pathname + url.search : target
  const mark = local.indexOf('?')
  return mark < 0 ? [local, ''] : [local.slice(0, mark), local.slice(mark)]
}
