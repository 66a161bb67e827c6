import { isDeepStrictEqual } from 'node:util'
import { isEmail, newEmail } from '../../person/emails.ts'
import type { Email, Person, Phone } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { hasControls } from '../../person/text.ts'
import { bad, booleanOf, listOf, markOf, membersOf, shown, textOf } from './values.ts'

// E-mail addresses and telephone numbers: what is there already keeps its identity.

/** An address or a number as a row states it; what is absent is left as it is. */
interface Stated {
  readonly value: string
  readonly type?: string
  readonly primary?: boolean
  readonly verified?: boolean
  readonly display?: string
}

type Address = Person['addresses'][number]

/** The addresses as a row states them, which are all there are from then on. */
export function emailsOf(value: unknown, there: readonly Email[], now: string): Email[] {
  const stated = withoutTwins(listOf(value).map((one) => statedOf(one, emailForms, emailOf)))
  const emails = stated.map((one) => {
    const fresh = { ...newEmail(one.value, now, one), ...shownAs(one) }
    const old =
      there.find((email) => email.value === one.value) ??
      there.find((email) => email.normalized === fresh.normalized)
    if (!old) return fresh
    const next = { ...old, ...one, normalized: fresh.normalized }
    return isDeepStrictEqual(next, old) ? old : { ...next, updatedAt: now }
  })
  if (new Set(emails.map(({ id }) => id)).size < emails.length) {
    throw bad('one address is in it twice, written in two ways or with two types')
  }
  return settled(emails, there, stated)
}

/** The numbers as a row states them, which are all there are from then on. `home` is the country of national ones. */
export function phonesOf(
  value: unknown,
  there: readonly Phone[],
  home: string | undefined,
): Phone[] {
  const stated = withoutTwins(listOf(value).map((one) => statedOf(one, phoneForms, phoneOf)))
  const left = [...there]
  const phones = stated.map((one) => {
    const at = left.findIndex((phone) => isSame(phone, one))
    const [old] = at < 0 ? [] : left.splice(at, 1)
    return old
      ? { ...withForms(old, home), ...one }
      : { ...freshPhone(one.value, { ...one, ...within(home) }), ...shownAs(one) }
  })
  return settled(phones, there, stated)
}

/**
 * The numbers when those of one type, or those without a type, become the stated ones. A number that
 * has no type yet gets this one.
 */
export function phonesOfType(
  value: unknown,
  there: readonly Phone[],
  type: string | undefined,
  home: string | undefined,
): Phone[] {
  const numbers = listOf(value).map(phoneOf)
  const known = (number: string) =>
    there.find((phone) => phone.value === number && phone.type === type) ??
    there.find(
      (phone) => phone.value === number && (type === undefined || phone.type === undefined),
    )
  const kept = there.flatMap((phone): Phone[] => {
    const named = numbers.some((number) => known(number) === phone)
    if (named) return [{ ...withForms(phone, home), ...(type !== undefined && { type }) }]
    return phone.type === type ? [] : [phone]
  })
  const added = numbers
    .filter((number, at) => !known(number) && numbers.indexOf(number) === at)
    .map((number) => freshPhone(number, { ...within(home), ...(type !== undefined && { type }) }))
  return settled([...kept, ...added], there, [])
}

type Marks = NonNullable<Parameters<typeof newPhone>[1]>

/** Numbers that were read lately, by the country and as written. */
const numbersRead = new Map<string, Phone>()
const mostRead = 10_000

/** As `newPhone`. To read a number takes as long as half of its row, and colleagues have the same ones. */
function freshPhone(
  value: string,
  { home, type, primary = false, verified = false }: Marks,
): Phone {
  const key = `${home ?? ''} ${value}`
  const known = numbersRead.get(key) ?? newPhone(value, within(home))
  if (numbersRead.size >= mostRead) numbersRead.clear()
  numbersRead.set(key, known)
  const { type: _, primary: __, verified: ___, ...forms } = known
  return {
    ...{ ...forms, id: crypto.randomUUID() },
    ...(type !== undefined && { type }),
    ...{ primary, verified },
  }
}

const shownAs = ({ display }: Stated) => (display === undefined ? {} : { display })

const within = (home: string | undefined) => (home === undefined ? {} : { home })

/** A number that could not be read without its country, read with it. */
const withForms = (phone: Phone, home: string | undefined): Phone =>
  phone.e164 === undefined && home !== undefined
    ? { ...freshPhone(phone.value, { home }), ...phone }
    : phone

/** What is derived or given out, which an export has too; it is made anew. */
const emailForms = ['id', 'normalized', 'createdAt', 'updatedAt']
const phoneForms = ['id', 'e164', 'country', 'callingCode', 'nationalNumber']

const isSame = (phone: Phone, one: Stated): boolean =>
  phone.value === one.value && (one.type === undefined || phone.type === one.type)

function emailOf(value: unknown): string {
  const text = textOf(value).trim()
  if (!isEmail(text)) throw bad(`${shown(text)} is not an e-mail address such as ada@example.com`)
  return text
}

function phoneOf(value: unknown): string {
  const text = textOf(value, 64).trim()
  if (hasControls(text) || !/\d/.test(text)) {
    throw bad(`${shown(text)} is not a telephone number such as +31 6 12345678`)
  }
  return text
}

function statedOf(
  given: unknown,
  derived: readonly string[],
  read: (value: unknown) => string,
): Stated {
  if (typeof given === 'string') return { value: read(given) }
  const { value, verified, display, ...rest } = membersOf(given, [
    'value',
    'type',
    'primary',
    'verified',
    'display',
    ...derived,
  ])
  return {
    value: read(value),
    ...markOf(rest),
    ...(verified !== undefined && { verified: booleanOf(verified) }),
    ...(display !== undefined && { display: textOf(display, 320) }),
  }
}

const withoutTwins = (all: readonly Stated[]): Stated[] =>
  all.filter((one, at) => !all.slice(0, at).some((other) => isDeepStrictEqual(one, other)))

/**
 * Makes one the primary one: the one that the row says; where it says nothing of that, the one that was, or
 * else the first, unless nothing was added or taken away.
 */
function settled<Item extends { readonly id: string; readonly primary: boolean }>(
  items: readonly Item[],
  there: readonly Item[],
  stated: readonly Stated[],
): Item[] {
  const [said, another] = items.filter((_, at) => stated[at]?.primary)
  if (another) throw bad('only one of them can be the primary one')
  const same = items.length === there.length && items.every(({ id }, at) => there[at]?.id === id)
  const decided = same || stated.some(({ primary }) => primary !== undefined)
  if (!said && decided) return [...items]
  const primary = said ?? items.find((item) => item.primary) ?? items[0]
  return items.map((item) =>
    item.primary === (item === primary) ? item : { ...item, primary: item === primary },
  )
}

const partLengths = {
  formatted: 4096,
  street: 1024,
  locality: 255,
  region: 255,
  postalCode: 64,
  country: 255,
} as const
export type AddressPart = keyof typeof partLengths
const addressParts = Object.keys(partLengths) as AddressPart[]

export function addressesOf(values: readonly unknown[]): Address[] {
  return values.map((one) => {
    const members = membersOf(one, ['type', 'primary', ...addressParts])
    const parts = addressParts.flatMap((part) => {
      const text = members[part]
      return text === undefined ? [] : [[part, textOf(text, partLengths[part])]]
    })
    return { ...markOf(members), ...Object.fromEntries(parts) }
  })
}

/** The addresses with one part of the first one stated; `null` removes it. */
export function withAddressPart(
  there: readonly Address[],
  part: AddressPart,
  value: unknown,
): Address[] {
  const [{ [part]: _, ...rest } = {}, ...others] = there
  const first = value === null ? rest : { ...rest, [part]: textOf(value, partLengths[part]) }
  return addressParts.some((name) => name in first) ? [first, ...others] : others
}
