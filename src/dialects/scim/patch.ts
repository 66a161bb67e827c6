// RFC 7644 §3.5.2: what a PATCH asks for (`parsePatch`) and what becomes of the resource (`applyPatch`).
import { folded } from '../../person/text.ts'
import { booleanOf, type Filter, itemMatcher } from './filter.ts'
import {
  isArray,
  isAssigned,
  isObject,
  type Json,
  type JsonObject,
  keyOf,
  memberOf,
  sameName,
} from './json.ts'
import { type PatchPath, parsePath, type Step } from './path.ts'
import {
  type Attribute,
  attributeNamed,
  attributesOf,
  isQualified,
  type ResourceType,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

export const patchOpUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** How many operations a message may have. */
export const maxOperations = 1000
/** How deep values may be nested, and how many members an object of a resource may come to have. */
const maxValueDepth = 32
const maxMembers = 256
/** How many values a list may come to have, but for who is in a group: no record has more. */
const maxValues = 1000

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  /** As it was sent. */
  readonly path?: string
  readonly value?: Json
}

/**
 * The operations of a message, whose member names and `op` may be in any case.
 * Throws ScimError: `invalidSyntax`, and `noTarget` for a `remove` without a path.
 */
export function parsePatch(body: unknown): readonly PatchOperation[] {
  if (!isObject(body)) throw malformed('must be an object')
  const schemas = memberOf(body, 'schemas')
  const isPatch = (urn: Json) => typeof urn === 'string' && sameName(urn, patchOpUrn)
  if (!isArray(schemas) || !schemas.some(isPatch))
    throw malformed(`must have schemas ${patchOpUrn}`)
  const operations = memberOf(body, 'Operations')
  if (!isArray(operations) || operations.length === 0) {
    throw malformed('must have Operations, a list that is not empty')
  }
  if (operations.length > maxOperations) {
    throw malformed(`may have up to ${maxOperations} operations`)
  }
  return operations.map(operationFrom)
}

/**
 * `resource` after all the operations, or none: it is not changed itself. What the table does not know is applied as
 * plain JSON, for the caller to leave out.
 *
 * As identity providers need it, beyond the standard: values may be strings where `{"value": …}` or a boolean is meant;
 * a map without a path may have paths as its keys; null and "" take a value away; `remove` takes a list of the
 * values to remove, and is content where there is nothing to remove; `add` and `replace` create the value
 * that a path's filter describes by `eq` where there is none. Read-only attributes are refused when a path names
 * them, and passed over inside of values. Values without their `value` may remain (`{"type": "work"}`).
 *
 * Throws ScimError: `invalidSyntax`, `invalidPath`, `invalidValue`, `invalidFilter`, `tooMany`, `noTarget`, `mutability`.
 */
export const applyPatch = (
  resource: JsonObject,
  operations: readonly PatchOperation[],
  type: ResourceType,
): JsonObject =>
  operations.reduce((before, operation) => applied(before, operation, type), resource)

function operationFrom(value: Json): PatchOperation {
  if (!isObject(value)) throw malformed('has an operation that is not an object')
  const word = memberOf(value, 'op')
  const op = typeof word === 'string' ? operators.get(word.toLowerCase()) : undefined
  if (!op) throw malformed('has an operation whose op is not add, remove or replace')
  const path = memberOf(value, 'path') ?? ''
  if (typeof path !== 'string') throw malformed('has an operation whose path is not a string')
  const what = memberOf(value, 'value')
  if (op !== 'remove' && what === undefined)
    throw malformed(`has an operation ${op} without a value`)
  if (op === 'remove' && path === '') throw new ScimError('noTarget', 'A remove needs a path.')
  return { op, ...(path !== '' && { path }), ...(what !== undefined && { value: what }) }
}

const operators: ReadonlyMap<string, PatchOperation['op']> = new Map([
  ['add', 'add'],
  ['replace', 'replace'],
  ['remove', 'remove'],
])

const malformed = (problem: string): ScimError =>
  new ScimError('invalidSyntax', `The PATCH message ${problem}.`)

/** What is to be done at the end of a path. */
interface Edit {
  readonly op: PatchOperation['op']
  readonly value: Json
  /** The client wrote the path itself, so that what can't be done is an error and not passed over. */
  readonly asked: boolean
}

function applied(
  resource: JsonObject,
  { op, path, value = null }: PatchOperation,
  type: ResourceType,
): JsonObject {
  if (isDeeper(value, maxValueDepth)) {
    throw new ScimError('invalidSyntax', `A value may be ${maxValueDepth} levels deep.`)
  }
  if (path !== undefined) {
    return changed(resource, parsePath(path, type), { op, value, asked: true }, type)
  }
  if (op === 'remove') throw new ScimError('noTarget', 'A remove needs a path.')
  return changed(resource, wholeResource, { op, value, asked: false }, type)
}

const wholeResource: PatchPath = { schema: undefined, steps: [] }

function isDeeper(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return limit === 0 || Object.values(value).some((one: Json) => isDeeper(one, limit - 1))
}

function changed(
  resource: JsonObject,
  path: PatchPath,
  edit: Edit,
  type: ResourceType,
): JsonObject {
  const [first] = path.steps
  if (!first) return changedSchema(resource, path.schema, edit, type)
  const attributes = attributesOf(type, path.schema)
  if (!isWritable(path.steps, attributes, edit)) return resource
  if (path.schema !== undefined) {
    const extension = memberOf(resource, path.schema)
    const after = changedMember(isObject(extension) ? extension : {}, path.steps, edit, attributes)
    return withMember(resource, path.schema, some(after))
  }
  if (sameName(first.name, 'schemas')) return withSchemas(resource, path.steps, edit, attributes)
  const after = changedMember(resource, path.steps, edit, attributes)
  refuseUnassigned(first.name, resource, after, attributes)
  return after
}

/** A map of attributes, for the whole resource or for all of an extension. */
function changedSchema(
  resource: JsonObject,
  schema: string | undefined,
  { op, value }: Edit,
  type: ResourceType,
): JsonObject {
  const isRemoved = op === 'remove' || (schema !== undefined && isBlank(value))
  if (isRemoved) return withoutSchema(resource, schema, type)
  if (!isObject(value)) {
    throw new ScimError('invalidValue', `${schema ?? 'A resource'} is a set of attributes.`)
  }
  return Object.entries(value).reduce((before, [key, one]) => {
    const { schema: own, steps } = pathOfKey(key, type)
    return changed(before, { schema: own ?? schema, steps }, { op, value: one, asked: false }, type)
  }, resource)
}

/** Keys may be paths themselves, as Entra ID sends them; what is none is a name. */
const pathOfKey = (key: string, type: ResourceType): PatchPath =>
  key.includes('[') || isQualified(key) || /^[\w$-]+(?:\.[\w$-]+)+$/.test(key)
    ? parsePath(key, type)
    : { schema: undefined, steps: [{ name: key }] }

function withoutSchema(
  resource: JsonObject,
  schema: string | undefined,
  type: ResourceType,
): JsonObject {
  if (schema === undefined) {
    throw new ScimError('mutability', 'The core attributes can’t be removed all at once.')
  }
  const extension = memberOf(resource, schema)
  const attributes = attributesOf(type, schema)
  const kept = Object.entries(isObject(extension) ? extension : {}).filter(
    ([name]) => attributeNamed(attributes, name)?.mutability === 'readOnly',
  )
  return withMember(resource, schema, some(Object.fromEntries(kept)))
}

/** The server itself keeps `schemas`: a client may name more of them, and take none away. */
function withSchemas(
  resource: JsonObject,
  steps: readonly Step[],
  edit: Edit,
  attributes: readonly Attribute[],
): JsonObject {
  if (edit.op === 'remove') throw unchangeable('schemas', 'kept by the server')
  return changedMember(resource, steps, { ...edit, op: 'add' }, attributes)
}

/** False for what is passed over. Throws `mutability` and `invalidPath`. */
function isWritable(
  steps: readonly Step[],
  attributes: readonly Attribute[],
  { asked }: Edit,
): boolean {
  let below = attributes
  for (const [index, { name, filter }] of steps.entries()) {
    const definition = attributeNamed(below, name)
    if (definition?.mutability === 'readOnly') {
      if (asked) throw unchangeable(definition.name, 'readOnly')
      return false
    }
    if (definition && filter && !definition.multiValued) {
      throw new ScimError('invalidPath', `${definition.name} has one value, so none can be chosen.`)
    }
    if (definition && !definition.subAttributes && index < steps.length - 1) {
      throw new ScimError('invalidPath', `${definition.name} has no sub-attributes.`)
    }
    below = definition?.subAttributes ?? []
  }
  return true
}

const unchangeable = (name: string, why: string): ScimError =>
  new ScimError('mutability', `Attribute '${name}' is ${why}.`)

/** RFC 7644 §3.5.2.2: to unassign a required attribute is refused, whatever the operation. */
function refuseUnassigned(
  name: string,
  before: JsonObject,
  after: JsonObject,
  attributes: readonly Attribute[],
): void {
  const definition = attributeNamed(attributes, name)
  if (!definition?.required) return
  const wasThere = isAssigned(memberOf(before, name))
  if (wasThere && !isAssigned(memberOf(after, name))) {
    throw unchangeable(definition.name, 'required')
  }
}

function changedMember(
  object: JsonObject,
  [step, ...rest]: readonly Step[],
  edit: Edit,
  attributes: readonly Attribute[],
): JsonObject {
  if (!step) return object
  const definition = attributeNamed(attributes, step.name)
  if (definition?.mutability === 'readOnly') return object
  const before = memberOf(object, step.name)
  const after = changedValue(before, step.filter, rest, edit, definition)
  if (definition?.mutability === 'immutable' && isAssigned(before) && !isSame(before, after)) {
    throw unchangeable(definition.name, 'immutable')
  }
  return withMember(object, definition?.name ?? step.name, after)
}

/** Under the name it has already, if it has one. */
function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  const key = keyOf(object, name)
  if (value === undefined) {
    return key === undefined
      ? object
      : Object.fromEntries(Object.entries(object).filter(([one]) => one !== key))
  }
  // Each further member costs a copy of all the others.
  if (key === undefined && Object.keys(object).length >= maxMembers) {
    throw new ScimError('invalidValue', `An object may have up to ${maxMembers} attributes.`)
  }
  return { ...object, [key ?? name]: value }
}

function changedValue(
  before: Json | undefined,
  filter: Filter | undefined,
  rest: readonly Step[],
  edit: Edit,
  definition: Attribute | undefined,
): Json | undefined {
  if (filter) return changedChosen(before, filter, rest, edit, definition)
  if (rest.length > 0) return changedBelow(before, rest, edit, definition)
  if (edit.op === 'remove') return without(before, edit.value, definition)
  if (!definition) return plain(before, edit)
  if (definition.multiValued) return listWith(before, edit, definition)
  return definition.subAttributes
    ? complexWith(before, edit, definition)
    : simpleFrom(edit.value, definition)
}

/** A sub-attribute: that of every value, where there are several. */
function changedBelow(
  before: Json | undefined,
  rest: readonly Step[],
  edit: Edit,
  definition: Attribute | undefined,
): Json | undefined {
  if (!isAssigned(before)) {
    if (edit.op === 'remove') return before
    const created = changedItem({}, rest, edit, definition)
    return created !== undefined && definition?.multiValued ? [created] : created
  }
  if (!isArray(before)) return changedItem(before, rest, edit, definition)
  const items = before
    .map((item) => changedItem(item, rest, edit, definition))
    .filter((item) => item !== undefined)
  return someItems(withOnePrimary(items, new Set(items), definition))
}

/** The values that the filter chooses (RFC 7644 §3.5.2, valuePath). */
function changedChosen(
  before: Json | undefined,
  filter: Filter,
  rest: readonly Step[],
  edit: Edit,
  definition: Attribute | undefined,
): Json | undefined {
  if (isAssigned(before) && !isArray(before)) {
    throw new ScimError('invalidPath', 'A filter can choose among several values only.')
  }
  const items = listOf(before)
  const isChosen = itemMatcher(filter, definition?.subAttributes ?? [])
  const touched = new Set<Json>()
  let found = false
  const after = items.flatMap((item) => {
    if (!isChosen(item)) return [item]
    found = true
    const one = changedItem(item, rest, edit, definition)
    if (one === undefined) return []
    touched.add(one)
    return [one]
  })
  if (!found) {
    const created = edit.op === 'remove' ? undefined : createdItem(filter, rest, edit, definition)
    if (created === undefined) return before
    after.push(created)
    touched.add(created)
  }
  return someItems(withOnePrimary(after, touched, definition))
}

/** One value of a list, or a complex value, with the edit made to it or below it; undefined where nothing remains. */
function changedItem(
  item: Json,
  rest: readonly Step[],
  edit: Edit,
  definition: Attribute | undefined,
): Json | undefined {
  if (rest.length > 0) {
    if (isObject(item)) {
      return complete(changedMember(item, rest, edit, definition?.subAttributes ?? []), definition)
    }
    if (edit.op === 'remove') return item
    throw new ScimError('invalidPath', `There is no ${rest[0]?.name} below a simple value.`)
  }
  if (edit.op === 'remove') return undefined
  const value = single(edit.value)
  if (isBlank(value)) return undefined
  if (definition && !definition.subAttributes) return simpleFrom(value, definition)
  if (!isObject(item)) return value
  const members = isObject(value) ? value : wrapped(value, definition)
  if (!members) throw incompatible(definition?.name ?? 'the value', 'a set of sub-attributes')
  return complete(merged(item, members, edit, definition), definition)
}

/** The value that the filter describes, with the edit made to it; undefined where the edit has nothing to write. */
function createdItem(
  filter: Filter,
  rest: readonly Step[],
  edit: Edit,
  definition: Attribute | undefined,
): Json | undefined {
  if (isBlank(edit.value)) return undefined
  if (definition && !definition.subAttributes) return changedItem('', rest, edit, definition)
  const described = termsOf(filter).reduce<JsonObject>(
    (item, [path, value]) =>
      changedMember(
        item,
        path.split('.').map((name) => ({ name })),
        { op: 'add', value, asked: false },
        definition?.subAttributes ?? [],
      ),
    {},
  )
  const value = single(edit.value)
  if (rest.length === 0 && !isObject(value) && !wrapped(value, definition)) throw noMatch()
  return changedItem(described, rest, edit, definition)
}

/** The equations that a value must satisfy to match. Throws `noTarget` where a filter says anything else. */
function termsOf(filter: Filter): readonly (readonly [path: string, value: Json])[] {
  if (filter.op === 'and') return filter.filters.flatMap(termsOf)
  if (filter.op !== 'eq') throw noMatch()
  return filter.compValue === null ? [] : [[filter.attrPath, filter.compValue]]
}

const noMatch = (): ScimError =>
  new ScimError('noTarget', 'No value matches the filter of the path.')

/** What the table does not know is plain JSON: lists grow, objects are merged, all else is replaced. */
function plain(before: Json | undefined, edit: Edit): Json | undefined {
  const { op, value } = edit
  if (value === null) return undefined
  if (isArray(before)) {
    const given = isArray(value) ? value : [value]
    return op === 'add' ? joined(before, given, edit, undefined) : given
  }
  return isObject(before) && isObject(value) ? merged(before, value, edit, undefined) : value
}

function listWith(
  before: Json | undefined,
  edit: Edit,
  definition: Attribute,
): readonly Json[] | undefined {
  const given = itemsFrom(edit.value, edit, definition)
  return someItems(joined(edit.op === 'add' ? listOf(before) : [], given, edit, definition))
}

function complexWith(
  before: Json | undefined,
  edit: Edit,
  definition: Attribute,
): JsonObject | undefined {
  const value = single(edit.value)
  if (isBlank(value)) return undefined
  const members = isObject(value) ? value : wrapped(value, definition)
  if (!members) throw incompatible(definition.name, 'a set of sub-attributes')
  return complete(merged(isObject(before) ? before : {}, members, edit, definition), definition)
}

/** RFC 7644 §3.5.2.3: sub-attributes that are not named are left as they are. */
const merged = (
  before: JsonObject,
  members: JsonObject,
  { op }: Edit,
  definition: Attribute | undefined,
): JsonObject =>
  Object.entries(members).reduce(
    (object, [name, value]) =>
      changedMember(
        object,
        [{ name }],
        { op, value, asked: false },
        definition?.subAttributes ?? [],
      ),
    before,
  )

/** Nothing, where a complex value lost all its sub-attributes, or one without which it means nothing. */
function complete(object: JsonObject, definition: Attribute | undefined): JsonObject | undefined {
  const lacks = definition?.subAttributes?.some(
    ({ name, required }) => required && !isAssigned(memberOf(object, name)),
  )
  return lacks ? undefined : some(object)
}

/** `"x"` where `{"value": "x"}` is meant. */
function wrapped(value: Json, definition: Attribute | undefined): JsonObject | undefined {
  const hasValue = definition?.subAttributes?.some(({ name }) => name === 'value')
  return hasValue && (typeof value === 'string' || typeof value === 'number')
    ? { value }
    : undefined
}

function itemsFrom(value: Json, edit: Edit, definition: Attribute): readonly Json[] {
  return (isArray(value) ? value : [value]).flatMap((one) => itemFrom(one, edit, definition) ?? [])
}

function itemFrom(value: Json, edit: Edit, definition: Attribute): Json | undefined {
  if (isArray(value)) throw nested()
  return definition.subAttributes
    ? complexWith(undefined, { ...edit, value }, definition)
    : simpleFrom(value, definition)
}

const nested = (): ScimError => new ScimError('invalidSyntax', 'A list can’t be a value of a list.')

/** A value in the type that the table says. Throws `invalidValue`. */
function simpleFrom(given: Json, definition: Attribute): Json | undefined {
  const one = single(given)
  const value = isObject(one) ? unwrapped(one) : one
  if (isBlank(value)) return undefined
  const typed = typedValue(value, definition.type)
  if (typed === undefined) throw incompatible(definition.name, typeNames[definition.type])
  return typed
}

function typedValue(value: Json, type: Attribute['type']): Json | undefined {
  switch (type) {
    case 'boolean':
      return booleanOf(value)
    case 'integer':
    case 'decimal': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      const fits = type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)
      return fits ? number : undefined
    }
    default:
      if (typeof value === 'number') return String(value)
      return typeof value === 'string' ? value : undefined
  }
}

const typeNames: Readonly<Record<Attribute['type'], string>> = {
  string: 'a string',
  boolean: 'true or false',
  decimal: 'a number',
  integer: 'a whole number',
  dateTime: 'a time in quotes',
  binary: 'a string in Base64',
  reference: 'an address',
  complex: 'a set of sub-attributes',
}

const incompatible = (name: string, expected: string): ScimError =>
  new ScimError('invalidValue', `The value of ${name} must be ${expected}.`)

/** Entra ID puts single values in a list of one. */
const single = (value: Json): Json =>
  isArray(value) && value.length === 1 ? (value[0] ?? null) : value

/** … and simple ones in an object, with or without a `$ref`. */
function unwrapped(object: JsonObject): Json {
  const isWrapping = Object.keys(object).every((key) => key === 'value' || key === '$ref')
  return isWrapping && Object.hasOwn(object, 'value') ? (object.value ?? null) : object
}

const isBlank = (value: Json): boolean =>
  value === null || value === '' || (isArray(value) && value.length === 0)

/** A value taken away, or of a list those that are named. */
function without(
  before: Json | undefined,
  value: Json,
  definition: Attribute | undefined,
): Json | undefined {
  if (value === null || !isArray(before)) return undefined
  if (isArray(value) && value.some(isArray)) throw nested()
  const edit: Edit = { op: 'add', value, asked: false }
  const given = definition
    ? itemsFrom(value, edit, definition)
    : (isArray(value) ? value : [value]).filter(isAssigned)
  const isNamed = namer(given, definition)
  return someItems(before.filter((item) => !isNamed(item)))
}

/** Whether one of `given` names an item: by its value, and its type if one is told; else by all that is told. */
function namer(given: readonly Json[], definition: Attribute | undefined): (item: Json) => boolean {
  const names = new Set<string>()
  const descriptions: Json[] = []
  for (const one of given) {
    const name = isTyped(one) ? typedNameOf(one, definition) : nameOf(one, definition)
    if (name === undefined) descriptions.push(one)
    else names.add(name)
  }
  return (item) =>
    [nameOf(item, definition), typedNameOf(item, definition)].some(
      (name) => name !== undefined && names.has(name),
    ) || descriptions.some((one) => isPartOf(one, item))
}

const isTyped = (item: Json): boolean => isObject(item) && isAssigned(memberOf(item, 'type'))

/** What is the same for items of the same value; undefined where the table does not say what that is. */
function nameOf(item: Json, definition: Attribute | undefined): string | undefined {
  if (!definition) return undefined
  const value = isObject(item) ? memberOf(item, 'value') : item
  const valued = definition.subAttributes
    ? attributeNamed(definition.subAttributes, 'value')
    : definition
  if (!valued || !isAssigned(value)) return undefined
  return typeof value === 'string' && !valued.caseExact ? folded(value) : String(value)
}

/** RFC 7643 §2.4: a value may be there once for each type. Members are known by their value alone. */
function typedNameOf(item: Json, definition: Attribute | undefined): string | undefined {
  const name = nameOf(item, definition)
  if (name === undefined || !isObject(item) || isOfFixedValues(definition)) return name
  const type = memberOf(item, 'type')
  return JSON.stringify([name, typeof type === 'string' ? folded(type) : ''])
}

const isOfFixedValues = (definition: Attribute | undefined): boolean =>
  attributeNamed(definition?.subAttributes ?? [], 'value')?.mutability === 'immutable'

function isPartOf(part: Json, whole: Json): boolean {
  if (!isObject(part) || !isObject(whole)) return isSame(part, whole)
  return Object.entries(part).every(
    ([name, value]) => value === null || isSame(value, memberOf(whole, name)),
  )
}

/** A list with more values: one that is there already is completed, not doubled (RFC 7644 §3.5.2.1). */
function joined(
  before: readonly Json[],
  given: readonly Json[],
  edit: Edit,
  definition: Attribute | undefined,
): readonly Json[] {
  const identity = (item: Json) =>
    typedNameOf(item, definition) ?? written(unmarked(item, definition))
  refuseLong(before.length + given.length, definition)
  const after = [...before]
  const touched = new Set<Json>()
  const places = new Map(before.map((item, index) => [identity(item), index]))
  for (const item of given) {
    const place = places.get(identity(item)) ?? after.length
    const there = after[place]
    const isFixed = there !== undefined && isOfFixedValues(definition)
    const one =
      isObject(there) && isObject(item) && !isFixed
        ? merged(there, item, edit, definition)
        : (there ?? item)
    places.set(identity(item), place)
    after[place] = one
    touched.add(one)
  }
  return withOnePrimary(after, touched, definition)
}

function refuseLong(length: number, definition: Attribute | undefined): void {
  if (length <= 2 * maxValues || isOfFixedValues(definition)) return
  throw new ScimError(
    'invalidValue',
    `${definition?.name ?? 'A list'} may have up to ${maxValues} values.`,
  )
}

const unmarked = (item: Json, definition: Attribute | undefined): Json =>
  definition && isObject(item) ? withMember(item, 'primary', undefined) : item

/** RFC 7644 §3.5.2: a value that becomes primary takes the mark from the others; of several new ones the last has it. */
function withOnePrimary(
  items: readonly Json[],
  touched: ReadonlySet<Json>,
  definition: Attribute | undefined,
): readonly Json[] {
  if (!attributeNamed(definition?.subAttributes ?? [], 'primary')) return items
  const isPrimary = (item: Json) => isObject(item) && memberOf(item, 'primary') === true
  const chosen = items.findLast((item) => isPrimary(item) && touched.has(item))
  if (chosen === undefined) return items
  return items.map((item) =>
    item !== chosen && isObject(item) && isPrimary(item)
      ? withMember(item, 'primary', false)
      : item,
  )
}

const listOf = (value: Json | undefined): readonly Json[] => {
  if (isArray(value)) return value
  return isAssigned(value) ? [value] : []
}

const some = (object: JsonObject): JsonObject | undefined =>
  Object.keys(object).length > 0 ? object : undefined

const someItems = (items: readonly Json[]): readonly Json[] | undefined =>
  items.length > 0 ? items : undefined

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && written(one) === written(other))

/** The same for the same JSON, whatever the order of its members. */
function written(value: Json): string {
  if (isArray(value)) return `[${value.map(written).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${written(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}
