// Values that fit a JSON Schema, and values that do not, the same for the same seed.

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** A part of a JSON Schema, as far as it is looked at here. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly Json[]
  readonly const?: Json
  readonly examples?: readonly Json[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: string
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const plausible = [
  ...['a', 'Zoë Ångström', '2026-03-04T05:06:07.000Z', '2026-03-04', '12:30', 'true', '7'],
  ...['fuzz@example.com', '+14155550123', 'Europe/Paris', 'en-US', 'https://example.com/a.png'],
  ...['00000000-0000-4000-8000-000000000000', '0123456789abcdef01234567', '#aabbcc', 'US'],
]

/** What is seldom thought of. */
export const odd: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, -0, 2 ** 53, 2 ** 31, ''],
  ...[' ', '\u0000', '\ud800', 'a\r\nb: c', '‮gro', '__proto__', 'constructor', '%00', '\\', '"'],
  ...["' OR 1=1 --", '<script>', '💥'.repeat(100), '1'.repeat(400), '0'.repeat(20), '-0', 'NaN'],
  ...[[], {}, [[]], [null], [{}], { a: 1 }, { '': {} }, [1, 'a', null]],
]

/** Makes values for the schemas of one document. */
export class Values {
  readonly #random: () => number
  readonly #resolve: (ref: string) => Schema

  constructor(random: () => number, resolve: (ref: string) => Schema) {
    this.#random = random
    this.#resolve = resolve
  }

  one<Value>(of: readonly Value[]): Value {
    return of[Math.floor(this.#random() * of.length)] as Value
  }

  /** With a chance of one in `n`. */
  chance(n: number): boolean {
    return this.#random() * n < 1
  }

  /** What fits; `full` has all that it may have. */
  fitting(given: Schema, full: boolean, depth = 0): Json {
    const schema = this.plain(given)
    if (schema.const !== undefined) return schema.const
    if (schema.enum) return this.one(schema.enum)
    if (schema.examples) return this.one(schema.examples)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return this.fitting(this.one(choices), full, depth)
    const type = typeof schema.type === 'object' ? this.one(schema.type) : schema.type
    switch (type) {
      case 'object':
        return this.#object(schema, full && depth < 6, depth)
      case 'array':
        return this.#array(schema, full && depth < 6, depth)
      case 'string':
        return this.#text(schema)
      case 'integer':
      case 'number':
        return this.#number(schema)
      case 'boolean':
        return this.chance(2)
      case 'null':
        return null
      default:
        return this.one(odd)
    }
  }

  /** Itself, or what it refers to, with the parts of `allOf` in it. */
  plain(schema: Schema): Schema {
    const target = schema.$ref === undefined ? schema : this.plain(this.#resolve(schema.$ref))
    if (!target.allOf) return target
    const parts = target.allOf.map((part) => this.plain(part))
    return {
      ...Object.assign({}, ...parts),
      properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
      required: parts.flatMap(({ required = [] }) => required),
    }
  }

  #object({ properties = {}, required = [] }: Schema, full: boolean, depth: number): Json {
    const names = Object.keys(properties).filter((name) => full || required.includes(name))
    const entries = names.map((name) => [
      name,
      this.fitting(properties[name] ?? {}, full, depth + 1),
    ])
    return Object.fromEntries(entries)
  }

  #array({ items = {}, minItems = 0 }: Schema, full: boolean, depth: number): Json {
    const length = Math.max(minItems, full ? 1 + Math.floor(this.#random() * 2) : 0)
    return Array.from({ length }, () => this.fitting(items, full, depth + 1))
  }

  #text({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema): string {
    const fits = plausible.filter((text) => {
      const matches = pattern === undefined || new RegExp(pattern, 'u').test(text)
      return matches && text.length >= minLength && text.length <= maxLength
    })
    return fits.length > 0 ? this.one(fits) : 'a'.repeat(Math.min(minLength || 1, maxLength))
  }

  #number({ minimum = -1000, maximum = 1000 }: Schema): number {
    return this.one([minimum, maximum, Math.min(maximum, Math.max(minimum, 7))])
  }
}
