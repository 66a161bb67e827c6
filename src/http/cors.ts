import type { IncomingMessage } from 'node:http'
import type { Dialect } from '../dialects/dialect.ts'
import { headerOf, valuesOf } from './headers.ts'

/** Seconds for which a browser remembers what it may ask. */
const preflightLife = 600

/** What a page may read of an answer beside what any page may. */
const exposed = [
  ...['etag', 'link', 'location', 'retry-after', 'ratelimit', 'ratelimit-policy'],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
].join(', ')

/** What clients send beside their key. */
const usual = ['accept', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'prefer']

/** What pages of other origins may do. They never get to use a cookie: no answer allows credentials. */
export interface Cors {
  /** Whether answers differ by who asks. */
  readonly varies: boolean
  /** The headers of any answer to this request, name by name. They are for it alone, and never kept. */
  headers(raw: IncomingMessage): readonly string[]
  /** The headers that answer a browser that asks first; undefined for what is no such question of a page that may ask. */
  preflight(
    raw: IncomingMessage,
    dialect: Dialect,
    methods: string,
  ): Record<string, string> | undefined
}

/** For pages of those origins, or of any where one of them is `*`; undefined where there are none. */
export function corsFor(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined
  const anybody = origins.includes('*')
  const known = new Set(origins)

  /** What is allowed to whoever asks; undefined for nothing. */
  function allowed(raw: IncomingMessage): string | undefined {
    if (anybody) return '*'
    const [origin, ...others] = valuesOf(raw, 'origin')
    return origin !== undefined && others.length === 0 && known.has(origin) ? origin : undefined
  }

  return {
    varies: !anybody,

    headers(raw) {
      const origin = allowed(raw)
      if (origin === undefined) return []
      return ['access-control-allow-origin', origin, 'access-control-expose-headers', exposed]
    },

    preflight(raw, { credentials }, methods) {
      const asks = valuesOf(raw, 'origin').length + valuesOf(raw, wantedMethod).length
      if (raw.method !== 'OPTIONS' || asks !== 2 || allowed(raw) === undefined) return undefined
      const names = credentials.filter((place) => place.in !== 'cookie').map(headerOf)
      return {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': [...new Set([...names, ...usual])].join(', '),
        'access-control-max-age': String(preflightLife),
      }
    },
  }
}

const wantedMethod = 'access-control-request-method'
