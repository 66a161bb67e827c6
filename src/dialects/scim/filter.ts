// RFC 7644 §3.4.2.2: what a filter says (`parseFilter`), and whether a resource is as it says (`matches`).
import { folded } from '../../person/text.ts'
import { isArray, isAssigned, isObject, type Json, type JsonObject, memberOf } from './json.ts'
import {
  type Attribute,
  attributesOf,
  definitionsAlong,
  isQualified,
  type ResourceType,
  splitName,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

export const comparisonOperators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type ComparisonOperator = (typeof comparisonOperators)[number]

/** Attribute paths are kept as they were written; `splitName` and `findAttribute` read them. */
export type Filter = Comparison | Presence | Negation | Junction | ValuePath

export interface Comparison {
  readonly op: ComparisonOperator
  readonly attrPath: string
  readonly compValue: string | number | boolean | null
}

export interface Presence {
  readonly op: 'pr'
  readonly attrPath: string
}

export interface Negation {
  readonly op: 'not'
  readonly filter: Filter
}

export interface Junction {
  readonly op: 'and' | 'or'
  /** Two or more. */
  readonly filters: readonly Filter[]
}

/** Holds where one and the same value of the attribute is as `valFilter` says. */
export interface ValuePath {
  readonly op: '[]'
  readonly attrPath: string
  readonly valFilter: Filter
}

/** How deep parentheses, brackets and negations may stand in each other. */
export const maxDepth = 32
/** How many comparisons there may be. */
export const maxTerms = 200
/** In bytes of UTF-8. */
export const maxLength = 8192

/**
 * Reads a whole filter, decoded from its URL. Beyond the standard's grammar it takes `not` without parentheses,
 * backslashes that begin no escape, and `emails[type eq "work"].value eq "x"` as Entra ID sends it, which is
 * `emails[type eq "work" and value eq "x"]`.
 *
 * Throws ScimError: `tooMany` beyond `maxLength` and `maxTerms`, `invalidFilter` beyond `maxDepth` and for
 * whatever can't be read, with the position and what was expected there.
 */
export function parseFilter(text: string): Filter {
  refuseLong(text)
  const cursor = { text, at: 0, terms: 0 }
  const filter = readOr(cursor, 0)
  skipBlanks(cursor)
  if (cursor.at < text.length) fail(cursor, '"and", "or" or the end')
  return filter
}

/** Reads the filter that begins at `start` as far as it goes; `end` is the position after it. Throws as `parseFilter`. */
export function parseFilterWithin(text: string, start: number): { filter: Filter; end: number } {
  refuseLong(text)
  const cursor = { text, at: start, terms: 0 }
  const filter = readOr(cursor, 1)
  skipBlanks(cursor)
  return { filter, end: cursor.at }
}

/** Where the reader stands; every read moves it forward, so the text is read once. */
interface Cursor {
  readonly text: string
  at: number
  terms: number
}

function refuseLong(text: string): void {
  if (text.length > maxLength || Buffer.byteLength(text) > maxLength) {
    throw new ScimError('tooMany', `A filter may have up to ${maxLength} bytes.`)
  }
}

function readOr(cursor: Cursor, depth: number): Filter {
  return readJunction(cursor, 'or', () => readAnd(cursor, depth))
}

function readAnd(cursor: Cursor, depth: number): Filter {
  return readJunction(cursor, 'and', () => readFactor(cursor, depth))
}

function readJunction(cursor: Cursor, op: Junction['op'], read: () => Filter): Filter {
  const first = read()
  const filters = [first]
  while (takeKeyword(cursor, op)) filters.push(read())
  return filters.length === 1 ? first : { op, filters }
}

function readFactor(cursor: Cursor, depth: number): Filter {
  skipBlanks(cursor)
  if (take(cursor, '(')) {
    const filter = readOr(cursor, deeper(cursor, depth))
    skipBlanks(cursor)
    expect(cursor, ')')
    return filter
  }
  if (takeNot(cursor)) return { op: 'not', filter: readFactor(cursor, deeper(cursor, depth)) }
  return readTerm(cursor, depth)
}

/** `not` is also a possible name of an attribute: then an operator follows. */
function takeNot(cursor: Cursor): boolean {
  const start = cursor.at
  if (takeKeyword(cursor, 'not')) {
    const next = peekWord(cursor).toLowerCase()
    if (cursor.text[cursor.at] === '(' || (next !== '' && !isOperator(next))) return true
    cursor.at = start
  }
  return false
}

function readTerm(cursor: Cursor, depth: number): Filter {
  const attrPath = readAttributePath(cursor)
  if (take(cursor, '[')) return readValuePath(cursor, attrPath, depth)
  cursor.terms += 1
  if (cursor.terms > maxTerms) {
    throw new ScimError('tooMany', `A filter may have up to ${maxTerms} comparisons.`)
  }
  skipBlanks(cursor)
  const op = peekWord(cursor).toLowerCase()
  if (!isOperator(op)) return fail(cursor, `an operator (${comparisonOperators.join(', ')}, pr)`)
  cursor.at += op.length
  if (op === 'pr') return { op, attrPath }
  skipBlanks(cursor)
  return { op, attrPath, compValue: readValue(cursor) }
}

function readValuePath(cursor: Cursor, attrPath: string, depth: number): ValuePath {
  const inner = deeper(cursor, depth)
  const filter = readOr(cursor, inner)
  skipBlanks(cursor)
  expect(cursor, ']')
  if (!take(cursor, '.')) return { op: '[]', attrPath, valFilter: filter }
  // Both must hold for the same value, or somebody's work address would be looked for among all their addresses.
  const rest = readTerm(cursor, deeper(cursor, inner))
  return { op: '[]', attrPath, valFilter: { op: 'and', filters: [filter, rest] } }
}

function readAttributePath(cursor: Cursor): string {
  const path = peekWord(cursor)
  if (!isAttributePath(path)) return fail(cursor, 'the name of an attribute')
  cursor.at += path.length
  return path
}

/** An attribute and at most one sub-attribute, with or without a URN. */
function isAttributePath(path: string): boolean {
  const names = isQualified(path) ? path.slice(path.lastIndexOf(':') + 1) : path
  return /^[\w$-]+(?:\.[\w$-]+)?$/.test(names)
}

function readValue(cursor: Cursor): Comparison['compValue'] {
  if (cursor.text[cursor.at] === '"') return readString(cursor)
  const word = matchAt(cursor, /[^\s"()[\]]+/y)
  const value = bareValue(word)
  if (value === undefined) return fail(cursor, 'a string in quotes, a number, true, false or null')
  cursor.at += word.length
  return value
}

const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function bareValue(word: string): number | boolean | null | undefined {
  const constant = constants.get(word.toLowerCase())
  if (constant !== undefined) return constant
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(word)) return undefined
  const number = Number(word)
  return Number.isFinite(number) ? number : undefined
}

function readString(cursor: Cursor): string {
  const start = cursor.at + 1
  let end = start
  while (end < cursor.text.length && cursor.text[end] !== '"') {
    end += cursor.text[end] === '\\' ? 2 : 1
  }
  if (end >= cursor.text.length) return fail(cursor, 'a string that ends with a quote')
  const raw = cursor.text.slice(start, end)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these in a string.
  if (/[\u0000-\u001f]/.test(raw)) return fail(cursor, 'a string without control characters')
  cursor.at = end + 1
  return unescaped(raw)
}

/** Clients that don't know JSON send `DOMAIN\user`: a backslash that begins no escape is itself. */
const unescaped = (raw: string): string =>
  raw.replace(
    /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g,
    (escaped) => JSON.parse(`"${escaped}"`) as string,
  )

const isOperator = (word: string): word is ComparisonOperator | 'pr' =>
  word === 'pr' || comparisonOperators.some((operator) => operator === word)

function takeKeyword(cursor: Cursor, keyword: string): boolean {
  skipBlanks(cursor)
  if (peekWord(cursor).toLowerCase() !== keyword) return false
  cursor.at += keyword.length
  skipBlanks(cursor)
  return true
}

function take(cursor: Cursor, sign: string): boolean {
  if (cursor.text[cursor.at] !== sign) return false
  cursor.at += 1
  return true
}

function expect(cursor: Cursor, sign: string): void {
  if (!take(cursor, sign)) fail(cursor, `"${sign}"`)
}

const peekWord = (cursor: Cursor): string => matchAt(cursor, /[\w$.:-]+/y)

function skipBlanks(cursor: Cursor): void {
  cursor.at += matchAt(cursor, /[ \t\r\n]+/y).length
}

function matchAt({ text, at }: Cursor, pattern: RegExp): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function deeper(cursor: Cursor, depth: number): number {
  if (depth >= maxDepth) fail(cursor, `no more than ${maxDepth} levels`)
  return depth + 1
}

function fail({ text, at }: Cursor, expected: string): never {
  const found = at < text.length ? `"${text.slice(at, at + 24)}"` : 'the end'
  throw new ScimError(
    'invalidFilter',
    `The filter can't be read from character ${at + 1}: expected ${expected}, found ${found}.`,
  )
}

/** Whether a resource, or a value of a list, is as a filter says. */
export type Test = (node: JsonObject) => boolean

/**
 * Whether `resource` is as `filter` says. Names are without case; strings too, unless the table says `caseExact`,
 * and where it does not know the attribute. A list matches when one of its values does; a complex value without a
 * sub-attribute is compared by its `value`. `ne` holds also where there is no value. dateTime attributes are compared
 * as instants (without a zone: UTC), and boolean ones also with "True" and "False".
 *
 * Throws ScimError `invalidFilter` where the standard has no such comparison: `gt`, `ge`, `lt` and `le` on boolean and
 * binary attributes and with true, false or null, and dateTime attributes with what is no time.
 */
export const matches = (filter: Filter, resource: JsonObject, type: ResourceType): boolean =>
  matcher(filter, type)(resource)

/** `matches`, prepared for many resources; whatever is wrong with the filter is thrown here, and nothing later. */
export const matcher = (filter: Filter, type: ResourceType): Test =>
  prepared(filter, (path) => {
    const { schema, names } = splitName(path, type)
    const definition = definitionsAlong(attributesOf(type, schema), names).at(-1)
    return { names: schema === undefined ? names : [schema, ...names], definition }
  })

/** The same for the values of one list, by what the table says of their sub-attributes. */
export function itemMatcher(
  filter: Filter,
  subAttributes: readonly Attribute[],
): (item: Json) => boolean {
  const test = prepared(filter, below(subAttributes))
  // A value that is not complex is known as `value` (RFC 7644 §3.5.2).
  return (item) => test(isObject(item) ? item : { value: item })
}

/** Where an attribute path leads from the node, and what the table says of the attribute there. */
type Locate = (path: string) => {
  readonly names: readonly string[]
  readonly definition: Attribute | undefined
}

const below =
  (attributes: readonly Attribute[]): Locate =>
  (path) => {
    const names = path.split('.')
    return { names, definition: definitionsAlong(attributes, names).at(-1) }
  }

function prepared(filter: Filter, locate: Locate): Test {
  switch (filter.op) {
    case 'and': {
      const tests = filter.filters.map((one) => prepared(one, locate))
      return (node) => tests.every((test) => test(node))
    }
    case 'or': {
      const tests = filter.filters.map((one) => prepared(one, locate))
      return (node) => tests.some((test) => test(node))
    }
    case 'not': {
      const test = prepared(filter.filter, locate)
      return (node) => !test(node)
    }
    case '[]': {
      const { names, definition } = locate(filter.attrPath)
      const test = itemMatcher(filter.valFilter, definition?.subAttributes ?? [])
      return (node) => valuesAt(node, names).some(test)
    }
    case 'pr': {
      const { names } = locate(filter.attrPath)
      return (node) => valuesAt(node, names).length > 0
    }
    default:
      return comparison(filter, locate(filter.attrPath))
  }
}

function comparison(
  { op, attrPath, compValue }: Comparison,
  { names, definition }: ReturnType<Locate>,
): Test {
  const compared = definition?.subAttributes
    ? definition.subAttributes.find(({ name }) => name === 'value')
    : definition
  if (isOrdering(op)) refuseUnordered(attrPath, compValue, compared)
  const values = (node: JsonObject) =>
    valuesAt(node, names).map((one) => (isObject(one) ? memberOf(one, 'value') : one))
  if (compValue === null) return nullTest(op, (node) => valuesAt(node, names).length > 0)
  const holds = comparer(op === 'ne' ? 'eq' : op, attrPath, compValue, compared)
  if (op !== 'ne') return (node) => values(node).some(holds)
  return (node) => {
    const found = values(node)
    return found.length === 0 || found.some((value) => !holds(value))
  }
}

const isOrdering = (op: ComparisonOperator): boolean => ['gt', 'ge', 'lt', 'le'].includes(op)

function refuseUnordered(
  attrPath: string,
  value: Comparison['compValue'],
  definition: Attribute | undefined,
): void {
  const unordered =
    value === null ||
    typeof value === 'boolean' ||
    definition?.type === 'boolean' ||
    definition?.type === 'binary'
  if (!unordered) return
  throw new ScimError('invalidFilter', `There is no order to compare ${attrPath} by.`)
}

/** To be null is to have no value (RFC 7643 §2.5). */
function nullTest(op: ComparisonOperator, hasValue: Test): Test {
  if (op === 'eq') return (node) => !hasValue(node)
  return op === 'ne' ? hasValue : () => false
}

type Compare = (actual: Json | undefined) => boolean

function comparer(
  op: Exclude<ComparisonOperator, 'ne'>,
  attrPath: string,
  value: string | number | boolean,
  definition: Attribute | undefined,
): Compare {
  if (op === 'co' || op === 'sw' || op === 'ew') return partOf(op, value, definition)
  const inOrder = orders[op]
  if (definition?.type === 'dateTime') {
    const expected = typeof value === 'string' ? instantOf(value) : undefined
    if (expected === undefined) {
      throw new ScimError('invalidFilter', `${attrPath} is compared with a time in quotes.`)
    }
    return (actual) => {
      const instant = typeof actual === 'string' ? instantOf(actual) : undefined
      return instant !== undefined && inOrder(instant - expected)
    }
  }
  const fold = foldOf(definition)
  const expected = typeof value === 'string' ? fold(value) : value
  return (actual) => {
    if (typeof actual === 'string' && typeof expected === 'string') {
      return inOrder(order(fold(actual), expected))
    }
    if (typeof actual === 'number' && typeof expected === 'number') {
      return inOrder(actual - expected)
    }
    // Entra ID writes booleans as strings.
    return typeof actual === 'boolean' && op === 'eq' && actual === booleanOf(value)
  }
}

const orders: Readonly<Record<'eq' | 'gt' | 'ge' | 'lt' | 'le', (difference: number) => boolean>> =
  {
    eq: (difference) => difference === 0,
    gt: (difference) => difference > 0,
    ge: (difference) => difference >= 0,
    lt: (difference) => difference < 0,
    le: (difference) => difference <= 0,
  }

const order = (one: string, other: string): number => (one < other ? -1 : Number(one > other))

function partOf(
  op: 'co' | 'sw' | 'ew',
  value: string | number | boolean,
  definition: Attribute | undefined,
): Compare {
  if (typeof value !== 'string') return () => false
  const fold = foldOf(definition)
  const part = fold(value)
  const contains = { co: 'includes', sw: 'startsWith', ew: 'endsWith' } as const
  return (actual) => typeof actual === 'string' && fold(actual)[contains[op]](part)
}

const foldOf = (definition: Attribute | undefined): ((text: string) => string) =>
  definition?.caseExact ? (text) => text : folded

/** The boolean that a value means, also where it is written as a string. */
export function booleanOf(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : undefined
  if (word === 'true') return true
  return word === 'false' ? false : undefined
}

/** Milliseconds since 1970 of an xsd:dateTime, or of the begin of a day; without a zone, in UTC. */
function instantOf(text: string): number | undefined {
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text)
  if (!parts) return undefined
  const [, day, time = '00:00:00', zone = 'Z'] = parts
  const instant = Date.parse(`${day}T${time}${zone.toUpperCase()}`)
  return Number.isNaN(instant) ? undefined : instant
}

/** The values that are there, each of a list for itself. */
function valuesAt(node: JsonObject, names: readonly string[]): readonly Json[] {
  let found: readonly Json[] = [node]
  for (const name of names) {
    found = found.flatMap((one) => (isObject(one) ? listed(memberOf(one, name)) : []))
  }
  return found
}

const listed = (value: Json | undefined): readonly Json[] =>
  (isArray(value) ? value : [value]).filter(isAssigned)
