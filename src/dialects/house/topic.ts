import Type, { type TProperties } from 'typebox'
import { Failure } from '../../failure.ts'
import type { KeyedRoute, OpenRoute, Route, Told } from '../dialect.ts'
import { refuseUnknown } from './listing.ts'

/** The routes of a topic, with what holds for every one of ours, and told so in the document. */
export const topic = (tag: string, routes: readonly Route[]): readonly Route[] =>
  routes.map((route) => {
    const told = route.told && { told: { ...route.told, tag, ...besidesOf(route, route.told) } }
    return route.entry === 'key' ? { ...strict(route), ...told } : { ...route, ...told }
  })

/** Nothing is asked that there is not, and whoever asked wrongly is told by which parameter. */
function strict(route: KeyedRoute): KeyedRoute {
  const query = (route.told?.query ?? { properties: {} }) as { readonly properties: TProperties }
  const inPath = namesIn(route.path)
  return {
    ...route,
    async handle(call) {
      refuseUnknown(call.query, query)
      try {
        return await route.handle(call)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        const name = /^[A-Za-z]\w*(?=: )/.exec(error.message)?.[0] ?? ''
        // A body may have a field of the same name as a parameter.
        const named = route.body === undefined || error.code === 'invalid_id'
        if (!named || !(inPath.includes(name) || name in query.properties)) throw error
        const { code, message, retryAfter, reason } = error
        throw new Failure(code, message, {
          ...{ cause: error, parameter: name },
          ...(retryAfter !== undefined && { retryAfter }),
          ...(reason && { reason }),
        })
      }
    },
  }
}

const namesIn = (path: string): readonly string[] =>
  [...path.matchAll(/\/:(\w+)/g)].flatMap(([, name]) => name ?? [])

const Uuid = Type.String({ format: 'uuid' })

/** What is in an address and in headers is the same for all of them. */
function besidesOf(
  { method, path, entry }: KeyedRoute | OpenRoute,
  { answers }: Told,
): Pick<Told, 'params' | 'headers'> {
  if (entry !== 'key') return {}
  const ids = namesIn(path).filter((name) => name === 'id' || name === 'personId')
  const creates = method === 'POST' && 201 in answers
  const changes = ['PUT', 'PATCH', 'DELETE'].includes(method) || path.startsWith('/connections/:')
  return {
    params: Object.fromEntries(ids.map((name) => [name, Uuid])),
    headers: {
      ...(creates && { 'Idempotency-Key': IdempotencyKey }),
      ...(changes && method !== 'GET' && { 'If-Match': IfMatch }),
    },
  }
}

const IdempotencyKey = Type.String({
  description: 'The same request with the same key makes one thing, for a day',
})
const IfMatch = Type.String({
  description: 'The `ETag` that the thing must still have; anything else is 412',
})
