// When people can be met: pure, and the same whatever part of it is asked for. Instants are milliseconds since the
// epoch. docs/meetings.md says the same in words.
import type { MeetingAvailability } from '../person/person.ts'
import { canonicalZone } from '../person/zones.ts'

/** From one instant to just before another. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

export interface SlotQuestion {
  /** Of all who are to meet; the first one's midnight divides what goes on for more than a day. */
  readonly availabilities: readonly MeetingAvailability[]
  /** When one of them can't, in any order. */
  readonly busy: readonly Stretch[]
  readonly span: Stretch
  readonly duration: number
  /** From the start of one slot to that of the next. */
  readonly step: number
}

const minute = 60_000
const day = 1440 * minute

/**
 * The slots within the span at which everybody can meet, in order of their starts. Stretches in which all are available
 * are cut up from their beginnings; what is busy takes slots out, and moves none. Nobody can meet nobody.
 */
export function* slotsOf(question: SlotQuestion): Generator<Stretch> {
  const { availabilities, span, duration, step } = question
  const [first] = availabilities
  if (!first) return
  const busy = united(question.busy)
  let passed = 0
  for (const stretch of divided(commonTimes(availabilities, span), first.timeZone)) {
    const skipped = Math.max(0, Math.ceil((span.from - stretch.from) / step))
    const last = Math.min(stretch.until, span.until) - duration
    for (let from = stretch.from + skipped * step; from <= last; from += step) {
      while (passed < busy.length && (busy[passed]?.until ?? 0) <= from) passed += 1
      const until = from + duration
      if ((busy[passed]?.from ?? Number.POSITIVE_INFINITY) >= until) yield { from, until }
    }
  }
}

/** When all of them are available: apart from each other, in order, and whole as far as they reach into the span. */
export const commonTimes = (
  availabilities: readonly MeetingAvailability[],
  span: Stretch,
): readonly Stretch[] => {
  const [first = [], ...others] = availabilities.map((one) => openTimes(one, span))
  return others.reduce(shared, first)
}

/** Two days more than a stretch may have before it is divided, so that where it begins does not depend on the span. */
const margin = 3 * day

/** When somebody is available, as {@link commonTimes}; never, where the zone is not known. */
function openTimes(availability: MeetingAvailability, span: Stretch): readonly Stretch[] {
  const zone = canonicalZone(availability.timeZone)
  if (zone === undefined) return []
  const windowsOn = calendarOf(availability)
  const open: Stretch[] = []
  let date = dateAt(span.from - margin, zone)
  const last = dateAt(span.until + margin, zone)
  let from = instantOf(date, 0, zone)
  while (Temporal.PlainDate.compare(date, last) <= 0) {
    const next = date.add({ days: 1 })
    const until = instantOf(next, 0, zone)
    // A day that the zone leaves out is no time at all.
    if (until > from) {
      // Asking for each time of each day takes long, and on most days nothing happens to the clock.
      const even = until - from === day
      const at = (minutes: number) =>
        even ? from + minutes * minute : instantOf(date, minutes, zone)
      for (const window of windowsOn(date)) {
        open.push({ from: at(window.start), until: at(window.end) })
      }
    }
    date = next
    from = until
  }
  const { start, end } = availability
  const range = {
    from: start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(start),
    until: end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end),
  }
  return shared(united(open), [range])
}

const dateAt = (instant: number, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate()

/**
 * The instant at which the clock first shows so many minutes after midnight. What it leaves out is as long after the
 * change as it would have been without (`compatible`; RFC 5545 §3.3.5).
 */
function instantOf(date: Temporal.PlainDate, minutes: number, zone: string): number {
  const local = date.toPlainDateTime().add({ minutes })
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
}

/** Minutes after midnight. */
interface Window {
  readonly start: number
  readonly end: number
}

/** The windows of a day. Those that overlap or touch are one, before any clock is asked. */
function calendarOf({
  rules,
  exceptions = [],
}: MeetingAvailability): (date: Temporal.PlainDate) => readonly Window[] {
  const weekly = days.map((name) => joined(rules.filter((rule) => rule.days.includes(name))))
  const single = new Map(exceptions.map(({ date, windows }) => [date, joined(windows)]))
  return (date) => single.get(date.toString()) ?? weekly[date.dayOfWeek - 1] ?? []
}

/** As the calendar counts them, from 1. */
const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const

const joined = (
  windows: readonly { readonly start: string; readonly end: string }[],
): readonly Window[] =>
  united(windows.map(({ start, end }) => ({ from: minutesOf(start), until: minutesOf(end) }))).map(
    ({ from, until }) => ({ start: from, end: until }),
  )

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** In order, and apart: what overlaps or touches is one, what is empty is nothing. */
export function united(stretches: readonly Stretch[]): readonly Stretch[] {
  const all = stretches.filter(({ from, until }) => from < until)
  const union: { from: number; until: number }[] = []
  for (const { from, until } of all.sort((one, other) => one.from - other.from)) {
    const last = union.at(-1)
    if (last && from <= last.until) last.until = Math.max(last.until, until)
    else union.push({ from, until })
  }
  return union
}

/** What is in both; each of them in order and apart. */
export function shared(one: readonly Stretch[], other: readonly Stretch[]): readonly Stretch[] {
  const both: Stretch[] = []
  let [at, beside] = [0, 0]
  for (;;) {
    const [a, b] = [one[at], other[beside]]
    if (!a || !b) return both
    const from = Math.max(a.from, b.from)
    const until = Math.min(a.until, b.until)
    if (from < until) both.push({ from, until })
    if (a.until < b.until) at += 1
    else beside += 1
  }
}

/** Those of more than a day begin anew at each midnight, so that they begin somewhere. */
function* divided(stretches: readonly Stretch[], timeZone: string): Generator<Stretch> {
  const zone = canonicalZone(timeZone) ?? 'UTC'
  for (const { from, until } of stretches) {
    let begin = from
    let date = dateAt(from, zone)
    while (until - from > day) {
      date = date.add({ days: 1 })
      const midnight = instantOf(date, 0, zone)
      if (midnight >= until) break
      if (midnight > begin) yield { from: begin, until: midnight }
      begin = midnight
    }
    yield { from: begin, until }
  }
}
