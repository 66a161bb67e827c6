import { describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { newEmail } from '../person/emails.ts'
import type { Person } from '../person/person.ts'
import { newPhone } from '../person/phones.ts'
import { afterAll, longestWord, prefixForm, termsOf, type WordRule, wordsOf } from './words.ts'

const now = '2026-03-04T05:06:07.000Z'
const { manager } = cast
const words = (change: Partial<Person>, rule: WordRule) =>
  wordsOf({ ...manager, ...change }).flatMap((one) => (one.rule === rule ? one.word : []))
const named = (displayName: string) => words({ displayName, givenName: undefined as never }, 'name')
/** Whether somebody of that name is found by all that was typed. */
const meets = (displayName: string, typed: string) =>
  termsOf(typed).every((term) => named(displayName).some((word) => word.startsWith(term)))

describe('a person’s words', () => {
  it('are the runs of letters and digits in each of the names', () => {
    const names = {
      ...{ displayName: 'Ada-Maria O’Byron 2nd', formattedName: 'Dr. Ada, Countess' },
      ...{ givenName: 'Ada', middleName: 'King', familyName: 'Byron', nickName: 'The Enchantress' },
    }
    expect(words(names, 'name')).toEqual([
      ...['ada', 'maria', 'o', 'byron', '2nd', 'dr', 'countess', 'king', 'the', 'enchantress'],
    ])
  })

  it('are the user name and the addresses, whole and in parts', () => {
    expect(words({ userName: 'Ada.Byron_1' }, 'account')).toEqual([
      ...['ada.byron_1', 'ada', 'byron', '1'],
    ])
    const emails = [newEmail('_Ada+news@Bücher.example', now)]
    expect(words({ emails }, 'contact')).toEqual([
      ...['ada+news@bucher.example', 'ada', 'news', 'bucher', 'example'],
    ])
  })

  it('are the digits of the telephone numbers, as they are called and as they were written', () => {
    const phones = [newPhone('+44 (0)20 7946 0123'), newPhone('extension 12')]
    expect(words({ phones }, 'contact')).toEqual(['442079460123', '4402079460123', '12'])
  })

  it('may begin anywhere in scripts that do not set words apart', () => {
    expect(named('山田太郎')).toEqual(['山田太郎', '田太郎', '太郎', '郎'])
    expect(named('김철수')).toEqual(['김철수', '철수', '수'])
    expect(named('TeamやまだA1b')).toEqual([
      'teamやまたa1b',
      'やまたa1b',
      'またa1b',
      'たa1b',
      'a1b',
    ])
    expect(meets('สมชาย ใจดี', 'ชาย ดี')).toBe(true)
    expect(meets('नेहा शर्मा', 'शर्म')).toBe(true)
    expect(meets('नेहा', 'हा')).toBe(false)
  })

  it('are bounded in length and in number, those of one rule whatever those of others are', () => {
    const long = '\u{20000}'.repeat(255)
    const many = Array.from({ length: 1000 }, (_, index) => newEmail(`a${index}@b.example`, now))
    const all = { displayName: long, formattedName: 'a'.repeat(1000), emails: many }
    const names = words(all, 'name')
    expect(names.every((word) => [...word].length <= longestWord)).toBe(true)
    expect(names).toContain('a'.repeat(longestWord))
    expect(words(all, 'contact')).toHaveLength(64)
    expect(words(all, 'account')).toEqual(words({}, 'account'))
  })

  it('have no spaces, whatever the user name has', () => {
    expect(words({ userName: 'ada\u00a0byron lady@home' }, 'account')).toEqual([
      ...['ada', 'byron', 'lady@home', 'lady', 'home'],
    ])
  })
})

describe('what is typed', () => {
  it.each([
    ['Zoë Łukasz', 'zoe lukasz'],
    ['zoe', 'ZOË'],
    ['Søren Straße', 'soren STRASSE'],
    ['İpek Işık', 'ipek isik'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσεύς'],
    ['Андрей', 'андреи'],
    ['ﬁnn Ａda', 'FINN ada'],
    ['Nguyễn', 'nguyen'],
    ['O’Brien', "o'br"],
    ['Anne-Marie', 'anne marie'],
  ])('finds %s by “%s”, without case and accents', (name, typed) => {
    expect(meets(name, typed)).toBe(true)
  })

  it('is every word of it', () => {
    expect(meets('Ada Byron', 'by ad')).toBe(true)
    expect(meets('Ada Byron', 'ada king')).toBe(false)
    expect(meets('Ada Byron', 'yron')).toBe(false)
  })

  it.each([
    [' ada.Byron  ada ', ['ada', 'byron']],
    ['<Ada@Example.com>,', ['ada@example.com']],
    ['ada@', ['ada']],
    ['@example.com', ['example', 'com']],
    ['+31 (6) 1234-5678', ['31612345678']],
    ['408 526', ['408526']],
    ['ada 408', ['ada', '408']],
    ['… !? —', []],
    ['', []],
  ])('is taken apart: “%s”', (typed, terms) => {
    expect(termsOf(typed)).toEqual(terms)
  })

  it('is as long as a word at most, and of no more than 16', () => {
    const typed = Array.from({ length: 50 }, (_, index) => `a${index}`).join(' ')
    expect(termsOf(typed)).toHaveLength(16)
    expect(termsOf('x'.repeat(100))).toEqual(['x'.repeat(longestWord)])
    expect(prefixForm(`(${'x'.repeat(100)}`)).toBe('x'.repeat(longestWord))
  })
})

it('knows what comes after all that begin with something', () => {
  expect(afterAll('ab')).toBe('ac')
  expect(afterAll('a\ud7ff')).toBe('a\ue000')
  expect(afterAll('a\u{10ffff}\u{10ffff}')).toBe('b')
  expect(afterAll('\u{10ffff}')).toBeUndefined()
  expect(afterAll('')).toBeUndefined()
})
