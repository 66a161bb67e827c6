// What people do to what is between them, and what each of the two sees of it. docs/connections.md has it as a table.
//
// Where one of the two has blocked the other, `state` is what the blocked one sees; it never says more than it would
// had the other withdrawn, disconnected or not answered. So nothing that the blocked one does depends on being blocked.
import { Failure, type FailureReason } from '../failure.ts'
import type { PersonId } from '../person/ids.ts'
import type { Connection } from './gatherings.ts'
import type { Relation } from './permissions.ts'

export const connectionActions = [
  'request',
  'accept',
  'reject',
  'withdraw',
  'disconnect',
  'block',
  'unblock',
] as const
export type ConnectionAction = (typeof connectionActions)[number]

export const statesSeen = ['none', 'requested', 'accepted', 'rejected', 'blocked'] as const
/** `blocked`: by the one who looks. */
export type StateSeen = (typeof statesSeen)[number]

/** What is between two people as one of them sees it. */
export interface Seen {
  readonly state: StateSeen
  /** The one who looks is the one who was asked, the last time that somebody did. */
  readonly asked: boolean
  readonly rejectedById?: PersonId
  /** An instant: since when it is so, where that is known. */
  readonly since?: string
}

/** What `viewerId` sees of `connection`; services, who are nobody in person, see nothing. */
export function seenBy(viewerId: PersonId | undefined, connection: Connection | undefined): Seen {
  if (viewerId === undefined || connection === undefined) return unconnected
  const { state, addresseeId, rejectedById, updatedAt } = connection
  // When somebody blocked is not on record: it would be one more thing that changes.
  if (hasBlocked(viewerId, connection)) return { state: 'blocked', asked: false }
  if (state === 'none') return unconnected
  return {
    state,
    asked: addresseeId === viewerId,
    ...(state === 'rejected' && rejectedById && { rejectedById }),
    ...(updatedAt && { since: updatedAt }),
  }
}

const unconnected: Seen = { state: 'none', asked: false }

/** What counts for whether the two may reach each other. */
export const relationIn = (connection: Connection | undefined): Relation => ({
  connected: connection?.state === 'accepted',
  blocked: connection?.blockedByIds !== undefined,
})

export const hasBlocked = (id: PersonId, connection: Connection | undefined): boolean =>
  connection?.blockedByIds?.includes(id) ?? false

/** Two people: the one who acts, and the other. */
export interface Pair {
  readonly actorId: PersonId
  readonly otherId: PersonId
}

/**
 * What is between the two once `actorId` has done `action` at the instant `now`; `before` itself where it is so already.
 * @throws conflict or not_found, with a reason, for what can't be done as the actor sees things
 */
export function after(
  before: Connection | undefined,
  action: ConnectionAction,
  pair: Pair,
  now: string,
): Connection | undefined {
  return moves[action](before, pair, now)
}

type Move = (before: Connection | undefined, pair: Pair, now: string) => Connection | undefined

const moves: Record<ConnectionAction, Move> = {
  request(before, pair, now) {
    const { actorId, otherId } = pair
    const { state, asked, rejectedById } = seenBy(actorId, before)
    switch (state) {
      case 'blocked':
        throw new Failure('conflict', 'You have blocked this person: unblock them first')
      case 'accepted':
        throw refusal('already_connected')
      case 'requested':
        return asked ? settled(before, pair, 'accepted', now) : before
      case 'rejected':
        if (rejectedById !== actorId) throw refusal('already_rejected')
    }
    const { blockedByIds } = before ?? {}
    return {
      ...{ requesterId: actorId, addresseeId: otherId, state: 'requested', updatedAt: now },
      ...(blockedByIds && { blockedByIds }),
    }
  },

  accept(before, pair, now) {
    const { state, asked, rejectedById } = seenBy(pair.actorId, before)
    if (state === 'accepted') return before
    if (state === 'requested' && asked) return settled(before, pair, 'accepted', now)
    throw refusal(rejectedById === pair.actorId ? 'already_rejected' : 'no_such_request')
  },

  reject(before, pair, now) {
    const { state, asked, rejectedById } = seenBy(pair.actorId, before)
    if (state === 'rejected' && rejectedById === pair.actorId) return before
    if (state === 'requested' && asked) return settled(before, pair, 'rejected', now)
    throw refusal(state === 'accepted' ? 'already_accepted' : 'no_such_request')
  },

  withdraw(before, pair, now) {
    const { state, asked, rejectedById } = seenBy(pair.actorId, before)
    if (state === 'none' || state === 'blocked') return before
    if (state === 'requested' && !asked) return settled(before, pair, 'none', now)
    if (state === 'accepted') throw refusal('already_accepted')
    throw refusal(rejectedById === pair.otherId ? 'already_rejected' : 'no_such_request')
  },

  disconnect(before, pair, now) {
    const { state } = seenBy(pair.actorId, before)
    if (state === 'none' || state === 'blocked') return before
    if (state === 'accepted') return settled(before, pair, 'none', now)
    throw new Failure('not_found', 'You are not connected with this person', {
      reason: 'no_such_request',
    })
  },

  block(before, pair, now) {
    const { actorId, otherId } = pair
    if (hasBlocked(actorId, before)) return before
    const { state, asked } = seenBy(actorId, before)
    // What the other asked, and what was rejected, stays for the other to see.
    const ends = state === 'accepted' || (state === 'requested' && !asked)
    const left = ends
      ? settled(before, pair, 'none', now)
      : (before ?? { requesterId: actorId, addresseeId: otherId, state: 'none', updatedAt: now })
    return { ...left, blockedByIds: [...(before?.blockedByIds ?? []), actorId].sort() }
  },

  unblock(before, { actorId }) {
    if (before === undefined || !hasBlocked(actorId, before)) return before
    const { blockedByIds = [], ...rest } = before
    const others = blockedByIds.filter((id) => id !== actorId)
    return others.length > 0 ? { ...rest, blockedByIds: others } : rest
  },
}

/** The same two, where the one asked the other as before. */
function settled(
  before: Connection | undefined,
  { actorId, otherId }: Pair,
  state: Connection['state'],
  now: string,
): Connection {
  const { requesterId = actorId, addresseeId = otherId, blockedByIds } = before ?? {}
  return {
    ...{ requesterId, addresseeId, state },
    ...(state === 'rejected' && { rejectedById: actorId }),
    ...(blockedByIds && { blockedByIds }),
    updatedAt: now,
  }
}

type Refusal = Extract<
  FailureReason,
  'no_such_request' | 'already_accepted' | 'already_rejected' | 'already_connected'
>

const refusals: Record<Refusal, readonly ['conflict' | 'not_found', string]> = {
  no_such_request: ['not_found', 'There is no such request between you and this person'],
  already_accepted: ['conflict', 'The request was accepted already'],
  already_rejected: ['conflict', 'The request was rejected already'],
  already_connected: ['conflict', 'You are connected with this person already'],
}

function refusal(reason: Refusal): Failure {
  const [code, message] = refusals[reason]
  return new Failure(code, message, { reason })
}
