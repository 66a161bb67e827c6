import { setImmediate as turn } from 'node:timers/promises'
import type { PersonId } from '../person/ids.ts'
import type { Store } from './ports.ts'

/**
 * Heartbeats on their way to the store: gathered in memory, each person's latest, and written together. What was not
 * written yet is lost with the process, so that a crash loses those of {@link pulseInterval} at most. Never throws.
 */
export interface Pulse {
  /** When the person was last heard of here, in milliseconds since the epoch; undefined where nobody remembers. */
  latest(id: PersonId): number | undefined
  /** Notes that somebody was there at that moment. It is written with the next batch. */
  note(id: PersonId, at: number): void
  /** The same, written within a few dozen milliseconds, with all that is noted by then. Resolves once that was tried. */
  hasten(id: PersonId, at: number): Promise<void>
  /** Writes what is left. */
  close(): Promise<void>
}

export interface PulseParts {
  readonly beat: Store['beat']
  /** Is told the first time that nothing can be written, and not again until something could. */
  readonly complain: (error: unknown) => void
  /** Milliseconds. */
  readonly interval?: number
  /** How many people's heartbeats are held at most; those who were heard of longest ago make room. */
  readonly most?: number
}

/**
 * Milliseconds from a heartbeat until it is written at the latest. At a hundred thousand people a minute a batch has
 * fewer than the news that a process takes notice of one by one, so that no other loses its kept answers over it.
 */
export const pulseInterval = 2_000

/** Milliseconds in which others may join a heartbeat that can't wait. */
const haste = 30

/** How many people are written in one transaction, before whoever reads has a turn. */
const piece = 250

/** How many people are held at most. */
const mostHeld = 100_000

/** How many people's latest heartbeats are remembered after they were written. */
const mostRemembered = 200_000

export function createPulse({
  beat,
  complain,
  interval = pulseInterval,
  most = mostHeld,
}: PulseParts): Pulse {
  const held = new Map<PersonId, number>()
  const remembered = new Map<PersonId, number>()
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let writing: Promise<void> | undefined
  /** Those who wait for the next batch. */
  let next = Promise.withResolvers<void>()
  let failing = false

  function flushWithin(milliseconds: number): void {
    const at = performance.now() + milliseconds
    if (at >= due) return
    due = at
    clearTimeout(timer)
    // A server listens, and closes the pulse; whatever does not is not to be kept from ending.
    timer = setTimeout(flush, milliseconds).unref()
  }

  /** One batch at a time. What came in meanwhile is the next one. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    due = Number.POSITIVE_INFINITY
    writing ??= writeAll().finally(() => {
      writing = undefined
      if (held.size > 0) flushWithin(failing ? interval : haste)
    })
    return writing
  }

  async function writeAll(): Promise<void> {
    const batch = [...held]
    held.clear()
    const { resolve } = next
    next = Promise.withResolvers()
    try {
      while (batch.length > 0) {
        await beat(timesOf(batch.slice(0, piece)))
        failing = false
        batch.splice(0, piece)
        await turn()
      }
    } catch (error) {
      if (!failing) complain(error)
      failing = true
      // Those who were heard of since are the newer ones, and stay where there is no room for all.
      const since = [...held]
      held.clear()
      for (const [id, at] of [...batch, ...since]) put(held, id, at, most)
    }
    resolve()
  }

  function hold(id: PersonId, at: number): void {
    put(remembered, id, at, mostRemembered)
    put(held, id, at, most)
    if (held.size === most && !failing) flushWithin(0)
  }

  return {
    latest: (id) => remembered.get(id),
    note(id, at) {
      hold(id, at)
      flushWithin(interval)
    },
    hasten(id, at) {
      hold(id, at)
      // A store that just failed is not asked all the faster for it.
      flushWithin(failing ? interval : haste)
      return next.promise
    },
    async close() {
      await writing
      await flush()
    },
  }
}

const timesOf = (batch: readonly (readonly [PersonId, number])[]): Map<PersonId, string> =>
  new Map(batch.map(([id, at]) => [id, new Date(at).toISOString()]))

/** The later one stands, as the latest in order; the one that was put in longest ago makes room. */
function put(times: Map<PersonId, number>, id: PersonId, at: number, most: number): void {
  const latest = Math.max(at, times.get(id) ?? at)
  times.delete(id)
  const [oldest] = times.size < most ? [] : times.keys()
  if (oldest !== undefined) times.delete(oldest)
  times.set(id, latest)
}
