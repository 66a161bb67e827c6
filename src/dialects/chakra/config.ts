import { type Call, ok, type Reply } from '../dialect.ts'
import { configLists } from './schema.ts'

/**
 * The vendor's configuration is of processes and records, of which there are none here; the names of teams and roles
 * are told in v2.
 */
export async function config({ viewer }: Call): Promise<Reply> {
  const team = { id: viewer.organizationId, timezone: viewer.timeZone }
  return ok({
    _data: { team, ...Object.fromEntries(configLists.map((name) => [name, []])) },
  })
}

/** Says that the server answers, and no more. */
export const health = async (): Promise<Reply> => ok({ _data: { status: 'ok' } })
