import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  comparisonOperators,
  type Filter,
  matcher,
  matches,
  maxDepth,
  maxLength,
  maxTerms,
  parseFilter,
} from './filter.ts'
import type { JsonObject } from './json.ts'
import { enterpriseUserUrn, groupType, kithUserUrn, userType } from './schemas.ts'
import { ScimError } from './scim-error.ts'

const refusal = (text: string): ScimError => {
  try {
    parseFilter(text)
  } catch (error) {
    if (error instanceof ScimError) return error
    throw error
  }
  throw new Error(`${text} was taken`)
}

describe('a filter', () => {
  it('has operators and keywords in any case, and blanks as many as there are', () => {
    expect(parseFilter('  Title PR   AND NOT (active  EQ  True)\t')).toEqual({
      op: 'and',
      filters: [
        { op: 'pr', attrPath: 'Title' },
        { op: 'not', filter: { op: 'eq', attrPath: 'active', compValue: true } },
      ],
    })
  })

  it('needs no blank between an operator and a string', () => {
    expect(parseFilter('members[value eq"1"]')).toEqual({
      op: '[]',
      attrPath: 'members',
      valFilter: { op: 'eq', attrPath: 'value', compValue: '1' },
    })
  })

  it.each([
    `${enterpriseUserUrn}:employeeNumber`,
    `${enterpriseUserUrn}:manager.value`,
    enterpriseUserUrn,
    'URN:example:2.0:x.y',
    '$ref',
    'meta.lastModified',
  ])('names attributes such as %s', (attrPath) => {
    expect(parseFilter(`${attrPath} pr`)).toEqual({ op: 'pr', attrPath })
  })

  it('takes a sub-attribute after brackets as part of what stands between them', () => {
    expect(parseFilter('emails[type eq "work"].value eq "x"')).toEqual(
      parseFilter('emails[(type eq "work") and value eq "x"]'),
    )
  })

  it.each([
    ['"a\\"b\\\\c\\/\\n\\u00e9"', 'a"b\\c/\né'],
    ['"DOMAIN\\user"', 'DOMAIN\\user'],
    ['"CORP\\Alice"', 'CORP\\Alice'],
    ['"not (a pr) and [x]"', 'not (a pr) and [x]'],
    ['""', ''],
    ['"愛"', '愛'],
    ['-1.5e3', -1500],
    ['0', 0],
    ['NULL', null],
    ['False', false],
  ])('compares with %s', (written, compValue) => {
    expect(parseFilter(`a eq ${written}`)).toEqual({ op: 'eq', attrPath: 'a', compValue })
  })

  it('can be about attributes that are called like keywords', () => {
    expect(parseFilter('not pr and not not eq 1 or or eq "and"')).toEqual({
      op: 'or',
      filters: [
        {
          op: 'and',
          filters: [
            { op: 'pr', attrPath: 'not' },
            { op: 'not', filter: { op: 'eq', attrPath: 'not', compValue: 1 } },
          ],
        },
        { op: 'eq', attrPath: 'or', compValue: 'and' },
      ],
    })
  })

  it.each([
    ['', 1, 'the name of an attribute'],
    ['a', 2, 'an operator'],
    ['a eqq 1', 3, 'an operator'],
    ['a eq', 5, 'a string in quotes'],
    ['a eq "x', 6, 'ends with a quote'],
    ['a eq "x\\"', 6, 'ends with a quote'],
    ['a eq "x\ny"', 6, 'control characters'],
    ['a eq 01', 6, 'a number'],
    ['a eq 1e999', 6, 'a number'],
    ['a eq x', 6, 'a string in quotes'],
    ["a eq 'x'", 6, 'a string in quotes'],
    ['a eq 1 b', 8, '"and", "or" or the end'],
    ['a eq 1 and', 11, 'the name of an attribute'],
    ['(a pr', 6, '")"'],
    ['a pr)', 5, '"and", "or" or the end'],
    ['e[a pr', 7, '"]"'],
    ['e[]', 3, 'the name of an attribute'],
    ['e[a pr] pr', 9, '"and", "or" or the end'],
    ['a..b pr', 1, 'the name of an attribute'],
    ['a.b.c pr', 1, 'the name of an attribute'],
    ['.a pr', 1, 'the name of an attribute'],
    ['a:b pr', 1, 'the name of an attribute'],
    ['urn:x: pr', 1, 'the name of an attribute'],
    ['é pr', 1, 'the name of an attribute'],
    ['not', 4, 'an operator'],
    ['not ()', 6, 'the name of an attribute'],
  ])('that reads %j is refused at character %i', (text, position, expected) => {
    const { scimType, code, message } = refusal(text)
    expect({ scimType, code }).toEqual({ scimType: 'invalidFilter', code: 'invalid' })
    expect(message).toContain(`from character ${position}:`)
    expect(message).toContain(expected)
  })

  it.each([
    ['parentheses', (n: number) => `${'('.repeat(n)}a pr${')'.repeat(n)}`],
    ['negations', (n: number) => `${'not '.repeat(n)}a pr`],
    ['brackets', (n: number) => `${'a['.repeat(n)}a pr${']'.repeat(n)}`],
  ])('has up to 32 levels of %s', (_, nested) => {
    expect(parseFilter(nested(maxDepth))).toBeTruthy()
    expect(refusal(nested(maxDepth + 1))).toMatchObject({ scimType: 'invalidFilter' })
  })

  it('has up to 200 comparisons', () => {
    const terms = (n: number) => Array(n).fill('a eq 1').join(' or ')
    expect(parseFilter(terms(maxTerms))).toBeTruthy()
    expect(refusal(terms(maxTerms + 1))).toMatchObject({ scimType: 'tooMany' })
  })

  it('has up to 8192 bytes', () => {
    const long = (bytes: number) =>
      `a eq "${'é'.repeat((bytes - 7) >> 1)}${'x'.repeat((bytes - 7) % 2)}"`
    expect(Buffer.byteLength(long(maxLength))).toBe(maxLength)
    expect(parseFilter(long(maxLength))).toBeTruthy()
    expect(refusal(long(maxLength + 1))).toMatchObject({ scimType: 'tooMany' })
  })

  it('is read or refused in an instant, however it was made up', () => {
    const parts = [
      '(',
      'a',
      '"',
      '\\',
      '"\\',
      ' ',
      'a.',
      'urn:',
      'not ',
      'a[',
      '1',
      '-',
      'a eq "',
      'a pr ',
    ]
    const start = performance.now()
    for (const part of parts) {
      const text = part.repeat(Math.floor((maxLength - 6) / part.length))
      expect(() => parseFilter(text)).toThrow(ScimError)
      expect(() => parseFilter(`a eq ${text}`)).toThrow(ScimError)
    }
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('is the same after it was written down and read again', () => {
    const isTheSame = (filter: Filter) => {
      expect(parseFilter(print(filter))).toEqual(filter)
    }
    fc.assert(fc.property(filters, isTheSame), { numRuns: 1000 })
  })
})

const names = fc.oneof(
  fc.stringMatching(/^[A-Za-z][\w-]{0,8}(\.[A-Za-z][\w-]{0,8})?$/),
  fc.constantFrom('not', 'and', 'or', 'pr', 'eq', '$ref', `${enterpriseUserUrn}:manager.value`),
)
const values = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc
    .string({ unit: fc.constantFrom('"', '\\', 'u', '\u0000', '\ud800', 'n', ' ') })
    .map((text) => text.slice(0, 6)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  fc.constantFrom(true, false, null),
)
const { filters } = fc.letrec<{ filters: Filter }>((tie) => ({
  filters: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ op: fc.constantFrom(...comparisonOperators), attrPath: names, compValue: values }),
    fc.record({ op: fc.constant('pr' as const), attrPath: names }),
    fc.record({ op: fc.constant('not' as const), filter: tie('filters') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filters'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('[]' as const), attrPath: names, valFilter: tie('filters') }),
  ),
}))

function print(filter: Filter): string {
  switch (filter.op) {
    case 'pr':
      return `${filter.attrPath} pr`
    case 'not':
      return `not (${print(filter.filter)})`
    case 'and':
    case 'or':
      return filter.filters.map((one) => `(${print(one)})`).join(` ${filter.op} `)
    case '[]':
      return `${filter.attrPath}[${print(filter.valFilter)}]`
    default:
      return `${filter.attrPath} ${filter.op} ${JSON.stringify(filter.compValue)}`
  }
}

const person: JsonObject = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterpriseUserUrn],
  id: 'Abc',
  userName: 'Ada.Byron',
  nickName: '',
  title: null,
  active: true,
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [
    { value: 'ada@work.example', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home', primary: false },
  ],
  phoneNumbers: [],
  photos: [{ value: 'https://example.org/A', type: 'photo' }],
  meta: { created: '2026-03-04T05:06:07.000Z', lastModified: '2026-03-04T05:06:07.123Z' },
  [enterpriseUserUrn]: { employeeNumber: '269', manager: { value: 'M1', displayName: 'Bob' } },
  [kithUserUrn]: { interests: ['Chess', 'Engines'], number: 7, flags: { guest: false } },
}

const holds = (text: string) => matches(parseFilter(text), person, userType)

describe('a resource is as a filter says', () => {
  it.each([
    'USERNAME eq "ada.byron"',
    'urn:ietf:params:scim:schemas:core:2.0:user:userName eq "ADA.BYRON"',
    'userName sw "ADA"',
    'userName ew "byron"',
    'userName co ".B"',
    'userName gt "ada"',
    'userName le "ADA.BYRON"',
    'id eq "Abc"',
    'id ne "abc"',
    'active eq "True"',
    'active ne "False"',
    'name.givenName eq "ada"',
    'name pr',
    'emails pr',
    'emails eq "ADA@home.example"',
    'emails co "home"',
    'emails.type eq "home"',
    'emails.value ew ".example" and emails.type eq "work"',
    'emails[type eq "work" and value co "work"]',
    'emails[type eq "work"].value co "work"',
    'emails[primary eq "True"].value co "work"',
    'emails[not (primary eq true)]',
    'emails.type ne "work"',
    'name[familyName eq "Byron"]',
    'photos eq "https://example.org/A"',
    'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    `${enterpriseUserUrn}:employeeNumber eq "269"`,
    `${enterpriseUserUrn.toUpperCase()}:EMPLOYEENUMBER eq "269"`,
    `${enterpriseUserUrn}:manager eq "M1"`,
    `${enterpriseUserUrn}:manager.displayName eq "bob"`,
    `${enterpriseUserUrn} pr`,
    `${kithUserUrn}:interests eq "chess"`,
    `${kithUserUrn}:interests[value sw "eng"]`,
    `${kithUserUrn}:number ge 7`,
    `${kithUserUrn}:flags.guest eq false`,
    'meta.created eq "2026-03-04T06:06:07+01:00"',
    'meta.created eq "2026-03-04T05:06:07"',
    'meta.lastModified gt "2026-03-04T05:06:07Z"',
    'meta.lastModified gt "2026-03-04"',
    'meta.lastModified sw "2026-03"',
    'title eq null',
    'nickName eq null',
    'phoneNumbers eq null',
    'userName ne null',
    'displayName ne "x"',
    'not (displayName pr)',
    'displayName pr or active eq true',
  ])('where it says %s', (text) => {
    expect(holds(text)).toBe(true)
  })

  it.each([
    'id eq "abc"',
    'photos eq "https://example.org/a"',
    'active eq "yes"',
    'active eq 1',
    'title pr',
    'nickName pr',
    'phoneNumbers pr',
    'phoneNumbers.value pr',
    'displayName eq "x"',
    'displayName gt ""',
    'emails[type eq "work" and value co "home"]',
    'emails[type eq "work"].value co "home"',
    'employeeNumber eq "269"',
    `${enterpriseUserUrn}:employeeNumber eq 269`,
    `${enterpriseUserUrn}:manager eq "m1"`,
    `${kithUserUrn}:number eq "7"`,
    `${kithUserUrn}:number co 7`,
    `${kithUserUrn}:interests[type pr]`,
    'userName.x pr',
    'meta.created gt "2026-03-04T05:06:07Z"',
    'urn:nobody:1.0:X:y pr',
    '__proto__ pr',
    'constructor pr',
    'name.toString pr',
    'userName eq null',
    'userName co null',
  ])('but not where it says %s', (text) => {
    expect(holds(text)).toBe(false)
  })

  it.each([
    'active gt true',
    'active lt "True"',
    'emails.primary ge false',
    'emails[primary le "x"]',
    'x509Certificates gt "x"',
    'x509Certificates.value lt "x"',
    'h lt true',
    'userName gt null',
    'meta.created eq "yesterday"',
    'meta.created gt 5',
    'userName pr or active gt true',
  ])('and is not even looked at where it says %s', (text) => {
    const filter = parseFilter(text)
    expect(() => matcher(filter, userType)).toThrow(
      expect.objectContaining({ scimType: 'invalidFilter' }),
    )
  })

  it('by the table of its own type', () => {
    const group: JsonObject = { displayName: 'Tour Guides', members: [{ value: 'a' }] }
    const says = (text: string) => matches(parseFilter(text), group, groupType)
    expect(says('members eq "A"')).toBe(true)
    expect(says('members[value eq "b"]')).toBe(false)
    expect(says('urn:ietf:params:scim:schemas:core:2.0:Group:displayName sw "tour"')).toBe(true)
  })
})
