import { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { backupCommand, checkCommand, restoreCommand } from './backups.ts'
import { demoCommand } from './demo.ts'
import { connectCommand, eventCommand } from './events.ts'
import { exportCommand } from './export/command.ts'
import { importCommand } from './import/command.ts'
import { keyCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { organizationCommand } from './organizations.ts'
import { printable, styled } from './output.ts'
import { personCommand } from './people.ts'
import { serveCommand } from './serve.ts'
import type { Wiring } from './wiring.ts'

/** The command line. Each command is a file beside this one. */
export function createProgram(wiring: Wiring): { parseAsync(): Promise<void> } {
  const program = new Command('kithd')
    .description('One people directory that speaks every people API.')
    .version(manifest.version, '--version', 'print the version')
    .showHelpAfterError('(kithd --help shows what there is)')
    .addCommand(demoCommand(wiring))
    .addCommand(serveCommand(wiring))
    .addCommand(organizationCommand(wiring))
    .addCommand(keyCommand(wiring))
    .addCommand(personCommand(wiring))
    .addCommand(eventCommand(wiring))
    .addCommand(connectCommand(wiring))
    .addCommand(importCommand(wiring))
    .addCommand(exportCommand(wiring))
    .addCommand(backupCommand(wiring))
    .addCommand(restoreCommand(wiring))
    .addCommand(checkCommand(wiring))
    .addCommand(migrateCommand(wiring))

  return {
    async parseAsync() {
      try {
        await program.parseAsync()
      } catch (error) {
        const text = wordsOf(error).split('\n').map(printable).join('\n')
        console.error(styled('red', `kithd: ${text}`, process.stderr))
        // One of these is a mistake of ours, and where it was made helps to mend it.
        if (error instanceof TypeError || error instanceof RangeError) console.error(error.stack)
        process.exitCode = 1
      }
    },
  }
}

/** With the cause, where there is one: whoever has the shell may know it, and can perhaps mend it. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
