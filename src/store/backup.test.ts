import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { upkeepOf } from './backup.ts'
import { sqliteStore } from './sqlite.ts'

const root = mkdtempSync(join(tmpdir(), 'kith-backup-'))
afterAll(() => rmSync(root, { recursive: true }))
const now = () => cast.testNow
const at = new Date(cast.testNow).toISOString()
const { backUp, restore } = upkeepOf(now)

let folder = ''
let database = ''
let copy = ''

/** Ada under some title. */
async function write(title: string, version: number): Promise<void> {
  const store = await sqliteStore(database, now)
  const home = { kind: 'organization', organization: cast.organizations.home } as const
  const ada = { kind: 'person', person: { ...cast.ada, title, version } } as const
  await store.commit(version === 1 ? [home, ada] : [ada], 'test', at)
  await store.secret()
  await store.close()
}

function query(path: string, sql: string) {
  const handle = new DatabaseSync(path)
  try {
    return handle.prepare(sql).all()
  } finally {
    handle.close()
  }
}

/** Everything that a database holds, but for the name of its incarnation. */
function allOf(path: string) {
  const tables = query(path, `select name from sqlite_schema where type = 'table'`)
  return tables.map(({ name }) => {
    const rows = query(path, `select * from ${name}`)
    return [name, rows.filter((row) => row.name !== 'incarnation')]
  })
}

/** What must never be left behind. */
const leftovers = () => readdirSync(folder).filter((name) => name.includes('.partial'))

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'db-'))
  database = join(folder, 'kith.db')
  copy = join(folder, 'copy.db')
  await write('First', 1)
})

describe('a backup', () => {
  it('is one file, which holds everything and which nobody else can read', async () => {
    const contents = await backUp(database, copy)
    expect(contents).toEqual({
      people: 1,
      organizations: 1,
      changes: 2,
      bytes: statSync(copy).size,
    })
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(existsSync(`${copy}-wal`)).toBe(false)
    expect(allOf(copy)).toEqual(allOf(database))
    expect(leftovers()).toEqual([])
  })

  it('tells how far it has come', async () => {
    const [copied, checked]: number[][] = [[], []]
    await backUp(database, copy, {
      onCopied: (part) => copied?.push(part),
      onChecked: (part) => checked?.push(part),
    })
    for (const part of [...(copied ?? []), ...(checked ?? [])]) {
      expect(part).toBeGreaterThanOrEqual(0)
      expect(part).toBeLessThanOrEqual(1)
    }
    expect(checked?.at(-1)).toBe(1)
  })

  it('overwrites nothing unless it is told to, and never the database itself', async () => {
    writeFileSync(copy, 'mine')
    await expect(backUp(database, copy)).rejects.toThrow(/There is a file .*--force overwrites it/)
    expect(readFileSync(copy, 'utf8')).toBe('mine')
    await backUp(database, copy, { force: true })
    expect(allOf(copy)).toEqual(allOf(database))
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      const over = backUp(database, database + suffix, { force: true })
      await expect(over).rejects.toThrow(/belongs to the database/)
    }
    await expect(backUp(database, folder, { force: true })).rejects.toThrow(/no plain file/)
    await expect(backUp(database, join(folder, 'no/where.db'))).rejects.toThrow(/no such file/)
    expect(leftovers()).toEqual([])
  })

  it('is not made of a database that is damaged', async () => {
    query(database, 'update person set version = 7')
    await expect(backUp(database, copy)).rejects.toThrow(
      /damaged:\n +1 people whose version is not the number of their changes/,
    )
    expect(existsSync(copy)).toBe(false)
    expect(leftovers()).toEqual([])
  })
})

describe('a restore', () => {
  const incarnation = `select value from secret where name = 'incarnation'`

  beforeEach(async () => {
    await backUp(database, copy)
    await write('Second', 2)
  })

  it('brings back what was, as another incarnation', async () => {
    const before = query(database, incarnation)
    await expect(restore(copy, database)).rejects.toThrow(/There is a database .*--force/)
    expect(query(database, 'select version from person')).toEqual([{ version: 2 }])
    expect(await restore(copy, database, { force: true })).toMatchObject({
      people: 1,
      changes: 2,
      online: false,
    })
    expect(allOf(database)).toEqual(allOf(copy))
    expect(query(database, incarnation)).not.toEqual(before)
    expect(query(database, incarnation)).not.toEqual(query(copy, incarnation))
    await write('Third', 2)
    expect(leftovers()).toEqual([])
  })

  it('needs no force where nothing is lost', async () => {
    const empty = join(folder, 'empty.db')
    await (await sqliteStore(empty, now)).close()
    await restore(copy, empty)
    await restore(copy, join(folder, 'new.db'))
    for (const name of ['empty.db', 'new.db']) {
      expect(allOf(join(folder, name))).toEqual(allOf(copy))
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    }
  })

  it('keeps the secret of the database for a backup that has none yet', async () => {
    const seal = `select value from secret where name = 'seal'`
    const before = query(database, seal)
    query(copy, `delete from secret where name = 'seal'`)
    await restore(copy, database, { force: true })
    expect(query(database, seal)).toEqual(before)
  })

  it('brings an older backup up to date', async () => {
    query(copy, `delete from migration where name <> '001-people'`)
    for (const table of [
      ...['person_email', 'person_word', 'digest', 'group_nesting', 'group_owner'],
      ...['meeting_participant', 'meeting', 'calendar', 'receipt'],
    ]) {
      query(copy, `drop table ${table}`)
    }
    for (const index of [
      ...['person_listed', 'people_group_external_id', 'connection_other_one'],
      ...['event_listed', 'attendee_person'],
    ]) {
      query(copy, `drop index ${index}`)
    }
    for (const column of ['external_id', 'description', 'version', 'created_at', 'updated_at']) {
      query(copy, `alter table people_group drop column ${column}`)
    }
    for (const column of ['sight', 'lifecycle']) {
      query(copy, `alter table person drop column ${column}`)
    }
    for (const table of ['organization', 'presence', 'access_key']) {
      query(copy, `alter table ${table} drop column checksum`)
    }
    for (const [table, column] of [
      ...[['organization', 'sight'] as const, ['organization', 'defaults'] as const],
      ...[['organization', 'defaults_checksum'] as const, ['event', 'description'] as const],
      ...[['event', 'time_zone'] as const, ['event', 'starts_at'] as const],
      ...[['event', 'ends_at'] as const, ['connection', 'blocked_by'] as const],
      ['connection', 'updated_at'] as const,
    ]) {
      query(copy, `alter table ${table} drop column ${column}`)
    }
    query(copy, 'drop index presence_revision')
    query(copy, 'alter table presence drop column revision')
    for (const column of ['record_checksum', 'mention', 'mention_checksum', 'created_by_id']) {
      query(copy, `alter table person drop column ${column}`)
    }
    query(copy, `delete from secret where name = 'incarnation'`)
    await restore(copy, database, { force: true })
    const store = await sqliteStore(database, now)
    expect((await store.people.byId(cast.ada.id))?.person.title).toBe('First')
    await store.close()
  })

  it.each<[string, (path: string) => void, RegExp]>([
    ['cut short', (path) => truncateSync(path, statSync(path).size - 4096), /malformed/],
    ['of another kind', (path) => writeFileSync(path, 'userName\nada\n'), /not a database/],
    [
      'of another program',
      (path) => {
        writeFileSync(path, '')
        query(path, 'create table migration_of_birds (name text)')
      },
      /1 no database of Kith/,
    ],
    [
      'of a newer Kith',
      (path) => query(path, `update compatibility set step = '999-tomorrow'`),
      /newer version of Kith \(step "999-tomorrow"\)/,
    ],
    [
      'with a page of garbage',
      (path) => {
        const [{ root } = { root: 0 }] = query(
          path,
          `select rootpage as root from sqlite_schema where name = 'person'`,
        )
        const bytes = readFileSync(path)
        bytes.fill(0x55, (Number(root) - 1) * 4096, Number(root) * 4096)
        writeFileSync(path, bytes)
      },
      /malformed|do not hold together/,
    ],
    [
      'with one byte of a record changed',
      (path) => {
        const bytes = readFileSync(path)
        bytes[bytes.indexOf('"title":"First"') + 10] = 0x47
        writeFileSync(path, bytes)
      },
      /record is not as it was written/,
    ],
    ['that is not there', (path) => rmSync(path), /There is no file/],
  ])('refuses a backup %s, and leaves the database as it is', async (_, damage, words) => {
    const before = allOf(database)
    damage(copy)
    await expect(restore(copy, database, { force: true })).rejects.toThrow(words)
    expect(allOf(database)).toEqual(before)
    expect(leftovers()).toEqual([])
  })

  it('brings back a database that is gone, empty or no database any more', async () => {
    for (const ruin of [
      () => rmSync(database),
      () => truncateSync(database, 0),
      () => truncateSync(database, 4096),
      () => writeFileSync(database, 'x'.repeat(9000)),
    ]) {
      ruin()
      await restore(copy, database, { force: true })
      expect(allOf(database)).toEqual(allOf(copy))
    }
    expect(leftovers()).toEqual([])
  })
})
