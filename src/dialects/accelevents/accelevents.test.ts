import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { expectGolden } from '../../../test/golden.ts'
import { eventOnly, speaks } from '../../../test/speaks.ts'
import { type Answer, type Question, type WorldOptions, world } from '../../../test/world.ts'
import { Failure, type FailureCode } from '../../failure.ts'
import type { Connection } from '../../gatherings/gatherings.ts'
import type { Person } from '../../person/person.ts'
import pageFields from './fixtures/page-fields.json' with { type: 'json' }
import { accelevents } from './index.ts'
import { AcceleventsAttendee, AcceleventsError, AcceleventsPerson } from './schema.ts'

const event = `/rest/event/${cast.event.url}`
const { askers, attendees } = cast

for (const as of ['colleague', 'connection', 'coAttendee'] as const) eventOnly.add(as)

const spec = {
  error: AcceleventsError,
  missing: 406,
  unacceptable: 406,
  allow: 'GET, HEAD, PUT',
  refused: { outsider: 404 },
}

speaks(accelevents, {
  ...spec,
  person: AcceleventsPerson,
  malformed: { path: `${event}/people/ada.byron/profile`, status: 400 },
})

// The other body is held to the same.
speaks(
  {
    ...accelevents,
    name: 'accelevents attendees',
    personPath: ({ number }) => `${event}/attendee/${number}`,
  },
  {
    ...spec,
    person: AcceleventsAttendee,
    malformed: { path: `${event}/attendee/0x10`, status: 400 },
  },
)

const profile = `${event}/people/${cast.ada.number}/profile`
const attendee = `${event}/attendee/${cast.ada.number}`

async function ask(path: string, question: Question, options: WorldOptions = {}) {
  return (await world(options)).ask(accelevents, path, question)
}

const read = async (path: string, as: cast.ViewerName, options?: WorldOptions) => {
  const answer = await ask(path, { as }, options)
  expect(answer.status).toBe(200)
  return answer
}

function golden({ text }: Answer, name: string): void {
  expectGolden(text, new URL(`./fixtures/${name}.json`, import.meta.url))
}

const ada = (changes: Partial<Person>): WorldOptions => ({ ada: { ...cast.ada, ...changes } })

/** Nothing of hers is unknown, and there is something between her and the viewer. */
const complete: WorldOptions = {
  ...ada({ timeZone: 'Europe/Berlin' }),
  connections: [
    {
      requesterId: askers.admin.id,
      addresseeId: cast.ada.id,
      state: 'rejected',
      rejectedById: cast.ada.id,
    },
  ],
}

const withSwitch = (name: string): WorldOptions => ({ switches: { accelevents: { [name]: true } } })

const missing = { errorCode: 4068001, message: 'Attendee not found.' }
const noSuchEvent = { errorCode: 4040200, message: 'Event not found.' }

describe('accelevents: the profile', () => {
  it('has every field of the vendor’s page, in its order', async () => {
    expect(Object.keys((await read(profile, 'self')).body)).toEqual(pageFields)
    expect(Object.keys((await read(profile, 'coAttendee')).body)).toEqual(pageFields)
    expect(pageFields).toHaveLength(35)
  })

  it('is the golden body, with something in every field', async () => {
    golden(await read(profile, 'admin', complete), 'profile')
  })

  it('has null, an empty list or the vendor’s default for what may not be seen', async () => {
    golden(await read(profile, 'coAttendee'), 'co-attendee')
  })

  it('is the same by the attendee’s number as by the person’s, and without /profile', async () => {
    const plain = await read(profile, 'colleague')
    const { number } = attendees.ada
    for (const path of [
      `${event}/people/${cast.ada.number}`,
      `${event}/people/${number}/profile`,
      `${event}/people/${number}`,
    ]) {
      expect((await read(path, 'colleague')).text).toBe(plain.text)
    }
    expect(plain.body).toMatchObject({ id: number, userId: cast.ada.number })
  })

  it('has four fields more for an attendee', async () => {
    golden(await read(attendee, 'admin', complete), 'attendee')
    const byNumber = `${event}/attendee/${attendees.ada.number}`
    golden(await read(byNumber, 'admin', complete), 'attendee')
    const { body } = await read(attendee, 'coAttendee')
    expect(body).toMatchObject({ email: null, city: null, country: null, deleted: false })
  })
})

describe('accelevents: switches', () => {
  it('are off, and in the page’s form but for what the page does not show', () => {
    expect(accelevents.switches).toMatchObject({
      displayNames: { default: false, seed: true },
      ianaEquivalent: { default: false, seed: false },
      omitNull: { default: false, seed: false },
    })
  })

  it('displayNames gives the words of the vendor’s page', async () => {
    golden(
      await read(profile, 'admin', { ...complete, ...withSwitch('displayNames') }),
      'displayNames',
    )
    const accepted = async (acceptsMeetingRequests: 'everyone' | 'nobody') => {
      const options = { ...ada({ acceptsMeetingRequests }), ...withSwitch('displayNames') }
      return (await read(profile, 'self', options)).body.acceptMeetingRequests
    }
    expect(await accepted('everyone')).toBe('Everyone')
    expect(await accepted('nobody')).toBe('No one')
  })

  it('omitNull leaves out what is null', async () => {
    golden(await read(profile, 'coAttendee', withSwitch('omitNull')), 'omitNull')
    const some = ada({ extraInfo: { knows: 'canary knows' } })
    expect((await read(profile, 'colleague', some)).body.extraInfo).toEqual({
      aboutMe: null,
      wantsToLearn: null,
      knows: 'canary knows',
      wantsToMeet: null,
    })
    const { body } = await read(attendee, 'colleague', { ...some, ...withSwitch('omitNull') })
    expect(body.extraInfo).toEqual({ knows: 'canary knows' })
    expect(body).not.toHaveProperty('status')
  })

  it('ianaEquivalent gives the canonical IANA name', async () => {
    const pacific = { ...complete, ...ada({ timeZone: 'US/Pacific' }) }
    golden(
      await read(profile, 'admin', { ...pacific, ...withSwitch('ianaEquivalent') }),
      'ianaEquivalent',
    )
    expect((await read(profile, 'admin', pacific)).body.equivalentTimezone).toBe(
      'Pacific Standard Time',
    )
  })
})

describe('accelevents: zones', () => {
  const equivalent = async (timeZone: string, options: WorldOptions = {}) =>
    (await read(profile, 'self', { ...ada({ timeZone }), ...options })).body

  it('has the zone as stored and its Windows name, or null for a zone without one', async () => {
    expect(await equivalent('Europe/Berlin')).toMatchObject({
      timezoneId: 'Europe/Berlin',
      equivalentTimezone: 'W. Europe Standard Time',
    })
    expect(await equivalent('Somewhere/Else')).toMatchObject({
      timezoneId: 'Somewhere/Else',
      equivalentTimezone: null,
    })
    const iana = withSwitch('ianaEquivalent')
    expect(await equivalent('Somewhere/Else', iana)).toMatchObject({ equivalentTimezone: null })
    const { equivalentTimezone } = await equivalent('US/Pacific', iana)
    expect(equivalentTimezone).toBe('America/Los_Angeles')
  })
})

describe('accelevents: preferences', () => {
  it('are the vendor’s defaults where nothing was set', async () => {
    const {
      acceptsDirectMessages: _,
      acceptsMeetingRequests: __,
      acceptsCallsFromStrangers: ___,
      emailNotifications: ____,
      ...undecided
    } = cast.ada
    expect((await read(profile, 'self', { ada: undecided })).body).toMatchObject({
      acceptDirectMessages: true,
      acceptMeetingRequests: 'EVERY_ONE',
      emailNotification: true,
      allowCallsAndVideosFromNotConnectedAttendees: false,
    })
  })

  const views = [
    ['showContactInfo', 'contact'],
    ['showProfile', 'profile'],
    ['exposeProfileToOtherUser', 'existence'],
  ] as const

  it.each(views)('%s is whether anybody may see: %s', async (field, group) => {
    const hidden = ada({ audiences: { [group]: 'nobody' } })
    expect((await read(profile, 'self')).body[field]).toBe(true)
    for (const as of ['self', 'admin'] as const) {
      expect((await read(profile, as, hidden)).body[field]).toBe(false)
    }
    const narrow = ada({ audiences: { [group]: 'connections' } })
    expect((await read(profile, 'self', narrow)).body[field]).toBe(true)
  })

  it.each(views)(
    '%s follows the organization where the person has not decided',
    async (field, group) => {
      const home = { ...cast.organizations.home, audiences: { [group]: 'nobody' as const } }
      expect((await read(profile, 'self', { home })).body[field]).toBe(false)
      const decided = { home, ...ada({ audiences: { [group]: 'everyone' } }) }
      expect((await read(profile, 'self', decided)).body[field]).toBe(true)
    },
  )

  it('do not tell others what the person has decided to hide', async () => {
    const hidden = ada({ audiences: { contact: 'nobody', profile: 'nobody' } })
    const { body } = await read(profile, 'colleague', hidden)
    expect(body).toMatchObject({ showContactInfo: true, showProfile: true })
  })
})

describe('accelevents: meetings', () => {
  const meeting = async (meetingAvailability: NonNullable<Person['meetingAvailability']>) =>
    (await read(profile, 'colleague', ada({ meetingAvailability }))).body

  it('are set by a rule or by a beginning, and by nothing else', async () => {
    const timeZone = 'America/New_York'
    expect(await meeting({ timeZone, duration: 30, rules: [] })).toMatchObject({
      availabilityDuration: 30,
      availabilityStartTime: null,
      availabilityEndTime: null,
      availabilityTimezoneId: timeZone,
      rules: [],
      meetingAvailabilitySetted: false,
    })
    const start = '2026-01-01T04:59:59.999Z'
    expect(await meeting({ timeZone, start, rules: [] })).toMatchObject({
      availabilityDuration: null,
      availabilityStartTime: '2025/12/31 23:59',
      meetingAvailabilitySetted: true,
    })
    const rules = [{ days: ['SUN' as const], start: '00:00', end: '23:59' }]
    expect(await meeting({ timeZone, rules })).toMatchObject({
      rules: [{ days: ['SUN'], startTime: '00:00', endTime: '23:59' }],
      meetingAvailabilitySetted: true,
    })
  })
})

describe('accelevents: connections', () => {
  const [mine, hers] = [askers.colleague.id, cast.ada.id]
  const none = { status: null, request: false, rejectedBy: null }
  const cases: [string, Connection, object, object][] = [
    [
      'the viewer asked',
      { requesterId: mine, addresseeId: hers, state: 'requested' },
      { status: 'REQUESTED', request: false, rejectedBy: null },
      { status: 'REQUESTED', request: true, rejectedBy: null },
    ],
    [
      'the viewer was asked',
      { requesterId: hers, addresseeId: mine, state: 'requested' },
      { status: 'REQUESTED', request: true, rejectedBy: null },
      { status: 'REQUESTED', request: false, rejectedBy: null },
    ],
    [
      'the viewer accepted',
      { requesterId: hers, addresseeId: mine, state: 'accepted' },
      { status: 'ACCEPT', request: false, rejectedBy: null },
      { status: 'ACCEPT', request: false, rejectedBy: null },
    ],
    [
      'the viewer was rejected',
      { requesterId: mine, addresseeId: hers, state: 'rejected', rejectedById: hers },
      { status: 'REJECT', request: false, rejectedBy: cast.ada.number },
      { status: 'REJECT', request: false, rejectedBy: cast.ada.number },
    ],
    [
      'the viewer rejected',
      { requesterId: hers, addresseeId: mine, state: 'rejected', rejectedById: mine },
      { status: 'REJECT', request: false, rejectedBy: askers.colleague.number },
      { status: 'REJECT', request: false, rejectedBy: askers.colleague.number },
    ],
  ]

  it.each(cases)('when %s', async (_, connection, seen, seenBack) => {
    const options = { connections: [connection] }
    expect((await read(profile, 'colleague', options)).body).toMatchObject(seen)
    const back = `${event}/people/${askers.colleague.number}/profile`
    expect((await read(back, 'self', options)).body).toMatchObject(seenBack)
    // It is between the two.
    for (const as of ['admin', 'coAttendee', 'service', 'self'] as const) {
      expect((await read(profile, as, options)).body).toMatchObject(none)
    }
  })

  it('open what is for connections', async () => {
    const options = ada({ audiences: { profile: 'connections' } })
    expect((await read(profile, 'connection', options)).body.company).toBe('Canary Company')
    expect((await read(profile, 'colleague', options)).body.company).toBeNull()
  })
})

describe('accelevents: the event', () => {
  it('opens what is for co-attendees to those who attend, and to no service', async () => {
    const options = ada({ audiences: { profile: 'event', contact: 'event' } })
    for (const as of ['coAttendee', 'connection', 'colleague'] as const) {
      const { body } = await read(attendee, as, options)
      expect(body).toMatchObject({ company: 'Canary Company', city: 'Canarytown' })
      expect(body.email).toBe('canary.mail@ada-canary.example')
    }
    expect((await read(attendee, 'service', options)).body).toMatchObject({
      company: null,
      city: null,
      email: null,
    })
  })

  it('looks to outsiders as if it were not there', async () => {
    const outside = await ask(profile, { as: 'outsider' })
    const unknown = await ask(profile.replace(cast.event.url, 'no-such-event'), { as: 'outsider' })
    expect(outside.status).toBe(404)
    expect(outside.text).toBe(JSON.stringify(noSuchEvent))
    expect([unknown.status, unknown.text]).toEqual([outside.status, outside.text])
    const admins = await ask('/rest/event/no-such-event/people/1', { as: 'admin' })
    expect(admins.text).toBe(outside.text)
  })

  it('has nobody in it who does not attend', async () => {
    for (const who of [cast.manager, askers.outsider]) {
      const answer = await ask(`${event}/people/${who.number}/profile`, { as: 'admin' })
      expect([answer.status, answer.body]).toEqual([406, missing])
    }
  })

  it('is encoded in the address of a person, and a person without one has none', async () => {
    const path = accelevents.personPath({ ...cast.ada, eventUrl: 'a b/c' }, () => '')
    expect(path).toBe(`/rest/event/a%20b%2Fc/people/${cast.ada.number}/profile`)
    expect(accelevents.personPath(cast.ada, () => '')).toBeUndefined()
  })
})

describe('accelevents: somebody deleted', () => {
  const gone = ada({ lifecycle: 'deleted', deletedAt: '2025-06-07T08:09:10.987Z' })

  it('is no person any more, but still an attendee', async () => {
    for (const path of [profile, `${event}/people/${attendees.ada.number}`]) {
      const answer = await ask(path, { as: 'admin' }, gone)
      expect([answer.status, answer.body]).toEqual([406, missing])
    }
    const before = (await read(attendee, 'admin')).body
    expect((await read(attendee, 'admin', gone)).body).toEqual({ ...before, deleted: true })
    const suspended = ada({ lifecycle: 'suspended' })
    expect((await read(attendee, 'admin', suspended)).body.deleted).toBe(false)
  })

  it('is not there for those who may not see that they were', async () => {
    const answer = await ask(attendee, { as: 'coAttendee' }, gone)
    expect([answer.status, answer.body]).toEqual([406, missing])
  })
})

describe('accelevents: refusals', () => {
  const asked = { url: 'https://people.example/x', header: () => undefined, switches: {} }
  const statuses: Record<FailureCode, number> = {
    unauthenticated: 401,
    forbidden: 403,
    not_found: 406,
    no_such_event: 404,
    no_such_path: 404,
    method_not_allowed: 405,
    not_acceptable: 406,
    invalid: 400,
    invalid_id: 400,
    invalid_body: 400,
    conflict: 409,
    precondition_failed: 412,
    unsupported_media_type: 415,
    too_large: 413,
    too_many_requests: 429,
    unavailable: 503,
    internal: 500,
  }

  it.each(Object.entries(statuses))('answers %s with %i', (code, status) => {
    const failure = new Failure(code as FailureCode, 'why')
    expect(accelevents.refuse(failure, asked).status).toBe(status)
  })

  const unauthorized = { errorCode: 4010101, message: 'You are not authorized to access this.' }
  const malformed = { message: 'id: not a number that an id can be' }
  const cases: [string, Question, number, object][] = [
    [profile, {}, 401, unauthorized],
    [`${event}/people/12/profile`, { as: 'admin' }, 406, missing],
    [`${event}/people/ada.byron`, { as: 'admin' }, 400, malformed],
    [`${event}/people/0/profile`, { as: 'admin' }, 400, malformed],
    [`${event}/people/0${cast.ada.number}`, { as: 'admin' }, 400, malformed],
    [`${event}/attendee/${2 ** 52}`, { as: 'admin' }, 400, malformed],
    ['/rest/event', { as: 'admin' }, 404, { message: 'Request path not found.' }],
    [`${profile}/photo`, {}, 404, { message: 'Request path not found.' }],
    [profile, { method: 'POST' }, 405, { message: 'Request method not supported.' }],
    [
      profile,
      { as: 'admin', headers: { accept: 'text/csv' } },
      406,
      { message: 'Only application/json can be had here.' },
    ],
  ]

  it.each(cases)('answers %s (%j) with %i', async (path, question, status, body) => {
    const answer = await ask(path, question)
    expect(answer.status).toBe(status)
    expect(answer.text).toBe(JSON.stringify(body))
  })

  it('takes the key in any of the three headers, bare or after Bearer, if they agree', async () => {
    const one = await world()
    const [mine, others] = [one.keys.coAttendee.secret, one.keys.admin.secret]
    const status = async (headers: Record<string, string>) =>
      (await one.ask(accelevents, profile, { headers })).status
    for (const name of ['key', 'Key', 'authorization', 'authentication', 'AUTHENTICATION']) {
      expect([name, await status({ [name]: mine })]).toEqual([name, 200])
      expect([name, await status({ [name]: `Bearer ${mine}` })]).toEqual([name, 200])
    }
    expect(await status({ key: mine, authorization: `Bearer ${mine}`, authentication: mine })).toBe(
      200,
    )
    expect(await status({ key: mine, authentication: others })).toBe(401)
    expect(await status({ key: mine, authentication: '' })).toBe(401)
    expect(await status({ 'x-key': mine })).toBe(401)
  })
})
