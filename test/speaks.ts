import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CredentialPlace } from '../src/access/identify.ts'
import { newSecret } from '../src/access/key.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import type { Store } from '../src/directory/ports.ts'
import { Failure, failureCodes } from '../src/failure.ts'
import type { PersonId } from '../src/person/ids.ts'
import type { Audience, FieldGroup, Person } from '../src/person/person.ts'
import { memoryStore } from '../src/store/memory.ts'
import * as cast from './cast.ts'
import {
  type Answer,
  credential,
  credentialAt,
  testSecret,
  type ViewerName,
  type World,
  world,
} from './world.ts'

interface Spec {
  /** The strict shape of a person. */
  readonly person: TSchema
  /** The strict shape of an error; an error without a body is given by its status in `bodiless`. */
  readonly error: TSchema
  readonly bodiless?: readonly number[]
  /** The status for somebody who is not there or not to be known of. */
  readonly missing: number
  /** The status for an `Accept` that is not served. */
  readonly unacceptable: number
  /** Those who get no person at all under the default audiences, and the status they get. */
  readonly refused?: Partial<Record<ViewerName, number>>
  /** An id of the wrong form, if the dialect knows such a thing, in place of a person's. */
  readonly malformed?: { readonly path: string; readonly status: number }
  /** What a person's path is told to allow to POST, which none has there; GET and HEAD alone where nothing is said. */
  readonly allow?: string
  /** Headers that are random on each error. */
  readonly random?: readonly string[]
}

const nobody = {
  id: '00000000-0000-4000-8000-000000000000' as PersonId,
  number: 1234,
  userName: 'there-is-nobody-of-this-name',
}

/** What every dialect must do, whatever its words. Each dialect's own test begins with this. */
export function speaks(dialect: Dialect, spec: Spec): void {
  describe(`${dialect.name}: every dialect`, () => {
    let one: World
    let path: string
    const isPerson = Compile(spec.person)
    const isError = Compile(spec.error)

    beforeAll(async () => {
      one = await world()
      path = one.pathOf(dialect)
    })

    const expectError = (answer: Answer, status: number) => {
      expect(answer.status).toBe(status)
      if (spec.bodiless?.includes(status)) expect(answer.text).toBe('')
      else expect(isError.Errors(answer.body)).toEqual([])
      expect(answer.headers).not.toHaveProperty('etag')
    }

    describe.each(cast.viewerNames)('to %s', (as) => {
      const refused = spec.refused?.[as]

      it('answers in the vendor’s shape', async () => {
        const answer = await one.ask(dialect, path, { as })
        if (refused) return expectError(answer, refused)
        expect(answer.status).toBe(200)
        expect(isPerson.Errors(answer.body)).toEqual([])
        expect(JSON.stringify(answer.body)).toBe(
          JSON.stringify(inOrderOf(spec.person, answer.body)),
        )
      })

      it('tells nothing that they may not know', async () => {
        const { text, headers } = await one.ask(dialect, path, { as })
        const readable = everyReadingOf(withoutChance(text + JSON.stringify(headers)))
        for (const secret of cast.secretsFrom[as]) expect(readable).not.toContain(secret)
      })

      it('answers the same under the dialect’s prefix, with a trailing slash, and to HEAD', async () => {
        const plain = await one.ask(dialect, path, { as })
        // Our own has no paths but those.
        const below = path.startsWith(`${dialect.prefix}/`) ? path : dialect.prefix + path
        const prefixed = await one.ask(dialect, below, { as })
        const slashed = await one.ask(dialect, `${path}/`, { as })
        const head = await one.ask(dialect, path, { as, method: 'HEAD' })
        expect([prefixed.status, slashed.status, head.status]).toEqual(Array(3).fill(plain.status))
        expect(Object.keys(prefixed.body ?? {})).toEqual(Object.keys(plain.body ?? {}))
        expect(head.text).toBe('')
        expect(steady(head.headers)).toEqual(steady(plain.headers))
      })

      it('gives each answer a validator of its own', async () => {
        if (refused) return
        const { headers, text } = await one.ask(dialect, path, { as })
        expect(headers.etag).toMatch(/^"[\w-]{27}"$/)
        expect(headers['cache-control']).toBe('private, no-cache')
        for (const place of dialect.credentials) {
          expect(headers.vary?.split(', ')).toContain(headerOf(place))
        }
        const again = await one.ask(dialect, path, {
          as,
          headers: { 'if-none-match': headers.etag ?? '' },
        })
        expect(again.status).toBe(304)
        expect(again.text).toBe('')
        expect(again.headers.etag).toBe(headers.etag)
        const weak = `"other", W/${headers.etag}`
        expect(
          (await one.ask(dialect, path, { as, headers: { 'if-none-match': weak } })).status,
        ).toBe(304)

        for (const other of cast.viewerNames) {
          const theirs = await one.ask(dialect, path, {
            as: other,
            headers: { 'if-none-match': headers.etag ?? '' },
          })
          const plain = await one.ask(dialect, path, { as: other })
          expect(theirs.status === 304).toBe(plain.text === text && plain.status === 200)
        }
      })

      it.each(['nobody', 'connections', 'event', 'organization'] as const)(
        'hides somebody whose existence is for %s exactly as if there were nobody',
        async (audience) => {
          const hidden = await world({ ada: { ...cast.ada, audiences: { existence: audience } } })
          if (maySee(as, audience)) {
            expect((await hidden.ask(dialect, path, { as })).status).toBe(refused ?? 200)
            return
          }
          const answer = await hidden.ask(dialect, hidden.pathOf(dialect), { as })
          const missing = await hidden.ask(dialect, hidden.pathOf(dialect, nobody), { as })
          expectError(answer, refused ?? spec.missing)
          expect(anonymous(answer)).toEqual(anonymous(missing))
        },
      )
    })

    it.each(hideable)('can’t tell a hidden %s from one that is not there', async (group) => {
      const [hidden, absent] = [
        await world({ ada: { ...cast.ada, audiences: { [group]: 'nobody' } } }),
        await world({ ...without(group), groups: group === 'work' ? [] : cast.groups }),
      ]
      for (const as of ['colleague', 'service', 'coAttendee', 'connection', 'outsider'] as const) {
        const one = await hidden.ask(dialect, path, { as })
        const other = await absent.ask(dialect, path, { as })
        expect(anonymous(one)).toEqual(anonymous(other))
      }
    })

    it('tells nobody by any validator or time that something hidden has changed', async () => {
      const changed = await world({
        ada: {
          ...cast.ada,
          title: 'Another Title',
          audiences: { profile: 'nobody' },
          version: 1,
          updatedAt: '2026-03-04T05:00:00.000Z',
          touched: { profile: '2026-03-04T05:00:00.000Z' },
        },
      })
      const before = await world({ ada: { ...cast.ada, audiences: { profile: 'nobody' } } })
      for (const as of ['colleague', 'service', 'coAttendee', 'connection', 'outsider'] as const) {
        expect(anonymous(await changed.ask(dialect, path, { as }))).toEqual(
          anonymous(await before.ask(dialect, path, { as })),
        )
      }
    })

    it.each(cast.refusedNames)('does not know a %s caller', async (as) => {
      expectError(await one.ask(dialect, path, { as }), 401)
    })

    it('refuses credentials that are missing, forged, mistyped, or that disagree', async () => {
      const { colleague, admin } = one.keys
      const mistyped = colleague.secret.slice(0, -1) + (colleague.secret.endsWith('A') ? 'B' : 'A')
      expectError(await one.ask(dialect, path), 401)
      for (const secret of [newSecret(), mistyped, '', 'nonsense', `${colleague.secret}x`]) {
        expectError(await one.ask(dialect, path, { headers: credential(dialect, secret) }), 401)
      }
      for (const [first, second] of pairs(dialect.credentials)) {
        const both = {
          ...credentialAt(first, colleague.secret),
          ...credentialAt(second, admin.secret),
        }
        expectError(await one.ask(dialect, path, { headers: both }), 401)
      }
    })

    it('takes a key in every place that the vendor has', async () => {
      const { admin } = one.keys
      for (const place of dialect.credentials) {
        for (const headers of everyFormOf(place, admin.secret)) {
          expect((await one.ask(dialect, path, { headers })).status).toBe(200)
        }
      }
    })

    it('refuses in order: path, method, credential, Accept, syntax, visibility', async () => {
      const accept = { accept: 'image/png' }
      expectError(
        await one.ask(dialect, `${dialect.prefix}/no/such/path`, { method: 'DELETE' }),
        404,
      )
      const method = await one.ask(dialect, path, { method: 'POST', headers: accept })
      expectError(method, 405)
      expect(method.headers.allow).toBe(spec.allow ?? 'GET, HEAD')
      expectError(await one.ask(dialect, path, { headers: accept }), 401)
      expectError(
        await one.ask(dialect, `${path}?a=%`, { as: 'admin', headers: accept }),
        spec.unacceptable,
      )
      expectError(
        await one.ask(dialect, `${one.pathOf(dialect, nobody)}?a=%ff`, { as: 'admin' }),
        400,
      )
      expectError(
        await one.ask(dialect, one.pathOf(dialect, nobody), { as: 'admin' }),
        spec.missing,
      )
    })

    it('refuses bad paths and queries in the vendor’s words', async () => {
      const last = (text: string) => path.replace(/[^/]+(?=(\/profile)?$)/, text)
      for (const bad of [
        '%',
        '%ff',
        '%00',
        '%E0%A4%A',
        'x'.repeat(5000),
        '%F0%9F%92%A9',
        '..%2F..%2Fetc',
        '-1',
        '1e3',
      ]) {
        const answer = await one.ask(dialect, last(bad), { as: 'admin' })
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(answer.status).toBeLessThan(500)
        expect(isError.Errors(answer.body)).toEqual([])
      }
      for (const query of [`?${'q='.repeat(5000)}`, '?%', '?a=%C3%28']) {
        expectError(await one.ask(dialect, path + query, { as: 'admin' }), 400)
      }
      const { malformed } = spec
      if (malformed)
        expectError(await one.ask(dialect, malformed.path, { as: 'admin' }), malformed.status)
    })

    it('is not taken in by a forged host', async () => {
      const forged = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'gopher',
        'x-forwarded-prefix': '/evil',
        forwarded: 'host=evil.example',
      }
      const plain = await one.ask(dialect, path, { as: 'admin' })
      const answer = await one.ask(dialect, path, { as: 'admin', headers: forged })
      expect(anonymous(answer)).toEqual(anonymous(plain))
    })

    it('takes any media type it has, in any quality, and no other', async () => {
      for (const accept of [
        ...dialect.mediaTypes,
        '*/*',
        'application/*;q=0.2',
        'text/html, */*;q=0.1',
        `${dialect.mediaTypes[0]}; charset=utf-8`,
        `image/png, ${dialect.mediaTypes[0]};charset="utf-8";q=0.5`,
      ]) {
        expect((await one.ask(dialect, path, { as: 'admin', headers: { accept } })).status).toBe(
          200,
        )
      }
      for (const accept of ['image/png', 'application/xml', 'application/json;q=0, image/*']) {
        expectError(
          await one.ask(dialect, path, { as: 'admin', headers: { accept } }),
          spec.unacceptable,
        )
      }
    })

    it('reads somebody new in one query, and in none what was answered before', async () => {
      const { store, asked } = countingStore()
      const counted = await world({ store })
      const read = (person: Person, as: cast.ViewerName) =>
        counted.ask(dialect, counted.pathOf(dialect, person), { as })
      for (const as of ['colleague', 'admin'] as const) {
        await read(cast.askers.coAttendee, as)
        asked.length = 0
        const first = await read(cast.ada, as)
        expect([first.status, asked]).toEqual([200, [expect.stringMatching(/^by/)]])
        const again = await read(cast.ada, as)
        expect(again).toEqual(first)
        expect(asked).toHaveLength(1)
      }
    })

    it('reads although a body comes with the GET', async () => {
      const headers = { 'content-type': 'application/json' }
      const answer = await one.ask(dialect, path, { as: 'admin', headers, body: '{"firstName":' })
      expect(answer.status).toBe(200)
    })

    it.each(failureCodes)('has words for %s', (code) => {
      const asked = { url: 'https://people.example/x', header: () => undefined, switches: {} }
      const reply = dialect.refuse(new Failure(code, 'why'), asked)
      expect(reply.status).toBeGreaterThanOrEqual(400)
      if (reply.body !== undefined) expect(isError.Errors(reply.body)).toEqual([])
    })

    it.each([
      ['a bug', new Error('SQL of Ada CanaryDisplay <canary.mail@ada-canary.example>'), 500],
      ['a store that can not be read', new Failure('unavailable', 'Not now'), 503],
    ])('owns up to %s without saying what it was', async (_, error, status) => {
      const store = memoryStore(testSecret)
      const broken = await world({ store })
      const failing = () => Promise.reject(error)
      const names = ['byId', 'byNumber', 'byUserName', 'byAttendance']
      const people = Object.fromEntries(names.map((name) => [name, failing]))
      Object.assign(store.people, people)
      const answer = await broken.ask(dialect, path, { as: 'admin' })
      expectError(answer, status)
      expect(answer.text).not.toContain('SQL')
    })

    /** An answer without what is random in it. */
    function anonymous({ status, headers, text }: Answer) {
      const random = [...(spec.random ?? []), 'date']
      const kept = Object.entries(headers).filter(([name]) => !random.includes(name))
      return {
        status,
        headers: Object.fromEntries(kept),
        text: text.replace(/ROUTERGW_[\w-]+/g, ''),
      }
    }

    function steady(headers: Readonly<Record<string, string>>) {
      const random = [...(spec.random ?? []), 'date']
      return Object.fromEntries(Object.entries(headers).filter(([name]) => !random.includes(name)))
    }
  })
}

/** Whom an audience lets in, by the book. */
function maySee(as: ViewerName, audience: Audience): boolean {
  if (['owner', 'admin', 'managingAdmin', 'self'].includes(as)) return true
  if (audience === 'organization') return as === 'colleague' || as === 'service'
  if (audience === 'connections') return as === 'connection'
  // Who attends is known only where an event is asked in.
  return audience === 'event' ? eventOnly.has(as) : false
}

/** Filled by the dialects that ask in an event. */
export const eventOnly = new Set<ViewerName>()

/** The field groups all of whose fields a person need not have, with a person who has none of them. */
const hideable = [
  'picture',
  'contact',
  'profile',
  'work',
  'locale',
  'meetings',
  'data',
  'birthDate',
  'gender',
  'preferences',
  'notifications',
] as const satisfies readonly FieldGroup[]

const empty = {
  emails: [],
  phones: [],
  addresses: [],
  contacts: [],
  socialLinks: {},
  interests: [],
  extraInfo: {},
  roles: [],
  licenses: [],
}

const fieldsOf: Record<(typeof hideable)[number], readonly (keyof Person)[]> = {
  picture: ['avatar', 'cover', 'videoIntro'],
  contact: ['emails', 'phones', 'addresses', 'contacts', 'socialLinks'],
  profile: ['title', 'company', 'location', 'bio', 'notes', 'interests', 'extraInfo'],
  work: ['department', 'team', 'role', 'roles', 'licenses', 'managerId', 'workFrom'],
  locale: ['timeZone', 'locale'],
  meetings: [
    'acceptsDirectMessages',
    'directMessagesFrom',
    'acceptsMeetingRequests',
    'acceptsCallsFromStrangers',
    'meetingAvailability',
  ],
  data: ['data', 'onboardingData'],
  birthDate: ['birthDate'],
  gender: ['gender'],
  preferences: ['colorMode'],
  notifications: ['emailNotifications', 'notifications'],
}

/** A world in which Ada has nothing of that group at all. */
function without(group: (typeof hideable)[number]) {
  const gone = fieldsOf[group]
  const kept = Object.entries(cast.ada).filter(([field]) => !gone.includes(field as keyof Person))
  const ada: Person = Object.assign({}, empty, Object.fromEntries(kept) as Person)
  const { managerId: _, ...unmanaged } = cast.reportee
  return { ada, ...(group === 'work' && { others: [unmanaged] }) }
}

/** Without what is random or a hash, and so may spell any few digits by chance. */
const withoutChance = (text: string): string =>
  text
    .replace(/token=[0-9a-f-]{36}\.\d+\.[0-9a-f]{32}/g, 'token=')
    .replace(/"etag":"\\"[\w-]{27}\\""/g, '')
    .replace(/ROUTERGW_[0-9a-f-]{36}/g, '')

/** The text itself, and everything that it holds in base64, percent or HTML encoding. */
function everyReadingOf(text: string): string {
  const encoded = text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []
  return [
    text,
    ...encoded.map((part) => Buffer.from(part, 'base64').toString()),
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    text
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll('&amp;', '&'),
  ].join('\n')
}

/** `body` with its keys in the order in which `schema` lists them, all the way down. */
function inOrderOf(schema: TSchema, body: unknown): unknown {
  const {
    properties,
    items,
    anyOf = [],
  } = schema as { properties?: Record<string, TSchema>; items?: TSchema; anyOf?: TSchema[] }
  if (Array.isArray(body)) return items ? body.map((item) => inOrderOf(items, item)) : body
  if (typeof body !== 'object' || body === null) return body
  const branch = anyOf.find((one) => 'properties' in one)
  if (branch) return inOrderOf(branch, body)
  if (!properties) return body
  const known = Object.entries(properties).filter(([key]) => key in body)
  return Object.fromEntries(
    known.map(([key, of]) => [key, inOrderOf(of, body[key as keyof typeof body])]),
  )
}

const headerOf = (place: CredentialPlace): string =>
  place.in === 'header' ? place.name : place.in === 'cookie' ? 'cookie' : 'authorization'

function everyFormOf(place: CredentialPlace, secret: string): Record<string, string>[] {
  if (place.in === 'cookie') return [{ cookie: `a=b; ${place.name}=${secret}; c=d` }]
  const name = headerOf(place)
  const bearer = [{ [name]: `Bearer ${secret}` }, { [name]: `bearer  ${secret}` }]
  return place.in === 'header' || place.raw ? [...bearer, { [name]: secret }] : bearer
}

const pairs = <Item>(items: readonly Item[]): [Item, Item][] =>
  items.flatMap((first, index) =>
    items.slice(index + 1).map((second): [Item, Item] => [first, second]),
  )

/** A store that notes the name of every read it is asked for; each is one query where there is SQL. */
function countingStore(): { store: Store; asked: string[] } {
  const store = memoryStore(testSecret)
  const asked: string[] = []
  const counted = <Room extends object>(room: Room): Room =>
    new Proxy(room, {
      get(target, name, receiver) {
        asked.push(String(name))
        return Reflect.get(target, name, receiver)
      },
    })
  const { people, gatherings, organizations, groups, keys } = store
  return {
    asked,
    store: {
      ...store,
      people: counted(people),
      gatherings: counted(gatherings),
      organizations: counted(organizations),
      groups: counted(groups),
      keys: counted(keys),
    },
  }
}
