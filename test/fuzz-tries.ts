// What the fuzzer asks of one operation of an OpenAPI document.
import { type Json, odd, type Schema, type Values } from './fuzz-values.ts'
import type { Question } from './world.ts'

export interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

export interface Operation {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly schema: Schema
  }[]
  /** None where it needs no key. */
  readonly security?: readonly []
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>
}

/** One request. */
export interface Try extends Question {
  readonly target: string
}

/** What is asked about, and with which values. */
export interface Subject {
  /** With parameters in braces. */
  readonly template: string
  readonly method: string
  readonly operation: Operation
  readonly values: Values
  /** Values that fit each parameter of the path. */
  readonly known: (name: string) => readonly string[]
}

/** How many times each kind of question is asked. */
const times = Array.from({ length: 8 })

/** Everything that is asked. */
export const triesOf = (subject: Subject): Try[] => [
  ...times.flatMap(() => [...fitting(subject), ...notQuite(subject)]),
  ...headersOf(subject),
  ...(subject.operation.requestBody
    ? [...times.flatMap(() => wrongBodies(subject)), ...otherBodies(subject)]
    : []),
]

/** A request as it should be, but for what is given. */
function asking(subject: Subject, { headers, ...more }: Partial<Try> = {}): Try {
  const { method, operation, values } = subject
  const [type, schema] = bodyOf(operation)
  return {
    ...{ target: targetOf(subject), method: method.toUpperCase(), as: 'owner' },
    ...(type && { body: encoded(values.fitting(schema, values.chance(2)), type) }),
    ...more,
    headers: { ...(type && { 'content-type': type }), ...headers },
  }
}

function bodyOf({ requestBody }: Operation): readonly [string | undefined, Schema] {
  const [type, { schema = {} } = {}] = Object.entries(requestBody?.content ?? {})[0] ?? []
  return [type, schema]
}

const encoded = (value: Json, type: string): string =>
  type.endsWith('form-urlencoded') ? parametersFrom(value) : JSON.stringify(value)

const parametersFrom = (value: Json): string =>
  new URLSearchParams(
    Object.entries((value ?? {}) as Record<string, Json>).map(([name, one]) => [
      name,
      typeof one === 'string' ? one : JSON.stringify(one),
    ]),
  ).toString()

const targetOf = ({ template, values, known }: Subject, strange: readonly string[] = []): string =>
  template.replace(/\{([^}]*)\}/g, (_, name: string) => values.one([...known(name), ...strange]))

const queryOf = ({ operation }: Subject) =>
  operation.parameters?.filter((one) => one.in === 'query') ?? []

function questioned(subject: Subject, query: Record<string, Json>): Try {
  return asking(subject, {
    target: `${targetOf(subject)}?${parametersFrom(query)}`,
  })
}

function fitting(subject: Subject): Try[] {
  const { values } = subject
  const some = queryOf(subject).filter(() => values.chance(2))
  const query = some.map(({ name, schema }) => [name, values.fitting(schema, true)])
  return [
    asking(subject),
    asking(subject, { as: values.one(['self', 'colleague', 'outsider', 'service', 'admin']) }),
    ...(query.length > 0 ? [questioned(subject, Object.fromEntries(query))] : []),
  ]
}

const oddSegments = [
  ...['%', '%ff', '%00', '%2F', '%2e%2e%2f', '%E2%82', '0', '-1', '9007199254740993', '1e9'],
  ...['__proto__', 'constructor', 'null', 'undefined', '@self', 'me', '%20', '%F0%9F%92%A5'],
  ...['00000000-0000-4000-8000-000000000000', '000000000000000000000000', 'a,b', '*', '~'],
  'x'.repeat(5000),
]

const oddQueries = ['a=b', '__proto__=1', '%', '%ff=1', 'a', '&&', '=', 'x=%00', 'x=%F0%9F%92%A5']

function notQuite(subject: Subject): Try[] {
  const { template, values } = subject
  const query = queryOf(subject)
  const all = query.map(({ name }) => [name, values.one(odd)] as const)
  const target = targetOf(subject)
  return [
    ...(template.includes('{')
      ? [asking(subject, { target: targetOf(subject, oddSegments) })]
      : []),
    asking(subject, { target: `${target}?${values.one(oddQueries)}` }),
    ...(query.length > 0
      ? [
          questioned(subject, Object.fromEntries(all)),
          questioned(subject, { [values.one(query).name]: values.one(odd) }),
        ]
      : []),
  ]
}

function headersOf(subject: Subject): Try[] {
  const accepts = ['image/png', 'text/*', '*/*;q=0', ';;;', '', 'application/json;q=x']
  const conditions = ['*', '"a"', 'W/"1"', 'a', '"', '"a", "b"', ',']
  return [
    asking(subject, { target: `${targetOf(subject)}?a=${'x'.repeat(9000)}` }),
    ...accepts.map((accept) => asking(subject, { headers: { accept } })),
    ...conditions.map((condition) => asking(subject, { headers: { 'if-match': condition } })),
    ...conditions.map((condition) => asking(subject, { headers: { 'if-none-match': condition } })),
  ]
}

/** A body with one thing wrong: of another type, missing, too much. */
function wrongBodies(subject: Subject): Try[] {
  const { operation, values } = subject
  const [type = '', schema] = bodyOf(operation)
  const names = Object.keys(values.plain(schema).properties ?? {})
  if (names.length === 0) return []
  const whole = values.fitting(schema, true) as Record<string, Json>
  const least = values.fitting(schema, false) as Record<string, Json>
  const name = values.one(names)
  const { [name]: value = null, ...without } = whole
  const more = values.one(['x', 'toString', '$ref', '', 'schemas'])
  return [
    without,
    { ...without, [name]: values.one(odd) },
    { ...least, [name]: value },
    { ...least, [name]: values.one(odd) },
    { ...least, [name]: odder(values, value) },
    { ...whole, [more]: values.one(odd) },
  ].map((body) => asking(subject, { body: encoded(body, type) }))
}

/** A value with something in it that does not belong there. */
function odder(values: Values, value: Json): Json {
  if (Array.isArray(value)) return [...value, values.one(odd), odder(values, value[0] ?? null)]
  if (typeof value !== 'object' || value === null) return values.one(odd)
  const [name = 'a'] = Object.keys(value).filter(() => values.chance(2))
  return { ...value, [name]: odder(values, value[name] ?? null) }
}

/** Bodies that are none, too deep, too long or endless. */
const rawBodies: readonly string[] = [
  ...['{}', '', '{', 'null', '[]', '"a"', '1', '{"a":1}}', '{"__proto__":{"a":1}}', '\u0000'],
  `${'['.repeat(64)}${']'.repeat(64)}`,
  `${'['.repeat(65)}${']'.repeat(65)}`,
  '['.repeat(100_000),
  `${'{"a":'.repeat(63)}1${'}'.repeat(63)}`,
  `{"a":"${'x'.repeat(900_000)}"}`,
  `{"a":"${'x'.repeat(1_100_000)}"}`,
  `[${'1,'.repeat(100_000)}1]`,
]

const rawTypes = ['text/plain', 'text/xml', 'application/json; charset=utf-16', 'x', '']

function otherBodies(subject: Subject): Try[] {
  const { operation, values } = subject
  const [type = '', schema] = bodyOf(operation)
  const [name = 'a', ...others] = Object.keys(values.plain(schema).properties ?? {})
  const least = values.fitting(schema, false) as object
  const long = Array.from({ length: 5000 }, (_, at) => `a${at}`)
  const deep = JSON.parse(`${'['.repeat(60)}1${']'.repeat(60)}`) as Json
  const swollen = [name, ...others].flatMap((one) => [
    { ...least, [one]: long },
    { ...least, [one]: deep },
    { ...least, [one]: 'x'.repeat(100_000) },
  ])
  return [
    ...swollen
      .filter(() => values.chance(Math.max(1, swollen.length / 12)))
      .map((body) => asking(subject, { body: encoded(body as Json, type) })),
    ...rawBodies.map((body) => asking(subject, { body })),
    ...rawTypes.map((other) => asking(subject, { headers: { 'content-type': other } })),
    asking(subject, { headers: { 'content-encoding': 'gzip' } }),
  ]
}
