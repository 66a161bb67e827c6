import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as cast from '../cast.ts'
import { type ViewerName, type World, world } from '../world.ts'
import { DocSpaceClient } from './docspace-client.ts'

// A strict client over real HTTP drives whatever this dialect serves.

const { ada, askers } = cast
let one: World
let origin = ''

beforeAll(async () => {
  one = await world({ publicUrl: () => origin })
  origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => one.app.close())

const as = (viewer: ViewerName) => new DocSpaceClient(origin, one.keys[viewer].secret)
const refused = (statusCode: number, message: string) =>
  expect.objectContaining({ statusCode, message })

describe.each(['owner', 'admin', 'self', 'colleague', 'outsider', 'service'] as const)(
  'a client of DocSpace, for a key of %s,',
  (viewer) => {
    it('understands every read', async () => {
      const client = as(viewer)
      await client.authentication()
      if (viewer === 'service')
        await expect(client.self()).rejects.toMatchObject({ statusCode: 404 })
      else expect((await client.self()).id).toMatch(/-/)
      expect((await client.person(ada.id)).id).toBe(ada.id)
      const { items, total } = await client.people({ count: 100 })
      expect(total).toBe(items.length)
      for (const { id } of items) {
        expect(items.find((each) => each.id === id)).toEqual(await client.person(id))
      }
      const pages = [
        await client.people({
          count: 3,
          startIndex: 1,
          sortBy: 'lastName',
          sortOrder: 'descending',
        }),
        await client.filter({ employeeStatus: 'Active', employeeType: 4, isAdministrator: false }),
        await client.simple({ withoutGroup: true, filterValue: 'zz' }),
        await client.search('zz'),
        await client.searchFull('zz'),
        await client.byStatus('Terminated'),
        await client.byStatus(7),
        await client.groups(),
      ]
      expect(pages.length).toBe(8)
      await client.groupsOf(ada.id)
      await client.exists('nobody@example.com')
    })

    it('understands every refusal', async () => {
      const client = as(viewer)
      const missing = refused(404, 'The user could not be found')
      await expect(client.person('nobody-of-this-name')).rejects.toEqual(missing)
      await expect(client.person('a\u0000b')).rejects.toEqual(refused(400, 'Incorect UserId'))
      await expect(client.byEmail('nobody@example.com')).rejects.toEqual(missing)
      await expect(client.byEmail('')).rejects.toEqual(refused(400, 'Incorrect email'))
      await expect(client.people({ count: 0 })).rejects.toEqual(refused(400, 'count'))
      await expect(client.byStatus('Gone')).rejects.toEqual(refused(400, 'status'))
      await expect(client.group(ada.id)).rejects.toEqual(refused(404, 'group not found'))
      await expect(client.add({})).rejects.toEqual(refused(400, 'email'))
    })
  },
)

describe('a client of DocSpace', () => {
  it('takes somebody through all of their life', async () => {
    const client = as('admin')
    const group = (await client.addGroup({ groupName: 'Life' })) as { readonly id: string }
    const email = 'life@new.example'
    const { id } = await client.add({
      email,
      firstName: 'Li',
      lastName: 'Fe',
      department: [group.id],
    })
    expect((await client.byEmail(email)).id).toBe(id)
    expect(await client.exists(email)).toEqual({ exists: true, status: 1 })
    expect(await client.groupsOf(id)).toEqual([{ id: group.id, name: 'Life' }])
    expect(await client.group(group.id)).toMatchObject({ members: [{ id }], membersCount: 1 })
    expect(await client.update(id, { comment: 'Seen', type: 3 })).toMatchObject({ notes: 'Seen' })
    expect(await client.culture(id, 'de-DE')).toMatchObject({ cultureName: 'de-DE' })
    expect(await client.setType('RoomAdmin', [id])).toMatchObject([{ isRoomAdmin: true }])
    await expect(client.remove(id)).rejects.toEqual(refused(403, 'The user is not suspended'))
    expect(await client.setStatus(2, [id])).toMatchObject([{ status: 2 }])
    expect((await client.byStatus(2)).items.map((each) => each.id)).toContain(id)
    expect((await client.people()).items.map((each) => each.id)).not.toContain(id)
    expect(await client.remove(id)).toMatchObject({ id, status: 2 })
    await expect(client.person(id)).rejects.toMatchObject({ statusCode: 404 })
    await client.removeGroup(group.id)
    await expect(client.group(group.id)).rejects.toMatchObject({ statusCode: 404 })
  })

  it('is told that it may not, and that it is nobody', async () => {
    const denied = refused(403, 'Access denied')
    const plain = as('colleague')
    await expect(plain.add({ email: 'x@new.example' })).rejects.toEqual(denied)
    await expect(plain.update(ada.id, { firstName: 'X' })).rejects.toEqual(denied)
    await expect(plain.setStatus(2, [ada.id])).rejects.toEqual(denied)
    await expect(plain.remove(askers.suspended.id)).rejects.toEqual(denied)
    await expect(new DocSpaceClient(origin, 'nonsense').people()).rejects.toEqual(refused(401, ''))
  })
})
