import fc from 'fast-check'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Answer, type ViewerName, type World, world } from '../../../test/world.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { docspace } from './index.ts'
import { DocSpaceGroup, DocSpacePerson, DocSpaceProblem, enveloped } from './schema.ts'
import { userNamesFor } from './user-names.ts'

const root = '/api/2.0/people'
const { ada, askers } = cast
const { owner, admin, colleague, suspended } = askers
const group = cast.groups[0].group.id

interface Asked {
  readonly as?: ViewerName
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const asking =
  (one: World) =>
  (method: string, path: string, { as = 'admin', body, headers = {} }: Asked = {}) =>
    one.ask(docspace, path, {
      ...{ as, method },
      headers: { ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

const stored = async (one: World, id: string): Promise<Person> => {
  const held = await one.store.people.byId(id as PersonId)
  if (!held) throw new Error('There is nobody')
  return held.person
}

const problemOf = (answer: Answer): string[] => {
  expect(answer.status).toBe(400)
  expect(Compile(DocSpaceProblem).Errors(answer.body)).toEqual([])
  return Object.keys(answer.body.response.errors)
}

const messageOf = ({ status, body }: Answer) => [status, body?.error?.message]

describe('docspace: a new person', () => {
  it('comes with everything that was said, and is answered in whole', async () => {
    const one = await world()
    const ask = asking(one)
    const answer = await ask('POST', root, {
      body: {
        email: 'New.Person@new.example',
        firstName: 'Zoë',
        lastName: 'O’Neill',
        type: 'RoomAdmin',
        department: [group.toUpperCase()],
        location: 'Singapore',
        comment: 'A comment',
        title: 'Engineer',
        contacts: [
          { type: 'skype', value: 'zoe' },
          { type: 'x', value: '' },
        ],
        cultureName: 'nl-NL',
        password: 'P@ssw0rd',
        sex: 'Female',
        birthday: '1990-05-04T00:00:00.0000000+08:00',
        worksfrom: '2020-01-02T03:04:05+08:00',
        spam: true,
        files: '',
        nonsense: null,
      },
    })
    expect(answer.status).toBe(200)
    expect(Compile(enveloped(DocSpacePerson, {}, 'POST')).Errors(answer.body)).toEqual([])
    expect(answer.body.response).toMatchObject({
      firstName: 'Zoë',
      lastName: 'O’Neill',
      displayName: 'Zo&#235; O’Neill',
      userName: 'New.Person',
      email: 'New.Person@new.example',
      contacts: [{ type: 'skype', value: 'zoe' }],
      birthday: '1990-05-04T00:00:00.0000000+08:00',
      workFrom: '2020-01-02T03:04:05.0000000+08:00',
      sex: 'female',
      status: 1,
      activationStatus: 0,
      department: 'Canary &amp; Group',
      location: 'Singapore',
      notes: 'A comment',
      title: 'Engineer',
      cultureName: 'nl-NL',
      isRoomAdmin: true,
      isCollaborator: false,
      createdBy: { id: admin.id },
    })
    const { body } = await ask('GET', `${root}/new.person`)
    expect(body.response).toEqual(answer.body.response)
    expect((await stored(one, body.response.id)).extensions.docspace).toEqual({ spam: true })
  })

  it('is a user where no type is said, and takes names in any case and types by number', async () => {
    const ask = asking(await world())
    const user = await ask('POST', root, { body: { EMAIL: 'a@new.example', FirstName: 'A' } })
    expect(user.body.response).toMatchObject({ isCollaborator: true, firstName: 'A' })
    const guest = await ask('POST', root, { body: { email: 'b@new.example', type: 2 } })
    expect(guest.body.response).toMatchObject({ isVisitor: true, isCollaborator: false })
    const other = await ask('POST', root, { body: { email: 'c@new.example', isUser: true } })
    expect(other.body.response.isVisitor).toBe(true)
  })

  it('gets a user name of their own, and nobody else’s address', async () => {
    const one = await world()
    const ask = asking(one)
    const names = []
    for (const domain of ['a', 'b', 'c']) {
      const body = { email: `same@${domain}.example` }
      names.push((await ask('POST', root, { body })).body.response.userName)
    }
    expect(names).toEqual(['same', 'same1', 'same2'])
    const again = await ask('POST', root, { body: { email: 'SAME@a.example' } })
    expect(messageOf(again)).toEqual([409, 'The user with this email already exists'])
    const reserved = await ask('POST', root, { body: { email: 'filter@a.example' } })
    expect(reserved.body.response.userName).toBe('filter1')
    expect(userNamesFor(`${ada.id}@a.example`)[0]).toBe(`${ada.id}1`)
  })

  it('comes once, however many say so at once', async () => {
    const ask = asking(await world())
    const body = { email: 'once@new.example' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask('POST', root, { body })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409])
  })

  it.each([
    [undefined, ''],
    [[], ''],
    ['text', ''],
    [{}, 'email'],
    [{ email: null }, 'email'],
    [{ email: 7 }, 'email'],
    [{ email: 'a@b.example', firstName: 7 }, 'firstName'],
    [{ email: 'a@b.example', firstName: 'x'.repeat(256) }, 'firstName'],
    [{ email: 'a@b.example', type: 'King' }, 'type'],
    [{ email: 'a@b.example', type: 9 }, 'type'],
    [{ email: 'a@b.example', department: ['x'] }, 'department.0'],
    [{ email: 'a@b.example', contacts: [{ value: 7 }] }, 'contacts.0.value'],
    [{ email: 'a@b.example', birthday: 'tomorrow' }, 'birthday'],
  ])('is refused as %j for its model', async (body, field) => {
    const answer = await asking(await world())('POST', root, { body })
    expect(problemOf(answer)).toEqual([field])
    expect(answer.body.links).toEqual([{ href: `https://people.example${root}`, action: 'POST' }])
  })

  it.each([
    [{ email: 'nonsense' }, 'Incorrect email'],
    [{ email: 'a@b.example', firstName: ' ' }, 'Incorrect user name'],
    [{ email: 'a@b.example', type: 'All' }, 'Incorrect type'],
    [
      { email: 'a@b.example', birthday: '2026-02-31' },
      'birthday: must be a time such as 2026-03-04T05:06:07+08:00',
    ],
    [
      { email: 'a@b.example', cultureName: 'no culture' },
      'The specified culture is not in the list of available ones',
    ],
    [
      { email: 'a@b.example', department: [ada.id] },
      `department: there is no group with the id ${ada.id}`,
    ],
  ])('is refused as %j with a sentence, and nobody is there', async (body, message) => {
    const one = await world()
    const answer = await asking(one)('POST', root, { body })
    expect(messageOf(answer)).toEqual([400, message])
    const { body: after } = await asking(one)('GET', `${root}/exists?email=a@b.example`)
    expect(after.response).toEqual({ exists: false })
  })

  it.each([
    ['{"email":', 400],
    ['x'.repeat(1_100_000), 413],
  ])('is refused politely for a body that can not be read', async (body, status) => {
    const one = await world()
    const headers = { 'content-type': 'application/json' }
    const answer = await one.ask(docspace, root, { as: 'admin', method: 'POST', headers, body })
    expect([answer.status, answer.body.statusCode]).toEqual([status, status])
  })
})

describe('docspace: a change of a person', () => {
  it('leaves alone what it does not name, or names with null', async () => {
    const one = await world()
    const path = `${root}/${colleague.id}`
    const body = { firstName: 'New', location: null, Comment: 'Noted' }
    const answer = await asking(one)('PUT', path, { body })
    expect(answer.status).toBe(200)
    expect(Compile(enveloped(DocSpacePerson, {}, 'PUT')).Errors(answer.body)).toEqual([])
    const { touched: _, ...after } = await stored(one, colleague.id)
    const { touched: __, ...before } = colleague
    expect(after).toEqual({
      ...before,
      ...{ givenName: 'New', notes: 'Noted' },
      ...{ version: 2, updatedAt: new Date(cast.testNow).toISOString() },
    })
  })

  it('that sends back what was read changes nothing', async () => {
    const one = await world()
    for (const as of ['admin', 'self'] as const) {
      const path = `${root}/${ada.id}`
      const { body } = await asking(one)('GET', path, { as })
      const { groups = [], notes, workFrom, ...rest } = body.response
      const again = {
        ...{ ...rest, comment: notes, worksfrom: workFrom, files: rest.avatar },
        department: groups.map(({ id }: { id: string }) => id),
      }
      const answer = await asking(one)('PUT', path, { as, body: again })
      expect(answer.status).toBe(200)
    }
    const after = await stored(one, ada.id)
    expect({ ...after, workFrom: ada.workFrom }).toEqual(ada)
  })

  it('takes a text away where it is empty, and a day where it is 1900-01-01', async () => {
    const one = await world()
    const body = { location: '', comment: '', title: '', birthday: '1900-01-01', contacts: [] }
    const answer = await asking(one)('PUT', `${root}/${ada.id}`, { as: 'self', body })
    expect(answer.status).toBe(200)
    for (const field of ['location', 'notes', 'title', 'birthday', 'contacts']) {
      expect(answer.body.response).not.toHaveProperty(field)
    }
  })

  it('puts another address in place of the one that is shown, unverified, and keeps the others', async () => {
    const one = await world()
    const path = `${root}/${ada.id}`
    const answer = await asking(one)('PUT', path, {
      as: 'self',
      body: { email: 'ada@new.example' },
    })
    expect(answer.body.response.email).toBe('ada@new.example')
    const { emails } = await stored(one, ada.id)
    expect(emails).toMatchObject([
      { value: 'ada@new.example', primary: true, verified: false, type: 'work' },
      { value: 'Canary.Second@ada-canary.example', primary: false },
    ])
    const second = { email: 'Canary.Second@ada-canary.example' }
    await asking(one)('PUT', path, { as: 'self', body: second })
    expect((await stored(one, ada.id)).emails).toMatchObject([
      { primary: false },
      { primary: true },
    ])
    const taken = { email: 'canary.second@ada-canary.example' }
    const refused = await asking(one)('PUT', `${root}/${colleague.id}`, { body: taken })
    expect(messageOf(refused)).toEqual([409, 'The user with this email already exists'])
  })

  it('moves somebody between groups', async () => {
    const one = await world()
    const ask = asking(one)
    const made = await ask('POST', '/api/2.0/group', { body: { groupName: 'Another' } })
    const path = `${root}/${ada.id}`
    const moved = await ask('PUT', path, { body: { department: [made.body.response.id] } })
    expect(moved.body.response.department).toBe('Another')
    const out = await ask('PUT', path, { body: { department: [] } })
    expect(out.body.response.department).toBe('')
  })

  it('disables and takes back', async () => {
    const one = await world()
    const path = `${root}/${colleague.id}`
    const off = await asking(one)('PUT', path, { body: { disable: true } })
    expect(off.body.response).toMatchObject({
      status: 2,
      terminated: '2026-03-04T13:06:07.0000000+08:00',
    })
    expect((await asking(one)('GET', root, { as: 'colleague' })).status).toBe(401)
    const on = await asking(one)('PUT', path, { body: { disable: false } })
    expect(on.body.response.status).toBe(1)
    expect(on.body.response).not.toHaveProperty('terminated')
  })

  it('sets a culture', async () => {
    const one = await world()
    const path = `${root}/${ada.id}/culture`
    const answer = await asking(one)('PUT', path, { as: 'self', body: { cultureName: 'fr' } })
    expect(answer.body.response.cultureName).toBe('fr')
    const wrong = await asking(one)('PUT', path, { as: 'self', body: { cultureName: '??' } })
    expect(messageOf(wrong)).toEqual([
      400,
      'The specified culture is not in the list of available ones',
    ])
    expect(problemOf(await asking(one)('PUT', path, { as: 'self', body: {} }))).toEqual([
      'cultureName',
    ])
  })

  it('can be about nobody whom the caller may not know of', async () => {
    const hidden = { ...ada, audiences: { existence: 'nobody' as const } }
    const ask = asking(await world({ ada: hidden }))
    const nobody = 'b5b36187-c8dd-4727-8b2f-f9c447f29046'
    for (const as of ['colleague', 'outsider', 'service'] as const) {
      for (const [method, below] of [
        ['PUT', ''],
        ['PUT', '/culture'],
        ['DELETE', ''],
      ] as const) {
        const asked = { as, ...(method === 'PUT' && { body: { cultureName: 'fr' } }) }
        const one = await ask(method, `${root}/${ada.id}${below}`, asked)
        const other = await ask(method, `${root}/${nobody}${below}`, asked)
        expect([one.status, one.text]).toEqual([404, other.text])
      }
    }
  })
})

describe('docspace: the end of a person', () => {
  it('is only for somebody who is terminated', async () => {
    const one = await world()
    const ask = asking(one)
    const refused = await ask('DELETE', `${root}/${colleague.id}`)
    expect(messageOf(refused)).toEqual([403, 'The user is not suspended'])
    await ask('PUT', `${root}/status/Terminated`, { body: { userIds: [colleague.id] } })
    const gone = await ask('DELETE', `${root}/${colleague.userName}`)
    expect(gone.status).toBe(200)
    expect(gone.body.response).toMatchObject({ id: colleague.id, status: 2 })
    expect(Compile(enveloped(DocSpacePerson, {}, 'DELETE')).Errors(gone.body)).toEqual([])
    expect((await ask('GET', `${root}/${colleague.id}`)).status).toBe(404)
    expect((await ask('DELETE', `${root}/${colleague.id}`)).status).toBe(404)
  })
})

describe('docspace: several people at once', () => {
  const list = Compile(enveloped(Type.Array(DocSpacePerson), {}, 'PUT'))

  it('are terminated and taken back, in the order of their ids', async () => {
    const ask = asking(await world())
    const userIds = [colleague.id, ada.id, colleague.id]
    const off = await ask('PUT', `${root}/status/2`, { body: { userIds } })
    expect(off.status).toBe(200)
    expect(list.Errors(off.body)).toEqual([])
    expect(off.body.count).toBe(2)
    expect(off.body.response.map(({ id }: { id: string }) => id)).toEqual([colleague.id, ada.id])
    const on = await ask('PUT', `${root}/status/active`, { body: { UserIds: userIds } })
    expect(on.body.response.map(({ status }: { status: number }) => status)).toEqual([1, 1])
  })

  it('change their type, but for those who are terminated', async () => {
    const one = await world()
    const ask = asking(one)
    const userIds = [colleague.id, suspended.id]
    const answer = await ask('PUT', `${root}/type/RoomAdmin`, { body: { userIds } })
    expect(list.Errors(answer.body)).toEqual([])
    expect(answer.body.count).toBe(1)
    expect(answer.body.response[0]).toMatchObject({ id: colleague.id, isRoomAdmin: true })
    expect((await stored(one, suspended.id)).flags).toEqual(suspended.flags)
    const guest = await ask('PUT', `${root}/type/2`, { body: { userIds } })
    expect(guest.body.response[0]).toMatchObject({ isRoomAdmin: false, isVisitor: true })
  })

  it('are changed all or none where one of them is not to be', async () => {
    const one = await world()
    const ask = asking(one)
    const nobody = '00000000-0000-4000-8000-000000000000'
    for (const [other, status] of [
      [owner.id, 403],
      [admin.id, 403],
      [nobody, 404],
    ] as const) {
      const body = { userIds: [colleague.id, other] }
      for (const path of ['status/Terminated', 'type/Guest']) {
        expect((await ask('PUT', `${root}/${path}`, { body })).status).toBe(status)
      }
    }
    expect(await stored(one, colleague.id)).toEqual(colleague)
  })

  it.each([
    ['status/Pending', { userIds: [ada.id] }, 'Incorrect status'],
    ['type/All', { userIds: [ada.id] }, 'Incorrect type'],
  ])('can not be put to %s', async (path, body, message) => {
    const answer = await asking(await world())('PUT', `${root}/${path}`, { body })
    expect(messageOf(answer)).toEqual([400, message])
  })

  it.each([
    ['status/3', { userIds: [ada.id] }, 'status'],
    ['type/King', { userIds: [ada.id] }, 'type'],
    ['status/1', {}, 'userIds'],
    ['status/1', { userIds: [] }, 'userIds'],
    ['status/1', { userIds: ['x'] }, 'userIds.0'],
    ['type/1', undefined, ''],
  ])('are refused at %s with %j for the model', async (path, body, field) => {
    expect(problemOf(await asking(await world())('PUT', `${root}/${path}`, { body }))).toEqual([
      field,
    ])
  })
})

describe('docspace: If-Match', () => {
  const person = `${root}/${colleague.id}`
  const inGroup = `/api/2.0/group/${group}`
  it.each([
    ['PUT', person, person, { comment: 'x' }],
    ['PUT', `${person}/culture`, person, { cultureName: 'fr' }],
    ['PUT', `${root}/${colleague.userName}`, `${root}/${colleague.userName}`, { comment: 'x' }],
    ['DELETE', `${root}/${suspended.id}`, `${root}/${suspended.id}`, undefined],
    ['PUT', inGroup, inGroup, { groupName: 'Other' }],
    ['PUT', `${inGroup}/members`, inGroup, { members: [colleague.id] }],
    ['POST', `${inGroup}/members`, inGroup, { members: [colleague.id] }],
    ['DELETE', `${inGroup}/members`, inGroup, { members: [ada.id] }],
    ['DELETE', inGroup, inGroup, undefined],
  ] as const)('of %s %s is held to what was read', async (method, path, read, body) => {
    const one = await world()
    const ask = asking(one)
    const { headers, text } = await ask('GET', read)
    const stale = await ask(method, path, { body, headers: { 'if-match': '"other"' } })
    expect([stale.status, stale.body.statusCode]).toEqual([412, 412])
    expect((await ask('GET', read)).text).toBe(text)
    const fresh = { 'if-match': headers.etag ?? '' }
    expect((await ask(method, path, { body, headers: fresh })).status).toBe(200)
    const again = await ask(method, path, { body, headers: fresh })
    expect([412, 404]).toContain(again.status)
  })

  it.each([
    ['POST', root, { email: 'a@new.example' }],
    ['PUT', `${root}/status/Terminated`, { userIds: [colleague.id] }],
    ['PUT', `${root}/type/Guest`, { userIds: [colleague.id] }],
    ['POST', '/api/2.0/group', { groupName: 'New' }],
  ])('of %s %s has nothing to be held to, and never passes', async (method, path, body) => {
    const ask = asking(await world())
    expect((await ask(method, path, { body, headers: { 'if-match': '"x"' } })).status).toBe(412)
    expect((await ask(method, path, { body, headers: { 'if-match': '*' } })).status).toBe(200)
  })
})

describe('docspace: who may write what', () => {
  const yes = 200
  const no = 403
  const at = (id: string) => `${root}/${id}`
  const several = (path: string, id: string) => [`${root}/${path}`, { userIds: [id] }] as const

  // What is sent, to whom; then what comes of it for a plain user (who is the colleague), an admin and the owner.
  const table: readonly (readonly [
    what: string,
    method: string,
    path: string,
    body: unknown,
    ...statuses: [plain: number, admin: number, owner: number],
  ])[] = [
    ['make somebody', 'POST', root, { email: 'n@new.example' }, no, yes, yes],
    ['make a room admin', 'POST', root, { email: 'n@new.example', type: 1 }, no, yes, yes],
    ['make an admin', 'POST', root, { email: 'n@new.example', type: 3 }, no, no, yes],
    ['own name', 'PUT', at(colleague.id), { firstName: 'X' }, yes, yes, yes],
    ['own address', 'PUT', at(colleague.id), { email: 'x@new.example' }, yes, yes, yes],
    ['own work', 'PUT', at(colleague.id), { worksfrom: '2020-01-01' }, no, yes, yes],
    ['own groups', 'PUT', at(colleague.id), { department: [group] }, no, yes, yes],
    ['own guesthood', 'PUT', at(colleague.id), { isUser: true }, no, yes, yes],
    ['own end', 'PUT', at(colleague.id), { disable: true }, no, yes, yes],
    ['own status', 'PUT', ...several('status/2', colleague.id), no, yes, yes],
    ['own type', 'PUT', ...several('type/1', colleague.id), no, yes, yes],
    ['own office', 'PUT', ...several('type/3', colleague.id), no, no, yes],
    ['own culture', 'PUT', `${at(colleague.id)}/culture`, { cultureName: 'fr' }, yes, yes, yes],
    ['another’s name', 'PUT', at(ada.id), { firstName: 'X' }, no, yes, yes],
    ['another’s culture', 'PUT', `${at(ada.id)}/culture`, { cultureName: 'fr' }, no, yes, yes],
    ['another’s status', 'PUT', ...several('status/2', ada.id), no, yes, yes],
    ['another’s type', 'PUT', ...several('type/4', ada.id), no, yes, yes],
    ['another’s end', 'DELETE', at(suspended.id), undefined, no, yes, yes],
    ['an admin’s name', 'PUT', at(admin.id), { firstName: 'X' }, no, yes, yes],
    ['an admin’s status', 'PUT', ...several('status/2', admin.id), no, no, yes],
    ['an admin’s type', 'PUT', ...several('type/4', admin.id), no, no, yes],
    ['an admin’s end', 'PUT', at(admin.id), { disable: true }, no, no, yes],
    ['an admin’s guesthood', 'PUT', at(admin.id), { isUser: true }, no, no, no],
    ['an owner’s name', 'PUT', at(owner.id), { firstName: 'X' }, no, no, yes],
    ['an owner’s status', 'PUT', ...several('status/2', owner.id), no, no, no],
    ['an owner’s type', 'PUT', ...several('type/4', owner.id), no, no, no],
    ['an owner’s end', 'DELETE', at(owner.id), undefined, no, no, no],
    ['a group', 'POST', '/api/2.0/group', { groupName: 'N' }, no, yes, yes],
    ['a group’s name', 'PUT', `/api/2.0/group/${group}`, { groupName: 'N' }, no, yes, yes],
    ['a group’s end', 'DELETE', `/api/2.0/group/${group}`, undefined, no, yes, yes],
    ['members', 'PUT', `/api/2.0/group/${group}/members`, { members: [ada.id] }, no, yes, yes],
    [
      'less members',
      'DELETE',
      `/api/2.0/group/${group}/members`,
      { members: [ada.id] },
      no,
      yes,
      yes,
    ],
  ]
  const writers = ['colleague', 'admin', 'owner'] as const

  it.each(
    table.flatMap(([what, method, path, body, ...statuses]) =>
      writers.map((as, index) => [as, what, statuses[index], method, path, body] as const),
    ),
  )('%s, %s: %i', async (as, _, status, method, path, body) => {
    const one = await world()
    const answer = await asking(one)(method, path, { as, body })
    expect(answer.status).toBe(status)
    if (status === no) {
      expect(answer.body.error.message).toMatch(
        /^(Access denied|An administrator can not be a guest)$/,
      )
      for (const person of [ada, admin, owner, colleague, suspended]) {
        expect(await stored(one, person.id)).toEqual(person)
      }
    }
  })

  it('takes nothing from a body that nobody may write there', async () => {
    for (const as of ['self', 'admin', 'owner'] as const) {
      const one = await world()
      const body = {
        ...{ isAdmin: true, isOwner: true, isRoomAdmin: false, isLDAP: false, isSSO: false },
        ...{ status: 2, activationStatus: 0, quotaLimit: 1, usedSpace: 1, isCustomQuota: false },
        ...{ type: 'DocSpaceAdmin', userName: 'other', licenses: [], roles: [], id: owner.id },
        ...{
          listAdminModules: ['x'],
          createdBy: null,
          registrationDate: null,
          organizationId: 'x',
        },
        ...{ flags: { owner: true }, extensions: {}, lifecycle: 'suspended', __owner: true },
      }
      const answer = await asking(one)('PUT', `${root}/${ada.id}`, { as, body })
      expect(answer.status).toBe(200)
      expect(await stored(one, ada.id)).toEqual(ada)
    }
  })
})

describe('docspace: groups', () => {
  const list = Compile(enveloped(Type.Array(DocSpaceGroup), { total: Type.Integer() }))
  const root = '/api/2.0/group'

  it('are listed with the number of those in them, by title', async () => {
    const ask = asking(await world())
    await ask('POST', root, { body: { groupName: 'Aardvarks', members: [colleague.id, ada.id] } })
    const { body } = await ask('GET', root)
    expect(list.Errors(body)).toEqual([])
    expect(body).toMatchObject({
      response: [
        { name: 'Aardvarks', membersCount: 2, isLDAP: false },
        { name: 'Canary & Group', membersCount: 1 },
      ],
      ...{ count: 2, total: 2 },
    })
    const page = await ask('GET', `${root}?count=1&startIndex=1&sortOrder=descending`)
    expect(page.body).toMatchObject({ response: [{ name: 'Aardvarks' }], count: 1, total: 2 })
    const found = await ask('GET', `${root}?filterValue=ARDV`)
    expect(found.body).toMatchObject({ response: [{ name: 'Aardvarks' }], total: 1 })
    const hers = await ask('GET', `${root}?userId=${colleague.id}`)
    expect(hers.body).toMatchObject({ response: [{ name: 'Aardvarks' }], total: 1 })
    expect((await ask('GET', `${root}?userId=${owner.id}`)).body.total).toBe(0)
    expect((await ask('GET', `${root}?userId=${ada.id}&manager=true`)).body.total).toBe(0)
    expect(problemOf(await ask('GET', `${root}?sortBy=manager`))).toEqual(['sortBy'])
  })

  it('are walked through once each, while others come and go', async () => {
    const ask = asking(await world())
    const idOf = async (groupName: string): Promise<string> =>
      (await ask('POST', root, { body: { groupName } })).body.response.id
    const [a] = [await idOf('A'), await idOf('B'), await idOf('C'), await idOf('D')]
    const page = async (at: number) => {
      const { body } = await ask('GET', `${root}?count=2&startIndex=${at}`)
      return [body.response.map(({ name }: { name: string }) => name), body.total]
    }
    expect(await page(0)).toEqual([['A', 'B'], 5])
    await ask('DELETE', `${root}/${a}`)
    expect(await page(2)).toEqual([['C', 'Canary & Group'], 5])
    await idOf('Before')
    expect(await page(4)).toEqual([['D'], 5])
    expect(await page(0)).toEqual([['B', 'Before'], 5])
  })

  it('are told one by one, with or without who is in them', async () => {
    const ask = asking(await world())
    const whole = await ask('GET', `${root}/${group.toUpperCase()}`)
    expect(Compile(enveloped(DocSpaceGroup)).Errors(whole.body)).toEqual([])
    const alone = await ask('GET', `/api/2.0/people/${ada.id}`)
    expect(whole.body.response.members).toEqual([alone.body.response])
    const bare = await ask('GET', `${root}/${group}?includeMembers=false`)
    expect(bare.body.response).toEqual({
      name: 'Canary & Group',
      category: '00000000-0000-0000-0000-000000000000',
      id: group,
      isLDAP: false,
      membersCount: 1,
    })
    expect(messageOf(await ask('GET', `${root}/${ada.id}`))).toEqual([404, 'group not found'])
    const of = await ask('GET', `${root}/user/${ada.id}`)
    expect(of.body).toMatchObject({ response: alone.body.response.groups, count: 1 })
    expect((await ask('GET', `${root}/user/nobody`)).body).toMatchObject({ response: [], count: 0 })
  })

  it('tell nobody of members who are hidden, and a plain user of none but themselves', async () => {
    const hidden = { ...ada, audiences: { work: 'nobody' as const } }
    const shy = asking(await world({ ada: hidden }))
    for (const path of [root, `${root}/${group}`]) {
      const answer = await shy('GET', path, { as: 'service' })
      expect(answer.text).not.toContain(ada.id)
      expect(answer.text).toContain('"membersCount":0')
    }
    const ask = asking(await world())
    const plain = await ask('GET', `${root}/${group}`, { as: 'colleague' })
    expect(plain.body.response).toMatchObject({ members: [], membersCount: 0 })
    const seen = await ask('GET', `${root}/user/${ada.id}`, { as: 'colleague' })
    expect(seen.body.response).toEqual([])
    const asked = await ask('GET', `${root}?userId=${ada.id}`, { as: 'colleague' })
    expect(asked.body).toMatchObject({ response: [], count: 0, total: 0 })
  })

  it('are made, changed and taken away', async () => {
    const ask = asking(await world())
    const made = await ask('POST', root, { body: { groupName: 'New', members: [ada.id] } })
    expect(Compile(enveloped(DocSpaceGroup, {}, 'POST')).Errors(made.body)).toEqual([])
    const path = `${root}/${made.body.response.id}`
    const membersIn = async (method: string, members: readonly string[]) => {
      const { body } = await ask(method, `${path}/members`, { body: { members } })
      return body.response.members.map(({ id }: { id: string }) => id).sort()
    }
    expect(await membersIn('PUT', [colleague.id])).toEqual([colleague.id, ada.id])
    expect(await membersIn('DELETE', [ada.id])).toEqual([colleague.id])
    expect(await membersIn('POST', [ada.id])).toEqual([ada.id])
    const update = { groupName: 'Newer', membersToAdd: [owner.id], membersToRemove: [ada.id] }
    const changed = await ask('PUT', path, { body: update })
    expect(changed.body.response).toMatchObject({ name: 'Newer', membersCount: 1 })
    const twin = await ask('POST', root, { body: { groupName: 'NEWER' } })
    expect(twin.status).toBe(409)
    const stranger = await ask('PUT', `${path}/members`, { body: { members: [group] } })
    expect(stranger.status).toBeLessThan(500)
    const gone = await ask('DELETE', path)
    expect(gone.body).toEqual({
      count: 0,
      links: [{ href: `https://people.example${path}`, action: 'DELETE' }],
      status: 0,
      statusCode: 200,
    })
    expect((await ask('GET', path)).status).toBe(404)
  })

  it('say what can not be kept of them', async () => {
    const ask = asking(await world())
    const body = { groupName: 'New', groupManager: ada.id }
    expect(problemOf(await ask('POST', root, { body }))).toEqual(['groupManager'])
    const none = { ...body, groupManager: '00000000-0000-0000-0000-000000000000' }
    expect((await ask('POST', root, { body: none })).status).toBe(200)
    expect(problemOf(await ask('POST', root, { body: {} }))).toEqual(['groupName'])
    expect(problemOf(await ask('DELETE', `${root}/${group}/members`))).toEqual([''])
  })
})

describe('docspace: whatever is sent', () => {
  const fields = [
    ...['email', 'firstName', 'lastName', 'type', 'department', 'contacts', 'sex', 'birthday'],
    ...['worksfrom', 'cultureName', 'files', 'spam', 'isUser', 'disable', 'comment', 'userIds'],
    ...['members', 'groupName', 'groupManager', 'membersToAdd', 'membersToRemove', '__proto__x'],
  ]
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('a@b.example', '1900-01-01', '', ada.id, 'nl', true, 1, 4, '2026-02-31T00:00'),
    fc.array(fc.constantFrom(ada.id, colleague.id, group, 'x', null)),
    fc.record({ utcTime: fc.constantFrom('x', '2026-01-01T00:00:00Z', '-271821-04-20T00:00:00Z') }),
  )
  const bodies = fc.dictionary(fc.constantFrom(...fields), values, { maxKeys: 6 })
  const queries = fc.dictionary(
    fc.constantFrom(
      ...[
        'count',
        'startIndex',
        'sortBy',
        'sortOrder',
        'filterBy',
        'filterValue',
        'groupId',
        'area',
      ],
      ...[
        'filterSeparator',
        'employeeStatus',
        'employeeTypes',
        'query',
        'email',
        'userId',
        'fields',
      ],
    ),
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '5', 'group', ada.id, '-1', '%')),
    { maxKeys: 5 },
  )

  it('is answered, or refused as the caller’s own mistake', async () => {
    const one = await world()
    const writes = docspace.routes.filter(({ method }) => method !== 'GET')
    const reads = docspace.routes.filter(({ method, entry }) => method === 'GET' && entry === 'key')
    const part = fc.constantFrom(ada.id, group, 'Active', '1', 'x', '%00', 'User', '%F0%9F%92%A9')
    const asked = fc.tuple(fc.constantFrom(...writes, ...reads), part, bodies, queries)
    await fc.assert(
      fc.asyncProperty(asked, async ([{ method, path }, name, body, query]) => {
        const search = new URLSearchParams(query)
        const to = `${path.replace(/:\w+/, name)}?${search}`
        const sent = method === 'GET' ? {} : { body }
        expect((await asking(one)(method, to, sent)).status).toBeLessThan(500)
      }),
      { numRuns: 600 },
    )
  })
})
