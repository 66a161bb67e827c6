import type { Kysely } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Meetings, and when somebody is taken by them; what an organization sets for its people; what events and connections
 * say beside; and lists of events and connections from indexes alone.
 */
export const gatherings: Migration = {
  name: '005-gatherings',
  async begin(db) {
    await widen(db)
    await orderLists(db)
    await makeTables(db)
    await indexMeetings(db)
  },
}

async function widen({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('organization')
    .addColumn('defaults', 'text', (made) => made.notNull().defaultTo(''))
    .execute()
  // That of an empty text is zero.
  await schema
    .alterTable('organization')
    .addColumn('defaults_checksum', 'bigint', (made) => made.notNull().defaultTo(0))
    .execute()
  for (const column of ['description', 'time_zone', 'starts_at', 'ends_at']) {
    await schema.alterTable('event').addColumn(column, 'text').execute()
  }
  for (const column of ['blocked_by', 'updated_at']) {
    await schema.alterTable('connection').addColumn(column, 'text').execute()
  }
}

async function orderLists({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createIndex('event_listed')
    .on('event')
    .columns(['organization_id', 'number'])
    .execute()
  await schema
    .createIndex('attendee_person')
    .on('attendee')
    .columns(['person_id', 'event_number'])
    .execute()
  await schema.dropIndex('connection_other').execute()
  await schema
    .createIndex('connection_other_one')
    .on('connection')
    .columns(['other_id', 'one_id'])
    .execute()
}

async function makeTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('meeting')
    .addColumn('id', 'text', (made) => made.notNull().primaryKey())
    .addColumn('version', 'integer', (made) => made.notNull())
    .addColumn('event_number', 'bigint', (made) => made.references('event.number'))
    .addColumn('record', 'text', (made) => made.notNull())
    .addColumn('record_checksum', 'bigint', (made) => made.notNull())
    .execute()
  await schema
    .createTable('meeting_participant')
    .addColumn('meeting_id', 'text', (made) => made.notNull().references('meeting.id'))
    .addColumn('person_id', 'text', (made) => made.notNull().references('person.id'))
    .addColumn('state', 'text', (made) => made.notNull())
    .addColumn('start_at', 'text', (made) => made.notNull())
    .addColumn('end_at', 'text', (made) => made.notNull())
    .addPrimaryKeyConstraint('meeting_participant_pk', ['meeting_id', 'person_id'])
    .execute()
  await schema
    .createTable('calendar')
    .addColumn('person_id', 'text', (made) => made.notNull().primaryKey().references('person.id'))
    .addColumn('version', 'integer', (made) => made.notNull())
    .execute()
  await schema
    .createTable('receipt')
    .addColumn('key_id', 'text', (made) => made.notNull())
    .addColumn('idempotency_key', 'text', (made) => made.notNull())
    .addColumn('fingerprint', 'text', (made) => made.notNull())
    .addColumn('entity_id', 'text', (made) => made.notNull())
    .addColumn('at', 'text', (made) => made.notNull())
    .addPrimaryKeyConstraint('receipt_pk', ['key_id', 'idempotency_key'])
    .execute()
  await schema.createIndex('receipt_at').on('receipt').column('at').execute()
}

/** What is taken at a time is a place in the first; a page of meetings one in the second, from where the third says. */
async function indexMeetings({ schema }: Kysely<unknown>): Promise<void> {
  const index = (name: string, columns: string[]) =>
    schema.createIndex(name).on('meeting_participant').columns(columns).execute()
  await index('meeting_participant_taken', ['person_id', 'state', 'start_at', 'end_at'])
  await index('meeting_participant_listed', ['person_id', 'start_at', 'meeting_id', 'end_at'])
  await index('meeting_participant_ended', ['person_id', 'end_at', 'start_at'])
  await schema.createIndex('meeting_event').on('meeting').column('event_number').execute()
}
