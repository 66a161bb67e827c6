import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { withstands } from '../../../test/privileged.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../../../test/world.ts'
import type { Person } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { encodeId } from './ids.ts'
import { rinkel } from './index.ts'

const json = { 'content-type': 'application/json' }

/** Reads and writes of Ada as the user `as`. */
async function one(options: WorldOptions = {}, as: ViewerName = 'self') {
  const all = await world(options)
  const path = all.pathOf(rinkel)
  return {
    ...all,
    path,
    read: async () => (await all.ask(rinkel, path, { as })).body,
    etag: async () => (await all.ask(rinkel, path, { as })).headers.etag ?? '',
    write: (sent: unknown, method = 'PATCH', headers: Record<string, string> = {}) =>
      all.ask(rinkel, path, {
        ...{ as, method, headers: { ...json, ...headers } },
        body: JSON.stringify(sent),
      }),
    record: async () => recordOf(all),
  }
}

async function recordOf({ store }: World): Promise<Person> {
  const held = await store.people.byId(cast.ada.id)
  if (!held) throw new Error('Ada is gone')
  return held.person
}

const { pathOf } = await world()
withstands(
  rinkel,
  ['PATCH', 'PUT'].map((method) => ({
    ...{ method, path: pathOf(rinkel) },
    nested: {
      preferences: { preferences: { role: 'ADMIN', webphone: { role: 'ADMIN' } } },
      notifications: { notifications: { invoice: { enabled: true, channels: ['email'] } } },
      insights: { insights: { admin: true } },
      phoneNumberVerified: {
        phoneNumber: { number: '4085267209', countryIsoCode: 'US', verified: true },
      },
    },
  })),
)

describe.each(['PATCH', 'PUT'])('rinkel: an update by %s', (method) => {
  it('changes what it names, answers with nothing, and leaves alone what it does not name', async () => {
    const { read, write } = await one()
    const before = await read()
    const answer = await write({ firstName: 'Augusta' }, method)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers).not.toHaveProperty('content-length')
    expect(await read()).toEqual({ ...before, firstName: 'Augusta' })
  })

  it.each([
    ['the names', { firstName: 'Augusta', lastName: 'King' }, {}],
    ['no first name', { firstName: '' }, {}],
    ['an address', { email: 'Ada@Analytical.example' }, {}],
    [
      'a national number',
      { phoneNumber: { countryIsoCode: 'NL', number: '06 87654321' } },
      {
        phoneNumber: {
          e164: '+31687654321',
          countryIsoCode: 'NL',
          countryCallingCode: 31,
          number: '687654321',
        },
      },
    ],
    [
      'a number of the default country',
      { phoneNumber: { number: '070 123 45 67' } },
      { phoneNumber: { e164: '+46701234567', countryIsoCode: 'SE' } },
    ],
    [
      'an international number',
      { phoneNumber: { countryIsoCode: 'NL', number: '+44 20 7946 0958' } },
      { phoneNumber: { e164: '+442079460958', countryIsoCode: 'GB' } },
    ],
    ['a language', { preferences: { language: 'en' } }, {}],
    ['colours', { preferences: { colorMode: 'light' } }, {}],
    [
      'a part of a part of a setting',
      { preferences: { webphone: { callWaiting: { enabled: true } } } },
      {
        preferences: {
          webphone: {
            ringTone: 'ringtone5',
            ringDevice: false,
            callWaiting: { enabled: true, playWaitingTone: false },
          },
        },
      },
    ],
    ['no number to call out with', { preferences: { defaultOutboundNumber: null } }, {}],
    [
      'channels, as a whole',
      { notifications: { voicemail: { channels: ['email'] } } },
      {
        notifications: {
          voicemail: { enabled: false, channels: ['email'] },
          missedCalls: { enabled: false, channels: ['app'] },
        },
      },
    ],
    ['insights', { insights: { enabled: true } }, {}],
  ])('sets %s', async (_, sent, told) => {
    const { read, write } = await one()
    const before = await read()
    expect((await write(sent, method)).text).toBe('')
    const after = await read()
    expect(after).toMatchObject('phoneNumber' in sent ? told : { ...sent, ...told })
    const [named = ''] = Object.keys(sent)
    const others = Object.keys(before).filter((field) => !(field in sent))
    for (const field of others) expect([field, after[field]]).toEqual([field, before[field]])
    expect(named in after).toBe(true)
  })

  it('takes an answer back as it is, and changes nothing by it', async () => {
    for (const options of [{}, { switches: { rinkel: { nullEmpty: true } } }, strange]) {
      const { read, write, record } = await one(options)
      const before = await record()
      expect((await write(await read(), method)).text).toBe('')
      expect(await record()).toEqual(before)
    }
  })
})

/** Nothing of hers is as the vendor would have it. */
const strange: WorldOptions = {
  ada: {
    ...cast.ada,
    emails: [],
    phones: [newPhone('+883 5100 0123 4567'), newPhone('extension 12', { primary: true })],
    locale: 'de-DE',
    extensions: { rinkel: { webphone: { ringTone: 'loud' } } },
  },
}

describe('rinkel: what an update keeps', () => {
  it('is every other address and number, and whatever other vendors know', async () => {
    const { write, record } = await one()
    await write({ email: 'new@example.com', phoneNumber: { number: '+31201234567' } })
    const { emails, phones, extensions } = await record()
    expect(emails.map(({ value, primary, verified }) => [value, primary, verified])).toEqual([
      ['new@example.com', true, false],
      ['Canary.Second@ada-canary.example', false, false],
    ])
    expect(phones.map(({ value, type, primary }) => [value, type, primary])).toEqual([
      ['+31201234567', 'work', true],
      ['+31 6 1234 5678', 'mobile', false],
    ])
    expect(extensions).toEqual(cast.ada.extensions)
  })

  it('is the other address where it comes to be the one to write to', async () => {
    const { write, record } = await one()
    await write({ email: 'Canary.Second@ada-canary.example' })
    const { emails } = await record()
    expect(emails.map(({ id, primary }) => [id.slice(0, 2), primary])).toEqual([
      ['e1', false],
      ['e2', true],
    ])
    expect(emails[0]?.verified).toBe(true)
  })

  it('is the region of a language that stays', async () => {
    const { write, record } = await one()
    await write({ preferences: { language: 'nl', colorMode: 'light' } })
    expect((await record()).locale).toBe('nl-SX')
  })

  it('is a national number in a form that every vendor can read', async () => {
    const { write, record } = await one({ ada: { ...cast.ada, phones: [] } })
    await write({ phoneNumber: { countryIsoCode: 'nl', number: '0687654321' } })
    expect((await record()).phones).toMatchObject([
      { value: '+31687654321', e164: '+31687654321', primary: true, verified: false },
    ])
  })
})

describe('rinkel: availability', () => {
  const signals = async ({ store }: World) =>
    (await store.people.byId(cast.ada.id, { presence: true }))?.signals

  it.each(['unavailable', 'UNAVAILABLE'])(
    '%s is a do-not-disturb, which available ends',
    async (word) => {
      const { read, write, ...all } = await one()
      expect((await write({ availability: word })).status).toBe(204)
      expect((await read()).availability).toBe('UNAVAILABLE')
      expect(await signals(all)).toEqual({ ...cast.adaSignals, doNotDisturb: {} })
      expect((await write({ availability: 'available' })).status).toBe(204)
      expect((await read()).availability).toBe('AVAILABLE')
      expect(await signals(all)).toEqual(cast.adaSignals)
    },
  )

  it('is no write of the record', async () => {
    const { write, record } = await one()
    await write({ availability: 'unavailable' })
    expect(await record()).toEqual(cast.ada)
  })

  it('can be written by an administrator, and by nobody else', async () => {
    for (const [as, status] of [
      ['admin', 204],
      ['colleague', 403],
      ['service', 403],
    ] as const) {
      const { write } = await one({}, as)
      expect((await write({ availability: 'unavailable' })).status).toBe(status)
    }
  })

  it('of somebody who says it of themselves means that they have come', async () => {
    const { read, write } = await one({ adaSignals: {} })
    await write({ availability: 'unavailable' })
    expect((await read()).availability).toBe('UNAVAILABLE')
  })

  it('ends what was said of the user, away or not to be disturbed, and nothing else', async () => {
    const away = { away: {}, doNotDisturb: {} }
    for (const said of [away, { away: {} }, { doNotDisturb: {} }]) {
      const { read, write, store } = await one({ adaSignals: { ...cast.adaSignals, ...said } })
      expect((await read()).availability).toBe('UNAVAILABLE')
      expect((await write({ availability: 'available' })).status).toBe(204)
      expect((await read()).availability).toBe('AVAILABLE')
      const held = await store.people.byId(cast.ada.id, { presence: true })
      expect(held?.signals).toEqual(cast.adaSignals)
    }
  })

  it('is refused where it would not show', async () => {
    const away = await one({ adaSignals: { ...cast.adaSignals, outOfOffice: {} } })
    const answer = await away.write({ availability: 'available', firstName: 'Augusta' })
    expect([answer.status, answer.body.errors[0].message]).toEqual([
      409,
      'availability: what makes the user unavailable ends by itself (out of office)',
    ])
    expect(await away.record()).toEqual(cast.ada)
    const never = await one({ adaSignals: {} }, 'admin')
    expect((await never.write({ availability: 'unavailable' })).status).toBe(409)
  })
})

describe('rinkel: a condition', () => {
  it('lets a write through that knows the user as they are, and no other', async () => {
    const { write, etag, read } = await one()
    const first = await etag()
    const ifMatch = (tag: string) => ({ 'if-match': tag })
    expect((await write({ firstName: 'One' }, 'PATCH', ifMatch(first))).status).toBe(204)
    for (const method of ['PATCH', 'PUT']) {
      const late = await write(
        { firstName: 'Two', availability: 'unavailable' },
        method,
        ifMatch(first),
      )
      expect([late.status, late.body.errors[0].code]).toEqual([412, 'PRECONDITION_FAILED'])
    }
    expect(await read()).toMatchObject({ firstName: 'One', availability: 'AVAILABLE' })
    expect((await write({ firstName: 'Two' }, 'PUT', ifMatch(await etag()))).status).toBe(204)
  })

  it('is about the body that a GET answers, whatever its form', async () => {
    const { write, etag } = await one({ switches: { rinkel: { wrapSingle: true } } })
    const headers = { 'if-match': await etag() }
    expect((await write({ firstName: 'One' }, 'PATCH', headers)).status).toBe(204)
  })
})

describe('rinkel: a write is refused', () => {
  it.each([
    ['of nothing', undefined],
    ['of a list', []],
    ['of null', null],
    ['with a name of a hundred thousand letters', { firstName: 'x'.repeat(100_000) }],
    ['with a name that is a number', { firstName: 5 }],
    ['with an address that is none', { email: 'ada' }],
    ['that takes the address away', { email: '' }],
    ['that takes the number away', { phoneNumber: null }],
    ['with a number that is none', { phoneNumber: { countryIsoCode: 'NL', number: 'twelve' } }],
    [
      'with a number of no country',
      { phoneNumber: { countryIsoCode: 'XX', number: '0612345678' } },
    ],
    ['without a number', { phoneNumber: { countryIsoCode: 'NL' } }],
    ['with a language that the vendor has not', { preferences: { language: 'de' } }],
    ['with a country that the vendor has not', { preferences: { defaultCountryCode: 'DE' } }],
    ['with a tone that the vendor has not', { preferences: { webphone: { ringTone: 'loud' } } }],
    ['with an unknown channel', { notifications: { voicemail: { channels: ['fax'] } } }],
    ['with insights that are none', { insights: { enabled: 'yes' } }],
    ['with an availability that is none', { availability: 'busy' }],
    ['with another full name', { fullName: 'Somebody Else' }],
    ['with other initials', { initials: 'SE' }],
    ['with another id', { id: '0'.repeat(24) }],
  ])('%s', async (_, sent) => {
    const { write, record } = await one()
    for (const method of ['PATCH', 'PUT']) {
      const answer = await write(sent, method)
      expect([answer.status, answer.body.errors[0].code]).toEqual([400, 'BAD_REQUEST'])
    }
    expect(await record()).toEqual(cast.ada)
  })

  it('by who may see the user and not write them, and as unknown by who may not see them', async () => {
    for (const as of ['colleague', 'connection', 'outsider', 'service'] as const) {
      const { write } = await one({}, as)
      expect((await write({ firstName: 'x' })).status).toBe(403)
    }
    const hidden = await one(
      { ada: { ...cast.ada, audiences: { existence: 'nobody' } } },
      'colleague',
    )
    expect((await hidden.write({ firstName: 'x' })).status).toBe(404)
    const missing = `/v1/users/${encodeId(77, hidden.seal.mark)}`
    const gone = await hidden.ask(rinkel, missing, {
      ...{ as: 'admin', method: 'PATCH', headers: json, body: '{}' },
    })
    expect(gone.status).toBe(404)
  })
})
