import { describe, expect, it } from 'vitest'
import { credential, testSecret, type World, world } from '../../test/world.ts'
import { newSecret } from '../access/key.ts'
import { docspace } from '../dialects/docspace/index.ts'
import { house } from '../dialects/house/index.ts'
import { dialects, spoken } from '../dialects/index.ts'
import { scim } from '../dialects/scim/index.ts'
import { webex } from '../dialects/webex/index.ts'
import { Failure } from '../failure.ts'
import { memoryStore } from '../store/memory.ts'
import { sourceOf } from './client.ts'
import { Gate } from './gate.ts'

const start = Date.parse('2026-03-04T05:06:07.000Z')

/** A world whose clock is moved by hand, in milliseconds. */
async function timed(options: Parameters<typeof world>[0]) {
  const clock = { at: start }
  return { clock, one: await world({ now: () => clock.at, ...options }) }
}

const limitsOf = (limit: number) => Object.fromEntries(spoken.map(({ name }) => [name, limit]))

describe('a key’s limit', () => {
  it.each(spoken)('is told in the words of $product', async (dialect) => {
    const { one, clock } = await timed({ limits: { [dialect.name]: 2 } })
    const read = (as: 'self' | 'colleague') => one.ask(dialect, one.pathOf(dialect), { as })
    const [first, second, third] = [await read('self'), await read('self'), await read('self')]
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429])
    expect(third.headers['retry-after']).toBe('30')
    const { status, body, headers } = await one.ask(dialect, `${one.pathOf(dialect)}/no/such`)
    expect(status).toBe(404)
    expect(Object.keys(third.body)).toEqual(Object.keys(body))
    expect(third.headers['content-type']).toBe(headers['content-type'])
    expect(third.headers.etag).toBeUndefined()

    expect((await read('colleague')).status).toBe(200)
    clock.at += 30_000
    expect((await read('self')).status).toBe(200)
    clock.at += 29_500
    expect((await read('self')).headers['retry-after']).toBe('1')
  })

  it('is for each dialect by itself, and off unless it is set', async () => {
    const { one } = await timed({ limits: { webex: 1, rinkel: 0 } })
    for (const dialect of dialects) {
      const read = () => one.ask(dialect, one.pathOf(dialect), { as: 'self' })
      const statuses = [(await read()).status, (await read()).status, (await read()).status]
      expect(statuses).toEqual(dialect === webex ? [200, 429, 429] : [200, 200, 200])
    }
  })

  it('counts answers that are kept, that the caller has already, and that are refusals', async () => {
    const { one } = await timed({ limits: { webex: 4 } })
    const read = (path: string, headers = {}) => one.ask(webex, path, { as: 'self', headers })
    const { headers } = await read(one.pathOf(webex))
    await read(one.pathOf(webex))
    const same = await read(one.pathOf(webex), { 'if-none-match': headers.etag })
    expect(same.status).toBe(304)
    expect((await read('/v1/people/nobody')).status).toBe(404)
    expect((await read(one.pathOf(webex), { 'if-none-match': headers.etag })).status).toBe(429)
    expect((await read(one.pathOf(webex))).status).toBe(429)
  })

  it('counts a heartbeat once, whether or not it is one as before', async () => {
    const { one, clock } = await timed({ limits: { house: 1 } })
    const statuses: number[] = []
    for (let beat = 0; beat < 5; beat += 1) {
      const path = '/api/v1/me/heartbeat'
      statuses.push((await one.ask(house, path, { as: 'self', method: 'POST' })).status)
      clock.at += beat % 2 ? 60_000 : 20 * 60_000
    }
    expect(statuses).toEqual([204, 204, 204, 204, 204])
  })

  it('is shared by a key and the access tokens that were given for it', async () => {
    const { one } = await timed({ limits: limitsOf(1) })
    const { key, secret } = one.keys.owner
    const granted = await one.ask(scim, '/oauth/token', {
      ...{ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      body: `grant_type=client_credentials&client_id=${key.id}&client_secret=${secret}`,
    })
    const authorization = `Bearer ${granted.body.access_token}`
    const read = (headers: Record<string, string>) => one.ask(scim, '/scim/v2/Schemas', { headers })
    expect((await read({ authorization })).status).toBe(200)
    expect((await read(credential(scim, secret))).status).toBe(429)
  })

  it('is told on each of DocSpace’s answers, and by none of the others', async () => {
    const { one, clock } = await timed({ limits: limitsOf(2) })
    const told = async (path: string) => {
      const { headers } = await one.ask(docspace, path, { as: 'self' })
      return ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`])
    }
    const seconds = start / 1000
    expect(await told(one.pathOf(docspace))).toEqual(['2', '1', String(seconds + 30)])
    expect(await told(one.pathOf(docspace))).toEqual(['2', '0', String(seconds + 60)])
    expect(await told(one.pathOf(docspace))).toEqual(['2', '0', String(seconds + 60)])
    clock.at += 30_000
    expect(await told('/api/2.0/people/nobody')).toEqual(['2', '0', String(seconds + 90)])
    const webexes = await one.ask(webex, one.pathOf(webex), { as: 'self' })
    expect(Object.keys(webexes.headers).filter((name) => /limit/.test(name))).toEqual([])
  })

  it('is told by our own API as the IETF has it', () => {
    const count = { limit: 100, left: 99, whole: 600, now: 0 }
    expect(house.tellAllowance?.(count)).toEqual({
      'ratelimit-policy': '"key";q=100;w=60',
      ratelimit: '"key";r=99;t=1',
    })
  })
})

describe('failed credentials', () => {
  const wrong = () => credential(webex, newSecret())
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const options = { failureLimit: 3, trustedProxies: ['127.0.0.1'] }

  async function fail(one: World, times: number, address = '192.0.2.1') {
    const statuses: number[] = []
    for (let time = 0; time < times; time += 1) {
      const headers = { ...wrong(), ...from(address) }
      statuses.push((await one.ask(webex, one.pathOf(webex), { headers })).status)
    }
    return statuses
  }

  it('are so many a minute from each address, and then nothing is looked up', async () => {
    const store = memoryStore(testSecret)
    const { holderByHash } = store.keys
    let lookups = 0
    Object.assign(store.keys, {
      holderByHash: (hash: string) => {
        lookups += 1
        return holderByHash(hash)
      },
    })
    const { one, clock } = await timed({ ...options, store })
    expect(await fail(one, 5)).toEqual([401, 401, 401, 429, 429])
    expect(lookups).toBe(3)
    expect(await fail(one, 1, '192.0.2.2')).toEqual([401])
    clock.at += 20_000
    expect(await fail(one, 2)).toEqual([401, 429])
  })

  it.each(spoken)('are told that they are too many in the words of $product', async (dialect) => {
    const { one } = await timed({ failureLimit: 1 })
    const ask = () =>
      one.ask(dialect, one.pathOf(dialect), { headers: credential(dialect, newSecret()) })
    expect((await ask()).status).toBe(401)
    const { status, headers, text } = await ask()
    expect([status, headers['retry-after']]).toEqual([429, '60'])
    expect(text).toContain('Too many requests; try again in 60 seconds.')
  })

  it('lock out nobody whose key was good before, from wherever they ask', async () => {
    const { one } = await timed(options)
    const read = (as: 'self' | 'colleague', address: string) =>
      one.ask(webex, `${one.pathOf(webex)}?${Math.random()}`, { as, headers: from(address) })
    expect((await read('self', '192.0.2.9')).status).toBe(200)
    await fail(one, 3)
    expect((await read('self', '192.0.2.1')).status).toBe(200)
    expect((await read('colleague', '192.0.2.1')).status).toBe(429)
    expect((await read('colleague', '192.0.2.2')).status).toBe(200)
    expect((await read('colleague', '192.0.2.1')).status).toBe(200)
  })

  it('count against a key that is good no more, once', async () => {
    const { one } = await timed(options)
    const read = () => one.ask(webex, one.pathOf(webex), { as: 'self', headers: from('192.0.2.1') })
    expect((await read()).status).toBe(200)
    await fail(one, 3)
    const key = { ...one.keys.self.key, revokedAt: '2026-03-04T05:06:07.000Z' }
    await one.store.commit([{ kind: 'key', key }], 'test', key.revokedAt)
    expect([(await read()).status, (await read()).status]).toEqual([401, 429])
  })

  it('are none where there is no credential at all', async () => {
    const { one } = await timed(options)
    for (let time = 0; time < 9; time += 1) {
      const { status } = await one.ask(webex, one.pathOf(webex), { headers: from('192.0.2.1') })
      expect(status).toBe(401)
    }
    expect(await fail(one, 1)).toEqual([401])
  })

  it('are also a wrong id and secret for an access token', async () => {
    const { one } = await timed(options)
    const token = (id: string, secret: string) =>
      one.ask(scim, '/oauth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...from('192.0.2.1') },
        body: `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`,
      })
    const { key, secret } = one.keys.owner
    expect((await token(key.id, secret)).status).toBe(200)
    for (let time = 0; time < 3; time += 1)
      expect((await token(key.id, newSecret())).status).toBe(401)
    const { status, headers } = await token(key.id, newSecret())
    expect([status, headers['retry-after']]).toEqual([429, '20'])
    expect((await token(key.id, secret)).status).toBe(200)
    expect(await fail(one, 1)).toEqual([429])
  })

  it('are those of one client where they come from one /64', () => {
    expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe(sourceOf('[2001:0DB8:1:2::9]:443'))
    expect(sourceOf('2001:db8:1:2::')).not.toBe(sourceOf('2001:db8:1:3::'))
    expect(sourceOf('::1')).toBe('0:0:0:0::/64')
    expect(sourceOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(sourceOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(sourceOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(sourceOf('192.0.2.7:4711')).toBe('192.0.2.7')
    for (const odd of ['', 'unknown', 'ada@example.com', '1.2.3', '1.2.3.4, x']) {
      expect(sourceOf(odd)).toBe('unknown')
    }
  })
})

describe('credentials of one address that come all at once', () => {
  const bad = new Failure('unauthenticated', 'no')
  const soon = () => new Promise<void>((resolve) => setImmediate(resolve))

  it('are no more tried than if they came one by one', async () => {
    const gate = new Gate({ requests: {}, failures: 3 }, () => start)
    let tries = 0
    const codes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        gate
          .tried('address', `bad ${index}`, async () => {
            tries += 1
            await soon()
            throw bad
          })
          .catch((error: Failure) => error.code),
      ),
    )
    expect([tries, codes.filter((code) => code === 'too_many_requests').length]).toEqual([3, 47])
    expect(await gate.tried('another', 'good', async () => 'let in')).toBe('let in')
  })

  it('are all let in where they are good, however few may fail', async () => {
    const gate = new Gate({ requests: {}, failures: 2 }, () => start)
    let most = 0
    let now = 0
    const values = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        gate.tried('address', `good ${index}`, async () => {
          now += 1
          most = Math.max(most, now)
          await soon()
          now -= 1
          return index
        }),
      ),
    )
    expect([values.length, most]).toEqual([50, 2])
  })

  it('do not wait where they were good before', async () => {
    const gate = new Gate({ requests: {}, failures: 1 }, () => start)
    await gate.tried('address', 'known', async () => 1)
    const slow = Promise.withResolvers<number>()
    const first = gate.tried('address', 'slow', () => slow.promise)
    expect(await gate.tried('address', 'known', async () => 2)).toBe(2)
    slow.resolve(3)
    expect(await first).toBe(3)
  })
})
