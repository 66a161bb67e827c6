import assert from 'node:assert/strict'

// A strict client of ChakraHQ's users, over HTTP: it takes nothing but what the description of the vendor's wire says.

type Wire = Record<string, unknown>

/** An answer that is no success, with what the envelope says. */
export class ChakraRefusal extends Error {
  readonly status: number

  constructor(status: number, errors: readonly string[]) {
    super(errors.join('; '))
    this.status = status
  }
}

const emailKeys = [
  'id',
  'createdAt',
  'updatedAt',
  'email',
  'normalizedEmail',
  'type',
  'isVerified',
  'user',
]
const phoneKeys = ['id', 'phone', 'normalizedPhone', 'type', 'isVerified', 'user']
const userKeys = [
  ...['phones', 'emails', 'id', 'createdAt', 'updatedAt', 'username', 'firstName', 'lastName'],
  ...['middleName', 'displayName', 'gender', 'dob', 'bio', 'profileImageUrl', 'coverImageUrl'],
  ...['timezone', 'data', 'onboardingData', 'isActive', 'isDeleted', 'deletedAt'],
  ...['availabilityStatus', 'team', 'role', 'primaryEmail', 'primaryPhone', 'profile', 'reportees'],
]
const leftOutOfLists = ['phones', 'emails', 'reportees']
const texts = [
  ...['username', 'firstName', 'lastName', 'middleName', 'displayName', 'gender', 'bio'],
  ...['profileImageUrl', 'coverImageUrl', 'timezone', 'team', 'role'],
]
const times = ['createdAt', 'updatedAt']

export function chakraClient(origin: string, token: string) {
  async function ask(path: string, init: RequestInit = {}) {
    const response = await fetch(origin + path, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...init.headers,
      },
    })
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const body = (await response.json()) as Wire
    if (response.status !== 200) throw refusalFrom(response.status, body)
    assert.deepEqual(Object.keys(body), ['_data'])
    return { data: body._data, response }
  }

  const user = async (path: string, init?: RequestInit) => userFrom((await ask(path, init)).data)

  return {
    user: (id: string) => user(`/v1/ext/user/${id}`),
    humanized: (id: string) => user(`/v2/ext/user/${id}`),
    update: (method: 'PUT' | 'PATCH', id: string, change: Wire) =>
      user(`/v1/ext/user/${id}`, { method, body: JSON.stringify(change) }),
    users: (version: 'v1' | 'v2') => list(`/${version}/ext/users`),
    /** Page by page, as far as the links lead. */
    async everybody(limit: number) {
      const all: Wire[] = []
      let path: string | undefined = `/v1/ext/users?limit=${limit}`
      while (path) {
        const { data, response } = await ask(path)
        const page = listFrom(data)
        assert.ok(page.length <= limit)
        all.push(...page)
        const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
        path = next?.slice(origin.length)
      }
      return all
    },
    async config() {
      const { data } = await ask('/v1/ext/config')
      return data as Wire
    },
    async health() {
      const response = await fetch(`${origin}/v1/health`)
      await response.body?.cancel()
      return response.status
    },
  }

  async function list(path: string) {
    return listFrom((await ask(path)).data)
  }
}

function refusalFrom(status: number, body: Wire): ChakraRefusal {
  assert.deepEqual(Object.keys(body), ['_errors'])
  const errors = body._errors
  assert.ok(Array.isArray(errors) && errors.length > 0)
  for (const error of errors) assert.equal(typeof error, 'string')
  return new ChakraRefusal(status, errors as string[])
}

function listFrom(data: unknown): Wire[] {
  assert.ok(Array.isArray(data))
  const kept = userKeys.filter((key) => !leftOutOfLists.includes(key))
  return data.map((one) => checked(one as Wire, kept))
}

function userFrom(data: unknown): Wire {
  const user = checked(data as Wire, userKeys)
  for (const phone of user.phones as unknown[]) assert.equal(typeof phone, 'string')
  for (const email of user.emails as Wire[]) checkEmail(email, user)
  for (const reportee of user.reportees as unknown[]) assert.match(String(reportee), uuid)
  return user
}

function checked(user: Wire, keys: readonly string[]): Wire {
  assert.deepEqual(Object.keys(user), keys)
  assert.match(String(user.id), uuid)
  for (const key of texts) assert.ok(user[key] === null || typeof user[key] === 'string', key)
  for (const key of times) assert.ok(Number.isInteger(user[key]), key)
  for (const key of ['dob', 'deletedAt'])
    assert.ok(user[key] === null || Number.isInteger(user[key]))
  for (const key of ['isActive', 'isDeleted']) assert.equal(typeof user[key], 'boolean', key)
  assert.ok(
    [null, 'AVAILABLE', 'BUSY', 'AWAY', 'OFFLINE'].includes(user.availabilityStatus as null),
  )
  if (user.primaryEmail !== null) checkEmail(user.primaryEmail as Wire, user)
  if (user.primaryPhone !== null) {
    const phone = user.primaryPhone as Wire
    assert.deepEqual(Object.keys(phone), phoneKeys)
    assert.equal(phone.user, user.id)
  }
  assert.equal(user.profile, null)
  return user
}

function checkEmail(email: Wire, user: Wire): void {
  assert.deepEqual(Object.keys(email), emailKeys)
  assert.equal(email.user, user.id)
  for (const key of times) assert.ok(Number.isInteger(email[key]), key)
  assert.equal(typeof email.email, 'string')
  assert.equal(typeof email.isVerified, 'boolean')
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
