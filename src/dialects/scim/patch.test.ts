import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from './json.ts'
import { applyPatch, maxOperations, type PatchOperation, parsePatch, patchOpUrn } from './patch.ts'
import { parsePath } from './path.ts'
import {
  coreUserUrn,
  enterpriseUserUrn,
  groupType,
  kithUserUrn,
  type ResourceType,
  userType,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

const ada: JsonObject = {
  schemas: [coreUserUrn],
  id: '1',
  userName: 'ada',
  active: true,
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [
    { value: 'ada@work.example', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  groups: [{ value: 'g1', display: 'Guides' }],
  meta: { resourceType: 'User', created: '2026-03-04T05:06:07.000Z' },
  [enterpriseUserUrn]: { department: 'Engines', manager: { value: 'm1' } },
  [kithUserUrn]: {
    number: 7,
    interests: ['chess', 'engines'],
    team: { value: 't1', display: 'T' },
  },
}
const guides: JsonObject = {
  schemas: [groupType.schema.id],
  id: 'g1',
  displayName: 'Guides',
  members: [
    { value: 'a', display: 'Ada', type: 'User', $ref: 'https://kith.example/scim/v2/Users/a' },
    { value: 'b' },
    { value: 'c' },
  ],
}

/** As they come in, so that what is sent is read too. */
const patch = (
  resource: JsonObject,
  operations: readonly unknown[],
  type: ResourceType = userType,
): JsonObject =>
  applyPatch(resource, parsePatch({ schemas: [patchOpUrn], Operations: operations }), type)
const patchAda = (...operations: readonly unknown[]) => patch(ada, operations)
const patchGuides = (...operations: readonly unknown[]) => patch(guides, operations, groupType)
const refused = (scimType: string) => expect.objectContaining({ scimType, code: 'invalid' })
const core = (resource: JsonObject, name: string) => resource[name]
const enterprise = (resource: JsonObject) => resource[enterpriseUserUrn]
const kith = (resource: JsonObject) => resource[kithUserUrn] as JsonObject

describe('a PATCH message', () => {
  it('has its names, its operations and its schema in any case', () => {
    const body = {
      Schemas: [patchOpUrn.toUpperCase()],
      operations: [
        { OP: 'Replace', Path: 'title', VALUE: 'x' },
        { op: 'ADD', path: '', value: {} },
        { op: 'remove', path: 'title', value: null },
      ],
    }
    expect(parsePatch(body)).toEqual([
      { op: 'replace', path: 'title', value: 'x' },
      { op: 'add', value: {} },
      { op: 'remove', path: 'title', value: null },
    ])
  })

  it.each<[string, unknown]>([
    ['no object', []],
    ['no schemas', { Operations: [{ op: 'remove', path: 'title' }] }],
    ['another schema', { schemas: [coreUserUrn], Operations: [{ op: 'remove', path: 'title' }] }],
    ['no operations', { schemas: [patchOpUrn] }],
    ['an empty list of operations', { schemas: [patchOpUrn], Operations: [] }],
    ['an operation that is no object', { schemas: [patchOpUrn], Operations: ['add'] }],
    ['an unknown op', { schemas: [patchOpUrn], Operations: [{ op: 'move', path: 'title' }] }],
    [
      'an op of no text',
      { schemas: [patchOpUrn], Operations: [{ op: ['add'], path: 'title', value: 'x' }] },
    ],
    [
      'a path of no text',
      { schemas: [patchOpUrn], Operations: [{ op: 'add', path: 1, value: 1 }] },
    ],
    ['an add without a value', { schemas: [patchOpUrn], Operations: [{ op: 'add', path: 'a' }] }],
    [
      'a replace without a value',
      { schemas: [patchOpUrn], Operations: [{ op: 'replace', path: 'a' }] },
    ],
  ])('is refused if it is or has %s', (_, body) => {
    expect(() => parsePatch(body)).toThrow(refused('invalidSyntax'))
  })

  it('has a path for whatever it removes', () => {
    expect(() => patchAda({ op: 'remove' })).toThrow(refused('noTarget'))
  })

  it('has up to a thousand operations', () => {
    const operations = (n: number) => Array(n).fill({ op: 'remove', path: 'title' })
    expect(patch(ada, operations(maxOperations))).toEqual(ada)
    expect(() => patch(ada, operations(maxOperations + 1))).toThrow(refused('invalidSyntax'))
  })
})

describe('a path', () => {
  it.each<[string, unknown]>([
    ['userName', { schema: undefined, steps: [{ name: 'userName' }] }],
    [' name.familyName ', { schema: undefined, steps: [{ name: 'name' }, { name: 'familyName' }] }],
    [
      'emails[type eq "a].b"].value',
      {
        schema: undefined,
        steps: [
          { name: 'emails', filter: { op: 'eq', attrPath: 'type', compValue: 'a].b' } },
          { name: 'value' },
        ],
      },
    ],
    [`${coreUserUrn}:title`, { schema: undefined, steps: [{ name: 'title' }] }],
    [
      `${enterpriseUserUrn.toUpperCase()}:manager.value`,
      { schema: enterpriseUserUrn, steps: [{ name: 'manager' }, { name: 'value' }] },
    ],
    [enterpriseUserUrn, { schema: enterpriseUserUrn, steps: [] }],
    [coreUserUrn, { schema: undefined, steps: [] }],
  ])('is read: %s', (text, path) => {
    expect(parsePath(text, userType)).toEqual(path)
  })

  it.each([
    '',
    '.',
    'a.',
    'a..b',
    'a b',
    'a:b',
    '[type eq "work"]',
    `${enterpriseUserUrn}[a pr]`,
    'emails[type eq "work"',
    'emails[type eq "work"]value',
    'emails[type eq "work"].',
    'emails[type eq "work"][primary eq true]',
    'emails[type eq "work"].urn:x:y',
    'emails[type eq "work"] ]',
    'émail',
    `${'a.'.repeat(40)}a`,
    'x'.repeat(9000),
  ])('is refused: %s', (text) => {
    expect(() => parsePath(text, userType)).toThrow(refused('invalidPath'))
  })

  it.each(['emails[type eq]', 'emails[]', 'emails["x"]', 'emails[type eq "work].value'])(
    'is refused for its filter: %s',
    (text) => {
      expect(() => parsePath(text, userType)).toThrow(refused('invalidFilter'))
    },
  )
})

describe('PATCH', () => {
  it('is done as a whole or not at all, and never to the resource itself', () => {
    const before = structuredClone(ada)
    const operations = [
      { op: 'replace', path: 'title', value: 'Countess' },
      { op: 'replace', path: 'id', value: '2' },
    ]
    expect(() => patchAda(...operations)).toThrow(refused('mutability'))
    expect(ada).toEqual(before)
  })

  it('writes names as the table spells them, and finds those that are there in another case', () => {
    expect(patchAda({ op: 'add', path: 'NICKNAME', value: 'Babs' })).toMatchObject({
      nickName: 'Babs',
    })
    const odd = { ...ada, UserNAME: 'ada' }
    expect(patch(odd, [{ op: 'replace', path: 'Name.GIVENname', value: 'A' }])).toMatchObject({
      name: { givenName: 'A', familyName: 'Byron' },
    })
  })

  it.each(['add', 'replace', 'Add', 'REPLACE'])('by %s sets what was not there', (op) => {
    const after = patchAda(
      { op, path: 'title', value: 'Countess' },
      { op, path: 'name.middleName', value: 'King' },
      { op, path: 'phoneNumbers', value: [{ value: '1', type: 'work' }] },
      { op, path: `${enterpriseUserUrn}:costCenter`, value: 'C' },
      { op, path: `${enterpriseUserUrn}:manager.value`, value: 'm2' },
      { op, path: 'addresses.country', value: 'GB' },
    )
    expect(after).toMatchObject({
      title: 'Countess',
      name: { middleName: 'King', givenName: 'Ada' },
      phoneNumbers: [{ value: '1', type: 'work' }],
      addresses: [{ country: 'GB' }],
      [enterpriseUserUrn]: { costCenter: 'C', department: 'Engines', manager: { value: 'm2' } },
    })
  })

  it('adds to a list, and completes what is in it already', () => {
    const after = patchAda({
      op: 'add',
      path: 'emails',
      value: [
        { value: 'ADA@home.example', type: 'Home', display: 'At home' },
        { value: 'ada@work.example', type: 'other' },
      ],
    })
    expect(core(after, 'emails')).toEqual([
      { value: 'ada@work.example', type: 'work', primary: true },
      { value: 'ADA@home.example', type: 'Home', display: 'At home' },
      { value: 'ada@work.example', type: 'other' },
    ])
  })

  it('adds nothing twice', () => {
    const again = {
      op: 'add',
      value: { emails: core(ada, 'emails'), [kithUserUrn]: { interests: ['Chess'] } },
    }
    expect(patchAda(again, again)).toEqual(ada)
    const address = { op: 'add', path: 'addresses', value: { country: 'GB', type: 'home' } }
    expect(core(patchAda(address, address), 'addresses')).toEqual([{ country: 'GB', type: 'home' }])
  })

  it('replaces a list as a whole, and of a complex attribute only what is named', () => {
    const after = patchAda(
      { op: 'replace', path: 'emails', value: { value: 'new@example.org' } },
      { op: 'replace', path: 'name', value: { givenName: 'Augusta', familyName: null } },
    )
    expect(after).toMatchObject({ emails: [{ value: 'new@example.org' }] })
    expect(core(after, 'name')).toEqual({ givenName: 'Augusta' })
  })

  it('keeps the sub-attributes of a chosen value that are not named', () => {
    const after = patchAda({
      op: 'replace',
      path: 'emails[type eq "home"]',
      value: { value: 'x@example.org' },
    })
    expect(core(after, 'emails')).toEqual([
      { value: 'ada@work.example', type: 'work', primary: true },
      { value: 'x@example.org', type: 'home' },
    ])
  })

  it.each<[string, unknown]>([
    ['emails[type eq "home"].primary', 'True'],
    ['emails[type eq "home"]', { primary: true }],
    ['emails', [{ value: 'ada@home.example', type: 'home', primary: 'true' }]],
  ])('takes the mark of the primary value from the older one: %s', (path, value) => {
    expect(core(patchAda({ op: 'add', path, value }), 'emails')).toEqual([
      { value: 'ada@work.example', type: 'work', primary: false },
      { value: 'ada@home.example', type: 'home', primary: true },
    ])
  })

  it('gives the mark back to an earlier value', () => {
    const path = (type: string) => `emails[type eq "${type}"].primary`
    const after = patchAda(
      { op: 'replace', path: path('home'), value: true },
      { op: 'replace', path: path('work'), value: true },
      { op: 'replace', path: 'emails[type eq "home"].display', value: 'At home' },
    )
    expect(core(after, 'emails')).toEqual([
      { value: 'ada@work.example', type: 'work', primary: true },
      { value: 'ada@home.example', type: 'home', primary: false, display: 'At home' },
    ])
  })

  it('leaves the mark to the last of several new primary values', () => {
    const value = ['x', 'y'].map((one) => ({ value: one, primary: true }))
    expect(core(patchAda({ op: 'replace', path: 'roles', value }), 'roles')).toEqual([
      { value: 'x', primary: false },
      { value: 'y', primary: true },
    ])
  })

  it('removes attributes, sub-attributes, chosen values and parts of them', () => {
    const after = patchAda(
      { op: 'remove', path: 'active' },
      { op: 'remove', path: 'name.familyName' },
      { op: 'remove', path: 'emails[type eq "work"]' },
      { op: 'remove', path: 'emails[value pr].type' },
      { op: 'remove', path: `${enterpriseUserUrn}:department` },
      { op: 'remove', path: `${kithUserUrn}:interests[value eq "CHESS"]` },
    )
    expect(after).not.toHaveProperty('active')
    expect(core(after, 'name')).toEqual({ givenName: 'Ada' })
    expect(core(after, 'emails')).toEqual([{ value: 'ada@home.example' }])
    expect(enterprise(after)).toEqual({ manager: { value: 'm1' } })
    expect(kith(after).interests).toEqual(['engines'])
  })

  it('leaves nothing where the last of it was removed', () => {
    const after = patchAda(
      { op: 'remove', path: 'emails[value pr]' },
      { op: 'remove', path: 'name.familyName' },
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: `${enterpriseUserUrn}:manager` },
      { op: 'remove', path: `${enterpriseUserUrn}:department` },
    )
    for (const name of ['emails', 'name', enterpriseUserUrn])
      expect(after).not.toHaveProperty([name])
  })

  it.each([
    'title',
    'phoneNumbers',
    'emails[type eq "other"]',
    'emails[type eq "other"].value',
    'roles[value eq "x"]',
    `${enterpriseUserUrn}:costCenter`,
    'urn:nobody:1.0:User:x',
    'nobody.at.all',
  ])('is content when there is no %s to remove', (path) => {
    expect(patchAda({ op: 'remove', path })).toEqual(ada)
  })

  it('removes an extension but for what is read-only in it', () => {
    const after = patchAda(
      { op: 'remove', path: enterpriseUserUrn },
      { op: 'remove', path: kithUserUrn.toUpperCase() },
    )
    expect(after).not.toHaveProperty([enterpriseUserUrn])
    expect(kith(after)).toEqual({ number: 7 })
    expect(() => patchAda({ op: 'remove', path: coreUserUrn })).toThrow(refused('mutability'))
  })

  it('takes an extension’s URN as a path, and as the name of a map in a map', () => {
    const value = { department: 'D', 'manager.value': 'm2', costCenter: null }
    const expected = { department: 'D', manager: { value: 'm2' } }
    expect(enterprise(patchAda({ op: 'replace', path: enterpriseUserUrn, value }))).toEqual(
      expected,
    )
    expect(enterprise(patchAda({ op: 'replace', value: { [enterpriseUserUrn]: value } }))).toEqual(
      expected,
    )
    expect(patchAda({ op: 'replace', value: { [enterpriseUserUrn]: null } })).not.toHaveProperty([
      enterpriseUserUrn,
    ])
  })

  it.each([
    ['id', '2'],
    ['META', {}],
    ['meta.created', '2020-01-01T00:00:00Z'],
    ['groups', []],
    ['groups[value eq "g1"].display', 'x'],
    [`${kithUserUrn}:number`, 8],
    [`${enterpriseUserUrn}:manager.displayName`, 'x'],
  ])('refuses to change %s, which is read-only', (path, value) => {
    for (const op of ['add', 'replace', 'remove']) {
      expect(() => patchAda({ op, path, value })).toThrow(refused('mutability'))
    }
  })

  it('passes over what is read-only inside of values', () => {
    const after = patchAda({
      op: 'replace',
      value: {
        id: '2',
        meta: {},
        groups: [],
        title: 'T',
        [enterpriseUserUrn]: { manager: { value: 'm2', displayName: 'Bob' } },
        [`${kithUserUrn}:number`]: 8,
      },
    })
    expect(after).toEqual({
      ...ada,
      title: 'T',
      [enterpriseUserUrn]: { department: 'Engines', manager: { value: 'm2' } },
    })
  })

  it('lets a client name further schemas, and take none away', () => {
    const more = { op: 'replace', value: { schemas: [enterpriseUserUrn] } }
    expect(core(patchAda(more, more), 'schemas')).toEqual([coreUserUrn, enterpriseUserUrn])
    expect(patchAda({ op: 'replace', path: 'schemas', value: [] })).toEqual(ada)
    expect(() => patchAda({ op: 'remove', path: 'schemas' })).toThrow(refused('mutability'))
  })

  it.each([
    { op: 'remove', path: 'userName' },
    { op: 'replace', path: 'username', value: '' },
    { op: 'replace', value: { userName: null } },
  ])('refuses to unassign what is required: %j', (operation) => {
    expect(() => patchAda(operation)).toThrow(refused('mutability'))
  })

  it.each([
    ['title', {}],
    ['title', ['a', 'b']],
    ['title', true],
    ['active', 'yes'],
    ['active', 1],
    ['name', 'Ada'],
    ['name', [{}, {}]],
    ['emails', [true]],
    ['emails[type eq "work"].value', { x: 1 }],
    [`${kithUserUrn}:quotaLimit`, 1.5],
    [`${kithUserUrn}:quotaLimit`, 'much'],
    [enterpriseUserUrn, 'x'],
    [coreUserUrn, 'x'],
  ])('refuses to make %s %j', (path, value) => {
    expect(() => patchAda({ op: 'replace', path, value })).toThrow(refused('invalidValue'))
  })

  it.each([
    ['invalidPath', 'userName.x'],
    ['invalidPath', 'userName[value eq "ada"]'],
    ['invalidPath', 'name[givenName eq "Ada"].familyName'],
    ['invalidPath', `${kithUserUrn}:interests.x`],
    ['invalidPath', 'a b'],
    ['invalidFilter', 'emails[primary gt true]'],
    ['invalidFilter', 'emails[primary gt true].value'],
    ['invalidFilter', 'emails[type eq work]'],
    ['noTarget', 'emails[type eq "a" or type eq "b"].value'],
    ['noTarget', 'emails[type ne "work" and type ne "home"].value'],
    ['noTarget', 'roles[value sw "x"]'],
    ['invalidPath', `emails[type eq "${'x'.repeat(8192)}"]`],
  ])('says %s to the path %s', (scimType, path) => {
    expect(() => patchAda({ op: 'replace', path, value: 'x' })).toThrow(refused(scimType))
  })

  it('says invalidValue to a map that is none', () => {
    expect(() => patchAda({ op: 'replace', value: 'x' })).toThrow(refused('invalidValue'))
    expect(() => patchAda({ op: 'replace', value: null })).toThrow(refused('invalidValue'))
  })

  it('bears names that objects have of themselves', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"x": 1}}') as Json
    const after = patchAda(
      { op: 'add', value },
      { op: 'add', path: '__proto__.y', value: 1 },
      { op: 'add', path: 'toString', value: 'x' },
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype)
    expect(Object.entries(after)).toContainEqual(['__proto__', { polluted: true, y: 1 }])
    expect(Object.entries(after)).toContainEqual(['toString', 'x'])
  })

  it('is not drawn into values that are endlessly deep or wide', () => {
    let deep: Json = 'x'
    for (let level = 0; level < 5000; level += 1) deep = [deep]
    expect(() => patchAda({ op: 'add', path: 'x', value: deep })).toThrow(refused('invalidSyntax'))
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`a${n}`, n]))
    const start = performance.now()
    expect(() => patchAda({ op: 'add', value: wide })).toThrow(refused('invalidValue'))
    expect(() => patchAda({ op: 'add', path: 'name', value: wide })).toThrow(
      refused('invalidValue'),
    )
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('adds and removes twenty thousand members in a moment', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => ({ value: `u${n}` }))
    const start = performance.now()
    const full = patchGuides({ op: 'add', path: 'members', value: ids })
    expect(core(full, 'members')).toHaveLength(20_003)
    expect(patch(full, [{ op: 'add', path: 'members', value: ids }], groupType)).toEqual(full)
    const emptied = patch(full, [{ op: 'remove', path: 'members', value: ids }], groupType)
    expect(emptied).toEqual(guides)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('never changes what it is given', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 6 }), (list) => {
        const before = structuredClone(ada)
        const given = structuredClone(list)
        try {
          const after = applyPatch(ada, list, userType)
          for (const name of ['id', 'meta', 'groups']) expect(after[name]).toEqual(before[name])
          expect(primaries(after)).toBeLessThan(2)
        } catch (error) {
          if (!(error instanceof ScimError)) throw error
        }
        expect(ada).toEqual(before)
        expect(list).toEqual(given)
      }),
      { numRuns: 2000 },
    )
  })
})

const primaries = (resource: JsonObject): number => {
  const emails = (resource.emails ?? []) as readonly JsonObject[]
  return emails.filter((email) => email.primary === true).length
}

const paths = fc.constantFrom(
  ...[
    'emails',
    'emails.value',
    'emails.primary',
    'emails[type eq "work"]',
    'emails[type eq "other"].value',
  ],
  ...[
    'emails[primary eq true].display',
    'emails[not (type pr)]',
    'name',
    'name.givenName',
    'active',
    'unknown',
  ],
  ...[
    'unknown.x[y eq 1].z',
    'roles',
    'userName',
    enterpriseUserUrn,
    `${enterpriseUserUrn}:manager`,
  ],
  ...[
    `${kithUserUrn}:interests`,
    `${kithUserUrn}:interests[value eq "chess"]`,
    'schemas',
    'addresses',
  ],
)
const items = fc.record(
  {
    value: fc.constantFrom<Json>('ada@work.example', 'x', '', null, 1),
    type: fc.constantFrom<Json>('work', 'home', null),
    primary: fc.constantFrom<Json>(true, 'True', false, null),
  },
  { requiredKeys: [] },
)
const given: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>('x', '', null, true, 'False', 3, {}, []),
  items,
  fc.array(items, { maxLength: 3 }),
  fc.dictionary(paths, fc.oneof(items, fc.constantFrom<Json>('x', null, true)), { maxKeys: 3 }),
  fc.json().map((text) => JSON.parse(text) as Json),
)
const operations: fc.Arbitrary<PatchOperation> = fc
  .record({
    op: fc.constantFrom('add' as const, 'replace' as const, 'remove' as const),
    path: paths,
    value: given,
  })
  .chain((operation) => {
    const { path, ...rest } = operation
    return fc.constantFrom<PatchOperation>(operation, operation.op === 'remove' ? operation : rest)
  })

describe('what Entra ID sends', () => {
  it.each([
    ['"False" for false', { op: 'Replace', path: 'active', value: 'False' }],
    ['a list of one', { op: 'Replace', path: 'active', value: ['false'] }],
    [
      'a value in an object',
      { op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] },
    ],
    ['a map', { op: 'Replace', value: { active: 'False' } }],
  ])('is taken for a boolean: %s', (_, operation) => {
    expect(core(patchAda(operation), 'active')).toBe(false)
  })

  it('is a map with dotted names, value paths and URNs', () => {
    const after = patchAda({
      op: 'replace',
      value: {
        displayName: 'Ada',
        'name.givenName': 'Augusta',
        'emails[type eq "work"].value': 'new@example.org',
        'emails[type eq "other"].value': 'other@example.org',
        [`${enterpriseUserUrn}:department`]: 'D',
      },
    })
    expect(after).toMatchObject({
      displayName: 'Ada',
      name: { givenName: 'Augusta', familyName: 'Byron' },
      emails: [
        { value: 'new@example.org', type: 'work', primary: true },
        { value: 'ada@home.example', type: 'home' },
        { value: 'other@example.org', type: 'other' },
      ],
      [enterpriseUserUrn]: { department: 'D', manager: { value: 'm1' } },
    })
  })

  it('chooses the primary role by a text', () => {
    const operation = { op: 'Add', path: 'roles[primary eq "True"].display', value: 'Lead' }
    const first = patchAda(operation)
    expect(core(first, 'roles')).toEqual([{ primary: true, display: 'Lead' }])
    const next = patch(first, [
      { ...operation, value: 'Boss' },
      { ...operation, path: 'roles[primary eq "True"].value', value: 'b' },
    ])
    expect(core(next, 'roles')).toEqual([{ primary: true, display: 'Boss', value: 'b' }])
  })

  it.each(['Add', 'Replace'])('by %s creates the value that a filter describes', (op) => {
    expect(
      core(
        patchAda({ op, path: 'phoneNumbers[type eq "mobile"].value', value: '1' }),
        'phoneNumbers',
      ),
    ).toEqual([{ type: 'mobile', value: '1' }])
    expect(
      core(
        patchAda({
          op,
          path: 'addresses[type eq "work" and primary eq "True"]',
          value: { country: 'GB' },
        }),
        'addresses',
      ),
    ).toEqual([{ type: 'work', primary: true, country: 'GB' }])
    expect(core(patchAda({ op, path: 'roles[type eq "x"]', value: 'r' }), 'roles')).toEqual([
      { type: 'x', value: 'r' },
    ])
  })

  it.each(['', null, []])('creates nothing for %j', (value) => {
    expect(
      patchAda({ op: 'Replace', path: 'phoneNumbers[type eq "mobile"].value', value }),
    ).toEqual(ada)
  })

  it.each<[unknown]>([[''], [null], [{ value: '' }], [{ value: null }], [[{ value: '' }]], [[]]])(
    'removes the manager by %j',
    (value) => {
      for (const path of [`${enterpriseUserUrn}:manager`, enterpriseUserUrn]) {
        const sent = path === enterpriseUserUrn ? { manager: value } : value
        expect(enterprise(patchAda({ op: 'Replace', path, value: sent }))).toEqual({
          department: 'Engines',
        })
      }
    },
  )

  it('removes the manager by emptying its value', () => {
    const path = `${enterpriseUserUrn}:manager.value`
    const team = { op: 'Replace', path: `${kithUserUrn}:team.value`, value: null }
    expect(kith(patchAda(team))).toEqual({ number: 7, interests: ['chess', 'engines'] })
    for (const operation of [
      { op: 'Replace', path, value: '' },
      { op: 'Remove', path },
    ]) {
      expect(enterprise(patchAda(operation))).toEqual({ department: 'Engines' })
    }
  })

  it.each<[unknown]>([['m2'], [{ value: 'm2' }], [[{ $ref: null, value: 'm2' }]]])(
    'sets the manager to %j',
    (value) => {
      const after = patchAda({ op: 'Add', path: `${enterpriseUserUrn}:manager`, value })
      expect(enterprise(after)).toEqual({ department: 'Engines', manager: { value: 'm2' } })
    },
  )

  it.each(['', null])('takes a text away by %j', (value) => {
    const after = patchAda({ op: 'Replace', path: 'name.givenName', value })
    expect(core(after, 'name')).toEqual({ familyName: 'Byron' })
  })

  it('adds and removes members by lists', () => {
    const value = [
      { $ref: null, value: 'd' },
      { $ref: null, value: 'a' },
    ]
    const added = patchGuides({ op: 'Add', path: 'members', value })
    const [a, b, c] = guides.members as readonly Json[]
    expect(core(added, 'members')).toEqual([a, b, c, { value: 'd' }])
    expect(core(patchGuides({ op: 'Remove', path: 'members', value }), 'members')).toEqual([b, c])
  })
})

describe('what Okta sends', () => {
  it('is a map with the id in it', () => {
    const after = patchGuides({ op: 'replace', value: { id: 'g1', displayName: 'New' } })
    expect(after).toEqual({ ...guides, displayName: 'New' })
  })

  it('removes a member by a filter and adds another with a name', () => {
    const after = patchGuides(
      { op: 'remove', path: 'members[value eq "A"]' },
      { op: 'add', path: 'members', value: [{ value: 'd', display: 'Dora' }] },
    )
    expect(core(after, 'members')).toEqual([{ value: 'b' }, { value: 'c' }, { value: 'd' }])
  })

  it('replaces all members', () => {
    const value = [{ value: 'x', display: 'X' }, { value: 'x' }]
    expect(core(patchGuides({ op: 'replace', path: 'members', value }), 'members')).toEqual([
      { value: 'x' },
    ])
  })
})

describe('members', () => {
  it('may be sent as texts', () => {
    const after = patchGuides(
      { op: 'add', path: 'members', value: ['d', 'a'] },
      {
        op: 'remove',
        path: 'members',
        value: ['b', { value: 'c', type: 'User', display: 'Other' }],
      },
      { op: 'remove', path: 'members', value: 'nobody' },
    )
    expect(core(after, 'members')).toEqual([(guides.members as readonly Json[])[0], { value: 'd' }])
  })

  it('all go without a value, and none for an empty list', () => {
    expect(patchGuides({ op: 'remove', path: 'members' })).not.toHaveProperty('members')
    expect(patchGuides({ op: 'replace', path: 'members', value: [] })).not.toHaveProperty('members')
    for (const value of [[], [null], [{}], [{ value: '' }], '']) {
      expect(patchGuides({ op: 'remove', path: 'members', value })).toEqual(guides)
    }
  })

  it('can’t become somebody else', () => {
    expect(() =>
      patchGuides({ op: 'replace', path: 'members[value eq "a"].value', value: 'x' }),
    ).toThrow(refused('mutability'))
  })
})

describe('removing values by a list', () => {
  it('takes those of which all is told, where the table does not know them', () => {
    const odd = { ...ada, odd: [{ a: 1, b: 2 }, { a: 1, b: 3 }, 'x'] }
    const value = [{ a: 1, b: 3, c: null }, 'x', { a: 2 }, {}]
    const after = patch(odd, [{ op: 'remove', path: 'odd', value }])
    expect(core(after, 'odd')).toEqual([{ a: 1, b: 2 }])
  })

  it('takes those of that value, and of that type if it is told', () => {
    const both = patchAda({
      op: 'add',
      path: 'emails',
      value: { value: 'ada@work.example', type: 'home' },
    })
    const remove = (value: Json) =>
      core(patch(both, [{ op: 'remove', path: 'emails', value }]), 'emails')
    expect(remove({ value: 'ADA@work.example' })).toEqual([
      { value: 'ada@home.example', type: 'home' },
    ])
    expect(remove([{ value: 'ada@work.example', type: 'Work' }])).toHaveLength(2)
    expect(remove({ type: 'home' })).toEqual([
      { value: 'ada@work.example', type: 'work', primary: true },
    ])
  })
})
