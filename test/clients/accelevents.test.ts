import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as cast from '../cast.ts'
import { type World, world } from '../world.ts'
import { AcceleventsClient } from './accelevents-client.ts'

// A strict client, over real HTTP, at the vendor's own paths and below the dialect's prefix.

const { url } = cast.event
const { number } = cast.ada
const lists = ['', '/connected', '/myConnections', '/suggested']

describe.each(['', '/accelevents'])('a strict client of Accelevents at %s/rest', (prefix) => {
  let one: World
  let origin: string
  const client = (
    as: keyof World['keys'],
    place?: ConstructorParameters<typeof AcceleventsClient>[2],
  ) => new AcceleventsClient(origin + prefix, one.keys[as].secret, place)

  beforeAll(async () => {
    one = await world()
    origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(() => one.app.close())

  it.each(['self', 'colleague', 'connection', 'coAttendee', 'admin', 'owner'] as const)(
    'understands every answer that %s gets',
    async (as) => {
      const ada = await client(as).profile(url, number)
      expect(await client(as).attendee(url, number)).toMatchObject(ada)
      for (const list of lists) await client(as).people(url, list)
      expect((await client(as).people(url, '')).data).toContainEqual(ada)
      await client(as).allAttendees(url, 0, 100)
      await client(as).myProfile()
    },
  )

  it('is let in by any of the vendor’s headers', async () => {
    for (const place of ['key', 'authorization', 'bearer', 'authentication'] as const) {
      expect(await client('self', place).myProfile()).toMatchObject({ lastName: 'CanaryFamily' })
    }
  })

  it('walks to the end of the lists', async () => {
    const met = new Set<unknown>()
    for (let page = 0; met.size < 4; page += 1) {
      const { data, recordsFiltered } = await client('admin').people(url, '', { page, size: 1 })
      expect([data.length, recordsFiltered]).toEqual([1, 4])
      met.add(data[0]?.id)
    }
    const { entries } = await client('admin').allAttendees(url, 0, 100)
    expect(new Set(entries.map(({ attendeeId }) => attendeeId))).toEqual(met)
  })

  it('finds people by what they are called and are', async () => {
    for (const request of [
      { searchString: 'canarygiven' },
      { title: ['Canary Title'] },
      { company: ['Canary Company'] },
      { interest: ['canary-interest-one'] },
    ]) {
      const { data, recordsTotal } = await client('colleague').people(url, '', request)
      expect([data.map(({ userId }) => userId), recordsTotal]).toEqual([[number], 4])
    }
    const { data } = await client('connection').people(url, '/connected')
    expect(data.map(({ userId, status }) => [userId, status])).toEqual([[number, 'ACCEPT']])
  })

  it('updates a profile, and puts it back as a whole', async () => {
    const self = client('self')
    const before = await self.profile(url, number)
    await self.updateProfile(url, number, { company: 'Analytical Engines', showContactInfo: false })
    const after = { ...before, company: 'Analytical Engines', showContactInfo: false }
    expect(await self.profile(url, number)).toEqual(after)
    await self.updateProfile(url, number, before)
    expect(await self.profile(url, number)).toEqual(before)
  })

  it('updates its own account, and puts it back as a whole', async () => {
    const self = client('self')
    const before = await self.myProfile()
    await self.updateMyProfile({ cityOrProvidence: 'London' })
    expect(await self.myProfile()).toEqual({ ...before, cityOrProvidence: 'London' })
    await self.updateMyProfile(before)
    expect(await self.myProfile()).toEqual(before)
  })

  it('is refused in the vendor’s envelope', async () => {
    const refused = (status: number, errorCode?: number) =>
      expect.objectContaining({ status, errorCode })
    const failure = (promise: Promise<unknown>) => promise.then(String, (error) => error)
    expect(await failure(client('colleague').updateProfile(url, number, {}))).toEqual(refused(403))
    expect(await failure(client('self').profile(url, 7))).toEqual(refused(406, 4068001))
    expect(await failure(client('outsider').people(url, ''))).toEqual(refused(404, 4040200))
    expect(await failure(client('revoked').myProfile())).toEqual(refused(401, 4010101))
    expect(await failure(client('self').people(url, '', { size: 0 }))).toEqual(refused(400))
    expect(await failure(client('self').people(url, '/unknown'))).toEqual(refused(405))
  })
})
