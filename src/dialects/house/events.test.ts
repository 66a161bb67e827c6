import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Question, type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import { house } from './index.ts'

const { ada, askers } = cast
const path = `/events/${cast.event.url}`
const summit = {
  ...{ url: cast.event.url, number: cast.event.number, name: cast.event.name },
  organizationId: cast.organizations.home.id,
}
const json = { 'content-type': 'application/json' }

async function one(options: WorldOptions = {}) {
  const here = await world(options)
  const ask = (where: string, question: Question = {}) =>
    here.ask(house, `/api/v1${where}`, { as: 'self', ...question })
  const send = (as: ViewerName, method: string, where: string, body: unknown, headers = {}) =>
    ask(where, { as, method, body: JSON.stringify(body), headers: { ...json, ...headers } })
  const create = (body: unknown, headers = {}) => send('admin', 'POST', '/events', body, headers)
  const kinds = async () =>
    (await here.store.changesAfter(0, 1000))
      .filter(({ entity }) => entity === 'event' || entity === 'attendee')
      .map(({ entity, kind }) => `${entity} ${kind}`)
  return { ...here, ask, send, create, kinds }
}

describe('house: events', () => {
  it('are made by administrators, their instants in UTC', async () => {
    const { ask, create } = await one()
    const sent = {
      url: 'autumn-fair',
      name: 'Autumn Fair',
      description: 'A fair.',
      timeZone: 'Europe/Amsterdam',
      startsAt: '2026-10-01T09:00:00+02:00',
      endsAt: '2026-10-01T17:00:00+02:00',
    }
    const made = await create(sent)
    expect([made.status, made.headers.location]).toEqual([
      201,
      'https://people.example/api/v1/events/autumn-fair',
    ])
    expect(made.body).toEqual({
      ...sent,
      ...{ number: expect.any(Number), organizationId: cast.organizations.home.id },
      ...{ startsAt: '2026-10-01T07:00:00.000Z', endsAt: '2026-10-01T15:00:00.000Z' },
    })
    const read = await ask('/events/autumn-fair', { as: 'owner' })
    expect([read.body, read.headers.etag]).toEqual([made.body, made.headers.etag])
  })

  it('are in years of four digits', async () => {
    const { create } = await one()
    const { status, body } = await create({
      ...{ url: 'last', name: 'Last', startsAt: '9999-12-31T23:59:59-10:00' },
    })
    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/^startsAt: must be an instant such as/),
    ])
  })

  it('are made once for each address, and once for each idempotency key', async () => {
    const { create, kinds } = await one()
    const before = (await kinds()).length
    const key = { 'idempotency-key': '"one"' }
    const made = await create({ url: 'fair', name: 'Fair' }, key)
    const again = await create({ url: 'fair', name: 'Fair' }, key)
    expect([again.status, again.body]).toEqual([201, made.body])
    expect((await create({ url: 'fair', name: 'Other' }, key)).status).toBe(422)
    expect((await create({ url: 'fair', name: 'Fair' })).status).toBe(409)
    expect((await kinds()).slice(before)).toEqual(['event created'])
  })

  it.each([
    [{ url: 'Fair', name: 'Fair' }, '#/url'],
    [{ url: 'fair', name: ' ' }, '#/name'],
    [{ url: 'fair', name: 'x'.repeat(256) }, '#/name'],
    [{ url: 'fair' }, undefined],
    [{ url: 'fair', name: 'Fair', timeZone: 'Mars/Olympus' }, '#/timeZone'],
    [{ url: 'fair', name: 'Fair', startsAt: 'tomorrow' }, '#/startsAt'],
    [{ url: 'fair', name: 'Fair', startsAt: '2026-02-30T00:00:00Z' }, '#/startsAt'],
    [
      { url: 'fair', name: 'F', startsAt: '2026-02-03T00:00:00Z', endsAt: '2026-02-03T00:00:00Z' },
      '#/endsAt',
    ],
    [{ url: 'fair', name: 'Fair', place: 'here' }, undefined],
  ])('are not made of %o', async (body, pointer) => {
    const { create } = await one()
    const { status, body: problem } = await create(body)
    expect(status).toBe(400)
    if (pointer) expect(problem.errors[0].pointer).toBe(pointer)
  })

  it('are no business of members, nor of other organizations', async () => {
    const { ask, send } = await one()
    const body = { url: 'fair', name: 'Fair' }
    expect((await send('self', 'POST', '/events', body)).status).toBe(403)
    const abroad = { ...body, organizationId: cast.organizations.elsewhere.id }
    expect((await send('admin', 'POST', '/events', abroad)).status).toBe(403)
    const home = { ...body, organizationId: cast.organizations.home.id }
    expect((await send('managingAdmin', 'POST', '/events', home)).status).toBe(201)
    expect((await send('self', 'PATCH', path, { name: 'Mine' })).status).toBe(403)
    const plain = async (where: string) => {
      const { headers, ...rest } = await ask(where, { as: 'outsider' })
      return [rest.status, { ...headers, date: '' }, rest.text]
    }
    expect((await ask(path, { as: 'outsider' })).status).toBe(404)
    expect(await plain(path)).toEqual(await plain('/events/none'))
    expect(await plain(`${path}/attendees`)).toEqual(await plain('/events/none/attendees'))
    expect((await send('outsider', 'PATCH', path, { name: 'Mine' })).status).toBe(404)
  })

  it('are changed by a merge patch of what is known', async () => {
    const { ask, send, kinds } = await one()
    const before = (await kinds()).length
    const known = { 'if-match': (await ask(path, { as: 'admin' })).headers.etag ?? '' }
    const change = { name: 'Renamed', description: 'More.', endsAt: '2026-05-01T00:00:00Z' }
    const changed = await send('admin', 'PATCH', path, change, known)
    const after = { ...summit, ...change, endsAt: '2026-05-01T00:00:00.000Z' }
    expect([changed.status, changed.body]).toEqual([200, after])
    expect((await send('admin', 'PATCH', path, { name: 'Late' }, known)).status).toBe(412)
    const emptied = await send('admin', 'PATCH', path, { description: null, endsAt: null })
    expect(emptied.body).toEqual({ ...summit, name: 'Renamed' })
    expect((await ask(path)).body).toEqual({ ...summit, name: 'Renamed' })
    for (const wrong of [{ name: null }, { name: '' }, { url: 'other' }, { timeZone: 'no' }]) {
      expect((await send('admin', 'PATCH', path, wrong)).status).toBe(400)
    }
    await send('admin', 'PATCH', path, { name: 'Renamed' })
    expect((await kinds()).slice(before)).toEqual(['event changed', 'event changed'])
  })

  it('are listed to those who attend, and all of an organization’s to administrators', async () => {
    const { ask, create } = await one()
    for (const url of ['a', 'b', 'c']) await create({ url, name: url })
    const urls = async (as: ViewerName, query = '') => {
      const { status, body } = await ask(`/events${query}`, { as })
      return status === 200 ? body.items.map(({ url }: { url: string }) => url).sort() : status
    }
    const all = ['a', 'b', 'c', cast.event.url]
    const home = `?organizationId=${cast.organizations.home.id}`
    expect(await urls('self')).toEqual([cast.event.url])
    expect(await urls('admin')).toEqual([])
    expect(await urls('outsider')).toEqual([])
    expect(await urls('admin', home)).toEqual(all)
    expect(await urls('managingAdmin', home)).toEqual(all)
    expect(await urls('service')).toEqual(all)
    for (const query of [home, '?organizationId=00000000-0000-4000-8000-000000000000']) {
      expect(await urls('outsider', query)).toBe(403)
    }
    expect(await urls('admin', '?organizationId=x')).toBe(400)

    const walked: string[] = []
    let next: string | undefined = `/events${home}&limit=3`
    while (next) {
      const { body, headers } = await ask(next, { as: 'admin' })
      walked.push(...body.items.map(({ url }: { url: string }) => url))
      next = /<https:\/\/people\.example\/api\/v1([^>]*)>; rel="next"/.exec(headers.link ?? '')?.[1]
    }
    expect(walked.sort()).toEqual(all)
  })
})

describe('house: attendees', () => {
  const idsOf = (body: { items: { person: { id: string } }[] }) =>
    body.items.map(({ person }) => person.id)

  it('are shown with what they are interested in, as far as it may be seen', async () => {
    const { ask } = await one()
    const asColleague = await ask(`${path}/attendees/${ada.id}`, { as: 'colleague' })
    expect(asColleague.body).toEqual({
      number: cast.attendees.ada.number,
      person: {
        ...{ id: ada.id, displayName: ada.displayName, pronouns: ada.pronouns },
        ...{ givenName: ada.givenName, familyName: ada.familyName },
        ...{ title: ada.title, company: ada.company },
      },
      ...{ interests: ada.interests, extraInfo: ada.extraInfo },
    })
    const asStranger = await ask(`${path}/attendees/${ada.id}`, { as: 'coAttendee' })
    expect(asStranger.status).toBe(200)
    expect(asStranger.text).not.toMatch(/canary-interest|canary about|Canary Title/)
    const asFriend = await ask(`${path}/attendees/${ada.id}`, { as: 'connection' })
    expect(asFriend.body.connection).toEqual({ state: 'accepted', direction: 'outgoing' })
  })

  it('are listed, found by words, and a page at a time', async () => {
    const { ask } = await one()
    const sorted = [ada, askers.coAttendee, askers.colleague, askers.connection]
      .map(({ id }) => id)
      .sort()
    const listed = async (query: string) => {
      const { status, body } = await ask(`${path}/attendees${query}`)
      return status === 200 ? idsOf(body) : status
    }
    expect(await listed('')).toEqual(sorted)
    expect(await listed('?q=zzcollea')).toEqual([askers.colleague.id])
    expect(await listed('?q=%2B%2B')).toEqual([])
    expect(await listed('?q=')).toBe(400)
    expect(await listed(`?q=${'x'.repeat(256)}`)).toBe(400)
    const first = await ask(`${path}/attendees?limit=3`)
    const next = /<https:\/\/people\.example\/api\/v1([^>]*)>/.exec(first.headers.link ?? '')?.[1]
    const second = await ask(next ?? '')
    expect([...idsOf(first.body), ...idsOf(second.body)]).toEqual(sorted)
    expect(second.headers.link).toBeUndefined()
  })

  it('come by those who administer both the event and them, once', async () => {
    const { ask, kinds } = await one()
    const before = (await kinds()).length
    const enrol = (as: ViewerName, id: string) =>
      ask(`${path}/attendees/${id}`, { as, method: 'PUT' })
    const all = await Promise.all([1, 2, 3].map(() => enrol('admin', askers.owner.id)))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(all.map(({ body }) => body.number)).size).toBe(1)
    expect((await ask(path, { as: 'owner' })).status).toBe(200)
    expect((await kinds()).slice(before)).toEqual(['attendee created'])

    expect((await enrol('admin', askers.outsider.id)).status).toBe(403)
    expect((await enrol('self', askers.admin.id)).status).toBe(403)
    expect((await enrol('self', '00000000-0000-4000-8000-000000000000')).status).toBe(404)
    expect((await enrol('outsider', askers.outsider.id)).status).toBe(404)
    expect((await enrol('admin', 'x')).status).toBe(400)
  })

  it('neither come nor go where If-Match names another than there is', async () => {
    const { ask, kinds } = await one()
    const before = (await kinds()).length
    const where = `${path}/attendees/${ada.id}`
    const { headers } = await ask(where, { as: 'admin' })
    const write = async (method: string, version: string, id: string = ada.id) =>
      (
        await ask(`${path}/attendees/${id}`, {
          ...{ as: 'admin', method, headers: { 'if-match': version } },
        })
      ).status
    expect(await write('PUT', '"other"')).toBe(412)
    expect(await write('DELETE', '"other"')).toBe(412)
    expect(await write('PUT', '*', askers.owner.id)).toBe(412)
    expect((await kinds()).slice(before)).toEqual([])
    expect(await write('PUT', headers.etag ?? '')).toBe(200)
    expect(await write('DELETE', headers.etag ?? '')).toBe(204)
    expect(await write('DELETE', '*')).toBe(412)
    expect((await kinds()).slice(before)).toEqual(['attendee removed'])
  })

  it('go by administrators and by themselves', async () => {
    const { ask, kinds } = await one()
    const before = (await kinds()).length
    const dismiss = async (as: ViewerName, id: string) =>
      (await ask(`${path}/attendees/${id}`, { as, method: 'DELETE' })).status
    expect(await dismiss('self', askers.colleague.id)).toBe(403)
    expect(await dismiss('outsider', askers.colleague.id)).toBe(404)
    expect(await dismiss('coAttendee', askers.coAttendee.id)).toBe(204)
    expect(await dismiss('admin', ada.id)).toBe(204)
    expect(await dismiss('admin', ada.id)).toBe(204)
    expect((await ask(path, { as: 'coAttendee' })).status).toBe(404)
    expect((await ask(path)).status).toBe(404)
    const left = await ask(`${path}/attendees`, { as: 'colleague' })
    expect(idsOf(left.body)).toEqual([askers.colleague.id, askers.connection.id].sort())
    expect((await kinds()).slice(before)).toEqual(['attendee removed', 'attendee removed'])
  })
})
