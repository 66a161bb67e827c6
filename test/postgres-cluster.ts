import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

// A real PostgreSQL for tests: from the system's packages, in a temporary folder, on loopback, as an unprivileged user.

const run = promisify(execFile)

/** Where distributions put the server's programs; the newest is taken. */
const homes = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt']

/** One server of a cluster. */
export interface Server {
  readonly port: number
  /** Of the process that starts all others; undefined while it does not run. */
  readonly pid: number | undefined
  /** Starts it where it does not run. Resolves when it takes connections. */
  start(): Promise<void>
  /** Ends it as a power cut would: no answer, no goodbye. */
  kill(): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
  /** Of a standby: makes it the primary. */
  promote(): Promise<void>
  /** One statement, by the system's own client. @returns what it prints, without decoration */
  psql(statement: string, database?: string): Promise<string>
}

export interface Cluster {
  readonly primary: Server
  /** All that run: the primary and the standbys. */
  readonly servers: readonly Server[]
  /** A URL of a new and empty database, on the primary. */
  newDatabase(): Promise<string>
  /** The same database on another server. */
  urlOn(server: Pick<Server, 'port'>, url: string): string
  /** Makes a standby that follows the primary. */
  addStandby(): Promise<Server>
  /** Ends all servers, and leaves nothing behind. */
  close(): Promise<void>
}

export interface ClusterOptions {
  /** Whether what is acknowledged is on disk; slow, and of use only where servers are killed. */
  readonly durable?: boolean
  readonly maxConnections?: number
  /** Lines of `postgresql.conf`, in place of what tests take. */
  readonly settings?: string
}

/** The folder of the server's programs; undefined where there is none. */
function findPrograms(): string | undefined {
  const found = homes.flatMap((home) => {
    if (!existsSync(home)) return []
    return readdirSync(home)
      .map((version) => join(home, version, 'bin'))
      .filter((bin) => existsSync(join(bin, 'initdb')))
  })
  const version = (bin: string) => Number(/(\d+)[^\d]*$/.exec(bin)?.[1] ?? 0)
  return found.sort((one, other) => version(other) - version(one))[0]
}

const programs = findPrograms()

const required = Boolean(process.env.CI || process.env.KITH_REQUIRE_POSTGRES)

/**
 * Whether tests of PostgreSQL can be run here. Where they can't, that is said once, loudly; where they have to be
 * (`CI` or `KITH_REQUIRE_POSTGRES` is set) they run, and fail.
 */
export function hasPostgres(): boolean {
  if (programs === undefined && !required) {
    process.stderr.write(
      '\nSKIPPED: the tests of PostgreSQL. There is no PostgreSQL on this machine (apt-get install postgresql).\n\n',
    )
  }
  return programs !== undefined || required
}

/** Starts a primary. @throws Error where PostgreSQL is not installed */
export async function startCluster({
  durable = false,
  maxConnections = 400,
  settings: more = '',
}: ClusterOptions = {}): Promise<Cluster> {
  if (programs === undefined) {
    throw new Error('PostgreSQL is required and not installed (apt-get install postgresql)')
  }
  const bin = programs
  const identity = await unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'kith-postgres-'))
  chmodSync(folder, 0o755)
  if (identity) chownSync(folder, identity.uid, identity.gid)
  const options = { cwd: folder, ...identity }
  const servers: Server[] = []

  async function makeServer(name: string, fill: (data: string) => Promise<unknown>) {
    const data = join(folder, name)
    await fill(data)
    const port = await freePort()
    const server = serverOf({ bin, data, folder, port, durable, identity })
    servers.push(server)
    await server.start()
    return server
  }

  const primary = await makeServer('primary', async (data) => {
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'kith', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      options,
    )
    appendFileSync(
      join(data, 'postgresql.conf'),
      `${settings}max_connections = ${maxConnections}\n${more}\n`,
    )
  })

  return {
    primary,
    servers,
    async newDatabase() {
      const name = `kith_${randomUUID().replaceAll('-', '')}`
      await primary.psql(`create database ${name}`)
      return `postgres://kith@127.0.0.1:${primary.port}/${name}`
    },
    urlOn: ({ port }, url) => url.replace(/@[^/]*\//, `@127.0.0.1:${port}/`),
    addStandby: () =>
      makeServer(`standby-${servers.length}`, async (data) => {
        const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'kith']
        const args = ['-D', data, ...from, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']
        await run(join(bin, 'pg_basebackup'), args, options)
      }),
    async close() {
      for (const server of servers.toReversed()) await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** No more than tests take; several may run at once on a small machine. */
const settings = `
listen_addresses = '127.0.0.1'
shared_buffers = 32MB
wal_level = replica
max_wal_senders = 6
hot_standby = on
logging_collector = off
`

interface Identity {
  readonly uid: number
  readonly gid: number
}

/** Who runs it; undefined for whoever runs the tests. PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n')
  const entry = ['postgres', 'nobody'].flatMap((name) =>
    passwd.filter((line) => line.startsWith(`${name}:`)),
  )[0]
  const [, , uid, gid] = entry?.split(':') ?? []
  if (!uid || !gid) throw new Error('PostgreSQL does not run as root, and there is nobody else')
  return { uid: Number(uid), gid: Number(gid) }
}

/** Milliseconds that a server may take to start: it may have to recover, on a machine that is busy. */
const patience = 60_000

interface Place {
  readonly bin: string
  readonly data: string
  readonly folder: string
  readonly port: number
  readonly durable: boolean
  readonly identity: Identity | undefined
}

function serverOf({ bin, data, folder, port, durable, identity }: Place): Server {
  const options = { cwd: folder, ...identity }
  let child: ChildProcess | undefined

  async function psql(statement: string, database = 'postgres'): Promise<string> {
    const at = ['-h', '127.0.0.1', '-p', String(port), '-U', 'kith', '-d', database]
    const { stdout } = await run(join(bin, 'psql'), ['-XAtq', ...at, '-c', statement], options)
    return stdout.trim()
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    await ended
  }

  return {
    port,
    get pid() {
      return child?.pid
    },
    psql,
    async start() {
      if (child) return
      const safe = durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off']
      const args = ['-D', data, '-p', String(port), '-k', folder, ...safe]
      let said = ''
      const started = spawn(join(bin, 'postgres'), args, {
        ...options,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      started.stderr.on('data', (text) => {
        said = `${said}${text}`.slice(-4_000)
      })
      child = started
      const deadline = performance.now() + patience
      while (!(await isReady(bin, port))) {
        if (started.exitCode !== null || performance.now() > deadline) {
          throw new Error(`PostgreSQL did not start:\n${said}`)
        }
        await pause(50)
      }
    },
    // Immediate shutdown: what a crash leaves, without the processes that a killed parent would leave behind.
    kill: () => end('SIGQUIT'),
    stop: () => end('SIGINT'),
    async promote() {
      await run(join(bin, 'pg_ctl'), ['promote', '-w', '-D', data], options)
    },
  }
}

const isReady = (bin: string, port: number): Promise<boolean> =>
  run(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).then(
    () => true,
    () => false,
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port')
  return address.port
}
