// The OpenAPI 3.1 document of a dialect, made of its routes and of what is told of them.
import type { TSchema } from 'typebox'
import type { CredentialPlace } from '../access/identify.ts'
import { Failure, type FailureCode } from '../failure.ts'
import type { Asked, Dialect, Route, Told } from './dialect.ts'
import { spoken } from './index.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
type JsonObject = { readonly [name: string]: Json }

/** One way to give a key, and how it is called in the document. */
interface Scheme {
  readonly name: string
  readonly scheme: JsonObject
}

/**
 * Describes all that a dialect can be asked for. `publicUrl` is what absolute addresses begin with, without a slash at
 * its end. Schemas that have a `title` are told once, under that name.
 */
export function documentOf(dialect: Dialect, publicUrl: string): JsonObject {
  const schemas = new Map<string, JsonObject>()
  const refusals = refusalsOf(dialect, schemas)
  const schemes = dialect.credentials.flatMap(schemesOf)
  const security = schemes.map(({ name }) => ({ [name]: [] }))
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of dialect.routes) {
    const path = templateOf(route.path)
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] ??= operationOf(route, dialect, schemas, refusals)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: dialect.product === 'Kith' ? 'Kith' : `Kith: ${dialect.product}`,
      version: '1',
      description:
        dialect.product === 'Kith'
          ? 'One directory of people, in its own words.'
          : `One directory of people, in the words of ${dialect.product}.`,
    },
    servers: [
      { url: publicUrl + dialect.prefix },
      ...(dialect.roots.length > 0 ? [{ url: publicUrl }] : []),
    ],
    security,
    paths,
    components: {
      securitySchemes: Object.fromEntries(schemes.map(({ name, scheme }) => [name, scheme])),
      responses: Object.fromEntries(
        [...refusals].map(([status, { response }]) => [`Refusal${status}`, response]),
      ),
      schemas: Object.fromEntries(schemas),
    },
  }
}

// Operations.

const parameter = /^:/

const templateOf = (path: string): string => path.replace(/(?<=\/):([^/.]+)/g, '{$1}')

/** `getV1PeopleByPersonId` for `GET /v1/people/:personId`. */
const operationIdOf = ({ method, path }: Route): string =>
  method.toLowerCase() +
  path
    .split('/')
    .map((segment) => segment.replace(parameter, 'By ').replace(/[^A-Za-z0-9]+/g, ' '))
    .flatMap((segment) => segment.split(' ').filter(Boolean))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')

function operationOf(
  route: Route,
  dialect: Dialect,
  schemas: Map<string, JsonObject>,
  refusals: ReadonlyMap<number, Refusal>,
): JsonObject {
  const { told } = route
  const parameters = [
    ...pathParameters(route),
    ...queryParameters(told?.query, schemas),
    ...headerParameters(told?.headers),
  ]
  const body = route.body && told?.body
  const types = told?.types ?? dialect.mediaTypes
  const answers = Object.entries(told?.answers ?? {}).map(([status, schema]) => {
    const own = schema ? contentOf(types, schemaFrom(schema, schemas)) : {}
    const content = either(own, refusals.get(Number(status))?.response.content)
    const description = descriptions[status] ?? reasons[Number(status)] ?? `Status ${status}`
    return [status, { description, ...(schema && { content }) }]
  })
  return {
    operationId: operationIdOf(route),
    ...(told && { summary: told.summary }),
    ...(told?.tag && { tags: [told.tag] }),
    ...(route.entry === 'open' && { security: [] }),
    ...((route.entry === 'address' || route.entry === 'picture') && {
      ...{ security: [], description: signedAddress },
    }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        ...(body && { required: true }),
        content: contentOf(bodyTypesOf(route, dialect), body ? schemaFrom(body, schemas) : {}),
      },
    }),
    responses: { ...referencesTo(refusals, route), ...Object.fromEntries(answers) },
  }
}

/** A route may refuse in words of its own, and the dialect before it in its own; either way in any of the types. */
function either(own: JsonObject, other: Json | undefined): JsonObject {
  if (other === undefined || !isObject(other)) return own
  const schemas = [own, other].map((content) => Object.values(content)[0] as { schema: Json })
  const anyOf = schemas.map(({ schema }) => schema)
  return contentOf([...new Set([...Object.keys(own), ...Object.keys(other)])], { anyOf })
}

const signedAddress = 'Answers only at the signed addresses that other answers tell.'

const descriptions: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Taken',
  204: 'Done; there is nothing to tell',
  302: 'Elsewhere',
}

const pathParameters = ({ path, told }: Route): JsonObject[] =>
  path
    .split('/')
    .filter((segment) => parameter.test(segment))
    .map((segment) => segment.slice(1).replace(/\..*/, ''))
    .map((name) => ({
      ...{ name, in: 'path', required: true },
      schema: told?.params?.[name] ? plain(told.params[name]) : textNamed(name),
    }))

const textNamed = (name: string): JsonObject =>
  // A route of ours has a dialect for a parameter, and can not itself know of the others.
  name === 'dialect'
    ? { type: 'string', enum: spoken.map((one) => one.name) }
    : { type: 'string', minLength: 1 }

const headerParameters = (headers: Told['headers'] = {}): JsonObject[] =>
  Object.entries(headers).map(([name, schema]) => {
    const { description, ...rest } = plain(schema)
    return {
      ...{ name, in: 'header', required: false },
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })

function queryParameters(
  query: TSchema | undefined,
  schemas: Map<string, JsonObject>,
): JsonObject[] {
  if (!query) return []
  const { properties = {}, required = [] } = plain(query) as {
    readonly properties?: Readonly<Record<string, JsonObject>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: required.includes(name) },
    ...(description !== undefined && { description }),
    schema: hoisted(schema, schemas),
  }))
}

function bodyTypesOf({ body }: Route, { bodyTypes }: Dialect): readonly string[] {
  switch (body) {
    case 'form':
      return ['application/x-www-form-urlencoded']
    case 'bytes':
      return ['image/*', 'application/octet-stream']
    case 'multipart':
      return ['multipart/form-data']
    default:
      return bodyTypes ?? ['application/json']
  }
}

const contentOf = (types: readonly string[], schema: Json): JsonObject =>
  Object.fromEntries(types.map((type) => [type, { schema }]))

// Refusals.

interface Refusal {
  readonly codes: readonly FailureCode[]
  readonly response: JsonObject
}

/** What of a route makes each refusal possible. */
const causes: Record<FailureCode, (route: Route) => boolean> = {
  unauthenticated: ({ entry }) => entry !== 'open',
  forbidden: ({ entry }) => entry !== 'open',
  not_found: ({ path }) => path.includes('/:') || /\/me(\/|$)/.test(path),
  no_such_event: ({ path }) => path.includes('/:'),
  no_such_path: () => false,
  method_not_allowed: () => false,
  not_acceptable: ({ entry }) => entry === 'key',
  invalid: () => true,
  invalid_id: ({ path }) => path.includes('/:'),
  invalid_body: ({ body }) => body !== undefined,
  conflict: ({ method }) => method !== 'GET',
  precondition_failed: ({ method }) => method !== 'GET',
  unsupported_media_type: ({ body }) => body !== undefined,
  too_large: ({ body }) => body !== undefined,
  too_many_requests: () => true,
  unavailable: () => true,
  internal: () => true,
}

const codes = Object.keys(causes) as FailureCode[]

/** By status: when it is given, and what with. The dialect itself is asked. */
function refusalsOf(dialect: Dialect, schemas: Map<string, JsonObject>): Map<number, Refusal> {
  const { errorSchema = {} } = dialect
  const refusals = new Map<number, Refusal>()
  for (const code of codes) {
    const { status, body, headers } = dialect.refuse(new Failure(code, code), nothingAsked)
    const type = headers?.['content-type'] ?? dialect.mediaTypes[0]
    const known = refusals.get(status)
    refusals.set(status, {
      codes: [...(known?.codes ?? []), code],
      response: {
        description: reasons[status] ?? 'Refused',
        ...(status === 429 && { headers: retryAfter }),
        ...(body !== undefined && {
          content: contentOf([type], named('Error', plain(errorSchema), schemas)),
        }),
      },
    })
  }
  return refusals
}

const nothingAsked: Asked = { url: '', header: () => undefined, switches: {} }

const reasons: Readonly<Record<number, string>> = {
  400: 'The request is not as it should be',
  401: 'A valid key is required',
  403: 'The key may not do that',
  404: 'There is no such thing, or the key may not know of it',
  406: 'There is no such thing, or it can not be had in that form',
  409: 'It contradicts what is there',
  412: 'It has changed meanwhile',
  413: 'The body is too large',
  415: 'The body is of another type than can be read',
  429: 'Too many requests',
  500: 'A mistake of the server',
  503: 'The server can not answer at the moment',
}

const retryAfter: JsonObject = {
  'Retry-After': {
    description: 'Seconds after which to try again',
    schema: { type: 'integer', minimum: 1 },
  },
}

const referencesTo = (refusals: ReadonlyMap<number, Refusal>, route: Route): JsonObject =>
  Object.fromEntries(
    [...refusals]
      .filter((entry) => entry[1].codes.some((code) => causes[code](route)))
      .map(([status]) => [String(status), { $ref: `#/components/responses/Refusal${status}` }]),
  )

// Schemas. TypeBox's are JSON Schema 2020-12 already, which OpenAPI 3.1 takes as it is.

const plain = (schema: TSchema): JsonObject => JSON.parse(JSON.stringify(schema))

const schemaFrom = (schema: TSchema, schemas: Map<string, JsonObject>): Json =>
  hoisted(plain(schema), schemas)

/** The same with a reference in place of each schema that has a name. */
function hoisted(schema: Json, schemas: Map<string, JsonObject>): Json {
  if (Array.isArray(schema)) return schema.map((one) => hoisted(one, schemas))
  if (!isObject(schema)) return schema
  const inner: JsonObject = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, hoisted(value, schemas)]),
  )
  const { title } = inner
  return typeof title === 'string' ? named(title, inner, schemas) : inner
}

/** A reference to a schema under its name, or another name where that one is taken. */
function named(title: string, schema: JsonObject, schemas: Map<string, JsonObject>): JsonObject {
  const text = JSON.stringify(schema)
  let name = title.replace(/[^A-Za-z0-9._-]+/g, '')
  while (schemas.has(name) && JSON.stringify(schemas.get(name)) !== text) name += '_'
  schemas.set(name, schema)
  return { $ref: `#/components/schemas/${name}` }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// Credentials.

function schemesOf(place: CredentialPlace): Scheme[] {
  switch (place.in) {
    case 'cookie':
      return [{ name: 'cookie', scheme: { type: 'apiKey', in: 'cookie', name: place.name } }]
    case 'header':
      return [{ name: place.name, scheme: { type: 'apiKey', in: 'header', name: place.name } }]
    case 'authorization':
      return [
        { name: 'bearer', scheme: { type: 'http', scheme: 'bearer' } },
        ...(place.basic ? [{ name: 'basic', scheme: { type: 'http', scheme: 'basic' } }] : []),
        ...(place.raw ? [{ name: 'bare', scheme: bareKey }] : []),
      ]
  }
}

const bareKey = { type: 'apiKey', in: 'header', name: 'Authorization' }
