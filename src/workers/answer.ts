import type { Store } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import type { Log } from '../http/log.ts'
import type { Answer, Ask, Writer } from './messages.ts'

/**
 * Milliseconds after which what was asked is not begun any more: the worker may have told its caller that it was not
 * done before it would be.
 */
const freshness = 5_000

/** What a store can do for workers. */
export const writerOf = (store: Store): Writer => ({
  commit: (...of) => store.commit(...of),
  signal: (...of) => store.signal(...of),
  beat: (...of) => store.beat(...of),
  used: (...of) => store.keys.used(...of),
  secret: () => store.secret(),
  ready: () => store.ready(),
})

/** Does what a worker asks, and tells how it went once it is done. Never throws. */
export async function answerTo(
  { id, at, verb, parameters }: Ask,
  writer: Writer,
  now: () => number,
  log: Pick<Log, 'error'>,
): Promise<Answer> {
  try {
    if (now() - at > freshness)
      throw new Failure('unavailable', 'The directory is too busy to write')
    const work = writer[verb] as (...of: readonly unknown[]) => Promise<unknown>
    return { kind: 'answer', id, value: await work(...parameters) }
  } catch (error) {
    const { code, message, reason } = failureFrom(error, log)
    return { kind: 'answer', id, failure: { code, message, ...(reason && { reason }) } }
  }
}

/** Where it happened is known here alone, so it is logged here. */
function failureFrom(err: unknown, log: Pick<Log, 'error'>): Failure {
  const failure = err instanceof Failure ? err : new Failure('internal', 'Internal error')
  if (err !== failure || failure.code === 'unavailable') log.error({ err }, 'a write failed')
  return failure
}
