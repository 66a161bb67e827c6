import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { expectGolden } from '../../../test/golden.ts'
import { speaks } from '../../../test/speaks.ts'
import { type Answer, type WorldOptions, world } from '../../../test/world.ts'
import { Failure, type FailureCode } from '../../failure.ts'
import type { Person } from '../../person/person.ts'
import type { Signals } from '../../presence/presence.ts'
import pageExample from './fixtures/page-example.json' with { type: 'json' }
import user from './fixtures/user.json' with { type: 'json' }
import { chakra } from './index.ts'
import { ChakraError, ChakraUser } from './schema.ts'

speaks(chakra, {
  person: ChakraUser,
  error: ChakraError,
  missing: 404,
  unacceptable: 406,
  malformed: { path: '/v1/ext/user/ada.byron', status: 400 },
  allow: 'GET, HEAD, PUT, PATCH',
})

// v2 is held to the same.
speaks(
  { ...chakra, name: 'chakra v2', personPath: ({ id }) => `/v2/ext/user/${id}` },
  { person: ChakraUser, error: ChakraError, missing: 404, unacceptable: 406 },
)

const page: Readonly<Record<string, unknown>> = pageExample._data

function golden({ status, text }: Answer, name: string): void {
  expect(status).toBe(200)
  expectGolden(text, new URL(`./fixtures/${name}.json`, import.meta.url))
}

const v1 = `/v1/ext/user/${cast.ada.id}`
const v2 = `/v2/ext/user/${cast.ada.id}`

async function ask(path: string, as: cast.ViewerName, options: WorldOptions = {}) {
  return (await world(options)).ask(chakra, path, { as })
}

const withSwitch = (name: string): WorldOptions => ({ switches: { chakra: { [name]: true } } })

const ada = (changes: Partial<Person>): WorldOptions => ({ ada: { ...cast.ada, ...changes } })

/** Somebody of whom nothing is known but the name, as somebody sees them who may see no more than that. */
const nameless = `/v1/ext/user/${cast.creator.id}`

describe('chakra: the user', () => {
  it('has every key of the vendor’s page in its order, and of the type that is shown there', async () => {
    const { body } = await ask(v1, 'admin')
    expect(Object.keys(body)).toEqual(['_data'])
    expect(Object.keys(body._data)).toEqual(Object.keys(page))
    const shown = Object.keys(page).filter((key) => page[key] !== null)
    expect(shown).toHaveLength(23)
    for (const key of shown) {
      expect([key, shapeOf(body._data[key])]).toEqual([key, shapeOf(page[key])])
    }
  })

  it('is the golden body', async () => {
    golden(await ask(v1, 'admin'), 'user')
  })

  it('has null and empty lists for what is not known or may not be seen', async () => {
    golden(await ask(nameless, 'outsider'), 'bare')
  })

  it('is told in v2 by the names of team and role', async () => {
    golden(await ask(v2, 'admin'), 'user-v2')
    golden(await ask(`/chakra${v2}`, 'admin'), 'user-v2')
  })

  it('has no team in v2 when the team has no name', async () => {
    const answer = await ask(v2, 'admin', ada({ team: { id: 'team-without-name' } }))
    expect(answer.body._data).toMatchObject({ team: null, role: 'Canary Role' })
  })

  it('takes an id in capitals', async () => {
    golden(await ask(v1.replace(cast.ada.id, cast.ada.id.toUpperCase()), 'admin'), 'user')
  })
})

describe('chakra: switches', () => {
  it('are off, and in the page’s form but for what the page does not show', () => {
    expect(chakra.switches).toMatchObject({
      emptyStrings: { default: false, seed: true },
      epochSeconds: { default: false, seed: false },
    })
  })

  it('emptyStrings gives "" where the page has a string', async () => {
    const answer = await ask(nameless, 'outsider', withSwitch('emptyStrings'))
    golden(answer, 'emptyStrings')
    const strings = Object.keys(page).filter((key) => typeof page[key] === 'string')
    for (const key of strings) expect(typeof answer.body._data[key]).toBe('string')
  })

  it('emptyStrings reaches into e-mails and telephones', async () => {
    const [mail, phone] = [cast.ada.emails[0], cast.ada.phones[0]]
    if (!mail || !phone) throw new Error('Ada has lost her mail or telephone')
    const { type: _, ...untyped } = mail
    const unreadable = { id: phone.id, value: 'ask at the desk', primary: true, verified: false }
    const options = ada({ emails: [untyped], phones: [unreadable] })
    const plain = (await ask(v1, 'admin', options)).body._data
    expect(plain.emails[0].type).toBeNull()
    expect(plain.primaryEmail.type).toBeNull()
    expect(plain.primaryPhone).toMatchObject({ type: null, normalizedPhone: null })
    const empty = (await ask(v1, 'admin', { ...options, ...withSwitch('emptyStrings') })).body._data
    expect(empty.emails[0].type).toBe('')
    expect(empty.primaryEmail.type).toBe('')
    expect(empty.primaryPhone).toMatchObject({ type: '', normalizedPhone: '' })
  })

  it('epochSeconds gives every time in seconds', async () => {
    golden(await ask(v1, 'admin', withSwitch('epochSeconds')), 'epochSeconds')
    const deletedAt = '2025-06-07T08:09:10.987Z'
    const gone = { ...ada({ lifecycle: 'deleted', deletedAt }), ...withSwitch('epochSeconds') }
    expect((await ask(v1, 'admin', gone)).body._data.deletedAt).toBe(1_749_283_750)
  })
})

describe('chakra: times', () => {
  it('tells when user and e-mail were made and when changed, and which are verified', async () => {
    const [mail, phone] = [cast.ada.emails[1], cast.ada.phones[0]]
    if (!mail || !phone) throw new Error('Ada has lost her mail or telephone')
    const changedAt = '2024-01-02T03:04:05.006Z'
    const options = ada({
      emails: [{ ...mail, primary: true, verified: false, updatedAt: changedAt }],
      phones: [{ ...phone, primary: true, verified: false }],
      touched: { contact: changedAt },
      updatedAt: changedAt,
    })
    const { createdAt, updatedAt, emails, primaryPhone } = (await ask(v1, 'colleague', options))
      .body._data
    expect([createdAt, updatedAt]).toEqual([1_612_325_106_789, 1_704_164_645_006])
    expect(emails).toMatchObject([
      { createdAt: 1_612_325_108_222, updatedAt: 1_704_164_645_006, isVerified: false },
    ])
    expect(primaryPhone.isVerified).toBe(false)
    // Whoever may not see the e-mail does not see that it changed.
    const outside = (await ask(v1, 'outsider', options)).body._data
    expect(outside.updatedAt).toBe(outside.createdAt)
  })

  it.each([
    ['1815-12-10', -4_861_728_000_000],
    ['1969-12-31', -86_400_000],
    ['1970-01-01', 0],
    ['2000-02-29', 951_782_400_000],
  ])('tells a birth date of %s as midnight in UTC', async (birthDate, dob) => {
    expect((await ask(v1, 'self', ada({ birthDate }))).body._data.dob).toBe(dob)
  })
})

describe('chakra: accounts', () => {
  const deletedAt = '2025-06-07T08:09:10.987Z'

  it('still answers somebody who was deleted', async () => {
    const { body } = await ask(v1, 'admin', ada({ lifecycle: 'deleted', deletedAt }))
    expect(body._data).toEqual({
      ...user._data,
      isActive: false,
      isDeleted: true,
      deletedAt: 1_749_283_750_987,
    })
  })

  it.each(['suspended', 'invited'] as const)('has nobody active who is %s', async (lifecycle) => {
    const { body } = await ask(v1, 'colleague', ada({ lifecycle }))
    expect(body._data).toMatchObject({ isActive: false, isDeleted: false, deletedAt: null })
  })

  it('does not tell those who may not see it from a plain active one', async () => {
    const plain = await ask(v1, 'outsider')
    for (const lifecycle of ['suspended', 'invited'] as const) {
      const other = await ask(v1, 'outsider', ada({ lifecycle, deletedAt }))
      expect(other.text).toBe(plain.text)
      expect(other.headers.etag).toBe(plain.headers.etag)
    }
  })

  it('has nobody there who was deleted, for those who may not see that they were', async () => {
    const gone = await ask(v1, 'outsider', ada({ lifecycle: 'deleted', deletedAt }))
    expect([gone.status, gone.body]).toEqual([404, { _errors: ['No such person'] }])
  })
})

describe('chakra: availability', () => {
  const firstLoginAt = '2021-02-03T05:00:00.000Z'
  const fresh = { firstLoginAt, lastActivityAt: '2026-03-04T05:01:02.333Z' }
  const cases: [string, Signals][] = [
    ['AVAILABLE', fresh],
    ['BUSY', { ...fresh, doNotDisturb: {} }],
    ['BUSY', { ...fresh, engagement: 'call' }],
    ['BUSY', { ...fresh, engagement: 'meeting' }],
    ['BUSY', { ...fresh, engagement: 'presenting' }],
    ['AWAY', { ...fresh, outOfOffice: {} }],
    ['AWAY', { firstLoginAt, lastActivityAt: '2026-03-04T04:00:00.000Z' }],
    ['OFFLINE', { firstLoginAt }],
    ['OFFLINE', {}],
  ]

  it.each(cases)('is %s for %j', async (word, adaSignals) => {
    const { body } = await ask(v1, 'colleague', { adaSignals })
    expect(body._data.availabilityStatus).toBe(word)
  })

  it('is null to those who may not see it', async () => {
    expect((await ask(v1, 'outsider')).body._data.availabilityStatus).toBeNull()
    const hidden = await ask(v1, 'colleague', ada({ audiences: { presence: 'nobody' } }))
    expect(hidden.body._data.availabilityStatus).toBeNull()
  })
})

describe('chakra: addresses and reportees', () => {
  it('takes the first for the primary one when none is marked', async () => {
    const unmarked = <Item extends object>(items: readonly Item[]) =>
      items.map((item) => ({ ...item, primary: false }))
    const options = ada({ emails: unmarked(cast.ada.emails), phones: unmarked(cast.ada.phones) })
    const { primaryEmail, primaryPhone } = (await ask(v1, 'admin', options)).body._data
    expect(primaryEmail.email).toBe('canary.mail@ada-canary.example')
    expect(primaryPhone.phone).toBe('+1 408 526 7209')
  })

  it('does not name reportees to those who may not know that they exist', async () => {
    const others = [{ ...cast.reportee, audiences: { existence: 'nobody' as const } }]
    expect((await ask(v1, 'colleague')).body._data.reportees).toEqual([cast.reportee.id])
    expect((await ask(v1, 'colleague', { others })).body._data.reportees).toEqual([])
    expect((await ask(v1, 'admin', { others })).body._data.reportees).toEqual([cast.reportee.id])
  })
})

describe('chakra: refusals', () => {
  const asked = { url: 'https://people.example/x', header: () => undefined, switches: {} }
  const statuses: Record<FailureCode, number> = {
    unauthenticated: 401,
    forbidden: 403,
    not_found: 404,
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
    expect(chakra.refuse(failure, asked).status).toBe(status)
  })

  it.each([
    ['/v1/ext/user/00000000-0000-4000-8000-000000000000', 404, 'No such person'],
    ['/v1/ext/user/ada.byron', 400, 'userId: not a UUID'],
    ['/v2/ext/user/12', 400, 'userId: not a UUID'],
    ['/v1/ext/nothing', 404, 'Request path not found.'],
    ['/v2/ext', 404, 'Request path not found.'],
    ['/v1/health/deep', 404, 'Request path not found.'],
    ['/chakra/v3', 404, 'Request path not found.'],
  ])('answers %s with %i and why', async (path, status, message) => {
    const answer = await ask(path, 'admin')
    expect(answer.status).toBe(status)
    expect(answer.text).toBe(JSON.stringify({ _errors: [message] }))
  })

  it('wants a key after Bearer, and nowhere else', async () => {
    const one = await world()
    const { secret } = one.keys.admin
    const status = async (headers: Record<string, string>) =>
      (await one.ask(chakra, v1, { headers })).status
    expect(await status({ authorization: `Bearer ${secret}` })).toBe(200)
    expect(await status({ authorization: secret })).toBe(401)
    expect(await status({ key: secret, 'x-api-key': secret })).toBe(401)
    const refused = await one.ask(chakra, v1)
    expect(refused.text).toBe(
      '{"_errors":["A valid key is required, in the header Authorization, after Bearer"]}',
    )
  })
})

/** The types in a value: of an object by key in order, of a list by its first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)])
}
