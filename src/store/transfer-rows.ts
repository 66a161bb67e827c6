import { sql } from 'kysely'
import type { Tables } from './sql/tables.ts'
import type { Db } from './transfer-sides.ts'

/** What is not copied: how a database was brought up to date is its own. */
type Own = 'migration' | 'migration_place' | 'compatibility'

export type Copied = Exclude<keyof Tables, Own>

export type Row = Readonly<Record<string, string | number | null>>

/** Every table, with what tells its rows apart; in an order in which nothing refers to what comes later. */
const keys: { readonly [Table in Copied]: readonly (keyof Tables[Table] & string)[] } = {
  organization: ['id'],
  management: ['manager_id', 'managed_id'],
  person: ['id'],
  person_email: ['organization_id', 'address_key', 'person_id'],
  digest: ['person_id'],
  person_word: ['organization_id', 'word', 'person_id'],
  presence: ['person_id'],
  people_group: ['id'],
  membership: ['person_id', 'group_id'],
  group_nesting: ['group_id', 'child_id'],
  group_owner: ['group_id', 'person_id'],
  event: ['number'],
  attendee: ['number'],
  connection: ['one_id', 'other_id'],
  meeting: ['id'],
  meeting_participant: ['meeting_id', 'person_id'],
  calendar: ['person_id'],
  access_key: ['id'],
  receipt: ['key_id', 'idempotency_key'],
  change: ['sequence'],
  secret: ['name'],
}

export const copiedTables = Object.keys(keys) as readonly Copied[]

export type Key = readonly (string | number)[]

/** The values by which a row is told from the others of its table. */
export const keyOf = (table: Copied, row: Row): Key =>
  keys[table].map((column) => row[column] ?? '')

export const wordsOfKey = (table: Copied, row: Row): string => keyOf(table, row).join(' ')

/** At most `limit` rows whose keys come after `after`, in the order of the keys; from the first where it is empty. */
export async function rowsAfter(
  db: Db,
  table: Copied,
  after: Key,
  limit: number,
): Promise<readonly Row[]> {
  const columns = sql.join(keys[table].map((column) => sql.ref(column)))
  const condition = after.length === 0 ? sql`` : sql`where (${columns}) > (${sql.join(after)})`
  const { rows } = await sql<Row>`
    select * from ${sql.table(table)} ${condition} order by ${columns} limit ${limit}`.execute(db)
  return rows
}

/** Which of two keys comes first, as the engines have it: numbers by their size, texts by their bytes. */
export function compareKeys(one: Key, other: Key): number {
  for (const [index, value] of one.entries()) {
    const difference = compareValues(value, other[index] ?? '')
    if (difference !== 0) return difference
  }
  return 0
}

function compareValues(one: string | number, other: string | number): number {
  if (one === other) return 0
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)))
}

/** How many rows there are, of all tables. */
export async function countRows(db: Db): Promise<number> {
  let total = 0
  for (const table of copiedTables) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(table)}`.execute(db)
    total += Number(rows[0]?.count ?? 0)
  }
  return total
}
