import type { Group, Store, Write } from '../../directory/ports.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import { folded } from '../../person/text.ts'
import { bad, shown } from './values.ts'

/** Somebody joins a group or leaves it. */
export interface Move {
  readonly group: Group
  readonly personId: PersonId
  readonly joins: boolean
}

/** Who joins and leaves which group of one organization, gathered until it is written. */
export interface Memberships {
  /** The group of that name, without case; a new one where there is none. @throws invalid when several have it */
  group(name: string): Promise<Group>
  /**
   * The writes that are due once `moves` are made. A write states all members of its group, so a large group
   * waits until there is as much to add as it has; `all` are due at the end.
   */
  due(moves: readonly Move[], all: boolean): Promise<readonly GroupWrite[]>
  /** `moves` were made, and `written` was written. */
  settle(moves: readonly Move[], written: readonly GroupWrite[]): void
}

type GroupWrite = Extract<Write, { kind: 'group' }>

interface Waiting {
  readonly group: Group
  /** The last word on each person: whether they join. */
  readonly moves: Map<PersonId, boolean>
}

export function membershipsOf(
  { groups }: Pick<Store, 'groups'>,
  organizationId: OrganizationId,
): Memberships {
  const waiting = new Map<string, Waiting>()
  const sizes = new Map<string, number>()
  let known: Promise<Map<string, Group[]>> | undefined

  async function allByName(): Promise<Map<string, Group[]>> {
    return Map.groupBy(await groups.inOrganization(organizationId), ({ name }) => folded(name))
  }

  async function groupWrite({ group, moves }: Waiting): Promise<GroupWrite> {
    const memberIds = new Set(await groups.memberIds(group.id))
    for (const [personId, joins] of moves) {
      if (joins) memberIds.add(personId)
      else memberIds.delete(personId)
    }
    return { kind: 'group', group, memberIds: [...memberIds] }
  }

  return {
    async group(name) {
      known ??= allByName()
      const byName = await known
      const [group, twin] = byName.get(folded(name)) ?? []
      if (twin) throw bad(`several groups are called ${shown(name)}; give each a name of its own`)
      if (group) return group
      const fresh: Group = { id: crypto.randomUUID(), organizationId, name }
      byName.set(folded(name), [fresh])
      return fresh
    },
    async due(moves, all) {
      const writes: GroupWrite[] = []
      for (const one of gathered(waiting, moves).values()) {
        if (!all && one.moves.size < (sizes.get(one.group.id) ?? 0)) continue
        writes.push(await groupWrite(one))
      }
      return writes
    },
    settle(moves, written) {
      for (const [id, one] of gathered(waiting, moves)) waiting.set(id, one)
      for (const { group, memberIds } of written) {
        waiting.delete(group.id)
        sizes.set(group.id, memberIds.length)
      }
    },
  }
}

/** What waits, with `moves` beside; of a group that none of them touches, the very same. */
function gathered(
  waiting: ReadonlyMap<string, Waiting>,
  moves: readonly Move[],
): ReadonlyMap<string, Waiting> {
  const all = new Map(waiting)
  const fresh = new Set<string>()
  for (const { group, personId, joins } of moves) {
    const before = all.get(group.id)
    const one = before && fresh.has(group.id) ? before : { group, moves: new Map(before?.moves) }
    fresh.add(group.id)
    one.moves.set(personId, joins)
    all.set(group.id, one)
  }
  return all
}
