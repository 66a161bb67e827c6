import Type from 'typebox'
import type { Span } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import { textFrom } from './listing.ts'

/** An instant as it is sent; `instantFrom` reads it, and says better than a format what is wrong. */
export const SentInstant = Type.String({
  maxLength: 64,
  description: 'An instant, with Z or an offset (RFC 3339)',
})

const form = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** In the form in which it is kept. @throws invalid, naming the field */
export function instantFrom(field: string, text: string): string {
  try {
    if (form.test(text)) {
      const instant = new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString()
      // An offset may lead into a year that would be written otherwise.
      if (form.test(instant)) return instant
    }
  } catch {
    // No day of the calendar, or no time of it.
  }
  // In a query a plus is a space.
  const hint = / \d\d:\d\d$/.test(text) ? '; in an address, write + as %2B' : ''
  throw new Failure(
    'invalid',
    `${field}: must be an instant such as 2026-03-04T05:06:07Z, with Z or an offset (RFC 3339)${hint}`,
  )
}

/** Undefined without. @throws invalid */
export function instantIn(query: URLSearchParams, name: string): string | undefined {
  const text = textFrom(query, name)
  return text === undefined ? undefined : instantFrom(name, text)
}

/** Milliseconds. */
const day = 86_400_000

/** After this no instant is written in the form that is read. */
const lastInstant = '9999-12-31T23:59:59.999Z'

/** `from` until `until`; from now on, and for so many days, where they are left out. @throws invalid */
export function spanIn(query: URLSearchParams, now: number, days: number): Span {
  const from = instantIn(query, 'from') ?? new Date(now).toISOString()
  const until = instantIn(query, 'until') ?? instantAfter(from, days * day)
  return { from, until }
}

/** So many milliseconds later, as far as there are instants. */
export const instantAfter = (instant: string, later: number): string =>
  new Date(Math.min(Date.parse(instant) + later, Date.parse(lastInstant))).toISOString()
