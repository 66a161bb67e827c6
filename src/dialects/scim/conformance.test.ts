import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Filter, matches, parseFilter } from './filter.ts'
import type { Json, JsonObject } from './json.ts'
import { applyPatch, parsePatch, patchOpUrn } from './patch.ts'
import { attributeList } from './path.ts'
import { withAttributes } from './representation.ts'
import {
  type Attribute,
  attributeNamed,
  enterpriseUserUrn,
  groupType,
  type ResourceType,
  resourceTypes,
  userType,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

const folder = resolve('../shared/conformance')
const isThere = existsSync(folder)
const note = isThere ? '' : ` (skipped: there is no ${folder})`

const recorded = <T>(file: string, otherwise: T): T =>
  isThere ? (JSON.parse(readFileSync(join(folder, file), 'utf8')) as T) : otherwise

/** What comes of a thunk, or the scimType of its refusal. */
function outcome<T>(act: () => T): T | { readonly refused: string } {
  try {
    return act()
  } catch (error) {
    if (error instanceof ScimError) return { refused: error.scimType }
    throw error
  }
}

const patched = (resource: JsonObject, operations: readonly unknown[], type: ResourceType) =>
  outcome(() =>
    applyPatch(resource, parsePatch({ schemas: [patchOpUrn], Operations: operations }), type),
  )

/** Where we answer otherwise than a recorded case, why, and what: members of the resource, or a refusal. */
interface Disagreement {
  readonly why: string
  readonly ours: { readonly refused: string } | { readonly changed: JsonObject }
}

interface FilterCases {
  readonly parse: readonly { readonly filter: string; readonly ast: Filter }[]
  readonly match: readonly {
    readonly filter: string
    readonly resource: JsonObject
    readonly options?: { readonly caseExact?: boolean }
    readonly match: boolean
  }[]
}
const filterCases = recorded<FilterCases>('scim-filter.cases.json', { parse: [], match: [] })

const filterDisagreements: Readonly<Record<string, { why: string; ours: string }>> = {
  'emails[type eq "work"].value eq "user@example.com"': {
    why: 'RFC 7644 §3.4.2.2: what goes with brackets applies to the same value, not to any two',
    ours: 'emails[(type eq "work") and value eq "user@example.com"]',
  },
  'emails[type eq "work"].value eq "user@example.com" and name eq "foo"': {
    why: 'RFC 7644 §3.4.2.2: what goes with brackets applies to the same value, not to any two',
    ours: 'emails[(type eq "work") and value eq "user@example.com"] and name eq "foo"',
  },
}

describe.skipIf(!isThere)(`the filters that scim2-parse-filter recorded${note}`, () => {
  it('are all here, and those we disagree with too', () => {
    expect([filterCases.parse.length, filterCases.match.length]).toEqual([130, 35])
    const filters = filterCases.parse.map(({ filter }) => filter)
    expect(filters).toEqual(expect.arrayContaining(Object.keys(filterDisagreements)))
  })

  it.each(filterCases.parse)('are read the same: $filter', ({ filter, ast }) => {
    const disagreement = filterDisagreements[filter]
    if (disagreement) {
      expect(parseFilter(filter), disagreement.why).toEqual(parseFilter(disagreement.ours))
      expect(parseFilter(filter)).not.toEqual(ast)
    } else {
      expect(parseFilter(filter)).toEqual(ast)
    }
  })

  it.each(filterCases.match)(
    'match the same: $filter, $resource, $options',
    ({ filter, resource, options, match }) => {
      const type = options?.caseExact ? allCaseExact : userType
      expect(matches(parseFilter(filter), resource, type)).toBe(match)
    },
  )
})

const allCaseExact: ResourceType = {
  ...userType,
  schema: {
    ...userType.schema,
    attributes: userType.schema.attributes.map((one) => ({ ...one, caseExact: true })),
  },
}

interface PatchCases {
  readonly patch: readonly {
    readonly title: string
    readonly resource: JsonObject
    readonly operations: readonly Json[]
    readonly result?: JsonObject
    readonly error?: { readonly scimType: string }
  }[]
  readonly validate: readonly {
    readonly title: string
    readonly body: Json
    readonly ok: boolean
  }[]
}
const patchCases = recorded<PatchCases>('scim-patch.cases.json', { patch: [], validate: [] })

const spider = { value: 'spiderman@superheroes.com', primary: false }
const batman = { value: 'batman@superheroes.com' }
const invalidFilter = {
  why: 'RFC 7644 §3.12, table 9: invalidFilter is for filters in a PATCH path too',
  ours: { refused: 'invalidFilter' },
}
const entraCreates =
  'RFC 7644 §3.5.2.3 says noTarget, and the recording does where an option is set; Entra ID relies on creation'

const patchDisagreements: Readonly<Record<string, Disagreement>> = {
  'SCIM PATCH replace REPLACE: add a non object value to an object key': {
    why: 'RFC 7644 §3.12, table 9: invalidValue, since name is complex (RFC 7643 §4.1.1)',
    ours: { refused: 'invalidValue' },
  },
  'SCIM PATCH replace REPLACE: no record match was made, treatMissingAsAdd false': {
    why: entraCreates,
    ours: { changed: { surName: [{ primary: true, value: 'surname' }] } },
  },
  'SCIM PATCH replace REPLACE: empty array add filter type + field (Azure AD)': {
    why: entraCreates,
    ours: { changed: { addresses: [{ type: 'work', formatted: '1111 Street Rd' }] } },
  },
  'SCIM PATCH replace REPLACE: replace on multiValued objects without complete path': {
    why: 'RFC 7644 §3.5.2.3: without a filter, the attribute and all its values are replaced',
    ours: { changed: { emails: [{ newProperty: 'post' }] } },
  },
  'SCIM PATCH replace REPLACE: Replace op with value of empty object results in circular reference':
    {
      why: 'RFC 7644 §3.12, table 9: invalidValue, since emails.value is a string (RFC 7643 §8.7.1)',
      ours: { refused: 'invalidValue' },
    },
  'SCIM PATCH add ADD: impossible to add a non object value to an object key': {
    why: 'RFC 7644 §3.12, table 9: a value of the wrong type is invalidValue',
    ours: { refused: 'invalidValue' },
  },
  'SCIM PATCH add ADD: should not modify anything if element not found': {
    why: 'RFC 7644 §3.5.2.1: if the target location does not exist, attribute and value are added',
    ours: {
      changed: {
        name: {
          familyName: 'Parker',
          givenName: 'Peter',
          nestedArray: [
            { primary: true, value: 'value1' },
            { toto: true, newProperty1: 'toto' },
          ],
        },
      },
    },
  },
  'SCIM PATCH add ADD: Invalid filter operation': invalidFilter,
  "SCIM PATCH add ADD: on array attribute when 'path' is absent & value is array should append all values":
    {
      why: 'RFC 7644 §3.5.2: a value that becomes primary takes the mark from the others',
      ours: {
        changed: {
          emails: [
            spider,
            { ...batman, primary: false },
            { value: 'superman@superheroes.com', primary: true },
          ],
        },
      },
    },
  "SCIM PATCH add ADD: on array attribute when 'path' is absent & value is non-array should append the value":
    {
      why: 'RFC 7644 §3.5.2: a value that becomes primary takes the mark from the others',
      ours: { changed: { emails: [spider, { ...batman, primary: true }] } },
    },
  'SCIM PATCH remove REMOVE: with path and value but no array-field like exists': {
    why: 'RFC 7644 §3.5.2.2: remove has no value, and what is unassigned already may be removed',
    ours: { changed: {} },
  },
  'SCIM PATCH invalid requests INVALID: path filter invalid': invalidFilter,
  'SCIM PATCH invalid requests INVALID: path request missing': {
    why: 'RFC 7644 §3.12, table 9: a malformed path is invalidPath',
    ours: { refused: 'invalidPath' },
  },
  'SCIM PATCH invalid requests INVALID: search on a mono valued attribute': {
    why: 'RFC 7644 §3.5.2 and §3.12, table 9: a filter on an attribute of one value is invalidPath',
    ours: { refused: 'invalidPath' },
  },
  'SCIM PATCH invalid requests INVALID: invalid parameter in scim filter': invalidFilter,
}

describe.skipIf(!isThere)(`the patches that scim-patch recorded${note}`, () => {
  it('are all here, and those we disagree with too', () => {
    expect([patchCases.patch.length, patchCases.validate.length]).toEqual([96, 10])
    const titles = patchCases.patch.map(({ title }) => title)
    for (const title of Object.keys(patchDisagreements)) {
      expect(titles.filter((one) => one === title)).toHaveLength(1)
    }
  })

  it.each(patchCases.patch)('come out the same: $title', (one) => {
    const { title, resource, operations, result, error } = one
    const before = structuredClone(resource)
    const after = patched(resource, operations, userType)
    const theirs = result ?? { refused: error?.scimType }
    const disagreement = patchDisagreements[title]
    if (disagreement) {
      const { why, ours } = disagreement
      expect(after, why).toEqual('changed' in ours ? { ...before, ...ours.changed } : ours)
      expect(after).not.toEqual(theirs)
    } else {
      expect(after).toEqual(theirs)
    }
    expect(resource).toEqual(before)
  })

  it.each(patchCases.validate)('are taken or refused the same: $title', ({ body, ok }) => {
    const taken = outcome(() => parsePatch(body))
    expect(Array.isArray(taken)).toBe(ok)
  })
})

// scimmy: its filters are kept in a form of its own, which `text` writes down again.

type Expression = { readonly [name: string]: Json } | readonly Json[]

interface ScimmyPatch {
  readonly source: JsonObject
  readonly target: JsonObject
  readonly ops: readonly Json[]
}

interface Scimmy {
  readonly fixtures: {
    readonly 'types/filter.json': {
      readonly parse: Readonly<Record<string, readonly { readonly source: string }[]>>
      readonly match: {
        readonly source: readonly JsonObject[]
        readonly targets: Readonly<
          Record<
            string,
            readonly { readonly expression: Expression; readonly expected: readonly number[] }[]
          >
        >
      }
    }
    readonly 'messages/patchop.json': {
      readonly inbound: Readonly<Record<string, readonly ScimmyPatch[]>>
    }
  }
}

const scimmy = recorded<Scimmy>('scimmy-fixtures.json', {
  fixtures: {
    'types/filter.json': { parse: {}, match: { source: [], targets: {} } },
    'messages/patchop.json': { inbound: {} },
  },
}).fixtures

function text(expression: Expression): string {
  if (Array.isArray(expression)) {
    return expression.map((one) => `(${text(one as Expression)})`).join(' or ')
  }
  return Object.entries(expression)
    .map(([name, test]) => term(name, test))
    .join(' and ')
}

function term(name: string, test: Json): string {
  if (!Array.isArray(test)) {
    const members = Object.entries(test as JsonObject)
    if (members.length === 1) return members.map(([sub, one]) => term(`${name}.${sub}`, one)).join()
    return `${name}[${members.map(([sub, one]) => term(sub, one)).join(' and ')}]`
  }
  const [first, second, third] = test as readonly Json[]
  if (Array.isArray(first)) return test.map((one) => term(name, one as Json)).join(' and ')
  if (typeof first === 'object') return `${term(name, first)} and ${term(name, second as Json)}`
  if (first === 'np') return `not (${name} pr)`
  if (/^not$/i.test(String(first))) return `not (${term(name, (test as Json[]).slice(1))})`
  return second === undefined
    ? `${name} ${first}`
    : `${name} ${first} ${JSON.stringify(second)}${third ?? ''}`
}

const nothingAfter =
  'RFC 7644 §3.4.2.2, figure 1: nothing may follow a value path’s closing bracket'
const onlyJson =
  'RFC 7644 §3.4.2.2, figure 1: a value is a string in quotes, a number, true, false or null'

/** What scimmy reads and we refuse. */
const scimmyRefusals: Readonly<Record<string, string>> = {
  '-valid$Name eq -null': onlyJson,
  'value eq 123abc': onlyJson,
  'value eq 123abc5e4': onlyJson,
  'not eq pr': 'RFC 7644 §3.4.2.2, figure 1: what is negated stands in parentheses',
  'emails[type eq "work"] pr': nothingAfter,
  'emails[not type eq "work"] pr': nothingAfter,
  'emails[type eq "work"] co "A"': nothingAfter,
  'emails[not type eq "work"] co "A"': nothingAfter,
  'not emails[not type eq "work"] co "A"': nothingAfter,
  'userType eq "Employee" and emails[type eq "work" or primary eq true] pr': nothingAfter,
}

const userNameFolds = 'RFC 7643 §4.1.1: userName is case insensitive'
const scimmyMatches: Readonly<
  Record<string, { why: string; ours: readonly number[] | 'invalidFilter' }>
> = {
  'userName co "A"': { why: userNameFolds, ours: [1, 2, 4] },
  'userName co "A" and name.formatted co "a"': { why: userNameFolds, ours: [1, 2, 4] },
  '(date gt "2021-09-08") or (userName co "a")': { why: userNameFolds, ours: [1, 2, 4] },
  'userName un "AdeleV"': {
    why: 'RFC 7644 §3.4.2.2: an unknown operator is refused',
    ours: 'invalidFilter',
  },
}

const scimmyPatches: Readonly<Record<string, Disagreement>> = {
  'add 3': { why: onlyJson, ours: { refused: 'invalidFilter' } },
  'remove 3': {
    why: 'RFC 7643 §2.5: null is no value, so it chooses nothing; Entra ID sends it with every member',
    ours: { changed: { id: '1234', userName: 'asdf' } },
  },
  'remove 7': { why: onlyJson, ours: { refused: 'invalidFilter' } },
  'replace 1': {
    why: 'RFC 7644 §3.5.2.3: sub-attributes that are not specified are left unchanged',
    ours: {
      changed: { id: '1234', userName: 'asdf', name: { honorificPrefix: 'Mr', formatted: 'Test' } },
    },
  },
}

describe.skipIf(!isThere)(`the fixtures of scimmy${note}`, () => {
  const { parse, match } = scimmy['types/filter.json']
  const sources = Object.values(parse).flatMap((list) => list.map(({ source }) => source))
  const targets = Object.values(match.targets).flat()
  const patches = Object.entries(scimmy['messages/patchop.json'].inbound).flatMap(([op, list]) =>
    list.map((one, index) => ({ name: `${op} ${index}`, ...one })),
  )

  it('are all here, and those we disagree with too', () => {
    expect([sources.length, targets.length, patches.length]).toEqual([56, 59, 18])
    expect(sources).toEqual(expect.arrayContaining(Object.keys(scimmyRefusals)))
    const written = targets.map(({ expression }) => text(expression))
    expect(written).toEqual(expect.arrayContaining(Object.keys(scimmyMatches)))
    const names = patches.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(scimmyPatches)))
  })

  it.each(sources)('have filters that we read: %s', (source) => {
    const read = outcome(() => parseFilter(source))
    const expected = scimmyRefusals[source]
      ? { refused: 'invalidFilter' }
      : { op: expect.any(String) }
    expect(read, scimmyRefusals[source] ?? '').toMatchObject(expected)
  })

  it.each(targets.map((one) => ({ ...one, filter: text(one.expression) })))(
    'have filters that match the same: $filter',
    ({ filter, expected }) => {
      const found = outcome(() => {
        const read = parseFilter(filter)
        return match.source.filter((one) => matches(read, one, userType)).map(({ id }) => id)
      })
      const disagreement = scimmyMatches[filter]
      if (disagreement) expect(found).not.toEqual(expected)
      const ours = disagreement?.ours ?? expected
      expect(found, disagreement?.why ?? '').toEqual(
        typeof ours === 'string' ? { refused: ours } : ours,
      )
    },
  )

  it.each(patches)(
    'have patches that come out the same: $name',
    ({ name, source, target, ops }) => {
      const after = patched(source, ops, 'members' in source ? groupType : userType)
      const disagreement = scimmyPatches[name]
      if (disagreement) {
        const { why, ours } = disagreement
        expect(after, why).toEqual('changed' in ours ? ours.changed : ours)
        expect(after).not.toEqual(target)
      } else {
        expect(after).toEqual(target)
      }
    },
  )
})

// The RFCs' own examples.

const { samples } = recorded<{ readonly samples: Readonly<Record<string, JsonObject>> }>(
  'rfc7643-7644-samples.json',
  { samples: {} },
)
const sample = (name: string): JsonObject => structuredClone(samples[name] ?? {})
const sampled = (name: string, resource: JsonObject, type: ResourceType) =>
  applyPatch(resource, parsePatch(sample(`rfc7644-3.5.2.${name}`)), type)

/** What of RFC 7643 §8.7.1 our table says otherwise. */
const tableDifferences: Readonly<Record<string, { why: string; ours: Partial<Attribute> }>> = {
  'manager.$ref': {
    why: 'RFC 7643 §4.3 has it RECOMMENDED, and clients send the id alone',
    ours: { required: false },
  },
}

describe.skipIf(!isThere)(`the examples of RFC 7643 and 7644${note}`, () => {
  it.each([
    ['rfc7643-8.7.1-schema-user', userType.schema],
    ['rfc7643-8.7.1-schema-group', groupType.schema],
    ['rfc7643-8.7.1-schema-enterprise_user', userType.extensions[0]],
  ] as const)('have the attributes of our table: %s', (name, schema) => {
    const { id, attributes } = sample(name) as unknown as { id: string; attributes: Attribute[] }
    expect(schema?.id).toBe(id)
    expect(schema?.attributes.map((one) => one.name)).toEqual(attributes.map((one) => one.name))
    const compare = (theirs: readonly Attribute[], ours: readonly Attribute[], parent: string) => {
      for (const { description: _, subAttributes = [], ...expected } of theirs) {
        const own = attributeNamed(ours, expected.name)
        const difference = tableDifferences[`${parent}${expected.name}`]
        if (difference) expect(own, difference.why).not.toMatchObject(withoutEmpty(expected))
        expect(own).toMatchObject({ ...withoutEmpty(expected), ...difference?.ours })
        expect(own?.subAttributes?.length ?? 0).toBe(subAttributes.length)
        compare(subAttributes, own?.subAttributes ?? [], `${expected.name}.`)
      }
    }
    compare(attributes, schema?.attributes ?? [], '')
  })

  it.each(['8.1-user-minimal', '8.2-user-full', '8.3-enterprise_user', '8.4-group'])(
    'come through a PATCH as they are, but for what is read-only: %s',
    (name) => {
      const { id, meta, groups, ...rest } = sample(`rfc7643-${name}`)
      expect(id && meta).toBeTruthy()
      const [type, expected] =
        name === '8.4-group' ? [groupType, withoutDisplay(rest)] : [userType, rest]
      const after = applyPatch(
        {},
        [{ op: 'add', value: { id, meta, groups, ...rest } as JsonObject }],
        type,
      )
      expect(after).toEqual(withoutManagerName(expected))
      expect(
        withAttributes(sample(`rfc7643-${name}`), undefined, undefined, type),
      ).not.toHaveProperty('password')
    },
  )

  it('have a search whose filter we read', () => {
    const { filter } = sample('rfc7644-3.4.3-search_request')
    expect(parseFilter(String(filter))).toEqual({
      op: 'sw',
      attrPath: 'displayName',
      compValue: 'smith',
    })
  })

  it('have a partial representation', () => {
    const known = sample('rfc7644-3.4.1-user-known-resource')
    expect(known).toHaveProperty('name')
    expect(withAttributes(known, ['userName'], undefined, userType)).toEqual(
      sample('rfc7644-3.9-user-partial_response'),
    )
  })

  it('have patches for groups', () => {
    const group = sample('rfc7643-8.4-group')
    const values = (resource: JsonObject) =>
      ((resource.members ?? []) as readonly JsonObject[]).map(({ value }) => value)
    const there = values(group)
    expect(there).toHaveLength(2)
    expect(values(sampled('1-patch_op-add_members', group, groupType))).toEqual(there)
    expect(sampled('2-patch_op-remove_all_members', group, groupType)).not.toHaveProperty('members')
    const elsewhere = (value: string) => ({ ...group, members: [{ value }, { value: 'x' }] })
    expect(
      values(
        sampled(
          '2-patch_op-remove_and_add_one_member',
          elsewhere('2819c223...919d-413861904646'),
          groupType,
        ),
      ),
    ).toEqual(['x', '08e1d05d...473d93df9210'])
    expect(
      values(
        sampled(
          '2-patch_op-remove_one_member',
          elsewhere('2819c223-7f76-...413861904646'),
          groupType,
        ),
      ),
    ).toEqual(['x'])
    expect(values(sampled('3-patch_op-replace_all_members', elsewhere('y'), groupType))).toEqual([
      '2819c223-7f76-453a-919d-413861904646',
      '08e1d05d-121c-4561-8b96-473d93df9210',
    ])
  })

  it('have patches for users', () => {
    const user = sample('rfc7643-8.2-user-full')
    const list = (resource: JsonObject, name: string) => resource[name] as readonly JsonObject[]
    const added = sampled('1-patch_op-add_emails', user, userType)
    expect(added).toEqual({ ...user, nickName: 'Babs' })
    expect(
      list(sampled('2-patch_op-remove_multi_complex_value', user, userType), 'emails'),
    ).toEqual([{ value: 'babs@jensen.org', type: 'home' }])
    expect(list(sampled('3-patch_op-replace_all_email_values', user, userType), 'emails')).toEqual([
      { value: 'bjensen@example.com', type: 'work', primary: true },
      { value: 'babs@jensen.org', type: 'home' },
    ])
    const street = sampled('3-patch_op-replace_street_address', user, userType)
    expect(list(street, 'addresses')[0]).toEqual({
      ...list(user, 'addresses')[0],
      streetAddress: '1010 Broadway Ave',
    })
    const work = sampled('3-patch_op-replace_user_work_address', user, userType)
    expect(list(work, 'addresses')[0]).toMatchObject({
      streetAddress: '911 Universal City Plaza',
      primary: true,
    })
    expect(list(work, 'addresses')[1]).toEqual(list(user, 'addresses')[1])
  })
})

const withoutEmpty = (traits: object): object =>
  Object.fromEntries(
    Object.entries(traits).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  )

const withoutDisplay = (group: JsonObject): JsonObject => ({
  ...group,
  members: (group.members as readonly JsonObject[]).map(({ display: _, ...member }) => member),
})

function withoutManagerName(user: JsonObject): JsonObject {
  const enterprise = user[enterpriseUserUrn] as JsonObject | undefined
  if (!enterprise) return user
  const { displayName: _, ...manager } = enterprise.manager as JsonObject
  return { ...user, [enterpriseUserUrn]: { ...enterprise, manager } }
}

// What Entra ID and Okta document, request by request, with nothing but the pure parts.

interface Step {
  readonly method: string
  readonly path: string
  readonly body?: JsonObject
  readonly expectStatus: number
  readonly expectBody?: JsonObject
  readonly expectAbsent?: readonly string[]
  readonly expectMembers?: readonly string[]
  readonly expectType?: Readonly<Record<string, string>>
  readonly save?: string
}
interface Flows {
  readonly tests: readonly { readonly description: string; readonly steps: readonly Step[] }[]
}
const flows = ['entra-documented-flows.json', 'okta-documented-flows.json'].flatMap((file) =>
  recorded<Flows>(file, { tests: [] }).tests.map((test) => ({ ...test, file })),
)

/** A service that only remembers. */
class Memory {
  readonly #ids = new Map<string, string>()
  readonly #resources = new Map<string, JsonObject>()

  /** What a step is answered; undefined for what the pure parts know nothing of. */
  answer({ method, path, body, save, expectStatus }: Step): JsonObject | undefined {
    const url = new URL(this.filled(path), 'https://kith.example')
    const [, collection = '', id = ''] = url.pathname.split('/')
    const type = resourceTypes.find(({ endpoint }) => endpoint === `/${collection}`)
    if (!type || expectStatus >= 400) return undefined
    if (method === 'GET' && id === '') return this.#found(url.searchParams.get('filter'), type)
    if (method === 'GET') {
      const excluded = attributeList(url.searchParams.get('excludedAttributes') ?? '')
      return withAttributes(this.#resources.get(id) ?? {}, undefined, excluded, type)
    }
    if (method === 'DELETE') this.#resources.delete(id)
    if (!body) return undefined
    return this.#write(method, id, this.filled(body), type, save)
  }

  filled<T>(value: T): T {
    return JSON.parse(
      JSON.stringify(value).replace(
        /\{\{(\w+)\}\}/g,
        (_, name: string) => this.#ids.get(name) ?? '?',
      ),
    ) as T
  }

  #found(filter: string | null, type: ResourceType): JsonObject | undefined {
    if (filter === null) return undefined
    const read = parseFilter(filter)
    const all = [...this.#resources.values()].filter(
      ({ meta }) => (meta as JsonObject).resourceType === type.name,
    )
    const found = all.filter((one) => matches(read, one, type))
    return { totalResults: found.length, Resources: found }
  }

  #write(
    method: string,
    old: string,
    body: JsonObject,
    type: ResourceType,
    save: string | undefined,
  ) {
    const id = old || `id-${this.#resources.size + 1}`
    const bare: JsonObject = { id, meta: { resourceType: type.name } }
    const resource =
      method === 'PATCH'
        ? applyPatch(this.#resources.get(id) ?? bare, parsePatch(body), type)
        : applyPatch(bare, [{ op: 'add', value: body }], type)
    this.#resources.set(id, resource)
    if (save) this.#ids.set(save, id)
    return resource
  }
}

describe.skipIf(!isThere)(`the flows that Entra ID and Okta document${note}`, () => {
  it('are all here', () => {
    expect(flows).toHaveLength(17)
  })

  it.each(flows)('come out as they expect: $file, $description', ({ steps }) => {
    const memory = new Memory()
    for (const step of steps) {
      const answer = memory.answer(step)
      if (answer) expectAnswer(answer, step, memory)
    }
  })
})

function expectAnswer(answer: JsonObject, step: Step, memory: Memory): void {
  const { method, expectBody = {}, expectAbsent = [], expectType = {}, expectMembers } = step
  // What the envelopes say is the routes' to answer.
  const { schemas: _, startIndex: __, itemsPerPage: ___, ...body } = memory.filled(expectBody)
  expect(answer).toMatchObject(body)
  if (method === 'GET') for (const name of expectAbsent) expect(answer).not.toHaveProperty(name)
  for (const [name, type] of Object.entries(expectType)) expect(typeof answer[name]).toBe(type)
  const members = (answer.members ?? []) as readonly JsonObject[]
  const ids = members.map(({ value }) => value)
  if (expectMembers) expect(ids).toEqual(memory.filled(expectMembers))
}
