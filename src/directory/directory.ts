import { Failure } from '../failure.ts'
import type { Footprint } from '../footprint/footprint.ts'
import { Recall } from '../footprint/recall.ts'
import { hasBlocked, type Seen, seenBy } from '../gatherings/connecting.ts'
import type { Attendee, Event } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import { declaredAt, presenceAt } from '../presence/presence.ts'
import {
  asksForConnection,
  reveal,
  revealExistence,
  revealMention,
  seesMembership,
  type VisiblePerson,
} from '../privacy/reveal.ts'
import type { Acquaintance, ExtensionRules, GroupMembership } from '../privacy/rules.ts'
import { noTies, type Ties, type Viewer } from '../privacy/viewer.ts'
import type { Condition, Inquiry } from '../search/search.ts'
import { type NotedReads, notedReads } from './noted.ts'
import { type Listed, type Reading, readPage, readStep } from './pages.ts'
import type { Beside, Group, HeldPerson, Mention, Store } from './ports.ts'
import { type Walk, Walks } from './walks.ts'

/** How a caller names a person. A user name is looked up in the caller's organization. */
export type PersonKey =
  | { readonly id: PersonId }
  | { readonly number: number }
  | { readonly userName: string }

/** What an answer needs beside the person. */
export interface Wanted extends Omit<Beside, 'connectionWith'> {
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

export interface ConnectionSeen extends Omit<Seen, 'state' | 'rejectedById'> {
  readonly state: Exclude<Seen['state'], 'none'>
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
  /** The people of an organization who fit, as far as the viewer may see that they do. */
  search(viewer: Viewer, question: Question, wanted?: Wanted): Promise<Listed<VisiblePerson>>
  /**
   * The people of whatever organization who attend an event and fit, as far as the viewer may see that they do.
   * @throws no_such_event as {@link meet}
   */
  attendees(
    viewer: Viewer,
    eventUrl: string,
    question: PageInquiry,
    wanted?: Wanted,
  ): Promise<Listed<Encounter>>
  /**
   * The groups of the viewer's organization that fit.
   * @throws forbidden for a question about members that only an administrator may ask
   */
  searchGroups(
    viewer: Viewer,
    question: PageInquiry,
    withMembers: boolean,
  ): Promise<Listed<VisibleGroup>>
  /** @throws not_found */
  group(viewer: Viewer, id: string, withMembers: boolean): Promise<VisibleGroup>
}

/** What is asked of a list, of which it may be a page of a walk. */
export interface PageInquiry extends Inquiry {
  /**
   * Where it begins after so many. If that is where a page of the same walk has ended, it begins right after whoever was
   * the last there, whoever came or went meanwhile, and the total is of those given on the way and of those who are left.
   */
  readonly walk?: Walk
}

/** What is asked of the people of an organization. */
export interface Question extends PageInquiry {
  /** Absent: the viewer's. There is nobody in one that is neither the viewer's nor administered by the viewer. */
  readonly organizationId?: OrganizationId
}

/** A group with as much of what is in it as the viewer may see and as was wanted. */
export interface VisibleGroup extends Omit<Group, 'managerId' | 'version'> {
  /** Only to administrators: it counts what others may not see. */
  readonly version?: number
  readonly members?: readonly VisibleMember[]
  readonly owners?: readonly Acquaintance[]
}

export type VisibleMember =
  | ({ readonly kind: 'person' } & Acquaintance)
  | { readonly kind: 'group'; readonly id: string; readonly name: string }

export interface DirectoryParts {
  readonly store: Pick<
    Store,
    'people' | 'gatherings' | 'groups' | 'organizations' | 'nearby' | 'watch'
  >
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Who may see what in each dialect's extension bag. */
  readonly extensionRules: Readonly<Record<string, ExtensionRules>>
}

/**
 * Opens the directory for one answer, whose footprint gets whatever is read for it. Only where nothing is written for that
 * answer may it be the one nearby, see {@link Store.nearby}.
 */
export type OpenDirectory = (footprint: Footprint, from?: 'nearby') => Directory

/** How many events, and how many of their attendees' own places in them, are remembered. */
const mostRecalled = 10_000

export function createDirectory({ store, now, extensionRules }: DirectoryParts): OpenDirectory {
  const recalls = {
    events: new Recall<Event | undefined>(store.watch, now, mostRecalled),
    attendance: new Recall<Attendee | undefined>(store.watch, now, mostRecalled),
  }
  const walks = new Walks(now)
  const near = { ...store, ...store.nearby }
  return (footprint, from) => {
    const reads = from === 'nearby' ? near : store
    return directoryOver(
      notedReads(reads, recalls, now, footprint),
      walks,
      reads,
      now,
      extensionRules,
    )
  }
}

function directoryOver(
  reads: NotedReads,
  walks: Walks,
  store: DirectoryParts['store'],
  now: () => number,
  extensionRules: DirectoryParts['extensionRules'],
): Directory {
  function lookUp(viewer: Viewer, key: PersonKey, beside: Beside): Promise<HeldPerson | undefined> {
    if ('id' in key) return reads.byId(key.id, beside)
    if ('number' in key) return reads.byNumber(key.number, beside)
    return reads.byUserName(viewer.organizationId, key.userName, beside)
  }

  /** What hangs on connections alone is asked only where somebody has chosen that audience, of all at once. */
  async function tiesTo(viewer: Viewer, mentions: readonly Mention[]): Promise<TiesTo> {
    const { personId } = viewer
    const asked = mentions.flatMap(({ person, organizationAudiences }) => {
      const asks = asksForConnection(person.audiences, organizationAudiences)
      return asks && person.id !== personId ? person.id : []
    })
    if (personId === undefined || asked.length === 0) return () => noTies
    const connections = await reads.connections(personId, [...new Set(asked)])
    const connected = new Set(
      connections
        .filter(({ state }) => state === 'accepted')
        .flatMap(({ requesterId, addresseeId }) => [requesterId, addresseeId]),
    )
    return ({ person }) => ({ connected: connected.has(person.id), coAttendee: false })
  }

  /** What the viewer may see of each, in that order; undefined for those who are nobody to the viewer. */
  async function present(
    viewer: Viewer,
    helds: readonly HeldPerson[],
    wanted: Wanted,
    coAttendee = false,
  ): Promise<readonly (VisiblePerson | undefined)[]> {
    // Nothing more is done for who may not be known of: time would tell them from nobody.
    const known = new Set(helds.filter((held) => mayKnow(viewer, held, coAttendee)))
    const mentions = [...known].flatMap(({ named, reportees }) => [...named, ...reportees])
    const tiesOf = await tiesTo(viewer, mentions)
    return helds.map((held) =>
      known.has(held) ? presentOne(viewer, held, wanted, tiesOf, coAttendee) : undefined,
    )
  }

  function presentOne(
    viewer: Viewer,
    held: HeldPerson,
    wanted: Wanted,
    tiesOf: TiesTo,
    coAttendee: boolean,
  ): VisiblePerson | undefined {
    const { person } = held
    const mentioned = (mentions: readonly Mention[]): readonly Acquaintance[] =>
      mentions.flatMap((one) => mention(viewer, one, tiesOf(one)) ?? [])
    const acquaintances = mentioned(held.named)
    const named = (id: PersonId | undefined) =>
      id === undefined ? undefined : acquaintances.find((one) => one.id === id)
    const groups = held.groups.map(({ id, name, managerId }): GroupMembership => {
      const manager = named(managerId)
      return { id, name, ...(manager && { manager }) }
    })
    const visible = reveal(
      {
        person,
        organizationAudiences: held.organizationAudiences,
        organizationDefaults: held.organizationDefaults,
        presence: wanted.presence ? presenceAt(held.signals, now()) : undefined,
        declared: wanted.presence ? declaredAt(held.signals, now()) : undefined,
        groups,
        groupsAbove: held.groupsAbove.map(({ id, name }) => ({ id, name })),
        manager: wanted.manager ? named(person.managerId) : undefined,
        reportees: mentioned(held.reportees),
        createdBy: wanted.createdBy ? named(person.createdById) : undefined,
      },
      viewer,
      tiesWith(held, coAttendee),
      extensionRules,
    )
    // Somebody deleted is gone, but for those who may be told so in as many words.
    if (person.lifecycle === 'deleted' && !(wanted.deleted && visible?.lifecycle)) return undefined
    return visible
  }

  /** The event, where the viewer may look into it. @throws no_such_event */
  async function lookInto(viewer: Viewer, eventUrl: string) {
    const event = await reads.eventByUrl(eventUrl)
    const own = event && viewer.personId && (await reads.attendeeByPerson(event, viewer.personId))
    if (!event || !(own || mayLookInto(event, viewer))) {
      throw new Failure('no_such_event', 'No such event')
    }
    return { event, attends: own !== undefined }
  }

  const directory: Directory = {
    async find(viewer, key, wanted = {}) {
      const held = await lookUp(viewer, key, besideFor(viewer, wanted))
      const [visible] = held ? await present(viewer, [held], wanted) : []
      if (!visible) throw new Failure('not_found', 'No such person')
      return visible
    },

    async findAll(viewer, ids, wanted = {}) {
      const helds = await reads.byIds(ids, besideFor(viewer, wanted))
      const visible = await present(viewer, helds, wanted)
      const byId = new Map(visible.flatMap((person) => (person ? [[person.id, person]] : [])))
      // Were it kept, it would take longer again whenever somebody hidden is changed, and never for nobody.
      if (ids.some((id) => !byId.has(id))) reads.footprint.forThisTimeOnly()
      return ids.flatMap((id) => byId.get(id) ?? [])
    },

    async me(viewer, wanted = {}) {
      if (!viewer.personId)
        throw new Failure('not_found', 'This key is a service’s, which is nobody in person')
      return directory.find(viewer, { id: viewer.personId }, wanted)
    },

    async meet(viewer, eventUrl, number, wanted = {}) {
      const { event, attends } = await lookInto(viewer, eventUrl)
      const held = await reads.byAttendance(event, number, besideFor(viewer, wanted))
      const [person] = held ? await present(viewer, [held], wanted, attends) : []
      if (!held || !person) throw new Failure('not_found', 'No such attendee')
      const numbers = await numbersOfRejecters([held])
      return encounter(viewer, event, held.attendee, person, held, numbers)
    },

    async search(viewer, question, wanted = {}) {
      // Anybody may come to fit, or fit no longer.
      reads.footprint.forThisTimeOnly()
      const { organizationId = viewer.organizationId } = question
      if (organizationId !== viewer.organizationId && !viewer.administers.has(organizationId)) {
        return { items: [], ...(question.total && { total: 0 }) }
      }
      return pageOf(viewer, ['people', organizationId], question, {
        find: (asked) => store.people.search({ ...asked, organizationId, eyes: viewer }),
        read: (ids) => directory.findAll(viewer, ids, wanted),
        idOf: ({ id }) => id,
      })
    },

    async attendees(viewer, eventUrl, question, wanted = {}) {
      reads.footprint.forThisTimeOnly()
      const { event, attends } = await lookInto(viewer, eventUrl)
      const { number: eventNumber } = event
      const { personId, organizationId, administers } = viewer
      const eyes = { ...(personId && { personId }), organizationId, administers, attends }
      return pageOf(viewer, ['attendees', eventNumber], question, {
        find: (asked) => store.gatherings.search({ ...asked, eventNumber, eyes }),
        read: (ids) => encounters(viewer, event, ids, wanted, attends),
        idOf: ({ person }) => person.id,
      })
    },

    async searchGroups(viewer, question, withMembers) {
      reads.footprint.forThisTimeOnly()
      const { organizationId } = viewer
      if (!viewer.administers.has(organizationId) && asksForHidden(question)) {
        throw new Failure(
          'forbidden',
          'Only administrators may ask for groups by members, external ids or changes',
        )
      }
      return pageOf(viewer, ['groups', organizationId], question, {
        find: (asked) => store.groups.search({ ...asked, organizationId }),
        read: (ids) => groupsOf(viewer, ids, withMembers),
        idOf: ({ id }) => id,
      })
    },

    async group(viewer, id, withMembers) {
      reads.footprint.forThisTimeOnly()
      const [group] = await groupsOf(viewer, [id], withMembers)
      if (!group) throw new Failure('not_found', 'No such group')
      return group
    },
  }

  /** A page of a list, of a walk where it is asked for as one; `about` tells what the list is of. */
  function pageOf<Id extends string, Item>(
    viewer: Viewer,
    about: readonly unknown[],
    { walk, ...question }: PageInquiry,
    reading: Reading<Id, Item>,
  ): Promise<Listed<Item>> {
    const { condition, order, from } = question
    if (!walk || !('skip' in from)) return readPage(question, reading)
    const own = walks.of(viewer, walk, [about, condition, order])
    return readStep(own, { ...question, from }, walk.size, reading)
  }

  /** Those of `ids` whom the viewer meets in the event, in that order. */
  async function encounters(
    viewer: Viewer,
    event: Event,
    ids: readonly PersonId[],
    wanted: Wanted,
    attends: boolean,
  ): Promise<readonly Encounter[]> {
    const helds = await reads.byIds(ids, besideFor(viewer, wanted))
    const attendees = await store.gatherings.attendees(event.number, ids)
    const numbers = await numbersOfRejecters(helds)
    const visible = await present(viewer, helds, { ...wanted, deleted: false }, attends)
    const met = new Map(
      helds.flatMap((held, index): [PersonId, Encounter][] => {
        const { id } = held.person
        const attendee = attendees.find(({ personId }) => personId === id)
        const person = visible[index]
        if (!attendee || !person) return []
        return [[id, encounter(viewer, event, attendee, person, held, numbers)]]
      }),
    )
    return ids.flatMap((id) => met.get(id) ?? [])
  }

  /** Those of `ids` that are in the viewer's organization, in that order. */
  async function groupsOf(
    viewer: Viewer,
    ids: readonly string[],
    withMembers: boolean,
  ): Promise<readonly VisibleGroup[]> {
    if (ids.length === 0) return []
    const groups = (await store.groups.byIds(ids)).filter(
      ({ organizationId }) => organizationId === viewer.organizationId,
    )
    const inside = withMembers ? await insideOf(viewer, groups) : undefined
    return ids.flatMap((id) => {
      const group = groups.find((one) => one.id === id)
      if (!group) return []
      return [{ ...shownOf(group, viewer), ...inside?.get(id) }]
    })
  }

  /** Who and what is in each of the groups, as far as the viewer may know. */
  async function insideOf(
    viewer: Viewer,
    groups: readonly Group[],
  ): Promise<ReadonlyMap<string, Required<Pick<VisibleGroup, 'members' | 'owners'>>>> {
    const inside = new Map(
      groups.map(({ id }) => [
        id,
        { members: [] as VisibleMember[], owners: [] as Acquaintance[] },
      ]),
    )
    const members = await store.groups.members([...inside.keys()])
    const people = members.flatMap((one) => (one.relation === 'subgroup' ? [] : one.person))
    const tiesOf = await tiesTo(viewer, people)
    for (const one of members) {
      const own = inside.get(one.groupId)
      if (one.relation === 'subgroup') own?.members.push({ kind: 'group', ...one.group })
      else {
        const known = memberSeen(viewer, one.person, tiesOf(one.person))
        if (known && one.relation === 'owner') own?.owners.push(known)
        else if (known) own?.members.push({ kind: 'person', ...known })
      }
    }
    return inside
  }

  /** The numbers of those who rejected what is between these people and somebody, by id. */
  async function numbersOfRejecters(
    helds: readonly HeldPerson[],
  ): Promise<ReadonlyMap<PersonId, number>> {
    const numbers = new Map(helds.map(({ person }) => [person.id, person.number]))
    const others = helds.flatMap(({ connection }) => connection?.rejectedById ?? [])
    const unknown = [...new Set(others)].filter((id) => !numbers.has(id))
    const rejecters = unknown.length === 0 ? [] : await reads.byIds(unknown, nothingBeside)
    for (const { person } of rejecters) numbers.set(person.id, person.number)
    return numbers
  }

  return directory
}

/** What ties the viewer to somebody whom an answer is about. */
const tiesWith = ({ person, connection }: HeldPerson, coAttendee: boolean): Ties => ({
  connected: connection?.state === 'accepted',
  coAttendee,
  unwelcome: hasBlocked(person.id, connection),
})

const mayKnow = (viewer: Viewer, held: HeldPerson, coAttendee: boolean): boolean =>
  revealExistence(held.person, held.organizationAudiences, viewer, tiesWith(held, coAttendee))

/** What ties the viewer to somebody who is named in an answer. */
type TiesTo = (held: Mention) => Ties

function mention(viewer: Viewer, held: Mention, ties: Ties): Acquaintance | undefined {
  const { person, organizationAudiences } = held
  if (person.lifecycle === 'deleted') return undefined
  return revealMention(person, organizationAudiences, viewer, ties)
}

function memberSeen(viewer: Viewer, held: Mention, ties: Ties): Acquaintance | undefined {
  const { person, organizationAudiences } = held
  return seesMembership(person, organizationAudiences, viewer, ties)
    ? revealMention(person, organizationAudiences, viewer, ties)
    : undefined
}

function encounter(
  viewer: Viewer,
  event: Event,
  attendee: Attendee,
  person: VisiblePerson,
  held: HeldPerson,
  numbers: ReadonlyMap<PersonId, number>,
): Encounter {
  const met = person.relations.self ? undefined : held.connection
  const connection = connectionSeen(seenBy(viewer.personId, met), numbers)
  return { event, attendee, person, ...(connection && { connection }) }
}

function connectionSeen(
  { state, rejectedById, ...rest }: Seen,
  numbers: ReadonlyMap<PersonId, number>,
): ConnectionSeen | undefined {
  if (state === 'none') return undefined
  const rejectedBy = rejectedById && numbers.get(rejectedById)
  return { ...rest, state, ...(rejectedBy && { rejectedBy }) }
}

const nothingBeside: Beside = {}

/** Who comes and goes changes a group, and may not be known of: so neither may when it was. */
function shownOf({ managerId: _, ...group }: Group, { administers }: Viewer): VisibleGroup {
  if (administers.has(group.organizationId)) return group
  const { version: _version, externalId: _externalId, ...rest } = group
  return { ...rest, updatedAt: group.createdAt }
}

const hiddenOfGroups: readonly string[] = ['externalId', 'updatedAt']

/** Whether a question is about what of groups administrators alone may know. */
function asksForHidden({ condition, order }: Question): boolean {
  return (
    (order !== undefined && hiddenOfGroups.includes(order.field)) ||
    (condition !== undefined && isAboutHidden(condition))
  )
}

function isAboutHidden(condition: Condition): boolean {
  if (condition.op === 'and' || condition.op === 'or') return condition.of.some(isAboutHidden)
  if (condition.op === 'not') return isAboutHidden(condition.of)
  if (condition.op === 'some') return true
  return 'field' in condition && hiddenOfGroups.includes(condition.field)
}

const besideFor = ({ personId }: Viewer, wanted: Wanted): Beside => ({
  ...wanted,
  connectionWith: personId,
})

/** Those who see an event without attending it: its organization's administrators and services. */
export function mayLookInto(event: Event, viewer: Viewer): boolean {
  const service = viewer.personId === undefined && viewer.organizationId === event.organizationId
  return service || viewer.administers.has(event.organizationId)
}
