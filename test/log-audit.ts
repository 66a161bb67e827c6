import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { namesOfEverybody } from './cast.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where every server of the tests writes its log. */
    logFile: string
  }
}

/** What must not be in a line of the log, whoever wrote it. */
export const secretsInLog: readonly (readonly [string, RegExp])[] = [
  ['a key', /kith_[0-9A-Za-z]{8,}/],
  ['an e-mail address', /[^\s"@]+@[^\s"@]+\.[a-z]+/i],
  ['a name of the tests’ people', /Zz[A-Z]|zz-\w+-user|Canary/i],
  ['a telephone number', /\+\d[\d ]{7,}|4085267209|5267209|12345678/],
]

/** Before the tests: a file for every server's log. After them: no line of it tells of anybody. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'kith-test-'))
  const logFile = join(folder, 'server.log')
  writeFileSync(logFile, '')
  project.provide('logFile', logFile)
  return () => {
    const lines = readFileSync(logFile, 'utf8').split('\n').filter(Boolean)
    rmSync(folder, { recursive: true })
    for (const line of lines) {
      for (const [what, secret] of secretsInLog) {
        if (secret.test(line)) throw new Error(`The log holds ${what}: ${line}`)
      }
      const name = namesOfEverybody.find((one) => line.includes(one))
      if (name) throw new Error(`The log holds the name "${name}": ${line}`)
    }
    console.log(
      `Log audit: ${lines.length} lines, none with a key, an address, a number or a name.`,
    )
  }
}
