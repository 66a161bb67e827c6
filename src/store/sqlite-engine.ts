import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { folded } from '../person/text.ts'
import type { Scalar } from '../search/search.ts'
import type { Engine, Sql } from './sql/search.ts'

const pathOf = (names: readonly string[]): Sql => sql.lit(`$.${names.join('.')}`)
const text = (value: string): Sql => sql`${value}`

/** How searches are said to SQLite, on handles that {@link equip} has equipped. */
export const sqliteEngine: Engine = {
  valueAt: (json, path) => sql`json_extract(${json}, ${pathOf(path)})`,
  items: (record, path) => sql`json_each(${record}, ${pathOf(path)})`,
  folded: (value) => sql`kith_folded(${value})`,
  // None of these knows wildcards.
  contains: (value, part) => sql`instr(${value}, ${text(part)}) > 0`,
  startsWith: (value, part) => sql`instr(${value}, ${text(part)}) = 1`,
  endsWith: (value, part) =>
    // Of nothing, SQLite would give all.
    part === ''
      ? sql`${value} is not null`
      : sql`substr(${value}, ${-[...part].length}) = ${text(part)}`,
  parameter: (value) => sql`${storable(value)}`,
  asNumber: (value) => sql`cast(${value} as real)`,
  inTime: (id) => sql`kith_in_time(${id})`,
}

const storable = (value: Scalar): string | number =>
  typeof value === 'boolean' ? Number(value) : value

/** Teaches a handle what {@link sqliteEngine} says. `inTime` throws when it is time to end. */
export function equip(handle: DatabaseSync, inTime: () => void): void {
  handle.function('kith_folded', { deterministic: true }, (value) =>
    typeof value === 'string' ? folded(value) : null,
  )
  // By the id it is asked anew for everybody; without any, SQLite might ask once.
  handle.function('kith_in_time', (_id) => {
    inTime()
    return 1
  })
}
