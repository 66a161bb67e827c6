import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { expectGolden } from '../../../test/golden.ts'
import { speaks } from '../../../test/speaks.ts'
import { type Question, world } from '../../../test/world.ts'
import { newPerson } from '../../person/draft.ts'
import { newEmail } from '../../person/emails.ts'
import type { Person } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import type { Signals } from '../../presence/presence.ts'
import { rinkel } from './index.ts'
import { RinkelError, RinkelUser } from './schema.ts'

speaks(rinkel, {
  person: RinkelUser,
  error: RinkelError,
  missing: 404,
  unacceptable: 406,
  allow: 'GET, HEAD, PATCH, PUT',
  malformed: { path: '/v1/users/64a6b60be7ce3a777415526', status: 400 },
})

const golden = (text: string, name: string) =>
  expectGolden(withoutTokens(text), new URL(`./fixtures/${name}.json`, import.meta.url))

/** Tokens are as random as the keys that they are made for. */
const withoutTokens = (text: string) => text.replace(/token=[\w.-]+/g, 'token=…')

async function read(options: Parameters<typeof world>[0], question: Question) {
  const { ask, pathOf } = await world(options)
  return ask(rinkel, pathOf(rinkel), question)
}

/** The user of the vendor's page. */
const john = newPerson(
  {
    id: cast.ada.id,
    number: cast.ada.number,
    organizationId: cast.organizations.home.id,
    userName: 'john',
    displayName: 'John Doe',
    givenName: 'John',
    familyName: 'Doe',
    emails: [newEmail('john@example.com', cast.ada.createdAt, { primary: true })],
    phones: [newPhone('+31 6 12345678', { primary: true })],
    avatar: { id: '1', url: 'https://pictures.example/john.png' },
    locale: 'nl-NL',
  },
  cast.ada.createdAt,
)

describe('rinkel', () => {
  it('gives the body of the documentation for the user of the documentation', async () => {
    const { text } = await read({ ada: john }, { as: 'self' })
    golden(text, 'documentation')
  })

  it.each(['self', 'colleague', 'outsider'] as const)(
    'shows to %s what they may see',
    async (as) => {
      golden((await read({}, { as })).text, as)
    },
  )

  it.each(['wrapSingle', 'nullEmpty'] as const)(
    'changes its form with the switch %s',
    async (name) => {
      const { text } = await read({ switches: { rinkel: { [name]: true } } }, { as: 'outsider' })
      golden(text, name)
    },
  )

  it('refuses in the vendor’s envelope', async () => {
    const { ask, pathOf } = await world()
    const bad = await ask(rinkel, '/v1/users/xyz', { as: 'self' })
    expect(bad.text).toBe(
      '{"errors":[{"code":"BAD_REQUEST","message":"id: 24 hexadecimal digits are wanted","detail":null}]}',
    )
    const forged = await ask(
      rinkel,
      pathOf(rinkel)
        .replace(/users\/./, 'users/_')
        .replace('_', 'f'),
      { as: 'self' },
    )
    expect(forged.text).toBe(
      '{"errors":[{"code":"NOT_FOUND","message":"No such person","detail":null}]}',
    )
    expect((await ask(rinkel, '/v1/users/xyz')).body.errors[0].code).toBe('UNAUTHORIZED')
  })

  it('takes an id in capitals, and none with another hash', async () => {
    const { ask, pathOf } = await world()
    const [, , , id = ''] = pathOf(rinkel).split('/')
    expect((await ask(rinkel, `/v1/users/${id.toUpperCase()}`, { as: 'self' })).body.id).toBe(id)
    for (let digit = 0; digit < 8; digit += 1) {
      const other = id[digit] === '0' ? '1' : '0'
      const wrong = id.slice(0, digit) + other + id.slice(digit + 1)
      expect((await ask(rinkel, `/v1/users/${wrong}`, { as: 'self' })).status).toBe(404)
    }
  })

  it.each<[string, Signals, string]>([
    ['active', cast.adaSignals, 'AVAILABLE'],
    ['not to be disturbed', { ...cast.adaSignals, doNotDisturb: {} }, 'UNAVAILABLE'],
    ['out of office', { ...cast.adaSignals, outOfOffice: {} }, 'UNAVAILABLE'],
    ['in a call', { ...cast.adaSignals, engagement: 'call' }, 'UNAVAILABLE'],
    ['somebody who never came', {}, 'AVAILABLE'],
  ])('is available or not for somebody %s', async (_, adaSignals, availability) => {
    const { body } = await read({ adaSignals }, { as: 'colleague' })
    expect(body.availability).toBe(availability)
  })

  it.each<[string, Partial<Person>, object]>([
    [
      'a number of no country',
      { phones: [newPhone('+883 5100 0123 4567')] },
      {
        phoneNumber: {
          e164: '+883510001234567',
          countryIsoCode: '',
          countryCallingCode: 883,
          number: '510001234567',
        },
      },
    ],
    [
      'a number that can not be read',
      { phones: [newPhone('extension 12')] },
      { phoneNumber: null },
    ],
    ['a language that the vendor has', { locale: 'sv_SE' }, { preferences: { language: 'sv' } }],
    ['a language that it has not', { locale: 'de-DE' }, { preferences: { language: 'nl' } }],
    [
      'names in other scripts',
      { initials: '', givenName: '愛', familyName: 'नेहा' } as never,
      { initials: '愛ने' },
    ],
    [
      'settings of a shape that it has not',
      { extensions: { rinkel: { webphone: { ringTone: 'loud' } } } },
      { preferences: { webphone: { ringTone: 'ringtone1' } } },
    ],
  ])('copes with %s', async (_, change, expected) => {
    const { initials: __, ...ada } = { ...cast.ada, ...change }
    const { body } = await read({ ada }, { as: 'self' })
    expect(body).toMatchObject(expected)
  })

  describe('the address of a picture', () => {
    const small = async (options: Parameters<typeof world>[0] = {}) => {
      const one = await world(options)
      const { body } = await one.ask(rinkel, one.pathOf(rinkel), { as: 'colleague' })
      return { one, address: new URL(body.avatarUrls.small) }
    }

    it('leads to the picture, without a key', async () => {
      const { one, address } = await small()
      const answer = await one.ask(rinkel, address.pathname + address.search)
      expect(answer.status).toBe(302)
      expect(answer.headers.location).toBe('https://pictures.example/canary-avatar.png')
    })

    it('leads there also where the picture’s address is in other letters', async () => {
      const ada = { ...cast.ada, avatar: { id: '1', url: 'https://pictures.example/愛.png' } }
      const { one, address } = await small({ ada })
      const answer = await one.ask(rinkel, address.pathname + address.search)
      expect(answer.headers.location).toBe('https://pictures.example/%E6%84%9B.png')
    })

    it('opens no other path, and not for ever', async () => {
      const { one, address } = await small()
      const other = address.pathname.replace('small', 'large') + address.search
      expect((await one.ask(rinkel, other)).status).toBe(401)
      expect((await one.ask(rinkel, address.pathname)).status).toBe(401)
      const odd = `${address.pathname}?token=a.1.${'é'}${'a'.repeat(31)}`
      expect((await one.ask(rinkel, encodeURI(odd))).status).toBe(401)
      const later = await world({ now: cast.testNow + 2 * 3_600_000 })
      expect((await later.ask(rinkel, address.pathname + address.search)).status).toBe(401)
    })

    it('ends with the caller’s key, and with what they may see', async () => {
      const { address } = await small()
      const target = address.pathname + address.search
      const hidden = await world({ ada: { ...cast.ada, audiences: { picture: 'nobody' } } })
      expect((await hidden.ask(rinkel, target)).status).toBe(404)
      const { one } = await small()
      const { key } = one.keys.colleague
      await one.store.commit(
        [{ kind: 'key', key: { ...key, revokedAt: key.createdAt } }],
        'test',
        key.createdAt,
      )
      expect((await one.ask(rinkel, target)).status).toBe(401)
    })

    it('stays the same within the hour, so that the answer does too', async () => {
      const first = await small({ now: cast.testNow })
      const second = await small({ now: cast.testNow + 60_000 })
      expect(second.address.href).toBe(first.address.href)
    })
  })
})
