import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/index.ts'
import { encodePersonId } from '../src/dialects/webex/ids.ts'
import * as cast from './cast.ts'
import { type ViewerName, type WorldOptions, world } from './world.ts'

// What is answered is what the vendors' own OpenAPI documents say, but for differences that are listed here.
// The documents lie beside the project's checkout, and are not part of it.

const documents = new URL('../../shared/specs/', import.meta.url)

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: Record<string, unknown> }>>
  }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

type Schema = Readonly<Record<string, unknown>> & {
  readonly properties?: Readonly<Record<string, Schema>>
}

/** Where the wire is known to be other than the document. */
interface Difference {
  /** `Schema.property` of the document; a property that it does not have is one that the wire has. */
  readonly at: `${string}.${string}`
  readonly why: string
  readonly instead: Schema
}

const described = (dialect: string, file: string): Document | undefined => {
  const url = new URL(file, documents)
  if (!dialects.some(({ name }) => name === dialect) || !existsSync(url)) return undefined
  return JSON.parse(readFileSync(url, 'utf8'))
}

const absent = 'skipped: the dialect is not there, or ../shared/specs is not beside this checkout'

function dialectNamed(name: string): Dialect {
  const found = dialects.find((dialect) => dialect.name === name)
  if (!found) throw new Error(`There is no dialect ${name}`)
  return found
}

const isObject = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && !Array.isArray(node)

/**
 * A strict check of the document's schema `name`: OpenAPI 3.0 in the words of JSON Schema, with every object closed,
 * so that a field of which the document does not know is an error.
 */
function checkerOf(
  document: Document,
  name: string,
  differences: readonly Difference[],
): ValidateFunction {
  const { schemas } = document.components
  const strict = Object.fromEntries(
    Object.entries(schemas).map(([one, schema]) => [one, translated(schema, schemas) as Schema]),
  )
  for (const { at, instead } of differences) {
    const [one = '', property = ''] = at.split('.')
    const schema = strict[one] ?? {}
    strict[one] = { ...schema, properties: { ...schema.properties, [property]: instead } }
  }
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addFormat('date-span', /^-?\d{2}:\d{2}:\d{2}$/)
  return ajv.compile({ components: { schemas: strict }, $ref: `#/components/schemas/${name}` })
}

function translated(node: unknown, schemas: Document['components']['schemas']): unknown {
  if (Array.isArray(node)) return node.map((item) => translated(item, schemas))
  if (!isObject(node)) return node
  const { nullable, allOf, ...rest } = node
  const plain: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, translated(value, schemas)]),
  )
  const whole = Array.isArray(allOf)
    ? { type: 'object', properties: propertiesOf({ allOf }, schemas) }
    : plain
  const closed = isObject(whole.properties) ? { additionalProperties: false, ...whole } : whole
  return nullable === true ? { anyOf: [closed, { type: 'null' }] } : closed
}

/** The properties of all parts together: closed parts of an `allOf` would each refuse those of the others. */
function propertiesOf(schema: unknown, schemas: Document['components']['schemas']): object {
  if (!isObject(schema)) return {}
  const { $ref, allOf, properties } = schema
  if (typeof $ref === 'string') return propertiesOf(schemas[$ref.split('/').at(-1) ?? ''], schemas)
  const parts = Array.isArray(allOf) ? allOf.map((part) => propertiesOf(part, schemas)) : []
  return Object.assign({}, ...parts, translated(properties, schemas))
}

/** What is wrong with `body`; nothing when it is as it should be. */
function wrongWith(check: ValidateFunction, body: unknown): string[] {
  check(body)
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  )
}

async function answerOf(name: string, path: string, as: ViewerName, options: WorldOptions = {}) {
  const { status, body } = await (await world(options)).ask(dialectNamed(name), path, { as })
  expect(status).toBe(200)
  return body
}

const spoilt = (body: object, changes: object) => ({ ...structuredClone(body), ...changes })

describe('webex: the vendor’s OpenAPI document', () => {
  const document = described('webex', 'webex-messaging.json')
  if (!document) {
    it.skip(absent, () => undefined)
    return
  }
  const person = `/v1/people/${encodePersonId(cast.ada.id)}`
  const list = `/v1/people?id=${cast.ada.id},${encodePersonId(cast.manager.id)}`

  const booleans: readonly Difference[] = ['invitePending', 'loginEnabled'].map((flag) => ({
    at: `Person.${flag}`,
    why: 'the document has the strings "true" and "false", a live capture has booleans',
    instead: { type: 'boolean' },
  }))
  const nullIds: Difference = {
    at: 'PersonCollectionResponse.notFoundIds',
    why: 'the wire has null when everybody was found',
    instead: { type: ['array', 'null'], items: { type: 'string' } },
  }
  const isPerson = checkerOf(document, 'Person', booleans)
  const isList = checkerOf(document, 'PersonCollectionResponse', [...booleans, nullIds])

  it.each(cast.viewerNames)('describes what %s is answered', async (as) => {
    expect(wrongWith(isPerson, await answerOf('webex', person, as))).toEqual([])
    expect(wrongWith(isList, await answerOf('webex', list, as))).toEqual([])
    expect(wrongWith(isList, await answerOf('webex', `${list},unknown`, as))).toEqual([])
    if (as === 'service') return
    expect(wrongWith(isPerson, await answerOf('webex', '/v1/people/me', as))).toEqual([])
  })

  it('describes what a list by name is answered, and what a write is', async () => {
    const one = await world()
    const ask = async (method: string, path: string, body?: object) => {
      const answer = await one.ask(dialectNamed('webex'), path, {
        ...{ as: 'admin', method, headers: { 'content-type': 'application/json' } },
        ...(body && { body: JSON.stringify(body) }),
      })
      expect(answer.status).toBe(200)
      return answer.body
    }
    expect(wrongWith(isList, await ask('GET', '/v1/people?displayName=Ada'))).toEqual([])
    for (const [method, path] of [
      ['post', '/people'],
      ['put', '/people/{personId}'],
    ] as const) {
      const { requestBody } = document.paths[path]?.[method] ?? {}
      const { example } = requestBody?.content['application/json'] ?? {}
      // What the record has no place for, and whom it does not know.
      const { extension, locationId, siteUrls, orgId, managerId, manager, ...known } = example ?? {}
      expect([extension, locationId, siteUrls, orgId, managerId, manager]).not.toContain(undefined)
      const to = method === 'put' ? person : '/v1/people'
      const emails = [`${method}@example.com`]
      const body = await ask(method.toUpperCase(), to, { ...known, emails })
      expect(wrongWith(isPerson, body)).toEqual([])
      const { roles, licenses, ...same } = known
      expect(body).toMatchObject({ ...same, emails })
    }
  })

  it.each(['seedForm', 'stringBooleans'])(
    'describes the flags to the letter with %s',
    async (form) => {
      const isLiteral = checkerOf(document, 'Person', [])
      const options = { switches: { webex: { [form]: true } } }
      expect(wrongWith(isLiteral, await answerOf('webex', person, 'colleague', options))).toEqual(
        [],
      )
    },
  )

  it('has the fields in the same order', async () => {
    const known = Object.keys(document.components.schemas.Person?.properties ?? {})
    const fields = Object.keys(await answerOf('webex', person, 'admin'))
    expect(fields).toEqual(known.filter((field) => fields.includes(field)))
  })

  it.each([...booleans, nullIds])('differs at $at: $why', async ({ at }) => {
    const others = [...booleans, nullIds].filter((difference) => difference.at !== at)
    const check = checkerOf(document, 'PersonCollectionResponse', others)
    expect(wrongWith(check, await answerOf('webex', list, 'colleague'))).not.toEqual([])
  })

  it.each([
    ['a field of which it does not know', { nonsense: 1 }],
    ['null', { title: null }],
    ['a number for a text', { displayName: 7 }],
    ['a status that there is not', { status: 'busy' }],
    ['a kind of telephone that there is not', { phoneNumbers: [{ type: 'home', value: '1' }] }],
    ['a string for a boolean', { loginEnabled: 'true' }],
    ['a field too many further down', { addresses: [{ type: 'work', city: 'x' }] }],
  ])('would not let pass %s', async (_, changes) => {
    const body = spoilt(await answerOf('webex', person, 'colleague'), changes)
    expect(wrongWith(isPerson, body)).toHaveLength(1)
    expect(wrongWith(isList, { notFoundIds: null, items: [body] })).toHaveLength(1)
  })
})

describe('docspace: the vendor’s OpenAPI document', () => {
  const document = described('docspace', 'docspace-people.json')
  if (!document) {
    it.skip(absent, () => undefined)
    return
  }
  const person = `/api/2.0/people/${cast.ada.id}`
  const self = '/api/2.0/people/@self'

  const wireDate: Schema = {
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{7}(Z|[+-]\\d{2}:\\d{2})$',
  }
  const dates: readonly Difference[] = ['terminated', 'registrationDate'].map((date) => ({
    at: `EmployeeFullDto.${date}`,
    why: 'the document has an object, the wire a string',
    instead: wireDate,
  }))
  const onPage = 'the document leaves it out, the vendor’s page and server have it'
  const leftOut = (date: Schema): readonly Difference[] => [
    { at: 'EmployeeFullDto.birthday', why: onPage, instead: date },
    { at: 'EmployeeFullDto.workFrom', why: onPage, instead: date },
    {
      at: 'EmployeeFullDto.sex',
      why: onPage,
      instead: { type: 'string', enum: ['male', 'female'] },
    },
    { at: 'EmployeeFullDto.title', why: onPage, instead: { type: 'string' } },
  ]
  const differences = [...dates, ...leftOut(wireDate)]
  const isAnswer = checkerOf(document, 'EmployeeFullWrapper', differences)

  it.each(cast.viewerNames)('describes what %s is answered', async (as) => {
    expect(wrongWith(isAnswer, await answerOf('docspace', person, as))).toEqual([])
    if (as === 'service') return
    expect(wrongWith(isAnswer, await answerOf('docspace', self, as))).toEqual([])
  })

  it('describes what oneself is answered', async () => {
    const body = await answerOf('docspace', self, 'self')
    expect(body.response).toHaveProperty('theme')
    expect(wrongWith(isAnswer, body)).toEqual([])
  })

  it('describes dates and names to the letter with dateObjects and enumNames', async () => {
    const date = { $ref: '#/components/schemas/ApiDateTime' }
    const isLiteral = checkerOf(document, 'EmployeeFullWrapper', leftOut(date))
    const options = { switches: { docspace: { dateObjects: true, enumNames: true } } }
    for (const as of ['admin', 'colleague'] as const) {
      const body = await answerOf('docspace', person, as, options)
      expect(body.response.status).toBe('Active')
      expect(wrongWith(isLiteral, body)).toEqual([])
    }
  })

  const counted = (wrapper: string): Difference => ({
    at: `${wrapper}.total`,
    why: 'the wire tells how many there are in all',
    instead: { type: 'integer' },
  })
  const ofLists: readonly Difference[] = [
    ...differences,
    { at: 'EmployeeDto.title', why: onPage, instead: { type: 'string' } },
    ...['EmployeeFullArrayWrapper', 'EmployeeArrayWrapper', 'GroupArrayWrapper'].map(counted),
  ]
  const group = cast.groups[0].group.id

  it.each([
    ['/people?count=100', 'EmployeeFullArrayWrapper'],
    ['/people/filter?employeeStatus=7', 'EmployeeFullArrayWrapper'],
    ['/people/status/Active', 'EmployeeFullArrayWrapper'],
    ['/people/@search/zz', 'EmployeeFullArrayWrapper'],
    ['/people/simple/filter', 'EmployeeArrayWrapper'],
    ['/people/search?query=canary', 'EmployeeArrayWrapper'],
    ['/people/email?email=canary.mail@ada-canary.example', 'EmployeeFullWrapper'],
    ['/people/exists?email=canary.mail@ada-canary.example', 'UserExistsResponseWrapper'],
    ['/group', 'GroupArrayWrapper'],
    [`/group/${group}`, 'GroupWrapper'],
    [`/group/user/${cast.ada.id}`, 'GroupSummaryArrayWrapper'],
  ])('describes what %s answers', async (path, wrapper) => {
    for (const as of ['admin', 'service', 'colleague'] as const) {
      const body = await answerOf('docspace', `/api/2.0${path}`, as)
      expect(wrongWith(checkerOf(document, wrapper, ofLists), body)).toEqual([])
    }
  })

  it.each(differences)('differs at $at: $why', async ({ at }) => {
    const others = differences.filter((difference) => difference.at !== at)
    const check = checkerOf(document, 'EmployeeFullWrapper', others)
    expect(wrongWith(check, await answerOf('docspace', person, 'admin'))).not.toEqual([])
  })

  it.each([
    ['a field of which it does not know', { nonsense: 1 }],
    ['a number for a text', { firstName: 7 }],
    ['a status that there is not', { status: 3 }],
    ['a date without its fraction', { registrationDate: '2021-02-03T04:05:06Z' }],
    ['an id that is no UUID', { id: 'x' }],
    ['a contact with a field too many', { contacts: [{ type: 'a', value: 'b', note: 'c' }] }],
  ])('would not let pass %s', async (_, changes) => {
    const body = await answerOf('docspace', person, 'admin')
    const response = spoilt(body.response, changes)
    expect(wrongWith(isAnswer, { ...body, response })).not.toEqual([])
    expect(wrongWith(isAnswer, { ...body, extra: true })).not.toEqual([])
  })

  it('would let null pass where it says so, and nowhere else', async () => {
    const body = await answerOf('docspace', person, 'admin')
    const nullable = { ...body, response: spoilt(body.response, { location: null, groups: null }) }
    expect(wrongWith(isAnswer, nullable)).toEqual([])
    const other = { ...body, response: spoilt(body.response, { isAdmin: null }) }
    expect(wrongWith(isAnswer, other)).not.toEqual([])
  })
})
