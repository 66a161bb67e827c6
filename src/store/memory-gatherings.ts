import type { Gatherings, Organization, Receipt, Span, Write } from '../directory/ports.ts'
import {
  type Attendee,
  type Connection,
  type Event,
  type Meeting,
  pairOf,
} from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { type Line, lineOf } from './change.ts'
import {
  areOftenTogether,
  isAbsent,
  isDoneAlready,
  isNotAsSeen,
  isOvertaken,
  isSlotTaken,
  isTaken,
  receiptsKept,
} from './refusals.ts'

/** What of the memory store is about gatherings. */
export interface GatheringTables {
  readonly people: ReadonlyMap<PersonId, Person>
  readonly organizations: ReadonlyMap<string, Organization>
  events: Map<number, Event>
  attendees: Map<number, Attendee>
  /** By the two, as `pairOf` has them. */
  connections: Map<string, Connection>
  meetings: Map<string, Meeting>
  /** By key and name. */
  receipts: Map<string, Receipt>
}

/** The reads of gatherings, but for the search; `tables` are those of the moment. */
export function gatheringReads(tables: () => GatheringTables): Omit<Gatherings, 'search'> {
  const attendeesOf = (eventNumber: number): Attendee[] =>
    [...tables().attendees.values()].filter((attendee) => attendee.eventNumber === eventNumber)
  const meetings = () => [...tables().meetings.values()].sort(byStart)

  return {
    eventByUrl: async (url) => [...tables().events.values()].find((event) => event.url === url),
    attendeeByPerson: async (eventNumber, personId) =>
      attendeesOf(eventNumber).find((attendee) => attendee.personId === personId),
    connection: async (one, other) => tables().connections.get(pairOf(one, other).join()),
    connectionsOf: async (personId, others) =>
      [...new Set(others)].flatMap(
        (other) => tables().connections.get(pairOf(personId, other).join()) ?? [],
      ),
    attendees: async (eventNumber, personIds) =>
      attendeesOf(eventNumber).filter(({ personId }) => personIds.includes(personId)),
    eventsOf: async (organizationId, { after = Number.NEGATIVE_INFINITY, limit }) =>
      [...tables().events.values()]
        .filter((event) => event.organizationId === organizationId && event.number > after)
        .sort(byNumber)
        .slice(0, limit),
    eventsAttendedBy: async (personId, { after = Number.NEGATIVE_INFINITY, limit }) =>
      [...tables().attendees.values()]
        .filter((attendee) => attendee.personId === personId && attendee.eventNumber > after)
        .flatMap(({ eventNumber }) => tables().events.get(eventNumber) ?? [])
        .sort(byNumber)
        .slice(0, limit),
    connectionsWith: async (personId, { after = '', limit }) => {
      const other = ({ requesterId, addresseeId }: Connection) =>
        requesterId === personId ? addresseeId : requesterId
      return [...tables().connections.values()]
        .filter(({ requesterId, addresseeId }) => [requesterId, addresseeId].includes(personId))
        .filter((connection) => other(connection) > after)
        .sort((one, another) => (other(one) < other(another) ? -1 : 1))
        .slice(0, limit)
    },
    meetingById: async (id) => tables().meetings.get(id),
    meetingsWithin: async (personIds, span) =>
      meetings().filter((meeting) => isBooked(meeting, personIds, span)),
    meetingsOf: async (personId, { after, from = '', limit }) =>
      meetings()
        .filter(({ participantIds, end }) => participantIds.includes(personId) && end > from)
        .filter((meeting) => after === undefined || byStart(after, meeting) < 0)
        .slice(0, limit),
  }
}

/** True when it made something new. */
export function putEvent(
  { events }: GatheringTables,
  { event, before }: Extract<Write, { kind: 'event' }>,
): boolean {
  const stored = events.get(event.number)
  if (isNotAsSeen(stored, before)) throw isOvertaken('event')
  for (const { number, url } of events.values()) {
    if (number !== event.number && url === event.url) throw isTaken()
  }
  events.set(event.number, event)
  return stored === undefined
}

/** True when it made something new. */
export function putConnection(
  { connections }: GatheringTables,
  { connection, before }: Extract<Write, { kind: 'connection' }>,
): boolean {
  const pair = pairOf(connection.requesterId, connection.addresseeId).join()
  const stored = connections.get(pair)
  if (isNotAsSeen(stored, before)) throw isOvertaken('connection')
  connections.set(pair, connection)
  return stored === undefined
}

export function removeAttendee(
  { attendees }: GatheringTables,
  { eventNumber, personId }: Extract<Write, { kind: 'attendeeRemoval' }>,
): readonly Line[] {
  const attendee = [...attendees.values()].find(
    (one) => one.eventNumber === eventNumber && one.personId === personId,
  )
  if (!attendee) return []
  attendees.delete(attendee.number)
  return [{ ...lineOf({ kind: 'attendee', attendee }, false), kind: 'removed' }]
}

/** True when it made something new. */
export function putMeeting(
  tables: GatheringTables,
  { meeting, mostTogether: most }: Extract<Write, { kind: 'meeting' }>,
): boolean {
  const { id, version, participantIds, eventNumber, start, end, state } = meeting
  const stored = tables.meetings.get(id)
  if (version !== (stored?.version ?? 0) + 1) throw isOvertaken('meeting')
  const known =
    participantIds.every((personId) => tables.people.has(personId)) &&
    (eventNumber === undefined || tables.events.has(eventNumber))
  if (!known) throw isAbsent()
  const others = [...tables.meetings.values()].filter((other) => other.id !== id)
  const span = { from: start, until: end }
  if (state === 'booked' && others.some((other) => isBooked(other, participantIds, span))) {
    throw isSlotTaken()
  }
  if (most !== undefined && areTogether(others, meeting, most)) throw areOftenTogether(most)
  tables.meetings.set(id, meeting)
  return stored === undefined
}

/** Whether the organizer has so many of these with another who takes part. */
const areTogether = (
  meetings: readonly Meeting[],
  { organizerId, participantIds, createdAt }: Meeting,
  most: number,
): boolean => {
  const own = meetings
    .filter(({ state, start }) => state === 'booked' && start > createdAt)
    .filter((one) => one.participantIds.includes(organizerId))
  return participantIds.some(
    (id) =>
      id !== organizerId && own.filter((one) => one.participantIds.includes(id)).length >= most,
  )
}

/** Whether any of these people is in it within the span. */
const isBooked = (
  { state, participantIds, start, end }: Meeting,
  personIds: readonly PersonId[],
  { from, until }: Span,
): boolean =>
  state === 'booked' &&
  start < until &&
  end > from &&
  participantIds.some((id) => personIds.includes(id))

export const receiptKey = (keyId: string, idempotencyKey: string): string =>
  `${keyId} ${idempotencyKey}`

export function putReceipt({ receipts }: GatheringTables, receipt: Receipt): void {
  const oldest = Date.parse(receipt.at) - receiptsKept
  for (const [key, { at }] of receipts) if (Date.parse(at) < oldest) receipts.delete(key)
  const key = receiptKey(receipt.keyId, receipt.idempotencyKey)
  if (receipts.has(key)) throw isDoneAlready()
  receipts.set(key, receipt)
}

const byNumber = (one: Event, other: Event): number => one.number - other.number

type Start = Pick<Meeting, 'start' | 'id'>
const byStart = (one: Start, other: Start): number => {
  if (one.start !== other.start) return one.start < other.start ? -1 : 1
  return Number(one.id > other.id) - Number(one.id < other.id)
}
