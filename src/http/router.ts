import type { Dialect, Route } from '../dialects/dialect.ts'
import { Failure } from '../failure.ts'

/** Where a request belongs. */
export interface Place {
  /** Whose words any refusal is in. */
  readonly dialect: Dialect
  /** The dialect's prefix when the path lies below it, else empty. */
  readonly prefix: string
  /** What of the path is the dialect's. */
  readonly path: string
  /** The routes that the path fits, whatever their method; none for an unknown path. */
  readonly candidates: readonly Candidate[]
}

export interface Candidate {
  readonly route: Route
  /** The decoded parameters. @throws invalid for one that is not percent-encoded UTF-8 */
  readonly params: () => Record<string, string>
}

/**
 * Finds the place of a raw path: by the literal beginnings of the dialects, then by their routes. What no dialect
 * claims is for the one named `fallback` to refuse.
 */
export function createRouter(
  dialects: readonly Dialect[],
  fallback: string,
): (path: string) => Place {
  const tables = new Map(
    dialects.map((dialect) => [
      dialect,
      dialect.routes.map((route) => ({ route, segments: segmentsOf(route.path) })),
    ]),
  )
  const last = dialects.find(({ name }) => name === fallback) as Dialect

  function candidatesFor(dialect: Dialect, path: string): Candidate[] {
    const given = segmentsOf(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
    const table = tables.get(dialect) ?? []
    return table
      .filter(({ segments }) => fits(segments, given))
      .map(({ route, segments }) => ({ route, params: () => paramsOf(segments, given) }))
  }

  return (path) => {
    for (const dialect of dialects) {
      const below = beginsWith(path, dialect.prefix)
      if (!below && !dialect.roots.some((root) => beginsWith(path, root))) continue
      const own = below ? path.slice(dialect.prefix.length) : path
      const prefix = below ? dialect.prefix : ''
      return { dialect, prefix, path: own, candidates: candidatesFor(dialect, own) }
    }
    return { dialect: last, prefix: '', path, candidates: [] }
  }
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1)

const beginsWith = (path: string, root: string): boolean =>
  path.startsWith(root) && (path.length === root.length || path[root.length] === '/')

function fits(pattern: readonly string[], given: readonly string[]): boolean {
  return (
    pattern.length === given.length &&
    pattern.every((segment, index) => {
      const actual = given[index] ?? ''
      if (segment.startsWith(':')) return isValue(actual, endingOf(segment))
      return actual === segment || (actual.includes('%') && decoded(actual) === segment)
    })
  )
}

/** `.vcf` of `:id.vcf`. */
const endingOf = (segment: string): string =>
  segment.includes('.') ? segment.slice(segment.indexOf('.')) : ''

const isValue = (actual: string, ending: string): boolean =>
  actual.length > ending.length && actual.endsWith(ending)

function paramsOf(pattern: readonly string[], given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [index, segment] of pattern.entries()) {
    if (!segment.startsWith(':')) continue
    const ending = endingOf(segment)
    const name = segment.slice(1, segment.length - ending.length)
    const actual = given[index] ?? ''
    const value = decoded(actual.slice(0, actual.length - ending.length))
    if (value === undefined) {
      throw new Failure('invalid', `${name}: the path is not percent-encoded UTF-8`)
    }
    params[name] = value
  }
  return params
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
