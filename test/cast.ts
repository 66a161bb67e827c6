import { newGroup } from '../src/directory/group.ts'
import type { Group, Organization } from '../src/directory/ports.ts'
import type { Attendee, Connection, Event } from '../src/gatherings/gatherings.ts'
import { newPerson, type PersonDraft } from '../src/person/draft.ts'
import { newEmail } from '../src/person/emails.ts'
import type { OrganizationId, PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import { newPhone } from '../src/person/phones.ts'
import type { Signals } from '../src/presence/presence.ts'

/** The moment at which the tests' clock stands. */
export const testNow = Date.parse('2026-03-04T05:06:07.000Z')
const created = '2021-02-03T04:05:06.789Z'

const org = (digit: string) => `0000000${digit}-1111-4111-8111-111111111111` as OrganizationId
const id = (digit: string) => `a000000${digit}-2222-4222-8222-222222222222` as PersonId

/** Ada's organization, the one that manages it, and one that has nothing to do with either. */
export const organizations = {
  home: { id: org('1'), name: 'Home', timeZone: 'Asia/Singapore', audiences: {}, manages: [] },
  manager: { id: org('2'), name: 'Holding', timeZone: 'UTC', audiences: {}, manages: [org('1')] },
  elsewhere: { id: org('3'), name: 'Elsewhere', timeZone: 'UTC', audiences: {}, manages: [] },
} as const satisfies Record<string, Organization>

const member = {
  owner: false,
  administrator: false,
  roomAdministrator: false,
  guest: false,
  plainUser: true,
  ldap: false,
  sso: false,
}

function someone(digit: string, name: string, draft: Partial<PersonDraft> = {}): Person {
  return newPerson(
    {
      id: id(digit),
      number: 4_000_000_000_000_000 + Number.parseInt(digit, 16),
      organizationId: organizations.home.id,
      userName: `zz-${name}-user`,
      displayName: `Zz${name} Displayname`,
      createdAt: created,
      ...draft,
    },
    created,
  )
}

const mail = newEmail('canary.mail@ada-canary.example', '2021-02-03T04:05:07.111Z', {
  type: 'work',
  primary: true,
  verified: true,
})
const secondMail = newEmail('Canary.Second@ada-canary.example', '2021-02-03T04:05:08.222Z', {
  type: 'home',
})

/** Every value of hers is unlike any other, so that a leak is found by searching for it. */
export const ada: Person = newPerson(
  {
    id: 'f5b36187-c8dd-4727-8b2f-f9c447f29046' as PersonId,
    number: 2_871_943_600_129_847,
    organizationId: organizations.home.id,
    type: 'person',
    createdAt: created,
    displayName: 'Ada CanaryDisplay',
    givenName: 'CanaryGiven',
    middleName: 'CanaryMiddle',
    familyName: 'CanaryFamily',
    nickName: 'CanaryNick',
    initials: 'CNX',
    pronouns: 'canary/pronoun',
    avatar: { id: 'canary-avatar-id', url: 'https://pictures.example/canary-avatar.png' },
    cover: { id: 'canary-cover-id', url: 'https://pictures.example/canary-cover.png' },
    videoIntro: 'https://video.example/canary-video',
    emails: [
      { ...mail, id: 'e1111111-3333-4333-8333-333333333333' },
      { ...secondMail, id: 'e2222222-3333-4333-8333-333333333333' },
    ],
    phones: [
      {
        ...newPhone('+1 408 526 7209', { type: 'work', primary: true, verified: true }),
        id: 'b1111111-3333-4333-8333-333333333333',
      },
      {
        ...newPhone('+31 6 1234 5678', { type: 'mobile', verified: true }),
        id: 'b2222222-3333-4333-8333-333333333333',
      },
    ],
    addresses: [
      {
        type: 'work',
        street: 'Canarystreet 77',
        locality: 'Canarytown',
        region: 'Canaryregion',
        postalCode: 'CNR4711',
        country: 'Canaryland',
      },
    ],
    contacts: [{ type: 'skype', value: 'canary.skype' }],
    socialLinks: {
      instagram: 'https://instagram.example/canary-ig',
      facebook: 'https://facebook.example/canary-fb',
      twitter: 'https://twitter.example/canary-tw',
      linkedin: 'https://linkedin.example/canary-li',
    },
    title: 'Canary Title',
    company: 'Canary Company',
    location: 'Canary Location',
    bio: 'Canary bio',
    notes: 'Canary notes',
    interests: ['canary-interest-one', 'canary-interest-two'],
    extraInfo: {
      about: 'canary about',
      wantsToLearn: 'canary learn',
      knows: 'canary knows',
      wantsToMeet: 'canary meet',
    },
    department: 'Canary Department',
    team: { id: '7ea00000-4444-4444-8444-444444444444', name: 'Canary Team' },
    role: { id: '401e0000-4444-4444-8444-444444444444', name: 'Canary Role' },
    roles: [{ id: '96abc2aa-3dcc-11e5-a152-fe34819cdc9a', name: 'Canary Adminrole' }],
    licenses: [{ id: '96abc2aa-3dcc-11e5-b263-0f4592adefab', name: 'Canary Licence' }],
    managerId: id('1'),
    workFrom: '2020-01-02T03:04:05.678Z',
    userName: 'canary.username',
    lifecycle: 'active',
    terminatedAt: '2019-09-08T07:06:05.432Z',
    activation: 'activated',
    loginEnabled: true,
    flags: { ...member, roomAdministrator: true, plainUser: false, ldap: true, sso: true },
    timeZone: 'Antarctica/Troll',
    locale: 'nl-SX',
    acceptsDirectMessages: false,
    acceptsMeetingRequests: 'connections',
    acceptsCallsFromStrangers: true,
    meetingAvailability: {
      timeZone: 'Pacific/Chatham',
      duration: 47,
      start: '2026-07-01T08:00:00.000Z',
      end: '2026-07-02T17:00:00.000Z',
      rules: [{ days: ['MON', 'WED'], start: '09:13', end: '12:47' }],
    },
    data: { canaryKey: 'canary-data' },
    onboardingData: { canaryStep: 'canary-onboarding' },
    birthDate: '1815-12-10',
    gender: 'female',
    colorMode: 'dark',
    emailNotifications: false,
    notifications: { canaryKind: { enabled: true, channels: ['app'] } },
    externalId: 'canary-external',
    quotaLimit: 7_777_777_777,
    usedSpace: 333_333.5,
    createdById: id('2'),
    extensions: {
      rinkel: {
        defaultCountryCode: 'SE',
        defaultOutboundNumber: 'canary-outbound',
        webphone: {
          ringTone: 'ringtone5',
          ringDevice: false,
          callWaiting: { enabled: false, playWaitingTone: false },
        },
        notifications: {
          missedCalls: { enabled: false, channels: ['app'] },
          callOutsideBusinessHours: { enabled: false, channels: ['app'] },
          voicemail: { enabled: false, channels: ['app'] },
        },
        insights: { enabled: false },
      },
      docspace: {
        listAdminModules: ['canary-module'],
        isCustomQuota: true,
        shared: true,
        loginEventId: 424242,
      },
      unknown: { field: 'canary-unregistered-extension' },
    },
  },
  created,
)

export const adaSignals: Signals = {
  firstLoginAt: '2021-02-03T05:00:00.000Z',
  lastActivityAt: '2026-03-04T05:01:02.333Z',
}

interface Membership {
  readonly group: Group
  readonly memberIds: readonly PersonId[]
}

/** Those who are named in Ada's record. */
export const manager = someone('1', 'Manager', { givenName: 'ZzManagergiven' })
export const creator = someone('2', 'Creator')
export const reportee = someone('3', 'Reportee', { managerId: ada.id })
export const groupManager = someone('4', 'Groupmanager')

export const groups: readonly [Membership, ...Membership[]] = [
  {
    group: newGroup(
      {
        id: '96000000-5555-4555-8555-555555555555',
        organizationId: organizations.home.id,
        name: 'Canary & Group',
        managerId: groupManager.id,
      },
      '2026-01-02T03:04:05.006Z',
    ),
    memberIds: [ada.id],
  },
]

const office = (one: 'owner' | 'administrator') => ({
  flags: { ...member, plainUser: false, [one]: true },
})
const abroad = { organizationId: organizations.elsewhere.id }

/** Those who ask. */
export const askers = {
  owner: someone('a', 'Owner', office('owner')),
  admin: someone('b', 'Admin', office('administrator')),
  managingAdmin: someone('c', 'Managing', {
    ...office('administrator'),
    organizationId: organizations.manager.id,
  }),
  colleague: someone('d', 'Colleague'),
  connection: someone('e', 'Connection', abroad),
  coAttendee: someone('f', 'Coattendee', abroad),
  outsider: someone('9', 'Outsider', abroad),
  suspended: someone('8', 'Suspended', { lifecycle: 'suspended' }),
  deleted: someone('7', 'Deleted', { lifecycle: 'deleted', deletedAt: created }),
  barred: someone('6', 'Barred', { loginEnabled: false }),
} as const

export const event: Event = {
  number: 1_190_384_756_120_934,
  organizationId: organizations.home.id,
  url: 'canary-summit',
  name: 'Canary Summit',
}

const attending = (number: number, person: Person): Attendee => ({
  number,
  eventNumber: event.number,
  personId: person.id,
})
export const attendees = {
  ada: attending(3_302_918_475_610_293, ada),
  coAttendee: attending(741_029_384_756_120, askers.coAttendee),
  colleague: attending(741_029_384_756_121, askers.colleague),
  connection: attending(741_029_384_756_122, askers.connection),
}

export const connections: readonly Connection[] = [
  { requesterId: askers.connection.id, addresseeId: ada.id, state: 'accepted' },
]

/** People, and a service, by what they are to Ada. */
export const viewerNames = [
  'owner',
  'admin',
  'managingAdmin',
  'self',
  'colleague',
  'connection',
  'coAttendee',
  'outsider',
  'service',
] as const
export type ViewerName = (typeof viewerNames)[number]

/** Those whose keys do not hold. */
export const refusedNames = ['suspended', 'deleted', 'barred', 'revoked', 'expired'] as const
export type RefusedName = (typeof refusedNames)[number]

const near = ['canary-unregistered-extension']
const colleagueMustNotSee = [
  ...near,
  '1815-12-10',
  '1815',
  String(Date.parse('1815-12-10')),
  'female',
  '7777777777',
  '333333.5',
  'canary-external',
  'ZzCreator',
  'zz-Creator',
  '424242',
  'ringtone5',
  'canaryKind',
  'canary-outbound',
  '"dark"',
  '"Dark"',
]
const strangerMustNotSee = [
  ...colleagueMustNotSee,
  'anary.mail',
  'anary.Second',
  'ada-canary.example',
  'e1111111',
  'e2222222',
  'b1111111',
  '408',
  '5267209',
  '12345678',
  '1234 5678',
  'anarystreet',
  'anarytown',
  'anaryland',
  'CNR4711',
  'canary.skype',
  'canary-ig',
  'canary-fb',
  'canary-tw',
  'canary-li',
  'Canary Title',
  'Canary Company',
  'Canary Location',
  'Canary bio',
  'Canary notes',
  'canary-interest',
  'canary about',
  'canary learn',
  'Canary Department',
  '7ea00000',
  'Canary Team',
  '401e0000',
  'Canary Role',
  '96abc2aa',
  '96000000-5555',
  'Group',
  'ZzManager',
  'a0000001-2222',
  'a0000003-2222',
  'a0000004-2222',
  '2020-01-02',
  '2019-09-08',
  'canary.username',
  'Antarctica',
  'nl-SX',
  'Chatham',
  '09:13',
  ':47,',
  'canary-data',
  'canary-onboarding',
  '2026-03-04T05:01:02',
  'canary-module',
]

/**
 * What each viewer must never find in any answer about Ada under the default audiences, in whatever dialect.
 * Written by hand, not asked of `reveal`.
 */
export const secretsFrom: Record<ViewerName, readonly string[]> = {
  owner: near,
  admin: near,
  managingAdmin: near,
  self: [...near, 'canary-external', 'ZzCreator', 'zz-Creator'],
  colleague: colleagueMustNotSee,
  service: colleagueMustNotSee,
  connection: strangerMustNotSee,
  coAttendee: strangerMustNotSee,
  outsider: strangerMustNotSee,
}

/** Names that no log line may hold. */
export const namesOfEverybody: readonly string[] = [
  ada,
  manager,
  creator,
  reportee,
  groupManager,
  ...Object.values(askers),
].flatMap((person) =>
  [person.displayName, person.userName, person.givenName, person.familyName].filter(
    (name) => name !== undefined,
  ),
)
