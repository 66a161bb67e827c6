import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type Db = Kysely<Tables>

/** Ids and words of the database are taken at their word here: only our own writes put them there. */
export function withoutNulls<T>(row: { readonly [Field in keyof T]: unknown }): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T
}

/** JSON in which letters of other scripts are escaped: it is read a third faster, and says the same. */
export const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Puts a row in place of the one with the same key, or beside the others. */
export function upsert<Table extends keyof Tables>(
  db: Db,
  table: Table,
  key: readonly string[],
  row: Tables[Table],
) {
  const rest = Object.fromEntries(Object.entries(row).filter(([column]) => !key.includes(column)))
  return db
    .insertInto(table)
    .values(row as never)
    .onConflict((conflict) => conflict.columns([...key] as never).doUpdateSet(rest as never))
}
