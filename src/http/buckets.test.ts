import { expect, it } from 'vitest'
import { Buckets } from './buckets.ts'

it('holds as many requests as come back in a minute, evenly', () => {
  const buckets = new Buckets(3, 10)
  const took = (now: number) => buckets.take('a', now).wait
  expect([0, 0, 0, 0].map(took)).toEqual([0, 0, 0, 20_000])
  expect([5000, 19_999].map(took)).toEqual([15_000, expect.closeTo(1, 3)])
  expect([20_000, 20_001].map(took)).toEqual([0, expect.closeTo(19_999, 3)])
  // After a long silence there is no more in it than at first.
  expect([9e6, 9e6, 9e6, 9e6].map((now) => took(now) === 0)).toEqual([true, true, true, false])
})

it('tells what is left, and how long until all is', () => {
  const buckets = new Buckets(4, 10)
  expect(buckets.look('a', 0)).toEqual({ limit: 4, left: 4, wait: 0, whole: 0 })
  expect(buckets.take('a', 0)).toEqual({ limit: 4, left: 3, wait: 0, whole: 15_000 })
  expect(buckets.look('a', 7500)).toEqual({ limit: 4, left: 3, wait: 0, whole: 7500 })
  for (const now of [7500, 7500, 7500]) buckets.take('a', now)
  expect(buckets.look('a', 7500)).toMatchObject({ left: 0, wait: 7500 })
  // Who is refused pays nothing for it.
  for (let time = 0; time < 9; time += 1) buckets.take('a', 7500)
  expect(buckets.look('a', 15_000)).toMatchObject({ left: 1, wait: 0 })
})

it('loses no request to rounding', () => {
  for (const limit of [7, 11, 30, 999]) {
    const buckets = new Buckets(limit, 1)
    const start = 1_800_000_000_000
    for (let taken = 0; taken < limit; taken += 1) {
      expect(buckets.take('a', start)).toMatchObject({ wait: 0, left: limit - taken - 1 })
    }
    const { wait } = buckets.take('a', start)
    expect(buckets.take('a', start + wait).wait).toBe(0)
  }
})

it('counts by name, and forgets whoever asked least recently', () => {
  const buckets = new Buckets(2, 2)
  for (const name of ['a', 'b', 'b', 'a', 'c']) expect(buckets.take(name, 0).wait).toBe(0)
  expect(buckets.take('a', 0).wait).toBeGreaterThan(0)
  expect(buckets.look('c', 0).left).toBe(1)
  expect(buckets.look('b', 0).left).toBe(2)
})

it('takes nothing away when the clock is set back', () => {
  const buckets = new Buckets(2, 2)
  buckets.take('a', 1000)
  expect(buckets.take('a', 0)).toMatchObject({ wait: 0, left: 0 })
  expect(buckets.take('a', 30_000).wait).toBe(0)
})
