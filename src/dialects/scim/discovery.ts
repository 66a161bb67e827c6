// RFC 7644 §4: what a client learns of this server before it asks for anybody.
import { sameName } from './json.ts'
import { type ResourceType, resourceTypes, type Schema } from './schemas.ts'

export const listResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const coreUrn = 'urn:ietf:params:scim:schemas:core:2.0:'

/** How much may be asked for at once, and how (RFC 7643 §5, RFC 9865 §4.1.4). */
export const limits = {
  bulkOperations: 1000,
  /** Bytes. */
  bulkPayload: 1_048_576,
  defaultPageSize: 100,
  maxPageSize: 200,
} as const

/** The envelope of every list (RFC 7644 §3.4.2). */
export interface ListResponse<Item> {
  readonly schemas: readonly [typeof listResponseUrn]
  readonly totalResults: number
  /** From 1. */
  readonly startIndex: number
  readonly itemsPerPage: number
  readonly Resources: readonly Item[]
}

/** `items` as a page of `totalResults`, by default as all there is. */
export const listResponse = <Item>(
  items: readonly Item[],
  { startIndex = 1, totalResults = items.length } = {},
): ListResponse<Item> => ({
  schemas: [listResponseUrn],
  totalResults,
  startIndex,
  itemsPerPage: items.length,
  Resources: items,
})

/** The body of /ServiceProviderConfig (RFC 7643 §5). `base` is absolute and without a slash at its end, here and below. */
export const serviceProviderConfig = (base: string) => ({
  schemas: [`${coreUrn}ServiceProviderConfig`],
  patch: { supported: true },
  bulk: {
    supported: true,
    maxOperations: limits.bulkOperations,
    maxPayloadSize: limits.bulkPayload,
  },
  filter: { supported: true, maxResults: limits.maxPageSize },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: limits.defaultPageSize,
    maxPageSize: limits.maxPageSize,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A key of this server in the header Authorization, after the word Bearer',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
    {
      type: 'oauth2',
      name: 'OAuth 2.0',
      description: 'An access token issued for a client of this server',
      specUri: 'https://www.rfc-editor.org/info/rfc6749',
      primary: false,
    },
  ],
  meta: {
    resourceType: 'ServiceProviderConfig',
    location: `${base}/ServiceProviderConfig`,
  },
})

/** The body of /ResourceTypes (RFC 7643 §6). */
export const resourceTypeList = (base: string) =>
  listResponse(resourceTypes.map((type) => resourceTypeBody(type, base)))

/** The body of /ResourceTypes/`name`; undefined where there is no such type. */
export function resourceTypeNamed(name: string, base: string) {
  const type = resourceTypes.find((one) => one.name === name)
  return type && resourceTypeBody(type, base)
}

const resourceTypeBody = (
  { name, endpoint, description, schema, extensions }: ResourceType,
  base: string,
) => ({
  schemas: [`${coreUrn}ResourceType`],
  id: name,
  name,
  endpoint,
  description,
  schema: schema.id,
  schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
})

/** The body of /Schemas (RFC 7643 §7). */
export const schemaList = (base: string) =>
  listResponse(allSchemas.map((schema) => schemaBody(schema, base)))

/** The body of /Schemas/`urn`, in any case; undefined where there is no such schema. */
export function schemaNamed(urn: string, base: string) {
  const schema = allSchemas.find(({ id }) => sameName(id, urn))
  return schema && schemaBody(schema, base)
}

const allSchemas: readonly Schema[] = resourceTypes.flatMap(({ schema, extensions }) => [
  schema,
  ...extensions,
])

const schemaBody = (schema: Schema, base: string) => ({
  schemas: [`${coreUrn}Schema`],
  ...schema,
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
})
