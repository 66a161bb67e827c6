import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Question, type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import type { Connection } from '../../gatherings/gatherings.ts'
import type { Person } from '../../person/person.ts'
import { accelevents } from '../accelevents/index.ts'
import { house } from './index.ts'

const { ada, askers } = cast
const nobody = '00000000-0000-4000-8000-000000000000'
const actions = ['request', 'accept', 'reject', 'withdraw', 'disconnect', 'block', 'unblock']

async function one(options: WorldOptions = {}) {
  const here = await world({ connections: [], ...options })
  const ask = (path: string, question: Question = {}) =>
    here.ask(house, `/api/v1${path}`, { as: 'self', ...question })
  const act = (as: ViewerName, id: string, action: string, headers = {}) =>
    ask(`/connections/${id}/${action}`, { as, method: 'POST', headers })
  const request = (as: ViewerName, personId: unknown) =>
    ask('/connections', {
      ...{ as, method: 'POST', body: JSON.stringify({ personId }) },
      headers: { 'content-type': 'application/json' },
    })
  return { here, ask, act, request }
}

describe('house: connections', () => {
  it('asks, is asked and accepts, each seeing the other as far as they may', async () => {
    const { ask, act, request } = await one()
    const { status, body } = await request('self', askers.outsider.id)
    expect([status, body]).toEqual([
      200,
      {
        person: { id: askers.outsider.id, displayName: 'ZzOutsider Displayname' },
        ...{ state: 'requested', direction: 'outgoing', since: '2026-03-04T05:06:07.000Z' },
      },
    ])
    const incoming = await ask(`/connections/${ada.id}`, { as: 'outsider' })
    expect(incoming.body).toMatchObject({ state: 'requested', direction: 'incoming' })
    expect(incoming.text).not.toContain('Canary Title')
    expect((await act('outsider', ada.id, 'accept')).body.state).toBe('accepted')
    expect((await ask(`/connections/${askers.outsider.id}`)).body.state).toBe('accepted')
  })

  it('says why not in problem details', async () => {
    const { act, request } = await one()
    const { id } = askers.colleague
    const missing = await act('self', id, 'accept')
    expect([missing.status, missing.body]).toEqual([
      404,
      {
        type: 'urn:problem-type:kith:no-such-request',
        title: 'There is no such request',
        status: 404,
        detail: 'There is no such request between you and this person',
      },
    ])
    const own = await request('self', ada.id)
    expect([own.status, own.body.type]).toEqual([409, 'urn:problem-type:kith:own-connection'])
    for (const action of actions) expect((await act('self', ada.id, action)).status).toBe(409)
    for (const [sent, status] of [
      ['no id', 400],
      [undefined, 400],
      [7, 400],
      [nobody, 404],
    ] as const) {
      expect((await request('self', sent)).status).toBe(status)
    }
    expect((await act('self', 'no-id', 'request')).status).toBe(400)
  })

  it('is nothing for services', async () => {
    const { ask, act } = await one()
    const asService = (path: string) => ask(path, { as: 'service' })
    expect((await asService('/connections')).status).toBe(403)
    expect((await asService(`/connections/${ada.id}`)).status).toBe(403)
    expect((await asService(`/people/${ada.id}/permissions`)).status).toBe(403)
    for (const action of actions) expect((await act('service', ada.id, action)).status).toBe(403)
  })

  it('knows nobody whom the viewer may not know of, and nobody who was deleted', async () => {
    const hidden: Person = { ...askers.outsider, audiences: { existence: 'nobody' } }
    const { ask, act, request } = await one({ others: [hidden] })
    for (const id of [hidden.id, askers.deleted.id]) {
      const answers = async (whom: string) => [
        await ask(`/connections/${whom}`),
        await ask(`/people/${whom}/permissions`),
        await request('self', whom),
        ...(await Promise.all(actions.map((action) => act('self', whom, action)))),
      ]
      const plain = (all: Awaited<ReturnType<typeof answers>>) =>
        all.map(({ status, headers: { date: _, ...headers }, text }) => [status, headers, text])
      const there = await answers(id)
      expect(new Set(there.map(({ status }) => status))).toEqual(new Set([404]))
      expect(plain(there)).toEqual(plain(await answers(nobody)))
    }
  })

  it('lists those who can be seen alone, though something is between', async () => {
    const hidden: Person = { ...askers.outsider, audiences: { existence: 'nobody' } }
    const between = [hidden, askers.deleted, askers.colleague].map(
      ({ id }): Connection => ({ requesterId: id, addresseeId: ada.id, state: 'requested' }),
    )
    const { ask } = await one({ others: [hidden], connections: between })
    const { body } = await ask('/connections')
    expect(body.items).toEqual([
      {
        person: { id: askers.colleague.id, displayName: 'ZzColleague Displayname' },
        ...{ state: 'requested', direction: 'incoming' },
      },
    ])
  })

  it('asks those who are suspended only where that may not be seen', async () => {
    const { act } = await one()
    const told = await act('self', askers.suspended.id, 'request')
    expect([told.status, told.body.detail]).toEqual([
      409,
      'This person is suspended and can not be asked',
    ])
    const waits = await act('outsider', askers.suspended.id, 'request')
    expect([waits.status, waits.body.state]).toEqual([200, 'requested'])
  })

  it('lists by state and direction, a page at a time', async () => {
    const others = [askers.owner, askers.admin, askers.colleague, askers.outsider]
    const { ask, act } = await one()
    for (const { id } of others) await act('self', id, 'request')
    await act('colleague', ada.id, 'accept')
    await act('coAttendee', ada.id, 'request')
    await act('self', askers.outsider.id, 'block')
    const idsOf = (body: { items: { person: { id: string } }[] }) =>
      body.items.map(({ person }) => person.id)
    const listed = async (query: string) => idsOf((await ask(`/connections${query}`)).body)
    const sorted = [...others, askers.coAttendee].map(({ id }) => id).sort()
    expect(await listed('')).toEqual(sorted)
    expect(await listed('?state=accepted')).toEqual([askers.colleague.id])
    expect(await listed('?state=blocked')).toEqual([askers.outsider.id])
    expect(await listed('?state=requested&direction=incoming')).toEqual([askers.coAttendee.id])
    expect(await listed('?direction=outgoing')).toEqual(
      [askers.owner.id, askers.admin.id, askers.colleague.id].sort(),
    )
    const walked: string[] = []
    let path: string | undefined = '/connections?limit=2'
    for (let pages = 0; path !== undefined; pages += 1) {
      const { body, headers } = await ask(path)
      walked.push(...idsOf(body))
      expect(pages).toBeLessThan(3)
      path = /<https:\/\/people\.example\/api\/v1([^>]*)>; rel="next"/.exec(headers.link ?? '')?.[1]
    }
    expect(walked).toEqual(sorted)
  })

  it('refuses questions that are none', async () => {
    const { ask } = await one()
    const { headers } = await ask('/connections?limit=1')
    expect(headers.link).toBeUndefined()
    for (const query of [
      'state=friends',
      'direction=sideways',
      'limit=0',
      'limit=101',
      'cursor=x.y',
      'stat=accepted',
    ]) {
      expect((await ask(`/connections?${query}`)).status).toBe(400)
    }
  })

  it('leaves no line in the log that would tell somebody who reads it that they are blocked', async () => {
    const { ask, act, here } = await one()
    await act('owner', askers.admin.id, 'block')
    const told = async (as: ViewerName) =>
      (await ask('/changes?limit=100', { as })).text.match(/"entity":"(connection|block)"/g) ?? []
    for (const as of ['owner', 'managingAdmin', 'admin'] as const) {
      expect(await told(as)).toHaveLength(0)
    }
    expect((await here.store.changesAfter(0, 1000)).at(-1)).toMatchObject({ entity: 'block' })
  })

  it('is done only to what is known, where a condition says so', async () => {
    const { ask, act } = await one()
    const { id } = askers.colleague
    const known = { 'if-match': (await ask(`/connections/${id}`)).headers.etag ?? '' }
    expect((await act('self', id, 'request', known)).status).toBe(200)
    expect((await act('self', id, 'withdraw', known)).status).toBe(412)
    expect((await ask(`/connections/${id}`)).body.state).toBe('requested')
  })
})

describe('house: permissions', () => {
  const open: Person = {
    ...ada,
    acceptsDirectMessages: true,
    acceptsMeetingRequests: 'everyone',
    acceptsCallsFromStrangers: true,
    audiences: { meetings: 'everyone' },
  }
  const permissionsOf = async (options: WorldOptions, as: ViewerName = 'outsider') => {
    const { ask } = await one(options)
    return (await ask(`/people/${ada.id}/permissions`, { as })).body
  }

  const blockedBy = ({ id }: Person): Connection => ({
    requesterId: askers.colleague.id,
    addresseeId: ada.id,
    state: 'none',
    blockedByIds: [id],
  })

  it('tell what the person welcomes, and the organization for those who say nothing', async () => {
    const { acceptsDirectMessages: _, ...quiet } = open
    const all = { directMessage: true, meeting: true, call: true }
    expect(await permissionsOf({ ada: open })).toEqual(all)
    const closed = { ...open, directMessagesFrom: 'connections' } as const
    expect(await permissionsOf({ ada: closed })).toEqual({ ...all, directMessage: false })
    const home = { ...cast.organizations.home, defaults: { acceptsDirectMessages: false } }
    expect(await permissionsOf({ ada: quiet, home })).toEqual({ ...all, directMessage: false })
    expect(await permissionsOf({ ada: open, home })).toEqual(all)
    expect(await permissionsOf({ ada: open }, 'self')).toEqual({
      ...{ directMessage: false, meeting: false, call: false },
    })
  })

  it('are for the blocked as of somebody who welcomes nobody, and shows nobody whom they welcome', async () => {
    const between = blockedBy(ada)
    const unwelcoming: Person = {
      ...open,
      audiences: { meetings: 'nobody' },
      acceptsDirectMessages: false,
      acceptsMeetingRequests: 'nobody',
      acceptsCallsFromStrangers: false,
    }
    const seen = async (options: WorldOptions) => {
      const { here, ask } = await one(options)
      const paths = [`/people/${ada.id}/permissions`, `/people/${ada.id}`]
      const answers = await Promise.all(paths.map((path) => ask(path, { as: 'colleague' })))
      const person = await here.ask(accelevents, here.pathOf(accelevents), { as: 'colleague' })
      return [...answers, person].map(({ status, headers: { date: _, ...headers }, text }) => [
        status,
        headers,
        text,
      ])
    }
    const blocked = await seen({ ada: open, connections: [between] })
    expect(blocked).toEqual(await seen({ ada: unwelcoming }))
    expect(blocked).not.toEqual(await seen({ ada: open }))
  })

  it('are the same for those whom the viewer has blocked', async () => {
    const between = blockedBy(askers.colleague)
    expect(await permissionsOf({ ada: open, connections: [between] }, 'colleague')).toEqual({
      ...{ directMessage: false, meeting: false, call: false },
    })
  })
})
