import { primaryOf } from '../../person/emails.ts'
import type { Phone } from '../../person/person.ts'
import { numberOf } from '../../person/phones.ts'
import type { Presence, PresenceState } from '../../presence/presence.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { settingsFrom } from './extension.ts'
import type { RinkelListedUser, RinkelUser } from './schema.ts'

export interface RinkelForm {
  readonly id: string
  /** The address of the picture in a size; it opens for the caller alone, and not for ever. */
  readonly avatarUrl: (size: 'small' | 'large') => string
  readonly switches: Readonly<Record<string, boolean>>
}

/** Everything the vendor documents is always there: what is empty or may not be seen is at its default. */
export function projectUser(person: VisiblePerson, form: RinkelForm): RinkelUser {
  const nothing = form.switches.nullEmpty ? null : ''
  const settings = settingsFrom(person.extensions.rinkel, person.notifications)
  const avatarUrl = (size: 'small' | 'large') => (person.avatar ? form.avatarUrl(size) : null)
  return {
    id: form.id,
    initials: initialsOf(person) || nothing,
    firstName: person.givenName ?? nothing,
    lastName: person.familyName ?? nothing,
    fullName: person.displayName ?? nothing,
    email: primaryOf(person.emails)?.value ?? nothing,
    phoneNumber: phoneFrom(person.phones, nothing),
    availability: availabilityFrom(person.presence),
    avatarUrls: { small: avatarUrl('small'), large: avatarUrl('large') },
    preferences: {
      language: languageFrom(person.locale),
      defaultCountryCode: settings.defaultCountryCode,
      defaultOutboundNumber: settings.defaultOutboundNumber,
      colorMode: person.colorMode ?? 'system',
      webphone: settings.webphone,
    },
    notifications: settings.notifications,
    insights: settings.insights,
  }
}

export function withoutAvatars({ avatarUrls: _, ...user }: RinkelUser): RinkelListedUser {
  return user
}

/** As set, else made of the names that may be seen. */
const initialsOf = ({ initials, givenName = '', familyName = '' }: VisiblePerson): string =>
  initials ?? firstLetter(givenName) + firstLetter(familyName)

/** What a reader takes for one letter, in any script. */
function firstLetter(name: string): string {
  const [first] = letters.segment(name)
  return first?.segment ?? ''
}

const letters = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** The vendor knows numbers in E.164 only; one that can't be read as such is not told. */
function phoneFrom(phones: readonly Phone[] = [], nothing: '' | null): RinkelUser['phoneNumber'] {
  const phone = numberOf(phones)
  if (!phone?.e164 || !phone.callingCode || !phone.nationalNumber) return null
  return {
    e164: phone.e164,
    countryIsoCode: phone.country ?? nothing,
    countryCallingCode: phone.callingCode,
    number: phone.nationalNumber,
  }
}

const availabilityFrom = (presence: Presence | undefined): RinkelUser['availability'] =>
  presence ? availabilities[presence.state] : 'AVAILABLE'

/** A telephone rings whether or not somebody is active: only what is said of somebody makes them unavailable. */
const availabilities: Record<PresenceState, RinkelUser['availability']> = {
  pending: 'AVAILABLE',
  doNotDisturb: 'UNAVAILABLE',
  outOfOffice: 'UNAVAILABLE',
  away: 'UNAVAILABLE',
  call: 'UNAVAILABLE',
  meeting: 'UNAVAILABLE',
  presenting: 'UNAVAILABLE',
  active: 'AVAILABLE',
  inactive: 'AVAILABLE',
  unknown: 'AVAILABLE',
}

const languages = ['en', 'nl', 'es', 'sv'] as const

function languageFrom(locale: string | undefined): (typeof languages)[number] {
  const language = locale?.split(/[-_]/)[0]?.toLowerCase()
  return languages.find((known) => known === language) ?? 'nl'
}
