import type { Kysely } from 'kysely'
import type { OnUpgrade } from '../../directory/upkeep.ts'
import { earliestFor, stepOf, whyNotUsed } from './compatibility.ts'
import type { Migration, Part } from './migration.ts'
import { people } from './migrations/001-people.ts'
import { footprints } from './migrations/002-footprints.ts'
import { search } from './migrations/003-search.ts'
import { digest } from './migrations/004-digest.ts'
import { gatherings } from './migrations/005-gatherings.ts'
import { upsert } from './rows.ts'
import type { Tables } from './tables.ts'
import { textsAfter } from './texts.ts'

/** In the order in which they run; never edited once released, only followed by another. */
export const migrations: readonly Migration[] = [people, footprints, search, digest, gatherings]

/** Of a step that was begun and not ended: one that knows neither name leaves the database alone. */
const unfinished = ({ name }: Migration): string => `${name} (unfinished)`

export const migrationNames: readonly string[] = migrations.map(({ name }) => name)

/** How many people are filled in at a time. */
const batch = 2_000

type Db = Kysely<Tables>

export interface Migrating {
  readonly onUpgrade?: OnUpgrade | undefined
  /** Tests have steps of their own after those that there are. */
  readonly steps?: readonly Migration[]
  /** In the transaction of a step that older nodes can't work beside, before it begins: lets none of them write until it ends. */
  readonly hold?: Part
  /** Does a part of a step, in a transaction of its own, and does it again where others stood in its way. */
  readonly again?: <T>(work: () => Promise<T>) => Promise<T>
}

/**
 * Brings the database up to date; nothing to do is the usual case. Several processes may start at once: who comes second
 * waits for the transaction of the first, and goes on from there. What a newer Kith has added, and this one can work
 * beside, is left as it is. @throws Error for a database that this Kith can't use
 */
export async function migrate(db: Db, now: string, migrating: Migrating = {}): Promise<void> {
  const { onUpgrade = () => {}, steps = migrations, again = (work) => work() } = migrating
  await makeTables(db)
  if (await isUpToDate(db, steps)) return
  for (const migration of steps) {
    if (!(await again(() => begin(db, migration, now, migrating)))) continue
    const of = await countOf(db)
    const fill = () => again(() => fillSome(db, migration))
    for (let filled = await fill(); filled; filled = await fill()) {
      onUpgrade(migration.name, filled, of)
    }
    await again(() => end(db, migration, now))
  }
}

async function makeTables({ schema }: Db): Promise<void> {
  await schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('migration_place')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('people', 'integer', (column) => column.notNull())
    .execute()
  await schema
    .createTable('compatibility')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('step', 'text', (column) => column.notNull())
    .execute()
}

/**
 * Whether there is nothing to do for a Kith that has these steps: all of them are done, and others at the most that it can
 * work beside. @throws Error for a database that it can't use
 */
export async function isUpToDate(
  db: Db,
  steps: readonly Pick<Migration, 'name'>[] = migrations,
): Promise<boolean> {
  const done = (await db.selectFrom('migration').select('name').execute()).map(({ name }) => name)
  const [mark] = await db.selectFrom('compatibility').select('step').execute()
  const names = steps.map(({ name }) => name)
  // One that was never marked is from before there were marks: each step was to be known.
  const step = mark?.step ?? done.find((one) => !names.includes(stepOf(one)))
  const why = step !== undefined && whyNotUsed(step, names)
  if (why) throw new Error(why)
  return mark !== undefined && names.every((name) => done.includes(name))
}

const isNoted = async (db: Db, name: string): Promise<boolean> =>
  (await db.selectFrom('migration').select('name').where('name', '=', name).execute()).length > 0

/** False when the step is done, or was; whoever else has begun it is joined. */
const begin = (
  db: Db,
  migration: Migration,
  now: string,
  { steps = migrations, hold }: Migrating,
): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const untyped = transaction as unknown as Kysely<unknown>
    const { name } = migration
    if (await isNoted(transaction, name)) return raise(transaction, migration, steps)
    if (await isNoted(transaction, unfinished(migration))) return true
    if (migration.compatibleSince === undefined) await hold?.(untyped, now)
    await raise(transaction, migration, steps)
    await migration.begin(untyped, now)
    if (!migration.fill || (await countOf(transaction)) === 0) {
      await migration.end?.(untyped, now)
      await transaction.insertInto('migration').values({ name, at: now }).execute()
      return false
    }
    await transaction
      .insertInto('migration')
      .values({ name: unfinished(migration), at: now })
      .execute()
    await transaction.insertInto('migration_place').values({ name, place: '', people: 0 }).execute()
    return true
  })

/** Marks from which step on others have to know the database, from this one on. @returns false */
async function raise(db: Db, migration: Migration, steps: readonly Migration[]): Promise<false> {
  const [mark] = await db.selectFrom('compatibility').select('step').execute()
  const step = earliestFor(migration, steps, mark?.step)
  if (step === mark?.step) return false
  await upsert(db, 'compatibility', ['name'], { name: 'since', step }).execute()
  return false
}

const countOf = async (db: Db): Promise<number> => {
  const { count } = await db
    .selectFrom('person')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Fills in those who come next. @returns how many are filled in by now; undefined when nobody is left */
const fillSome = (db: Db, { name, fill }: Migration): Promise<number | undefined> =>
  db.transaction().execute(async (transaction) => {
    const stand = await transaction
      .selectFrom('migration_place')
      .select(['place', 'people'])
      .where('name', '=', name)
      .executeTakeFirst()
    // Somebody else has done the last of it.
    if (!stand || !fill) return undefined
    const person = { table: 'person', key: 'id', column: 'record' }
    const records = await textsAfter(transaction, person, stand.place, batch)
    const last = records.at(-1)
    if (!last) return undefined
    await fill(transaction as unknown as Kysely<unknown>, records)
    const filled = Number(stand.people) + records.length
    await transaction
      .updateTable('migration_place')
      .set({ place: last.id, people: filled })
      .where('name', '=', name)
      .execute()
    return filled
  })

const end = (db: Db, migration: Migration, now: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    if (await isNoted(transaction, migration.name)) return
    await migration.end?.(transaction as unknown as Kysely<unknown>, now)
    await transaction.deleteFrom('migration').where('name', '=', unfinished(migration)).execute()
    await transaction.deleteFrom('migration_place').where('name', '=', migration.name).execute()
    await transaction.insertInto('migration').values({ name: migration.name, at: now }).execute()
  })
