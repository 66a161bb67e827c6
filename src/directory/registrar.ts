import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../failure.ts'
import type { Meeting } from '../gatherings/gatherings.ts'
import { without } from '../gatherings/meetings.ts'
import { newPerson, type PersonDraft } from '../person/draft.ts'
import { withSolePrimary } from '../person/emails.ts'
import { type OrganizationId, type PersonId, personIdFrom } from '../person/ids.ts'
import { type Person, socialNetworks } from '../person/person.ts'
import { folded, hasControls } from '../person/text.ts'
import { isHostedAddress, notToBeKept } from '../pictures/address.ts'
import { pictureKinds } from '../pictures/forms.ts'
import type { Signals } from '../presence/presence.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { amend, type PersonChange } from './amend.ts'
import { newGroup } from './group.ts'
import type { Beside, Group, HeldPerson, Members, Store, Write } from './ports.ts'
import { type Manner, permitted } from './privileges.ts'
import { type Intent, receiptOf } from './receipts.ts'

/** What may be said of a new person; who they are in the directory is given out. */
export type Admission = Omit<PersonDraft, 'organizationId' | 'id' | 'number' | 'createdAt'>

/** What may be said of a group. `null` removes. */
export interface GroupChange {
  readonly name?: string
  readonly externalId?: string | null
  readonly description?: string | null
  readonly members?: Influx<PersonId>
  readonly subgroups?: Influx<string>
  readonly owners?: Influx<PersonId>
  /** Nothing here depends on what was there, so that nobody else's word on it need be waited for. */
  readonly regardless?: boolean
}

/** Who comes and who goes; everybody else stays. */
export interface Influx<Id> {
  readonly joining: readonly Id[]
  readonly leaving: readonly Id[]
}

/**
 * What it means that somebody's field is written as their organization has it for those who have set nothing: that what
 * was shown came back (`echoed`), which leaves it alone, or that it is to be theirs (`meant`).
 */
export type Sense = 'echoed' | 'meant'

/**
 * All that writes people and groups. It takes an administrator of the organization; who is none may change
 * themselves, as far as privileges.ts has it. Each verb is one commit, all or nothing.
 *
 * Changes are worked out by whoever calls from what is there; where somebody else wrote meanwhile, that is asked
 * anew. What a caller throws there ends the attempt: so `precondition_failed` stands for an `If-Match`.
 * @throws forbidden, not_found, invalid with the field, conflict for a name or an external id that is taken
 */
export interface Registrar {
  admit(viewer: Viewer, admission: Admission, manner?: Manner, intent?: Intent): Promise<PersonId>
  /** What the viewer may not write is refused, or ignored where the manner is so. */
  change(
    viewer: Viewer,
    id: PersonId,
    changeOf: (person: Person) => Promise<PersonChange> | PersonChange,
    manner?: Manner,
    sense?: Sense,
  ): Promise<void>
  /**
   * Puts down what is on record about the person's whereabouts, worked out anew where they were heard of meanwhile.
   * People themselves may, and administrators.
   */
  signal(
    viewer: Viewer,
    id: PersonId,
    signalsOf: (signals: Signals) => Promise<Signals> | Signals,
  ): Promise<void>
  /**
   * Deletes: nobody finds the person any more, their names are free again, nobody and no group refers to them, and
   * they leave the meetings that are to come. The record stays, as one that is deleted.
   */
  retire(viewer: Viewer, id: PersonId, agree?: (person: Person) => Promise<void>): Promise<void>
  found(
    viewer: Viewer,
    change: GroupChange & { readonly name: string },
    intent?: Intent,
  ): Promise<string>
  changeGroup(
    viewer: Viewer,
    id: string,
    changeOf: (group: Group) => Promise<GroupChange> | GroupChange,
  ): Promise<void>
  /** Deletes for good. */
  dissolve(viewer: Viewer, id: string, agree?: (group: Group) => Promise<void>): Promise<void>
}

export interface RegistrarParts {
  readonly store: Pick<Store, 'people' | 'groups' | 'gatherings' | 'commit' | 'signal'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** How often a change is worked out anew because somebody else wrote meanwhile. */
const mostAttempts = 8

/** Meetings. */
const readAtOnce = 200

export function createRegistrar({ store, now }: RegistrarParts): Registrar {
  const instant = () => new Date(now()).toISOString()

  const commit = (viewer: Viewer, writes: readonly Write[]) =>
    store.commit(writes, viewer.personId ?? viewer.keyId, instant())

  /** Does `work` again, on what is there then, when what it was worked out from is another by now. */
  async function persevere<Thing>(
    read: () => Promise<Thing>,
    work: (thing: Thing) => Promise<void>,
    isStale = (before: Thing, now: Thing) => !isDeepStrictEqual(before, now),
    attempts = mostAttempts,
  ): Promise<void> {
    const thing = await read()
    try {
      await work(thing)
      return
    } catch (error) {
      const clash = error instanceof Failure && error.code === 'conflict'
      if (!clash || attempts === 1 || !isStale(thing, await read())) throw error
    }
    await persevere(read, work, isStale, attempts - 1)
  }

  async function heldOf(viewer: Viewer, id: PersonId, beside: Beside = {}): Promise<HeldPerson> {
    const held = await store.people.byId(id, beside)
    const within =
      held && (id === viewer.personId || viewer.administers.has(held.person.organizationId))
    if (!within || held.person.lifecycle === 'deleted') {
      throw new Failure('not_found', 'No such person')
    }
    return held
  }

  const personOf = async (viewer: Viewer, id: PersonId): Promise<Person> =>
    (await heldOf(viewer, id)).person

  async function groupOf(viewer: Viewer, id: string): Promise<Group> {
    const [group] = await store.groups.byIds([id])
    if (group?.organizationId !== viewer.organizationId) {
      throw new Failure('not_found', 'No such group')
    }
    return group
  }

  /** Before the write, to say which of them is taken; the write itself makes sure. */
  async function refuseTaken(next: Person, before?: Person): Promise<void> {
    const { organizationId, userName, externalId } = next
    if (before === undefined || folded(before.userName) !== folded(userName)) {
      const holder = await store.people.byUserName(organizationId, userName)
      if (holder && holder.person.id !== next.id) {
        throw new Failure('conflict', `userName: ${JSON.stringify(userName)} is somebody else's`)
      }
    }
    if (externalId !== undefined && before?.externalId !== externalId) {
      const holder = await store.people.byExternalId(organizationId, externalId)
      if (holder && holder.person.id !== next.id) {
        throw new Failure(
          'conflict',
          `externalId: ${JSON.stringify(externalId)} is somebody else's`,
        )
      }
    }
  }

  /** A manager is somebody else of the organization, and reports to nobody who reports to the person. */
  async function refuseManager(next: Person, before?: Person): Promise<void> {
    const { id, managerId, organizationId } = next
    if (managerId === undefined || managerId === before?.managerId) return
    if (managerId === id) throw new Failure('invalid', 'managerId: nobody is their own manager')
    const held = await store.people.byId(managerId)
    const there = held?.person.organizationId === organizationId
    if (!there || held.person.lifecycle === 'deleted') {
      throw new Failure('invalid', `managerId: there is nobody with the id ${managerId}`)
    }
    if (before && (await store.people.managersAbove(managerId)).includes(id)) {
      throw new Failure('invalid', 'managerId: the manager reports to the person, directly or not')
    }
  }

  /** The writes that leave nobody and no group referring to the person. */
  async function farewells(person: Person, at: string): Promise<Write[]> {
    const held = await store.people.byId(person.id, { groups: true, reportees: true })
    const reportees = await store.people.byIds(
      held?.reportees.map(({ person: { id } }) => id) ?? [],
    )
    const leaving = (held?.groups ?? []).map(
      ({ id: groupId }): Members => ({
        ...{ kind: 'members', groupId, joining: [], leaving: [person.id] },
      }),
    )
    const orphans = reportees.map(
      ({ person: one }): Write => ({ kind: 'person', person: amend(one, { managerId: null }, at) }),
    )
    const managed = (await store.groups.managedBy(person.id)).map(
      ({ managerId: _, ...group }): Write => ({
        kind: 'group',
        group: { ...group, version: group.version + 1, updatedAt: at },
      }),
    )
    const owned = await store.groups.ownedBy(person.id)
    const dismissals = owned.map(
      (groupId): Members => ({
        ...{ kind: 'members', groupId, joining: [], leaving: [], dismissing: [person.id] },
      }),
    )
    return [...orphans, ...managed, ...leaving, ...dismissals]
  }

  /** The writes that leave the person in no meeting that is still to come. */
  async function partings(id: PersonId, at: string, after?: Meeting): Promise<Write[]> {
    const page = { ...(after && { after }), from: at, limit: readAtOnce }
    const meetings = await store.gatherings.meetingsOf(id, page)
    const writes = meetings
      .filter(({ state, start }) => state === 'booked' && start > at)
      .map((meeting): Write => ({ kind: 'meeting', meeting: without(meeting, id, at) }))
    const last = meetings.length === readAtOnce ? meetings.at(-1) : undefined
    return last ? [...writes, ...(await partings(id, at, last))] : writes
  }

  return {
    async admit(viewer, { userName, ...admission }, manner = 'refuse', intent) {
      mustAdminister(viewer)
      const { organizationId } = viewer
      const createdById = viewer.personId
      const allowed = permitted(viewer, undefined, admission, manner) as Partial<Admission>
      const at = instant()
      const person = newPerson(
        {
          ...{ ...(createdById && { createdById }), ...allowed, userName, organizationId },
          ...(allowed.emails && { emails: withSolePrimary(allowed.emails) }),
        },
        at,
      )
      await refuseTaken(person)
      await refuseManager(person)
      refuseHosted(person)
      const receipt = receiptOf(viewer, intent, person.id, at)
      await commit(viewer, [{ kind: 'person', person }, ...receipt])
      return person.id
    },

    async change(viewer, id, changeOf, manner = 'refuse', sense = 'echoed') {
      if (id !== viewer.personId) mustAdminister(viewer)
      await persevere(
        async () => {
          const held = await heldOf(viewer, id)
          return { ...held, version: held.person.version }
        },
        async ({ person, organizationDefaults }) => {
          const asked = await changeOf(person)
          const said =
            sense === 'meant' ? asked : withoutEchoes(asked, person, organizationDefaults)
          const change = permitted(viewer, person, said, manner)
          const next = amend(person, change, instant())
          if (next === person) return
          await refuseTaken(next, person)
          await refuseManager(next, person)
          refuseHosted(next, person)
          await commit(viewer, [{ kind: 'person', person: next }])
        },
      )
    },

    async signal(viewer, id, signalsOf) {
      if (id !== viewer.personId) mustAdminister(viewer)
      const onRecord = async () => (await heldOf(viewer, id, { presence: true })).signals
      await persevere(onRecord, async (before) => {
        const next = await signalsOf(before ?? {})
        if (isDeepStrictEqual(next, before ?? {})) return
        await store.signal(new Map([[id, next]]), new Map([[id, before]]))
      })
    },

    async retire(viewer, id, agree) {
      mustAdminister(viewer)
      await persevere(
        () => personOf(viewer, id),
        async (person) => {
          await agree?.(person)
          if (person.flags.owner && !viewer.owner) {
            throw new Failure('forbidden', 'flags.owner: only an owner may delete one')
          }
          const at = instant()
          const gone = amend(person, { lifecycle: 'deleted', deletedAt: at, managerId: null }, at)
          const writes = [...(await farewells(person, at)), ...(await partings(id, at))]
          await commit(viewer, [...writes, { kind: 'person', person: gone }])
        },
        // Whoever came to report to them meanwhile is one more to be told.
        () => true,
      )
      // Whoever made a meeting with them meanwhile saw them still there.
      await persevere(
        () => partings(id, instant()),
        (late) => (late.length === 0 ? Promise.resolve() : commit(viewer, late)),
      )
    },

    async found(viewer, { name, ...change }, intent) {
      mustAdminister(viewer)
      const { organizationId } = viewer
      const first = newGroup({ organizationId, name: groupNameOf(name) }, instant())
      const group = described(first, change)
      await refuseTwin(group)
      await commit(viewer, [
        { kind: 'group', group },
        ...(await membersOf(group, change)),
        ...receiptOf(viewer, intent, group.id, group.createdAt),
      ])
      return group.id
    },

    async changeGroup(viewer, id, changeOf) {
      mustAdminister(viewer)
      await persevere(
        () => groupOf(viewer, id),
        async (group) => {
          const change = await changeOf(group)
          const next = described(group, change)
          const writes: Write[] = [...(await membersOf(group, change))]
          if (next !== group) await refuseTwin(next)
          if (next === group && writes.length === 0) return
          // With its version, so that whoever wrote meanwhile is not written over.
          if (next !== group || !change.regardless) writes.unshift(renewed(next))
          await commit(viewer, writes)
        },
      )
    },

    async dissolve(viewer, id, agree) {
      mustAdminister(viewer)
      await persevere(
        () => groupOf(viewer, id),
        async (group) => {
          await agree?.(group)
          await commit(viewer, [renewed(group), { kind: 'groupRemoval', groupId: id }])
        },
      )
    },
  }

  /** The next version of a group: a conflict where there is one already. */
  function renewed(group: Group): Write {
    return {
      kind: 'group',
      group: { ...group, version: group.version + 1, updatedAt: instant() },
    }
  }

  /** Nothing where nobody comes or goes. Whoever names a member need not know whether it is a group. */
  async function membersOf(
    { id: groupId, organizationId }: Group,
    { members, subgroups, owners }: GroupChange,
  ): Promise<Members[]> {
    const named = members?.joining ?? []
    const all = named.length > 0 ? await store.groups.byIds(named) : []
    const groups = new Set(all.map(({ id }) => id))
    const joining = named.filter((id) => !groups.has(id))
    const appointing = owners?.joining ?? []
    await refuseStrangers(organizationId, 'members', joining)
    await refuseStrangers(organizationId, 'owners', appointing)
    const nesting = [...(subgroups?.joining ?? []), ...groups]
    await refuseStrangeGroups(organizationId, nesting)
    const lists = {
      ...{ joining, leaving: members?.leaving ?? [] },
      ...{ nesting, unnesting: subgroups?.leaving ?? [] },
      ...{ appointing, dismissing: owners?.leaving ?? [] },
    }
    const some = Object.values(lists).some((list) => list.length > 0)
    return some ? [{ kind: 'members', groupId, ...lists }] : []
  }

  async function refuseStrangers(
    organizationId: OrganizationId,
    place: string,
    ids: readonly string[],
  ): Promise<void> {
    if (ids.length === 0) return
    const helds = await store.people.byIds(ids.flatMap((id) => personIdFrom(id) ?? []))
    const there = new Set<string>(
      helds
        .filter(({ person }) => person.organizationId === organizationId)
        .filter(({ person }) => person.lifecycle !== 'deleted')
        .map(({ person }) => person.id),
    )
    const stranger = ids.find((id) => !there.has(id))
    if (stranger !== undefined) {
      throw new Failure('invalid', `${place}: there is nobody with the id ${shown(stranger)}`)
    }
  }

  async function refuseStrangeGroups(
    organizationId: OrganizationId,
    ids: readonly string[],
  ): Promise<void> {
    if (ids.length === 0) return
    const all = await store.groups.byIds(ids)
    const own = new Set(
      all.filter((one) => one.organizationId === organizationId).map(({ id }) => id),
    )
    const stranger = ids.find((id) => !own.has(id))
    if (stranger !== undefined) {
      throw new Failure('invalid', `members: there is no group with the id ${shown(stranger)}`)
    }
  }

  async function refuseTwin({ id, organizationId, name, externalId }: Group): Promise<void> {
    const isTaken = async (field: 'name' | 'externalId', value: string) => {
      const condition = { op: 'eq' as const, field, value }
      const asked = { organizationId, condition, from: { skip: 0 }, limit: 1, total: false }
      const [holder] = (await store.groups.search(asked)).places
      return holder !== undefined && holder.id !== id
    }
    if (await isTaken('name', name)) {
      throw new Failure('conflict', `name: there is another group called ${JSON.stringify(name)}`)
    }
    if (externalId !== undefined && (await isTaken('externalId', externalId))) {
      throw new Failure('conflict', `externalId: ${JSON.stringify(externalId)} is another group's`)
    }
  }
}

/** What the person follows their organization in stays so where it is said again. */
const withoutEchoes = (
  change: PersonChange,
  person: Person,
  defaults: HeldPerson['organizationDefaults'] = {},
): PersonChange =>
  Object.fromEntries(
    Object.entries(change).filter(
      ([field, value]) =>
        !Object.hasOwn(defaults, field) ||
        Object.hasOwn(person, field) ||
        !isDeepStrictEqual(value, defaults[field as keyof typeof defaults]),
    ),
  )

/** An address that opens for one viewer alone must not come to be seen by others. What is there already may stay. */
function refuseHosted(next: Person, before?: Person): void {
  const old = new Set(before && addressesIn(before).map(([, address]) => address))
  for (const [field, address] of addressesIn(next)) {
    if (!old.has(address) && isHostedAddress(address)) {
      throw new Failure('invalid', `${field}: ${notToBeKept}`)
    }
  }
}

/** All of a record that is there to be followed, each with the name of its field. */
function addressesIn(person: Person): readonly (readonly [field: string, address: string])[] {
  const { videoIntro, profileUrl, socialLinks, contacts } = person
  const all: readonly (readonly [string, string | undefined])[] = [
    ...pictureKinds.map((kind) => [kind, urlOf(person[kind])] as const),
    ['videoIntro', videoIntro],
    ['profileUrl', profileUrl],
    ...socialNetworks.map((name) => [`socialLinks.${name}`, socialLinks[name]] as const),
    ...contacts.map(({ value }, index) => [`contacts.${index}.value`, value] as const),
  ]
  return all.flatMap(([field, address]) => (address === undefined ? [] : [[field, address]]))
}

const urlOf = (picture: Person['avatar']): string | undefined =>
  picture && 'url' in picture ? picture.url : undefined

function mustAdminister({ administers, organizationId }: Viewer): void {
  if (!administers.has(organizationId)) {
    throw new Failure('forbidden', 'Only administrators may write here')
  }
}

function groupNameOf(name: string): string {
  if (name.trim() === '' || name.length > 255 || hasControls(name)) {
    throw new Failure('invalid', 'name: must have 1 to 255 characters, none of them controls')
  }
  return name
}

/** The group with what `change` says of it; the same one when that is nothing new. */
function described(group: Group, { name, externalId, description }: GroupChange): Group {
  const next = {
    ...group,
    ...(name !== undefined && { name: groupNameOf(name) }),
    ...textOf('externalId', externalId, 255),
    ...textOf('description', description, 10_000),
  }
  const same = (['name', 'externalId', 'description'] as const).every(
    (field) => next[field] === group[field],
  )
  if (same) return group
  return Object.fromEntries(
    Object.entries(next).filter(([, value]) => value !== undefined),
  ) as unknown as Group
}

function textOf(field: string, value: string | null | undefined, longest: number) {
  if (value === undefined) return {}
  if (value === null || value === '') return { [field]: undefined }
  if (value.length > longest || !value.isWellFormed()) {
    throw new Failure('invalid', `${field}: must have ${longest} characters at most`)
  }
  return { [field]: value }
}

const shown = (id: string): string => JSON.stringify(id).slice(0, 100)
