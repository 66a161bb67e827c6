import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Phone } from './person.ts'

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
