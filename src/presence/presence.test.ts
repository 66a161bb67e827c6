import { expect, it } from 'vitest'
import { presenceAt, type Signals } from './presence.ts'

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
  [
    'not to be disturbed until a moment ago',
    { ...active, doNotDisturb: { until: ago(0) } },
    'active',
  ],
])('says of somebody who is %s …', (_, signals, state) => {
  expect(presenceAt(signals, now).state).toBe(state)
})
