import type { PersonId } from '../person/ids.ts'
import type { Meeting } from './gatherings.ts'

/** The next version of a meeting that is another to all who take part, at the instant `now`. */
export const revised = (
  meeting: Meeting,
  change: Partial<Pick<Meeting, 'state'>>,
  now: string,
): Meeting => ({ ...meeting, ...change, version: meeting.version + 1, updatedAt: now })

/**
 * The meeting once a participant takes part no longer: without its organizer, or with nobody but them, there is none.
 * Else it is no other at any other time, since some of those who stay may not know of who leaves.
 */
export function without(meeting: Meeting, personId: PersonId, now: string): Meeting {
  const participantIds = meeting.participantIds.filter((id) => id !== personId)
  if (personId === meeting.organizerId || participantIds.length < 2) {
    return revised(meeting, { state: 'cancelled' }, now)
  }
  return { ...meeting, participantIds, version: meeting.version + 1 }
}
