import { Failure } from '../../failure.ts'
import type { Call } from '../dialect.ts'
import { cursorAt, nextLink, placeIn } from '../paging.ts'

const markLength = 12
const largestPage = 100
const usualPage = 50

/** Which page of a list is asked for. */
export interface PageAsked {
  readonly limit: number
  /** The place after which it begins. */
  readonly after: string | undefined
  /** The headers of a page after which there is more from that place on. */
  readonly headersTo: (place: string | undefined) => Readonly<Record<string, string>>
}

/** A cursor is good for the same question, asked by somebody of the same organization. @throws invalid */
export function pageFrom(call: Call, topic: string): PageAsked {
  const { query, viewer, mark } = call
  const filter = [...query]
    .filter(([name]) => name !== 'cursor' && name !== 'limit')
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const markOf = (place: string) =>
    mark('house cursor', JSON.stringify([viewer.organizationId, topic, filter, place]), markLength)
  const cursor = query.get('cursor')
  const after = cursor === null ? undefined : placeIn(cursor, markOf)
  if (cursor !== null && after === undefined) {
    throw new Failure('invalid', 'cursor: is none of this server, or belongs to another question')
  }
  return {
    limit: limitFrom(query),
    after,
    headersTo: (place) =>
      place === undefined ? {} : { link: nextLink(call.url, cursorAt(place, markOf)) },
  }
}

/** @throws invalid */
export function limitFrom(query: URLSearchParams): number {
  const text = query.get('limit') ?? String(usualPage)
  const limit = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Number.NaN
  if (limit <= largestPage) return limit
  throw new Failure('invalid', `limit: must be a whole number from 1 to ${largestPage}`)
}

/** A misspelt filter must not come to mean everybody. @throws invalid for parameters that there are not, or twice */
export function refuseUnknown(query: URLSearchParams, schema: { readonly properties: object }) {
  const known = Object.keys(schema.properties)
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      const there = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none'
      throw new Failure('invalid', `${name.slice(0, 100)}: is no parameter here; ${there}`)
    }
    if (query.getAll(name).length > 1) throw new Failure('invalid', `${name}: is there twice`)
  }
}

/** The text of a parameter; undefined without. An empty one is a mistake. @throws invalid */
export function textFrom(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)?.trim()
  if (text === '') throw new Failure('invalid', `${name}: is empty`)
  return text
}

/** @throws invalid, naming the choices */
export function choiceFrom<Choice extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textFrom(query, name)
  const choice = choices.find((one) => one === text)
  if (text === undefined || choice !== undefined) return choice
  throw new Failure('invalid', `${name}: must be one of ${choices.join(', ')}`)
}
