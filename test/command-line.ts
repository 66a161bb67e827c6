import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Ended {
  readonly code: unknown
  readonly stdout: string
  readonly stderr: string
}

/** `kithd` on a database of its own, which the caller's `folder` holds. */
export function commandLine(folder: string) {
  const database = join(folder, 'kith.db')
  const env = { ...process.env, KITH_DATABASE: database, NO_COLOR: '1' }
  const kithd = (...args: readonly string[]) =>
    new Promise<Ended>((resolve) => {
      execFile(process.execPath, ['bin/kithd.js', ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr })
      })
    })
  return {
    database,
    env,
    kithd,
    // biome-ignore lint/suspicious/noExplicitAny: what is told has every shape
    told: async (...args: readonly string[]): Promise<any> =>
      JSON.parse((await kithd(...args, '--json')).stdout),
  }
}

/** A folder that is gone after the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kith-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
