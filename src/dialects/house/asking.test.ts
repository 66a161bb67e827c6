import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { picture } from '../../../test/pictures.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import { memoryFiles } from '../../pictures/memory-files.ts'
import { spoken } from '../index.ts'
import { documentOf } from '../openapi.ts'
import { house } from './index.ts'

const asking =
  (one: World) =>
  (as: ViewerName, method: string, path: string, body?: unknown, headers = {}) =>
    one.ask(house, `/api/v1${path}`, {
      ...{ as, method },
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

const ada = `/people/${cast.ada.id}`
const { colleague } = cast.askers
const { avatar: _, cover: __, meetingAvailability: ___, ...bare } = cast.ada

describe('house: what is asked wrongly', () => {
  it.each([
    ['/people/x', 'id'],
    ['/connections/x', 'personId'],
    ['/presence', 'ids'],
    ['/slots', 'people'],
    ['/slots?people=x', 'people'],
    [`${ada}/as/klingon`, 'dialect'],
    ['/meetings?state=gone', 'state'],
    ['/meetings?limit=0', 'limit'],
  ])('is told with its parameter: %s', async (path, parameter) => {
    const { body } = await asking(await world())('admin', 'GET', path)
    expect(body.errors).toEqual([{ detail: expect.any(String), parameter }])
  })

  it('is told with its place in the body, though a parameter has the same name', async () => {
    const ask = asking(await world())
    const { body } = await ask('self', 'PATCH', ada, { id: 'x' })
    expect(body.errors).toEqual([{ detail: 'can not be written here', pointer: '#/id' }])
    const posted = await ask('self', 'POST', '/connections', { personId: 'x' })
    expect(posted.body.errors[0].pointer).toBe('#/personId')
  })

  it.each([
    ['POST', '/connections', ['personId']],
    ['POST', '/meetings', ['participants', 'start']],
    ['POST', '/groups', ['name']],
    ['POST', '/people', ['userName']],
    ['PATCH', '/me/preferences', ['own']],
    ['PATCH', '/me/privacy', ['own']],
  ])('has a place for each field that is missing: %s %s', async (method, path, fields) => {
    const { status, body } = await asking(await world())('self', method, path, {})
    expect(status).toBe(400)
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(fields.map((name) => `#/${name}`))
    for (const name of fields) expect(body.detail).toContain(name)
  })

  it.each([
    ['GET', '/me'],
    ['GET', ada],
    ['GET', `${ada}/avatar`],
    ['GET', `${ada}/presence`],
    ['GET', `${ada}/privacy`],
    ['GET', '/privacy/presets'],
    ['PATCH', '/me'],
    ['DELETE', `${ada}/avatar`],
  ])('is never passed over: %s %s?x=1', async (method, path) => {
    const ask = asking(await world())
    const { status, body } = await ask(
      'self',
      method,
      `${path}?x=1`,
      method === 'PATCH' ? {} : undefined,
    )
    expect([status, body.errors[0].parameter]).toEqual([400, 'x'])
  })

  it('says how a plus is written where it came as a space', async () => {
    const ask = asking(await world())
    const { body } = await ask('self', 'GET', '/meetings?from=2026-01-01T00:00:00+01:00')
    expect(body.detail).toContain('%2B')
    const other = await ask('self', 'GET', '/meetings?from=yesterday')
    expect(other.body.detail).not.toContain('%2B')
    const right = await ask('self', 'GET', '/meetings?from=2026-01-01T00:00:00%2B01:00')
    expect(right.status).toBe(200)
  })

  it('is told which methods there are', async () => {
    const { status, body } = await asking(await world())('self', 'DELETE', '/me')
    expect([status, body.detail]).toEqual([
      405,
      'Request method not supported; there are GET, HEAD, PATCH.',
    ])
  })

  it('is told in the same words to a service, wherever it is nobody', async () => {
    const ask = asking(await world())
    const paths = ['/me', '/me/presence', '/me/meetings', '/me.vcf', '/connections', '/meetings']
    const told = await Promise.all(paths.map((path) => ask('service', 'GET', path)))
    expect(new Set(told.map(({ body }) => body.detail)).size).toBe(1)
    expect(told.map(({ status }) => status)).toEqual([404, 404, 404, 404, 403, 403])
  })
})

describe('house: the document', () => {
  interface Parameter {
    readonly name: string
    readonly in: string
    readonly schema: { readonly format?: string; readonly enum?: readonly string[] }
  }
  interface Described {
    readonly info: { readonly title: string }
    readonly paths: Readonly<
      Record<string, Record<string, { parameters: Parameter[]; tags: string[] }>>
    >
  }
  const document: Described = JSON.parse(
    JSON.stringify(documentOf(house, 'https://people.example')),
  )
  const of = (path: string, method: string) => document.paths[path]?.[method]
  const headers = (path: string, method: string) =>
    of(path, method)?.parameters.flatMap((one) => (one.in === 'header' ? one.name : []))

  it('tells what headers a write takes, and what an id is', () => {
    expect(document.info.title).toBe('Kith')
    expect(headers('/people', 'post')).toEqual(['Idempotency-Key'])
    expect(headers('/people/{id}', 'patch')).toEqual(['If-Match'])
    expect(headers('/people/{id}', 'get')).toEqual([])
    expect(of('/people/{id}', 'get')?.parameters[0]?.schema.format).toBe('uuid')
    expect(of('/meetings', 'get')?.tags).toEqual(['Meetings'])
    const untagged = Object.values(document.paths)
      .flatMap(Object.values)
      .filter(({ tags }) => !tags)
    expect(untagged).toEqual([])
  })

  it('names every dialect that a person can be looked at in', () => {
    const [, dialect] = of('/people/{id}/as/{dialect}', 'get')?.parameters ?? []
    expect(dialect?.schema.enum).toEqual(spoken.map(({ name }) => name))
  })
})

describe('house: what can be said in short', () => {
  it('is a preset of who sees what, by PATCH too, and not beside audiences', async () => {
    const ask = asking(await world())
    const { status, body } = await ask('self', 'PATCH', '/me/privacy', { preset: 'private' })
    expect([status, body.preset]).toEqual([200, 'private'])
    const both = await ask('self', 'PATCH', '/me/privacy', { preset: 'private', own: {} })
    expect(both.status).toBe(400)
  })

  it('is a change of when somebody can be met', async () => {
    const ask = asking(await world({ ada: bare }))
    const rules = [{ days: ['MON'], start: '09:00', end: '17:00' }]
    const path = '/me/availability'
    const made = await ask('self', 'PATCH', path, { timeZone: 'UTC', rules, duration: 30 })
    expect([made.status, made.body]).toEqual([200, { timeZone: 'UTC', duration: 30, rules }])
    const changed = await ask('self', 'PATCH', path, { duration: null })
    expect(changed.body).toEqual({ timeZone: 'UTC', rules })
    const emptied = await ask('self', 'PATCH', path, { timeZone: null })
    expect([emptied.status, emptied.body.errors[0].pointer]).toEqual([400, '#/timeZone'])
    const stale = await ask('self', 'PATCH', path, { duration: 60 }, { 'if-match': '"x"' })
    expect(stale.status).toBe(412)
  })

  it('is my own card', async () => {
    const ask = asking(await world())
    expect((await ask('self', 'GET', '/me.vcf')).text).toBe(
      (await ask('self', 'GET', `${ada}.vcf`)).text,
    )
  })

  it('is the one address that somebody has', async () => {
    const ask = asking(await world())
    const post = async (userName: string, emails: readonly object[]) =>
      (await ask('admin', 'POST', '/people', { userName, emails })).body.emails.map(
        ({ primary }: { primary: boolean }) => primary,
      )
    expect(await post('one', [{ value: 'one@example.com' }])).toEqual([true])
    const two = [{ value: 'a@example.com' }, { value: 'b@example.com' }]
    expect(await post('two', two)).toEqual([false, false])
  })
})

describe('house: meetings', () => {
  const hours = {
    timeZone: 'UTC',
    rules: [{ days: ['MON', 'TUE', 'WED', 'THU', 'FRI'] as const, start: '09:00', end: '17:00' }],
  }
  const bob = {
    ...colleague,
    meetingAvailability: {
      ...hours,
      rules: hours.rules.map((rule) => ({ ...rule, days: [...rule.days] })),
    },
  }

  it('end so many minutes after they start, or then, not both', async () => {
    const ask = asking(await world({ others: [bob] }))
    const sent = { participants: [bob.id], start: '2026-03-05T10:00:00Z', duration: 45 }
    const made = await ask('self', 'POST', '/meetings', sent)
    expect([made.status, made.body.end]).toEqual([201, '2026-03-05T10:45:00.000Z'])
    const both = await ask('self', 'POST', '/meetings', { ...sent, end: '2026-03-05T11:00:00Z' })
    expect([both.status, both.body.errors[0].pointer]).toEqual([400, '#/duration'])
  })

  it('are listed by state and time, page after page, without one twice or left out', async () => {
    const ask = asking(await world({ others: [bob] }))
    const ids: string[] = []
    for (const hour of ['09', '10', '11', '12', '13', '14', '15']) {
      const start = `2026-03-05T${hour}:00:00Z`
      const made = await ask('self', 'POST', '/meetings', { participants: [bob.id], start })
      ids.push(made.body.id)
    }
    const gone = ids.filter((_id, index) => index % 2 === 0)
    for (const id of gone) await ask('self', 'DELETE', `/meetings/${id}`)
    const walk = async (query: string) => {
      const all: string[] = []
      let path: string | undefined = `/me/meetings?limit=1${query}`
      while (path !== undefined) {
        const { body, headers }: Awaited<ReturnType<typeof ask>> = await ask('self', 'GET', path)
        all.push(...body.items.map(({ id }: { id: string }) => id))
        path = /\/api\/v1([^>]*)>/.exec(headers.link ?? '')?.[1]
      }
      return all
    }
    expect(await walk('')).toEqual(ids)
    expect(await walk('&state=cancelled')).toEqual(gone)
    expect(await walk('&state=booked')).toEqual(ids.filter((id) => !gone.includes(id)))
    expect(await walk('&until=2026-03-05T11:00:00Z')).toEqual(ids.slice(0, 2))
    const whole = await ask('self', 'GET', '/meetings?state=booked')
    expect(whole.body.items).toHaveLength(3)
  })
})

describe('house: a picture in whose place comes another', () => {
  const uploaded = async () => {
    const files = memoryFiles(() => cast.testNow)
    const one = await world({ ada: bare, files })
    const body = await picture(40, 40).jpeg().toBuffer()
    const put = {
      as: 'self',
      method: 'PUT',
      headers: { 'content-type': 'image/jpeg' },
      body,
    } as const
    expect((await one.ask(house, '/api/v1/me/avatar', put)).status).toBe(204)
    expect(await files.of(cast.ada.id)).toHaveLength(1)
    return { files, ask: asking(one) }
  }

  it.each([[{ url: 'https://pictures.example/ada.png' }], [null]])(
    'leaves no file behind: %j',
    async (avatar) => {
      const { files, ask } = await uploaded()
      const { id } = (await ask('self', 'GET', '/me')).body.avatar
      const { status, body } = await ask('self', 'PATCH', '/me', { avatar })
      expect(status).toBe(200)
      expect(body.avatar?.url).toBe(avatar?.url)
      expect(body.avatar?.id).not.toBe(id)
      expect(await files.of(cast.ada.id)).toEqual([])
    },
  )

  it('stays where the record comes back as it was, or without it', async () => {
    const { files, ask } = await uploaded()
    const { avatar } = (await ask('self', 'GET', '/me')).body
    await ask('self', 'PATCH', '/me', { avatar, title: 'Countess' })
    expect((await ask('self', 'GET', '/me')).body.avatar).toEqual(avatar)
    expect(await files.of(cast.ada.id)).toHaveLength(1)
  })

  it('says what If-Match could be of one that is kept elsewhere', async () => {
    const url = 'https://pictures.example/ada.png'
    const ask = asking(await world({ ada: { ...bare, avatar: { id: 'x', url } } }))
    const { status, body } = await ask('self', 'DELETE', '/me/avatar', undefined, {
      'if-match': '"x"',
    })
    expect([status, body.detail]).toEqual([412, expect.stringContaining('kept elsewhere')])
    expect((await ask('self', 'DELETE', '/me/avatar', undefined, { 'if-match': '*' })).status).toBe(
      204,
    )
  })
})
