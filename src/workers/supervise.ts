import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Page } from '../http/app.ts'
import type { Log } from '../http/log.ts'
import { answerTo } from './answer.ts'
import {
  type Failed,
  type FromWorker,
  type FromWriter,
  failedOf,
  type Listening,
  type Writer,
} from './messages.ts'

export interface WorkerParts {
  readonly config: Config
  readonly pages: ReadonlyMap<string, Page>
  readonly databaseFile: string
  readonly writer: Writer
  readonly now: () => number
  readonly log: Log
}

export interface RunningWorkers {
  /** Where all of them listen, without a slash at the end. */
  readonly url: string
  /** Lets requests in flight end, then the workers. @throws Error when one of them could not end well */
  close(): Promise<void>
}

/** Milliseconds until one that died is replaced; twice as many each time it dies young, up to the most. */
const shortestPause = 100
const longestPause = 10_000
/** Milliseconds after which nobody dies young. */
const grown = 10_000

/** How a worker ended. */
interface End {
  readonly code: number | null
  readonly signal: string | null
  /** What it said of it. */
  readonly failed: Failed | undefined
  readonly listened: boolean
  /** Milliseconds. */
  readonly age: number
}

/**
 * Has `config.workers` processes of this program serve on one port, writes for them, and replaces those that die.
 * Resolves when all of them listen. @throws Error with the system's `code` when one can't; none is left then
 */
export async function superviseWorkers(parts: WorkerParts): Promise<RunningWorkers> {
  const { config, pages, databaseFile, writer, now, log } = parts
  // Connections wait in one queue of the system's, from which whichever worker is free takes the next. With Node's
  // default, round robin, this process would hand them out: those that a dying worker was about to take would hang
  // for ever, and all would wait while this one waits for the disk.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ serialization: 'advanced' })
  const alive = new Set<Worker>()
  const listening = new Set<Worker>()
  const stopping = new AbortController()
  const started = Promise.withResolvers<Listening>()
  let complete = false
  let first: Listening | undefined
  let { port } = config
  let badEnd: Error | undefined

  function heed(number: number, worker: Worker, told: Listening): void {
    first ??= told
    if (told.port !== first.port) {
      worker.process.kill('SIGKILL')
      return
    }
    listening.add(worker)
    log.info({ worker: number, pid: worker.process.pid }, 'a worker listens')
    if (listening.size === config.workers) started.resolve(first)
  }

  /** One worker, from its start to its end. */
  async function run(number: number): Promise<End> {
    const { promise, resolve } = Promise.withResolvers<End>()
    const born = performance.now()
    let failed: Failed | undefined
    const worker = cluster.fork()
    alive.add(worker)
    const end = (code: number | null, signal: string | null) => {
      const listened = listening.delete(worker)
      alive.delete(worker)
      // Any free port is free again when nobody listens; who comes next listens where they did.
      if (first && listening.size === 0) port = first.port
      resolve({ code, signal, failed, listened, age: performance.now() - born })
    }
    worker.on('exit', end)
    worker.on('error', (err) => {
      log.error({ worker: number, err }, 'a worker can not be reached')
      if (worker.process.pid === undefined) end(null, null)
    })
    worker.on('message', async (message: FromWorker) => {
      switch (message.kind) {
        case 'hears': {
          const order = { worker: number, config: { ...config, port }, pages, databaseFile }
          return tell(worker, { kind: 'start', order })
        }
        case 'listening':
          return heed(number, worker, message)
        case 'ask':
          return tell(worker, await answerTo(message, writer, now, log))
        case 'failed':
          failed = message
      }
    })
    return promise
  }

  /** One worker after another, until it is time to stop. */
  async function keep(number: number): Promise<void> {
    let pause = shortestPause
    while (!stopping.signal.aborted) {
      const end = await run(number).catch(unborn)
      if (stopping.signal.aborted) {
        if (end.listened && end.code !== 0) badEnd = errorFrom(number, end)
      } else if (complete || isInterruption(end.signal)) {
        pause = await pauseAfter(number, end, pause)
      } else {
        started.reject(errorFrom(number, end))
        return
      }
    }
  }

  /** Lets the pause pass. @returns the next one, should the next worker die young too */
  async function pauseAfter(number: number, end: End, pause: number): Promise<number> {
    const { code, signal, failed, age } = end
    const why = { worker: number, code, signal, ...(failed && { err: errorFrom(number, end) }) }
    const level = isInterruption(signal) ? 'info' : 'error'
    log[level](why, 'a worker ended; another one takes its place')
    const milliseconds = age > grown ? shortestPause : pause
    await sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => {})
    return Math.min(milliseconds * 2, longestPause)
  }

  async function stop(): Promise<void> {
    stopping.abort()
    for (const worker of alive) {
      if (listening.has(worker)) tell(worker, { kind: 'stop' })
      else worker.process.kill('SIGKILL')
    }
    await kept
  }

  const kept = Promise.all(Array.from({ length: config.workers }, (_, index) => keep(index + 1)))
  try {
    const { url } = await started.promise
    complete = true
    return {
      url,
      async close() {
        await stop()
        if (badEnd) throw badEnd
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The end of a worker that the system would not even start. */
const unborn = (error: unknown): End => ({
  code: null,
  signal: null,
  failed: failedOf(error),
  listened: false,
  age: 0,
})

/** One that dies meanwhile is told of by its end. */
const tell = (worker: Worker, message: FromWriter): void => void worker.send(message, () => {})

/** Whether it may be that of Ctrl-C, which reaches workers too, and some before they can heed it. */
const isInterruption = (signal: string | null): boolean =>
  signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP'

function errorFrom(number: number, { code, signal, failed }: End): Error {
  if (!failed) return new Error(`Worker ${number} ended with ${signal ?? `code ${code}`}`)
  return Object.assign(
    new Error(failed.message),
    failed.code !== undefined && { code: failed.code },
  )
}
