import type { Person } from '../person/person.ts'
import { amsterdam, london, type Named } from './names.ts'
import { type Desk, type invent, rinkelBag } from './profile.ts'

/** The people whom a demo is told with. */
export type CastMember = 'owner' | 'admin' | 'ada' | 'bob' | 'outsider'

type Own = Parameters<typeof invent>[3]

const nobodySpecial: Person['flags'] = {
  owner: false,
  administrator: false,
  roomAdministrator: false,
  guest: false,
  plainUser: false,
  ldap: false,
  sso: false,
}

export const flagged = (flags: Partial<Person['flags']>): Pick<Person, 'flags'> => ({
  flags: { ...nobodySpecial, ...flags },
})

export const castNames: Readonly<Record<CastMember, Named>> = {
  owner: {
    given: 'Margarethe',
    family: 'Lanternfield',
    userName: 'margarethe.lanternfield',
    gender: 'female',
    home: london,
  },
  admin: {
    given: 'Tomás',
    family: 'Ó Súilleabháin',
    userName: 'tomas.osuilleabhain',
    gender: 'male',
    home: london,
  },
  ada: {
    given: 'Ada',
    family: 'Byron',
    userName: 'ada.byron',
    gender: 'female',
    home: london,
  },
  bob: {
    given: 'Bob',
    family: 'Ferreira',
    userName: 'bob.ferreira',
    gender: 'male',
    home: amsterdam,
  },
  outsider: {
    given: 'Otto',
    family: 'Brackwater',
    userName: 'otto.brackwater',
    gender: 'male',
    home: amsterdam,
  },
}

export const adaOwn = ({ random, reference }: Desk): Own => ({
  ...flagged({ plainUser: true }),
  middleName: 'Augusta',
  nickName: 'Ada',
  pronouns: 'she/her',
  createdAt: '2019-12-10T09:15:00.000Z',
  workFrom: '2019-12-10T00:00:00.000Z',
  videoIntro: 'https://video.example.com/ada-byron',
  addresses: [
    {
      type: 'work',
      street: '12 Lantern Quay',
      locality: 'London',
      region: 'Greater London',
      postalCode: 'E14 9ZZ',
      country: 'GB',
    },
  ],
  contacts: [
    { type: 'matrix', value: '@ada.byron:example.org' },
    { type: 'website', value: 'https://ada.example.com' },
  ],
  socialLinks: {
    instagram: 'https://instagram.example/ada.byron',
    facebook: 'https://facebook.example/ada.byron',
    twitter: 'https://twitter.example/ada.byron',
    linkedin: 'https://linkedin.example/in/ada.byron',
  },
  bio: 'Writes programs for machines that do not exist yet, then waits. Keeps the signals of forty harbours in step.',
  notes: 'Works from home on Fridays',
  interests: ['mechanical calculators', 'poetry', 'maps', 'chess'],
  extraInfo: {
    about: 'Started with punched cards and never quite stopped',
    wantsToLearn: 'how tides are predicted',
    knows: 'Bernoulli numbers, and how to explain them',
    wantsToMeet: 'anyone who has restored a lighthouse',
  },
  roles: [reference('Room moderator')],
  birthDate: '1990-12-10',
  gender: 'female',
  colorMode: 'dark',
  emailNotifications: true,
  acceptsDirectMessages: true,
  acceptsMeetingRequests: 'everyone',
  acceptsCallsFromStrangers: false,
  meetingAvailability: {
    timeZone: 'Europe/London',
    duration: 30,
    start: '2027-04-20T08:00:00.000Z',
    end: '2027-04-22T16:00:00.000Z',
    rules: [
      { days: ['TUE', 'WED', 'THU'], start: '09:00', end: '12:00' },
      { days: ['WED'], start: '14:00', end: '16:30' },
    ],
  },
  data: { desk: '3-14', badge: 1815, shirt: 'M' },
  onboardingData: { completed: true, step: 'tour' },
  audiences: {},
  extensions: {
    rinkel: rinkelBag(random),
    docspace: { isCustomQuota: false, loginEventId: 4711, shared: true },
  },
})

export const bobOwn = ({ random, reference }: Desk): Own => ({
  ...flagged({ plainUser: true }),
  nickName: 'Bobby',
  pronouns: 'he/him',
  createdAt: '2021-03-08T08:00:00.000Z',
  workFrom: '2021-03-08T00:00:00.000Z',
  bio: 'Tests signals in fog, rain and production. Will bring stroopwafels.',
  interests: ['rowing', 'bread baking', 'maps'],
  socialLinks: { linkedin: 'https://linkedin.example/in/bob.ferreira' },
  extraInfo: {
    about: 'Born in Porto, at home in Amsterdam',
    wantsToLearn: 'lens grinding',
    knows: 'every bridge that opens',
    wantsToMeet: 'people who design for the night shift',
  },
  roles: [reference('Room moderator')],
  birthDate: '1988-06-21',
  gender: 'male',
  colorMode: 'system',
  emailNotifications: false,
  acceptsDirectMessages: true,
  acceptsMeetingRequests: 'connections',
  acceptsCallsFromStrangers: true,
  meetingAvailability: {
    timeZone: 'Europe/Amsterdam',
    duration: 45,
    start: '2027-04-20T07:00:00.000Z',
    end: '2027-04-23T15:00:00.000Z',
    rules: [{ days: ['MON', 'TUE', 'WED', 'THU'], start: '10:00', end: '16:00' }],
  },
  audiences: {},
  extensions: {
    rinkel: rinkelBag(random),
    docspace: { isCustomQuota: true, loginEventId: 4712, shared: false },
  },
})
