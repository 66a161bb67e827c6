import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { crowded, nextOf, walks } from '../../../test/walks.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import { chakra } from './index.ts'
import { type ChakraListed, ChakraUsers } from './schema.ts'

const { ada, askers } = cast
const isList = Compile(ChakraUsers)

const idsIn = (body: unknown): string[] =>
  (body as { _data: ChakraListed[] })._data.map(({ id }) => id)

async function list(one: World, path: string, as: ViewerName) {
  const answer = await one.ask(chakra, path, { as })
  expect(answer.status).toBe(200)
  expect(isList.Errors(answer.body)).toEqual([])
  return answer
}

describe('chakra: the list of users', () => {
  it.each(['v1', 'v2'])('has in %s what the user has, but for three keys', async (version) => {
    const one = await world()
    for (const as of ['admin', 'self', 'colleague', 'service'] as const) {
      const { body } = await list(one, `/${version}/ext/users`, as)
      const listed = body._data.find(({ id }: ChakraListed) => id === ada.id)
      const alone = await one.ask(chakra, `/${version}/ext/user/${ada.id}`, { as })
      const { phones: _, emails: __, reportees: ___, ...rest } = alone.body._data
      expect(JSON.stringify(listed)).toBe(JSON.stringify(rest))
      expect(Object.keys(listed)).toHaveLength(25)
    }
  })

  it('tells in v2 the names of team and role', async () => {
    const one = await world()
    const of = async (path: string) =>
      (await list(one, path, 'admin')).body._data.find(({ id }: ChakraListed) => id === ada.id)
    expect(await of('/v1/ext/users')).toMatchObject({ team: ada.team?.id, role: ada.role?.id })
    expect(await of('/chakra/v2/ext/users/')).toMatchObject({
      ...{ team: 'Canary Team', role: 'Canary Role' },
    })
  })

  it('has everybody of the organization whom the caller may know of, and nobody else', async () => {
    const one = await world({ ada: { ...ada, audiences: { existence: 'nobody' } } })
    const seen = async (as: ViewerName) => idsIn((await list(one, '/v1/ext/users', as)).body)
    expect(await seen('admin')).toContain(ada.id)
    expect(await seen('colleague')).not.toContain(ada.id)
    expect(await seen('colleague')).toContain(cast.manager.id)
    expect(await seen('outsider')).not.toContain(cast.manager.id)
    for (const as of ['admin', 'colleague', 'outsider'] as const) {
      expect(await seen(as)).not.toContain(askers.deleted.id)
    }
  })

  it('tells nothing that the caller may not know', async () => {
    const one = await world()
    for (const as of cast.viewerNames) {
      const { text } = await list(one, '/v1/ext/users', as)
      for (const secret of cast.secretsFrom[as]) {
        // Of the others there is more to be seen than of Ada.
        if (!/^(a000000|Zz|zz|Group)/.test(secret)) expect(text).not.toContain(secret)
      }
    }
  })

  it.each([
    ['?page=0', 'page: must be a whole number from 1 to 9999999'],
    ['?page=x', 'page: must be a whole number from 1 to 9999999'],
    ['?page=99999999', 'page: must be a whole number from 1 to 9999999'],
    ['?limit=-1', 'limit: must be a whole number from 1 to 9999999'],
    ['?limit=1001', 'limit: a page has 1000 users at most'],
    ['?cursor=', 'cursor: is none of this server'],
    [`?cursor=${ada.id}.00`, 'cursor: is none of this server'],
  ])('refuses %s', async (query, message) => {
    const one = await world()
    const { status, body } = await one.ask(chakra, `/v1/ext/users${query}`, { as: 'admin' })
    expect([status, body]).toEqual([400, { _errors: [message] }])
  })
})

describe('chakra: pages', () => {
  walks(chakra, { first: '/v1/ext/users?limit=20', idsIn })
  walks(chakra, { first: '/chakra/v2/ext/users?limit=20&page=1', idsIn })

  it('are by number, too', async () => {
    const one = await world()
    await crowded(one, 30)
    const all = idsIn((await list(one, '/v1/ext/users', 'admin')).body)
    expect(all.length).toBeGreaterThan(30)
    const pages = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((page) => list(one, `/v1/ext/users?limit=10&page=${page}`, 'admin')),
    )
    expect(pages.flatMap(({ body }) => idsIn(body))).toEqual(all)
    expect(pages[5]?.headers).not.toHaveProperty('link')
    const beyond = await list(one, '/v1/ext/users?limit=1000&page=9999999', 'admin')
    expect(beyond.body).toEqual({ _data: [] })
  })

  it('link to the next with every parameter but the number', async () => {
    const one = await world()
    const { headers } = await list(one, '/v1/ext/users?page=2&limit=2&x=a%26b', 'admin')
    const path = nextOf(headers.link) ?? ''
    const next = new URL(path, 'https://people.example')
    const { cursor: _, ...others } = Object.fromEntries(next.searchParams)
    expect([next.pathname, others]).toEqual(['/v1/ext/users', { limit: '2', x: 'a&b' }])
    expect((await one.ask(chakra, path, { as: 'outsider' })).status).toBe(400)
  })

  it('have everybody when nothing is said, up to a thousand', async () => {
    const one = await world()
    await crowded(one, 1001)
    const { body, headers } = await list(one, '/v1/ext/users', 'colleague')
    expect(body._data).toHaveLength(1000)
    const rest = await list(one, nextOf(headers.link) ?? '', 'colleague')
    const all = [...idsIn(body), ...idsIn(rest.body)]
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(1001)
    expect(rest.headers).not.toHaveProperty('link')
  })
})

describe('chakra: config and health', () => {
  it('has the vendor’s keys, with the team that is the caller’s organization', async () => {
    const one = await world()
    const { status, body } = await one.ask(chakra, '/v1/ext/config', { as: 'colleague' })
    expect(status).toBe(200)
    expect(Object.keys(body._data)).toHaveLength(17)
    const { team, ...lists } = body._data
    expect(team).toEqual({ id: ada.organizationId, timezone: 'Asia/Singapore' })
    for (const one of Object.values(lists)) expect(one).toEqual([])
    expect((await one.ask(chakra, '/v1/ext/config')).status).toBe(401)
  })

  it('tells health to anybody, and nothing else', async () => {
    const one = await world()
    for (const path of ['/v1/health', '/v1/health/', '/chakra/v1/health']) {
      const { status, text } = await one.ask(chakra, path)
      expect([status, text]).toEqual([200, '{"_data":{"status":"ok"}}'])
    }
    expect((await one.ask(chakra, '/v1/health', { method: 'DELETE' })).status).toBe(405)
  })
})
