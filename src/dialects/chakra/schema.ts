import Type, { type Static, type TSchema } from 'typebox'

const strict = { additionalProperties: false }
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String()
const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
/** Milliseconds since the epoch, or seconds by the switch `epochSeconds`; negative before 1970. */
const Epoch = Type.Integer()
const Anything = Type.Record(Type.String(), Type.Unknown())

/** What the vendor's configuration is made of beside the team, in its order. */
export const configLists = [
  'entities',
  'procedures',
  'attributeTypes',
  'attributes',
  'derivedAttributes',
  'attributeGroups',
  'roles',
  'pods',
  'taskTypes',
  'forms',
  'formFields',
  'formActionButtons',
  'stateTasks',
  'userProfiles',
  'attributeConfig',
  'skillTypes',
] as const

/** All eight are required on the vendor's page. */
export const ChakraEmail = Type.Object(
  {
    id: Uuid,
    createdAt: Epoch,
    updatedAt: Epoch,
    email: Text,
    normalizedEmail: Text,
    type: orNull(Text),
    isVerified: Type.Boolean(),
    user: Uuid,
  },
  { ...strict, title: 'Email' },
)
export type ChakraEmail = Static<typeof ChakraEmail>

/** The page shows only null here; the keys are our guess, after the e-mail's. */
export const ChakraPhone = Type.Object(
  {
    id: Uuid,
    phone: Text,
    normalizedPhone: orNull(Text),
    type: orNull(Text),
    isVerified: Type.Boolean(),
    user: Uuid,
  },
  { ...strict, title: 'Phone' },
)
export type ChakraPhone = Static<typeof ChakraPhone>

/** All 28 keys, in the order of the vendor's page; none is ever left out. */
export const ChakraPerson = Type.Object(
  {
    phones: Type.Array(Text),
    emails: Type.Array(ChakraEmail),
    id: Uuid,
    createdAt: Epoch,
    updatedAt: Epoch,
    username: orNull(Text),
    firstName: orNull(Text),
    lastName: orNull(Text),
    middleName: orNull(Text),
    displayName: orNull(Text),
    gender: orNull(Text),
    dob: orNull(Epoch),
    bio: orNull(Text),
    profileImageUrl: orNull(Text),
    coverImageUrl: orNull(Text),
    timezone: orNull(Text),
    data: orNull(Anything),
    onboardingData: orNull(Anything),
    isActive: Type.Boolean(),
    isDeleted: Type.Boolean(),
    deletedAt: orNull(Epoch),
    availabilityStatus: orNull(Type.Enum(['AVAILABLE', 'BUSY', 'AWAY', 'OFFLINE', ''])),
    team: orNull(Text),
    role: orNull(Text),
    primaryEmail: orNull(ChakraEmail),
    primaryPhone: orNull(ChakraPhone),
    profile: Type.Null(),
    reportees: Type.Array(Uuid),
  },
  { ...strict, title: 'User' },
)
export type ChakraPerson = Static<typeof ChakraPerson>

export const ChakraUser = Type.Object({ _data: ChakraPerson }, { ...strict, title: 'UserAnswer' })
export type ChakraUser = Static<typeof ChakraUser>

/** A person in a list: the 25 keys that are left. */
export const ChakraListed = Type.Omit(ChakraPerson, ['phones', 'emails', 'reportees'], {
  ...strict,
  title: 'ListedUser',
})
export type ChakraListed = Static<typeof ChakraListed>

export const ChakraUsers = Type.Object(
  { _data: Type.Array(ChakraListed) },
  { ...strict, title: 'UsersAnswer' },
)
export type ChakraUsers = Static<typeof ChakraUsers>

/** The keys are the vendor's (docs.chakrahq.com, Fetch Config); what is in them is published nowhere. */
export const ChakraConfig = Type.Object(
  {
    _data: Type.Object(
      {
        team: Type.Object({ id: Uuid, timezone: Text }, strict),
        ...Object.fromEntries(configLists.map((name) => [name, Type.Array(Anything)])),
      },
      strict,
    ),
  },
  { ...strict, title: 'Config' },
)

export const ChakraHealth = Type.Object(
  { _data: Type.Object({ status: Type.Literal('ok') }, strict) },
  { ...strict, title: 'Health' },
)

export const ChakraUsersQuery = Type.Object({
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 9_999_999, default: 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  cursor: Type.Optional(Type.String({ description: 'From the `Link` of the page before.' })),
})

/** What a list in the record can hold. */
const most = { maxItems: 1000 }
const given = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const WrittenEmail = Type.Object({
  id: given(Text),
  email: Type.String({ minLength: 1 }),
  type: given(Text),
  isVerified: given(Type.Boolean()),
})
export type WrittenEmail = Static<typeof WrittenEmail>

const WrittenPhone = Type.Object({
  phone: Type.String({ minLength: 1 }),
  type: given(Text),
  isVerified: given(Type.Boolean()),
})

/** What an update may say. The rest of a body is passed over. */
export const ChakraUpdate = Type.Object(
  {
    phones: given(Type.Array(Type.String({ minLength: 1 }), most)),
    emails: given(Type.Array(Type.Union([Type.String({ minLength: 1 }), WrittenEmail]), most)),
    username: Type.Optional(Type.String({ minLength: 1 })),
    firstName: given(Text),
    lastName: given(Text),
    middleName: given(Text),
    displayName: Type.Optional(Type.String({ minLength: 1 })),
    gender: given(Text),
    dob: given(Epoch),
    bio: given(Text),
    profileImageUrl: given(Text),
    coverImageUrl: given(Text),
    timezone: given(Text),
    data: given(Anything),
    onboardingData: given(Anything),
    isActive: given(Type.Boolean()),
    isDeleted: given(Type.Boolean()),
    team: given(Text),
    role: given(Text),
    primaryEmail: given(WrittenEmail),
    primaryPhone: given(WrittenPhone),
  },
  { title: 'UserUpdate' },
)
export type ChakraUpdate = Static<typeof ChakraUpdate>

export const ChakraError = Type.Object({ _errors: Type.Array(Text, { minItems: 1 }) }, strict)
export type ChakraError = Static<typeof ChakraError>
