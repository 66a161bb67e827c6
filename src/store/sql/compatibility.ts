// Nodes of two versions on one database. In it is a mark: the step that a node has to know to use it. So one that knows
// fewer steps than were done goes on working for as long as the newer ones only add what it can do without.
import type { Migration } from './migration.ts'

/** The mark of a database that `kithd migrate` is filling: no step has this name, so that no node of any version uses it. */
export const beingFilled = 'transfer (unfinished)'

/** The name of the step that a row of `migration` is about, whether it is done or not. */
export const stepOf = (name: string): string => name.replace(/ \(unfinished\)$/, '')

/** Why a database with that mark can't be used by a Kith that knows these steps; undefined when it can. */
export function whyNotUsed(mark: string, known: readonly string[]): string | undefined {
  if (mark === beingFilled) {
    return 'The database is being filled by kithd migrate, and is used by nobody before that is done; if it was broken off, run it again'
  }
  if (known.includes(mark)) return undefined
  return `The database was brought up to date by a newer version of Kith (step "${mark}"), beside which this one can not work: use the newer one`
}

/** The mark once a step has begun, of a database with `mark`: whichever of the two came later. */
export function earliestFor(
  { name, compatibleSince = name }: Migration,
  steps: readonly Migration[],
  mark: string | undefined,
): string {
  const names = steps.map((step) => step.name)
  return mark !== undefined && names.indexOf(mark) > names.indexOf(compatibleSince)
    ? mark
    : compatibleSince
}
