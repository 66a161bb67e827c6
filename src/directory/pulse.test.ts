import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PersonId } from '../person/ids.ts'
import { createPulse, type PulseParts } from './pulse.ts'

const now = Date.parse('2026-03-04T05:06:07.000Z')
const [ada, bob, cleo] = ['ada', 'bob', 'cleo'] as unknown as [PersonId, PersonId, PersonId]
const interval = 60_000
const instant = (at: number) => new Date(at).toISOString()

/** A pulse over a store that can be told to fail, or to take its time. */
function beating(parts: Partial<PulseParts> = {}) {
  const written: Record<string, string>[] = []
  const complaints: unknown[] = []
  const store = { error: undefined as Error | undefined, wait: Promise.resolve() }
  const pulse = createPulse({
    async beat(times) {
      await store.wait
      if (store.error) throw store.error
      written.push(Object.fromEntries(times))
    },
    complain: (error) => complaints.push(error),
    interval,
    ...parts,
  })
  return { pulse, written, complaints, store }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Lets time go by, and what is under way come to its end. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

describe('heartbeats', () => {
  it('are written together after the interval, the latest of each person', async () => {
    const { pulse, written } = beating()
    pulse.note(ada, now)
    pulse.note(bob, now + 5)
    pulse.note(ada, now + 10)
    pulse.note(ada, now + 1)
    await pass(interval - 1)
    expect(written).toEqual([])
    await pass(1)
    expect(written).toEqual([{ ada: instant(now + 10), bob: instant(now + 5) }])
    await pass(10 * interval)
    expect(written).toHaveLength(1)
    expect(pulse.latest(ada)).toBe(now + 10)
    expect(pulse.latest(cleo)).toBeUndefined()
  })

  it('are written in time however often somebody is heard of, and with those who are due soon after', async () => {
    const { pulse, written } = beating()
    pulse.note(ada, now)
    await pass(1000)
    pulse.note(bob, now + 1000)
    await pass(9000)
    pulse.note(cleo, now + 10_000)
    for (let time = 0; time < 5; time += 1) {
      pulse.note(ada, now + 10_000 + time)
      await pass(9_000)
    }
    pulse.note(ada, now + 50_000)
    await pass(5_000)
    expect(written).toEqual([{ ada: instant(now + 50_000), bob: instant(now + 1000) }])
    await pass(10_000)
    expect(written.slice(1)).toEqual([{ cleo: instant(now + 10_000) }])
  })

  it('that can not wait are written within a few dozen milliseconds, and tell when', async () => {
    const { pulse, written } = beating()
    pulse.note(cleo, now)
    const told = vi.fn()
    void pulse.hasten(ada, now).then(told)
    await pass(20)
    void pulse.hasten(bob, now).then(told)
    expect([written.length, told.mock.calls.length]).toEqual([0, 0])
    await pass(20)
    expect(written).toEqual([{ ada: instant(now), bob: instant(now) }])
    expect(told).toHaveBeenCalledTimes(2)
    await pass(interval)
    expect(written.slice(1)).toEqual([{ cleo: instant(now) }])
  })

  it('that come while others are written are the next batch', async () => {
    const { pulse, written, store } = beating()
    const slow = Promise.withResolvers<void>()
    store.wait = slow.promise
    void pulse.hasten(ada, now)
    await pass(100)
    const told = vi.fn()
    void pulse.hasten(ada, now + 1).then(told)
    await pass(1000)
    expect([written.length, told.mock.calls.length]).toEqual([0, 0])
    slow.resolve()
    await pass(0)
    expect([written, told.mock.calls.length]).toEqual([[{ ada: instant(now) }], 0])
    await pass(100)
    expect(written.slice(1)).toEqual([{ ada: instant(now + 1) }])
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('are written in pieces, so that nobody waits long behind them', async () => {
    const turns: string[] = []
    const { pulse, written } = beating()
    const push = written.push.bind(written)
    written.push = (batch) => {
      turns.push('batch')
      setImmediate(() => turns.push('others'))
      return push(batch)
    }
    for (let index = 0; index < 600; index += 1) pulse.note(`p${index}` as PersonId, now)
    await pass(interval)
    expect(turns.slice(0, 4)).toEqual(['batch', 'others', 'batch', 'others'])
    expect(written.map((batch) => Object.keys(batch).length)).toEqual([250, 250, 100])
    expect(new Set(written.flatMap((batch) => Object.keys(batch))).size).toBe(600)
  })

  it('are written when the pulse is closed', async () => {
    const { pulse, written, store } = beating()
    const slow = Promise.withResolvers<void>()
    store.wait = slow.promise
    void pulse.hasten(ada, now)
    await pass(100)
    pulse.note(bob, now)
    const closing = pulse.close()
    slow.resolve()
    await closing
    expect(written).toEqual([{ ada: instant(now) }, { bob: instant(now) }])
  })

  it('are written at once when there are as many as are held', async () => {
    const { pulse, written } = beating({ most: 3 })
    for (const one of [ada, bob, cleo]) pulse.note(one, now)
    await pass(1)
    expect(written).toEqual([{ ada: instant(now), bob: instant(now), cleo: instant(now) }])
  })
})

describe('a store that fails', () => {
  it('is tried again every two seconds with what is held, and is complained of once', async () => {
    const { pulse, written, complaints, store } = beating()
    store.error = new Error('full')
    const told = vi.fn()
    void pulse.hasten(ada, now).then(told)
    await pass(100)
    expect([complaints.length, told.mock.calls.length]).toEqual([1, 1])
    pulse.note(bob, now + 1)
    pulse.note(ada, now + 2)
    await pass(10_000)
    expect(complaints).toEqual([store.error])
    store.error = undefined
    await pass(2_000)
    expect(written).toEqual([{ ada: instant(now + 2), bob: instant(now + 1) }])

    store.error = new Error('again')
    pulse.note(ada, now + 3)
    await pass(interval)
    expect(complaints).toHaveLength(2)
  })

  it('is not asked all the faster by those who can not wait', async () => {
    const beat = vi.fn(() => Promise.reject(new Error('full')))
    const { pulse } = beating({ beat })
    for (let index = 0; index < 200; index += 1) {
      void pulse.hasten(`p${index}` as PersonId, now)
      await pass(50)
    }
    expect(beat.mock.calls.length).toBeLessThan(10_000 / 2_000 + 3)
  })

  it('leaves those in memory who were heard of last, and no more than there is room for', async () => {
    const { pulse, written, store } = beating({ most: 3 })
    store.error = new Error('full')
    for (let index = 0; index < 7; index += 1) {
      pulse.note(`p${index}` as PersonId, now + index)
      await pass(interval)
    }
    store.error = undefined
    await pass(2_000)
    expect(written).toEqual([{ p4: instant(now + 4), p5: instant(now + 5), p6: instant(now + 6) }])
  })
})
