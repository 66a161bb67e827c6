import { Client, DatabaseError, type QueryResult } from 'pg'
import { Failure } from '../failure.ts'
import { Damaged } from './damage.ts'
import type { Address } from './postgres-address.ts'
import { isStale, Lost } from './postgres-failures.ts'

/** A connection. What is asked on it goes out at once, and is answered in order. */
export interface Line {
  /** The rows of a statement that is prepared once; there may not be many of these. */
  all<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** How many rows a prepared statement changed. */
  run(sql: string, values?: readonly unknown[]): Promise<number>
  /** The same for a statement of any kind, which is not prepared. */
  once<Row = Record<string, unknown>>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<Pick<QueryResult, 'command' | 'rowCount'> & { readonly rows: Row[] }>
}

export interface Lines {
  /**
   * Runs `work` on a line that nobody else has meanwhile. The line is given up when `work` throws anything but what
   * the server or a caller said. @throws Lost when there is none in time, or it is gone
   */
  use<T>(work: (line: Line) => Promise<T>): Promise<T>
  /** Ends those at rest now, and the others when they are. */
  close(): Promise<void>
}

export interface LinesOptions {
  /** How many at the most. */
  readonly most: number
  /** Milliseconds that a statement may take. */
  readonly longest: number
  /** Done on each new line, before anything else; told when the line is gone. */
  readonly onOpen?: (client: Client) => Promise<unknown>
  /** Any of the hosts will do, a standby too. */
  readonly anywhere?: boolean
}

/** Milliseconds that it may take to be connected to one host, and to wait for a line that others have. */
const connectingLongest = 2_000
const waitingLongest = 3_000
/** Milliseconds after which a line that nobody needs is given up. */
const idleLongest = 30_000
/** How many may wait for a line. */
const mostWaiting = 2_000
/** Milliseconds after a connection failed in which no other is tried: it would as good as always fail, too. */
const pauseAfterFailure = 200
/** Milliseconds by which the server gives up before we do, so that it knows that nobody waits any more. */
const head = 500
/** Milliseconds after which the server ends a transaction whose node is gone: others wait for what it holds. */
const idleInTransaction = 5_000

interface Open {
  readonly client: Client
  readonly line: Line
  gone: boolean
  /** When it was needed last, in milliseconds of `performance.now()`. */
  since: number
}

/** Lines to the primary among an address's hosts, each made when it is needed. */
export function linesTo(
  address: Address,
  { most, longest, onOpen, anywhere = false }: LinesOptions,
): Lines {
  const resting: Open[] = []
  const waiting: { give(open: Open): void; fail(error: unknown): void }[] = []
  let count = 0
  let closed = false
  let best = 0
  let failure: { readonly error: unknown; readonly at: number } | undefined

  async function connected(): Promise<Open> {
    if (failure && performance.now() - failure.at < pauseAfterFailure) throw failure.error
    const reasons: string[] = []
    for (let tries = 0; tries < address.hosts.length; tries += 1) {
      const index = (best + tries) % address.hosts.length
      const open = await openTo(index).catch((error: unknown) => {
        reasons.push(`${placeOf(index)}: ${error instanceof Error ? error.message : error}`)
        return undefined
      })
      if (!open) continue
      best = index
      failure = undefined
      return open
    }
    const wanted = anywhere ? 'server' : 'primary'
    const error = new Lost(`No ${wanted} could be reached (${reasons.join('; ')})`)
    failure = { error, at: performance.now() }
    throw error
  }

  function placeOf(index: number): string {
    const { host, port } = address.hosts[index] ?? { host: '', port: 0 }
    return `${host}:${port}`
  }

  async function openTo(index: number): Promise<Open> {
    const { host, port } = address.hosts[index] ?? { host: '', port: 0 }
    const client = new Client({
      host,
      port,
      database: address.database,
      ...(address.user !== undefined && { user: address.user }),
      ...(address.password !== undefined && { password: address.password }),
      ssl: address.ssl,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: connectingLongest,
      statement_timeout: longest,
      query_timeout: longest + head,
      idle_in_transaction_session_timeout: idleInTransaction,
      application_name: 'kith',
      types: { getTypeParser: parserOf },
    })
    const open: Open = { client, line: lineOver(client), gone: false, since: 0 }
    client.on('error', () => drop(open))
    client.on('end', () => drop(open))
    try {
      await client.connect()
      const [state] = await open.line.all<{ standby: boolean }>(
        'select pg_is_in_recovery() as standby',
      )
      if (state?.standby && !anywhere) throw new Lost('it is a standby')
      await onOpen?.(client)
    } catch (error) {
      open.gone = true
      discard(client)
      throw error
    }
    return open
  }

  function drop(open: Open): void {
    if (open.gone) return
    open.gone = true
    const index = resting.indexOf(open)
    if (index < 0) return
    resting.splice(index, 1)
    count -= 1
  }

  async function taken(): Promise<Open> {
    if (closed) throw new Lost('The store is closed')
    const open = resting.pop()
    if (open) return open
    return count < most ? made() : waited()
  }

  async function made(): Promise<Open> {
    count += 1
    try {
      return await connected()
    } catch (error) {
      count -= 1
      // Those who wait would wait for one that nobody makes.
      if (count === 0) for (const one of waiting.splice(0)) one.fail(error)
      throw error
    }
  }

  async function waited(): Promise<Open> {
    if (waiting.length >= mostWaiting) throw new Lost('Too many wait for the database')
    const { promise, resolve, reject } = Promise.withResolvers<Open>()
    const mine = { give: resolve, fail: reject }
    waiting.push(mine)
    const timer = setTimeout(() => {
      const index = waiting.indexOf(mine)
      if (index >= 0) waiting.splice(index, 1)
      reject(new Lost('All connections to the database were busy for too long'))
    }, waitingLongest)
    return promise.finally(() => clearTimeout(timer))
  }

  /** Of one that is not at rest. */
  function end(open: Open): void {
    count -= 1
    open.gone = true
    discard(open.client)
  }

  function giveBack(open: Open): void {
    if (open.gone || closed) {
      end(open)
      if (!closed) makeForNext()
      return
    }
    const next = waiting.shift()
    if (next) {
      next.give(open)
      return
    }
    open.since = performance.now()
    resting.push(open)
    endIdle(open.since)
  }

  /** The one at the front was needed least lately: the last to come is the first to go. */
  function endIdle(now: number): void {
    const [oldest] = resting
    if (!oldest || now - oldest.since < idleLongest) return
    resting.shift()
    end(oldest)
  }

  /** Another in place of one that is gone, for whoever is next. */
  function makeForNext(): void {
    const next = waiting.shift()
    if (!next) return
    count += 1
    connected().then(next.give, (error: unknown) => {
      count -= 1
      next.fail(error)
    })
  }

  return {
    async use(work) {
      const open = await taken()
      try {
        return await work(open.line)
      } catch (error) {
        if (wasSaid(error)) throw error
        // Nobody knows in which state it is.
        open.gone = true
        // What was at rest meanwhile is as good as always gone, too, and each would have to be waited for.
        if (error instanceof Lost) for (const other of resting.splice(0)) end(other)
        throw error
      } finally {
        giveBack(open)
      }
    },
    async close() {
      closed = true
      for (const one of waiting.splice(0)) one.fail(new Lost('The store is closed'))
      await Promise.all(resting.splice(0).map(({ client }) => client.end().catch(() => {})))
    },
  }
}

/** Whether the server said it, or we did, on a line that works. */
const wasSaid = (error: unknown): boolean =>
  error instanceof DatabaseError || error instanceof Failure || error instanceof Damaged

/** Nobody waits for its end, which may never come. */
function discard(client: Client): void {
  client.removeAllListeners('end')
  client.end().catch(() => {})
  setTimeout(() => client.connection.stream.destroy(), head).unref()
}

/** By text; the same on all lines. */
const names = new Map<string, string>()
let named = 0

function nameOf(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  const name = `kith_${named}`
  named += 1
  names.set(sql, name)
  return name
}

/** All statements get other names, so that every line prepares them anew: a newer Kith has added to what they select. */
function retire(sql: string, name: string): void {
  if (names.get(sql) === name) names.clear()
}

function lineOver(client: Client): Line {
  async function ask(query: { name?: string; text: string; values: unknown[] }) {
    try {
      return await client.query(query)
    } catch (error) {
      throw error instanceof DatabaseError ? error : new Lost('The line is gone', { cause: error })
    }
  }
  async function prepared(sql: string, values: readonly unknown[]) {
    const name = nameOf(sql)
    const query = { name, text: sql, values: [...values] }
    try {
      return await ask(query)
    } catch (error) {
      if (!isStale(error)) throw error
      retire(sql, name)
      // In a transaction, which this has ended, the next statement fails as well: that one has to be begun again.
      return ask({ ...query, name: nameOf(sql) }).catch(() => Promise.reject(error))
    }
  }
  return {
    all: async (sql, values = []) => (await prepared(sql, values)).rows,
    run: async (sql, values = []) => (await prepared(sql, values)).rowCount ?? 0,
    once: async (sql, values = []) => {
      const { rows, ...rest } = await ask({ text: sql, values: [...values] })
      return { ...rest, rows: rows as never[] }
    },
  }
}

const numbers = [20, 21, 23, 700, 701, 1700]
const bool = 16

/** Numbers as numbers: none of ours is too large to be one. All else as the text that it is. */
const parserOf = (type: number) => {
  if (numbers.includes(type)) return Number
  return (text: string) => (type === bool ? text === 't' : text)
}
