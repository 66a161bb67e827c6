// Read this file first for `kithd migrate`; transfer-sides.ts is the two databases, transfer-check.ts compares them.
import type { Transfer, Transferred, Transferring, Whereabouts } from '../directory/upkeep.ts'
import { beingFilled, whyNotUsed } from './sql/compatibility.ts'
import { migrationNames } from './sql/migrate.ts'
import * as queries from './sql/queries.ts'
import { upsert } from './sql/rows.ts'
import { type Comparing, compare } from './transfer-check.ts'
import {
  type Copied,
  copiedTables,
  countRows,
  keyOf,
  type Row,
  rowsAfter,
  wordsOfKey,
} from './transfer-rows.ts'
import {
  type Db,
  openSource,
  openTarget,
  type Side,
  standOf,
  type Target,
} from './transfer-sides.ts'

/** How many rows are one transaction. */
const batch = 1_000

/** Makes the {@link Transfer}. */
export const transferAt =
  (now: () => number): Transfer =>
  async (where, whither, transferring = {}) => {
    if (where.database === whither.database) throw new Error(`${where.name} is both of them`)
    const from = await opened(where, openSource)
    try {
      const mark = await refuseUnfit(from)
      if (!transferring.checkOnly) await refuseUsed(from)
      const to = transferring.checkOnly
        ? await opened(whither, openSource)
        : await opened(whither, (one) => openTarget(one, new Date(now()).toISOString()))
      return await transferred({ from, mark, to, transferring }).finally(() => to.close())
    } finally {
      await from.close()
    }
  }

interface Transferral {
  readonly from: Side
  /** Since which step `from` has to be known. */
  readonly mark: string
  readonly to: Side | Target
  readonly transferring: Transferring
}

async function transferred({ from, mark, to, transferring }: Transferral): Promise<Transferred> {
  await refuseOtherVersions(to)
  const total = await countRows(from.db)
  // As of the moment that is read: what was written after it shows at the end.
  const stand = await standOf(from.db)
  const comparing = (copied: number): Comparing => ({
    ...{ from, to, total, stand, copied },
    onChecked: transferring.onChecked ?? (() => {}),
  })
  if (!isTarget(to)) return compare(comparing(0))
  await refuseUsed(to)
  const place = await begin(to, from, stand)
  const copied = await copyAll({ from, to, place, total, transferring })
  const checked = await compare(comparing(copied))
  if (checked.count === 0 && !checked.changed) await finish(to, mark)
  return checked
}

/** With its name before whatever is wrong with it. */
async function opened<Opened>(
  where: Whereabouts,
  open: (where: Whereabouts) => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open(where)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The database ${where.name} can not be used: ${why}`)
  }
}

const isTarget = (side: Side | Target): side is Target => 'settle' in side

// What is refused.

/** @returns since which step the database has to be known. @throws Error unless it has all steps of this Kith and no other */
async function refuseOtherVersions({ db, name }: Side): Promise<string> {
  const steps = await db
    .selectFrom('migration')
    .select('name')
    .execute()
    .catch((cause: unknown) => {
      throw new Error(`${name} is no database of Kith`, { cause })
    })
  const done = steps.map((step) => step.name)
  const isSame =
    done.length === migrationNames.length && migrationNames.every((one) => done.includes(one))
  let cause: unknown
  // One that is older than marks has no table of them.
  const marks = isSame ? await queries.markRow(db).execute().catch(noted) : []
  function noted(error: unknown): [] {
    cause = error
    return []
  }
  if (marks[0] !== undefined) return marks[0].step
  throw new Error(
    `${name} is not of the version of this Kith: open it with the same version first, for example by kithd org list`,
    { cause },
  )
}

/** @returns since which step the database has to be known. @throws Error for one that is half filled, too */
async function refuseUnfit(side: Side): Promise<string> {
  const mark = await refuseOtherVersions(side)
  if (mark !== beingFilled) return mark
  throw new Error(`${side.name}: ${whyNotUsed(mark, migrationNames)}`)
}

async function refuseUsed(side: Side): Promise<void> {
  if (!(await side.isInUse())) return
  throw new Error(`${side.name} is in use; end what has it open first, and start nothing on it`)
}

// Copying. The place is kept in the new database, in the transaction that brings it there.

/** How far a run has come. */
interface Place {
  /** Where the old database stood when the first run began. */
  readonly stand: string
  /** Undefined when all of it is there. */
  readonly table: Copied | undefined
  /** Of the last row of the table that is there; empty before the first. */
  readonly after: readonly (string | number)[]
  readonly rows: number
}

const textOf = ({ stand, table, after }: Place): string => JSON.stringify({ stand, table, after })

/** @returns where to go on. @throws Error when the new database holds anything that is not of a run from there */
async function begin(to: Target, from: Side, stand: string): Promise<Place> {
  const [kept] = await placeRow(to.db).execute()
  if (kept !== undefined) {
    const place: Place = { ...JSON.parse(kept.place), rows: Number(kept.people) }
    if (place.stand === stand) return place
    throw new Error(
      `${to.name} was begun to be filled from another database than ${from.name}, or from it as it was before it was written to: make a new one and begin again`,
    )
  }
  const first: Place = { stand, table: copiedTables[0], after: [], rows: 0 }
  await to.db.transaction().execute(async (transaction) => {
    await to.hold(transaction)
    await refuseFull(transaction, to.name)
    await transaction.deleteFrom('secret').execute()
    await markAs(transaction, beingFilled)
    await transaction
      .insertInto('migration_place')
      .values({ name: beingFilled, place: textOf(first), people: 0 })
      .execute()
  })
  return first
}

const placeRow = (db: Db) =>
  db.selectFrom('migration_place').select(['place', 'people']).where('name', '=', beingFilled)

const markAs = (db: Db, step: string) =>
  upsert(db, 'compatibility', ['name'], { name: 'since', step }).execute()

/** A new database has an incarnation and nothing else. */
async function refuseFull(db: Db, name: string): Promise<void> {
  for (const table of copiedTables) {
    const rows = await rowsAfter(db, table, [], 2)
    if (rows.every((row) => table === 'secret' && row.name === 'incarnation')) continue
    throw new Error(
      `${name} holds something already, in the table ${table}; kithd migrate takes a new and empty database alone`,
    )
  }
}

interface Copying {
  readonly from: Side
  readonly to: Target
  readonly place: Place
  readonly total: number
  readonly transferring: Transferring
}

/** @returns how many rows this run has copied */
async function copyAll(copying: Copying): Promise<number> {
  const { from, to, place: begun, total, transferring } = copying
  const { onCopied = () => {} } = transferring
  let place = begun
  while (place.table !== undefined) {
    const { table } = place
    const rows = await rowsAfter(from.db, table, place.after, batch)
    const next = placeAfter(place, table, rows)
    await put(to, table, rows, place, next)
    place = next
    onCopied(place.rows, total, begun.rows)
  }
  return place.rows - begun.rows
}

function placeAfter(place: Place, table: Copied, rows: readonly Row[]): Place {
  const last = rows.at(-1)
  if (last && rows.length === batch) {
    return { ...place, after: keyOf(table, last), rows: place.rows + rows.length }
  }
  const next = copiedTables[copiedTables.indexOf(table) + 1]
  return { ...place, table: next, after: [], rows: place.rows + rows.length }
}

async function put(
  to: Target,
  table: Copied,
  rows: readonly Row[],
  before: Place,
  next: Place,
): Promise<void> {
  try {
    await to.db.transaction().execute(async (transaction) => {
      await insert(transaction, table, rows)
      const { numUpdatedRows } = await transaction
        .updateTable('migration_place')
        .set({ place: textOf(next), people: next.rows })
        .where('name', '=', beingFilled)
        .where('place', '=', textOf(before))
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) {
        throw new Error(`Another kithd migrate is filling ${to.name}`)
      }
    })
  } catch (error) {
    throw await named(error, to, table, rows)
  }
}

async function insert(db: Db, table: Copied, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return
  await db
    .insertInto(table)
    .values(rows as never)
    .execute()
}

/** An error with the first of the rows that is not taken, where it is one of them. */
async function named(
  error: unknown,
  { db, name }: Target,
  table: Copied,
  rows: readonly Row[],
): Promise<unknown> {
  for (const row of rows) {
    try {
      await db.transaction().execute(async (transaction) => {
        await insert(transaction, table, [row])
        throw new TakenBack()
      })
    } catch (reason) {
      if (reason instanceof TakenBack) continue
      const words = reason instanceof Error ? reason.message : String(reason)
      const key = wordsOfKey(table, row)
      return new Error(`${name} does not take the row ${key} of ${table}: ${words}`, {
        cause: error,
      })
    }
  }
  return error
}

class TakenBack extends Error {
  override readonly name = 'TakenBack'
}

/** From here on it is a database as any other. */
async function finish(to: Target, mark: string): Promise<void> {
  await to.db.transaction().execute(async (transaction) => {
    await to.settle(transaction)
    await transaction.deleteFrom('migration_place').where('name', '=', beingFilled).execute()
    await markAs(transaction, mark)
  })
  await to.tidy()
}
