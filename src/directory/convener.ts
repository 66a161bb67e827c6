import { Failure } from '../failure.ts'
import type { Attendee, Event } from '../gatherings/gatherings.ts'
import { newNumber, type OrganizationId, type PersonId } from '../person/ids.ts'
import { hasControls } from '../person/text.ts'
import { canonicalZone } from '../person/zones.ts'
import type { VisiblePerson } from '../privacy/reveal.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { mayLookInto } from './directory.ts'
import type { Page } from './ports.ts'
import { type Intent, receiptOf } from './receipts.ts'
import type { VerbParts } from './verbs.ts'

/** What is said of a new event. */
export interface EventDraft extends Omit<Event, 'number' | 'organizationId'> {
  /** Absent: the viewer's. */
  readonly organizationId?: OrganizationId
}

/** What may be asked to change. `null` removes. Where an event is found is in everybody's links, and stays. */
export type EventChange = {
  readonly [Field in 'name' | 'description' | 'timeZone' | 'startsAt' | 'endsAt']?:
    | Event[Field]
    | null
}

export interface EventsAsked extends Page<number> {
  /** Those of an organization, for its administrators and services; absent: those that the viewer attends. */
  readonly organizationId?: OrganizationId
}

/** A page by number. */
export interface Events {
  readonly items: readonly Event[]
  readonly last?: number
}

/**
 * Events, and who attends them. Who may not look into an event meets it as if there were none: it takes to attend it, or
 * to be an administrator or a service of its organization.
 */
export interface Convener {
  /** @throws forbidden for the events of an organization, whatever it is, by who neither administers nor serves it */
  events(viewer: Viewer, asked: EventsAsked): Promise<Events>
  /** @throws no_such_event */
  event(viewer: Viewer, url: string): Promise<Event>
  /** By administrators. @throws forbidden, invalid with the field, conflict for an address that is taken */
  convene(viewer: Viewer, draft: EventDraft, intent?: Intent): Promise<Event>
  /**
   * By administrators; worked out anew where somebody else wrote meanwhile. What a caller throws ends the attempt.
   * @throws no_such_event, forbidden, invalid with the field
   */
  change(viewer: Viewer, url: string, changeOf: (event: Event) => EventChange): Promise<Event>
  /**
   * By administrators of the event, for people whom they administer too: to attend opens what others show to those who
   * attend, so nobody is made to who does not answer to them. Who attends already goes on to.
   * @throws no_such_event, forbidden
   */
  enrol(viewer: Viewer, url: string, person: VisiblePerson): Promise<Attendee>
  /** By administrators, and people themselves. Who does not attend is no mistake. @throws no_such_event, forbidden */
  dismiss(viewer: Viewer, url: string, personId: PersonId): Promise<void>
}

/** How often a write is worked out anew because somebody else wrote meanwhile. */
const mostAttempts = 8

export function createConvener({ store, now }: VerbParts): Convener {
  const { gatherings } = store
  const instant = () => new Date(now()).toISOString()
  const actorOf = ({ personId, keyId }: Viewer) => personId ?? keyId

  async function eventFor(viewer: Viewer, url: string): Promise<Event> {
    const event = await gatherings.eventByUrl(url)
    const attends =
      event && viewer.personId && (await gatherings.attendeeByPerson(event.number, viewer.personId))
    if (event && (attends || mayLookInto(event, viewer))) return event
    throw new Failure('no_such_event', 'No such event')
  }

  async function administered(viewer: Viewer, url: string): Promise<Event> {
    const event = await eventFor(viewer, url)
    if (viewer.administers.has(event.organizationId)) return event
    throw new Failure('forbidden', 'Only administrators of the event’s organization may do that')
  }

  /** Does `work` again for as long as somebody else writes in between. */
  async function persevere<Done>(
    work: () => Promise<Done>,
    attempts = mostAttempts,
  ): Promise<Done> {
    try {
      return await work()
    } catch (error) {
      const clash = error instanceof Failure && error.code === 'conflict'
      if (!clash || attempts === 1) throw error
    }
    return persevere(work, attempts - 1)
  }

  return {
    async events(viewer, { organizationId, ...asked }) {
      const page = { ...asked, limit: asked.limit + 1 }
      if (organizationId !== undefined) {
        mustSurvey(viewer, organizationId)
        return firstOf(await gatherings.eventsOf(organizationId, page), asked.limit)
      }
      if (viewer.personId === undefined) {
        return firstOf(await gatherings.eventsOf(viewer.organizationId, page), asked.limit)
      }
      return firstOf(await gatherings.eventsAttendedBy(viewer.personId, page), asked.limit)
    },

    event: eventFor,

    async convene(viewer, { organizationId = viewer.organizationId, ...draft }, intent) {
      if (!viewer.administers.has(organizationId)) {
        throw new Failure('forbidden', 'Only administrators of the organization may do that')
      }
      if (!/^[a-z0-9-]{1,255}$/.test(draft.url)) {
        throw new Failure(
          'invalid',
          'url: must have 1 to 255 lower-case letters, digits and hyphens',
        )
      }
      const event = checked({ number: newNumber(), organizationId, ...draft })
      if (await gatherings.eventByUrl(event.url)) {
        throw new Failure('conflict', `url: ${JSON.stringify(event.url)} is another event's`)
      }
      const at = instant()
      const receipt = receiptOf(viewer, intent, event.url, at)
      await store.commit([{ kind: 'event', event, before: null }, ...receipt], actorOf(viewer), at)
      return event
    },

    change: (viewer, url, changeOf) =>
      persevere(async () => {
        const before = await administered(viewer, url)
        const event = checked(merged(before, changeOf(before)))
        if (isSame(before, event)) return before
        await store.commit([{ kind: 'event', event, before }], actorOf(viewer), instant())
        return event
      }),

    async enrol(viewer, url, person) {
      const event = await administered(viewer, url)
      if (!(person.relations.self || person.relations.administrator)) {
        throw new Failure('forbidden', 'Only people whom you administer can be made to attend')
      }
      return persevere(async () => {
        const known = await gatherings.attendeeByPerson(event.number, person.id)
        if (known) return known
        const attendee = {
          ...{ number: newNumber(), eventNumber: event.number, personId: person.id },
        }
        await store.commit([{ kind: 'attendee', attendee }], actorOf(viewer), instant())
        return attendee
      })
    },

    async dismiss(viewer, url, personId) {
      const self = personId === viewer.personId
      const { number } = await (self ? eventFor : administered)(viewer, url)
      if (!(await gatherings.attendeeByPerson(number, personId))) return
      await store.commit(
        [{ kind: 'attendeeRemoval', eventNumber: number, personId }],
        actorOf(viewer),
        instant(),
      )
    },
  }
}

function mustSurvey(viewer: Viewer, organizationId: OrganizationId): void {
  const service = viewer.personId === undefined && viewer.organizationId === organizationId
  if (service || viewer.administers.has(organizationId)) return
  throw new Failure('forbidden', 'Only administrators may ask for the events of an organization')
}

function firstOf(all: readonly Event[], limit: number): Events {
  const items = all.slice(0, limit)
  const last = all.length > limit ? items.at(-1)?.number : undefined
  return { items, ...(last !== undefined && { last }) }
}

function merged(event: Event, change: EventChange): Event {
  const said = Object.entries(change).filter(([, value]) => value !== undefined)
  const all = Object.entries({ ...event, ...Object.fromEntries(said) })
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as unknown as Event
}

const isSame = (one: Event, other: Event): boolean =>
  Object.keys({ ...one, ...other }).every(
    (field) => one[field as keyof Event] === other[field as keyof Event],
  )

/** The event with its instants as they are kept. @throws invalid, naming the field */
function checked(event: Event): Event {
  const { name, description, timeZone, startsAt, endsAt } = event
  refuseText('name', name, 255)
  if (description !== undefined && (description.length > 10_000 || !description.isWellFormed())) {
    throw new Failure('invalid', 'description: must have 10000 characters at most')
  }
  if (timeZone !== undefined && canonicalZone(timeZone) === undefined) {
    throw new Failure('invalid', 'timeZone: must be an IANA time zone, such as Europe/Amsterdam')
  }
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt) {
    throw new Failure('invalid', 'endsAt: must be after startsAt')
  }
  return event
}

function refuseText(field: string, text: string | undefined, longest: number): void {
  if (text?.trim() && text.length <= longest && !hasControls(text)) return
  throw new Failure(
    'invalid',
    `${field}: must have 1 to ${longest} characters, none of them controls`,
  )
}
