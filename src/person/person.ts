// Read this file first: everything else in Kith stores, protects or translates what is declared here.
import Type, { type Static } from 'typebox'
import type { OrganizationId, PersonId } from './ids.ts'

const uuid = { pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' }
const strict = { additionalProperties: false }

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const optional = Type.Optional

/** Whether there was or will be such a day, in a year that stays one of four digits in every zone. */
const isDay = (text: string): boolean => {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  const lastDay = month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** An instant in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
const Instant = Type.Refine(
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
  (text) => isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
  () => 'must be an instant such as 2026-03-04T05:06:07.000Z, of the year 1000 or later',
)
const PlainDate = Type.Refine(
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  isDay,
  () => 'must be a day such as 2026-03-04, of the year 1000 or later',
)
const WebAddress = Type.Refine(
  Text(2048),
  (text) => /^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) && URL.canParse(text),
  () => 'must be an address that begins with https:// or http://',
)
const PersonIdText = Type.Unsafe<PersonId>(Type.String(uuid))
const Count = Type.Integer({ minimum: 0 })

/** Who may see a field group. Self and administrators always do. */
export const Audience = Type.Enum(['everyone', 'organization', 'event', 'connections', 'nobody'])
export type Audience = Static<typeof Audience>

/** What the person, or the organization by default, decides an audience for. */
export const fieldGroups = [
  'existence',
  'name',
  'picture',
  'contact',
  'profile',
  'work',
  'account',
  'locale',
  'presence',
  'meetings',
  'data',
  'birthDate',
  'gender',
  'preferences',
  'notifications',
] as const
export type FieldGroup = (typeof fieldGroups)[number]

const byGroup = <T extends Type.TSchema>(value: T) =>
  Type.Partial(Type.Record(Type.Enum([...fieldGroups]), value, strict))

export const Audiences = byGroup(Audience)
export type Audiences = Static<typeof Audiences>

/** A thing that has an identity and a name elsewhere: a team, a role, a licence. */
export const Reference = Type.Object(
  {
    id: Text(255),
    name: optional(Text(255)),
    type: optional(Text(64)),
    primary: optional(Type.Boolean()),
  },
  strict,
)
export type Reference = Static<typeof Reference>

/** What somebody was given or holds, as sent (RFC 7643 §4.1.2): an entitlement, a certificate. */
const Holding = (maxLength: number) =>
  Type.Object(
    {
      value: Text(maxLength),
      display: optional(Text(255)),
      type: optional(Text(64)),
      primary: optional(Type.Boolean()),
    },
    strict,
  )
export type Holding = Static<ReturnType<typeof Holding>>

/**
 * A picture: one that is kept elsewhere by the address of its bytes, one that is kept here by their hash (SHA-256), with
 * which its id begins then.
 */
const Picture = Type.Union([
  Type.Object({ id: Text(255), url: WebAddress }, strict),
  Type.Object({ id: Text(255), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict),
])
export type Picture = Static<typeof Picture>

export const Email = Type.Object(
  {
    id: Type.String(uuid),
    /** As sent. */
    value: Text(320),
    /** Derived: the form in which addresses are compared. */
    normalized: Text(320),
    display: optional(Text(320)),
    type: optional(Text(64)),
    primary: Type.Boolean(),
    verified: Type.Boolean(),
    createdAt: Instant,
    updatedAt: Instant,
  },
  strict,
)
export type Email = Static<typeof Email>

export const Phone = Type.Object(
  {
    id: Type.String(uuid),
    /** As sent. */
    value: Text(64),
    /** Derived from `value`; all absent when it can't be read as a telephone number. */
    e164: optional(Text(16)),
    /** ISO 3166-1 alpha-2; absent also for numbers that belong to no country. */
    country: optional(Type.String({ pattern: '^[A-Z]{2}$' })),
    callingCode: optional(Type.Integer({ minimum: 1, maximum: 999 })),
    nationalNumber: optional(Text(16)),
    display: optional(Text(255)),
    type: optional(Text(64)),
    primary: Type.Boolean(),
    verified: Type.Boolean(),
  },
  strict,
)
export type Phone = Static<typeof Phone>

const Address = Type.Object(
  {
    type: optional(Text(64)),
    /** The whole of it as on a label. */
    formatted: optional(Text(4096)),
    street: optional(Text(1024)),
    locality: optional(Text(255)),
    region: optional(Text(255)),
    postalCode: optional(Text(64)),
    country: optional(Text(255)),
    primary: optional(Type.Boolean()),
  },
  strict,
)

/** A way to reach the person that is neither e-mail nor telephone: a messenger, a site. */
const Contact = Type.Object(
  {
    type: Text(64),
    value: Text(2048),
    display: optional(Text(255)),
    primary: optional(Type.Boolean()),
  },
  strict,
)

export const socialNetworks = ['instagram', 'facebook', 'twitter', 'linkedin'] as const
const SocialLinks = Type.Partial(Type.Record(Type.Enum([...socialNetworks]), Text(2048), strict))

const ExtraInfo = Type.Object(
  {
    about: optional(Text(10_000)),
    wantsToLearn: optional(Text(10_000)),
    knows: optional(Text(10_000)),
    wantsToMeet: optional(Text(10_000)),
  },
  strict,
)

export const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const
const LocalTime = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
/** `24:00` is the end of the day. */
const LocalEnd = Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' })
const window = { start: LocalTime, end: LocalEnd }

/**
 * When the person can be met. Local times are in `timeZone`; docs/meetings.md says what they mean where clocks change.
 * What `refuseAvailability` refuses is none either.
 */
export const MeetingAvailability = Type.Object(
  {
    /** IANA. */
    timeZone: Text(255),
    /** Of a meeting: minutes. */
    duration: optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    /** Not before then … */
    start: optional(Instant),
    /** … and only until then. */
    end: optional(Instant),
    rules: Type.Array(
      Type.Object({ days: Type.Array(Type.Enum([...weekdays])), ...window }, strict),
      { maxItems: 100 },
    ),
    /** What holds in place of the rules on one day; no windows: the person can't be met then. */
    exceptions: optional(
      Type.Array(
        Type.Object(
          { date: PlainDate, windows: Type.Array(Type.Object(window, strict), { maxItems: 24 }) },
          strict,
        ),
        { maxItems: 366 },
      ),
    ),
  },
  strict,
)
export type MeetingAvailability = Static<typeof MeetingAvailability>

/** By what happened, such as `missedCalls`: whether the person is told, and by which ways. */
const NotificationChannels = Type.Record(
  Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9]{0,63}$' }),
  Type.Object(
    { enabled: Type.Boolean(), channels: Type.Array(Type.Enum(['email', 'app']), { maxItems: 2 }) },
    strict,
  ),
  { maxProperties: 100 },
)

export const lifecycles = ['invited', 'active', 'suspended', 'deleted'] as const
export type Lifecycle = (typeof lifecycles)[number]

const Flags = Type.Object(
  {
    owner: Type.Boolean(),
    administrator: Type.Boolean(),
    roomAdministrator: Type.Boolean(),
    guest: Type.Boolean(),
    plainUser: Type.Boolean(),
    ldap: Type.Boolean(),
    sso: Type.Boolean(),
  },
  strict,
)

/** What only one vendor's dialect has, by dialect; each dialect says who may see what in its bag. */
const Extensions = Type.Record(
  Type.String({ pattern: '^[a-z]+$' }),
  Type.Record(Type.String(), Type.Unknown()),
)

const several = <T extends Type.TSchema>(item: T) => Type.Array(item, { maxItems: 1000 })

/**
 * The canonical record, exactly as it is stored. Every dialect is a projection of this, by way
 * of `reveal`, and of nothing else. What is not known is absent, never null.
 * `docs/record.md` says what each field means and which vendors show it.
 */
export const Person = Type.Object(
  {
    id: PersonIdText,
    /** Random, unique, 1 to 2^52 - 1: the id in dialects whose ids are numbers. */
    number: Type.Integer({ minimum: 1, maximum: 2 ** 52 - 1 }),
    /** Counts the writes of this record, from 1. */
    version: Type.Integer({ minimum: 1 }),
    organizationId: Type.Unsafe<OrganizationId>(Type.String(uuid)),
    type: Type.Enum(['person', 'bot', 'appuser']),
    createdAt: Instant,

    displayName: Text(255),
    /** The whole name with its titles, as sent. */
    formattedName: optional(Text(1024)),
    honorificPrefix: optional(Text(255)),
    givenName: optional(Text(255)),
    middleName: optional(Text(255)),
    familyName: optional(Text(255)),
    honorificSuffix: optional(Text(255)),
    nickName: optional(Text(255)),
    initials: optional(Text(16)),
    pronouns: optional(Text(64)),

    avatar: optional(Picture),
    cover: optional(Picture),
    videoIntro: optional(Text(2048)),

    emails: several(Email),
    phones: several(Phone),
    addresses: several(Address),
    contacts: several(Contact),
    socialLinks: SocialLinks,
    profileUrl: optional(Text(2048)),
    /** X.509, in base64. */
    certificates: optional(several(Holding(65_536))),

    title: optional(Text(255)),
    company: optional(Text(255)),
    location: optional(Text(255)),
    bio: optional(Text(10_000)),
    notes: optional(Text(10_000)),
    interests: several(Text(255)),
    extraInfo: ExtraInfo,

    employeeNumber: optional(Text(255)),
    costCenter: optional(Text(255)),
    division: optional(Text(255)),
    department: optional(Text(255)),
    userType: optional(Text(255)),
    team: optional(Reference),
    role: optional(Reference),
    roles: several(Reference),
    licenses: several(Reference),
    entitlements: optional(several(Holding(2048))),
    managerId: optional(PersonIdText),
    workFrom: optional(Instant),

    userName: Text(255),
    lifecycle: Type.Enum([...lifecycles]),
    deletedAt: optional(Instant),
    terminatedAt: optional(Instant),
    activation: Type.Enum(['none', 'pending', 'activated', 'generated']),
    loginEnabled: Type.Boolean(),
    flags: Flags,

    timeZone: optional(Text(255)),
    locale: optional(Text(64)),
    preferredLanguage: optional(Text(255)),

    /** False: from nobody, whatever `directMessagesFrom` says. */
    acceptsDirectMessages: optional(Type.Boolean()),
    directMessagesFrom: optional(Type.Enum(['everyone', 'connections', 'nobody'])),
    acceptsMeetingRequests: optional(Type.Enum(['everyone', 'connections', 'nobody'])),
    acceptsCallsFromStrangers: optional(Type.Boolean()),
    meetingAvailability: optional(MeetingAvailability),

    data: optional(Type.Record(Type.String(), Type.Unknown())),
    onboardingData: optional(Type.Record(Type.String(), Type.Unknown())),

    birthDate: optional(PlainDate),
    gender: optional(Text(64)),
    colorMode: optional(Type.Enum(['light', 'dark', 'system'])),
    emailNotifications: optional(Type.Boolean()),
    notifications: optional(NotificationChannels),

    /** The id by which whoever provisions the person knows them. */
    externalId: optional(Text(255)),
    /** Bytes. */
    quotaLimit: optional(Count),
    /** Bytes. */
    usedSpace: optional(Type.Number({ minimum: 0 })),
    createdById: optional(PersonIdText),
    /** The person's own decisions; a group that is not named follows the organization. */
    audiences: Audiences,
    /** When a field of each group last changed; a group that is not named has not since `createdAt`. */
    touched: byGroup(Instant),
    /** The latest change of any kind. */
    updatedAt: Instant,

    extensions: Extensions,
  },
  strict,
)
export type Person = Static<typeof Person>
