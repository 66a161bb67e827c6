import type { Call, Method } from '../dialect.ts'
import { fieldsFrom, trimmed } from './fields.ts'

/** What of a request its answer depends on, beside what is answered. */
export type Frame = Pick<Call, 'url' | 'query' | 'switches'>

/** One thing in the vendor's envelope; none is null on the wire, and left out. */
export const enveloped = (frame: Frame, response: unknown, method: Method = 'GET'): unknown =>
  wrapped(frame, response, { count: response === undefined ? 0 : 1 }, method)

/** A list; `total` where all that fit are more than what is in it. */
export function envelopedList(
  frame: Frame,
  { items, total }: { readonly items: readonly unknown[]; readonly total?: number | undefined },
  method: Method = 'GET',
): unknown {
  const counts = { count: items.length, ...(total !== undefined && { total }) }
  return wrapped(frame, items, counts, method)
}

function wrapped(
  { url, query, switches }: Frame,
  whole: unknown,
  counts: object,
  method: Method,
): unknown {
  const fields = fieldsFrom(query)
  const response = fields ? trimmed(whole, fields) : whole
  if (!switches.envelope) return response
  return {
    ...(response !== undefined && { response }),
    ...counts,
    links: [{ href: url, action: method }],
    status: 0,
    statusCode: 200,
  }
}
