import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Kysely } from 'kysely'
import type { Migration, StoredRecord } from '../migration.ts'
import { textsOf } from '../texts.ts'

/** How many rows are read and filled in at a time. */
const batch = 1000

// The tables as they are at this step, whatever becomes of them later.
interface Tables {
  organization: { id: string; audiences: string; checksum: number }
  person: {
    id: string
    created_by_id: string | null
    record: string
    record_checksum: number
    mention: string
    mention_checksum: number
  }
  presence: { person_id: string; signals: string; checksum: number; revision: number }
  access_key: Record<(typeof keyColumns)[number], string | null> & { id: string; checksum: number }
  secret: { name: string; value: string }
}

const keyColumns = [
  'id',
  'hash',
  'organization_id',
  'person_id',
  'service',
  'role',
  'created_at',
  'expires_at',
  'revoked_at',
] as const

/**
 * What it takes to keep answers in memory and to trust what is read: mentions beside the records, revisions of
 * signals, the incarnation of the database, and a checksum of whatever decides an answer.
 */
export const footprints: Migration = {
  name: '002-footprints',
  begin: makeRoom,
  fill: (db, records) => fillPeople(db as Kysely<Tables>, records),
  end: (db) => fillPresence(db as Kysely<Tables>),
}

async function makeRoom(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  const number = (table: string, column: string) =>
    schema
      .alterTable(table)
      .addColumn(column, 'bigint', (made) => made.notNull().defaultTo(0))
      .execute()
  for (const table of ['organization', 'presence', 'access_key']) await number(table, 'checksum')
  await number('person', 'record_checksum')
  await number('person', 'mention_checksum')
  await number('presence', 'revision')
  await schema
    .alterTable('person')
    .addColumn('mention', 'text', (made) => made.notNull().defaultTo('{}'))
    .execute()
  await schema.alterTable('person').addColumn('created_by_id', 'text').execute()
  await schema.createIndex('presence_revision').on('presence').column('revision').execute()

  const db = database as Kysely<Tables>
  await db
    .insertInto('secret')
    .values({ name: 'incarnation', value: randomBytes(16).toString('hex') })
    .execute()
  for (const { id, audiences } of await db.selectFrom('organization').selectAll().execute()) {
    const checksum = crc32(audiences)
    await db.updateTable('organization').set({ checksum }).where('id', '=', id).execute()
  }
  for (const row of await db.selectFrom('access_key').selectAll().execute()) {
    const checksum = crc32(JSON.stringify(keyColumns.map((column) => row[column])))
    await db.updateTable('access_key').set({ checksum }).where('id', '=', row.id).execute()
  }
}

async function fillPeople(db: Kysely<Tables>, records: readonly StoredRecord[]): Promise<void> {
  for (const { id, text: record } of records) {
    const { organizationId, audiences, displayName, userName, lifecycle, createdById } =
      JSON.parse(record)
    const mention = JSON.stringify({
      id,
      organizationId,
      audiences,
      displayName,
      userName,
      lifecycle,
    })
    await db
      .updateTable('person')
      .set({
        created_by_id: createdById ?? null,
        record_checksum: crc32(record),
        mention,
        mention_checksum: crc32(mention),
      })
      .where('id', '=', id)
      .execute()
  }
}

async function fillPresence(db: Kysely<Tables>): Promise<void> {
  const signals = { table: 'presence', key: 'person_id', column: 'signals' }
  for await (const rows of textsOf(db, signals, batch)) {
    for (const { id, text } of rows) {
      const checksum = crc32(text)
      await db.updateTable('presence').set({ checksum }).where('person_id', '=', id).execute()
    }
  }
}
