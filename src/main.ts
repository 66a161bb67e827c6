import cluster from 'node:cluster'
import { statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createDoor } from './access/identify.ts'
import { createSeal } from './access/seal.ts'
import { createProgram } from './cli/program.ts'
import type { RunningServer, ServerParts } from './cli/wiring.ts'
import { readConfig } from './config.ts'
import { extensionRulesOf } from './dialects/dialect.ts'
import { house } from './dialects/house/index.ts'
import { dialects, spoken } from './dialects/index.ts'
import { documentOf } from './dialects/openapi.ts'
import { createDirectory } from './directory/directory.ts'
import { createRegistrar } from './directory/registrar.ts'
import { Failure } from './failure.ts'
import { createApp } from './http/app.ts'
import { createLog, type Log } from './http/log.ts'
import { upkeepOf } from './store/backup.ts'
import { sqliteStore } from './store/sqlite.ts'
import { writerOf } from './workers/answer.ts'
import { workerStore } from './workers/forward.ts'
import type { Order, Writer } from './workers/messages.ts'
import { superviseWorkers } from './workers/supervise.ts'
import { work } from './workers/worker.ts'

// The whole program, wired by hand: config → store → directory → http. Nothing else constructs anything.

const now = Date.now

/** How often the keys' last use is written down, in milliseconds. */
const keyUseInterval = 10_000

/** Serves in this process, or in as many workers as there are to be. */
async function serve({ config, store, pages = new Map() }: ServerParts): Promise<RunningServer> {
  const log = createLog(config.logLevel)
  if (config.workers === 1) return serveHere({ config, store, pages }, log)
  const databaseFile = identityOf(config.database)
  const writer = writerOf(store)
  const workers = await superviseWorkers({ config, pages, databaseFile, writer, now, log })
  return {
    url: workers.url,
    async close() {
      await workers.close().finally(() => store.close())
    },
  }
}

/** Serves as one of the workers of the process that writes. */
async function serveForWriter({ worker, config, pages, databaseFile }: Order, writer: Writer) {
  // The writer would write to the one, and this worker read the other.
  if (identityOf(config.database) !== databaseFile) {
    throw new Failure('unavailable', 'The database is another file than when the server started')
  }
  const store = workerStore(await sqliteStore(config.database, now), writer)
  return serveHere({ config, store, pages }, createLog(config.logLevel).child({ worker }))
}

/** Which file is at a path. @throws Error with the system's code when there is none */
function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true })
  return `${dev}:${ino}`
}

async function serveHere(
  { config, store, pages }: Required<ServerParts>,
  log: Log,
): Promise<RunningServer & { readonly port: number }> {
  const seal = createSeal(await store.secret())
  const door = createDoor(store.keys, store.watch, now, seal)
  let publicUrl = config.publicUrl ?? ''
  const app = createApp({
    dialects: spoken,
    fallback: house,
    directory: createDirectory({ store, now, extensionRules: extensionRulesOf(spoken) }),
    registrar: createRegistrar({ store, now }),
    door,
    watch: store.watch,
    seal,
    switches: config.switches,
    publicUrl: () => publicUrl,
    trustedProxies: config.trustedProxies,
    limits: config.limits,
    corsOrigins: config.corsOrigins,
    describe: (dialect) => documentOf(dialect, publicUrl),
    cacheSize: config.cacheSize,
    pages,
    ready: () => store.ready(),
    now,
    log,
  })
  await app.listen({ host: config.host, port: config.port })
  const { port } = app.server.address() as AddressInfo
  const url = `http://${reachable(config.host)}:${port}`
  publicUrl ||= url

  const noting = setInterval(
    () => door.flush().catch((err: unknown) => log.warn({ err }, 'key use was not noted')),
    keyUseInterval,
  )
  return {
    url,
    port,
    async close() {
      clearInterval(noting)
      await app.close()
      await door.flush()
      await store.close()
    },
  }
}

/** The name to reach a listening address by, in a URL. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

// Whoever read what is printed may stop reading (`kithd key list | head -1`): what is under way goes on unheard.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = 1
  })
}

const program = createProgram({
  configFor: (flags) => readConfig(process.env, flags, [...new Set([...spoken, house])]),
  openStore: (config) => sqliteStore(config.database, now),
  upkeep: upkeepOf(now),
  serve,
  dialects: spoken,
  vendors: dialects,
  now,
})

if (cluster.isWorker) await work(serveForWriter, now)
else await program.parseAsync()
