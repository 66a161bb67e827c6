import { Failure } from '../failure.ts'
import type { Footprint } from '../footprint/footprint.ts'
import { Recall } from '../footprint/recall.ts'
import type { Attendee, Connection, Event } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import { presenceAt } from '../presence/presence.ts'
import {
  asksForConnection,
  reveal,
  revealMention,
  seesMembership,
  type VisiblePerson,
} from '../privacy/reveal.ts'
import {
  type Acquaintance,
  audiencesInForce,
  type ExtensionRules,
  type GroupMembership,
} from '../privacy/rules.ts'
import type { Ties, Viewer } from '../privacy/viewer.ts'
import type { Condition, Eyes, Found, Scalar, Search } from '../search/search.ts'
import { type NotedReads, notedReads } from './noted.ts'
import type { Beside, Group, HeldPerson, Mention, Store } from './ports.ts'

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
  /** The people of the viewer's organization who fit, as far as the viewer may see that they do. */
  search(viewer: Viewer, question: Question, wanted?: Wanted): Promise<Listed<VisiblePerson>>
  /**
   * The groups of the viewer's organization that fit.
   * @throws forbidden for a question about members that only an administrator may ask
   */
  searchGroups(
    viewer: Viewer,
    question: Question,
    withMembers: boolean,
  ): Promise<Listed<VisibleGroup>>
  /** @throws not_found */
  group(viewer: Viewer, id: string, withMembers: boolean): Promise<VisibleGroup>
}

/** What is asked of the people or groups of the viewer's organization. */
export type Question = Omit<Search, 'organizationId'>

/** A page of what was asked for. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  /** Of all that the viewer may see, where it was wanted. */
  readonly total?: number
  /** The place to go on from; undefined where nothing comes after. There may be nothing where there is one. */
  readonly last?: { readonly key: Scalar | null; readonly id: string }
}

/** A group with as much of what is in it as the viewer may see and as was wanted. */
export interface VisibleGroup extends Omit<Group, 'managerId' | 'version'> {
  readonly members?: readonly VisibleMember[]
  readonly owners?: readonly Acquaintance[]
}

export type VisibleMember =
  | ({ readonly kind: 'person' } & Acquaintance)
  | { readonly kind: 'group'; readonly id: string; readonly name: string }

export interface DirectoryParts {
  readonly store: Pick<Store, 'people' | 'gatherings' | 'groups' | 'organizations' | 'watch'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Who may see what in each dialect's extension bag. */
  readonly extensionRules: Readonly<Record<string, ExtensionRules>>
}

/** Opens the directory for one answer, whose footprint gets whatever is read for it. */
export type OpenDirectory = (footprint: Footprint) => Directory

/** How many events, and how many of their attendees' own places in them, are remembered. */
const mostRecalled = 10_000

export function createDirectory({ store, now, extensionRules }: DirectoryParts): OpenDirectory {
  const recalls = {
    events: new Recall<Event | undefined>(store.watch, now, mostRecalled),
    attendance: new Recall<Attendee | undefined>(store.watch, now, mostRecalled),
  }
  return (footprint) =>
    directoryOver(notedReads(store, recalls, now, footprint), store, now, extensionRules)
}

function directoryOver(
  reads: NotedReads,
  store: DirectoryParts['store'],
  now: () => number,
  extensionRules: DirectoryParts['extensionRules'],
): Directory {
  function lookUp(viewer: Viewer, key: PersonKey, beside: Beside): Promise<HeldPerson | undefined> {
    if ('id' in key) return reads.byId(key.id, beside)
    if ('number' in key) return reads.byNumber(key.number, beside)
    return reads.byUserName(viewer.organizationId, key.userName, beside)
  }

  /** What hangs on connections alone is asked only where somebody has chosen that audience. */
  async function mention(viewer: Viewer, held: Mention): Promise<Acquaintance | undefined> {
    const { person, organizationAudiences } = held
    if (person.lifecycle === 'deleted') return undefined
    return revealMention(person, organizationAudiences, viewer, await tiesWith(viewer, held))
  }

  async function tiesWith(
    viewer: Viewer,
    { person, organizationAudiences }: Mention,
  ): Promise<Ties> {
    const asks =
      viewer.personId !== undefined &&
      viewer.personId !== person.id &&
      asksForConnection(person.audiences, organizationAudiences)
    const connection = asks ? await reads.connection(viewer.personId, person.id) : undefined
    return { connected: connection?.state === 'accepted', coAttendee: false }
  }

  async function mentionsOf(viewer: Viewer, mentions: readonly Mention[]): Promise<Acquaintance[]> {
    if (mentions.length === 0) return []
    const all = await Promise.all(mentions.map((held) => mention(viewer, held)))
    return all.filter((one) => one !== undefined)
  }

  async function present(
    viewer: Viewer,
    held: HeldPerson,
    wanted: Wanted,
    coAttendee = false,
  ): Promise<VisiblePerson | undefined> {
    const { person } = held
    const acquaintances = await mentionsOf(viewer, held.named)
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
        presence: wanted.presence ? presenceAt(held.signals, now()) : undefined,
        groups,
        manager: wanted.manager ? named(person.managerId) : undefined,
        reportees: await mentionsOf(viewer, held.reportees),
        createdBy: wanted.createdBy ? named(person.createdById) : undefined,
      },
      viewer,
      { connected: held.connection?.state === 'accepted', coAttendee },
      extensionRules,
    )
    // Somebody deleted is gone, but for those who may be told so in as many words.
    if (person.lifecycle === 'deleted' && !(wanted.deleted && visible?.lifecycle)) return undefined
    return visible
  }

  const directory: Directory = {
    async find(viewer, key, wanted = {}) {
      const held = await lookUp(viewer, key, besideFor(viewer, wanted))
      const visible = held && (await present(viewer, held, wanted))
      if (!visible) throw new Failure('not_found', 'No such person')
      return visible
    },

    async findAll(viewer, ids, wanted = {}) {
      const helds = await reads.byIds(ids, besideFor(viewer, wanted))
      const visible = await Promise.all(helds.map((held) => present(viewer, held, wanted)))
      const byId = new Map(visible.flatMap((person) => (person ? [[person.id, person]] : [])))
      // Were it kept, it would take longer again whenever somebody hidden is changed, and never for nobody.
      if (ids.some((id) => !byId.has(id))) reads.footprint.forThisTimeOnly()
      return ids.flatMap((id) => byId.get(id) ?? [])
    },

    async me(viewer, wanted = {}) {
      if (!viewer.personId) throw new Failure('not_found', 'This key is nobody in person')
      return directory.find(viewer, { id: viewer.personId }, wanted)
    },

    async meet(viewer, eventUrl, number, wanted = {}) {
      const event = await reads.eventByUrl(eventUrl)
      const own = event && viewer.personId && (await reads.attendeeByPerson(event, viewer.personId))
      if (!event || !(own || mayLookInto(event, viewer))) {
        throw new Failure('no_such_event', 'No such event')
      }
      const held = await reads.byAttendance(event, number, besideFor(viewer, wanted))
      const person = held && (await present(viewer, held, wanted, own !== undefined))
      if (!person) throw new Failure('not_found', 'No such attendee')
      const met = person.relations.self ? undefined : held.connection
      const seen = met && (await connectionSeen(viewer, met, held))
      return { event, attendee: held.attendee, person, ...(seen && { connection: seen }) }
    },

    async search(viewer, question, wanted = {}) {
      // Anybody may come to fit, or fit no longer.
      reads.footprint.forThisTimeOnly()
      const { organizationId } = viewer
      const eyes = await eyesOf(viewer)
      const found = await store.people.search({ ...question, organizationId, eyes })
      const ids = found.places.map(({ id }) => id)
      const items = ids.length === 0 ? [] : await directory.findAll(viewer, ids, wanted)
      return listed(items, found, question.limit)
    },

    async searchGroups(viewer, question, withMembers) {
      reads.footprint.forThisTimeOnly()
      const { organizationId } = viewer
      if (!viewer.administers.has(organizationId) && asksForMembers(question.condition)) {
        throw new Failure('forbidden', 'Only administrators may ask for groups by their members')
      }
      const found = await store.groups.search({ ...question, organizationId })
      const ids = found.places.map(({ id }) => id)
      return listed(await groupsOf(viewer, ids, withMembers), found, question.limit)
    },

    async group(viewer, id, withMembers) {
      reads.footprint.forThisTimeOnly()
      const [group] = await groupsOf(viewer, [id], withMembers)
      if (!group) throw new Failure('not_found', 'No such group')
      return group
    },
  }

  async function eyesOf({ personId, organizationId, administers }: Viewer): Promise<Eyes> {
    const organization = await store.organizations.byId(organizationId)
    return {
      ...(personId !== undefined && { personId }),
      all: administers.has(organizationId),
      defaults: audiencesInForce({}, organization?.audiences ?? {}),
    }
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
      const { managerId: _, version: __, ...rest } = group
      return [{ ...rest, ...inside?.get(id) }]
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
    for (const one of await store.groups.members([...inside.keys()])) {
      const own = inside.get(one.groupId)
      if (one.relation === 'subgroup') own?.members.push({ kind: 'group', ...one.group })
      else {
        const known = await memberSeen(viewer, one.person)
        if (known && one.relation === 'owner') own?.owners.push(known)
        else if (known) own?.members.push({ kind: 'person', ...known })
      }
    }
    return inside
  }

  async function memberSeen(viewer: Viewer, held: Mention): Promise<Acquaintance | undefined> {
    const { person, organizationAudiences } = held
    const ties = await tiesWith(viewer, held)
    return seesMembership(person, organizationAudiences, viewer, ties)
      ? revealMention(person, organizationAudiences, viewer, ties)
      : undefined
  }

  async function connectionSeen(
    viewer: Viewer,
    { state, addresseeId, rejectedById }: Connection,
    other: HeldPerson,
  ): Promise<ConnectionSeen> {
    const asked = addresseeId === viewer.personId
    if (!rejectedById) return { state, asked }
    const rejecter =
      rejectedById === other.person.id ? other : await reads.byId(rejectedById, nothingBeside)
    return { state, asked, ...(rejecter && { rejectedBy: rejecter.person.number }) }
  }

  return directory
}

const nothingBeside: Beside = {}

function listed<Item>(
  items: readonly Item[],
  { places, total }: Found<string>,
  limit: number,
): Listed<Item> {
  // By the places: who was there when they were looked up may be gone by now.
  const last = places.length === limit ? places.at(-1) : undefined
  return { items, ...(total !== undefined && { total }), ...(last && { last }) }
}

function asksForMembers(condition: Condition | undefined): boolean {
  if (!condition) return false
  if (condition.op === 'and' || condition.op === 'or') return condition.of.some(asksForMembers)
  if (condition.op === 'not') return asksForMembers(condition.of)
  return condition.op === 'some'
}

const besideFor = ({ personId }: Viewer, wanted: Wanted): Beside => ({
  ...wanted,
  connectionWith: personId,
})

/** Those who see an event without attending it: its organization's administrators and services. */
function mayLookInto(event: Event, viewer: Viewer): boolean {
  const service = viewer.personId === undefined && viewer.organizationId === event.organizationId
  return service || viewer.administers.has(event.organizationId)
}
