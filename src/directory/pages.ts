import type { Found, Inquiry, Scalar } from '../search/search.ts'
import type { Beginning, ViewersWalk } from './walks.ts'

/** A page of what was asked for. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  /** Of all that the viewer may see, where it was wanted. */
  readonly total?: number
  /** The place to go on from; undefined where nothing comes after. There may be nothing where there is one. */
  readonly last?: { readonly key: Scalar | null; readonly id: string }
}

/** How a list is read: who fits, and then what there is to tell of them. */
export interface Reading<Id extends string, Item> {
  readonly find: (asked: Inquiry) => Promise<Found<Id>>
  /** Those who are still there, in that order. */
  readonly read: (ids: readonly Id[]) => Promise<readonly Item[]>
  readonly idOf: (item: Item) => Id
}

/** A page that begins after a place, or after so many. */
export const readPage = async <Id extends string, Item>(
  question: Inquiry,
  reading: Reading<Id, Item>,
): Promise<Listed<Item>> => listed(await full(question, reading))

/** A page of a walk whose pages have `size`: where the one before it was given out, it begins where that one ended. */
export async function readStep<Id extends string, Item>(
  walk: ViewersWalk,
  question: Inquiry & { readonly from: { readonly skip: number } },
  size: number,
  reading: Reading<Id, Item>,
): Promise<Listed<Item>> {
  const { skip } = question.from
  if (skip === 0) walk.begin()
  const beginning = walk.beginningAt(skip)
  const page = await full(beginning ? goingOn(question, beginning) : question, reading)
  const before = beginning?.given ?? skip
  const given = page.items.slice(0, size)
  const after = endOf(page, given, size, reading) ?? beginning?.after
  if (after) {
    walk.endedAt([skip + given.length, skip + size], { after, given: before + given.length })
  }
  const { total, ...rest } = listed(page)
  return { ...rest, ...(total !== undefined && { total: beginning ? before + total : total }) }
}

const goingOn = (question: Inquiry, { after }: Beginning): Inquiry => ({
  ...question,
  from: { after },
  total: question.total && 'left',
})

/** The place of the last of `size` who were given; of fewer nobody is left, and it is that of the last who was looked up. */
function endOf<Id extends string, Item>(
  { places }: FullPage<Id, Item>,
  given: readonly Item[],
  size: number,
  { idOf }: Reading<Id, Item>,
): Beginning['after'] | undefined {
  const last = given.at(size - 1)
  return last === undefined ? places.at(-1) : places.find(({ id }) => id === idOf(last))
}

interface FullPage<Id extends string, Item> {
  readonly items: readonly Item[]
  /** Of all who were looked up, gone or not. */
  readonly places: Found<Id>['places']
  /** Nobody came after. */
  readonly ended: boolean
  readonly total?: number
}

function listed<Item>({ items, places, ended, total }: FullPage<string, Item>): Listed<Item> {
  const last = ended ? undefined : places.at(-1)
  return { items, ...(total !== undefined && { total }), ...(last && { last }) }
}

/** How often those who are gone by the time they are read are made up for. */
const mostRounds = 5

/**
 * A page, full where there is enough to fill it: clients take a short one for the last, and whoever fits when they are
 * looked up may be gone by the time they are read.
 */
async function full<Id extends string, Item>(
  question: Inquiry,
  { find, read }: Reading<Id, Item>,
): Promise<FullPage<Id, Item>> {
  const readAll = async (places: Found<Id>['places']) =>
    places.length === 0 ? [] : read(places.map(({ id }) => id))
  const { places: first, total } = await find(question)
  const items = [...(await readAll(first))]
  const gone = first.length - items.length
  const places = [...first]
  let ended = first.length < question.limit
  for (let round = 1; !ended && items.length < question.limit && round < mostRounds; round += 1) {
    const limit = question.limit - items.length
    const { places: more } = await find({
      ...question,
      ...goingOnFrom(places),
      limit,
      total: false,
    })
    places.push(...more)
    items.push(...(await readAll(more)))
    ended = more.length < limit
  }
  return { items, places, ended, ...(total !== undefined && { total: total - gone }) }
}

const goingOnFrom = (places: Found<string>['places']): Pick<Inquiry, 'from'> | undefined => {
  const after = places.at(-1)
  return after && { from: { after } }
}
