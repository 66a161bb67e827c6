import { crc32 } from 'node:zlib'
import { type RawBuilder, sql } from 'kysely'
import type { Page, Receipt, Span } from '../../directory/ports.ts'
import {
  type Attendee,
  type Connection,
  type Event,
  type Meeting,
  pairOf,
} from '../../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import { Damaged } from '../damage.ts'
import { asciiJson, type Db, upsert, withoutNulls } from './rows.ts'
import type { Tables } from './tables.ts'

// Rows to what the ports speak of, and back.

export const eventFrom = (row: Tables['event']): Event =>
  withoutNulls<Event>({
    number: Number(row.number),
    organizationId: row.organization_id,
    url: row.url,
    name: row.name,
    description: row.description,
    timeZone: row.time_zone,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
  })

export const attendeeFrom = (row: Tables['attendee']): Attendee =>
  withoutNulls<Attendee>({
    number: Number(row.number),
    eventNumber: Number(row.event_number),
    personId: row.person_id,
  })

export function connectionFrom(row: Omit<Tables['connection'], 'one_id' | 'other_id'>): Connection {
  const { requester_id: requesterId, addressee_id: addresseeId, blocked_by: blockedBy } = row
  const [one, other] = pairOf(requesterId as PersonId, addresseeId as PersonId)
  return withoutNulls<Connection>({
    requesterId,
    addresseeId,
    state: row.state,
    rejectedById: row.rejected_by_id,
    blockedByIds: blockedBy && { one: [one], other: [other], both: [one, other] }[blockedBy],
    updatedAt: row.updated_at,
  })
}

/** @throws Damaged for one that is not as it was written */
export function meetingFrom(row: Tables['meeting']): Meeting {
  const { id, record, record_checksum } = row
  // A damaged row may give a number for a text.
  if (typeof record !== 'string' || crc32(record) !== record_checksum) {
    throw new Damaged('A meeting is not as it was written')
  }
  const meeting: Meeting = JSON.parse(record)
  if (meeting.id !== id) throw new Damaged('An index leads to another meeting')
  return meeting
}

export const byStart = (one: Meeting, other: Meeting): number =>
  [one.start, one.id].join() < [other.start, other.id].join() ? -1 : 1

function connectionRow(connection: Connection): Tables['connection'] {
  const { requesterId, addresseeId, state, rejectedById, blockedByIds, updatedAt } = connection
  const [one, other] = pairOf(requesterId, addresseeId)
  return {
    one_id: one,
    other_id: other,
    requester_id: requesterId,
    addressee_id: addresseeId,
    state,
    rejected_by_id: rejectedById ?? null,
    blocked_by: blockersIn(blockedByIds ?? [], one, other),
    updated_at: updatedAt ?? null,
  }
}

function blockersIn(
  ids: readonly PersonId[],
  one: PersonId,
  other: PersonId,
): Tables['connection']['blocked_by'] {
  if (ids.includes(one)) return ids.includes(other) ? 'both' : 'one'
  return ids.includes(other) ? 'other' : null
}

/** A meeting's whole row; all of it follows from the record. */
export function meetingRow(meeting: Meeting): Tables['meeting'] {
  const record = asciiJson(meeting)
  return {
    id: meeting.id,
    version: meeting.version,
    event_number: meeting.eventNumber ?? null,
    record,
    record_checksum: crc32(record),
  }
}

/** The rows of those who take part; all of it follows from the record. */
export const participantRows = (meeting: Meeting): Tables['meeting_participant'][] =>
  meeting.participantIds.map((personId) => ({
    meeting_id: meeting.id,
    person_id: personId,
    state: meeting.state,
    start_at: meeting.start,
    end_at: meeting.end,
  }))

const receiptRow = (receipt: Receipt): Tables['receipt'] => ({
  key_id: receipt.keyId,
  idempotency_key: receipt.idempotencyKey,
  fingerprint: receipt.fingerprint,
  entity_id: receipt.entityId,
  at: receipt.at,
})

export const receiptFrom = (row: Tables['receipt']): Receipt => ({
  keyId: row.key_id,
  idempotencyKey: row.idempotency_key,
  fingerprint: row.fingerprint,
  entityId: row.entity_id,
  at: row.at,
})

// Events and who attends them.

export const eventByUrl = (db: Db, url: string) =>
  db.selectFrom('event').selectAll().where('url', '=', url)

export const eventByNumber = (db: Db, number: number) =>
  db.selectFrom('event').selectAll().where('number', '=', number)

export const eventsOf = (db: Db, organizationId: OrganizationId, page: Page<number>) =>
  db
    .selectFrom('event')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('number', '>', page.after ?? Number.MIN_SAFE_INTEGER)
    .orderBy('number')
    .limit(page.limit)

export const eventsAttendedBy = (db: Db, personId: PersonId, page: Page<number>) =>
  db
    .selectFrom('attendee')
    .innerJoin('event', 'event.number', 'attendee.event_number')
    .selectAll('event')
    .where('attendee.person_id', '=', personId)
    .where('attendee.event_number', '>', page.after ?? Number.MIN_SAFE_INTEGER)
    .orderBy('attendee.event_number')
    .limit(page.limit)

export const attendeeOf = (db: Db, eventNumber: number, personId: PersonId) =>
  db
    .selectFrom('attendee')
    .selectAll()
    .where('event_number', '=', eventNumber)
    .where('person_id', '=', personId)

export const attendeeByNumber = (db: Db, number: number) =>
  db.selectFrom('attendee').selectAll().where('number', '=', number)

export const putEvent = (db: Db, event: Event) =>
  upsert(db, 'event', ['number'], {
    number: event.number,
    organization_id: event.organizationId,
    url: event.url,
    name: event.name,
    description: event.description ?? null,
    time_zone: event.timeZone ?? null,
    starts_at: event.startsAt ?? null,
    ends_at: event.endsAt ?? null,
  })

export const putAttendee = (db: Db, { number, eventNumber, personId }: Attendee) =>
  upsert(db, 'attendee', ['number'], {
    number,
    event_number: eventNumber,
    person_id: personId,
  })

export const removeAttendee = (db: Db, number: number) =>
  db.deleteFrom('attendee').where('number', '=', number)

// Connections.

export function connectionBetween(db: Db, one: PersonId, other: PersonId) {
  const [first, second] = pairOf(one, other)
  return db
    .selectFrom('connection')
    .selectAll()
    .where('one_id', '=', first)
    .where('other_id', '=', second)
}

/** Each side of the pair is a range of an index, and the two come together in order. */
export function connectionsWith(
  db: Db,
  personId: PersonId,
  { after = '' as PersonId, limit }: Page<PersonId>,
) {
  const asOne = db
    .selectFrom('connection')
    .selectAll()
    .select('other_id as with_id')
    .where('one_id', '=', personId)
    .where('other_id', '>', after)
  const asOther = db
    .selectFrom('connection')
    .selectAll()
    .select('one_id as with_id')
    .where('other_id', '=', personId)
    .where('one_id', '>', after)
    .whereRef('one_id', '<>', 'other_id')
  return asOne.unionAll(asOther).orderBy('with_id').limit(limit)
}

export const putConnection = (db: Db, connection: Connection) =>
  upsert(db, 'connection', ['one_id', 'other_id'], connectionRow(connection))

// Meetings. Of the meetings of one person that are booked no two overlap, so that by their start they are in the order of
// their ends, too: what overlaps a time is found beside it, however many there are.

export const meetingById = (db: Db, id: string) =>
  db.selectFrom('meeting').selectAll().where('id', '=', id)

export const participantsOf = (db: Db, id: string) =>
  db.selectFrom('meeting_participant').select('person_id').where('meeting_id', '=', id)

/**
 * Holds the calendar until the end of the transaction: whoever else would book something for that person waits. Several
 * are held in the order of their ids, so that no two wait for each other.
 */
export const holdCalendar = (db: Db, personId: string) =>
  db
    .insertInto('calendar')
    .values({ person_id: personId, version: 1 })
    .onConflict((conflict) =>
      conflict
        .column('person_id')
        .doUpdateSet(({ eb, ref }) => ({ version: eb(ref('calendar.version'), '+', 1) })),
    )

/** The last that the person has booked before `until`, but for one meeting: if any overlaps, then this one does. */
export const lastBefore = (db: Db, personId: PersonId, until: string, exceptId: string) =>
  db
    .selectFrom('meeting_participant')
    .select('end_at')
    .where('person_id', '=', personId)
    .where('state', '=', 'booked')
    .where('start_at', '<', until)
    .where('meeting_id', '<>', exceptId)
    .orderBy('start_at', 'desc')
    .limit(1)

/** One of those who take part with whom the organizer has so many that begin after the meeting was made, if there is one. */
export function oftenTogether(
  db: Db,
  { organizerId, participantIds, createdAt }: Meeting,
  most: number,
) {
  return sql<{ person_id: string }>`
    select p.person_id from meeting_participant o cross join meeting_participant p
    where o.person_id = ${organizerId} and o.state = 'booked' and o.start_at > ${createdAt}
      and p.meeting_id = o.meeting_id and p.person_id in (${sql.join(participantIds)})
      and p.person_id <> ${organizerId}
    group by p.person_id having count(*) >= ${most} limit 1
  `.compile(db)
}

export const insertMeeting = (db: Db, meeting: Meeting) =>
  db.insertInto('meeting').values(meetingRow(meeting))

/** Changes nothing when the stored version is not the one before. */
export function updateMeeting(db: Db, meeting: Meeting) {
  const { id, ...row } = meetingRow(meeting)
  return db
    .updateTable('meeting')
    .set(row)
    .where('id', '=', id)
    .where('version', '=', meeting.version - 1)
}

export const removeParticipants = (db: Db, id: string) =>
  db.deleteFrom('meeting_participant').where('meeting_id', '=', id)

export const insertParticipant = (db: Db, row: Tables['meeting_participant']) =>
  db.insertInto('meeting_participant').values(row)

/** `among` is rows with the id of each person, as the engine has them. */
export const meetingsWithin = (db: Db, among: RawBuilder<unknown>, { from, until }: Span) =>
  sql<Tables['meeting']>`
    select m.* from meeting m where m.id in (
      select p.meeting_id from ${among} w cross join meeting_participant p
      where p.person_id = w.id and p.state = 'booked' and p.start_at < ${until} and p.end_at > ${from}
        and p.start_at >= coalesce((
          select max(b.start_at) from meeting_participant b
          where b.person_id = w.id and b.state = 'booked' and b.start_at <= ${from}), ${from}))
  `.compile(db)

/** Those that were over by then are passed over without a look at each. */
export function meetingsOf(
  db: Db,
  personId: PersonId,
  { after, from, limit }: Page<Pick<Meeting, 'start' | 'id'>> & { readonly from?: string },
) {
  const beyond = after ? sql`and (p.start_at, p.meeting_id) > (${after.start}, ${after.id})` : sql``
  const first = after
    ? sql``
    : sql`and p.start_at >= (select min(e.start_at) from meeting_participant e
        where e.person_id = ${personId} and e.end_at > ${from})`
  const ahead = from === undefined ? sql`` : sql`and p.end_at > ${from} ${first}`
  return sql<Tables['meeting']>`
    select m.* from (
      select p.meeting_id, p.start_at from meeting_participant p
      where p.person_id = ${personId} ${ahead} ${beyond}
      order by p.start_at, p.meeting_id limit ${limit}) page
    cross join meeting m where m.id = page.meeting_id order by page.start_at, page.meeting_id
  `.compile(db)
}

// Receipts.

export const receiptOf = (db: Db, keyId: string, idempotencyKey: string) =>
  db
    .selectFrom('receipt')
    .selectAll()
    .where('key_id', '=', keyId)
    .where('idempotency_key', '=', idempotencyKey)

export const insertReceipt = (db: Db, receipt: Receipt) =>
  db
    .insertInto('receipt')
    .values(receiptRow(receipt))
    .onConflict((conflict) => conflict.doNothing())

/** The one for the same, if it is of before `oldest`. */
export const forgetReceipt = (db: Db, { keyId, idempotencyKey }: Receipt, oldest: string) =>
  db
    .deleteFrom('receipt')
    .where('key_id', '=', keyId)
    .where('idempotency_key', '=', idempotencyKey)
    .where('at', '<', oldest)

/** Of those of before `oldest` at most `limit`, so that nobody waits for long. */
export const forgetReceipts = (db: Db, oldest: string, limit: number) =>
  db
    .deleteFrom('receipt')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('key_id', 'idempotency_key'),
        'in',
        selectFrom('receipt')
          .select(['key_id', 'idempotency_key'])
          .where('at', '<', oldest)
          .orderBy('at')
          .limit(limit)
          .$asTuple('key_id', 'idempotency_key'),
      ),
    )
