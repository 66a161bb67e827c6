import { expect, it } from 'vitest'
import { crash } from './crash.ts'

const times = 20

it(`loses no acknowledged write and leaves none by half, killed ${times} times`, async () => {
  const seed = Math.floor(Math.random() * 1e9)
  const rounds: string[] = [`seed ${seed}`]
  const seen = await crash({ times, seed, say: (line) => rounds.push(line) }).catch((error) => {
    throw new Error(`${error.message}\n${rounds.join('\n')}`, { cause: error })
  })
  expect(seen.writersKilled + seen.importsKilled + seen.importsEnded).toBe(times)
  expect(seen.serversKilled).toBeGreaterThan(0)
  expect(seen.acknowledged).toBeGreaterThan(0)
}, 120_000)
