import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Whereabouts } from '../directory/upkeep.ts'
import { isOpen, openToRead } from './backup.ts'
import { addressOf } from './postgres-address.ts'
import { kyselyOn } from './postgres-kysely.ts'
import { linesTo } from './postgres-lines.ts'
import { bringUpToDate, holdWriters } from './postgres-upgrade.ts'
import { beingFilled } from './sql/compatibility.ts'
import { migrate } from './sql/migrate.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'
import { kyselyOver } from './sqlite-adapter.ts'

// The two databases of a transfer, whatever engine each is on.

export type Db = Kysely<Tables>

export interface Side {
  /** As it is called where people read it: without a password. */
  readonly name: string
  /** Of one that is read: as of one moment. */
  readonly db: Db
  /** {@link standOf} by now, whatever moment `db` is of. */
  stand(): Promise<string>
  /** Whether another process has it open. */
  isInUse(): Promise<boolean>
  close(): Promise<void>
}

export interface Target extends Side {
  /** In a transaction: lets nobody else write until it ends. */
  hold(db: Db): Promise<void>
  /** In a transaction, after all rows are there: what the engine keeps beside them. */
  settle(db: Db): Promise<void>
  /** After it: what makes it fast. */
  tidy(): Promise<void>
}

/** Opens a database to be read. @throws Error that names it and why it can't be */
export const openSource = (where: Whereabouts): Promise<Side> =>
  where.isServer ? postgresSource(where) : sqliteSource(where)

/** Opens a database to be filled, which is made where there is none, and brought up to date unless it is half filled. */
export const openTarget = (where: Whereabouts, at: string): Promise<Target> =>
  where.isServer ? postgresTarget(where, at) : sqliteTarget(where, at)

/** Where a database stands, in words that are compared only. */
export const standOf = async (db: Db): Promise<string> => {
  const [stand] = await queries.latest(db).execute()
  const { sequence, revision, incarnation } = stand ?? {}
  return [Number(sequence ?? 0), Number(revision ?? 0), incarnation ?? ''].join(' ')
}

// A file.

/** Milliseconds to wait for another process's transaction. */
const patience = 5_000

async function sqliteSource({ database, name }: Whereabouts): Promise<Side> {
  openToRead(database).close()
  const inUse = isOpenElsewhere(database)
  const handle = openToRead(database)
  return {
    name,
    db: kyselyOver(handle),
    async stand() {
      const now = openToRead(database)
      return standOf(kyselyOver(now)).finally(() => now.close())
    },
    isInUse: async () => inUse,
    close: async () => handle.close(),
  }
}

/** Only before this process has it open. On a disk that nothing can be written to nobody writes, and nothing tells who reads. */
function isOpenElsewhere(database: string): boolean {
  try {
    return isOpen(database) ?? false
  } catch {
    return false
  }
}

async function sqliteTarget({ database, name }: Whereabouts, at: string): Promise<Target> {
  // Personal data: nobody else may read it, from the first byte on.
  if (!existsSync(database)) closeSync(openSync(database, 'a', 0o600))
  const inUse = isOpenElsewhere(database)
  const handle = new DatabaseSync(database, { timeout: patience })
  try {
    const db = kyselyOver(handle)
    handle.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    const isMarked = handle.prepare(`select 1 from sqlite_schema where name = 'compatibility'`)
    if (!(await isHalfFilled(db, isMarked.get() !== undefined))) await migrate(db, at)
    return {
      name,
      db,
      stand: () => standOf(db),
      isInUse: async () => inUse,
      hold: async () => {},
      settle: async () => {},
      // One file, so that it can be moved by itself.
      tidy: async () => handle.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
      close: async () => handle.close(),
    }
  } catch (error) {
    handle.close()
    throw error
  }
}

async function isHalfFilled(db: Db, isMarked: boolean): Promise<boolean> {
  if (!isMarked) return false
  const [mark] = await queries.markRow(db).execute()
  return mark?.step === beingFilled
}

// A server.

/** Milliseconds that a statement may take: a day. */
const longest = 24 * 3_600_000
/** What nodes do not call themselves. */
const ownName = `set application_name = 'kith migrate'`
/** One moment, for as long as it takes, with pauses in which the other database writes. */
const oneMoment = `${ownName}; set idle_in_transaction_session_timeout = 0;
  begin isolation level repeatable read read only`

async function postgresSource({ database, name }: Whereabouts): Promise<Side> {
  const address = addressOf(database)
  const asOfOneMoment = { most: 1, longest, onOpen: (client: Asked) => client.query(oneMoment) }
  const reading = linesTo(address, asOfOneMoment)
  const looking = lookingAt(address)
  return {
    name,
    db: kyselyOn(reading),
    stand: () => standOf(looking.db),
    isInUse: () => areNodesOn(looking.db),
    async close() {
      await Promise.all([reading.close(), looking.close()])
    },
  }
}

async function postgresTarget({ database, name }: Whereabouts, at: string): Promise<Target> {
  const address = addressOf(database)
  const { db, close } = lookingAt(address)
  try {
    const { rows } = await sql<{ found: string | null }>`
      select to_regclass('compatibility')::text as found`.execute(db)
    if (!(await isHalfFilled(db, rows[0]?.found != null))) await bringUpToDate(address, at)
  } catch (error) {
    await close()
    throw error
  }
  return {
    name,
    db,
    stand: () => standOf(db),
    isInUse: () => areNodesOn(db),
    hold: (transaction) => holdWriters(transaction as Kysely<unknown>),
    async settle(transaction) {
      await sql`update counter set value = case name
        when 'change' then (select coalesce(max(sequence), 0) from change)
        when 'signal' then (select coalesce(max(revision), 0) from presence)
        else value end`.execute(transaction)
    },
    async tidy() {
      await sql`analyze`.execute(db)
    },
    close,
  }
}

/** What a new line is told first. */
interface Asked {
  query(statement: string): Promise<unknown>
}

function lookingAt(address: ReturnType<typeof addressOf>) {
  const lines = linesTo(address, {
    ...{ most: 1, longest },
    onOpen: (client) => client.query(ownName),
  })
  return { db: kyselyOn(lines), close: () => lines.close() }
}

/** Milliseconds in which a line that was closed is forgotten by the server. */
const forgotten = 1_000

async function areNodesOn(db: Db): Promise<boolean> {
  for (const began = performance.now(); ; ) {
    const { rows } = await sql`select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'kith'`.execute(db)
    if (rows.length === 0) return false
    if (performance.now() - began > forgotten) return true
    await pause(50)
  }
}
