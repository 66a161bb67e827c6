import type { IncomingMessage } from 'node:http'
import type { Footprint } from '../footprint/footprint.ts'
import type { Watch } from '../footprint/stamps.ts'
import type { Viewer } from '../privacy/viewer.ts'

/** Something that a caller did and may do again in the same words, without anything being read for it. */
export interface Repeat {
  /** Does it. False where the whole way has to be gone this time. */
  readonly again: (viewer: Viewer) => boolean
  readonly viewer: Viewer
  /** What makes the caller that viewer. */
  readonly footprint: Footprint
  readonly status: number
  /** But for those that are for one request alone, name by name. */
  readonly headers: readonly string[]
  readonly dialect: string
  /** The route's pattern. */
  readonly route: string
}

/** What callers did lately and may do again, as long as they would be let in again. */
export interface Repeats {
  find(target: string, asked: string, now: number): Repeat | undefined
  keep(target: string, asked: string, repeat: Repeat): void
}

/** How many are remembered. With half a kilobyte each they take 50 MB where so many people have a client that is at it. */
const most = 100_000

/** What is longer is told anew each time. */
const longestTarget = 256

export function createRepeats(watch: Watch): Repeats {
  const known = new Map<string, Repeat>()
  return {
    find(target, asked, now) {
      const name = nameOf(target, asked)
      const repeat = known.get(name)
      if (!repeat || watch.stands(repeat.footprint, now)) return repeat
      known.delete(name)
      return undefined
    },

    keep(target, asked, repeat) {
      const { footprint } = repeat
      // Who leaves no footprint could never be told to have been shut out.
      if (footprint.facts.length === 0 || footprint.once || target.length > longestTarget) return
      footprint.settle()
      const name = nameOf(target, asked)
      known.delete(name)
      const [oldest] = known.size < most ? [] : known.keys()
      if (oldest !== undefined) known.delete(oldest)
      known.set(name, repeat)
    },
  }
}

/** No target has a line break. */
const nameOf = (target: string, asked: string): string => `${target}\n${asked}`

/**
 * Whether a request has nothing but its target and what is asked beside it: no body, no wish about how it is sent, and no
 * cookie, which a browser sends along whoever's page asked.
 */
export function isBare({ rawHeaders }: IncomingMessage): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (!lengths.has(name.length)) continue
    const own = name.toLowerCase()
    if (own === 'content-length' && rawHeaders[index + 1] === '0') continue
    if (more.includes(own)) return false
  }
  return true
}

const more = ['cookie', 'content-length', 'transfer-encoding', 'expect']
const lengths = new Set(more.map(({ length }) => length))
