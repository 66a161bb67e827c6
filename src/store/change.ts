import { isDeepStrictEqual } from 'node:util'
import type { Change, Write } from '../directory/ports.ts'
import { pairOf } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'

/** A line of the change log, but for who, when and its place in the log. */
export type Line = Pick<Change, 'entity' | 'entityId' | 'personId' | 'kind'>

/** What is written in whole, and has one line for it. */
export type Put = Exclude<
  Write,
  { kind: 'members' | 'groupRemoval' | 'attendeeRemoval' | 'receipt' }
>

export const lineOf = (write: Put, created: boolean): Line => ({
  entity: write.kind === 'connection' && isBlock(write) ? 'block' : write.kind,
  ...subjectOf(write),
  kind: created ? 'created' : 'changed',
})

/** Whether all that changes is who wants nothing of the other. Who does not say what was there before blocks nobody. */
function isBlock({ connection, before }: Extract<Write, { kind: 'connection' }>): boolean {
  if (before === undefined) return false
  const blockers = connection.blockedByIds
  if (before === null) return connection.state === 'none' && blockers !== undefined
  if (isDeepStrictEqual(blockers, before.blockedByIds)) return false
  return (['requesterId', 'addresseeId', 'state', 'rejectedById'] as const).every(
    (field) => connection[field] === before[field],
  )
}

/**
 * The lines for a write of members: one for the group, one for each group that really came into it or went, since in
 * what it is in has changed, and one for everybody who really joined or left.
 */
export const memberLines = (
  groupId: string,
  joined: readonly PersonId[],
  left: readonly PersonId[],
  moved: readonly string[],
): readonly Line[] => [
  groupLine(groupId, 'changed'),
  ...moved.map((id) => groupLine(id, 'changed')),
  ...joined.map((personId) => membership(groupId, personId, 'created')),
  ...left.map((personId) => membership(groupId, personId, 'removed')),
]

/** The lines for a group that is gone, with those who were in it; the groups that it was in have changed. */
export const removalLines = (
  groupId: string,
  left: readonly PersonId[],
  parents: readonly string[],
): readonly Line[] => [
  ...left.map((personId) => membership(groupId, personId, 'removed')),
  ...parents.map((parent) => groupLine(parent, 'changed')),
  groupLine(groupId, 'removed'),
]

const groupLine = (entityId: string, kind: Line['kind']): Line => ({
  entity: 'group',
  entityId,
  kind,
})

const membership = (groupId: string, personId: PersonId, kind: Line['kind']): Line => ({
  entity: 'membership',
  entityId: groupId,
  personId,
  kind,
})

function subjectOf(write: Put): Pick<Change, 'entityId' | 'personId'> {
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
    case 'meeting':
      return { entityId: write.meeting.id, personId: write.meeting.organizerId }
  }
}
