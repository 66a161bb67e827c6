import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import type { Defaults } from '../../directory/ports.ts'
import { fieldGroups } from '../../person/person.ts'
import { dialects } from '../index.ts'
import { rinkel } from '../rinkel/index.ts'
import { house } from './index.ts'

const json = { 'content-type': 'application/json' }

const asking =
  (one: World) =>
  (as: ViewerName, method: string, path: string, body?: unknown, headers = {}) =>
    one.ask(house, `/api/v1${path}`, {
      ...{ as, method, headers: { ...(body !== undefined && json), ...headers } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

const ada = `/people/${cast.ada.id}`
const { home } = cast.organizations

describe('privacy', () => {
  it('is told with who decided it, to the person and administrators alone', async () => {
    const one = await world({
      ada: { ...cast.ada, audiences: { contact: 'connections' } },
      home: { ...home, audiences: { work: 'nobody', contact: 'nobody' } },
    })
    const ask = asking(one)
    const { body } = await ask('self', 'GET', '/me/privacy')
    expect(body.own).toEqual({ contact: 'connections' })
    expect(body.inForce).toMatchObject({
      contact: { value: 'connections', decidedBy: 'person' },
      work: { value: 'nobody', decidedBy: 'organization' },
      profile: { value: 'organization', decidedBy: 'default' },
    })
    expect((await ask('admin', 'GET', `${ada}/privacy`)).body).toEqual(body)
    expect((await ask('colleague', 'GET', `${ada}/privacy`)).status).toBe(403)
    expect((await ask('colleague', 'PATCH', `${ada}/privacy`, { own: {} })).status).toBe(403)
  })

  it('can be chosen as a whole, and follows the organization again where nothing is said', async () => {
    const ask = asking(await world())
    const path = `${ada}/privacy`
    expect((await ask('self', 'GET', path)).body.preset).toBe('organization')
    expect((await ask('self', 'PUT', path, { preset: 'private' })).body.preset).toBe('private')
    expect((await ask('outsider', 'GET', ada)).status).toBe(404)
    expect((await ask('colleague', 'GET', ada)).body).not.toHaveProperty('emails')
    const patched = await ask('self', 'PATCH', path, { own: { contact: 'organization' } })
    expect(patched.body.inForce.contact).toEqual({ value: 'organization', decidedBy: 'person' })
    expect(patched.body).not.toHaveProperty('preset')
    expect((await ask('self', 'PUT', path, { own: {} })).body.own).toEqual({})
    expect((await ask('outsider', 'GET', ada)).status).toBe(200)
  })

  it('has presets that decide of every group, and tell nobody’s birth date', async () => {
    const { items } = (await asking(await world())('outsider', 'GET', '/privacy/presets')).body
    expect(items.map(({ name }: { name: string }) => name)).toEqual([
      'public',
      'organization',
      'connections',
      'private',
    ])
    for (const { audiences } of items) {
      expect(Object.keys(audiences).sort()).toEqual([...fieldGroups].sort())
      expect(audiences).toMatchObject({
        birthDate: 'nobody',
        gender: 'nobody',
        notifications: 'nobody',
      })
    }
  })

  it('takes an If-Match, and refuses what is no audience', async () => {
    const ask = asking(await world())
    const { headers } = await ask('self', 'GET', '/me/privacy')
    const seen = { 'if-match': headers.etag ?? '' }
    expect(
      (await ask('self', 'PATCH', '/me/privacy', { own: { work: 'nobody' } }, seen)).status,
    ).toBe(200)
    expect((await ask('self', 'PATCH', '/me/privacy', { own: { work: null } }, seen)).status).toBe(
      412,
    )
    for (const bad of [
      {},
      { preset: 'x' },
      { preset: 'public', own: {} },
      { own: { work: 'all' } },
      { own: { x: 'nobody' } },
    ]) {
      expect((await ask('self', 'PUT', '/me/privacy', bad)).status).toBe(400)
    }
  })
})

describe('preferences', () => {
  const defaults: Defaults = {
    colorMode: 'light',
    locale: 'fr-FR',
    notifications: { voicemail: { enabled: false, channels: [] } },
  }
  const { locale: _, notifications: __, ...silent } = cast.ada

  it('are told with who decided them, and taken over as one’s own even where they are the same', async () => {
    const one = await world({ ada: silent, home: { ...home, defaults } })
    const ask = asking(one)
    const { body } = await ask('self', 'GET', '/me/preferences')
    expect(body.own).not.toHaveProperty('locale')
    expect(body.inForce).toMatchObject({
      locale: { value: 'fr-FR', decidedBy: 'organization' },
      colorMode: { value: 'dark', decidedBy: 'person' },
    })
    const patched = (await ask('self', 'PATCH', '/me/preferences', { own: { locale: 'fr-FR' } }))
      .body
    expect([patched.own.locale, patched.inForce.locale.decidedBy]).toEqual(['fr-FR', 'person'])
    const back = (await ask('self', 'PATCH', '/me/preferences', { own: { locale: null } })).body
    expect(back).toEqual(body)
    expect((await ask('colleague', 'GET', `${ada}/preferences`)).status).toBe(403)
    expect((await ask('service', 'GET', '/me/preferences')).status).toBe(404)
  })

  it('hold in the dialects that have them', async () => {
    const one = await world()
    const ask = asking(one)
    const voicemail = { enabled: true, channels: ['app'] }
    const own = { colorMode: 'light', notifications: { voicemail } }
    expect((await ask('self', 'PATCH', '/me/preferences', { own })).status).toBe(200)
    const told = (await one.ask(rinkel, one.pathOf(rinkel), { as: 'self' })).body
    expect([told.preferences.colorMode, told.notifications.voicemail]).toEqual(['light', voicemail])
    // What was once written there alone still counts where the record says nothing.
    expect(told.notifications.missedCalls).toEqual({ enabled: false, channels: ['app'] })

    const body = JSON.stringify({ notifications: { missedCalls: { enabled: true } } })
    await one.ask(rinkel, one.pathOf(rinkel), { as: 'self', method: 'PATCH', headers: json, body })
    expect((await ask('self', 'GET', '/me/preferences')).body.own.notifications).toEqual({
      ...cast.ada.notifications,
      voicemail,
      missedCalls: { enabled: true, channels: ['app'] },
    })
  })

  it.each([
    [{ own: { locale: 7 } }, '#/own/locale'],
    [{ own: { timeZone: 'Mars/Olympus' } }, '#/timeZone'],
    [{ own: { colorMode: 'pink' } }, '#/own/colorMode'],
  ])('refuse %j', async (patch, pointer) => {
    const { status, body } = await asking(await world())('self', 'PATCH', '/me/preferences', patch)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })
})

describe('with somebody else’s eyes', () => {
  const all = [...dialects, house]
  const same = ['content-type', 'cache-control', 'vary', 'etag']

  it.each(all)(
    'an administrator sees in $product what they get, byte for byte',
    async (dialect) => {
      const one = await world()
      const ask = asking(one)
      for (const as of ['self', 'colleague', 'service', 'admin'] as const) {
        const viewer = one.keys[as].key.id
        const { status, body } = await ask(
          'admin',
          'GET',
          `${ada}/as/${dialect.name}?viewer=${viewer}`,
        )
        const theirs = await one.ask(dialect, one.pathOf(dialect), { as })
        expect([status, body.status, body.body]).toEqual([200, theirs.status, theirs.text])
        for (const name of same) expect(body.headers[name]).toBe(theirs.headers[name])
      }
    },
  )

  it('shows what a person would get by their newest key, and that a key is over', async () => {
    const one = await world()
    const ask = asking(one)
    const { id } = cast.askers.colleague
    const answer = await ask('admin', 'GET', `${ada}/as/webex?viewer=${id}`)
    const theirs = await one.ask(house, '/v1/people/x', { as: 'colleague' })
    expect([answer.body.status, theirs.status]).toEqual([200, 404])
    const over = await ask('admin', 'GET', `${ada}/as/webex?viewer=${one.keys.revoked.key.id}`)
    expect(over.body.status).toBe(401)
    const keyless = await ask('admin', 'GET', `${ada}/as/webex?viewer=${cast.manager.id}`)
    expect([keyless.status, keyless.body.detail]).toEqual([404, expect.stringContaining('no key')])
  })

  it('does not count as the other’s use of their key', async () => {
    const one = await world()
    const { id } = one.keys.colleague.key
    await asking(one)('admin', 'GET', `${ada}/as/webex?viewer=${id}`)
    await one.door.flush()
    const key = (await one.store.keys.list()).find((each) => each.id === id)
    expect(key).not.toHaveProperty('lastUsedAt')
  })

  it('is for administrators of both, who learn nothing of others', async () => {
    const one = await world()
    const ask = asking(one)
    const path = (viewer: string, id: string = cast.ada.id) =>
      `/people/${id}/as/webex?viewer=${viewer}`
    const nobody = '00000000-0000-4000-8000-000000000000'
    const missing = await ask('admin', 'GET', path(nobody))
    for (const viewer of [cast.askers.outsider.id, one.keys.outsider.key.id]) {
      const answer = await ask('admin', 'GET', path(viewer))
      expect([answer.status, answer.text]).toEqual([404, missing.text])
    }
    const gone = await ask('admin', 'GET', path(one.keys.admin.key.id, nobody))
    const hidden = await ask('admin', 'GET', path(one.keys.admin.key.id, cast.askers.outsider.id))
    expect([hidden.status, hidden.text]).toEqual([404, gone.text])
    for (const as of ['self', 'colleague', 'outsider', 'service'] as const) {
      expect((await ask(as, 'GET', path(one.keys.self.key.id))).status).toBe(403)
    }
    expect((await ask('admin', 'GET', `${ada}/as/cobol`)).status).toBe(404)
  })
})

describe('vCards', () => {
  it('tell of somebody what the caller may see', async () => {
    const one = await world()
    const ask = asking(one)
    const { status, headers, text } = await ask('colleague', 'GET', `${ada}.vcf`)
    expect([status, headers['content-type']]).toEqual([200, 'text/vcard; charset=utf-8'])
    const unfolded = text.replaceAll('\r\n ', '')
    for (const line of [
      'BEGIN:VCARD',
      'VERSION:4.0',
      `UID:urn:uuid:${cast.ada.id}`,
      'FN:Ada CanaryDisplay',
      'CATEGORIES:Canary & Group',
      'PHOTO:https://pictures.example/canary-avatar.png',
      'END:VCARD',
    ]) {
      expect(unfolded.split('\r\n')).toContain(line)
    }
    expect(unfolded).toContain('canary.mail@ada-canary.example')
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    for (const as of cast.viewerNames) {
      const card = (await ask(as, 'GET', `${ada}.vcf`)).text.replaceAll('\r\n ', '')
      for (const secret of cast.secretsFrom[as]) expect(card).not.toContain(secret)
    }
  })

  it('hide somebody as if there were nobody', async () => {
    const hidden = await world({ ada: { ...cast.ada, audiences: { existence: 'nobody' } } })
    const ask = asking(hidden)
    const missing = await ask(
      'colleague',
      'GET',
      '/people/00000000-0000-4000-8000-000000000000.vcf',
    )
    const answer = await ask('colleague', 'GET', `${ada}.vcf`)
    expect([answer.status, answer.text]).toEqual([404, missing.text])
    expect((await ask('colleague', 'GET', '/people.vcf?limit=100')).text).not.toContain(cast.ada.id)
  })

  it('come in pages as the list of people does, each person once', async () => {
    const ask = asking(await world())
    const { items } = (await ask('colleague', 'GET', '/people?limit=100')).body
    const uids: string[] = []
    let path: string | undefined = '/people.vcf?limit=4'
    while (path !== undefined) {
      const { text, headers } = await ask('colleague', 'GET', path)
      uids.push(...[...text.matchAll(/^UID:urn:uuid:(.*)\r$/gm)].map(([, id = '']) => id))
      path = /api\/v1([^>]*)>; rel="next"/.exec(headers.link ?? '')?.[1]
    }
    expect(uids).toEqual(items.map(({ id }: { id: string }) => id))
  })

  it('are had for who wants vCards, and not as anything else', async () => {
    const ask = asking(await world())
    const card = (accept: string) => ask('colleague', 'GET', `${ada}.vcf`, undefined, { accept })
    expect((await card('text/vcard')).status).toBe(200)
    expect((await card('application/json')).status).toBe(406)
  })
})
