import { type Kysely, sql } from 'kysely'
import type { Gatherings, Receipt, Write } from '../directory/ports.ts'
import { type Meeting, pairOf } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import { type Line as LogLine, lineOf } from './change.ts'
import type { Runner } from './postgres-runner.ts'
import {
  areOftenTogether,
  isDoneAlready,
  isNotAsSeen,
  isOvertaken,
  isSlotTaken,
  receiptsKept,
} from './refusals.ts'
import * as queries from './sql/gatherings.ts'
import type { Tables } from './sql/tables.ts'

/** What is read here, each read as it is answered. */
type Reads = Omit<Gatherings, 'connectionsOf' | 'attendees' | 'search'>

/** How many old receipts are forgotten when one is written. */
const forgottenAtOnce = 1_000

/** The reads of gatherings that are not hot. */
export function gatheringReads(
  db: Kysely<Tables>,
  reading: <T>(work: (read: Runner) => Promise<T>) => Promise<T>,
): Reads {
  return {
    eventByUrl: (url) =>
      reading(({ first }) => first(queries.eventByUrl(db, url), queries.eventFrom)),
    attendeeByPerson: (eventNumber, personId) =>
      reading(({ first }) =>
        first(queries.attendeeOf(db, eventNumber, personId), queries.attendeeFrom),
      ),
    connection: (one, other) =>
      reading(({ first }) =>
        first(queries.connectionBetween(db, one, other), queries.connectionFrom),
      ),
    eventsOf: (organizationId, page) =>
      reading(async ({ all }) =>
        (await all(queries.eventsOf(db, organizationId, page))).map(queries.eventFrom),
      ),
    eventsAttendedBy: (personId, page) =>
      reading(async ({ all }) =>
        (await all(queries.eventsAttendedBy(db, personId, page))).map(queries.eventFrom),
      ),
    connectionsWith: (personId, page) =>
      reading(async ({ all }) =>
        (await all(queries.connectionsWith(db, personId, page))).map(queries.connectionFrom),
      ),
    meetingById: (id) =>
      reading(({ first }) => first(queries.meetingById(db, id), queries.meetingFrom)),
    meetingsWithin: (personIds, span) =>
      reading(async ({ all }) => {
        const among = sql`(select unnest(${personIds}::text[]) as id)`
        const query = queries.meetingsWithin(db, among, span)
        return (await all({ compile: () => query })).map(queries.meetingFrom).sort(queries.byStart)
      }),
    meetingsOf: (personId, page) =>
      reading(async ({ all }) => {
        const query = queries.meetingsOf(db, personId, page)
        return (await all({ compile: () => query })).map(queries.meetingFrom)
      }),
  }
}

/** The writes of gatherings; whoever calls holds the counter. Each is true when it made something new. */
export function gatheringWrites(db: Kysely<Tables>, write: Runner) {
  async function takeParticipants(meeting: Meeting): Promise<void> {
    const { id, participantIds, start, end, state } = meeting
    const before = await write.all(queries.participantsOf(db, id))
    const all = new Set<string>([...participantIds, ...before.map((row) => row.person_id)])
    await Promise.all([...all].sort().map((one) => write.run(queries.holdCalendar(db, one))))
    if (state !== 'booked') return
    const isTaken = async (personId: PersonId): Promise<boolean> => {
      const rows = await write.all(queries.lastBefore(db, personId, end, id))
      return rows.some(({ end_at }) => end_at > start)
    }
    if ((await Promise.all(participantIds.map(isTaken))).includes(true)) throw isSlotTaken()
  }

  return {
    async putEvent({ event, before }: Extract<Write, { kind: 'event' }>): Promise<boolean> {
      const stored = await write.first(queries.eventByNumber(db, event.number), queries.eventFrom)
      if (isNotAsSeen(stored, before)) throw isOvertaken('event')
      await write.run(queries.putEvent(db, event))
      return stored === undefined
    },
    async putAttendee({ attendee }: Extract<Write, { kind: 'attendee' }>): Promise<boolean> {
      const query = queries.attendeeByNumber(db, attendee.number)
      const stored = await write.first(query, queries.attendeeFrom)
      await write.run(queries.putAttendee(db, attendee))
      return stored === undefined
    },
    async removeAttendee({
      eventNumber,
      personId,
    }: Extract<Write, { kind: 'attendeeRemoval' }>): Promise<readonly LogLine[]> {
      const query = queries.attendeeOf(db, eventNumber, personId)
      const attendee = await write.first(query, queries.attendeeFrom)
      if (!attendee) return []
      await write.run(queries.removeAttendee(db, attendee.number))
      return [{ ...lineOf({ kind: 'attendee', attendee }, false), kind: 'removed' }]
    },
    async putConnection({
      connection,
      before,
    }: Extract<Write, { kind: 'connection' }>): Promise<boolean> {
      const [one, other] = pairOf(connection.requesterId, connection.addresseeId)
      const query = queries.connectionBetween(db, one, other)
      const stored = await write.first(query, queries.connectionFrom)
      if (isNotAsSeen(stored, before)) throw isOvertaken('connection')
      await write.run(queries.putConnection(db, connection))
      return stored === undefined
    },
    async putMeeting({
      meeting,
      mostTogether: most,
    }: Extract<Write, { kind: 'meeting' }>): Promise<boolean> {
      const { id, version } = meeting
      const stored = await write.first(queries.meetingById(db, id), (row) => row)
      if (version !== (stored?.version ?? 0) + 1) throw isOvertaken('meeting')
      await takeParticipants(meeting)
      if (most !== undefined) {
        const query = queries.oftenTogether(db, meeting, most)
        const found = await write.all({ compile: () => query })
        if (found.length > 0) throw areOftenTogether(most)
      }
      if (!stored) await write.run(queries.insertMeeting(db, meeting))
      else if ((await write.run(queries.updateMeeting(db, meeting))) === 0) {
        throw isOvertaken('meeting')
      }
      await Promise.all([
        write.run(queries.removeParticipants(db, id)),
        ...queries
          .participantRows(meeting)
          .map((row) => write.run(queries.insertParticipant(db, row))),
      ])
      return stored === undefined
    },
    async putReceipt(receipt: Receipt): Promise<void> {
      const oldest = new Date(Date.parse(receipt.at) - receiptsKept).toISOString()
      await write.run(queries.forgetReceipts(db, oldest, forgottenAtOnce))
      await write.run(queries.forgetReceipt(db, receipt, oldest))
      if ((await write.run(queries.insertReceipt(db, receipt))) === 0) throw isDoneAlready()
    },
  }
}
