import cluster from 'node:cluster'
import { writerOver } from './forward.ts'
import { type FromWorker, type FromWriter, failedOf, type Order, type Writer } from './messages.ts'

/** A server that was started. */
interface Served {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/**
 * The life of a process that is a worker: it has `serve` start what the writer orders, and ends with the process when
 * the writer says so or is gone.
 */
export async function work(
  serve: (order: Order, writer: Writer) => Promise<Served>,
  now: () => number,
): Promise<void> {
  // The writer says when to stop: Ctrl-C reaches the whole group, and whoever ended of it by themselves would
  // look like one who died.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  // Nobody could have it written, revoked or stopped any more.
  cluster.worker?.once('disconnect', () => process.exit(1))

  const ordered = Promise.withResolvers<Order>()
  const stopped = Promise.withResolvers<void>()
  hear((message) => {
    if (message.kind === 'start') ordered.resolve(message.order)
    if (message.kind === 'stop') stopped.resolve()
  })
  const writer = writerOver(
    {
      send: tell,
      onAnswer: (heed) =>
        hear((message) => {
          if (message.kind === 'answer') heed(message)
        }),
      onGone: (heed) => void process.once('disconnect', heed),
    },
    now,
  )

  tell({ kind: 'hears' }, () => {})
  try {
    const server = await serve(await ordered.promise, writer)
    tell({ kind: 'listening', url: server.url, port: server.port }, () => {})
    await stopped.promise
    await server.close()
    process.exit(0)
  } catch (error) {
    tell(failedOf(error), () => process.exit(1))
  }
}

const hear = (heed: (message: FromWriter) => void): void => void process.on('message', heed)

function tell(message: FromWorker, done: (error: Error | null) => void): void {
  process.send?.(message, undefined, {}, done)
}
