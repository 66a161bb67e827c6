import type { PresenceState, Signals } from '../presence/presence.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Signals that mean `state` at `now` and go on to mean it for a while; `firstLoginAt` is an instant long ago. */
export function signalsFor(
  state: Exclude<PresenceState, 'pending'>,
  firstLoginAt: string,
  now: number,
): Signals {
  const at = (offset: number) => new Date(now + offset).toISOString()
  const fresh = { firstLoginAt, lastActivityAt: at(-minute) }
  switch (state) {
    case 'active':
      return fresh
    case 'call':
    case 'meeting':
    case 'presenting':
      return { ...fresh, engagement: state }
    case 'doNotDisturb':
      return { ...fresh, doNotDisturb: { until: at(3 * hour) } }
    case 'outOfOffice':
      return {
        firstLoginAt,
        lastActivityAt: at(-2 * day),
        outOfOffice: { from: at(-day), until: at(6 * day) },
      }
    case 'away':
      return { ...fresh, away: { until: at(2 * hour) } }
    case 'inactive':
      return { firstLoginAt, lastActivityAt: at(-95 * minute) }
    case 'unknown':
      return { firstLoginAt }
  }
}
