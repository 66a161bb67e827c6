import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { expectGolden } from '../../../test/golden.ts'
import { speaks } from '../../../test/speaks.ts'
import { type Answer, type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import { newPerson } from '../../person/draft.ts'
import { newEmail } from '../../person/emails.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import type { Signals } from '../../presence/presence.ts'
import { encodePersonId } from './ids.ts'
import { webex } from './index.ts'
import { WebexError, WebexPerson } from './schema.ts'

speaks(webex, {
  person: WebexPerson,
  error: WebexError,
  missing: 404,
  unacceptable: 404,
  allow: 'GET, HEAD, PUT, DELETE',
  random: ['trackingid'],
})

const { ada } = cast
const adaPath = `/v1/people/${encodePersonId(ada.id)}`
const unknown = '00000000-0000-4000-8000-000000000000'

async function ask(path: string, as: ViewerName, options?: WorldOptions): Promise<Answer> {
  return (await world(options)).ask(webex, path, { as })
}

/** Ada, changed, as one viewer gets her. */
const adaTo = async (as: ViewerName, changes: Partial<Person> = {}) =>
  (await ask(adaPath, as, { ada: { ...ada, ...changes } })).body

/** The exact text of a body is kept in ./fixtures, without the random end of a tracking id. */
const isGolden = (text: string, name: string) =>
  expectGolden(
    text.replace(/ROUTERGW_[0-9a-f-]{36}/, 'ROUTERGW_'),
    new URL(`fixtures/${name}.json`, import.meta.url),
  )

describe('webex: the vendor’s page', () => {
  // What the ids of the example say when they are decoded.
  const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a'
  const other = '96abc2aa-3dcc-11e5-b263-0f4592adefab'
  const at = '2015-10-18T14:26:16.000Z'
  const john = newPerson(
    {
      id: ada.id,
      number: ada.number,
      organizationId: organization as OrganizationId,
      userName: 'john.andersen',
      displayName: 'John Andersen',
      givenName: 'John',
      familyName: 'Andersen',
      nickName: 'John',
      emails: [newEmail('john.andersen@example.com', at, { primary: true })],
      phones: [newPhone('+1 408 526 7209', { type: 'work' })],
      avatar: {
        id: 'john',
        url: 'https://1efa7a94ed21783e352-c62266528714497a17239ececf39e9e2.ssl.cf1.rackcdn.com/V1~54c844c89e678e5a7b16a306bc2897b9~wx29yGtlTpilEFlYzqPKag==~1600',
      },
      roles: [{ id: organization }, { id: other }],
      licenses: [{ id: organization }, { id: other }],
      timeZone: 'America/Denver',
    },
    at,
  )
  const there: WorldOptions = {
    ada: john,
    adaSignals: { firstLoginAt: at, lastActivityAt: '2015-10-18T14:26:16.028Z' },
    now: Date.parse('2015-10-18T14:30:00.000Z'),
  }

  it('has its example come out byte for byte with seedForm', async () => {
    const switches = { webex: { seedForm: true } }
    const { text } = await ask(adaPath, 'self', { ...there, switches })
    isGolden(text, 'page-example')
  })

  it('has it come out the same but for the time of the last change with stringBooleans', async () => {
    const switches = { webex: { stringBooleans: true } }
    const { text } = await ask(adaPath, 'self', { ...there, switches })
    isGolden(text, 'page-example-string-booleans')
  })

  it('has it come out with real booleans otherwise', async () => {
    const { text } = await ask(adaPath, 'self', there)
    isGolden(text, 'page-example-default')
  })
})

describe('webex: exact bodies', () => {
  it.each([
    ['owner', 'insider'],
    ['admin', 'insider'],
    ['managingAdmin', 'insider'],
    ['self', 'insider'],
    ['colleague', 'insider'],
    ['service', 'insider'],
    ['connection', 'outsider'],
    ['coAttendee', 'outsider'],
    ['outsider', 'outsider'],
  ] as const)('to %s are those of an %s', async (as, name) => {
    const { status, text } = await ask(adaPath, as)
    expect(status).toBe(200)
    isGolden(text, name)
  })

  it.each([
    ['seedForm', 'insider-seed-form'],
    ['stringBooleans', 'insider-string-booleans'],
  ] as const)('with %s', async (form, name) => {
    const { text } = await ask(adaPath, 'colleague', { switches: { webex: { [form]: true } } })
    isGolden(text, name)
  })

  it('of oneself', async () => {
    const { text } = await ask('/v1/people/me', 'self')
    isGolden(text, 'insider')
  })

  it.each([
    [401, adaPath, undefined, 'GET'],
    [404, `/v1/people/${unknown}`, 'colleague', 'GET'],
    [404, '/v1/people/not-an-id', 'colleague', 'GET'],
    [404, '/v1/people/me', 'service', 'GET'],
    [404, '/v1/people/me/rooms', 'colleague', 'GET'],
    [405, adaPath, 'colleague', 'PATCH'],
    [400, '/v1/people', 'colleague', 'GET'],
  ] as const)('of a %i at %s to %s', async (expected, path, as, method) => {
    const one = await world()
    const { status, text, body, headers } = await one.ask(webex, path, {
      ...(as && { as }),
      method,
    })
    const { trackingid } = headers
    expect(status).toBe(expected)
    expect(trackingid).toMatch(/^ROUTERGW_[0-9a-f-]{36}$/)
    expect(body.trackingId).toBe(trackingid)
    isGolden(text, `error-${expected}`)
  })
})

describe('webex: a list by ids', () => {
  const padded = Buffer.from(`ciscospark://us/PEOPLE/${ada.id}`).toString('base64')
  const bot = encodePersonId(cast.askers.colleague.id)
  const hidden = { ...cast.creator, audiences: { existence: 'nobody' } } as const

  it('gives each person once, in the order asked, and tells of every other id in its encoded form', async () => {
    expect(padded).toMatch(/=$/)
    const ids = [
      bot,
      padded,
      unknown,
      encodePersonId(ada.id),
      ada.id,
      'garbage',
      encodePersonId(hidden.id),
      encodePersonId(unknown),
      cast.askers.deleted.id,
    ]
    const { text } = await ask(`/v1/people?id=${ids.join()}&showAllTypes=false`, 'colleague', {
      others: [hidden],
    })
    isGolden(text, 'list')
  })

  it('answers the same with a slash, with the ids apart, and with blanks between them', async () => {
    const one = await world()
    const get = (path: string) => one.ask(webex, path, { as: 'outsider' })
    const { status, text } = await get(`/v1/people?id=${bot},${ada.id},x`)
    expect(status).toBe(200)
    for (const same of [
      `/v1/people/?id=${bot},${ada.id},x`,
      `/v1/people?id=${bot}&id=${ada.id}&id=x`,
      `/v1/people?id=${bot},%20${ada.id},,x,`,
      `/webexapis/v1/people/?id=${bot},${ada.id},x`,
    ]) {
      expect((await get(same)).text).toBe(text)
    }
  })

  it('says null when everybody was found', async () => {
    const { body } = await ask(`/v1/people?id=${ada.id}`, 'outsider')
    expect(body.notFoundIds).toBeNull()
  })

  it('gives everybody exactly as they are given alone', async () => {
    const one = await world()
    for (const as of cast.viewerNames) {
      const alone = await one.ask(webex, adaPath, { as })
      const list = await one.ask(webex, `/v1/people?id=${ada.id}`, { as })
      expect(JSON.stringify(list.body.items)).toBe(`[${alone.text}]`)
    }
  })

  it('takes 85 ids and refuses 86', async () => {
    const ids = Array.from({ length: 86 }, () => crypto.randomUUID())
    const most = await ask(`/v1/people?id=${ids.slice(1).join()}`, 'colleague')
    expect(most.body.notFoundIds).toHaveLength(85)
    const more = await ask(`/v1/people?id=${ids.join()}`, 'colleague')
    expect(more.status).toBe(400)
    expect(more.body.message).toBe('id: at most 85 ids in one request; these are 86.')
  })

  it.each(['?id=', '?id=,', '?max=10', '/'])('wants a filter: %s', async (rest) => {
    const { status, text } = await ask(`/v1/people${rest}`, 'colleague')
    expect(status).toBe(400)
    isGolden(text, 'error-400')
  })
})

describe('webex: an id', () => {
  const forms = [
    ['encoded', encodePersonId(ada.id)],
    ['padded', `${encodePersonId(ada.id)}=`],
    ['padded and percent-encoded', `${encodePersonId(ada.id)}%3D`],
    ['of another region', Buffer.from(`ciscospark://eu/PEOPLE/${ada.id}`).toString('base64url')],
    ['in capitals', ada.id.toUpperCase()],
    ['as a UUID', ada.id],
  ] as const

  it.each(forms)('is taken %s and given back encoded without padding', async (_, id) => {
    const { status, body } = await ask(`/v1/people/${id}`, 'outsider')
    expect(status).toBe(200)
    expect(body.id).toBe(encodePersonId(ada.id))
  })

  it.each([
    ['of a room', Buffer.from(`ciscospark://us/ROOM/${ada.id}`).toString('base64url')],
    ['with more behind it', Buffer.from(`ciscospark://us/PEOPLE/${ada.id}/x`).toString('base64')],
    ['without a scheme', Buffer.from(ada.id).toString('base64')],
    ['that is an address', 'canary.mail%40ada-canary.example'],
    ['that is a user name', ada.userName],
  ])('%s is nobody’s', async (_, id) => {
    expect((await ask(`/v1/people/${id}`, 'colleague')).status).toBe(404)
  })
})

describe('webex: status', () => {
  const minute = 60_000
  const since = (ago: number) => new Date(cast.testNow - ago).toISOString()
  const firstLoginAt = '2021-02-03T05:00:00.000Z'
  const active = { firstLoginAt, lastActivityAt: since(minute) }
  const stale = { firstLoginAt, lastActivityAt: since(11 * minute) }
  const always = {}

  const cases: readonly (readonly [string, string, Signals])[] = [
    [
      'nine minutes and 59 seconds after the last activity',
      'active',
      { firstLoginAt, lastActivityAt: since(10 * minute - 1000) },
    ],
    [
      'exactly ten minutes after it',
      'active',
      { firstLoginAt, lastActivityAt: since(10 * minute) },
    ],
    ['a millisecond later', 'inactive', { firstLoginAt, lastActivityAt: since(10 * minute + 1) }],
    [
      'ten minutes and a second after it',
      'inactive',
      { firstLoginAt, lastActivityAt: since(10 * minute + 1000) },
    ],
    ['before the first login', 'pending', {}],
    [
      'before the first login, whatever else is set',
      'pending',
      { doNotDisturb: always, outOfOffice: always, engagement: 'call' },
    ],
    ['after a login without activity', 'unknown', { firstLoginAt }],
    ['after a login without activity, in a call', 'unknown', { firstLoginAt, engagement: 'call' }],
    ['not to be disturbed', 'DoNotDisturb', { ...active, doNotDisturb: always }],
    [
      'not to be disturbed, without activity',
      'DoNotDisturb',
      { firstLoginAt, doNotDisturb: always },
    ],
    [
      'not to be disturbed, out of office and in a call',
      'DoNotDisturb',
      { ...active, doNotDisturb: always, outOfOffice: always, engagement: 'call' },
    ],
    [
      'not to be disturbed until a minute from now',
      'DoNotDisturb',
      { ...active, doNotDisturb: { until: since(-minute) } },
    ],
    ['not to be disturbed until now', 'active', { ...active, doNotDisturb: { until: since(0) } }],
    ['out of office', 'OutOfOffice', { ...stale, outOfOffice: always }],
    [
      'out of office and in a meeting',
      'OutOfOffice',
      { ...active, outOfOffice: always, engagement: 'meeting' },
    ],
    [
      'out of office from now',
      'OutOfOffice',
      { ...active, outOfOffice: { from: since(0), until: since(-minute) } },
    ],
    ['out of office only later', 'active', { ...active, outOfOffice: { from: since(-1) } }],
    [
      'back from out of office',
      'inactive',
      { ...stale, outOfOffice: { from: since(2 * minute), until: since(minute) } },
    ],
    ['in a call', 'call', { ...active, engagement: 'call' }],
    ['in a meeting', 'meeting', { ...active, engagement: 'meeting' }],
    ['presenting', 'presenting', { ...active, engagement: 'presenting' }],
    [
      'in a call of which nothing was heard for eleven minutes',
      'inactive',
      { ...stale, engagement: 'call' },
    ],
  ]

  it.each(cases)('%s is %s', async (_, status, adaSignals) => {
    const { body } = await ask(adaPath, 'colleague', { adaSignals })
    expect(body.status).toBe(status)
    expect(body.lastActivity).toBe(adaSignals.lastActivityAt)
  })

  it('is told, like the last activity, to those of the organization and those who administer it', async () => {
    const told = ['owner', 'admin', 'managingAdmin', 'self', 'colleague', 'service']
    for (const as of cast.viewerNames) {
      const body = await adaTo(as)
      expect('status' in body).toBe(told.includes(as))
      expect('lastActivity' in body).toBe(told.includes(as))
    }
  })

  it('is told to no stranger, although the person shows it to everyone', async () => {
    const body = await adaTo('outsider', { audiences: { presence: 'everyone' } })
    expect(body).not.toHaveProperty('status')
    expect(body).not.toHaveProperty('lastActivity')
  })
})

describe('webex: a person', () => {
  it('has no telephone numbers for a stranger, in as many words, although shown to everyone', async () => {
    for (const as of ['outsider', 'connection', 'coAttendee'] as const) {
      const body = await adaTo(as, { audiences: { contact: 'everyone' } })
      expect(body.phoneNumbers).toEqual([])
      expect(body.emails).toHaveLength(2)
    }
  })

  it('gives a stranger nothing about the work, the account or the time zone, although shown to everyone', async () => {
    const everything = {
      profile: 'everyone',
      work: 'everyone',
      account: 'everyone',
      locale: 'everyone',
      contact: 'everyone',
    } as const
    const body = await adaTo('outsider', { audiences: everything })
    expect(Object.keys(body)).toEqual([
      'id',
      'emails',
      'phoneNumbers',
      'displayName',
      'nickName',
      'firstName',
      'lastName',
      'avatar',
      'orgId',
      'created',
      'type',
    ])
  })

  it('has an empty list of e-mail addresses for want of any, and nothing else that is empty', async () => {
    const bare = newPerson(
      { id: ada.id, organizationId: ada.organizationId, userName: 'bare' },
      ada.createdAt,
    )
    const { body } = await ask(adaPath, 'colleague', { ada: bare, adaSignals: {} })
    expect(body).toEqual({
      id: encodePersonId(ada.id),
      emails: [],
      displayName: 'bare',
      orgId: expect.any(String),
      created: ada.createdAt,
      lastModified: ada.createdAt,
      status: 'pending',
      invitePending: false,
      loginEnabled: true,
      type: 'person',
    })
  })

  it.each(['person', 'bot', 'appuser'] as const)('can be a %s', async (type) => {
    expect((await adaTo('outsider', { type })).type).toBe(type)
  })

  it.each([
    ['invited', true, true, true],
    ['active', true, false, true],
    ['active', false, false, false],
    ['suspended', true, false, false],
  ] as const)(
    'that is %s, with login allowed %s: invite pending %s, login enabled %s',
    async (lifecycle, loginEnabled, invitePending, enabled) => {
      const body = await adaTo('colleague', { lifecycle, loginEnabled })
      expect(body).toMatchObject({ invitePending, loginEnabled: enabled })
    },
  )

  it('has the telephone numbers of the vendor’s four kinds, one of no kind as work, and no others', async () => {
    const kinds = ['work', 'work_extension', 'mobile', 'fax', 'home', 'pager', 'Work', undefined]
    const phones = kinds.map((type, index) =>
      newPhone(`+1 408 526 720${index}`, type ? { type } : {}),
    )
    expect((await adaTo('colleague', { phones })).phoneNumbers).toEqual([
      { type: 'work', value: '+1 408 526 7200' },
      { type: 'work_extension', value: '+1 408 526 7201' },
      { type: 'mobile', value: '+1 408 526 7202' },
      { type: 'fax', value: '+1 408 526 7203' },
      { type: 'work', value: '+1 408 526 7207' },
    ])
    expect(await adaTo('colleague', { phones: phones.slice(4, 7) })).not.toHaveProperty(
      'phoneNumbers',
    )
  })

  it('names no manager whom the caller may not know of, neither by name nor by id', async () => {
    const hidden = { ...cast.manager, audiences: { existence: 'nobody' } } as const
    const one = await world({ others: [hidden] })
    for (const as of ['self', 'colleague', 'service'] as const) {
      const { body } = await one.ask(webex, adaPath, { as })
      expect(body.department).toBe('Canary Department')
      expect(body).not.toHaveProperty('manager')
      expect(body).not.toHaveProperty('managerId')
    }
    const { body } = await one.ask(webex, adaPath, { as: 'admin' })
    expect(body.manager).toBe(cast.manager.displayName)
    expect(body.managerId).toBe(encodePersonId(cast.manager.id))
  })

  it('names a manager whose name is hidden by the id alone', async () => {
    const nameless = { ...cast.manager, audiences: { name: 'nobody' } } as const
    const { body } = await ask(adaPath, 'colleague', { others: [nameless] })
    expect(body).not.toHaveProperty('manager')
    expect(body.managerId).toBe(encodePersonId(cast.manager.id))
  })

  it('has no manager who was deleted or never was', async () => {
    for (const managerId of [cast.askers.deleted.id, unknown as PersonId]) {
      const body = await adaTo('admin', { managerId })
      expect(body).not.toHaveProperty('manager')
      expect(body).not.toHaveProperty('managerId')
    }
  })

  it('was last changed when something changed that the caller may see', async () => {
    const changes = {
      updatedAt: '2026-03-04T05:00:00.000Z',
      touched: { work: '2026-03-04T04:00:00.000Z', gender: '2026-03-04T05:00:00.000Z' },
    }
    expect((await adaTo('colleague', changes)).lastModified).toBe('2026-03-04T04:00:00.000Z')
    expect((await adaTo('self', changes)).lastModified).toBe('2026-03-04T05:00:00.000Z')
    expect(await adaTo('outsider', changes)).not.toHaveProperty('lastModified')
  })
})
