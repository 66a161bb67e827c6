import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { house } from '../src/dialects/house/index.ts'
import { spoken } from '../src/dialects/index.ts'
import { documentOf } from '../src/dialects/openapi.ts'
import { world } from './world.ts'

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, object>>
}

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const publicUrl = 'https://people.example'
const all = spoken
const read = (dialect: (typeof all)[number]) =>
  JSON.parse(JSON.stringify(documentOf(dialect, publicUrl))) as Described

/** `GET /v1/people/{}`: names of parameters left out. */
const shapeOf = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/\{[^}]*\}/g, '{}').replace(/:[^/.]+/g, '{}')}`

/** SCIM has an attribute of that name, and the validator takes it for a reference wherever it stands. */
const withoutRefProperties = (document: Described): SpecData =>
  JSON.parse(JSON.stringify(document).replaceAll('"$ref":{', '"ref":{'))

type SpecData = Exclude<Parameters<Validator['validate']>[0], string>

describe.each(all)('the document of $product', (dialect) => {
  const document = read(dialect)
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(withoutRefProperties(document))
    expect(errors).toBeUndefined()
    expect([valid, validator.version]).toEqual([true, '3.1'])
    // What refers to nothing is found here.
    expect(() => validator.resolveRefs()).not.toThrow()
  })

  it('has every route, and nothing else', () => {
    const routes = dialect.routes.map(({ method, path }) => shapeOf(method, path))
    const told = operations.map(({ method, path }) => shapeOf(method, path))
    expect(told.sort()).toEqual(routes.sort())
    const paths = Object.keys(document.paths).map((path) => shapeOf('', path))
    expect(new Set(paths).size).toBe(paths.length)
  })

  it('tells what each of them does and answers', () => {
    const silent = dialect.routes.filter(({ told }) => !told)
    expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([])
    for (const { operation } of operations) {
      expect(operation.summary).toMatch(/^[A-Z].*[^.]$/)
      const statuses = Object.keys(operation.responses)
      expect(statuses.some((status) => /^[23]/.test(status))).toBe(true)
      expect(statuses).toContain('429')
    }
  })

  it('names each operation differently, and each parameter of its path', () => {
    const names = operations.map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]+$/)
    for (const { path, operation } of operations) {
      const inPath = operation.parameters?.filter((one) => one.in === 'path') ?? []
      const wanted = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name)
      expect(inPath.map(({ name }) => name)).toEqual(wanted)
    }
  })

  it('is served below the prefix, to anybody', async () => {
    const one = await world()
    const path = `${dialect.prefix}/openapi.json`
    const { status, headers, body } = await one.ask(dialect, path)
    expect([status, headers['content-type'], body]).toEqual([200, 'application/json', document])
    expect(headers['cache-control']).toBe('public, no-cache')
    const known = { 'if-none-match': headers.etag ?? '' }
    expect((await one.ask(dialect, path, { headers: known })).status).toBe(304)
    const posted = await one.ask(dialect, path, { method: 'POST' })
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})

it('is nowhere else', async () => {
  const one = await world()
  for (const path of ['/openapi.json', '/v1/people/openapi.json', '/api/v1/openapi.json/x']) {
    expect((await one.ask(house, path)).status).not.toBe(200)
  }
})
