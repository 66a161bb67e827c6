import cluster from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { createDoor } from './access/identify.ts'
import { createSeal } from './access/seal.ts'
import { createProgram } from './cli/program.ts'
import type { RunningServer, ServerParts } from './cli/wiring.ts'
import { type Config, isServer, readConfig } from './config.ts'
import { extensionRulesOf } from './dialects/dialect.ts'
import { house } from './dialects/house/index.ts'
import { dialects, spoken } from './dialects/index.ts'
import { documentOf } from './dialects/openapi.ts'
import { createDirectory } from './directory/directory.ts'
import { tidyPictures } from './directory/gallery.ts'
import { createPulse } from './directory/pulse.ts'
import { createVerbs } from './directory/verbs.ts'
import { Failure } from './failure.ts'
import { createApp } from './http/app.ts'
import { createLog, type Log } from './http/log.ts'
import { type Shelf, shelfAt } from './http/shelf.ts'
import { diskFiles } from './pictures/disk-files.ts'
import { createPictures } from './pictures/pictures.ts'
import { upkeepOf } from './store/backup.ts'
import { sqliteStore } from './store/sqlite.ts'
import { sqliteStoreApart } from './store/sqlite-apart.ts'
import { writerOf } from './workers/answer.ts'
import { workerStore } from './workers/forward.ts'
import type { Order, Writer } from './workers/messages.ts'
import { superviseWorkers } from './workers/supervise.ts'
import { work } from './workers/worker.ts'

// The whole program, wired by hand: config → store → directory → http. Nothing else constructs anything.

const now = Date.now

/** How often the keys' last use is written down, in milliseconds. */
const keyUseInterval = 10_000

/** How often pictures that nobody has are looked for, in milliseconds. */
const tidyingInterval = 6 * 3_600_000
const firstTidying = 60_000

/**
 * By how much of what is in use the engine's heap grows before it is collected. By itself it lets it grow fourfold where the machine has much memory:
 * answers that come and go between memory and the shelf took a hundred megabytes more. An engine that does not know it goes on without.
 */
const heapGrowth = '--heap-growing-percent=40'

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
  return serveHere({ config, store, pages }, createLog(config.logLevel, { worker }))
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
  setFlagsFromString(heapGrowth)
  const seal = createSeal(await store.secret())
  const door = createDoor((store.nearby ?? store).keys, store.watch, now, seal)
  const directory = createDirectory({ store, now, extensionRules: extensionRulesOf(spoken) })
  const pulse = createPulse({
    beat: (times) => store.beat(times),
    complain: (err) => log.warn({ err }, 'heartbeats could not be written'),
    interval: config.heartbeatInterval,
  })
  const pictures = createPictures(diskFiles(config.pictures), now)
  const complain = (err: unknown, what: string) => log.warn({ err }, what)
  const verbs = createVerbs({ store, directory, pulse, pictures, complain, now })
  let publicUrl = config.publicUrl ?? ''
  const app = createApp({
    dialects: spoken,
    fallback: house,
    directory,
    verbs,
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
    ...shelfFor(config, log),
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
  const tidy = () =>
    tidyPictures(store, pictures).catch((err) => complain(err, 'pictures were not tidied'))
  const tidying = [setTimeout(tidy, firstTidying), setInterval(tidy, tidyingInterval)]
  return {
    url,
    port,
    async close() {
      clearInterval(noting)
      for (const timer of tidying) clearTimeout(timer)
      await app.close()
      await pulse.close()
      await door.flush()
      await store.close()
    },
  }
}

/** Where answers go that have to make room in memory; without one where there can be none. */
function shelfFor({ database, cacheSize, cacheDisk }: Config, log: Log): { shelf?: Shelf } {
  if (cacheSize === 0 || cacheDisk === 0) return {}
  const warn = (err: unknown) => log.warn({ err }, 'answers are kept in memory alone')
  try {
    const beside = isServer(database) ? join(tmpdir(), 'kith') : database
    return { shelf: shelfAt(`${beside}.answers-${randomUUID()}`, cacheDisk, warn) }
  } catch (error) {
    warn(error)
    return {}
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
  async openStore({ database, readFrom }, onUpgrade, { muchToWrite } = { muchToWrite: false }) {
    if (!isServer(database)) {
      return (muchToWrite ? sqliteStoreApart : sqliteStore)(database, now, onUpgrade)
    }
    // Its driver is loaded by those alone who have such a server: every command on a file would start later.
    const { postgresStore } = await import('./store/postgres.ts')
    return postgresStore(database, now, onUpgrade, readFrom)
  },
  upkeep: upkeepOf(now),
  async transfer(...asked) {
    const { transferAt } = await import('./store/transfer.ts')
    return transferAt(now)(...asked)
  },
  serve,
  dialects: spoken,
  vendors: dialects,
  now,
})

if (cluster.isWorker) await work(serveForWriter, now)
else await program.parseAsync()
