import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../src/dialects/dialect.ts'
import { spoken } from '../src/dialects/index.ts'
import { documentOf } from '../src/dialects/openapi.ts'
import * as cast from './cast.ts'
import { type Content, type Operation, type Try, triesOf } from './fuzz-tries.ts'
import { randomFrom, Values } from './fuzz-values.ts'
import { type Answer, type World, world } from './world.ts'

const seed = 20_260_304

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const fuzzed = spoken

describe.each(fuzzed)('whatever $product is asked', (dialect) => {
  const document = JSON.parse(
    JSON.stringify(documentOf(dialect, 'https://people.example')),
  ) as Described
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [method, path, operation] as const),
  )
  const judged = judgeOf(document)

  it.each(operations)('%s %s is answered as told', async (method, path, operation) => {
    const one = await world()
    const values = new Values(randomFrom(seed), (ref) => resolved(document, ref))
    const template = dialect.prefix + path
    const known = knownOf(one, dialect, template)
    const tries = triesOf({ template, method, operation, values, known })
    const problems: string[] = []
    const statuses = new Set<number>()
    for (const { target, ...question } of tries) {
      const answer = await one.ask(dialect, target, question)
      statuses.add(answer.status)
      const problem = judged(answer, operation, `#/paths/${escaped(path)}/${method}`, target)
      if (problem) problems.push(tell(target, question, answer, problem))
    }
    expect(problems.slice(0, 5)).toEqual([])
    // A fuzzer to whom all is refused in one way has tested nothing.
    if (!operation.security) expect(statuses.size).toBeGreaterThan(1)
  })
})

/** Values that are there for a parameter of a path, in this dialect's words. */
const knownOf =
  (one: World, dialect: Dialect, template: string) =>
  (name: string): readonly string[] => {
    if (name === 'eventUrl') return [cast.event.url]
    if (/group/i.test(template) && name === 'id') return cast.groups.map(({ group }) => group.id)
    const people = [cast.ada, ...Object.values(cast.askers)]
    const ids = people.flatMap((person) => {
      const segments = one.pathOf(dialect, person).split('/')
      return segments.findLast((segment) => /\d/.test(segment)) ?? []
    })
    return /id$/i.test(name) ? ids : [...words, ...ids]
  }

/** What stands in paths where there is no id. */
const words = [
  ...['active', 'Active', '1', 'all', 'user', 'User', 'Guest', 'admin', 'Ada', 'en'],
  ...['default_user_photo_size_48-48.png', 'urn:ietf:params:scim:schemas:core:2.0:User'],
]

/** Says what is wrong with an answer to an operation; undefined where nothing is. */
function judgeOf(document: Described) {
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  ajv.addSchema(document, 'whole')
  ajv.addSchema(JSON.parse(JSON.stringify(document), requiringNothing), 'parts')

  /** Of a body, by where in the document its schema is. */
  function mismatch(body: unknown, pointer: string): string | undefined {
    const $ref = encodeURI(pointer)
    const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref })
    return validate(body) ? undefined : `is not as told: ${ajv.errorsText(validate.errors)}`
  }

  function misfit({ headers, text, body }: Answer, content: Content['content'], at: string) {
    const type = headers['content-type']?.split(';')[0] ?? ''
    if (text === '') return undefined
    if (!content?.[type]) return `has a body of the type "${type}"`
    return body === undefined ? undefined : mismatch(body, `${at}/content/${escaped(type)}/schema`)
  }

  return (
    answer: Answer,
    { responses }: Operation,
    at: string,
    target: string,
  ): string | undefined => {
    const { status } = answer
    if (status >= 500) return 'is a failure of the server'
    const own = responses[status]
    if (!own) return unforeseen.includes(status) ? undefined : 'has a status that is not told'
    const where = own.$ref ?? `${at}/responses/${status}`
    const { content } = resolved(document, where) as Content
    if (status < 300 && content && answer.text === '') return 'has no body'
    return misfit(answer, content, `${asksForParts(target) ? 'parts' : 'whole'}${where}`)
  }
}

/** Where a caller says which fields they want, those that always are may be missing. */
const asksForParts = (target: string): boolean => /[?&]fields=/.test(target)

const requiringNothing = (name: string, value: unknown): unknown =>
  name === 'required' && Array.isArray(value) ? [] : value

/** An odd segment may make a path another one, where other methods are; and 304 is for whoever has it already. */
const unforeseen = [304, 404, 405]

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const resolved = (document: object, ref: string): object =>
  ref
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((below, name) => (below as Record<string, object>)[name] ?? {}, document)

const tell = (
  target: string,
  { as, method, headers, body = '' }: Omit<Try, 'target'>,
  { status, text }: Answer,
  problem: string,
): string =>
  [
    `${as} ${method} ${target.slice(0, 200)} ${JSON.stringify(headers)} ${body.slice(0, 400)}`,
    `${status} ${text.slice(0, 300)} ${problem}`,
  ].join(' → ')
