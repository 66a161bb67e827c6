// Pages by cursor: a cursor is the place to go on from, and a mark that only this server makes, of that place and of
// the question that it belongs to. It is good for ever. Pages by number: who asks for one after the other is remembered.
import type { PageInquiry } from '../directory/directory.ts'
import type { Listed } from '../directory/pages.ts'
import type { PersonId } from '../person/ids.ts'
import type { Call } from './dialect.ts'

type MarkOf = (place: string) => string

export const cursorAt = (place: string, markOf: MarkOf): string => `${place}.${markOf(place)}`

/** The place that a cursor holds; undefined where it is none of this server's, or of another question. */
export function placeIn(cursor: string, markOf: MarkOf): string | undefined {
  const [place = '', mark] = cursor.split('.')
  return mark === markOf(place) ? place : undefined
}

/**
 * The first `size` of a list in order of id that was asked for one more, so that a last page that is full is known for
 * the last; and the id to go on from, where there is more.
 */
export function firstOf<Item extends { readonly id: PersonId }>(
  { items, last }: Listed<Item>,
  size: number,
): { readonly page: readonly Item[]; readonly place: string | undefined } {
  const page = items.slice(0, size)
  return { page, place: items.length > size ? page.at(-1)?.id : last?.id }
}

/** The header of a page after which there is more: the same address with another cursor, without `dropped` parameters. */
export function nextLink(url: string, cursor: string, dropped: readonly string[] = []): string {
  const next = new URL(url)
  for (const name of dropped) next.searchParams.delete(name)
  next.searchParams.set('cursor', cursor)
  return `<${next.href}>; rel="next"`
}

/** The page of `size` that begins after `skip`, as one of a walk through the list at the request's path. */
export function numberedPage(
  { url }: Pick<Call, 'url'>,
  skip: number,
  size: number,
): Required<Pick<PageInquiry, 'from' | 'limit' | 'walk'>> {
  const [list = ''] = url.split('?')
  return { from: { skip }, limit: size, walk: { list, size } }
}
