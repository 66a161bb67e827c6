import type { Kysely } from 'kysely'
import type { Organization } from '../directory/ports.ts'
import type { Runner } from './postgres-runner.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

/** All organizations, as they are read on a line. */
export async function organizationsOn(
  { all }: Pick<Runner, 'all'>,
  db: Kysely<Tables>,
): Promise<Organization[]> {
  const [rows, management] = await Promise.all([
    all(queries.organizationRows(db)),
    all(queries.managementRows(db)),
  ])
  return queries.organizationsFrom(rows, management)
}
