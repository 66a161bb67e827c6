import type { IncomingMessage } from 'node:http'
import type { Dialect } from '../dialects/dialect.ts'
import type { Count } from './buckets.ts'
import type { Cors } from './cors.ts'

/** The headers of an answer that are for one request alone, name by name, and so are never kept with it. */
export type Aside = (
  raw: IncomingMessage,
  dialect: string,
  count: Count | undefined,
) => readonly string[]

/** What is left of a limit, in the dialect's words, and what a page of another origin may do. */
export function asideFor(
  dialects: readonly Dialect[],
  cors: Cors | undefined,
  now: () => number,
): Aside {
  const tellers = new Map(dialects.map(({ name, tellAllowance }) => [name, tellAllowance]))
  return (raw, dialect, count) => {
    if (!count && !cors) return none
    const allowance = count && tellers.get(dialect)?.({ ...count, now: now() })
    return [...(cors?.headers(raw) ?? none), ...Object.entries(allowance ?? {}).flat()]
  }
}

const none: readonly string[] = []
