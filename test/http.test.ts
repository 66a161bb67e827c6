import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webex } from '../src/dialects/webex/index.ts'
import type { Footprint } from '../src/footprint/footprint.ts'
import { askingReader } from '../src/http/headers.ts'
import { networkOf } from '../src/http/log.ts'
import { memoryStore } from '../src/store/memory.ts'
import * as cast from './cast.ts'
import { testSecret, type World, world } from './world.ts'

describe('over a socket', () => {
  let one: World
  let port: number
  let path: string
  let authorization: string

  beforeAll(async () => {
    one = await world()
    await one.app.listen({ host: '127.0.0.1', port: 0 })
    port = (one.app.server.address() as AddressInfo).port
    path = one.pathOf(webex)
    authorization = `Bearer ${one.keys.colleague.secret}`
  })
  afterAll(() => one.app.close())

  /** All that comes back for those bytes until the server closes. */
  const exchange = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      let received = ''
      socket.setTimeout(5000, () => socket.destroy(new Error(`Silence after: ${received}`)))
      socket.on('data', (data) => {
        received += data
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(received))
    })
  const ask = (line: string, ...headers: string[]) =>
    exchange([line, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'))

  it('answers what is no HTTP with a bare 400, and a head that is too long with a bare 431', async () => {
    expect(await exchange('GARBAGE\r\n\r\n')).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    )
    const long = await ask(`GET ${path} HTTP/1.1`, `X: ${'x'.repeat(40_000)}`)
    expect(long).toBe(
      'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    )
  })

  it('drops the host of an absolute target', async () => {
    const answer = await ask(
      `GET http://evil.example${path} HTTP/1.1`,
      `Authorization: ${authorization}`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
    expect(answer).not.toContain('evil')
  })

  it('sees a second credential that Node would hide', async () => {
    const other = `Bearer ${one.keys.admin.secret}`
    const both = await ask(
      `GET ${path} HTTP/1.1`,
      `Authorization: ${authorization}`,
      `Authorization: ${other}`,
    )
    expect(both).toMatch(/^HTTP\/1.1 401/)
    const same = await ask(
      `GET ${path} HTTP/1.1`,
      `Authorization: ${authorization}`,
      `Authorization: ${authorization}`,
    )
    expect(same).toMatch(/^HTTP\/1.1 200/)
  })

  it.each(['PROPFIND', 'TRACE', 'M-SEARCH', 'OPTIONS', 'QUERY', 'LINK'])(
    'refuses %s in the dialect’s words',
    async (method) => {
      const answer = await ask(`${method} ${path} HTTP/1.1`)
      expect(answer).toMatch(/^HTTP\/1.1 405/)
      expect(answer).toContain('ROUTERGW_')
      expect(await ask(`${method} * HTTP/1.1`)).toMatch(/^HTTP\/1.1 404[\s\S]*problem\+json/)
    },
  )

  it('reads in spite of a body, of any length and kind', async () => {
    const body = '{"broken":'
    const answer = await exchange(
      [
        `GET ${path} HTTP/1.1`,
        'Host: x',
        `Authorization: ${authorization}`,
        'Connection: close',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    )
    expect(answer).toMatch(/^HTTP\/1.1 200/)
    const chunked = await exchange(
      [
        `GET ${path} HTTP/1.1`,
        'Host: x',
        `Authorization: ${authorization}`,
        'Connection: close',
        'Transfer-Encoding: chunked',
        '',
        '5',
        'hello',
        '0',
        '',
        '',
      ].join('\r\n'),
    )
    expect(chunked).toMatch(/^HTTP\/1.1 200/)
  })

  it('answers whatever is expected beside', async () => {
    const answer = await ask(`GET ${path} HTTP/1.1`, `Authorization: ${authorization}`, 'Expect: x')
    expect(answer).toMatch(/^HTTP\/1.1 200/)
  })

  it('answers one request after another on a connection', async () => {
    const request = [`GET ${path} HTTP/1.1`, 'Host: x', `Authorization: ${authorization}`]
    const answers = await exchange(
      [
        ...request,
        '',
        ...request,
        'Content-Length: 3',
        '',
        `abc${request[0]}`,
        ...request.slice(1),
        'Connection: close',
        '',
        '',
      ].join('\r\n'),
    )
    expect(answers.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3)
  })

  it('gives a HEAD the length of what a GET would have', async () => {
    const head = await ask(`HEAD ${path} HTTP/1.1`, `Authorization: ${authorization}`)
    const get = await ask(`GET ${path} HTTP/1.1`, `Authorization: ${authorization}`)
    const [heading = '', body = ''] = get.split('\r\n\r\n')
    const steady = (text: string) => text.replace(/date: .*\r\n/i, '').trimEnd()
    expect(steady(head)).toBe(steady(heading))
    expect(heading).toContain(`content-length: ${Buffer.byteLength(body)}`)
  })
})

describe('the server', () => {
  it('says that it lives, and whether it can answer', async () => {
    const store = memoryStore(testSecret)
    const one = await world({ store })
    for (const path of ['/healthz', '/readyz']) {
      const answer = await one.ask(webex, path)
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store'])
      const post = await one.ask(webex, path, { method: 'POST' })
      expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
    }
    Object.assign(store, { ready: () => Promise.reject(new Error('Gone')) })
    const broken = await one.ask(webex, '/readyz')
    expect([broken.status, broken.body.title]).toEqual([503, 'Service Unavailable'])
    expect((await one.ask(webex, '/healthz')).status).toBe(200)
  })

  it.each([
    '/',
    '/nothing',
    '/v1',
    '/v1/peoples',
    '/api',
    '/%',
    '/v1/people%2Fx',
    '//v1/people/x',
    '/v1//people',
  ])('answers %s, which is nobody’s path, with problem details', async (path) => {
    const { status, headers, body } = await (await world()).ask(webex, path)
    expect(status).toBe(404)
    expect(headers['content-type']).toBe('application/problem+json')
    expect(body).toEqual({ title: 'Not Found', status: 404, detail: 'Request path not found.' })
  })

  it('lets requests in flight end, and takes no more, when it closes', async () => {
    const store = memoryStore(testSecret)
    const one = await world({ store })
    await one.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = one.app.server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}${one.pathOf(webex)}`
    const headers = { authorization: `Bearer ${one.keys.colleague.secret}` }

    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const { byId } = store.people
    Object.assign(store.people, {
      byId: async (id: Parameters<typeof byId>[0]) => {
        enter()
        await gate
        return byId(id)
      },
    })
    const inFlight = fetch(url, { headers })
    await entered
    const closed = one.app.close()
    open()
    const answer = await inFlight
    expect(answer.status).toBe(200)
    expect(await answer.json()).toHaveProperty('displayName')
    await closed
    await expect(fetch(url, { headers })).rejects.toThrow()
  })

  it('closes although a client never ends its request', async () => {
    const one = await world()
    await one.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = one.app.server.address() as AddressInfo
    for (const half of [
      'GET / HTTP/1.1\r\nHost:',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab',
    ]) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await new Promise<void>((resolve) => socket.write(half, () => resolve()))
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    await one.app.close()
  })

  it('logs a client’s network, and believes about it only proxies that it trusts', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.77' }
    for (const [trustedProxies, client] of [
      [[], '127.0.0.0/24'],
      [['10.0.0.0/8'], '127.0.0.0/24'],
      [['127.0.0.1'], '203.0.113.0/24'],
    ] as const) {
      const { ask, logged } = await world({ trustedProxies })
      await ask(webex, '/v1/people/network-test', { headers })
      expect(logged.at(-1)?.client).toBe(client)
    }
    expect(networkOf('2001:db8:1234:5678::9')).toBe('2001:db8:1234::/48')
    expect(networkOf('::1')).toBe('::/48')
    expect(networkOf('192.0.2.7:4711')).toBe('192.0.2.0/24')
    expect(networkOf('[2001:db8:1::9]:4711')).toBe('2001:db8:1::/48')
    for (const odd of ['somebody@example.com', 'Ada Byron', '', '1.2.3', '1.2.3.4, x']) {
      expect(networkOf(odd)).toBe('unknown')
    }
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.0/24')
  })

  it('logs the route, never the path', async () => {
    const { ask, pathOf, logged } = await world()
    await ask(webex, `${pathOf(webex)}?secret=1`, { as: 'self' })
    const [line = {}] = logged
    expect(line).toMatchObject({ route: '/v1/people/:personId', status: 200, method: 'GET' })
    expect(Object.keys(line).sort()).toEqual([
      'client',
      'dialect',
      'level',
      'method',
      'ms',
      'requestId',
      'route',
      'status',
      'time',
    ])
  })
})

describe('kept answers', () => {
  it('are not given, nor is anything else, while nobody can tell what has changed', async () => {
    const store = memoryStore(testSecret)
    let broken = false
    const watch = {
      look() {
        if (broken) throw new Error('the disk of Ada')
      },
      get moment() {
        return store.watch.moment
      },
      stands: (footprint: Footprint, now: number) => store.watch.stands(footprint, now),
    }
    const { ask, pathOf, logged } = await world({ store: { ...store, watch } })
    const read = () => ask(webex, pathOf(webex), { as: 'self' })
    const [first, second] = [await read(), await read()]
    expect(second).toEqual(first)
    broken = true
    const third = await read()
    expect([third.status, third.headers.etag]).toEqual([503, undefined])
    expect(third.text).not.toContain('Ada')
    expect(logged.some(({ msg }) => msg === 'unavailable')).toBe(true)
    broken = false
    expect((await read()).text).toBe(first.text)
  })

  it('are logged, and their keys’ use noted, like any other', async () => {
    const { ask, pathOf, logged, door, store, keys } = await world()
    const read = () => ask(webex, pathOf(webex), { as: 'self' })
    await read()
    await door.flush()
    const { id } = keys.self.key
    await store.keys.used(new Map([[id, '2001-01-01T00:00:00.000Z']]))
    await read()
    await door.flush()
    expect((await store.keys.holderById(id))?.key.lastUsedAt).toMatch(/^2026/)
    const [first, second] = logged.slice(-2)
    const { ms: _, requestId: __, time: ___, ...line } = first ?? {}
    expect(second).toMatchObject(line)
    expect(second?.requestId).not.toBe(first?.requestId)
  })

  it('are made anew where somebody who was asked for is not shown, there or not', async () => {
    const store = memoryStore(testSecret)
    const asked: string[] = []
    const { byIds } = store.people
    Object.assign(store.people, {
      byIds: (...of: Parameters<typeof byIds>) => {
        asked.push('byIds')
        return byIds(...of)
      },
    })
    const hidden = { ...cast.reportee, audiences: { existence: 'nobody' as const } }
    const { ask } = await world({ store, others: [hidden] })
    const read = (...ids: string[]) =>
      ask(webex, `/v1/people?id=${ids.join()}`, { as: 'colleague' })
    const queries = async (...ids: string[]) => {
      await read(...ids)
      asked.length = 0
      await read(...ids)
      return asked.length
    }
    expect(await queries(cast.ada.id)).toBe(0)
    expect(await queries(cast.ada.id, hidden.id)).toBe(1)
    expect(await queries(cast.ada.id, '00000000-0000-4000-8000-000000000000')).toBe(1)
  })

  it('are not looked for by headers of any length', async () => {
    const { ask, pathOf } = await world()
    const accept = `application/json, ${'x'.repeat(20_000)}/x`
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(webex, pathOf(webex), { as: 'self', headers: { accept } })
      expect(answer.status).toBe(200)
    }
    const asking = askingReader([webex])
    const of = (...rawHeaders: string[]) =>
      asking({ rawHeaders, socket: {} } as unknown as IncomingMessage)
    expect(of('Accept', accept, 'If-None-Match', '"a"')).toEqual({
      asked: undefined,
      ifNoneMatch: '"a"',
    })
    expect(of('Accept', 'a').asked).toBe(of('accept', 'a').asked)
    expect(of('X-Other', 'a').asked).toBe('')
    expect(of('Accept', 'a', 'Authorization', 'b').asked).not.toBe(of('Authorization', 'a').asked)
  })

  it('are looked for by what a request itself says, whatever came before it on its connection', () => {
    const asking = askingReader([webex])
    const socket = {}
    const on = (place: object, ...rawHeaders: string[]) =>
      asking({ rawHeaders, socket: place } as unknown as IncomingMessage)
    const requests = [
      ['Authorization', 'one', 'User-Agent', 'a'],
      ['Authorization', 'one', 'User-Agent', 'b'],
      ['Authorization', 'two', 'User-Agent', 'b'],
      ['Authorization', 'two', 'Accept', 'b'],
      ['Authorization', 'two', 'Accept', 'b', 'If-None-Match', '"a"'],
      ['Authorization', 'two', 'Accept', 'b', 'If-None-Match', '"b"'],
      ['Authorization', 'two', 'If-None-Match', '"b"', 'If-None-Match', '"c"'],
      ['Authorization', 'two', 'If-None-Match', '"b"', 'Accept', '"c"'],
      ['Authorization', 'two', 'If-None-Match', '"b"', 'Accept', '"c"', 'Authorization', 'one'],
      ['Authorization', 'one'],
      ['X-Authorization', 'one'],
      ['User-Agent', 'x'.repeat(8_000)],
      [],
    ]
    for (const request of [...requests, ...requests.toReversed()]) {
      expect(on(socket, ...request), request.join()).toEqual(on({}, ...request))
    }
  })
})
