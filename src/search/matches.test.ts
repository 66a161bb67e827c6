import { describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { type Audiences, fieldGroups, type Person } from '../person/person.ts'
import { defaultAudiences } from '../privacy/rules.ts'
import { compared, existsFor, keyOf, matches } from './matches.ts'
import { type Condition, type Eyes, type Operator, personFields, personLists } from './search.ts'

const { ada, askers } = cast
const all: Eyes = { all: true, defaults: defaultAudiences }
const colleague: Eyes = { all: false, personId: askers.colleague.id, defaults: defaultAudiences }
const asks = (
  condition: Condition,
  { person = ada, eyes = all, connected = false, managerKnown = true, groups = [] as const } = {},
) => matches(condition, { person, groups, managerKnown }, eyes, connected)
const changed = (change: Partial<Person>): Person => ({ ...ada, ...change })
const title = (op: Operator, value: string, own: string) =>
  asks({ op, field: 'title', value }, { person: changed({ title: own }) })

describe('a comparison', () => {
  it('is without case, and without compatibility forms', () => {
    for (const [own, value] of [
      ['Straße', 'STRAßE'],
      ['ﬁne', 'FINE'],
      ['İ', 'i̇'],
      ['café', 'CAFE\u0301'],
      ['Ａda', 'ADA'],
    ] as const) {
      expect(title('eq', value, own)).toBe(true)
      expect(title('sw', value, `${own}!`)).toBe(true)
      expect(title('ew', value, `!${own}`)).toBe(true)
      expect(title('co', value, `!${own}!`)).toBe(true)
    }
    expect(title('eq', 'strasse', 'Straße')).toBe(false)
    const exact: Condition = { op: 'eq', field: 'externalId', value: 'CANARY-external' }
    expect(asks(exact)).toBe(false)
  })

  it('knows no wildcards', () => {
    expect(title('co', '%', 'abc')).toBe(false)
    expect(title('eq', 'a_c', 'abc')).toBe(false)
    expect(title('co', '%_', 'a%_')).toBe(true)
  })

  it('orders by code point', () => {
    expect(title('gt', '\ufb1d', '\u{1f600}')).toBe(true)
    expect(compared('\ufb1d', '\u{1f600}')).toBeLessThan(0)
    expect(compared('a', 'a')).toBe(0)
    expect(compared(10, 9)).toBeGreaterThan(0)
    expect(compared(false, true)).toBeLessThan(0)
  })

  it('is not fulfilled by what is absent, nor by another kind of value; what is not fulfilled is false', () => {
    const person = changed({ title: undefined as never, loginEnabled: false })
    for (const op of ['eq', 'co', 'gt', 'le'] as const) {
      const one: Condition = { op, field: 'title', value: '' }
      expect(asks(one, { person })).toBe(false)
      expect(asks({ op: 'not', of: one }, { person })).toBe(true)
    }
    expect(asks({ op: 'eq', field: 'loginEnabled', value: 'false' }, { person })).toBe(false)
    expect(asks({ op: 'le', field: 'loginEnabled', value: true }, { person })).toBe(false)
    expect(asks({ op: 'co', field: 'number', value: 2 })).toBe(false)
    expect(asks({ op: 'present', field: 'loginEnabled' }, { person })).toBe(true)
  })
})

describe('a condition of nothing', () => {
  it('is true of all, and of none', () => {
    expect(asks({ op: 'and', of: [] })).toBe(true)
    expect(asks({ op: 'or', of: [] })).toBe(false)
  })
})

describe('what is hidden', () => {
  const groups = [{ id: 'g', name: 'Group' }]
  const seen = (audiences: Audiences, eyes: Eyes, connected = false, person = ada) => {
    const subject = { person: { ...person, audiences }, groups, managerKnown: true }
    const fields = Object.keys(personFields).filter((field) =>
      matches({ op: 'present', field }, subject, eyes, connected),
    )
    const lists = Object.keys(personLists).filter((list) =>
      matches({ op: 'some', list }, subject, eyes, connected),
    )
    return [...fields, ...lists]
  }
  const hidden = Object.fromEntries(fieldGroups.map((group) => [group, 'nobody'])) as Audiences
  const everything = seen({}, all)

  it('is nothing from administrators, and only what is theirs from a person', () => {
    expect(seen(hidden, all)).toEqual(everything)
    const own = everything.filter((field) => field !== 'externalId' && field !== 'updatedAt')
    expect(seen(hidden, { ...colleague, personId: ada.id })).toEqual(own)
    expect(everything).toContain('externalId')
  })

  it('is all from others, when nobody is to see it', () => {
    expect(seen(hidden, colleague, true)).toEqual([])
    expect(existsFor(changed({ audiences: hidden }), colleague, true)).toBe(false)
    expect(existsFor(changed({ lifecycle: 'deleted' }), all, false)).toBe(false)
  })

  it.each([
    ['everyone', true, true],
    ['organization', true, true],
    ['connections', false, true],
    ['event', false, false],
    ['nobody', false, false],
  ] as const)(
    'for %s is what a colleague and a connection may not see',
    (audience, plain, tied) => {
      const audiences = Object.fromEntries(fieldGroups.map((group) => [group, audience]))
      const defaults = audiences as Eyes['defaults']
      for (const [own, eyes] of [
        [audiences, colleague],
        [{}, { ...colleague, defaults }],
      ] as const) {
        expect(seen(own, eyes).includes('title')).toBe(plain)
        expect(seen(own, eyes, true).includes('title')).toBe(tied)
        expect(seen(own, eyes, true)).not.toContain('quotaLimit')
        expect(seen(own, eyes).includes('groups')).toBe(plain)
        const service: Eyes = { all: false, defaults: eyes.defaults }
        expect(seen(own, service, true).includes('title')).toBe(plain)
      }
    },
  )

  it('is no key to order by', () => {
    const order = { field: 'gender', descending: false }
    const subject = { person: ada, groups: [], managerKnown: false }
    expect(keyOf(order, subject, all, false)).toBe('female')
    expect(keyOf(order, subject, colleague, false)).toBe(null)
  })

  it('is also a manager whom one may not know of', () => {
    const asked: Condition = { op: 'present', field: 'managerId' }
    expect(asks(asked, { eyes: colleague })).toBe(true)
    expect(asks(asked, { eyes: colleague, managerKnown: false })).toBe(false)
    expect(asks(asked, { managerKnown: false })).toBe(true)
  })
})
