import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { speaks } from '../../../test/speaks.ts'
import {
  type Question,
  testSecret,
  type ViewerName,
  type World,
  world,
} from '../../../test/world.ts'
import { memoryStore } from '../../store/memory.ts'
import { house } from './index.ts'
import { HousePerson, Problem } from './schema.ts'

speaks(house, {
  person: HousePerson,
  error: Problem,
  missing: 404,
  unacceptable: 406,
  malformed: { path: '/api/v1/people/ada', status: 400 },
  allow: 'GET, HEAD, PATCH, DELETE',
})

/** Asks below our own prefix. */
const asking =
  (one: World) =>
  (as: ViewerName, method: string, path: string, body?: unknown, headers = {}) =>
    one.ask(house, `/api/v1${path}`, {
      ...({ as, method } satisfies Question),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

const ada = `/people/${cast.ada.id}`

describe('people', () => {
  it('are told in the record’s own words, without its bookkeeping', async () => {
    const { body } = await asking(await world())('self', 'GET', ada)
    expect(body).toMatchObject({
      userName: 'canary.username',
      relations: { self: true, administrator: false },
      notifications: cast.ada.notifications,
      avatar: cast.ada.avatar,
    })
    for (const name of ['version', 'touched', 'presence', 'createdById', 'externalId']) {
      expect(body).not.toHaveProperty(name)
    }
    expect(body.emails[0]).not.toHaveProperty('normalized')
  })

  it('are made by administrators, found at the address that is told, changed and deleted', async () => {
    const ask = asking(await world())
    const made = await ask('admin', 'POST', '/people', {
      userName: 'grace',
      emails: [{ value: 'grace@navy.example', primary: true }],
      phones: [{ value: '+1 408 526 7209', type: 'work' }],
    })
    expect(made.status).toBe(201)
    const { id } = made.body
    expect(made.headers.location).toBe(`https://people.example/api/v1/people/${id}`)
    const read = await ask('admin', 'GET', `/people/${id}`)
    expect([read.body, read.headers.etag]).toEqual([made.body, made.headers.etag])
    expect(read.body).toMatchObject({
      displayName: 'grace',
      phones: [{ e164: '+14085267209', verified: false }],
    })

    const patch = { title: 'Admiral', socialLinks: { twitter: '@grace' }, phones: null }
    const changed = await ask('admin', 'PATCH', `/people/${id}`, patch)
    expect(changed.body).toMatchObject({ title: 'Admiral', socialLinks: { twitter: '@grace' } })
    expect(changed.body).not.toHaveProperty('phones')
    expect(changed.body.emails).toEqual(made.body.emails)

    const gone = await ask('admin', 'DELETE', `/people/${id}`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await ask('admin', 'GET', `/people/${id}`)).status).toBe(404)
  })

  it('take a whole answer back without a change', async () => {
    const one = await world()
    const ask = asking(one)
    for (const as of ['self', 'admin'] as const) {
      const { body, headers } = await ask(as, 'GET', ada)
      const answer = await ask(as, 'PATCH', ada, body, { 'if-match': headers.etag ?? '' })
      expect([answer.status, answer.body]).toEqual([200, body])
    }
    expect((await one.store.people.byId(cast.ada.id))?.person.version).toBe(1)
  })

  it('keep an address that is respelt, and let nobody call it verified but administrators', async () => {
    const ask = asking(await world())
    const [first] = (await ask('self', 'GET', ada)).body.emails
    const respelt = { emails: [{ id: first.id, value: 'new@ada.example', primary: true }] }
    const { body } = await ask('self', 'PATCH', ada, respelt)
    expect(body.emails).toMatchObject([
      { id: first.id, value: 'new@ada.example', verified: false, createdAt: first.createdAt },
    ])
    const verified = { emails: [{ ...respelt.emails[0], verified: true }] }
    expect((await ask('self', 'PATCH', ada, verified)).status).toBe(403)
    expect((await ask('admin', 'PATCH', ada, verified)).body.emails[0].verified).toBe(true)
  })

  it.each([
    ['a field that there is not', { nick: 'x' }, '#/nick'],
    ['what is given out', { createdAt: '2020-01-01T00:00:00.000Z' }, '#/createdAt'],
    ['another type', { emails: [{ value: 7 }] }, '#/emails/0/value'],
    ['an address that is none', { emails: [{ value: 'x' }] }, '#/emails/0/value'],
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, '#/timeZone'],
    ['nobody’s name', { displayName: null }, '#/displayName'],
    [
      'an address of nobody’s',
      { emails: [{ id: cast.ada.id, value: 'a@b.example' }] },
      '#/emails/0/id',
    ],
  ])('refuse %s, and say where', async (_, patch, pointer) => {
    const { status, body, headers } = await asking(await world())('admin', 'PATCH', ada, patch)
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json'])
    expect(body.errors).toMatchObject([{ pointer }])
  })

  it('are written over by nobody who has not seen what is there', async () => {
    const ask = asking(await world())
    const { headers } = await ask('self', 'GET', ada)
    const stale = { 'if-match': headers.etag ?? '' }
    expect((await ask('self', 'PATCH', ada, { title: 'One' }, stale)).status).toBe(200)
    expect((await ask('self', 'PATCH', ada, { title: 'Two' }, stale)).status).toBe(412)
    expect((await ask('admin', 'DELETE', ada, undefined, stale)).status).toBe(412)
    expect((await ask('self', 'GET', ada)).body.title).toBe('One')
  })

  it('are listed page by page, each once, to whoever may know of them', async () => {
    const one = await world({
      ada: { ...cast.ada, audiences: { existence: 'nobody' } },
    })
    const walk = async (as: ViewerName) => {
      const ids: string[] = []
      let path: string | undefined = '/people?limit=3'
      while (path !== undefined) {
        const { status, body, headers } = await asking(one)(as, 'GET', path)
        expect(status).toBe(200)
        ids.push(...body.items.map(({ id }: { id: string }) => id))
        path = /<https:\/\/people\.example\/api\/v1([^>]*)>; rel="next"/.exec(
          headers.link ?? '',
        )?.[1]
      }
      expect(new Set(ids).size).toBe(ids.length)
      return ids
    }
    const [admin, colleague] = [await walk('admin'), await walk('colleague')]
    expect(admin).toContain(cast.ada.id)
    expect(colleague).toEqual(admin.filter((id) => id !== cast.ada.id))
  })

  it('are found by what the caller may see alone', async () => {
    const ask = asking(await world())
    const found = async (as: ViewerName, query: string) =>
      (await ask(as, 'GET', `/people?${query}`)).body.items.map(({ id }: { id: string }) => id)
    for (const query of [
      'q=canarydis',
      'email=CANARY.mail@ada-canary.example',
      'userName=Canary.Username',
    ]) {
      expect(await found('colleague', query)).toEqual([cast.ada.id])
    }
    expect(await found('admin', 'externalId=canary-external')).toEqual([cast.ada.id])
    expect(await found('colleague', 'externalId=canary-external')).toEqual([])
    const { id: organizationId } = cast.organizations.home
    const email = 'email=canary.mail@ada-canary.example'
    expect(await found('managingAdmin', `${email}&organizationId=${organizationId}`)).toEqual([
      cast.ada.id,
    ])
    expect(await found('outsider', `${email}&organizationId=${organizationId}`)).toEqual([])
  })

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=x',
    'emial=x',
    'email=',
    'q=%2B',
    'type=x',
    'userName=a&userName=b',
    'organizationId=1',
  ])('are not listed for ?%s', async (query) => {
    const { status, body } = await asking(await world())('admin', 'GET', `/people?${query}`)
    expect([status, body.errors]).toMatchObject([400, [{ parameter: /^\w+/.exec(query)?.[0] }]])
  })

  it('are oneself at /me, and nobody to a service', async () => {
    const ask = asking(await world())
    expect((await ask('self', 'GET', '/me')).body).toEqual((await ask('self', 'GET', ada)).body)
    expect((await ask('self', 'PATCH', '/me', { title: 'New' })).body.title).toBe('New')
    expect((await ask('service', 'GET', '/me')).status).toBe(404)
  })

  it('are not for others to write, whoever there is', async () => {
    const ask = asking(await world())
    const missing = '/people/00000000-0000-4000-8000-000000000000'
    for (const as of ['colleague', 'outsider', 'service'] as const) {
      const [there, not] = [
        await ask(as, 'PATCH', ada, { title: 'x' }),
        await ask(as, 'PATCH', missing, { title: 'x' }),
      ]
      expect([there.status, there.text]).toEqual([403, not.text])
      expect((await ask(as, 'POST', '/people', { userName: 'x' })).status).toBe(403)
    }
    expect((await ask('self', 'PATCH', ada, { department: 'x' })).status).toBe(403)
    expect((await ask('admin', 'PATCH', ada, { flags: { owner: true } })).status).toBe(403)
  })
})

describe('a create with an Idempotency-Key', () => {
  const key = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' }
  const creates = [
    ['/people', { userName: 'grace' }],
    ['/groups', { name: 'Navy' }],
    ['/keys', { service: 'sync' }],
  ] as const

  it.each(creates)('at %s is done once, and told again as it is', async (path, body) => {
    const one = await world()
    const ask = asking(one)
    const first = await ask('admin', 'POST', path, body, key)
    const again = await ask('admin', 'POST', path, body, key)
    const { secret: _, ...told } = first.body
    expect([first.status, again.status, again.body]).toEqual([201, 201, told])
    expect(again.headers.location).toBe(first.headers.location)
  })

  it.each(creates)('at %s with another body is refused', async (path, body) => {
    const ask = asking(await world())
    await ask('admin', 'POST', path, body, key)
    const other = await ask(
      'admin',
      'POST',
      path,
      { ...body, role: undefined, name: 'B', userName: 'b' },
      key,
    )
    if (other.status !== 400) expect(other.body.type).toBe('urn:problem-type:kith:key-reused')
    const elsewhere = await ask('admin', 'POST', '/people', { userName: 'other' }, key)
    expect(elsewhere.status).toBe(422)
    // Another caller's key is another's word.
    expect((await ask('owner', 'POST', '/people', { userName: 'other' }, key)).status).toBe(201)
  })

  it('is done once by many at the same time', async () => {
    const one = await world()
    const ask = asking(one)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('admin', 'POST', '/groups', { name: 'Navy' }, key)),
    )
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true)
    const ids = answers.filter(({ status }) => status === 201).map(({ body }) => body.id)
    expect(new Set(ids).size).toBe(1)
  })

  it('is done once by two processes on one store', async () => {
    const store = memoryStore(testSecret)
    const ones = [asking(await world({ store })), asking(await world({ store, furnished: true }))]
    const answers = await Promise.all(
      ones.map((ask) => ask('admin', 'POST', '/people', { userName: 'grace' }, key)),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    expect(answers[0]?.body.id).toBe(answers[1]?.body.id)
  })

  it('is done anew after a day', async () => {
    let now = cast.testNow
    const ask = asking(await world({ now: () => now }))
    const make = async () => (await ask('admin', 'POST', '/keys', { service: 'sync' }, key)).body.id
    const first = await make()
    now += 86_400_000 - 1
    expect(await make()).toBe(first)
    now += 1
    expect(await make()).not.toBe(first)
  })

  it.each(['""', '"a', 'a,b', 'x'.repeat(256), '"ü"'])('that is %s is refused', async (name) => {
    const headers = { 'idempotency-key': name }
    const { status, body } = await asking(await world())(
      'admin',
      'POST',
      '/keys',
      { service: 's' },
      headers,
    )
    expect([status, body.errors?.[0]?.header]).toEqual([400, 'Idempotency-Key'])
  })
})

describe('groups', () => {
  const group = `/groups/${cast.groups[0].group.id}`

  it('are made, changed, joined, left and deleted by administrators', async () => {
    const ask = asking(await world())
    const { id } = cast.askers.colleague
    const made = await ask('admin', 'POST', '/groups', { name: 'Navy', members: [cast.ada.id] })
    expect([made.status, made.body.members.map((one: { id: string }) => one.id)]).toEqual([
      201,
      [cast.ada.id],
    ])
    const path = `/groups/${made.body.id}`
    const members = { joining: [id], leaving: [cast.ada.id] }
    const changed = await ask(
      'admin',
      'PATCH',
      path,
      { description: 'Ships', members },
      { 'if-match': made.headers.etag ?? '' },
    )
    expect(changed.body).toMatchObject({ description: 'Ships', members: [{ kind: 'person', id }] })
    expect(
      (await ask('admin', 'PATCH', path, { name: 'x' }, { 'if-match': made.headers.etag ?? '' }))
        .status,
    ).toBe(412)
    expect((await ask('colleague', 'PATCH', path, { name: 'x' })).status).toBe(403)
    expect((await ask('admin', 'DELETE', path)).status).toBe(204)
    expect((await ask('admin', 'GET', path)).status).toBe(404)
  })

  it('are of one’s own organization, with those in them whom one may know of', async () => {
    const one = await world({ ada: { ...cast.ada, audiences: { work: 'nobody' } } })
    const ask = asking(one)
    expect((await ask('admin', 'GET', group)).body.members).toHaveLength(1)
    expect((await ask('colleague', 'GET', group)).body.members).toEqual([])
    expect((await ask('outsider', 'GET', group)).status).toBe(404)
    expect((await ask('outsider', 'GET', '/groups')).body.items).toEqual([])
    const { items } = (await ask('colleague', 'GET', '/groups?name=canary')).body
    expect(items).toMatchObject([{ name: 'Canary & Group' }])
  })

  it('take in nobody from elsewhere, and say so', async () => {
    const { status, body } = await asking(await world())('admin', 'PATCH', group, {
      members: { joining: [cast.askers.outsider.id] },
    })
    expect([status, body.errors[0].pointer]).toEqual([400, '#/members'])
  })
})
