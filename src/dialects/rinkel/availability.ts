// Availability is presence: writing it sets or clears a do-not-disturb, and nothing else of what presence is made of
// but that somebody is away, which is as much their own word.
import { Failure } from '../../failure.ts'
import type { Signals } from '../../presence/presence.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { RinkelChange, RinkelUser } from './schema.ts'

type Availability = RinkelUser['availability']

/** What is to be written; undefined where that is so already. */
export function wantedAvailability(
  { availability }: RinkelChange,
  shown: RinkelUser,
): Availability | undefined {
  const wanted = availability?.toUpperCase() as Availability | undefined
  return wanted === shown.availability ? undefined : wanted
}

/** @throws conflict for what would be put down and never show */
export function refuseInVain(wanted: Availability, { presence, relations }: VisiblePerson): void {
  const state = presence?.state
  const ownWord = state === undefined || state === 'doNotDisturb' || state === 'away'
  if (wanted === 'AVAILABLE' && !ownWord) {
    throw new Failure(
      'conflict',
      `availability: what makes the user unavailable ends by itself (${words[state] ?? state})`,
    )
  }
  if (wanted === 'UNAVAILABLE' && state === 'pending' && !relations.self) {
    throw new Failure('conflict', 'availability: the user has never logged in')
  }
}

const words: Readonly<Record<string, string>> = {
  outOfOffice: 'out of office',
  call: 'in a call',
  meeting: 'in a meeting',
  presenting: 'presenting',
}

/** Whoever says so of themselves has come: nobody is told the whereabouts of one who never did. */
export const signalsWith =
  (wanted: Availability, { relations }: VisiblePerson, now: number) =>
  ({ doNotDisturb: _, ...signals }: Signals): Signals => {
    if (wanted === 'AVAILABLE') return withoutAway(signals)
    const came = relations.self && !signals.firstLoginAt && !signals.lastActivityAt
    return {
      ...signals,
      ...(came && { firstLoginAt: new Date(now).toISOString() }),
      doNotDisturb: {},
    }
  }

const withoutAway = ({ away: _, ...signals }: Signals): Signals => signals
