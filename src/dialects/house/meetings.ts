import Type, { type Static } from 'typebox'
import type {
  Booking,
  MeetingChange,
  MeetingSeen,
  MeetingsAsked,
} from '../../directory/calendar.ts'
import { Failure } from '../../failure.ts'
import { isUuid, type PersonId } from '../../person/ids.ts'
import { type Call, get, ok, patch, post, type Reply, type Route, remove } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { meetingsText } from './icalendar.ts'
import { once } from './idempotency.ts'
import { instantAfter, instantFrom, instantIn, SentInstant } from './instants.ts'
import { choiceFrom, pageFrom, textFrom } from './listing.ts'
import { idFrom, made, myId } from './people.ts'
import { PersonSummary, summaryOf } from './summary.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Instant = Type.String({ format: 'date-time' })

const states = ['booked', 'cancelled'] as const

const ToldMeeting = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    state: Type.Enum([...states]),
    start: Instant,
    end: Instant,
    title: optional(Type.String()),
    note: optional(Type.String()),
    location: optional(Type.String()),
    eventNumber: optional(Type.Integer({ description: 'The event that it belongs to' })),
    organizer: optional(PersonSummary),
    participants: Type.Array(PersonSummary, {
      description: 'The organizer among them; as far as the caller may know of them',
    }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { ...strict, title: 'Meeting' },
)
type ToldMeeting = Static<typeof ToldMeeting>

const ToldMeetings = Type.Object({ items: Type.Array(ToldMeeting) }, strict)

const Text = Type.String({ maxLength: 10_000 })

const SentMeeting = Type.Object(
  {
    participants: Type.Array(Type.String({ maxLength: 64 }), {
      ...{ minItems: 1, maxItems: 20 },
      description: 'Ids of people; the caller takes part anyway',
    }),
    start: SentInstant,
    end: optional({ ...SentInstant, description: 'Absent: as long as a slot of theirs' }),
    duration: optional(
      Type.Integer({ minimum: 1, maximum: 1440, description: 'Minutes, in place of `end`' }),
    ),
    title: optional(Text),
    note: optional(Text),
    location: optional(Text),
    event: optional(
      Type.String({ maxLength: 255, description: 'The name in addresses of an event to meet in' }),
    ),
  },
  { ...strict, title: 'NewMeeting' },
)
const readMeeting = input(SentMeeting)

const nullable = optional(Type.Union([Text, Type.Null()]))
const SentChange = Type.Object(
  {
    start: optional(SentInstant),
    end: optional({ ...SentInstant, description: 'Absent: moved with the start' }),
    title: nullable,
    note: nullable,
    location: nullable,
  },
  { ...strict, title: 'MeetingChange' },
)
const readChange = input(SentChange)

function meetingOf(meeting: MeetingSeen): ToldMeeting {
  const { id, state, start, end, title, note, location, eventNumber } = meeting
  const { organizer, participants, createdAt, updatedAt } = meeting
  return {
    ...{ id, state, start, end },
    ...(title !== undefined && { title }),
    ...(note !== undefined && { note }),
    ...(location !== undefined && { location }),
    ...(eventNumber !== undefined && { eventNumber }),
    ...(organizer && { organizer: summaryOf(organizer) }),
    participants: participants.map(summaryOf),
    ...{ createdAt, updatedAt },
  }
}

/** @throws invalid_id, invalid */
function bookingFrom(body: unknown): Booking {
  const { participants, start: sent, end, duration, event, ...texts } = readMeeting(body)
  const start = instantFrom('start', sent)
  if (end !== undefined && duration !== undefined) {
    throw new Failure('invalid', 'duration: give end or duration, not both')
  }
  return {
    ...texts,
    participantIds: participants.map((id, index) => idFrom(id, `participants.${index}`)),
    start,
    ...(end !== undefined && { end: instantFrom('end', end) }),
    ...(duration !== undefined && { end: instantAfter(start, duration * minute) }),
    ...(event !== undefined && { eventUrl: event }),
  }
}

/** Milliseconds. */
const minute = 60_000

/** A meeting that was made by the same request before is told as it is now. */
async function create(call: Call): Promise<Reply> {
  const { calendar, viewer } = call
  const booking = bookingFrom(call.body)
  const { id } = await once(call, (intent) => calendar.book(viewer, booking, intent))
  return made(call, `/meetings/${id}`, meetingOf(await calendar.meeting(viewer, id)))
}

async function list(call: Call, whose?: PersonId): Promise<Reply> {
  const { calendar, viewer, query } = call
  const person = textFrom(query, 'person')
  const personId = whose ?? (person === undefined ? undefined : idFrom(person, 'person'))
  const from = instantIn(query, 'from')
  const { limit, after, headersTo } = pageFrom(call, 'meetings')
  const until = instantIn(query, 'until')
  const state = choiceFrom(query, 'state', states)
  const { items, last } = await calendar.meetings(viewer, {
    limit,
    ...(state && { state }),
    ...(until !== undefined && { until }),
    ...(personId !== undefined && { personId }),
    ...(from !== undefined && { from }),
    ...(after !== undefined && { after: placeFrom(after) }),
  })
  const headers = headersTo(last && `${Date.parse(last.start)}_${last.id}`)
  return { ...ok({ items: items.map(meetingOf) }), headers }
}

function placeFrom(text: string): NonNullable<MeetingsAsked['after']> {
  const [start, id = ''] = text.split('_')
  return { start: new Date(Number(start)).toISOString(), id }
}

type Named = Call<'/meetings/:id'>

/** @throws invalid_id */
function meetingId({ params: { id } }: Named): string {
  if (isUuid(id)) return id.toLowerCase()
  throw new Failure('invalid_id', 'id: must be a UUID')
}

async function read(call: Named): Promise<Reply> {
  return ok(meetingOf(await call.calendar.meeting(call.viewer, meetingId(call))))
}

async function amend(call: Named): Promise<Reply> {
  const { start, end, ...texts } = readChange(call.body)
  const change: MeetingChange = {
    ...texts,
    ...(start !== undefined && { start: instantFrom('start', start) }),
    ...(end !== undefined && { end: instantFrom('end', end) }),
  }
  const meeting = await call.calendar.change(call.viewer, meetingId(call), (before) => {
    refuseModified(call, meetingOf(before))
    return change
  })
  return ok(meetingOf(meeting))
}

async function leave(call: Named): Promise<Reply> {
  await call.calendar.leave(call.viewer, meetingId(call), (before) =>
    refuseModified(call, meetingOf(before)),
  )
  return { status: 204 }
}

async function readText(call: Named): Promise<Reply> {
  return ok(await meetingsText([await call.calendar.meeting(call.viewer, meetingId(call))]))
}

/** What a calendar that subscribes gets. */
const mostAtOnce = 1000
/** Milliseconds before now. */
const lookingBack = 31 * 86_400_000

async function allText(call: Call): Promise<Reply> {
  const { calendar, viewer, query, now } = call
  const from = instantIn(query, 'from') ?? new Date(now - lookingBack).toISOString()
  const asked = { personId: myId(call), from, limit: mostAtOnce }
  return ok(await meetingsText((await calendar.meetings(viewer, asked)).items))
}

const MyMeetingsQuery = Type.Object({
  state: optional(Type.Enum([...states], { description: 'Absent: both' })),
  from: optional({ ...Instant, description: 'Those that end after it' }),
  until: optional({ ...Instant, description: 'Those that start before it' }),
  limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: optional(Type.String({ description: 'From the `Link` of the page before.' })),
})
const MeetingsQuery = Type.Object({
  person: optional(
    Type.String({ description: 'Whose, for their administrators; absent: the caller’s own' }),
  ),
  ...MyMeetingsQuery.properties,
})
const TextQuery = Type.Object({
  from: optional({ ...Instant, description: 'Those that end after it; absent: 31 days ago' }),
})

const one = { 200: ToldMeeting }
const text = { answers: { 200: Type.String() }, types: ['text/calendar'] }

/** Meetings of people. docs/meetings.md tells who may do what. */
export const meetingRoutes: readonly Route[] = [
  get('/meetings', (call) => list(call), {
    ...{ summary: 'List meetings', query: MeetingsQuery, answers: { 200: ToldMeetings } },
  }),
  get('/me/meetings', (call) => list(call, myId(call)), {
    ...{ summary: 'List my meetings', query: MyMeetingsQuery, answers: { 200: ToldMeetings } },
  }),
  post('/meetings', create, {
    ...{ summary: 'Make a meeting', body: SentMeeting, answers: { 201: ToldMeeting } },
  }),
  get('/meetings/:id', read, { summary: 'Read a meeting', answers: one }),
  patch('/meetings/:id', amend, {
    ...{ summary: 'Change a meeting, by a merge patch', body: SentChange, answers: one },
  }),
  remove('/meetings/:id', leave, {
    ...{ summary: 'Cancel a meeting that I organize, or leave another', answers: { 204: null } },
  }),
  get('/meetings/:id/meeting.ics', (call) => readText(call), {
    ...{ summary: 'Read a meeting as iCalendar', ...text },
  }),
  get('/me/meetings.ics', allText, {
    ...{ summary: 'Read my meetings as iCalendar, 1000 at the most', query: TextQuery, ...text },
  }),
]
