import { setImmediate as turn } from 'node:timers/promises'
import type { PersonId } from '../person/ids.ts'
import type { Store } from './ports.ts'

/**
 * Heartbeats on their way to the store: gathered in memory, each person's latest, and written together. What was not
 * written yet is lost with the process, so that a crash loses those of the interval at most. Never throws.
 */
export interface Pulse {
  /** Milliseconds from a heartbeat until it is written, as good as always. */
  readonly patience: number
  /** When the person was last heard of here, in milliseconds since the epoch; undefined where nobody remembers. */
  latest(id: PersonId): number | undefined
  /** Notes that somebody was there at that moment. It is written within the interval, as their latest by then. */
  note(id: PersonId, at: number): void
  /** The same, written within a few dozen milliseconds. Resolves once that was tried. */
  hasten(id: PersonId, at: number): Promise<void>
  /** Writes what is left. */
  close(): Promise<void>
}

export interface PulseParts {
  readonly beat: Store['beat']
  /** Is told the first time that nothing can be written, and not again until something could. */
  readonly complain: (error: unknown) => void
  /** Milliseconds from a person's first heartbeat that was not written until their latest is. */
  readonly interval: number
  /** How many people's heartbeats are held at most; those who have waited longest make room. */
  readonly most?: number
}

/** Milliseconds: whoever is due so soon is written with those who are due now. */
const together = 2_000

/** Milliseconds until a store that failed is asked again. */
const pause = 2_000

/** Milliseconds in which others may join a heartbeat that can't wait. */
const haste = 30

/** How many people are written in one transaction, before whoever reads has a turn. */
const piece = 250

/** How many people are held at most. */
const mostHeld = 100_000

/** How many people's latest heartbeats are remembered after they were written. */
const mostRemembered = 200_000

interface Held {
  at: number
  /** On the clock of `performance`: the first that was not written came then. */
  readonly since: number
}

export function createPulse({ beat, complain, interval, most = mostHeld }: PulseParts): Pulse {
  /** Whoever has waited longest first. */
  let held = new Map<PersonId, Held>()
  const urgent = new Set<PersonId>()
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
    timer = setTimeout(flush, milliseconds, taken).unref()
  }

  /** One batch at a time. What came in meanwhile is in a later one. */
  function flush(take: () => Batch): Promise<void> {
    clearTimeout(timer)
    due = Number.POSITIVE_INFINITY
    writing ??= writeAll(take()).finally(() => {
      writing = undefined
      flushLater()
    })
    return writing
  }

  function flushLater(): void {
    const [longest] = held.values()
    if (failing && longest) flushWithin(pause)
    else if (urgent.size > 0) flushWithin(haste)
    else if (longest) flushWithin(Math.max(0, longest.since + interval - performance.now()))
  }

  /** Those who can't wait, and those who have waited long enough, out of what is held. */
  function taken(): Batch {
    const batch: Batch = []
    const last = performance.now() + Math.min(together, interval / 2) - interval
    for (const entry of held) {
      if (entry[1].since > last) break
      batch.push(entry)
    }
    for (const [id] of batch) held.delete(id)
    for (const id of urgent) {
      const one = held.get(id)
      if (one) batch.push([id, one])
      held.delete(id)
    }
    urgent.clear()
    return batch
  }

  function everybody(): Batch {
    const batch = [...held]
    held.clear()
    urgent.clear()
    return batch
  }

  async function writeAll(batch: Batch): Promise<void> {
    const { resolve } = next
    next = Promise.withResolvers()
    let written = 0
    try {
      while (written < batch.length) {
        await beat(timesOf(batch.slice(written, written + piece)))
        failing = false
        written += piece
        await turn()
      }
    } catch (error) {
      if (!failing) complain(error)
      failing = true
      const since = held
      held = new Map(batch.slice(written))
      for (const [id, one] of since) put(id, one)
      for (const id of held.keys()) urgent.add(id)
    }
    resolve()
  }

  function put(id: PersonId, { at, since }: Held): void {
    const known = held.get(id)
    if (known) {
      known.at = Math.max(known.at, at)
      return
    }
    const [longest] = held.size < most ? [] : held.keys()
    if (longest !== undefined) held.delete(longest)
    held.set(id, { at, since })
  }

  function hold(id: PersonId, at: number): void {
    remember(remembered, id, at)
    put(id, { at, since: performance.now() })
    if (held.size < most || failing) return
    for (const one of held.keys()) urgent.add(one)
    flushWithin(0)
  }

  return {
    patience: interval + 2 * together,
    latest: (id) => remembered.get(id),
    note(id, at) {
      hold(id, at)
      flushWithin(failing ? pause : interval)
    },
    hasten(id, at) {
      hold(id, at)
      urgent.add(id)
      // A store that just failed is not asked all the faster for it.
      flushWithin(failing ? pause : haste)
      return next.promise
    },
    async close() {
      await writing
      await flush(everybody)
      clearTimeout(timer)
    },
  }
}

type Batch = (readonly [PersonId, Held])[]

const timesOf = (batch: Batch): Map<PersonId, string> =>
  new Map(batch.map(([id, { at }]) => [id, new Date(at).toISOString()]))

/** The later one stands, as the latest in order; the one that was put in longest ago makes room. */
function remember(times: Map<PersonId, number>, id: PersonId, at: number): void {
  const latest = Math.max(at, times.get(id) ?? at)
  times.delete(id)
  const [oldest] = times.size < mostRemembered ? [] : times.keys()
  if (oldest !== undefined) times.delete(oldest)
  times.set(id, latest)
}
