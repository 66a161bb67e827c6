import { setTimeout as pause } from 'node:timers/promises'
import { isOfTheMoment, isUnreachable, Lost } from './postgres-failures.ts'
import type { Line, Lines } from './postgres-lines.ts'
import { whyNotUsed } from './sql/compatibility.ts'
import { migrationNames } from './sql/migrate.ts'

/** How often a transaction is tried that somebody else's stood in the way of. */
const mostTries = 6
/** Milliseconds to wait at the most before the second try; before each other one twice as long. */
const shortest = 10

/** What a transaction holds to its end, so that those that hold the same come one after the other, whatever node they are of. */
export type Counter = 'change' | 'signal'

/**
 * Runs `work` in one transaction, which holds `counter` from its beginning; `work` may run again. Told where the counter
 * stands, it says how far it has come. When the promise resolves, all of it is safe.
 */
export async function transact<T>(
  lines: Lines,
  counter: Counter,
  work: (line: Line, stand: number) => Promise<{ readonly value: T; readonly stand: number }>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await lines.use((line) => once(line, counter, work))
    } catch (error) {
      if (tries === mostTries || !isOfTheMoment(error)) throw error
      await pause(Math.random() * shortest * 2 ** tries)
    }
  }
}

async function once<T>(
  line: Line,
  counter: Counter,
  work: (line: Line, stand: number) => Promise<{ readonly value: T; readonly stand: number }>,
): Promise<T> {
  try {
    const [, [held], [mark]] = await Promise.all([
      line.once('begin'),
      line.all<{ value: number }>('select value from counter where name = $1 for update', [
        counter,
      ]),
      // After the counter: whoever brings the database to a version that we don't know holds it until that is done.
      line.all<{ step: string }>('select step from compatibility'),
    ])
    const why = mark && whyNotUsed(mark.step, migrationNames)
    if (why !== undefined) throw isUnreachable(new Error(why))
    const before = held?.value ?? 0
    const { value, stand } = await work(line, before)
    const [, { command }] = await Promise.all([
      stand === before
        ? undefined
        : line.run('update counter set value = $2 where name = $1', [counter, stand]),
      line.once('commit'),
    ])
    // What the server tells of the end of a transaction in which something has failed.
    if (command !== 'COMMIT') throw new Lost('The transaction was not committed')
    return value
  } catch (error) {
    await line.once('rollback').catch(() => {})
    throw error
  }
}
