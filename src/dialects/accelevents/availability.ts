// When somebody can be met: five fields of the vendor's, one part of the record.
import { Failure } from '../../failure.ts'
import { availabilityProblem } from '../../person/availability.ts'
import type { MeetingAvailability, Person } from '../../person/person.ts'
import { canonicalZone } from '../../person/zones.ts'
import type { AcceleventsAttendee, PersonChange } from './schema.ts'

const fields = [
  'availabilityDuration',
  'availabilityStartTime',
  'availabilityEndTime',
  'availabilityTimezoneId',
  'rules',
] as const
type Fields = Pick<AcceleventsAttendee, (typeof fields)[number]>

/** What `sent` makes of it; null for none at all, undefined where it says nothing. @throws invalid, naming the field */
export function acceptAvailability(
  sent: Pick<Partial<PersonChange>, (typeof fields)[number] | 'timezoneId'>,
  shown: Fields,
  before: Person,
): MeetingAvailability | null | undefined {
  if (fields.every((field) => sent[field] === undefined)) return undefined
  const next: Fields = { ...picked(shown), ...picked(sent) }
  if (isEmpty(next)) return null
  const timeZone = zoneOf(next, sent, before)
  const there = before.meetingAvailability
  /** Finer than a minute where nobody touched it. */
  const kept = (field: 'availabilityStartTime' | 'availabilityEndTime', instant?: string) => {
    const text = next[field]
    if (text === shown[field] && timeZone === there?.timeZone) return instant
    return text === null ? undefined : instantOf(field, text, timeZone)
  }
  const start = kept('availabilityStartTime', there?.start)
  const end = kept('availabilityEndTime', there?.end)
  const availability = {
    timeZone,
    ...(next.availabilityDuration !== null && { duration: next.availabilityDuration }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    rules: (next.rules ?? []).map(({ days, startTime, endTime }) => ({
      ...{ days, start: startTime, end: endTime },
    })),
    // The vendor has no such thing, so that no update is about it.
    ...(there?.exceptions && { exceptions: there.exceptions }),
  }
  refuseProblem(availability)
  return availability
}

/** @throws invalid, in the vendor's words */
function refuseProblem(availability: MeetingAvailability): void {
  const { field = '', message } = availabilityProblem(availability) ?? {}
  const rule = /^rules\.\d+/.exec(field)?.[0]
  if (field === 'timeZone') {
    throw new Failure('invalid', 'availabilityTimezoneId: is no time zone that is known')
  }
  if (field === 'end') {
    throw new Failure('invalid', 'availabilityEndTime: must come after availabilityStartTime')
  }
  if (rule) throw new Failure('invalid', `${rule}.endTime: ${message}`)
}

const picked = (from: Partial<Fields>): Fields =>
  Object.fromEntries(
    fields.map((field) => [field, from[field]]).filter(([, value]) => value !== undefined),
  ) as unknown as Fields

const isEmpty = ({ rules, ...others }: Fields): boolean =>
  (rules === null || rules.length === 0) && Object.values(others).every((value) => value === null)

/** Whoever names no zone means their own. */
function zoneOf(
  { availabilityTimezoneId, availabilityStartTime, availabilityEndTime }: Fields,
  {
    availabilityTimezoneId: named,
    timezoneId,
  }: Pick<Partial<PersonChange>, 'availabilityTimezoneId' | 'timezoneId'>,
  before: Person,
): string {
  const own = named === undefined ? (timezoneId ?? before.timeZone) : undefined
  const zone = availabilityTimezoneId || own
  if (!zone) throw new Failure('invalid', 'availabilityTimezoneId: is wanted with the rest')
  const clocked = availabilityStartTime !== null || availabilityEndTime !== null
  if (clocked && canonicalZone(zone) === undefined) {
    throw new Failure('invalid', 'availabilityTimezoneId: is no time zone that is known')
  }
  return zone
}

/** The instant at which the clock of the zone shows that. @throws invalid, naming the field */
export function instantOf(field: string, text: string, timeZone: string): string {
  const instant = epochOf(text, timeZone)
  if (instant !== undefined && instant >= earliest && instant <= latest) {
    return new Date(instant).toISOString()
  }
  throw new Failure('invalid', `${field}: there is no such time`)
}

/** Years of four digits, wherever it is read. */
const earliest = Date.parse('1000-01-02T00:00:00Z')
const latest = Date.parse('9999-12-30T00:00:00Z')

/** Milliseconds; undefined for what is on no calendar or clock. */
function epochOf(text: string, timeZone: string): number | undefined {
  const [date = '', time = ''] = text.split(' ')
  try {
    const local = Temporal.PlainDateTime.from(`${date.replaceAll('/', '-')}T${time}`)
    return local.toZonedDateTime(canonicalZone(timeZone) ?? 'UTC').epochMilliseconds
  } catch {
    return undefined
  }
}
