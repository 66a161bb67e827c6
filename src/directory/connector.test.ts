import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { type World, world } from '../../test/world.ts'
import { house } from '../dialects/house/index.ts'
import { memoryStore } from '../store/memory.ts'
import { sqliteStore } from '../store/sqlite.ts'
import type { Store } from './ports.ts'

// Ada, and a colleague of hers, each doing things at the same time.

const ids = { self: cast.ada.id, colleague: cast.askers.colleague.id }
type Name = keyof typeof ids
const otherOf = { self: 'colleague', colleague: 'self' } as const

const act = (here: World, one: Name, action: string) =>
  here.ask(house, `/api/v1/connections/${ids[otherOf[one]]}/${action}`, {
    as: one,
    method: 'POST',
  })

async function stateOf(here: World, one: Name): Promise<string> {
  const { body } = await here.ask(house, `/api/v1/connections/${ids[otherOf[one]]}`, { as: one })
  return [body.state, body.direction].filter(Boolean).join(' ')
}

const linesOf = async ({ store }: World): Promise<number> =>
  (await store.changesAfter(0, 1000)).filter(({ entity }) =>
    ['connection', 'block'].includes(entity),
  ).length

interface Race {
  readonly before: readonly (readonly [Name, string])[]
  readonly atOnce: readonly (readonly [Name, string])[]
  /** What each of the two may see then, and how many lines of the log it took. */
  readonly outcomes: readonly (readonly [string, string, number])[]
  /** How many may be refused, by those outcomes. */
  readonly refused: readonly number[]
}

const asked = [['self', 'request']] as const
const connected = [...asked, ['colleague', 'accept']] as const
const none = 'none'

const races: Readonly<Record<string, Race>> = {
  'both ask': {
    before: [],
    atOnce: [
      ['self', 'request'],
      ['colleague', 'request'],
    ],
    outcomes: [
      ['accepted outgoing', 'accepted incoming', 2],
      ['accepted incoming', 'accepted outgoing', 2],
    ],
    refused: [0, 0],
  },
  'one asks over and over': {
    before: [],
    atOnce: Array.from({ length: 12 }, () => ['self', 'request'] as const),
    outcomes: [['requested outgoing', 'requested incoming', 1]],
    refused: [0],
  },
  'one accepts, the other takes it back': {
    before: asked,
    atOnce: [
      ['colleague', 'accept'],
      ['self', 'withdraw'],
    ],
    outcomes: [
      ['accepted outgoing', 'accepted incoming', 1],
      [none, none, 1],
    ],
    refused: [1, 1],
  },
  'one accepts and rejects': {
    before: asked,
    atOnce: [
      ['colleague', 'accept'],
      ['colleague', 'reject'],
    ],
    outcomes: [
      ['accepted outgoing', 'accepted incoming', 1],
      ['rejected outgoing', 'rejected incoming', 1],
    ],
    refused: [1, 1],
  },
  'both leave': {
    before: connected,
    atOnce: [
      ['self', 'disconnect'],
      ['colleague', 'disconnect'],
    ],
    outcomes: [[none, none, 1]],
    refused: [0],
  },
  'both block': {
    before: connected,
    atOnce: [
      ['self', 'block'],
      ['colleague', 'block'],
    ],
    outcomes: [['blocked', 'blocked', 2]],
    refused: [0],
  },
  'one accepts, the other blocks': {
    before: asked,
    atOnce: [
      ['colleague', 'accept'],
      ['self', 'block'],
    ],
    outcomes: [
      ['blocked', none, 2],
      ['blocked', none, 1],
    ],
    refused: [0, 1],
  },
}

const folder = mkdtempSync(join(tmpdir(), 'kith-connector-'))
afterAll(() => rmSync(folder, { recursive: true }))

const open: Store[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
})

let files = 0
const stores: Readonly<Record<string, () => Promise<Store>>> = {
  memory: async () => memoryStore(),
  sqlite: async () => {
    files += 1
    return sqliteStore(join(folder, `${files}.db`), () => cast.testNow)
  },
}

describe.each(Object.keys(stores))('what two do at once, in %s', (kind) => {
  async function start(race: Race): Promise<World> {
    const store = await stores[kind]?.()
    if (!store) throw new Error(`No store called ${kind}`)
    open.push(store)
    const here = await world({ store, connections: [] })
    for (const [one, action] of race.before) {
      expect((await act(here, one, action)).status).toBe(200)
    }
    return here
  }

  it.each(Object.entries(races))('comes out one way for both: %s', async (_, race) => {
    for (const atOnce of [race.atOnce, race.atOnce.toReversed()]) {
      const here = await start(race)
      const before = await linesOf(here)
      const answers = await Promise.all(atOnce.map(([one, action]) => act(here, one, action)))
      const seen = [
        await stateOf(here, 'self'),
        await stateOf(here, 'colleague'),
        (await linesOf(here)) - before,
      ]
      expect(race.outcomes).toContainEqual(seen)
      const refused = answers.filter(({ status }) => status !== 200)
      const which = race.outcomes.findIndex((one) => one.join() === seen.join())
      expect(refused).toHaveLength(race.refused[which] ?? 0)
      for (const { status } of refused) expect([404, 409]).toContain(status)
    }
  })

  it('writes a line for every change and none for what is so already, however often it is asked', async () => {
    const here = await start({ before: [], atOnce: [], outcomes: [], refused: [] })
    const each = ['request', 'accept', 'disconnect', 'block', 'unblock'] as const
    for (const action of each) {
      const one = action === 'accept' ? 'colleague' : 'self'
      const before = await linesOf(here)
      const again = await Promise.all(Array.from({ length: 8 }, () => act(here, one, action)))
      expect([action, ...new Set(again.map(({ status }) => status))]).toEqual([action, 200])
      expect([action, (await linesOf(here)) - before]).toEqual([action, 1])
    }
  })
})
