import { isDeepStrictEqual } from 'node:util'
import { roleOf } from '../access/identify.ts'
import { issueKey, type Key } from '../access/key.ts'
import { Failure } from '../failure.ts'
import { isUuid, type OrganizationId, type PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { hasControls } from '../person/text.ts'
import { canonicalZone } from '../person/zones.ts'
import { presets } from '../privacy/presets.ts'
import { type KeyRole, keyRoles, type Viewer } from '../privacy/viewer.ts'
import { type OwnChanges, ownChanges } from './own-changes.ts'
import type { Organization } from './ports.ts'
import { type Intent, receiptOf } from './receipts.ts'
import type { VerbParts } from './verbs.ts'

/** An organization as those who belong to it may know it. */
export interface VisibleOrganization extends Omit<Organization, 'manages'> {
  /** Only to administrators. */
  readonly manages?: readonly OrganizationId[]
}

export type OrganizationChange = Partial<
  Pick<Organization, 'name' | 'timeZone' | 'audiences' | 'defaults'>
>

/** All of a key but what would let somebody try secrets on it. */
export type VisibleKey = Omit<Key, 'hash'>

/** What is said of a new key: whose it is, a person's or a named service's, and what it may do at most. */
export interface KeyOrder {
  readonly personId?: PersonId
  readonly service?: string
  readonly role?: KeyRole
  /** An instant. */
  readonly expiresAt?: string
  /** Absent: the viewer's. */
  readonly organizationId?: OrganizationId
}

/** What was made, now or by an earlier request of the same name. */
export interface Made {
  readonly id: string
  readonly again: boolean
}

/** Whose eyes somebody is to be seen with, and what the person is known by. */
export interface Regard {
  readonly keyId: string
  readonly person: Pick<Person, 'id' | 'number' | 'userName'>
  /** The name in addresses of an event that the person attends; one that both attend, if there is one. */
  readonly eventUrl?: string
}

/**
 * Organizations, keys and the change log: what administrators look after. Everything of an organization that the viewer
 * has no part in is as if there were none.
 */
export interface Steward {
  /** What people may choose at once, in place of an audience for each field group. */
  readonly presets: typeof presets
  /** Those that the viewer belongs to or administers, the own one first. */
  organizations(viewer: Viewer): Promise<readonly VisibleOrganization[]>
  /** @throws not_found */
  organization(viewer: Viewer, id: OrganizationId): Promise<VisibleOrganization>
  /** By administrators. @throws not_found, forbidden, invalid with the field */
  changeOrganization(
    viewer: Viewer,
    id: OrganizationId,
    changeOf: (organization: VisibleOrganization) => Promise<OrganizationChange>,
  ): Promise<void>
  /** The keys of an organization, by id; revoked ones too. @throws forbidden, not_found */
  keys(viewer: Viewer, organizationId: OrganizationId): Promise<readonly VisibleKey[]>
  /** @throws forbidden, not_found */
  key(viewer: Viewer, id: string): Promise<VisibleKey>
  /**
   * A new key, and its secret, which nobody can find out later. Nobody makes one that could do more than they can
   * themselves. @throws forbidden, not_found, invalid with the field
   */
  issueKey(
    viewer: Viewer,
    order: KeyOrder,
    intent?: Intent,
  ): Promise<{ readonly key: VisibleKey; readonly secret: string }>
  /** Ends a key for good; one that has ended stays as it is. @throws forbidden, not_found */
  revokeKey(viewer: Viewer, id: string, agree?: (key: VisibleKey) => Promise<void>): Promise<void>
  /**
   * What was written in the organizations that the viewer administers, after a place in the log; see
   * {@link OwnChanges}. @throws forbidden
   */
  changes(viewer: Viewer, after: number, limit: number): Promise<OwnChanges>
  /**
   * Makes something once for each name that the viewer's key gives it, for a day. `make` puts the intent down in the
   * commit in which the thing is made. @throws conflict while it is being made, and, with the reason `key_reused`,
   * where the name stands for something else
   */
  once(viewer: Viewer, intent: Intent, make: () => Promise<string>): Promise<Made>
  /**
   * For administrators: who is to be seen and with whose eyes, by the id of a key, or of a person for their newest key
   * that holds. @throws forbidden, not_found also for who is administered by somebody else
   */
  regard(viewer: Viewer, id: PersonId, whose: string | undefined): Promise<Regard>
}

/** How often a change is worked out anew because somebody else wrote meanwhile. */
const mostAttempts = 8

const day = 86_400_000

/** How many events of a person are looked at for one that somebody else attends, too. */
const mostEvents = 100

export function createSteward({ store, now }: Pick<VerbParts, 'store' | 'now'>): Steward {
  const instant = () => new Date(now()).toISOString()
  const actorOf = ({ personId, keyId }: Viewer) => personId ?? keyId
  const underWay = new Set<string>()
  const own = ownChanges(store)

  async function organizationOf(viewer: Viewer, id: OrganizationId): Promise<Organization> {
    const within = id === viewer.organizationId || viewer.administers.has(id)
    const organization = within ? await store.organizations.byId(id) : undefined
    if (!organization) throw new Failure('not_found', 'No such organization')
    return organization
  }

  /**
   * A key administers what its organization manages, too: nobody gets at more by way of one than they do themselves.
   * @throws forbidden
   */
  async function refuseReach(
    { administers, organizationId }: Viewer,
    id: OrganizationId,
    role: KeyRole = 'member',
  ): Promise<void> {
    if (role === 'owner' && id !== organizationId) {
      throw new Failure('forbidden', 'role: keys of owners are made in their own organization')
    }
    const { manages = [] } = (await store.organizations.byId(id)) ?? {}
    if (role === 'member' || manages.every((one) => administers.has(one))) return
    throw new Failure('forbidden', 'role: the organization manages some that you do not administer')
  }

  async function keyOf(viewer: Viewer, id: string): Promise<Key> {
    mustBeAdministrator(viewer)
    const holder = await store.keys.holderById(id)
    if (!holder || !viewer.administers.has(holder.key.organizationId)) {
      throw new Failure('not_found', 'No such key')
    }
    return holder.key
  }

  /** Somebody in an organization, who was not deleted. */
  async function personIn(
    organizationIds: ReadonlySet<OrganizationId>,
    id: PersonId,
  ): Promise<Person | undefined> {
    const person = (await store.people.byId(id))?.person
    const there = person && organizationIds.has(person.organizationId)
    return there && person.lifecycle !== 'deleted' ? person : undefined
  }

  /** The newest key of somebody that holds at this moment. */
  async function newestKeyOf({ id, organizationId }: Person): Promise<Key | undefined> {
    const at = instant()
    const all = await store.keys.list(organizationId)
    return all
      .filter(({ personId, revokedAt }) => personId === id && revokedAt === undefined)
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > at)
      .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
      .at(0)
  }

  async function eyesOf(viewer: Viewer, whose: string): Promise<Key> {
    const id = isUuid(whose) ? whose.toLowerCase() : ''
    const holder = id && (await store.keys.holderById(id))
    if (holder && viewer.administers.has(holder.key.organizationId)) return holder.key
    const person = id && (await personIn(viewer.administers, id as PersonId))
    if (!person) throw new Failure('not_found', 'viewer: there is no such key or person')
    const key = await newestKeyOf(person)
    if (!key) throw new Failure('not_found', 'viewer: the person has no key that holds')
    return key
  }

  async function eventOf(id: PersonId, other: PersonId | undefined): Promise<string | undefined> {
    const page = { limit: mostEvents }
    const [theirs, others] = await Promise.all([
      store.gatherings.eventsAttendedBy(id, page),
      other ? store.gatherings.eventsAttendedBy(other, page) : [],
    ])
    const numbers = new Set(others.map(({ number }) => number))
    return (theirs.find(({ number }) => numbers.has(number)) ?? theirs[0])?.url
  }

  async function receiptFor(
    { keyId }: Viewer,
    { idempotencyKey, fingerprint }: Intent,
  ): Promise<string | undefined> {
    const receipt = await store.receipt(keyId, idempotencyKey)
    if (!receipt || now() - Date.parse(receipt.at) >= day) return undefined
    if (receipt.fingerprint === fingerprint) return receipt.entityId
    throw new Failure('conflict', 'Idempotency-Key: it was sent with another request before', {
      reason: 'key_reused',
    })
  }

  const steward: Steward = {
    presets,

    async organizations(viewer) {
      const ids = new Set([viewer.organizationId, ...viewer.administers])
      const all = await Promise.all([...ids].map((id) => store.organizations.byId(id)))
      return all.flatMap((one) => (one ? [shownTo(viewer, one)] : []))
    },

    async organization(viewer, id) {
      return shownTo(viewer, await organizationOf(viewer, id))
    },

    async changeOrganization(viewer, id, changeOf) {
      await organizationOf(viewer, id)
      if (!viewer.administers.has(id)) throw onlyAdministrators()
      for (let attempt = 1; ; attempt += 1) {
        const before = await organizationOf(viewer, id)
        const next = changed(before, await changeOf(shownTo(viewer, before)))
        if (isDeepStrictEqual(next, before)) return
        const write = { kind: 'organization' as const, organization: next, before }
        const overtaken = await overtakes(store.commit([write], actorOf(viewer), instant()))
        if (!overtaken) return
        if (attempt === mostAttempts) throw overtaken
      }
    },

    async keys(viewer, organizationId) {
      mustBeAdministrator(viewer)
      if (!viewer.administers.has(organizationId)) {
        throw new Failure('not_found', 'organizationId: there is no such organization')
      }
      const keys = await store.keys.list(organizationId)
      return keys.map(withoutHash).sort((one, other) => (one.id < other.id ? -1 : 1))
    },

    async key(viewer, id) {
      return withoutHash(await keyOf(viewer, id))
    },

    async issueKey(viewer, order, intent) {
      mustBeAdministrator(viewer)
      const { organizationId = viewer.organizationId, personId, service, expiresAt } = order
      if (!viewer.administers.has(organizationId)) {
        throw new Failure('not_found', 'organizationId: there is no such organization')
      }
      const at = instant()
      refuseOrder(viewer, order, at)
      const bearer = personId && (await personIn(new Set([organizationId]), personId))
      if (personId !== undefined && !bearer) {
        throw new Failure('invalid', 'organizationId: you are in another one')
      }
      await refuseReach(viewer, organizationId, order.role)
      const { key, secret } = issueKey({
        organizationId,
        role: roleFor(viewer, order.role, bearer || undefined),
        createdAt: at,
        ...(personId && { personId }),
        ...(service !== undefined && { service: checkedName('service', service) }),
        ...(expiresAt !== undefined && { expiresAt }),
      })
      await store.commit(
        [{ kind: 'key', key }, ...receiptOf(viewer, intent, key.id, at)],
        actorOf(viewer),
        at,
      )
      return { key: withoutHash(key), secret }
    },

    async revokeKey(viewer, id, agree) {
      const key = await keyOf(viewer, id)
      await agree?.(withoutHash(key))
      const bearer = key.personId && (await store.people.byId(key.personId))?.person
      const worth = bearer ? roleOf(bearer.flags) : key.role
      if (worth === 'owner' && !viewer.owner) {
        throw new Failure('forbidden', 'Only owners may end a key of an owner')
      }
      if (key.revokedAt !== undefined) return
      const revokedAt = instant()
      await store.commit([{ kind: 'key', key: { ...key, revokedAt } }], actorOf(viewer), revokedAt)
    },

    changes(viewer, after, limit) {
      mustBeAdministrator(viewer)
      return own(viewer.administers, after, limit)
    },

    async once(viewer, intent, make) {
      const name = `${viewer.keyId} ${intent.idempotencyKey}`
      if (underWay.has(name)) {
        throw new Failure('conflict', 'Idempotency-Key: the request of that key is being answered')
      }
      underWay.add(name)
      try {
        const id = await receiptFor(viewer, intent)
        if (id !== undefined) return { id, again: true }
        return await make().then(
          (made) => ({ id: made, again: false }),
          async (error: unknown) => {
            // Another process may have been asked the same at the same time.
            const other = await receiptFor(viewer, intent)
            if (other === undefined) throw error
            return { id: other, again: true }
          },
        )
      } finally {
        underWay.delete(name)
      }
    },

    async regard(viewer, id, whose) {
      mustBeAdministrator(viewer)
      const person = await personIn(viewer.administers, id)
      if (!person) throw new Failure('not_found', 'No such person')
      const key =
        whose === undefined ? await keyOf(viewer, viewer.keyId) : await eyesOf(viewer, whose)
      const { number, userName } = person
      const eventUrl = await eventOf(id, key.personId)
      return { keyId: key.id, person: { id, number, userName }, ...(eventUrl && { eventUrl }) }
    },
  }
  return steward
}

/** The conflict, where that is what comes of a commit. */
const overtakes = (commit: Promise<void>): Promise<Failure | undefined> =>
  commit.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Failure && error.code === 'conflict') return error
      throw error
    },
  )

const onlyAdministrators = () => new Failure('forbidden', 'Only administrators may do that')

function mustBeAdministrator({ administers }: Viewer): void {
  if (administers.size === 0) throw onlyAdministrators()
}

const withoutHash = ({ hash: _, ...key }: Key): VisibleKey => key

function shownTo(viewer: Viewer, { manages, ...rest }: Organization): VisibleOrganization {
  return viewer.administers.has(rest.id) ? { ...rest, manages } : rest
}

const rankOf = (role: KeyRole): number => keyRoles.indexOf(role)

function refuseOrder(viewer: Viewer, { personId, service, expiresAt }: KeyOrder, at: string): void {
  if ((personId === undefined) === (service === undefined)) {
    throw new Failure('invalid', 'personId: give either personId or service')
  }
  if (expiresAt !== undefined && expiresAt <= at) {
    throw new Failure('invalid', 'expiresAt: must be in the future')
  }
  // With somebody's key one acts in their name, and sees what they alone do: also who they have blocked.
  if (personId !== undefined && personId !== viewer.personId) {
    throw new Failure('forbidden', 'personId: keys of other people are made from the shell alone')
  }
}

/** @throws forbidden for more than the viewer has, and for a key of somebody who has more; invalid for a vain one */
function roleFor(viewer: Viewer, asked: KeyRole | undefined, bearer: Person | undefined): KeyRole {
  const most: KeyRole = viewer.owner ? 'owner' : 'admin'
  const granted = bearer ? roleOf(bearer.flags) : undefined
  if (granted !== undefined && rankOf(granted) > rankOf(most)) {
    throw new Failure('forbidden', 'personId: only owners may make a key for an owner')
  }
  const role = asked ?? granted ?? 'member'
  if (rankOf(role) > rankOf(most)) {
    throw new Failure('forbidden', 'role: only owners may make a key of an owner')
  }
  if (granted !== undefined && rankOf(role) > rankOf(granted)) {
    throw new Failure('invalid', `role: the person's is ${granted}, and a key is worth no more`)
  }
  return role
}

function changed(organization: Organization, change: OrganizationChange): Organization {
  const { name, timeZone, audiences, defaults } = change
  if (name !== undefined && isUuid(name)) throw new Failure('invalid', 'name: can not be a UUID')
  const { defaults: before, ...rest } = organization
  const next = defaults ?? before
  return {
    ...rest,
    ...(name !== undefined && { name: checkedName('name', name) }),
    ...(timeZone !== undefined && { timeZone: checkedZone('timeZone', timeZone) }),
    ...(audiences && { audiences }),
    ...(next && Object.keys(next).length > 0 && { defaults: next }),
  }
}

function checkedName(field: string, name: string): string {
  if (name.trim() === '' || name.length > 255 || name !== name.trim() || hasControls(name)) {
    throw new Failure(
      'invalid',
      `${field}: must have 1 to 255 characters, no blank at either end, and no control characters`,
    )
  }
  return name
}

function checkedZone(field: string, zone: string): string {
  if (canonicalZone(zone)) return zone
  throw new Failure('invalid', `${field}: must be an IANA time zone such as Europe/Amsterdam`)
}
