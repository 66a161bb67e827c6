import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  declaredAt,
  declaring,
  presenceAt,
  presenceSpan,
  type Signals,
  signalsOfPresent,
} from './presence.ts'

const now = Date.parse('2026-03-04T05:06:07.000Z')
const ago = (minutes: number, seconds = 0) =>
  new Date(now - minutes * 60_000 - seconds * 1000).toISOString()
const active = { firstLoginAt: ago(9999), lastActivityAt: ago(1) }

it.each<[string, Signals | undefined, string]>([
  ['nothing on record', undefined, 'pending'],
  ['never logged in, though set not to be disturbed', { doNotDisturb: {} }, 'pending'],
  ['logged in, no activity on record', { firstLoginAt: ago(1) }, 'unknown'],
  ['active 9:59 minutes ago', { ...active, lastActivityAt: ago(9, 59) }, 'active'],
  ['active exactly 10:00 minutes ago', { ...active, lastActivityAt: ago(10) }, 'active'],
  ['active 10:01 minutes ago', { ...active, lastActivityAt: ago(10, 1) }, 'inactive'],
  [
    'active a moment ago by a clock that is ahead',
    { ...active, lastActivityAt: ago(-1) },
    'active',
  ],
  ['in a call', { ...active, engagement: 'call' }, 'call'],
  ['in a meeting', { ...active, engagement: 'meeting' }, 'meeting'],
  ['presenting', { ...active, engagement: 'presenting' }, 'presenting'],
  [
    'in a call, but not heard of for 10:01 minutes',
    { ...active, lastActivityAt: ago(10, 1), engagement: 'call' },
    'inactive',
  ],
  ['out of office, and active', { ...active, outOfOffice: {} }, 'outOfOffice'],
  ['out of office as of later', { ...active, outOfOffice: { from: ago(-1) } }, 'active'],
  ['out of office until a moment ago', { ...active, outOfOffice: { until: ago(0) } }, 'active'],
  [
    'out of office until later',
    { ...active, outOfOffice: { from: ago(5), until: ago(-5) } },
    'outOfOffice',
  ],
  [
    'not to be disturbed, out of office and in a call',
    { ...active, doNotDisturb: {}, outOfOffice: {}, engagement: 'call' },
    'doNotDisturb',
  ],
  ['away, and active', { ...active, away: {} }, 'away'],
  ['away until a moment ago', { ...active, away: { until: ago(0) } }, 'active'],
  ['away, and out of office', { ...active, away: {}, outOfOffice: {} }, 'outOfOffice'],
  ['away, and in a call', { ...active, away: {}, engagement: 'call' }, 'away'],
  [
    'away, not heard of for 10:01 minutes',
    { ...active, lastActivityAt: ago(10, 1), away: {} },
    'away',
  ],
  ['away, and never logged in', { away: {} }, 'pending'],
  ['in a call until later', { ...active, engagement: 'call', engagedUntil: ago(0, -1) }, 'call'],
  [
    'in a call until a moment ago',
    { ...active, engagement: 'call', engagedUntil: ago(0) },
    'active',
  ],
  [
    'in a call until later, but not heard of for 10:01 minutes',
    { ...active, lastActivityAt: ago(10, 1), engagement: 'call', engagedUntil: ago(-60) },
    'inactive',
  ],
  [
    'not to be disturbed until a moment ago',
    { ...active, doNotDisturb: { until: ago(0) } },
    'active',
  ],
])('says of somebody who is %s …', (_, signals, state) => {
  expect(presenceAt(signals, now).state).toBe(state)
})

const instant = fc
  .integer({ min: -25, max: 25 })
  .map((minutes) => new Date(now + minutes * 60_000).toISOString())
const end = fc.record({ until: instant }, { requiredKeys: [] })
const anySignals: fc.Arbitrary<Signals> = fc.record(
  {
    firstLoginAt: instant,
    lastActivityAt: instant,
    doNotDisturb: end,
    outOfOffice: fc.record({ from: instant, until: instant }, { requiredKeys: [] }),
    away: end,
    engagement: fc.constantFrom('call', 'meeting', 'presenting'),
    engagedUntil: instant,
  },
  { requiredKeys: [] },
)

/** Whole minutes, and the millisecond at either side: whatever turns, turns at one of them. */
const turns = Array.from({ length: 121 }, (_, index) => now + (index - 60) * 60_000).flatMap(
  (minute) => [minute - 1, minute, minute + 1],
)

describe('the span in which signals mean the same', () => {
  it('has no instant in it at which they mean something else', () => {
    const seen = { bounded: 0 }
    fc.assert(
      fc.property(anySignals, fc.integer({ min: -2400, max: 2400 }), (signals, seconds) => {
        const at = now + seconds * 1000
        const told = (when: number) => [presenceAt(signals, when), declaredAt(signals, when)]
        const { from, until } = presenceSpan(signals, at)
        expect(from <= at && at < until).toBe(true)
        for (const when of turns.filter((turn) => turn >= from && turn < until)) {
          expect(told(when)).toEqual(told(at))
        }
        if (until - from < 3_600_000) seen.bounded += 1
      }),
    )
    expect(seen.bounded).toBeGreaterThan(10)
  })

  it.each<[string, Signals, number]>([
    ['the last activity is too old', active, 9 * 60_000 + 1],
    ['somebody is disturbed again', { ...active, doNotDisturb: { until: ago(-3) } }, 180_000],
    ['an absence begins', { ...active, outOfOffice: { from: ago(-4) } }, 240_000],
    ['an absence ends', { ...active, outOfOffice: { until: ago(-5) } }, 300_000],
    ['somebody is back', { ...active, away: { until: ago(-6) } }, 360_000],
    ['a call ends', { ...active, engagement: 'call', engagedUntil: ago(-7) }, 420_000],
  ])('ends when %s', (_, signals, after) => {
    expect(presenceSpan(signals, now).until).toBe(now + after)
    const [before, then] = [now + after - 1, now + after].map((at) => presenceAt(signals, at).state)
    expect(then).not.toBe(before)
  })
})

describe('what was said', () => {
  it('is told with its end, as long as it is not over', () => {
    const until = ago(-3)
    const signals: Signals = {
      ...active,
      engagement: 'meeting',
      engagedUntil: until,
      outOfOffice: { from: ago(-30), until: ago(-60) },
    }
    const [meeting, later] = [
      { type: 'meeting', until },
      { from: ago(-30), until: ago(-60) },
    ]
    expect(declaredAt(signals, now)).toEqual({ status: meeting, outOfOffice: later })
    expect(declaredAt(signals, Date.parse(until))).toEqual({ outOfOffice: later })
    expect(declaredAt(signals, now + 3_600_000)).toEqual({})
    expect(presenceAt(signals, now)).toEqual({
      ...{ state: 'meeting', until, lastActivityAt: active.lastActivityAt },
    })
    expect(presenceAt({ ...active, doNotDisturb: {} }, now)).not.toHaveProperty('until')
  })

  it('takes the place of whatever was said before, and of nothing else', () => {
    fc.assert(
      fc.property(anySignals, anySignals, (signals, other) => {
        const { status } = declaredAt(other, now)
        const next = declaring(signals, { ...(status && { status }) })
        expect(declaredAt(next, now)).toEqual({ ...(status && { status }) })
        expect([next.firstLoginAt, next.lastActivityAt]).toEqual([
          ...[signals.firstLoginAt, signals.lastActivityAt],
        ])
        expect(next.outOfOffice).toBeUndefined()
      }),
    )
  })
})

describe('somebody who is there', () => {
  it('was there then, and has logged in', () => {
    const at = ago(0)
    expect(signalsOfPresent({}, at)).toEqual({ firstLoginAt: at, lastActivityAt: at })
    expect(signalsOfPresent({ ...active, away: {} }, at)).toEqual({
      ...{ ...active, lastActivityAt: at, away: {} },
    })
  })

  it('stays there where something later is on record', () => {
    const signals = { ...active, lastActivityAt: ago(-1) }
    expect(signalsOfPresent(signals, ago(0))).toBe(signals)
  })
})
