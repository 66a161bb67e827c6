import { describe, expect, it } from 'vitest'
import { History } from './history.ts'

describe('a history', () => {
  const history = () => {
    const one = new History()
    one.begins('ada', 'shown')
    one.changes('ada', { seen: 'hidden', node: 0, began: 100, acknowledged: 110 })
    one.changes('ada', { seen: 'shown', node: 1, began: 5_000, acknowledged: 5_010 })
    one.changes('ada', { seen: 'hidden', node: 1, began: 6_000 })
    return one
  }
  const lateness = (node: number, began: number, seen: string) =>
    history().latenessOf({ subject: 'ada', node, began, ended: began + 5, seen })

  it('takes what began before the change was acknowledged for either', () => {
    expect(lateness(0, 109, 'shown')).toEqual({ own: 0, others: 0 })
    expect(lateness(0, 109, 'hidden')).toEqual({ own: 0, others: 0 })
    expect(() => lateness(0, 90, 'hidden')).toThrow('never')
  })

  it('tells by how much an answer is late, on the node that changed it and on another', () => {
    expect(lateness(0, 113, 'shown')).toEqual({ own: 3, others: 0 })
    expect(lateness(2, 113, 'shown')).toEqual({ own: 0, others: 3 })
    expect(lateness(1, 5_500, 'hidden')).toEqual({ own: 490, others: 0 })
  })

  it('lets nobody be late for what nobody knows to be done', () => {
    expect(lateness(1, 9_000, 'shown')).toEqual({ own: 0, others: 0 })
    expect(lateness(1, 9_000, 'hidden')).toEqual({ own: 0, others: 0 })
  })

  it('finds what is later than the bound, and on the own node what is late at all', () => {
    const one = history()
    const answer = { subject: 'ada', seen: 'shown' }
    one.answers.push({ ...answer, node: 2, began: 1_000, ended: 1_001 })
    one.answers.push({ ...answer, node: 2, began: 1_200, ended: 1_201 })
    one.answers.push({ ...answer, node: 0, began: 111, ended: 112 })
    const { own, others, stale } = one.judge(1_000)
    expect([own, others]).toEqual([1, 1_090])
    expect(stale.map(({ began }) => began)).toEqual([1_200, 111])
  })
})
