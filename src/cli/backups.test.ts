import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'
import { startWriter } from '../../test/crash/crash.ts'
import { serverProcess } from '../../test/server-process.ts'
import { diskFiles } from '../pictures/disk-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-backups-'))
const { kithd, told, env, database } = commandLine(folder)
const copy = join(folder, 'copy.db')

beforeAll(async () => {
  await kithd('org', 'create', 'Acme')
  for (const name of ['left', 'right']) await kithd('person', 'create', name, 'title=First')
})
afterAll(() => rmSync(folder, { recursive: true }))

function query(path: string, sql: string) {
  const handle = new DatabaseSync(path)
  try {
    return handle.prepare(sql).all()
  } finally {
    handle.close()
  }
}

describe('kithd backup and restore', () => {
  it('say what they have copied, and ask before they overwrite', async () => {
    const { stdout, stderr } = await kithd('backup', copy)
    expect(stdout).toMatch(/copy\.db holds 2 people in 1 organization, 3 changes, 0\.\d MiB\n$/)
    expect(stderr).toMatch(/^checking the copy …$/m)
    const again = await kithd('backup', copy)
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/--force overwrites it/)])
    const over = await kithd('restore', copy)
    expect([over.code, over.stderr]).toEqual([1, expect.stringMatching(/--force restores over it/)])
    const elsewhere = join(folder, 'elsewhere.db')
    expect(await told('restore', copy, '--database', elsewhere)).toMatchObject({
      database: elsewhere,
      online: false,
      people: 2,
    })
  })

  it('take the pictures along, and put back those that are missing', async () => {
    const ada = '11111111-1111-4111-8111-111111111111'
    const there = diskFiles(`${database}.pictures`)
    await there.put(ada, 'a-1', Buffer.from('one'))
    await kithd('backup', copy, '--force')
    expect(String(await diskFiles(`${copy}.pictures`).master(ada, 'a-1'))).toBe('one')
    const flags = ['--database', join(folder, 'with-pictures.db')]
    await kithd('restore', copy, ...flags)
    expect(String(await diskFiles(`${flags[1]}.pictures`).master(ada, 'a-1'))).toBe('one')
    await there.remove(ada, 'a-1')
  })

  it('copy one moment of a database that is written meanwhile, with all that was safe before', async () => {
    const { child, acknowledged, first } = startWriter(database, 1)
    await first
    const before = acknowledged.length
    expect(await told('backup', copy, '--force')).toMatchObject({ organizations: 1 })
    const after = acknowledged.length
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
    expect(after).toBeGreaterThan(before)

    const restored = join(folder, 'restored.db')
    await kithd('restore', copy, '--database', restored)
    const log = 'select * from change order by sequence'
    const kept = query(restored, log)
    const all = query(database, log)
    expect(all.slice(0, kept.length)).toEqual(kept)
    expect(kept.length).toBeLessThan(all.length)
    const keptIds = new Set(kept.map(({ entity_id }) => entity_id))
    for (const one of acknowledged.slice(0, before)) {
      if (one.kind === 'admitted') expect(keptIds).toContain(one.personId)
    }
    expect((await told('check', '--database', restored)).sound).toBe(true)
  })

  it('change what a running server answers from its next request on', async () => {
    const { key } = await told('key', 'create', '--service', 'reader')
    await kithd('person', 'set', 'left', 'title=Second')
    const server = await serverProcess(env)
    const titleOf = async () =>
      JSON.parse((await server.get('/api/2.0/people/left', key)).text).response?.title
    expect(await titleOf()).toBe('Second')
    await kithd('backup', copy, '--force')
    await kithd('person', 'set', 'left', 'title=Third')
    expect(await titleOf()).toBe('Third')
    expect(await told('restore', copy, '--force')).toMatchObject({ online: true })
    expect(await titleOf()).toBe('Second')
    // The log is as long as before the restore now, and would not tell.
    await kithd('person', 'set', 'left', 'title=Fourth')
    expect(await titleOf()).toBe('Fourth')
    expect((await server.get('/readyz')).status).toBe(200)

    const other = join(folder, 'other.db')
    await kithd('org', 'create', 'Other', '--database', other)
    query(other, `insert into secret values ('seal', 'another')`)
    const refused = await kithd('restore', other, '--force')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/stop the server first/),
    ])
    expect(await titleOf()).toBe('Fourth')
    expect(await server.stop()).toBe(0)
    expect((await told('check')).sound).toBe(true)
    expect(await told('restore', other, '--force')).toMatchObject({ online: false, people: 0 })
  }, 90_000)
})

describe('kithd check', () => {
  it('says that nothing is wrong, and what is, with an exit code for programs', async () => {
    const damaged = join(folder, 'damaged.db')
    await kithd('restore', copy, '--database', damaged)
    const sound = await kithd('check', '--database', damaged)
    expect([sound.code, sound.stdout]).toEqual([
      0,
      expect.stringMatching(/ people in 1 organization, .*\nNothing is wrong with it\.\n$/),
    ])
    query(damaged, `delete from change where entity = 'person' and kind = 'changed'`)
    const { code, stdout } = await kithd('check', '--database', damaged)
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^people whose version is not the number of [^\n]* +\d+ +[-0-9a-f]{36}/m,
      ),
    ])
    expect(await told('check', '--database', damaged)).toMatchObject({
      sound: false,
      faults: expect.arrayContaining([
        { what: 'gaps in the change log', count: expect.any(Number), first: expect.any(Array) },
      ]),
    })
  })

  it('says where there is no database', async () => {
    const { code, stderr } = await kithd('check', '--database', join(folder, 'nowhere.db'))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/There is no database at/)])
  })
})
