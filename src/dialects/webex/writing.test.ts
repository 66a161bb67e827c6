import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../../../test/world.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import {
  decodePersonId,
  encodeLicenseId,
  encodeOrganizationId,
  encodePersonId,
  encodeRoleId,
} from './ids.ts'
import { webex } from './index.ts'

const { ada, askers, organizations } = cast
const people = '/v1/people'
const adaPath = `${people}/${encodePersonId(ada.id)}`

async function send(
  one: World,
  [method, path]: readonly [string, string],
  as: ViewerName,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  return one.ask(webex, path, {
    ...{ as, method, headers: { 'content-type': 'application/json', ...headers } },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const post = (one: World, body: unknown, as: ViewerName = 'admin') =>
  send(one, ['POST', people], as, body)
const put = (one: World, body: unknown, as: ViewerName = 'admin', path = adaPath) =>
  send(one, ['PUT', path], as, body)
const read = async (one: World, as: ViewerName = 'admin', path = adaPath) =>
  (await one.ask(webex, path, { as })).body

async function recordOf({ store }: World, id: PersonId = ada.id): Promise<Person> {
  const held = await store.people.byId(id)
  if (!held) throw new Error('Nobody is there')
  return held.person
}

const quiet = (options: WorldOptions = {}) => world({ groups: [], ...options })

const whole = {
  emails: ['new.person@home.example', 'Second@home.example'],
  phoneNumbers: [
    { type: 'work', value: '+1 408 526 7209' },
    { type: 'mobile', value: '+31 6 1234 5678' },
  ],
  displayName: 'Dr New Person',
  nickName: 'Newie',
  firstName: 'New',
  lastName: 'Person',
  avatar: 'https://pictures.example/new.png',
  orgId: encodeOrganizationId(organizations.home.id),
  roles: [encodeRoleId('role-1'), encodeRoleId('role-2')],
  licenses: [encodeLicenseId('licence-1')],
  department: 'Sales',
  managerId: encodePersonId(ada.id),
  title: 'GM',
  addresses: [
    {
      ...{ type: 'work', country: 'US', locality: 'Milpitas', region: 'California' },
      ...{ streetAddress: '1099 Bird Ave.', postalCode: '99212' },
    },
  ],
  timezone: 'America/Denver',
  loginEnabled: false,
}

describe('webex: POST', () => {
  it('makes a person of everything that can be written, and gives it back', async () => {
    const one = await quiet()
    const { status, body } = await post(one, whole)
    expect(status).toBe(200)
    expect(body).toMatchObject({ ...whole, manager: ada.displayName, type: 'person' })
    expect(await read(one, 'admin', `${people}/${body.id}`)).toEqual(body)
    const record = await recordOf(one, decodePersonId(body.id))
    expect(record).toMatchObject({ userName: whole.emails[0], createdById: askers.admin.id })
    expect(record.emails.map(({ primary, verified }) => [primary, verified])).toEqual([
      [true, false],
      [false, false],
    ])
  })

  it('needs an address and nothing else', async () => {
    const one = await quiet()
    const { status, body } = await post(one, { emails: ['only@home.example'] })
    expect(status).toBe(200)
    expect(body).toMatchObject({ displayName: 'only@home.example', loginEnabled: true })
    const named = await post(one, { emails: ['a@home.example'], firstName: 'A', lastName: null })
    expect(named.body.displayName).toBe('A')
  })

  it('takes the several ids in one text that the vendor’s example has', async () => {
    const roles = [`${encodeRoleId('one')},${encodeRoleId('two')}`, 'three']
    const { body } = await post(await quiet(), { emails: ['a@home.example'], roles })
    expect(body.roles).toEqual(['one', 'two', 'three'].map(encodeRoleId))
  })

  it.each([
    [undefined, 'the body: must be object'],
    [[], 'the body: must be object'],
    ['x', 'the body: must be object'],
    [{}, 'emails: is missing'],
    [{ emails: null }, 'emails: must be array'],
    [{ emails: [] }, 'emails: must not have fewer than 1 items'],
    [{ emails: [7] }, 'emails.0: must be string'],
    [{ emails: ['nobody'] }, 'emails.0: "nobody" is no e-mail address.'],
    [{ emails: ['a@b.example'], avatar: 'x' }, 'avatar.url: must be an address'],
    [{ emails: ['a@b.example'], nickName: 'x'.repeat(256) }, 'nickName: must not have more'],
    [{ emails: ['a@b.example'], extension: '133' }, 'extension: can not be kept here.'],
    [{ emails: ['a@b.example'], siteUrls: ['x'] }, 'siteUrls: can not be kept here.'],
    [{ emails: ['a@b.example'], orgId: 'x' }, 'orgId: that is no id of an organization.'],
    [{ emails: ['a@b.example'], managerId: 'x' }, 'managerId: that is no id of a person.'],
    [{ emails: ['a@b.example'], manager: 'Ada' }, 'manager: that is no id of a person.'],
    [
      { emails: ['a@b.example'], managerId: crypto.randomUUID() },
      'managerId: there is nobody with the id',
    ],
    [
      { emails: ['a@b.example'], licenses: [encodeRoleId('x')] },
      'licenses: that is an id of something else.',
    ],
  ])('refuses %j', async (body, message) => {
    const answer = await post(await quiet(), body)
    expect(answer.status).toBe(400)
    expect(answer.body.message.startsWith(message) || answer.body.message).toBe(true)
    expect(answer.body.errors).toEqual([{ description: answer.body.message }])
  })

  it.each([
    [{ phoneNumbers: [{ type: 'home', value: '1' }] }, 'phoneNumbers'],
    [{ phoneNumbers: [{ type: 'work' }] }, 'phoneNumbers'],
    [{ title: 7 }, 'title'],
    [{ roles: 'x' }, 'roles'],
    [{ loginEnabled: 'maybe' }, 'loginEnabled'],
    [{ addresses: [{ country: 1 }] }, 'addresses'],
  ])('names the field that is wrong in %j', async (wrong, field) => {
    const { status, body } = await post(await quiet(), { emails: ['a@b.example'], ...wrong })
    expect(status).toBe(400)
    expect(body.message).toMatch(new RegExp(`^${field}[.\\d\\w]*: (must |is missing)`))
  })

  it('refuses an address that somebody has, as their own or as what they are known by', async () => {
    const one = await quiet()
    const taken = await post(one, {
      emails: ['free@home.example', 'Canary.Mail@ada-canary.example'],
    })
    expect(taken.status).toBe(409)
    expect((await post(one, { emails: ['twice@home.example'] })).status).toBe(200)
    expect((await post(one, { emails: ['Twice@home.example'] })).status).toBe(409)
  })

  it('refuses another organization, and a body that is not JSON', async () => {
    const one = await quiet()
    const orgId = encodeOrganizationId(organizations.elsewhere.id)
    expect((await post(one, { ...whole, orgId })).status).toBe(403)
    const text = { as: 'admin', method: 'POST', body: '{}' } as const
    const plain = { 'content-type': 'text/plain' }
    expect((await one.ask(webex, people, { ...text, headers: plain })).status).toBe(415)
    const json = { 'content-type': 'application/json' }
    const half = await one.ask(webex, people, { ...text, headers: json, body: '{"emails":' })
    expect(half.status).toBe(400)
    expect(half.body).toHaveProperty('trackingId')
  })
})

describe('webex: PUT', () => {
  it('changes everything that can be written', async () => {
    const one = await quiet()
    const { managerId: _, ...rest } = whole
    const changed = { ...rest, managerId: encodePersonId(cast.creator.id) }
    const { status, body } = await put(one, changed)
    expect(status).toBe(200)
    expect(body).toMatchObject({ ...changed, id: encodePersonId(ada.id) })
    expect(await read(one)).toEqual(body)
  })

  it('changes nothing when a person is sent back as they were given', async () => {
    const phones = [...ada.phones, newPhone('+1 408 526 7299', { type: 'home' })]
    const { emails } = ada
    const turned = emails.map((one) => ({ ...one, primary: !one.primary }))
    for (const changes of [
      {},
      { emails: turned },
      { phones },
      { lifecycle: 'suspended' as const },
    ]) {
      for (const keepOmitted of [true, false]) {
        const one = await quiet({
          ada: { ...ada, ...changes },
          switches: { webex: { keepOmitted } },
        })
        for (const as of ['admin', 'managingAdmin', 'owner'] as const) {
          expect((await put(one, await read(one, as), as)).status).toBe(200)
        }
        expect((await recordOf(one)).version).toBe(1)
      }
    }
    const one = await quiet({ switches: { webex: { stringBooleans: true } } })
    expect((await put(one, await read(one, 'self'), 'self')).status).toBe(200)
    expect((await recordOf(one)).version).toBe(1)
  })

  it('leaves alone what it omits', async () => {
    const one = await quiet()
    const before = await read(one)
    const { body } = await put(one, { displayName: 'Ada Other' })
    const { lastModified: _, ...after } = body
    const { lastModified: __, ...same } = before
    expect(after).toEqual({ ...same, displayName: 'Ada Other' })
  })

  it('removes what it omits with keepOmitted off, but for addresses of mail and what it can’t name', async () => {
    const one = await quiet({ switches: { webex: { keepOmitted: false } } })
    const { body } = await put(one, { displayName: 'Ada Other', title: 'Left' })
    const { id, emails, orgId, created, timezone, avatar: _, ...before } = await read(await quiet())
    expect(body).toEqual({
      ...{ id, emails, displayName: 'Ada Other', title: 'Left', orgId, created, timezone },
      lastModified: new Date(cast.testNow).toISOString(),
      ...{ lastActivity: before.lastActivity, status: before.status },
      ...{ invitePending: false, loginEnabled: true, type: 'person' },
    })
    expect((await recordOf(one)).bio).toBe(ada.bio)
  })

  it('removes what is null or empty', async () => {
    const one = await quiet()
    const { body } = await put(one, {
      ...{ displayName: 'Ada', nickName: null, firstName: '', avatar: null, roles: [] },
      ...{ phoneNumbers: null, department: '', managerId: null, addresses: [], timezone: '' },
    })
    for (const gone of ['nickName', 'firstName', 'avatar', 'roles', 'phoneNumbers', 'department']) {
      expect(body).not.toHaveProperty(gone)
    }
    for (const gone of ['manager', 'managerId', 'addresses', 'timezone']) {
      expect(body).not.toHaveProperty(gone)
    }
    expect(body.title).toBe(ada.title)
  })

  it('keeps numbers of kinds that it does not show, and the identity of those that stay', async () => {
    const home = newPhone('+1 408 526 7299', { type: 'home' })
    const one = await quiet({ ada: { ...ada, phones: [home, ...ada.phones] } })
    const phoneNumbers = [
      { type: 'mobile', value: '+31 6 1234 5678' },
      { type: 'fax', value: '+1 408 526 7200' },
    ]
    await put(one, { displayName: 'Ada', phoneNumbers })
    const { phones } = await recordOf(one)
    expect(phones.map(({ type }) => type)).toEqual(['mobile', 'fax', 'home'])
    expect(phones[0]).toEqual(ada.phones[1])
    expect(phones[2]).toEqual(home)
  })

  it('takes the first address of mail for the primary one, and verifies none', async () => {
    const one = await quiet()
    const [first, second] = ada.emails
    await put(one, { displayName: 'Ada', emails: [second?.value, 'new@home.example'] })
    const { emails } = await recordOf(one)
    expect(emails).toMatchObject([
      { id: second?.id, primary: true, verified: false },
      { value: 'new@home.example', primary: false, verified: false },
    ])
    const { body } = await put(one, { displayName: 'Ada', emails: [first?.value] })
    expect(body.emails).toEqual([first?.value])
  })

  it('names a manager by id, and takes the name that stands there', async () => {
    const one = await quiet()
    const same = { displayName: 'Ada', manager: cast.manager.displayName }
    expect((await put(one, same)).body.managerId).toBe(encodePersonId(cast.manager.id))
    const byId = { displayName: 'Ada', manager: encodePersonId(cast.creator.id) }
    expect((await put(one, byId)).body.manager).toBe(cast.creator.displayName)
    expect((await put(one, { displayName: 'Ada', manager: 'Somebody' })).status).toBe(400)
    expect((await put(one, { displayName: 'Ada', managerId: ada.id })).status).toBe(400)
  })

  it('lets somebody suspended log in again', async () => {
    const one = await quiet({ ada: { ...ada, lifecycle: 'suspended' } })
    const { body } = await put(one, { displayName: 'Ada', loginEnabled: 'true' })
    expect(body.loginEnabled).toBe(true)
    expect(await recordOf(one)).toMatchObject({ lifecycle: 'active', loginEnabled: true })
  })

  it.each([{}, { displayName: null }, { displayName: '' }, { displayName: 7 }])(
    'wants a name: %j',
    async (body) => {
      const answer = await put(await quiet(), body)
      expect(answer.status).toBe(400)
      expect(answer.body.message).toContain('displayName')
    },
  )

  it('takes no address that is somebody else’s', async () => {
    const body = { displayName: 'Me', emails: ['canary.mail@ada-canary.example'] }
    const one = await quiet()
    const own = `${people}/${askers.colleague.id}`
    expect((await put(one, body, 'colleague', own)).status).toBe(409)
    expect((await put(one, body, 'admin', own)).status).toBe(409)
  })

  it('refuses another organization, and knows nobody of one', async () => {
    const one = await quiet()
    const orgId = encodeOrganizationId(organizations.elsewhere.id)
    expect((await put(one, { displayName: 'Ada', orgId })).status).toBe(403)
    const stranger = `${people}/${askers.outsider.id}`
    expect((await put(one, { displayName: 'X' }, 'admin', stranger)).status).toBe(404)
    expect((await put(one, { displayName: 'X' }, 'managingAdmin')).status).toBe(200)
    expect((await put(one, { displayName: 'X' }, 'admin', `${people}/nobody`)).status).toBe(404)
  })
})

describe('webex: DELETE', () => {
  it('leaves nobody there, with nothing in the answer', async () => {
    const one = await quiet()
    const { status, text } = await send(one, ['DELETE', adaPath], 'admin')
    expect([status, text]).toEqual([204, ''])
    expect((await one.ask(webex, adaPath, { as: 'admin' })).status).toBe(404)
    expect((await send(one, ['DELETE', adaPath], 'admin')).status).toBe(404)
  })

  it.each(['self', 'colleague', 'outsider', 'service'] as const)('is not for %s', async (as) => {
    const one = await quiet()
    const there = await send(one, ['DELETE', adaPath], as)
    const nowhere = await send(one, ['DELETE', `${people}/${crypto.randomUUID()}`], as)
    expect([there.status, nowhere.status]).toEqual([403, 403])
    expect(there.body.message).toBe(nowhere.body.message)
  })
})

describe('webex: If-Match', () => {
  const etagOf = async (one: World, as: ViewerName) =>
    (await one.ask(webex, adaPath, { as })).headers.etag ?? ''

  it('lets a write pass that knows the person as they are, and no other', async () => {
    const one = await quiet()
    const etag = await etagOf(one, 'admin')
    const write = (condition: string, method = 'PUT') =>
      send(one, [method, adaPath], 'admin', { displayName: 'Ada Next' }, { 'if-match': condition })
    for (const other of ['"other"', `W/${etag}`, etag.slice(1), await etagOf(one, 'outsider')]) {
      const refused = await write(other)
      expect(refused.status).toBe(412)
      expect(refused.body.message).toContain('If-Match')
      expect((await write(other, 'DELETE')).status).toBe(412)
    }
    const passed = await write(`"other", ${etag}`)
    expect(passed.status).toBe(200)
    expect(passed.headers.etag).toBe(await etagOf(one, 'admin'))
    expect((await write(etag)).status).toBe(412)
    expect((await write('*')).status).toBe(200)
    expect((await write(await etagOf(one, 'admin'), 'DELETE')).status).toBe(204)
  })

  it('lets one of two pass who write at the same time', async () => {
    const one = await quiet()
    const etag = await etagOf(one, 'admin')
    const writes = ['One', 'Two', 'Three'].map((displayName) =>
      send(one, ['PUT', adaPath], 'admin', { displayName }, { 'if-match': etag }),
    )
    const statuses = (await Promise.all(writes)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 412, 412])
  })
})

describe('webex: who may write what', () => {
  /** What is for administrators, with a value that is another than stands there. */
  const privileged: readonly [string, unknown, keyof Person][] = [
    ['department', 'Board', 'department'],
    ['roles', [encodeRoleId('boss')], 'roles'],
    ['licenses', [encodeLicenseId('everything')], 'licenses'],
    ['managerId', encodePersonId(cast.creator.id), 'managerId'],
    ['manager', encodePersonId(cast.creator.id), 'managerId'],
    ['loginEnabled', false, 'loginEnabled'],
  ]
  const writers: readonly [string, ViewerName, Person, boolean][] = [
    ['plain self', 'colleague', askers.colleague, false],
    ['a colleague', 'colleague', ada, false],
    ['a service', 'service', ada, false],
    ['an administrator', 'admin', ada, true],
    ['an owner', 'owner', ada, true],
  ]
  const table = privileged.flatMap(([field, value, kept]) =>
    writers.map((writer) => [field, writer[0], { value, kept, writer }] as const),
  )

  it.each(table)('%s by %s', async (field, _, { value, kept, writer: [, as, whom, may] }) => {
    const one = await quiet()
    const before = await recordOf(one, whom.id)
    const body = { displayName: whom.displayName, [field]: value }
    const { status } = await put(one, body, as, `${people}/${whom.id}`)
    expect(status).toBe(may ? 200 : 403)
    const after = await recordOf(one, whom.id)
    if (may) expect(after[kept]).not.toEqual(before[kept])
    else expect(after).toEqual(before)

    const made = await post(one, { emails: ['made@home.example'], [field]: value }, as)
    expect(made.status).toBe(may ? 200 : 403)
  })

  /** Every field of the record, and what others call the offices, each with a value that nobody should get in so. */
  const smuggled = {
    ...Object.fromEntries(Object.keys(ada).map((field) => [field, 'smuggled'])),
    ...{
      id: encodePersonId(crypto.randomUUID()),
      type: 'bot',
      created: '2000-01-01T00:00:00.000Z',
    },
    ...{ flags: { owner: true, administrator: true }, isOwner: true, isAdmin: true, admin: true },
    ...{ userName: 'smuggled', lifecycle: 'deleted', audiences: { existence: 'nobody' } },
    ...{ invitePending: true, status: 'active', lastActivity: null, extensions: { rinkel: {} } },
    ...{ verified: true, password: 'x', constructor: 'x', version: 99, organizationId: 'x' },
  }
  const its = [
    ...['emails', 'avatar', 'title', 'roles', 'licenses', 'department', 'managerId', 'addresses'],
    ...['nickName', 'loginEnabled'],
  ]
  const rest = Object.fromEntries(Object.entries(smuggled).filter(([name]) => !its.includes(name)))

  it.each(writers)('nothing else by %s', async (_, as, whom, may) => {
    const one = await quiet()
    const before = await recordOf(one, whom.id)
    const body = { ...rest, displayName: 'Plain Name' }
    const { status } = await put(one, body, as, `${people}/${whom.id}`)
    expect(status).toBe(may || whom === askers.colleague ? 200 : 403)
    const after = await recordOf(one, whom.id)
    const { displayName, updatedAt, touched, version } = after
    expect(after).toEqual({ ...before, displayName, updatedAt, touched, version })
    if (status === 200) expect([displayName, version]).toEqual(['Plain Name', 2])

    const made = await post(one, { ...body, emails: ['made@home.example'] }, as)
    expect(made.status).toBe(may ? 200 : 403)
    if (!may) return
    const record = await recordOf(one, decodePersonId(made.body.id))
    expect(record.flags).toMatchObject({ owner: false, administrator: false })
    expect(record).toMatchObject({ type: 'person', lifecycle: 'active', version: 1, audiences: {} })
    expect(JSON.stringify(record)).not.toContain('smuggled')
  })
})
