import { isDeepStrictEqual } from 'node:util'
import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { isEmail, withPrimaryEmail } from '../../person/emails.ts'
import type { Person } from '../../person/person.ts'
import { withNumber } from '../../person/phones.ts'
import type { RinkelChange, RinkelUser } from './schema.ts'

export interface Acceptance {
  readonly before: Person
  /** The user as the viewer is shown it: what is sent as it is shown changes nothing. */
  readonly shown: RinkelUser
  /** An instant. */
  readonly now: string
}

/** What an update makes of the record; availability is none of it. @throws invalid, naming the field */
export function acceptUser(sent: RinkelChange, acceptance: Acceptance): PersonChange {
  refuseDerived(sent, acceptance.shown)
  return {
    ...acceptNames(sent, acceptance.shown),
    ...acceptEmail(sent, acceptance),
    ...acceptPhone(sent, acceptance),
    ...acceptSettings(sent, acceptance),
  }
}

/** What follows from other fields may come back as it was, and not as anything else. */
function refuseDerived(sent: RinkelChange, shown: RinkelUser): void {
  const derived = { id: 'it is given out', initials: fromNames, fullName: fromNames }
  for (const [field, why] of Object.entries(derived)) {
    const value = sent[field as keyof typeof derived]
    if (value !== undefined && (value ?? '') !== (shown[field as keyof typeof derived] ?? '')) {
      throw new Failure('invalid', `${field}: can not be written; ${why}`)
    }
  }
}
const fromNames = 'it follows from firstName and lastName'

const acceptNames = ({ firstName, lastName }: RinkelChange, shown: RinkelUser): PersonChange => ({
  ...(isNew(firstName, shown.firstName) && { givenName: firstName || null }),
  ...(isNew(lastName, shown.lastName) && { familyName: lastName || null }),
})

/** Empty and null are the same: which of them an answer has is a matter of a switch. */
const isNew = (sent: string | null | undefined, shown: string | null): boolean =>
  sent !== undefined && (sent ?? '') !== (shown ?? '')

function acceptEmail({ email }: RinkelChange, { before, shown, now }: Acceptance): PersonChange {
  if (!isNew(email, shown.email)) return {}
  if (!email || !isEmail(email)) throw new Failure('invalid', 'email: must be an e-mail address')
  return { emails: withPrimaryEmail(before.emails, email, now) }
}

function acceptPhone(sent: RinkelChange, { before, shown }: Acceptance): PersonChange {
  const { phoneNumber: phone } = sent
  if (phone === undefined || (phone === null && shown.phoneNumber === null)) return {}
  if (phone === null) throw new Failure('invalid', 'phoneNumber: can not be removed')
  const { number, countryIsoCode } = phone
  const known = shown.phoneNumber
  if (number === known?.number && (countryIsoCode ?? '') === (known.countryIsoCode ?? '')) return {}
  const home = countryIsoCode || sent.preferences?.defaultCountryCode
  const country = (home ?? shown.preferences.defaultCountryCode).toUpperCase()
  const phones = withNumber(before.phones, number, country)
  if (!phones) {
    throw new Failure('invalid', `phoneNumber.number: is no telephone number of ${country}`)
  }
  return { phones }
}

function acceptSettings(sent: RinkelChange, { before, shown }: Acceptance): PersonChange {
  const { language, colorMode, ...others } = merged(shown.preferences, sent.preferences)
  const bag = {
    ...news(shown.preferences, others),
    ...news(shown, { insights: merged(shown.insights, sent.insights) }),
  }
  const told = news(shown.notifications, merged(shown.notifications, sent.notifications))
  const { rinkel: own, ...extensions } = before.extensions
  return {
    ...(language !== shown.preferences.language && { locale: language }),
    ...(colorMode !== shown.preferences.colorMode && { colorMode }),
    ...(Object.keys(told).length > 0 && {
      // Who has decided nothing so far goes on with what they were shown.
      notifications: { ...(before.notifications ?? shown.notifications), ...told },
    }),
    ...(Object.keys(bag).length > 0 && {
      extensions: { ...extensions, rinkel: withoutNulls({ ...own, ...bag }) },
    }),
  }
}

/** The fields of `next` that are others than in `shown`. */
const news = (shown: object, next: object): object =>
  Object.fromEntries(
    Object.entries(next).filter(
      ([field, value]) => !isDeepStrictEqual(value, shown[field as keyof typeof shown]),
    ),
  )

/** `known` with what `sent` says of any part of it, all the way down; what it does not know is passed over. */
function merged<Known>(known: Known, sent: unknown): Known {
  if (sent === undefined) return known
  if (!isObject(known) || !isObject(sent)) return sent as Known
  const parts = Object.entries(known).map(([name, value]) => [
    name,
    Object.hasOwn(sent, name) ? merged(value, sent[name]) : value,
  ])
  return Object.fromEntries(parts) as Known
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const withoutNulls = (bag: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== null))
