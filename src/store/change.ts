import type { Change, Write } from '../directory/ports.ts'
import { pairOf } from '../gatherings/gatherings.ts'

/** The change-log line for a write, but for who, when and its place in the log. */
export function changeOf(
  write: Write,
  created: boolean,
): Pick<Change, 'entity' | 'entityId' | 'personId' | 'kind'> {
  const entity = write.kind === 'members' ? 'group' : write.kind
  return { entity, ...subjectOf(write), kind: created ? 'created' : 'changed' }
}

function subjectOf(write: Write): Pick<Change, 'entityId' | 'personId'> {
  switch (write.kind) {
    case 'person':
      return { entityId: write.person.id, personId: write.person.id }
    case 'organization':
      return { entityId: write.organization.id }
    case 'group':
      return { entityId: write.group.id }
    case 'members':
      return { entityId: write.groupId }
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
