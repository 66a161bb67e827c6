import assert from 'node:assert/strict'

// A strict client of DocSpace's people API, written from what is known of the vendor's wire and from nothing of ours:
// whatever is not exactly as it is known there is an error.

/** A refusal, as it is told. */
class DocSpaceRefusal extends Error {
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

export interface WirePerson {
  readonly id: string
  readonly displayName: string
  readonly status: number
  readonly [field: string]: unknown
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly total: number
}

type Check = (value: unknown, at: string) => void
type Query = Readonly<Record<string, string | number | boolean>>

export class DocSpaceClient {
  readonly #origin: string
  readonly #token: string

  constructor(origin: string, token: string) {
    this.#origin = origin
    this.#token = token
  }

  authentication = () => this.#one('GET', '/authentication', isTrue)
  self = () => this.#person('GET', '/people/@self', selfFields)
  person = (id: string) => this.#person('GET', `/people/${encodeURIComponent(id)}`)
  byEmail = (email: string) => this.#person('GET', `/people/email${queried({ email })}`)
  exists = (email: string) => this.#one('GET', `/people/exists${queried({ email })}`, isExistence)
  people = (query: Query = {}) => this.#list(`/people${queried(query)}`, isPerson)
  filter = (query: Query) => this.#list(`/people/filter${queried(query)}`, isPerson)
  simple = (query: Query) => this.#list(`/people/simple/filter${queried(query)}`, isShort)
  search = (query: string) => this.#list(`/people/search${queried({ query })}`, isShort)
  searchFull = (text: string) => this.#list(`/people/@search/${encodeURIComponent(text)}`, isPerson)
  byStatus = (status: string | number) => this.#list(`/people/status/${status}`, isPerson)

  add = (body: object) => this.#person('POST', '/people', [], body)
  update = (id: string, body: object) => this.#person('PUT', `/people/${id}`, [], body)
  culture = (id: string, cultureName: string) =>
    this.#person('PUT', `/people/${id}/culture`, [], { cultureName })
  remove = (id: string) => this.#person('DELETE', `/people/${id}`)
  setStatus = (status: string | number, userIds: readonly string[]) =>
    this.#several(`/people/status/${status}`, userIds)
  setType = (type: string | number, userIds: readonly string[]) =>
    this.#several(`/people/type/${type}`, userIds)

  groups = (query: Query = {}) => this.#list(`/group${queried(query)}`, isGroup)
  group = (id: string) => this.#one('GET', `/group/${id}`, isGroup)
  groupsOf = async (id: string) => {
    const { response, count } = await this.#ask('GET', `/group/user/${id}`)
    assert.ok(Array.isArray(response))
    assert.equal(count, response.length)
    response.forEach((one, at) => void isGroupSummary(one, `response[${at}]`))
    return response
  }
  addGroup = (body: object) => this.#one('POST', '/group', isGroup, body)
  removeGroup = async (id: string) => {
    const { response, count } = await this.#ask('DELETE', `/group/${id}`)
    assert.deepEqual([response, count], [undefined, 0])
  }

  async #person(
    method: string,
    path: string,
    more: readonly string[] = [],
    body?: object,
  ): Promise<WirePerson> {
    const check: Check = (value, at) => isPersonWith(value, at, more)
    return (await this.#one(method, path, check, body)) as WirePerson
  }

  async #one(method: string, path: string, check: Check, body?: object): Promise<unknown> {
    const { response, count, total } = await this.#ask(method, path, body)
    assert.deepEqual([count, total], [1, undefined])
    check(response, 'response')
    return response
  }

  async #list(path: string, check: Check): Promise<Page<WirePerson>> {
    const { response, count, total } = await this.#ask('GET', path)
    assert.ok(Array.isArray(response))
    assert.equal(count, response.length)
    assert.ok(Number.isSafeInteger(total) && total >= response.length)
    response.forEach((one, at) => void check(one, `response[${at}]`))
    return { items: response, total }
  }

  async #several(path: string, userIds: readonly string[]): Promise<readonly WirePerson[]> {
    const { response, count } = await this.#ask('PUT', path, { userIds })
    assert.ok(Array.isArray(response))
    assert.equal(count, response.length)
    response.forEach((one, at) => void isPerson(one, `response[${at}]`))
    return response
  }

  /** @throws DocSpaceRefusal, or AssertionError for what is not the vendor's */
  async #ask(method: string, path: string, body?: object) {
    const url = `${this.#origin}/api/2.0${path}`
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (answer.status === 401) {
      assert.equal(text, '')
      throw new DocSpaceRefusal(401, '')
    }
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
    const whole = JSON.parse(text)
    assert.equal(text, JSON.stringify(whole), 'compact')
    assert.equal(whole.statusCode, answer.status)
    if (answer.status !== 200) throw refusalFrom(whole)
    const order = ['response', 'count', 'total', 'links', 'status', 'statusCode']
    assert.deepEqual(
      Object.keys(whole),
      order.filter((key) => key in whole),
    )
    assert.equal(whole.status, 0)
    assert.deepEqual(whole.links, [{ href: url, action: method }])
    return whole
  }
}

function refusalFrom(whole: {
  readonly error?: { readonly message: string }
  readonly response?: { readonly errors: object }
  readonly status: number
  readonly statusCode: number
}): DocSpaceRefusal {
  assert.equal(whole.status, 1)
  if (whole.response) {
    const { response } = whole
    const keys = ['type', 'title', 'status', 'errors', 'traceId']
    assert.deepEqual(Object.keys(response), keys)
    assert.deepEqual(Object.keys(whole), ['response', 'count', 'links', 'status', 'statusCode'])
    return new DocSpaceRefusal(whole.statusCode, Object.keys(response.errors).join())
  }
  assert.deepEqual(Object.keys(whole), ['error', 'status', 'statusCode'])
  const error = whole.error ?? { message: '' }
  assert.deepEqual(Object.keys(error), ['message', 'type', 'stack', 'hresult'])
  return new DocSpaceRefusal(whole.statusCode, error.message)
}

const queried = (query: Query): string => {
  const text = new URLSearchParams(Object.entries(query).map(([name, one]) => [name, String(one)]))
  return text.size > 0 ? `?${text}` : ''
}

// Shapes.

const text: Check = (value, at) => assert.equal(typeof value, 'string', at)
const flag: Check = (value, at) => assert.equal(typeof value, 'boolean', at)
const number: Check = (value, at) => assert.equal(typeof value, 'number', at)
const like =
  (pattern: RegExp): Check =>
  (value, at) =>
    assert.match(String(value), pattern, at)
const among =
  (...values: readonly unknown[]): Check =>
  (value, at) =>
    assert.ok(values.includes(value), at)
const listOf =
  (check: Check): Check =>
  (value, at) => {
    assert.ok(Array.isArray(value) && value.length > 0, at)
    value.forEach((one, index) => void check(one, `${at}[${index}]`))
  }

const uuid = like(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const moment = like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}(Z|[+-]\d\d:\d\d)$/)
const picture = like(/^(\/|https:\/\/pictures\.example\/)/)
const absolute = like(/^https?:\/\//)
const isTrue: Check = (value, at) => assert.equal(value, true, at)

/** Fields in the vendor's order; those with `?` may be left out, and null is none of them. */
type Shape = readonly (readonly [name: string, check: Check])[]

function held(value: unknown, at: string, shape: Shape): void {
  assert.ok(typeof value === 'object' && value !== null, at)
  const names = shape.map(([name]) => name.replace('?', ''))
  const given = Object.keys(value)
  assert.deepEqual(
    given,
    names.filter((name) => given.includes(name)),
    `${at}: fields and their order`,
  )
  for (const [name, check] of shape) {
    const field = name.replace('?', '')
    const own = (value as Record<string, unknown>)[field]
    if (own === undefined) assert.ok(name.endsWith('?'), `${at}.${field} is missing`)
    else check(own, `${at}.${field}`)
  }
}

const shape =
  (fields: Shape): Check =>
  (value, at) =>
    held(value, at, fields)

const shortFields: Shape = [
  ['id', uuid],
  ['displayName', text],
  ['title?', text],
  ['avatar', picture],
  ['avatarOriginal', picture],
  ['avatarMax', picture],
  ['avatarMedium', picture],
  ['avatarSmall', picture],
  ['profileUrl', absolute],
  ['hasAvatar', flag],
  ['isAnonim', flag],
]
const isShort = shape(shortFields)
const isGroupSummary = shape([
  ['id', text],
  ['name', text],
  ['manager?', text],
])

const selfFields = ['theme', 'loginEventId'] as const

const fields: Shape = [
  ['firstName?', text],
  ['lastName?', text],
  ['userName?', text],
  ['email?', text],
  [
    'contacts?',
    listOf(
      shape([
        ['type', text],
        ['value', text],
      ]),
    ),
  ],
  ['birthday?', moment],
  ['sex?', among('male', 'female')],
  ['status', among(1, 2, 4)],
  ['activationStatus', among(0, 1, 2, 4)],
  ['terminated?', moment],
  ['department?', text],
  ['workFrom?', moment],
  ['groups?', listOf(isGroupSummary)],
  ['location?', text],
  ['notes?', text],
  ['isAdmin', flag],
  ['isRoomAdmin', flag],
  ['isLDAP', flag],
  ['listAdminModules?', listOf(text)],
  ['isOwner', flag],
  ['isVisitor', flag],
  ['isCollaborator', flag],
  ['cultureName?', text],
  ['mobilePhone?', text],
  ['mobilePhoneActivationStatus', among(0, 1)],
  ['isSSO', flag],
  ['theme?', among('Base', 'Dark', 'System')],
  ['quotaLimit?', number],
  ['usedSpace?', number],
  ['shared?', flag],
  ['isCustomQuota?', flag],
  ['loginEventId?', number],
  ['createdBy?', isShort],
  ['registrationDate', moment],
  ...shortFields,
]

/** What is told of oneself alone is told nowhere else. */
const isPersonWith = (value: unknown, at: string, more: readonly string[]): void => {
  held(value, at, fields)
  for (const field of selfFields) {
    if (!more.includes(field)) assert.ok(!(field in (value as object)), `${at}.${field}`)
  }
}
const isPerson: Check = (value, at) => isPersonWith(value, at, [])

const isExistence = shape([
  ['exists', flag],
  ['status?', among(1, 2, 4)],
])

const isGroup = shape([
  ['name', text],
  ['category', uuid],
  ['id', uuid],
  ['isLDAP', flag],
  ['members?', (value, at) => (value as unknown[]).forEach((one) => void isPerson(one, at))],
  ['membersCount', number],
])
