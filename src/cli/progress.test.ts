import { describe, expect, it } from 'vitest'
import { paceOf, progressTo } from './progress.ts'

function screen(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
  let clock = 0
  const now = () => {
    clock += 1000
    return clock
  }
  return { written, progress: progressTo(stream as never, { now, noun: 'rows' }) }
}

describe('the progress of a long work', () => {
  it('says how many are done, how fast and how long it will take', () => {
    const pace = (part: number | undefined, seconds: number, from = 0) =>
      paceOf({ part, from, rows: 500, seconds, noun: 'rows' })
    expect(pace(0.25, 10)).toBe('500 rows, 50 a second, 30 s left')
    expect(pace(0.5, 100)).toBe('500 rows, 5 a second, 1 min 40 s left')
    expect(pace(0.5, 3700)).toBe('500 rows, 0 a second, 1 h 1 min left')
    expect(pace(undefined, 10)).toBe('500 rows, 50 a second')
    expect(pace(0.75, 10, 0.5)).toBe('500 rows, 50 a second, 10 s left')
  })

  it('is a bar on a terminal that makes way for what is told', () => {
    const { written, progress } = screen(true)
    progress.at(0.5, 10)
    progress.tell('line 2: bad')
    progress.hide()
    expect(written[0]).toMatch(/^\r.*█░.* 50 % {2}10 rows, 10 a second, 1 s left/)
    expect(written.slice(1)).toEqual(['\r\u001b[K', 'line 2: bad\n'])
  })

  it('is a line every five seconds anywhere else', () => {
    const { written, progress } = screen(false)
    for (let row = 1; row <= 12; row += 1) progress.at(row / 100, row)
    progress.tell('line 2: bad')
    expect(written).toEqual([
      '5 %  5 rows, 1 a second, 1 min 35 s left\n',
      '10 %  10 rows, 1 a second, 1 min 30 s left\n',
      'line 2: bad\n',
    ])
  })
})
