import { describe, expect, it } from 'vitest'
import { bar, progressTo } from './progress.ts'

function screen(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
  let clock = 0
  const progress = progressTo(stream as never, 1000, () => {
    clock += 1000
    return clock
  })
  return { written, progress }
}

describe('the progress of an import', () => {
  it('says how much of the file is read, how fast and how long it will take', () => {
    expect(bar(0.25, 500, 10)).toBe(
      `${'█'.repeat(6)}${'░'.repeat(18)} 25 %  500 rows, 50 a second, 30 s left`,
    )
  })

  it('is a bar on a terminal that makes way for what is told', () => {
    const { written, progress } = screen(true)
    progress.at(500, 10)
    progress.tell('line 2: bad')
    progress.hide()
    expect(written[0]).toMatch(/^\r.* 50 % /)
    expect(written.slice(1)).toEqual(['\r\u001b[K', 'line 2: bad\n'])
  })

  it('is nothing but what is told anywhere else', () => {
    const { written, progress } = screen(false)
    progress.at(500, 10)
    progress.tell('line 2: bad')
    expect(written).toEqual(['line 2: bad\n'])
  })
})
