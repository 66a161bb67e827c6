import { createHash } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { PersonId } from '../../person/ids.ts'
import { folded } from '../../person/text.ts'
import type { Place } from './lines.ts'
import type { Planned, Shelf } from './overlay.ts'

/** Somebody whose manager may be a later row's. */
export interface Waiting {
  readonly personId: PersonId
  /** Where the row says who it is. */
  readonly line: number
  readonly label: string
  readonly name: string
  readonly outcome: 'created' | 'changed' | 'unchanged'
}

/** How many rows came to what. Each row is in one of the first four. */
export interface Tally {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly rejected: number
  /** Rows that went in without something that they say. */
  readonly incomplete: number
}

/** How far an import has come: everything before it is in the store, or was refused and told. */
export interface Safe {
  readonly place: Place
  readonly rows: number
  readonly tally: Tally
  /** Somebody who was written, and their version then; by them it shows whether the store still has it all. */
  readonly witness?: { readonly personId: PersonId; readonly version: number }
}

/**
 * What an import has to remember of each row, which is on disk: memory does not grow with the rows. Nothing of
 * it is safe before the next {@link Ledger.settle}.
 */
export interface Ledger {
  /** The line of the first row about a person, if it was noted. */
  firstLine(id: PersonId): number | undefined
  noteFirstLine(id: PersonId, line: number): void
  /** Replaces what was waited for before. */
  await(waiting: Waiting): void
  /** A later row has said who the person's manager is. */
  unawait(id: PersonId): void
  /** By line. */
  waitingAfter(line: number, limit: number): readonly Waiting[]
  /** The managers of the rows up to this line have been seen to. */
  appointed(line: number): void
  /** What the import is of; undefined in a new ledger. */
  readonly origin: string | undefined
  begin(origin: string): void
  readonly safe: Safe | undefined
  /** Everything up to here is in the store. */
  settle(safe: Safe): void
  readonly shelf: Shelf
  close(): void
}

/** KiB of the ledger that are held in memory. */
const cacheSize = 16_384

const layout = `
  create table if not exists first_line (person integer primary key, line integer not null);
  create table if not exists waiting (
    person text primary key, line integer not null, label text, name text, outcome text
  ) without rowid;
  create table if not exists origin (one integer primary key, value text not null);
  create table if not exists safe (one integer primary key, value text not null);
  create table if not exists shelf (
    id text primary key, name_key text, external_id text, value text not null
  ) without rowid;
  create index if not exists shelf_name on shelf (name_key);
  create index if not exists shelf_external on shelf (external_id);
  create table if not exists shelf_address (
    address text, id text, primary key (address, id)
  ) without rowid`

/** A ledger in that file; without one, in a file without a name that is gone when it is closed. */
export function openLedger(path = ''): Ledger {
  const handle = new DatabaseSync(path)
  try {
    prepare(handle, path !== '')
  } catch (error) {
    handle.close()
    throw error
  }
  return ledgerOn(handle, path !== '')
}

function prepare(handle: DatabaseSync, lasting: boolean): void {
  handle.exec(`PRAGMA cache_size = -${cacheSize}; PRAGMA locking_mode = EXCLUSIVE`)
  // What is lost with the machine's power is the last steps, never the order of them.
  handle.exec(
    lasting
      ? 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL'
      : 'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF',
  )
  handle.exec(layout)
  handle.exec('BEGIN')
}

function ledgerOn(handle: DatabaseSync, lasting: boolean): Ledger {
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const found = statements.get(sql) ?? handle.prepare(sql)
    statements.set(sql, found)
    return found
  }

  function commit(): void {
    if (lasting) handle.exec('COMMIT; BEGIN')
  }

  return {
    firstLine(id) {
      const row = statement('select line from first_line where person = ?').get(keyOf(id))
      return row && Number(row.line)
    },
    noteFirstLine(id, line) {
      statement('insert or ignore into first_line values (?, ?)').run(keyOf(id), line)
    },
    await({ personId, line, label, name, outcome }) {
      statement('insert or replace into waiting values (?, ?, ?, ?, ?)').run(
        ...[personId, line, label, name, outcome],
      )
    },
    unawait(id) {
      statement('delete from waiting where person = ?').run(id)
    },
    waitingAfter(line, limit) {
      // Only when all are in it: it would have to be kept up with every row.
      handle.exec('create index if not exists waiting_line on waiting (line)')
      return statement('select * from waiting where line > ? order by line limit ?')
        .all(line, limit)
        .map((row) => waitingFrom(row as unknown as WaitingRow))
    },
    appointed(line) {
      statement('delete from waiting where line <= ?').run(line)
    },
    get origin() {
      const row = statement('select value from origin').get()
      return row && String(row.value)
    },
    begin(origin) {
      statement('insert or replace into origin values (1, ?)').run(origin)
      commit()
    },
    get safe() {
      const row = statement('select value from safe').get()
      return row && (JSON.parse(String(row.value)) as Safe)
    },
    settle(safe) {
      statement('insert or replace into safe values (1, ?)').run(JSON.stringify(safe))
      commit()
    },
    shelf: shelfOn(statement),
    close() {
      handle.close()
    },
  }
}

type WaitingRow = Omit<Waiting, 'personId'> & { readonly person: string }

const waitingFrom = ({ person, line, label, name, outcome }: WaitingRow): Waiting => ({
  personId: person as PersonId,
  ...{ line, label, name, outcome },
})

/** A number of 52 bits in the place of an id: half as much to keep, and as good as unique. */
function keyOf(id: PersonId): number {
  const digest = createHash('sha1').update(id).digest()
  return digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) % 2 ** 20)
}

/** What a dry run would have written. */
function shelfOn(statement: (sql: string) => StatementSync): Shelf {
  const planned = (row: unknown): Planned | undefined =>
    row ? (JSON.parse((row as { value: string }).value) as Planned) : undefined
  const select = 'select value from shelf where'
  return {
    put({ person, groups }) {
      const isThere = person.lifecycle !== 'deleted'
      const name = isThere ? folded(person.userName) : null
      const externalId = isThere ? (person.externalId ?? null) : null
      const value = JSON.stringify({ person, groups })
      statement('insert or replace into shelf values (?, ?, ?, ?)').run(
        ...[person.id, name, externalId, value],
      )
      for (const { verified, normalized } of person.emails) {
        if (!verified) continue
        statement('insert or ignore into shelf_address values (?, ?)').run(normalized, person.id)
      }
    },
    byId: (id) => planned(statement(`${select} id = ?`).get(id)),
    byUserName: (key) => planned(statement(`${select} name_key = ?`).get(key)),
    byExternalId: (externalId) => planned(statement(`${select} external_id = ?`).get(externalId)),
    byVerifiedEmail: (normalized) =>
      statement(`${select} id in (select id from shelf_address where address = ?)`)
        .all(normalized)
        .flatMap((row) => planned(row) ?? []),
  }
}
