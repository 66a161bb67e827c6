import { Command } from 'commander'
import { withServerOptions } from './options.ts'
import { print } from './output.ts'
import type { Flags, Wiring } from './wiring.ts'

export const serveCommand = (wiring: Wiring): Command =>
  withServerOptions(new Command('serve'))
    .description('run the server')
    .action(async (flags: Flags) => {
      const stopped = stopSignal()
      const config = wiring.configFor(flags)
      const server = await wiring.serve({ config, store: await wiring.openStore(config) })
      print(`Kith is listening on ${server.url}`)
      await stopped
      await server.close()
    })

/** Milliseconds that requests in flight get to end. */
const patience = 10_000

/**
 * Resolves at the first signal to stop, from now on: one that comes while the server is starting counts too.
 * After that the process has ten seconds; a second signal ends it at once.
 */
export function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let stopping = false
  const heed = () => {
    if (stopping) process.exit(1)
    stopping = true
    setTimeout(() => process.exit(1), patience).unref()
    resolve()
  }
  // Never taken off: a signal that came while the process was busy would be lost with its listener.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heed)
  return promise
}
