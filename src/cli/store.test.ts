import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { commandLine, folderForTest } from '../../test/command-line.ts'

const commands = [
  ['org', 'list'],
  ['org', 'set', 'Acme', 'name=Acme 2'],
  ['person', 'show', 'ada'],
  ['key', 'list'],
  ['event', 'create', 'x', 'X'],
  ['connect', 'ada', 'bob'],
  ['import', 'people.csv'],
]

it.each(commands)('makes no database for kithd %s %s', async (...args) => {
  const { database, kithd } = commandLine(folderForTest())
  expect(await kithd(...args.filter((one) => one !== undefined))).toEqual({
    code: 1,
    stdout: '',
    stderr: `kithd: There is no database at ${database}; kithd org create NAME makes one, --database names another\n`,
  })
  expect(existsSync(database)).toBe(false)
})

it('tells a folder from a database', async () => {
  const { database, kithd } = commandLine(folderForTest())
  mkdirSync(database)
  const { code, stderr } = await kithd('org', 'list')
  expect([code, stderr]).toEqual([
    1,
    `kithd: The database ${database} is a folder; --database takes the path of a file\n`,
  ])
})

it.each([
  ['another file', 'a,b\nc,d and so on\n', 'is no database of Kith'],
  ['what only begins as one', `SQLite format 3\0${'x'.repeat(5000)}`, 'can not be opened: '],
])('leaves %s as it is, and names it', async (_, text, why) => {
  const { database, kithd } = commandLine(folderForTest())
  writeFileSync(database, text)
  const { code, stdout, stderr } = await kithd('org', 'list')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(`${database} ${why}`)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

it.skipIf(process.getuid?.() === 0)('names a database that it may not read', async () => {
  const { database, kithd } = commandLine(folderForTest())
  writeFileSync(database, '', { mode: 0o000 })
  const { code, stderr } = await kithd('org', 'list')
  expect(code).toBe(1)
  expect(stderr).toContain(`${database} can not be both read and written by this user`)
})

it('says that there is no folder for a new database', async () => {
  const { kithd } = commandLine(join(folderForTest(), 'nowhere'))
  for (const args of [['org', 'create', 'Acme'], ['serve']]) {
    const { code, stderr } = await kithd(...args)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/there is no folder \S+nowhere;/)])
  }
})

it('says what to do when the port is in use or the address is not this machine’s', async () => {
  const { kithd } = commandLine(folderForTest())
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const port = String((other.address() as { port: number }).port)
  expect(await kithd('serve', '--port', port)).toEqual({
    code: 1,
    stdout: '',
    stderr: `kithd: Port ${port} of 127.0.0.1 is in use; --port takes another one, 0 means any that is free\n`,
  })
  expect((await kithd('serve', '--host', '192.0.2.1')).stderr).toBe(
    'kithd: This machine has no address 192.0.2.1; --host takes one that it has, such as 127.0.0.1, or 0.0.0.0 for all\n',
  )
})

it('tells its version', async () => {
  const { kithd } = commandLine(folderForTest())
  expect(await kithd('--version')).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
})
