import Type, { type Static } from 'typebox'
import { CountryCode, Insights, Notifications, RingTone, Webphone } from './extension.ts'

const strict = { additionalProperties: false }
const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
/** Empty where there is nothing; null with the switch `nullEmpty`. */
const Text = Nullable(Type.String())

const Language = Type.Enum(['en', 'nl', 'es', 'sv'])
const ColorMode = Type.Enum(['light', 'dark', 'system'])

/** Field order is the vendor's page's. */
const beforeAvatars = {
  id: Type.String({ pattern: '^[0-9a-f]{24}$' }),
  initials: Text,
  firstName: Text,
  lastName: Text,
  fullName: Text,
  email: Text,
  phoneNumber: Nullable(
    Type.Object(
      {
        e164: Type.String(),
        countryIsoCode: Text,
        countryCallingCode: Type.Integer(),
        number: Type.String(),
      },
      strict,
    ),
  ),
  availability: Type.Enum(['AVAILABLE', 'UNAVAILABLE']),
}
const AvatarUrls = Type.Object(
  { small: Nullable(Type.String()), large: Nullable(Type.String()) },
  strict,
)
const afterAvatars = {
  preferences: Type.Object(
    {
      language: Language,
      defaultCountryCode: CountryCode,
      defaultOutboundNumber: Nullable(Type.String()),
      colorMode: ColorMode,
      webphone: Webphone,
    },
    strict,
  ),
  notifications: Notifications,
  insights: Insights,
}

export const RinkelUser = Type.Object(
  { ...beforeAvatars, avatarUrls: AvatarUrls, ...afterAvatars },
  strict,
)
export type RinkelUser = Static<typeof RinkelUser>

/** A user in a list, which has pictures only where they were asked for. */
const RinkelListedUser = Type.Object(
  { ...beforeAvatars, avatarUrls: Type.Optional(AvatarUrls), ...afterAvatars },
  strict,
)
export type RinkelListedUser = Static<typeof RinkelListedUser>

export const RinkelUsers = Type.Object({ data: Type.Array(RinkelListedUser) }, strict)
export type RinkelUsers = Static<typeof RinkelUsers>

export const RinkelPage = Type.Object({
  page: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
  'per-page': Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
  includeAvatars: Type.Optional(Type.Boolean({ default: false })),
})

// What an update may say. Whatever is left out stays; what is not named here is passed over.

const Name = Type.Optional(Nullable(Type.String({ maxLength: 255 })))
const Flag = Type.Optional(Type.Boolean())
const Toggle = Type.Optional(
  Type.Object({
    enabled: Flag,
    channels: Type.Optional(Type.Array(Type.Enum(['email', 'app']), { maxItems: 2 })),
  }),
)

export const RinkelChange = Type.Object({
  firstName: Name,
  lastName: Name,
  email: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
  phoneNumber: Type.Optional(
    Nullable(
      Type.Object({
        countryIsoCode: Type.Optional(Nullable(Type.String({ maxLength: 2 }))),
        number: Type.String({ minLength: 1, maxLength: 64 }),
      }),
    ),
  ),
  /** In small letters, says the vendor; those of an answer do too. */
  availability: Type.Optional(Type.Enum(['available', 'unavailable', 'AVAILABLE', 'UNAVAILABLE'])),
  preferences: Type.Optional(
    Type.Object({
      language: Type.Optional(Language),
      defaultCountryCode: Type.Optional(CountryCode),
      defaultOutboundNumber: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 255 }))),
      colorMode: Type.Optional(ColorMode),
      webphone: Type.Optional(
        Type.Object({
          ringTone: Type.Optional(RingTone),
          ringDevice: Flag,
          callWaiting: Type.Optional(Type.Object({ enabled: Flag, playWaitingTone: Flag })),
        }),
      ),
    }),
  ),
  notifications: Type.Optional(
    Type.Object({ missedCalls: Toggle, callOutsideBusinessHours: Toggle, voicemail: Toggle }),
  ),
  insights: Type.Optional(Type.Object({ enabled: Flag })),
  // An answer may come back whole; these follow from the rest.
  id: Type.Optional(Type.Unknown()),
  initials: Type.Optional(Type.Unknown()),
  fullName: Type.Optional(Type.Unknown()),
})
export type RinkelChange = Static<typeof RinkelChange>

export const RinkelError = Type.Object(
  {
    errors: Type.Array(
      Type.Object(
        { code: Type.String(), message: Type.String(), detail: Nullable(Type.String()) },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
)
export type RinkelError = Static<typeof RinkelError>
