import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { commandLine } from './command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-shell-'))
const program = join(import.meta.dirname, '../bin/kithd.js')
const { env, kithd, told } = commandLine(folder)

/** A server of its own, on a free port. Its log goes where every test's log is audited. */
async function serve(...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logFile = inject('logFile')
  child.stderr?.on('data', (data) => appendFileSync(logFile, data))
  for await (const line of createInterface({
    input: child.stdout as NonNullable<typeof child.stdout>,
  })) {
    const [, url] = /listening on (\S+)/.exec(line) ?? []
    if (url) return { child, url }
  }
  throw new Error('The server ended without listening')
}

async function seen(response: Response) {
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

async function stop(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = await ended
  return code
}

afterAll(() => rmSync(folder, { recursive: true }))

describe('on an older Node', () => {
  const bin = join(folder, 'kith/bin')

  /** Runs the launcher with another version than this Node's, in a tree that has what `files` says. */
  function launch(files: Readonly<Record<string, string>>): ChildProcess {
    rmSync(join(folder, 'kith'), { recursive: true, force: true })
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'kith', path)), { recursive: true })
      writeFileSync(join(folder, 'kith', path), text, { mode: 0o700 })
    }
    const old = `Object.defineProperty(process.versions, 'node', { value: '20.0.0' })`
    writeFileSync(join(folder, 'old.cjs'), old)
    mkdirSync(bin, { recursive: true })
    copyFileSync(program, join(bin, 'kithd.mjs'))
    return spawn(process.execPath, ['-r', join(folder, 'old.cjs'), join(bin, 'kithd.mjs')], {
      stdio: 'pipe',
    })
  }

  it('says where Node 26 comes from', async () => {
    const child = launch({})
    const complained = child.stderr?.toArray()
    expect(await once(child, 'exit')).toEqual([1, null])
    expect((await complained)?.join('')).toMatch(
      /^Kith needs Node 26 .* without --omit=dev or --ignore-scripts.* Or install Node 26\.\n$/,
    )
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on', async (signal) => {
    const node = `#!/bin/sh
trap 'echo ${signal}; exit 7' ${signal.slice(3)}
echo ready
for turn in $(seq 200); do sleep 0.05; done`
    const child = launch({ 'node_modules/node/bin/node': node })
    const ended = once(child, 'exit')
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
    const said: string[] = []
    for await (const line of lines) {
      said.push(line)
      if (line === 'ready') child.kill(signal)
    }
    expect(said).toEqual(['ready', signal])
    expect(await ended).toEqual([7, null])
  })
})

describe('from the shell', () => {
  let server: { child: ChildProcess; url: string }
  let key: { id: string; key: string }
  const read = (path: string, secret = key.key) =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } }).then(seen)

  beforeAll(async () => {
    await kithd('org', 'create', 'Shell Works', '--time-zone', 'Europe/Amsterdam')
    await kithd(
      'person',
      'create',
      'zz-shell-user',
      'displayName=ZzShell Person',
      'email=zz.shell@shell.example',
    )
    key = await told('key', 'create', '--person', 'zz-shell-user')
    server = await serve()
  })
  afterAll(async () => {
    if (server.child.exitCode === null) await stop(server.child)
  })

  it('leads from an empty database to an answer', async () => {
    const answer = await read('/api/2.0/people/zz-shell-user')
    expect(answer.status).toBe(200)
    const { response, links } = answer.body
    expect(response).toMatchObject({
      displayName: 'ZzShell Person',
      email: 'zz.shell@shell.example',
    })
    expect(links[0].href).toBe(`${server.url}/api/2.0/people/zz-shell-user`)
  })

  it('shows what a person is changed to at the running server’s next request', async () => {
    await kithd('person', 'set', 'zz-shell-user', 'title=Shellmaster')
    expect((await read('/v1/people/me')).body.title).toBe('Shellmaster')
  })

  it('ends a key at the running server’s next request', async () => {
    const other = await told('key', 'create', '--service', 'reader')
    expect((await read('/api/2.0/people/zz-shell-user', other.key)).status).toBe(200)
    await kithd('key', 'revoke', other.id)
    expect((await read('/api/2.0/people/zz-shell-user', other.key)).status).toBe(401)
    const listed = (await kithd('key', 'list')).stdout.split('\n') as string[]
    expect(listed.find((line) => line.startsWith(other.id))).toMatch(
      / member +service reader +revoked /,
    )
    expect(listed.join()).not.toContain(other.key)
  })

  it('shuts out a person who is suspended, and lets them in again', async () => {
    await kithd('person', 'set', 'zz-shell-user', 'lifecycle=suspended')
    expect((await read('/v1/people/me')).status).toBe(401)
    await kithd('person', 'set', 'zz-shell-user', 'lifecycle=active')
    expect((await read('/v1/people/me')).status).toBe(200)
  })

  it('ends cleanly when it is told to, and notes when keys were used', async () => {
    expect((await read('/readyz')).status).toBe(200)
    expect(await stop(server.child)).toBe(0)
    const [mine] = (await told('key', 'list')).filter(({ id }: { id: string }) => id === key.id)
    expect(Date.now() - Date.parse(mine.lastUsedAt)).toBeLessThan(60_000)
  })

  it('puts absolute addresses on the public URL that it was given', async () => {
    server = await serve('--public-url', 'https://people.example.com/kith/')
    const headers = { authorization: `Bearer ${key.key}`, 'x-forwarded-host': 'evil.example' }
    const { body } = await fetch(`${server.url}/docspace/api/2.0/people/@self`, { headers }).then(
      seen,
    )
    expect(body.links[0].href).toBe('https://people.example.com/kith/docspace/api/2.0/people/@self')
    await stop(server.child)
  })

  it('lets people read and know each other by way of an event and a connection', async () => {
    server = await serve()
    await kithd(
      'person',
      'create',
      'zz-other-user',
      'audience.contact=connections',
      'phone=5550100',
    )
    await kithd('event', 'create', 'shell-day', 'Shell Day')
    const both = ['zz-shell-user', 'zz-other-user']
    const [, other] = await told('event', 'attend', 'shell-day', ...both)
    expect((await read(other.paths.accelevents)).status).toBe(200)

    const { paths } = await told('person', 'show', 'zz-other-user')
    expect((await read(paths.chakra)).body._data.phones).toEqual([])
    await kithd('connect', ...both)
    expect((await read(paths.chakra)).body._data.phones).toEqual(['5550100'])
    expect(Object.keys(paths).sort()).toEqual([
      ...['chakra', 'docspace', 'house', 'rinkel', 'scim', 'webex'],
    ])
    for (const [name, path] of Object.entries(paths) as [string, string][]) {
      const headers =
        name === 'rinkel' ? { 'x-rinkel-api-key': key.key } : { authorization: `Bearer ${key.key}` }
      expect([name, (await fetch(server.url + path, { headers })).status]).toEqual([name, 200])
    }
    await stop(server.child)
  })

  it('takes a second signal at once for the echo of the first', async () => {
    server = await serve()
    const ended = once(server.child, 'exit')
    server.child.kill('SIGINT')
    server.child.kill('SIGTERM')
    server.child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })

  it('goes on when nobody reads what it prints any more', async () => {
    server = await serve()
    server.child.stdout?.destroy()
    server.child.stderr?.destroy()
    for (let time = 0; time < 3; time += 1) {
      expect((await read('/api/2.0/people/zz-shell-user')).status).toBe(200)
    }
    expect(await stop(server.child)).toBe(0)
  })

  it('ends without a word when nobody reads the answer of a command', async () => {
    const child = spawn(process.execPath, [program, 'key', 'list'], { env, stdio: 'pipe' })
    child.stdout.destroy()
    const complained = child.stderr.toArray()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect((await complained).join('')).toBe('')
  })

  it('prints a new key alone, and what is to know of it beside', async () => {
    const { stdout, stderr } = await kithd('key', 'create', '--service', 'alone')
    expect(stdout).toMatch(/^kith_\w+\n$/)
    expect(stderr).toMatch(/^Key [-0-9a-f]{36}, role member\. It is shown this once/)
  })

  it.each<[string[], RegExp]>([
    [['key', 'create', '--person', 'nobody-there'], /nobody with the user name "nobody-there"/],
    [['key', 'create'], /either --person USERNAME or --service NAME/],
    [
      ['key', 'create', '--service', 'x', '--role', 'king'],
      /Allowed choices are member, admin, owner/,
    ],
    [['key', 'create', '--service', 'x', '--expires', 'soon'], /"soon" is no instant/],
    [
      ['key', 'create', '--service', 'x', '--org', 'Nowhere'],
      /no organization "Nowhere"; there is "Shell Works"/,
    ],
    [['key', 'revoke', 'x'], /no key x/],
    [['org', 'create', 'X', '--time-zone', 'Mars/Base'], /"Mars\/Base" is no IANA time zone/],
    [['serve', '--port', 'x'], /--port \(KITH_PORT\): must be a number/],
    [['serve', '--database', join(folder, 'no/such/kith.db')], /there is no folder \S+no\/such;/],
    [
      ['serve', '--database', ':memory:'],
      /--database \(KITH_DATABASE\): must be the path of a file/,
    ],
    [['fly'], /unknown command 'fly'/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await kithd(...args)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
