import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import type { KeyHolder } from '../access/key.ts'
import type { HeldPerson, Mention, Store, Write } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import type { OrganizationId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import { changeOf } from './change.ts'
import { migrate } from './sql/migrate.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

/** Milliseconds to wait for another process's transaction. */
const patience = 5_000

/**
 * The embedded store: one SQLite file with its write-ahead log beside it, made readable for its owner only; a
 * file that is there already keeps its mode.
 * Several processes may have it open; what one commits holds for the others' next read.
 * @throws Error when the file can't be opened or was written by a newer Kith
 */
export async function sqliteStore(path: string, now: () => number): Promise<Store> {
  // The file holds personal data and key hashes; SQLite would make it readable by the group.
  closeSync(openSync(path, 'a', 0o600))
  const writer = new DatabaseSync(path, { timeout: patience })
  writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapterOf(writer) }) })
  await migrate(db, new Date(now()).toISOString())
  // A handle of its own: a read on the writing handle would wait behind an open transaction.
  const reader = new DatabaseSync(path, { readOnly: true, timeout: patience })

  const read = runnerOf(reader)
  const write = runnerOf(writer)

  const personById = reader.prepare(heldPerson('p.id = ?'))
  const personByNumber = reader.prepare(heldPerson('p.number = ?'))
  const personByUserName = reader.prepare(
    heldPerson('p.organization_id = ? and p.user_name_key = ?'),
  )
  const personByExternalId = reader.prepare(
    heldPerson('p.organization_id = ? and p.external_id = ?'),
  )
  const peopleByIds = reader.prepare(heldPerson('p.id in (select value from json_each(?))'))
  const mentionsByIds = reader.prepare(mention('p.id in (select value from json_each(?))'))
  const mentionsByManager = reader.prepare(`${mention('p.manager_id = ?')} order by p.id`)
  const holderByHash = reader.prepare(keyHolder('k.hash = ?'))
  const holderById = reader.prepare(keyHolder('k.id = ?'))

  const held = (statement: StatementSync, ...parameters: SQLInputValue[]) =>
    answering(() => {
      const row = statement.get(...parameters)
      return row && heldFrom(row as unknown as HeldRow)
    })
  const mentions = (statement: StatementSync, parameter: string) =>
    answering(() =>
      statement.all(parameter).map((row) => mentionFrom(row as unknown as MentionRow)),
    )
  const holder = (statement: StatementSync, parameter: string) =>
    answering(() => {
      const row = statement.get(parameter)
      return row && holderFrom(row as unknown as HolderRow)
    })

  /** Runs `work` in one transaction on the writing handle; synchronous, so that nothing comes between. */
  function transact(work: () => void): Promise<void> {
    return answering(() => {
      writer.exec('BEGIN IMMEDIATE')
      try {
        work()
        writer.exec('COMMIT')
      } catch (error) {
        if (writer.isTransaction) writer.exec('ROLLBACK')
        throw error
      }
    })
  }

  function put(one: Write): boolean {
    if (one.kind === 'person') {
      const { person } = one
      if (person.version === 1) {
        write.run(queries.insertPerson(db, person).compile())
        return true
      }
      if (write.run(queries.updatePerson(db, person).compile()) === 0) {
        throw new Failure('conflict', 'The person was changed by somebody else meanwhile')
      }
      return false
    }
    const isNew = write.all(queries.existing(db, one).compile()).length === 0
    if (isNew && one.kind === 'members') throw new Failure('conflict', absent)
    for (const query of queries.putQueries(db, one)) write.run(query.compile())
    return isNew
  }

  return {
    people: {
      byId: (id) => held(personById, id),
      byIds: (ids) =>
        answering(() =>
          peopleByIds.all(JSON.stringify(ids)).map((row) => heldFrom(row as unknown as HeldRow)),
        ),
      byNumber: (number) => held(personByNumber, number),
      byUserName: (organizationId, userName) =>
        held(personByUserName, organizationId, folded(userName)),
      byExternalId: (organizationId, externalId) =>
        held(personByExternalId, organizationId, externalId),
      mentions: (ids) => mentions(mentionsByIds, JSON.stringify(ids)),
      reporteesOf: (managerId) => mentions(mentionsByManager, managerId),
    },
    organizations: {
      all: () => answering(allOrganizations),
      byId: (id) =>
        answering(() => allOrganizations().find((organization) => organization.id === id)),
    },
    groups: {
      inOrganization: (organizationId) =>
        answering(() =>
          read.all(queries.groupRows(db, organizationId).compile()).map(queries.groupFrom),
        ),
    },
    gatherings: {
      eventByUrl: (url) =>
        answering(() => read.first(queries.eventRow(db, url).compile(), queries.eventFrom)),
      attendee: (eventNumber, number) =>
        answering(() =>
          read.first(queries.attendeeRow(db, eventNumber, number).compile(), queries.attendeeFrom),
        ),
      attendeeByPerson: (eventNumber, personId) =>
        answering(() =>
          read.first(
            queries.attendeeRowOf(db, eventNumber, personId).compile(),
            queries.attendeeFrom,
          ),
        ),
      connection: (one, other) =>
        answering(() =>
          read.first(queries.connectionRow(db, one, other).compile(), queries.connectionFrom),
        ),
    },
    keys: {
      holderByHash: (hash) => holder(holderByHash, hash),
      holderById: (keyId) => holder(holderById, keyId),
      list: (organizationId) =>
        answering(() =>
          read.all(queries.keyRows(db, organizationId).compile()).map(queries.keyFrom),
        ),
      used: (times) =>
        transact(() => {
          for (const [keyId, at] of times) write.run(queries.noteKeyUse(db, keyId, at).compile())
        }),
    },
    commit: (writes, actor, at) =>
      transact(() => {
        for (const one of writes) {
          const line = { ...changeOf(one, put(one)), actor, at }
          write.run(queries.appendChange(db, line).compile())
        }
      }),
    signal: (signals) =>
      transact(() => {
        for (const [personId, one] of signals) {
          write.run(queries.putSignals(db, personId, one).compile())
        }
      }),
    changesAfter: (sequence, limit) =>
      answering(() =>
        read.all(queries.changeRows(db, sequence, limit).compile()).map(queries.changeFrom),
      ),
    secret: () =>
      answering(() => {
        write.run(queries.insertSecret(db, randomBytes(32).toString('hex')).compile())
        return write.first(queries.secretRow(db).compile(), (row) => row.value) ?? ''
      }),
    ready: () =>
      answering(() => {
        reader.prepare('select 1 from migration limit 1').get()
      }),
    close: async () => {
      reader.close()
      writer.close()
    },
  }

  function allOrganizations() {
    const management = read.all(queries.managementRows(db).compile())
    return read.all(queries.organizationRows(db).compile()).map((row) =>
      queries.organizationFrom(
        row,
        management
          .filter(({ manager_id }) => manager_id === row.id)
          .map(({ managed_id }) => managed_id),
      ),
    )
  }
}

// The hot reads, prepared once.

interface MentionRow {
  readonly record: string
  readonly audiences: string
}

interface HeldRow extends MentionRow {
  readonly signals: string | null
  readonly groups: string
}

const heldPerson = (condition: string) => `
  select p.record, o.audiences, s.signals,
    (select json_group_array(json_object('id', g.id, 'organization_id', g.organization_id,
        'name', g.name, 'manager_id', g.manager_id) order by g.id)
      from membership m join people_group g on g.id = m.group_id
      where m.person_id = p.id) as groups
  from person p
    join organization o on o.id = p.organization_id
    left join presence s on s.person_id = p.id
  where ${condition}`

const mention = (condition: string) => `
  select p.record, o.audiences
  from person p join organization o on o.id = p.organization_id
  where ${condition}`

function heldFrom(row: HeldRow): HeldPerson {
  return {
    person: JSON.parse(row.record) as Person,
    organizationAudiences: JSON.parse(row.audiences),
    signals: row.signals === null ? undefined : JSON.parse(row.signals),
    groups: row.groups === '[]' ? [] : JSON.parse(row.groups).map(queries.groupFrom),
  }
}

const mentionFrom = (row: MentionRow): Mention => ({
  person: JSON.parse(row.record) as Person,
  organizationAudiences: JSON.parse(row.audiences),
})

type HolderRow = Tables['access_key'] & {
  readonly record: string | null
  readonly time_zone: string
  readonly manages: string
}

const keyHolder = (condition: string) => `
  select k.*, p.record, o.time_zone,
    (select json_group_array(m.managed_id) from management m
      where m.manager_id = k.organization_id) as manages
  from access_key k
    join organization o on o.id = k.organization_id
    left join person p on p.id = k.person_id
  where ${condition}`

function holderFrom(row: HolderRow): KeyHolder {
  const person = row.record === null ? undefined : (JSON.parse(row.record) as Person)
  return {
    key: queries.keyFrom(row),
    ...(person && { person }),
    timeZone: row.time_zone,
    manages: JSON.parse(row.manages) as OrganizationId[],
  }
}

// What is SQLite's own.

/** Runs what Kysely compiled, synchronously, each statement prepared once. */
function runnerOf(handle: DatabaseSync) {
  const prepared = new Map<string, StatementSync>()
  function statement(sql: string): StatementSync {
    const found = prepared.get(sql) ?? handle.prepare(sql)
    prepared.set(sql, found)
    return found
  }
  const all = <Row>(query: CompiledQuery<Row>): Row[] =>
    statement(query.sql).all(...(query.parameters as SQLInputValue[])) as Row[]
  return {
    all,
    first: <Row, T>(query: CompiledQuery<Row>, from: (row: Row) => T): T | undefined => {
      const [row] = all(query)
      return row && from(row)
    },
    /** How many rows it changed. */
    run: (query: CompiledQuery): number =>
      Number(statement(query.sql).run(...(query.parameters as SQLInputValue[])).changes),
  }
}

/** Lets Kysely's own SQLite dialect run the migrations over Node's SQLite. */
function adapterOf(handle: DatabaseSync) {
  return {
    close: () => handle.close(),
    prepare(sql: string) {
      // Taking the write lock at once, not at the first write, lets processes that start together queue up.
      const statement = handle.prepare(sql === 'begin' ? 'begin immediate' : sql)
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
        run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
      }
    },
  }
}

/** SQLite's primary result code for a constraint, and the extended one for a reference to what is not there. */
const constraint = 19
const foreignKey = 787

const absent = 'It names somebody or something that is not there'
const taken = 'Something else already has that name or number'

/** Runs `work`, turning what SQLite refuses into failures that callers can act on. */
async function answering<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || !('errcode' in error)) throw error
    // The low byte is the primary code (sqlite.org/rescode.html).
    if ((Number(error.errcode) & 0xff) === constraint) {
      throw new Failure('conflict', error.errcode === foreignKey ? absent : taken, { cause: error })
    }
    throw new Failure('unavailable', 'The directory can not be read or written at the moment', {
      cause: error,
    })
  }
}
