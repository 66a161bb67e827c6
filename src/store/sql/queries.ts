import { crc32 } from 'node:zlib'
import type { Key } from '../../access/key.ts'
import type { Change, Group, Mentioned, Organization, Write } from '../../directory/ports.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import { asciiJson, type Db, upsert, withoutNulls } from './rows.ts'
import { organizationSightOf, sightOf } from './sight.ts'
import type { Tables } from './tables.ts'

// Rows to what the ports speak of.

export const keyFrom = (row: Tables['access_key']): Key =>
  withoutNulls<Key>({
    id: row.id,
    hash: row.hash,
    organizationId: row.organization_id,
    personId: row.person_id,
    service: row.service,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  })

export const groupFrom = (row: Omit<Tables['people_group'], 'name_key'>): Group =>
  withoutNulls<Group>({
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    managerId: row.manager_id,
    externalId: row.external_id,
    description: row.description,
    version: Number(row.version),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  })

export const changeFrom = (row: Tables['change']): Change =>
  withoutNulls<Change>({
    sequence: Number(row.sequence),
    entity: row.entity,
    entityId: row.entity_id,
    personId: row.person_id,
    kind: row.kind,
    actor: row.actor,
    at: row.at,
  })

/** Organizations of their rows, with those that each of them manages. */
export const organizationsFrom = (
  rows: readonly Tables['organization'][],
  management: readonly Tables['management'][],
): Organization[] =>
  rows.map((row) =>
    organizationFrom(
      row,
      management
        .filter(({ manager_id }) => manager_id === row.id)
        .map(({ managed_id }) => managed_id),
    ),
  )

const organizationFrom = (row: Tables['organization'], manages: readonly string[]): Organization =>
  withoutNulls<Organization>({
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    audiences: JSON.parse(row.audiences),
    manages,
    defaults: row.defaults === '' ? null : JSON.parse(row.defaults),
  })

// Reads that are not hot.

export const organizationRows = (db: Db) =>
  db.selectFrom('organization').selectAll().orderBy('name')
export const managementRows = (db: Db) =>
  db.selectFrom('management').selectAll().orderBy('managed_id')

export const groupRows = (db: Db, organizationId: string) =>
  db
    .selectFrom('people_group')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('id')

export const groupRowsManagedBy = (db: Db, personId: string) =>
  db.selectFrom('people_group').selectAll().where('manager_id', '=', personId).orderBy('id')

export const groupIdsOwnedBy = (db: Db, personId: string) =>
  db
    .selectFrom('group_owner')
    .select('group_id')
    .where('person_id', '=', personId)
    .orderBy('group_id')

export function keyRows(db: Db, organizationId: string | undefined) {
  const rows = db.selectFrom('access_key').selectAll().orderBy('created_at').orderBy('id')
  return organizationId === undefined ? rows : rows.where('organization_id', '=', organizationId)
}

export const changeRows = (db: Db, after: number, limit: number) =>
  db.selectFrom('change').selectAll().where('sequence', '>', after).orderBy('sequence').limit(limit)

export const secretRow = (db: Db) =>
  db.selectFrom('secret').select('value').where('name', '=', 'seal')

// What is news to whoever has read before.

/**
 * Where the log, the signals and the database itself stand. Another incarnation is another history: the
 * database was restored.
 */
export const latest = (db: Db) =>
  db.selectNoFrom(({ selectFrom }) => [
    selectFrom('change')
      .select(({ fn, lit }) => fn.coalesce(fn.max('sequence'), lit(0)).as('sequence'))
      .as('sequence'),
    selectFrom('presence')
      .select(({ fn, lit }) => fn.coalesce(fn.max('revision'), lit(0)).as('revision'))
      .as('revision'),
    selectFrom('secret').select('value').where('name', '=', 'incarnation').as('incarnation'),
  ])

/** Since which step a node has to know the database; see compatibility.ts. */
export const markRow = (db: Db) => db.selectFrom('compatibility').select('step')

/** The changes after `sequence`, with to whom a changed person reports now. */
export const newsRows = (db: Db, sequence: number, limit: number) =>
  db
    .selectFrom('change')
    .leftJoin('person', (join) =>
      join.onRef('person.id', '=', 'change.entity_id').on('change.entity', '=', 'person'),
    )
    .select(['change.entity', 'change.entity_id', 'change.person_id', 'person.manager_id'])
    .where('change.sequence', '>', sequence)
    .orderBy('change.sequence')
    .limit(limit)

export const signalledRows = (db: Db, revision: number, limit: number) =>
  db.selectFrom('presence').select('person_id').where('revision', '>', revision).limit(limit)

// Writes. Each takes a row in whole, new or not.

/** A person's whole row; all of it follows from the record. */
export function personRow(person: Person): Tables['person'] {
  const record = asciiJson(person)
  const mention = asciiJson(mentionOf(person))
  return {
    id: person.id,
    number: person.number,
    organization_id: person.organizationId,
    user_name_key: userNameKey(person),
    external_id: person.lifecycle === 'deleted' ? null : (person.externalId ?? null),
    manager_id: person.managerId ?? null,
    created_by_id: person.createdById ?? null,
    version: person.version,
    record,
    record_checksum: crc32(record),
    mention,
    mention_checksum: crc32(mention),
    sight: sightOf(person.audiences),
    lifecycle: person.lifecycle,
  }
}

/** What the user name is known by; of somebody deleted their id, which nobody can have for a user name. */
export const userNameKey = ({ id, userName, lifecycle }: Person): string =>
  lifecycle === 'deleted' ? id : folded(userName)

/** The rows of a person's addresses, one for each; all of it follows from the record. */
export function emailRows(person: Person): Tables['person_email'][] {
  if (person.lifecycle === 'deleted') return []
  const verified = new Map<string, boolean>()
  for (const { value, normalized, verified: is } of person.emails) {
    verified.set(normalized, is || verified.get(normalized) === true)
    // Not the same where a domain has an ASCII form: by this one an address is found as it is written.
    const key = folded(value)
    if (!verified.has(key)) verified.set(key, false)
  }
  return [...verified].map(([key, is]) => ({
    organization_id: person.organizationId,
    address_key: key,
    person_id: person.id,
    verified: is ? 1 : 0,
  }))
}

/** Whether the stored rows are these, in whatever order. What a newer Kith has added to them makes no difference. */
export function areSameRows(stored: readonly object[], rows: readonly object[]): boolean {
  const columns = new Set(rows.flatMap((row) => Object.keys(row)))
  return inOrder(stored, columns) === inOrder(rows, columns)
}

const inOrder = (rows: readonly object[], columns: ReadonlySet<string>): string =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([column]) => columns.has(column))
          .sort(),
      ),
    )
    .sort()
    .join()

const mentionOf = (person: Person): Mentioned => ({
  id: person.id,
  organizationId: person.organizationId,
  audiences: person.audiences,
  displayName: person.displayName,
  userName: person.userName,
  lifecycle: person.lifecycle,
})

/** The checksum that belongs with a key's row. */
export const keyChecksum = (row: Omit<Tables['access_key'], 'checksum'>): number =>
  crc32(
    JSON.stringify([
      row.id,
      row.hash,
      row.organization_id,
      row.person_id,
      row.service,
      row.role,
      row.created_at,
      row.expires_at,
      row.revoked_at,
    ]),
  )

/** What is put in place of what was there, whatever that was. */
type Put = Extract<Write, { kind: 'organization' | 'key' }>

/** The statements for it, in order. */
export function putQueries(db: Db, write: Put) {
  switch (write.kind) {
    case 'organization':
      return putOrganization(db, write.organization)
    case 'key': {
      const { key } = write
      const row = {
        id: key.id,
        hash: key.hash,
        organization_id: key.organizationId,
        person_id: key.personId ?? null,
        service: key.service ?? null,
        role: key.role,
        created_at: key.createdAt,
        expires_at: key.expiresAt ?? null,
        revoked_at: key.revokedAt ?? null,
        last_used_at: key.lastUsedAt ?? null,
      }
      return [upsert(db, 'access_key', ['id'], { ...row, checksum: keyChecksum(row) })]
    }
  }
}

const groupColumns = (group: Group): Tables['people_group'] => ({
  id: group.id,
  organization_id: group.organizationId,
  name: group.name,
  name_key: folded(group.name),
  manager_id: group.managerId ?? null,
  external_id: group.externalId ?? null,
  description: group.description ?? null,
  version: group.version,
  created_at: group.createdAt,
  updated_at: group.updatedAt,
})

export const insertGroup = (db: Db, group: Group) =>
  db.insertInto('people_group').values(groupColumns(group))

/** Changes nothing when the stored version is not the one before. */
export function updateGroup(db: Db, group: Group) {
  const { id, ...row } = groupColumns(group)
  return db
    .updateTable('people_group')
    .set(row)
    .where('id', '=', id)
    .where('version', '=', group.version - 1)
}

export const countGroupChange = (db: Db, groupId: string, at: string) =>
  db
    .updateTable('people_group')
    .set(({ eb }) => ({ version: eb('version', '+', 1), updated_at: at }))
    .where('id', '=', groupId)

/** Those in a group, its owners or the groups in it: pairs of the group and somebody or something. */
export type Relation = 'membership' | 'group_owner' | 'group_nesting'

/** The column of who or what is in a relation to the group. */
const otherEnd = {
  membership: 'person_id',
  group_owner: 'person_id',
  group_nesting: 'child_id',
} as const

/** Changes nothing for what is related already. */
export const relate = (db: Db, relation: Relation, groupId: string, id: string) =>
  db
    .insertInto(relation)
    .values({ group_id: groupId, [otherEnd[relation]]: id } as never)
    .onConflict((conflict) => conflict.doNothing())

/** Changes nothing for what is not related. */
export const unrelate = (db: Db, relation: Relation, groupId: string, id: string) =>
  db
    .deleteFrom(relation as 'membership')
    .where('group_id', '=', groupId)
    .where(otherEnd[relation] as 'person_id', '=', id as PersonId)

/** A person of the group's organization who is not deleted. */
export const eligiblePerson = (db: Db, groupId: string, personId: string) =>
  db
    .selectFrom('person')
    .innerJoin('people_group', 'people_group.organization_id', 'person.organization_id')
    .select('person.id')
    .where('people_group.id', '=', groupId)
    .where('person.id', '=', personId)
    .where('person.lifecycle', '<>', 'deleted')

/** Another group of the same organization. */
export const eligibleGroup = (db: Db, groupId: string, childId: string) =>
  db
    .selectFrom('people_group as child')
    .innerJoin('people_group', 'people_group.organization_id', 'child.organization_id')
    .select('child.id')
    .where('people_group.id', '=', groupId)
    .where('child.id', '=', childId)

/** A row when `groupId` is `childId`, or in it at whatever depth. */
export const containedIn = (db: Db, groupId: string, childId: string) =>
  db
    .withRecursive('inside', (query) =>
      query
        .selectFrom('people_group')
        .select('people_group.id as id')
        .where('people_group.id', '=', childId)
        .union(
          query
            .selectFrom('group_nesting')
            .innerJoin('inside', 'inside.id', 'group_nesting.group_id')
            .select('group_nesting.child_id as id'),
        ),
    )
    .selectFrom('inside')
    .select('id')
    .where('id', '=', groupId)

export const memberIds = (db: Db, groupId: string) =>
  db
    .selectFrom('membership')
    .select('person_id')
    .where('group_id', '=', groupId)
    .orderBy('person_id')

export const parentIds = (db: Db, childId: string) =>
  db
    .selectFrom('group_nesting')
    .select('group_id')
    .where('child_id', '=', childId)
    .orderBy('group_id')

/** The statements that take a group away with all that it is related to, in order. */
export const removeGroup = (db: Db, groupId: string) => [
  db.deleteFrom('membership').where('group_id', '=', groupId),
  db.deleteFrom('group_owner').where('group_id', '=', groupId),
  db
    .deleteFrom('group_nesting')
    .where(({ or, eb }) => or([eb('group_id', '=', groupId), eb('child_id', '=', groupId)])),
  db.deleteFrom('people_group').where('id', '=', groupId),
]

function putOrganization(db: Db, organization: Organization) {
  const { id, name, timeZone, audiences: map, manages } = organization
  const audiences = JSON.stringify(map)
  const defaults = defaultsText(organization)
  return [
    upsert(db, 'organization', ['id'], {
      id,
      name,
      time_zone: timeZone,
      audiences,
      checksum: crc32(audiences),
      sight: organizationSightOf(map),
      defaults,
      defaults_checksum: crc32(defaults),
    }),
    db.deleteFrom('management').where('manager_id', '=', id),
    ...manages.map((managed) =>
      db.insertInto('management').values({ manager_id: id, managed_id: managed }),
    ),
  ]
}

/** Empty where there are none. */
function defaultsText({ defaults = {} }: Organization): string {
  const text = asciiJson(defaults)
  return text === '{}' ? '' : text
}

export const groupRow = (db: Db, groupId: string) =>
  db.selectFrom('people_group').select('id').where('id', '=', groupId)

/** Whether what `write` puts is there already. */
export function existing(db: Db, write: Put) {
  switch (write.kind) {
    case 'organization':
      return db.selectFrom('organization').select('id').where('id', '=', write.organization.id)
    case 'key':
      return db.selectFrom('access_key').select('id').where('id', '=', write.key.id)
  }
}

export const latestRevision = (db: Db) =>
  db
    .selectFrom('presence')
    .select(({ fn, lit }) => fn.coalesce(fn.max('revision'), lit(0)).as('latest'))

export const noteKeyUse = (db: Db, keyId: string, at: string) =>
  db.updateTable('access_key').set({ last_used_at: at }).where('id', '=', keyId)

export const insertSecret = (db: Db, value: string) =>
  db
    .insertInto('secret')
    .values({ name: 'seal', value })
    .onConflict((conflict) => conflict.column('name').doNothing())
