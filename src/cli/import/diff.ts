import { isDeepStrictEqual } from 'node:util'
import { printable, styled } from '../output.ts'
import { columns } from './columns.ts'
import type { Plan } from './planner.ts'
import { statedOf } from './stated.ts'

/** One thing that becomes different. What is absent was not there, or will not be. */
export interface Difference {
  readonly field: string
  readonly before?: unknown
  readonly after?: unknown
}

/** What a plan changes: fields, members of those that have some, and single entries of lists. */
function differencesOf({ outcome, before, person, fields, moves, managers }: Plan) {
  const was = before ? statedOf(before) : {}
  const will = statedOf(person)
  const named = outcome === 'created' ? fields : [...Object.keys(was), ...Object.keys(will)]
  const inOrder = [...new Set(named)].sort((one, other) => placeOf(one) - placeOf(other))
  const own = inOrder.flatMap((field) => difference(field, was[field], will[field]))
  const group = moves.map(({ group: { name }, joins }): Difference => {
    return { field: 'groups', ...(joins ? { after: name } : { before: name }) }
  })
  return [...own, ...(managers ? [{ field: 'manager', ...managers }] : []), ...group]
}

const places = new Map(columns.map(({ name }, at) => [name, at]))
const placeOf = (field: string): number => places.get(field) ?? places.size

function difference(field: string, before: unknown, after: unknown): readonly Difference[] {
  if (isDeepStrictEqual(before, after)) return []
  if (isList(before) || isList(after)) return entries(field, before, after)
  const members = isBag(before ?? {}) && isBag(after ?? {}) ? membersOf(field, before, after) : []
  if (members.length > 0) return members
  return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
}

function membersOf(field: string, before: unknown, after: unknown): readonly Difference[] {
  const [old, next] = [isBag(before) ? before : {}, isBag(after) ? after : {}]
  const names = new Set([...Object.keys(old), ...Object.keys(next)])
  return [...names].flatMap((name) => difference(`${field}.${name}`, old[name], next[name]))
}

/** The entries that go and those that come; where only their order is another, the lists. */
function entries(field: string, before: unknown, after: unknown): readonly Difference[] {
  const [old, next] = [isList(before) ? before : [], isList(after) ? after : []]
  const lacking = (one: unknown, list: readonly unknown[]) =>
    !list.some((other) => isDeepStrictEqual(one, other))
  const all: Difference[] = [
    ...old.filter((one) => lacking(one, next)).map((one) => ({ field, before: one })),
    ...next.filter((one) => lacking(one, old)).map((one) => ({ field, after: one })),
  ]
  return all.length > 0 ? all : [{ field, before, after }]
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isBag = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isList(value)

/** The differences for people to read: who, then a line each, `before → after`. */
export function diffLines(plan: Plan, line: number): string {
  const { outcome, person } = plan
  const differences = differencesOf(plan)
  const width = Math.max(0, ...differences.map(({ field }) => field.length))
  const sign = outcome === 'created' ? styled('green', '+') : styled('cyan', '~')
  const lines = differences.map(
    ({ field, ...sides }) => `    ${field.padEnd(width)}  ${sidesInWords(sides)}`,
  )
  return [`${sign} ${styled('bold', printable(person.userName))}  line ${line}`, ...lines].join(
    '\n',
  )
}

function sidesInWords({ before, after }: Omit<Difference, 'field'>): string {
  const was = before === undefined ? undefined : styled('red', inWords(before))
  const will = after === undefined ? undefined : styled('green', inWords(after))
  if (was === undefined) return `+ ${will}`
  return will === undefined ? `- ${was}` : `${was} → ${will}`
}

/** Characters; a biography would fill the screen. */
const longest = 120

function inWords(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value))
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

/** The differences for programs: an object for each person. */
export const diffJson = (plan: Plan, line: number): object => ({
  line,
  outcome: plan.outcome,
  userName: plan.person.userName,
  ...(plan.before && { id: plan.person.id }),
  changes: differencesOf(plan),
})
