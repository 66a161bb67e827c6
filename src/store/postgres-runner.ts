import type { CompiledQuery } from 'kysely'
import type { Line } from './postgres-lines.ts'

/** What Kysely has built; it need not be compiled yet. */
interface Query<Row> {
  compile(): CompiledQuery<Row>
}

export type Runner = ReturnType<typeof runnerOn>

/** Runs what Kysely builds on a line, each statement prepared once. */
export function runnerOn(line: Line) {
  const all = <Row>(query: Query<Row>): Promise<Row[]> => {
    const { sql, parameters } = query.compile()
    return line.all<Row>(sql, parameters)
  }
  return {
    all,
    async first<Row, T>(query: Query<Row>, from: (row: Row) => T): Promise<T | undefined> {
      const [row] = await all(query)
      return row && from(row)
    },
    /** How many rows it changed. */
    run(query: Query<unknown>): Promise<number> {
      const { sql, parameters } = query.compile()
      return line.run(sql, parameters)
    },
  }
}
