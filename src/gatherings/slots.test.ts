import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MeetingAvailability, weekdays } from '../person/person.ts'
import { type SlotQuestion, type Stretch, slotsOf } from './slots.ts'

// The oracle: clocks on walls, looked at minute by minute. It shares nothing with slots.ts, nor does it convert a local
// time: it waits until the clock shows it.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What the clocks of a zone show at each minute of a span: minutes since 1970 on that clock. */
interface Wall {
  readonly from: number
  readonly shown: readonly number[]
}

function watch(timeZone: string, { from, until }: Stretch): Wall {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  })
  const shown = Array.from({ length: (until - from) / minute }, (_, index) => {
    const text = format.format(from + index * minute)
    return Date.parse(`${text.replace(' ', 'T')}Z`) / minute
  })
  return { from, shown }
}

/**
 * The minute, counted from the wall's first, at which the clock first shows that; what it leaves out is waited for as
 * if it had gone on.
 */
function waitedFor(local: number, { shown }: Wall): number {
  const reached = shown.findIndex((one) => one >= local)
  if (reached < 0) return shown.length
  if (shown[reached] === local) return reached
  const before = shown[reached - 1] ?? local
  return Math.max(0, reached - 1 + (local - before))
}

/** Of each minute that was looked at: whether the person is available. */
function openMinutes(availability: MeetingAvailability, wall: Wall): boolean[] {
  const { shown } = wall
  const open = shown.map(() => false)
  for (const date of new Set(shown.map((local) => Math.floor(local / 1440)))) {
    for (const [start, end] of runsOf(minutesOfDay(availability, date))) {
      const from = waitedFor(date * 1440 + start, wall)
      const until = waitedFor(date * 1440 + end, wall)
      for (let at = from; at < until; at += 1) if (at in open) open[at] = true
    }
  }
  return open
}

/** The texts of a day's clock, minute by minute. */
const clocks = Array.from({ length: 1440 }, (_, at) =>
  [Math.floor(at / 60), at % 60].map((one) => String(one).padStart(2, '0')).join(':'),
)

function minutesOfDay({ rules, exceptions }: MeetingAvailability, date: number): boolean[] {
  const text = new Date(date * day).toISOString().slice(0, 10)
  const name = weekdays[(new Date(date * day).getUTCDay() + 6) % 7] as (typeof weekdays)[number]
  const windows =
    exceptions?.find((one) => one.date === text)?.windows ??
    rules.filter((rule) => rule.days.includes(name))
  return clocks.map((clock) => windows.some(({ start, end }) => start <= clock && clock < end))
}

function runsOf(flags: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = []
  for (const [at, flag] of flags.entries()) {
    if (!flag) continue
    if (at > 0 && flags[at - 1]) (runs.at(-1) as [number, number])[1] = at + 1
    else runs.push([at, at + 1])
  }
  return runs
}

/** What is not busy of what is open to all, cut up from where it becomes open; from midnight, where it goes on long. */
function expectedSlots(question: SlotQuestion, walls: readonly Wall[]): Stretch[] {
  const { availabilities, busy, span, duration, step } = question
  const [wall] = walls as [Wall]
  const each = availabilities.map((one, index) => openMinutes(one, walls[index] as Wall))
  const open = wall.shown.map((_, at) => each.every((one) => one[at]))
  return runsOf(open)
    .flatMap(([begin, end]) => (end - begin > 1440 ? nightly(begin, end, wall) : [[begin, end]]))
    .flatMap(([begin = 0, end = 0]) =>
      Array.from({ length: Math.ceil((end - begin) / (step / minute)) }, (_, count) => {
        const from = wall.from + begin * minute + count * step
        return { from, until: from + duration, end: wall.from + end * minute }
      }),
    )
    .filter(({ from, until, end }) => until <= end && from >= span.from && until <= span.until)
    .filter((slot) => !busy.some(({ from, until }) => from < slot.until && slot.from < until))
    .map(({ from, until }) => ({ from, until }))
}

/** The parts of a run from one midnight on the wall to the next. */
function nightly(begin: number, end: number, { shown }: Wall): [number, number][] {
  const parts: [number, number][] = [[begin, end]]
  let latest = Math.floor((shown[begin] ?? 0) / 1440)
  for (let at = begin + 1; at < end; at += 1) {
    const date = Math.floor((shown[at] ?? 0) / 1440)
    if (date <= latest) continue
    latest = date
    ;(parts.at(-1) as [number, number])[1] = at
    parts.push([at, end])
  }
  return parts
}

// Whatever is asked.

const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => clocks[quarter * 15] as string)
const window = fc
  .tuple(clock, fc.oneof(clock, fc.constant('24:00')))
  .filter(([start, end]) => start < end)
  .map(([start, end]) => ({ start, end }))
const rules = fc.array(
  fc.record({ days: fc.subarray([...weekdays], { minLength: 1 }), window }).map((rule) => ({
    ...{ days: rule.days, ...rule.window },
  })),
  { minLength: 1, maxLength: 4 },
)

/** An availability of that zone, with an exception on one of the days about an instant. */
const availabilityIn = (timeZone: string, about: number): fc.Arbitrary<MeetingAvailability> =>
  fc
    .record({
      rules,
      windows: fc.array(window, { maxLength: 2 }),
      on: fc.integer({ min: -2, max: 2 }),
    })
    .map(({ rules, windows, on }) => ({
      ...{ timeZone, rules },
      exceptions: [{ date: new Date(about + on * day).toISOString().slice(0, 10), windows }],
    }))

const minutes = fc.constantFrom(15, 20, 30, 47, 60, 90).map((count) => count * minute)
const busyAbout = (about: number): fc.Arbitrary<Stretch[]> =>
  fc.array(
    fc
      .record({
        at: fc.integer({ min: -2000, max: 2000 }),
        length: fc.integer({ min: 1, max: 300 }),
      })
      .map(({ at, length }) => {
        const from = about + at * minute
        return { from, until: from + length * minute }
      }),
    { maxLength: 6 },
  )

/** Every change of a clock in three years, of every zone that has one. */
function* changes(timeZone: string): Generator<number> {
  let at = Temporal.Instant.from('2025-01-01T00:00:00Z').toZonedDateTimeISO(timeZone)
  for (;;) {
    const next = at.getTimeZoneTransition('next')
    if (!next || next.epochMilliseconds >= Date.parse('2028-01-01T00:00:00Z')) return
    at = next
    yield at.epochMilliseconds
  }
}
const everyChange = Intl.supportedValuesOf('timeZone').flatMap((zone) =>
  [...changes(zone)].map((change) => ({ zone, change })),
)

const about = (instant: number, hours: number): Stretch => ({
  from: instant - hours * hour,
  until: instant + hours * hour,
})

describe('slots', () => {
  it('has zones whose clocks change, by an hour and by half of one, at midnight and across it', () => {
    const zones = new Set(everyChange.map(({ zone }) => zone))
    expect(zones.size).toBeGreaterThan(100)
    for (const zone of [
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Asia/Beirut',
      'America/Santiago',
      'America/Godthab',
      'Pacific/Chatham',
      'Antarctica/Troll',
      'Africa/Casablanca',
    ]) {
      expect(zones).toContain(zone)
    }
  })

  it('are those of a clock on the wall, at every change of every zone', {
    timeout: 300_000,
  }, () => {
    let found = 0
    for (const { zone, change } of everyChange) {
      const wall = watch(zone, about(change, 32))
      const span = about(change, 8)
      const asked = fc.record({
        availability: availabilityIn(zone, change),
        busy: busyAbout(change),
        ...{ duration: minutes, step: minutes },
      })
      fc.assert(
        fc.property(asked, ({ availability, ...rest }) => {
          const question = { ...rest, availabilities: [availability], span }
          const slots = [...slotsOf(question)]
          expect(slots).toEqual(expectedSlots(question, [wall]))
          found += slots.length
        }),
        { numRuns: 2 },
      )
    }
    expect(found).toBeGreaterThan(1000)
  })

  it('come back to the local time that was said, in every zone, but for what its clock leaves out', () => {
    for (const { zone, change } of everyChange) comeBack(zone, change)
  })

  function comeBack(zone: string, change: number): void {
    const wall = watch(zone, about(change, 6))
    const shownAt = (instant: number) => wall.shown[(instant - wall.from) / minute] as number
    const step = shownAt(change) - shownAt(change - minute) - 1
    for (let at = -120; at <= 120; at += 15) {
      const local = shownAt(change - minute) + 1 + at
      const start = new Date(local * minute).toISOString()
      const from = fromOnly(zone, start.slice(0, 10), start.slice(11, 16))
      const skipped = step > 0 && at >= 0 && at < step
      if (from === undefined) {
        // It would begin after its day, whose end is left out.
        expect([skipped, shownAt(change) % 1440]).toEqual([true, 0])
        continue
      }
      expect(shownAt(from)).toBe(skipped ? local + step : local)
      // Of two, the first.
      expect(wall.shown.indexOf(shownAt(from))).toBe((from - wall.from) / minute)
    }
  }

  /** The beginning of the day's only window, which goes on until its end. */
  function fromOnly(timeZone: string, date: string, start: string): number | undefined {
    const instant = Date.parse(`${date}T${start}:00Z`)
    const availability = {
      ...{ timeZone, rules: [], exceptions: [{ date, windows: [{ start, end: '24:00' }] }] },
    }
    const span = about(instant, 48)
    const question = { availabilities: [availability], busy: [], span }
    const [slot] = slotsOf({ ...question, duration: minute, step: minute })
    return slot?.from
  }

  it('of several are when all of them can, wherever each of them is', { timeout: 120_000 }, () => {
    const centre = Date.parse('2026-03-29T01:00:00Z')
    const places = ['Europe/Paris', 'Asia/Beirut', 'Asia/Kathmandu', 'America/New_York', 'UTC']
    const walls = new Map(places.map((zone) => [zone, watch(zone, about(centre, 80))]))
    let found = 0
    const one = fc
      .constantFrom(...places)
      .chain((zone) => fc.oneof(availabilityIn(zone, centre), fc.constant(always(zone))))
    const asked = fc.record({
      availabilities: fc.array(one, { minLength: 1, maxLength: 3 }),
      busy: busyAbout(centre),
      ...{ duration: minutes, step: minutes },
    })
    fc.assert(
      fc.property(asked, (rest) => {
        const question = { ...rest, span: about(centre, 30) }
        const slots = [...slotsOf(question)]
        const seen = rest.availabilities.map(({ timeZone }) => walls.get(timeZone) as Wall)
        expect(slots).toEqual(expectedSlots(question, seen))
        for (const slot of slots) {
          expect(slot.until - slot.from).toBe(rest.duration)
          const clash = rest.busy.some(({ from, until }) => from < slot.until && slot.from < until)
          expect(clash).toBe(false)
        }
        found += slots.length
      }),
      { numRuns: 150 },
    )
    expect(found).toBeGreaterThan(1000)
  })

  it('are the same whatever part of the time is asked for', () => {
    const centre = Date.parse('2026-10-25T01:00:00Z')
    const place = fc
      .constantFrom('Europe/Paris', 'Australia/Lord_Howe', 'America/Godthab')
      .chain((zone) => fc.oneof(availabilityIn(zone, centre), fc.constant(always(zone))))
    const asked = fc.record({
      availabilities: fc.array(place, { minLength: 1, maxLength: 2 }),
      ...{ busy: busyAbout(centre), duration: minutes, step: minutes },
      from: fc.integer({ min: -3000, max: 3000 }),
      length: fc.integer({ min: 0, max: 3000 }),
    })
    fc.assert(
      fc.property(asked, ({ from: at, length, ...rest }) => {
        const from = centre + at * minute
        const span = { from, until: from + length * minute }
        const all = [...slotsOf({ ...rest, span: about(centre, 240) })]
        expect([...slotsOf({ ...rest, span })]).toEqual(
          all.filter((slot) => slot.from >= span.from && slot.until <= span.until),
        )
      }),
    )
  })

  const always = (timeZone: string): MeetingAvailability => ({
    timeZone,
    rules: [{ days: [...weekdays], start: '00:00', end: '24:00' }],
  })
})

describe('slots, in so many words', () => {
  const week = (timeZone: string, start: string, end: string): MeetingAvailability => ({
    timeZone,
    rules: [{ days: [...weekdays], start, end }],
  })
  /** The slots of one day on the clock of that zone, and in UTC. */
  function on(date: string, availability: MeetingAvailability, length = 30): string[] {
    const from = Temporal.PlainDate.from(date).toZonedDateTime(availability.timeZone)
    const span = {
      ...{ from: from.epochMilliseconds, until: from.add({ days: 1 }).epochMilliseconds },
    }
    const duration = length * minute
    const question = { availabilities: [availability], busy: [], span, duration, step: duration }
    return [...slotsOf(question)].map(({ from: at }) => new Date(at).toISOString().slice(11, 16))
  }

  it('begin an hour later where a gap swallows the beginning of a window', () => {
    // At 02:00, 01:00 in UTC, the clock shows 03:00.
    expect(on('2026-03-29', week('Europe/Paris', '02:00', '04:00'))).toEqual(['01:00', '01:30'])
    expect(on('2026-03-29', week('Europe/Paris', '02:15', '02:45'))).toEqual(['01:15'])
    expect(on('2026-03-29', week('Europe/Paris', '02:30', '03:15'))).toEqual([])
    expect(on('2026-03-29', week('Europe/Paris', '01:00', '02:30'))).toEqual([
      '00:00',
      '00:30',
      '01:00',
    ])
  })

  it('have both passes of an hour that comes twice, from the first', () => {
    // At 03:00, 01:00 in UTC, the clock shows 02:00 again.
    expect(on('2026-10-25', week('Europe/Paris', '02:00', '03:00'))).toEqual([
      ...['00:00', '00:30', '01:00', '01:30'],
    ])
    expect(on('2026-10-25', week('Europe/Paris', '01:00', '02:30'))).toEqual([
      ...['23:00', '23:30', '00:00'],
    ])
  })

  it('end with the day where the clock leaves out midnight or comes back to it', () => {
    expect(on('2026-04-23', week('Africa/Cairo', '23:00', '24:00'))).toEqual(['21:00', '21:30'])
    expect(on('2026-10-29', week('Africa/Cairo', '23:00', '24:00'))).toEqual([
      ...['20:00', '20:30', '21:00', '21:30'],
    ])
  })

  it('are none on a day that a zone leaves out, and those of the rule on the others', () => {
    const friday: MeetingAvailability = {
      timeZone: 'Pacific/Apia',
      rules: [{ days: ['FRI'], start: '09:00', end: '10:00' }],
    }
    const span = {
      from: Date.parse('2011-12-28T00:00:00Z'),
      until: Date.parse('2012-01-02T00:00:00Z'),
    }
    const question = { busy: [], span, duration: hour, step: hour }
    expect([...slotsOf({ ...question, availabilities: [friday] })]).toEqual([])
    const daily = week('Pacific/Apia', '09:00', '10:00')
    const starts = [...slotsOf({ ...question, availabilities: [daily] })].map(({ from }) =>
      new Date(from).toISOString().slice(0, 13),
    )
    // The 28th, the 29th, the 31st and the first two of January: of the 30th there is nothing.
    expect(starts).toEqual([
      ...['2011-12-28T19', '2011-12-29T19', '2011-12-30T19', '2011-12-31T19', '2012-01-01T19'],
    ])
  })

  it('go on across midnight where a window ends there and another begins', () => {
    const night: MeetingAvailability = {
      timeZone: 'UTC',
      rules: [
        { days: ['MON'], start: '22:30', end: '24:00' },
        { days: ['TUE'], start: '00:00', end: '01:30' },
      ],
    }
    expect(on('2026-03-02', night, 60)).toEqual(['22:30'])
    const span = about(Date.parse('2026-03-03T00:00:00Z'), 12)
    const slots = [
      ...slotsOf({ availabilities: [night], busy: [], span, duration: hour, step: hour }),
    ]
    expect(slots.map(({ from }) => new Date(from).toISOString().slice(11, 16))).toEqual([
      ...['22:30', '23:30', '00:30'],
    ])
  })

  it('are those of an exception on its day, and none where it has no windows', () => {
    const availability: MeetingAvailability = {
      ...week('UTC', '09:00', '10:00'),
      exceptions: [
        { date: '2026-03-03', windows: [] },
        { date: '2026-03-04', windows: [{ start: '14:00', end: '14:30' }] },
      ],
    }
    expect(on('2026-03-02', availability)).toEqual(['09:00', '09:30'])
    expect(on('2026-03-03', availability)).toEqual([])
    expect(on('2026-03-04', availability)).toEqual(['14:00'])
  })

  it('are within the range of dates', () => {
    const availability: MeetingAvailability = {
      ...week('UTC', '09:00', '12:00'),
      ...{ start: '2026-03-02T10:15:00.000Z', end: '2026-03-02T11:30:00.000Z' },
    }
    expect(on('2026-03-02', availability)).toEqual(['10:15', '10:45'])
    expect(on('2026-03-03', availability)).toEqual([])
  })

  it('are none of nobody, and none in a zone that nobody knows', () => {
    const question = { busy: [], span: about(0, 48), duration: hour, step: hour }
    expect([...slotsOf({ ...question, availabilities: [] })]).toEqual([])
    const lost = week('Not/AZone', '00:00', '24:00')
    expect([...slotsOf({ ...question, availabilities: [lost] })]).toEqual([])
  })
})
