import { beforeEach, describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Answer, type ViewerName, type World, world } from '../../../test/world.ts'
import type { Person } from '../../person/person.ts'
import { house } from './index.ts'

const { colleague, connection } = cast.askers

const officeHours = {
  timeZone: 'UTC',
  duration: 30,
  rules: [
    {
      days: ['MON' as const, 'TUE' as const, 'WED' as const, 'THU' as const],
      start: '09:00',
      end: '12:00',
    },
  ],
}
const bob: Person = { ...colleague, meetingAvailability: officeHours }

let one: World
beforeEach(async () => {
  one = await world({ others: [bob] })
})

const ask = (as: ViewerName, path: string, method = 'GET', body?: object, headers: object = {}) =>
  one.ask(house, `/api/v1${path}`, {
    ...{ as, method },
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })

const nobody = '00000000-0000-4000-8000-000000000000'

describe('house: when a person can be met', () => {
  const path = '/me/availability'
  const sent = {
    ...{ timeZone: 'Europe/Paris', duration: 45 },
    ...{ start: '2026-03-01T00:00:00+01:00', end: '2026-12-01T00:00:00Z' },
    rules: [{ days: ['FRI'], start: '14:00', end: '24:00' }],
    exceptions: [
      { date: '2026-03-06', windows: [] },
      { date: '2026-03-07', windows: [{ start: '09:00', end: '10:00' }] },
    ],
  }

  it('is set, read and taken back, each as it was seen', async () => {
    expect((await ask('admin', path)).status).toBe(404)
    const none = await ask('admin', path, 'PUT', sent, { 'if-match': '*' })
    expect(none.status).toBe(412)
    const made = await ask('admin', path, 'PUT', sent)
    expect([made.status, made.body]).toEqual([
      200,
      { ...sent, start: '2026-02-28T23:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
    ])
    const read = await ask('admin', path)
    expect([read.text, read.headers.etag]).toEqual([made.text, made.headers.etag])
    const { etag = '' } = read.headers
    const { exceptions: _, ...less } = sent
    const next = await ask('admin', path, 'PUT', less, { 'if-match': etag })
    expect(next.body).not.toHaveProperty('exceptions')
    expect((await ask('admin', path, 'PUT', sent, { 'if-match': etag })).status).toBe(412)
    expect((await ask('admin', path, 'DELETE', undefined, { 'if-match': etag })).status).toBe(412)
    expect((await ask('admin', path, 'DELETE')).status).toBe(204)
    expect((await ask('admin', path)).status).toBe(404)
  })

  it('is written by the person and by administrators alone', async () => {
    const of = `/people/${bob.id}/availability`
    expect((await ask('admin', of, 'PUT', sent)).status).toBe(200)
    expect((await ask('colleague', of, 'PUT', sent)).status).toBe(200)
    expect((await ask('self', of, 'PUT', sent)).status).toBe(403)
    expect((await ask('self', of, 'DELETE')).status).toBe(403)
    expect((await ask('service', path)).status).toBe(404)
  })

  it('looks like none to whom it is hidden from', async () => {
    const hidden = await ask('outsider', `/people/${bob.id}/availability`)
    const none = await ask('outsider', `/people/${connection.id}/availability`)
    expect([hidden.status, hidden.text]).toEqual([404, none.text])
    expect(Object.keys(hidden.headers)).toEqual(Object.keys(none.headers))
  })

  const rule = { days: ['MON'], start: '09:00', end: '17:00' }
  it.each([
    [{ rules: [] }, 'timeZone'],
    [{ timeZone: 'Mars/Olympus', rules: [] }, 'timeZone'],
    [{ timeZone: 'UTC', rules: [rule, { ...rule, end: '09:00' }] }, 'rules/1/end'],
    [{ timeZone: 'UTC', rules: [{ ...rule, end: '24:01' }] }, 'rules/0/end'],
    [{ timeZone: 'UTC', rules: [{ ...rule, start: '24:00', end: '24:00' }] }, 'rules/0/start'],
    [{ timeZone: 'UTC', rules: [{ ...rule, days: ['SOME'] }] }, 'rules/0/days/0'],
    [{ timeZone: 'UTC', rules: Array(101).fill(rule) }, 'rules'],
    [{ timeZone: 'UTC', rules: [], duration: 0 }, 'duration'],
    [{ timeZone: 'UTC', rules: [], start: 'soon' }, 'start'],
    [
      { timeZone: 'UTC', rules: [], start: '2026-03-02T00:00:00Z', end: '2026-03-01T00:00:00Z' },
      'end',
    ],
    [
      { timeZone: 'UTC', rules: [], exceptions: [{ date: '2026-02-30', windows: [] }] },
      'exceptions/0/date',
    ],
    [
      {
        timeZone: 'UTC',
        rules: [],
        exceptions: [
          { date: '2026-03-02', windows: [] },
          { date: '2026-03-02', windows: [] },
        ],
      },
      'exceptions/1/date',
    ],
    [
      {
        timeZone: 'UTC',
        rules: [],
        exceptions: [{ date: '2026-03-02', windows: [{ start: '10:00', end: '09:00' }] }],
      },
      'exceptions/0/windows/0/end',
    ],
  ])('is not %j', async (body, pointer) => {
    const { status, body: problem } = await ask('self', path, 'PUT', body)
    expect(status).toBe(400)
    // What the schema refuses is named where it is missing, too.
    expect(JSON.stringify(problem)).toContain(pointer.replaceAll('/', problem.errors ? '/' : '.'))
    expect((await ask('self', path)).body).toEqual(cast.ada.meetingAvailability)
  })
})

describe('house: slots', () => {
  const day = 'from=2026-03-05T00:00:00Z&until=2026-03-06T00:00:00Z'
  const startsOf = ({ body }: Answer): string[] =>
    body.items.map(({ start }: { start: string }) => start.slice(11, 16))
  const book = (start: string, end: string) =>
    ask('admin', '/meetings', 'POST', { participants: [bob.id], start, end })

  it('are the free ones alone, as long as is said or asked', async () => {
    await book('2026-03-05T09:40:00Z', '2026-03-05T10:10:00Z')
    const path = `/people/${bob.id}/slots?${day}`
    const usual = await ask('self', path)
    expect([usual.body.duration, startsOf(usual)]).toEqual([
      30,
      ['09:00', '10:30', '11:00', '11:30'],
    ])
    expect(usual.body.items[0]).toEqual({
      ...{ start: '2026-03-05T09:00:00.000Z', end: '2026-03-05T09:30:00.000Z' },
    })
    expect(startsOf(await ask('self', `${path}&duration=60`))).toEqual(['11:00'])
    expect(startsOf(await ask('self', `${path}&duration=60&step=15`))).toEqual([
      ...['10:15', '10:30', '10:45', '11:00'],
    ])
    expect(await ask('colleague', `/me/slots?${day}`)).toMatchObject({ text: usual.text })
  })

  it('are none in the past', async () => {
    const later = () => Date.parse('2026-03-05T10:31:00Z')
    one = await world({ store: one.store, furnished: true, now: later })
    expect(startsOf(await ask('self', `/people/${bob.id}/slots?${day}`))).toEqual([
      '11:00',
      '11:30',
    ])
  })

  it('are told page by page, each once', async () => {
    const all: string[] = []
    let path: string | undefined = `/people/${bob.id}/slots?until=2026-03-20T00:00:00Z&limit=7`
    while (path !== undefined) {
      const answer: Answer = await ask('self', path)
      all.push(...answer.body.items.map(({ start }: { start: string }) => start))
      path = /^<https:\/\/people\.example\/api\/v1([^>]*)>/.exec(answer.headers.link ?? '')?.[1]
    }
    // Six a day; from this Wednesday to the Thursday in a fortnight.
    expect(all).toHaveLength(60)
    expect(new Set(all).size).toBe(60)
    expect([...all].sort()).toEqual(all)
  })

  it('are told page by page to the end of all days', async () => {
    const path = `/people/${bob.id}/slots?from=9999-12-27T00:00:00Z&limit=1`
    const first = await ask('self', path)
    const [, next = ''] =
      /^<https:\/\/people\.example\/api\/v1([^>]*)>/.exec(first.headers.link ?? '') ?? []
    const second = await ask('self', next)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(startsOf(second)).toEqual(['09:30'])
    const busy = await ask('self', `/people/${bob.id}/free-busy.ics?from=9999-12-20T00:00:00Z`)
    expect(busy.text).toContain('DTEND:99991231T235959Z')
  })

  it('of several are when all of them can', async () => {
    const away = {
      ...cast.askers.admin,
      meetingAvailability: {
        ...{ timeZone: 'America/New_York', duration: 45 },
        rules: [{ days: ['THU' as const], start: '05:30', end: '09:00' }],
      },
    }
    one = await world({ others: [bob, away] })
    const path = `/slots?${day}&people=${bob.id},${away.id}`
    const both = await ask('self', path)
    expect([both.body.duration, startsOf(both)]).toEqual([45, ['10:30', '11:15']])
    await book('2026-03-05T10:30:00Z', '2026-03-05T11:00:00Z')
    expect(startsOf(await ask('self', path))).toEqual(['11:15'])
    expect(startsOf(await ask('self', `${path},${connection.id}`))).toEqual([])
  })

  it('of whoever hides when they can be met are those of somebody who can’t', async () => {
    const hidden = await ask('outsider', `/people/${bob.id}/slots?${day}`)
    const none = await ask('outsider', `/people/${connection.id}/slots?${day}`)
    expect([hidden.status, hidden.text]).toEqual([200, none.text])
    one = await world({ others: [{ ...bob, audiences: { existence: 'nobody' } }] })
    const unknown = await ask('self', `/people/${nobody}/slots?${day}`)
    expect(await ask('self', `/people/${bob.id}/slots?${day}`)).toMatchObject({
      ...{ status: 404, text: unknown.text },
    })
  })

  it('may be told to those who attend an event, by way of it', async () => {
    one = await world({ others: [{ ...bob, audiences: { meetings: 'event' } }] })
    const path = `/people/${bob.id}/slots?${day}`
    expect(startsOf(await ask('coAttendee', path))).toEqual([])
    expect(startsOf(await ask('coAttendee', `${path}&event=${cast.event.url}`))).toHaveLength(6)
    expect((await ask('outsider', `${path}&event=${cast.event.url}`)).status).toBe(404)
  })

  it.each([
    [`/people/${bob.id}/slots?duration=0`, 'duration'],
    [`/people/${bob.id}/slots?step=1441`, 'step'],
    [`/people/${bob.id}/slots?from=today`, 'from'],
    [`/people/${bob.id}/slots?from=2026-03-05T00:00:00Z&until=2026-03-05T00:00:00Z`, 'until'],
    [`/people/${bob.id}/slots?from=2026-03-05T00:00:00Z&until=2026-05-07T00:00:00Z`, 'until'],
    [`/people/${bob.id}/slots?untill=2026-05-07T00:00:00Z`, 'untill'],
    ['/people/bob/slots', 'id'],
    ['/slots', 'people'],
    ['/slots?people=bob', 'people'],
    [
      `/slots?people=${Array.from({ length: 21 }, (_, at) => nobody.replace('4000', String(4000 + at)))}`,
      'people',
    ],
  ])('refuse %s', async (path, field) => {
    const { status, body } = await ask('self', path)
    expect([status, body.detail]).toEqual([400, expect.stringMatching(new RegExp(`^${field}: `))])
  })
})
