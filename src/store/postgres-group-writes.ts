import type { Kysely } from 'kysely'
import type { Group, Members } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import { type Line as LogLine, memberLines, removalLines } from './change.ts'
import type { Runner } from './postgres-runner.ts'
import { isAbsent, isOvertaken, isRoundabout } from './refusals.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

/** The writes of groups and of who is in them; whoever calls holds the counter. */
export function groupWrites(db: Kysely<Tables>, write: Runner) {
  const isThere = async (query: Parameters<Runner['all']>[0]): Promise<boolean> =>
    (await write.all(query)).length > 0

  const areThere = async (all: readonly Parameters<Runner['all']>[0][]): Promise<boolean> =>
    (await Promise.all(all.map(isThere))).every(Boolean)

  /** Those of `ids` for which something changed; of one that is told twice, the first. */
  async function changed(
    ids: readonly string[],
    query: (id: string) => Parameters<Runner['run']>[0],
  ): Promise<string[]> {
    const counts = await Promise.all(ids.map((id) => write.run(query(id))))
    return ids.filter((_, index) => (counts[index] ?? 0) > 0)
  }

  const relate = (relation: queries.Relation, groupId: string, ids: readonly string[] = []) =>
    changed(ids, (id) => queries.relate(db, relation, groupId, id))

  const unrelate = (relation: queries.Relation, groupId: string, ids: readonly string[] = []) =>
    changed(ids, (id) => queries.unrelate(db, relation, groupId, id))

  async function refuseStrangers(members: Members): Promise<void> {
    const { groupId, joining, nesting = [], appointing = [] } = members
    const known = await areThere([
      queries.groupRow(db, groupId),
      ...[...joining, ...appointing].map((id) => queries.eligiblePerson(db, groupId, id)),
      ...nesting.map((id) => queries.eligibleGroup(db, groupId, id)),
    ])
    if (!known) throw isAbsent()
  }

  /** One group after the other, so that each is seen by the next. */
  async function nest(groupId: string, ids: readonly string[]): Promise<readonly string[]> {
    const nested: string[] = []
    for (const id of ids) {
      if (await isThere(queries.containedIn(db, groupId, id))) throw isRoundabout()
      nested.push(...(await relate('group_nesting', groupId, [id])))
    }
    return nested
  }

  return {
    async putGroup(group: Group): Promise<void> {
      if (group.version === 1) await write.run(queries.insertGroup(db, group))
      else if ((await write.run(queries.updateGroup(db, group))) === 0) throw isOvertaken('group')
    },
    async putMembers(members: Members, at: string): Promise<readonly LogLine[]> {
      await refuseStrangers(members)
      const { groupId, joining, leaving } = members
      const joined = (await relate('membership', groupId, joining)) as PersonId[]
      const left = (await unrelate('membership', groupId, leaving)) as PersonId[]
      const moved = [
        ...(await nest(groupId, members.nesting ?? [])),
        ...(await unrelate('group_nesting', groupId, members.unnesting)),
      ]
      const owners = [
        ...(await relate('group_owner', groupId, members.appointing)),
        ...(await unrelate('group_owner', groupId, members.dismissing)),
      ]
      if ([joined, left, moved, owners].some(({ length }) => length > 0)) {
        await write.run(queries.countGroupChange(db, groupId, at))
      }
      return memberLines(groupId, joined, left, moved)
    },
    async removeGroup(groupId: string, at: string): Promise<readonly LogLine[]> {
      if (!(await isThere(queries.groupRow(db, groupId)))) throw isAbsent()
      const left = await write.all(queries.memberIds(db, groupId))
      const parents = await write.all(queries.parentIds(db, groupId))
      for (const { group_id: parent } of parents) {
        await write.run(queries.countGroupChange(db, parent, at))
      }
      for (const query of queries.removeGroup(db, groupId)) await write.run(query)
      return removalLines(
        groupId,
        left.map(({ person_id }) => person_id as PersonId),
        parents.map(({ group_id }) => group_id),
      )
    },
  }
}
