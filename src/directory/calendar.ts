import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import { relationIn } from '../gatherings/connecting.ts'
import { type Connection, type Meeting, pairOf } from '../gatherings/gatherings.ts'
import { revised, without } from '../gatherings/meetings.ts'
import { mayReach } from '../gatherings/permissions.ts'
import { commonTimes, type Stretch, shared, slotsOf, united } from '../gatherings/slots.ts'
import type { PersonId } from '../person/ids.ts'
import type { MeetingAvailability } from '../person/person.ts'
import { hasControls } from '../person/text.ts'
import type { VisiblePerson } from '../privacy/reveal.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { Encounter } from './directory.ts'
import type { Page, Span, Write } from './ports.ts'
import { type Intent, receiptOf } from './receipts.ts'
import type { VerbParts } from './verbs.ts'

/** When people are asked to meet. Who is nobody to the viewer is not found; who shows no availability has none. */
export interface SlotsAsked {
  readonly personIds: readonly PersonId[]
  /** The event in which they are met; absent: none. */
  readonly eventUrl?: string
  readonly span: Span
  /** Minutes; absent: the longest that one of them has meetings take. */
  readonly duration?: number
  /** Minutes from one slot's start to the next; absent: the duration. */
  readonly step?: number
  readonly limit: number
}

export interface SlotsFound {
  /** Minutes. */
  readonly duration: number
  /** In order of their starts, none of them in the past. */
  readonly slots: readonly Span[]
  /** Whether there are more after these. */
  readonly more: boolean
}

/** From now on, as far as slots would tell it; in order and apart. */
export interface FreeBusy {
  /** When the person is available and has a meeting. */
  readonly busy: readonly Span[]
  /** When they are not available. */
  readonly unavailable: readonly Span[]
}

/** What is said of a new meeting. */
export interface Booking {
  /** Who is to come, beside the viewer, who organizes it. */
  readonly participantIds: readonly PersonId[]
  /** As in {@link SlotsAsked}: the meeting belongs to it. */
  readonly eventUrl?: string
  /** An instant, on a whole minute. */
  readonly start: string
  /** Likewise; absent: as long as a slot. */
  readonly end?: string
  readonly title?: string
  readonly note?: string
  readonly location?: string
}

/** What of a meeting can be changed; `null` removes. Who moves the start alone moves the end with it. */
export interface MeetingChange {
  readonly start?: string
  readonly end?: string
  readonly title?: string | null
  readonly note?: string | null
  readonly location?: string | null
}

/** A meeting, with those who take part as far as the viewer may know of them. */
export interface MeetingSeen extends Omit<Meeting, 'organizerId' | 'participantIds' | 'version'> {
  readonly organizer?: VisiblePerson
  /** The organizer among them. */
  readonly participants: readonly VisiblePerson[]
}

export interface MeetingsAsked extends Page<Pick<Meeting, 'start' | 'id'>> {
  /** Whose; absent: the viewer's own. */
  readonly personId?: PersonId
  /** Those that end after this instant. */
  readonly from?: string
  /** Those that start before this instant. */
  readonly until?: string
  readonly state?: Meeting['state']
}

export interface MeetingsFound {
  readonly items: readonly MeetingSeen[]
  /** After which of them there may be more; absent at the end. It need not be one of the items. */
  readonly last?: Pick<Meeting, 'start' | 'id'>
}

/** Which of the viewer's meetings in an event. */
export interface ScheduleAsked {
  /** Those that are booked and not over, alone. */
  readonly upcoming: boolean
  readonly skip: number
  readonly limit: number
}

export interface Schedule {
  readonly items: readonly MeetingSeen[]
  /** How many there are of those that are asked for, on whatever page. */
  readonly fitting: number
  /** And of all in the event. */
  readonly total: number
}

/**
 * When people can be met, and the meetings that come of it.
 *
 * Those who take part see a meeting, and administrators of one of them; its organizer changes and cancels it, the others
 * may leave. Nobody makes one for others without taking part.
 */
export interface Calendar {
  /** @throws not_found for somebody unknown, no_such_event, invalid for what asks too much */
  slots(viewer: Viewer, asked: SlotsAsked): Promise<SlotsFound>
  /** @throws as {@link Calendar.slots} */
  freeBusy(viewer: Viewer, id: PersonId, span: Span): Promise<FreeBusy>
  /**
   * Makes a meeting, whose id it answers. Of many who try at once for the same time of somebody, one does.
   * @throws forbidden for a service; likewise, with the reason `not_welcome` whatever the reason is, where somebody takes
   * no requests for meetings from the viewer or shows them no availability; conflict with the reason `slot_taken` where
   * one of them can't, and without one where the viewer has 100 meetings to come with one of them already; not_found,
   * no_such_event, invalid with the field
   */
  book(viewer: Viewer, booking: Booking, intent?: Intent): Promise<string>
  /** @throws not_found also where it is none of the viewer's business */
  meeting(viewer: Viewer, id: string): Promise<MeetingSeen>
  /** By start, then id, cancelled ones too. @throws not_found, forbidden for another's who is not administered */
  meetings(viewer: Viewer, asked: MeetingsAsked): Promise<MeetingsFound>
  /**
   * The viewer's own in an event, by start, as far as they are among the first 5000 meetings of theirs.
   * @throws no_such_event, forbidden for a service
   */
  schedule(viewer: Viewer, eventUrl: string, asked: ScheduleAsked): Promise<Schedule>
  /**
   * Another time or text, worked out from what is there. Whom the organizer may not know of any more does not come along
   * to another time. @throws as {@link Calendar.book}; forbidden for who does not organize it, conflict for one that is
   * over or cancelled
   */
  change(
    viewer: Viewer,
    id: string,
    changeOf: (meeting: MeetingSeen) => MeetingChange,
  ): Promise<MeetingSeen>
  /**
   * Cancels it for all where the organizer asks, else lets the viewer leave it. What is cancelled stays so.
   * @throws not_found, forbidden for who takes no part, conflict for one that is over
   */
  leave(viewer: Viewer, id: string, agree?: (meeting: MeetingSeen) => void): Promise<void>
}

const minute = 60_000
const day = 1440 * minute

const mostPeople = 20
/** Meetings to come that two people may have with each other when one of them makes another. */
const mostTogether = 100
/** Milliseconds. */
const longestSpan = 62 * day
const longestMeeting = day
/** Meetings are made for some years ahead. */
const furthest = 3660 * day
/** Minutes, where nobody says anything. */
const usualDuration = 30
/** How often a write is tried again because somebody else wrote meanwhile. */
const mostAttempts = 16
/** Meetings read at once, and for one answer at the most. */
const readAtOnce = 500
const mostRead = 5000
/** Attendees asked for at once. */
const mostAtOnce = 50

type People = ReadonlyMap<PersonId, VisiblePerson>

export function createCalendar({ store, directory, now }: VerbParts): Calendar {
  const instant = () => new Date(now()).toISOString()
  const fresh = () => directory(new Footprint(store.watch.moment))

  const commit = (viewer: Viewer, writes: readonly Write[], at: string) =>
    store.commit(writes, viewer.personId ?? viewer.keyId, at)

  /** Those whom the viewer may know of; in an event, those who attend it alone. */
  async function peopleOf(
    viewer: Viewer,
    ids: readonly PersonId[],
    eventUrl?: string,
  ): Promise<{ readonly people: People; readonly eventNumber?: number }> {
    const own = ids.filter((id) => eventUrl === undefined || id === viewer.personId)
    const found = await fresh().findAll(viewer, own)
    const met = eventUrl === undefined ? [] : await attendeesOf(viewer, eventUrl, ids)
    const all = [...found, ...met.map(({ person }) => person)]
    const people = new Map(all.map((person) => [person.id, person]))
    const eventNumber = met[0]?.event.number
    return { people, ...(eventNumber !== undefined && { eventNumber }) }
  }

  async function attendeesOf(
    viewer: Viewer,
    eventUrl: string,
    ids: readonly PersonId[],
  ): Promise<readonly Encounter[]> {
    const asked = ids.slice(0, mostAtOnce)
    const of = asked.map((value) => ({ op: 'eq', field: 'id', value }) as const)
    const question = { condition: { op: 'or', of } as const, limit: asked.length, total: false }
    const { items } = await fresh().attendees(viewer, eventUrl, { ...question, from: { skip: 0 } })
    const others = ids.slice(mostAtOnce)
    return others.length === 0
      ? items
      : [...items, ...(await attendeesOf(viewer, eventUrl, others))]
  }

  /** @throws not_found, naming the place of somebody unknown in the list */
  async function everybody(
    viewer: Viewer,
    field: string,
    ids: readonly PersonId[],
    eventUrl: string | undefined,
  ) {
    const { people, eventNumber } = await peopleOf(viewer, ids, eventUrl)
    const all = ids.map((id, index) => {
      const person = people.get(id)
      if (person) return person
      throw new Failure('not_found', `${field}.${index}: No such person`)
    })
    return { all, eventNumber }
  }

  async function busyTimes(ids: readonly PersonId[], span: Stretch): Promise<Stretch[]> {
    const meetings = await store.gatherings.meetingsWithin(ids, spanOf(span))
    return meetings.map(({ start, end }) => stretchOf({ from: start, until: end }))
  }

  /** The address of the meeting's event, where the viewer has to do with it. */
  async function eventUrlOf(viewer: Viewer, number: number): Promise<string | undefined> {
    const page = { after: number - 1, limit: 1 }
    const attended = viewer.personId
      ? await store.gatherings.eventsAttendedBy(viewer.personId, page)
      : []
    const all = [...attended, ...(await administered(viewer, page))]
    return all.find((event) => event.number === number)?.url
  }

  async function administered({ administers }: Viewer, page: Page<number>) {
    const lists = [...administers].map((id) => store.gatherings.eventsOf(id, page))
    return (await Promise.all(lists)).flat()
  }

  /** In their order, with those who take part as far as the viewer may know of them. */
  async function seen(
    viewer: Viewer,
    meetings: readonly Meeting[],
  ): Promise<readonly MeetingSeen[]> {
    const ids = (of: readonly Meeting[]) => [
      ...new Set(of.flatMap(({ participantIds }) => participantIds)),
    ]
    const { people } = await peopleOf(viewer, ids(meetings))
    const metIn = new Map<number, People>()
    for (const number of new Set(meetings.flatMap(({ eventNumber }) => eventNumber ?? []))) {
      const url = await eventUrlOf(viewer, number)
      const own = meetings.filter(({ eventNumber }) => eventNumber === number)
      if (url !== undefined) metIn.set(number, (await peopleOf(viewer, ids(own), url)).people)
    }
    return meetings.map(
      ({ organizerId, participantIds, eventNumber = 0, version: _, ...meeting }) => {
        const met = metIn.get(eventNumber)
        const participants = participantIds.flatMap((id) => met?.get(id) ?? people.get(id) ?? [])
        const organizer = participants.find(({ id }) => id === organizerId)
        // Of an event that one has nothing to do with, or no longer, nobody is told by a meeting either.
        return {
          ...meeting,
          participants,
          ...(met && { eventNumber }),
          ...(organizer && { organizer }),
        }
      },
    )
  }

  /** A page of a person's meetings, or what of it can be found among so many. */
  async function fitting(
    personId: PersonId,
    { until, state, limit, ...page }: Omit<MeetingsAsked, 'personId'>,
  ): Promise<{
    readonly found: readonly Meeting[]
    readonly last?: Pick<Meeting, 'start' | 'id'>
  }> {
    const found: Meeting[] = []
    let { after } = page
    for (let pages = 0; pages < mostPages; pages += 1) {
      const asked = { ...page, ...(after && { after }), limit: limit + 1 }
      const some = await store.gatherings.meetingsOf(personId, asked)
      const early = some.filter(({ start }) => until === undefined || start < until)
      found.push(...early.filter((meeting) => state === undefined || meeting.state === state))
      if (found.length > limit) return cutAfter(found, limit)
      if (early.length <= limit) return { found }
      after = some.at(-1)
    }
    return { found, ...(after && { last: after }) }
  }

  /** @throws not_found */
  async function lookUp(viewer: Viewer, id: string) {
    const meeting = await store.gatherings.meetingById(id)
    const [shown] = meeting ? await seen(viewer, [meeting]) : []
    const takesPart =
      viewer.personId !== undefined && meeting?.participantIds.includes(viewer.personId)
    const administers = shown?.participants.some(({ relations }) => relations.administrator)
    if (!meeting || !shown || !(takesPart || administers)) {
      throw new Failure('not_found', 'No such meeting')
    }
    return { meeting, shown }
  }

  /** Whether each of them takes requests for meetings from the viewer; why not is theirs to know. */
  async function refuseUnwelcome(
    organizerId: PersonId,
    others: readonly VisiblePerson[],
  ): Promise<void> {
    const connections = await store.gatherings.connectionsOf(
      organizerId,
      others.map(({ id }) => id),
    )
    const between = new Map(
      connections.map((one): [string, Connection] => [
        pairOf(one.requesterId, one.addresseeId).join(),
        one,
      ]),
    )
    for (const [index, person] of others.entries()) {
      const relation = relationIn(between.get(pairOf(organizerId, person.id).join()))
      if (person.meetingAvailability && mayReach(welcomeOf(person), relation).meeting) continue
      throw new Failure(
        'forbidden',
        `participants.${index}: takes no requests for meetings from you`,
        { reason: 'not_welcome' },
      )
    }
  }

  /** When it is to be, once it is known that all who are asked want to come then. @throws invalid, conflict */
  function agreed(others: readonly VisiblePerson[], sent: Pick<Booking, 'start' | 'end'>): Span {
    const availabilities = availabilitiesOf(others) ?? []
    const start = Date.parse(sent.start)
    const length = durationOf(availabilities) * minute
    const end = sent.end === undefined ? start + length : Date.parse(sent.end)
    const span = { from: start, until: end }
    refuseOdd({ start: sent.start, end: new Date(end).toISOString() }, now())
    const common = commonTimes(availabilities, span)
    if (others.length > 0 && !common.some((one) => one.from <= start && one.until >= end)) {
      throw new Failure('conflict', 'start: not everybody is available from then until the end', {
        reason: 'slot_taken',
      })
    }
    return spanOf(span)
  }

  /** Somebody who was deleted while a meeting with them was made has it no more. @throws not_found */
  async function refuseGone(viewer: Viewer, meeting: Meeting): Promise<void> {
    const helds = await store.people.byIds(meeting.participantIds)
    const gone = helds.some(({ person }) => person.lifecycle === 'deleted')
    if (!gone) return
    const at = instant()
    await commit(
      viewer,
      [{ kind: 'meeting', meeting: revised(meeting, { state: 'cancelled' }, at) }],
      at,
    )
    throw new Failure('not_found', 'participants: No such person')
  }

  /** Does `work` anew where somebody else changed the meeting meanwhile. */
  async function persevere(id: string, work: () => Promise<void>): Promise<void> {
    const versionOf = async () => (await store.gatherings.meetingById(id))?.version
    for (let attempt = 1; ; attempt += 1) {
      const before = await versionOf()
      try {
        return await work()
      } catch (error) {
        const clash = error instanceof Failure && error.code === 'conflict'
        if (!clash || attempt === mostAttempts || (await versionOf()) === before) throw error
      }
    }
  }

  const calendar: Calendar = {
    async slots(viewer, { personIds, eventUrl, span, limit, ...asked }) {
      const ids = fewPeople('people', personIds)
      const { from, until } = moderate(span)
      const { all } = await everybody(viewer, 'people', ids, eventUrl)
      const availabilities = availabilitiesOf(all)
      const duration = asked.duration ?? durationOf(availabilities ?? [])
      if (!availabilities) return { duration, slots: [], more: false }
      const ahead = { from: Math.max(from, now()), until }
      if (ahead.from >= until) return { duration, slots: [], more: false }
      const busy = await busyTimes(ids, ahead)
      const step = (asked.step ?? duration) * minute
      const question = { availabilities, busy, span: ahead, step, duration: duration * minute }
      const slots = [...slotsOf(question).take(limit + 1)]
      return { duration, slots: slots.slice(0, limit).map(spanOf), more: slots.length > limit }
    },

    async freeBusy(viewer, id, asked) {
      const { from, until } = moderate(asked)
      const { all } = await everybody(viewer, 'people', [id], undefined)
      const span = { from: Math.max(from, now()), until }
      const availabilities = availabilitiesOf(all)
      const open = availabilities ? shared(commonTimes(availabilities, span), [span]) : []
      const busy = open.length === 0 ? [] : united(await busyTimes([id], span))
      return {
        busy: shared(busy, open).map(spanOf),
        unavailable: gapsIn(span, open).map(spanOf),
      }
    },

    async book(viewer, booking, intent) {
      const organizerId = inPerson(viewer)
      const { eventUrl } = booking
      const said = textsOf(booking)
      refuseOdd(booking, now())
      const otherIds = fewPeople('participants', booking.participantIds).filter(
        (id) => id !== organizerId,
      )
      if (otherIds.length === 0 || otherIds.length >= mostPeople) {
        throw new Failure('invalid', `participants: must be 1 to ${mostPeople - 1} others`)
      }
      const { all, eventNumber } = await everybody(viewer, 'participants', otherIds, eventUrl)
      await refuseUnwelcome(organizerId, all)
      const { from: start, until: end } = agreed(all, booking)
      const at = instant()
      const meeting: Meeting = {
        ...{ id: crypto.randomUUID(), version: 1, organizerId },
        participantIds: [organizerId, ...otherIds],
        ...(eventNumber !== undefined && { eventNumber }),
        ...{ start, end },
        ...said,
        ...{ state: 'booked', createdAt: at, updatedAt: at },
      }
      const writes = [{ kind: 'meeting', meeting, mostTogether } as const]
      await commit(viewer, [...writes, ...receiptOf(viewer, intent, meeting.id, at)], at)
      await refuseGone(viewer, meeting)
      return meeting.id
    },

    async meeting(viewer, id) {
      return (await lookUp(viewer, id)).shown
    },

    async meetings(viewer, { personId = viewer.personId, ...page }) {
      if (personId === undefined) inPerson(viewer)
      if (personId === undefined) return { items: [] }
      if (personId !== viewer.personId) {
        const { relations } = await fresh().find(viewer, { id: personId })
        if (!relations.administrator) {
          throw new Failure('forbidden', 'person: only administrators may list others’ meetings')
        }
      }
      const { found, last } = await fitting(personId, page)
      return { items: await seen(viewer, found), ...(last && { last }) }
    },

    async schedule(viewer, eventUrl, { upcoming, skip, limit }) {
      const personId = inPerson(viewer)
      await attendeesOf(viewer, eventUrl, [personId])
      const event = await store.gatherings.eventByUrl(eventUrl)
      const all = (await allMeetingsOf(personId)).filter(
        ({ eventNumber }) => eventNumber !== undefined && eventNumber === event?.number,
      )
      const at = instant()
      const fitting = upcoming
        ? all.filter(({ state, end }) => state === 'booked' && end > at)
        : all
      const items = await seen(viewer, fitting.slice(skip, skip + limit))
      return { items, fitting: fitting.length, total: all.length }
    },

    async change(viewer, id, changeOf) {
      await persevere(id, async () => {
        const { meeting, shown } = await lookUp(viewer, id)
        if (meeting.organizerId !== viewer.personId) {
          throw new Failure('forbidden', 'Only its organizer may change a meeting')
        }
        const change = changeOf(shown)
        refuseOver(meeting, now())
        const at = instant()
        const next = textChanged(await moved(viewer, meeting, shown, change), change)
        if (isSame(meeting, next)) return
        await commit(viewer, [{ kind: 'meeting', meeting: revised(next, {}, at) }], at)
      })
      return calendar.meeting(viewer, id)
    },

    async leave(viewer, id, agree) {
      await persevere(id, async () => {
        const { meeting, shown } = await lookUp(viewer, id)
        const { personId } = viewer
        if (personId === undefined || !meeting.participantIds.includes(personId)) {
          throw new Failure('forbidden', 'Only who takes part may cancel a meeting, or leave it')
        }
        agree?.(shown)
        if (meeting.state === 'cancelled') return
        refuseOver(meeting, now())
        const at = instant()
        await commit(viewer, [{ kind: 'meeting', meeting: without(meeting, personId, at) }], at)
      })
    },
  }

  /** The first of them. */
  async function allMeetingsOf(
    personId: PersonId,
    before: readonly Meeting[] = [],
  ): Promise<readonly Meeting[]> {
    const last = before.at(-1)
    const page = { ...(last && { after: last }), limit: readAtOnce }
    const next = await store.gatherings.meetingsOf(personId, page)
    const all = [...before, ...next]
    const done = next.length < readAtOnce || all.length >= mostRead
    return done ? all : allMeetingsOf(personId, all)
  }

  /** The meeting at the time that is asked for. */
  async function moved(
    viewer: Viewer,
    meeting: Meeting,
    { participants }: MeetingSeen,
    { start = meeting.start, end }: MeetingChange,
  ): Promise<Meeting> {
    const length = Date.parse(meeting.end) - Date.parse(meeting.start)
    const until = end ?? new Date(Date.parse(start) + length).toISOString()
    if (start === meeting.start && until === meeting.end) return meeting
    const others = participants.filter(({ id }) => id !== meeting.organizerId)
    await refuseUnwelcome(inPerson(viewer), others)
    const span = agreed(others, { start, end: until })
    const participantIds = [meeting.organizerId, ...others.map(({ id }) => id)]
    return { ...meeting, start: span.from, end: span.until, participantIds }
  }

  return calendar
}

/** How many pages are read for one of meetings in a state. */
const mostPages = 20

function cutAfter(all: readonly Meeting[], limit: number) {
  const found = all.slice(0, limit)
  const last = found.at(-1)
  return { found, ...(last && { last }) }
}

/** @throws forbidden */
function inPerson({ personId }: Viewer): PersonId {
  if (personId !== undefined) return personId
  throw new Failure('forbidden', 'This key is a service’s, which is nobody in person')
}

/** Each of them once. @throws invalid */
function fewPeople(field: string, ids: readonly PersonId[]): readonly PersonId[] {
  const all = [...new Set(ids)]
  if (all.length > 0 && all.length <= mostPeople) return all
  throw new Failure('invalid', `${field}: must be 1 to ${mostPeople} people`)
}

/** @throws invalid */
function moderate(span: Span): Stretch {
  const stretch = stretchOf(span)
  const length = stretch.until - stretch.from
  if (length > 0 && length <= longestSpan) return stretch
  throw new Failure(
    'invalid',
    `until: must come after from, by ${longestSpan / day} days at the most`,
  )
}

/** @throws invalid for times at which no meeting can be */
function refuseOdd(sent: Pick<Booking, 'start' | 'end'>, now: number): void {
  const start = Date.parse(sent.start)
  const end = sent.end === undefined ? start + minute : Date.parse(sent.end)
  for (const [field, at] of Object.entries({ start, end })) {
    if (at % minute !== 0) throw new Failure('invalid', `${field}: must be on a whole minute`)
  }
  if (start <= now) throw new Failure('invalid', 'start: must be in the future')
  if (start > now + furthest) throw new Failure('invalid', 'start: must be within ten years')
  if (end > start && end - start <= longestMeeting) return
  throw new Failure('invalid', 'end: must come after start, by 24 hours at the most')
}

function refuseOver({ state, end }: Meeting, now: number): void {
  if (state === 'cancelled') throw new Failure('conflict', 'state: the meeting is cancelled')
  if (Date.parse(end) <= now) throw new Failure('conflict', 'end: the meeting is over')
}

/** Of all of them; undefined where one has none, or none that may be seen. */
function availabilitiesOf(people: readonly VisiblePerson[]) {
  const all = people.flatMap(({ meetingAvailability }) => meetingAvailability ?? [])
  return all.length === people.length ? all : undefined
}

/** Minutes. */
function durationOf(availabilities: readonly MeetingAvailability[]): number {
  const said = availabilities.flatMap(({ duration }) => duration ?? [])
  return said.length === 0 ? usualDuration : Math.max(...said)
}

const welcomeOf = ({ acceptsMeetingRequests }: VisiblePerson) =>
  acceptsMeetingRequests === undefined ? {} : { acceptsMeetingRequests }

const texts = { title: 255, note: 10_000, location: 1024 } as const

/** What was said of them; an empty one is none. @throws invalid */
function textsOf(sent: Pick<MeetingChange, keyof typeof texts>) {
  const said = Object.entries(texts).flatMap(([name, longest]) => {
    const text = sent[name as keyof typeof texts]
    if (!text) return []
    const odd = name === 'note' ? text.replace(/[\n\r\t]/g, '') : text
    if (text.length > longest || hasControls(odd)) {
      throw new Failure(
        'invalid',
        `${name}: must have ${longest} characters at most, none of them controls`,
      )
    }
    return [[name, text]]
  })
  return Object.fromEntries(said) as Pick<Meeting, keyof typeof texts>
}

/** The meeting with the texts that are said, and without those that are taken back. */
function textChanged(meeting: Meeting, change: MeetingChange): Meeting {
  const said = textsOf(change)
  const kept = Object.entries(meeting).filter(
    ([name]) => !(name in texts) || change[name as keyof typeof texts] === undefined,
  )
  return { ...(Object.fromEntries(kept) as unknown as Meeting), ...said }
}

const changeable = ['start', 'end', 'title', 'note', 'location'] as const

const isSame = (one: Meeting, other: Meeting): boolean =>
  changeable.every((field) => one[field] === other[field])

/** What of the span is in none of the stretches, which are in order and apart. */
function gapsIn(span: Stretch, stretches: readonly Stretch[]): readonly Stretch[] {
  const edges = [span.from, ...stretches.flatMap(({ from, until }) => [from, until]), span.until]
  return edges.flatMap((from, index) => {
    const until = edges[index + 1]
    return index % 2 === 0 && until !== undefined && from < until ? [{ from, until }] : []
  })
}

const stretchOf = ({ from, until }: Span): Stretch => ({
  from: Date.parse(from),
  until: Date.parse(until),
})

const spanOf = ({ from, until }: Stretch): Span => ({
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
})
