import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../../../test/world.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { chakra } from './index.ts'

const { ada, askers } = cast
const adaPath = `/v1/ext/user/${ada.id}`
const methods = ['PUT', 'PATCH'] as const

function update(
  one: World,
  body: unknown,
  as: ViewerName = 'admin',
  { path = adaPath, method = 'PATCH', headers = {} } = {},
) {
  return one.ask(chakra, path, {
    ...{ as, method, headers: { 'content-type': 'application/json', ...headers } },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const read = async (one: World, as: ViewerName = 'admin') =>
  (await one.ask(chakra, adaPath, { as })).body._data

async function recordOf({ store }: World, id: PersonId = ada.id): Promise<Person> {
  const held = await store.people.byId(id)
  if (!held) throw new Error('Nobody is there')
  return held.person
}

const everything = {
  phones: ['+31 6 1234 5678', '+1 408 526 7299'],
  username: 'ada.other',
  firstName: 'Other',
  lastName: 'Name',
  middleName: 'Middle',
  displayName: 'Other Name',
  gender: 'other',
  dob: Date.parse('1816-01-02'),
  bio: 'Another bio',
  profileImageUrl: 'https://pictures.example/other.png',
  coverImageUrl: 'https://pictures.example/cover.png',
  timezone: 'Europe/Berlin',
  data: { other: [1] },
  onboardingData: { step: 2 },
  isActive: false,
  team: 'team-2',
  role: 'role-2',
}

describe.each(methods)('chakra: %s', (method) => {
  it('changes everything that can be written', async () => {
    const one = await world()
    const emails = [{ email: 'other@home.example', type: 'work' }, ada.emails[1]?.value]
    const { status, body } = await update(one, { ...everything, emails }, 'admin', { method })
    expect(status).toBe(200)
    expect(body._data).toMatchObject({
      ...everything,
      emails: [
        { email: 'other@home.example', type: 'work', isVerified: false },
        { id: ada.emails[1]?.id, email: ada.emails[1]?.value },
      ],
    })
    expect(body._data).toEqual(await read(one))
  })

  it('leaves alone what it does not name', async () => {
    const one = await world()
    const before = await read(one)
    const { body } = await update(one, { bio: 'New' }, 'self', { method })
    const { updatedAt: _, ...after } = body._data
    const { updatedAt: __, ...same } = before
    expect(after).toEqual({ ...same, bio: 'New' })
  })

  it('changes nothing when a user is sent back as they were given', async () => {
    const shapes: WorldOptions[] = [
      {},
      { ada: { ...ada, emails: ada.emails.map((one) => ({ ...one, primary: false })) } },
      { ada: { ...ada, phones: [] } },
      { ada: { ...ada, lifecycle: 'suspended' } },
      { ada: { ...ada, lifecycle: 'invited' } },
      { switches: { chakra: { epochSeconds: true, emptyStrings: true } } },
    ]
    for (const options of shapes) {
      const one = await world(options)
      for (const as of ['self', 'admin', 'managingAdmin'] as const) {
        if (as === 'self' && (options.ada?.lifecycle ?? 'active') !== 'active') continue
        const sent = await update(one, await read(one, as === 'self' ? 'self' : 'admin'), as, {
          method,
        })
        expect(sent.status).toBe(200)
      }
      expect((await recordOf(one)).version).toBe(1)
    }
  })
})

describe('chakra: an update', () => {
  it('removes what is null or empty', async () => {
    const one = await world()
    const gone = {
      ...{ firstName: null, middleName: '', gender: null, dob: null, bio: '', timezone: null },
      ...{ profileImageUrl: null, coverImageUrl: '', data: null, onboardingData: null },
      ...{ team: null, role: '', phones: null, emails: [] },
    }
    const { body } = await update(one, gone)
    const empty = Object.fromEntries(Object.keys(gone).map((key) => [key, null]))
    expect(body._data).toMatchObject({ ...empty, phones: [], emails: [], primaryEmail: null })
    expect(body._data.lastName).toBe(ada.familyName)
  })

  it('marks the primary e-mail and telephone, or adds them', async () => {
    const one = await world()
    const second = ada.emails[1]?.value ?? ''
    const marking = {
      primaryEmail: { email: second },
      primaryPhone: { phone: '+31 6 1234 5678' },
    }
    const marked = (await update(one, marking)).body._data
    expect(marked.primaryEmail).toMatchObject({ id: ada.emails[1]?.id, email: second })
    expect(marked.primaryPhone.id).toBe(ada.phones[1]?.id)
    expect(marked.emails).toHaveLength(2)
    const added = (
      await update(one, {
        primaryEmail: { email: 'third@home.example' },
        primaryPhone: { phone: '+1 408 526 7200' },
      })
    ).body._data
    expect(added.primaryEmail.email).toBe('third@home.example')
    expect(added.primaryPhone.phone).toBe('+1 408 526 7200')
    expect([added.emails.length, added.phones.length]).toEqual([3, 3])
  })

  it('reads times in seconds with epochSeconds', async () => {
    const one = await world({ switches: { chakra: { epochSeconds: true } } })
    const dob = Date.parse('1816-01-02') / 1000
    expect((await update(one, { dob })).body._data.dob).toBe(dob)
    expect((await recordOf(one)).birthDate).toBe('1816-01-02')
  })

  it('lets a display name follow that was made of the others', async () => {
    const one = await world({ ada: { ...ada, displayName: 'CanaryGiven CanaryFamily' } })
    const { body } = await update(one, { firstName: 'Other' })
    expect(body._data.displayName).toBe('Other CanaryFamily')
  })

  it('activates and suspends', async () => {
    const one = await world()
    expect((await update(one, { isActive: false })).body._data.isActive).toBe(false)
    expect((await recordOf(one)).lifecycle).toBe('suspended')
    expect((await update(one, { isActive: true })).body._data.isActive).toBe(true)
  })

  it('answers a GET with a body by reading, whatever is in it', async () => {
    const one = await world()
    const plain = await one.ask(chakra, adaPath, { as: 'admin' })
    const got = await update(one, { firstName: 'Other' }, 'admin', { method: 'GET' })
    expect([got.status, got.text]).toEqual([200, plain.text])
    expect((await recordOf(one)).version).toBe(1)
  })

  it.each([
    [undefined, 'the body: must be object'],
    [[], 'the body: must be object'],
    [{ isDeleted: true }, 'isDeleted: nobody is deleted by an update'],
    [{ emails: ['nobody'] }, 'emails: "nobody" is no e-mail address'],
    [{ dob: 1e300 }, 'dob: '],
    [{ dob: -1e14 }, 'dob: is no time of the years 1000 to 9999'],
    [{ dob: 8.64e15 }, 'dob: is no time of the years 1000 to 9999'],
    [{ firstName: 7 }, 'firstName: must '],
    [{ firstName: 'x'.repeat(256) }, 'firstName: must not have more than'],
    [{ username: '' }, 'username: must '],
    [{ username: '@me' }, 'username: must not begin with "@"'],
    [{ displayName: null }, 'displayName: must be string'],
    [{ profileImageUrl: 'x' }, 'profileImageUrl.url: must be an address'],
    [{ data: [] }, 'data: must '],
    [{ phones: [7] }, 'phones'],
    [{ primaryEmail: 'x@y.example' }, 'primaryEmail: must '],
    [{ isActive: 'yes' }, 'isActive: must '],
  ])('refuses %j', async (body, message) => {
    const one = await world()
    const answer = await update(one, body)
    expect(answer.status).toBe(400)
    expect(answer.body._errors[0].startsWith(message) || answer.text).toBe(true)
    expect((await recordOf(one)).version).toBe(1)
  })

  it('refuses a name that is somebody else’s, and whom it does not know', async () => {
    const one = await world()
    const taken = await update(one, { username: cast.manager.userName })
    expect(taken.status).toBe(409)
    expect(taken.body._errors[0]).toMatch(/^username: /)
    const at = (id: string) => ({ path: `/v1/ext/user/${id}` })
    expect((await update(one, {}, 'admin', at(askers.outsider.id))).status).toBe(404)
    expect((await update(one, {}, 'admin', at(crypto.randomUUID()))).status).toBe(404)
    expect((await update(one, {}, 'admin', at('me'))).status).toBe(400)
    expect((await update(one, { bio: 'x' }, 'managingAdmin')).status).toBe(200)
  })

  it('takes only JSON', async () => {
    const one = await world()
    const headers = { 'content-type': 'text/plain' }
    expect((await update(one, {}, 'admin', { headers })).status).toBe(415)
  })

  it('passes with the validator of the user as they are, and with no other', async () => {
    const one = await world()
    const etag = (await one.ask(chakra, adaPath, { as: 'admin' })).headers.etag ?? ''
    const write = (condition: string) =>
      update(one, { bio: condition }, 'admin', { headers: { 'if-match': condition } })
    expect((await write('"other"')).status).toBe(412)
    const passed = await write(etag)
    expect(passed.status).toBe(200)
    expect((await write(etag)).status).toBe(412)
    expect((await write(passed.headers.etag ?? '')).status).toBe(200)
  })
})

describe('chakra: who may write what', () => {
  const [mail] = ada.emails
  /** What is for administrators, with a value that is another than stands there. */
  const privileged: readonly [string, unknown, keyof Person][] = [
    ['username', 'boss', 'userName'],
    ['isActive', false, 'lifecycle'],
    ['team', 'board', 'team'],
    ['role', 'owner', 'role'],
    ['data', { boss: true }, 'data'],
    ['onboardingData', { done: true }, 'onboardingData'],
    ['emails', [{ email: 'mine@home.example', isVerified: true }], 'emails'],
    ['primaryEmail', { email: 'mine@home.example', isVerified: true }, 'emails'],
    ['primaryPhone', { phone: '+1 408 526 7200', isVerified: true }, 'phones'],
  ]
  const writers: readonly [string, ViewerName, Person, boolean][] = [
    ['plain self', 'colleague', askers.colleague, false],
    ['a colleague', 'colleague', ada, false],
    ['a service', 'service', ada, false],
    ['an administrator', 'admin', ada, true],
    ['an owner', 'owner', ada, true],
  ]
  const table = privileged.flatMap(([field, value, kept]) =>
    writers.flatMap((writer) =>
      methods.map((method) => [method, field, writer[0], { value, kept, writer }] as const),
    ),
  )

  it.each(table)('%s of %s by %s', async (method, field, _, { value, kept, writer }) => {
    const [, as, whom, may] = writer
    const one = await world()
    const before = await recordOf(one, whom.id)
    const path = `/v1/ext/user/${whom.id}`
    const { status } = await update(one, { [field]: value }, as, { path, method })
    expect(status).toBe(may ? 200 : 403)
    const after = await recordOf(one, whom.id)
    if (may) expect(after[kept]).not.toEqual(before[kept])
    else expect(after).toEqual(before)
  })

  it('lets people say what is theirs, and verify nothing anew', async () => {
    const one = await world()
    const emails = [{ email: mail?.value, isVerified: true }, 'mine@home.example']
    const { status, body } = await update(one, { emails, bio: 'Mine' }, 'self')
    expect(status).toBe(200)
    expect(body._data.emails).toMatchObject([{ isVerified: true }, { isVerified: false }])
  })

  const smuggled = {
    ...Object.fromEntries(Object.keys(ada).map((field) => [field, { smuggled: true }])),
    ...{ id: crypto.randomUUID(), createdAt: 0, updatedAt: 0, deletedAt: 0, isDeleted: false },
    ...{ flags: { owner: true, administrator: true }, isOwner: true, isAdmin: true, admin: true },
    ...{ userName: 'smuggled', lifecycle: 'deleted', audiences: { existence: 'nobody' } },
    ...{ reportees: [], profile: {}, availabilityStatus: 'BUSY', version: 99, password: 'x' },
  }
  const its = [
    ...['emails', 'phones', 'displayName', 'middleName', 'bio', 'gender'],
    ...['data', 'onboardingData', 'team', 'role'],
  ]
  const rest = Object.fromEntries(Object.entries(smuggled).filter(([name]) => !its.includes(name)))

  it.each(writers)('nothing else by %s', async (_, as, whom, may) => {
    for (const method of methods) {
      const one = await world()
      const before = await recordOf(one, whom.id)
      const path = `/v1/ext/user/${whom.id}`
      const { status } = await update(one, { ...rest, bio: 'Plain' }, as, { path, method })
      expect(status).toBe(may || whom === askers.colleague ? 200 : 403)
      const after = await recordOf(one, whom.id)
      const { bio, updatedAt, touched, version } = after
      expect(after).toEqual({ ...before, ...(bio && { bio }), updatedAt, touched, version })
      if (status === 200) expect([bio, version]).toEqual(['Plain', 2])
    }
  })
})
