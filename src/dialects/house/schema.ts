import Type, {
  type Static,
  type TNull,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
} from 'typebox'
import { Audience, fieldGroups, Person } from '../../person/person.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Text = Type.String({ minLength: 1 })
const Uuid = Type.String({ format: 'uuid' })
export const Instant = Type.String({ format: 'date-time' })

// Problem details (RFC 9457).

export const Problem = Type.Object(
  {
    type: optional(Type.String({ format: 'uri', description: 'Absent: the title says it all.' })),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: optional(
      Type.Array(
        Type.Object(
          {
            detail: Type.String(),
            pointer: optional(
              Type.String({ description: 'Where in the body (RFC 6901, as a fragment).' }),
            ),
            parameter: optional(Type.String({ description: 'Which parameter of the query.' })),
            header: optional(Type.String()),
          },
          strict,
        ),
      ),
    ),
  },
  { ...strict, title: 'Problem' },
)
export type Problem = Static<typeof Problem>

// People. The words and their order are the record's.

const Relations = Type.Object(
  {
    self: Type.Boolean(),
    administrator: Type.Boolean(),
    colleague: Type.Boolean(),
    connected: Type.Boolean(),
  },
  { ...strict, title: 'Relations', description: 'What the caller is to the person.' },
)

const Picture = Type.Object({ id: Text, url: optional(Type.String({ format: 'uri' })) }, strict)

const Acquaintance = Type.Object(
  { id: Uuid, displayName: optional(Text), userName: optional(Text) },
  { ...strict, title: 'Acquaintance' },
)

const Membership = Type.Object(
  { id: Uuid, name: Text, manager: optional(Acquaintance) },
  { ...strict, title: 'Membership' },
)

const Email = Type.Object(
  {
    id: Uuid,
    value: Text,
    display: optional(Text),
    type: optional(Text),
    primary: Type.Boolean(),
    verified: Type.Boolean(),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { ...strict, title: 'Email' },
)

const Phone = Type.Object(
  {
    id: Uuid,
    value: Text,
    e164: optional(Text),
    country: optional(Text),
    callingCode: optional(Type.Integer()),
    nationalNumber: optional(Text),
    display: optional(Text),
    type: optional(Text),
    primary: Type.Boolean(),
    verified: Type.Boolean(),
  },
  { ...strict, title: 'Phone' },
)

const {
  id,
  number,
  organizationId,
  type,
  createdAt,
  updatedAt,
  version: _version,
  touched: _touched,
  createdById: _createdById,
  extensions,
  ...fields
} = Person.properties

export const HousePerson = Type.Object(
  {
    ...{ id, number, organizationId, type, relations: Relations, createdAt, updatedAt },
    ...optionals({
      ...fields,
      ...{ avatar: Picture, cover: Picture },
      ...{ emails: Type.Array(Email), phones: Type.Array(Phone) },
      manager: Acquaintance,
      reportees: Type.Array(Acquaintance),
      groups: Type.Array(Membership),
      createdBy: Acquaintance,
      extensions,
    }),
  },
  { ...strict, title: 'Person' },
)
export type HousePerson = Readonly<Record<string, unknown>> & {
  readonly id: string
}

function optionals<Fields extends TProperties>(
  all: Fields,
): {
  [Name in keyof Fields]: TOptional<Fields[Name]>
} {
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, optional(schema)]),
  ) as unknown as { [Name in keyof Fields]: TOptional<Fields[Name]> }
}

/** What can be said of an address or a number; what is derived may come back as it was told. */
const derived = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, optional(Type.Unknown({ readOnly: true }))]))
const said = {
  id: optional(Uuid),
  display: optional(Type.String({ minLength: 1, maxLength: 255 })),
  type: optional(Type.String({ minLength: 1, maxLength: 64 })),
  primary: optional(Type.Boolean()),
  verified: optional(Type.Boolean()),
}
export const SaidEmail = Type.Object(
  {
    ...said,
    value: Type.String({ minLength: 1, maxLength: 320 }),
    ...derived(['createdAt', 'updatedAt']),
  },
  strict,
)
export const SaidPhone = Type.Object(
  {
    ...said,
    value: Type.String({ minLength: 1, maxLength: 64 }),
    ...derived(['e164', 'country', 'callingCode', 'nationalNumber']),
  },
  strict,
)
const SaidPicture = Type.Object(
  { id: optional(Text), url: Type.String({ format: 'uri', minLength: 1, maxLength: 2048 }) },
  strict,
)

/** The fields that can be written here, as they are sent. */
export const writable = {
  type,
  ...fields,
  ...{ avatar: SaidPicture, cover: SaidPicture },
  emails: Type.Array(SaidEmail, { maxItems: 1000 }),
  phones: Type.Array(SaidPhone, { maxItems: 1000 }),
}

export const NewPerson = Type.Object(
  { ...optionals(writable), userName: fields.userName },
  { ...strict, title: 'NewPerson' },
)

/** A merge patch (RFC 7396): null removes, objects are merged, everything else takes the place of what was there. */
export const PersonPatch = Type.Object(patchable(writable), { title: 'PersonPatch' })

export function patchable<Fields extends TProperties>(
  all: Fields,
): { [Name in keyof Fields]: TOptional<TUnion<[Fields[Name], TNull]>> } {
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [
      name,
      optional(Type.Union([schema, Type.Null()])),
    ]),
  ) as unknown as { [Name in keyof Fields]: TOptional<TUnion<[Fields[Name], TNull]>> }
}

export const People = listOf(HousePerson, 'People')

/** A page of a list; where it goes on is in the `Link` header. */
export function listOf<Item extends TSchema>(item: Item, title: string) {
  return Type.Object({ items: Type.Array(item) }, { ...strict, title })
}

export const paging = {
  limit: optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  cursor: optional(Type.String({ description: 'From the `Link` of the page before.' })),
}

export const PeopleQuery = Type.Object({
  q: optional(
    Type.String({
      description:
        'Words, each of which has to begin one of the name, user name, addresses or numbers.',
    }),
  ),
  userName: optional(Type.String({ description: 'The whole of it; case does not count.' })),
  email: optional(Type.String({ description: 'The whole address; case does not count.' })),
  externalId: optional(Type.String({ description: 'Administrators find somebody by it.' })),
  displayName: optional(Type.String({ description: 'What it begins with.' })),
  title: optional(Type.String()),
  department: optional(Type.String()),
  division: optional(Type.String()),
  company: optional(Type.String()),
  location: optional(Type.String()),
  employeeNumber: optional(Type.String()),
  costCenter: optional(Type.String()),
  managerId: optional(Uuid),
  groupId: optional(Uuid),
  lifecycle: optional(Person.properties.lifecycle),
  type: optional(type),
  organizationId: optional(
    Type.String({ format: 'uuid', description: 'Absent: the caller’s own.' }),
  ),
  ...paging,
})

// Groups.

export const GroupInList = Type.Object(
  {
    id: Uuid,
    organizationId: Uuid,
    name: Text,
    externalId: optional(Text),
    description: optional(Text),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { ...strict, title: 'GroupInList' },
)

const Member = Type.Union([
  Type.Object({ kind: Type.Literal('person'), ...Acquaintance.properties }, strict),
  Type.Object({ kind: Type.Literal('group'), id: Uuid, name: Text }, strict),
])

export const HouseGroup = Type.Object(
  {
    ...GroupInList.properties,
    members: Type.Array(Member),
    owners: Type.Array(Acquaintance),
  },
  { ...strict, title: 'Group' },
)

export const Groups = listOf(GroupInList, 'Groups')

export const GroupsQuery = Type.Object({
  name: optional(Type.String({ description: 'A part of it; case does not count.' })),
  ...paging,
})

const Ids = Type.Array(Uuid, { maxItems: 1000 })
const Influx = Type.Object({ joining: optional(Ids), leaving: optional(Ids) }, strict)

export const NewHouseGroup = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    externalId: optional(Type.String({ maxLength: 255 })),
    description: optional(Type.String({ maxLength: 10_000 })),
    members: optional(Ids),
    owners: optional(Ids),
  },
  { ...strict, title: 'NewGroup' },
)

export const GroupPatch = Type.Object(
  {
    name: optional(Type.String({ minLength: 1, maxLength: 255 })),
    externalId: optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
    description: optional(Type.Union([Type.String({ maxLength: 10_000 }), Type.Null()])),
    members: optional(Influx),
    owners: optional(Influx),
  },
  {
    ...strict,
    title: 'GroupPatch',
    description:
      'Members are people or groups: those who join and those who leave; the others stay.',
  },
)

// Settings.

const names = [
  'timeZone',
  'locale',
  'preferredLanguage',
  'colorMode',
  'emailNotifications',
  'notifications',
  'acceptsDirectMessages',
  'directMessagesFrom',
  'acceptsMeetingRequests',
  'acceptsCallsFromStrangers',
] as const
export const preferenceNames = names
export type PreferenceName = (typeof names)[number]

const {
  timeZone,
  locale,
  preferredLanguage,
  colorMode,
  emailNotifications,
  notifications,
  acceptsDirectMessages,
  directMessagesFrom,
  acceptsMeetingRequests,
  acceptsCallsFromStrangers,
} = Person.properties
const preferences = {
  ...{ timeZone, locale, preferredLanguage, colorMode, emailNotifications, notifications },
  ...{ acceptsDirectMessages, directMessagesFrom },
  ...{ acceptsMeetingRequests, acceptsCallsFromStrangers },
} satisfies Record<PreferenceName, TSchema>

const OwnPreferences = Type.Object(preferences, { ...strict, title: 'OwnPreferences' })

const decided = (value: TSchema, by: readonly string[]) =>
  Type.Object({ value, decidedBy: Type.Enum([...by]) }, strict)

export const Preferences = Type.Object(
  {
    own: OwnPreferences,
    inForce: Type.Object(
      optionals(
        Object.fromEntries(
          names.map((name) => [name, decided(preferences[name], ['person', 'organization'])]),
        ),
      ),
      strict,
    ),
  },
  { ...strict, title: 'Preferences', description: 'What nobody has decided is absent.' },
)

export const PreferencesPatch = Type.Object(
  { own: Type.Object(patchable(preferences), strict) },
  { ...strict, title: 'PreferencesPatch' },
)

const byGroup = <Value extends TSchema>(value: Value) =>
  Object.fromEntries(fieldGroups.map((group) => [group, value]))

const OwnAudiences = Type.Object(optionals(byGroup(Audience)), {
  ...strict,
  title: 'Audiences',
})

const presetNames = ['public', 'organization', 'connections', 'private'] as const
const PresetName = Type.Enum([...presetNames])

export const Privacy = Type.Object(
  {
    own: OwnAudiences,
    inForce: Type.Object(byGroup(decided(Audience, ['person', 'organization', 'default'])), strict),
    preset: optional(PresetName),
  },
  {
    ...strict,
    title: 'Privacy',
    description: '`preset` names the one that is in force, if one is.',
  },
)

export const PrivacyWrite = Type.Object(
  { own: optional(OwnAudiences), preset: optional(PresetName) },
  {
    ...strict,
    title: 'PrivacyWrite',
    description: 'Either. The person follows their organization in each group that is left out.',
  },
)

export const PrivacyPatch = Type.Object(
  {
    own: optional(Type.Object(patchable(byGroup(Audience)), strict)),
    preset: optional(PresetName),
  },
  {
    ...strict,
    title: 'PrivacyPatch',
    description: 'Either. Groups that are left out stay; null lets the organization decide again.',
  },
)

export const Presets = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { name: PresetName, audiences: Type.Object(byGroup(Audience), strict) },
        { ...strict, title: 'Preset' },
      ),
    ),
  },
  { ...strict, title: 'Presets' },
)

// Organizations.

export const HouseOrganization = Type.Object(
  {
    id: Uuid,
    name: Text,
    timeZone: Text,
    audiences: OwnAudiences,
    defaults: OwnPreferences,
    manages: optional(Type.Array(Uuid)),
  },
  { ...strict, title: 'Organization' },
)

export const Organizations = listOf(HouseOrganization, 'Organizations')

export const OrganizationPatch = Type.Object(
  {
    name: optional(Type.String({ minLength: 1, maxLength: 255 })),
    timeZone: optional(Type.String({ minLength: 1, maxLength: 255 })),
    audiences: optional(Type.Object(patchable(byGroup(Audience)), strict)),
    preset: optional(PresetName),
    defaults: optional(Type.Object(patchable(preferences), strict)),
  },
  { ...strict, title: 'OrganizationPatch', description: '`preset` or `audiences`, not both.' },
)

// Keys.

const Role = Type.Enum(['member', 'admin', 'owner'])

const key = {
  id: Uuid,
  organizationId: Uuid,
  personId: optional(Uuid),
  service: optional(Text),
  role: Role,
  createdAt: Instant,
  expiresAt: optional(Instant),
  revokedAt: optional(Instant),
  lastUsedAt: optional(Instant),
}
export const HouseKey = Type.Object(key, { ...strict, title: 'Key' })
export const IssuedKey = Type.Object(
  {
    ...key,
    secret: optional(Type.String({ description: 'Told this once; nobody can find it out later.' })),
  },
  { ...strict, title: 'IssuedKey' },
)
export const Keys = listOf(HouseKey, 'Keys')
export const KeysQuery = Type.Object({ organizationId: optional(Uuid), ...paging })

export const NewKey = Type.Object(
  {
    personId: optional(Uuid),
    service: optional(Type.String({ minLength: 1, maxLength: 255 })),
    role: optional(Role),
    expiresAt: optional(Instant),
    organizationId: optional(Uuid),
  },
  { ...strict, title: 'NewKey', description: 'For a person or for a service.' },
)

// The change log.

export const Changes = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          entity: Type.Enum([
            ...['person', 'organization', 'group', 'membership', 'key', 'event', 'attendee'],
            ...['connection', 'meeting'],
          ]),
          entityId: Text,
          personId: optional(Uuid),
          kind: Type.Enum(['created', 'changed', 'removed']),
          actor: optional(Text),
          at: Instant,
        },
        { ...strict, title: 'Change' },
      ),
    ),
    cursor: Type.String({ description: 'What to send as `after` for what comes next, whenever.' }),
  },
  { ...strict, title: 'Changes' },
)

export const ChangesQuery = Type.Object({
  after: optional(
    Type.String({ description: 'The `cursor` of an answer; absent: the beginning.' }),
  ),
  limit: paging.limit,
})

// What somebody else gets.

export const HouseGlimpse = Type.Object(
  {
    status: Type.Integer(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.String(),
  },
  { ...strict, title: 'Glimpse' },
)

export const GlimpseQuery = Type.Object({
  viewer: optional(
    Type.String({
      format: 'uuid',
      description:
        'The id of a key, or of a person: their newest key that holds. Absent: the caller.',
    }),
  ),
  event: optional(
    Type.String({
      description: 'The name of the event in which to look, in dialects that ask in one.',
    }),
  ),
})
