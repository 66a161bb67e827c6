import type { Kysely } from 'kysely'
import { Failure } from '../failure.ts'
import type { PersonId } from '../person/ids.ts'
import type { EventSearch, Found, PeopleSearch, Search } from '../search/search.ts'
import { postgresEngine } from './postgres-engine.ts'
import { answering } from './postgres-failures.ts'
import type { Line, Lines } from './postgres-lines.ts'
import { tooLong } from './refusals.ts'
import { eventSearch, groupSearch, peopleSearch, type SearchQueries } from './sql/search.ts'
import type { Tables } from './sql/tables.ts'

/** Searches, on lines of their own, so that no look-up waits behind one. */
export function searchesOn(lines: Lines, db: Kysely<Tables>) {
  const found = ({ queries, found: told }: SearchQueries): Promise<Found<string>> =>
    answering(async () =>
      told(queries.length === 0 ? [] : await lines.use((line) => rowsOf(line, queries))),
    ).catch((error: unknown) => {
      throw isCutOff(error) ? tooLong(error) : error
    })
  return {
    people: (search: PeopleSearch) =>
      found(peopleSearch(db, postgresEngine, search)) as Promise<Found<PersonId>>,
    attendees: (search: EventSearch) =>
      found(eventSearch(db, postgresEngine, search)) as Promise<Found<PersonId>>,
    groups: (search: Search) => found(groupSearch(db, postgresEngine, search)),
  }
}

/** The server ends what takes too long. */
const isCutOff = (error: unknown): error is Failure =>
  error instanceof Failure &&
  /^PostgreSQL 57014/.test((error.cause as Error | undefined)?.message ?? '')

type Rows = Parameters<SearchQueries['found']>[0]

/** The rows of each query, all as of one moment. */
async function rowsOf(line: Line, queries: SearchQueries['queries']): Promise<Rows> {
  const ask = async ({ sql, parameters }: (typeof queries)[number]) =>
    (await line.once<Rows[number][number]>(sql, parameters)).rows
  if (queries.length === 1) return Promise.all(queries.map(ask))
  const [, ...rows] = await Promise.all([
    line.once('begin isolation level repeatable read read only').then(() => []),
    ...queries.map(ask),
  ]).finally(() => line.once('rollback'))
  return rows
}
