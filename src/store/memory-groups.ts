import type { Group, Members } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { type Line, memberLines, removalLines } from './change.ts'
import { isAbsent, isRoundabout } from './refusals.ts'

/** What of the memory store is about groups. */
export interface GroupTables {
  people: Map<PersonId, Person>
  groups: Map<string, Group>
  /** By the group's id. */
  members: Map<string, ReadonlySet<PersonId>>
  /** The groups that are directly in a group, by its id. */
  subgroups: Map<string, ReadonlySet<string>>
  /** By the group's id. */
  owners: Map<string, ReadonlySet<PersonId>>
}

export function putMembers(tables: GroupTables, write: Members, at: string): readonly Line[] {
  const { groupId, joining, leaving, nesting = [], unnesting = [] } = write
  const { appointing = [], dismissing = [] } = write
  const group = tables.groups.get(groupId)
  const isOfUs = (one: Group | Person | undefined) =>
    one !== undefined && one.organizationId === group?.organizationId
  const known =
    [...joining, ...appointing].every((id) => {
      const person = tables.people.get(id)
      return isOfUs(person) && person?.lifecycle !== 'deleted'
    }) && nesting.every((id) => isOfUs(tables.groups.get(id)))
  if (!group || !known) throw isAbsent()
  for (const id of nesting) refuseRound(tables, groupId, id)

  const members = regrouped(tables.members, groupId, joining, leaving)
  const inner = regrouped(tables.subgroups, groupId, nesting, unnesting)
  const owners = regrouped(tables.owners, groupId, appointing, dismissing)
  if ([members, inner, owners].some(({ come, gone }) => come.length + gone.length > 0)) {
    touch(tables, group, at)
  }
  return memberLines(groupId, members.come, members.gone, [...inner.come, ...inner.gone])
}

/** Puts some in and takes some out. @returns those who were not in before, and those who were */
function regrouped<Id extends string>(
  table: Map<string, ReadonlySet<Id>>,
  groupId: string,
  coming: readonly Id[],
  going: readonly Id[],
): { readonly come: readonly Id[]; readonly gone: readonly Id[] } {
  const inside = new Set(table.get(groupId))
  const come = coming.filter((id) => !inside.has(id) && inside.add(id))
  const gone = going.filter((id) => inside.delete(id))
  table.set(groupId, inside)
  return { come, gone }
}

function refuseRound(tables: GroupTables, groupId: string, childId: string): void {
  const found = new Set([childId])
  for (const id of found) for (const inner of tables.subgroups.get(id) ?? []) found.add(inner)
  if (found.has(groupId)) {
    throw isRoundabout()
  }
}

const touch = (tables: GroupTables, group: Group, at: string): void =>
  void tables.groups.set(group.id, { ...group, version: group.version + 1, updatedAt: at })

export function removeGroup(tables: GroupTables, groupId: string, at: string): readonly Line[] {
  if (!tables.groups.delete(groupId)) throw isAbsent()
  const left = [...(tables.members.get(groupId) ?? [])].sort()
  const parents = [...tables.groups.values()]
    .filter(({ id }) => tables.subgroups.get(id)?.has(groupId))
    .sort(byId)
  for (const parent of parents) {
    regrouped(tables.subgroups, parent.id, [], [groupId])
    touch(tables, parent, at)
  }
  for (const table of [tables.members, tables.subgroups, tables.owners]) table.delete(groupId)
  return removalLines(
    groupId,
    left,
    parents.map(({ id }) => id),
  )
}

/** The groups that some are in, directly or through others, but for these; by id. */
export function groupsAbove(tables: GroupTables, groups: readonly Group[]): readonly Group[] {
  const own = new Set(groups.map(({ id }) => id))
  const found = new Set(own)
  for (const id of found) {
    for (const [above, inside] of tables.subgroups) if (inside.has(id)) found.add(above)
  }
  return [...found.difference(own)].flatMap((id) => tables.groups.get(id) ?? []).sort(byId)
}

export const byId = (one: { readonly id: string }, other: { readonly id: string }): number =>
  one.id < other.id ? -1 : 1
