import type { Kysely } from 'kysely'
import type { Migration } from '../migration.ts'

/** Everything that the five reads need: tenants, people, groups, events, connections, keys, and the change log. */
export const people: Migration = { name: '001-people', begin: makeTables }

async function makeTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('organization')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('audiences', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('management')
    .addColumn('manager_id', 'text', (column) => column.notNull().references('organization.id'))
    .addColumn('managed_id', 'text', (column) => column.notNull().references('organization.id'))
    .addPrimaryKeyConstraint('management_pk', ['manager_id', 'managed_id'])
    .execute()

  await schema
    .createTable('person')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('number', 'bigint', (column) => column.notNull().unique())
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id'),
    )
    .addColumn('user_name_key', 'text', (column) => column.notNull())
    .addColumn('external_id', 'text')
    .addColumn('manager_id', 'text')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addUniqueConstraint('person_user_name', ['organization_id', 'user_name_key'])
    .addUniqueConstraint('person_external_id', ['organization_id', 'external_id'])
    .execute()
  await schema.createIndex('person_manager').on('person').column('manager_id').execute()
  await schema
    .createTable('presence')
    .addColumn('person_id', 'text', (column) => column.primaryKey().references('person.id'))
    .addColumn('signals', 'text', (column) => column.notNull())
    .execute()

  await schema
    .createTable('people_group')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('manager_id', 'text')
    .addUniqueConstraint('people_group_name', ['organization_id', 'name_key'])
    .execute()
  await schema
    .createTable('membership')
    .addColumn('person_id', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('group_id', 'text', (column) => column.notNull().references('people_group.id'))
    .addPrimaryKeyConstraint('membership_pk', ['person_id', 'group_id'])
    .execute()
  await schema.createIndex('membership_group').on('membership').column('group_id').execute()

  await schema
    .createTable('event')
    .addColumn('number', 'bigint', (column) => column.primaryKey())
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id'),
    )
    .addColumn('url', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('attendee')
    .addColumn('number', 'bigint', (column) => column.primaryKey())
    .addColumn('event_number', 'bigint', (column) => column.notNull().references('event.number'))
    .addColumn('person_id', 'text', (column) => column.notNull().references('person.id'))
    .addUniqueConstraint('attendee_once', ['event_number', 'person_id'])
    .execute()
  await schema
    .createTable('connection')
    .addColumn('one_id', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('other_id', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('requester_id', 'text', (column) => column.notNull())
    .addColumn('addressee_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('rejected_by_id', 'text')
    .addPrimaryKeyConstraint('connection_pk', ['one_id', 'other_id'])
    .execute()

  await schema
    .createTable('access_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('organization_id', 'text', (column) =>
      column.notNull().references('organization.id'),
    )
    .addColumn('person_id', 'text', (column) => column.references('person.id'))
    .addColumn('service', 'text')
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('revoked_at', 'text')
    .addColumn('last_used_at', 'text')
    .execute()

  await schema
    .createTable('change')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('entity', 'text', (column) => column.notNull())
    .addColumn('entity_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('secret')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}
