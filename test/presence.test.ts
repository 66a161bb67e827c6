import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { accelevents } from '../src/dialects/accelevents/index.ts'
import { chakra } from '../src/dialects/chakra/index.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { docspace } from '../src/dialects/docspace/index.ts'
import { house } from '../src/dialects/house/index.ts'
import { rinkel } from '../src/dialects/rinkel/index.ts'
import { scim } from '../src/dialects/scim/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import type { Write } from '../src/directory/ports.ts'
import type { PersonId } from '../src/person/ids.ts'
import type { PresenceState, Signals } from '../src/presence/presence.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import * as cast from './cast.ts'
import { commandLine, folderForTest } from './command-line.ts'
import { serverProcess } from './server-process.ts'
import { type Answer, type World, world } from './world.ts'

// docs/presence.md held against what each dialect answers.

const { ada } = cast
const minute = 60_000
const ago = (minutes: number, seconds = 0) =>
  new Date(cast.testNow - minutes * minute - seconds * 1000).toISOString()
const active = { firstLoginAt: ago(9999), lastActivityAt: ago(1) }

/** Signals that mean each state. */
const meaning: Record<PresenceState, Signals> = {
  pending: {},
  doNotDisturb: { ...active, doNotDisturb: { until: ago(-5) } },
  outOfOffice: { ...active, outOfOffice: { from: ago(5), until: ago(-5) } },
  away: { ...active, away: { until: ago(-5) } },
  unknown: { firstLoginAt: ago(9999) },
  inactive: { ...active, lastActivityAt: ago(11) },
  call: { ...active, engagement: 'call' },
  meeting: { ...active, engagement: 'meeting', engagedUntil: ago(-5) },
  presenting: { ...active, engagement: 'presenting' },
  active,
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
type Body = any

interface Place {
  readonly dialect: Dialect
  readonly name: string
  readonly path: (one: World) => string
  /** The dialect's word for the state, in an answer from there. */
  readonly word: (body: Body) => unknown
}

const among = (items: readonly { readonly id: string }[], one: World, dialect: Dialect) =>
  items.find(({ id }) => one.pathOf(dialect).endsWith(id)) as Body

/** Everywhere that presence is shown. */
const places = (one: World): readonly Place[] => [
  {
    ...{ dialect: webex, name: 'webex, one', path: () => one.pathOf(webex) },
    word: (body) => body.status,
  },
  {
    ...{ dialect: webex, name: 'webex, by ids' },
    path: () => one.pathOf(webex).replace('/v1/people/', '/v1/people?id='),
    word: (body) => body.items[0].status,
  },
  {
    ...{ dialect: webex, name: 'webex, a list' },
    path: () => '/v1/people?email=canary.mail@ada-canary.example',
    word: (body) => body.items[0].status,
  },
  ...['v1', 'v2'].flatMap((version): Place[] => [
    {
      ...{ dialect: chakra, name: `chakra ${version}, one` },
      path: () => `/${version}/ext/user/${ada.id}`,
      word: (body) => body._data.availabilityStatus,
    },
    {
      ...{ dialect: chakra, name: `chakra ${version}, a list` },
      path: () => `/${version}/ext/users`,
      word: (body) => among(body._data, one, chakra).availabilityStatus,
    },
  ]),
  {
    ...{ dialect: rinkel, name: 'rinkel, one', path: () => one.pathOf(rinkel) },
    word: (body) => body.availability,
  },
  {
    ...{ dialect: rinkel, name: 'rinkel, a list', path: () => '/v1/users' },
    word: (body) => among(body.data, one, rinkel).availability,
  },
  {
    ...{ dialect: house, name: 'house, one', path: () => `/api/v1/people/${ada.id}/presence` },
    word: (body) => body.state,
  },
  {
    ...{ dialect: house, name: 'house, several', path: () => `/api/v1/presence?ids=${ada.id}` },
    word: (body) => body.items[0].state,
  },
]

/** Those that have no word for it. */
const silent = [accelevents, docspace, scim]

/** What each dialect's column says of a state. */
const documented = tableOf('docs/presence.md')

function tableOf(path: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
  const start = rows.findIndex(([, second]) => second?.startsWith('webex'))
  const headings = (rows[start] ?? []).map((heading) => heading.split(' ')[0] ?? '')
  return new Map(
    rows
      .slice(start + 2)
      .map((cells) => [
        cells[0] ?? '',
        Object.fromEntries(headings.slice(1).map((name, index) => [name, cells[index + 1] ?? ''])),
      ]),
  )
}

async function wordsOf(one: World): Promise<[string, unknown][]> {
  const words: [string, unknown][] = []
  for (const { dialect, name, path, word } of places(one)) {
    const { status, body } = await one.ask(dialect, path(one), { as: 'colleague' })
    expect([name, status]).toEqual([name, 200])
    words.push([name, word(body)])
  }
  return words
}

const documentedFor = (one: World, state: string): [string, unknown][] =>
  places(one).map(({ dialect, name }) => [name, documented.get(state)?.[dialect.name]])

describe('the table of states and dialects', () => {
  it('has every state and every dialect once', () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(meaning).sort())
    const dialects = [accelevents, chakra, docspace, house, rinkel, scim, webex]
    for (const row of documented.values()) {
      expect(Object.keys(row).sort()).toEqual(dialects.map(({ name }) => name))
      for (const { name } of silent) expect(row[name]).toBe('—')
    }
  })

  it.each(Object.keys(meaning) as PresenceState[])('is true of %s', async (state) => {
    const one = await world({ adaSignals: meaning[state] })
    expect(await wordsOf(one)).toEqual(documentedFor(one, state))
  })
})

describe('the last activity', () => {
  it.each([
    ['9:59 minutes ago makes active', ago(9, 59), 'active'],
    ['exactly 10:00 minutes ago makes active', ago(10), 'active'],
    ['10:01 minutes ago makes inactive', ago(10, 1), 'inactive'],
  ])('%s, in every dialect', async (_, lastActivityAt, state) => {
    const one = await world({ adaSignals: { ...active, lastActivityAt } })
    expect(await wordsOf(one)).toEqual(documentedFor(one, state))
  })

  it('turns by the clock alone, though answers are kept', async () => {
    const clock = { now: cast.testNow }
    const one = await world({
      adaSignals: { ...active, lastActivityAt: ago(0) },
      now: () => clock.now,
    })
    for (const [after, state] of [
      [9 * minute + 59_000, 'active'],
      [10 * minute, 'active'],
      [10 * minute + 1_000, 'inactive'],
    ] as const) {
      clock.now = cast.testNow + after
      expect(await wordsOf(one)).toEqual(documentedFor(one, state))
    }
  })
})

describe('a heartbeat', () => {
  const beat = (one: World) =>
    one.ask(house, '/api/v1/me/heartbeat', { as: 'self', method: 'POST' })

  it('makes whoever was inactive, unknown or never there active, in every dialect, at once', async () => {
    for (const state of ['inactive', 'unknown', 'pending'] as const) {
      const one = await world({ adaSignals: meaning[state] })
      expect(await wordsOf(one)).toEqual(documentedFor(one, state))
      const { status, text, headers } = await beat(one)
      expect([status, text, headers.etag]).toEqual([204, '', undefined])
      expect(await wordsOf(one)).toEqual(documentedFor(one, 'active'))
    }
  })

  it('that only refreshes waits for the batch', async () => {
    const one = await world({ adaSignals: active })
    const activity = async () =>
      (await one.store.people.byId(ada.id, { presence: true }))?.signals?.lastActivityAt
    await beat(one)
    expect(await activity()).toBe(active.lastActivityAt)
    await one.pulse.close()
    expect(await activity()).toBe(ago(0))
  })

  it('changes no record, no version, no log and no answer without presence', async () => {
    const one = await world({ adaSignals: meaning.inactive })
    const asked = async () => {
      const answers: Answer[] = []
      for (const dialect of silent) {
        const path = dialect === scim ? `/scim/v2/Users/${ada.id}` : one.pathOf(dialect)
        const answer = await one.ask(dialect, path, { as: 'admin' })
        expect([dialect.name, answer.status]).toEqual([dialect.name, 200])
        answers.push(answer)
      }
      return answers.map(({ headers, text }) => [headers.etag, headers['last-modified'], text])
    }
    const recorded = async () => ({
      person: (await one.store.people.byId(ada.id))?.person,
      changes: await one.store.changesAfter(0, 10_000),
    })
    const before = [await asked(), await recorded()]
    await beat(one)
    await one.pulse.close()
    expect((await one.ask(webex, one.pathOf(webex), { as: 'self' })).body.status).toBe('active')
    expect([await asked(), await recorded()]).toEqual(before)
  })

  describe('in the same words as before', () => {
    /** How often the store is asked for anything while something is done. */
    async function readsDuring(one: World, work: () => Promise<unknown>): Promise<number> {
      const spies = [
        ...[vi.spyOn(one.store.people, 'byId'), vi.spyOn(one.store.keys, 'holderByHash')],
        vi.spyOn(one.store, 'beat'),
      ]
      await work()
      const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
      for (const spy of spies) spy.mockRestore()
      return count
    }

    it('is answered alike and noted, and nothing is read for it', async () => {
      const clock = { now: cast.testNow }
      const one = await world({ adaSignals: active, now: () => clock.now })
      const first = await beat(one)
      clock.now += 8 * minute
      const again: Answer[] = []
      expect(await readsDuring(one, async () => again.push(await beat(one)))).toBe(0)
      expect([again[0]?.status, again[0]?.headers, again[0]?.text]).toEqual([
        ...[204, first.headers, ''],
      ])
      expect(one.pulse.latest(ada.id)).toBe(clock.now)
      expect(one.logged.at(-1)).toMatchObject({
        ...{ dialect: 'house', route: '/api/v1/me/heartbeat', status: 204, method: 'POST' },
      })
    })

    it('goes the whole way where the person would be inactive before it is written', async () => {
      const clock = { now: cast.testNow }
      const one = await world({ adaSignals: active, now: () => clock.now })
      await beat(one)
      await one.pulse.close()
      clock.now += 11 * minute
      expect(await wordsOf(one)).toEqual(documentedFor(one, 'inactive'))
      expect((await beat(one)).status).toBe(204)
      expect(await wordsOf(one)).toEqual(documentedFor(one, 'active'))
    })

    it('lets nobody in whose key is revoked or over, or who is suspended', async () => {
      const clock = { now: cast.testNow }
      const one = await world({ adaSignals: active, now: () => clock.now })
      const { key } = one.keys.self
      const changed = async (write: Write) => {
        expect((await beat(one)).status).toBe(204)
        await one.store.commit([write], 'test', ago(0))
        const { status } = await beat(one)
        return status
      }
      const over = { ...key, expiresAt: ago(0) }
      expect(await changed({ kind: 'key', key: over })).toBe(401)
      await one.store.commit([{ kind: 'key', key }], 'test', ago(0))
      const held = await one.store.people.byId(ada.id)
      if (!held) throw new Error('Ada is gone')
      const { person } = held
      const suspended = { ...person, lifecycle: 'suspended', version: person.version + 1 } as const
      expect(await changed({ kind: 'person', person: suspended })).toBe(401)
      await one.store.commit(
        [{ kind: 'person', person: { ...person, version: person.version + 2 } }],
        ...(['test', ago(0)] as const),
      )
      expect(await changed({ kind: 'key', key: { ...key, revokedAt: ago(0) } })).toBe(401)
    })

    it('counts like any other', async () => {
      const one = await world({ adaSignals: active, limits: { house: 2 } })
      const answers = [await beat(one), await beat(one), await beat(one)]
      expect(answers.map(({ status }) => status)).toEqual([204, 204, 429])
      expect(answers.map(({ headers }) => headers.ratelimit)).toEqual([
        ...[expect.stringContaining('r=1'), expect.stringContaining('r=0')],
        expect.stringContaining('r=0'),
      ])
    })

    it('but with another key is somebody else’s', async () => {
      const one = await world({ adaSignals: active })
      await beat(one)
      await one.ask(house, '/api/v1/me/heartbeat', { as: 'colleague', method: 'POST' })
      expect(one.pulse.latest(cast.askers.colleague.id)).toBe(cast.testNow)
    })
  })

  it('that takes back nobody’s word leaves it standing', async () => {
    const signals = { ...meaning.away, lastActivityAt: ago(60), outOfOffice: { from: ago(-60) } }
    const one = await world({ adaSignals: signals })
    await beat(one)
    await one.pulse.close()
    expect(await wordsOf(one)).toEqual(documentedFor(one, 'away'))
    const held = await one.store.people.byId(ada.id, { presence: true })
    expect(held?.signals).toEqual({ ...signals, lastActivityAt: ago(0) })
  })
})

describe.each([[[]], [['--workers', '2']]])('a server started with %j', (args) => {
  const interval = 3_000

  /** Somebody with a key, a server in a process of its own, and what is on record of them once that is gone. */
  async function started() {
    const { database, env, kithd, told } = commandLine(folderForTest())
    await kithd('org', 'create', 'Heartbeat House', '--time-zone', 'Europe/Amsterdam')
    await kithd('person', 'create', 'zz-beating', 'displayName=ZzBeating Person')
    const { key } = await told('key', 'create', '--person', 'zz-beating')
    const server = await serverProcess(env, [
      ...args,
      '--heartbeat-interval',
      String(interval / 1000),
    ])
    const id: PersonId = JSON.parse((await server.get('/api/v1/me/presence', key)).text).id
    return {
      server,
      async state() {
        return JSON.parse((await server.get('/api/v1/me/presence', key)).text).state
      },
      /** The moment after which it was sent. */
      async beat() {
        const at = Date.now()
        const headers = { authorization: `Bearer ${key}` }
        const request = { method: 'POST', headers }
        expect((await fetch(`${server.url}/api/v1/me/heartbeat`, request)).status).toBe(204)
        return at
      },
      async lastActivity() {
        const store = await sqliteStore(database, Date.now)
        const held = await store.people.byId(id, { presence: true })
        await store.close()
        return Date.parse(held?.signals?.lastActivityAt ?? '')
      },
    }
  }

  it('has those heartbeats that are older than the interval when it is killed', {
    timeout: 60_000,
  }, async () => {
    const { server, state, beat, lastActivity } = await started()
    expect(await state()).toBe('pending')
    await beat()
    expect(await state()).toBe('active')
    const older = await beat()
    await sleep(interval + 1_000)
    const latest = await beat()
    server.child.kill('SIGKILL')
    await once(server.child, 'exit')
    const known = await lastActivity()
    expect(known).toBeGreaterThanOrEqual(older)
    // Not promised, but the test would show nothing were it written at once.
    expect(known).toBeLessThan(latest)
  })

  it('has all of them when it is stopped', { timeout: 60_000 }, async () => {
    const { server, beat, lastActivity } = await started()
    await beat()
    const latest = await beat()
    expect(await server.stop()).toBe(0)
    expect(await lastActivity()).toBeGreaterThanOrEqual(latest)
  })
})
