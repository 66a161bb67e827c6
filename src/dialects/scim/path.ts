import { type Filter, maxDepth, maxLength, parseFilterWithin } from './filter.ts'
import { type AttributeName, type ResourceType, splitName } from './schemas.ts'
import { ScimError } from './scim-error.ts'

/** Where a PATCH operation acts (RFC 7644 §3.5.2, figure 7). */
export interface PatchPath {
  /** As in `AttributeName`. */
  readonly schema: string | undefined
  /** From the attribute down; empty where a schema's URN stands alone. */
  readonly steps: readonly Step[]
}

export interface Step {
  /** As it was written. */
  readonly name: string
  /** Which values of the attribute are meant; all where there is none. */
  readonly filter?: Filter
}

/**
 * Reads the path of a PATCH operation: an attribute, a sub-attribute, values chosen by a filter and what is below
 * them, with or without a URN, or a URN alone. Steps may go deeper than the standard's grammar lets them.
 *
 * Throws ScimError: `invalidPath`; what is wrong between brackets is thrown as `parseFilter` does.
 */
export function parsePath(text: string, type: ResourceType): PatchPath {
  const path = text.trim()
  if (path.length > maxLength) throw invalidPath(text, `is longer than ${maxLength} characters`)
  const head = wordAt(path, 0)
  const { schema, names } = splitName(head, type)
  const steps: Step[] = stepsFrom(names, text)
  let at = head.length
  while (path[at] === '[') {
    const chosen = steps.pop()
    if (!chosen || chosen.filter) throw invalidPath(text, 'has a filter without an attribute')
    const { filter, end } = parseFilterWithin(path, at + 1)
    if (path[end] !== ']') throw invalidPath(text, 'has no "]" where its filter ends')
    steps.push({ ...chosen, filter })
    at = end + 1
    if (path[at] !== '.') break
    const rest = wordAt(path, at + 1)
    steps.push(...stepsFrom(rest.split('.'), text))
    at += 1 + rest.length
  }
  if (at < path.length) throw invalidPath(text, `can't be read from character ${at + 1}`)
  if (steps.length > maxDepth) throw invalidPath(text, `has more than ${maxDepth} steps`)
  return { schema, steps }
}

/**
 * The names in a list of `attributes` or `excludedAttributes` (RFC 7644 §3.9), which have no filters.
 * Throws ScimError `invalidPath`.
 */
export function parseAttributeName(text: string, type: ResourceType): AttributeName {
  const { schema, steps } = parsePath(text, type)
  if (steps.some(({ filter }) => filter)) throw invalidPath(text, 'has a filter')
  return { schema, names: steps.map(({ name }) => name) }
}

/** The members of a list as it stands in a URL, separated by commas. */
export const attributeList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

function stepsFrom(names: readonly string[], text: string): Step[] {
  const wrong = names.find((name) => !/^[\w$-]+$/.test(name))
  if (wrong !== undefined) throw invalidPath(text, 'has no name where there must be one')
  return names.map((name) => ({ name }))
}

function wordAt(path: string, at: number): string {
  const pattern = /[\w$.:-]+/y
  pattern.lastIndex = at
  return pattern.exec(path)?.[0] ?? ''
}

function invalidPath(text: string, problem: string): ScimError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new ScimError('invalidPath', `The path "${shown}" ${problem}.`)
}
