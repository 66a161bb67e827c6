import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkDatabase } from '../../src/store/check.ts'
import { type ServerProcess, serverProcess } from '../server-process.ts'
import { end, enterMounts, furnish, locker, ownMounts, plainUser, smallDisks } from './faults.ts'

// Every row of the table in docs/reliability.md is a test here, by its name.

const root = mkdtempSync(join(tmpdir(), 'kith-faults-'))
/** What each test begins with: many people, so that not everybody is on one page. */
const template = join(root, 'template.db')
let key = ''
beforeAll(async () => {
  key = await furnish(template, 50)
})
afterAll(() => rmSync(root, { recursive: true }))

interface Place {
  readonly folder: string
  readonly database: string
  readonly env: NodeJS.ProcessEnv
}

function place(): Place {
  const folder = mkdtempSync(join(root, 'db-'))
  const database = join(folder, 'kith.db')
  copyFileSync(template, database)
  return { folder, database, env: environmentFor(database) }
}

const environmentFor = (database: string): NodeJS.ProcessEnv => ({
  ...process.env,
  KITH_DATABASE: database,
  NO_COLOR: '1',
})

/** Writes with a command, as administrators do. @returns its exit code and what it said is wrong */
const write = (env: NodeJS.ProcessEnv, title: string, options: object = {}) =>
  new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const args = ['bin/kithd.js', 'person', 'set', 'ada', `title=${title}`]
    execFile(process.execPath, args, { env, ...options }, (error, _, stderr) => {
      resolve({ code: error ? error.code : 0, stderr })
    })
  })

const read = async (server: ServerProcess, userName = 'ada') => {
  const { status, text } = await server.get(`/api/2.0/people/${userName}`, key)
  return { status, title: status === 200 ? JSON.parse(text).response.title : undefined }
}

const readiness = async (server: ServerProcess) => (await server.get('/readyz')).status
const soon = { timeout: 10_000, interval: 100 }

/** What is said to whoever can't be answered, in the vendor's words. */
const refused = { status: 503, title: undefined }

const disks = smallDisks()
if (!disks) console.warn('The full disk is not tested: unshare and mount are not permitted here')

it.skipIf(!disks)(
  'the disk is full',
  async () => {
    const mount = join(root, 'disk')
    mkdirSync(mount)
    const script = 'mount -t tmpfs -o size=4m,mode=0777 none "$0" && exec "$@"'
    const launcher = [...ownMounts, 'sh', '-c', script, mount, process.execPath]
    const server = await serverProcess(environmentFor(join(mount, 'kith.db')), [], launcher)
    // Its disk as it is seen from outside, which does for everything but SQLite.
    const disk = join('/proc', String(server.child.pid), 'root', mount)
    const kithd = (...args: string[]) =>
      new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
        const [enter = '', ...flags] = enterMounts(server.child.pid ?? 0)
        const command = [...flags, process.execPath, resolvePath('bin/kithd.js'), ...args]
        execFile(enter, command, { env: environmentFor(join(mount, 'kith.db')) }, (error, ...out) =>
          resolve({ code: error ? error.code : 0, stdout: out[0], stderr: out[1] }),
        )
      })
    const rename = (title: string) => kithd('person', 'set', 'ada', `title=${title}`)
    await kithd('org', 'create', 'Full')
    await kithd('person', 'create', 'ada', 'title=First')
    const mine = (await kithd('key', 'create', '--service', 'faults')).stdout.trim()
    const titleNow = async () => (await server.get('/api/2.0/people/ada', mine)).text
    expect(await titleNow()).toContain('First')
    expect(await readiness(server)).toBe(200)

    const filler = join(disk, 'filler')
    fill(filler)
    const failed = await rename('Second')
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/disk is full/)])
    await expect.poll(() => readiness(server), soon).toBe(503)
    expect(await titleNow()).toContain('First')

    rmSync(filler)
    await expect.poll(() => readiness(server), soon).toBe(200)
    expect((await rename('Third')).code).toBe(0)
    expect(await titleNow()).toContain('Third')
    expect((await kithd('check')).code).toBe(0)
  },
  60_000,
)

function fill(file: string): void {
  for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
      } catch {
        break
      }
    }
  }
}

it('the file or its folder may only be read', async () => {
  const { folder, database, env } = place()
  if (plainUser.uid !== undefined) {
    for (const path of [root, folder]) chmodSync(path, 0o755)
    for (const path of [folder, database]) chownSync(path, plainUser.uid, plainUser.gid)
  }
  const args = ['bin/kithd.js', 'serve', '--port', '0']
  const start = () =>
    new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        args,
        { env, timeout: 20_000, ...plainUser },
        (_, out, complaint) => resolve(`${out}${complaint}`),
      )
    })
  chmodSync(database, 0o400)
  expect(await start()).toMatch(/kithd: The database .* can not be both read and written/)
  chmodSync(database, 0o600)
  chmodSync(folder, 0o500)
  expect(await start()).toMatch(
    /kithd: The database .* can not be opened: (unable to open|attempt to write)/,
  )
  const failed = await write(env, 'Second', plainUser)
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/can not be opened/)])
  chmodSync(folder, 0o700)
  expect((await write(env, 'Third', plainUser)).code).toBe(0)
}, 60_000)

it('another process writes for long', async () => {
  const { database, env } = place()
  const server = await serverProcess(env)
  expect(await readiness(server)).toBe(200)
  const other = await locker(database, 'write')
  await pause(1_100)
  // While the server tries to write, and after it has given up.
  const answers: number[] = []
  const ready = readiness(server)
  for (let time = 0; time < 20; time += 1) {
    const started = performance.now()
    expect(await read(server)).toEqual({ status: 200, title: 'First' })
    answers.push(performance.now() - started)
  }
  expect(await ready).toBe(503)
  expect(answers.sort((one, another) => one - another)[10]).toBeLessThan(200)
  const failed = await write(env, 'Second')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/locked/)])
  expect(await read(server)).toEqual({ status: 200, title: 'First' })

  await end(other)
  await expect.poll(() => readiness(server), soon).toBe(200)
  expect((await write(env, 'Third')).code).toBe(0)
  expect(await read(server)).toEqual({ status: 200, title: 'Third' })
}, 60_000)

it('another process has the database to itself', async () => {
  const { database, env } = place()
  const other = await locker(database, 'all')
  const failed = await write(env, 'Second')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/is locked/)])
  await expect(serverProcess(env)).rejects.toThrow(/kithd: The database .* is locked/)
  await end(other)
  const server = await serverProcess(env)
  expect(await read(server)).toEqual({ status: 200, title: 'First' })
}, 60_000)

it('the log is cut short', async () => {
  const { database, env } = place()
  const server = await serverProcess(env)
  for (const title of ['Second', 'Third']) await write(env, title)
  expect(await read(server)).toEqual({ status: 200, title: 'Third' })
  const log = `${database}-wal`
  truncateSync(log, statSync(log).size - 8_000)
  const failed = await write(env, 'Fourth')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/kithd: /)])
  await expect.poll(() => readiness(server), soon).toBe(503)
  const { status, title } = await read(server)
  expect([`200 Third`, '503 undefined']).toContain(`${status} ${title}`)

  await end(server.child)
  const again = await serverProcess(env)
  const after = await read(again)
  expect(['First', 'Second', 'Third']).toContain(after.title)
  expect(await readiness(again)).toBe(200)
  expect((await write(env, 'Fifth')).code).toBe(0)
  expect(await read(again)).toEqual({ status: 200, title: 'Fifth' })
  expect(checkDatabase(database).faults).toEqual([])
}, 60_000)

it('a page of the database is damaged', async () => {
  const { database, env } = place()
  const bytes = readFileSync(database)
  const found = bytes.indexOf('"userName":"other-40"')
  const page = Math.floor(found / 4_096) * 4_096
  writeFileSync(database, bytes.fill(0x55, page, page + 4_096))
  const server = await serverProcess(env)
  expect(await readiness(server)).toBe(200)
  expect(await read(server, 'other-40')).toEqual(refused)
  expect(await read(server)).toEqual({ status: 200, title: 'First' })
  expect(await readiness(server)).toBe(503)
  await pause(1_100)
  expect(await readiness(server)).toBe(503)
  expect(checkDatabase(database).faults).not.toEqual([])
}, 60_000)

it('a byte of a record is damaged', async () => {
  const { database, env } = place()
  const bytes = readFileSync(database)
  const found = bytes.indexOf('"userName":"other-40"')
  bytes[found + 12] = (bytes[found + 12] ?? 0) ^ 1
  writeFileSync(database, bytes)
  const server = await serverProcess(env)
  expect(await read(server, 'other-40')).toEqual(refused)
  expect(await read(server, 'other-41')).toEqual({ status: 200, title: 'First' })
  expect(await readiness(server)).toBe(503)
}, 60_000)

it('the database is removed', async () => {
  const { folder, database, env } = place()
  const server = await serverProcess(env)
  expect(await read(server)).toEqual({ status: 200, title: 'First' })
  renameSync(database, join(folder, 'away'))
  await pause(200)
  expect(await read(server)).toEqual(refused)
  expect(await readiness(server)).toBe(503)
  const failed = await write(env, 'Second')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/There is no database/)])

  renameSync(join(folder, 'away'), database)
  await pause(200)
  expect(await read(server)).toEqual({ status: 200, title: 'First' })
  expect(await readiness(server)).toBe(200)
  expect((await write(env, 'Third')).code).toBe(0)
  expect(await read(server)).toEqual({ status: 200, title: 'Third' })
}, 60_000)

it('another file is in its place', async () => {
  const { folder, database, env } = place()
  const server = await serverProcess(env)
  expect(await read(server)).toEqual({ status: 200, title: 'First' })
  const other = join(folder, 'other.db')
  copyFileSync(template, other)
  const handle = new DatabaseSync(other)
  handle.exec(`delete from access_key`)
  handle.close()
  for (const suffix of ['-wal', '-shm']) rmSync(`${other}${suffix}`, { force: true })
  renameSync(other, database)
  await pause(200)
  expect(await read(server)).toEqual(refused)
  expect(await readiness(server)).toBe(503)
  await server.stop()
}, 60_000)
