import { Command } from 'commander'
import { demoCommand } from './demo.ts'
import { importCommand } from './import/command.ts'
import { keyCommand } from './keys.ts'
import { organizationCommand } from './organizations.ts'
import { styled } from './output.ts'
import { personCommand } from './people.ts'
import { serveCommand } from './serve.ts'
import type { Wiring } from './wiring.ts'

/** The command line. Each command is a file beside this one. */
export function createProgram(wiring: Wiring): { parseAsync(): Promise<void> } {
  const program = new Command('kithd')
    .description('One people directory that speaks every people API.')
    .showHelpAfterError('(kithd --help shows what there is)')
    .addCommand(demoCommand(wiring))
    .addCommand(serveCommand(wiring))
    .addCommand(organizationCommand(wiring))
    .addCommand(keyCommand(wiring))
    .addCommand(personCommand(wiring))
    .addCommand(importCommand(wiring))

  return {
    async parseAsync() {
      try {
        await program.parseAsync()
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        console.error(styled('red', `kithd: ${text}`, process.stderr))
        // One of these is a mistake of ours, and where it was made helps to mend it.
        if (error instanceof TypeError || error instanceof RangeError) console.error(error.stack)
        process.exitCode = 1
      }
    },
  }
}
