import { Failure } from '../../failure.ts'
import { type Call, get, ok, type Reply, type Route } from '../dialect.ts'
import { limitFrom } from './listing.ts'
import { inOrder } from './project.ts'
import { Changes, ChangesQuery } from './schema.ts'

export const changeRoutes: readonly Route[] = [
  get('/changes', list, {
    ...{ summary: 'List what was written in the organizations that I administer' },
    ...{ query: ChangesQuery, answers: { 200: Changes } },
  }),
]

async function list(call: Call): Promise<Reply> {
  const { viewer, steward, query } = call
  const limit = limitFrom(query)
  const after = placeFrom(call)
  const { changes, place, more } = await steward.changes(viewer, after, limit)
  const cursor = cursorOf(call, place)
  const next = new URL(call.url)
  next.searchParams.set('after', cursor)
  const headers: Record<string, string> = more ? { link: `<${next.href}>; rel="next"` } : {}
  return { ...ok(inOrder(Changes, { items: changes, cursor })), headers }
}

// A place in the log counts everybody's writes. So a cursor hides it: its mark, and the place with a key added that
// only this server can make of the mark.

const bytes = 8
const purpose = 'changes cursor'

const markOf = ({ mark, viewer }: Call, place: number): string =>
  mark(purpose, `${viewer.organizationId} ${place}`, bytes)

const keyOf = ({ mark }: Call, text: string): bigint =>
  BigInt(`0x${mark(`${purpose} key`, text, bytes)}`)

function cursorOf(call: Call, place: number): string {
  const mark = markOf(call, place)
  return mark + (keyOf(call, mark) ^ BigInt(place)).toString(16).padStart(2 * bytes, '0')
}

/** @throws invalid */
function placeFrom(call: Call): number {
  const cursor = call.query.get('after')
  if (cursor === null) return 0
  const [, mark = '', hidden = ''] = /^([0-9a-f]{16})([0-9a-f]{16})$/.exec(cursor) ?? []
  const place = mark === '' ? -1 : Number(keyOf(call, mark) ^ BigInt(`0x${hidden}`))
  if (mark !== '' && Number.isSafeInteger(place) && markOf(call, place) === mark) return place
  throw new Failure('invalid', 'after: is no cursor of this server for this organization')
}
