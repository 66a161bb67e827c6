import { beforeEach, describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import type { Person } from '../../person/person.ts'
import { accelevents } from './index.ts'

const { colleague } = cast.askers
const bob: Person = {
  ...colleague,
  givenName: 'Bob',
  meetingAvailability: {
    ...{ timeZone: 'UTC', duration: 30 },
    rules: [{ days: ['THU', 'FRI'], start: '09:00', end: '17:00' }],
    exceptions: [{ date: '2026-03-12', windows: [] }],
  },
}
const event = `/rest/event/${cast.event.url}/people`
const number = cast.attendees.colleague.number

let one: World
beforeEach(async () => {
  one = await world({ others: [bob] })
})

const send = (as: ViewerName, method: string, path: string, body?: object) =>
  one.ask(accelevents, path, {
    ...{ as, method },
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
const create = (as: ViewerName, body: object = {}, id: number = number) =>
  send(as, 'POST', `${event}/${id}/schedule/create`, {
    ...{ startTime: '2026/03/05 10:00', timezoneId: 'UTC' },
    ...body,
  })

describe('accelevents: to schedule a meeting', () => {
  it('answers that it was done, and shows it to both on their own clocks', async () => {
    const made = await create('self', { title: 'Tea', description: 'Green', location: '' })
    expect([made.status, made.body]).toEqual([
      ...[200, { type: 'Success', message: 'Meeting scheduled successfully.' }],
    ])
    const own = await send('self', 'GET', `${event}/schedule/upcoming`)
    expect(own.body).toMatchObject({ recordsTotal: 1, recordsFiltered: 1 })
    const [meeting] = own.body.data
    expect(meeting).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventId: cast.event.number,
      ...{ title: 'Tea', description: 'Green', location: null },
      // Troll is at UTC in winter.
      ...{ startTime: '2026/03/05 10:00', endTime: '2026/03/05 10:30' },
      ...{ timezoneId: 'Antarctica/Troll', status: 'SCHEDULED', organizerId: cast.ada.number },
      participants: [
        {
          ...{ userId: cast.ada.number, firstName: 'CanaryGiven', lastName: 'CanaryFamily' },
          photo: 'canary-avatar-id',
        },
        { userId: bob.number, firstName: 'Bob', lastName: null, photo: null },
      ],
    })
    const others = await send('colleague', 'GET', `${event}/schedule/all`)
    expect(others.body.data).toMatchObject([
      { id: meeting.id, timezoneId: 'Asia/Singapore', startTime: '2026/03/05 18:00' },
    ])
    expect((await send('coAttendee', 'GET', `${event}/schedule/all`)).body.data).toEqual([])
  })

  it('reads times on the clock that is named, else on the caller’s', async () => {
    await create('self', { startTime: '2026/03/05 11:00', timezoneId: 'Europe/Paris' })
    await create('self', {
      startTime: '2026/03/05 11:00',
      timezoneId: null,
      endTime: '2026/03/05 11:20',
    })
    const { body } = await send('self', 'GET', `${event}/schedule/all`)
    expect(body.data).toMatchObject([
      { startTime: '2026/03/05 10:00', endTime: '2026/03/05 10:30' },
      { startTime: '2026/03/05 11:00', endTime: '2026/03/05 11:20' },
    ])
  })

  it('refuses a time that somebody has not in the vendor’s code, as HTTP 409', async () => {
    expect((await create('admin')).status).toBe(200)
    for (const body of [{}, { startTime: '2026/03/05 08:00' }, { startTime: '2026/03/12 10:00' }]) {
      const { status, body: error } = await create('self', body)
      expect([status, error.errorCode]).toEqual([409, 4070002])
    }
  })

  it.each([
    [{ startTime: '2026/03/01 10:00' }, 'startTime: must be in the future'],
    [{ startTime: '2026/02/30 10:00' }, 'startTime: there is no such time'],
    [{ startTime: '2026-03-05T10:00' }, 'startTime: must match pattern'],
    [{ endTime: '2026/03/05 10:00' }, 'endTime: must come after start'],
    [{ timezoneId: 'Mars/Olympus' }, 'timezoneId: is no time zone that is known'],
    [{ description: 'a\u0001b' }, 'description: must have'],
  ])('refuses %j in its own words', async (body, message) => {
    const { status, body: error } = await create('self', body)
    expect([status, error.message]).toEqual([400, expect.stringContaining(message)])
  })

  it('refuses oneself, and tells nobody from somebody who is not welcome to know', async () => {
    const self = await create('self', {}, cast.attendees.ada.number)
    expect([self.status, self.body.message]).toEqual([400, 'id: must be 1 to 19 others'])
    expect((await create('self', {}, 1234)).body.errorCode).toBe(4068001)
    expect((await create('outsider')).body.errorCode).toBe(4040200)
    const stranger = await create('coAttendee')
    expect([stranger.status, stranger.body.message]).toEqual([
      ...[403, 'id: takes no requests for meetings from you'],
    ])
    expect((await create('service')).status).toBe(403)
  })

  it('lists those to come apart from all, page by page', async () => {
    await create('self')
    await create('self', { startTime: '2026/03/06 10:00' })
    const later = () => Date.parse('2026-03-05T12:00:00Z')
    one = await world({ store: one.store, furnished: true, now: later })
    const upcoming = await send('self', 'GET', `${event}/schedule/upcoming`)
    expect(upcoming.body).toMatchObject({ recordsTotal: 2, recordsFiltered: 1 })
    const second = await send('self', 'GET', `${event}/schedule/all?page=1&size=1`)
    expect(second.body).toMatchObject({ recordsTotal: 2, recordsFiltered: 2 })
    expect(second.body.data).toMatchObject([{ startTime: '2026/03/06 10:00' }])
    expect((await send('self', 'GET', `${event}/schedule/all?size=101`)).status).toBe(400)
    expect((await send('self', 'GET', '/rest/event/none/people/schedule/all')).status).toBe(404)
  })
})

describe('accelevents: exceptions of an availability', () => {
  const profile = `${event}/${number}/profile`
  const stored = async () => (await one.store.people.byId(bob.id))?.person.meetingAvailability

  it('survive updates, which are about the rest alone', async () => {
    const rules = [{ days: ['MON'], startTime: '20:00', endTime: '24:00' }]
    const { status } = await send('colleague', 'PUT', profile, { rules })
    expect([status, await stored()]).toEqual([
      ...[
        200,
        { ...bob.meetingAvailability, rules: [{ days: ['MON'], start: '20:00', end: '24:00' }] },
      ],
    ])
    expect((await send('colleague', 'GET', profile)).body.rules).toEqual(rules)
  })

  it('hold back nothing that is wrong', async () => {
    const rules = [{ days: ['MON'], startTime: '20:00', endTime: '08:00' }]
    const { status, body } = await send('colleague', 'PUT', profile, { rules })
    expect([status, body.message]).toEqual([
      400,
      expect.stringMatching(/^rules\.0\.endTime: must come/),
    ])
    expect(await stored()).toEqual(bob.meetingAvailability)
  })
})
