import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { withstands } from '../../../test/privileged.ts'
import { type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import type { Person } from '../../person/person.ts'
import { accelevents } from './index.ts'

const event = `/rest/event/${cast.event.url}`
const profile = `${event}/people/${cast.ada.number}/profile`
const plainPath = `${event}/people/${cast.attendees.ada.number}`
const attendee = `${event}/attendee/${cast.ada.number}`
const json = { 'content-type': 'application/json' }
const success = { type: 'Success', message: 'Profile updated successfully.' }

const nested = {
  extraInfoPart: { extraInfo: { admin: true, about: 'mine' } },
  linkPart: { socialLinks: { instagram: 'https://x.example' } },
  zoneOfTheRecord: { timeZone: 'UTC', meetingAvailability: null },
}
withstands(
  accelevents,
  [profile, plainPath, attendee].map((path) => ({ method: 'PUT', path, nested })),
)

async function one(options: WorldOptions = {}, as: ViewerName = 'self') {
  const all = await world(options)
  return {
    ...all,
    read: async (path = attendee) => (await all.ask(accelevents, path, { as })).body,
    etag: async (path = profile) => (await all.ask(accelevents, path, { as })).headers.etag ?? '',
    write: (sent: unknown, path = profile, headers: Record<string, string> = {}) =>
      all.ask(accelevents, path, {
        ...{ as, method: 'PUT', headers: { ...json, ...headers } },
        body: JSON.stringify(sent),
      }),
    record: async (): Promise<Person | undefined> =>
      (await all.store.people.byId(cast.ada.id))?.person,
  }
}

describe('accelevents: an update of a profile', () => {
  it.each([
    ['profile', profile],
    ['plain', plainPath],
    ['attendee', attendee],
  ])(
    'at the %s path changes what it names, and leaves alone what it leaves out',
    async (_, path) => {
      const { read, write } = await one()
      const before = await read()
      const answer = await write({ company: 'Analytical Engines' }, path)
      expect([answer.status, answer.body]).toEqual([200, success])
      expect(await read()).toEqual({ ...before, company: 'Analytical Engines' })
    },
  )

  const every: Readonly<Record<string, unknown>> = {
    firstName: 'Augusta',
    lastName: 'King',
    pronouns: 'she/her',
    email: 'augusta@example.com',
    city: 'Horsley Towers',
    country: 'England',
    company: 'Analytical Engines',
    title: 'Enchantress',
    timezoneId: 'Europe/London',
    acceptDirectMessages: true,
    acceptMeetingRequests: 'NO_ONE',
    emailNotification: true,
    allowCallsAndVideosFromNotConnectedAttendees: false,
    videoIntro: 'https://video.example/new',
    instagram: 'https://instagram.example/new',
    facebook: 'https://facebook.example/new',
    twitter: 'https://twitter.example/new',
    linkedIn: 'https://linkedin.example/new',
    interests: ['poetry', 'machines'],
    availabilityDuration: 20,
    availabilityStartTime: '2026/07/02 09:00',
    availabilityEndTime: '2026/08/02 17:30',
    availabilityTimezoneId: 'Europe/London',
    rules: [{ days: ['FRI'], startTime: '09:00', endTime: '12:00' }],
    extraInfo: { aboutMe: 'new', wantsToLearn: 'new', knows: 'new', wantsToMeet: 'new' },
  }

  it.each(Object.entries(every))('sets %s', async (field, value) => {
    const { read, write } = await one()
    expect((await write({ [field]: value }, attendee)).body).toEqual(success)
    expect((await read())[field]).toEqual(value)
  })

  it('sets all of it at once', async () => {
    const { read, write } = await one()
    expect((await write(every, attendee)).body).toEqual(success)
    expect(await read()).toMatchObject(every)
  })

  it('takes an answer back as it is, and changes nothing by it', async () => {
    for (const options of [{}, switched('displayNames'), switched('ianaEquivalent'), bare]) {
      for (const path of [profile, attendee]) {
        const { read, write, record } = await one(options)
        const before = await record()
        expect((await write(await read(path), path)).body).toEqual(success)
        expect(await record()).toEqual(before)
      }
    }
  })

  it('empties by null and by an empty text', async () => {
    for (const nothing of [null, '']) {
      const { read, write } = await one()
      const texts = ['firstName', 'pronouns', 'company', 'title', 'timezoneId', 'city', 'twitter']
      const sent = Object.fromEntries(texts.map((field) => [field, nothing]))
      expect((await write(sent, attendee)).body).toEqual(success)
      const after = await read()
      for (const field of texts) expect([field, after[field]]).toEqual([field, null])
      expect(after).toMatchObject({ lastName: 'CanaryFamily', country: 'Canaryland' })
      expect(after.facebook).toBe('https://facebook.example/canary-fb')
    }
  })

  it('empties whole parts by null', async () => {
    const { read, write } = await one()
    await write({ interests: null, extraInfo: null, acceptMeetingRequests: null })
    expect(await read()).toMatchObject({
      ...{ interests: [], extraInfo: null, acceptMeetingRequests: 'EVERY_ONE' },
    })
  })

  it('keeps the parts of what it says something about in part', async () => {
    const { read, write } = await one()
    await write({ extraInfo: { aboutMe: 'new', knows: null } })
    expect((await read()).extraInfo).toEqual({
      ...{ aboutMe: 'new', wantsToLearn: 'canary learn', knows: null, wantsToMeet: 'canary meet' },
    })
  })

  it('takes the words of the vendor’s page as well as its constants', async () => {
    const { read, write } = await one()
    await write({ acceptMeetingRequests: 'No one' })
    expect((await read()).acceptMeetingRequests).toBe('NO_ONE')
  })

  it('may be an administrator’s, and nobody else’s', async () => {
    for (const [as, status] of [
      ['admin', 200],
      ['owner', 200],
      ['managingAdmin', 200],
      ['colleague', 403],
      ['coAttendee', 403],
      ['connection', 403],
      ['service', 403],
      ['outsider', 404],
    ] as const) {
      const { write, record } = await one({}, as)
      expect([as, (await write({ title: 'New' })).status]).toEqual([as, status])
      expect((await record())?.title).toBe(status === 200 ? 'New' : cast.ada.title)
    }
  })

  it('of somebody who may not be seen is one of nobody', async () => {
    const hidden: WorldOptions = { ada: { ...cast.ada, audiences: { existence: 'nobody' } } }
    const { write } = await one(hidden, 'colleague')
    const nobody = await write({ title: 'New' }, `${event}/people/12/profile`)
    const answer = await write({ title: 'New' })
    expect([answer.status, answer.text]).toEqual([406, nobody.text])
  })
})

const switched = (name: string): WorldOptions => ({ switches: { accelevents: { [name]: true } } })

const { meetingAvailability: _, timeZone: __, ...without } = cast.ada
/** Nothing of hers is there. */
const bare: WorldOptions = {
  ada: {
    ...without,
    ...{ emails: [], phones: [], addresses: [], socialLinks: {}, extraInfo: {}, interests: [] },
  },
}

describe('accelevents: privacy by a write', () => {
  const views = [
    ['showContactInfo', 'contact'],
    ['showProfile', 'profile'],
    ['exposeProfileToOtherUser', 'existence'],
  ] as const

  it.each(views)(
    '%s hides from everybody when false, and is back when true',
    async (field, group) => {
      const { read, write, record } = await one()
      await write({ [field]: false })
      expect((await record())?.audiences).toEqual({ [group]: 'nobody' })
      expect((await read())[field]).toBe(false)
      await write({ [field]: true })
      expect((await record())?.audiences).toEqual({})
      expect((await read())[field]).toBe(true)
    },
  )

  it.each(views)('%s leaves a narrower word alone when true', async (field, group) => {
    const { write, record } = await one({
      ada: { ...cast.ada, audiences: { [group]: 'connections' } },
    })
    await write({ [field]: true })
    expect((await record())?.audiences).toEqual({ [group]: 'connections' })
  })

  it.each(views)('%s says so where it is the organization that hides', async (field, group) => {
    const home = { ...cast.organizations.home, audiences: { [group]: 'nobody' as const } }
    const { write, record } = await one({ home })
    expect((await write({ [field]: false })).status).toBe(200)
    const answer = await write({ [field]: true })
    expect([answer.status, answer.body]).toEqual([
      409,
      { message: `${field}: the organization shows it to nobody` },
    ])
    expect((await record())?.audiences).toEqual({})
  })

  it('holds at once', async () => {
    const { ask, write } = await one()
    await write({ showProfile: false, exposeProfileToOtherUser: true })
    expect((await ask(accelevents, profile, { as: 'colleague' })).body.company).toBeNull()
    await write({ exposeProfileToOtherUser: false })
    expect((await ask(accelevents, profile, { as: 'colleague' })).status).toBe(406)
  })
})

describe('accelevents: availability by a write', () => {
  const meeting = async (sent: object, options: WorldOptions = {}) => {
    const { write, record } = await one(options)
    const { status, body } = await write(sent)
    return { status, body, availability: (await record())?.meetingAvailability }
  }
  const { meetingAvailability: before } = cast.ada

  it('keeps what it does not name', async () => {
    expect((await meeting({ availabilityDuration: 20 })).availability).toEqual({
      ...{ ...before, duration: 20 },
    })
    expect((await meeting({ rules: [] })).availability).toEqual({ ...before, rules: [] })
  })

  it('keeps the clock’s time where only the zone is another', async () => {
    const { availability } = await meeting({ availabilityTimezoneId: 'UTC' })
    // 20:00 and 05:00 in Chatham.
    expect(availability).toEqual({
      ...before,
      timeZone: 'UTC',
      start: '2026-07-01T20:45:00.000Z',
      end: '2026-07-03T05:45:00.000Z',
    })
  })

  it('is in the person’s own zone where none is named', async () => {
    const { availability } = await meeting(
      { availabilityStartTime: '2026/01/02 10:00' },
      {
        ada: { ...without, timeZone: 'Europe/Berlin' },
      },
    )
    expect(availability).toEqual({
      ...{ timeZone: 'Europe/Berlin', start: '2026-01-02T09:00:00.000Z', rules: [] },
    })
  })

  it('is none when all of it is null', async () => {
    const { availability } = await meeting({
      ...{ availabilityDuration: null, availabilityStartTime: null, availabilityEndTime: null },
      ...{ availabilityTimezoneId: null, rules: null },
    })
    expect(availability).toBeUndefined()
  })

  it.each([
    [{ availabilityStartTime: '2026/02/30 10:00' }, 'availabilityStartTime: there is no such time'],
    [{ availabilityStartTime: '2026/02/03 25:00' }, 'availabilityStartTime: there is no such time'],
    [{ availabilityStartTime: '0999/01/01 10:00' }, 'availabilityStartTime: there is no such time'],
    [{ availabilityEndTime: '9999/12/31 23:59' }, 'availabilityEndTime: there is no such time'],
    [
      { availabilityEndTime: '2020/01/01 10:00' },
      'availabilityEndTime: must come after availabilityStartTime',
    ],
    [
      { availabilityTimezoneId: 'Mars/Olympus' },
      'availabilityTimezoneId: is no time zone that is known',
    ],
    [{ availabilityTimezoneId: null }, 'availabilityTimezoneId: is wanted with the rest'],
  ])('refuses %j', async (sent, message) => {
    const { status, body, availability } = await meeting(sent)
    expect([status, body]).toEqual([400, { message }])
    expect(availability).toEqual(before)
  })
})

describe('accelevents: a condition', () => {
  it.each([
    ['profile', profile],
    ['plain', plainPath],
    ['attendee', attendee],
  ])('at the %s path is about the body that a GET answers there', async (_, path) => {
    for (const options of [{}, switched('omitNull')]) {
      const { write, etag, record } = await one(options)
      const headers = { 'if-match': await etag(path) }
      expect((await write({ title: 'One' }, path, headers)).status).toBe(200)
      const late = await write({ title: 'Two' }, path, headers)
      expect([late.status, Object.keys(late.body)]).toEqual([412, ['message']])
      expect((await record())?.title).toBe('One')
    }
  })
})

describe('accelevents: a write is refused', () => {
  it.each([
    ['of nothing', undefined],
    ['of a list', []],
    ['with a company of 256 letters', { company: 'x'.repeat(256) }],
    ['with a city of 256 letters', { city: 'x'.repeat(256) }],
    ['with a flag that is none', { acceptDirectMessages: 'yes' }],
    ['with a privacy that is null', { showProfile: null }],
    ['with meeting requests of a kind that there is not', { acceptMeetingRequests: 'FRIENDS' }],
    ['with interests that are no texts', { interests: [5] }],
    ['with a link that is no address of the web', { twitter: 'javascript:alert(1)' }],
    ['with a video that is no address', { videoIntro: 'my video' }],
    ['with an e-mail address that is none', { email: 'ada' }],
    ['that takes the e-mail address away', { email: null }],
    [
      'with a rule of no day',
      { rules: [{ days: ['SOME'], startTime: '09:00', endTime: '10:00' }] },
    ],
    ['with a rule of no time', { rules: [{ days: ['MON'], startTime: '9', endTime: '10:00' }] }],
    ['with a duration of no minutes', { availabilityDuration: 0 }],
    ['with another id', { id: 7 }],
    ['with another user', { userId: 7 }],
    ['with another event', { eventId: 7 }],
    ['with another picture', { photo: 'mine' }],
    ['with a connection', { status: 'ACCEPT' }],
  ])('%s', async (_, sent) => {
    for (const path of [profile, attendee]) {
      const { write, record } = await one()
      const answer = await write(sent, path)
      expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['message']])
      expect(await record()).toEqual(cast.ada)
    }
  })
})
