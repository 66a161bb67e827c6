import { expect, it } from 'vitest'
import { backlogRelief } from './backlog.ts'

/** A connection on which so many bytes wait. */
function connection(writableLength: number) {
  const one = {
    writableLength,
    ended: false,
    destroy() {
      one.ended = true
      return one as never
    },
  }
  return one
}

it('ends nobody as long as not too much waits', () => {
  const all = [connection(40), connection(60)]
  const relieve = backlogRelief(all, 100)
  relieve()
  relieve()
  expect(all.map(({ ended }) => ended)).toEqual([false, false])
})

it('ends those on whom the most waits, and no more than has to be', () => {
  const all = [connection(30), connection(50), connection(0), connection(60)]
  const relieve = backlogRelief(all, 100)
  relieve()
  // What was written just now may be on its way.
  expect(all.map(({ ended }) => ended)).toEqual([false, false, false, false])
  relieve()
  expect(all.map(({ ended }) => ended)).toEqual([false, false, false, true])
})

it('spares who has taken all by now, and who was written to since', () => {
  const [slow, quick, late] = [connection(50), connection(50), connection(0)]
  const relieve = backlogRelief([slow, quick, late], 100)
  relieve()
  quick.writableLength = 0
  late.writableLength = 90
  relieve()
  expect([slow.ended, quick.ended, late.ended]).toEqual([true, false, false])
})
