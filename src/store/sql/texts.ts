import { type Kysely, sql } from 'kysely'

interface Place {
  readonly table: string
  /** A text that is the row's own. */
  readonly key: string
  readonly column: string
}

/** Of the rows whose keys come after `after` the key and one text, at most `limit`, in the order of the keys. */
export async function textsAfter<Tables>(
  db: Kysely<Tables>,
  { table, key, column }: Place,
  after: string,
  limit: number,
): Promise<readonly { readonly id: string; readonly text: string }[]> {
  const { rows } = await sql<{ id: string; text: string }>`
    select ${sql.ref(key)} as id, ${sql.ref(column)} as text from ${sql.table(table)}
    where ${sql.ref(key)} > ${after} order by ${sql.ref(key)} limit ${limit}`.execute(db)
  return rows
}

/** Of every row of a table its key and one text, `size` at a time in the order of the keys. */
export async function* textsOf<Tables>(
  db: Kysely<Tables>,
  place: Place,
  size: number,
): AsyncGenerator<readonly { readonly id: string; readonly text: string }[]> {
  for (let after = ''; ; ) {
    const rows = await textsAfter(db, place, after, size)
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.id
  }
}
