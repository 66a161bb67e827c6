import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { primaryOf } from './emails.ts'
import type { Person, Phone } from './person.ts'

/** What can be derived of a number as written; nothing when it can't be read as one. `home` is the country a national number is taken to be in. */
function normalForms(
  value: string,
  home?: string,
): Pick<Phone, 'e164' | 'country' | 'callingCode' | 'nationalNumber'> {
  const parsed = parsePhoneNumberFromString(value, home as CountryCode | undefined)
  if (!parsed?.isPossible()) return {}
  return {
    e164: parsed.number,
    ...(parsed.country && { country: parsed.country }),
    callingCode: Number(parsed.countryCallingCode),
    nationalNumber: parsed.nationalNumber,
  }
}

/** A new telephone number, kept as written, with the normal forms that can be had. */
export function newPhone(
  value: string,
  {
    type,
    primary = false,
    verified = false,
    home,
  }: Partial<Pick<Phone, 'type' | 'primary' | 'verified'>> & { readonly home?: string } = {},
): Phone {
  return {
    id: crypto.randomUUID(),
    value,
    ...normalForms(value, home),
    ...(type !== undefined && { type }),
    primary,
    verified,
  }
}

/** The number to call: the primary one of those that can be read, else their first. */
export const numberOf = (phones: readonly Phone[] = []): Phone | undefined =>
  primaryOf(phones.filter(({ e164 }) => e164 !== undefined))

/**
 * The telephones where `number` is the one to call from now on, as {@link numberOf} has it. A national number is kept
 * in E.164: without `home` nobody could read it. Undefined when it can't be read as a number.
 */
export function withNumber(
  phones: readonly Phone[],
  number: string,
  home: string | undefined,
): Person['phones'] | undefined {
  const options = { primary: true, ...(home !== undefined && { home }) }
  const { e164, value } = newPhone(number, options)
  if (e164 === undefined) return undefined
  const made = newPhone(value.trim().startsWith('+') ? value : e164, options)
  const there = phones.find((one) => one.e164 === e164)
  const place = there ?? numberOf(phones)
  const others = phones.map((one) => (one.primary ? { ...one, primary: false } : one))
  if (!place) return [...others, made]
  const { type } = place
  const next = there
    ? { ...there, primary: true }
    : { ...made, ...(type !== undefined && { type }) }
  return others.map((one) => (one.id === place.id ? next : one))
}
