import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rinkel } from '../../src/dialects/rinkel/index.ts'
import * as cast from '../cast.ts'
import { type World, world } from '../world.ts'
import { RinkelClient } from './rinkel-client.ts'

// A strict client, over real HTTP, at the vendor's own paths and below the dialect's prefix.

describe.each(['', '/rinkel'])('a strict client of Rinkel at %s/v1', (prefix) => {
  let one: World
  let origin: string
  const client = (as: keyof World['keys']) => new RinkelClient(origin + prefix, one.keys[as].secret)
  const idOf = (person: typeof cast.ada) => one.pathOf(rinkel, person).split('/').at(-1) ?? ''

  beforeAll(async () => {
    one = await world()
    origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(() => one.app.close())

  it.each(cast.viewerNames)('understands every answer that %s gets', async (as) => {
    const ada = await client(as).user(idOf(cast.ada))
    const all = await client(as).page(1, 100, true)
    if (as !== 'outsider' && as !== 'coAttendee' && as !== 'connection' && as !== 'managingAdmin') {
      expect(all).toContainEqual(ada)
    }
  })

  it('walks to the end of the list', async () => {
    const all = await client('admin').everybody(3)
    expect(new Set(all.map(({ id }) => id)).size).toBe(10)
    expect(all).toHaveLength(10)
  })

  it('updates a user, part by part and as a whole', async () => {
    const self = client('self')
    const id = idOf(cast.ada)
    const before = await self.user(id)
    await self.update('PATCH', id, {
      firstName: 'Augusta',
      phoneNumber: { countryIsoCode: 'NL', number: '0687654321' },
      availability: 'unavailable',
      notifications: { voicemail: { enabled: true } },
    })
    const after = await self.user(id)
    expect(after).toEqual({
      ...before,
      firstName: 'Augusta',
      phoneNumber: {
        ...{ e164: '+31687654321', countryIsoCode: 'NL', countryCallingCode: 31 },
        number: '687654321',
      },
      availability: 'UNAVAILABLE',
      notifications: { ...before.notifications, voicemail: { enabled: true, channels: ['app'] } },
    })
    await self.update('PUT', id, { ...before, availability: 'available' })
    expect(await self.user(id)).toEqual(before)
  })

  it('is refused in the vendor’s envelope', async () => {
    const id = idOf(cast.ada)
    const refused = (status: number, code: string) => expect.objectContaining({ status, code })
    const failure = (promise: Promise<unknown>) => promise.then(String, (error) => error)
    expect(await failure(client('colleague').update('PUT', id, { firstName: 'x' }))).toEqual(
      refused(403, 'FORBIDDEN'),
    )
    expect(await failure(client('self').update('PATCH', id, { email: 'x' }))).toEqual(
      refused(400, 'BAD_REQUEST'),
    )
    expect(await failure(client('self').user('0'.repeat(24)))).toEqual(refused(404, 'NOT_FOUND'))
    expect(await failure(client('self').page(0, 10))).toEqual(refused(400, 'BAD_REQUEST'))
    expect(await failure(client('revoked').page(1, 10))).toEqual(refused(401, 'UNAUTHORIZED'))
  })
})
