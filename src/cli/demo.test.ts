import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'

interface Line {
  readonly url: string
  readonly keys: Readonly<Record<string, string>>
  readonly people: Readonly<Record<string, Readonly<Record<string, string | number>>>>
  readonly event: {
    readonly url: string
    readonly number: number
    readonly attendees: Readonly<Record<string, number>>
  }
}

interface Demo {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** What it has printed so far. */
  readonly printed: () => string
  readonly complained: () => string
  /** The folder that its data is in a folder of. */
  readonly folder: string
}

function demo(...flags: string[]): Demo {
  const folder = mkdtempSync(join(tmpdir(), 'kith-test-'))
  const child = spawn(process.execPath, ['bin/kithd.js', 'demo', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { TMPDIR: folder },
  })
  let [printed, complained] = ['', '']
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr.on('data', (chunk) => {
    complained += chunk
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return { child, printed: () => printed, complained: () => complained, folder }
}

async function jsonDemo(): Promise<Demo & { line: Line }> {
  const running = demo('--json', '--port', '0')
  await once(running.child.stdout, 'data')
  return { ...running, line: JSON.parse(running.printed()) as Line }
}

async function ended({ child }: Demo): Promise<number | null> {
  const [code] = await once(child, 'close')
  return code as number | null
}

interface PageData {
  readonly dialects: readonly { name: string; header: string; before: string }[]
  readonly people: readonly { userName: string; paths: Readonly<Record<string, string>> }[]
}

it('prints one line of JSON, with which ada can be read in every dialect', async () => {
  const running = await jsonDemo()
  const { url, keys, people, event } = running.line
  expect(Object.keys(keys).sort()).toEqual(['ada', 'admin', 'bob', 'outsider', 'owner'])
  expect(people.ada).toMatchObject({ userName: 'ada.byron', email: 'ada@example.com' })
  expect(event).toMatchObject({
    url: 'spring-summit',
    attendees: { ada: expect.any(Number), bob: expect.any(Number) },
  })

  const data = (await (await fetch(`${url}/demo.json`)).json()) as PageData
  const ada = data.people.find(({ userName }) => userName === 'ada.byron')
  expect(data.dialects.length).toBeGreaterThan(0)
  for (const { name, header, before } of data.dialects) {
    const headers = { [header]: `${before}${keys.bob}` }
    const reply = await fetch(url + ada?.paths[name], { headers })
    expect([name, reply.status]).toEqual([name, 200])
    expect(await reply.text()).toContain('Byron')
  }
  const webex = await fetch(`${url}/v1/people/${people.ada?.webex}`, {
    headers: { authorization: `Bearer ${keys.outsider}` },
  })
  expect(await webex.text()).not.toContain('ada@example.com')
  expect(running.printed().trim().split('\n')).toHaveLength(1)
})

it.each(['SIGTERM', 'SIGINT'] as const)(
  'takes its data away on %s and ends well',
  async (signal) => {
    const running = await jsonDemo()
    expect(readdirSync(running.folder)).toHaveLength(1)
    running.child.kill(signal)
    expect(await ended(running)).toBe(0)
    expect(readdirSync(running.folder)).toEqual([])
    expect(running.complained()).toBe('')
  },
)

it('takes its data away when it is told to stop before it listens', async () => {
  const running = demo('--json', '--port', '0')
  await expect.poll(() => readdirSync(running.folder).length, { timeout: 20_000 }).toBe(1)
  running.child.kill('SIGTERM')
  await ended(running)
  expect(readdirSync(running.folder)).toEqual([])
})

it('says in one line that the port is in use, and leaves nothing behind', async () => {
  const { line } = await jsonDemo()
  const port = new URL(line.url).port
  const second = demo('--port', port)
  expect(await ended(second)).toBe(1)
  expect(second.complained()).toMatch(new RegExp(`^kithd: Port ${port} .* is in use.*\\n$`))
  expect(second.printed()).toBe('')
  expect(readdirSync(second.folder)).toEqual([])
})

it('prints commands that work when pasted', async () => {
  const running = demo('--port', '0')
  await once(running.child.stdout, 'data')
  const commands = running.printed().match(/^curl .*$/gm) ?? []
  expect(commands.length).toBeGreaterThan(0)
  for (const command of commands) {
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
    const body = (await shell.stdout.toArray()).join('')
    expect([command, JSON.parse(body)]).toEqual([command, expect.any(Object)])
    expect(body).toContain(command.includes('/changes') ? '"entity":"person"' : 'Byron')
  }
})
