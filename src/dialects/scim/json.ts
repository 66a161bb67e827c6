/** What a parsed body is made of. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

export const sameName = (one: string, other: string): boolean =>
  one.length === other.length && one.toLowerCase() === other.toLowerCase()

/** The member's own spelling of a name: attribute names are without case (RFC 7643 §2.1). */
export function keyOf(object: JsonObject, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name
  return Object.keys(object).find((key) => sameName(key, name))
}

/** The member of that name, in any case. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  const key = keyOf(object, name)
  return key === undefined ? undefined : object[key]
}

/** Null, an empty string, an empty list and an object of nothing else are all "no value" (RFC 7643 §2.5). */
export function isAssigned(value: Json | undefined): value is Json {
  if (value === undefined || value === null || value === '') return false
  if (isArray(value)) return value.some(isAssigned)
  return isObject(value) ? Object.values(value).some(isAssigned) : true
}
