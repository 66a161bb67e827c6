import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { createIntake } from './bytes.ts'

/** A request whose body comes as the test has it. */
function request(headers: Record<string, string> = {}) {
  const body = new PassThrough()
  return { body, raw: Object.assign(body, { headers }) as unknown as IncomingMessage }
}

const megabyte = Buffer.alloc(1_048_576)

describe('a body of bytes', () => {
  it('is taken in whole, up to its limit', async () => {
    const intake = createIntake(10, 10)
    const { body, raw } = request()
    const taken = intake.bytes(raw, 5, 'ada')
    body.write('ab')
    body.end('cde')
    expect(String(await taken)).toBe('abcde')
  })

  it('is refused as soon as it is too large, and what comes after is kept nowhere', async () => {
    const intake = createIntake(10 * megabyte.length, 10 * megabyte.length)
    const { body, raw } = request()
    const taken = intake.bytes(raw, 2 * megabyte.length, 'ada')
    for (let count = 0; count < 3; count += 1) body.write(megabyte)
    await expect(taken).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('2097152'),
    })
    for (let count = 0; count < 9; count += 1) body.write(megabyte)
    intake.done(raw)
    const other = request()
    const next = intake.bytes(other.raw, 10 * megabyte.length, 'ada')
    for (let count = 0; count < 10; count += 1) other.body.write(megabyte)
    other.body.end()
    expect((await next).length).toBe(10 * megabyte.length)
  })

  it('is refused before it is read where it says that it is too large', () => {
    const { raw } = request({ 'content-length': '11' })
    expect(() => createIntake(100, 100).bytes(raw, 10, 'ada')).toThrow(/10 bytes at most/)
  })

  it('has to wait for room that others have, and finds it when they are done', async () => {
    const intake = createIntake(10, 10)
    const [first, second, third] = [request(), request(), request()]
    const one = intake.bytes(first.raw, 10, 'ada')
    first.body.end('12345678')
    await one
    const two = intake.bytes(second.raw, 10, 'ada')
    second.body.end('12345678')
    await expect(two).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 2 })
    intake.done(second.raw)
    intake.done(first.raw)
    intake.done(first.raw)
    const three = intake.bytes(third.raw, 10, 'ada')
    third.body.end('12345678')
    expect((await three).length).toBe(8)
  })

  it('has no more room than a share of it, whoever sends several at once', async () => {
    const intake = createIntake(10, 6)
    const send = (senderId: string, text: string) => {
      const { body, raw } = request()
      const taken = intake.bytes(raw, 10, senderId)
      body.end(text)
      return { raw, taken }
    }
    const first = send('ada', '1234')
    await first.taken
    const second = send('ada', '123')
    await expect(second.taken).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 2 })
    expect(String(await send('bob', '12345').taken)).toBe('12345')
    intake.done(second.raw)
    intake.done(first.raw)
    expect(String(await send('ada', '12345').taken)).toBe('12345')
  })

  it('is none when the request ends before it, as it should or by a break', async () => {
    const intake = createIntake(10, 10)
    for (const broken of [undefined, new Error('aborted')]) {
      const gone = request()
      const ended = intake.bytes(gone.raw, 10, 'ada')
      gone.body.write('1')
      gone.body.destroy(broken)
      await expect(ended).rejects.toMatchObject({ code: 'invalid_body' })
    }
  })

  it('is none when it comes too slowly, and may take its time when it does not', async () => {
    vi.useFakeTimers()
    try {
      const intake = createIntake(10 * megabyte.length, 10 * megabyte.length)
      const [slow, steady] = [request(), request()]
      const late = expect(intake.bytes(slow.raw, 10 * megabyte.length, 'ada')).rejects.toThrow(
        /less than 327680 bytes in 10 seconds/,
      )
      const taken = intake.bytes(steady.raw, 10 * megabyte.length, 'bob')
      slow.body.write(megabyte)
      for (let count = 0; count < 8; count += 1) {
        steady.body.write(megabyte.subarray(0, 327_680))
        await vi.advanceTimersByTimeAsync(10_000)
      }
      await late
      steady.body.end()
      expect((await taken).length).toBe(8 * 327_680)
    } finally {
      vi.useRealTimers()
    }
  })
})
