import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { expectGolden } from '../../../test/golden.ts'
import { speaks } from '../../../test/speaks.ts'
import { type Question, world } from '../../../test/world.ts'
import { newPerson } from '../../person/draft.ts'
import { newEmail } from '../../person/emails.ts'
import { reservedUserNames } from '../../person/user-names.ts'
import { dateTime, day } from './dates.ts'
import { htmlEncoded } from './html.ts'
import { docspace } from './index.ts'
import { routes } from './routes.ts'
import { DocSpaceError, DocSpacePerson, enveloped } from './schema.ts'

speaks(docspace, {
  person: enveloped(DocSpacePerson),
  error: DocSpaceError,
  bodiless: [401],
  missing: 404,
  unacceptable: 406,
  malformed: { path: '/api/2.0/people/%07', status: 400 },
  allow: 'GET, HEAD, PUT, DELETE',
})

const golden = (text: string, name: string) =>
  expectGolden(text, new URL(`./fixtures/${name}.json`, import.meta.url))

async function read(options: Parameters<typeof world>[0], question: Question, query = '') {
  const { ask, pathOf } = await world(options)
  return ask(docspace, pathOf(docspace) + query, question)
}

describe('docspace', () => {
  it('gives the body of the documentation for the owner of the documentation', async () => {
    const { flags } = cast.ada
    const owner = newPerson(
      {
        id: '7ffe085d-0dc5-43c2-a9f2-757bd9a0afff' as typeof cast.ada.id,
        organizationId: cast.organizations.home.id,
        userName: 'ada.byron',
        givenName: 'Ada',
        familyName: 'Byron',
        emails: [newEmail('ada@example.com', cast.ada.createdAt)],
        createdAt: '2025-03-06T03:30:43.000Z',
        workFrom: '2025-03-06T11:30:43.000Z',
        flags: {
          ...flags,
          owner: true,
          administrator: true,
          roomAdministrator: false,
          ldap: false,
          sso: false,
        },
        locale: 'en-US',
      },
      cast.ada.createdAt,
    )
    const { ask, store } = await world()
    await store.commit([{ kind: 'person', person: owner }], 'test', owner.createdAt)
    const { text } = await ask(docspace, `/api/2.0/people/${owner.id}`, { as: 'admin' })
    const there = text
      .replace(/hash=\w+/g, 'hash=123')
      .replaceAll('https://people.example', 'http://HOST')
    golden(there, 'documentation')
  })

  it.each(['self', 'admin', 'service', 'colleague', 'outsider'] as const)(
    'shows to %s what they may see',
    async (as) => {
      golden((await read({}, { as })).text, as)
    },
  )

  it.each([
    ['envelope', false],
    ['dateObjects', true],
    ['enumNames', true],
  ] as const)('changes its form with the switch %s', async (name, value) => {
    const { text } = await read({ switches: { docspace: { [name]: value } } }, { as: 'admin' })
    golden(text, name)
  })

  it('says “User not found” with the switch seedErrors', async () => {
    const { ask } = await world({ switches: { docspace: { seedErrors: true } } })
    golden((await ask(docspace, '/api/2.0/people/269', { as: 'self' })).text, 'seedErrors')
  })

  it('refuses in the vendor’s words', async () => {
    const { ask } = await world()
    golden((await ask(docspace, '/api/2.0/people/269', { as: 'self' })).text, 'not-found')
    golden((await ask(docspace, '/api/2.0/people/a%00b', { as: 'self' })).text, 'bad-id')
    const long = await ask(docspace, `/api/2.0/people/${'x'.repeat(256)}`, { as: 'self' })
    expect(long.body.error.message).toBe('Incorect UserId')
    const asBasic = { authorization: `Basic ${btoa('canary.username:nonsense')}` }
    const basic = await ask(docspace, '/api/2.0/people/@self', { headers: asBasic })
    expect([basic.status, basic.text, basic.headers['www-authenticate']]).toEqual([
      401,
      '',
      'Basic',
    ])
    const bearer = await ask(docspace, '/api/2.0/people/@self')
    expect([bearer.status, bearer.text, bearer.headers['www-authenticate']]).toEqual([
      401,
      '',
      undefined,
    ])
  })

  it('finds by user name, in any case, in the caller’s organization alone', async () => {
    const { ask } = await world()
    for (const name of ['canary.username', 'CANARY.Username', 'canary%2Eusername']) {
      const { body } = await ask(docspace, `/api/2.0/people/${name}`, { as: 'colleague' })
      expect(body.response.id).toBe(cast.ada.id)
    }
    expect(
      (await ask(docspace, '/api/2.0/people/canary.username', { as: 'outsider' })).status,
    ).toBe(404)
  })

  it('takes an id in capitals, and gives it back in small letters', async () => {
    const { ask } = await world()
    const { body } = await ask(docspace, `/api/2.0/people/${cast.ada.id.toUpperCase()}`, {
      as: 'self',
    })
    expect(body.response.id).toBe(cast.ada.id)
  })

  it.each(['/api/2.0/people/@self', '/api/2.0/people/%40self', '/docspace/api/2.0/people/@self/'])(
    'answers %s with the caller, and what only they get',
    async (path) => {
      const { ask } = await world()
      const { body } = await ask(docspace, path, { as: 'self' })
      expect(body.response).toMatchObject({ id: cast.ada.id, theme: 'Dark', loginEventId: 424_242 })
      expect(body.links).toEqual([{ href: `https://people.example${path}`, action: 'GET' }])
      expect((await ask(docspace, path, { as: 'service' })).status).toBe(404)
    },
  )

  it('takes Basic with the key of the person who is named', async () => {
    const { ask, keys } = await world()
    const basic = (name: string, key: string) => ({
      headers: { authorization: `Basic ${btoa(`${name}:${key}`)}` },
    })
    const { self, colleague } = keys
    const asked = (question: Question) => ask(docspace, '/api/2.0/people/@self', question)
    expect((await asked(basic('canary.username', self.secret))).status).toBe(200)
    expect((await asked(basic('Canary.UserName', self.secret))).status).toBe(200)
    expect((await asked(basic('canary.username', colleague.secret))).status).toBe(401)
    expect((await asked(basic('', self.secret))).status).toBe(401)
    const path = `/api/2.0/people/${cast.ada.id}`
    expect((await ask(docspace, path, basic('', keys.service.secret))).status).toBe(401)
  })

  it('gives no more than the fields asked for, down dotted paths', async () => {
    const trimmed = await read(
      {},
      { as: 'admin' },
      '?fields=id,displayName&fields=groups.name,createdBy.id,nothing',
    )
    expect(trimmed.body.response).toEqual({
      groups: [{ name: 'Canary & Group' }],
      createdBy: { id: cast.creator.id },
      id: cast.ada.id,
      displayName: 'Ada CanaryDisplay',
    })
    expect(trimmed.body.links[0].href).toMatch(
      /\?fields=id,displayName&fields=groups\.name,createdBy\.id,nothing$/,
    )
    expect((await read({}, { as: 'admin' }, '?fields=nothing')).body.response).toEqual({})
    expect((await read({}, { as: 'admin' }, '?fields=')).body.response.id).toBe(cast.ada.id)
  })

  it('does not let fields bring back what is hidden', async () => {
    const { body } = await read({}, { as: 'outsider' }, '?fields=email,birthday,groups,quotaLimit')
    expect(body.response).toEqual({})
  })

  it.each(['application/json', 'text/json', 'text/plain'])(
    'answers as %s when asked to',
    async (accept) => {
      const { headers, body } = await read({}, { as: 'self', headers: { accept } })
      expect(headers['content-type']).toBe(`${accept}; charset=utf-8`)
      expect(body.response.id).toBe(cast.ada.id)
    },
  )

  it('tells a plain user nothing of anybody else’s groups, but of their own', async () => {
    const { ask, store } = await world()
    const path = `/api/2.0/people/${cast.askers.colleague.id}`
    const [one] = cast.groups
    await store.commit(
      [
        {
          kind: 'members',
          groupId: one.group.id,
          joining: [cast.askers.colleague.id],
          leaving: [],
        },
      ],
      'test',
      cast.ada.createdAt,
    )
    const own = (await ask(docspace, path, { as: 'colleague' })).body.response
    expect([own.department, own.groups.length]).toEqual(['Canary &amp; Group', 1])
    const other = (await read({}, { as: 'colleague' })).body.response
    expect(other).not.toHaveProperty('department')
    expect(other).not.toHaveProperty('groups')
    // Ada is a room administrator.
    const seen = (await ask(docspace, path, { as: 'self' })).body.response
    expect(seen.groups).toEqual([
      { id: one.group.id, name: 'Canary & Group', manager: cast.groupManager.userName },
    ])
  })

  it('names a group’s manager and a person’s creator only to those who may know of them', async () => {
    const shy = (person: typeof cast.ada) => ({
      ...person,
      audiences: { existence: 'nobody' as const },
    })
    const others = [shy(cast.groupManager)]
    const seen = (await read({ others }, { as: 'service' })).body.response
    expect(seen.groups[0]).not.toHaveProperty('manager')
    const admin = (await read({ others }, { as: 'admin' })).body.response
    expect(admin.groups[0].manager).toBe(cast.groupManager.userName)
    expect((await read({}, { as: 'self' })).body.response).not.toHaveProperty('createdBy')
  })

  it('serves the pictures that its answers name, to everybody', async () => {
    const { avatar: _, ...plain } = cast.ada
    const { ask, pathOf } = await world({ ada: plain })
    const { response } = (await ask(docspace, pathOf(docspace), { as: 'outsider' })).body
    expect(response.hasAvatar).toBe(false)
    const sizes = {
      avatar: 82,
      avatarOriginal: 200,
      avatarMax: 200,
      avatarMedium: 48,
      avatarSmall: 32,
    }
    for (const [field, size] of Object.entries(sizes)) {
      const picture = await ask(docspace, response[field])
      expect(picture.status).toBe(200)
      expect(picture.headers).toMatchObject({
        'content-type': 'image/png',
        'cache-control': 'public, max-age=31536000, immutable',
      })
      // Width and height stand in the first chunk (W3C PNG, IHDR).
      expect(picture.bytes.subarray(1, 4).toString()).toBe('PNG')
      expect([picture.bytes.readUInt32BE(16), picture.bytes.readUInt32BE(20)]).toEqual([size, size])
      const again = await ask(docspace, response[field], {
        headers: { 'if-none-match': picture.headers.etag ?? '' },
      })
      expect(again.status).toBe(304)
    }
    expect((await ask(docspace, '/static/images/..%2F..%2Fprojects.ts')).status).toBe(404)
  })

  it('writes text as the vendor’s server encodes it', () => {
    expect(htmlEncoded(`<b>"O'Neill" & Zoë 愛 😀`)).toBe(
      '&lt;b&gt;&quot;O&#39;Neill&quot; &amp; Zo&#235; 愛 &#128512;',
    )
  })

  it('writes times on the portal’s clock, whatever its offset', () => {
    const instant = '2026-07-01T00:00:00.123Z'
    expect(dateTime(instant, 'UTC', false)).toBe('2026-07-01T00:00:00.1230000Z')
    expect(dateTime(instant, 'America/St_Johns', false)).toBe('2026-06-30T21:30:00.1230000-02:30')
    expect(dateTime(instant, 'Asia/Kathmandu', false)).toBe('2026-07-01T05:45:00.1230000+05:45')
    expect(dateTime(instant, 'America/St_Johns', true)).toEqual({
      utcTime: instant,
      timeZoneOffset: '-02:30:00',
    })
    expect(day('2026-03-29', 'Europe/Amsterdam', false)).toBe('2026-03-29T00:00:00.0000000+01:00')
    expect(dateTime(instant, 'Nowhere/Land', false)).toBe('2026-07-01T00:00:00.1230000Z')
  })

  it('has no literal path that a user name could be', () => {
    const literals = routes.flatMap(
      ({ path }) => /^\/api\/2\.0\/people\/([^:@/]+)/.exec(path)?.[1] ?? [],
    )
    expect(literals.filter((word) => !reservedUserNames.includes(word))).toEqual([])
  })
})
