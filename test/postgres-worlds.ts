import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { postgresStore } from '../src/store/postgres.ts'
import { copiedTables } from '../src/store/transfer-rows.ts'
import { startCluster } from './postgres-cluster.ts'

// With `KITH_TEST_STORE=postgres` every world of the tests is on PostgreSQL: one server for all, in which each world has a
// database of its own, copied from one that is up to date.

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresWorlds | undefined
  }
}

export interface PostgresWorlds {
  /** Of the database that is copied. */
  readonly template: string
}

/** As in world.ts, whose worlds are compared with each other. */
const secret = 'the tests’ secret'

/** Before the tests: the server, where it is wanted. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { KITH_TEST_STORE: kind = 'memory', KITH_REQUIRE_POSTGRES: required } = process.env
  // Programs that tests start with this environment take settings that they do not know for mistakes.
  delete process.env.KITH_TEST_STORE
  delete process.env.KITH_REQUIRE_POSTGRES
  if (required) process.env.CI = 'true'
  if (kind !== 'memory' && kind !== 'postgres') {
    throw new Error(`KITH_TEST_STORE must be "memory" or "postgres", not "${kind}"`)
  }
  if (kind === 'memory') {
    project.provide('postgres', undefined)
    return async () => {}
  }
  const cluster = await startCluster()
  const template = await cluster.newDatabase()
  await (await postgresStore(template, Date.now)).close()
  await on(template, `insert into secret values ('seal', '${secret}')`)
  project.provide('postgres', { template })
  return () => cluster.close()
}

/** Databases of this process that are for nobody any more: to make one takes many times as long as to empty one. */
const empty: string[] = []

/** @returns the URL of a database with nobody in it */
export async function newWorld({ template }: PostgresWorlds): Promise<string> {
  const free = empty.pop()
  if (free !== undefined) return free
  const { pathname } = new URL(template)
  const name = `world_${randomUUID().replaceAll('-', '')}`
  await on(
    template.replace(pathname, '/postgres'),
    `create database ${name} template ${pathname.slice(1)}`,
  )
  return template.replace(pathname, `/${name}`)
}

/** Takes a database back, which nothing may have open any more, for the next world. */
export async function endWorld(url: string): Promise<void> {
  const emptied = copiedTables.toReversed().map((table) => `delete from ${table}${kept(table)};`)
  await on(
    url,
    `${emptied.join('')} update counter set value = 0 where name in ('change', 'signal')`,
  )
  empty.push(url)
}

const kept = (table: string): string =>
  table === 'secret' ? ` where name not in ('incarnation', 'seal')` : ''

async function on(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
