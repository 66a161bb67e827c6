import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { Tables } from './sql/tables.ts'

/** Lets Kysely run the migrations, and build queries, over Node's SQLite by its own SQLite dialect. */
export const kyselyOver = (handle: DatabaseSync): Kysely<Tables> =>
  new Kysely({ dialect: new SqliteDialect({ database: adapterOf(handle) }) })

function adapterOf(handle: DatabaseSync) {
  return {
    close: () => handle.close(),
    prepare(sql: string) {
      // Taking the write lock at once, not at the first write, lets processes that start together queue up.
      const statement = handle.prepare(sql === 'begin' ? 'begin immediate' : sql)
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
        run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
      }
    },
  }
}
