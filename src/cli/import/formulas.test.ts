import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escaped, unescaped } from './formulas.ts'

const text = fc
  .array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', ' ', 'a', '1', '＝'), {
    maxLength: 6,
  })
  .map((signs) => signs.join(''))

describe('a cell that looks like a formula', () => {
  it('comes back as it was, whatever it begins with', () => {
    fc.assert(fc.property(text, (one) => void expect(unescaped(escaped(one))).toBe(one)))
  })

  it('never begins with what a spreadsheet acts upon', () => {
    fc.assert(
      fc.property(text, (one) => void expect(escaped(one)).not.toMatch(/^\s*[=+\-@\t\r＝＋－＠]/)),
    )
    for (const one of ['+31 6 12345678', '=1+1', '-5', '@ada', '\tx', ' =x']) {
      expect(escaped(one)).toBe(`'${one}`)
    }
  })

  it('is anything but an apostrophe before a word, which stays', () => {
    for (const one of ["'quoted", "'", "o'clock", '']) {
      expect(escaped(one)).toBe(one)
      expect(unescaped(one)).toBe(one)
    }
  })
})
