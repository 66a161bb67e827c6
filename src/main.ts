import type { AddressInfo } from 'node:net'
import { createDoor } from './access/identify.ts'
import { createSeal } from './access/seal.ts'
import { createProgram } from './cli/program.ts'
import type { RunningServer, ServerParts } from './cli/wiring.ts'
import { readConfig } from './config.ts'
import { extensionRulesOf } from './dialects/dialect.ts'
import { house } from './dialects/house/index.ts'
import { dialects } from './dialects/index.ts'
import { createDirectory } from './directory/directory.ts'
import { createApp } from './http/app.ts'
import { createLog } from './http/log.ts'
import { sqliteStore } from './store/sqlite.ts'

// The whole program, wired by hand: config → store → directory → http. Nothing else constructs anything.

const now = Date.now

/** How often the keys' last use is written down, in milliseconds. */
const keyUseInterval = 10_000

async function serve({ config, store, pages }: ServerParts): Promise<RunningServer> {
  const log = createLog(config.logLevel)
  const seal = createSeal(await store.secret())
  const door = createDoor(store.keys, now)
  let publicUrl = config.publicUrl ?? ''
  const app = createApp({
    dialects,
    fallback: house,
    directory: createDirectory({ store, now, extensionRules: extensionRulesOf(dialects) }),
    door,
    seal,
    switches: config.switches,
    publicUrl: () => publicUrl,
    trustedProxies: config.trustedProxies,
    pages: pages ?? new Map(),
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
  configFor: (flags) => readConfig(process.env, flags, dialects),
  openStore: (config) => sqliteStore(config.database, now),
  serve,
  dialects,
  now,
})

await program.parseAsync()
