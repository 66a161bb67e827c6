import { type Kysely, sql } from 'kysely'

interface Place {
  readonly table: string
  /** A text that is the row's own. */
  readonly key: string
  readonly column: string
}

/** Of every row of a table its key and one text, `size` at a time in the order of the keys. For steps that fill in. */
export async function* textsOf<Tables>(
  db: Kysely<Tables>,
  { table, key, column }: Place,
  size: number,
): AsyncGenerator<readonly { readonly id: string; readonly text: string }[]> {
  for (let after = ''; ; ) {
    const { rows } = await sql<{ id: string; text: string }>`
      select ${sql.ref(key)} as id, ${sql.ref(column)} as text from ${sql.table(table)}
      where ${sql.ref(key)} > ${after} order by ${sql.ref(key)} limit ${size}`.execute(db)
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.id
  }
}

/** Every person's record, as {@link textsOf}. */
export const recordsOf = <Tables>(db: Kysely<Tables>, size: number) =>
  textsOf(db, { table: 'person', key: 'id', column: 'record' }, size)
