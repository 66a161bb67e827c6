import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

// Loaded into each server before its own code (`node --import`): tells over IPC what the process has used so far.

export interface Usage {
  readonly kind: 'usage'
  /** Microseconds of processor time, user's and system's. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  /** Bytes. */
  readonly heap: number
  /** Bytes that came over connections that it has made, which are those to its database. */
  readonly fetched: number
}

const lines = new Set<Socket>()
/** Over connections that are gone. */
let before = 0

subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  lines.add(socket)
  socket.once('close', () => {
    lines.delete(socket)
    before += socket.bytesRead
  })
})

process.on('message', (message: { readonly kind?: string }) => {
  if (message.kind !== 'usage') return
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const fetched = [...lines].reduce((sum, { bytesRead }) => sum + bytesRead, before)
  const usage: Usage = { kind: 'usage', cpu: user + system, rss, heap: heapUsed, fetched }
  process.send?.(usage)
})
