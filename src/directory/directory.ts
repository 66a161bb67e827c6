import { Failure } from '../failure.ts'
import type { Attendee, Connection, Event } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import { presenceAt } from '../presence/presence.ts'
import { asksForConnection, reveal, revealMention, type VisiblePerson } from '../privacy/reveal.ts'
import type { Acquaintance, ExtensionRules, GroupMembership } from '../privacy/rules.ts'
import type { Ties, Viewer } from '../privacy/viewer.ts'
import type { HeldPerson, Mention, Store } from './ports.ts'

/** How a caller names a person. A user name is looked up in the caller's organization. */
export type PersonKey =
  | { readonly id: PersonId }
  | { readonly number: number }
  | { readonly userName: string }

/** What an answer needs beside the person; each costs a query where there is something to ask. */
export interface Wanted {
  readonly manager?: boolean
  readonly reportees?: boolean
  readonly createdBy?: boolean
  readonly groupManagers?: boolean
  /** Answer also for people who were deleted, where the viewer may see that they were. */
  readonly deleted?: boolean
}

/** A person as met in an event. */
export interface Encounter {
  readonly event: Event
  readonly attendee: Attendee
  readonly person: VisiblePerson
  /** What is between the viewer and the person, as the viewer sees it. */
  readonly connection?: ConnectionSeen
}

export interface ConnectionSeen {
  readonly state: Connection['state']
  /** The viewer is the one who was asked. */
  readonly asked: boolean
  /** The number of whoever rejected it. */
  readonly rejectedBy?: number
}

/** What callers can do here. Every verb takes the viewer first and returns only what they may see. */
export interface Directory {
  /** @throws not_found also when the viewer may not know of the person */
  find(viewer: Viewer, key: PersonKey, wanted?: Wanted): Promise<VisiblePerson>
  /** The people of `ids` whom the viewer may know of, in that order; the others are left out. */
  findAll(
    viewer: Viewer,
    ids: readonly PersonId[],
    wanted?: Wanted,
  ): Promise<readonly VisiblePerson[]>
  /** @throws not_found for a service, which is nobody in person */
  me(viewer: Viewer, wanted?: Wanted): Promise<VisiblePerson>
  /**
   * Somebody in an event, by the number of the attendee or of the person.
   * @throws no_such_event also when the viewer may not look into it; not_found as {@link find}
   */
  meet(viewer: Viewer, eventUrl: string, number: number, wanted?: Wanted): Promise<Encounter>
}

export interface DirectoryParts {
  readonly store: Store
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Who may see what in each dialect's extension bag. */
  readonly extensionRules: Readonly<Record<string, ExtensionRules>>
}

export function createDirectory({ store, now, extensionRules }: DirectoryParts): Directory {
  const { people, gatherings } = store

  function lookUp(viewer: Viewer, key: PersonKey): Promise<HeldPerson | undefined> {
    if ('id' in key) return people.byId(key.id)
    if ('number' in key) return people.byNumber(key.number)
    return people.byUserName(viewer.organizationId, key.userName)
  }

  /** The viewer's side of what only a look into the connections can tell, when anything hangs on it. */
  async function tiesTo(viewer: Viewer, held: Mention, coAttendee = false): Promise<Ties> {
    const { person, organizationAudiences } = held
    const asks =
      viewer.personId !== undefined &&
      viewer.personId !== person.id &&
      asksForConnection(person.audiences, organizationAudiences)
    if (!asks) return { connected: false, coAttendee }
    const connection = await gatherings.connection(viewer.personId, person.id)
    return { connected: connection?.state === 'accepted', coAttendee }
  }

  async function mention(viewer: Viewer, held: Mention): Promise<Acquaintance | undefined> {
    if (held.person.lifecycle === 'deleted') return undefined
    const ties = await tiesTo(viewer, held)
    return revealMention(held.person, held.organizationAudiences, viewer, ties)
  }

  async function mentionsOf(viewer: Viewer, mentions: readonly Mention[]): Promise<Acquaintance[]> {
    const all = await Promise.all(mentions.map((held) => mention(viewer, held)))
    return all.filter((one) => one !== undefined)
  }

  /** Those whom `held` names and `wanted` asks for, by id, each cut down to what the viewer may know of them. */
  async function acquaintancesOf(
    viewer: Viewer,
    helds: readonly HeldPerson[],
    wanted: Wanted,
  ): Promise<ReadonlyMap<PersonId, Acquaintance>> {
    const ids = new Set(helds.flatMap((held) => namedBy(held, wanted)))
    if (ids.size === 0) return new Map()
    const known = await mentionsOf(viewer, await people.mentions([...ids]))
    return new Map(known.map((one) => [one.id, one]))
  }

  async function present(
    viewer: Viewer,
    held: HeldPerson,
    ties: Ties,
    acquaintances: ReadonlyMap<PersonId, Acquaintance>,
    wanted: Wanted,
  ): Promise<VisiblePerson | undefined> {
    const { person } = held
    const named = (id: PersonId | undefined) =>
      id === undefined ? undefined : acquaintances.get(id)
    const groups = held.groups.map(({ id, name, managerId }): GroupMembership => {
      const manager = named(managerId)
      return { id, name, ...(manager && { manager }) }
    })
    const visible = reveal(
      {
        person,
        organizationAudiences: held.organizationAudiences,
        presence: presenceAt(held.signals, now()),
        groups,
        manager: named(person.managerId),
        reportees: wanted.reportees
          ? await mentionsOf(viewer, await people.reporteesOf(person.id))
          : [],
        createdBy: named(person.createdById),
      },
      viewer,
      ties,
      extensionRules,
    )
    // Somebody deleted is gone, but for those who may be told so in as many words.
    if (person.lifecycle === 'deleted' && !(wanted.deleted && visible?.lifecycle)) return undefined
    if (!visible || !('managerId' in visible)) return visible
    // An id is a mention too: who may not be known to exist is not named by it either.
    const { managerId: _, ...rest } = visible
    return (visible.manager ? { ...rest, managerId: visible.manager.id } : rest) as VisiblePerson
  }

  async function show(
    viewer: Viewer,
    held: HeldPerson | undefined,
    wanted: Wanted,
    ties?: Ties,
  ): Promise<VisiblePerson> {
    const visible =
      held &&
      (await present(
        viewer,
        held,
        ties ?? (await tiesTo(viewer, held)),
        await acquaintancesOf(viewer, [held], wanted),
        wanted,
      ))
    if (!visible) throw new Failure('not_found', 'No such person')
    return visible
  }

  const directory: Directory = {
    async find(viewer, key, wanted = {}) {
      return show(viewer, await lookUp(viewer, key), wanted)
    },

    async findAll(viewer, ids, wanted = {}) {
      const helds = await people.byIds(ids)
      const acquaintances = await acquaintancesOf(viewer, helds, wanted)
      const visible = await Promise.all(
        helds.map(async (held) =>
          present(viewer, held, await tiesTo(viewer, held), acquaintances, wanted),
        ),
      )
      const byId = new Map(visible.flatMap((person) => (person ? [[person.id, person]] : [])))
      return ids.flatMap((id) => byId.get(id) ?? [])
    },

    async me(viewer, wanted = {}) {
      if (!viewer.personId) throw new Failure('not_found', 'This key is nobody in person')
      return directory.find(viewer, { id: viewer.personId }, wanted)
    },

    async meet(viewer, eventUrl, number, wanted = {}) {
      const event = await gatherings.eventByUrl(eventUrl)
      const own =
        event &&
        viewer.personId &&
        (await gatherings.attendeeByPerson(event.number, viewer.personId))
      if (!event || !(own || mayLookInto(event, viewer))) {
        throw new Failure('no_such_event', 'No such event')
      }
      const found = await attendeeBy(event, number)
      if (!found) throw new Failure('not_found', 'No such attendee')
      const { attendee, held } = found

      const connection =
        viewer.personId && viewer.personId !== held.person.id
          ? await gatherings.connection(viewer.personId, held.person.id)
          : undefined
      const ties = { connected: connection?.state === 'accepted', coAttendee: own !== undefined }
      const person = await show(viewer, held, wanted, ties)
      const seen = connection && (await connectionSeen(viewer, connection, held))
      return { event, attendee, person, ...(seen && { connection: seen }) }
    },
  }

  async function attendeeBy(
    event: Event,
    number: number,
  ): Promise<{ attendee: Attendee; held: HeldPerson } | undefined> {
    const attendee = await gatherings.attendee(event.number, number)
    if (attendee) {
      const held = await people.byId(attendee.personId)
      return held && { attendee, held }
    }
    const held = await people.byNumber(number)
    const theirs = held && (await gatherings.attendeeByPerson(event.number, held.person.id))
    return theirs && { attendee: theirs, held }
  }

  async function connectionSeen(
    viewer: Viewer,
    { state, addresseeId, rejectedById }: Connection,
    other: HeldPerson,
  ): Promise<ConnectionSeen> {
    const asked = addresseeId === viewer.personId
    if (!rejectedById) return { state, asked }
    const rejecter = rejectedById === other.person.id ? other : await people.byId(rejectedById)
    return { state, asked, ...(rejecter && { rejectedBy: rejecter.person.number }) }
  }

  return directory
}

/** The ids of those whom a person's record names, as far as the answer wants them. */
function namedBy({ person, groups }: HeldPerson, wanted: Wanted): PersonId[] {
  const ids = [
    wanted.manager && person.managerId,
    wanted.createdBy && person.createdById,
    ...groups.map(({ managerId }) => wanted.groupManagers && managerId),
  ]
  return ids.filter((id) => typeof id === 'string')
}

/** Those who see an event without attending it: its organization's administrators and services. */
function mayLookInto(event: Event, viewer: Viewer): boolean {
  const service = viewer.personId === undefined && viewer.organizationId === event.organizationId
  return service || viewer.administers.has(event.organizationId)
}
