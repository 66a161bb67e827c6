import type { Command } from 'commander'
import type { Store } from '../directory/ports.ts'
import { withDatabase } from './options.ts'
import type { Wiring } from './wiring.ts'

interface Invocation {
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, unknown>>
  readonly json: boolean
}

/** Makes a command that works on the store directly, beside a server that may be running on it. */
export function inStore(
  wiring: Wiring,
  command: Command,
  work: (store: Store, invocation: Invocation) => Promise<void>,
): Command {
  return withDatabase(command)
    .option('--json', 'print one line of JSON')
    .action(async () => {
      const flags = command.opts()
      const config = wiring.configFor({ database: flags.database })
      const store = await wiring.openStore(config)
      try {
        await work(store, { args: command.args, flags, json: flags.json === true })
      } finally {
        await store.close()
      }
    })
}
