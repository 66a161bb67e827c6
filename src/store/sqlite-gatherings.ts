import { type CompiledQuery, type Kysely, sql } from 'kysely'
import type { Gatherings, Receipt, Write } from '../directory/ports.ts'
import { type Meeting, pairOf } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import { type Line, lineOf } from './change.ts'
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
import type { Runner } from './sqlite-runner.ts'

/** What is read here, each read as it is answered. */
type Reads = Omit<Gatherings, 'connectionsOf' | 'attendees' | 'search'>

/** How many old receipts are forgotten when one is written. */
const forgottenAtOnce = 1_000

/** The reads of gatherings that are not hot, each within what `answering` says. */
export function gatheringReads(
  db: Kysely<Tables>,
  read: Runner,
  answering: <T>(work: () => T) => Promise<T>,
): Reads {
  const meetings = (query: CompiledQuery<Tables['meeting']>) =>
    answering(() => read.all(query).map(queries.meetingFrom))

  return {
    eventByUrl: (url) =>
      answering(() => read.first(queries.eventByUrl(db, url).compile(), queries.eventFrom)),
    attendeeByPerson: (eventNumber, personId) =>
      answering(() =>
        read.first(queries.attendeeOf(db, eventNumber, personId).compile(), queries.attendeeFrom),
      ),
    connection: (one, other) =>
      answering(() =>
        read.first(queries.connectionBetween(db, one, other).compile(), queries.connectionFrom),
      ),
    eventsOf: (organizationId, page) =>
      answering(() =>
        read.all(queries.eventsOf(db, organizationId, page).compile()).map(queries.eventFrom),
      ),
    eventsAttendedBy: (personId, page) =>
      answering(() =>
        read.all(queries.eventsAttendedBy(db, personId, page).compile()).map(queries.eventFrom),
      ),
    connectionsWith: (personId, page) =>
      answering(() =>
        read.all(queries.connectionsWith(db, personId, page).compile()).map(queries.connectionFrom),
      ),
    meetingById: (id) =>
      answering(() => read.first(queries.meetingById(db, id).compile(), queries.meetingFrom)),
    async meetingsWithin(personIds, span) {
      const among = sql`(select value as id from json_each(${JSON.stringify(personIds)}))`
      return (await meetings(queries.meetingsWithin(db, among, span))).sort(queries.byStart)
    },
    meetingsOf: (personId, page) => meetings(queries.meetingsOf(db, personId, page)),
  }
}

/** The writes of gatherings; whoever calls holds the write lock. Each is true when it made something new. */
export function gatheringWrites(db: Kysely<Tables>, write: Runner) {
  function takeParticipants(meeting: Meeting): void {
    const { id, participantIds, start, end, state } = meeting
    const before = write.all(queries.participantsOf(db, id).compile())
    const all = new Set<string>([...participantIds, ...before.map((row) => row.person_id)])
    for (const personId of [...all].sort()) write.run(queries.holdCalendar(db, personId).compile())
    if (state === 'booked' && participantIds.some((one) => isTaken(one, { id, start, end }))) {
      throw isSlotTaken()
    }
  }

  const isTaken = (
    personId: PersonId,
    { id, start, end }: Pick<Meeting, 'id' | 'start' | 'end'>,
  ): boolean => {
    const query = queries.lastBefore(db, personId, end, id).compile()
    return write.all(query).some(({ end_at }) => end_at > start)
  }

  return {
    putEvent({ event, before }: Extract<Write, { kind: 'event' }>): boolean {
      const query = queries.eventByNumber(db, event.number).compile()
      const stored = write.first(query, queries.eventFrom)
      if (isNotAsSeen(stored, before)) throw isOvertaken('event')
      write.run(queries.putEvent(db, event).compile())
      return stored === undefined
    },
    putAttendee({ attendee }: Extract<Write, { kind: 'attendee' }>): boolean {
      const query = queries.attendeeByNumber(db, attendee.number).compile()
      const stored = write.first(query, queries.attendeeFrom)
      write.run(queries.putAttendee(db, attendee).compile())
      return stored === undefined
    },
    removeAttendee({
      eventNumber,
      personId,
    }: Extract<Write, { kind: 'attendeeRemoval' }>): readonly Line[] {
      const query = queries.attendeeOf(db, eventNumber, personId).compile()
      const attendee = write.first(query, queries.attendeeFrom)
      if (!attendee) return []
      write.run(queries.removeAttendee(db, attendee.number).compile())
      return [{ ...lineOf({ kind: 'attendee', attendee }, false), kind: 'removed' }]
    },
    putConnection({ connection, before }: Extract<Write, { kind: 'connection' }>): boolean {
      const [one, other] = pairOf(connection.requesterId, connection.addresseeId)
      const query = queries.connectionBetween(db, one, other).compile()
      const stored = write.first(query, queries.connectionFrom)
      if (isNotAsSeen(stored, before)) throw isOvertaken('connection')
      write.run(queries.putConnection(db, connection).compile())
      return stored === undefined
    },
    putMeeting({ meeting, mostTogether: most }: Extract<Write, { kind: 'meeting' }>): boolean {
      const { id, version } = meeting
      const stored = write.first(queries.meetingById(db, id).compile(), (row) => row)
      if (version !== Number(stored?.version ?? 0) + 1) throw isOvertaken('meeting')
      takeParticipants(meeting)
      if (most !== undefined && write.all(queries.oftenTogether(db, meeting, most)).length > 0) {
        throw areOftenTogether(most)
      }
      if (!stored) write.run(queries.insertMeeting(db, meeting).compile())
      else if (write.run(queries.updateMeeting(db, meeting).compile()) === 0) {
        throw isOvertaken('meeting')
      }
      write.run(queries.removeParticipants(db, id).compile())
      for (const row of queries.participantRows(meeting)) {
        write.run(queries.insertParticipant(db, row).compile())
      }
      return stored === undefined
    },
    putReceipt(receipt: Receipt): void {
      const oldest = new Date(Date.parse(receipt.at) - receiptsKept).toISOString()
      write.run(queries.forgetReceipts(db, oldest, forgottenAtOnce).compile())
      write.run(queries.forgetReceipt(db, receipt, oldest).compile())
      if (write.run(queries.insertReceipt(db, receipt).compile()) === 0) throw isDoneAlready()
    },
  }
}
