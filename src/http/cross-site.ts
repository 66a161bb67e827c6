import type { IncomingMessage } from 'node:http'
import type { Dialect } from '../dialects/dialect.ts'
import { Failure } from '../failure.ts'
import { presentedIn, valuesOf } from './headers.ts'

/** What a page's form can send by itself (HTML, `enctype`). */
const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']

/**
 * A browser sends cookies along whoever's page asked, so a write that only a cookie vouches for must come from
 * this server's own pages, or from what is no browser.
 * @throws forbidden
 */
export function refuseForged(raw: IncomingMessage, dialect: Dialect, publicUrl: string): void {
  if (!cookieAlone(raw, dialect) || isOwn(raw, new URL(publicUrl).origin)) return
  throw new Failure(
    'forbidden',
    'A request that writes with the key in a cookie alone must come from a page of this server; send the key in a header.',
    { reason: 'cross_site' },
  )
}

/** No other site can put a key into a header, so with one in both the header vouches. */
function cookieAlone(raw: IncomingMessage, { credentials }: Dialect): boolean {
  const places = credentials.filter((place) => presentedIn(raw, place))
  return places.length > 0 && places.every((place) => place.in === 'cookie')
}

function isOwn(raw: IncomingMessage, origin: string): boolean {
  const sites = valuesOf(raw, 'sec-fetch-site')
  const origins = valuesOf(raw, 'origin')
  const pages = origins.length > 0 ? origins : valuesOf(raw, 'referer').map(originOf)
  if (sites.length === 0 && pages.length === 0) return !couldBeForm(raw)
  return (
    sites.every((site) => site === 'same-origin' || site === 'none') &&
    pages.every((page) => page === origin)
  )
}

const originOf = (url: string): string => URL.parse(url)?.origin ?? 'null'

/** Forms send POST, and bodies of few types; for anything else a browser asks first, and says for which page. */
function couldBeForm(raw: IncomingMessage): boolean {
  const type = raw.headers['content-type']
  if (type === undefined) return raw.method === 'POST'
  return formTypes.includes(type.split(';')[0]?.trim().toLowerCase() ?? '')
}
