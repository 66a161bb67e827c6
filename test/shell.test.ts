import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'kith-shell-'))
const program = join(import.meta.dirname, '../bin/kithd.js')
const env = { ...process.env, KITH_DATABASE: join(folder, 'kith.db'), NO_COLOR: '1' }

const kithd = async (...args: string[]) =>
  promisify(execFile)(process.execPath, [program, ...args], { env })
    .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
    .catch(({ code, stdout, stderr }) => ({ code, stdout, stderr }))
// biome-ignore lint/suspicious/noExplicitAny: what is told has every shape
const told = async (...args: string[]): Promise<any> =>
  JSON.parse((await kithd(...args, '--json')).stdout)

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
    [['serve', '--database', join(folder, 'no/such/folder/kith.db')], /ENOENT/],
    [['fly'], /unknown command 'fly'/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await kithd(...args)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
