import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../failure.ts'

// What every store says of writes that can't be done.

/** Milliseconds that a receipt is remembered at the least. */
export const receiptsKept = 24 * 60 * 60_000

export const absent = 'It names somebody or something that is not there'
export const taken = 'Something else already has that name or number'

export const isAbsent = () => new Failure('conflict', absent)
export const isTaken = () => new Failure('conflict', taken)
export const isOvertaken = (
  what: 'person' | 'organization' | 'group' | 'event' | 'connection' | 'meeting' | 'presence',
) => new Failure('conflict', `The ${what} was changed by somebody else meanwhile`)
export const isSlotTaken = () =>
  new Failure('conflict', 'Somebody who takes part has another meeting at that time', {
    reason: 'slot_taken',
  })
export const areOftenTogether = (most: number) =>
  new Failure(
    'conflict',
    `participants: you have ${most} meetings to come with one of them already; there may be no more`,
  )
export const isDoneAlready = () =>
  new Failure('conflict', 'Something was done under that idempotency key already')
export const isRoundabout = () =>
  new Failure('invalid', 'members: the group would come to contain itself')
export const tooLong = (cause: Error) =>
  new Failure(
    'unavailable',
    'The search takes too long, since it has to look at everybody. Ask for those with a certain id, user name, external id, e-mail address, manager or group, or by the beginning of a word, and without another order.',
    { reason: 'too_long', cause },
  )
export const tooBusy = (cause: Error) =>
  new Failure('unavailable', 'Too many searches are under way; try again soon', {
    retryAfter: 5,
    cause,
  })

/** Whether something else is stored than whoever writes has seen; null is for nothing. */
export const isNotAsSeen = (
  stored: object | undefined,
  before: object | null | undefined,
): boolean => before !== undefined && !isDeepStrictEqual(stored ?? null, before)
