// Lists (RFC 7644 §3.4.2 and §3.4.3), by index or by cursor (RFC 9865).
import type { Question } from '../../directory/directory.ts'
import type { Listed } from '../../directory/pages.ts'
import { Failure } from '../../failure.ts'
import type { From } from '../../search/search.ts'
import type { Mark } from '../dialect.ts'
import { cursorAt, placeIn } from '../paging.ts'
import { limits, listResponseUrn } from './discovery.ts'
import { parseFilter } from './filter.ts'
import { isArray, isObject, type Json, type JsonObject, memberOf } from './json.ts'
import { attributeList } from './path.ts'
import { conditionFrom, orderField } from './question.ts'
import type { ResourceType } from './schemas.ts'
import { ScimError } from './scim-error.ts'

const searchUrn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** What a list is asked for, in a query or in the body of a search. */
export interface Request {
  readonly filter?: string
  readonly sortBy?: string
  readonly descending: boolean
  /** From 1. */
  readonly startIndex: number
  readonly count: number
  /** Empty for the first page by cursor. */
  readonly cursor?: string
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

/** @throws ScimError invalidValue */
export function requestFromQuery(query: URLSearchParams): Request {
  const one = (name: string): string | undefined =>
    query.get(name) ?? [...query].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  return requestOf({
    filter: one('filter'),
    sortBy: one('sortBy'),
    sortOrder: one('sortOrder'),
    startIndex: numberFrom('startIndex', one('startIndex')),
    count: countFrom(one('count'), one('cursor')),
    cursor: one('cursor'),
    attributes: attributeList(one('attributes') ?? ''),
    excludedAttributes: attributeList(one('excludedAttributes') ?? ''),
  })
}

/** A SearchRequest (RFC 7644 §3.4.3). @throws ScimError invalidSyntax, invalidValue */
export function requestFromBody(body: Json | undefined): Request {
  if (!isObject(body)) throw new ScimError('invalidSyntax', 'A search must be an object.')
  requireSchema(body, searchUrn)
  const text = (name: string): string | undefined => {
    const value = memberOf(body, name)
    if (value === undefined || value === null || typeof value === 'string')
      return value ?? undefined
    throw new ScimError('invalidValue', `${name} must be a string.`)
  }
  const number = (name: string): number | undefined => {
    const value = memberOf(body, name)
    if (value === undefined || value === null) return undefined
    return numberFrom(name, String(value))
  }
  const list = (name: string): readonly string[] => {
    const value = memberOf(body, name) ?? []
    const items = isArray(value) ? value : [value]
    return items.flatMap((item) => (typeof item === 'string' ? attributeList(item) : []))
  }
  return requestOf({
    filter: text('filter'),
    sortBy: text('sortBy'),
    sortOrder: text('sortOrder'),
    startIndex: number('startIndex'),
    count: number('count'),
    cursor: text('cursor'),
    attributes: list('attributes'),
    excludedAttributes: list('excludedAttributes'),
  })
}

interface Given {
  readonly filter: string | undefined
  readonly sortBy: string | undefined
  readonly sortOrder: string | undefined
  readonly startIndex: number | undefined
  readonly count: number | undefined
  readonly cursor: string | undefined
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

function requestOf(given: Given): Request {
  const { filter, sortBy, sortOrder = 'ascending', startIndex = 1, count, cursor } = given
  const order = sortOrder.toLowerCase()
  if (order !== 'ascending' && order !== 'descending') {
    throw new ScimError('invalidValue', 'sortOrder is "ascending" or "descending".')
  }
  if (cursor !== undefined && count !== undefined && count < 0) {
    throw new ScimError('invalidCount', 'count is a whole number, and not below 0.')
  }
  return {
    ...(filter !== undefined && filter.trim() !== '' && { filter }),
    ...(sortBy !== undefined && sortBy.trim() !== '' && { sortBy: sortBy.trim() }),
    descending: order === 'descending',
    startIndex: Math.max(1, startIndex),
    count: Math.min(limits.maxPageSize, Math.max(0, count ?? limits.defaultPageSize)),
    ...(cursor !== undefined && { cursor }),
    attributes: few('attributes', given.attributes),
    excludedAttributes: few('excludedAttributes', given.excludedAttributes),
  }
}

/** More than a resource has. */
const mostNames = 500

function few(name: string, names: readonly string[]): readonly string[] {
  if (names.length <= mostNames) return names
  throw new ScimError('invalidValue', `${name} may have up to ${mostNames} names.`)
}

function countFrom(text: string | undefined, cursor: string | undefined): number | undefined {
  try {
    return numberFrom('count', text)
  } catch (error) {
    if (cursor === undefined) throw error
    throw new ScimError('invalidCount', 'count is a whole number, and not below 0.')
  }
}

function numberFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text)
  throw new ScimError('invalidValue', `${name} is a whole number, not "${text.slice(0, 100)}".`)
}

/** @throws ScimError invalidSyntax for a message that does not say what it is */
export function requireSchema(body: JsonObject, urn: string): void {
  const schemas = memberOf(body, 'schemas')
  const named =
    isArray(schemas) &&
    schemas.some((one) => typeof one === 'string' && one.toLowerCase() === urn.toLowerCase())
  if (!named) throw new ScimError('invalidSyntax', `schemas must contain "${urn}".`)
}

/** What to ask the directory for. @throws ScimError invalidFilter, tooMany, invalidPath, invalidCursor */
export function questionFrom(request: Request, type: ResourceType, mark: Mark): Question {
  const { filter, sortBy, descending, cursor } = request
  return {
    ...(filter !== undefined && { condition: conditionFrom(parseFilter(filter), type) }),
    ...(sortBy !== undefined && { order: { field: orderField(sortBy, type), descending } }),
    from: cursor === undefined ? { skip: request.startIndex - 1 } : fromCursor(request, type, mark),
    limit: request.count,
    total: cursor === undefined,
  }
}

/** The envelope of a page; `itemsPerPage` is what is in it. */
export function pageFrom(
  { items, total, last }: Listed<JsonObject>,
  request: Request,
  type: ResourceType,
  mark: Mark,
): JsonObject {
  const byCursor = request.cursor !== undefined
  return {
    schemas: [listResponseUrn],
    ...(total !== undefined && { totalResults: total }),
    ...(!byCursor && { startIndex: request.startIndex }),
    itemsPerPage: items.length,
    ...(byCursor &&
      last &&
      request.count > 0 && { nextCursor: cursorAt(placed(last), markOf(request, type, mark)) }),
    Resources: items,
  }
}

const markLength = 12

const markOf =
  ({ filter = '', sortBy = '', descending }: Request, type: ResourceType, mark: Mark) =>
  (place: string): string =>
    mark('cursor', JSON.stringify([type.name, filter, sortBy, descending, place]), markLength)

type Place = Extract<From, { readonly after: unknown }>['after']

const placed = ({ key, id }: Place): string =>
  Buffer.from(JSON.stringify([key, id])).toString('base64url')

function fromCursor(request: Request, type: ResourceType, mark: Mark): From {
  const { cursor = '' } = request
  if (cursor === '') return { skip: 0 }
  const place = placeIn(cursor, markOf(request, type, mark))
  if (place === undefined) {
    throw new ScimError(
      'invalidCursor',
      'The cursor is none of this server, or belongs to another filter or order.',
    )
  }
  const [key, id] = JSON.parse(Buffer.from(place, 'base64url').toString()) as [Place['key'], string]
  return { after: { key, id } }
}

/** The id in a path. Nothing else can be anybody's. @throws not_found */
export function idFrom(text: string): string {
  if (text.length <= 64 && /^[\w-]+$/.test(text)) return text.toLowerCase()
  throw new Failure('not_found', 'There is no such resource.')
}
