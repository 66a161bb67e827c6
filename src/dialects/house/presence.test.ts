import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Question, type ViewerName, type World, world } from '../../../test/world.ts'
import type { Signals } from '../../presence/presence.ts'
import { house } from './index.ts'

const { ada } = cast
const own = '/api/v1/me/presence'
const hers = `/api/v1/people/${ada.id}/presence`
const nobody = '00000000-0000-4000-8000-000000000000'

const inMinutes = (minutes: number) => new Date(cast.testNow + minutes * 60_000).toISOString()
const here = { firstLoginAt: inMinutes(-9999), lastActivityAt: inMinutes(-1) }

const read = async (one: World, as: ViewerName, path = hers) =>
  (await one.ask(house, path, { as })).body

const write = (
  one: World,
  as: ViewerName,
  method: string,
  body: unknown,
  { path = hers, headers = {} }: { path?: string; headers?: Question['headers'] } = {},
) =>
  one.ask(house, path, {
    ...{ as, method, headers: { 'content-type': 'application/json', ...headers } },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const signalsOf = async (one: World): Promise<Signals | undefined> =>
  (await one.store.people.byId(ada.id, { presence: true }))?.signals

/** All of an answer but when it was. */
const told = ({
  status,
  headers: { date: _, ...headers },
  text,
}: Awaited<ReturnType<typeof write>>) => ({ status, headers, text })

describe('presence', () => {
  it('is read by whom it is for, what was said of it by the person and administrators alone', async () => {
    const meeting = { engagement: 'meeting' as const, engagedUntil: inMinutes(30) }
    const outOfOffice = { from: inMinutes(60), until: inMinutes(90) }
    const one = await world({ adaSignals: { ...here, ...meeting, outOfOffice } })
    const shown = {
      id: ada.id,
      state: 'meeting',
      until: inMinutes(30),
      lastActivityAt: inMinutes(-1),
    }
    const status = { type: 'meeting', until: inMinutes(30) }
    for (const as of ['self', 'admin', 'owner', 'managingAdmin'] as const) {
      expect(await read(one, as)).toEqual({ ...shown, status, outOfOffice })
    }
    for (const as of ['colleague', 'service'] as const) expect(await read(one, as)).toEqual(shown)
    expect(await read(one, 'self', own)).toEqual({ ...shown, status, outOfOffice })
  })

  it('answers as its schema says', async () => {
    const one = await world({ adaSignals: { ...here, away: {}, outOfOffice: {} } })
    for (const { path, method, told } of house.routes) {
      const schema = told?.answers[200]
      if (method !== 'GET' || !schema || !path.includes('presence')) continue
      const query = path === '/presence' ? `?ids=${ada.id}` : ''
      const address = `/api/v1${path.replace(':id', ada.id)}${query}`
      const { status, body } = await one.ask(house, address, { as: 'self' })
      expect([path, status, Compile(schema).Errors(body)]).toEqual([path, 200, []])
    }
  })

  it('that may not be seen is as that of nobody, to the byte', async () => {
    for (const audiences of [{ presence: 'nobody' }, { existence: 'nobody' }] as const) {
      const one = await world({ ada: { ...ada, audiences } })
      for (const as of ['colleague', 'outsider', 'service'] as const) {
        const hidden = await one.ask(house, hers, { as })
        const absent = await one.ask(house, hers.replace(ada.id, nobody), { as })
        expect(hidden.status).toBe(404)
        expect(told(hidden)).toEqual(told(absent))
        const [both, none] = await Promise.all(
          [`${ada.id},${nobody}`, `${nobody},${nobody.replace('4', '5')}`].map((ids) =>
            one.ask(house, `/api/v1/presence?ids=${ids}`, { as }),
          ),
        )
        expect(both?.body).toEqual({ items: [] })
        expect(both && told(both)).toEqual(none && told(none))
      }
      expect((await read(one, 'self')).state).toBe('active')
    }
    const one = await world()
    expect((await one.ask(house, hers, { as: 'outsider' })).status).toBe(404)
  })

  it('of several is told in the order asked for, each once, without those who may not be seen', async () => {
    const hidden = { ...cast.manager, audiences: { presence: 'nobody' as const } }
    const one = await world({ others: [hidden] })
    const ids = [cast.creator.id, hidden.id, nobody, ada.id.toUpperCase(), cast.creator.id]
    const { status, body } = await one.ask(house, `/api/v1/presence?ids=${ids}`, {
      as: 'colleague',
    })
    expect(status).toBe(200)
    expect(body.items).toEqual([
      { id: cast.creator.id, state: 'pending' },
      { id: ada.id, state: 'active', lastActivityAt: cast.adaSignals.lastActivityAt },
    ])
  })

  it.each([
    ['', 'ids: must be 1 to 100'],
    ['?ids=', 'ids: must be a UUID, not ""'],
    [`?ids=${ada.id},x`, 'ids: must be a UUID, not "x"'],
    [`?ids=${Array.from({ length: 101 }, () => ada.id)}`, 'ids: must be 1 to 100'],
  ])('of several is refused where the ids are %s', async (query, detail) => {
    const one = await world()
    const answer = await one.ask(house, `/api/v1/presence${query}`, { as: 'colleague' })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(detail)
  })

  it('of nobody in person is not there', async () => {
    const one = await world()
    for (const [method, path] of [
      ['GET', own],
      ['DELETE', own],
      ['POST', '/api/v1/me/heartbeat'],
    ] as const) {
      const { status, body } = await one.ask(house, path, { as: 'service', method })
      expect([method, status, body.detail]).toEqual([
        method,
        404,
        'This key is a service’s, which is nobody in person',
      ])
    }
  })
})

describe('a status', () => {
  it.each(['doNotDisturb', 'away', 'call', 'meeting', 'presenting'])(
    '%s holds until its end, and takes the place of the one before',
    async (type) => {
      const clock = { now: cast.testNow }
      const one = await world({
        now: () => clock.now,
        adaSignals: { ...here, doNotDisturb: {}, away: {}, engagement: 'call' },
      })
      // 5:15:07 in UTC, nine minutes from now.
      const until = '2026-03-04T06:15:07.000+01:00'
      const { status, body } = await write(one, 'self', 'PATCH', { status: { type, until } })
      const utc = inMinutes(9)
      expect([status, body]).toEqual([
        200,
        {
          ...{ id: ada.id, state: type, until: utc, lastActivityAt: inMinutes(0) },
          status: { type, until: utc },
        },
      ])
      clock.now = Date.parse(utc) - 1
      expect((await read(one, 'colleague')).state).toBe(type)
      clock.now += 1
      expect(await read(one, 'self')).toEqual({
        ...{ id: ada.id, state: 'active', lastActivityAt: inMinutes(0) },
      })
    },
  )

  it('is changed by PATCH where it is named, and taken back where it is null', async () => {
    const one = await world({ adaSignals: here })
    const outOfOffice = { from: inMinutes(60) }
    await write(one, 'self', 'PATCH', { status: { type: 'away' } })
    const both = await write(one, 'self', 'PATCH', { outOfOffice })
    expect(both.body).toMatchObject({ state: 'away', status: { type: 'away' }, outOfOffice })
    const rest = await write(one, 'self', 'PATCH', { status: null })
    expect(rest.body).toEqual({
      ...{ id: ada.id, state: 'active', lastActivityAt: inMinutes(0), outOfOffice },
    })
  })

  it('is replaced whole by PUT, and taken back with the absence by DELETE', async () => {
    const one = await world({ adaSignals: { ...here, outOfOffice: {}, away: {} } })
    const put = await write(one, 'self', 'PUT', { status: { type: 'doNotDisturb' } }, { path: own })
    expect(put.body).toMatchObject({ state: 'doNotDisturb', status: { type: 'doNotDisturb' } })
    expect(put.body).not.toHaveProperty('outOfOffice')
    const gone = await write(one, 'self', 'DELETE', undefined, { path: own })
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect(await signalsOf(one)).toEqual({ ...here, lastActivityAt: inMinutes(0) })
  })

  it('that an administrator sets is no activity', async () => {
    const one = await world({ adaSignals: { ...here, lastActivityAt: inMinutes(-60) } })
    for (const as of ['admin', 'managingAdmin'] as const) {
      const { status, body } = await write(one, as, 'PUT', {
        outOfOffice: { until: inMinutes(60) },
      })
      expect([status, body.state, body.until]).toEqual([200, 'outOfOffice', inMinutes(60)])
      expect((await signalsOf(one))?.lastActivityAt).toBe(inMinutes(-60))
    }
  })

  it('of others is refused, as of nobody where the person is not known', async () => {
    const one = await world()
    const before = await signalsOf(one)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const body = method === 'DELETE' ? undefined : {}
      for (const as of ['colleague', 'service'] as const) {
        expect((await write(one, as, method, body)).status).toBe(403)
      }
      const hidden = await world({ ada: { ...ada, audiences: { existence: 'nobody' } } })
      const refused = await write(hidden, 'colleague', method, body)
      const path = hers.replace(ada.id, nobody)
      const absent = await write(hidden, 'colleague', method, body, { path })
      expect(refused.status).toBe(404)
      expect(told(refused)).toEqual(told(absent))
    }
    expect(await signalsOf(one)).toEqual(before)
  })

  it('is written where If-Match names what is read, and else not', async () => {
    const one = await world({ adaSignals: here })
    const { etag = '' } = (await one.ask(house, hers, { as: 'admin' })).headers
    const headers = { 'if-match': etag }
    const body = { status: { type: 'away' } }
    expect((await write(one, 'admin', 'PATCH', body, { headers })).status).toBe(200)
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const sent = method === 'DELETE' ? undefined : { status: { type: 'call' } }
      expect((await write(one, 'admin', method, sent, { headers })).status).toBe(412)
    }
    expect((await read(one, 'admin')).state).toBe('away')
  })

  it('and an absence that are set at once are both kept, whoever beats meanwhile', async () => {
    const one = await world({ adaSignals: { ...here, lastActivityAt: inMinutes(-30) } })
    const beat = () => one.ask(house, '/api/v1/me/heartbeat', { as: 'self', method: 'POST' })
    const [set, absent] = await Promise.all([
      write(one, 'admin', 'PATCH', { status: { type: 'away' } }),
      write(one, 'managingAdmin', 'PATCH', { outOfOffice: { from: inMinutes(60) } }),
      beat(),
    ])
    expect([set.status, absent.status]).toEqual([200, 200])
    expect(await signalsOf(one)).toEqual({
      ...{ ...here, lastActivityAt: inMinutes(0), away: {}, outOfOffice: { from: inMinutes(60) } },
    })
  })

  it.each<[unknown, string]>([
    [undefined, 'the body: must be object'],
    [[], 'the body: must be object'],
    [{ state: 'away' }, 'state: there is no such field here'],
    [{ status: 'away' }, 'status: must be object'],
    [{ status: {} }, 'status.type: is missing'],
    [{ status: { type: 'busy' } }, 'status.type: must be one of doNotDisturb, away, call'],
    [{ status: { type: 'away', from: inMinutes(1) } }, 'status.from: there is no such field here'],
    [{ status: { type: 'away', until: inMinutes(0) } }, 'status.until: must be later than now'],
    [{ status: { type: 'away', until: 'soon' } }, 'status.until: must be an instant'],
    [{ status: { type: 'away', until: '2026-03-04T06:00:00' } }, 'until: must be an instant'],
    [{ status: { type: 'away', until: '2027-02-29T06:00:00Z' } }, 'until: must be an instant'],
    [{ outOfOffice: { until: inMinutes(-1) } }, 'outOfOffice.until: must be later than now'],
    [
      { outOfOffice: { from: inMinutes(5), until: inMinutes(5) } },
      'outOfOffice.until: must be later than outOfOffice.from',
    ],
    [{ outOfOffice: { until: '9999-12-31T23:59:59-12:00' } }, 'until: must be an instant'],
  ])('of %j is refused, saying what would be right', async (body, detail) => {
    const one = await world()
    for (const method of ['PUT', 'PATCH']) {
      const answer = await write(one, 'self', method, body)
      expect([answer.status, answer.headers['content-type']]).toEqual([
        ...[400, 'application/problem+json'],
      ])
      expect(answer.body.detail).toContain(detail)
    }
    expect(await signalsOf(one)).toEqual(cast.adaSignals)
  })

  it('of somebody by what is no id is refused', async () => {
    const one = await world()
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {}
      const path = '/api/v1/people/269/presence'
      const answer = await write(one, 'admin', method, body, { path })
      expect([answer.status, answer.body.detail]).toEqual([400, 'id: must be a UUID, not "269"'])
    }
  })

  it('of somebody deleted can not be set', async () => {
    const gone = { ...ada, lifecycle: 'deleted' as const, deletedAt: inMinutes(-1) }
    const one = await world({ ada: gone })
    expect((await write(one, 'admin', 'PUT', {})).status).toBe(404)
    expect((await one.ask(house, hers, { as: 'admin' })).status).toBe(404)
  })

  it('that somebody sets of themselves tells that they came', async () => {
    const one = await world({ adaSignals: {} })
    expect((await read(one, 'colleague')).state).toBe('pending')
    await write(one, 'admin', 'PATCH', { status: { type: 'away' } })
    expect((await read(one, 'colleague')).state).toBe('pending')
    await write(one, 'self', 'PATCH', { status: { type: 'meeting' } })
    expect(await signalsOf(one)).toEqual({
      ...{ firstLoginAt: inMinutes(0), lastActivityAt: inMinutes(0), engagement: 'meeting' },
    })
  })
})
