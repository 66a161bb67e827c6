import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { DatabaseError } from 'pg'
import type { Address } from './postgres-address.ts'
import { isOfTheMoment } from './postgres-failures.ts'
import { kyselyOn } from './postgres-kysely.ts'
import { type Line, linesTo } from './postgres-lines.ts'
import { isUpToDate, type Migrating, migrate } from './sql/migrate.ts'

/** Whoever holds it, of all nodes that start at once, brings the database up to date. Any number will do. */
const upgradeLock = 5_347_011

/** Milliseconds that a statement may take. */
const longest = 24 * 3_600_000

/**
 * Milliseconds that a step waits for a table or a row that a node has: what comes meanwhile waits behind it. Long before the server
 * looks for deadlocks, which it ends at the cost of whoever it finds first.
 */
const lockLongest = 300
/** How often a part of a step is tried that nodes stand in the way of, and milliseconds before each other try at the most. */
const mostTries = 300
const restLongest = 400

/**
 * Brings a database up to date, beside nodes of the version before that go on. Nodes that start at once do it one after the
 * other; where nothing is to do, which is usual, none waits.
 */
export async function bringUpToDate(
  address: Address,
  at: string,
  migrating: Pick<Migrating, 'onUpgrade' | 'steps'> = {},
): Promise<void> {
  const lines = linesTo(address, { most: 2, longest })
  const onOpen = (client: Asked) => client.query(`set lock_timeout = ${lockLongest}`)
  const stepping = linesTo(address, { most: 1, longest, onOpen })
  try {
    const db = kyselyOn(lines)
    if ((await lines.use(isMade)) && (await isUpToDate(db, migrating.steps))) return
    await lines.use(async (line) => {
      await refuseOtherEncodings(line)
      await line.once(`select pg_advisory_lock(${upgradeLock})`)
      await migrate(kyselyOn(stepping), at, { ...migrating, hold: holdWriters, again })
      await makeCounters(line)
      await line.once(`select pg_advisory_unlock(${upgradeLock})`)
    })
  } finally {
    await Promise.all([lines.close(), stepping.close()])
  }
}

/** What a new line is told first. */
interface Asked {
  query(statement: string): Promise<unknown>
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === mostTries || !(isLocked(error) || isOfTheMoment(error))) throw error
      await pause(Math.random() * restLongest)
    }
  }
}

const isLocked = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '55P03'

/** Whether it has the tables by which databases are brought up to date. */
async function isMade(line: Line): Promise<boolean> {
  const { rows } = await line.once(`select table_name from information_schema.tables
    where table_schema = current_schema() and table_name in ('migration', 'compatibility', 'counter')`)
  return rows.length === 3
}

/** Whoever writes holds one of these rows; in a database that is new nobody does yet. */
export async function holdWriters(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql`select 1 from information_schema.tables
    where table_schema = current_schema() and table_name = 'counter'`.execute(db)
  if (rows.length > 0) await sql`select name from counter order by name for update`.execute(db)
}

/** The rows that transactions hold and count by; see {@link transact}. */
async function makeCounters(line: Line): Promise<void> {
  await line.once(
    'create table if not exists counter (name text collate "C" primary key, value bigint not null)',
  )
  await line.once(`insert into counter values
    ('change', (select coalesce(max(sequence), 0) from change)),
    ('signal', (select coalesce(max(revision), 0) from presence)),
    ('trial', 0) on conflict (name) do nothing`)
}

/** Its texts are told apart by their bytes as they come, and JavaScript's have to fit. */
async function refuseOtherEncodings(line: Line): Promise<void> {
  const { rows } = await line.once<{ server_encoding: string }>('show server_encoding')
  const encoding = rows[0]?.server_encoding ?? ''
  if (!/^utf-?8$/i.test(encoding)) {
    throw new Error(`The database has the encoding ${encoding}; make one with the encoding UTF8`)
  }
}
