import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Person } from '../../../person/person.ts'
import { digestRow, wordRows } from '../digest.ts'
import { organizationSightOf } from '../sight.ts'
import { recordsOf } from '../texts.ts'

/** How many people are read and filled in at a time; SQLite takes no more than 32766 values at once. */
const batch = 500
const rowsAtOnce = 5000

// The tables as they are at this step, whatever becomes of them later.
interface Tables {
  organization: { id: string; audiences: string; sight: string }
  person: { id: string; organization_id: string; lifecycle: string; record: string }
  digest: { person_id: string; name: string; account: string; contact: string; fields: string }
  person_word: WordRow
  unsorted_word: WordRow
}

interface WordRow {
  organization_id: string
  word: string
  person_id: string
  rules: number
}

/**
 * People are found by the words of their names and addresses and by short fields without their records, and what holds in an organization for those who have
 * not decided can be asked of a row. What is filled in is derived by today's rules for it, not by rules of this
 * step's own: whoever changes those rules adds a step that fills in anew.
 */
export async function digest(database: Kysely<unknown>): Promise<void> {
  const db = database as Kysely<Tables>
  await tellSights(db)
  await makeTables(db)
  await fillPeople(db)
  await db.schema.createIndex('connection_other').on('connection').column('other_id').execute()
}

async function tellSights(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .alterTable('organization')
    .addColumn('sight', 'text', (made) => made.notNull().defaultTo(''))
    .execute()
  for (const { id, audiences } of await db.selectFrom('organization').selectAll().execute()) {
    const sight = organizationSightOf(JSON.parse(audiences))
    await db.updateTable('organization').set({ sight }).where('id', '=', id).execute()
  }
}

async function makeTables(db: Kysely<Tables>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  // In the order of their keys, in which they are read: SQLite would have an index beside a table in no order.
  const inOrder = <Table extends { modifyEnd(end: RawBuilder<unknown>): Table }>(table: Table) =>
    isSqlite ? table.modifyEnd(sql`without rowid`) : table
  await db.schema
    .createTable('digest')
    .addColumn('person_id', 'text', (made) => made.notNull().primaryKey().references('person.id'))
    .addColumn('name', 'text', (made) => made.notNull())
    .addColumn('account', 'text', (made) => made.notNull())
    .addColumn('contact', 'text', (made) => made.notNull())
    .addColumn('fields', 'text', (made) => made.notNull())
    .$call(inOrder)
    .execute()
  await wordTable(db, 'person_word')
    .addPrimaryKeyConstraint('person_word_pk', ['organization_id', 'word', 'person_id'])
    .$call(inOrder)
    .execute()
}

const wordTable = (db: Kysely<Tables>, name: 'person_word' | 'unsorted_word') =>
  db.schema
    .createTable(name)
    .addColumn('organization_id', 'text', (made) => made.notNull())
    .addColumn('word', 'text', (made) => made.notNull())
    .addColumn('person_id', 'text', (made) => made.notNull())
    .addColumn('rules', 'integer', (made) => made.notNull())

/** By way of a table in no order: each word at its own place in a large index would write a page for each word. */
async function fillPeople(db: Kysely<Tables>): Promise<void> {
  await wordTable(db, 'unsorted_word').temporary().execute()
  for await (const records of recordsOf(db, batch)) {
    await fillSome(
      db,
      records.map(({ text }) => JSON.parse(text)),
    )
  }
  await db
    .insertInto('person_word')
    .columns(['organization_id', 'word', 'person_id', 'rules'])
    .expression(
      db
        .selectFrom('unsorted_word')
        .select(['organization_id', 'word', 'person_id', 'rules'])
        .orderBy('organization_id')
        .orderBy('word')
        .orderBy('person_id'),
    )
    .execute()
  await db.schema.dropTable('unsorted_word').execute()
}

async function fillSome(db: Kysely<Tables>, people: readonly Person[]): Promise<void> {
  const filled = people.flatMap((person) => {
    const row = digestRow(person)
    return row ? { digest: row, rows: wordRows(person.organizationId, row) } : []
  })
  if (filled.length === 0) return
  await db
    .insertInto('digest')
    .values(filled.map(({ digest }) => digest))
    .execute()
  const rows = filled.flatMap((one) => one.rows)
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await db
      .insertInto('unsorted_word')
      .values(rows.slice(from, from + rowsAtOnce))
      .execute()
  }
}
