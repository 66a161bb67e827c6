import { Failure } from '../failure.ts'

// What every store says of writes that can't be done.

export const absent = 'It names somebody or something that is not there'
export const taken = 'Something else already has that name or number'

export const isAbsent = () => new Failure('conflict', absent)
export const isTaken = () => new Failure('conflict', taken)
export const isOvertaken = (what: 'person' | 'group') =>
  new Failure('conflict', `The ${what} was changed by somebody else meanwhile`)
export const isRoundabout = () =>
  new Failure('invalid', 'members: the group would come to contain itself')
