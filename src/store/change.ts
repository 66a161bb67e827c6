import type { Change, Write } from '../directory/ports.ts'
import { pairOf } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'

/** A line of the change log, but for who, when and its place in the log. */
export type Line = Pick<Change, 'entity' | 'entityId' | 'personId' | 'kind'>

/** The line for a write of anything but members. */
export const lineOf = (write: Exclude<Write, { kind: 'members' }>, created: boolean): Line => ({
  entity: write.kind,
  ...subjectOf(write),
  kind: created ? 'created' : 'changed',
})

/** The lines for a write of members: one for the group, and one for everybody who really joined or left. */
export const memberLines = (
  groupId: string,
  joined: readonly PersonId[],
  left: readonly PersonId[],
): readonly Line[] => [
  { entity: 'group', entityId: groupId, kind: 'changed' },
  ...joined.map((personId) => membership(groupId, personId, 'created')),
  ...left.map((personId) => membership(groupId, personId, 'removed')),
]

const membership = (groupId: string, personId: PersonId, kind: Line['kind']): Line => ({
  entity: 'membership',
  entityId: groupId,
  personId,
  kind,
})

function subjectOf(
  write: Exclude<Write, { kind: 'members' }>,
): Pick<Change, 'entityId' | 'personId'> {
  switch (write.kind) {
    case 'person':
      return { entityId: write.person.id, personId: write.person.id }
    case 'organization':
      return { entityId: write.organization.id }
    case 'group':
      return { entityId: write.group.id }
    case 'key':
      return {
        entityId: write.key.id,
        ...(write.key.personId && { personId: write.key.personId }),
      }
    case 'event':
      return { entityId: String(write.event.number) }
    case 'attendee':
      return { entityId: String(write.attendee.number), personId: write.attendee.personId }
    case 'connection': {
      const { requesterId, addresseeId } = write.connection
      return { entityId: pairOf(requesterId, addresseeId).join(), personId: requesterId }
    }
  }
}
