import { Command } from 'commander'
import { print } from './output.ts'
import { withServerOptions } from './program.ts'
import type { Flags, RunningServer, Wiring } from './wiring.ts'

export const serveCommand = (wiring: Wiring): Command =>
  withServerOptions(new Command('serve'))
    .description('run the server')
    .action(async (flags: Flags) => {
      const config = wiring.configFor(flags)
      const server = await wiring.serve({ config, store: await wiring.openStore(config) })
      print(`Kith is listening on ${server.url}`)
      await untilStopped(server)
    })

/** Milliseconds that requests in flight get to end. */
const patience = 10_000

/** Resolves when the process was told to stop and the server has closed. A second signal ends it at once. */
export async function untilStopped(server: RunningServer): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  setTimeout(() => process.exit(1), patience).unref()
  await server.close()
}
