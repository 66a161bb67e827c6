import type { GroupMember } from '../directory/ports.ts'
import { compared } from '../search/matches.ts'
import type { Found, Inquiry, Scalar } from '../search/search.ts'

/** Somebody or something that fits, with what it is put in order by. */
interface Place<Id extends string> {
  readonly id: Id
  readonly key: Scalar | null
}

/** The page that is asked for, of all that fit. */
export function pageOf<Id extends string>(
  all: readonly Place<Id>[],
  { order, from, limit, total }: Inquiry,
): Found<Id> {
  const descending = order?.descending ?? false
  const inOrder = (one: Place<string>, other: Place<string>): number =>
    (descending ? -1 : 1) * byKey(one, other) || compared(one.id, other.id)
  const sorted = all.toSorted(inOrder)
  const rest =
    'skip' in from
      ? sorted.slice(from.skip)
      : sorted.filter((place) => inOrder(from.after, place) < 0)
  const counted = total === 'left' && 'after' in from ? rest : all
  return { places: rest.slice(0, limit), ...(total && { total: counted.length }) }
}

function byKey({ key: one }: Place<string>, { key: other }: Place<string>): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return compared(one, other)
}

/** By group, then by whom or what it is about. */
export const inGroupOrder = (one: GroupMember, other: GroupMember): number =>
  compared(sortKey(one), sortKey(other))

const sortKey = (member: GroupMember): string =>
  [
    member.groupId,
    member.relation === 'subgroup' ? member.group.id : member.person.person.id,
    member.relation,
  ].join(' ')
