import { sql } from 'kysely'
import type { Engine, Sql } from './sql/search.ts'

/** Every text is compared by its bytes, whatever order the database has by itself. */
const byBytes = (text: Sql): Sql => sql`(${text}) collate "C"`

const pathOf = (names: readonly string[]): Sql => sql.lit(`{${names.join(',')}}`)

/** The beginning, or the end, of a text in as many characters as `part` has. */
const lengthOf = (part: string): Sql => sql.lit([...part].length)

/** How searches are said to PostgreSQL. */
export const postgresEngine: Engine = {
  valueAt: (json, path) => byBytes(sql`(${json})::json #>> ${pathOf(path)}`),
  // Of each item the text, which for an object is the JSON that it is.
  items: (record, path) =>
    sql`(select e.place as key, (e.item #>> '{}') collate "C" as value
      from json_array_elements((${record})::json #> ${pathOf(path)}) with ordinality e(item, place))`,
  folded: (text) => byBytes(sql`lower(normalize(${text}, NFKC) collate "und-x-icu")`),
  // None of these knows wildcards.
  contains: (text, part) => sql`strpos(${text}, ${part}) > 0`,
  startsWith: (text, part) => sql`left(${text}, ${lengthOf(part)}) = ${part}`,
  endsWith: (text, part) => sql`right(${text}, ${lengthOf(part)}) = ${part}`,
  parameter: (value) =>
    typeof value === 'number' ? sql`${value}::double precision` : sql`${String(value)}`,
  asNumber: (value) => sql`(${value})::double precision`,
  // What takes too long the server ends by itself.
  inTime: () => sql`true`,
}
