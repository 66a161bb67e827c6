// The server to compare with, a process of its own: bare node:http that answers every request with one recorded answer.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Recorded {
  readonly status: number
  /** Names and values in turn, without those that node:http adds itself. */
  readonly headers: readonly string[]
  /** In base64. */
  readonly body: string
}

let status = 503
let headers: string[] = []
let body = Buffer.alloc(0)

const server = createServer((_request, response) => {
  response.writeHead(status, headers)
  response.end(body)
})

process.on('message', (message: Partial<Recorded>) => {
  // The other messages are the probe's.
  if (message.body === undefined) return
  status = message.status ?? status
  headers = [...(message.headers ?? [])]
  body = Buffer.from(message.body, 'base64')
  process.send?.({ kind: 'recorded' })
})
process.on('disconnect', () => process.exit())

server.listen(0, '127.0.0.1', () => {
  console.log(`Bare is listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
