import Type, { type Static, type TSchema } from 'typebox'

const strict = { additionalProperties: false }
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String()
const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
/** Milliseconds since the epoch, or seconds by the switch `epochSeconds`; negative before 1970. */
const Epoch = Type.Integer()
const Anything = Type.Record(Type.String(), Type.Unknown())

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
  strict,
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
  strict,
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
  strict,
)
export type ChakraPerson = Static<typeof ChakraPerson>

export const ChakraUser = Type.Object({ _data: ChakraPerson }, strict)
export type ChakraUser = Static<typeof ChakraUser>

export const ChakraError = Type.Object({ _errors: Type.Array(Text, { minItems: 1 }) }, strict)
export type ChakraError = Static<typeof ChakraError>
