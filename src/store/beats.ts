import type { Signals } from '../presence/presence.ts'

/** How many people's beats are written at a time: as long as it takes, nobody else is heard. */
export const beatsAtOnce = 500

/** What is on record of somebody who was there at an instant; `signals` themselves when they say so already. */
export function seenAt(signals: Signals | undefined, at: string): Signals {
  const { firstLoginAt, lastActivityAt } = signals ?? {}
  const known = lastActivityAt !== undefined && lastActivityAt >= at
  if (signals && known && firstLoginAt !== undefined) return signals
  return {
    ...signals,
    firstLoginAt: firstLoginAt ?? at,
    lastActivityAt: known ? lastActivityAt : at,
  }
}
