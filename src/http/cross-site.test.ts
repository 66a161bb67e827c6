import { beforeAll, describe, expect, it } from 'vitest'
import { credentialAt, type World, world } from '../../test/world.ts'
import { type Dialect, ok, patch, post, put, remove } from '../dialects/dialect.ts'
import { docspace } from '../dialects/docspace/index.ts'
import { spoken } from '../dialects/index.ts'

const path = '/api/2.0/written'
const handle = async () => ok({ done: true })

/** The vendor that takes keys in cookies, with something to write that is there in any case. */
const written: Dialect = {
  ...docspace,
  routes: [
    ...docspace.routes,
    ...[post(path, handle), put(path, handle), patch(path, handle), remove(path, handle)],
  ],
}

describe('a write with the key in a cookie', () => {
  let one: World
  let cookie: Record<string, string>
  beforeAll(async () => {
    one = await world({
      dialects: spoken.map((dialect) => (dialect === docspace ? written : dialect)),
    })
    cookie = credentialAt({ in: 'cookie', name: 'asc_auth_key' }, one.keys.self.secret)
  })

  const write = (headers: Record<string, string>, method = 'POST') =>
    one.ask(written, path, { method, headers, body: '{}' })
  const json = { 'content-type': 'application/json' }

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s is refused in the dialect’s words',
    async (method) => {
      const { status, body } = await write(
        { ...json, ...cookie, 'sec-fetch-site': 'cross-site' },
        method,
      )
      expect([status, body.error.message]).toEqual([
        403,
        'A request that writes with the key in a cookie alone must come from a page of this server; send the key in a header.',
      ])
    },
  )

  it.each([
    ['is of another site', { 'sec-fetch-site': 'cross-site' }],
    ['is of another origin', { 'sec-fetch-site': 'same-site' }],
    ['says so in a way that nobody knows', { 'sec-fetch-site': 'sideways' }],
    ['names another origin', { origin: 'https://evil.example' }],
    ['names another port', { origin: 'https://people.example:444' }],
    ['names another scheme', { origin: 'http://people.example' }],
    ['has no origin to name', { origin: 'null' }],
    [
      'names another origin although it is of ours',
      {
        ...{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
      },
    ],
    [
      'is of another site although it names ours',
      {
        ...{ 'sec-fetch-site': 'cross-site', origin: 'https://people.example' },
      },
    ],
    ['comes from another page', { referer: 'https://evil.example/?https://people.example/' }],
    ['comes from no page', { referer: 'about:blank' }],
    [
      'has an origin that its page has not',
      {
        ...{ origin: 'https://evil.example', referer: 'https://people.example/' },
      },
    ],
  ] as [string, Record<string, string>][])('is refused where the page %s', async (_, headers) => {
    expect((await write({ ...json, ...cookie, ...headers })).status).toBe(403)
  })

  it.each([
    ['its origin is ours', { origin: 'https://people.example' }],
    ['its page is ours', { referer: 'https://people.example/a/page?of=ours' }],
    ['the browser says that it is ours', { 'sec-fetch-site': 'same-origin' }],
    ['nobody’s page asked', { 'sec-fetch-site': 'none' }],
    ['nothing says where it comes from, and no form could send it', {}],
  ])('is done where %s', async (_, headers) => {
    expect((await write({ ...json, ...cookie, ...headers })).status).toBe(200)
  })

  it.each([
    'text/plain',
    'TEXT/PLAIN; charset=utf-8',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ])('is refused where nothing says where it comes from and a form could send %s', async (type) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await write({ ...cookie, 'content-type': type }, method)).status).toBe(403)
    }
  })

  it('is refused without a type where a form could send it', async () => {
    const bare = (method: string) => one.ask(written, path, { method, headers: cookie })
    expect((await bare('POST')).status).toBe(403)
    expect((await bare('DELETE')).status).toBe(200)
  })

  it('is looked at no further: the same with a key that is none', async () => {
    const headers = { cookie: 'asc_auth_key=wrong', origin: 'https://evil.example', ...json }
    expect((await write(headers)).status).toBe(403)
    expect((await write({ ...headers, origin: 'https://people.example' })).status).toBe(401)
  })

  it('is done wherever it comes from when the key is in a header too', async () => {
    const authorization = `Bearer ${one.keys.self.secret}`
    const far = { ...json, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await write({ ...far, authorization })).status).toBe(200)
    expect((await write({ ...far, authorization, ...cookie })).status).toBe(200)
    const other = { authorization: `Bearer ${one.keys.colleague.secret}` }
    expect((await write({ ...far, ...other, ...cookie })).status).toBe(401)
    expect((await write({ ...far, authorization, cookie: 'other=1' })).status).toBe(200)
  })

  it('leaves reads as they are', async () => {
    const headers = { ...cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await one.ask(docspace, one.pathOf(docspace), { headers })).status).toBe(200)
  })
})
