import type { Static, TObject, TSchema } from 'typebox'
import { Failure } from '../../failure.ts'
import type { Method } from '../dialect.ts'
import { input } from '../input.ts'
import { ModelProblem } from './problem.ts'

/**
 * Reads a body as the vendor's server does: names in any case, null for what is not said.
 * The reader throws ModelProblem.
 */
export function bodyReader<Schema extends TObject>(
  method: Method,
  schema: Schema,
): (body: unknown) => Static<Schema> {
  const read = input(schema)
  return (body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new ModelProblem(method, '', 'A non-empty request body is required.')
    }
    const given = new Map(Object.entries(body).map(([name, one]) => [name.toLowerCase(), one]))
    const known = Object.entries(schema.properties).flatMap(([name, one]) => {
      const value = formed(one, given.get(name.toLowerCase()))
      return value === undefined || value === null ? [] : [[name, value]]
    })
    const named = new Set(known.map(([name]) => name))
    const missing = schema.required?.find((name) => !named.has(name))
    if (missing !== undefined) {
      throw new ModelProblem(method, missing, `The ${missing} field is required.`)
    }
    return told(method, () => read(Object.fromEntries(known)))
  }
}

/** The same for a query, where everything is text. */
export function queryReader<Schema extends TObject>(
  schema: Schema,
): (query: URLSearchParams) => Static<Schema> {
  const read = input(schema)
  return (query) => {
    const given = Map.groupBy(query, ([name]) => name.toLowerCase())
    const known = Object.entries(schema.properties).flatMap(([name, one]) => {
      const texts = given.get(name.toLowerCase())?.map(([, text]) => text) ?? []
      const value = sentValue(one, texts)
      return value === undefined ? [] : [[name, value]]
    })
    return told('GET', () => read(Object.fromEntries(known)))
  }
}

/** A part of a path, which the vendor takes for one of an enumeration. @throws ModelProblem */
export function pathReader<Schema extends TSchema>(
  method: Method,
  name: string,
  schema: Schema,
): (text: string) => Static<Schema> {
  const read = input(schema)
  return (text) => told(method, () => read(formed(schema, text)), name)
}

type Described = TSchema & {
  readonly type?: string
  readonly enum?: readonly (string | number)[]
  readonly items?: TSchema
}

function sentValue(schema: TSchema, texts: readonly string[]): unknown {
  const { type, items } = schema as Described
  const filled = texts.filter((text) => text !== '')
  if (type === 'array' && items) {
    return filled.length > 0 ? filled.map((text) => formed(items, text)) : undefined
  }
  const [text] = filled
  if (text === undefined) return undefined
  if (type === 'integer') return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text
  if (type === 'boolean') return booleans[text.trim().toLowerCase()] ?? text
  return formed(schema, text)
}

const booleans: Readonly<Record<string, boolean>> = { true: true, false: false }

/** One of an enumeration as the schema writes it: case does not count, nor whether a number is in quotes. */
function formed(schema: TSchema, value: unknown): unknown {
  const { enum: words } = schema as Described
  if (!words || (typeof value !== 'string' && typeof value !== 'number')) return value
  const sought = String(value).trim().toLowerCase()
  return words.find((word) => String(word).toLowerCase() === sought) ?? value
}

/** What is wrong goes with the field it is about. */
function told<Read>(method: Method, read: () => Read, name?: string): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'invalid') throw error
    const [field = '', ...message] = error.message.split(': ')
    throw new ModelProblem(method, name ?? field, message.join(': '))
  }
}
