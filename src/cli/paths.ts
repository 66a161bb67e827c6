import type { Dialect, Mark, PersonIds } from '../dialects/dialect.ts'

/** By dialect; without those in which the person can't be read. */
export type Paths = Readonly<Record<string, string>>

/** The paths to read a person at. */
export function pathsOf(
  { id, number, userName, eventUrl }: PersonIds,
  dialects: readonly Dialect[],
  mark: Mark,
): Paths {
  const ids = { id, number, userName, ...(eventUrl !== undefined && { eventUrl }) }
  return Object.fromEntries(
    dialects.flatMap(({ name, personPath }) => {
      const path = personPath(ids, mark)
      return path === undefined ? [] : [[name, path]]
    }),
  )
}
