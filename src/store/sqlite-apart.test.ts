import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { keeps } from '../../test/keeps.ts'
import { sqliteStore } from './sqlite.ts'
import { sqliteStoreApart } from './sqlite-apart.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-apart-'))
afterAll(() => rmSync(folder, { recursive: true }))

const newFile = () => join(mkdtempSync(join(folder, 'db-')), 'kith.db')
const now = () => cast.testNow
const at = new Date(cast.testNow).toISOString()
const home = { kind: 'organization', organization: cast.organizations.home } as const
const ada = { kind: 'person', person: cast.ada } as const

keeps('sqlite, written apart', () => sqliteStoreApart(newFile(), now))

it('lets its caller go on while it writes', async () => {
  const store = await sqliteStoreApart(newFile(), now)
  const people = Array.from({ length: 1_000 }, (_, index) => ({
    kind: 'person' as const,
    person: {
      ...cast.manager,
      ...{ id: crypto.randomUUID() as typeof cast.ada.id, number: index + 1 },
      userName: `u${index}`,
    },
  }))
  await store.commit([home], 'test', at)
  let turns = 0
  const turning = setInterval(() => {
    turns += 1
  }, 1)
  await store.commit(people, 'test', at)
  clearInterval(turning)
  expect(turns).toBeGreaterThan(3)
  expect(await store.changesAfter(0, 2_000)).toHaveLength(1_001)
  await store.close()
})

it('has all written that was asked for when it is closed, and lets go of the file', async () => {
  const path = newFile()
  const store = await sqliteStoreApart(path, now)
  const writing = [store.commit([home], 'test', at), store.commit([ada], 'test', at)]
  await store.close()
  await Promise.all(writing)
  const again = await sqliteStore(path, now)
  expect((await again.people.byId(cast.ada.id))?.person).toEqual(cast.ada)
  await again.commit([{ kind: 'person', person: { ...cast.ada, version: 2 } }], 'test', at)
  await again.close()
})

it('holds its place beside others who open and close the file', async () => {
  const path = newFile()
  const store = await sqliteStoreApart(path, now)
  await store.commit([home], 'test', at)
  for (let version = 1; version <= 3; version += 1) {
    const other = await sqliteStore(path, now)
    await other.close()
    await store.commit([{ kind: 'person', person: { ...cast.ada, version } }], 'test', at)
  }
  expect((await store.people.byId(cast.ada.id))?.person.version).toBe(3)
  await store.close()
})
