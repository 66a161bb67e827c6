import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { isBare } from './repeats.ts'

const bare = (...rawHeaders: string[]) => isBare({ rawHeaders } as unknown as IncomingMessage)

it('takes what has nothing beside its target and harmless headers', () => {
  expect(bare()).toBe(true)
  expect(bare('Host', 'a', 'Authorization', 'Bearer x', 'Accept', '*/*')).toBe(true)
  expect(bare('Content-Length', '0')).toBe(true)
  expect(bare('Kookie', 'a=b')).toBe(true)
})

it.each([
  ['Cookie', 'a=b'],
  ['COOKIE', 'a=b'],
  ['Content-Length', '2'],
  ['content-length', '00'],
  ['Transfer-Encoding', 'chunked'],
  ['Expect', '100-continue'],
])('leaves what has %s: %s to the whole way', (name, value) => {
  expect(bare('Host', 'a', name, value)).toBe(false)
})
