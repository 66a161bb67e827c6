import Type, { type Static } from 'typebox'
import type { EventChange, EventDraft } from '../../directory/convener.ts'
import type { Encounter } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import type { Event } from '../../gatherings/gatherings.ts'
import { isUuid, numberFrom, type OrganizationId, type PersonId } from '../../person/ids.ts'
import type { Condition } from '../../search/search.ts'
import { termsOf } from '../../search/words.ts'
import {
  type Call,
  get,
  ok,
  patch,
  post,
  putBare,
  type Reply,
  remove,
  type Told,
} from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { connectionOf, ToldConnection } from './connections.ts'
import { once } from './idempotency.ts'
import { instantFrom } from './instants.ts'
import { pageFrom, textFrom } from './listing.ts'
import { idFrom, made } from './people.ts'
import { Instant, listOf, paging } from './schema.ts'
import { PersonSummary, summaryOf } from './summary.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Url = Type.String({ description: 'Its name in addresses' })

const ToldEvent = Type.Object(
  {
    url: Url,
    number: Type.Integer(),
    organizationId: Type.String({ format: 'uuid' }),
    name: Type.String(),
    description: optional(Type.String()),
    timeZone: optional(
      Type.String({ description: 'IANA; absent: that of the organization that holds it' }),
    ),
    startsAt: optional(Instant),
    endsAt: optional(Instant),
  },
  { ...strict, title: 'Event' },
)
type ToldEvent = Static<typeof ToldEvent>

const ToldEvents = listOf(ToldEvent, 'Events')

const ExtraInfo = Type.Object(
  {
    about: optional(Type.String()),
    wantsToLearn: optional(Type.String()),
    knows: optional(Type.String()),
    wantsToMeet: optional(Type.String()),
  },
  strict,
)

const ToldAttendee = Type.Object(
  {
    number: Type.Integer({ description: 'The person in this event' }),
    person: PersonSummary,
    interests: optional(Type.Array(Type.String())),
    extraInfo: optional(ExtraInfo),
    connection: optional(Type.Omit(ToldConnection, ['person', 'rejectedBy'])),
  },
  { ...strict, title: 'Attendee' },
)
type ToldAttendee = Static<typeof ToldAttendee>

const ToldAttendees = listOf(ToldAttendee, 'Attendees')

// What is taken. The lengths and forms are the directory's to judge.

const Text = Type.String({ maxLength: 10_000 })
const nullable = optional(Type.Union([Text, Type.Null()]))

const SentEvent = Type.Object(
  {
    url: Type.String({ pattern: '^[a-z0-9-]{1,255}$', description: 'Its name in addresses' }),
    name: Text,
    organizationId: optional(Type.String({ description: 'Absent: the caller’s' })),
    description: optional(Text),
    timeZone: optional(Text),
    startsAt: optional(Text),
    endsAt: optional(Text),
  },
  { ...strict, title: 'NewEvent' },
)
const readEvent = input(SentEvent)

const SentChange = Type.Object(
  {
    name: optional(Text),
    description: nullable,
    timeZone: nullable,
    startsAt: nullable,
    endsAt: nullable,
  },
  { ...strict, title: 'EventChange' },
)
const readChange = input(SentChange)

const eventOf = (event: Event): ToldEvent => {
  const { url, number, organizationId, name, description, timeZone, startsAt, endsAt } = event
  return {
    ...{ url, number, organizationId, name },
    ...(description !== undefined && { description }),
    ...(timeZone !== undefined && { timeZone }),
    ...(startsAt !== undefined && { startsAt }),
    ...(endsAt !== undefined && { endsAt }),
  }
}

const attendeeOf = ({ attendee, person, connection }: Encounter): ToldAttendee => ({
  number: attendee.number,
  person: summaryOf(person),
  ...(person.interests && { interests: person.interests }),
  ...(person.extraInfo && { extraInfo: person.extraInfo }),
  ...(connection && { connection: connectionOf(connection) }),
})

/** The instants of what was sent in the form in which they are kept. @throws invalid, naming the field */
function withInstants<Sent extends { startsAt?: string | null; endsAt?: string | null }>(
  sent: Sent,
): Sent {
  const kept = { ...sent }
  for (const field of ['startsAt', 'endsAt'] as const) {
    const text = sent[field]
    if (typeof text === 'string') kept[field] = instantFrom(field, text)
  }
  return kept
}

function organizationFrom(text: string): OrganizationId {
  if (isUuid(text)) return text.toLowerCase() as OrganizationId
  throw new Failure('invalid', 'organizationId: must be a UUID')
}

async function list(call: Call): Promise<Reply> {
  const { convener, viewer, query } = call
  const organization = textFrom(query, 'organizationId')
  const { limit, after, headersTo } = pageFrom(call, 'events')
  const place = after === undefined ? undefined : numberFrom(after)
  const { items, last } = await convener.events(viewer, {
    limit,
    ...(organization !== undefined && { organizationId: organizationFrom(organization) }),
    ...(place !== undefined && { after: place }),
  })
  const headers = headersTo(last === undefined ? undefined : String(last))
  return { ...ok({ items: items.map(eventOf) }), headers }
}

/** An event that was made by the same request before is told as it is now. */
async function create(call: Call): Promise<Reply> {
  const { convener, viewer } = call
  const { organizationId, ...sent } = readEvent(call.body)
  const draft: EventDraft = {
    ...withInstants(sent),
    ...(organizationId !== undefined && { organizationId: organizationFrom(organizationId) }),
  }
  const { id: url } = await once(
    call,
    async (intent) => (await convener.convene(viewer, draft, intent)).url,
  )
  return made(call, `/events/${url}`, eventOf(await convener.event(viewer, url)))
}

type EventCall = Call<'/events/:url'>

async function amend(call: EventCall): Promise<Reply> {
  const { convener, viewer, params } = call
  const change: EventChange = withInstants(readChange(call.body))
  const event = await convener.change(viewer, params.url, (before) => {
    refuseModified(call, eventOf(before))
    return change
  })
  return ok(eventOf(event))
}

async function attendees(call: Call<'/events/:url/attendees'>): Promise<Reply> {
  const { directory, viewer, params, query } = call
  const { limit, after, headersTo } = pageFrom(call, `attendees ${params.url}`)
  const { items, last } = await directory.attendees(viewer, params.url, {
    ...conditionFrom(query),
    from: after === undefined ? { skip: 0 } : { after: { key: null, id: after } },
    ...{ limit: limit + 1, total: false },
  })
  const page = items.slice(0, limit)
  const more = items.length > limit ? page.at(-1)?.person.id : last?.id
  return { ...ok({ items: page.map(attendeeOf) }), headers: headersTo(more) }
}

/** What was typed, as the beginnings of words. @throws invalid */
function conditionFrom(query: URLSearchParams): { readonly condition?: Condition } {
  const text = textFrom(query, 'q')
  if (text === undefined) return {}
  if (text.length > 255) throw new Failure('invalid', 'q: must have 255 characters at most')
  const terms = termsOf(text).map((prefix): Condition => ({ op: 'word', prefix }))
  const none: Condition = { op: 'word', prefix: '' }
  return { condition: terms.length > 0 ? { op: 'and', of: terms } : none }
}

type AttendeeCall = Call<'/events/:url/attendees/:personId'>

const personIn = ({ params }: AttendeeCall): PersonId => idFrom(params.personId, 'personId')

/** @throws no_such_event, not_found also for somebody of whom the viewer may not know */
async function met({ directory, viewer, params }: AttendeeCall, id: PersonId): Promise<Encounter> {
  const condition: Condition = { op: 'eq', field: 'id', value: id }
  const asked = { condition, from: { skip: 0 }, limit: 1, total: false }
  const [encounter] = (await directory.attendees(viewer, params.url, asked)).items
  if (!encounter) throw new Failure('not_found', 'No such attendee')
  return encounter
}

/** @throws precondition_failed where `If-Match` names another attendee than there is, or there is none */
async function refuseOther(call: AttendeeCall, id: PersonId): Promise<void> {
  if (call.header('if-match') === undefined) return
  const there = await met(call, id).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'not_found') return undefined
    throw error
  })
  if (!there) throw new Failure('precondition_failed', 'If-Match: there is no such attendee')
  refuseModified(call, attendeeOf(there))
}

async function enrol(call: AttendeeCall): Promise<Reply> {
  const { convener, directory, viewer, params } = call
  const id = personIn(call)
  await convener.event(viewer, params.url)
  await refuseOther(call, id)
  await convener.enrol(viewer, params.url, await directory.find(viewer, { id }))
  return ok(attendeeOf(await met(call, id)))
}

async function dismiss(call: AttendeeCall): Promise<Reply> {
  const { convener, viewer, params } = call
  const id = personIn(call)
  await refuseOther(call, id)
  await convener.dismiss(viewer, params.url, id)
  return { status: 204 }
}

const one = { 200: ToldEvent }
const whoever = { 200: ToldAttendee }

const eventsQuery = Type.Object({
  organizationId: optional(
    Type.String({
      description: 'All of an organization, for its administrators; absent: those one attends',
    }),
  ),
  ...paging,
})
const attendeesQuery = Type.Object({
  q: optional(Type.String({ description: 'Beginnings of words of names, addresses, numbers' })),
  ...paging,
})

const tell = {
  list: { summary: 'Events', query: eventsQuery, answers: { 200: ToldEvents } },
  create: { summary: 'Make an event', body: SentEvent, answers: { 201: ToldEvent } },
  read: { summary: 'An event', answers: one },
  amend: { summary: 'Change an event, by a merge patch', body: SentChange, answers: one },
  attendees: {
    summary: 'Who attends an event',
    query: attendeesQuery,
    answers: { 200: ToldAttendees },
  },
  attendee: { summary: 'Somebody who attends an event', answers: whoever },
  enrol: { summary: 'Let a person attend an event', answers: whoever },
  dismiss: { summary: 'Let a person attend an event no more', answers: { 204: null } },
} satisfies Record<string, Told>

/** Events, and who attends them. */
export const eventRoutes = [
  get('/events', list, tell.list),
  post('/events', create, tell.create),
  get(
    '/events/:url',
    async ({ convener, viewer, params }) => ok(eventOf(await convener.event(viewer, params.url))),
    tell.read,
  ),
  patch('/events/:url', amend, tell.amend),
  get('/events/:url/attendees', attendees, tell.attendees),
  get(
    '/events/:url/attendees/:personId',
    async (call) => ok(attendeeOf(await met(call, personIn(call)))),
    tell.attendee,
  ),
  putBare('/events/:url/attendees/:personId', enrol, tell.enrol),
  remove('/events/:url/attendees/:personId', dismiss, tell.dismiss),
]
