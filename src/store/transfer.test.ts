import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { commandLine } from '../../test/command-line.ts'
import { type Cluster, hasPostgres, startCluster } from '../../test/postgres-cluster.ts'
import { world } from '../../test/world.ts'
import type { Store, Write } from '../directory/ports.ts'
import type { Transferring, Whereabouts } from '../directory/upkeep.ts'
import { newPerson } from '../person/draft.ts'
import { postgresStore } from './postgres.ts'
import { sqliteStore } from './sqlite.ts'
import { transferAt } from './transfer.ts'
import { copiedTables } from './transfer-rows.ts'

const at = new Date(cast.testNow).toISOString()
const now = () => cast.testNow
const folder = mkdtempSync(join(tmpdir(), 'kith-transfer-'))
let cluster: Cluster

describe.runIf(hasPostgres())('a transfer', () => {
  const source = join(folder, 'source.db')
  beforeAll(async () => {
    cluster = await startCluster()
    const store = await sqliteStore(source, now)
    await fill(store)
    await store.close()
  }, 120_000)
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })

  it('copies every kind of row to PostgreSQL and back, and none of them changes on the way', async () => {
    const there = await cluster.newDatabase()
    const back = fileFor('back')
    const told: number[] = []
    const out = await transfer(source, there, { onCopied: (rows, of) => told.push(rows / of) })
    expect(told.at(-1)).toBe(1)
    expect(out.tables.filter(({ from }) => from.rows === 0)).toEqual([])
    const home = await transfer(there, back)
    for (const done of [out, home]) {
      expect(done).toMatchObject({ count: 0, differences: [], changed: false })
      expect(done.copied).toBe(done.tables.reduce((sum, { to }) => sum + to.rows, 0))
      for (const { from, to } of done.tables) expect(to).toEqual(from)
    }
    expect(rowsOf(back)).toEqual(rowsOf(source))
  }, 60_000)

  it('leaves a database on which all goes on where it was', async () => {
    const url = await cluster.newDatabase()
    await transfer(source, url)
    const old = await sqliteStore(source, now)
    const [{ sequence } = { sequence: 0 }] = (await old.changesAfter(0, 100_000)).slice(-1)
    const [secret, held] = [await old.secret(), await old.people.byId(cast.ada.id)]
    await old.close()
    const store = await postgresStore(url, now)
    expect([await store.secret(), await store.people.byId(cast.ada.id)]).toEqual([secret, held])
    await store.commit([{ kind: 'event', event: { ...cast.event, name: 'Other' } }], 'test', at)
    expect(await store.changesAfter(sequence, 10)).toMatchObject([{ sequence: sequence + 1 }])
    await store.signal(new Map([[cast.manager.id, { firstLoginAt: at }]]))
    await store.close()
    const revisions = await asked(url, 'select revision from presence order by revision')
    expect(new Set(revisions).size).toBe(revisions.length)
  }, 60_000)

  it.each(['to PostgreSQL', 'back'])(
    'goes on %s where it was killed, and is used by nobody meanwhile',
    async (direction) => {
      const many = fileFor('many')
      const store = await sqliteStore(many, now)
      await fill(store)
      await admit(store, 1_500)
      await store.close()
      const [from, to] = [many, await cluster.newDatabase()]
      const [source, target] = direction === 'back' ? [to, fileFor('back')] : [from, to]
      if (direction === 'back') await transfer(from, to)

      const before = await killedOnTheWay(source, target)
      expect(before).toBeGreaterThan(0)
      await expect(open(target)).rejects.toThrow(/being filled by kithd migrate/)
      const untold = commandLine(folder).kithd('org', 'list', '--database', target)
      expect(await untold).toMatchObject({ code: 1, stderr: expect.stringMatching(/being filled/) })

      const done = await transfer(source, target)
      expect(done).toMatchObject({ count: 0, changed: false })
      const all = done.tables.reduce((sum, { to: { rows } }) => sum + rows, 0)
      expect(done.copied).toBeLessThanOrEqual(all - before)
      await (await open(target)).close()
    },
    120_000,
  )

  it('names what differs, by table and key, and lets nobody use it', async () => {
    const url = await cluster.newDatabase()
    await transfer(source, url)
    const [key = ''] = await asked(url, 'select word from person_word order by word limit 1')
    await asked(
      url,
      `update person set version = 9, sight = 'x' where id = '${cast.ada.id}'`,
      'delete from membership',
      `delete from receipt where idempotency_key = '\uff61'`,
      `insert into calendar values ('${cast.manager.id}', 1)`,
      `update person_word set rules = rules + 1 where word = '${key}'`,
    )
    const { count, differences, tables, changed } = await transfer(source, url, { checkOnly: true })
    expect(changed).toBe(false)
    const members = tables.find(({ table }) => table === 'membership')
    expect(members?.to.rows).toBe(0)
    expect(differences.filter(({ table }) => table === 'receipt')).toHaveLength(1)
    expect(count).toBe(differences.length)
    expect(differences).toEqual(
      expect.arrayContaining([
        { table: 'person', key: cast.ada.id, what: 'differs in sight, version' },
        { table: 'calendar', key: cast.manager.id, what: 'is in the new one alone' },
        expect.objectContaining({ table: 'membership', what: 'is missing in the new one' }),
        { table: 'receipt', key: 'key \uff61', what: 'is missing in the new one' },
        expect.objectContaining({
          ...{ table: 'person_word', key: expect.stringContaining(key) },
          what: 'differs in rules',
        }),
      ]),
    )
    expect(new Set(differences.map(({ table }) => table)).size).toBe(5)
    for (const { table, from, to } of tables) {
      const isSame = !differences.some((one) => one.table === table)
      expect([table, from.checksum === to.checksum]).toEqual([table, isSame])
    }
  })

  it('does not let a copy be used in which a row was changed before the check', async () => {
    const url = await cluster.newDatabase()
    const onCopied = (rows: number, of: number) => rows === of && stop()
    await expect(transfer(source, url, { onCopied })).rejects.toThrow('stopped')
    await asked(url, `update event set name = 'Another'`)
    const done = await transfer(source, url)
    expect(done.copied).toBe(0)
    expect(done.differences).toEqual([
      { table: 'event', key: String(cast.event.number), what: 'differs in name' },
    ])
    await expect(open(url)).rejects.toThrow(/being filled/)
    await asked(url, `update event set name = '${cast.event.name}'`)
    expect(await transfer(source, url)).toMatchObject({ copied: 0, count: 0 })
    await (await open(url)).close()
  })

  it('refuses a copy that holds anything, and one of another database', async () => {
    const url = await cluster.newDatabase()
    const other = await postgresStore(url, now)
    await other.commit(
      [{ kind: 'organization', organization: cast.organizations.home }],
      'test',
      at,
    )
    await other.close()
    await expect(transfer(source, url)).rejects.toThrow(/holds something already, in the table org/)
    await expect(transfer(source, source)).rejects.toThrow(/source\.db is both of them/)
    const served = await cluster.newDatabase()
    const seal = await postgresStore(served, now)
    await seal.secret()
    await seal.close()
    await expect(transfer(source, served)).rejects.toThrow(/in the table secret/)
    await (await open(url)).close()

    const begun = await cluster.newDatabase()
    await expect(transfer(source, begun, { onCopied: stop })).rejects.toThrow('stopped')
    const another = fileFor('another')
    await (await sqliteStore(another, now)).close()
    await expect(transfer(another, begun)).rejects.toThrow(/from another database/)
    await expect(transfer(begun, fileFor('never'))).rejects.toThrow(/being filled by kithd migrate/)
  })

  it('refuses databases that are in use, and tells of one that was written to meanwhile', async () => {
    const file = fileFor('written')
    const store = await sqliteStore(file, now)
    await fill(store)
    const url = await cluster.newDatabase()
    await expect(transfer(file, url)).rejects.toThrow(/written\.db is in use/)
    await store.close()
    const node = await postgresStore(url, now)
    await expect(transfer(file, url)).rejects.toThrow(/kith_\w+ is in use/)
    await node.close()

    const write = `insert into change select max(sequence) + 1, 'event', '1', null, 'changed', 'test', '' from change`
    const done = await transfer(file, url, {
      onCopied: (rows, of) => rows === of && inFile(file, write),
    })
    expect(done).toMatchObject({ count: 0, changed: true })
    await expect(open(url)).rejects.toThrow(/being filled/)
    await expect(transfer(file, url)).rejects.toThrow(/before it was written to: make a new one/)
  }, 60_000)

  it('names the row that the other engine can not hold, and the one that is damaged', async () => {
    const file = fileFor('unfit')
    const store = await sqliteStore(file, now)
    await fill(store)
    await store.commit(
      [{ kind: 'event', event: { ...cast.event, number: 77, url: 'nul', name: 'a\0b' } }],
      'test',
      at,
    )
    await store.close()
    await expect(transfer(file, await cluster.newDatabase())).rejects.toThrow(
      /does not take the row 77 of event: .*0x00/,
    )
    inFile(file, `update event set name = 'a' where number = 77`)
    inFile(file, `update person set record = replace(record, 'a', 'b') where id = '${cast.ada.id}'`)
    const done = await transfer(file, await cluster.newDatabase())
    expect(done.differences).toEqual([
      {
        ...{ table: 'person', key: cast.ada.id },
        what: 'record is not as it was written, in the old one',
      },
    ])
  })

  it('refuses what is no database, and one of another version', async () => {
    const file = fileFor('older')
    await (await sqliteStore(file, now)).close()
    const url = await cluster.newDatabase()
    for (const change of [
      'alter table compatibility rename to unmarked',
      `alter table unmarked rename to compatibility;
       delete from migration where name = '005-gatherings'`,
    ]) {
      inFile(file, change)
      await expect(transfer(file, url)).rejects.toThrow(/older\.db is not of the version of this/)
    }
    // Nothing was made of it.
    await expect(transfer(url, fileFor('x'))).rejects.toThrow(/is no database of Kith/)
    await expect(transfer(fileFor('nowhere'), url)).rejects.toThrow(/There is no file/)
  })

  it('is told on the command line, and exits with 1 where anything differs', async () => {
    const url = await cluster.newDatabase()
    const { kithd } = commandLine(folder)
    const done = await kithd('migrate', source, url)
    expect([done.code, done.stdout.split('\n').at(-2)]).toEqual([
      0,
      expect.stringMatching(
        /^postgres:\/\/127\.0\.0\.1:\d+\/kith_\w+ holds what \S+source\.db holds/,
      ),
    ])
    expect(done.stdout).toMatch(/^person +\d+ +\d+ +[0-9a-f]{16} +the same$/m)
    expect(done.stderr).toMatch(/^copying …\nchecking …\nPictures are not in the database/m)
    await asked(url, `update event set name = 'Another'`)
    const checked = await kithd('migrate', source, url, '--check-only')
    expect(checked).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^event +\d+ +differs in name$/m),
    })
    const json = await kithd('migrate', source, url, '--check-only', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ same: false, count: 1, copied: 0 })
    const away = 'postgres://somebody:canary-secret@127.0.0.1:1/kith'
    const refused = await kithd('migrate', source, away)
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/postgres:\/\/127\.0\.0\.1:1\/kith can not be used/),
    ])
    expect(refused.stderr).not.toMatch(/canary|somebody/)
  }, 60_000)
})

let files = 0

/** The path of a file that is not there yet. */
function fileFor(name: string): string {
  files += 1
  return join(folder, `${files}-${name}.db`)
}

function stop(): never {
  throw new Error('stopped')
}

const whereabouts = (database: string): Whereabouts => {
  const isServer = database.startsWith('postgres:')
  return { database, isServer, name: isServer ? new URL(database).pathname.slice(1) : database }
}

const transfer = (from: string, to: string, transferring: Transferring = {}) =>
  transferAt(now)(whereabouts(from), whereabouts(to), transferring)

const open = (database: string): Promise<Store> =>
  database.startsWith('postgres:') ? postgresStore(database, now) : sqliteStore(database, now)

/** The last word of each row that the last statement finds. */
async function asked(url: string, ...statements: string[]): Promise<string[]> {
  const told: string[] = []
  for (const statement of statements) {
    told.splice(0)
    const database = new URL(url).pathname.slice(1)
    told.push(...(await cluster.primary.psql(statement, database)).split('\n').filter(Boolean))
  }
  return told
}

function inFile(file: string, statement: string): void {
  const handle = new DatabaseSync(file)
  handle.exec(statement)
  handle.close()
}

/** All rows of all tables, as SQLite itself tells them. */
function rowsOf(file: string): object {
  const handle = new DatabaseSync(file, { readOnly: true })
  try {
    return Object.fromEntries(
      copiedTables.map((table) => {
        const rows = handle.prepare(`select * from ${table}`).all()
        return [table, rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()]
      }),
    )
  } finally {
    handle.close()
  }
}

/** Everybody of the tests, and a row at least of every kind that there is. */
async function fill(store: Store): Promise<void> {
  await world({ store })
  const { home } = cast.organizations
  const [{ group }] = cast.groups
  const inner = { ...group, id: '0a000000-6666-4666-8666-666666666666', name: 'Inner' }
  // An order by UTF-16 is another one than by bytes.
  const receipts = ['a', '\uff61', '\u{20000}', 'ä'].map(
    (idempotencyKey): Write => ({
      kind: 'receipt',
      receipt: { keyId: 'key', idempotencyKey, fingerprint: 'f', entityId: 'e', at },
    }),
  )
  const { externalId: _, ...unnamed } = inner
  await store.commit(
    [
      { kind: 'organization', organization: { ...home, name: 'Ünïcode 🙂' } },
      { kind: 'group', group: { ...unnamed, version: 1 } },
      {
        ...{ kind: 'members', groupId: group.id, joining: [], leaving: [] },
        ...{ nesting: [inner.id], appointing: [cast.ada.id] },
      },
      {
        kind: 'meeting',
        meeting: {
          ...{ id: 'meeting', version: 1, state: 'booked', title: 'A talk' },
          ...{ organizerId: cast.ada.id, participantIds: [cast.ada.id, cast.askers.colleague.id] },
          ...{ start: '2026-05-01T09:00:00.000Z', end: '2026-05-01T10:00:00.000Z' },
          ...{ createdAt: at, updatedAt: at },
        },
      },
      ...receipts,
    ],
    'test',
    at,
  )
}

async function admit(store: Store, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index)
  for (let from = 0; from < count; from += 500) {
    const some = numbers.slice(from, from + 500).map((index): Write => {
      const name = `Person${index}`
      const { id: organizationId } = cast.organizations.home
      const names = { givenName: `Given ${index}`, familyName: `Family ${index % 97}` }
      const person = newPerson({ organizationId, userName: name, displayName: name, ...names }, at)
      return { kind: 'person', person }
    })
    await store.commit(some, 'test', at)
  }
}

/** Kills a run by the shell once some of it is there. @returns how many rows were, at the least */
async function killedOnTheWay(from: string, to: string): Promise<number> {
  const child = spawn(process.execPath, ['bin/kithd.js', 'migrate', from, to], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const place = `select people from migration_place where people > 1500`
  for (const began = performance.now(); performance.now() - began < 60_000; ) {
    const [rows] = await placeIn(to, place).catch(() => [])
    if (rows !== undefined) {
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      return rows
    }
    await pause(5)
  }
  child.kill('SIGKILL')
  throw new Error('Nothing was copied')
}

async function placeIn(to: string, statement: string): Promise<number[]> {
  if (to.startsWith('postgres:')) return (await asked(to, statement)).map(Number)
  const handle = new DatabaseSync(to, { readOnly: true })
  try {
    return handle
      .prepare(statement)
      .all()
      .map(({ people }) => Number(people))
  } finally {
    handle.close()
  }
}
