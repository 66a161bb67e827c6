import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { commandLine } from './command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-workers-'))
const program = join(import.meta.dirname, '../bin/kithd.js')
const { database, env, kithd, told } = commandLine(folder)

const patience = { timeout: 10_000 }
/** Milliseconds in which a line of the log is written out, with some to spare. */
const longestWait = 300

interface Line {
  readonly msg?: string
  readonly worker?: number
  readonly pid?: number
  readonly status?: number
  readonly code?: number | null
  readonly err?: object
}

interface Running {
  readonly child: ChildProcess
  readonly url: string
  /** What it printed, line by line. */
  readonly printed: readonly string[]
  /** What all of its processes logged. */
  readonly logged: readonly Line[]
}

const running: ChildProcess[] = []

/** A server of two workers, in a process group of its own. */
async function serve(): Promise<Running> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--workers', '2'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.push(child)
  const [printed, logged]: [string[], Line[]] = [[], []]
  const logFile = inject('logFile')
  createInterface({ input: child.stderr }).on('line', (line) => {
    appendFileSync(logFile, `${line}\n`)
    logged.push(line.startsWith('{') ? JSON.parse(line) : { msg: line })
  })
  createInterface({ input: child.stdout }).on('line', (line) => printed.push(line))
  await vi.waitFor(() => expect(printed).toHaveLength(1), 20_000)
  await vi.waitFor(() => expect(births(logged)).toHaveLength(2), 10_000)
  return { child, url: printed[0]?.split(' ').at(-1) ?? '', printed, logged }
}

/** Its processes that are alive. */
const pidsOf = ({ child, logged }: Running): number[] =>
  [child.pid, ...births(logged).map(({ pid }) => pid)].filter(
    (pid) => pid !== undefined && lives(pid),
  ) as number[]

const births = (logged: readonly Line[]) => logged.filter(({ msg }) => msg === 'a worker listens')
const deaths = (logged: readonly Line[]) =>
  logged.filter(({ msg }) => msg?.startsWith('a worker ended'))

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The status of an answer on a connection of its own. */
const ask = (url: string, secret: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}` }
    get(url, { agent: false, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    }).on('error', reject)
  })

afterAll(() => {
  for (const { pid } of running) {
    try {
      process.kill(-(pid as number), 'SIGKILL')
    } catch {
      // It ended, as it should.
    }
  }
  rmSync(folder, { recursive: true })
})

describe('several workers', () => {
  let server: Running
  let key: { id: string; key: string }

  /** Asks each worker, on a connection that it alone can take; the statuses by worker. */
  async function askEach(secret = key.key): Promise<Record<number, number | undefined>> {
    const statuses: Record<number, number | undefined> = {}
    for (const worker of [1, 2]) {
      const other = births(server.logged).findLast((birth) => birth.worker !== worker)?.pid
      // Lines are written out a few at a time.
      await setTimeout(longestWait)
      const before = server.logged.length
      process.kill(other as number, 'SIGSTOP')
      try {
        statuses[worker] = await ask(`${server.url}/v1/people/me`, secret)
      } finally {
        process.kill(other as number, 'SIGCONT')
      }
      await expect.poll(() => server.logged.slice(before), patience).toMatchObject([{ worker }])
    }
    return statuses
  }

  beforeAll(async () => {
    await kithd('org', 'create', 'Workers’ Works', '--time-zone', 'Europe/Amsterdam')
    await kithd('person', 'create', 'zz-worker-user', 'displayName=ZzWorker Person')
    key = await told('key', 'create', '--person', 'zz-worker-user')
    server = await serve()
  })

  it('answer on one port, which is told once', async () => {
    expect(await askEach()).toEqual({ 1: 200, 2: 200 })
    expect(server.printed).toHaveLength(1)
    expect(await ask(`${server.url}/readyz`, '')).toBe(200)
  })

  it('end a key at the next request, whoever answers it', async () => {
    const other = await told('key', 'create', '--person', 'zz-worker-user')
    expect(await askEach(other.key)).toEqual({ 1: 200, 2: 200 })
    await kithd('key', 'revoke', other.id)
    expect(await askEach(other.key)).toEqual({ 1: 401, 2: 401 })
  })

  it('stand in at once for one who dies, until another one takes its place', async () => {
    const dying = births(server.logged).find(({ worker }) => worker === 1)?.pid
    process.kill(dying as number, 'SIGKILL')
    for (let time = 0; time < 10; time += 1) {
      expect(await ask(`${server.url}/v1/people/me`, key.key)).toBe(200)
    }
    await expect
      .poll(() => deaths(server.logged), patience)
      .toMatchObject([{ worker: 1, signal: 'SIGKILL' }])
    await expect.poll(() => births(server.logged), patience).toHaveLength(3)
    expect(await askEach()).toEqual({ 1: 200, 2: 200 })
  })

  it('come back where they were when all of them died', async () => {
    const [, ...workers] = pidsOf(server)
    expect(workers).toHaveLength(2)
    for (const pid of workers) process.kill(pid, 'SIGKILL')
    await expect.poll(() => births(server.logged), patience).toHaveLength(5)
    expect(await askEach()).toEqual({ 1: 200, 2: 200 })
    expect(server.printed).toHaveLength(1)
  })

  it('tell of a port that is in use as one process does, and leave nobody behind', async () => {
    const { port } = new URL(server.url)
    const { code, stdout, stderr } = await kithd('serve', '--workers', '2', '--port', port)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `kithd: Port ${port} of 127.0.0.1 is in use; --port takes another one, 0 means any that is free\n`,
    )
  })

  it('end well when all of them are told to, and note when keys were used', async () => {
    const pids = pidsOf(server)
    const ended = once(server.child, 'exit')
    // As Ctrl-C and service managers do: to the whole group, and then the launcher's echo.
    process.kill(-(server.child.pid as number), 'SIGINT')
    server.child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(pids).toHaveLength(3)
    expect(pids.filter(lives)).toEqual([])
    expect(deaths(server.logged)).toHaveLength(3)
    const [mine] = (await told('key', 'list')).filter(({ id }: { id: string }) => id === key.id)
    expect(Date.now() - Date.parse(mine.lastUsedAt)).toBeLessThan(60_000)
  })

  it('open no other file that gets the database’s name', async () => {
    server = await serve()
    const dying = births(server.logged).find(({ worker }) => worker === 1)?.pid
    const moved = `${database}-moved`
    renameSync(database, moved)
    copyFileSync(moved, database)
    process.kill(dying as number, 'SIGKILL')
    await expect
      .poll(() => deaths(server.logged), patience)
      .toMatchObject([{ signal: 'SIGKILL' }, { code: 1, err: { code: 'unavailable' } }])
    expect(await ask(`${server.url}/v1/people/me`, key.key)).toBe(503)
    renameSync(moved, database)
    await expect.poll(() => births(server.logged), patience).toHaveLength(3)
    expect(await ask(`${server.url}/v1/people/me`, key.key)).toBe(200)
  })

  it('end at once when the first process is gone, and let go of the port', async () => {
    // Whoever lived on would hold on to the pipe that it logs to.
    const closed = once(server.child, 'close')
    server.child.kill('SIGKILL')
    const killedAt = performance.now()
    expect(await closed).toEqual([null, 'SIGKILL'])
    expect(performance.now() - killedAt).toBeLessThan(5000)
    await expect(ask(server.url, '')).rejects.toThrow('ECONNREFUSED')
  })
})
