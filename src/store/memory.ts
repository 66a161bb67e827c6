import { randomBytes } from 'node:crypto'
import type { Key, KeyHolder } from '../access/key.ts'
import type {
  Beside,
  Change,
  Group,
  HeldPerson,
  Members,
  Mention,
  Organization,
  Store,
  Write,
} from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import { factOf } from '../footprint/footprint.ts'
import { Stamps } from '../footprint/stamps.ts'
import { type Attendee, type Connection, type Event, pairOf } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import type { Signals } from '../presence/presence.ts'
import { type Line, lineOf, memberLines } from './change.ts'
import { factsChangedBy } from './news.ts'

interface Tables {
  people: Map<PersonId, Person>
  organizations: Map<OrganizationId, Organization>
  groups: Map<string, Group>
  /** By the group's id. */
  members: Map<string, ReadonlySet<PersonId>>
  keys: Map<string, Key>
  events: Map<number, Event>
  attendees: Map<number, Attendee>
  connections: Map<string, Connection>
  changes: Change[]
}

/** A store that forgets; for tests, and the plainest statement of what a store does. Passes `keeps()`. */
export function memoryStore(secret = randomBytes(32).toString('hex')): Store {
  let tables: Tables = {
    people: new Map(),
    organizations: new Map(),
    groups: new Map(),
    members: new Map(),
    keys: new Map(),
    events: new Map(),
    attendees: new Map(),
    connections: new Map(),
    changes: [],
  }
  const signals = new Map<PersonId, Signals>()

  const stamps = new Stamps()

  function held(person: Person | undefined, beside: Beside = {}): HeldPerson | undefined {
    if (!person) return undefined
    const groups = [...tables.groups.values()]
      .filter((group) => beside.groups && tables.members.get(group.id)?.has(person.id))
      .sort((one, other) => (one.id < other.id ? -1 : 1))
    const named = [
      beside.manager && person.managerId,
      beside.createdBy && person.createdById,
      ...groups.map(({ managerId }) => managerId),
    ].flatMap((id) => (id && tables.people.get(id)) || [])
    const { connectionWith: other } = beside
    return {
      ...mention(person),
      person,
      signals: beside.presence ? signals.get(person.id) : undefined,
      groups,
      named: named.map(mention),
      reportees: beside.reportees ? reporteesOf(person.id).map(mention) : [],
      connection: other && tables.connections.get(pairOf(person.id, other).join()),
    }
  }
  const reporteesOf = (managerId: PersonId): Person[] =>
    [...tables.people.values()]
      .filter((person) => person.managerId === managerId)
      .sort((one, other) => (one.id < other.id ? -1 : 1))
  const mention = (person: Person): Mention => ({
    person,
    organizationAudiences: tables.organizations.get(person.organizationId)?.audiences ?? {},
  })
  const personWhere = (test: (person: Person) => boolean, beside?: Beside) =>
    held([...tables.people.values()].find(test), beside)

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
            folded(person.userName) === folded(userName),
          beside,
        ),
      byExternalId: async (organizationId, externalId, beside) =>
        personWhere(
          (person) => person.organizationId === organizationId && person.externalId === externalId,
          beside,
        ),
      byAttendance: async (eventNumber, number, beside) => {
        const there = [...tables.attendees.values()].filter(
          (attendee) => attendee.eventNumber === eventNumber,
        )
        const attendee =
          there.find((one) => one.number === number) ??
          there.find(({ personId }) => tables.people.get(personId)?.number === number)
        const theirs = attendee && held(tables.people.get(attendee.personId), beside)
        return theirs && { ...theirs, attendee }
      },
    },
    organizations: {
      all: async () => [...tables.organizations.values()],
      byId: async (id) => tables.organizations.get(id),
    },
    groups: {
      inOrganization: async (organizationId) =>
        [...tables.groups.values()].filter((group) => group.organizationId === organizationId),
    },
    gatherings: {
      eventByUrl: async (url) => [...tables.events.values()].find((event) => event.url === url),
      attendeeByPerson: async (eventNumber, personId) =>
        [...tables.attendees.values()].find(
          (attendee) => attendee.eventNumber === eventNumber && attendee.personId === personId,
        ),
      connection: async (one, other) => tables.connections.get(pairOf(one, other).join()),
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
        keys: new Map(tables.keys),
        events: new Map(tables.events),
        attendees: new Map(tables.attendees),
        connections: new Map(tables.connections),
        changes: [...tables.changes],
      }
      for (const line of writes.flatMap((write) => put(draft, write))) {
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
    async signal(all) {
      for (const [personId, one] of all) signals.set(personId, one)
      stamps.change([...all.keys()].map((personId) => factOf('presence', personId)))
    },
    watch: stamps,
    changesAfter: async (sequence, limit) => tables.changes.slice(sequence, sequence + limit),
    secret: async () => secret,
    ready: async () => {},
    close: async () => {},
  }
}

/** Does one write. @returns its lines in the log, but for who and when */
function put(tables: Tables, write: Write): readonly Line[] {
  return write.kind === 'members'
    ? putMembers(tables, write)
    : [lineOf(write, putOne(tables, write))]
}

/** True when it made something new. */
function putOne(tables: Tables, write: Exclude<Write, Members>): boolean {
  switch (write.kind) {
    case 'person':
      return putPerson(tables, write.person)
    case 'organization':
      return set(tables.organizations, write.organization.id, write.organization)
    case 'group':
      refuseTwin(
        tables.groups,
        write.group,
        (one, other) =>
          one.id !== other.id &&
          one.organizationId === other.organizationId &&
          folded(one.name) === folded(other.name),
      )
      return set(tables.groups, write.group.id, write.group)
    case 'key':
      refuseTwin(
        tables.keys,
        write.key,
        (one, other) => one.id !== other.id && one.hash === other.hash,
      )
      return set(tables.keys, write.key.id, write.key)
    case 'event':
      refuseTwin(
        tables.events,
        write.event,
        (one, other) => one.number !== other.number && one.url === other.url,
      )
      return set(tables.events, write.event.number, write.event)
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
    case 'connection': {
      const { requesterId, addresseeId } = write.connection
      return set(tables.connections, pairOf(requesterId, addresseeId).join(), write.connection)
    }
  }
}

function putPerson(tables: Tables, person: Person): boolean {
  const stored = tables.people.get(person.id)
  if (person.version !== (stored?.version ?? 0) + 1) {
    throw new Failure('conflict', 'The person was changed by somebody else meanwhile')
  }
  refuseTwin(
    tables.people,
    person,
    (one, other) =>
      one.id !== other.id &&
      (one.number === other.number ||
        (one.organizationId === other.organizationId &&
          (folded(one.userName) === folded(other.userName) ||
            (one.externalId !== undefined && one.externalId === other.externalId)))),
  )
  return set(tables.people, person.id, person)
}

function putMembers(tables: Tables, { groupId, joining, leaving }: Members): readonly Line[] {
  if (!tables.groups.has(groupId) || joining.some((id) => !tables.people.has(id))) {
    throw new Failure('conflict', 'It names somebody or something that is not there')
  }
  const members = new Set(tables.members.get(groupId))
  const joined = joining.filter((id) => !members.has(id) && members.add(id))
  const left = leaving.filter((id) => members.delete(id))
  tables.members.set(groupId, members)
  return memberLines(groupId, joined, left)
}

function refuseTwin<Item>(
  table: ReadonlyMap<unknown, Item>,
  item: Item,
  clash: (one: Item, other: Item) => boolean,
): void {
  for (const other of table.values()) {
    if (clash(item, other))
      throw new Failure('conflict', 'Something else already has that name or number')
  }
}

function set<Id, Item>(table: Map<Id, Item>, id: Id, item: Item): boolean {
  const isNew = !table.has(id)
  table.set(id, item)
  return isNew
}
