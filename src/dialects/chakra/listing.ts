import { Failure } from '../../failure.ts'
import type { From } from '../../search/search.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { projectListed, type Told } from './project.ts'
import type { ChakraUsers } from './schema.ts'

/** The vendor publishes no pages, so whoever knows of none gets as many as can be. */
const largestPage = 1000

const wanted = { presence: true }

/** The users of the caller's organization, by id. */
export async function list(call: Call, told: Told): Promise<Reply> {
  const { viewer, directory, query, switches } = call
  const limit = numberFrom(query, 'limit', largestPage)
  if (limit > largestPage) {
    throw new Failure('invalid', `limit: a page has ${largestPage} users at most`)
  }
  const question = { from: placeFrom(call, limit), limit: limit + 1, total: false }
  const { items, last } = await directory.search(viewer, question, wanted)
  const page = items.slice(0, limit)
  // One more than is given was asked for, so that a last page that is full is known for the last.
  const place = items.length > limit ? page.at(-1)?.id : last?.id
  const body: ChakraUsers = { _data: page.map((person) => projectListed(person, switches, told)) }
  return { ...ok(body), ...(place && { headers: { link: nextLink(call, place) } }) }
}

function numberFrom(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? String(otherwise)
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new Failure('invalid', `${name}: must be a whole number from 1 to 9999999`)
}

// A page by number shifts when people come and go. A cursor, from the link of the page before, does not: it is the id
// of the last one there, with a mark that only this server makes.

const markLength = 12

function placeFrom(call: Call, limit: number): From {
  const page = numberFrom(call.query, 'page', 1)
  const cursor = call.query.get('cursor')
  if (cursor === null) return { skip: (page - 1) * limit }
  const [id = '', mark] = cursor.split('.')
  if (mark === markOf(call, id)) return { after: { key: null, id } }
  throw new Failure('invalid', 'cursor: is none of this server')
}

function nextLink(call: Call, id: string): string {
  const next = new URL(call.url)
  next.searchParams.delete('page')
  next.searchParams.set('cursor', `${id}.${markOf(call, id)}`)
  return `<${next.href}>; rel="next"`
}

const markOf = ({ mark, viewer }: Call, id: string): string =>
  mark('chakra cursor', `${viewer.organizationId} ${id}`, markLength)
