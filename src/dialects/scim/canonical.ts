import { isArray, isAssigned, isObject, type Json, type JsonObject } from './json.ts'
import {
  type Attribute,
  attributeNamed,
  attributesOf,
  extensionNamed,
  type ResourceType,
  type Schema,
  splitName,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

/**
 * A resource as a client sent it, in the spelling and the types of the table: names in their canonical case, booleans
 * that came as text as booleans, a single value of a list as a list. What is unassigned, read-only or unknown is
 * left out (RFC 7644 §3.3, §3.5.1). @throws ScimError invalidValue, naming the attribute
 */
export function canonicalResource(resource: Json | undefined, type: ResourceType): JsonObject {
  if (!isObject(resource)) {
    throw new ScimError('invalidSyntax', `The body must be an object: a ${type.name}.`)
  }
  const canonical: Record<string, Json> = {}
  for (const [key, value] of Object.entries(resource)) {
    const { schema, names } = splitName(key, type)
    const [name, ...deeper] = names
    const extension = schema === undefined ? undefined : extensionNamed(type, schema)
    if (deeper.length > 0) continue
    if (extension)
      putExtension(canonical, extension, name === undefined ? value : { [name]: value })
    else if (schema === undefined && name !== undefined) {
      put(canonical, attributesOf(type, undefined), name, value, '')
    }
  }
  return canonical
}

/**
 * Of each list that a resource as it was sent has, at most one value is the primary one (RFC 7643 §2.4).
 * @throws ScimError invalidValue, naming the list
 */
export function refusePrimaries(resource: JsonObject): void {
  for (const [name, items] of Object.entries(resource)) {
    const primary = isArray(items)
      ? items.filter((one) => isObject(one) && one.primary === true)
      : []
    if (primary.length <= 1) continue
    throw new ScimError(
      'invalidValue',
      `${name}: ${primary.length} values are primary; only one can be.`,
    )
  }
}

function putExtension(
  canonical: Record<string, Json>,
  { id, attributes }: Schema,
  given: Json,
): void {
  const below = { ...(canonical[id] as JsonObject | undefined) }
  if (!isObject(given)) {
    if (isAssigned(given)) throw new ScimError('invalidValue', `${id}: must be an object.`)
    return
  }
  for (const [name, one] of Object.entries(given)) put(below, attributes, name, one, `${id}:`)
  canonical[id] = below
}

/** The URNs of extensions that a body speaks of, in `schemas` or as a member. What it does not name stays. */
export function schemasNamed(resource: Json | undefined, type: ResourceType): ReadonlySet<string> {
  const named = new Set<string>()
  if (!isObject(resource)) return named
  const { schemas } = resource
  const urns = isArray(schemas) ? schemas.filter((one) => typeof one === 'string') : []
  for (const text of [...urns, ...Object.keys(resource)]) {
    const { schema } = splitName(text, type)
    if (schema !== undefined) named.add(schema)
  }
  return named
}

function put(
  canonical: Record<string, Json>,
  attributes: readonly Attribute[],
  name: string,
  value: Json,
  place: string,
): void {
  const attribute = attributeNamed(attributes, name)
  if (!attribute || attribute.mutability === 'readOnly') return
  if (attribute.name === 'schemas' || !isAssigned(value)) return
  canonical[attribute.name] = canonicalValue(attribute, value, place + attribute.name)
}

function canonicalValue(attribute: Attribute, value: Json, place: string): Json {
  if (!attribute.multiValued) return single(attribute, value, place)
  const items = isArray(value) ? value : [value]
  const read = items.filter(isAssigned).map((item) => single(attribute, item, place))
  // What is left of a value that was taken away is a label of nothing.
  const needsValue = attribute.subAttributes?.some(({ name }) => name === 'value')
  return needsValue ? read.filter((item) => isObject(item) && item.value !== undefined) : read
}

function single(attribute: Attribute, value: Json, place: string): Json {
  switch (attribute.type) {
    case 'complex':
      return complex(attribute, value, place)
    case 'boolean':
      return flag(value, place)
    case 'integer':
    case 'decimal':
      return number(attribute.type, value, place)
    case 'dateTime':
      return instant(value, place)
    default:
      if (typeof value === 'string') return value
      throw wrong(place, 'must be a string', value)
  }
}

/** A bare text stands for an item's value, as clients send members and roles. */
function complex({ subAttributes = [] }: Attribute, value: Json, place: string): JsonObject {
  if (typeof value === 'string' && attributeNamed(subAttributes, 'value')) return { value }
  if (!isObject(value)) throw wrong(place, 'must be an object', value)
  const canonical: Record<string, Json> = {}
  for (const [name, one] of Object.entries(value)) {
    const sub = attributeNamed(subAttributes, name)
    if (!sub || sub.mutability === 'readOnly' || !isAssigned(one)) continue
    canonical[sub.name] = canonicalValue(sub, one, `${place}.${sub.name}`)
  }
  return canonical
}

function flag(value: Json, place: string): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true' || text === 'false') return text === 'true'
  throw wrong(place, 'must be true or false', value)
}

function number(type: 'integer' | 'decimal', value: Json, place: string): number {
  if (typeof value === 'number' && (type === 'decimal' || Number.isSafeInteger(value))) return value
  throw wrong(place, type === 'integer' ? 'must be a whole number' : 'must be a number', value)
}

/** In UTC with milliseconds, however it was written (RFC 7643 §2.3.5). */
function instant(value: Json, place: string): string {
  const at = instantFrom(value)
  if (at !== undefined) return at
  throw wrong(place, 'must be an instant such as 2026-03-04T05:06:07Z', value)
}

export function instantFrom(value: Json): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value)) return undefined
  // Without an offset it is one in UTC, wherever the server stands.
  const at = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(value) ? value : `${value}Z`)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

const wrong = (place: string, rule: string, value: Json): ScimError =>
  new ScimError('invalidValue', `${place}: ${rule}, not ${JSON.stringify(value).slice(0, 100)}.`)
