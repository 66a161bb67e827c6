import type { Store } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import type { Answer, Ask, Writer } from './messages.ts'

/** A worker's end of what joins it to the writer. */
export interface Line {
  /** `done` is told when it could not be sent. */
  send(ask: Ask, done: (error: Error | null) => void): void
  onAnswer(heed: (answer: Answer) => void): void
  onGone(heed: () => void): void
}

/**
 * Milliseconds that a worker waits for an answer. What the writer begins at all it begins within half of that and
 * has five seconds to get the database for, so that what was not answered was, as good as always, not done.
 */
const patience = 10_000

/** The store as a worker has it: it reads `local`, and has the writer write. */
export function workerStore(local: Store, writer: Writer): Store {
  /** Resolves when it is written, and seen here too. */
  const written = async (writing: Promise<void>) => {
    await writing
    try {
      local.watch.look()
    } catch {
      // It is written, and is not to be told as failed. The next look makes up for this one, or says why not.
    }
  }
  return {
    ...local,
    commit: (...of) => written(writer.commit(...of)),
    signal: (...of) => written(writer.signal(...of)),
    beat: (...of) => written(writer.beat(...of)),
    keys: { ...local.keys, used: (times) => written(writer.used(times)) },
    secret: writer.secret,
    // Who can't have anything written, or would learn too late that it ends, had better not be asked.
    ready: async () => {
      await writer.ready()
      await local.ready()
    },
  }
}

/**
 * The writer, at the other end of a line. What fails there fails here with the same code and message; silence for
 * `wait` milliseconds, or a line that is gone, is `unavailable`.
 */
export function writerOver(line: Line, now: () => number, wait: number = patience): Writer {
  let last = 0
  const waiting = new Map<number, (answer: Answer) => void>()
  line.onAnswer((answer) => waiting.get(answer.id)?.(answer))
  line.onGone(() => {
    for (const [id, settle] of waiting) settle(noAnswer(id))
  })

  async function ask<Value = void>(
    verb: Ask['verb'],
    parameters: readonly unknown[],
  ): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    last += 1
    const id = last
    const settle = ({ failure, value }: Answer) => {
      clearTimeout(timer)
      waiting.delete(id)
      if (failure) reject(failureOf(failure))
      else resolve(value as Value)
    }
    const timer = setTimeout(settle, wait, noAnswer(id))
    waiting.set(id, settle)
    line.send({ kind: 'ask', id, at: now(), verb, parameters }, (error) => {
      if (error) settle(noAnswer(id))
    })
    return promise
  }

  return {
    commit: (...of) => ask('commit', of),
    signal: (...of) => ask('signal', of),
    beat: (...of) => ask('beat', of),
    used: (...of) => ask('used', of),
    secret: () => ask('secret', []),
    ready: () => ask('ready', []),
  }
}

const failureOf = ({ code, message, reason }: NonNullable<Answer['failure']>): Failure =>
  new Failure(code, message, { ...(reason && { reason }) })

const noAnswer = (id: number): Answer => ({
  kind: 'answer',
  id,
  failure: { code: 'unavailable', message: 'The directory can not be written at the moment' },
})
