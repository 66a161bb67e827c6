import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Change } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import type { Signals } from '../presence/presence.ts'
import { wordRules } from '../search/words.ts'
import { seenAt } from './beats.ts'
import { Damaged } from './damage.ts'
import { digestRow, wordRows } from './sql/digest.ts'
import { areSameRows, emailRows, personRow } from './sql/queries.ts'
import { asciiJson } from './sql/rows.ts'
import type { Tables } from './sql/tables.ts'
import { preparedOn } from './sqlite-runner.ts'

// What an import does a million times: prepared once, where building each would cost more than doing it.

type Digest = Tables['digest'] | undefined

/** The hot writes over a handle; whoever calls holds the write lock. */
export function hotWrites(handle: DatabaseSync) {
  const statement = preparedOn(handle)
  const run = (sql: string, values: readonly SQLInputValue[]): number =>
    Number(statement(sql).run(...values).changes)

  type Table = 'person' | 'person_email' | 'person_word' | 'digest'
  const inserts = new Map<Table, string>()
  /** Every row of a table has the same columns, in the same order. */
  function insert(table: Table, row: object): void {
    const sql = inserts.get(table) ?? insertInto(table, Object.keys(row))
    inserts.set(table, sql)
    run(sql, Object.values(row))
  }

  /** Most changes leave the addresses alone: then nothing is written. */
  function updateEmails(person: Person): void {
    const rows = emailRows(person)
    const stored = statement('select * from person_email where person_id = ?').all(person.id)
    if (areSameRows(stored, rows)) return
    run('delete from person_email where person_id = ?', [person.id])
    for (const row of rows) insert('person_email', row)
  }

  function insertDigest(person: Person): void {
    const digest = digestRow(person)
    if (digest !== undefined) insert('digest', digest)
    insertWords(person.organizationId, digest)
  }

  function insertWords(organizationId: string, digest: Digest): void {
    for (const row of wordRows(organizationId, digest)) insert('person_word', row)
  }

  /** What is stored of somebody, and under which organization; nothing of somebody new. */
  function storedDigest(id: string) {
    const person = statement('select organization_id from person where id = ?').get(id)
    const digest = statement('select * from digest where person_id = ?').get(id)
    return {
      organizationId: person?.organization_id as string | undefined,
      digest: digest as Digest,
    }
  }

  /** Most changes leave the words alone, too. */
  function updateDigest(person: Person, before: ReturnType<typeof storedDigest>): void {
    const { organizationId = '', digest } = before
    const now = digestRow(person)
    run('delete from digest where person_id = ?', [person.id])
    if (now !== undefined) insert('digest', now)
    const isSame = wordRules.every((rule) => now?.[rule] === digest?.[rule])
    if (isSame && organizationId === person.organizationId) return
    for (const { word } of wordRows(organizationId, digest)) {
      run('delete from person_word where organization_id = ? and word = ? and person_id = ?', [
        ...[organizationId, word, person.id],
      ])
    }
    insertWords(person.organizationId, now)
  }

  function putSignals(personId: PersonId, one: Signals, revision: number): void {
    const signals = asciiJson(one)
    run(
      `insert into presence (person_id, signals, checksum, revision) values (?, ?, ?, ?)
        on conflict (person_id) do update set
          signals = excluded.signals, checksum = excluded.checksum, revision = excluded.revision`,
      [personId, signals, crc32(signals), revision],
    )
  }

  /** Undefined where the person is not there. */
  function storedSignals(personId: PersonId): { signals: Signals | undefined } | undefined {
    const row = statement(
      `select s.signals, s.checksum from person p left join presence s on s.person_id = p.id
        where p.id = ?`,
    ).get(personId)
    return row && { signals: signalsFrom(row.signals, row.checksum) }
  }

  return {
    putSignals,
    storedSignals,
    /** Those who are not there, and those of whom no more is known than was, are left alone. */
    beat(times: readonly (readonly [PersonId, string])[], revision: number): void {
      for (const [personId, at] of times) {
        const stored = storedSignals(personId)
        if (!stored) continue
        const now = seenAt(stored.signals, at)
        if (now !== stored.signals) putSignals(personId, now, revision)
      }
    },
    insertPerson(person: Person): void {
      insert('person', personRow(person))
      for (const row of emailRows(person)) insert('person_email', row)
      insertDigest(person)
    },
    /** False, and nothing changed, when the stored version is not the one before. */
    updatePerson(person: Person): boolean {
      const { id, ...row } = personRow(person)
      const changes = Object.keys(row).map((column) => `${column} = ?`)
      const values = [...Object.values(row), id, person.version - 1]
      const before = storedDigest(id)
      const done = run(`update person set ${changes.join()} where id = ? and version = ?`, values)
      if (done === 0) return false
      updateEmails(person)
      updateDigest(person, before)
      return true
    },
    /** The next number of the log is one more than the last. */
    appendChange(change: Omit<Change, 'sequence'>): void {
      const row: Omit<Tables['change'], 'sequence'> = {
        entity: change.entity,
        entity_id: change.entityId,
        person_id: change.personId ?? null,
        kind: change.kind,
        actor: change.actor,
        at: change.at,
      }
      run(
        `insert into change (sequence, ${Object.keys(row).join()})
          values ((select coalesce(max(sequence), 0) + 1 from change), ?, ?, ?, ?, ?, ?)`,
        Object.values(row),
      )
    },
  }
}

const insertInto = (table: string, columns: readonly string[]): string =>
  `insert into ${table} (${columns.join()}) values (${columns.map(() => '?').join()})`

function signalsFrom(text: unknown, checksum: unknown): Signals | undefined {
  if (text === null) return undefined
  if (typeof text !== 'string' || crc32(text) !== checksum) {
    throw new Damaged('Signals are not as they were written')
  }
  return JSON.parse(text)
}
