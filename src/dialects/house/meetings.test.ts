import { setTimeout as pause } from 'node:timers/promises'
import ICAL from 'ical.js'
import { beforeEach, describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Answer, type ViewerName, type World, world } from '../../../test/world.ts'
import type { Store, Write } from '../../directory/ports.ts'
import type { Meeting } from '../../gatherings/gatherings.ts'
import type { Person } from '../../person/person.ts'
import { house } from './index.ts'

const { colleague, admin, outsider, connection } = cast.askers

const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI'] as const
const officeHours = {
  timeZone: 'UTC',
  duration: 30,
  rules: [{ days: [...weekdays], start: '09:00', end: '17:00' }],
}
const bob: Person = { ...colleague, meetingAvailability: officeHours }
const adaAt: Person = { ...cast.ada, meetingAvailability: { ...officeHours, duration: 60 } }

type More = Readonly<Record<string, string>>

function talker(one: World) {
  const ask = (as: ViewerName, method: string, path: string, body?: object, headers: More = {}) =>
    one.ask(house, `/api/v1${path}`, {
      ...{ as, method },
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
  return {
    ask,
    get: (as: ViewerName, path: string, headers?: More) => ask(as, 'GET', path, undefined, headers),
    book: (as: ViewerName, sent: object = {}, headers: More = {}) =>
      ask(as, 'POST', '/meetings', { participants: [bob.id], ...next, ...sent }, headers),
  }
}

const next = { start: '2026-03-05T10:00:00Z', end: '2026-03-05T10:30:00Z' }

const idsOf = ({ body }: Answer): string[] => body.participants.map(({ id }: Person) => id)

let one: World
let talk: ReturnType<typeof talker>

beforeEach(async () => {
  one = await world({ ada: adaAt, others: [bob] })
  talk = talker(one)
})

const withOthers = async (others: readonly Person[], more: object = {}) =>
  talker(await world({ ada: adaAt, others, ...more }))

describe('house: to make a meeting', () => {
  it('answers it, and where it is, to all who take part and to their administrators alone', async () => {
    const made = await talk.book('self', { title: 'Tea', note: 'Two\nlines', location: 'Here' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      ...{ state: 'booked', title: 'Tea', note: 'Two\nlines', location: 'Here' },
      ...{ start: '2026-03-05T10:00:00.000Z', end: '2026-03-05T10:30:00.000Z' },
      organizer: { id: cast.ada.id },
    })
    expect(idsOf(made)).toEqual([cast.ada.id, bob.id])
    const { location = '', etag } = made.headers
    const path = new URL(location).pathname.replace('/api/v1', '')
    for (const as of ['self', 'colleague', 'admin', 'owner', 'managingAdmin'] as const) {
      expect((await talk.get(as, path)).status).toBe(200)
    }
    expect((await talk.get('self', path)).headers.etag).toBe(etag)
    const nowhere = await talk.get('outsider', '/meetings/a0000000-2222-4222-8222-222222222222')
    for (const as of ['outsider', 'connection', 'coAttendee', 'service'] as const) {
      const { status, text } = await talk.get(as, path)
      expect([status, text]).toEqual([404, nowhere.text])
    }
  })

  it('takes as long as a slot where no end is said', async () => {
    const { body } = await talk.ask('self', 'POST', '/meetings', {
      ...{ participants: [bob.id], start: '2026-03-05T12:00:00+01:00' },
    })
    expect(body).toMatchObject({
      start: '2026-03-05T11:00:00.000Z',
      end: '2026-03-05T11:30:00.000Z',
    })
  })

  it('leaves one line in the change log', async () => {
    const before = await one.store.changesAfter(0, 1000)
    const { body } = await talk.book('self')
    const lines = (await one.store.changesAfter(0, 1000)).slice(before.length)
    expect(lines).toMatchObject([
      { entity: 'meeting', entityId: body.id, kind: 'created', actor: cast.ada.id },
    ])
  })

  it('is done once, however often the same request is sent with a key', async () => {
    const key = { 'idempotency-key': '"once"' }
    const [first, second] = [await talk.book('self', {}, key), await talk.book('self', {}, key)]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body).toEqual(first.body)
  })

  it('is not done where the two have a hundred to come', async () => {
    const meetings = Array.from({ length: 100 }, (_, index): Write => {
      const start = Date.parse('2026-04-01T00:00:00Z') + index * 3_600_000
      const [from, until] = [start, start + 60_000].map((time) => new Date(time).toISOString())
      const id = `a0000000-2222-4222-8222-${String(index).padStart(12, '0')}`
      return {
        kind: 'meeting',
        meeting: { ...at(id, '10', 1), start: from ?? '', end: until ?? '' },
      }
    })
    await one.store.commit(meetings.slice(1), 'test', created)
    expect((await talk.book('self')).status).toBe(201)
    const more = await talk.book('self', {
      start: '2026-03-06T10:00:00Z',
      end: '2026-03-06T10:30:00Z',
    })
    expect([more.status, more.body.detail]).toEqual([
      409,
      'participants: you have 100 meetings to come with one of them already; there may be no more',
    ])
  })

  it('is done by one of a thousand who try at once', { timeout: 240_000 }, async () => {
    const viewers = ['self', 'admin', 'owner'] as const
    /** A database that is slow on a busy machine may not get round to all of them in time: those ask again, as they are told. */
    const book = async (index: number): ReturnType<typeof talk.book> => {
      // Some a little earlier, some a little later.
      const start = `2026-03-05T10:${String(index % 29).padStart(2, '0')}:00Z`
      const answer = await talk.book(viewers[index % 3] as ViewerName, { start })
      if (answer.status !== 503) return answer
      await pause(Number(answer.headers['retry-after']) * 1_000)
      return book(index)
    }
    const tries = Array.from({ length: 1000 }, (_, index) => book(index))
    const answers = await Promise.all(tries)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const others = answers.filter(({ status }) => status !== 201)
    expect(new Set(others.map(({ status, body }) => `${status} ${body.type}`))).toEqual(
      new Set(['409 urn:problem-type:kith:slot-taken']),
    )
    const span = { from: '2026-03-05T00:00:00.000Z', until: '2026-03-06T00:00:00.000Z' }
    expect(await one.store.gatherings.meetingsWithin([bob.id], span)).toHaveLength(1)
  })

  it.each([
    [
      { start: '2026-03-04T05:06:00Z', end: '2026-03-04T05:36:00Z' },
      400,
      'start: must be in the future',
    ],
    [{ start: '2037-03-05T10:00:00Z' }, 400, 'start: must be within ten years'],
    [{ start: '2026-03-05T10:00:30Z' }, 400, 'start: must be on a whole minute'],
    [{ start: '2026-03-05T10:00:00' }, 400, 'start: must be an instant such as'],
    [{ start: '2026-02-30T10:00:00Z' }, 400, 'start: must be an instant such as'],
    [{ end: '2026-03-05T10:00:00Z' }, 400, 'end: must come after start'],
    [{ end: '2026-03-06T10:00:01Z' }, 400, 'end: must be on a whole minute'],
    [{ end: '2026-03-06T10:01:00Z' }, 400, 'end: must come after start, by 24 hours at the most'],
    [{ title: 'x'.repeat(256) }, 400, 'title: must have 255 characters at most'],
    [{ title: 'a\r\nATTENDEE:b' }, 400, 'title: must have'],
    [{ participants: [] }, 400, 'participants: must not have fewer than 1 items'],
    [{ participants: [cast.ada.id] }, 400, 'participants: must be 1 to 19 others'],
    [{ participants: ['bob'] }, 400, 'participants.0: must be a UUID, not "bob"'],
    [{ more: 1 }, 400, ''],
    [
      { participants: [bob.id, '00000000-0000-4000-8000-000000000000'] },
      404,
      'participants.1: No such person',
    ],
    [{ event: 'no-such-event' }, 404, 'No such event'],
    [{ start: '2026-03-05T08:45:00Z' }, 409, 'start: not everybody is available'],
    [
      { start: '2026-03-05T16:45:00Z', end: '2026-03-05T17:15:00Z' },
      409,
      'start: not everybody is available',
    ],
  ])('refuses %j', async (sent, status, detail) => {
    const answer = await talk.book('self', sent)
    expect([answer.status, answer.headers['content-type']]).toEqual([
      ...[status, 'application/problem+json'],
    ])
    expect(answer.body.detail).toContain(detail)
    expect((await talk.get('self', '/meetings')).body.items).toEqual([])
  })

  it('refuses in the same words whoever does not want it, shows nothing or has nothing', async () => {
    const hidden = { ...bob, audiences: { meetings: 'nobody' as const } }
    const closed = { ...bob, acceptsMeetingRequests: 'nobody' as const }
    const choosy = { ...bob, acceptsMeetingRequests: 'connections' as const }
    const blocking = (blocker: Person['id']) => ({
      connections: [
        {
          ...{ requesterId: cast.ada.id, addresseeId: bob.id, state: 'accepted' as const },
          blockedByIds: [blocker] as const,
        },
      ],
    })
    const all = await Promise.all([
      withOthers([hidden]),
      withOthers([closed]),
      withOthers([choosy]),
      withOthers([colleague]),
      withOthers([bob], blocking(bob.id)),
      withOthers([bob], blocking(cast.ada.id)),
    ])
    const answers = await Promise.all(
      // Whether bob has time then is not told either.
      all.flatMap(({ book }) => [book('self'), book('self', { start: '2026-03-05T03:00:00Z' })]),
    )
    expect(answers[0]).toMatchObject({
      ...{ status: 403, body: { type: 'urn:problem-type:kith:not-welcome' } },
    })
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    const connected = { requesterId: cast.ada.id, addresseeId: bob.id, state: 'accepted' as const }
    const { book } = await withOthers([choosy], { connections: [connected] })
    expect((await book('self')).status).toBe(201)
  })

  it('does not tell somebody who may not be known of from nobody', async () => {
    const gone = await withOthers([{ ...bob, audiences: { existence: 'nobody' } }])
    const there = await gone.book('self')
    const nobody = await gone.book('self', {
      participants: ['00000000-0000-4000-8000-000000000000'],
    })
    expect([there.status, there.text, there.headers['content-length']]).toEqual([
      ...[404, nobody.text, nobody.headers['content-length']],
    ])
  })

  it('is not for services, nor for what attendees of an event see, elsewhere', async () => {
    expect((await talk.book('service')).status).toBe(403)
    const guest = { ...bob, audiences: { meetings: 'event' as const } }
    const { book } = await withOthers([guest])
    expect((await book('coAttendee')).status).toBe(403)
    const made = await book('coAttendee', { event: cast.event.url })
    expect([made.status, made.body.eventNumber]).toEqual([201, cast.event.number])
  })

  it('tells of its event those alone who still have to do with it', async () => {
    const guest = { ...bob, audiences: { meetings: 'event' as const } }
    const there = await world({ ada: adaAt, others: [guest] })
    const { book, get } = talker(there)
    const made = await book('coAttendee', { event: cast.event.url })
    const read = () => get('coAttendee', `/meetings/${made.body.id}`)
    expect((await read()).body.eventNumber).toBe(cast.event.number)
    const personId = cast.askers.coAttendee.id
    await there.store.commit(
      [{ kind: 'attendeeRemoval', eventNumber: cast.event.number, personId }],
      'test',
      '2026-03-04T05:06:07.000Z',
    )
    const after = await read()
    expect([after.status, 'eventNumber' in after.body]).toEqual([200, false])
  })
})

const created = '2026-03-01T00:00:00.000Z'

/** Of Bob's, at half past that hour; the second version. */
const at = (id: string, hour: string, version = 2): Meeting => ({
  ...{ id, version, state: 'booked', organizerId: bob.id },
  participantIds: [bob.id, cast.ada.id],
  ...{ start: `2026-03-05T${hour}:30:00.000Z`, end: `2026-03-05T${hour}:59:00.000Z` },
  ...{ createdAt: created, updatedAt: created },
})

describe('house: a meeting with somebody who is being deleted', () => {
  const id = 'a0000000-2222-4222-8222-222222222222'
  const gone: Person = { ...bob, lifecycle: 'deleted', deletedAt: created, version: 2 }

  /** A server on the same store, where somebody else commits `first` just before the next commit that has `kind`. */
  async function hastened(kind: Write['kind'], first: Write) {
    let done = false
    const store: Store = {
      ...one.store,
      async commit(writes, ...rest) {
        if (!done && writes.some((write) => write.kind === kind)) {
          done = true
          await one.store.commit([first], 'test', created)
        }
        await one.store.commit(writes, ...rest)
      },
    }
    return talker(await world({ store, furnished: true }))
  }

  it('is not made by who saw them still there', async () => {
    const { book } = await hastened('meeting', { kind: 'person', person: gone })
    expect((await book('self')).status).toBe(404)
    const meetings = await one.store.gatherings.meetingsOf(cast.ada.id, { limit: 10 })
    expect(meetings.map(({ state }) => state)).toEqual(['cancelled'])
  })

  it('does not outlast them when it was made meanwhile', async () => {
    const { ask } = await hastened('person', { kind: 'meeting', meeting: at(id, '10', 1) })
    expect((await ask('owner', 'DELETE', `/people/${bob.id}`)).status).toBe(204)
    expect(await one.store.gatherings.meetingById(id)).toMatchObject({ state: 'cancelled' })
  })
})

describe('house: a meeting that is there', () => {
  async function booked() {
    const { body, headers } = await talk.book('self', { title: 'Tea' })
    return { path: `/meetings/${body.id}`, etag: headers.etag ?? '', id: body.id as string }
  }

  it('does not name or count who may not be known of', async () => {
    const hidden = { ...bob, audiences: { existence: 'nobody' as const } }
    const store = (await world({ ada: adaAt, others: [hidden] })).store
    const meeting: Meeting = {
      ...{ id: 'a0000000-2222-4222-8222-222222222222', version: 1, state: 'booked' },
      ...{ organizerId: bob.id, participantIds: [bob.id, cast.ada.id] },
      ...{ start: '2026-03-05T10:00:00.000Z', end: '2026-03-05T10:30:00.000Z' },
      ...{ createdAt: '2026-03-01T00:00:00.000Z', updatedAt: '2026-03-01T00:00:00.000Z' },
    }
    await store.commit([{ kind: 'meeting', meeting }], 'test', meeting.createdAt)
    const { get } = talker(await world({ store, furnished: true }))
    const answer = await get('self', `/meetings/${meeting.id}`)
    expect(idsOf(answer)).toEqual([cast.ada.id])
    expect(
      answer.text + (await get('self', `/meetings/${meeting.id}/meeting.ics`)).text,
    ).not.toContain(bob.id)
    expect(answer.body).not.toHaveProperty('organizer')
  })

  it('is moved and told anew by its organizer, as it was seen', async () => {
    const { path, etag } = await booked()
    const patch = (as: ViewerName, body: object, headers: More = {}) =>
      talk.ask(as, 'PATCH', path, body, headers)
    const moved = await patch('self', { start: '2026-03-06T15:00:00Z' }, { 'if-match': etag })
    expect(moved.body).toMatchObject({
      ...{ start: '2026-03-06T15:00:00.000Z', end: '2026-03-06T15:30:00.000Z', title: 'Tea' },
    })
    expect((await patch('self', { title: 'Late' }, { 'if-match': etag })).status).toBe(412)
    const told = await patch('self', { title: null, note: 'New' })
    expect(told.body).toMatchObject({ note: 'New' })
    expect(told.body).not.toHaveProperty('title')
    expect(await patch('self', { note: 'New' })).toMatchObject({
      headers: { etag: told.headers.etag },
    })
    expect((await patch('self', { start: '2026-03-07T15:00:00Z' })).status).toBe(409)
    expect((await patch('self', { end: '2026-03-06T14:00:00Z' })).status).toBe(400)
    for (const as of ['colleague', 'admin'] as const) {
      expect((await patch(as, { title: 'Mine' })).status).toBe(403)
    }
    expect((await patch('outsider', { title: 'Mine' })).status).toBe(404)
  })

  it('is not moved onto another, and frees the time that it had', async () => {
    const { path } = await booked()
    const other = await talk.book('admin', {
      start: '2026-03-05T11:00:00Z',
      end: '2026-03-05T11:30:00Z',
    })
    expect(other.status).toBe(201)
    const clash = await talk.ask('self', 'PATCH', path, { start: '2026-03-05T11:15:00Z' })
    expect([clash.status, clash.body.type]).toEqual([409, 'urn:problem-type:kith:slot-taken'])
    await talk.ask('self', 'PATCH', path, { start: '2026-03-05T10:15:00Z' })
    expect(
      (await talk.book('owner', { start: '2026-03-05T09:45:00Z', end: '2026-03-05T10:15:00Z' }))
        .status,
    ).toBe(201)
  })

  it('leaves behind at another time whom the organizer may not know of any more', async () => {
    const { path, id } = await booked()
    await talk.ask('colleague', 'PATCH', '/me/privacy', { own: { existence: 'nobody' } })
    expect(idsOf(await talk.get('self', path))).toEqual([cast.ada.id])
    const moved = await talk.ask('self', 'PATCH', path, { start: '2026-03-07T03:00:00Z' })
    expect(moved.status).toBe(200)
    expect((await one.store.gatherings.meetingById(id))?.participantIds).toEqual([cast.ada.id])
  })

  it('is cancelled for all by its organizer, and stays so', async () => {
    const { path, etag } = await booked()
    expect(
      (await talk.ask('self', 'DELETE', path, undefined, { 'if-match': '"other"' })).status,
    ).toBe(412)
    expect((await talk.ask('admin', 'DELETE', path)).status).toBe(403)
    expect((await talk.ask('self', 'DELETE', path, undefined, { 'if-match': etag })).status).toBe(
      204,
    )
    expect((await talk.get('colleague', path)).body.state).toBe('cancelled')
    expect((await talk.ask('self', 'DELETE', path)).status).toBe(204)
    const late = await talk.ask('self', 'PATCH', path, { title: 'Late' })
    expect([late.status, late.body.detail]).toEqual([409, 'state: the meeting is cancelled'])
    expect((await talk.book('admin')).status).toBe(201)
  })

  it('goes on without who leaves it, while two are left', async () => {
    const wanted = { ...admin, meetingAvailability: officeHours }
    const { ask, book, get } = await withOthers([bob, wanted])
    const { body } = await book('self', { participants: [bob.id, admin.id] })
    const path = `/meetings/${body.id}`
    expect((await ask('colleague', 'DELETE', path)).status).toBe(204)
    expect((await get('colleague', path)).status).toBe(404)
    expect(idsOf(await get('self', path))).toEqual([cast.ada.id, admin.id])
    expect((await ask('admin', 'DELETE', path)).status).toBe(204)
    expect((await get('self', path)).body.state).toBe('cancelled')
  })

  it('tells nobody that somebody left of whom they may not know', async () => {
    const hidden = { ...connection, audiences: { existence: 'nobody' as const } }
    let now = Date.parse('2026-03-01T00:00:00.000Z')
    const { store } = await world({ ada: adaAt, others: [bob, hidden] })
    const meeting: Meeting = {
      ...{ id: 'a0000000-2222-4222-8222-222222222222', version: 1, state: 'booked' },
      ...{ organizerId: bob.id, participantIds: [bob.id, cast.ada.id, hidden.id] },
      ...{ start: '2026-03-05T10:00:00.000Z', end: '2026-03-05T10:30:00.000Z' },
      ...{ createdAt: new Date(now).toISOString(), updatedAt: new Date(now).toISOString() },
    }
    await store.commit([{ kind: 'meeting', meeting }], 'test', meeting.createdAt)
    const { ask, get } = talker(await world({ store, furnished: true, now: () => now }))
    const path = `/meetings/${meeting.id}`
    const seen = async () => {
      const [told, text] = [
        await get('colleague', path),
        await get('colleague', `${path}/meeting.ics`),
      ]
      return { etag: told.headers.etag ?? '', text: told.text, calendar: text.text }
    }
    const before = await seen()
    expect(before.calendar).toMatch(/SEQUENCE:0\r/)
    now += 60_000
    expect((await ask('connection', 'DELETE', path)).status).toBe(204)
    expect((await store.gatherings.meetingById(meeting.id))?.participantIds).toHaveLength(2)
    expect(await seen()).toEqual(before)
    // And what was seen is still what is changed.
    const change = await ask(
      'colleague',
      'PATCH',
      path,
      { title: 'x' },
      { 'if-match': before.etag },
    )
    expect([change.status, change.body.updatedAt]).toEqual([200, '2026-03-01T00:01:00.000Z'])
    expect((await seen()).calendar).toMatch(/SEQUENCE:60\r/)
    const late = await ask('colleague', 'PATCH', path, { title: 'y' }, { 'if-match': before.etag })
    expect(late.status).toBe(412)
  })

  it('is over one day, and is what it was', async () => {
    const { path } = await booked()
    const later = () => Date.parse('2026-03-05T10:30:00Z')
    const { ask } = talker(await world({ store: one.store, furnished: true, now: later }))
    for (const answer of [
      await ask('self', 'DELETE', path),
      await ask('self', 'PATCH', path, { title: 'x' }),
    ]) {
      expect([answer.status, answer.body.detail]).toEqual([409, 'end: the meeting is over'])
    }
  })

  it('is cancelled when one of two is deleted, and left by one of three', async () => {
    const wanted = { ...admin, meetingAvailability: officeHours }
    const { ask, book, get } = await withOthers([bob, wanted])
    const two = await book('self')
    const three = await book('self', {
      ...{ participants: [bob.id, admin.id] },
      ...{ start: '2026-03-05T12:00:00Z', end: '2026-03-05T12:30:00Z' },
    })
    expect((await ask('owner', 'DELETE', `/people/${bob.id}`)).status).toBe(204)
    expect((await get('self', `/meetings/${two.body.id}`)).body.state).toBe('cancelled')
    const rest = await get('self', `/meetings/${three.body.id}`)
    expect([rest.body.state, idsOf(rest)]).toEqual(['booked', [cast.ada.id, admin.id]])
  })
})

describe('house: lists of meetings', () => {
  const hours = ['09', '10', '11', '13', '14']

  beforeEach(async () => {
    for (const hour of hours) {
      await talk.book('self', {
        start: `2026-03-05T${hour}:00:00Z`,
        end: `2026-03-05T${hour}:30:00Z`,
      })
    }
  })

  it('are walked page by page, each once, by their start', async () => {
    const starts: string[] = []
    let path: string | undefined = '/meetings?limit=2'
    while (path !== undefined) {
      const { body, headers } = await talk.get('self', path)
      starts.push(...body.items.map(({ start }: Meeting) => start.slice(11, 13)))
      path = /^<https:\/\/people\.example\/api\/v1([^>]*)>/.exec(headers.link ?? '')?.[1]
    }
    expect(starts).toEqual(hours)
    const later = await talk.get('self', '/meetings?from=2026-03-05T11:00:00Z')
    expect(later.body.items).toHaveLength(3)
  })

  it('are one’s own, and of others for their administrators', async () => {
    expect((await talk.get('colleague', '/meetings')).body.items).toHaveLength(5)
    expect((await talk.get('admin', '/meetings')).body.items).toEqual([])
    expect((await talk.get('admin', `/meetings?person=${bob.id}`)).body.items).toHaveLength(5)
    expect((await talk.get('self', `/meetings?person=${bob.id}`)).status).toBe(403)
    expect((await talk.get('service', '/meetings')).status).toBe(403)
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect((await talk.get('admin', `/meetings?person=${nobody}`)).status).toBe(404)
  })

  it.each(['?limit=0', '?cursor=1_2.x', '?from=now', '?person=bob', '?form=x'])(
    'refuse %s',
    async (query) => {
      const { status, headers } = await talk.get('self', `/meetings${query}`)
      expect([status, headers['content-type']]).toEqual([400, 'application/problem+json'])
    },
  )
})

describe('house: meetings as iCalendar', () => {
  /** Parsed by another than wrote it, after a look at its lines. */
  function calendarIn({ status, headers, bytes }: Answer): ICAL.Component {
    expect([status, headers['content-type']]).toEqual([200, 'text/calendar; charset=utf-8'])
    const text = bytes.toString()
    const lines = text.split('\r\n')
    expect(lines.at(-1)).toBe('')
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    const calendar = new ICAL.Component(ICAL.parse(text))
    expect(calendar.getFirstPropertyValue('version')).toBe('2.0')
    return calendar
  }
  const accept = { accept: 'text/calendar' }

  it('have what the meeting has, whatever is written in it', async () => {
    const title = `${'Grüße, 日本語; "quoted" \\n '.repeat(8)}😀`
    const { body } = await talk.book('self', { title, note: 'a\nb,c;d\\e', location: 'x:y' })
    const path = `/meetings/${body.id}/meeting.ics`
    const read = async (as: ViewerName) =>
      new ICAL.Event(
        calendarIn(await talk.get(as, path, accept)).getFirstSubcomponent(
          'vevent',
        ) as ICAL.Component,
      )
    const event = await read('self')
    expect(event.uid).toBe(body.id)
    expect([event.summary, event.description, event.location]).toEqual([
      title,
      'a\nb,c;d\\e',
      'x:y',
    ])
    expect([event.startDate, event.endDate].map((time) => time.toString())).toEqual([
      ...['2026-03-05T10:00:00Z', '2026-03-05T10:30:00Z'],
    ])
    const people = ['organizer', 'attendee', 'attendee'].map((_, index) => event.attendees[index])
    expect(people.flatMap((one) => (one ? one.getFirstParameter('cn') : []))).toEqual([
      ...[cast.ada.displayName, bob.displayName],
    ])
    expect(event.organizer).toBe('mailto:canary.mail@ada-canary.example')
    expect(event.attendees[1]?.getFirstValue()).toBe(`urn:uuid:${bob.id}`)
    expect([event.sequence, event.component.getFirstPropertyValue('status')]).toEqual([
      0,
      'CONFIRMED',
    ])

    await talk.ask('self', 'PATCH', `/meetings/${body.id}`, { start: '2026-03-05T11:00:00Z' })
    await talk.ask('self', 'DELETE', `/meetings/${body.id}`)
    const cancelled = await read('colleague')
    expect(cancelled.uid).toBe(body.id)
    expect(cancelled.component.getFirstPropertyValue('status')).toBe('CANCELLED')
    expect((await talk.get('outsider', path, accept)).status).toBe(404)
  })

  it('are told of no one by an address that the reader may not see, nor broken by a name', async () => {
    const odd = { ...bob, displayName: 'B";\r\n\u0007ATTENDEE:mailto:x@y.z^n' }
    const { book, get } = await withOthers([odd])
    const { body } = await book('self')
    const answer = await get('self', `/meetings/${body.id}/meeting.ics`)
    const event = new ICAL.Event(
      calendarIn(answer).getFirstSubcomponent('vevent') as ICAL.Component,
    )
    expect(event.attendees).toHaveLength(2)
    expect(event.attendees[1]?.getFirstParameter('cn')).toBe('B";  ATTENDEE:mailto:x@y.z^n')
  })

  it('are had all together', async () => {
    await talk.book('self')
    await talk.book('self', { start: '2026-03-06T10:00:00Z', end: '2026-03-06T10:30:00Z' })
    const all = calendarIn(await talk.get('colleague', '/me/meetings.ics', accept))
    expect(all.getAllSubcomponents('vevent')).toHaveLength(2)
    const some = calendarIn(
      await talk.get('colleague', '/me/meetings.ics?from=2026-03-06T00:00:00Z'),
    )
    expect(some.getAllSubcomponents('vevent')).toHaveLength(1)
    expect(calendarIn(await talk.get('admin', '/me/meetings.ics')).getAllSubcomponents()).toEqual(
      [],
    )
  })

  it('are written while others are answered', async () => {
    const note = 'A long note; '.repeat(760)
    const meetings = Array.from({ length: 100 }, (_, index): Write => {
      const start = Date.parse('2026-04-01T00:00:00Z') + index * 3_600_000
      const [from, until] = [start, start + 60_000].map((time) => new Date(time).toISOString())
      const id = `a0000000-2222-4222-8222-${String(index).padStart(12, '0')}`
      return {
        kind: 'meeting',
        meeting: { ...at(id, '10', 1), start: from ?? '', end: until ?? '', note },
      }
    })
    await one.store.commit(meetings, 'test', created)
    let turns = 0
    let done = false
    const turn = () => {
      turns += 1
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    const all = calendarIn(await talk.get('colleague', '/me/meetings.ics', accept))
    done = true
    expect(all.getAllSubcomponents('vevent')).toHaveLength(100)
    expect(turns).toBeGreaterThanOrEqual(100)
  })

  it('tell when somebody is busy, as far as slots would', async () => {
    await talk.book('self')
    // What others could not have asked for is not told as busy either.
    const evening = at('a0000000-2222-4222-8222-222222222222', '17', 1)
    await one.store.commit([{ kind: 'meeting', meeting: evening }], 'test', created)
    const path = `/people/${bob.id}/free-busy.ics?from=2026-03-05T00:00:00Z&until=2026-03-06T00:00:00Z`
    const periodsFor = async (as: ViewerName) => {
      const component = calendarIn(await talk.get(as, path, accept)).getFirstSubcomponent(
        'vfreebusy',
      )
      return component
        ?.getAllProperties('freebusy')
        .map((one) => `${one.getParameter('fbtype')} ${one.getFirstValue()}`)
    }
    expect(await periodsFor('admin')).toEqual([
      'BUSY 2026-03-05T10:00:00Z/2026-03-05T10:30:00Z',
      'BUSY-UNAVAILABLE 2026-03-05T00:00:00Z/2026-03-05T09:00:00Z',
      'BUSY-UNAVAILABLE 2026-03-05T17:00:00Z/2026-03-06T00:00:00Z',
    ])
    const closed = ['BUSY-UNAVAILABLE 2026-03-05T00:00:00Z/2026-03-06T00:00:00Z']
    expect(await periodsFor('outsider')).toEqual(closed)
    expect((await talk.get('admin', `/people/${outsider.id}/free-busy.ics`)).status).toBe(200)
  })
})
