import type { Group, Members, Store, Write } from '../../directory/ports.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import { folded } from '../../person/text.ts'

/** Somebody joins a group or leaves it. */
export interface Move {
  readonly group: Group
  readonly personId: PersonId
  readonly joins: boolean
}

/** The groups of one organization by name, those with them that are yet to be made. */
export interface Memberships {
  /** The group of that name, without case; a new one where there is none. */
  group(name: string): Promise<Group>
  /** What makes `moves`: each group of theirs that is new, and who joins and leaves. */
  writes(moves: readonly Move[]): readonly Write[]
  /** `moves` are made, and their groups are no longer new. */
  made(moves: readonly Move[]): void
  /** The names are read anew: somebody else may have made groups meanwhile. */
  forget(): void
}

/** `instant` is when a group is made. */
export function membershipsOf(
  { groups }: { readonly groups: Pick<Store['groups'], 'inOrganization'> },
  organizationId: OrganizationId,
  instant: () => string = () => new Date().toISOString(),
): Memberships {
  /** By id. */
  const fresh = new Set<string>()
  let known: Promise<Map<string, Group>> | undefined

  async function allByName(): Promise<Map<string, Group>> {
    const all = await groups.inOrganization(organizationId)
    return new Map(all.map((group) => [folded(group.name), group]))
  }

  return {
    async group(name) {
      known ??= allByName()
      const byName = await known
      const there = byName.get(folded(name))
      if (there) return there
      const at = instant()
      const group: Group = {
        id: crypto.randomUUID(),
        organizationId,
        name,
        version: 1,
        createdAt: at,
        updatedAt: at,
      }
      fresh.add(group.id)
      byName.set(folded(name), group)
      return group
    },
    writes: (moves) =>
      [...Map.groupBy(moves, ({ group }) => group.id)].flatMap(([groupId, all]): Write[] => [
        ...all
          .slice(0, fresh.has(groupId) ? 1 : 0)
          .map(({ group }) => ({ kind: 'group' as const, group })),
        membersOf(groupId, all),
      ]),
    made(moves) {
      for (const { group } of moves) fresh.delete(group.id)
    },
    forget() {
      known = undefined
      fresh.clear()
    },
  }
}

function membersOf(groupId: string, moves: readonly Move[]): Members {
  // The last word on each person counts.
  const joins = new Map(moves.map(({ personId, joins }) => [personId, joins]))
  const those = (joining: boolean) => [...joins.keys()].filter((id) => joins.get(id) === joining)
  return { kind: 'members', groupId, joining: those(true), leaving: those(false) }
}
