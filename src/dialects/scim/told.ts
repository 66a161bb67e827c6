// What each address takes and answers, for the OpenAPI document: made of the same table as everything else.
import Type, { type TSchema } from 'typebox'
import type { Told } from '../dialect.ts'
import { limits } from './discovery.ts'
import { type Attribute, groupType, type ResourceType, topAttributes, userType } from './schemas.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Text = Type.String()

// Resources.

const isTold = ({ returned }: Attribute): boolean => returned !== 'never'
const isTaken = ({ mutability }: Attribute): boolean => mutability !== 'readOnly'

/** An object of those attributes; `needs` says which of them are never left out. */
function objectOf(
  attributes: readonly Attribute[],
  fits: (one: Attribute) => boolean,
  needs: (one: Attribute) => boolean,
  more: Record<string, TSchema> = {},
  options: { readonly title?: string; readonly additionalProperties?: boolean } = {},
): TSchema {
  const properties = attributes.filter(fits).map((one) => {
    const value = schemaOf(one, fits, options)
    return [one.name, needs(one) ? value : optional(value)] as const
  })
  return Type.Object({ ...Object.fromEntries(properties), ...more }, options)
}

function schemaOf(
  attribute: Attribute,
  fits: (one: Attribute) => boolean,
  { additionalProperties }: { readonly additionalProperties?: boolean },
): TSchema {
  const { multiValued, description, subAttributes, type } = attribute
  const options = additionalProperties === undefined ? {} : { additionalProperties }
  const one = subAttributes
    ? objectOf(subAttributes, fits, () => false, {}, options)
    : simple[type === 'complex' ? 'string' : type]
  return multiValued ? Type.Array(one, { description }) : { ...one, description }
}

const simple: Record<Exclude<Attribute['type'], 'complex'>, TSchema> = {
  string: Text,
  boolean: Type.Boolean(),
  decimal: Type.Number(),
  integer: Type.Integer(),
  dateTime: Type.String({ format: 'date-time' }),
  binary: Text,
  reference: Text,
}

/** As it is answered: `attributes` may leave out all but what always comes. */
function shownOf(type: ResourceType): TSchema {
  const always = ({ returned }: Attribute) => returned === 'always'
  const extensions = type.extensions.map(({ id, attributes }) => {
    return [id, optional(objectOf(attributes, isTold, () => false, {}, strict))] as const
  })
  const more = Object.fromEntries(extensions)
  const options = { ...strict, title: type.name }
  return objectOf(topAttributes(type), isTold, always, more, options)
}

/** As it is taken. Names are read in any case, and what is read-only is passed over. */
function takenOf(type: ResourceType): TSchema {
  const needed = ({ required }: Attribute) => required
  const extensions = type.extensions.map(({ id, attributes }) => {
    return [id, optional(objectOf(attributes, isTaken, () => false))] as const
  })
  const more = Object.fromEntries(extensions)
  return objectOf(topAttributes(type), isTaken, needed, more, { title: `New${type.name}` })
}

const User = shownOf(userType)
const Group = shownOf(groupType)
const shown = { User, Group }
const taken = { User: takenOf(userType), Group: takenOf(groupType) }

// Messages (RFC 7644 §8.2).

/** The `schemas` of a message, which say what it is. */
const message = (name: string) =>
  Type.Array(Type.Literal(`urn:ietf:params:scim:api:messages:2.0:${name}`), { minItems: 1 })

function listOf(title: string, items: readonly TSchema[]): TSchema {
  return Type.Object(
    {
      schemas: message('ListResponse'),
      totalResults: optional(Type.Integer({ minimum: 0 })),
      startIndex: optional(Type.Integer({ minimum: 1 })),
      itemsPerPage: Type.Integer({ minimum: 0 }),
      nextCursor: optional(Text),
      Resources: Type.Array(items.length === 1 ? (items[0] as TSchema) : Type.Union([...items])),
    },
    { ...strict, title },
  )
}

const lists = {
  User: listOf('UserList', [User]),
  Group: listOf('GroupList', [Group]),
}
const everything = listOf('ResourceList', [User, Group])

const patchedPaths = ['displayName', 'title', 'emails[type eq "work"].value', 'members']

const patchMessage = Type.Object(
  {
    schemas: message('PatchOp'),
    Operations: Type.Array(
      Type.Object({
        op: Type.String({ description: 'In any case.', examples: ['add', 'replace', 'remove'] }),
        path: optional(Type.String({ examples: patchedPaths })),
        value: optional(Type.Unknown({ examples: ['Ada', true, [{ value: 'a@example.com' }]] })),
      }),
      { minItems: 1 },
    ),
  },
  { title: 'PatchOp' },
)

const selection = {
  attributes: optional(Type.String({ description: 'What to answer, by comma, beside the id.' })),
  excludedAttributes: optional(Type.String({ description: 'What to leave out, by comma.' })),
}

const question = {
  filter: optional(
    Type.String({ description: 'RFC 7644 §3.4.2.2.', examples: ['displayName sw "A"', 'id pr'] }),
  ),
  sortBy: optional(Type.String({ examples: ['displayName', 'meta.created'] })),
  sortOrder: optional(Type.String({ examples: ['ascending', 'descending'] })),
  startIndex: optional(Type.Integer({ description: 'From 1.' })),
  count: optional(Type.Integer({ description: `At most ${limits.maxPageSize} are answered.` })),
  cursor: optional(
    Type.String({ description: 'Empty for the first page by cursor (RFC 9865).', examples: [''] }),
  ),
}

const names = Type.Union([Text, Type.Array(Text)])
const searchMessage = Type.Object(
  {
    schemas: message('SearchRequest'),
    ...question,
    attributes: optional(names),
    excludedAttributes: optional(names),
  },
  { title: 'SearchRequest' },
)

const Operation = Type.Object({
  method: Type.String({ examples: ['POST', 'PUT', 'PATCH', 'DELETE'] }),
  path: Type.String({ examples: ['/Users', '/Groups'] }),
  bulkId: optional(Text),
  version: optional(Text),
  data: optional(Type.Unknown()),
})
const bulkMessage = Type.Object(
  {
    schemas: message('BulkRequest'),
    failOnErrors: optional(Type.Integer({ minimum: 0 })),
    Operations: Type.Array(Operation, { maxItems: limits.bulkOperations }),
  },
  { title: 'BulkRequest' },
)

const Outcome = Type.Object(
  {
    method: Text,
    bulkId: optional(Text),
    version: optional(Text),
    location: optional(Text),
    status: Text,
    response: optional(Type.Unknown()),
  },
  strict,
)
const outcomes = Type.Object(
  { schemas: message('BulkResponse'), Operations: Type.Array(Outcome) },
  { ...strict, title: 'BulkResponse' },
)

/** RFC 7644 §3.12. */
export const ScimErrorBody = Type.Object(
  {
    schemas: message('Error'),
    status: Type.String({ pattern: '^[45]\\d\\d$' }),
    scimType: optional(Text),
    detail: Text,
  },
  strict,
)

// Discovery: what is answered is the table itself.

const described = Type.Object({ schemas: Type.Array(Text), meta: Type.Object({ location: Text }) })

const token = Type.Object(
  { access_token: Text, token_type: Type.Literal('Bearer'), expires_in: Type.Integer() },
  strict,
)
const tokenRefusal = Type.Object({ error: Text, error_description: Text }, strict)

const several = (items: TSchema): TSchema =>
  Type.Object({
    ...{ schemas: message('ListResponse'), totalResults: Type.Integer() },
    ...{ startIndex: Type.Integer(), itemsPerPage: Type.Integer(), Resources: Type.Array(items) },
  })

// Addresses.

/** A user or a group, found by its id or as oneself. */
export const toldOf = ({ name }: ResourceType) => {
  const one = name.toLowerCase()
  const query = Type.Object(selection)
  const answers = { 200: shown[name] }
  const changed = { 200: shown[name], 204: null }
  return {
    list: {
      ...{ summary: `List ${one}s`, query: Type.Object({ ...question, ...selection }) },
      answers: { 200: lists[name] },
    },
    search: { summary: `Search ${one}s`, body: searchMessage, answers: { 200: lists[name] } },
    create: {
      ...{ summary: `Create a ${one}`, query, body: taken[name], answers: { 201: shown[name] } },
    },
    read: { summary: `Read a ${one}`, query, answers },
    replace: { summary: `Replace a ${one}`, query, body: taken[name], answers: changed },
    modify: { summary: `Change a ${one}`, query, body: patchMessage, answers: changed },
    remove: { summary: `Remove a ${one}`, answers: { 204: null } },
  } satisfies Record<string, Told>
}

/** What is no resource's own. */
export const told = {
  everything: {
    ...{ summary: 'List users and groups', query: Type.Object({ ...question, ...selection }) },
    answers: { 200: everything },
  },
  search: { summary: 'Search users and groups', body: searchMessage, answers: { 200: everything } },
  bulk: { summary: 'Do many things', body: bulkMessage, answers: { 200: outcomes } },
  config: { summary: 'What this server can do', answers: { 200: described } },
  types: { summary: 'List resource types', answers: { 200: several(described) } },
  type: { summary: 'Read a resource type', answers: { 200: described } },
  schemas: { summary: 'List schemas', answers: { 200: several(described) } },
  schema: { summary: 'Read a schema', answers: { 200: described } },
  token: {
    summary: 'Get an access token for a key’s id and secret',
    body: Type.Object({
      ...{ grant_type: Type.Literal('client_credentials') },
      ...{ client_id: optional(Text), client_secret: optional(Text) },
    }),
    answers: { 200: token, 400: tokenRefusal, 401: tokenRefusal },
  },
} satisfies Record<string, Told>
