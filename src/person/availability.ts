import { Failure } from '../failure.ts'
import type { MeetingAvailability } from './person.ts'
import { canonicalZone } from './zones.ts'

interface AvailabilityProblem {
  /** From the availability on, such as `rules.0.end`. */
  readonly field: string
  readonly message: string
}

/** What the schema can't say: a zone is known, everything ends after it starts, and a day has one exception at most. */
export function availabilityProblem({
  timeZone,
  start,
  end,
  rules,
  exceptions = [],
}: MeetingAvailability): AvailabilityProblem | undefined {
  if (canonicalZone(timeZone) === undefined) {
    return { field: 'timeZone', message: 'is no time zone that is known' }
  }
  if (start !== undefined && end !== undefined && end <= start) {
    return { field: 'end', message: 'must come after start' }
  }
  const rule = rules.findIndex(endsEarly)
  if (rule >= 0) return { field: `rules.${rule}.end`, message: early }
  for (const [index, { date, windows }] of exceptions.entries()) {
    if (exceptions.findIndex((one) => one.date === date) < index) {
      return { field: `exceptions.${index}.date`, message: `${date} is there twice` }
    }
    const window = windows.findIndex(endsEarly)
    if (window >= 0) return { field: `exceptions.${index}.windows.${window}.end`, message: early }
  }
  return undefined
}

/**
 * For availabilities that are written; what is on record from before is let be.
 * @throws invalid, naming the field
 */
export function refuseAvailability(availability: MeetingAvailability): void {
  const problem = availabilityProblem(availability)
  if (!problem) return
  throw new Failure('invalid', `meetingAvailability.${problem.field}: ${problem.message}`)
}

const endsEarly = ({ start, end }: { readonly start: string; readonly end: string }): boolean =>
  end <= start

const early =
  'must come after the start, on the same day, whose end is 24:00; what goes on after that is another window'
