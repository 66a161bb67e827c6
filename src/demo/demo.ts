// Read this file first: it puts the demo together of names.ts, words.ts, cast.ts and profile.ts.
import { newGroup } from '../directory/group.ts'
import type { Organization, Write } from '../directory/ports.ts'
import type { Connection, Event } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import type { PresenceState, Signals } from '../presence/presence.ts'
import { adaOwn, bobOwn, type CastMember, castNames, flagged } from './cast.ts'
import { emailAt } from './contact.ts'
import { holders, london, type Named, neighbours, staff } from './names.ts'
import { choices, createDesk, type Desk, invent, type Position } from './profile.ts'
import { createRandom, type Random } from './random.ts'
import { signalsFor } from './whereabouts.ts'
import { type Department, departments } from './words.ts'

export interface Demo {
  /** In an order in which they can be committed at once. */
  readonly writes: readonly Write[]
  readonly signals: ReadonlyMap<PersonId, Signals>
  readonly cast: Readonly<Record<CastMember, Person>>
  /** Everybody, in all organizations. */
  readonly people: readonly Person[]
  readonly organizations: readonly Organization[]
  readonly event: Event
  /** The number in the event of everybody who attends it. */
  readonly attendees: ReadonlyMap<PersonId, number>
}

/**
 * A company of 200 people, a neighbour, a holding that manages the company, and an event where they meet;
 * the same every time but for presence, which is as of `now` (milliseconds since the epoch).
 */
export function demoData(now: number): Demo {
  const random = createRandom(18_151_210)
  const desk = createDesk(random)
  const [company, neighbour, holding] = organizations(random)

  const owner = invent(desk, castNames.owner, ownerPosition(company), flagged({ owner: true }))
  const admin = invent(desk, castNames.admin, adminPosition(company, owner), {
    ...flagged({ administrator: true }),
    roles: [desk.reference('Full administrator')],
    extensions: { docspace: { listAdminModules: ['people', 'settings'], shared: false } },
  })
  const crew = employees(desk, company, owner, admin)
  const others = neighbours.map((named, index) =>
    invent(desk, named, elsewhere(neighbour, desk), index === 0 ? flagged({ owner: true }) : {}),
  )
  const [outsider, ...locals] = [
    invent(desk, castNames.outsider, elsewhere(neighbour, desk), flagged({ plainUser: true })),
    ...others,
  ]
  const managers = holders.map((named, index) =>
    invent(
      desk,
      named,
      elsewhere(holding, desk),
      index === 0 ? flagged({ administrator: true }) : {},
    ),
  )
  const cast = { owner, admin, ada: crew.ada, bob: crew.bob, outsider }
  const colleagues = [owner, admin, ...crew.all]
  const people = [...colleagues, outsider, ...locals, ...managers]
  const spring = springSummit(random, company, cast, colleagues, locals)

  const writes: Write[] = [
    ...[neighbour, company, holding].map(
      (organization): Write => ({
        kind: 'organization',
        organization,
      }),
    ),
    ...people.map((person): Write => ({ kind: 'person', person })),
    ...groupsOf(random, company, colleagues),
    { kind: 'event', event: spring.event },
    ...[...spring.attendees].map(
      ([personId, number]): Write => ({
        kind: 'attendee',
        attendee: { number, eventNumber: spring.event.number, personId },
      }),
    ),
    ...spring.connections.map((connection): Write => ({ kind: 'connection', connection })),
  ]
  return {
    writes,
    signals: presenceOf(people, cast, now),
    cast,
    people,
    organizations: [company, neighbour, holding],
    event: spring.event,
    attendees: spring.attendees,
  }
}

function organizations(random: Random): [Organization, Organization, Organization] {
  const organization = (
    name: string,
    timeZone: string,
    special: Partial<Organization> = {},
  ): Organization => ({
    id: random.uuid() as OrganizationId,
    name,
    timeZone,
    audiences: {},
    manages: [],
    ...special,
  })
  const company = organization('Lanternfield', 'Europe/London')
  return [
    company,
    organization('Brackwater Instruments', 'Europe/Amsterdam'),
    // Known by name and telephone to everybody, unless one of them decides otherwise.
    organization('Northmoor Holdings', 'Europe/London', {
      audiences: { contact: 'everyone', profile: 'everyone' },
      manages: [company.id],
    }),
  ]
}

const [engineering] = departments
const operations = departments.at(-1) ?? engineering

const positionIn = (
  { id, name }: Organization,
  domain: string,
  department: Department,
  title: string,
): Position => ({
  organizationId: id,
  company: name,
  domain,
  department,
  title,
  rank: 'member',
})

const ownerPosition = (company: Organization): Position => ({
  ...positionIn(company, 'example.com', operations, 'Founder and Chief Executive'),
  rank: 'head',
})

const adminPosition = (company: Organization, owner: Person): Position => ({
  ...positionIn(company, 'example.com', operations, 'Directory Administrator'),
  managerId: owner.id,
  createdById: owner.id,
})

function elsewhere(organization: Organization, { random }: Desk): Position {
  const department = random.pick(departments)
  const domain = organization.manages.length > 0 ? 'example.net' : 'example.org'
  return positionIn(organization, domain, department, random.pick(department.titles))
}

interface Crew {
  readonly ada: Person
  readonly bob: Person
  /** Ada and Bob among them. */
  readonly all: readonly Person[]
}

interface Team {
  readonly department: Department
  readonly reference: { readonly id: string; readonly name: string }
  readonly lead: Person
}

/** Everybody in the company below the owner: a head for each department, a lead for each team, and their members. */
function employees(desk: Desk, company: Organization, owner: Person, admin: Person): Crew {
  const { random } = desk
  const waiting = random.shuffled(staff)
  const hire = (
    department: Department,
    place: Partial<Position>,
    own: Partial<Person> = {},
    named = waiting.pop(),
  ): Person => {
    if (!named) throw new Error('There are more places than names')
    const position = {
      ...positionIn(company, 'example.com', department, random.pick(department.titles)),
      createdById: admin.id,
      ...place,
    }
    return invent(desk, named, position, own)
  }

  const heads = departments.map((department) =>
    hire(department, { title: department.head, rank: 'head', managerId: owner.id }, moderator),
  )
  const teams = departments.flatMap((department, index) =>
    department.teams.map((name): Team => {
      const reference = { id: random.uuid(), name }
      const managerId = heads[index]?.id ?? owner.id
      const place = { title: department.lead, rank: 'lead', team: reference, managerId } as const
      return { department, reference, lead: hire(department, place, moderator) }
    }),
  )
  const join = ({ department, reference, lead }: Team, own: Partial<Person>, named?: Named) =>
    hire(department, { team: reference, managerId: lead.id }, own, named)

  const [, signalsTeam] = teams
  const systemsTeam = teams.find(({ reference }) => reference.name === 'Systems')
  if (!signalsTeam || !systemsTeam) throw new Error('words.ts has no teams Signals and Systems')
  const ada = join(
    signalsTeam,
    { ...adaOwn(desk), emails: [castEmail(desk, 'ada')] },
    castNames.ada,
  )
  const bob = join(
    signalsTeam,
    { ...bobOwn(desk), emails: [castEmail(desk, 'bob')] },
    castNames.bob,
  )
  const bots = robots.map(([type, named]) =>
    join(systemsTeam, { type, ...nothingPersonal, displayName: named.given }, named),
  )
  const members = waiting.slice().map((_, index) => join(teamFor(teams, index), memberOwn(index)))
  return {
    ada,
    bob,
    all: [...heads, ...teams.map(({ lead }) => lead), ada, bob, ...bots, ...members],
  }
}

const moderator = flagged({ roomAdministrator: true })

const castEmail = ({ random }: Desk, name: 'ada' | 'bob') =>
  emailAt(random, `${name}@example.com`, '2021-03-08T08:00:00.000Z')

/** Every fifth member more goes to one of the first three teams: engineering is larger than the rest. */
const teamFor = (teams: readonly Team[], index: number): Team =>
  teams[index % 5 === 0 ? (index / 5) % 3 : index % teams.length] as Team

/** What sets some members apart. The first few stand for all that can become of an account. */
function memberOwn(index: number): Partial<Person> {
  if (index < 4) {
    return { lifecycle: 'invited', activation: 'pending', loginEnabled: index !== 0 }
  }
  if (index < 7) {
    return { lifecycle: 'suspended', terminatedAt: '2026-02-27T17:00:00.000Z' }
  }
  if (index === 7) {
    return {
      lifecycle: 'deleted',
      terminatedAt: '2025-11-28T17:00:00.000Z',
      deletedAt: '2026-01-15T09:30:00.000Z',
      loginEnabled: false,
    }
  }
  if (index < 14) return flagged({ guest: true })
  const audiences = index % 5 === 0 ? (choices[(index / 5) % choices.length] ?? {}) : {}
  return {
    ...flagged({ plainUser: index % 3 !== 0, sso: index % 4 === 0, ldap: index % 11 === 0 }),
    audiences,
  }
}

const robot = (given: string, userName: string): Named => ({
  given,
  family: 'Bot',
  userName,
  gender: 'other',
  home: london,
})

const robots: readonly (readonly ['bot' | 'appuser', Named])[] = [
  ['bot', robot('Release Bell', 'release.bell')],
  ['bot', robot('Standup Owl', 'standup.owl')],
  ['bot', robot('Tide Table', 'tide.table')],
  ['appuser', robot('Badge Printer', 'badge.printer')],
]

/** Whatever is invented for people and makes no sense for a program. */
const nothingPersonal = {
  ...flagged({}),
  phones: [],
  addresses: [],
  contacts: [],
  interests: [],
  socialLinks: {},
  extraInfo: {},
  extensions: {},
  title: 'Automation',
  bio: 'Not a person, but helpful',
} as const satisfies Partial<Person>

const foundedAt = '2019-01-07T09:00:00.000Z'

/** A group for each department, managed by its head. */
function groupsOf(random: Random, company: Organization, people: readonly Person[]): Write[] {
  return departments.flatMap(({ name, head }): Write[] => {
    const members = people.filter(
      ({ department, lifecycle }) => department === name && lifecycle !== 'deleted',
    )
    const manager = members.find(({ title }) => title === head)
    const managed = manager && { managerId: manager.id }
    const group = newGroup(
      { id: random.uuid(), organizationId: company.id, name, ...managed },
      foundedAt,
    )
    return [
      { kind: 'group', group },
      { kind: 'members', groupId: group.id, joining: members.map(({ id }) => id), leaving: [] },
    ]
  })
}

interface Gathering {
  readonly event: Event
  readonly attendees: ReadonlyMap<PersonId, number>
  readonly connections: readonly Connection[]
}

function springSummit(
  random: Random,
  company: Organization,
  { owner, admin, ada, bob }: Demo['cast'],
  colleagues: readonly Person[],
  locals: readonly Person[],
): Gathering {
  const event = {
    number: random.number(),
    organizationId: company.id,
    url: 'spring-summit',
    name: 'Spring Summit',
  }
  const active = (people: readonly Person[]) =>
    people.filter(
      (person) =>
        person.type === 'person' &&
        person.lifecycle === 'active' &&
        ![owner, admin, ada, bob].includes(person),
    )
  const guests = random.sample(active(locals), 10)
  const crowd = [owner, admin, ada, bob, ...random.sample(active(colleagues), 46), ...guests]
  const attendees = new Map(crowd.map(({ id }) => [id, random.number()]))
  return { event, attendees, connections: connectionsAmong(random, crowd, ada, bob) }
}

/** Ada and Bob know each other; Ada has one of each kind besides; the others meet as it comes. */
function connectionsAmong(
  random: Random,
  crowd: readonly Person[],
  ada: Person,
  bob: Person,
): Connection[] {
  const between = (
    one: Person,
    other: Person,
    state: Connection['state'],
    rejecter = other,
  ): Connection => ({
    requesterId: one.id,
    addresseeId: other.id,
    state,
    ...(state === 'rejected' && { rejectedById: rejecter.id }),
  })
  const rest = crowd.filter((person) => person !== ada && person !== bob)
  const [asksAda, askedByAda, rejectsAda, rejectedByAda, friend, ...far] = rest.toReversed()
  if (!asksAda || !askedByAda || !rejectsAda || !rejectedByAda || !friend) return []
  return [
    between(bob, ada, 'accepted'),
    between(asksAda, ada, 'requested'),
    between(ada, askedByAda, 'requested'),
    between(ada, rejectsAda, 'rejected'),
    between(rejectedByAda, ada, 'rejected'),
    between(ada, friend, 'accepted'),
    between(bob, friend, 'requested'),
    ...far.slice(1).map((person, index) => {
      const state = random.pick<Connection['state']>([
        'accepted',
        'accepted',
        'requested',
        'rejected',
      ])
      return between(far[index] ?? friend, person, state)
    }),
  ]
}

/** Somebody is in every state at the moment the demo starts. */
function presenceOf(
  people: readonly Person[],
  { ada, bob }: Demo['cast'],
  now: number,
): Map<PersonId, Signals> {
  const signals = new Map<PersonId, Signals>()
  people.forEach((person, index) => {
    if (person.lifecycle === 'invited') return
    const state =
      person === ada ? 'active' : person === bob ? 'meeting' : states[index % states.length]
    signals.set(person.id, signalsFor(state ?? 'active', person.createdAt, now))
  })
  return signals
}

const states: readonly Exclude<PresenceState, 'pending'>[] = [
  'active',
  'inactive',
  'meeting',
  'active',
  'doNotDisturb',
  'inactive',
  'call',
  'outOfOffice',
  'active',
  'unknown',
  'presenting',
]
