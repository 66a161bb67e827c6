import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Recorded } from './bare.ts'
import type { Job, LoadReport } from './load.ts'
import type { Usage } from './probe.ts'

/** The core that each kind of process has to itself; undefined where the machine does not allow it. */
export interface Cores {
  readonly server: number | undefined
  readonly generator: number | undefined
}

/** The last core for the server, since interrupts are often on the first; the first for the generator. */
export function coresOf(path: string | undefined): Cores {
  const cores = availableParallelism()
  const taskset = (path ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, 'taskset')))
  return taskset && cores >= 2
    ? { server: cores - 1, generator: 0 }
    : { server: undefined, generator: undefined }
}

const repository = fileURLToPath(new URL('..', import.meta.url))
const own = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** What still runs is ended with this process, however that ends short of being killed outright. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1))
}

function start(
  args: readonly string[],
  core: number | undefined,
  stdio: SpawnOptions['stdio'],
): ChildProcess {
  const pinned = core === undefined ? [] : ['taskset', '-c', String(core)]
  const [command = '', ...rest] = [...pinned, process.execPath, ...args]
  const child = spawn(command, rest, { cwd: repository, ...(stdio && { stdio }) })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Milliseconds that a server gets to end by itself. */
const patience = 12_000

export function end(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const impatience = setTimeout(() => child.kill('SIGKILL'), patience)
  child.once('exit', () => {
    clearTimeout(impatience)
    resolve()
  })
  // The probe listens to the channel, which would keep a server alive that has stopped.
  if (child.connected) child.disconnect()
  child.kill('SIGTERM')
  return promise
}

/** The next message of that kind. @throws Error when the process ends before */
function heard<Message>(child: ChildProcess, kind: string): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>()
  const hear = (message: unknown) => {
    if ((message as { kind?: string }).kind !== kind) return
    settle()
    resolve(message as Message)
  }
  const gone = (code: number | null, signal: string | null) => {
    settle()
    reject(new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}`))
  }
  function settle() {
    child.off('message', hear)
    child.off('exit', gone)
  }
  child.on('message', hear)
  child.on('exit', gone)
  return promise
}

export interface Server {
  readonly port: number
  /** With all processes that it has started. */
  usage(): Promise<Usage>
  /** Microseconds of processor time of each process that it consists of, itself first. */
  shares(): Promise<readonly number[]>
  stop(): Promise<void>
}

export interface BareServer extends Server {
  /** What it answers from now on. */
  answer(recorded: Recorded): Promise<void>
}

/** Milliseconds that a server gets to start listening. */
const slowestStart = 60_000

async function startServer(args: readonly string[], core: number | undefined) {
  // The log is written as always, and nobody keeps it.
  const child = start(args, core, ['ignore', 'pipe', 'ignore', 'ipc'])
  const port = await listening(child)
  const asked = async () => {
    const answer = heard<Usage>(child, 'usage')
    child.send({ kind: 'usage' })
    return answer
  }
  const server: Server = {
    port,
    async usage() {
      const first = await asked()
      const { cpu, rss } = usageOf(childrenOf(child.pid))
      return { ...first, cpu: first.cpu + cpu, rss: first.rss + rss }
    },
    async shares() {
      const first = await asked()
      return [first.cpu, ...childrenOf(child.pid).map((pid) => usageOf([pid]).cpu)]
    },
    stop: () => end(child),
  }
  return { server, child }
}

function listening(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let said = ''
  const impatience = setTimeout(
    () => reject(new Error(`A server did not start: ${child.spawnargs.join(' ')}`)),
    slowestStart,
  )
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    const port = /listening on http:\/\/[^\n]*:(\d+)/.exec(said)?.[1]
    if (port === undefined) return
    clearTimeout(impatience)
    resolve(Number(port))
  })
  child.once('exit', (code) => {
    clearTimeout(impatience)
    reject(
      new Error(`A server ended with ${code} before it listened: ${child.spawnargs.join(' ')}`),
    )
  })
  return promise
}

const probe = own('./probe.ts')

/** `kithd serve` on a free port. */
export async function startKith(
  database: string,
  core: number | undefined,
  more: readonly string[] = [],
): Promise<Server> {
  const serve = ['serve', '--host', '127.0.0.1', '--port', '0', '--database', database, ...more]
  return (await startServer(['--import', probe, 'src/main.ts', ...serve], core)).server
}

export async function startBare(core: number | undefined): Promise<BareServer> {
  const { server, child } = await startServer(['--import', probe, own('./bare.ts')], core)
  return {
    ...server,
    async answer(recorded) {
      const done = heard(child, 'recorded')
      child.send(recorded)
      await done
    },
  }
}

export interface Generator {
  /** `watch` has its turn when counting begins, and when it ends. */
  run(job: Job, watch: Watch): Promise<LoadReport>
  stop(): Promise<void>
}

export interface Watch {
  began(): Promise<void>
  counted(): Promise<void>
}

/** `program` is one that heeds jobs as the load generator does. */
export function startGenerator(core: number | undefined, program = './load.ts'): Generator {
  const child = start([own(program)], core, ['ignore', 'inherit', 'inherit', 'ipc'])
  return {
    async run(job, watch) {
      const began = heard(child, 'began')
      const counted = heard(child, 'counted')
      const ended = heard<LoadReport>(child, 'ended')
      // Should the process end, one rejection is enough to be told.
      for (const one of [counted, ended]) one.catch(() => {})
      child.send(job)
      await began
      await watch.began()
      await counted
      await watch.counted()
      return await ended
    },
    stop: () => end(child),
  }
}

/** Starts `writer.ts`, gives it one job and resolves with what it reports. */
export async function write<Report>(job: object, core: number | undefined): Promise<Report> {
  const child = start([own('./writer.ts')], core, ['ignore', 'inherit', 'inherit', 'ipc'])
  try {
    const report = heard<Report>(child, 'written')
    child.send(job)
    return await report
  } finally {
    await end(child)
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from its start to its end. */
  readonly ms: number
}

/** Runs `kithd` as its users do. */
export function kithd(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const began = performance.now()
  const child = start(['bin/kithd.js', ...args], undefined, ['ignore', 'pipe', 'pipe'])
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  child.once('close', (code) => resolve({ code, stdout, stderr, ms: performance.now() - began }))
  return promise
}

/** `kithd serve`, as its users start it. */
export const serveAt = (database: string, port: number): ChildProcess =>
  start(
    [
      'bin/kithd.js',
      'serve',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--database',
      database,
    ],
    undefined,
    ['ignore', 'ignore', 'ignore'],
  )

// What Linux tells of other processes; elsewhere a server is taken to be one process.

/** Microseconds of processor time of a process and all that it has started. */
export const cpuOf = (pid: number | undefined): number =>
  pid === undefined ? 0 : usageOf([pid, ...childrenOf(pid)]).cpu

function childrenOf(pid: number | undefined): number[] {
  const told = readFile(`/proc/${pid}/task/${pid}/children`)
  const children = told.split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...childrenOf(child)])
}

/** Microseconds in a clock tick: a hundredth of a second wherever Linux runs. */
const tick = 10_000

function usageOf(pids: readonly number[]): { cpu: number; rss: number } {
  let cpu = 0
  let rss = 0
  for (const pid of pids) {
    // The name before it may hold blanks, but no closing bracket comes after it.
    const fields = readFile(`/proc/${pid}/stat`)
      .replace(/^.*\) /, '')
      .split(' ')
    cpu += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * tick
    rss += Number(/VmRSS:\s+(\d+)/.exec(readFile(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
  }
  return { cpu, rss }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
