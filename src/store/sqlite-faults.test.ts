import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import { end, locker } from '../../test/faults/faults.ts'
import { createRandom } from '../demo/random.ts'
import type { Store } from '../directory/ports.ts'
import type { Person } from '../person/person.ts'
import { checkDatabase } from './check.ts'
import { sqliteStore } from './sqlite.ts'

const root = mkdtempSync(join(tmpdir(), 'kith-faults-'))
afterAll(() => rmSync(root, { recursive: true }))
const at = new Date(cast.testNow).toISOString()
const unavailable = { code: 'unavailable' }
const { ada, manager } = cast

let folder = ''
let database = ''
beforeEach(() => {
  folder = mkdtempSync(join(root, 'db-'))
  database = join(folder, 'kith.db')
})

async function open(path = database): Promise<Store> {
  const store = await sqliteStore(path, () => cast.testNow)
  onTestFinished(() => store.close().catch(() => {}))
  return store
}

const save = (store: Store, ...people: Person[]) =>
  store.commit(
    people.map((person) => ({ kind: 'person', person }) as const),
    'test',
    at,
  )

/** A store with ada and her manager in it, and all of it in the log. */
async function furnished(): Promise<Store> {
  const store = await open()
  const { home } = cast.organizations
  await store.commit([{ kind: 'organization', organization: home }], 'test', at)
  await save(store, ada, manager)
  return store
}

const titled = (version: number): Person => ({ ...ada, title: `Title ${version}`, version })

describe('while another process writes', () => {
  it('reads go on and nothing else waits; writes are done in order when it ends', async () => {
    const store = await furnished()
    const other = await locker(database, 'write')
    const order: number[] = []
    const versions = Array.from({ length: 12 }, (_, index) => index + 2)
    const writes: Promise<unknown>[] = []
    for (const version of versions) {
      writes.push(save(store, titled(version)).then(() => order.push(version)))
      await pause(7)
    }
    let ticks = 0
    const ticking = setInterval(() => {
      ticks += 1
    }, 10)
    const started = performance.now()
    while (performance.now() - started < 500) {
      expect((await store.people.byId(ada.id))?.person.version).toBe(1)
      await pause(10)
    }
    clearInterval(ticking)
    expect(ticks).toBeGreaterThan(10)
    expect(order).toEqual([])
    await end(other)
    await Promise.all(writes)
    expect(order).toEqual(versions)
    expect((await store.people.byId(ada.id))?.person.version).toBe(13)
  })

  it('writes are unavailable after five seconds, together, and the store is not ready', async () => {
    const store = await furnished()
    const other = await locker(database, 'write')
    const started = performance.now()
    const writes = [2, 3].map((version) => save(store, titled(version)))
    await pause(1_000)
    await expect(store.ready()).rejects.toMatchObject(unavailable)
    expect(performance.now() - started).toBeLessThan(3_000)
    for (const one of await Promise.allSettled(writes)) {
      expect(one).toMatchObject({ status: 'rejected', reason: unavailable })
    }
    const waited = performance.now() - started
    expect(waited).toBeGreaterThan(4_900)
    expect(waited).toBeLessThan(8_000)
    await end(other)
    await save(store, titled(2))
    await store.ready()
  })
})

describe('files that are taken away', () => {
  it.each(['kith.db', 'kith.db-wal', 'kith.db-shm'])(
    'make it unavailable as long as %s is not where it was',
    async (name) => {
      const store = await furnished()
      const [file, away] = [join(folder, name), join(folder, 'away')]
      renameSync(file, away)
      await pause(150)
      for (const put of [() => {}, () => copyFileSync(away, file)]) {
        put()
        await expect(store.people.byId(ada.id)).rejects.toMatchObject(unavailable)
        expect(() => store.watch.look()).toThrow(expect.objectContaining(unavailable))
        await expect(save(store, titled(2))).rejects.toMatchObject(unavailable)
        await expect(store.ready()).rejects.toMatchObject(unavailable)
      }
      renameSync(away, file)
      await pause(150)
      expect((await store.people.byId(ada.id))?.person).toEqual(ada)
      await save(store, titled(2))
      await store.ready()
    },
  )
})

describe('a log that is cut short', () => {
  it('gets no more writes, which would not be found again; what is before the cut is', async () => {
    const store = await furnished()
    for (let version = 2; version < 30; version += 1) await save(store, titled(version))
    truncateSync(`${database}-wal`, Math.floor(statSync(`${database}-wal`).size / 2))
    await expect(save(store, titled(30))).rejects.toMatchObject({
      ...unavailable,
      cause: { message: expect.stringMatching(/shorter than what was written/) },
    })
    await expect(store.ready()).rejects.toMatchObject(unavailable)
    const read = store.people.byId(ada.id).catch((error) => error)
    expect(await read).toEqual(expect.objectContaining(unavailable))

    // As after a crash: nobody writes the rest of the log into the database.
    for (const suffix of ['', '-wal'])
      copyFileSync(database + suffix, `${database}.crashed${suffix}`)
    const again = await open(`${database}.crashed`)
    const version = (await again.people.byId(ada.id))?.person.version ?? 0
    expect(version).toBeGreaterThan(1)
    expect(version).toBeLessThan(29)
    await save(again, titled(version + 1))
    await again.ready()
    expect(checkDatabase(`${database}.crashed`).faults).toEqual([])
  })
})

describe('damage', () => {
  /** The first page of the people, by its number, and the size of a page. */
  async function closedDatabase(): Promise<{ start: number; size: number }> {
    const store = await furnished()
    await store.close()
    const handle = new DatabaseSync(database)
    const { root: page } =
      handle.prepare(`select rootpage as root from sqlite_schema where name = 'person'`).get() ?? {}
    const { page_size: size } = handle.prepare('pragma page_size').get() ?? {}
    handle.close()
    return { start: (Number(page) - 1) * Number(size), size: Number(size) }
  }

  /** Everything about two people, by every name. */
  async function readsOf(path: string) {
    const store = await sqliteStore(path, () => cast.testNow)
    const { people } = store
    const beside = { manager: true, reportees: true, createdBy: true, groups: true }
    const reads = [ada, manager].flatMap(({ id, number, organizationId, userName }) => [
      people.byId(id, beside),
      people.byNumber(number),
      people.byUserName(organizationId, userName, beside),
      people.byIds([id], beside),
    ])
    const outcomes = await Promise.allSettled(reads)
    await store.close().catch(() => {})
    return outcomes
  }

  it('is never an answer, and the store is not ready any more', async () => {
    const { start, size } = await closedDatabase()
    const bytes = readFileSync(database)
    writeFileSync(database, bytes.fill(0x55, start, start + size))
    const store = await open()
    await store.ready()
    await expect(store.people.byId(ada.id)).rejects.toMatchObject(unavailable)
    await expect(store.ready()).rejects.toMatchObject(unavailable)
    await expect(save(store, titled(2))).rejects.toMatchObject(unavailable)
    expect(await store.organizations.byId(ada.organizationId)).toEqual(cast.organizations.home)
  })

  it('of any one byte among the people is never another answer', async () => {
    const { start, size } = await closedDatabase()
    const sound = readFileSync(database)
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = createRandom(seed)
    const seen = { fulfilled: 0, rejected: 0 }
    const expected = (await readsOf(database)).map((one) => 'value' in one && one.value)
    for (let time = 0; time < 60; time += 1) {
      const place = start + random.below(size)
      const bit = 1 << random.below(8)
      const bytes = Buffer.from(sound)
      bytes[place] = (bytes[place] ?? 0) ^ bit
      const path = join(folder, `${time}.db`)
      writeFileSync(path, bytes)
      const outcomes = await readsOf(path)
      for (const [index, outcome] of outcomes.entries()) {
        seen[outcome.status] += 1
        const told = `seed ${seed}, bit ${bit} of byte ${place - start}`
        if (outcome.status === 'rejected') expect(outcome.reason, told).toMatchObject(unavailable)
        else expect(outcome.value, told).toEqual(expected[index])
      }
    }
    expect(seen.fulfilled).toBeGreaterThan(0)
    expect(seen.rejected).toBeGreaterThan(0)
  })
})

describe('readiness', () => {
  const trials = (path: string) => {
    const handle = new DatabaseSync(path, { readOnly: true })
    const { user_version: count } = handle.prepare('pragma user_version').get() ?? {}
    handle.close()
    return Number(count)
  }

  it('is found out by writing at most once a second, however often it is asked', async () => {
    const store = await furnished()
    await pause(1_050)
    const before = trials(database)
    const started = performance.now()
    await Promise.all(Array.from({ length: 200 }, () => store.ready()))
    for (let time = 0; time < 50; time += 1) await store.ready()
    const seconds = Math.ceil((performance.now() - started) / 1_000)
    expect(trials(database) - before).toBeGreaterThan(0)
    expect(trials(database) - before).toBeLessThanOrEqual(seconds)
  })
})
