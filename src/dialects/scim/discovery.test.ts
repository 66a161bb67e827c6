import { describe, expect, it } from 'vitest'
import {
  listResponse,
  resourceTypeList,
  resourceTypeNamed,
  schemaList,
  schemaNamed,
  serviceProviderConfig,
} from './discovery.ts'
import {
  type Attribute,
  commonAttributes,
  coreUserUrn,
  enterpriseUserUrn,
  findAttribute,
  groupType,
  kithUserUrn,
  resourceTypes,
  splitName,
  userType,
} from './schemas.ts'

const base = 'https://kith.example/scim/v2'

describe('discovery', () => {
  it('tells what the server can do', () => {
    expect(serviceProviderConfig(base)).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1048576 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 200,
      },
      meta: {
        resourceType: 'ServiceProviderConfig',
        location: 'https://kith.example/scim/v2/ServiceProviderConfig',
      },
    })
    const schemes = serviceProviderConfig(base).authenticationSchemes
    expect(schemes.map(({ type }) => type)).toEqual(['oauthbearertoken', 'oauth2'])
    expect(schemes.filter(({ primary }) => primary)).toHaveLength(1)
  })

  it('lists the types of resources, each with an address at which it is found alone', () => {
    const list = resourceTypeList(base)
    expect(list).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
    })
    expect(list.Resources[0]).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: 'User',
      name: 'User',
      endpoint: '/Users',
      description: userType.description,
      schema: coreUserUrn,
      schemaExtensions: [
        { schema: enterpriseUserUrn, required: false },
        { schema: kithUserUrn, required: false },
      ],
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
    })
    for (const one of list.Resources) expect(resourceTypeNamed(one.id, base)).toEqual(one)
    expect(resourceTypeNamed('Robot', base)).toBeUndefined()
  })

  it('lists the schemas, each with an address at which it is found alone', () => {
    const list = schemaList(base)
    expect(list.totalResults).toBe(5)
    for (const one of list.Resources) {
      expect(one.schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:Schema'])
      expect(one.meta).toEqual({ resourceType: 'Schema', location: `${base}/Schemas/${one.id}` })
      expect(schemaNamed(one.id.toUpperCase(), base)).toEqual(one)
    }
    expect(schemaNamed('urn:nobody', base)).toBeUndefined()
  })

  it('pages a list', () => {
    expect(listResponse(['c'], { startIndex: 3, totalResults: 9 })).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 9,
      startIndex: 3,
      itemsPerPage: 1,
      Resources: ['c'],
    })
  })
})

const everyAttribute = (attributes: readonly Attribute[]): readonly Attribute[] =>
  attributes.flatMap((one) => [one, ...everyAttribute(one.subAttributes ?? [])])
const all = [
  commonAttributes,
  ...resourceTypes.flatMap(({ schema, extensions }) =>
    [schema, ...extensions].map(({ attributes }) => attributes),
  ),
]

describe('the table of schemas', () => {
  it('says the same of an attribute once, and of every one whether it is complex', () => {
    for (const attributes of all) {
      for (const list of [
        attributes,
        ...everyAttribute(attributes).map((one) => one.subAttributes ?? []),
      ]) {
        const names = list.map(({ name }) => name.toLowerCase())
        expect(new Set(names).size).toBe(names.length)
      }
      for (const one of everyAttribute(attributes)) {
        expect(one.type === 'complex').toBe(one.subAttributes !== undefined)
        expect(one.type === 'reference').toBe(one.referenceTypes !== undefined)
        expect(one.description).toMatch(/\.$/)
      }
    }
  })

  it.each([
    ['USERNAME', 'userName'],
    ['urn:ietf:params:scim:schemas:CORE:2.0:User:name.FAMILYname', 'name.familyName'],
    ['Emails.Value', 'emails.value'],
    ['meta.lastmodified', 'meta.lastModified'],
    [`${enterpriseUserUrn.toLowerCase()}:MANAGER.VALUE`, `${enterpriseUserUrn}:manager.value`],
    [`${kithUserUrn}:FLAGS.ldap`, `${kithUserUrn}:flags.ldap`],
  ])('finds %s', (name, canonicalName) => {
    expect(findAttribute(userType, name)).toMatchObject({
      canonicalName,
      attribute: { name: canonicalName.split(/[:.]/).at(-1) },
    })
  })

  it.each([
    'manager',
    'name.nobody',
    'nobody.name',
    'userName.value',
    enterpriseUserUrn,
    coreUserUrn,
    `${enterpriseUserUrn}:userName`,
    `${kithUserUrn}x:number`,
    `${kithUserUrn}xnumber`,
    'urn:nobody:1.0:User:x',
    '',
    '__proto__',
  ])('does not find %s', (name) => {
    expect(findAttribute(userType, name)).toBeUndefined()
  })

  it.each([
    ['urn:nobody:2.0:Robot', { schema: 'urn:nobody:2.0:Robot', names: [] }],
    ['urn:nobody:2.0:Robot:x.y', { schema: 'urn:nobody:2.0:Robot', names: ['x', 'y'] }],
    [`${kithUserUrn}:a`, { schema: 'urn:nobody', names: ['a'] }],
  ])('guesses where the URN of %s ends, if it knows none', (name, expected) => {
    const { schema, names } = splitName(name, groupType)
    expect({ schema: schema === kithUserUrn ? 'urn:nobody' : schema, names }).toEqual(expected)
  })
})
