import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Person } from '../../person/person.ts'
import type { ExtensionRules } from '../../privacy/rules.ts'

const strict = { additionalProperties: false }

export const RingTone = Type.Enum([
  'ringtone1',
  'ringtone2',
  'ringtone3',
  'ringtone4',
  'ringtone5',
  'ringtone6',
])

export const Webphone = Type.Object(
  {
    ringTone: RingTone,
    ringDevice: Type.Boolean(),
    callWaiting: Type.Object({ enabled: Type.Boolean(), playWaitingTone: Type.Boolean() }, strict),
  },
  strict,
)

const Channel = Type.Object(
  { enabled: Type.Boolean(), channels: Type.Array(Type.Enum(['email', 'app'])) },
  strict,
)
export const Notifications = Type.Object(
  { missedCalls: Channel, callOutsideBusinessHours: Channel, voicemail: Channel },
  strict,
)

export const Insights = Type.Object({ enabled: Type.Boolean() }, strict)

export const CountryCode = Type.Enum(['NL', 'BE', 'ES', 'SE'])

interface RinkelExtension {
  readonly defaultCountryCode: Static<typeof CountryCode>
  /** The id of the number that is preselected for outbound calls. */
  readonly defaultOutboundNumber: string | null
  readonly webphone: Static<typeof Webphone>
  /** As it was written before the record had it; see {@link notificationsFrom}. */
  readonly notifications: Static<typeof Notifications>
  readonly insights: Static<typeof Insights>
}

export const extension: ExtensionRules<RinkelExtension> = {
  defaultCountryCode: 'preferences',
  defaultOutboundNumber: 'preferences',
  webphone: 'preferences',
  notifications: 'notifications',
  insights: 'preferences',
}

/** What holds where nothing is set, or may be seen. The vendor publishes some of it; the rest is what its example shows. */
const defaults: RinkelExtension = {
  defaultCountryCode: 'NL',
  defaultOutboundNumber: null,
  webphone: {
    ringTone: 'ringtone1',
    ringDevice: true,
    callWaiting: { enabled: true, playWaitingTone: true },
  },
  notifications: {
    missedCalls: { enabled: true, channels: ['email', 'app'] },
    callOutsideBusinessHours: { enabled: true, channels: ['email'] },
    voicemail: { enabled: true, channels: ['email'] },
  },
  insights: { enabled: true },
}

const readers = {
  defaultCountryCode: reader(CountryCode, defaults.defaultCountryCode),
  defaultOutboundNumber: reader(Type.String(), defaults.defaultOutboundNumber),
  webphone: reader(Webphone, defaults.webphone),
  notifications: reader(Notifications, defaults.notifications),
  insights: reader(Insights, defaults.insights),
}

/** The vendor's own settings in a bag; a value that is missing, hidden or not of the vendor's shape counts as not set. */
export const settingsFrom = (
  bag: Readonly<Record<string, unknown>> = {},
  notifications: Person['notifications'] = {},
): RinkelExtension => ({
  defaultCountryCode: readers.defaultCountryCode(bag.defaultCountryCode),
  defaultOutboundNumber: readers.defaultOutboundNumber(bag.defaultOutboundNumber),
  webphone: readers.webphone(bag.webphone),
  notifications: notificationsFrom(notifications, readers.notifications(bag.notifications)),
  insights: readers.insights(bag.insights),
})

/** The record's word on each kind that the vendor knows, else the bag's. */
function notificationsFrom(
  { missedCalls, callOutsideBusinessHours, voicemail }: NonNullable<Person['notifications']>,
  old: Static<typeof Notifications>,
): Static<typeof Notifications> {
  return {
    missedCalls: missedCalls ?? old.missedCalls,
    callOutsideBusinessHours: callOutsideBusinessHours ?? old.callOutsideBusinessHours,
    voicemail: voicemail ?? old.voicemail,
  }
}

function reader<Schema extends TSchema, Default>(schema: Schema, otherwise: Default) {
  const validator = Compile(schema)
  return (value: unknown): Static<Schema> | Default => (validator.Check(value) ? value : otherwise)
}
