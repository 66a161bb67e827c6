import type { Kysely } from 'kysely'
import type { OnUpgrade } from '../../directory/upkeep.ts'
import type { Migration } from './migration.ts'
import { people } from './migrations/001-people.ts'
import { footprints } from './migrations/002-footprints.ts'
import { search } from './migrations/003-search.ts'
import { digest } from './migrations/004-digest.ts'
import { gatherings } from './migrations/005-gatherings.ts'
import type { Tables } from './tables.ts'
import { textsAfter } from './texts.ts'

/** In the order in which they run; never edited once released, only followed by another. */
const migrations: readonly Migration[] = [people, footprints, search, digest, gatherings]

/** Of a step that was begun and not ended: one that knows neither name leaves the database alone. */
const unfinished = ({ name }: Migration): string => `${name} (unfinished)`

export const migrationNames: readonly string[] = migrations.map(({ name }) => name)

/** How many people are filled in at a time. */
const batch = 2_000

type Db = Kysely<Tables>

/**
 * Brings the database up to date; nothing to do is the usual case. Several processes may start at once: who comes second
 * waits for the transaction of the first, and goes on from there.
 * @throws Error for a database that a newer Kith has written
 */
export async function migrate(db: Db, now: string, onUpgrade: OnUpgrade = () => {}): Promise<void> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('migration_place')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('people', 'integer', (column) => column.notNull())
    .execute()
  const done = await db.selectFrom('migration').select('name').execute()
  const known = migrations.flatMap((one) => [one.name, unfinished(one)])
  const unknown = done.find(({ name }) => !known.includes(name))
  if (unknown) {
    throw new Error(`The database was written by a newer version of Kith (step "${unknown.name}")`)
  }
  for (const migration of migrations) {
    if (!(await begin(db, migration, now))) continue
    await fillAll(db, migration, onUpgrade)
    await end(db, migration, now)
  }
}

const isNoted = async (db: Db, name: string): Promise<boolean> =>
  (await db.selectFrom('migration').select('name').where('name', '=', name).execute()).length > 0

/** False when the step is done, or was; whoever else has begun it is joined. */
const begin = (db: Db, migration: Migration, now: string): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const { name } = migration
    if (await isNoted(transaction, name)) return false
    if (await isNoted(transaction, unfinished(migration))) return true
    await migration.begin(transaction as unknown as Kysely<unknown>, now)
    if (!migration.fill || (await countOf(transaction)) === 0) {
      await migration.end?.(transaction as unknown as Kysely<unknown>, now)
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

async function fillAll(db: Db, migration: Migration, onUpgrade: OnUpgrade): Promise<void> {
  if (!migration.fill) return
  const of = await countOf(db)
  for (let filled = await fillSome(db, migration); filled; filled = await fillSome(db, migration)) {
    onUpgrade(migration.name, filled, of)
  }
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
    if (!stand) return undefined
    const person = { table: 'person', key: 'id', column: 'record' }
    const records = await textsAfter(transaction, person, stand.place, batch)
    const last = records.at(-1)
    if (!last) return undefined
    await fill?.(transaction as unknown as Kysely<unknown>, records)
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
