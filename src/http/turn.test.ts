import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { turnOf } from './turn.ts'

function counting() {
  const looks = { count: 0, fails: false }
  const turn = turnOf({
    moment: 1,
    stands: () => true,
    look() {
      looks.count += 1
      if (looks.fails) throw new Error('No')
    },
  })
  return { looks, turn }
}

it('looks once for requests of one turn, and again in the next', async () => {
  const { looks, turn } = counting()
  for (const socket of [new Socket(), new Socket(), new Socket()]) turn.begin(socket)
  expect(looks.count).toBe(1)
  await setImmediate()
  turn.begin(new Socket())
  expect(looks.count).toBe(2)
})

it('looks again for the second request of a connection in one turn', () => {
  const { looks, turn } = counting()
  const [one, other] = [new Socket(), new Socket()]
  turn.begin(one)
  turn.begin(other)
  turn.begin(one)
  expect(looks.count).toBe(2)
  turn.begin(other)
  expect(looks.count).toBe(2)
  turn.begin(other)
  expect(looks.count).toBe(3)
})

it('looks again after some sixty requests, however long a turn is', () => {
  const { looks, turn } = counting()
  for (let index = 0; index < 200; index += 1) turn.begin(new Socket())
  expect(looks.count).toBe(4)
})

it('looks again after a look that failed', () => {
  const { looks, turn } = counting()
  looks.fails = true
  expect(() => turn.begin(new Socket())).toThrow('No')
  expect(() => turn.ensure()).toThrow('No')
  looks.fails = false
  turn.begin(new Socket())
  turn.ensure()
  expect(looks.count).toBe(3)
})
