import Type, { type Static } from 'typebox'
import type { SlotsAsked } from '../../directory/calendar.ts'
import { Failure } from '../../failure.ts'
import { availabilityProblem } from '../../person/availability.ts'
import type { PersonId } from '../../person/ids.ts'
import { MeetingAvailability } from '../../person/person.ts'
import { type Call, get, ok, patch, put, type Reply, type Route, remove } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { freeBusyText } from './icalendar.ts'
import { instantFrom, SentInstant, spanIn } from './instants.ts'
import { limitFrom, textFrom } from './listing.ts'
import { mergePatch } from './merge-patch.ts'
import { idFrom, myId } from './people.ts'
import { patchable } from './schema.ts'

const optional = Type.Optional
const strict = { additionalProperties: false }

/** As it is kept, but that instants may have an offset. */
const SentAvailability = Type.Object(
  {
    ...MeetingAvailability.properties,
    ...{ start: optional(SentInstant), end: optional(SentInstant) },
  },
  { ...strict, title: 'Availability' },
)
const readAvailability = input(SentAvailability)

const AvailabilityPatch = Type.Object(patchable(SentAvailability.properties), {
  ...strict,
  title: 'AvailabilityPatch',
})

/** What an answer about slots says, and where in a request it may be left out. */
const usualDays = 14

const From = optional(Type.String({ format: 'date-time', description: 'Absent: now' }))
const Until = optional(
  Type.String({
    format: 'date-time',
    description: `Absent: ${usualDays} days later; 62 at the most`,
  }),
)
const Minutes = (description: string) =>
  optional(Type.Integer({ minimum: 1, maximum: 1440, description }))

const SpanQuery = Type.Object({ from: From, until: Until })
const PersonSlotsQuery = Type.Object({
  ...{ from: From, until: Until },
  duration: Minutes('Minutes; absent: what the people say, the longest of them, or 30'),
  step: Minutes('Minutes from one start to the next; absent: the duration'),
  event: optional(Type.String({ description: 'The name in addresses of an event to meet in' })),
  limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
})
const SlotsQuery = Type.Object({
  people: Type.String({ description: '1 to 20 ids of people, parted by commas' }),
  ...PersonSlotsQuery.properties,
})

const Slots = Type.Object(
  {
    duration: Type.Integer({ description: 'Minutes' }),
    items: Type.Array(
      Type.Object(
        {
          start: Type.String({ format: 'date-time' }),
          end: Type.String({ format: 'date-time' }),
        },
        strict,
      ),
    ),
  },
  { ...strict, title: 'Slots' },
)

async function read({ directory, viewer }: Call, id: PersonId): Promise<MeetingAvailability> {
  const { meetingAvailability } = await directory.find(viewer, { id })
  if (meetingAvailability) return meetingAvailability
  throw new Failure('not_found', 'No availability is set, or none that you may see')
}

/** For the moment before a write. @throws precondition_failed also where there is nothing to be modified */
async function refuseOther(call: Call, id: PersonId): Promise<void> {
  const { meetingAvailability } = await call.directory.find(call.viewer, { id })
  if (meetingAvailability) refuseModified(call, meetingAvailability)
  else if (call.header('if-match') !== undefined) {
    throw new Failure('precondition_failed', 'If-Match: no availability is set')
  }
}

async function replace(call: Call, id: PersonId): Promise<Reply> {
  const meetingAvailability = acceptAvailability(readAvailability(call.body))
  await call.registrar.change(call.viewer, id, async () => {
    await refuseOther(call, id)
    return { meetingAvailability }
  })
  return ok(await read(call, id))
}

/** A merge patch (RFC 7396); of whom nothing is set, it is all there is. */
async function amend(call: Call, id: PersonId): Promise<Reply> {
  await call.registrar.change(call.viewer, id, async ({ meetingAvailability: there = {} }) => {
    await refuseOther(call, id)
    const meetingAvailability = readAvailability(mergePatch(there, call.body))
    return { meetingAvailability: acceptAvailability(meetingAvailability) }
  })
  return ok(await read(call, id))
}

async function clear(call: Call, id: PersonId): Promise<Reply> {
  await call.registrar.change(call.viewer, id, async () => {
    await refuseOther(call, id)
    return { meetingAvailability: null }
  })
  return { status: 204 }
}

/** @throws invalid, naming the field */
function acceptAvailability({
  start,
  end,
  ...rest
}: Static<typeof SentAvailability>): MeetingAvailability {
  const availability = {
    ...rest,
    ...(start !== undefined && { start: instantFrom('start', start) }),
    ...(end !== undefined && { end: instantFrom('end', end) }),
  }
  const problem = availabilityProblem(availability)
  if (problem) throw new Failure('invalid', `${problem.field}: ${problem.message}`)
  return availability
}

async function slots(call: Call, personIds: readonly PersonId[]): Promise<Reply> {
  const { calendar, viewer, query, now } = call
  const span = spanIn(query, now, usualDays)
  const asked: SlotsAsked = {
    ...{ personIds, span, limit: limitFrom(query) },
    ...minutesIn(query, 'duration'),
    ...minutesIn(query, 'step'),
    ...eventIn(query),
  }
  const found = await calendar.slots(viewer, asked)
  const items = found.slots.map(({ from, until }) => ({ start: from, end: until }))
  const last = found.more ? items.at(-1)?.start : undefined
  return {
    ...ok({ duration: found.duration, items }),
    headers: last === undefined ? {} : { link: nextLink(call.url, last, span.until) },
  }
}

/** Slots are the same whatever part of the time is asked for: what comes next begins after the last of these. */
function nextLink(url: string, last: string, until: string): string {
  const next = new URL(url)
  next.searchParams.set('from', new Date(Date.parse(last) + 1).toISOString())
  next.searchParams.set('until', until)
  return `<${next.href}>; rel="next"`
}

function minutesIn<Name extends 'duration' | 'step'>(
  query: URLSearchParams,
  name: Name,
): { readonly [One in Name]?: number } {
  const text = textFrom(query, name)
  if (text === undefined) return {}
  const minutes = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN
  if (minutes <= 1440) return { [name]: minutes } as { readonly [One in Name]: number }
  throw new Failure('invalid', `${name}: must be a whole number of minutes, from 1 to 1440`)
}

function eventIn(query: URLSearchParams): { readonly eventUrl?: string } {
  const eventUrl = textFrom(query, 'event')
  return eventUrl === undefined ? {} : { eventUrl }
}

function peopleIn(query: URLSearchParams): readonly PersonId[] {
  const text = textFrom(query, 'people')
  if (text === undefined) {
    throw new Failure('invalid', 'people: must be 1 to 20 ids of people, parted by commas')
  }
  return text.split(',').map((one) => idFrom(one.trim(), 'people'))
}

async function freeBusy(call: Call, id: PersonId): Promise<Reply> {
  const { calendar, viewer, query, now } = call
  const span = spanIn(query, now, usualDays)
  const found = await calendar.freeBusy(viewer, id, span)
  return ok(freeBusyText(id, span, found, new Date(now).toISOString()))
}

const tellRead = { answers: { 200: MeetingAvailability } }
const tellReplace = { body: SentAvailability, answers: { 200: MeetingAvailability } }
const tellAmend = { body: AvailabilityPatch, answers: { 200: MeetingAvailability } }
const tellClear = { answers: { 204: null } }
const tellSlots = { answers: { 200: Slots } }
const tellFreeBusy = {
  ...{ query: SpanQuery, answers: { 200: Type.String() }, types: ['text/calendar'] },
}

/** When people can be met. docs/meetings.md tells what is meant where clocks change. */
export const availabilityRoutes: readonly Route[] = [
  get('/people/:id/availability', async (call) => ok(await read(call, idFrom(call.params.id))), {
    ...{ summary: 'Read when a person can be met', ...tellRead },
  }),
  put('/people/:id/availability', (call) => replace(call, idFrom(call.params.id)), {
    ...{ summary: 'Set when a person can be met', ...tellReplace },
  }),
  patch('/people/:id/availability', (call) => amend(call, idFrom(call.params.id)), {
    ...{ summary: 'Change when a person can be met', ...tellAmend },
  }),
  remove('/people/:id/availability', (call) => clear(call, idFrom(call.params.id)), {
    ...{ summary: 'Take back when a person can be met', ...tellClear },
  }),
  get('/me/availability', async (call) => ok(await read(call, myId(call))), {
    ...{ summary: 'Read when I can be met', ...tellRead },
  }),
  put('/me/availability', (call) => replace(call, myId(call)), {
    ...{ summary: 'Set when I can be met', ...tellReplace },
  }),
  patch('/me/availability', (call) => amend(call, myId(call)), {
    ...{ summary: 'Change when I can be met', ...tellAmend },
  }),
  remove('/me/availability', (call) => clear(call, myId(call)), {
    ...{ summary: 'Take back when I can be met', ...tellClear },
  }),
  get('/people/:id/slots', (call) => slots(call, [idFrom(call.params.id)]), {
    summary: 'List when a person is free',
    query: PersonSlotsQuery,
    ...tellSlots,
  }),
  get('/me/slots', (call) => slots(call, [myId(call)]), {
    ...{ summary: 'List when I am free', query: PersonSlotsQuery, ...tellSlots },
  }),
  get('/slots', (call) => slots(call, peopleIn(call.query)), {
    ...{ summary: 'List when several people are free at once', query: SlotsQuery, ...tellSlots },
  }),
  get('/people/:id/free-busy.ics', (call) => freeBusy(call, idFrom(call.params.id)), {
    ...{ summary: 'Read when a person is free and busy, as iCalendar', ...tellFreeBusy },
  }),
  get('/me/free-busy.ics', (call) => freeBusy(call, myId(call)), {
    ...{ summary: 'Read when I am free and busy, as iCalendar', ...tellFreeBusy },
  }),
]
