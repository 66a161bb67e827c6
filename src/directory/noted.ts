import { type Fact, type Footprint, factOf } from '../footprint/footprint.ts'
import type { Recall } from '../footprint/recall.ts'
import { type Attendee, type Connection, type Event, pairOf } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import { presenceSpan } from '../presence/presence.ts'
import type { Beside, HeldAttendee, HeldPerson, Mention, Store } from './ports.ts'

/** What is read often and changes seldom: events by their address, and who attends them. */
export interface Recalls {
  readonly events: Recall<Event | undefined>
  readonly attendance: Recall<Attendee | undefined>
}

/** The store's reads for one answer: whatever they find, or look for in vain, is noted in its footprint. */
export interface NotedReads {
  readonly footprint: Footprint
  byId(id: PersonId, beside: Beside): Promise<HeldPerson | undefined>
  byIds(ids: readonly PersonId[], beside: Beside): Promise<readonly HeldPerson[]>
  byNumber(number: number, beside: Beside): Promise<HeldPerson | undefined>
  byUserName(
    organizationId: OrganizationId,
    userName: string,
    beside: Beside,
  ): Promise<HeldPerson | undefined>
  byAttendance(event: Event, number: number, beside: Beside): Promise<HeldAttendee | undefined>
  eventByUrl(url: string): Promise<Event | undefined>
  attendeeByPerson(event: Event, personId: PersonId): Promise<Attendee | undefined>
  connections(personId: PersonId, others: readonly PersonId[]): Promise<readonly Connection[]>
}

export function notedReads(
  { people, gatherings }: Pick<Store, 'people' | 'gatherings'>,
  recalls: Recalls,
  now: () => number,
  footprint: Footprint,
): NotedReads {
  function noted<Held extends HeldPerson>(held: Held | undefined, beside: Beside) {
    if (held) noteHeld(footprint, held, beside, now())
    return held
  }

  return {
    footprint,
    async byId(id, beside) {
      return noted(await people.byId(id, beside), beside)
    },
    async byIds(ids, beside) {
      // Those who are not there yet may come.
      for (const id of ids) footprint.reads(factOf('person', id))
      const helds = await people.byIds(ids, beside)
      for (const held of helds) noted(held, beside)
      return helds
    },
    async byNumber(number, beside) {
      return noted(await people.byNumber(number, beside), beside)
    },
    async byUserName(organizationId, userName, beside) {
      return noted(await people.byUserName(organizationId, userName, beside), beside)
    },
    async byAttendance(event, number, beside) {
      footprint.reads(factOf('attendee', number))
      const held = noted(await people.byAttendance(event.number, number, beside), beside)
      if (held) {
        footprint.reads(factOf('attendee', held.attendee.number))
        footprint.reads(factOf('attendance', held.person.id))
      }
      return held
    },
    eventByUrl: (url) =>
      recalls.events.get(url, footprint, async (own) => {
        const event = await gatherings.eventByUrl(url)
        if (event) own.reads(factOf('event', event.number))
        return event
      }),
    attendeeByPerson: ({ number }, personId) =>
      recalls.attendance.get(`${number} ${personId}`, footprint, async (own) => {
        own.reads(factOf('attendance', personId))
        const attendee = await gatherings.attendeeByPerson(number, personId)
        if (attendee) own.reads(factOf('attendee', attendee.number))
        return attendee
      }),
    connections(personId, others) {
      for (const other of others) footprint.reads(connectionFact(personId, other))
      return gatherings.connectionsOf(personId, others)
    },
  }
}

function noteHeld(footprint: Footprint, held: HeldPerson, beside: Beside, now: number): void {
  const { person, groups, groupsAbove, signals } = held
  footprint.reads(factOf('person', person.id))
  footprint.reads(factOf('organization', person.organizationId))
  if (beside.presence) {
    footprint.reads(factOf('presence', person.id))
    const { from, until } = presenceSpan(signals, now)
    footprint.holds(from, until)
  }
  // Who joins or leaves a group is changed by that, too.
  for (const { id } of groups) footprint.reads(factOf('group', id))
  // Which groups a group is in is a change of it, see store/change.ts.
  for (const { id } of groupsAbove) footprint.reads(factOf('group', id))
  if (beside.connectionWith) footprint.reads(connectionFact(person.id, beside.connectionWith))

  // Who is named but not there may come.
  for (const id of namedBy(held, beside)) footprint.reads(factOf('person', id))
  if (beside.reportees) footprint.reads(factOf('reportees', person.id))
  for (const { person: other } of [...held.named, ...held.reportees]) noteMention(footprint, other)
}

function noteMention(footprint: Footprint, { id, organizationId }: Mention['person']): void {
  footprint.reads(factOf('person', id))
  footprint.reads(factOf('organization', organizationId))
}

/** The ids of those who are named, as far as they are wanted. */
function namedBy({ person, groups }: HeldPerson, beside: Beside): PersonId[] {
  const ids = [
    beside.manager && person.managerId,
    beside.createdBy && person.createdById,
    ...groups.map(({ managerId }) => managerId),
  ]
  return ids.filter((id) => typeof id === 'string')
}

const connectionFact = (one: PersonId, other: PersonId): Fact =>
  factOf('connection', pairOf(one, other).join())
