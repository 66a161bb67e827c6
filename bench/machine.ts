import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, platform, release, totalmem } from 'node:os'
import manifest from '../package.json' with { type: 'json' }
import type { Cores } from './processes.ts'

/** Where, when and with what something was measured. */
export interface Circumstances {
  readonly date: string
  readonly processor: string
  readonly cores: number
  /** Bytes. */
  readonly memory: number
  readonly system: string
  readonly node: string
  readonly sqlite: string
  readonly kith: string
  /** In words. */
  readonly pinned: string
}

export function circumstances({ server, generator }: Cores): Circumstances {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    sqlite: process.versions.sqlite ?? 'unknown',
    kith: `${manifest.version}${commit()}`,
    pinned:
      server === undefined
        ? 'nothing was pinned to a core'
        : `servers on core ${server}, load generator on core ${generator}`,
  }
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'src') === '' ? '' : ' and changes in src'
    return ` (${git('rev-parse', '--short', 'HEAD')}${changed})`
  } catch {
    return ''
  }
}

/** Microseconds that the machine's cores have worked so far, whatever for. */
export function workSoFar(): number {
  const ms = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0)
  return (ms + stolen()) * 1000
}

/** Milliseconds that other guests of the same host have had our cores for, where the system tells. */
function stolen(): number {
  try {
    const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? []
    return Number(ticks[7] ?? 0) * 10
  } catch {
    return 0
  }
}
