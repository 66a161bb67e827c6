// Meetings in an event. Of the bodies nothing is published: README.md says what is guessed.
import type { Booking, MeetingSeen } from '../../directory/calendar.ts'
import { Failure } from '../../failure.ts'
import { canonicalZone } from '../../person/zones.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call, Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { instantOf } from './availability.ts'
import { countFrom } from './listing.ts'
import { done, meet, said } from './people.ts'
import { localMinute } from './project.ts'
import {
  type AcceleventsMeeting,
  type AcceleventsSchedule,
  MeetingRequest,
  ScheduleRequest,
} from './schema.ts'

/** Which of the caller's meetings: also those that are over or cancelled, or those to come. */
type Choice = 'all' | 'upcoming'

const readPage = input(ScheduleRequest)
const readMeeting = input(MeetingRequest)

export async function schedule(
  call: Call<'/rest/event/:eventUrl'>,
  choice: Choice,
): Promise<Reply> {
  const { calendar, directory, viewer, params, query } = call
  const { page = 0, size = 10 } = readPage({
    ...countFrom(query, 'page'),
    ...countFrom(query, 'size'),
  })
  const asked = { upcoming: choice === 'upcoming', skip: page * size, limit: size }
  const { items, fitting, total } = await calendar.schedule(viewer, params.eventUrl, asked)
  const zone = zoneFor(await directory.me(viewer), call)
  const body: AcceleventsSchedule = {
    ...{ recordsTotal: total, recordsFiltered: fitting },
    data: items.map((meeting) => projectMeeting(meeting, zone)),
  }
  return said(body, call)
}

export async function createMeeting(
  call: Call<'/rest/event/:eventUrl/people/:id'>,
): Promise<Reply> {
  const { calendar, directory, viewer, params } = call
  const sent = readMeeting(call.body)
  const { person } = await meet(call)
  const zone =
    sent.timezoneId || (viewer.personId ? zoneFor(await directory.me(viewer), call) : 'UTC')
  if (canonicalZone(zone) === undefined) {
    throw new Failure('invalid', 'timezoneId: is no time zone that is known')
  }
  const { title, description, location } = sent
  const start = instantOf('startTime', sent.startTime, zone)
  const end = sent.endTime ? instantOf('endTime', sent.endTime, zone) : undefined
  const booking: Booking = {
    ...{ participantIds: [person.id], eventUrl: params.eventUrl, start },
    ...(end !== undefined && { end }),
    ...(title && { title }),
    ...(description && { note: description }),
    ...(location && { location }),
  }
  try {
    await calendar.book(viewer, booking)
  } catch (error) {
    throw error instanceof Failure ? inWords(error) : error
  }
  return done('Meeting scheduled successfully.')
}

const words: Readonly<Record<string, string>> = {
  start: 'startTime',
  end: 'endTime',
  note: 'description',
  'participants.0': 'id',
  participants: 'id',
}

/** The failure with the vendor's name of the field that it is about. */
function inWords({ code, message, reason }: Failure): Failure {
  const [, field = '', rest = ''] = /^([\w.]+)(: .*)$/s.exec(message) ?? []
  return new Failure(code, field in words ? `${words[field]}${rest}` : message, {
    ...(reason && { reason }),
  })
}

/** The clock of whoever says nothing: their own, else that of their organization. */
const zoneFor = ({ timeZone }: VisiblePerson, { viewer }: Pick<Call, 'viewer'>): string =>
  (timeZone !== undefined && canonicalZone(timeZone)) || viewer.timeZone

function projectMeeting(meeting: MeetingSeen, timezoneId: string): AcceleventsMeeting {
  const { id, title, note, location, start, end, state, organizer, participants } = meeting
  return {
    id,
    eventId: meeting.eventNumber ?? null,
    title: title ?? null,
    description: note ?? null,
    location: location ?? null,
    startTime: localMinute(start, timezoneId),
    endTime: localMinute(end, timezoneId),
    timezoneId,
    status: state === 'booked' ? 'SCHEDULED' : 'CANCELLED',
    organizerId: organizer?.number ?? null,
    participants: participants.map(({ number, givenName, familyName, avatar }) => ({
      userId: number,
      firstName: givenName ?? null,
      lastName: familyName ?? null,
      photo: avatar?.id ?? null,
    })),
  }
}
