/** What is on record about a person's whereabouts. Instants are ISO 8601 in UTC. */
export interface Signals {
  /** Absent for somebody who never logged in. */
  readonly firstLoginAt?: string
  readonly lastActivityAt?: string
  readonly doNotDisturb?: { readonly until?: string }
  readonly outOfOffice?: { readonly from?: string; readonly until?: string }
  /** Said by the person: activity does not end it. */
  readonly away?: { readonly until?: string }
  /** Counts only as long as the last activity is fresh. */
  readonly engagement?: 'call' | 'meeting' | 'presenting'
  /** When the engagement ends by itself; absent: with the activity. */
  readonly engagedUntil?: string
}

export type PresenceState =
  | 'pending'
  | 'doNotDisturb'
  | 'outOfOffice'
  | 'away'
  | 'call'
  | 'meeting'
  | 'presenting'
  | 'active'
  | 'inactive'
  | 'unknown'

export interface Presence {
  readonly state: PresenceState
  /** The end that was set for what makes this the state; absent where none was. */
  readonly until?: string
  readonly lastActivityAt?: string
}

/** What somebody can say of themselves, one at a time. */
export interface Status {
  readonly type: 'doNotDisturb' | 'away' | 'call' | 'meeting' | 'presenting'
  readonly until?: string
}

export type Absence = NonNullable<Signals['outOfOffice']>

/** What was said, whether or not it shows: without what is over by now. */
export interface Declared {
  readonly status?: Status
  readonly outOfOffice?: Absence
}

/** Milliseconds; somebody whose last activity is exactly this old is still active. */
const freshness = 10 * 60_000

/** Whether somebody who was last active at that moment still counts as active at `now`; in milliseconds since the epoch. */
export const isFresh = (lastActivity: number, now: number): boolean =>
  now - lastActivity <= freshness

/** What the signals mean at `now` (milliseconds since the epoch). Never stored. */
export function presenceAt(signals: Signals | undefined, now: number): Presence {
  const lastActivityAt = signals?.lastActivityAt
  return { ...standingAt(signals, now), ...(lastActivityAt !== undefined && { lastActivityAt }) }
}

/** In order of precedence. */
function standingAt(signals: Signals | undefined, now: number): Pick<Presence, 'state' | 'until'> {
  if (!signals?.firstLoginAt && !signals?.lastActivityAt) return { state: 'pending' }
  const { doNotDisturb, outOfOffice, away, lastActivityAt } = signals
  if (holds(doNotDisturb, now)) return { state: 'doNotDisturb', ...endOf(doNotDisturb) }
  if (holds(outOfOffice, now)) return { state: 'outOfOffice', ...endOf(outOfOffice) }
  if (holds(away, now)) return { state: 'away', ...endOf(away) }
  if (lastActivityAt === undefined) return { state: 'unknown' }
  if (!isFresh(Date.parse(lastActivityAt), now)) return { state: 'inactive' }
  const engagement = engagementOf(signals)
  if (holds(engagement, now)) return { state: engagement.type, ...endOf(engagement) }
  return { state: 'active' }
}

/** What of the signals was said by somebody. Old records may have several statuses at once: the first in precedence. */
export function declaredAt(signals: Signals | undefined, now: number): Declared {
  const { doNotDisturb, away, outOfOffice } = signals ?? {}
  const statuses: (Status | undefined)[] = [
    doNotDisturb && { type: 'doNotDisturb', ...endOf(doNotDisturb) },
    away && { type: 'away', ...endOf(away) },
    engagementOf(signals),
  ]
  const status = statuses.find((one) => holds(one, now))
  const isOver = outOfOffice?.until !== undefined && Date.parse(outOfOffice.until) <= now
  return { ...(status && { status }), ...(outOfOffice && !isOver && { outOfOffice }) }
}

/** The signals with what is said in place of all that was; what nobody says stays. */
export function declaring(signals: Signals, { status, outOfOffice }: Declared): Signals {
  const { firstLoginAt, lastActivityAt } = signals
  return {
    ...(firstLoginAt !== undefined && { firstLoginAt }),
    ...(lastActivityAt !== undefined && { lastActivityAt }),
    ...(status && signalsOf(status)),
    ...(outOfOffice && { outOfOffice }),
  }
}

function signalsOf(status: Status): Signals {
  switch (status.type) {
    case 'doNotDisturb':
      return { doNotDisturb: endOf(status) }
    case 'away':
      return { away: endOf(status) }
    case 'call':
    case 'meeting':
    case 'presenting':
      return {
        engagement: status.type,
        ...(status.until !== undefined && { engagedUntil: status.until }),
      }
  }
}

/** The signals of somebody who was there at `at`, an instant; the same ones where they are of later. */
export function signalsOfPresent(signals: Signals, at: string): Signals {
  const { firstLoginAt, lastActivityAt } = signals
  const isLater = lastActivityAt === undefined || Date.parse(lastActivityAt) < Date.parse(at)
  if (firstLoginAt !== undefined && !isLater) return signals
  return { ...signals, firstLoginAt: firstLoginAt ?? at, ...(isLater && { lastActivityAt: at }) }
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
  const { doNotDisturb, outOfOffice, away, engagedUntil, lastActivityAt } = signals ?? {}
  const ends = [doNotDisturb?.until, outOfOffice?.from, outOfOffice?.until, away?.until]
  for (const at of [...ends, engagedUntil]) {
    if (at !== undefined) turn(Date.parse(at))
  }
  // Exactly this old is still fresh.
  if (lastActivityAt !== undefined) turn(Date.parse(lastActivityAt) + freshness + 1)
  return span
}

function engagementOf(signals: Signals | undefined): Status | undefined {
  const { engagement, engagedUntil } = signals ?? {}
  if (engagement === undefined) return undefined
  return { type: engagement, ...(engagedUntil !== undefined && { until: engagedUntil }) }
}

const endOf = ({ until }: { until?: string }): { until?: string } =>
  until === undefined ? {} : { until }

/** Whether there is something, and it holds at that moment. */
const holds = <Spell extends { from?: string; until?: string }>(
  spell: Spell | undefined,
  now: number,
): spell is Spell =>
  spell !== undefined &&
  (spell.from === undefined || Date.parse(spell.from) <= now) &&
  (spell.until === undefined || now < Date.parse(spell.until))
