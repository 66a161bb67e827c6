import { Command } from 'commander'
import { type Config, isServer } from '../config.ts'
import { withServerOptions } from './options.ts'
import { print, UsageError } from './output.ts'
import { openStore } from './store.ts'
import type { Flags, RunningServer, ServerParts, Wiring } from './wiring.ts'

export const serveCommand = (wiring: Wiring): Command =>
  withServerOptions(new Command('serve'))
    .description('run the server')
    .action(async (flags: Flags) => {
      const stopped = stopSignal()
      const config = wiring.configFor(flags)
      refuseNoPictures(config)
      const store = await openStore(wiring, config, { creates: true })
      const server = await listen(wiring, { config, store })
      print(`Kith is listening on ${server.url}`)
      await stopped
      await server.close()
    })

/** Were there a folder by itself, each node would have its own, and nobody would see the pictures of another's. */
function refuseNoPictures({ database, pictures }: Config): void {
  if (isServer(database) && pictures === '') {
    throw new UsageError(
      '--pictures has to be said with PostgreSQL: a folder for pictures, the same for all nodes',
    )
  }
}

/** Starts the server; where it can't listen, closes the store and says what to do. */
export async function listen(wiring: Wiring, parts: ServerParts): Promise<RunningServer> {
  try {
    return await wiring.serve(parts)
  } catch (error) {
    await parts.store.close()
    const { code = '' } = error as NodeJS.ErrnoException
    const told = whyNot[code]?.(parts.config)
    throw told === undefined ? error : new UsageError(told)
  }
}

const noAddress = ({ host }: Config) =>
  `This machine has no address ${host}; --host takes one that it has, such as 127.0.0.1, or 0.0.0.0 for all`

/** Why a server can't listen, by what the system calls it. */
const whyNot: Readonly<Record<string, (config: Config) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `Port ${port} of ${host} is in use; --port takes another one, 0 means any that is free`,
  EACCES: ({ host, port }) =>
    `Port ${port} of ${host} is not open to this user, as those below 1024 often are; --port takes another one`,
  EADDRNOTAVAIL: noAddress,
  ENOTFOUND: noAddress,
}

/** Milliseconds that requests in flight get to end. */
const patience = 10_000

/** Milliseconds in which a second signal is the first one's echo: Ctrl-C reaches this process and its launcher, which passes it on. */
const echo = 500

/**
 * Resolves at the first signal to stop, from now on: one that comes while the server is starting counts too.
 * After that the process has ten seconds; another signal, after half a second, ends it at once.
 */
export function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let stoppedAt: number | undefined
  const heed = () => {
    if (stoppedAt !== undefined) {
      if (performance.now() - stoppedAt > echo) process.exit(1)
      return
    }
    stoppedAt = performance.now()
    setTimeout(() => process.exit(1), patience).unref()
    resolve()
  }
  // Never taken off: a signal that came while the process was busy would be lost with its listener.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heed)
  return promise
}
