import type { Organization, Store, Write } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import type { ReadingContext } from './columns.ts'
import { columnOf } from './columns.ts'
import { type Ledger, openLedger, type Safe, type Tally } from './ledger.ts'
import type { Place } from './lines.ts'
import { membershipsOf } from './memberships.ts'
import { createPlanner, type Plan, RowRefused } from './planner.ts'
import type { Problem, ReadRow, Row } from './rows.ts'

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
  /** What is remembered of the rows; the rows are those after what is safe by it. */
  readonly ledger?: Ledger
  readonly events: ImportEvents
}

export interface ImportEvents {
  readonly problem: (problem: Problem) => void
  /** So many rows of the file, from its beginning, are safe. */
  readonly committed: (rows: number) => void
  /** What a dry run would do. */
  readonly would: (plan: Plan, line: number) => void
}

const actor = 'import'

/** Rows between two times that it is written down how far the import has come, and milliseconds. */
const rowsBetween = 5_000
const timeBetween = 2_000

/** A row that was read, and what it comes to: a plan, or what is wrong with it. */
interface Settled {
  readonly row: ReadRow
  readonly plan?: Plan
  readonly problems: readonly Problem[]
}

type Planning = (row: Row) => Promise<Plan>

const beginning: Safe = {
  place: { bytes: 0, lines: 0 },
  rows: 0,
  tally: { created: 0, changed: 0, unchanged: 0, rejected: 0, incomplete: 0 },
}

/** Takes the rows in, batch by batch. @throws Failure when the store can not be written any more */
export async function importRows(rows: AsyncIterable<ReadRow>, parts: ImportParts): Promise<Tally> {
  if (parts.ledger) return importInto(parts.ledger, rows, parts)
  const ledger = openLedger()
  try {
    return await importInto(ledger, rows, parts)
  } finally {
    ledger.close()
  }
}

async function importInto(
  ledger: Ledger,
  rows: AsyncIterable<ReadRow>,
  { store, organization, now, extensions, dryRun, batchSize = 500, events }: ImportParts,
): Promise<Tally> {
  const safe = ledger.safe ?? beginning
  const tally = { ...safe.tally }
  let { rows: handled, place, witness } = safe
  let noted = { rows: handled, time: now() }
  const instant = instantsOf(now)
  const organizationId = organization.id
  const memberships = membershipsOf(store, organizationId, instant)
  const { timeZone } = organization
  const context = () => ({ now: instant(), timeZone, extensions })
  const planner = createPlanner({
    ...{ store, organizationId, memberships, context, lines: ledger },
    ...(dryRun && { shelf: ledger.shelf }),
  })

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

  async function attemptAll(
    rows: readonly ReadRow[],
    plan: Planning,
    ids: readonly PersonId[] = [],
  ): Promise<Settled[]> {
    await planner.prepare(
      rows.filter((row) => 'cells' in row),
      ids,
    )
    const settled: Settled[] = []
    for (const row of rows) settled.push(await attempt(row, plan))
    return settled
  }

  /** Writes people and memberships together. Undefined when it is done, else what it clashes with. */
  async function clashOf(all: readonly Settled[]): Promise<Failure | undefined> {
    const plans = all.flatMap(({ plan }) => plan ?? [])
    const moves = plans.flatMap((plan) => plan.moves)
    const people = plans
      .filter(({ recordChanges }) => recordChanges)
      .map(({ person }): Write => ({ kind: 'person', person }))
    const writes = [...people, ...memberships.writes(moves)]
    try {
      if (writes.length > 0 && !dryRun) await store.commit(writes, actor, instant())
      memberships.made(moves)
      bearWitness(people.at(-1))
      return undefined
    } catch (error) {
      if (!isConflict(error)) throw error
      return error
    }
  }

  function bearWitness(write: Write | undefined): void {
    if (write?.kind !== 'person') return
    witness = { personId: write.person.id, version: write.person.version }
  }

  /** Writes while nothing else is planned, and forgets what was planned. */
  async function clashAlone(all: readonly Settled[]): Promise<Failure | undefined> {
    const clash = await clashOf(all)
    if (clash) memberships.forget()
    planner.overlay.turn()
    planner.overlay.clear()
    return clash
  }

  /**
   * Writes all at once. Where one of them clashes with what somebody else wrote meanwhile, whatever changed is
   * read anew, so that mostly the next attempt is no clash any more; else one by one.
   */
  async function write(
    rows: readonly ReadRow[],
    plan: Planning,
    ids: readonly PersonId[] = [],
    attempts = 2,
  ): Promise<readonly Settled[]> {
    for (let left = attempts; left > 0; left -= 1) {
      const settled = await attemptAll(rows, plan, ids)
      if (!(await clashAlone(settled))) return settled
    }
    const settled: Settled[] = []
    for (const row of rows) settled.push(await writeAlone(row, plan))
    return settled
  }

  async function writeAlone(row: ReadRow, plan: Planning, attempts = 5): Promise<Settled> {
    const settled = await attempt(row, plan)
    const clash = await clashAlone([settled])
    if (!clash) return settled
    if (attempts > 1) return writeAlone(row, plan, attempts - 1)
    return { row, problems: [{ line: row.line, reason: clash.message }] }
  }

  function count({ row, plan, problems }: Settled): void {
    for (const problem of problems) events.problem(problem)
    tally[plan?.outcome ?? 'rejected'] += 1
    if (!plan) return
    if (problems.length > 0) tally.incomplete += 1
    if (dryRun && plan.outcome !== 'unchanged') events.would(plan, row.line)
    note(row as Row, plan)
  }

  /** A later word on somebody's manager replaces the earlier one. */
  function note({ line, cells }: Row, { person, outcome, awaits }: Plan): void {
    if (awaits) {
      const { label, value, line: at = line } = awaits
      ledger.await({ personId: person.id, line: at, label, name: String(value), outcome })
    } else if (cells.some(({ column }) => column.name.startsWith('manager'))) {
      ledger.unawait(person.id)
    }
  }

  function settle(): void {
    noted = { rows: handled, time: now() }
    ledger.settle({ place, rows: handled, tally: { ...tally }, ...(witness && { witness }) })
  }

  const announce = () => {
    if (!dryRun && handled > 0) events.committed(handled)
  }

  /** These are in the store, or told as problems. */
  function account(settled: readonly Settled[]): void {
    handled += settled.length
    place = placeAfter(settled) ?? place
    for (const one of settled) count(one)
    if (handled - noted.rows >= rowsBetween || now() - noted.time >= timeBetween) settle()
  }

  /** Begins to write what was planned. @returns whether it clashed; otherwise all is accounted for */
  async function begin(settled: readonly Settled[], told: () => void): Promise<boolean> {
    planner.overlay.turn()
    if (await clashOf(settled)) return true
    account(settled)
    told()
    return false
  }

  let before: { readonly batch: readonly ReadRow[]; readonly clashes: Promise<boolean> } | undefined
  /** @returns whether what was planned meanwhile is to be planned anew */
  async function finishBefore(): Promise<boolean> {
    if (!(await before?.clashes)) return false
    memberships.forget()
    planner.overlay.clear()
    account(await write(before?.batch ?? [], planner.plan, [], 1))
    return true
  }

  // While one batch is written the next is planned, over what the store will have by then.
  try {
    for await (const { batch, isLast } of inBatches(rows, batchSize)) {
      let settled = await attemptAll(batch, planner.plan)
      if (await finishBefore()) {
        announce()
        settled = await attemptAll(batch, planner.plan)
      }
      // The last of all is told once the managers have been seen to.
      const clashes = begin(settled, isLast ? () => {} : announce)
      before = { batch, clashes }
    }
    await finishBefore()
  } catch (error) {
    await before?.clashes.catch(() => {})
    throw error
  }
  planner.overlay.clear()
  settle()
  await appointManagers()
  announce()
  return tally

  /** The second pass: every manager whom the file brings is there now. */
  async function appointManagers(): Promise<void> {
    const column = columnOf('manager')
    const some = () => ledger.waitingAfter(0, batchSize)
    for (let all = some(); all.length > 0; all = some()) {
      const people = new Map(all.map(({ line, personId }) => [line, personId]))
      const plan: Planning = (row) => planner.planFor(people.get(row.line) as PersonId, row, true)
      const rows = all.map(({ line, label, name }): Row => {
        return { line, cells: [{ column, label, value: name }] }
      })
      const settled = await write(rows, plan, [...people.values()])
      for (const [at, one] of settled.entries()) countManager(one, all[at]?.outcome)
      ledger.appointed(all.at(-1)?.line ?? 0)
      settle()
    }
  }

  function countManager({ row, plan, problems }: Settled, before?: Plan['outcome']): void {
    for (const problem of problems) events.problem(problem)
    if (problems.length > 0) tally.incomplete += 1
    if (dryRun && plan?.outcome === 'changed') events.would(plan, row.line)
    if (before !== 'unchanged' || plan?.outcome !== 'changed') return
    tally.unchanged -= 1
    tally.changed += 1
  }
}

/** The time as an instant; many rows are of one millisecond. */
function instantsOf(now: () => number): () => string {
  let last = Number.NaN
  let text = ''
  return () => {
    const time = now()
    if (time !== last) text = new Date(time).toISOString()
    last = time
    return text
  }
}

interface Batch {
  readonly batch: readonly ReadRow[]
  readonly isLast: boolean
}

async function* inBatches(rows: AsyncIterable<ReadRow>, size: number): AsyncGenerator<Batch> {
  let batch: ReadRow[] = []
  for await (const row of rows) {
    if (batch.length === size) {
      yield { batch, isLast: false }
      batch = []
    }
    batch.push(row)
  }
  if (batch.length > 0) yield { batch, isLast: true }
}

const placeAfter = (batch: readonly Settled[]): Place | undefined => batch.at(-1)?.row.until

const isConflict = (error: unknown): error is Failure =>
  error instanceof Failure && error.code === 'conflict'

/** A problem in words: `line 7, column "E-mail": "foo" is not an e-mail address such as ada@example.com`. */
export function inWords({ line, label, reason }: Problem): string {
  const column = label === undefined ? '' : `, column ${JSON.stringify(label)}`
  return `line ${line}${column}: ${reason}`
}
