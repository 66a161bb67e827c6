import { describe, expect, it } from 'vitest'
import { colourOf, contrastToWhite, initialsImage, initialsOf, silhouette } from './initials.ts'

const drawn = (named: Parameters<typeof initialsImage>[1]) =>
  /<text[^>]*>([^<]*)<\/text>/.exec(String(initialsImage('id', named)))?.[1]

describe('initials', () => {
  it.each([
    ['Latin', { givenName: 'Ada', familyName: 'byron' }, 'AB'],
    ['Cyrillic', { givenName: 'Жанна', familyName: 'Ёлкина' }, 'ЖЁ'],
    ['Arabic', { givenName: 'عمر', familyName: 'خيام' }, 'عخ'],
    ['Han', { givenName: '明', familyName: '王' }, '明王'],
    ['Devanagari', { givenName: 'क्षितिज', familyName: 'शर्मा' }, 'क्षिश'],
    [
      'with accents in pieces',
      { givenName: 'A\u030Asa', familyName: 'O\u0308berg' },
      'ÅÖ'.normalize('NFD'),
    ],
    ['a family of emoji', { givenName: '👨‍👩‍👧 Fam', familyName: '🇳🇱' }, '👨‍👩‍👧🇳🇱'],
    ['as set', { initials: 'xy', givenName: 'Ada' }, 'XY'],
    ['of the name that is shown', { displayName: 'Ada  Augusta Byron' }, 'AB'],
    ['of one word', { displayName: 'ada' }, 'A'],
  ])('are what a reader takes for letters: %s', (_, named, wanted) => {
    expect(drawn(named)).toBe(wanted)
  })

  it('are none where there is no name', () => {
    for (const named of [{}, { givenName: '' }, { givenName: '\u200b' }, { displayName: '  ' }]) {
      expect(initialsImage('id', named)).toBeUndefined()
    }
    expect(initialsOf({})).toBe('')
  })

  it('break out of nothing, and cover nothing', () => {
    expect(drawn({ initials: '<&>' })).toBe('&lt;&amp;&gt;')
    expect(drawn({ givenName: `a${'\u0301'.repeat(500)}` })).toBe('A')
    expect(String(initialsImage('"/><script>', { initials: 'A' }))).not.toContain('script')
    expect(drawn({ initials: '\ud800A' })).toBe('\ufffdA')
  })
})

describe('a colour', () => {
  it('stays with its id, is many, and can be written on in white', () => {
    const all = Array.from({ length: 500 }, (_, index) => colourOf(`person ${index}`))
    for (const colour of all) expect(contrastToWhite(colour)).toBeGreaterThanOrEqual(4.5)
    expect(new Set(all.map(String)).size).toBeGreaterThan(100)
    expect(colourOf('person 1')).toEqual(all[1])
    expect(contrastToWhite([255, 255, 255])).toBeCloseTo(1)
    expect(contrastToWhite([0, 0, 0])).toBeCloseTo(21)
  })

  it('is the ground of a silhouette', () => {
    const pixels = silhouette('someone', 48)
    expect(pixels.length).toBe(48 * 48 * 3)
    const at = (x: number, y: number) => [
      ...pixels.subarray((y * 48 + x) * 3, (y * 48 + x) * 3 + 3),
    ]
    expect(at(1, 1)).toEqual([...colourOf('someone')])
    expect(at(24, 18)).not.toEqual(at(1, 1))
    expect(at(24, 46)).toEqual(at(24, 18))
  })
})
