import { Lost } from './postgres-failures.ts'
import type { Lines } from './postgres-lines.ts'

/** The most look-ups that are one statement. */
const mostAtOnce = 128
/** The most that wait; each of them is somebody's request. */
const mostWaiting = 20_000

interface Lookup {
  readonly values: readonly unknown[]
  readonly resolve: (rows: readonly Numbered[]) => void
  readonly reject: (error: unknown) => void
}

/** A row that says for which look-up it is, from 1. */
interface Numbered {
  readonly n: number
}

const columnsOf = (lookups: readonly Lookup[]): unknown[] | undefined =>
  lookups[0]?.values.map((_, index) => lookups.map(({ values }) => values[index]))

/**
 * Look-ups by a statement that takes an array for each value: those of one turn of the event loop are asked for in one
 * go, and those that come while all lines are busy in the next. Resolves with the rows for these values.
 */
export function foldingOver(lines: Lines) {
  const waiting = new Map<string, Lookup[]>()
  let count = 0

  function flush(sql: string, all: Lookup[]): void {
    let some: Lookup[] | undefined
    function taken(): Lookup[] {
      const first = all.splice(0, mostAtOnce)
      count -= first.length
      if (all.length > 0) flush(sql, all)
      else waiting.delete(sql)
      return first
    }
    const found = lines.use((line) => {
      // The same ones where they are asked for once more, on another line.
      some ??= taken()
      return line.all<Numbered>(sql, columnsOf(some))
    })
    found.then(
      (rows) => {
        const byPlace = Map.groupBy(rows, ({ n }) => n)
        for (const [index, { resolve }] of some?.entries() ?? []) {
          resolve(byPlace.get(index + 1) ?? [])
        }
      },
      (error: unknown) => {
        if (!some) {
          waiting.delete(sql)
          count -= all.length
        }
        for (const { reject } of some ?? all) reject(error)
      },
    )
  }

  return <Row>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    if (count >= mostWaiting) return Promise.reject(new Lost('Too many wait for the database'))
    const { promise, resolve, reject } = Promise.withResolvers<readonly Numbered[]>()
    const lookup = { values, resolve, reject }
    count += 1
    const all = waiting.get(sql)
    if (all) all.push(lookup)
    else {
      const lookups = [lookup]
      waiting.set(sql, lookups)
      setImmediate(flush, sql, lookups)
    }
    return promise as Promise<readonly unknown[]> as Promise<readonly Row[]>
  }
}
