import type { TSchema } from 'typebox'
import type { CredentialPlace, Grant } from '../access/identify.ts'
import type { Directory } from '../directory/directory.ts'
import type { Verbs } from '../directory/verbs.ts'
import type { Failure } from '../failure.ts'
import type { PersonId } from '../person/ids.ts'
import type { PictureAddress } from '../pictures/forms.ts'
import type { ExtensionRules } from '../privacy/rules.ts'
import type { Viewer } from '../privacy/viewer.ts'

/** One vendor's way of asking for people. ./webex is the model to copy. */
export interface Dialect {
  /** Also the folder's name and the beginning of its settings. */
  readonly name: string
  /** The vendor's product, for people to read. */
  readonly product: string
  /** Literal beginnings of the vendor's own paths. What lies below them is answered in this dialect. */
  readonly roots: readonly `/${string}`[]
  /** The same paths are served below this too, for clients that are configured that way. */
  readonly prefix: `/${string}`
  readonly credentials: readonly CredentialPlace[]
  /** What the vendor answers in, the usual one first; `Accept` chooses. */
  readonly mediaTypes: readonly [string, ...string[]]
  /** What it takes bodies in; `application/json` alone where nothing is said. */
  readonly bodyTypes?: readonly string[]
  readonly switches: Readonly<Record<string, Switch>>
  /** Who sees what in the bag of fields that only this vendor has. */
  readonly extension?: ExtensionRules
  readonly routes: readonly Route[]
  /** Says no in the vendor's words. */
  readonly refuse: (failure: Failure, asked: Asked) => Reply
  /** The body of a refusal, where it has one. */
  readonly errorSchema?: TSchema
  /** The headers that tell what is left of a caller's limit, where the vendor has such. */
  readonly tellAllowance?: (allowance: Allowance) => Readonly<Record<string, string>>
  /** The path of the one read that every dialect has; undefined when this person can't be read in it. */
  readonly personPath: (who: PersonIds, seal: Mark) => string | undefined
}

/** What a key may still ask. */
export interface Allowance {
  /** Requests a minute; as many may come at once. */
  readonly limit: number
  /** How many more are answered at once. */
  readonly left: number
  /** Milliseconds until as many as the limit may come at once. */
  readonly whole: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A choice between forms of an answer, set by configuration. */
export interface Switch {
  /** The wire's form, or our guess where nothing is published. */
  readonly default: boolean
  /** The form of the vendor's page. */
  readonly seed: boolean
  /** What it does when on. */
  readonly effect: string
}

/** What a person is known by, for building paths. */
export interface PersonIds {
  readonly id: PersonId
  readonly number: number
  readonly userName: string
  /** The name in addresses of an event that they attend. */
  readonly eventUrl?: string
}

/** The first `bytes` of a keyed hash of `text` in hex, that nobody without this server's secret can make. */
export type Mark = (purpose: string, text: string, bytes: number) => string

/** What is known of a request before it is known who asks. */
export interface Asked {
  /** Absolute, as received, on the public origin. */
  readonly url: string
  readonly header: (name: string) => string | undefined
  readonly switches: Readonly<Record<string, boolean>>
}

/**
 * All a handler gets to know about a request, and all it can act with. What is read by way of the directory alone may be
 * kept and given again for as long as it stands; an answer for which any other verb was at hand is not.
 */
export interface Call<Path extends string = string> extends Asked, Verbs {
  readonly viewer: Viewer
  readonly directory: Directory
  /** Parsed; undefined where there is none. A route that does not ask for one gets none. */
  readonly body: unknown
  /** Decoded. */
  readonly params: Params<Path>
  readonly query: URLSearchParams
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The public origin, and the dialect's prefix when it was asked under that: what absolute addresses begin with. */
  readonly base: string
  readonly mark: Mark
  /** The `ETag` that an answer of 200 with this body has; what `If-Match` of a write is compared with. */
  readonly versionOf: (body: unknown) => string
  /** The address of `path` in this dialect, on this server, with a token that opens it for this viewer for one to two hours. */
  readonly signed: (path: string) => string
  /**
   * What a GET of a person in that dialect answers at this moment to whoever has that key, as sent without any header
   * but the key's; undefined where the person can't be read in it, or there is no such dialect.
   */
  readonly glimpse: (
    dialect: string,
    keyId: string,
    person: PersonIds,
  ) => Promise<Glimpse | undefined>
  /** The names of all dialects that are spoken. */
  readonly dialects: readonly string[]
  readonly pictureAddress: PictureAddress
  /** The one of these media types that `Accept` wants most, the first of them where it has no wish; undefined for none. */
  readonly preferred: (types: readonly string[]) => string | undefined
}

/** An answer to somebody else. */
export interface Glimpse {
  readonly status: number
  /** But for those that depend on the time or on how much was asked before. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What an open handler gets: there is no viewer, so nothing of anybody can be answered. */
export interface OpenCall<Path extends string = string> extends Asked {
  readonly params: Params<Path>
  readonly query: URLSearchParams
  /** As in {@link Call}. */
  readonly base: string
  readonly body: unknown
  /** An access token for a key's own id and secret (RFC 6749 §4.4); undefined where they are not right. */
  readonly grant: (keyId: string, secret: string) => Promise<Grant | undefined>
}

export interface Reply {
  readonly status: number
  /** Sent as JSON; bytes as they are; absent for an empty body. */
  readonly body?: unknown
  /** An `etag` here stands in place of the one that would be made of the bytes. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Route = KeyedRoute | OpenRoute

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a route takes and answers, for the dialect's OpenAPI document; `input` reads by the same schemas. */
export interface Told {
  readonly summary: string
  /** An object of what the query may have. */
  readonly query?: TSchema
  readonly body?: TSchema
  /** By status; null where there is no body. Refusals are the dialect's own and need not be told. */
  readonly answers: Readonly<Record<number, TSchema | null>>
  /** The media types of the answers, where they are not the dialect's: those of pictures. */
  readonly types?: readonly string[]
  /** What it belongs to, for who reads the document. */
  readonly tag?: string
  /** What parameters of the path are, by name; others are texts. */
  readonly params?: Readonly<Record<string, TSchema>>
  /** Headers that can be sent with it, by name. */
  readonly headers?: Readonly<Record<string, TSchema>>
}

export type BodyKind = 'json' | 'form' | 'bytes' | 'multipart'

/** What a body of `multipart` is read into. */
export interface MultipartBody {
  readonly file?: { readonly name: string; readonly type: string; readonly bytes: Buffer }
  readonly fields: Readonly<Record<string, string>>
}

interface RouteAddress {
  readonly method: Method
  readonly told?: Told
  /**
   * `form` is `application/x-www-form-urlencoded`, read into an object of texts; `bytes` a picture of whatever type it is
   * said to be, read as it is; `multipart` a form with at most one file. Absent: a body is left unread.
   */
  readonly body?: BodyKind
  /** How many bytes a body of `bytes` or `multipart` may have. */
  readonly limit?: number
  /** Segments that begin with `:` are parameters, `:id.vcf` one that ends in `.vcf`; such a route comes before `:id`. */
  readonly path: string
}

export interface KeyedRoute extends RouteAddress {
  /**
   * `key`: the dialect's credentials. `address`: the token of a signed address. `picture`: the token in the address of a
   * picture, whose path has all the parameters of `PicturePath` and `token`.
   */
  readonly entry: 'key' | 'address' | 'picture'
  readonly handle: (call: Call) => Promise<Reply>
  /**
   * For what callers do over and over without a body, and are answered with none: does it for one who was answered before,
   * without waiting for anything. False where `handle` has to do it this time.
   */
  readonly again?: (verbs: Verbs, viewer: Viewer) => boolean
}

/** For what is the same for everybody and no secret. */
export interface OpenRoute extends RouteAddress {
  readonly entry: 'open'
  readonly handle: (call: OpenCall) => Promise<Reply>
}

/** Who sees what in each dialect's bag of extensions, by dialect. */
export const extensionRulesOf = (
  dialects: readonly Dialect[],
): Readonly<Record<string, ExtensionRules>> =>
  Object.fromEntries(dialects.map(({ name, extension = {} }) => [name, extension]))

export const ok = (body: unknown): Reply => ({ status: 200, body })

// Routes whose parameters are typed from their path.

type Handler<Path extends string> = (call: Call<Path>) => Promise<Reply>

const keyed =
  (method: Method, body?: 'json') =>
  <const Path extends string>(path: Path, handle: Handler<Path>, told?: Told): Route => ({
    ...{ method, path, entry: 'key', handle: handle as KeyedRoute['handle'] },
    ...(body && { body }),
    ...(told && { told }),
  })

export const get = keyed('GET')
export const post = keyed('POST', 'json')
/** For what is asked for by the address alone. */
export const postBare = keyed('POST')
export const put = keyed('PUT', 'json')
export const putBare = keyed('PUT')
export const patch = keyed('PATCH', 'json')
export const remove = keyed('DELETE')

/** For a body that is not JSON, of at most `limit` bytes. */
const taking =
  (method: Method, body: 'bytes' | 'multipart') =>
  <const Path extends string>(
    path: Path,
    limit: number,
    handle: Handler<Path>,
    told?: Told,
  ): Route => ({ ...keyed(method)(path, handle, told), body, limit })

export const putBytes = taking('PUT', 'bytes')
export const postMultipart = taking('POST', 'multipart')

/** For addresses of pictures. */
export const getPicture = <const Path extends string>(
  path: Path,
  handle: Handler<Path>,
  told?: Told,
): Route => ({
  ...{ method: 'GET', path, entry: 'picture', handle: handle as KeyedRoute['handle'] },
  ...(told && { told }),
})

export const getSigned = <const Path extends string>(
  path: Path,
  handle: Handler<Path>,
  told?: Told,
): Route => ({
  ...{ method: 'GET', path, entry: 'address', handle: handle as KeyedRoute['handle'] },
  ...(told && { told }),
})

const open =
  (method: Method, body?: 'form') =>
  <const Path extends string>(
    path: Path,
    handle: (call: OpenCall<Path>) => Promise<Reply>,
    told?: Told,
  ): Route => ({
    ...{ method, path, entry: 'open', handle: handle as OpenRoute['handle'] },
    ...(body && { body }),
    ...(told && { told }),
  })

/** For what is the same for everybody and no secret. */
export const getOpen = open('GET')
export const postOpen = open('POST', 'form')

type Params<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : Path extends `${string}:${infer Name}/${infer Rest}`
    ? Record<Name, string> & Params<Rest>
    : Path extends `${string}:${infer Name}.${string}`
      ? Record<Name, string>
      : Path extends `${string}:${infer Name}`
        ? Record<Name, string>
        : Record<never, string>
