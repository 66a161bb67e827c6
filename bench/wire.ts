import { connect } from 'node:net'
import type { Dialect } from '../src/dialects/dialect.ts'

/** An answer as it came over the socket. */
export interface RawAnswer {
  readonly status: number
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[]
  readonly body: Buffer
  /** All of it. */
  readonly bytes: Buffer
}

const headEnd = Buffer.from('\r\n\r\n')
const lengthNames = [Buffer.from('content-length: '), Buffer.from('Content-Length: ')] as const

export const statusOf = (answer: Uint8Array): number =>
  digit(answer, 9) * 100 + digit(answer, 10) * 10 + digit(answer, 11)

const digit = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) - 48

/** How many bytes the answer has that begins here, by its own word; undefined while its head is not complete. */
export function sizeOf(answer: Buffer): number | undefined {
  const head = answer.indexOf(headEnd)
  if (head < 0) return undefined
  return head + headEnd.length + (bodiless.has(statusOf(answer)) ? 0 : bodyLength(answer, head))
}

/** Statuses of answers that have no body, and no word of its length. */
const bodiless = new Set([204, 304])

function bodyLength(answer: Buffer, head: number): number {
  for (const name of lengthNames) {
    const found = answer.indexOf(name)
    if (found < 0 || found > head) continue
    let length = 0
    for (let at = found + name.length; answer[at] !== 13; at += 1)
      length = length * 10 + digit(answer, at)
    return length
  }
  throw new Error('An answer came without Content-Length')
}

export interface Line {
  /** False once either side has closed it. */
  readonly open: boolean
  /** Sends a whole request. @throws Error when nothing comes within ten seconds */
  ask(request: string): Promise<RawAnswer>
  close(): void
}

/** Milliseconds to wait for an answer. */
const patience = 10_000

/** A kept-alive connection on loopback for one request after the other, that hands out answers byte for byte. */
export function openLine(port: number): Line {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let waiting: PromiseWithResolvers<RawAnswer> | undefined
  let held = Buffer.alloc(0)

  const fail = (error: Error) => {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.setTimeout(patience, () => {
    if (waiting) socket.destroy(new Error('No answer came'))
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The connection was closed')))
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    const size = sizeOf(held)
    if (size === undefined || held.length < size) return
    waiting?.resolve(answerFrom(held.subarray(0, size)))
    waiting = undefined
    held = held.subarray(size)
  })
  return {
    get open() {
      return socket.writable
    },
    ask(request) {
      if (!socket.writable) return Promise.reject(new Error('The connection was closed'))
      waiting = Promise.withResolvers()
      socket.write(request, 'latin1')
      return waiting.promise
    },
    close: () => void socket.destroy(),
  }
}

function answerFrom(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf(headEnd)
  const [, ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
  return { status: statusOf(bytes), headers, body: bytes.subarray(end + headEnd.length), bytes }
}

/** The headers of a request, as a client of that vendor's would send them with a key. */
export const headFor = (dialect: Dialect, key: string): string =>
  `host: 127.0.0.1\r\nuser-agent: kith-bench\r\naccept: ${dialect.mediaTypes[0]}\r\n${credential(dialect, key)}\r\n`

/** The header that carries a key in that dialect, in the first place that the vendor's clients put it. */
function credential({ name, credentials: [place] }: Dialect, key: string): string {
  if (!place) throw new Error(`${name} takes no credentials`)
  if (place.in === 'cookie') return `cookie: ${place.name}=${key}`
  return place.in === 'header' ? `${place.name}: ${key}` : `authorization: Bearer ${key}`
}

/** A whole request. `etag` is that of an answer which the caller has already. */
export const rendered = (path: string, head: string, etag?: string): string =>
  etag === undefined
    ? `GET ${path} HTTP/1.1\r\n${head}\r\n`
    : `GET ${path} HTTP/1.1\r\n${head}if-none-match: ${etag}\r\n\r\n`

export type WriteMethod = 'POST' | 'PATCH' | 'DELETE'

/** A whole request that writes; its body is JSON in ASCII, of which a character is a byte. */
export const renderedWrite = (
  method: WriteMethod,
  path: string,
  head: string,
  body?: string,
): string =>
  body === undefined
    ? `${method} ${path} HTTP/1.1\r\n${head}\r\n`
    : `${method} ${path} HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

export function headerOf({ headers }: RawAnswer, name: string): string | undefined {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name)
  return at < 0 ? undefined : headers[at + 1]
}
