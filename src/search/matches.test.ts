import { describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { type Audiences, fieldGroups, type Person } from '../person/person.ts'
import { compared, existsFor, keyOf, matches, type Subject } from './matches.ts'
import {
  betweens,
  type Condition,
  type Eyes,
  type Operator,
  personFields,
  personLists,
} from './search.ts'

const { ada, askers } = cast
const { organizationId } = ada
const all: Eyes = { organizationId, administers: new Set([organizationId]) }
const service: Eyes = { organizationId, administers: new Set() }
const colleague: Eyes = { ...service, personId: askers.colleague.id }
const subject: Subject = {
  person: ada,
  organizationAudiences: {},
  between: 'none',
  groups: [],
  groupsAbove: [],
  managerKnown: true,
}
const asks = (
  condition: Condition,
  { eyes = all, ...more }: Partial<Subject> & { eyes?: Eyes } = {},
) => matches(condition, { ...subject, ...more }, eyes)
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
  const seen = (audiences: Audiences, eyes: Eyes, more: Partial<Subject> = {}) => {
    const one = { ...subject, person: { ...ada, audiences }, groups, ...more }
    const fields = Object.keys(personFields).filter((field) =>
      matches({ op: 'present', field }, one, eyes),
    )
    const lists = Object.keys(personLists).filter((list) =>
      matches({ op: 'some', list }, one, eyes),
    )
    return [...fields, ...lists]
  }
  const accepted = { between: 'accepted' } as const
  const hidden = Object.fromEntries(fieldGroups.map((group) => [group, 'nobody'])) as Audiences
  const everything = seen({}, all)

  it('is nothing from administrators, and only what is theirs from a person', () => {
    expect(seen(hidden, all)).toEqual(everything)
    const own = everything.filter((field) => field !== 'externalId' && field !== 'updatedAt')
    expect(seen(hidden, { ...colleague, personId: ada.id })).toEqual(own)
    expect(everything).toContain('externalId')
  })

  it('is all from others, when nobody is to see it', () => {
    expect(seen(hidden, colleague, accepted)).toEqual([])
    const concealed = { ...subject, ...accepted, person: changed({ audiences: hidden }) }
    expect(existsFor(concealed, colleague)).toBe(false)
    const deleted = { ...subject, person: changed({ lifecycle: 'deleted' }) }
    expect(existsFor(deleted, all)).toBe(false)
  })

  it.each([
    ['everyone', true, true, true, true],
    ['organization', true, false, false, false],
    ['event', false, false, true, false],
    ['connections', false, false, false, true],
    ['nobody', false, false, false, false],
  ] as const)(
    'for %s is what a colleague, a stranger, a co-attendee or a connection may not see',
    (audience, ...expected) => {
      const audiences = Object.fromEntries(fieldGroups.map((group) => [group, audience]))
      const stranger: Eyes = { ...colleague, organizationId: askers.outsider.organizationId }
      for (const [own, organizationAudiences] of [
        [audiences, {}],
        [{}, audiences],
      ] as const) {
        const sees = (eyes: Eyes, more: Partial<Subject> = {}) =>
          seen(own, eyes, { organizationAudiences, ...more })
        const each = [
          sees(colleague),
          sees(stranger),
          sees({ ...stranger, attends: true }),
          sees(stranger, accepted),
        ]
        expect(each.map((fields) => fields.includes('title'))).toEqual(expected)
        expect(each.map((fields) => fields.includes('groups'))).toEqual(expected)
        expect(each.flat()).not.toContain('quotaLimit')
        expect(sees(service).includes('title')).toBe(expected[0])
        expect(sees({ ...service, attends: true }).includes('title')).toBe(expected[0])
      }
    },
  )

  it('is no key to order by', () => {
    const order = { field: 'gender', descending: false }
    expect(keyOf(order, subject, all)).toBe('female')
    expect(keyOf(order, subject, colleague)).toBe(null)
  })

  it('is also a manager whom one may not know of', () => {
    const asked: Condition = { op: 'present', field: 'managerId' }
    expect(asks(asked, { eyes: colleague })).toBe(true)
    expect(asks(asked, { eyes: colleague, managerKnown: false })).toBe(false)
    expect(asks(asked, { managerKnown: false })).toBe(true)
  })

  it('is no word that one is found by', () => {
    const found = (prefix: string, eyes: Eyes, audiences: Audiences) =>
      asks({ op: 'word', prefix }, { eyes, person: changed({ audiences }) })
    for (const [prefix, group] of [
      ['canarydisp', 'name'],
      ['username', 'account'],
      ['EXAMPLE', 'contact'],
      ['canary.mail@', 'contact'],
      ['1408', 'contact'],
    ] as const) {
      expect(found(prefix, colleague, {}), prefix).toBe(true)
      expect(found(prefix, colleague, { [group]: 'nobody' }), prefix).toBe(false)
      expect(found(prefix, all, { [group]: 'nobody' }), prefix).toBe(true)
    }
  })
})

it('is met without what concerns meetings by somebody of whom the person wants nothing', () => {
  const asked: Condition = { op: 'eq', field: 'acceptsMeetingRequests', value: 'connections' }
  const sees = (eyes: Eyes, unwelcome: boolean) => asks(asked, { eyes, unwelcome })
  expect([sees(colleague, false), sees(colleague, true)]).toEqual([true, false])
  expect([sees(all, false), sees(all, true)]).toEqual([true, true])
})

it('finds by what is between the person and who asks', () => {
  for (const state of betweens) {
    const fit = betweens.filter((between) => asks({ op: 'connection', state }, { between }))
    expect(fit).toEqual([state])
  }
})
