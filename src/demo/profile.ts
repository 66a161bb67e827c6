import { checkedPerson, newPerson, type PersonDraft } from '../person/draft.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Audiences, Person } from '../person/person.ts'
import { createPhoneBook, emailAt, type PhoneBook } from './contact.ts'
import type { Named } from './names.ts'
import type { Random } from './random.ts'
import { type Department, encounters, interests, skills, wishes } from './words.ts'

/** Where in an organization somebody stands. */
export interface Position {
  readonly organizationId: OrganizationId
  readonly company: string
  readonly domain: string
  readonly department: Department
  readonly title: string
  readonly rank: 'head' | 'lead' | 'member'
  readonly team?: { readonly id: string; readonly name: string }
  readonly managerId?: PersonId
  readonly createdById?: PersonId
}

export interface Desk {
  readonly random: Random
  readonly phones: PhoneBook
  /** Roles and licences by name, the same for everybody who has them. */
  readonly reference: (name: string) => { id: string; name: string }
}

export function createDesk(random: Random): Desk {
  const references = new Map<string, { id: string; name: string }>()
  return {
    random,
    phones: createPhoneBook(random),
    reference(name) {
      const known = references.get(name) ?? { id: random.uuid(), name }
      references.set(name, known)
      return known
    },
  }
}

/** Somebody with all that can be known of them; `own` is decided already and wins. */
export function invent(desk: Desk, named: Named, position: Position, own: Partial<Person>): Person {
  const createdAt = instantIn(desk.random, 2016, 2026)
  const draft: PersonDraft = {
    id: desk.random.uuid() as PersonId,
    number: desk.random.number(),
    organizationId: position.organizationId,
    userName: named.userName,
    createdAt,
    ...naming(named, desk.random),
    ...contactDetails(desk, named, position, createdAt),
    ...profile(desk.random, position, named),
    ...work(desk, position, createdAt),
    ...account(desk.random),
    ...personal(desk.random, named),
    ...meetings(desk.random, named),
    ...bags(desk.random),
    ...own,
  }
  return aged(newPerson(draft, createdAt), desk.random)
}

function naming({ given, family, gender, home }: Named, random: Random): Partial<Person> {
  const displayName =
    home.familyFirst === undefined ? `${given} ${family}` : `${family}${home.familyFirst}${given}`
  const initials = [given, family].map((name) => Array.from(name)[0]?.toLocaleUpperCase()).join('')
  return {
    displayName,
    givenName: given,
    familyName: family,
    initials,
    ...((gender === 'other' || random.chance(0.3)) && { pronouns: pronouns[gender] }),
    ...(random.chance(0.15) && { nickName: Array.from(given).slice(0, 3).join('') }),
  }
}

const pronouns = { female: 'she/her', male: 'he/him', other: 'they/them' } as const

function contactDetails(
  { random, phones }: Desk,
  { userName, home }: Named,
  { domain }: Position,
  createdAt: string,
): Partial<Person> {
  return {
    emails: [
      emailAt(random, `${userName}@${domain}`, createdAt),
      ...(random.chance(0.25)
        ? [emailAt(random, `${userName}@example.net`, createdAt, 'home')]
        : []),
    ],
    phones: [
      phones.work(home.countryCode),
      ...(random.chance(0.5) ? [phones.mobile()] : []),
      ...(random.chance(0.2) ? [phones.extension()] : []),
    ],
    addresses: [
      {
        type: 'work',
        street: `${1 + random.below(120)} ${random.pick(['Lantern Quay', 'Wick Lane', 'Beacon Street'])}`,
        locality: home.city,
        country: home.countryCode,
      },
    ],
    contacts: random.chance(0.2) ? [{ type: 'matrix', value: `@${userName}:example.org` }] : [],
    socialLinks: {
      ...(random.chance(0.5) && { linkedin: `https://linkedin.example/in/${userName}` }),
      ...(random.chance(0.2) && { instagram: `https://instagram.example/${userName}` }),
      ...(random.chance(0.15) && { twitter: `https://twitter.example/${userName}` }),
      ...(random.chance(0.1) && { facebook: `https://facebook.example/${userName}` }),
    },
  }
}

function profile(random: Random, position: Position, { home }: Named): Partial<Person> {
  const { department, title, company } = position
  const likes = random.sample(interests, 1 + random.below(5))
  return {
    title,
    company,
    location: `${home.city}, ${home.country}`,
    interests: likes,
    ...(random.chance(0.7) && {
      bio: `${title} in ${home.city}; ${department.work}. Outside of work: ${likes.join(', ')}.`,
    }),
    ...(random.chance(0.1) && { notes: 'Works from home on Fridays' }),
    extraInfo: random.chance(0.4)
      ? {
          about: `In ${department.name} since the first lamp`,
          knows: random.pick(skills),
          wantsToLearn: random.pick(wishes),
          wantsToMeet: random.pick(encounters),
        }
      : {},
  }
}

function work(
  { random, reference }: Desk,
  { department, rank, team, managerId, createdById }: Position,
  createdAt: string,
): Partial<Person> {
  return {
    department: department.name,
    ...(team && { team }),
    role: reference({ head: 'Head', lead: 'Lead', member: 'Member' }[rank]),
    licenses: [
      reference('Messaging'),
      ...(random.chance(0.8) ? [reference('Meetings')] : []),
      ...(random.chance(0.3) ? [reference('Calling')] : []),
    ],
    ...(managerId && { managerId }),
    ...(createdById && { createdById }),
    workFrom: `${createdAt.slice(0, 10)}T00:00:00.000Z`,
  }
}

const gibibyte = 2 ** 30

function account(random: Random): Partial<Person> {
  return {
    externalId: `E-${random.below(900_000) + 100_000}`,
    quotaLimit: (1 + random.below(10)) * gibibyte,
    usedSpace: random.below(gibibyte),
    ...(random.chance(0.5) && {
      data: { desk: `${1 + random.below(5)}-${10 + random.below(80)}`, badge: random.below(9000) },
    }),
    ...(random.chance(0.3) && { onboardingData: { completed: random.chance(0.8), step: 'tour' } }),
  }
}

function personal(random: Random, { gender, home }: Named): Partial<Person> {
  const told = random.chance(0.6)
  return {
    timeZone: home.timeZone,
    locale: home.locale,
    ...(told && { gender, birthDate: instantIn(random, 1960, 2004).slice(0, 10) }),
    colorMode: random.pick(['system', 'light', 'dark']),
    emailNotifications: random.chance(0.8),
  }
}

function meetings(random: Random, { home }: Named): Partial<Person> {
  return {
    acceptsDirectMessages: random.chance(0.85),
    acceptsMeetingRequests: random.pick(['everyone', 'everyone', 'connections', 'nobody']),
    acceptsCallsFromStrangers: random.chance(0.2),
    ...(random.chance(0.4) && {
      meetingAvailability: {
        timeZone: home.timeZone,
        duration: random.pick([15, 30, 45, 60]),
        start: '2027-04-20T07:00:00.000Z',
        end: '2027-04-23T16:00:00.000Z',
        rules: random.pick<NonNullable<Person['meetingAvailability']>['rules']>([
          [{ days: ['MON', 'TUE', 'WED', 'THU', 'FRI'], start: '09:00', end: '17:00' }],
          [{ days: ['TUE', 'THU'], start: '10:00', end: '12:30' }],
          [
            { days: ['MON', 'WED'], start: '09:00', end: '12:00' },
            { days: ['FRI'], start: '13:00', end: '15:00' },
          ],
        ]),
      },
    }),
  }
}

/** What only one vendor has a word for. */
function bags(random: Random): Partial<Person> {
  return {
    extensions: {
      ...(random.chance(0.4) && { rinkel: rinkelBag(random) }),
      ...(random.chance(0.3) && {
        docspace: {
          isCustomQuota: random.chance(0.3),
          loginEventId: 1000 + random.below(9000),
          shared: random.chance(0.2),
        },
      }),
    },
  }
}

export function rinkelBag(random: Random): Record<string, unknown> {
  const channels = random.pick([['email', 'app'], ['email'], ['app']])
  return {
    webphone: {
      ringTone: `ringtone${1 + random.below(6)}`,
      ringDevice: random.chance(0.7),
      callWaiting: { enabled: random.chance(0.8), playWaitingTone: random.chance(0.5) },
    },
    notifications: {
      missedCalls: { enabled: true, channels },
      callOutsideBusinessHours: { enabled: random.chance(0.3), channels: ['email'] },
      voicemail: { enabled: random.chance(0.9), channels },
    },
    insights: { enabled: random.chance(0.7) },
  }
}

/** What people decide for themselves; most decide nothing. */
export const choices: readonly Audiences[] = [
  { contact: 'nobody' },
  { contact: 'connections' },
  { existence: 'organization' },
  { profile: 'nobody' },
  { birthDate: 'organization', gender: 'organization' },
  { presence: 'nobody' },
  { contact: 'event', profile: 'event' },
  { profile: 'everyone', contact: 'everyone', work: 'everyone' },
  { picture: 'connections', profile: 'connections' },
  { name: 'organization' },
  { meetings: 'everyone' },
  { existence: 'nobody' },
  { birthDate: 'connections', presence: 'connections' },
  { locale: 'nobody', work: 'nobody' },
]

/** A record that was touched since it was made, as most are. */
function aged(person: Person, random: Random): Person {
  if (random.chance(0.3)) return person
  const year = Number(person.createdAt.slice(0, 4))
  const profile = instantIn(random, year + 1, 2026)
  const workTouched = random.chance(0.4) && { work: instantIn(random, year + 1, 2026) }
  const touched = { profile, ...workTouched }
  const updatedAt = Object.values(touched).sort().at(-1) ?? profile
  return updatedAt > person.createdAt ? checkedPerson({ ...person, touched, updatedAt }) : person
}

/** An instant from the beginning of one year to the beginning of another, or of the one after it. */
function instantIn(random: Random, from: number, to: number): string {
  const start = Date.UTC(from, 0, 1)
  const span = Math.max(Date.UTC(to, 0, 1) - start, 365 * 86_400_000)
  return new Date(start + random.below(span / 1000) * 1000).toISOString()
}
