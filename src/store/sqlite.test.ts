import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { keeps } from '../../test/keeps.ts'
import { absent, readsAlike } from '../../test/reads-alike.ts'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { sqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

const newFile = () => join(mkdtempSync(join(folder, 'db-')), 'kith.db')
const open = (path: string) => sqliteStore(path, () => cast.testNow)
const at = new Date(cast.testNow).toISOString()

keeps('sqlite', () => open(newFile()))

describe('sqlite', () => {
  const home = { kind: 'organization', organization: cast.organizations.home } as const
  const ada = { kind: 'person', person: cast.ada } as const

  it('keeps everything when it is closed and opened again', async () => {
    const path = newFile()
    const first = await open(path)
    await first.commit([home, ada], 'test', at)
    const secret = await first.secret()
    await first.close()
    const second = await open(path)
    expect((await second.people.byId(cast.ada.id))?.person).toEqual(cast.ada)
    expect(await second.secret()).toBe(secret)
    expect(await second.changesAfter(0, 10)).toHaveLength(2)
    await second.close()
  })

  it('keeps nothing beside the record by which somebody deleted would be found', async () => {
    const path = newFile()
    const store = await open(path)
    await store.commit([home, ada], 'test', at)
    const kept = () => {
      const handle = new DatabaseSync(path, { readOnly: true })
      const tables = ['person_word', 'digest', 'person_email']
      const counts = tables.map((table) => handle.prepare(`select 1 from ${table}`).all().length)
      handle.close()
      return counts
    }
    expect(kept().every((count) => count > 0)).toBe(true)
    const gone = { ...cast.ada, lifecycle: 'deleted', version: 2 } as const
    await store.commit([{ kind: 'person', person: gone }], 'test', at)
    expect(kept()).toEqual([0, 0, 0])
    await store.close()
  })

  it('sees at the next read what another process has committed', async () => {
    const path = newFile()
    const [one, other] = [await open(path), await open(path)]
    await one.commit([home, ada], 'one', at)
    expect((await other.people.byId(cast.ada.id))?.person.version).toBe(1)
    await other.commit([{ kind: 'person', person: { ...cast.ada, version: 2 } }], 'other', at)
    expect((await one.people.byId(cast.ada.id))?.person.version).toBe(2)
    expect((await one.changesAfter(0, 10)).map(({ actor }) => actor)).toEqual([
      'one',
      'one',
      'other',
    ])
    await Promise.all([one.close(), other.close()])
  })

  it('takes notice of what another process has committed, and of nothing when nothing was', async () => {
    const path = newFile()
    const [one, other] = [await open(path), await open(path)]
    await other.commit([home, ada], 'other', at)
    one.watch.look()
    const read = () => {
      const footprint = new Footprint(one.watch.moment)
      footprint.reads(factOf('person', cast.ada.id))
      return footprint
    }
    const stands = (footprint: Footprint) => {
      one.watch.look()
      return one.watch.stands(footprint, cast.testNow)
    }
    const first = read()
    expect(stands(first)).toBe(true)
    await other.commit([{ kind: 'event', event: cast.event }], 'other', at)
    expect(stands(first)).toBe(true)
    await other.commit([{ kind: 'person', person: { ...cast.ada, version: 2 } }], 'other', at)
    expect(stands(first)).toBe(false)

    // More at once than is worth telling apart.
    const second = read()
    const many = Array.from({ length: 6000 }, () => ({ kind: 'event', event: cast.event }) as const)
    await other.commit(many, 'other', at)
    expect(stands(second)).toBe(false)

    // A database that was restored has another history, however long its log.
    const third = read()
    const handle = new DatabaseSync(path)
    handle.exec("update secret set value = 'restored' where name = 'incarnation'")
    handle.close()
    expect(stands(third)).toBe(false)
    await Promise.all([one.close(), other.close()])
  })

  it('lets several processes begin on a new file at once', async () => {
    const path = newFile()
    const names = ['One', 'Two', 'Three', 'Four']
    const command = [
      join(import.meta.dirname, '../../bin/kithd.js'),
      'org',
      'create',
      '--database',
      path,
    ]
    await Promise.all(
      names.map((name) => promisify(execFile)(process.execPath, [...command, name])),
    )
    const store = await open(path)
    expect((await store.organizations.all()).map(({ name }) => name).sort()).toEqual(names.sort())
    expect((await store.changesAfter(0, 10)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
    await store.close()
  })

  it('makes files that nobody else can read', async () => {
    const path = newFile()
    const store = await open(path)
    await store.commit([home], 'test', at)
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      expect(statSync(file).mode & 0o077).toBe(0)
    }
    await store.close()
  })

  describe('who is not there', () => {
    readsAlike(() => open(newFile()))

    it('is not there, whatever is the matter with whoever was read instead', async () => {
      const path = newFile()
      const store = await open(path)
      await store.commit([home, ada], 'test', at)
      const handle = new DatabaseSync(path)
      handle.exec(`update person set record_checksum = record_checksum + 1`)
      handle.close()
      const { people } = store
      const { organizationId } = cast.ada
      expect(await people.byId(absent)).toBeUndefined()
      expect(await people.byNumber(1)).toBeUndefined()
      expect(await people.byUserName(organizationId, 'a')).toBeUndefined()
      expect(await people.byIds([absent])).toEqual([])
      await expect(people.byId(cast.ada.id)).rejects.toMatchObject({ code: 'unavailable' })
      await store.close()
    })
  })

  it('refuses a database that a newer Kith has written', async () => {
    const path = newFile()
    await (await open(path)).close()
    const database = new DatabaseSync(path)
    database.exec(`update compatibility set step = '999-tomorrow'`)
    database.close()
    await expect(open(path)).rejects.toThrow(/newer version of Kith \(step "999-tomorrow"\)/)
  })

  it('says unavailable, not absent, when the file can not be read', async () => {
    const path = newFile()
    const store = await open(path)
    await store.commit([home, ada], 'test', at)
    await store.close()
    const again = await open(path)
    truncateSync(path, 4096)
    await expect(again.people.byId(cast.ada.id)).rejects.toMatchObject({ code: 'unavailable' })
    await again.close().catch(() => {})
  })
})
