/** What is on record about a person's whereabouts. Instants are ISO 8601 in UTC. */
export interface Signals {
  /** Absent for somebody who never logged in. */
  readonly firstLoginAt?: string
  readonly lastActivityAt?: string
  readonly doNotDisturb?: { readonly until?: string }
  readonly outOfOffice?: { readonly from?: string; readonly until?: string }
  /** Counts only as long as the last activity is fresh. */
  readonly engagement?: 'call' | 'meeting' | 'presenting'
}

export type PresenceState =
  | 'pending'
  | 'doNotDisturb'
  | 'outOfOffice'
  | 'active'
  | 'call'
  | 'meeting'
  | 'presenting'
  | 'inactive'
  | 'unknown'

export interface Presence {
  readonly state: PresenceState
  readonly lastActivityAt?: string
}

/** Milliseconds; somebody whose last activity is exactly this old is still active. */
const freshness = 10 * 60_000

/** What the signals mean at `now` (milliseconds since the epoch). Never stored. */
export function presenceAt(signals: Signals | undefined, now: number): Presence {
  const lastActivityAt = signals?.lastActivityAt
  return { state: stateAt(signals, now), ...(lastActivityAt !== undefined && { lastActivityAt }) }
}

function stateAt(signals: Signals | undefined, now: number): PresenceState {
  if (!signals?.firstLoginAt && !signals?.lastActivityAt) return 'pending'
  const { doNotDisturb, outOfOffice, lastActivityAt, engagement } = signals
  if (doNotDisturb && holds(doNotDisturb, now)) return 'doNotDisturb'
  if (outOfOffice && holds(outOfOffice, now)) return 'outOfOffice'
  if (lastActivityAt === undefined) return 'unknown'
  if (now - Date.parse(lastActivityAt) > freshness) return 'inactive'
  return engagement ?? 'active'
}

/** The instants around `now`, in milliseconds since the epoch, from and until which the signals mean the same. */
export function presenceSpan(
  signals: Signals | undefined,
  now: number,
): { from: number; until: number } {
  const span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }
  const turn = (at: number) => {
    if (at <= now) span.from = Math.max(span.from, at)
    else span.until = Math.min(span.until, at)
  }
  const { doNotDisturb, outOfOffice, lastActivityAt } = signals ?? {}
  for (const at of [doNotDisturb?.until, outOfOffice?.from, outOfOffice?.until]) {
    if (at !== undefined) turn(Date.parse(at))
  }
  // Exactly this old is still fresh.
  if (lastActivityAt !== undefined) turn(Date.parse(lastActivityAt) + freshness + 1)
  return span
}

const holds = ({ from, until }: { from?: string; until?: string }, now: number): boolean =>
  (from === undefined || Date.parse(from) <= now) &&
  (until === undefined || now < Date.parse(until))
