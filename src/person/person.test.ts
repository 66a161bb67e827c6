import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ada, organizations } from '../../test/cast.ts'
import { newPerson } from './draft.ts'
import { isEmail, newEmail } from './emails.ts'
import { newNumber, newPersonId, numberFrom, personIdFrom } from './ids.ts'
import type { Person } from './person.ts'
import { newPhone } from './phones.ts'
import { userNameProblem } from './user-names.ts'
import { canonicalZone, windowsZone } from './zones.ts'

const at = '2026-03-04T05:06:07.000Z'
const make = (change: Partial<Person>) =>
  newPerson({ organizationId: organizations.home.id, userName: 'zz-some-user', ...change }, at)

describe('a user name', () => {
  it.each([
    '',
    ' ada',
    'a\u0000b',
    '@self',
    '＠self',
    ada.id,
    ada.id.toUpperCase(),
    ada.id.replace(/[0-9a-f-]/g, (sign) =>
      sign === '-' ? sign : String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0),
    ),
    'email',
    'FILTER',
    'ｍｅ',
    '.',
    '..',
    'x'.repeat(256),
  ])('is refused when it is %j, which could be taken for something else', (name) => {
    expect(userNameProblem(name)).toBeTruthy()
    expect(() => make({ userName: name })).toThrow(/userName/)
  })

  it.each(['ada', 'ada.byron', 'ada@example.com', '愛', "o'neill", '269', 'a/b'])(
    'may be %j',
    (name) => {
      expect(userNameProblem(name)).toBeUndefined()
    },
  )
})

describe('an id', () => {
  it('is a UUID that tells when it was made, by which those made later come later', async () => {
    const before = Date.now()
    const first = newPersonId()
    await pause(2)
    const ids = [first, ...Array.from({ length: 100 }, newPersonId)]
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(personIdFrom(id)).toBe(id)
      expect(first <= id).toBe(true)
    }
    expect(new Set(ids).size).toBe(ids.length)
    const time = Number.parseInt(first.replace('-', '').slice(0, 12), 16)
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  })
})

describe('a record', () => {
  it.each(['2024-02-29', '2000-02-29', '1999-04-30', '2026-12-31', '1000-01-01'])(
    'may have the day %s',
    (birthDate) => {
      expect(make({ birthDate }).birthDate).toBe(birthDate)
    },
  )

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '0999-12-31',
  ])('may not have the day %s', (birthDate) => {
    expect(() => make({ birthDate })).toThrow(/birthDate/)
  })

  it.each<[string, Partial<Person>]>([
    ['a day that never was', { birthDate: '2026-02-30' }],
    ['an hour that never was', { workFrom: '2026-02-03T25:61:00.000Z' }],
    ['a year of less than four digits', { workFrom: '0000-01-01T00:00:00.000Z' }],
    ['an instant without milliseconds', { terminatedAt: '2026-02-03T04:05:06Z' }],
    [
      'a time of meetings that never was',
      { meetingAvailability: { timeZone: 'UTC', start: '2026-02-30T00:00:00.000Z', rules: [] } },
    ],
    ['a picture that is no web address', { avatar: { id: '1', url: 'javascript:alert(1)' } }],
    [
      'a picture whose address breaks a line',
      { avatar: { id: '1', url: 'https://a.example/\r\nx: y' } },
    ],
    ['an empty text', { title: '' }],
    ['a field of nobody’s', { shoeSize: 43 } as never],
    ['a number beyond 52 bits', { number: 2 ** 52 }],
  ])('is refused with %s, by the name of the field', (_, change) => {
    expect(() => make(change)).toThrow(new RegExp(Object.keys(change)[0] ?? ''))
  })

  it('shows the parts of a name, else the user name, where no name to show was given', () => {
    expect(make({}).displayName).toBe('zz-some-user')
    expect(make({ givenName: 'Zz', familyName: 'Made' }).displayName).toBe('Zz Made')
    expect(make({ givenName: 'Zz', displayName: 'Given' }).displayName).toBe('Given')
  })
})

describe('normal forms', () => {
  it('keep a number as it was sent, beside what can be had of it', () => {
    expect(newPhone('+31 6 1234 5678')).toMatchObject({
      value: '+31 6 1234 5678',
      e164: '+31612345678',
      country: 'NL',
      callingCode: 31,
      nationalNumber: '612345678',
    })
    expect(newPhone('06-12345678', { home: 'NL' })).toMatchObject({
      value: '06-12345678',
      e164: '+31612345678',
    })
    for (const odd of ['56-357-7743', 'extension 12', '']) {
      expect(newPhone(odd)).not.toHaveProperty('e164')
      expect(newPhone(odd).value).toBe(odd)
    }
    expect(newPhone('+800 1234 5678')).toMatchObject({ e164: '+80012345678', callingCode: 800 })
    expect(newPhone('+800 1234 5678')).not.toHaveProperty('country')
  })

  it('make addresses the same that mail would treat the same', () => {
    expect(newEmail('Zz.Some@EXAMPLE.com', at).normalized).toBe('zz.some@example.com')
    expect(newEmail('zz@bücher.example', at).normalized).toBe('zz@xn--bcher-kva.example')
    for (const odd of ['foo', 'a@b', 'a b@c.de', 'a@b..c', 'a@b.c\n', '@b.de'])
      expect(isEmail(odd)).toBe(false)
  })

  it('know zones by any name, and by the Windows one', () => {
    expect(windowsZone('Europe/Amsterdam')).toBe('W. Europe Standard Time')
    expect(canonicalZone('europe/amsterdam')).toBe('Europe/Amsterdam')
    expect(canonicalZone('Mars/Base')).toBeUndefined()
    expect(windowsZone('Mars/Base')).toBeUndefined()
  })
})

describe('ids', () => {
  it('are numbers of 52 bits that differ', () => {
    const numbers = Array.from({ length: 1000 }, newNumber)
    expect(new Set(numbers).size).toBe(1000)
    expect(
      numbers.every((number) => Number.isInteger(number) && number > 0 && number < 2 ** 52),
    ).toBe(true)
  })

  it.each([
    '',
    '0',
    '01',
    '-1',
    '1e3',
    '1.5',
    '4503599627370496',
    '99999999999999999',
    '１２',
    ' 1',
  ])('are not %j', (text) => {
    expect(numberFrom(text)).toBeUndefined()
  })

  it('are UUIDs of any version, in small letters', () => {
    expect(personIdFrom(ada.id.toUpperCase())).toBe(ada.id)
    expect(personIdFrom('96abc2aa-3dcc-11e5-a152-fe34819cdc9a')).toBe(
      '96abc2aa-3dcc-11e5-a152-fe34819cdc9a',
    )
    expect(personIdFrom(`{${ada.id}}`)).toBeUndefined()
  })
})
