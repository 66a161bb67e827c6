import type { PageInquiry } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { cursorAt, firstOf, nextLink, numberedPage, placeIn } from '../paging.ts'
import { projectListed, type Told } from './project.ts'
import type { ChakraUsers } from './schema.ts'

/** The vendor publishes no pages, so whoever knows of none gets as many as can be. */
const largestPage = 1000

const wanted = { presence: true }

/** The users of the caller's organization, by id. */
export async function list(call: Call, told: Told): Promise<Reply> {
  const { viewer, directory, query, switches, pictureAddress } = call
  const limit = numberFrom(query, 'limit', largestPage)
  if (limit > largestPage) {
    throw new Failure('invalid', `limit: a page has ${largestPage} users at most`)
  }
  const question = { ...placeFrom(call, limit), limit: limit + 1, total: false }
  const { page, place } = firstOf(await directory.search(viewer, question, wanted), limit)
  const body: ChakraUsers = {
    _data: page.map((person) => projectListed(person, switches, told, pictureAddress)),
  }
  return { ...ok(body), ...(place && { headers: { link: linkTo(call, place) } }) }
}

function numberFrom(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? String(otherwise)
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new Failure('invalid', `${name}: must be a whole number from 1 to 9999999`)
}

const markLength = 12

const markOf =
  ({ mark, viewer }: Call) =>
  (id: string): string =>
    mark('chakra cursor', `${viewer.organizationId} ${id}`, markLength)

/** By number, or by a cursor from the link of the page before, which is good for longer. */
function placeFrom(call: Call, limit: number): Pick<PageInquiry, 'from' | 'walk'> {
  const page = numberFrom(call.query, 'page', 1)
  const cursor = call.query.get('cursor')
  if (cursor === null) return numberedPage(call, (page - 1) * limit, limit)
  const id = placeIn(cursor, markOf(call))
  if (id !== undefined) return { from: { after: { key: null, id } } }
  throw new Failure('invalid', 'cursor: is none of this server')
}

const linkTo = (call: Call, id: string): string =>
  nextLink(call.url, cursorAt(id, markOf(call)), ['page'])
