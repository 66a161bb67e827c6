import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as cast from '../cast.ts'
import { crowded } from '../walks.ts'
import { type ViewerName, type World, world } from '../world.ts'
import { ChakraRefusal, chakraClient } from './chakra-client.ts'

const { ada } = cast

let one: World
let origin = ''

beforeAll(async () => {
  one = await world({ publicUrl: () => origin })
  origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => one.app.close())

const client = (as: ViewerName, prefix = '') => chakraClient(origin + prefix, one.keys[as].secret)

const refused = (status: number, message: RegExp) =>
  expect.objectContaining({
    constructor: ChakraRefusal,
    status,
    message: expect.stringMatching(message),
  })

describe.each(['', '/chakra'])('a client of ChakraHQ, at "%s"', (prefix) => {
  it.each(cast.viewerNames)('reads users as %s', async (as) => {
    const chakra = client(as, prefix)
    const plain = await chakra.user(ada.id)
    const humanized = await chakra.humanized(ada.id)
    expect(humanized).toEqual({ ...plain, team: humanized.team, role: humanized.role })
    const near = !['connection', 'coAttendee', 'outsider'].includes(as)
    expect([humanized.team, plain.team]).toEqual(
      near ? ['Canary Team', ada.team?.id] : [null, null],
    )
    for (const version of ['v1', 'v2'] as const) {
      const ids = (await chakra.users(version)).map(({ id }) => id)
      expect(ids.includes(ada.id)).toBe(near && as !== 'managingAdmin')
    }
  })

  it.each(['PUT', 'PATCH'] as const)('updates by %s', async (method) => {
    const chakra = client('self', prefix)
    const bio = `By ${method} at ${prefix}`
    const updated = await chakra.update(method, ada.id, { firstName: 'John', lastName: 'Doe', bio })
    expect(updated).toMatchObject({ firstName: 'John', lastName: 'Doe', bio })
    expect(await chakra.user(ada.id)).toEqual(updated)
    expect(await chakra.update(method, ada.id, updated)).toEqual(updated)
  })

  it('is refused in the vendor’s envelope', async () => {
    const chakra = client('colleague', prefix)
    await expect(chakra.user(crypto.randomUUID())).rejects.toEqual(refused(404, /No such person/))
    await expect(chakra.user('me')).rejects.toEqual(refused(400, /userId/))
    await expect(chakra.update('PUT', ada.id, { bio: 'x' })).rejects.toEqual(refused(403, /./))
    await expect(chakra.update('PATCH', ada.id, { bio: 7 })).rejects.toEqual(refused(400, /^bio/))
    await expect(chakraClient(origin, 'nonsense').user(ada.id)).rejects.toEqual(refused(401, /./))
  })

  it('reads config and health', async () => {
    const chakra = client('service', prefix)
    expect(Object.keys(await chakra.config())).toContain('team')
    expect(await chakra.health()).toBe(200)
  })
})

it('a client of ChakraHQ walks through everybody', async () => {
  await crowded(one, 130)
  const chakra = client('admin')
  const all = await chakra.everybody(25)
  expect(all.length).toBeGreaterThan(130)
  expect(all).toEqual(await chakra.users('v1'))
})
