import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Answer, testSecret, type ViewerName, type World, world } from '../../../test/world.ts'
import { memoryStore } from '../../store/memory.ts'
import { tooBusy, tooLong } from '../../store/refusals.ts'
import { dialects } from '../index.ts'
import { scim } from './index.ts'

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const kithUrn = 'urn:kith:params:scim:schemas:extension:kith:1.0:User'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'
const searchUrn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** A server, and how to ask it as an administrator. */
async function service() {
  const own = await world()
  const send = (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    as: ViewerName = 'admin',
  ): Promise<Answer> =>
    own.ask(scim, `/scim/v2${path}`, {
      as,
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const made = async (user: object): Promise<string> => {
    const { status, body } = await send('POST', '/Users', { schemas: [userUrn], ...user })
    expect([status, body?.detail]).toEqual([201, undefined])
    return body.id
  }
  const patch = (path: string, ...Operations: readonly object[]) =>
    send('PATCH', path, { schemas: [patchUrn], Operations })
  const grouped = async (displayName: string, ...ids: readonly string[]): Promise<string> => {
    const members = ids.map((value) => ({ value }))
    const { body } = await send('POST', '/Groups', { schemas: [groupUrn], displayName, members })
    return body.id
  }
  return { ...own, send, made, patch, grouped }
}

/** What is wrong, in the standard's words. */
const problem = ({ status, body }: Answer) => [status, body.scimType]

const minimal = (userName: string) => ({ schemas: [userUrn], userName })

const full = {
  schemas: [userUrn, enterpriseUrn, kithUrn],
  externalId: '701984',
  userName: 'bjensen@example.com',
  name: {
    formatted: 'Ms. Barbara J Jensen, III',
    familyName: 'Jensen',
    givenName: 'Barbara',
    middleName: 'Jane',
    honorificPrefix: 'Ms.',
    honorificSuffix: 'III',
  },
  displayName: 'Babs Jensen',
  nickName: 'Babs',
  profileUrl: 'https://login.example.com/bjensen',
  title: 'Tour Guide',
  userType: 'Employee',
  preferredLanguage: 'en-US',
  locale: 'nonsense_XX',
  timezone: 'America/Los_Angeles',
  active: true,
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', display: 'at home', type: 'home' },
  ],
  phoneNumbers: [
    { value: '56-357-7743', type: 'work' },
    { value: '555-555-4444', type: 'mobile', display: 'mine' },
  ],
  ims: [{ value: 'someaimhandle', type: 'aim' }],
  photos: [
    { value: 'https://photos.example.com/profilephoto/72930000000Ccne/F', type: 'photo' },
    { value: 'https://photos.example.com/profilephoto/72930000000Ccne/T', type: 'thumbnail' },
  ],
  addresses: [
    {
      type: 'work',
      formatted: '100 Universal City Plaza\nHollywood, CA 91608 USA',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'Estonia',
      primary: true,
      streetAddress: '100 Universal City Plaza',
    },
  ],
  entitlements: [{ value: 'seat', display: 'A seat', type: 'paid', primary: true }],
  roles: [{ value: 'guide', display: 'Guide', type: 'job', primary: true }],
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjEL' }],
  [enterpriseUrn]: {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Universal Studios',
    division: 'Theme Park',
    department: 'Tour Operations',
  },
  [kithUrn]: {
    pronouns: 'she/her',
    birthDate: '1990-12-31',
    interests: ['walking', 'talking'],
    team: { value: 't1', display: 'Tours' },
    licenses: [{ value: 'l1', display: 'Guide licence' }],
    socialLinks: { linkedin: 'https://linkedin.example/babs' },
    acceptsDirectMessages: false,
    quotaLimit: 4096,
    audiences: { contact: 'connections' },
  },
}

describe('scim: a User', () => {
  it('is given back as it was sent, in every attribute', async () => {
    const { send } = await service()
    const { status, body, headers } = await send('POST', '/Users', full)
    expect(status).toBe(201)
    expect(body).toMatchObject(full)
    expect(headers).toMatchObject({
      'content-type': 'application/scim+json; charset=utf-8',
      location: `https://people.example/scim/v2/Users/${body.id}`,
      etag: body.meta.version,
    })
    expect(body.meta.version).toMatch(/^W\/"[\w-]+"$/)
    expect((await send('GET', `/Users/${body.id}`)).body).toEqual(body)
  })

  it('tells neither a password nor what is unassigned', async () => {
    const { send } = await service()
    const sent = { ...minimal('p'), password: 'Canary-Passw0rd', nickName: null, emails: [] }
    const { status, text, body } = await send('POST', '/Users', sent)
    expect(status).toBe(201)
    expect(text).not.toContain('Canary-Passw0rd')
    expect(body).not.toHaveProperty('nickName')
    expect(body).not.toHaveProperty('emails')
  })

  it('passes over attributes and schemas that nobody knows, and what is read-only', async () => {
    const { send } = await service()
    const sent = {
      schemas: [userUrn, 'urn:okta:custom:1.0:user'],
      userName: 'odd',
      id: 'mine',
      meta: { created: '1999-01-01T00:00:00Z' },
      groups: [{ value: 'x' }],
      favouriteColour: 'blue',
      'urn:okta:custom:1.0:user': { shoe: 44 },
    }
    const { status, body } = await send('POST', '/Users', sent)
    expect(status).toBe(201)
    expect(body.id).not.toBe('mine')
    expect(body).not.toHaveProperty('favouriteColour')
    expect(body).not.toHaveProperty('groups')
  })

  it('can be read at once in every dialect by who may see them', async () => {
    const { send, ask, pathOf, store } = await service()
    const { body } = await send('POST', '/Users', full)
    const held = await store.people.byId(body.id)
    if (!held) throw new Error('nobody')
    const { number } = held.person
    const attendee = { number: 77, eventNumber: cast.event.number, personId: held.person.id }
    await store.commit([{ kind: 'attendee', attendee }], 'test', '2026-03-04T05:06:07.000Z')
    for (const dialect of dialects) {
      const { status, text } = await ask(dialect, pathOf(dialect, held.person), { as: 'admin' })
      expect([dialect.name, status]).toEqual([dialect.name, 200])
      expect(text).toMatch(/Babs|Jensen/)
    }
    expect(number).toBeGreaterThan(0)
  })

  it('who is deleted is gone, as each dialect says, and their name is free again', async () => {
    const { send, ask, pathOf, store } = await service()
    const id = (await send('POST', '/Users', full)).body.id
    const held = await store.people.byId(id)
    if (!held) throw new Error('nobody')
    expect((await send('DELETE', `/Users/${id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await send(method, `/Users/${id}`)).status).toBe(404)
    }
    expect((await send('PUT', `/Users/${id}`, full)).status).toBe(404)
    for (const dialect of dialects) {
      const { status } = await ask(dialect, pathOf(dialect, held.person), { as: 'outsider' })
      expect(status).toBeGreaterThanOrEqual(400)
    }
    const list = await send('GET', `/Users?filter=${encodeURIComponent('externalId eq "701984"')}`)
    expect(list.body.totalResults).toBe(0)
    expect((await send('POST', '/Users', full)).status).toBe(201)
  })

  it('who is not active is suspended, and still there to be read and found', async () => {
    const { send, made, patch, ask, keys } = await service()
    const id = await made({ userName: 'leaver', active: false })
    expect((await send('GET', `/Users/${id}`)).body.active).toBe(false)
    const query = `/Users?filter=${encodeURIComponent('active eq false and userName eq "LEAVER"')}`
    expect((await send('GET', query)).body.totalResults).toBe(1)
    expect(keys.colleague).toBeDefined()
    const colleague = cast.askers.colleague.id
    expect((await ask(scim, '/scim/v2/Me', { as: 'colleague' })).status).toBe(200)
    await patch(`/Users/${colleague}`, { op: 'Replace', path: 'active', value: 'False' })
    expect((await ask(scim, '/scim/v2/Me', { as: 'colleague' })).status).toBe(401)
    await patch(`/Users/${colleague}`, { op: 'replace', value: { active: true } })
    expect((await ask(scim, '/scim/v2/Me', { as: 'colleague' })).status).toBe(200)
  })

  it('keeps a user name and an external id for one person, whatever their case', async () => {
    const { send, made } = await service()
    await made({ userName: 'Twin', externalId: 'E1' })
    expect(problem(await send('POST', '/Users', minimal('tWIN')))).toEqual([409, 'uniqueness'])
    const other = await send('POST', '/Users', { ...minimal('other'), externalId: 'E1' })
    expect(problem(other)).toEqual([409, 'uniqueness'])
    expect(other.body.detail).toContain('externalId')
    const id = await made({ userName: 'third' })
    const put = await send('PUT', `/Users/${id}`, minimal('TWIN'))
    expect(problem(put)).toEqual([409, 'uniqueness'])
  })

  it('is replaced by a PUT, but for extensions that it does not speak of', async () => {
    const { send } = await service()
    const { body } = await send('POST', '/Users', full)
    const put = await send('PUT', `/Users/${body.id}`, {
      ...minimal('bjensen@example.com'),
      id: body.id,
      meta: body.meta,
      groups: [],
      displayName: 'Babs',
    })
    expect(put.status).toBe(200)
    expect(put.body).toMatchObject({
      displayName: 'Babs',
      [enterpriseUrn]: full[enterpriseUrn],
      [kithUrn]: { pronouns: 'she/her' },
    })
    for (const gone of ['name', 'emails', 'phoneNumbers', 'title', 'externalId', 'photos']) {
      expect(put.body).not.toHaveProperty(gone)
    }
    const named = { ...minimal('bjensen@example.com'), [enterpriseUrn]: { division: 'Parks' } }
    const { body: after } = await send('PUT', `/Users/${body.id}`, named)
    expect(after[enterpriseUrn]).toEqual({ division: 'Parks' })
  })

  it.each([
    ['no user name', {}, /userName/],
    ['a number for a name', { userName: 7 }, /userName/],
    ['a user name of blanks', { userName: '  ' }, /userName/],
    ['a user name that is an id', { userName: cast.ada.id }, /userName/],
    ['a word for a boolean', { userName: 'x', active: 'perhaps' }, /active/],
    ['a text for a list of objects', { userName: 'x', addresses: ['Main Street'] }, /addresses/],
    [
      'a manager who is nobody',
      {
        userName: 'x',
        [enterpriseUrn]: { manager: { value: cast.manager.id.replace(/^./, 'f') } },
      },
      /manager/,
    ],
    [
      'a manager of no id',
      { userName: 'x', [enterpriseUrn]: { manager: { value: 'boss' } } },
      /manager\.value/,
    ],
    [
      'an office that there is not',
      { userName: 'x', [kithUrn]: { lifecycle: 'asleep' } },
      /lifecycle/,
    ],
    [
      'a number that is too long',
      { userName: 'x', phoneNumbers: [{ value: '1'.repeat(65) }] },
      /phoneNumbers/,
    ],
  ])('is refused with %s', async (_, user, words) => {
    const { send } = await service()
    const answer = await send('POST', '/Users', { schemas: [userUrn], ...user })
    expect(problem(answer)).toEqual([400, 'invalidValue'])
    expect(answer.body.detail).toMatch(words)
    expect(answer.body).toMatchObject({ schemas: [errorUrn], status: '400' })
  })
})

describe('scim: PATCH', () => {
  it('does all of it or nothing', async () => {
    const { send, made, patch } = await service()
    const id = await made({ userName: 'atom', title: 'Before' })
    const answer = await patch(
      `/Users/${id}`,
      { op: 'replace', path: 'title', value: 'After' },
      { op: 'replace', path: 'emails[', value: 'x' },
    )
    expect(answer.status).toBe(400)
    expect((await send('GET', `/Users/${id}`)).body.title).toBe('Before')
  })

  it('writes nothing where the answer could not be told', async () => {
    const { send, made } = await service()
    const id = await made({ userName: 'told' })
    const Operations = [{ op: 'add', path: 'title', value: 'T' }]
    const body = { schemas: [patchUrn], Operations }
    expect((await send('PATCH', `/Users/${id}?attributes=bogus[`, body)).status).toBe(400)
    expect((await send('GET', `/Users/${id}`)).body).not.toHaveProperty('title')
    expect((await send('POST', '/Users?attributes=a[', minimal('half'))).status).toBe(400)
    expect((await send('POST', '/Users', minimal('half'))).status).toBe(201)
  })

  it('refuses lists that only grow', async () => {
    const { made, patch } = await service()
    const id = await made({ userName: 'long' })
    const add = (at: number) => ({
      op: 'add',
      path: 'emails',
      value: Array.from({ length: 20 }, (_, index) => ({ value: `${at}.${index}@example.com` })),
    })
    const answer = await patch(`/Users/${id}`, ...Array.from({ length: 500 }, (_, at) => add(at)))
    expect(problem(answer)).toEqual([400, 'invalidValue'])
  })

  it('takes what Entra ID sends: capitals, texts for booleans, dotted keys, managers as texts', async () => {
    const { send, made, patch } = await service()
    const boss = await made({ userName: 'boss' })
    const id = await made({ userName: 'worker', roles: [{ value: 'r1', primary: true }] })
    const { status, body } = await patch(
      `/Users/${id}`,
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'w@example.com' },
      { op: 'Replace', path: 'roles[primary eq "True"].display', value: 'First' },
      { op: 'Add', path: `${enterpriseUrn}:manager`, value: boss },
      {
        op: 'replace',
        value: { 'name.givenName': 'Wil', [`${enterpriseUrn}:department`]: 'Works' },
      },
    )
    expect([status, body.detail]).toEqual([200, undefined])
    expect(body).toMatchObject({
      name: { givenName: 'Wil' },
      emails: [{ value: 'w@example.com', type: 'work' }],
      roles: [{ value: 'r1', display: 'First', primary: true }],
      [enterpriseUrn]: { department: 'Works', manager: { value: boss, displayName: 'boss' } },
    })
    const manager = { op: 'replace', path: `${enterpriseUrn}:manager`, value: { value: '' } }
    await patch(`/Users/${id}`, manager)
    expect((await send('GET', `/Users/${id}`)).body[enterpriseUrn]).toEqual({ department: 'Works' })
  })

  it('keeps who somebody’s addresses are: the same value is the same address', async () => {
    const { made, patch, store } = await service()
    const id = await made({ userName: 'same', emails: [{ value: 'a@example.com' }] })
    const idOf = async () => (await store.people.byId(id as never))?.person.emails[0]?.id
    const before = await idOf()
    const email = {
      op: 'replace',
      path: 'emails',
      value: [{ value: 'A@Example.com', type: 'work' }],
    }
    await patch(`/Users/${id}`, email)
    expect(await idOf()).toBe(before)
  })

  it('follows a name that was made of the others, and leaves one that was given', async () => {
    const { made, patch } = await service()
    const made1 = await made({ userName: 'n1', name: { givenName: 'Ann', familyName: 'Old' } })
    const rename = { op: 'replace', path: 'name.familyName', value: 'New' }
    expect((await patch(`/Users/${made1}`, rename)).body.displayName).toBe('Ann New')
    const given = { userName: 'n2', displayName: 'Annie', name: { familyName: 'Old' } }
    expect((await patch(`/Users/${await made(given)}`, rename)).body.displayName).toBe('Annie')
  })

  it('answers nothing where the client prefers it so', async () => {
    const { send, made } = await service()
    const id = await made({ userName: 'terse' })
    const body = { schemas: [patchUrn], Operations: [{ op: 'add', path: 'title', value: 'T' }] }
    const answer = await send('PATCH', `/Users/${id}`, body, { prefer: 'return=minimal' })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({ 'preference-applied': 'return=minimal' })
    expect(answer.headers).not.toHaveProperty('content-length')
  })

  it('refuses managers who report to the person', async () => {
    const { made, patch } = await service()
    const [a, b] = [await made({ userName: 'a' }), await made({ userName: 'b' })]
    const manages = (id: string, boss: string) =>
      patch(`/Users/${id}`, { op: 'add', path: `${enterpriseUrn}:manager.value`, value: boss })
    expect((await manages(a, b)).status).toBe(200)
    expect(problem(await manages(b, a))).toEqual([400, 'invalidValue'])
    expect(problem(await manages(a, a))).toEqual([400, 'invalidValue'])
  })
})

describe('scim: what describes the service', () => {
  it.each([
    '/ServiceProviderConfig',
    '/ResourceTypes',
    '/ResourceTypes/User',
    '/Schemas',
    `/Schemas/${userUrn}`,
  ])('%s is told in whole, and refused with a filter', async (path) => {
    const { send } = await service()
    expect((await send('GET', path)).status).toBe(200)
    const { status, body } = await send('GET', `${path}?filter=id%20eq%20%22User%22`)
    expect([status, body.status]).toEqual([403, '403'])
  })
})

describe('scim: conditions', () => {
  it('answers 304 to who has the version, and 412 to who writes over another', async () => {
    const { send, made } = await service()
    const id = await made({ userName: 'etag' })
    const { meta } = (await send('GET', `/Users/${id}`)).body
    const known = await send('GET', `/Users/${id}`, undefined, { 'if-none-match': meta.version })
    expect([known.status, known.text]).toEqual([304, ''])
    const patch = { schemas: [patchUrn], Operations: [{ op: 'add', path: 'title', value: 'T' }] }
    const write = (version: string) => send('PATCH', `/Users/${id}`, patch, { 'if-match': version })
    expect((await write(meta.version)).status).toBe(200)
    const late = await write(meta.version)
    expect(late.status).toBe(412)
    expect(late.body).toMatchObject({ schemas: [errorUrn], status: '412' })
    const removal = (version: string) =>
      send('DELETE', `/Users/${id}`, undefined, { 'if-match': version })
    expect((await removal(meta.version)).status).toBe(412)
    expect((await removal('*')).status).toBe(204)
  })

  it('is of the group, whatever of it was asked for, and holds where two write at once', async () => {
    const { send, made, grouped } = await service()
    const id = await grouped('Contested')
    const { etag = '' } = (await send('GET', `/Groups/${id}?excludedAttributes=members`)).headers
    const members = [await made({ userName: 'c1' }), await made({ userName: 'c2' })]
    const answers = await Promise.all(
      members.map((value) => {
        const Operations = [{ op: 'add', path: 'members', value: [{ value }] }]
        const body = { schemas: [patchUrn], Operations }
        return send('PATCH', `/Groups/${id}`, body, { 'if-match': etag })
      }),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 412])
  })

  it('holds for groups, too', async () => {
    const { send, grouped } = await service()
    const id = await grouped('Conditional')
    const version = (await send('GET', `/Groups/${id}`)).body.meta.version
    const rename = { schemas: [groupUrn], displayName: 'Renamed' }
    const put = () => send('PUT', `/Groups/${id}`, rename, { 'if-match': version })
    expect((await put()).status).toBe(200)
    expect((await put()).status).toBe(412)
  })
})

describe('scim: lists', () => {
  const query = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters)}`

  it('filters by any attribute, and says so of one that there is not', async () => {
    const { send } = await service()
    await send('POST', '/Users', full)
    const count = async (filter: string) => {
      const { status, body } = await send('GET', `/Users${query({ filter })}`)
      return status === 200 ? body.totalResults : `${status} ${body.scimType}`
    }
    for (const filter of [
      'userName eq "BJensen@Example.com"',
      'externalId eq "701984"',
      'name.familyName co "ENS" and not (title pr and title ne "tour guide")',
      'emails[type eq "home" and value ew ".ORG"]',
      'emails.value sw "babs@"',
      'emails[type eq "work"].value eq "bjensen@example.com"',
      `${enterpriseUrn}:department eq "tour operations"`,
      `${kithUrn}:team.display eq "tours"`,
      'phoneNumbers eq "56-357-7743"',
      'active eq "True" and meta.created gt "2001-01-01T00:00:00Z" and nickName eq "babs"',
      'roles[primary eq "True"].display eq "guide"',
      'meta.resourceType eq "User" and nickName eq "babs"',
    ]) {
      expect([filter, await count(filter)]).toEqual([filter, 1])
    }
    for (const filter of [
      'externalId eq "70198"',
      'nickName eq "%abs"',
      'nickName co "_"',
      'userName eq "bjensen@example.com" and active eq false',
      'meta.resourceType eq "Group"',
    ]) {
      expect([filter, await count(filter)]).toEqual([filter, 0])
    }
    for (const filter of [
      'favouriteColour eq "blue"',
      'userName eq',
      'userName is "x"',
      'password eq "x"',
      'active gt true',
      'meta.created gt "yesterday"',
      `${'('.repeat(40)}id pr${')'.repeat(40)}`,
    ]) {
      expect([filter, await count(filter)]).toEqual([filter, '400 invalidFilter'])
    }
    const many = Array.from({ length: 201 }, () => 'id pr').join(' or ')
    expect(await count(many)).toBe('400 tooMany')
    expect(await count(`id eq "${'x'.repeat(8200)}"`)).toMatch(/^400 /)
  })

  it('pages by index, with totals of all, and totals alone', async () => {
    const { send, made } = await service()
    for (const index of [1, 2, 3, 4, 5]) await made({ userName: `page${index}` })
    const filter = 'userName sw "page"'
    const page = async (more: Record<string, string>) =>
      (await send('GET', `/Users${query({ filter, sortBy: 'userName', ...more })}`)).body
    expect(await page({ startIndex: '2', count: '2' })).toMatchObject({
      totalResults: 5,
      startIndex: 2,
      itemsPerPage: 2,
      Resources: [{ userName: 'page2' }, { userName: 'page3' }],
    })
    expect(await page({ count: '0' })).toMatchObject({
      ...{ totalResults: 5, itemsPerPage: 0, Resources: [] },
    })
    expect(await page({ startIndex: '-3', count: '1' })).toMatchObject({ startIndex: 1 })
    expect(await page({ startIndex: '9' })).toMatchObject({ totalResults: 5, itemsPerPage: 0 })
    expect(await page({ sortOrder: 'descending', count: '1' })).toMatchObject({
      Resources: [{ userName: 'page5' }],
    })
    expect((await send('GET', `/Users${query({ count: 'many' })}`)).status).toBe(400)
  })

  it('pages by cursor to everybody once, and takes no cursor of another question', async () => {
    const { send, made } = await service()
    const ids = []
    for (const index of [1, 2, 3, 4, 5]) ids.push(await made({ userName: `cursor${index}` }))
    const filter = 'userName sw "cursor"'
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const { body } = await send('GET', `/Users${query({ filter, count: '2', cursor })}`)
      expect(body).not.toHaveProperty('startIndex')
      seen.push(...body.Resources.map(({ id }: { id: string }) => id))
      if (body.nextCursor === undefined) break
      cursor = body.nextCursor
    }
    expect(seen.sort()).toEqual(ids.sort())
    for (const wrong of [
      { filter: 'id pr', cursor },
      { filter, cursor: `x${cursor}` },
    ]) {
      expect(problem(await send('GET', `/Users${query(wrong)}`))).toEqual([400, 'invalidCursor'])
    }
  })

  it('gives the attributes that are asked for, and always the id', async () => {
    const { send, made } = await service()
    const id = await made({
      userName: 'cut',
      title: 'T',
      name: { givenName: 'G', familyName: 'F' },
    })
    const { body } = await send('GET', `/Users/${id}?attributes=userName,name.givenName`)
    expect(Object.keys(body).sort()).toEqual(['id', 'name', 'schemas', 'userName'])
    expect(body.name).toEqual({ givenName: 'G' })
    const { body: rest } = await send('GET', `/Users/${id}?excludedAttributes=title,meta`)
    expect(rest).not.toHaveProperty('title')
    expect(rest).toHaveProperty('userName', 'cut')
  })

  it('searches by a body as by a query, in one kind or in all', async () => {
    const { send, made, grouped } = await service()
    await made({ userName: 'findme', displayName: 'Needle' })
    await grouped('Needle')
    const search = { schemas: [searchUrn], filter: 'displayName eq "needle"', count: 10 }
    const [users, all] = [
      await send('POST', '/Users/.search', search),
      await send('POST', '/.search', search),
    ]
    expect(users.body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'findme' }] })
    expect(all.body).toMatchObject({
      totalResults: 2,
      Resources: [{ meta: { resourceType: 'User' } }, { meta: { resourceType: 'Group' } }],
    })
    const unknown = { schemas: [searchUrn], filter: 'nobody eq "x"' }
    expect(problem(await send('POST', '/.search', unknown))).toEqual([400, 'invalidFilter'])
  })
})

describe('scim: Groups', () => {
  it('have people and groups in them, and owners', async () => {
    const { send, made, grouped } = await service()
    const [ann, bob] = [await made({ userName: 'ann' }), await made({ userName: 'bob' })]
    const inner = await grouped('Inner', bob)
    const kith = 'urn:kith:params:scim:schemas:extension:kith:1.0:Group'
    const { status, body } = await send('POST', '/Groups', {
      schemas: [groupUrn, kith],
      displayName: 'Outer',
      externalId: 'G-1',
      members: [{ value: ann }, { value: inner }],
      [kith]: { description: 'All of us', owners: [{ value: bob }] },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      displayName: 'Outer',
      externalId: 'G-1',
      [kith]: { description: 'All of us', owners: [{ value: bob, display: 'bob' }] },
    })
    const kinds = body.members.map(({ value, type }: { value: string; type: string }) => [
      value,
      type,
    ])
    expect(kinds.sort()).toEqual(
      [
        [ann, 'User'],
        [inner, 'Group'],
      ].sort(),
    )
    const user = await send('GET', `/Users/${ann}`)
    expect(user.body.groups).toMatchObject([{ value: body.id, display: 'Outer', type: 'direct' }])
    const filter = encodeURIComponent(`groups[value eq "${body.id}" and type eq "direct"]`)
    expect((await send('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(1)
    const holding = encodeURIComponent(`members eq "${ann}" and externalId eq "G-1"`)
    expect((await send('GET', `/Groups?filter=${holding}`)).body.totalResults).toBe(1)
  })

  it('are told of people who are in them through others, as long as that is so', async () => {
    const { send, made, patch, grouped } = await service()
    const ann = await made(minimal('ann'))
    const inner = await grouped('Inner', ann)
    const middle = await grouped('Middle', inner)
    const side = await grouped('Side', inner)
    const outer = await grouped('Outer', middle, side)
    const groups = async (as?: ViewerName) => {
      const { body } = await send('GET', `/Users/${ann}`, undefined, {}, as)
      return (body.groups ?? []).map(({ value, type }: Record<string, string>) => [value, type])
    }
    const above = [middle, side, outer].sort().map((id) => [id, 'indirect'])
    expect(await groups()).toEqual([[inner, 'direct'], ...above])
    expect(await groups('colleague')).toEqual([[inner, 'direct'], ...above])
    const total = async (filter: string, as?: ViewerName) => {
      const path = `/Users?filter=${encodeURIComponent(filter)}`
      return (await send('GET', path, undefined, {}, as)).body.totalResults
    }
    expect(await total(`groups.value eq "${outer}"`)).toBe(1)
    expect(await total(`groups eq "${outer}" and groups.type eq "indirect"`)).toBe(1)
    expect(await total(`groups[value eq "${outer}" and type eq "direct"]`)).toBe(0)
    expect(await total('groups[display eq "MIDDLE" and type eq "Indirect"]')).toBe(1)

    const late = await grouped('Late', inner)
    expect(await groups()).toContainEqual([late, 'indirect'])
    await send('DELETE', `/Groups/${late}`)
    expect(await groups()).toEqual([[inner, 'direct'], ...above])

    const forged = { op: 'replace', path: 'groups', value: [{ value: outer }] }
    expect((await patch(`/Users/${ann}`, forged)).status).toBe(400)
    await patch(`/Groups/${outer}`, { op: 'remove', path: `members[value eq "${middle}"]` })
    expect(await groups()).toEqual([
      [inner, 'direct'],
      ...[middle, side, outer].sort().map((id) => [id, 'indirect']),
    ])
    await patch(`/Groups/${outer}`, { op: 'remove', path: `members[value eq "${side}"]` })
    expect(await groups()).toEqual([
      [inner, 'direct'],
      ...[middle, side].sort().map((id) => [id, 'indirect']),
    ])
    await patch(`/Groups/${middle}`, { op: 'add', path: 'members', value: [{ value: ann }] })
    expect(await groups()).toEqual([
      ...[inner, middle].sort().map((id) => [id, 'direct']),
      [side, 'indirect'],
    ])

    await patch(`/Users/${ann}`, { op: 'add', value: { [`${kithUrn}:audiences.work`]: 'nobody' } })
    expect(await groups('colleague')).toEqual([])
    expect(await groups()).toHaveLength(3)
    expect(await total(`groups.value eq "${side}"`, 'colleague')).toBe(0)
    expect(await total(`groups.value eq "${side}"`)).toBe(1)
  })

  it('never come to contain themselves', async () => {
    const { patch, grouped } = await service()
    const inner = await grouped('Inside')
    const outer = await grouped('Outside', inner)
    const add = { op: 'add', path: 'members', value: [{ value: outer }] }
    expect(problem(await patch(`/Groups/${inner}`, add))).toEqual([400, 'invalidValue'])
    expect(problem(await patch(`/Groups/${outer}`, add))).toEqual([400, 'invalidValue'])
  })

  it('have names that are nobody else’s, and members who are there', async () => {
    const { send, grouped } = await service()
    await grouped('Only')
    const twin = { schemas: [groupUrn], displayName: 'oNLY' }
    expect(problem(await send('POST', '/Groups', twin))).toEqual([409, 'uniqueness'])
    const nobody = { schemas: [groupUrn], displayName: 'Ghosts', members: [{ value: 'ghost' }] }
    const answer = await send('POST', '/Groups', nobody)
    expect(problem(answer)).toEqual([400, 'invalidValue'])
    expect(answer.body.detail).toContain('ghost')
  })

  it('are left by who is deleted, whom nothing names any more', async () => {
    const { send, made, grouped, patch } = await service()
    const kith = 'urn:kith:params:scim:schemas:extension:kith:1.0:Group'
    const [boss, worker] = [await made({ userName: 'boss' }), await made({ userName: 'worker' })]
    await patch(`/Users/${worker}`, { op: 'add', path: `${enterpriseUrn}:manager`, value: boss })
    const group = await grouped('Left', boss, worker)
    await patch(`/Groups/${group}`, { op: 'add', path: `${kith}:owners`, value: [{ value: boss }] })
    expect((await send('GET', `/Groups/${group}`)).text).toContain(boss)
    await send('DELETE', `/Users/${boss}`)
    for (const path of [`/Groups/${group}`, `/Users/${worker}`]) {
      expect((await send('GET', path)).text).not.toContain(boss)
    }
  })

  it('change without their many members being read, by what is said one by one', async () => {
    const { send, made, grouped, patch } = await service()
    const [a, b, c] = [
      await made({ userName: 'm1' }),
      await made({ userName: 'm2' }),
      await made({ userName: 'm3' }),
    ]
    const group = await grouped('Moves', a, b)
    const { status } = await patch(
      `/Groups/${group}`,
      { op: 'Remove', path: `members[value eq "${a}"]` },
      { op: 'Remove', path: 'members', value: [{ $ref: null, value: b }] },
      { op: 'Add', path: 'members', value: [{ $ref: null, value: c }, a] },
      { op: 'Replace', path: 'displayName', value: 'Moved' },
    )
    expect(status).toBe(204)
    const { body } = await send('GET', `/Groups/${group}`)
    expect(body.displayName).toBe('Moved')
    expect(body.members.map(({ value }: { value: string }) => value).sort()).toEqual([a, c].sort())
    await patch(`/Groups/${group}`, { op: 'remove', path: 'members' })
    expect((await send('GET', `/Groups/${group}`)).body.members).toEqual([])
    expect((await send('DELETE', `/Groups/${group}`)).status).toBe(204)
    expect((await send('GET', `/Groups/${group}`)).status).toBe(404)
    expect((await send('GET', `/Users/${a}`)).body).not.toHaveProperty('groups')
  })
})

describe('scim: Bulk', () => {
  const request = (Operations: readonly object[], more = {}) => ({
    ...{ schemas: [bulkUrn], Operations },
    ...more,
  })

  it('makes people and the groups that they are in, whatever comes first', async () => {
    const { send } = await service()
    const { status, body } = await send(
      'POST',
      '/Bulk',
      request([
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'g',
          data: { schemas: [groupUrn], displayName: 'Bulk', members: [{ value: 'bulkId:u' }] },
        },
        { method: 'POST', path: '/Users', bulkId: 'u', data: minimal('bulk') },
        {
          method: 'PATCH',
          path: '/Users/bulkId:u',
          data: {
            schemas: [patchUrn],
            Operations: [{ op: 'add', path: 'title', value: 'Bulky' }],
          },
        },
      ]),
    )
    expect(status).toBe(200)
    const [group, user, patched] = body.Operations
    expect([group.status, user.status, patched.status]).toEqual(['201', '201', '200'])
    expect(group).toMatchObject({ bulkId: 'g', method: 'POST' })
    const made = await send('GET', new URL(user.location).pathname.replace('/scim/v2', ''))
    expect(made.body).toMatchObject({ title: 'Bulky', groups: [{ display: 'Bulk' }] })
  })

  it('refuses what refers to itself in a circle, and what refers to nothing', async () => {
    const { send } = await service()
    const nested = (bulkId: string, other: string) => ({
      ...{ method: 'POST', path: '/Groups', bulkId },
      data: { schemas: [groupUrn], displayName: bulkId, members: [{ value: `bulkId:${other}` }] },
    })
    const { body } = await send('POST', '/Bulk', request([nested('a', 'b'), nested('b', 'a')]))
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['409', '409'])
    const lost = await send('POST', '/Bulk', request([nested('c', 'nowhere')]))
    expect(lost.body.Operations[0]).toMatchObject({
      status: '400',
      response: { schemas: [errorUrn], scimType: 'invalidValue' },
    })
  })

  it('stops after as many failures as it is told to bear', async () => {
    const { send } = await service()
    const bad = (bulkId: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId,
      data: { schemas: [] },
    })
    const operations = [bad('1'), bad('2'), bad('3')]
    const all = await send('POST', '/Bulk', request(operations))
    expect(all.body.Operations).toHaveLength(3)
    const some = await send('POST', '/Bulk', request(operations, { failOnErrors: 2 }))
    expect(some.body.Operations).toHaveLength(2)
  })

  it('takes no more operations, and no longer bodies, than it says', async () => {
    const { send } = await service()
    const many = Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' }))
    expect((await send('POST', '/Bulk', request(many))).status).toBe(413)
    const long = request([{ method: 'DELETE', path: `/Users/${'x'.repeat(1_100_000)}` }])
    expect((await send('POST', '/Bulk', long)).status).toBe(413)
  })
})

describe('scim: who may', () => {
  it('write: administrators of the organization, and nobody else', async () => {
    const { send, made } = await service()
    const id = await made({ userName: 'target' })
    for (const as of ['colleague', 'service', 'outsider', 'self'] as const) {
      for (const [method, path, body] of [
        ['POST', '/Users', minimal('intruder')],
        ['PUT', `/Users/${id}`, minimal('intruder')],
        ['DELETE', `/Users/${id}`, undefined],
        ['POST', '/Groups', { schemas: [groupUrn], displayName: 'Mine' }],
      ] as const) {
        expect([as, method, (await send(method, path, body, {}, as)).status]).toEqual([
          as,
          method,
          403,
        ])
      }
    }
    expect(
      (await send('POST', '/Users', minimal('x'), { authorization: 'Bearer no' })).status,
    ).toBe(401)
  })

  it('say who is an owner: owners alone', async () => {
    const { send, made } = await service()
    const owner = { ...minimal('heir'), [kithUrn]: { flags: { owner: true } } }
    expect((await send('POST', '/Users', owner)).status).toBe(403)
    const id = await made({ userName: 'clerk' })
    const value = { [`${kithUrn}:flags.owner`]: true }
    const body = { schemas: [patchUrn], Operations: [{ op: 'replace', value }] }
    expect((await send('PATCH', `/Users/${id}`, body)).status).toBe(403)
    const flags = (await send('PATCH', `/Users/${id}`, body, {}, 'owner')).body[kithUrn].flags
    expect(flags.owner).toBe(true)
  })

  it('put owners out: owners alone', async () => {
    const { send } = await service()
    const { id } = cast.askers.owner
    const off = { schemas: [patchUrn], Operations: [{ op: 'replace', value: { active: false } }] }
    expect((await send('PATCH', `/Users/${id}`, off)).status).toBe(403)
    expect((await send('DELETE', `/Users/${id}`)).status).toBe(403)
    expect((await send('GET', `/Users/${id}`)).body.active).toBe(true)
  })

  it('change themselves, whatever is hidden from them, and learn nothing of it', async () => {
    const { send, patch } = await service()
    const { colleague, coAttendee } = cast.askers
    const hidden = cast.manager.id
    await patch(
      `/Users/${colleague.id}`,
      { op: 'add', path: 'externalId', value: 'okta-1' },
      { op: 'add', path: `${enterpriseUrn}:manager`, value: hidden },
    )
    await patch(`/Users/${hidden}`, {
      op: 'add',
      path: `${kithUrn}:audiences`,
      value: { existence: 'nobody' },
    })
    const asSelf = (body: object) =>
      send('PATCH', '/Me', { schemas: [patchUrn], Operations: [body] }, {}, 'colleague')
    const own = await asSelf({ op: 'replace', path: 'title', value: 'Mine' })
    expect([own.status, own.body.title]).toEqual([200, 'Mine'])
    expect(own.text).not.toContain(hidden)
    const manager = (value: string) => ({ op: 'add', path: `${enterpriseUrn}:manager`, value })
    const [right, wrong] = [await asSelf(manager(hidden)), await asSelf(manager(coAttendee.id))]
    expect([right.status, wrong.status]).toEqual([403, 403])
    expect(right.text).toBe(wrong.text)
    const put = { ...minimal(colleague.userName), displayName: colleague.displayName }
    expect((await send('PUT', '/Me', put, {}, 'colleague')).status).toBe(200)
    const { body } = await send('GET', `/Users/${colleague.id}`)
    expect(body).toMatchObject({
      externalId: 'okta-1',
      [enterpriseUrn]: { manager: { value: hidden } },
    })
  })

  it('see of a group neither its version nor when somebody hidden came', async () => {
    const { send, made, grouped, patch } = await service()
    const shy = await made({ userName: 'shy', [kithUrn]: { audiences: { existence: 'nobody' } } })
    const group = await grouped('Quiet')
    const seen = () => send('GET', `/Groups/${group}`, undefined, {}, 'colleague')
    const before = await seen()
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: shy }] })
    const after = await seen()
    expect([after.text, after.headers.etag]).toEqual([before.text, before.headers.etag])
    for (const query of [
      'sortBy=meta.lastModified',
      `filter=${encodeURIComponent('externalId pr')}`,
    ]) {
      expect((await send('GET', `/Groups?${query}`, undefined, {}, 'colleague')).status).toBe(403)
    }
  })

  it('see: what they may see in any dialect, also by asking for it', async () => {
    const { send } = await service()
    const secret = {
      ...minimal('hermit'),
      title: 'Canaryclerk',
      birthDate: '1990-01-01',
      [kithUrn]: { birthDate: '1990-01-01', audiences: { profile: 'nobody' } },
    }
    const { body } = await send('POST', '/Users', secret)
    const asked = async (filter: string, as: ViewerName) =>
      (await send('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, {}, as)).body
    expect((await asked('title eq "canaryclerk"', 'admin')).totalResults).toBe(1)
    for (const filter of [
      'title eq "canaryclerk"',
      'title sw "C" and userName eq "hermit"',
      `${kithUrn}:birthDate eq "1990-01-01"`,
      `meta.lastModified pr and userName eq "hermit"`,
    ]) {
      expect([filter, (await asked(filter, 'colleague')).totalResults]).toEqual([filter, 0])
    }
    const seen = await send('GET', `/Users/${body.id}`, undefined, {}, 'colleague')
    expect(seen.status).toBe(200)
    expect(seen.text).not.toMatch(/Canaryclerk|1990-01-01/)
    const sorted = await send(
      'GET',
      '/Users?sortBy=title&cursor=&count=200',
      undefined,
      {},
      'colleague',
    )
    expect(sorted.text).not.toContain('Canaryclerk')
    const abroad = await send('GET', '/Users', undefined, {}, 'outsider')
    expect(abroad.text).not.toContain('hermit')
    expect((await send('GET', `/Users/${body.id}`, undefined, {}, 'outsider')).status).toBe(404)
  })

  it('know of groups: who is in them as far as each of them lets it be known', async () => {
    const { send, made, grouped } = await service()
    const open = await made({ userName: 'open' })
    const shy = await made({ userName: 'shy', [kithUrn]: { audiences: { work: 'nobody' } } })
    const group = await grouped('Some', open, shy)
    const { body } = await send('GET', `/Groups/${group}`, undefined, {}, 'colleague')
    expect(body.members.map(({ value }: { value: string }) => value)).toEqual([open])
    const filter = encodeURIComponent(`members.value eq "${shy}"`)
    const asked = await send('GET', `/Groups?filter=${filter}`, undefined, {}, 'colleague')
    expect(asked.status).toBe(403)
    expect((await send('GET', `/Groups/${group}`, undefined, {}, 'outsider')).status).toBe(404)
  })
})

describe('scim: bodies', () => {
  it.each([
    ['what is no JSON', '{"userName":', 'application/scim+json', 400, 'invalidSyntax'],
    ['what is no object', '[]', 'application/json', 400, 'invalidSyntax'],
    ['nothing', '', 'application/json', 400, 'invalidSyntax'],
    ['a form', 'userName=x', 'application/x-www-form-urlencoded', 415, undefined],
    [
      'a prototype',
      '{"userName":"x","__proto__":{"a":1}}',
      'application/json',
      400,
      'invalidSyntax',
    ],
    [
      'what is too deep',
      `${'['.repeat(99)}${']'.repeat(99)}`,
      'application/json',
      400,
      'invalidSyntax',
    ],
  ])('refuses %s', async (_, body, type, status, scimType) => {
    const { ask } = await world()
    const answer = await ask(scim, '/scim/v2/Users', {
      ...{ as: 'admin', method: 'POST', headers: { 'content-type': type } },
      body,
    })
    expect(problem(answer)).toEqual([status, scimType])
    expect(answer.headers['content-type']).toMatch('application/scim+json')
  })
})

describe('scim: tokens', () => {
  const token = ({ ask }: World, form: Record<string, string>, headers = {}) =>
    ask(scim, '/oauth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
    })

  it('are given for a key’s id and secret, and stand for the key', async () => {
    const own = await world()
    const { key, secret } = own.keys.admin
    const basic = Buffer.from(`${key.id}:${secret}`).toString('base64')
    for (const answer of [
      await token(own, { client_id: key.id, client_secret: secret }),
      await token(own, {}, { authorization: `Basic ${basic}` }),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
      const headers = { authorization: `Bearer ${answer.body.access_token}` }
      expect((await own.ask(scim, '/scim/v2/Users', { headers })).status).toBe(200)
      const forged = { authorization: `Bearer ${answer.body.access_token.replace(/.$/, '_')}` }
      expect((await own.ask(scim, '/scim/v2/Users', { headers: forged })).status).toBe(401)
    }
  })

  it('are over with their key', async () => {
    const own = await world()
    const { key, secret } = own.keys.admin
    const { body } = await token(own, { client_id: key.id, client_secret: secret })
    const headers = { authorization: `Bearer ${body.access_token}` }
    expect((await own.ask(scim, '/scim/v2/Me', { headers })).status).toBe(200)
    const revoked = { ...key, revokedAt: '2026-03-04T05:06:07.000Z' }
    await own.store.commit([{ kind: 'key', key: revoked }], 'test', '2026-03-04T05:06:07.000Z')
    expect((await own.ask(scim, '/scim/v2/Me', { headers })).status).toBe(401)
  })

  it.each([
    ['a wrong secret', { client_id: 'x', client_secret: 'y' }, 401, 'invalid_client'],
    ['nothing', {}, 400, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['an empty one', { grant_type: '' }, 400, 'invalid_request'],
  ])('are not given for %s', async (_, form, status, error) => {
    const answer = await token(await world(), form)
    expect([answer.status, answer.body.error]).toEqual([status, error])
  })

  it('are refused in the words of OAuth, and where who asks is said twice', async () => {
    const own = await world()
    const { key, secret } = own.keys.admin
    const basic = Buffer.from(`${key.id}:${secret}`).toString('base64')
    const both = { client_id: key.id, client_secret: secret }
    for (const [answer, status] of [
      [await token(own, both, { authorization: `Basic ${basic}` }), 400],
      [await token(own, both, { authorization: 'Bearer foo' }), 401],
      [await token(own, both, { 'content-type': 'application/json' }), 400],
      [await own.ask(scim, '/oauth/token'), 405],
    ] as const) {
      expect(answer.status).toBe(status)
      expect(answer.body.error).toMatch(/^invalid_/)
    }
    const twice = await own.ask(scim, '/oauth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=password&grant_type=client_credentials',
    })
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('filters by the name of a manager', () => {
  it('find those who report to somebody of that name, as far as the asker may see both', async () => {
    const { send, made, patch } = await service()
    const boss = await made({ ...minimal('boss'), displayName: 'Bea Straße' })
    const other = await made({ ...minimal('other'), displayName: 'Bea Straßer' })
    const reporting = (value: string) => ({ [enterpriseUrn]: { manager: { value } } })
    const ann = await made({ ...minimal('ann'), ...reporting(boss) })
    await made({ ...minimal('bob'), ...reporting(other) })
    const path = `${enterpriseUrn}:manager.displayName`
    const found = async (filter: string, as?: ViewerName) => {
      const query = `filter=${encodeURIComponent(filter)}&sortBy=userName&attributes=userName`
      const { body } = await send('GET', `/Users?${query}`, undefined, {}, as)
      return body.Resources.map(({ userName }: { userName: string }) => userName)
    }
    expect(await found(`${path} eq "bea STRAßE"`)).toEqual(['ann'])
    expect(await found(`${path} eq "bea STRAßE"`, 'colleague')).toEqual(['ann'])
    expect(await found(`${path} sw "Bea"`)).toEqual(['ann', 'bob'])
    expect(await found(`${path} eq "Bea"`)).toEqual([])
    expect(await found(`${path} ew "er"`)).toEqual(['bob'])

    const hide = (id: string, group: string) =>
      patch(`/Users/${id}`, { op: 'add', value: { [`${kithUrn}:audiences.${group}`]: 'nobody' } })
    await hide(other, 'name')
    expect(await found(`${path} sw "Bea"`, 'colleague')).toEqual(['ann'])
    await hide(ann, 'work')
    expect(await found(`${path} sw "Bea"`, 'colleague')).toEqual([])
    expect(await found(`not (${path} pr) and userName eq "ann"`, 'colleague')).toEqual(['ann'])
    await hide(boss, 'existence')
    expect(await found(`${path} sw "Bea"`)).toEqual(['ann', 'bob'])
    await send('DELETE', `/Users/${boss}`)
    expect(await found(`${path} sw "Bea"`)).toEqual(['bob'])
  })
})

it('says in the standard’s words what is wrong, and where', async () => {
  const { send, made, patch } = await service()
  const detail = async (answer: Promise<Answer>) => {
    const { status, body } = await answer
    return [status, body.scimType, body.detail]
  }
  const create = (user: object) => send('POST', '/Users', { ...minimal('zed'), ...user })
  expect(await detail(create({ name: 'Ada' }))).toEqual([
    ...[400, 'invalidValue', 'name: must be an object, not "Ada".'],
  ])
  const photos = [{ value: 'javascript:alert(1)', type: 'photo' }]
  expect(await detail(create({ photos }))).toEqual([
    ...[400, 'invalidValue', expect.stringMatching(/^photos\.value: must be an address/)],
  ])
  const two = [
    { value: 'a@b.example', primary: true },
    { value: 'c@d.example', primary: 'True' },
  ]
  const refused = [400, 'invalidValue', 'emails: 2 values are primary; only one can be.']
  expect(await detail(create({ emails: two }))).toEqual(refused)
  const id = await made(minimal('zoe'))
  expect(await detail(send('PUT', `/Users/${id}`, { ...minimal('zoe'), emails: two }))).toEqual(
    refused,
  )
  // The last word of a PATCH counts.
  const { body } = await patch(`/Users/${id}`, { op: 'add', path: 'emails', value: two })
  expect(body.emails).toEqual([{ value: 'a@b.example' }, { value: 'c@d.example', primary: true }])
})

describe('filters by photos', () => {
  it('find those of whom such a photo is told, and nobody by one that is hidden or no longer told', async () => {
    const { send, made, patch } = await service()
    const url = (name: string) => `https://pictures.example/${name}.png`
    const both = [
      { value: url('Ann'), type: 'photo', primary: true, display: 'Portrait' },
      { value: url('thumb'), type: 'thumbnail' },
    ]
    const ann = await made({ ...minimal('ann'), photos: both })
    await made({ ...minimal('bob'), photos: [{ value: url('bob') }] })
    await made({ ...minimal('cis'), photos: [{ value: url('thumb'), type: 'thumbnail' }] })
    await made(minimal('dan'))
    const found = async (filter: string, as?: ViewerName) => {
      const all = ['ann', 'bob', 'cis', 'dan'].map((name) => `userName eq "${name}"`).join(' or ')
      const query = `filter=${encodeURIComponent(`(${filter}) and (${all})`)}&sortBy=userName`
      const { body } = await send('GET', `/Users?${query}`, undefined, {}, as)
      return body.Resources?.map(({ userName }: { userName: string }) => userName) ?? body.detail
    }
    expect(await found('photos pr')).toEqual(['ann', 'bob', 'cis'])
    expect(await found(`photos eq "${url('Ann')}"`)).toEqual(['ann'])
    expect(await found(`photos.value eq "${url('thumb')}"`)).toEqual(['ann', 'cis'])
    expect(await found('photos[type eq "Thumbnail" and value co "thumb"]')).toEqual(['ann', 'cis'])
    expect(await found('photos.primary eq true')).toEqual(['ann'])
    expect(await found('photos.display sw "port"')).toEqual(['ann'])
    expect(await found('photos.type pr')).toEqual(['ann', 'cis'])
    expect(await found('not (photos pr)')).toEqual(['dan'])
    expect(await found(`photos.value ne "${url('thumb')}"`)).toEqual(['ann', 'bob', 'dan'])
    expect(await found('photos.size eq 1')).toBe('"photos.size" is no attribute of a User.')
    expect(await found('photos[type eq 1 and nothing pr]')).toMatch(/photos.nothing/)

    // Another avatar, and the portraits that were sent are no longer told.
    await patch(`/Users/${ann}`, {
      ...{ op: 'replace', path: 'photos[type eq "photo"].value', value: url('new') },
    })
    expect(await found(`photos eq "${url('Ann')}"`)).toEqual([])
    expect(await found(`photos eq "${url('new')}"`)).toEqual(['ann'])

    await patch(`/Users/${ann}`, {
      op: 'add',
      value: { [`${kithUrn}:audiences.picture`]: 'nobody' },
    })
    expect(await found('photos pr', 'colleague')).toEqual(['bob', 'cis'])
    expect(await found('not (photos pr)', 'colleague')).toEqual(['ann', 'dan'])
    expect(await found('photos.primary eq true', 'colleague')).toEqual([])
    expect(await found('photos pr')).toEqual(['ann', 'bob', 'cis'])
  })
})

it('says of a search that takes too long that too much was asked for, and of one that had to wait when to ask again', async () => {
  const store = memoryStore(testSecret)
  const failures = [tooLong(new Error('late')), tooBusy(new Error('late'))]
  const own = await world({
    store: {
      ...store,
      people: { ...store.people, search: () => Promise.reject(failures.shift()) },
    },
  })
  const asked = () => own.ask(scim, '/scim/v2/Users?sortBy=title', { as: 'admin' })
  const long = await asked()
  expect(problem(long)).toEqual([400, 'tooMany'])
  expect(long.body.detail).toMatch(/has to look at everybody.*user name/)
  expect(long.headers['retry-after']).toBeUndefined()
  const busy = await asked()
  expect([busy.status, busy.headers['retry-after']]).toEqual([503, '5'])
})
