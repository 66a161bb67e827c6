import type { Command } from 'commander'
import { settings } from '../config.ts'

/** Adds the options that set the server up, except the flags of `without`; the same settings are environment variables. */
export function withServerOptions(command: Command, without: readonly string[] = []): Command {
  for (const { flag, variable, default: value, meaning } of settings) {
    if (without.includes(flag)) continue
    const told = value === '' ? '' : `, ${value} by default`
    command.option(`${flag} <value>`, `${meaning.replaceAll('`', '')} (${variable}${told})`)
  }
  return command
}

/** Adds the option that names the database. */
export const withDatabase = (command: Command): Command =>
  command.option('--database <file>', 'the database (KITH_DATABASE, kith.db by default)')
