import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'
import type { Person } from '../../../person/person.ts'
import { digestRow, wordRows } from '../digest.ts'
import type { Migration, StoredRecord } from '../migration.ts'
import { organizationSightOf } from '../sight.ts'

/** SQLite takes no more than 32766 values at once. */
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
export const digest: Migration = {
  name: '004-digest',
  async begin(database) {
    const db = database as Kysely<Tables>
    await tellSights(db)
    await makeTables(db)
    await db.schema.createIndex('connection_other').on('connection').column('other_id').execute()
  },
  fill: (db, records) => fillPeople(db as Kysely<Tables>, records),
  end: (db) => sortWords(db as Kysely<Tables>),
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
  // By way of a table in no order: each word at its own place in a large index would write a page for each word.
  await wordTable(db, 'unsorted_word').execute()
}

const wordTable = (db: Kysely<Tables>, name: 'person_word' | 'unsorted_word') =>
  db.schema
    .createTable(name)
    .addColumn('organization_id', 'text', (made) => made.notNull())
    .addColumn('word', 'text', (made) => made.notNull())
    .addColumn('person_id', 'text', (made) => made.notNull())
    .addColumn('rules', 'integer', (made) => made.notNull())

async function fillPeople(db: Kysely<Tables>, records: readonly StoredRecord[]): Promise<void> {
  const people: readonly Person[] = records.map(({ text }) => JSON.parse(text))
  const filled = people.flatMap((person) => {
    const row = digestRow(person)
    return row ? { digest: row, words: wordRows(person.organizationId, row) } : []
  })
  const digests = filled.map(({ digest }) => digest)
  const words = filled.flatMap((one) => one.words)
  for (let from = 0; from < digests.length; from += rowsAtOnce) {
    await db
      .insertInto('digest')
      .values(digests.slice(from, from + rowsAtOnce))
      .execute()
  }
  for (let from = 0; from < words.length; from += rowsAtOnce) {
    await db
      .insertInto('unsorted_word')
      .values(words.slice(from, from + rowsAtOnce))
      .execute()
  }
}

async function sortWords(db: Kysely<Tables>): Promise<void> {
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
