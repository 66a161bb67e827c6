import type { Socket } from 'node:net'

/** A connection, as far as what waits to be taken from it goes. */
type Waiting = Pick<Socket, 'writableLength' | 'destroy'>

/** Bytes of answers that may wait to be taken, on all connections together. */
const most = 256 * 1_048_576

/** How often that is looked at, in milliseconds. */
const interval = 1_000

/** Milliseconds after which a connection ends on which nothing moves, though an answer waits to be taken. */
export const longestStall = 120_000

/** Keeps an eye on what waits to be taken; until the function it returns is called. */
export function watchBacklog(connections: Iterable<Waiting>): () => void {
  const relieve = backlogRelief(connections, most)
  const looking = setInterval(relieve, interval)
  looking.unref()
  return () => clearInterval(looking)
}

/**
 * Ends those connections on which the most waits, if it is more than `limit` bytes on all together: else who asks for much
 * on many connections, and reads none of it, could fill the memory. Those on which nothing waited the last time are spared.
 */
export function backlogRelief(connections: Iterable<Waiting>, limit: number): () => void {
  let waitedBefore = new WeakSet<Waiting>()
  return () => {
    const waiting = [...connections].filter(({ writableLength }) => writableLength > 0)
    let total = waiting.reduce((sum, { writableLength }) => sum + writableLength, 0)
    const longest = waiting
      .filter((one) => waitedBefore.has(one))
      .sort((one, other) => other.writableLength - one.writableLength)
    for (const one of longest) {
      if (total <= limit) break
      total -= one.writableLength
      one.destroy()
    }
    waitedBefore = new WeakSet(waiting)
  }
}
