// Loaded into each server before its own code (`node --import`): tells over IPC what the process has used so far.

export interface Usage {
  readonly kind: 'usage'
  /** Microseconds of processor time, user's and system's. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  /** Bytes. */
  readonly heap: number
}

process.on('message', (message: { readonly kind?: string }) => {
  if (message.kind !== 'usage') return
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ kind: 'usage', cpu: user + system, rss, heap: heapUsed } satisfies Usage)
})
