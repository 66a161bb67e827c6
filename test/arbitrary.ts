import fc from 'fast-check'
import { checkedPerson } from '../src/person/draft.ts'
import { newEmail } from '../src/person/emails.ts'
import {
  type Audience,
  type Audiences,
  fieldGroups,
  lifecycles,
  type Person,
  weekdays,
} from '../src/person/person.ts'
import { newPhone } from '../src/person/phones.ts'
import type { Signals } from '../src/presence/presence.ts'
import * as cast from './cast.ts'

// People whose every word is like no other, so that a word in an answer tells which field it came from.

const audience = fc.constantFrom<Audience>(
  'everyone',
  'organization',
  'event',
  'connections',
  'nobody',
)

/** Some groups decided, others not. Existence is mostly left alone, or most cases would end in a 404. */
export const audiences: fc.Arbitrary<Audiences> = fc
  .dictionary(fc.constantFrom(...fieldGroups), audience, {
    noNullPrototype: true,
    maxKeys: fieldGroups.length,
  })
  .chain((all) =>
    fc.nat(9).map((dice) => {
      const { existence, ...rest } = all as Audiences
      return dice === 0 && existence ? { existence, ...rest } : rest
    }),
  )

const flavour = fc.constantFrom('', ' é', ' <b>&"', ' 愛', " O'N", ' \u{1f600}', ' %2F')
const word = (field: string) =>
  fc
    .tuple(fc.integer({ min: 1000, max: 9_999_999 }), flavour)
    .map(([n, extra]) => `${field}~${n}~${extra}`)
/** Between 1990 and 2026, with milliseconds. */
const instant = fc
  .integer({ min: 631_152_000_000, max: 1_767_225_600_000 })
  .map((ms) => new Date(ms).toISOString())
const date = instant.map((text) => text.slice(0, 10))
const flag = fc.boolean()
const uuid = fc.uuid()
const reference = (field: string) =>
  fc.record({ id: uuid, name: word(field) }, { requiredKeys: ['id'] })
const url = (field: string) => fc.nat().map((n) => `https://${field}~${n}~.example/p`)
const picture = (field: string) => fc.record({ id: word(`${field}id`), url: url(field) })

const email = fc
  .record({ n: fc.nat(), type: word('mailtype'), primary: flag, verified: flag, now: instant })
  .map(({ n, now, ...rest }) => newEmail(`mail~${n}~@example.com`, now, rest))
const phone = fc
  .record({
    n: fc.integer({ min: 10_000_000, max: 99_999_999 }),
    type: fc.constantFrom('work', 'mobile', 'home', 'fax'),
    primary: flag,
    verified: flag,
  })
  .map(({ n, ...rest }) => newPhone(`+316${n}`, rest))

const availability = fc
  .record(
    {
      timeZone: fc.constantFrom('Pacific/Chatham', 'Europe/Paris', 'UTC'),
      duration: fc.integer({ min: 1, max: 1440 }),
      start: instant,
      end: instant,
      rules: fc.array(
        fc.record({
          days: fc.uniqueArray(fc.constantFrom(...weekdays)),
          start: fc.constantFrom('09:13', '10:00'),
          end: fc.constantFrom('12:47', '23:59'),
        }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['timeZone', 'rules'] },
  )
  .map(({ start, end, ...rest }) => ({
    ...rest,
    ...(start !== undefined && { start }),
    ...(end !== undefined && (start === undefined || end > start) && { end }),
  }))

const channel = fc.record({ enabled: flag, channels: fc.subarray(['email', 'app']) })
const rinkelBag = fc.record(
  {
    defaultCountryCode: fc.constantFrom('NL', 'BE', 'ES', 'SE'),
    defaultOutboundNumber: word('outbound'),
    webphone: fc.record({
      ringTone: fc.constantFrom('ringtone1', 'ringtone2', 'ringtone6'),
      ringDevice: flag,
      callWaiting: fc.record({ enabled: flag, playWaitingTone: flag }),
    }),
    notifications: fc.record({
      missedCalls: channel,
      callOutsideBusinessHours: channel,
      voicemail: channel,
    }),
    insights: fc.record({ enabled: flag }),
    stray: word('stray'),
  },
  { requiredKeys: [] },
)
const docspaceBag = fc.record(
  {
    listAdminModules: fc.array(word('module'), { maxLength: 2 }),
    isCustomQuota: flag,
    shared: flag,
    loginEventId: fc.nat(2 ** 31 - 1),
  },
  { requiredKeys: [] },
)

const required = {
  type: fc.constantFrom('person', 'bot', 'appuser'),
  createdAt: instant,
  displayName: word('display'),
  emails: fc.array(email, { maxLength: 3 }),
  phones: fc.array(phone, { maxLength: 3 }),
  addresses: fc.array(
    fc.record(
      {
        type: word('adtype'),
        street: word('street'),
        locality: word('locality'),
        region: word('region'),
        postalCode: word('postal'),
        country: word('country'),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
  contacts: fc.array(fc.record({ type: word('contacttype'), value: word('contact') }), {
    maxLength: 2,
  }),
  socialLinks: fc.record(
    {
      instagram: url('instagram'),
      facebook: url('facebook'),
      twitter: url('twitter'),
      linkedin: url('linkedin'),
    },
    { requiredKeys: [] },
  ),
  interests: fc.array(word('interest'), { maxLength: 3 }),
  extraInfo: fc.record(
    {
      about: word('about'),
      wantsToLearn: word('learn'),
      knows: word('knows'),
      wantsToMeet: word('meet'),
    },
    { requiredKeys: [] },
  ),
  roles: fc.array(reference('rolename'), { maxLength: 2 }),
  licenses: fc.array(reference('licence'), { maxLength: 2 }),
  userName: fc.nat().map((n) => `user~${n}~`),
  lifecycle: fc.constantFrom(...lifecycles.filter((one) => one !== 'deleted')),
  activation: fc.constantFrom('none', 'pending', 'activated', 'generated'),
  loginEnabled: flag,
  flags: fc.record({
    owner: flag,
    administrator: flag,
    roomAdministrator: flag,
    guest: flag,
    plainUser: flag,
    ldap: flag,
    sso: flag,
  }),
  audiences,
  touched: fc.dictionary(fc.constantFrom(...fieldGroups), instant, { noNullPrototype: true }),
  updatedAt: instant,
  extensions: fc.record(
    { rinkel: rinkelBag, docspace: docspaceBag, nobodys: fc.record({ stray: word('stray') }) },
    { requiredKeys: [] },
  ),
}

const optional = {
  givenName: word('given'),
  middleName: word('middle'),
  familyName: word('family'),
  nickName: word('nick'),
  initials: fc.nat(9999).map((n) => `I~${n}~`),
  pronouns: word('pronoun'),
  avatar: picture('avatar'),
  cover: picture('cover'),
  videoIntro: url('video'),
  title: word('title'),
  company: word('company'),
  location: word('location'),
  bio: word('bio'),
  notes: word('notes'),
  department: word('department'),
  team: reference('team'),
  role: reference('role'),
  managerId: fc.constant(cast.manager.id),
  workFrom: instant,
  terminatedAt: instant,
  timeZone: fc.constantFrom('Europe/Amsterdam', 'Asia/Kathmandu', 'Not/AZone'),
  locale: fc.constantFrom('nl-NL', 'en-US', 'xx-words'),
  acceptsDirectMessages: flag,
  directMessagesFrom: fc.constantFrom('everyone', 'connections', 'nobody'),
  acceptsMeetingRequests: fc.constantFrom('everyone', 'connections', 'nobody'),
  acceptsCallsFromStrangers: flag,
  meetingAvailability: availability,
  data: fc.record({ key: word('data') }),
  onboardingData: fc.record({ step: word('onboarding') }),
  birthDate: date,
  gender: fc.constantFrom('male', 'female', 'other~words~'),
  colorMode: fc.constantFrom('light', 'dark', 'system'),
  emailNotifications: flag,
  notifications: fc.dictionary(
    fc.constantFrom('missedCalls', 'voicemail', 'newConnection'),
    channel,
  ),
  externalId: word('external'),
  quotaLimit: fc.nat(),
  usedSpace: fc.nat(),
  createdById: fc.constant(cast.creator.id),
}

/** Some person or other, with Ada's identity. */
export const person: fc.Arbitrary<Person> = fc
  .record(
    { ...required, ...optional },
    { requiredKeys: Object.keys(required) as (keyof typeof required)[] },
  )
  .map((fields) => {
    const { id, number, organizationId } = cast.ada
    return checkedPerson({ ...fields, id, number, organizationId, version: 1 })
  })

export const signals: fc.Arbitrary<Signals> = fc.record(
  {
    firstLoginAt: instant,
    lastActivityAt: fc.oneof(
      instant,
      fc.nat(1_200_000).map((ago) => new Date(cast.testNow - ago).toISOString()),
    ),
    doNotDisturb: fc.constant({}),
    outOfOffice: fc.constant({}),
    away: fc.constant({}),
    engagement: fc.constantFrom('call', 'meeting', 'presenting'),
    engagedUntil: instant,
  },
  { requiredKeys: [] },
)
