import { randomInt } from 'node:crypto'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A UUID of any version, in lower case. */
export type PersonId = Branded<'person'>
export type OrganizationId = Branded<'organization'>

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => uuid.test(text)

/** The id that `text` spells, in its canonical lower case; undefined when it is no UUID. */
export const personIdFrom = (text: string): PersonId | undefined =>
  isUuid(text) ? (text.toLowerCase() as PersonId) : undefined

/**
 * A new id, of version 7 (RFC 9562): those that are made one after the other are side by side in every index, which is
 * what many at once mostly cost. When it was made, in milliseconds, whoever is told it is told by `createdAt`, too.
 */
export function newPersonId(): PersonId {
  const time = Date.now().toString(16).padStart(12, '0')
  // Version 4 has 74 bits of chance where version 7 has them, and the same variant.
  const chance = crypto.randomUUID().slice(15)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance}` as PersonId
}
export const newOrganizationId = (): OrganizationId => crypto.randomUUID() as OrganizationId

/** One more than the largest number given out: 52 bits fit a JSON number exactly. */
export const numberLimit = 2 ** 52

/** A random number of 52 bits, never 0. Whoever stores it makes sure that it is unique. */
export function newNumber(): number {
  // randomInt takes ranges below 2^48 only, so the number is put together from two draws.
  const number = randomInt(2 ** 26) * 2 ** 26 + randomInt(2 ** 26)
  return number || newNumber()
}

/** The number that `text` spells in decimal, without sign or leading zero; undefined otherwise. */
export function numberFrom(text: string): number | undefined {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  return number < numberLimit ? number : undefined
}
