import type { Kysely } from 'kysely'
import { people } from './migrations/001-people.ts'
import { footprints } from './migrations/002-footprints.ts'
import { search } from './migrations/003-search.ts'
import { digest } from './migrations/004-digest.ts'
import type { Tables } from './tables.ts'

/** In the order in which they run; never edited once released, only followed by another. */
const migrations: readonly (readonly [string, Step])[] = [
  ['001-people', people],
  ['002-footprints', footprints],
  ['003-search', search],
  ['004-digest', digest],
]

/** `now` is an instant. */
type Step = (db: Kysely<unknown>, now: string) => Promise<void>

export const migrationNames: readonly string[] = migrations.map(([name]) => name)

/**
 * Brings the database up to date, each step in a transaction of its own; nothing to do is the usual case.
 * Several processes may start at once: the transaction of the first holds the others up.
 * @throws Error for a database that a newer Kith has written
 */
export async function migrate(db: Kysely<Tables>, now: string): Promise<void> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  const done = await db.selectFrom('migration').select('name').execute()
  const unknown = done.find(({ name }) => !migrations.some(([known]) => known === name))
  if (unknown) {
    throw new Error(`The database was written by a newer version of Kith (step "${unknown.name}")`)
  }
  for (const [name, step] of migrations) {
    await db.transaction().execute(async (transaction) => {
      const ran = await transaction
        .selectFrom('migration')
        .select('name')
        .where('name', '=', name)
        .executeTakeFirst()
      if (ran) return
      await step(transaction as unknown as Kysely<unknown>, now)
      await transaction.insertInto('migration').values({ name, at: now }).execute()
    })
  }
}
