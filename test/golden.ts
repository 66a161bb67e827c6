import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/**
 * Holds an answer's text to a whole file that somebody has read: the same keys in the same order, the same
 * values. The file is laid out for reading; the answer must be compact.
 */
export function expectGolden(text: string, fixture: URL): void {
  const path = fileURLToPath(fixture)
  // For making a new golden, which is then read by eye: TEST_GOLDENS=write.
  if (process.env.TEST_GOLDENS === 'write' && !existsSync(path)) {
    writeFileSync(path, `${JSON.stringify(JSON.parse(text), null, 2)}\n`)
  }
  expect(text).toBe(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))))
}
