import { type IncomingMessage, validateHeaderValue } from 'node:http'
import Negotiator from 'negotiator'
import {
  keyIdFrom,
  lastingKeyIdFrom,
  lastingTokenFor,
  tokenFor,
  tokenSpan,
} from '../access/seal.ts'
import type {
  Asked,
  Call,
  Dialect,
  Glimpse,
  KeyedRoute,
  PersonIds,
  Reply,
  Route,
} from '../dialects/dialect.ts'
import type { Verbs } from '../directory/verbs.ts'
import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import { Recall } from '../footprint/recall.ts'
import { personIdFrom } from '../person/ids.ts'
import {
  addressOf,
  noSuchPicture,
  type PicturePath,
  picturePathFrom,
  pictureText,
} from '../pictures/address.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { AppParts } from './app.ts'
import type { Aside } from './aside.ts'
import { readBody } from './body.ts'
import type { Count } from './buckets.ts'
import { createIntake, type Intake } from './bytes.ts'
import { etagOf } from './conditional.ts'
import type { Cors } from './cors.ts'
import { refuseForged } from './cross-site.ts'
import { type Gate, tooMany } from './gate.ts'
import { type Asking, presentedIn, valuesOf, varyingOf } from './headers.ts'
import type { Log } from './log.ts'
import { pictureFormIn, pictureIn } from './picture-body.ts'
import type { Repeat } from './repeats.ts'
import { type Candidate, createRouter, type Place } from './router.ts'

/** Bytes. The longest list of ids that a dialect takes fits well. */
const longestQuery = 8192

/** How many callers are remembered, by what they sent. */
const mostViewers = 10_000

/** Characters of a key's id and secret, beyond which they are none. */
const longestGrant = 256

/** Where a dialect's own description is, below its prefix. */
const documentPath = '/openapi.json'

/** What was counted for a request, once it was. */
interface Counted {
  count?: Count
}

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
  /** What was done, where the caller may do it again as they are. */
  readonly repeat?: Pick<Repeat, 'again' | 'viewer' | 'footprint'>
  /** Headers that are for this request alone, name by name. */
  readonly aside?: readonly string[]
}

type Types = Dialect['mediaTypes']

/** What is known of a request once it is known who asks. */
interface Handling {
  readonly asked: Asked
  readonly search: string
  readonly viewer: Viewer
  readonly footprint: Footprint
  readonly mediaType: string
  readonly body: unknown
  readonly params: Candidate['params']
  readonly requestId: string
}

interface Surroundings {
  readonly gate: Gate
  readonly cors: Cors | undefined
  readonly asideOf: Aside
  /** What is counted as one client. */
  readonly sourceOf: (raw: IncomingMessage) => string
  /** False once the server is closing. */
  readonly open: () => boolean
  /** Why nobody could tell, when the request began, what had changed; undefined where somebody could. */
  readonly blindness: (raw: IncomingMessage) => unknown
}

/** From a request to all that goes out for it. Never throws. */
export function createAnswer(
  parts: AppParts,
  { gate, cors, asideOf, sourceOf, open, blindness }: Surroundings,
): (raw: IncomingMessage, target: string, asking: Asking, requestId: string) => Promise<Answered> {
  const { directory, door, seal, log } = parts
  const all = [...new Set([...parts.dialects, parts.fallback])]
  const find = createRouter(all.map(withDocument), parts.fallback.name)
  const origin = cors?.varies ? 'origin' : ''
  const varying = new Map(
    all.map((dialect) => {
      const names = varyingOf(dialect)
      return [dialect.name, { names, text: [...names, origin].filter(Boolean).join(', ') }]
    }),
  )

  /** The dialect with a route for the document that describes it. */
  function withDocument(dialect: Dialect): Dialect {
    let bytes: Buffer | undefined
    const handle = async (): Promise<Reply> => {
      bytes ??= Buffer.from(JSON.stringify(parts.describe(dialect)))
      return { status: 200, body: bytes, headers: { 'content-type': 'application/json' } }
    }
    const route: Route = { method: 'GET', path: documentPath, entry: 'open', handle }
    return { ...dialect, routes: [...dialect.routes, route] }
  }

  const intakes: Intakes = {
    bytes: createIntake(mostTaken, shareTaken),
    text: createIntake(mostTaken, shareTaken, leastText),
    open: createIntake(mostOpen, shareOpen, leastText),
  }
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
    const counted: Counted = {}
    const aside = () => asideOf(raw, dialect.name, counted.count)
    try {
      const preflight = route && cors?.preflight(raw, dialect, allowed(place))
      if (preflight) {
        const said = spoken({ status: 204, headers: preflight }, dialect)
        return { ...known, said, aside: aside() }
      }
      const served = await serve(raw, place, asked, search, headers, counted, requestId)
      return { ...known, ...served, aside: aside() }
    } catch (error) {
      const failure = failureFrom(error, log, requestId)
      return { ...known, said: refused(failure, dialect, asked, allowed(place)), aside: aside() }
    } finally {
      letGo(intakes, raw)
    }
  }

  /** In the order in which a caller learns what is wrong: path, method, credential, `Accept`, then the rest. */
  async function serve(
    raw: IncomingMessage,
    place: Place,
    asked: Asked,
    search: string,
    headers: string | undefined,
    counted: Counted,
    requestId: string,
  ): Promise<Pick<Answered, 'said' | 'keepable' | 'repeat'>> {
    const { dialect, prefix, candidates } = place
    if (candidates.length === 0) throw new Failure('no_such_path', 'Request path not found.')
    const method = raw.method === 'HEAD' ? 'GET' : raw.method
    const found = candidates.find(({ route }) => route.method === method)
    if (!found) throw wrongMethod()
    const { route, params } = found

    const base = parts.publicUrl() + prefix
    if (route.entry === 'open') {
      const reply = await route.handle({
        ...{ ...asked, params: params(), query: queryFrom(search), base },
        body: await bodyOf(raw, route, dialect, intakes, sourceOf(raw)),
        grant: (keyId, secret) => {
          refuseBlind(raw)
          return granted(raw, keyId, secret)
        },
      })
      return { said: told(reply, dialect, 'public') }
    }
    refuseBlind(raw)
    const footprint = new Footprint(parts.watch.moment)
    const viewer = await admitted(raw, place, route, search, headers, footprint)
    // A signed address is part of an answer that was counted.
    if (route.entry === 'key') count(dialect, viewer, counted)
    const mediaType = mediaTypeFor(asked, route, dialect)
    // People, however many keys they have.
    const senderId = viewer.personId ?? viewer.keyId
    const body = await bodyOf(raw, route, dialect, intakes, senderId)
    const repeat = repeatOf(route, viewer, footprint)
    const handling = { asked, search, viewer, footprint, mediaType, body, requestId }
    const { said, foreseen } = await handled(place, route, { ...handling, params })
    const keepable = foreseen && route.entry === 'key' && raw.method === 'GET'
    return {
      said,
      ...(keepable && { keepable: { footprint, keyId: viewer.keyId } }),
      ...(repeat && { repeat }),
    }
  }

  /** What was read until now is what let the viewer in. */
  function repeatOf({ again }: KeyedRoute, viewer: Viewer, footprint: Footprint) {
    if (!again) return undefined
    const own = new Footprint(footprint.moment)
    own.includes(footprint)
    return { again: (one: Viewer) => again(parts.verbs, one), viewer, footprint: own }
  }

  /** What a route answers to a viewer, and whether that depends on nothing but what was foreseen. */
  async function handled(
    { dialect, prefix }: Place,
    route: KeyedRoute,
    { asked, search, viewer, footprint, mediaType, body, params, requestId }: Handling,
  ): Promise<{ readonly said: Said; readonly foreseen: boolean }> {
    const base = parts.publicUrl() + prefix
    let foreseen = true
    /** What verbs read is noted nowhere, so that nobody could tell when it changes. */
    function acting<Name extends keyof Verbs>(name: Name): Verbs[Name] {
      footprint.forThisTimeOnly()
      return parts.verbs[name]
    }
    const call: Call = {
      ...asked,
      header(name) {
        // An answer that depends on what nobody foresaw is for this request alone.
        foreseen &&= varying.get(dialect.name)?.names.includes(name) ?? false
        return asked.header(name)
      },
      viewer,
      dialects: all.map(({ name }) => name),
      glimpse: (name, keyId, person) => glimpsed(name, keyId, person, requestId),
      // Who writes has to decide by what is so, not by what was a second ago.
      directory: directory(footprint, route.method === 'GET' ? 'nearby' : undefined),
      get registrar() {
        return acting('registrar')
      },
      get connector() {
        return acting('connector')
      },
      get convener() {
        return acting('convener')
      },
      get calendar() {
        return acting('calendar')
      },
      get whereabouts() {
        return acting('whereabouts')
      },
      get gallery() {
        return acting('gallery')
      },
      get steward() {
        return acting('steward')
      },
      now: parts.now(),
      body,
      params: params(),
      query: queryFrom(search),
      base,
      mark: seal.mark,
      versionOf: (of) => told({ status: 200, body: of }, dialect, 'private', mediaType).etag ?? '',
      signed(to) {
        const { from, until } = tokenSpan(parts.now())
        footprint.holds(from, until)
        return `${base}${to}?token=${tokenFor(seal, to, viewer.keyId, parts.now())}`
      },
      pictureAddress: (person, kind, size, format = 'webp') =>
        addressOf(person, kind, { size, format }, addressing(viewer)),
      preferred: (types) => preferredOf(asked, types),
    }
    return { said: told(await route.handle(call), dialect, 'private', mediaType), foreseen }
  }

  /** What the read of a person in a dialect says to whoever has that key. */
  async function glimpsed(
    name: string,
    keyId: string,
    person: PersonIds,
    requestId: string,
  ): Promise<Glimpse | undefined> {
    const dialect = all.find((one) => one.name === name)
    const path = dialect?.personPath(person, seal.mark)
    if (!dialect || path === undefined) return undefined
    const place = find(path)
    const asked: Asked = {
      url: parts.publicUrl() + path,
      header: () => undefined,
      switches: parts.switches[name] ?? {},
    }
    const { status, headers, etag, body } = await readAs(keyId, place, asked, requestId).catch(
      (error: unknown) =>
        refused(failureFrom(error, log, requestId), dialect, asked, allowed(place)),
    )
    return { status, headers: { ...headers, ...(etag && { etag }) }, body: String(body ?? '') }
  }

  async function readAs(
    keyId: string,
    place: Place,
    asked: Asked,
    requestId: string,
  ): Promise<Said> {
    const found = place.candidates.find(({ route }) => route.method === 'GET')
    if (!found || found.route.entry === 'open') throw new Failure('no_such_path', 'No such path')
    const { route, params } = found
    const footprint = new Footprint(parts.watch.moment)
    const viewer = await door.viewerOf(keyId, footprint)
    const [mediaType] = typesOf(route, place.dialect)
    const reading = { search: '', mediaType, body: undefined, params }
    const { said } = await handled(place, route, {
      ...{ ...reading, asked, viewer, footprint, requestId },
    })
    return said
  }

  /** Who asks, once nothing speaks against asking. */
  async function admitted(
    raw: IncomingMessage,
    { dialect, path }: Place,
    { method, entry }: Route,
    search: string,
    headers: string | undefined,
    footprint: Footprint,
  ): Promise<Viewer> {
    if (method !== 'GET') refuseForged(raw, dialect, parts.publicUrl())
    if (entry === 'key') return viewerOf(raw, dialect, headers, footprint)
    if (entry === 'picture') return onlooker(path, footprint)
    return addressee(path, search, footprint)
  }

  /**
   * Whom the address of a picture was made for. One that was not made here is told as one of a picture that is gone, and
   * after the same work.
   */
  async function onlooker(path: string, footprint: Footprint): Promise<Viewer> {
    const named = picturePathFrom(path)
    const keyId = named && lastingKeyIdFrom(seal, pictureText(named), named.token)
    if (keyId !== undefined) return door.identifyBy(keyId, footprint)
    const id = named && personIdFrom(named.personId)
    if (id)
      await parts
        .directory(footprint)
        .find(nobody, { id })
        .catch(() => undefined)
    throw new Failure('not_found', noSuchPicture)
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
    // Who has no key guesses none.
    if (!dialect.credentials.some((place) => presentedIn(raw, place))) return identify(footprint)
    const name = headers === undefined ? undefined : `${dialect.name} ${headers}`
    const viewer = await gate.tried(sourceOf(raw), name, () =>
      name === undefined ? identify(footprint) : viewers.get(name, footprint, identify),
    )
    if (name !== undefined) door.use(viewer.keyId)
    return viewer
  }

  /** @throws too_many_requests */
  function count(dialect: Dialect, { keyId }: Viewer, counted: Counted): void {
    const now = gate.count(dialect.name, keyId)
    if (!now) return
    counted.count = now
    if (now.wait > 0) throw tooMany(now.wait)
  }

  /** What a key's id and secret are good for; tried as any credential. */
  async function granted(raw: IncomingMessage, keyId: string, secret: string) {
    const name = `${keyId} ${secret}`
    const known = name.length > longestGrant ? undefined : name
    const attempt = async () => {
      const grant = await door.grant(keyId, secret)
      if (grant) return grant
      throw new Failure('unauthenticated', 'There is no such key')
    }
    return gate.tried(sourceOf(raw), known, attempt).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'unauthenticated') return undefined
      throw error
    })
  }

  /** How addresses of pictures are made for a viewer: below the origin itself, whichever way they asked. */
  function addressing({ keyId }: Viewer) {
    return {
      origin: parts.publicUrl(),
      tokenFor: (path: PicturePath) => lastingTokenFor(seal, pictureText(path), keyId),
    }
  }

  /** Whom a signed address was made for. */
  async function addressee(path: string, search: string, footprint: Footprint): Promise<Viewer> {
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
        throw wrongMethod()
      }
      return { said: told(await work(), dialect, 'public') }
    } catch (error) {
      return { said: refused(failureFrom(error, log, requestId), dialect, unasked, 'GET, HEAD') }
    }
  }

  /** A refusal in the dialect's words; `allow` is what a wrong method is told. */
  function refused(failure: Failure, dialect: Dialect, asked: Asked, allow: string): Said {
    const isMethod = failure.code === 'method_not_allowed'
    // The vendors' own servers leave it at that.
    const isOurs = dialect.name === parts.fallback.name
    const fuller = isMethod && isOurs ? wrongMethod(allow) : failure
    const { headers, ...refusal } = dialect.refuse(fuller, asked)
    const more = {
      ...(isMethod && { allow }),
      ...(failure.retryAfter !== undefined && { 'retry-after': String(failure.retryAfter) }),
    }
    return spoken({ ...refusal, headers: { ...more, ...headers } }, dialect)
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
    const bytes = bytesOf(body)
    // Here a value that no header can have is still a failure that the dialect can tell.
    for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value)
    const all: Record<string, string> = {}
    if (bytes) all['content-type'] = `${mediaType}; charset=utf-8`
    all['cache-control'] = scope === 'private' ? 'private, no-cache' : 'public, no-cache'
    const vary = scope === 'private' ? varying.get(dialect.name)?.text : origin
    if (vary) all.vary = vary
    all['x-content-type-options'] = 'nosniff'
    Object.assign(all, headers)
    return { status, headers: all, ...(bytes && { body: bytes }) }
  }
}

const wrongMethod = (allow?: string): Failure =>
  new Failure(
    'method_not_allowed',
    `Request method not supported${allow === undefined ? '' : `; there are ${allow}`}.`,
  )

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  return Buffer.from(body instanceof Uint8Array ? body : JSON.stringify(body))
}

/** What a route that asks for a body gets. @throws unsupported_media_type, too_large, invalid_body, too_many_requests */
async function bodyOf(
  raw: IncomingMessage,
  { body, limit = 0 }: Route,
  dialect: Dialect,
  intakes: Intakes,
  senderId: string,
): Promise<unknown> {
  switch (body) {
    case undefined:
      return undefined
    case 'form':
      return readBody(raw, formTypes, body, intakes.open, senderId)
    case 'json':
      return readBody(raw, dialect.bodyTypes ?? jsonTypes, body, intakes.text, senderId)
    case 'bytes':
      return pictureIn(raw, intakes.bytes, limit, senderId)
    case 'multipart':
      return pictureFormIn(raw, intakes.bytes, limit, senderId)
  }
}

/** What bodies are read into: pictures, what is parsed, and what needs no key to be sent, which must keep nothing else out. */
type Intakes = Readonly<Record<'bytes' | 'text' | 'open', Intake>>

/** Whoever had the body of that request has no more use of it. */
function letGo(intakes: Intakes, raw: IncomingMessage): void {
  for (const intake of Object.values(intakes)) intake.done(raw)
}

/** Bytes of bodies of a kind: of all requests together, and of one sender's. */
const mostTaken = 64 * 1_048_576
const shareTaken = 21 * 1_048_576

const mostOpen = 8 * 1_048_576
const shareOpen = 1_048_576

/** Bytes of a text that must come in ten seconds. */
const leastText = 16 * 1024

/** Who sees nothing of anybody. */
const nobody: Viewer = {
  ...{ keyId: '', organizationId: '' as Viewer['organizationId'], timeZone: 'UTC' },
  ...{ administers: new Set<never>(), owner: false, plain: false },
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

const typesOf = ({ told }: Route, { mediaTypes }: Dialect): Types =>
  (told?.types as Types | undefined) ?? mediaTypes

/** The media type to answer in: what a key is sent with says what is wanted, too. */
const mediaTypeFor = (asked: Asked, route: KeyedRoute, dialect: Dialect): string =>
  route.entry === 'key' ? acceptable(asked, typesOf(route, dialect)) : dialect.mediaTypes[0]

/** The media type to answer in. @throws not_acceptable when `Accept` wants none of those that can be had */
function acceptable(asked: Asked, types: Types): string {
  const best = preferredOf(asked, types)
  if (best !== undefined) return best
  throw new Failure('not_acceptable', `Only ${types.join(', ')} can be had here.`)
}

function preferredOf(asked: Asked, types: readonly string[]): string | undefined {
  const accept = asked.header('accept')
  const [usual] = types
  // What clients mostly send needs no reading.
  if (accept === undefined || accept === '*/*' || accept === usual) return usual
  // A charset that is asked for is the one that is given; other parameters do not tell these types apart.
  const bare = accept.replace(/;\s*(?!q\s*=)[\w-]+\s*=\s*(?:"[^"]*"|[^;,\s]*)/gi, '')
  return new Negotiator({ headers: { accept: bare } }).mediaTypes([...types])[0]
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
