import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import { issueKey } from '../../access/key.ts'
import { webex } from '../webex/index.ts'
import { house } from './index.ts'

const json = { 'content-type': 'application/json' }

const asking =
  (one: World) =>
  (as: ViewerName, method: string, path: string, body?: unknown, headers = {}) =>
    one.ask(house, `/api/v1${path}`, {
      ...{ as, method, headers: { ...(body !== undefined && json), ...headers } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

const { home, elsewhere } = cast.organizations
const homePath = `/organizations/${home.id}`
const { id: colleagueId } = cast.askers.colleague

describe('organizations', () => {
  it('are told to those who belong to them or administer them, and to nobody else', async () => {
    const ask = asking(await world())
    const names = async (as: ViewerName) =>
      (await ask(as, 'GET', '/organizations')).body.items.map(({ name }: { name: string }) => name)
    expect(await names('colleague')).toEqual(['Home'])
    expect(await names('managingAdmin')).toEqual(['Holding', 'Home'])
    expect((await ask('colleague', 'GET', homePath)).body).not.toHaveProperty('manages')
    const missing = await ask(
      'outsider',
      'GET',
      '/organizations/00000000-0000-4000-8000-000000000000',
    )
    const hidden = await ask('outsider', 'GET', homePath)
    expect([hidden.status, hidden.text]).toEqual([404, missing.text])
  })

  it('are changed by their administrators, who must have seen what is there', async () => {
    const ask = asking(await world())
    const { headers } = await ask('admin', 'GET', homePath)
    const patch = { name: 'Casa', audiences: { contact: 'nobody' }, defaults: { locale: 'fr-FR' } }
    const seen = { 'if-match': headers.etag ?? '' }
    const changed = await ask('admin', 'PATCH', homePath, patch, seen)
    expect(changed.body).toMatchObject({ name: 'Casa', audiences: { contact: 'nobody' } })
    expect((await ask('admin', 'PATCH', homePath, { name: 'Other' }, seen)).status).toBe(412)
    const removed = { audiences: { contact: null }, defaults: { locale: null } }
    const back = (await ask('admin', 'PATCH', homePath, removed)).body
    expect([back.audiences, back.defaults]).toEqual([{}, {}])
    expect((await ask('colleague', 'PATCH', homePath, { name: 'x' })).status).toBe(403)
    expect((await ask('outsider', 'PATCH', homePath, { name: 'x' })).status).toBe(404)
  })

  it.each([
    [{ name: '' }, '#/name'],
    [{ name: home.id }, '#/name'],
    [{ timeZone: 'Mars/Olympus' }, '#/timeZone'],
    [{ audiences: { contact: 'all' } }, '#/audiences/contact'],
    [{ defaults: { colorMode: 'pink' } }, '#/defaults/colorMode'],
    [{ preset: 'private', audiences: {} }, '#/preset'],
  ])('refuse %j', async (patch, pointer) => {
    const { status, body } = await asking(await world())('admin', 'PATCH', homePath, patch)
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer])
  })
})

describe('an organization’s defaults', () => {
  const { timeZone: _, ...zoneless } = cast.ada
  const homeWith = { ...home, defaults: { timeZone: 'Pacific/Fiji' } }

  it('show in other dialects where somebody has said nothing, under the same privacy', async () => {
    const one = await world({ ada: zoneless, home: homeWith })
    const zone = async (as: ViewerName) =>
      (await one.ask(webex, one.pathOf(webex), { as })).body.timezone
    expect(await zone('colleague')).toBe('Pacific/Fiji')
    expect(await zone('outsider')).toBeUndefined()
    const said = await world({ home: homeWith })
    expect((await said.ask(webex, said.pathOf(webex), { as: 'self' })).body.timezone).toBe(
      'Antarctica/Troll',
    )
  })

  it('do not become somebody’s own when a dialect sends them back', async () => {
    const one = await world({ ada: zoneless, home: homeWith })
    const path = one.pathOf(webex)
    const { body } = await one.ask(webex, path, { as: 'admin' })
    const sent = JSON.stringify({ ...body, title: 'New' })
    const answer = await one.ask(webex, path, {
      as: 'admin',
      method: 'PUT',
      headers: json,
      body: sent,
    })
    expect(answer.body).toMatchObject({ title: 'New', timezone: 'Pacific/Fiji' })
    expect((await one.store.people.byId(cast.ada.id))?.person).not.toHaveProperty('timeZone')
  })
})

describe('keys', () => {
  it('are listed without anything that helps to guess them, and told once', async () => {
    const one = await world()
    const ask = asking(one)
    const mine = cast.askers.admin.id
    const made = await ask('admin', 'POST', '/keys', { personId: mine })
    expect([made.status, made.headers['cache-control']]).toEqual([201, 'no-store'])
    const { secret, ...key } = made.body
    const authorization = `Bearer ${secret}`
    expect((await one.ask(house, '/api/v1/me', { headers: { authorization } })).body.id).toBe(mine)
    expect((await ask('admin', 'GET', `/keys/${key.id}`)).body).toMatchObject(key)
    const { text } = await ask('admin', 'GET', '/keys?limit=100')
    expect(text).toContain(key.id)
    expect(text).not.toMatch(/secret|hash/)
    for (const { key: kept } of Object.values(one.keys)) expect(text).not.toContain(kept.hash)

    expect((await ask('admin', 'DELETE', `/keys/${key.id}`)).status).toBe(204)
    expect((await one.ask(house, '/api/v1/me', { headers: { authorization } })).status).toBe(401)
  })

  it('never do more than who makes them', async () => {
    const one = await world()
    const ask = asking(one)
    const make = async (as: ViewerName, order: object) =>
      (await ask(as, 'POST', '/keys', order)).status
    expect(await make('admin', { service: 's', role: 'owner' })).toBe(403)
    expect(await make('admin', { personId: cast.askers.owner.id, role: 'member' })).toBe(403)
    expect(await make('owner', { personId: cast.askers.owner.id, role: 'owner' })).toBe(201)
    expect(await make('admin', { personId: colleagueId })).toBe(403)
    expect(await make('owner', { personId: colleagueId })).toBe(403)
    expect(await make('service', { personId: colleagueId })).toBe(403)
    expect(await make('admin', { personId: cast.askers.admin.id, role: 'owner' })).toBe(403)
    expect(await make('managingAdmin', { service: 's', organizationId: home.id })).toBe(201)
    expect(await make('admin', { service: 's', role: 'admin' })).toBe(201)
    expect(await make('colleague', { service: 's' })).toBe(403)
    expect(await make('admin', { service: 's', organizationId: elsewhere.id })).toBe(404)
    expect(await make('admin', { personId: cast.askers.outsider.id })).toBe(403)
    expect((await ask('admin', 'DELETE', `/keys/${one.keys.owner.key.id}`)).status).toBe(403)
  })

  it.each([
    {},
    { service: 's', personId: colleagueId },
    { service: ' ' },
    { service: 's', expiresAt: 'soon' },
    { service: 's', expiresAt: '2020-01-01T00:00:00Z' },
    { service: 's', x: 1 },
  ])('are not made of %j', async (order) => {
    expect((await asking(await world())('admin', 'POST', '/keys', order)).status).toBe(400)
  })

  it('of others are as if there were none', async () => {
    const one = await world()
    const ask = asking(one)
    const theirs = `/keys/${one.keys.outsider.key.id}`
    const missing = await ask('admin', 'GET', '/keys/00000000-0000-4000-8000-000000000000')
    for (const method of ['GET', 'DELETE']) {
      const answer = await ask('admin', method, theirs)
      expect([answer.status, answer.text]).toEqual([404, missing.text])
    }
    expect((await ask('colleague', 'GET', theirs)).status).toBe(403)
    expect((await ask('admin', 'GET', `/keys?organizationId=${elsewhere.id}`)).status).toBe(404)
  })
})

describe('the change log', () => {
  const readAll = async (one: World, as: ViewerName, limit = 100) => {
    const lines: Record<string, string>[] = []
    let path = `/changes?limit=${limit}`
    for (;;) {
      const { status, body, headers } = await asking(one)(as, 'GET', path)
      expect(status).toBe(200)
      lines.push(...body.items)
      if (!headers.link) return { lines, cursor: body.cursor as string }
      path = `/changes?limit=${limit}&after=${body.cursor}`
    }
  }

  it('tells administrators of their own organizations alone', async () => {
    const one = await world()
    const { lines } = await readAll(one, 'admin')
    const ids = new Set(lines.flatMap(({ entityId, personId }) => [entityId, personId]))
    expect(ids).toContain(cast.ada.id)
    expect(ids).toContain(home.id)
    expect(ids).toContain(cast.groups[0].group.id)
    expect(ids).toContain(String(cast.event.number))
    for (const { id } of [cast.askers.outsider, cast.askers.connection, elsewhere]) {
      expect(JSON.stringify(lines)).not.toContain(id)
    }
    expect((await asking(one)('colleague', 'GET', '/changes')).status).toBe(403)
    expect((await readAll(one, 'admin', 1)).lines).toEqual(lines)
  })

  it('tells what comes next, who did it, and that a group is gone', async () => {
    const one = await world()
    const ask = asking(one)
    const { cursor } = await readAll(one, 'admin')
    await ask('self', 'PATCH', '/me', { title: 'New' })
    await ask('admin', 'DELETE', `/groups/${cast.groups[0].group.id}`)
    const { items } = (await ask('admin', 'GET', `/changes?after=${cursor}`)).body
    expect(items[0]).toMatchObject({
      entity: 'person',
      entityId: cast.ada.id,
      kind: 'changed',
      actor: cast.ada.id,
    })
    expect(items.at(-1)).toMatchObject({
      entity: 'group',
      kind: 'removed',
      actor: cast.askers.admin.id,
    })
  })

  it('does not tell, by any cursor, that others write', async () => {
    const [quiet, busy] = [await world(), await world()]
    for (const title of ['One', 'Two']) {
      const person = { ...cast.askers.outsider, title, version: title === 'One' ? 2 : 3 }
      await busy.store.commit([{ kind: 'person', person }], person.id, '2026-03-04T05:06:07.000Z')
    }
    const [one, other] = await Promise.all(
      [quiet, busy].map(
        async (each) => (await asking(each)('admin', 'GET', '/changes?limit=100')).text,
      ),
    )
    expect(one).toBe(other)
    expect(one).not.toContain('sequence')
  })

  it('tells nobody that somebody blocked somebody, nor that there is anything where nothing else was', async () => {
    const one = await world()
    const ask = asking(one)
    const { key, secret } = issueKey({
      ...{ organizationId: home.id, role: 'admin', service: 'reader' },
      createdAt: '2026-03-04T05:06:07.000Z',
    })
    await one.store.commit([{ kind: 'key', key }], 'test', key.createdAt)
    const headers = { authorization: `Bearer ${secret}` }
    const places = [
      async () => (await readAll(one, 'admin')).lines,
      async () => (await readAll(one, 'owner')).lines,
    ]
    const read = async () =>
      (await one.ask(house, '/api/v1/changes?limit=100', { headers })).body.items.filter(
        ({ entity }: { entity: string }) => entity === 'connection',
      )
    const before = [...(await Promise.all(places.map((place) => place()))), await read()]
    const { admin } = cast.askers
    expect((await ask('self', 'POST', `/connections/${admin.id}/block`)).status).toBe(200)
    expect((await ask('self', 'POST', `/connections/${colleagueId}/block`)).status).toBe(200)
    const after = [...(await Promise.all(places.map((place) => place()))), await read()]
    expect(after).toEqual(before)

    await ask('admin', 'POST', '/connections', { personId: cast.ada.id })
    await ask('admin', 'POST', '/connections', { personId: cast.askers.owner.id })
    const asked = (await read()).slice(-2)
    expect(asked.map(({ kind }: { kind: string }) => kind)).toEqual(['changed', 'changed'])
  })

  it('takes no cursor but its own', async () => {
    const one = await world()
    const { cursor } = await readAll(one, 'admin')
    const other = cursor.slice(0, -1) + (cursor.endsWith('0') ? '1' : '0')
    for (const after of ['x', '0', '12', other]) {
      expect((await asking(one)('admin', 'GET', `/changes?after=${after}`)).status).toBe(400)
    }
  })
})
