import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readBody as readBodyFor } from './body.ts'
import { createIntake } from './bytes.ts'

const json = ['application/json']
const megabyte = 1_048_576

function readBody(raw: never, types: readonly string[], form: 'json' | 'form') {
  return readBodyFor(raw, types, form, createIntake(2 * megabyte, 2 * megabyte), 'ada')
}

/** A request of nothing but a body. */
function request(body: string | Buffer, headers: Record<string, string> = {}) {
  const pieces = body.length > 0 ? [Buffer.from(body)] : []
  const stream = Readable.from(pieces)
  return Object.assign(stream, {
    headers: { 'content-type': 'application/json', ...headers },
  }) as never
}

describe('a body', () => {
  it('is what was sent, in whatever pieces; nothing where there is none', async () => {
    expect(await readBody(request('{"a":["[{",1]}'), json, 'json')).toEqual({ a: ['[{', 1] })
    expect(await readBody(request(''), json, 'json')).toBeUndefined()
    const typed = { 'content-type': 'Application/JSON; charset=utf-8' }
    expect(await readBody(request('1', typed), json, 'json')).toBe(1)
  })

  it('of a form is its fields', async () => {
    expect(await readBody(request('a=1+2&b=%41'), json, 'form')).toEqual({ a: '1 2', b: 'A' })
  })

  it.each([
    [
      'of a type that is not taken',
      'x',
      { 'content-type': 'text/plain' },
      'unsupported_media_type',
    ],
    ['without a type', 'x', { 'content-type': '' }, 'unsupported_media_type'],
    ['that is packed', 'x', { 'content-encoding': 'gzip' }, 'unsupported_media_type'],
    ['that says it is too long', 'x', { 'content-length': '1048577' }, 'too_large'],
    ['that is too long', 'x'.repeat(1_048_577), {}, 'too_large'],
    ['that is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'invalid_body'],
    ['that is no JSON', '{', {}, 'invalid_body'],
    ['that is too deep', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, {}, 'invalid_body'],
    ['that is a text within', '"[[[[', {}, 'invalid_body'],
    ['with a prototype', '{"a":{"__proto__":1}}', {}, 'invalid_body'],
    ['with half a character', '{"a":"\\ud800"}', {}, 'invalid_body'],
    ['with a name that is none', '{"\\udc00":1}', {}, 'invalid_body'],
    ['with a text that ends before it does', '{"a":["b\\u0000c"]}', {}, 'invalid_body'],
    ['with one in other words', '{"\\u005f_proto__":1}', {}, 'invalid_body'],
  ] as const)('%s is refused', async (_, body, headers, code) => {
    await expect(readBody(request(body, headers), json, 'json')).rejects.toMatchObject({ code })
  })

  it('that is one text without an end is read once', async () => {
    const endless = `"${'\\"'.repeat(200_000)}`
    await expect(readBody(request(endless), json, 'json')).rejects.toMatchObject({
      code: 'invalid_body',
    })
  })

  it('may be as deep as 64', async () => {
    const deep = `${'['.repeat(64)}${']'.repeat(64)}`
    expect(await readBody(request(deep), json, 'json')).toBeDefined()
  })

  it.each([undefined, new Error('aborted')])('that ends before its time is refused', async (by) => {
    const stream = request('{"a":')
    const read = readBody(stream, json, 'json')
    ;(stream as Readable).destroy(by)
    await expect(read).rejects.toMatchObject({ code: 'invalid_body' })
  })

  it('of a form is no longer than 64 KiB', async () => {
    const form = (length: number) => readBody(request(`a=${'b'.repeat(length - 2)}`), json, 'form')
    expect(await form(65_536)).toBeDefined()
    await expect(form(65_537)).rejects.toMatchObject({ code: 'too_large' })
  })

  it('is refused to who has sent as much as one may at once, and to nobody else', async () => {
    const intake = createIntake(30, 10)
    const read = (sender: string) => readBodyFor(request('[1,2,3]'), json, 'json', intake, sender)
    const held = request('[1,2,3]')
    await readBodyFor(held, json, 'json', intake, 'ada')
    await expect(read('ada')).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 2 })
    expect(await read('bob')).toEqual([1, 2, 3])
    intake.done(held)
    expect(await read('ada')).toEqual([1, 2, 3])
  })
})
