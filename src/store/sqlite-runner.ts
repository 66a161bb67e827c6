import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { CompiledQuery } from 'kysely'

/** Prepares each statement once. */
export function preparedOn(handle: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return (sql) => {
    const found = prepared.get(sql) ?? handle.prepare(sql)
    prepared.set(sql, found)
    return found
  }
}

export type Runner = ReturnType<typeof runnerOf>

/** Runs what Kysely compiled, synchronously, each statement prepared once. */
export function runnerOf(handle: DatabaseSync) {
  const statement = preparedOn(handle)
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
