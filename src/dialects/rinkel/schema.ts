import Type, { type Static } from 'typebox'
import { CountryCode, Insights, Notifications, Webphone } from './extension.ts'

const strict = { additionalProperties: false }
const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
/** Empty where there is nothing; null with the switch `nullEmpty`. */
const Text = Nullable(Type.String())

/** Field order is the vendor's page's. */
export const RinkelUser = Type.Object(
  {
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
    avatarUrls: Type.Object(
      { small: Nullable(Type.String()), large: Nullable(Type.String()) },
      strict,
    ),
    preferences: Type.Object(
      {
        language: Type.Enum(['en', 'nl', 'es', 'sv']),
        defaultCountryCode: CountryCode,
        defaultOutboundNumber: Nullable(Type.String()),
        colorMode: Type.Enum(['light', 'dark', 'system']),
        webphone: Webphone,
      },
      strict,
    ),
    notifications: Notifications,
    insights: Insights,
  },
  strict,
)
export type RinkelUser = Static<typeof RinkelUser>

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
