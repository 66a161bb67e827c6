import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Key, KeyHolder } from '../access/key.ts'
import type {
  Beside,
  Change,
  Group,
  GroupMember,
  HeldPerson,
  Mention,
  Organization,
  Store,
  Write,
} from '../directory/ports.ts'
import { factOf } from '../footprint/footprint.ts'
import { Stamps } from '../footprint/stamps.ts'
import { hasBlocked, seenBy } from '../gatherings/connecting.ts'
import { type Attendee, pairOf } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import type { Signals } from '../presence/presence.ts'
import {
  existsFor,
  type GroupSubject,
  groupKeyOf,
  groupMatches,
  keyOf,
  matches,
  nameOf,
  type Seeable,
  type Subject,
} from '../search/matches.ts'
import type { Eyes, Found, Inquiry } from '../search/search.ts'
import { seenAt } from './beats.ts'
import { type Line, lineOf, type Put } from './change.ts'
import {
  type GatheringTables,
  gatheringReads,
  putConnection,
  putEvent,
  putMeeting,
  putReceipt,
  receiptKey,
  removeAttendee,
} from './memory-gatherings.ts'
import { byId, type GroupTables, groupsAbove, putMembers, removeGroup } from './memory-groups.ts'
import { inGroupOrder, pageOf } from './memory-search.ts'
import { factsChangedBy } from './news.ts'
import { isNotAsSeen, isOvertaken, isTaken } from './refusals.ts'

interface Tables extends GroupTables, GatheringTables {
  people: Map<PersonId, Person>
  organizations: Map<OrganizationId, Organization>
  keys: Map<string, Key>
  changes: Change[]
}

/** A store that forgets; for tests, and the plainest statement of what a store does. Passes `keeps()`. */
export function memoryStore(secret = randomBytes(32).toString('hex')): Store {
  let tables: Tables = {
    people: new Map(),
    organizations: new Map(),
    groups: new Map(),
    members: new Map(),
    subgroups: new Map(),
    owners: new Map(),
    keys: new Map(),
    events: new Map(),
    attendees: new Map(),
    connections: new Map(),
    meetings: new Map(),
    receipts: new Map(),
    changes: [],
  }
  const signals = new Map<PersonId, Signals>()

  const stamps = new Stamps()

  function held(person: Person | undefined, beside: Beside = {}): HeldPerson | undefined {
    if (!person) return undefined
    const groups = beside.groups ? groupsOf(person.id) : []
    const named = [
      beside.manager && person.managerId,
      beside.createdBy && person.createdById,
      ...groups.map(({ managerId }) => managerId),
    ].flatMap((id) => (id && tables.people.get(id)) || [])
    const { connectionWith: other } = beside
    const { defaults } = tables.organizations.get(person.organizationId) ?? {}
    return {
      ...mention(person),
      ...(defaults && { organizationDefaults: defaults }),
      person,
      signals: beside.presence ? signals.get(person.id) : undefined,
      groups,
      groupsAbove: beside.groupsAbove ? groupsAbove(tables, groupsOf(person.id)) : [],
      named: named.map(mention),
      reportees: beside.reportees ? reporteesOf(person.id).map(mention) : [],
      connection: other && tables.connections.get(pairOf(person.id, other).join()),
    }
  }
  const groupsOf = (personId: PersonId): Group[] =>
    [...tables.groups.values()]
      .filter((group) => tables.members.get(group.id)?.has(personId))
      .sort(byId)
  const reporteesOf = (managerId: PersonId): Person[] =>
    [...tables.people.values()].filter((person) => person.managerId === managerId).sort(byId)
  const mention = (person: Person): Mention => ({
    person,
    organizationAudiences: tables.organizations.get(person.organizationId)?.audiences ?? {},
  })
  const personWhere = (test: (person: Person) => boolean, beside?: Beside) =>
    held([...tables.people.values()].find(test), beside)

  function seeable(person: Person, { personId }: Eyes): Seeable & { readonly person: Person } {
    const connection =
      personId === undefined
        ? undefined
        : tables.connections.get(pairOf(person.id, personId).join())
    const { organizationAudiences } = mention(person)
    const between = seenBy(personId, connection).state
    return {
      ...{ person, organizationAudiences, between },
      unwelcome: hasBlocked(person.id, connection),
    }
  }

  function subjectOf(person: Person, eyes: Eyes): Subject {
    const manager = person.managerId && tables.people.get(person.managerId)
    // Only those who are met in an event are met as co-attendees, and not who is named by them.
    const elsewhere = { ...eyes, attends: false }
    const managerKnown =
      !!manager &&
      manager.organizationId === person.organizationId &&
      existsFor(seeable(manager, eyes), elsewhere)
    const groups = groupsOf(person.id)
    return {
      ...seeable(person, eyes),
      ...{ groups, groupsAbove: groupsAbove(tables, groups), managerKnown },
      managerName: managerKnown ? nameOf(seeable(manager, eyes), elsewhere) : undefined,
    }
  }

  function peopleFound(
    people: readonly Person[],
    search: Inquiry & { readonly eyes: Eyes },
  ): Found<PersonId> {
    const { eyes, condition, order } = search
    const places = people.flatMap((person) => {
      if (!existsFor(seeable(person, eyes), eyes)) return []
      const subject = subjectOf(person, eyes)
      if (condition && !matches(condition, subject, eyes)) return []
      return { id: person.id, key: order ? keyOf(order, subject, eyes) : null }
    })
    return pageOf(places, search)
  }

  function groupSubjectOf(group: Group): GroupSubject {
    const ids = (relation: 'member' | 'owner' | 'subgroup') =>
      insideOf(group.id).flatMap((one) => {
        if (one.relation !== relation) return []
        return one.relation === 'subgroup' ? one.group.id : one.person.person.id
      })
    return { group, members: [...ids('member'), ...ids('subgroup')].sort(), owners: ids('owner') }
  }

  function insideOf(groupId: string): GroupMember[] {
    const people = (relation: 'member' | 'owner', ids: Iterable<PersonId> = []): GroupMember[] =>
      [...ids].flatMap((id) => {
        const person = tables.people.get(id)
        const there = person && person.lifecycle !== 'deleted'
        return there ? { groupId, relation, person: mention(person) } : []
      })
    const groups = [...(tables.subgroups.get(groupId) ?? [])].flatMap((id): GroupMember[] => {
      const group = tables.groups.get(id)
      return group ? [{ groupId, relation: 'subgroup', group: { id, name: group.name } }] : []
    })
    return [
      ...people('member', tables.members.get(groupId)),
      ...people('owner', tables.owners.get(groupId)),
      ...groups,
    ].sort(inGroupOrder)
  }

  function managersAbove(id: PersonId): PersonId[] {
    const above: PersonId[] = []
    let next = tables.people.get(id)?.managerId
    while (next && next !== id && !above.includes(next) && tables.people.has(next)) {
      above.push(next)
      next = tables.people.get(next)?.managerId
    }
    return above
  }

  const attendeesOf = (eventNumber: number): Attendee[] =>
    [...tables.attendees.values()].filter((attendee) => attendee.eventNumber === eventNumber)

  function holder(key: Key | undefined): KeyHolder | undefined {
    if (!key) return undefined
    const organization = tables.organizations.get(key.organizationId)
    const person = key.personId && tables.people.get(key.personId)
    return {
      key,
      ...(person && { person }),
      timeZone: organization?.timeZone ?? 'UTC',
      manages: organization?.manages ?? [],
    }
  }

  return {
    people: {
      byId: async (id, beside) => held(tables.people.get(id), beside),
      byIds: async (ids, beside) =>
        [...new Set(ids)].flatMap((id) => held(tables.people.get(id), beside) ?? []),
      byNumber: async (number, beside) => personWhere((person) => person.number === number, beside),
      byUserName: async (organizationId, userName, beside) =>
        personWhere(
          (person) =>
            person.organizationId === organizationId &&
            person.lifecycle !== 'deleted' &&
            folded(person.userName) === folded(userName),
          beside,
        ),
      byExternalId: async (organizationId, externalId, beside) =>
        personWhere(
          (person) =>
            person.organizationId === organizationId &&
            person.lifecycle !== 'deleted' &&
            person.externalId === externalId,
          beside,
        ),
      byAttendance: async (eventNumber, number, beside) => {
        const there = attendeesOf(eventNumber)
        const attendee =
          there.find((one) => one.number === number) ??
          there.find(({ personId }) => tables.people.get(personId)?.number === number)
        const theirs = attendee && held(tables.people.get(attendee.personId), beside)
        return theirs && { ...theirs, attendee }
      },
      inOrganization: async (organizationId, { after = '', limit }, beside) =>
        [...tables.people.values()]
          .filter((person) => person.organizationId === organizationId && person.id > after)
          .sort(byId)
          .slice(0, limit)
          .flatMap((person) => held(person, beside) ?? []),
      byVerifiedEmail: async (organizationId, normalized) =>
        [...tables.people.values()]
          .filter(
            (person) =>
              person.organizationId === organizationId &&
              person.lifecycle !== 'deleted' &&
              person.emails.some((email) => email.verified && email.normalized === normalized),
          )
          .flatMap((person) => held(person) ?? []),
      byAny: async (organizationId, { ids, userNames, externalIds, verifiedEmails }, beside) => {
        const keys = new Set(userNames.map(folded))
        const isThere = (person: Person) =>
          keys.has(folded(person.userName)) ||
          (person.externalId !== undefined && externalIds.includes(person.externalId)) ||
          person.emails.some((one) => one.verified && verifiedEmails.includes(one.normalized))
        return [...tables.people.values()]
          .filter((person) => person.organizationId === organizationId)
          .filter((one) => ids.includes(one.id) || (one.lifecycle !== 'deleted' && isThere(one)))
          .flatMap((person) => held(person, beside) ?? [])
      },
      search: async (search) => {
        const all = [...tables.people.values()]
        const own = all.filter(({ organizationId }) => organizationId === search.organizationId)
        return peopleFound(own, search)
      },
      managersAbove: async (id) => managersAbove(id),
    },
    organizations: {
      all: async () => [...tables.organizations.values()],
      byId: async (id) => tables.organizations.get(id),
    },
    groups: {
      inOrganization: async (organizationId) =>
        [...tables.groups.values()].filter((group) => group.organizationId === organizationId),
      byIds: async (ids) => [...new Set(ids)].flatMap((id) => tables.groups.get(id) ?? []),
      search: async (search) => {
        const { organizationId, condition, order } = search
        const places = [...tables.groups.values()].flatMap((group) => {
          if (group.organizationId !== organizationId) return []
          const subject = groupSubjectOf(group)
          if (condition && !groupMatches(condition, subject)) return []
          return { id: group.id, key: order ? groupKeyOf(order, subject) : null }
        })
        return pageOf(places, search)
      },
      members: async (groupIds) => [...new Set(groupIds)].sort().flatMap(insideOf),
      ownedBy: async (id) =>
        [...tables.owners].flatMap(([groupId, ids]) => (ids.has(id) ? groupId : [])).sort(),
      managedBy: async (id) =>
        [...tables.groups.values()]
          .filter(({ managerId }) => managerId === id)
          .sort((one, other) => (one.id < other.id ? -1 : 1)),
    },
    gatherings: {
      ...gatheringReads(() => tables),
      search: async (search) => {
        const people = attendeesOf(search.eventNumber).flatMap(
          ({ personId }) => tables.people.get(personId) ?? [],
        )
        return peopleFound(people, search)
      },
    },
    keys: {
      holderByHash: async (hash) =>
        holder([...tables.keys.values()].find((key) => key.hash === hash)),
      holderById: async (keyId) => holder(tables.keys.get(keyId)),
      list: async (organizationId) =>
        [...tables.keys.values()].filter(
          (key) => organizationId === undefined || key.organizationId === organizationId,
        ),
      used: async (times) => {
        for (const [keyId, lastUsedAt] of times) {
          const key = tables.keys.get(keyId)
          if (key) tables.keys.set(keyId, { ...key, lastUsedAt })
        }
      },
    },
    async commit(writes, actor, at) {
      // All or nothing: the writes go to a copy, which takes the place of the tables at the end.
      const draft: Tables = {
        people: new Map(tables.people),
        organizations: new Map(tables.organizations),
        groups: new Map(tables.groups),
        members: new Map(tables.members),
        subgroups: new Map(tables.subgroups),
        owners: new Map(tables.owners),
        keys: new Map(tables.keys),
        events: new Map(tables.events),
        attendees: new Map(tables.attendees),
        connections: new Map(tables.connections),
        meetings: new Map(tables.meetings),
        receipts: new Map(tables.receipts),
        changes: [...tables.changes],
      }
      for (const line of writes.flatMap((write) => put(draft, write, at))) {
        draft.changes.push({ sequence: draft.changes.length + 1, ...line, actor, at })
      }
      const news = draft.changes.slice(tables.changes.length)
      tables = draft
      stamps.change(
        news.flatMap((change) => {
          const managerId = change.personId && tables.people.get(change.personId)?.managerId
          return factsChangedBy({ ...change, managerId })
        }),
      )
    },
    async signal(all, before = new Map()) {
      for (const [personId, stored] of before) {
        if (!isDeepStrictEqual(signals.get(personId), stored)) throw isOvertaken('presence')
      }
      for (const [personId, one] of all) signals.set(personId, one)
      stamps.change([...all.keys()].map((personId) => factOf('presence', personId)))
    },
    async beat(times) {
      const there = [...times].filter(([personId]) => tables.people.has(personId))
      for (const [personId, at] of there) signals.set(personId, seenAt(signals.get(personId), at))
      stamps.change(there.map(([personId]) => factOf('presence', personId)))
    },
    receipt: async (keyId, idempotencyKey) =>
      tables.receipts.get(receiptKey(keyId, idempotencyKey)),
    watch: stamps,
    changesAfter: async (sequence, limit) => tables.changes.slice(sequence, sequence + limit),
    secret: async () => secret,
    ready: async () => {},
    close: async () => {},
  }
}

/** Does one write. @returns its lines in the log, but for who and when */
function put(tables: Tables, write: Write, at: string): readonly Line[] {
  if (write.kind === 'members') return putMembers(tables, write, at)
  if (write.kind === 'groupRemoval') return removeGroup(tables, write.groupId, at)
  if (write.kind === 'attendeeRemoval') return removeAttendee(tables, write)
  if (write.kind === 'receipt') {
    putReceipt(tables, write.receipt)
    return []
  }
  return [lineOf(write, putOne(tables, write))]
}

/** True when it made something new. */
function putOne(tables: Tables, write: Put): boolean {
  switch (write.kind) {
    case 'person':
      return putPerson(tables, write.person)
    case 'organization':
      return putOrganization(tables, write)
    case 'group':
      return putGroup(tables, write.group)
    case 'key':
      refuseTwin(
        tables.keys,
        write.key,
        (one, other) => one.id !== other.id && one.hash === other.hash,
      )
      return set(tables.keys, write.key.id, write.key)
    case 'event':
      return putEvent(tables, write)
    case 'attendee':
      refuseTwin(
        tables.attendees,
        write.attendee,
        (one, other) =>
          one.number !== other.number &&
          one.eventNumber === other.eventNumber &&
          one.personId === other.personId,
      )
      return set(tables.attendees, write.attendee.number, write.attendee)
    case 'connection':
      return putConnection(tables, write)
    case 'meeting':
      return putMeeting(tables, write)
  }
}

function putOrganization(
  tables: Tables,
  { organization, before }: Extract<Write, { kind: 'organization' }>,
): boolean {
  const stored = tables.organizations.get(organization.id)
  if (isNotAsSeen(stored, before)) throw isOvertaken('organization')
  const { defaults = {}, ...rest } = organization
  const some = Object.keys(defaults).length > 0
  return set(tables.organizations, organization.id, { ...rest, ...(some && { defaults }) })
}

function putPerson(tables: Tables, person: Person): boolean {
  const stored = tables.people.get(person.id)
  if (person.version !== (stored?.version ?? 0) + 1) {
    throw isOvertaken('person')
  }
  refuseTwin(
    tables.people,
    person,
    (one, other) =>
      one.id !== other.id &&
      (one.number === other.number ||
        (one.organizationId === other.organizationId &&
          one.lifecycle !== 'deleted' &&
          other.lifecycle !== 'deleted' &&
          (folded(one.userName) === folded(other.userName) ||
            (one.externalId !== undefined && one.externalId === other.externalId)))),
  )
  return set(tables.people, person.id, person)
}

function putGroup(tables: Tables, group: Group): boolean {
  const stored = tables.groups.get(group.id)
  if (group.version !== (stored?.version ?? 0) + 1) {
    throw isOvertaken('group')
  }
  refuseTwin(
    tables.groups,
    group,
    (one, other) =>
      one.id !== other.id &&
      one.organizationId === other.organizationId &&
      (folded(one.name) === folded(other.name) ||
        (one.externalId !== undefined && one.externalId === other.externalId)),
  )
  return set(tables.groups, group.id, group)
}

function refuseTwin<Item>(
  table: ReadonlyMap<unknown, Item>,
  item: Item,
  clash: (one: Item, other: Item) => boolean,
): void {
  for (const other of table.values()) {
    if (clash(item, other)) throw isTaken()
  }
}

function set<Id, Item>(table: Map<Id, Item>, id: Id, item: Item): boolean {
  const isNew = !table.has(id)
  table.set(id, item)
  return isNew
}
