import { Command } from 'commander'
import { settings } from '../config.ts'
import { Failure } from '../failure.ts'
import { keyCommand } from './keys.ts'
import { organizationCommand } from './organizations.ts'
import { styled, UsageError } from './output.ts'
import { serveCommand } from './serve.ts'
import type { Wiring } from './wiring.ts'

/** The command line. Each command is a file beside this one. */
export function createProgram(wiring: Wiring): { parseAsync(): Promise<void> } {
  const program = new Command('kithd')
    .description('One people directory that speaks every people API.')
    .showHelpAfterError('(kithd --help shows what there is)')
    .addCommand(serveCommand(wiring))
    .addCommand(organizationCommand(wiring))
    .addCommand(keyCommand(wiring))

  return {
    async parseAsync() {
      try {
        await program.parseAsync()
      } catch (error) {
        const told = error instanceof UsageError || error instanceof Failure
        const text = error instanceof Error ? error.message : String(error)
        console.error(styled('red', `kithd: ${text}`, process.stderr))
        if (!told && error instanceof Error && process.env['KITH_LOG_LEVEL'] === 'debug')
          console.error(error.stack)
        process.exitCode = 1
      }
    },
  }
}

/** Adds the options that set the server up; the same settings are environment variables. */
export function withServerOptions(command: Command): Command {
  for (const { flag, variable, default: value, meaning } of settings) {
    const told = value === '' ? '' : `, ${value} by default`
    command.option(`${flag} <value>`, `${meaning.replaceAll('`', '')} (${variable}${told})`)
  }
  return command
}

/** Adds the option that names the database. */
export const withDatabase = (command: Command): Command =>
  command.option('--database <file>', 'the database (KITH_DATABASE, kith.db by default)')
