import type { Kysely } from 'kysely'
import type { Migration, StoredRecord } from '../migration.ts'

/** SQLite takes no more than 32766 values at once. */
const rowsAtOnce = 5000

// The tables as they are at this step, whatever becomes of them later.
interface Tables {
  person: {
    id: string
    user_name_key: string
    external_id: string | null
    sight: string
    lifecycle: string
    record: string
  }
  person_email: {
    organization_id: string
    address_key: string
    person_id: string
    verified: number
  }
  people_group: { id: string; created_at: string; updated_at: string }
  change: { entity: string; entity_id: string; at: string }
}

interface StoredPerson {
  readonly id: string
  readonly organizationId: string
  readonly lifecycle: string
  readonly audiences: Readonly<Record<string, string>>
  readonly emails: readonly {
    readonly value: string
    readonly normalized: string
    readonly verified: boolean
  }[]
}

const fieldGroups = [
  'existence',
  'name',
  'picture',
  'contact',
  'profile',
  'work',
  'account',
  'locale',
  'presence',
  'meetings',
  'data',
  'birthDate',
  'gender',
  'preferences',
  'notifications',
]
const letters: Readonly<Record<string, string>> = {
  everyone: 'e',
  organization: 'o',
  event: 'v',
  connections: 'c',
  nobody: 'n',
}
const undecided = '-'.repeat(fieldGroups.length)

/**
 * What it takes to search without reading every record: who may see what, who is deleted, and addresses beside the
 * records; groups that are provisioned, nested and looked after. The names of those who are deleted become free.
 */
export const search: Migration = {
  name: '003-search',
  async begin(db) {
    await widenPeople(db)
    await widenGroups(db)
  },
  fill: (db, records) => fillPeople(db as Kysely<Tables>, records),
  end: (db, now) => fillGroups(db as Kysely<Tables>, now),
}

async function widenPeople({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('person')
    .addColumn('sight', 'text', (made) => made.notNull().defaultTo(undecided))
    .execute()
  await schema
    .alterTable('person')
    .addColumn('lifecycle', 'text', (made) => made.notNull().defaultTo('active'))
    .execute()
  // All that a list of everybody asks for: their rows, with the records in them, are left alone.
  await schema
    .createIndex('person_listed')
    .on('person')
    .columns(['organization_id', 'id', 'lifecycle', 'sight'])
    .execute()
  await schema
    .createTable('person_email')
    .addColumn('organization_id', 'text', (made) => made.notNull().references('organization.id'))
    .addColumn('address_key', 'text', (made) => made.notNull())
    .addColumn('person_id', 'text', (made) => made.notNull().references('person.id'))
    .addColumn('verified', 'integer', (made) => made.notNull())
    .addPrimaryKeyConstraint('person_email_pk', ['organization_id', 'address_key', 'person_id'])
    .execute()
  await schema.createIndex('person_email_person').on('person_email').column('person_id').execute()
}

async function widenGroups({ schema }: Kysely<unknown>): Promise<void> {
  for (const column of ['external_id', 'description']) {
    await schema.alterTable('people_group').addColumn(column, 'text').execute()
  }
  await schema
    .alterTable('people_group')
    .addColumn('version', 'integer', (made) => made.notNull().defaultTo(1))
    .execute()
  for (const column of ['created_at', 'updated_at']) {
    await schema
      .alterTable('people_group')
      .addColumn(column, 'text', (made) => made.notNull().defaultTo(''))
      .execute()
  }
  await schema
    .createIndex('people_group_external_id')
    .unique()
    .on('people_group')
    .columns(['organization_id', 'external_id'])
    .execute()
  await schema
    .createTable('group_nesting')
    .addColumn('group_id', 'text', (made) => made.notNull().references('people_group.id'))
    .addColumn('child_id', 'text', (made) => made.notNull().references('people_group.id'))
    .addPrimaryKeyConstraint('group_nesting_pk', ['group_id', 'child_id'])
    .execute()
  await schema.createIndex('group_nesting_child').on('group_nesting').column('child_id').execute()
  await schema
    .createTable('group_owner')
    .addColumn('group_id', 'text', (made) => made.notNull().references('people_group.id'))
    .addColumn('person_id', 'text', (made) => made.notNull().references('person.id'))
    .addPrimaryKeyConstraint('group_owner_pk', ['group_id', 'person_id'])
    .execute()
  await schema.createIndex('group_owner_person').on('group_owner').column('person_id').execute()
}

async function fillPeople(db: Kysely<Tables>, records: readonly StoredRecord[]): Promise<void> {
  const people: readonly StoredPerson[] = records.map(({ text }) => JSON.parse(text))
  for (const person of people) await fillPerson(db, person)
  const rows = people.filter(({ lifecycle }) => lifecycle !== 'deleted').flatMap(emailRows)
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await db
      .insertInto('person_email')
      .values(rows.slice(from, from + rowsAtOnce))
      .execute()
  }
}

/** Most have decided nothing and are active, as the columns have it by themselves: their rows are left alone. */
async function fillPerson(db: Kysely<Tables>, person: StoredPerson): Promise<void> {
  const { id, lifecycle, audiences } = person
  const gone = lifecycle === 'deleted'
  const sight = fieldGroups.map((group) => letters[audiences[group] ?? ''] ?? '-').join('')
  if (sight === undecided && lifecycle === 'active') return
  await db
    .updateTable('person')
    .set({ sight, lifecycle, ...(gone && { user_name_key: id, external_id: null }) })
    .where('id', '=', id)
    .execute()
}

const emailRows = (person: StoredPerson): Tables['person_email'][] =>
  [...addressesOf(person)].map(([address, verified]) => ({
    organization_id: person.organizationId,
    address_key: address,
    person_id: person.id,
    verified: verified ? 1 : 0,
  }))

/** By both forms in which addresses are compared, which are the same for nearly all. */
function addressesOf({ emails }: StoredPerson): ReadonlyMap<string, boolean> {
  const addresses = new Map<string, boolean>()
  for (const { value, normalized, verified } of emails) {
    addresses.set(normalized, verified || addresses.get(normalized) === true)
    const folded = value.normalize('NFKC').toLowerCase()
    if (!addresses.has(folded)) addresses.set(folded, false)
  }
  return addresses
}

async function fillGroups(db: Kysely<Tables>, now: string): Promise<void> {
  const rows = await db
    .selectFrom('people_group')
    .leftJoin('change', (join) =>
      join.onRef('change.entity_id', '=', 'people_group.id').on('change.entity', '=', 'group'),
    )
    .select(({ fn }) => [
      'people_group.id',
      fn.min('change.at').as('first'),
      fn.max('change.at').as('last'),
    ])
    .groupBy('people_group.id')
    .execute()
  for (const { id, first, last } of rows) {
    await db
      .updateTable('people_group')
      .set({ created_at: first ?? now, updated_at: last ?? now })
      .where('id', '=', id)
      .execute()
  }
}
