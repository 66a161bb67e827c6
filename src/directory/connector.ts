import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import {
  after,
  type ConnectionAction,
  type Pair,
  relationIn,
  type Seen,
  type StateSeen,
  seenBy,
} from '../gatherings/connecting.ts'
import type { Connection } from '../gatherings/gatherings.ts'
import { mayReach, type Permissions } from '../gatherings/permissions.ts'
import type { PersonId } from '../person/ids.ts'
import { inForce, type VisiblePerson } from '../privacy/reveal.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { Page } from './ports.ts'
import type { VerbParts } from './verbs.ts'

/** Somebody with whom the viewer has, or had, to do. */
export interface Contacted {
  readonly person: VisiblePerson
  readonly seen: Seen
}

/** What of the viewer's connections is asked for. */
export interface ContactsAsked extends Page<PersonId> {
  /** Any but `none` where nothing is said. */
  readonly state?: Exclude<StateSeen, 'none'>
  /** Whether the viewer is the one who was asked. */
  readonly asked?: boolean
}

/** A page by the people's ids. There may be few on it, or nobody, where there is a place to go on from. */
export interface Contacts {
  readonly items: readonly Contacted[]
  readonly last?: PersonId
}

/**
 * What is between two people, and what each of them can make of it. The others are people whom the viewer was shown:
 * who may not be known of can't be asked for here.
 * @throws forbidden for a service, which is nobody in person
 */
export interface Connector {
  /** What the viewer sees between themselves and `person`; `none` with oneself. */
  seen(viewer: Viewer, person: VisiblePerson): Promise<Seen>
  /**
   * Done once, however many try at the same time, from whichever side; what is so already is no mistake. `agree` is
   * asked with what is there before, and ends the attempt by throwing: so `precondition_failed` stands for an `If-Match`.
   * @throws conflict and not_found with a reason, as connecting.ts and docs/connections.md have them
   */
  act(
    viewer: Viewer,
    person: VisiblePerson,
    action: ConnectionAction,
    agree?: (seen: Seen) => void,
  ): Promise<Seen>
  list(viewer: Viewer, asked: ContactsAsked): Promise<Contacts>
  /** What the viewer may do to reach `person`; nobody reaches themselves. */
  permissions(viewer: Viewer, person: VisiblePerson): Promise<Permissions>
}

/** How often it is tried again because the other side did something meanwhile. */
const mostAttempts = 16

/** How many connections are read at once, and for one page at most. */
const readAtOnce = 200
const mostRead = 10_000

export function createConnector({ store, directory, now }: VerbParts): Connector {
  async function between(viewer: Viewer, { id }: Pick<VisiblePerson, 'id'>) {
    const actorId = inPerson(viewer)
    const connection = actorId === id ? undefined : await store.gatherings.connection(actorId, id)
    return { actorId, connection }
  }

  return {
    async seen(viewer, person) {
      const { actorId, connection } = await between(viewer, person)
      return seenBy(actorId, connection)
    },

    async act(viewer, person, action, agree) {
      const actorId = inPerson(viewer)
      const pair = { actorId, otherId: person.id }
      if (actorId === person.id) {
        throw new Failure('conflict', 'Nobody is connected with themselves', {
          reason: 'own_connection',
        })
      }
      for (let attempt = 1; ; attempt += 1) {
        const { connection: before } = await between(viewer, person)
        agree?.(seenBy(actorId, before))
        const at = new Date(now()).toISOString()
        const next = after(before, action, pair, at)
        if (next === before) return seenBy(actorId, before)
        if (next?.state === 'requested') refuseSuspended(person, action)
        if (await took(pair, before, next, at, attempt === mostAttempts)) {
          return seenBy(actorId, next)
        }
      }
    },

    async list(viewer, asked) {
      const items: Contacted[] = []
      let { after: place } = asked
      for (let read = 0; read < mostRead; read += readAtOnce) {
        const { met, last } = await stretch(viewer, asked, place)
        items.push(...met)
        if (items.length > asked.limit) return firstOf(items, asked.limit)
        if (last === undefined) return { items }
        place = last
      }
      return { items, ...(place && { last: place }) }
    },

    async permissions(viewer, person) {
      const { actorId, connection } = await between(viewer, person)
      const held = await store.people.byId(person.id)
      if (!held) throw new Failure('not_found', 'No such person')
      const relation = relationIn(connection)
      if (actorId === person.id) return mayReach(held.person, { ...relation, blocked: true })
      return mayReach(inForce(held.person, held.organizationDefaults), relation)
    },
  }

  /** Whether it was written; not where the other side was faster. @throws what the store refuses for the last time */
  async function took(
    { actorId }: Pair,
    before: Connection | undefined,
    next: Connection | undefined,
    at: string,
    last: boolean,
  ): Promise<boolean> {
    if (next === undefined) return true
    const write = { kind: 'connection', connection: next, before: before ?? null } as const
    try {
      await store.commit([write], actorId, at)
      return true
    } catch (error) {
      if (error instanceof Failure && error.code === 'conflict' && !last) return false
      throw error
    }
  }

  /** Those of the next connections on record who fit, and the place after which there may be more. */
  async function stretch(
    viewer: Viewer,
    { state, asked }: ContactsAsked,
    place: PersonId | undefined,
  ): Promise<{ readonly met: readonly Contacted[]; readonly last: PersonId | undefined }> {
    const ownId = inPerson(viewer)
    const page = { ...(place && { after: place }), limit: readAtOnce }
    const rows = await store.gatherings.connectionsWith(ownId, page)
    const fits = (seen: Seen) =>
      seen.state !== 'none' &&
      (state === undefined || seen.state === state) &&
      (asked === undefined || (seen.asked === asked && seen.state !== 'blocked'))
    const fitting = new Map(
      rows
        .map((row) => [otherThan(ownId, row), seenBy(ownId, row)] as const)
        .filter(([, seen]) => fits(seen)),
    )
    const footprint = new Footprint(store.watch.moment)
    const people = await directory(footprint).findAll(viewer, [...fitting.keys()])
    const met = people.flatMap((person) => {
      const seen = fitting.get(person.id)
      return seen ? { person, seen } : []
    })
    const lastRow = rows.length < readAtOnce ? undefined : rows.at(-1)
    return { met, last: lastRow && otherThan(ownId, lastRow) }
  }
}

function firstOf(all: readonly Contacted[], limit: number): Contacts {
  const items = all.slice(0, limit)
  const last = items.at(-1)?.person.id
  return { items, ...(last && { last }) }
}

function inPerson({ personId }: Viewer): PersonId {
  if (personId !== undefined) return personId
  throw new Failure('forbidden', 'This key is a service’s, which is nobody in person')
}

const otherThan = (id: PersonId, { requesterId, addresseeId }: Connection): PersonId =>
  requesterId === id ? addresseeId : requesterId

/** Whoever may not know that an account is suspended asks, and waits, as of anybody who does not answer. */
function refuseSuspended({ lifecycle }: VisiblePerson, action: ConnectionAction): void {
  if (lifecycle !== 'suspended' || action !== 'request') return
  throw new Failure('conflict', 'This person is suspended and can not be asked')
}
