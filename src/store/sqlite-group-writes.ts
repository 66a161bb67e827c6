import type { Kysely } from 'kysely'
import type { Group, Members } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import { type Line, memberLines, removalLines } from './change.ts'
import { isAbsent, isOvertaken, isRoundabout } from './refusals.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'
import type { Runner } from './sqlite-runner.ts'

/** The writes of groups and of who is in them; whoever calls holds the write lock. */
export function groupWrites(db: Kysely<Tables>, write: Runner) {
  const there = (query: { compile(): Parameters<Runner['all']>[0] }): boolean =>
    write.all(query.compile()).length > 0

  /** Relates those of `ids` that are not related yet. @returns them */
  const relate = (relation: queries.Relation, groupId: string, ids: readonly string[]) =>
    ids.filter((id) => write.run(queries.relate(db, relation, groupId, id).compile()) > 0)

  /** Parts those of `ids` that are related. @returns them */
  const unrelate = (relation: queries.Relation, groupId: string, ids: readonly string[]) =>
    ids.filter((id) => write.run(queries.unrelate(db, relation, groupId, id).compile()) > 0)

  function refuseStrangers({ groupId, joining, nesting = [], appointing = [] }: Members): void {
    const known =
      there(queries.groupRow(db, groupId)) &&
      [...joining, ...appointing].every((id) => there(queries.eligiblePerson(db, groupId, id))) &&
      nesting.every((id) => there(queries.eligibleGroup(db, groupId, id)))
    if (!known) throw isAbsent()
  }

  /** One group after the other, so that each is seen by the next. */
  const nest = (groupId: string, ids: readonly string[]): readonly string[] =>
    ids.filter((id) => {
      if (there(queries.containedIn(db, groupId, id))) throw isRoundabout()
      return relate('group_nesting', groupId, [id]).length > 0
    })

  return {
    putGroup(group: Group): void {
      if (group.version === 1) write.run(queries.insertGroup(db, group).compile())
      else if (write.run(queries.updateGroup(db, group).compile()) === 0) {
        throw isOvertaken('group')
      }
    },
    putMembers(members: Members, at: string): readonly Line[] {
      refuseStrangers(members)
      const { groupId, joining, leaving } = members
      const joined = relate('membership', groupId, joining) as PersonId[]
      const left = unrelate('membership', groupId, leaving) as PersonId[]
      const moved = [
        ...nest(groupId, members.nesting ?? []),
        ...unrelate('group_nesting', groupId, members.unnesting ?? []),
      ]
      const owners = [
        ...relate('group_owner', groupId, members.appointing ?? []),
        ...unrelate('group_owner', groupId, members.dismissing ?? []),
      ]
      if ([joined, left, moved, owners].some(({ length }) => length > 0)) {
        write.run(queries.countGroupChange(db, groupId, at).compile())
      }
      return memberLines(groupId, joined, left, moved)
    },
    removeGroup(groupId: string, at: string): readonly Line[] {
      if (!there(queries.groupRow(db, groupId))) throw isAbsent()
      const left = write.all(queries.memberIds(db, groupId).compile())
      const parents = write.all(queries.parentIds(db, groupId).compile())
      for (const { group_id: parent } of parents) {
        write.run(queries.countGroupChange(db, parent, at).compile())
      }
      for (const query of queries.removeGroup(db, groupId)) write.run(query.compile())
      return removalLines(
        groupId,
        left.map(({ person_id }) => person_id as PersonId),
        parents.map(({ group_id }) => group_id),
      )
    },
  }
}
