// RFC 7644 §3.7: many operations in one request, one after the other, each a write of its own.
import { Failure } from '../../failure.ts'
import type { Reply } from '../dialect.ts'
import { limits } from './discovery.ts'
import { errorFrom } from './errors.ts'
import { groups } from './groups.ts'
import { isArray, isObject, type Json, type JsonObject, memberOf, sameName } from './json.ts'
import { idFrom, requireSchema } from './listing.ts'
import type { Asker, Resources } from './resources.ts'
import { ScimError } from './scim-error.ts'
import { users } from './users.ts'

const bulkRequestUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const bulkResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

interface Operation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly bulkId?: string
  readonly version?: string
  readonly data?: Json
  /** The `bulkId`s of other operations that this one needs the ids of. */
  readonly needs: readonly string[]
}

/** Runs a BulkRequest. @throws ScimError invalidSyntax, too_large */
export async function bulk(asker: Asker, body: Json | undefined): Promise<Reply> {
  if (!isObject(body)) throw new ScimError('invalidSyntax', 'A bulk request must be an object.')
  requireSchema(body, bulkRequestUrn)
  const operations = operationsIn(body)
  const most = failuresIn(body)
  const results = new Map<Operation, JsonObject>()
  const made = new Map<string, string>()
  let failures = 0
  for (const operation of inOrder(operations)) {
    if (failures >= most) break
    const { result, id } = await attempt(asker, operation, operations, made)
    results.set(operation, result)
    if (id === undefined) failures += 1
    else if (operation.bulkId !== undefined) made.set(operation.bulkId, id)
  }
  const answers = operations.flatMap((operation) => results.get(operation) ?? [])
  return { status: 200, body: { schemas: [bulkResponseUrn], Operations: answers } }
}

/** What came of an operation; without the id of what it was about where it failed. */
async function attempt(
  asker: Asker,
  operation: Operation,
  operations: readonly Operation[],
  made: Made,
): Promise<{ readonly result: JsonObject; readonly id?: string }> {
  try {
    refuseLoop(operation, operations)
    return await run(asker, operation, made)
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'internal') throw error
    return { result: failed(operation, error, asker) }
  }
}

function operationsIn(body: JsonObject): readonly Operation[] {
  const list = memberOf(body, 'Operations')
  if (!isArray(list)) throw new ScimError('invalidSyntax', 'Operations must be a list.')
  if (list.length > limits.bulkOperations) {
    throw new Failure(
      'too_large',
      `A bulk request may have ${limits.bulkOperations} operations at most; this one has ${list.length}.`,
    )
  }
  const operations = list.map(operationFrom)
  const ids = operations.flatMap(({ bulkId }) => bulkId ?? [])
  const twin = ids.find((id, at) => ids.indexOf(id) < at)
  if (twin !== undefined) {
    throw new ScimError('invalidValue', `bulkId: ${JSON.stringify(twin)} is given twice.`)
  }
  return operations
}

function failuresIn(body: JsonObject): number {
  const most = memberOf(body, 'failOnErrors')
  if (most === undefined || most === null) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(most) && Number(most) > 0) return Number(most)
  throw new ScimError('invalidValue', 'failOnErrors must be a whole number above 0.')
}

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

function operationFrom(value: Json, at: number): Operation {
  const wrong = (problem: string) =>
    new ScimError('invalidSyntax', `Operations[${at}]: ${problem}.`)
  if (!isObject(value)) throw wrong('must be an object')
  const text = (name: string): string | undefined => {
    const one = memberOf(value, name)
    if (one === undefined || one === null || typeof one === 'string') return one ?? undefined
    throw wrong(`${name} must be a string`)
  }
  const given = text('method') ?? ''
  const method = methods.find((one) => sameName(one, given))
  if (!method) throw wrong('method must be POST, PUT, PATCH or DELETE')
  const path = text('path')
  if (path === undefined) throw wrong('path is missing')
  const bulkId = text('bulkId')
  if (method === 'POST' && bulkId === undefined) throw wrong('a POST needs a bulkId')
  const version = text('version')
  const data = memberOf(value, 'data')
  if (method !== 'DELETE' && data === undefined) throw wrong('data is missing')
  const needs = new Set([...referencesIn(data), ...referencesIn(path.split('/'))])
  return {
    method,
    path,
    ...(bulkId !== undefined && { bulkId }),
    ...(version !== undefined && { version }),
    ...(data !== undefined && { data }),
    needs: [...needs],
  }
}

// References.

const prefix = 'bulkId:'

function referencesIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value.startsWith(prefix) ? [value.slice(prefix.length)] : []
  if (isArray(value)) return value.flatMap(referencesIn)
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : []
}

/** The order of the request, but that whatever is referred to is there before. Loops are left for `refuseLoop`. */
function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const byId = new Map(operations.map((operation) => [operation.bulkId, operation]))
  const ordered = new Set<Operation>()
  const under = new Set<Operation>()
  function place(operation: Operation): void {
    if (ordered.has(operation) || under.has(operation)) return
    under.add(operation)
    for (const id of operation.needs) {
      const needed = byId.get(id)
      if (needed) place(needed)
    }
    ordered.add(operation)
  }
  for (const operation of operations) place(operation)
  return [...ordered]
}

/** @throws Failure conflict for an operation that needs what needs it (RFC 7644 §3.7.1) */
function refuseLoop(operation: Operation, operations: readonly Operation[]): void {
  const byId = new Map(operations.map((one) => [one.bulkId, one]))
  const seen = new Set<Operation>()
  const rest = [operation]
  for (let one = rest.pop(); one; one = rest.pop()) {
    for (const id of one.needs) {
      const needed = byId.get(id)
      if (needed === operation) {
        throw new Failure('conflict', `bulkId: ${JSON.stringify(id)} refers to itself in a circle.`)
      }
      if (needed && !seen.has(needed)) {
        seen.add(needed)
        rest.push(needed)
      }
    }
  }
}

/** By `bulkId`: the id of what was made or changed. */
type Made = ReadonlyMap<string, string>

function resolved(value: Json, made: Made): Json {
  if (typeof value === 'string') return value.startsWith(prefix) ? idOf(value, made) : value
  if (isArray(value)) return value.map((one) => resolved(one, made))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, made)]))
}

function idOf(reference: string, made: Made): string {
  const id = made.get(reference.slice(prefix.length))
  if (id !== undefined) return id
  throw new ScimError(
    'invalidValue',
    `${JSON.stringify(reference)} refers to nothing that was made.`,
  )
}

// One operation.

interface Ran {
  readonly result: JsonObject
  readonly id: string
}

async function run(asker: Asker, operation: Operation, made: Made): Promise<Ran> {
  const { method, version } = operation
  const { kind, id: given } = targetOf(operation.path)
  const data = operation.data === undefined ? undefined : resolved(operation.data, made)
  if (method === 'POST') {
    if (given !== undefined) throw new ScimError('invalidPath', 'A POST is to a type of resource.')
    const id = await kind.create(asker, data)
    return told(asker, operation, kind, id, '201')
  }
  if (given === undefined) throw new ScimError('invalidPath', `A ${method} is to one resource.`)
  const id = idFrom(given.startsWith(prefix) ? idOf(given, made) : given)
  if (method === 'DELETE') {
    await kind.remove(asker, id, version)
    const location = `${asker.base}${kind.type.endpoint}/${id}`
    return { id, result: { ...echo(operation), location, status: '204' } }
  }
  await (method === 'PUT'
    ? kind.replace(asker, id, data, version)
    : kind.modify(asker, id, data, version))
  return told(asker, operation, kind, id, '200')
}

async function told(
  asker: Asker,
  operation: Operation,
  kind: Resources,
  id: string,
  status: string,
): Promise<Ran> {
  const { meta } = await kind.read(asker, id)
  const { location, version } = meta as Readonly<Record<'location' | 'version', string>>
  return { id, result: { ...echo(operation), version, location, status } }
}

const echo = ({ method, bulkId }: Operation): JsonObject => ({
  method,
  ...(bulkId !== undefined && { bulkId }),
})

function failed(operation: Operation, failure: Failure, asker: Asker): JsonObject {
  const { status, body } = errorFrom(failure)
  const location = operation.method === 'POST' ? undefined : `${asker.base}${operation.path}`
  return {
    ...echo(operation),
    ...(location !== undefined && { location }),
    status: String(status),
    response: body,
  }
}

/** @throws ScimError invalidPath */
function targetOf(path: string): { kind: Resources; id?: string } {
  const [, endpoint = '', id, ...rest] = path.split('/')
  const kind = [users, groups].find(({ type }) => sameName(type.endpoint, `/${endpoint}`))
  if (!kind || rest.length > 0) {
    throw new ScimError(
      'invalidPath',
      `${JSON.stringify(path)} is neither of /Users nor of /Groups.`,
    )
  }
  return { kind, ...(id !== undefined && id !== '' && { id: decoded(id) }) }
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
