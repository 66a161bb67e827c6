import type { Organization, Store, Write } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import type { ReadingContext } from './columns.ts'
import { membershipsOf } from './memberships.ts'
import { createPlanner, type Plan, RowRefused } from './planner.ts'
import type { Cell, Problem, ReadRow, Row } from './rows.ts'

/** How many rows came to what. Each row is in one of the first four. */
export interface Tally {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly rejected: number
  /** Rows that went in, but for a manager who can't be. */
  readonly incomplete: number
}

export interface ImportParts {
  readonly store: Store
  readonly organization: Organization
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly extensions: ReadingContext['extensions']
  /** Writes nothing. */
  readonly dryRun: boolean
  /** How many rows are written at once. */
  readonly batchSize?: number
  readonly events: ImportEvents
}

export interface ImportEvents {
  readonly problem: (problem: Problem) => void
  /** So many rows of the file, from its beginning, are safe. */
  readonly committed: (rows: number) => void
  /** What a dry run would do. */
  readonly would: (plan: Plan) => void
}

const actor = 'import'

/** Somebody whose manager may be a later row's. */
interface Waiting {
  readonly line: number
  readonly cell: Cell
  readonly outcome: Plan['outcome']
}

/** A row that was read, and what it comes to: a plan, or what is wrong with it. */
interface Settled {
  readonly row: ReadRow
  readonly plan?: Plan
  readonly problems: readonly Problem[]
}

type Planning = (row: Row) => Promise<Plan>

/** Takes the rows in, batch by batch. @throws Failure when the store can not be written any more */
export async function importRows(
  rows: AsyncIterable<ReadRow>,
  { store, organization, now, extensions, dryRun, batchSize = 500, events }: ImportParts,
): Promise<Tally> {
  const tally = { created: 0, changed: 0, unchanged: 0, rejected: 0, incomplete: 0 }
  const waiting = new Map<PersonId, Waiting>()
  const memberships = membershipsOf(store, organization.id)
  const instant = () => new Date(now()).toISOString()
  const { timeZone } = organization
  const context = () => ({ now: instant(), timeZone, extensions })
  const organizationId = organization.id
  const planner = createPlanner({ store, organizationId, memberships, context })

  async function attempt(row: ReadRow, plan: Planning): Promise<Settled> {
    if (!('cells' in row)) return { row, problems: [row] }
    try {
      const planned = await plan(row)
      return { row, plan: planned, problems: planned.problems }
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error
      return { row, problems: error.problems }
    }
  }

  async function attemptAll(rows: readonly ReadRow[], plan: Planning): Promise<Settled[]> {
    const settled: Settled[] = []
    for (const row of rows) settled.push(await attempt(row, plan))
    return settled
  }

  /** Writes people and memberships together. Undefined when it is done, else what it clashes with. */
  async function clashOf(all: readonly Settled[]): Promise<Failure | undefined> {
    if (dryRun) return undefined
    const plans = all.flatMap(({ plan }) => plan ?? [])
    const moves = plans.flatMap((plan) => plan.moves)
    const people = plans
      .filter(({ recordChanges }) => recordChanges)
      .map(({ person }): Write => ({ kind: 'person', person }))
    const writes = [...people, ...memberships.writes(moves)]
    try {
      if (writes.length > 0) await store.commit(writes, actor, instant())
      memberships.made(moves)
      return undefined
    } catch (error) {
      if (!isConflict(error)) throw error
      memberships.forget()
      return error
    } finally {
      planner.overlay.clear()
    }
  }

  /**
   * Writes all at once. Where one of them clashes with what somebody else wrote meanwhile, whatever changed is
   * read anew, so that mostly the second attempt is no clash any more; else one by one.
   */
  async function write(all: readonly Settled[], plan: Planning): Promise<readonly Settled[]> {
    if (!(await clashOf(all))) return all
    const rows = all.map(({ row }) => row)
    const again = await attemptAll(rows, plan)
    if (!(await clashOf(again))) return again
    const settled: Settled[] = []
    for (const row of rows) settled.push(await writeAlone(row, plan))
    return settled
  }

  async function writeAlone(row: ReadRow, plan: Planning, attempts = 5): Promise<Settled> {
    const settled = await attempt(row, plan)
    const clash = await clashOf([settled])
    if (!clash) return settled
    if (attempts > 1) return writeAlone(row, plan, attempts - 1)
    return { row, problems: [{ line: row.line, reason: clash.message }] }
  }

  function count({ row, plan, problems }: Settled): void {
    for (const problem of problems) events.problem(problem)
    tally[plan?.outcome ?? 'rejected'] += 1
    if (!plan) return
    if (problems.length > 0) tally.incomplete += 1
    if (dryRun && plan.outcome !== 'unchanged') events.would(plan)
    note(row as Row, plan)
  }

  /** A later word on somebody's manager replaces the earlier one. */
  function note({ line, cells }: Row, { person, outcome, awaits }: Plan): void {
    if (awaits) waiting.set(person.id, { line, cell: awaits, outcome })
    else if (cells.some(({ column }) => column.name.startsWith('manager')))
      waiting.delete(person.id)
  }

  let handled = 0
  let batch: Settled[] = []

  async function flush(): Promise<void> {
    const settled = await write(batch, planner.plan)
    handled += batch.length
    batch = []
    for (const one of settled) count(one)
  }
  const announce = () => {
    if (!dryRun && handled > 0) events.committed(handled)
  }

  for await (const row of rows) {
    if (batch.length === batchSize) {
      await flush()
      announce()
    }
    batch.push(await attempt(row, planner.plan))
  }
  await flush()
  await appointManagers()
  announce()
  return tally

  /** The second pass: every manager whom the file brings is there now. */
  async function appointManagers(): Promise<void> {
    const all = [...waiting]
    const people = new Map(all.map(([id, { line }]) => [line, id]))
    const plan = (row: Row) => planner.planFor(people.get(row.line) as PersonId, row, true)
    const size = Math.max(batchSize, 1)
    for (let from = 0; from < all.length; from += size) {
      const rows = all
        .slice(from, from + size)
        .map(([, { line, cell }]) => ({ line, cells: [cell] }))
      const settled = await write(await attemptAll(rows, plan), plan)
      for (const [at, one] of settled.entries()) countManager(one, all[from + at]?.[1].outcome)
    }
  }

  function countManager({ plan, problems }: Settled, before: Plan['outcome'] | undefined): void {
    for (const problem of problems) events.problem(problem)
    if (problems.length > 0) tally.incomplete += 1
    if (before !== 'unchanged' || plan?.outcome !== 'changed') return
    tally.unchanged -= 1
    tally.changed += 1
    if (dryRun) events.would(plan)
  }
}

const isConflict = (error: unknown): error is Failure =>
  error instanceof Failure && error.code === 'conflict'

/** A problem in words: `line 7, column "E-mail": "foo" is not an e-mail address such as ada@example.com`. */
export function inWords({ line, label, reason }: Problem): string {
  const column = label === undefined ? '' : `, column ${JSON.stringify(label)}`
  return `line ${line}${column}: ${reason}`
}
