// The load generator, a process of its own that is told its jobs over IPC.
//
// It is our own, on bare sockets: those that npm has (autocannon) take more of a core for a request than the servers
// that they are to measure, and wrk is not on npm. It does no more than it must: it writes a request that is nearly
// ready, and of the answer it reads status and length.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Distribution, draws } from './draws.ts'
import { rendered, renderedWrite, sizeOf, statusOf, type WriteMethod } from './wire.ts'

export interface Job {
  readonly port: number
  /** Connections are dealt out over them. */
  readonly callers: readonly Caller[]
  /** Of the callers' lines only so many are asked for, from the first. */
  readonly lines: number
  readonly distribution: Distribution
  readonly seed: number
  readonly connections: number
  /** Seconds of load before anything is counted. */
  readonly leadIn: number
  readonly seconds: number
  /** An even pace, for heartbeats alone (beats.ts). */
  readonly perSecond?: number
  /**
   * For requests of which a run may see few: it goes on until so many were counted, and counting begins and ends with
   * an answer, or the part of a request at either end would make much of the figure.
   */
  readonly least?: number
  /** Every other status is an error. */
  readonly expected: number
}

export interface Caller {
  /** A file with a path a line, and after a tab the ETag that is known of it; the most popular first. Of writes: the body. */
  readonly file: string
  /** Absent: GET. `{n}` in a body becomes a number that no other request of this generator has. */
  readonly method?: WriteMethod
  /** The request's headers, each with its end of line. */
  readonly head: string
  /** Another one than the job's, where it asks more than one server. */
  readonly port?: number
}

export interface LoadReport {
  readonly kind: 'ended'
  readonly seconds: number
  readonly requests: number
  readonly errors: number
  /** The first few errors, in words. */
  readonly problems: readonly string[]
  /** Microseconds of processor time that the generator itself took. */
  readonly cpu: number
  /** Microseconds. */
  readonly latency: Latency
}

export interface Latency {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly p9999: number
  readonly max: number
  /** How many took less than 2 to the power of the index. */
  readonly octaves: readonly number[]
}

/** How many requests are drawn for a second of a job; more than anybody answers, so that none is a repetition. */
const drawnPerSecond = 150_000
/** A longer job begins again after so many. */
const mostDrawn = 4_000_000
/** Milliseconds that an answer gets to come: more than the server itself gives a search. */
const patience = 15_000
const mostProblems = 5

/** Paths and what goes with them, by file; those of the latest job. */
let read = new Map<string, readonly (readonly [string, string?])[]>()

function linesOf(file: string) {
  const lines = read.get(file)
  if (lines) return lines
  const text = readFileSync(file, 'latin1').trimEnd()
  return text.split('\n').map((line) => line.split('\t') as [string, string?])
}

interface Run {
  readonly job: Job
  readonly next: (caller: number) => string
  readonly histogram: RecordableHistogram
  readonly octaves: number[]
  counting: boolean
  stopping: boolean
  requests: number
  errors: number
  /** Is told of the next answer, once. */
  answered: (() => void) | undefined
  readonly problems: string[]
  readonly open: Set<Socket>
  readonly allClosed: () => void
}

/** The latest number that a body got. */
let latest = 0

function numbered(body: string): string {
  latest += 1
  return body.replaceAll('{n}', String(latest))
}

async function work(job: Job): Promise<void> {
  read = new Map(job.callers.map(({ file }) => [file, linesOf(file)]))
  const wished = Math.ceil((job.leadIn + job.seconds) * drawnPerSecond)
  const drawn = job.distribution === 'each' ? job.lines : Math.min(mostDrawn, wished)
  const order = draws(job.distribution, job.lines, drawn, job.seed)
  const closed = Promise.withResolvers<void>()
  let at = 0
  const heads = job.callers.map(({ file, ...caller }) => ({
    ...caller,
    lines: read.get(file) ?? [],
  }))
  const run: Run = {
    job,
    next(caller) {
      const { head, lines, method } = heads[caller % heads.length] ?? noHead
      const [path, more] = lines[order[at] ?? 0] ?? ['/']
      at = at + 1 === drawn ? 0 : at + 1
      return method === undefined
        ? rendered(path, head, more)
        : renderedWrite(method, path, head, more && numbered(more))
    },
    histogram: createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 3 }),
    octaves: [],
    counting: false,
    stopping: false,
    requests: 0,
    errors: 0,
    answered: undefined,
    problems: [],
    open: new Set(),
    allClosed: closed.resolve,
  }
  for (let index = 0; index < job.connections; index += 1) converse(run, index)

  const { seconds, cpu } = await counted(run)
  const { requests } = run
  process.send?.({ kind: 'counted' })
  run.stopping = true
  const impatience = setTimeout(() => giveUp(run), patience)
  await closed.promise
  clearTimeout(impatience)
  const { errors, problems, histogram, octaves } = run
  const report: LoadReport = {
    ...{ kind: 'ended', seconds, requests, errors, problems, cpu },
    latency: latencyOf(histogram, octaves),
  }
  process.send?.(report)
}

const noHead = { head: '', lines: [], method: undefined }

/** Counts for as long as the job wants. @returns how long that was, and what it took here */
async function counted(run: Run): Promise<Pick<LoadReport, 'seconds' | 'cpu'>> {
  const { leadIn, seconds, least = 0 } = run.job
  await sleep(leadIn * 1000)
  if (least > 0) await nextAnswer(run)
  const began = performance.now()
  const before = process.cpuUsage()
  run.counting = true
  process.send?.({ kind: 'began' })
  await sleep(seconds * 1000)
  let alive = least > 0
  while (alive) alive = (await nextAnswer(run)) && run.requests < least
  run.counting = false
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - began) / 1000, cpu: user + system }
}

/** Resolves with the next answer; with false where none comes. */
function nextAnswer(run: Run): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const impatience = setTimeout(resolve, patience, false)
  run.answered = () => {
    run.answered = undefined
    clearTimeout(impatience)
    resolve(true)
  }
  return promise
}

function latencyOf(histogram: RecordableHistogram, octaves: readonly number[]): Latency {
  const micro = (percentile: number) => histogram.percentile(percentile) / 1000
  return {
    p50: micro(50),
    p90: micro(90),
    p99: micro(99),
    p999: micro(99.9),
    p9999: micro(99.99),
    max: histogram.max / 1000,
    octaves: Array.from(octaves, (count) => count ?? 0),
  }
}

function giveUp(run: Run): void {
  for (const socket of run.open) {
    blame(run, 'no answer came')
    socket.destroy()
  }
}

function blame(run: Run, problem: string): void {
  run.errors += 1
  if (run.problems.length < mostProblems) run.problems.push(problem)
}

/** One connection: a request, its answer, the next request. */
function converse(run: Run, caller: number): void {
  /** Bytes of the answer that are still to come; 0 before its head. */
  let missing = 0
  let status = 0
  /** The beginning of a head that came in pieces. */
  let held: Buffer | undefined
  let sent = 0
  let over = false

  const socket = connect({
    host: '127.0.0.1',
    port: run.job.callers[caller % run.job.callers.length]?.port ?? run.job.port,
    noDelay: true,
    // One buffer for all that comes: an answer is looked at and forgotten.
    onread: {
      buffer: Buffer.allocUnsafe(65_536),
      callback(size, buffer) {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, size))
        return true
      },
    },
  })
  run.open.add(socket)
  socket.on('connect', () => {
    sent = performance.now()
    socket.write(run.next(caller), 'latin1')
  })
  socket.on('error', (error) => blame(run, error.message))
  socket.on('close', () => {
    run.open.delete(socket)
    if (over || run.stopping) {
      if (run.open.size === 0) run.allClosed()
      return
    }
    blame(run, 'the server closed a connection')
    // Not at once: a server that refuses everything would be asked in a tight loop.
    setTimeout(() => {
      if (run.stopping) {
        if (run.open.size === 0) run.allClosed()
      } else converse(run, caller)
    }, 100)
  })

  function take(chunk: Buffer): void {
    if (missing > 0) {
      proceed(missing - chunk.length)
      return
    }
    const all = held ? Buffer.concat([held, chunk]) : chunk
    const size = sizeOf(all)
    if (size === undefined) {
      held = Buffer.from(all)
      return
    }
    held = undefined
    status = statusOf(all)
    proceed(size - all.length)
  }

  /** `left` bytes of the answer are still to come. */
  function proceed(left: number): void {
    missing = left
    if (left > 0) return
    if (left < 0) {
      blame(run, `an answer was ${-left} bytes longer than it said`)
      missing = 0
    }
    const ended = performance.now()
    if (run.counting) count(ended - sent)
    run.answered?.()
    if (run.stopping) {
      over = true
      socket.destroy()
      return
    }
    sent = ended
    socket.write(run.next(caller), 'latin1')
  }

  function count(ms: number): void {
    run.requests += 1
    run.histogram.record(Math.max(1, Math.round(ms * 1_000_000)))
    const octave = 32 - Math.clz32(ms * 1000)
    run.octaves[octave] = (run.octaves[octave] ?? 0) + 1
    if (status !== run.job.expected) blame(run, `status ${status}`)
  }
}

process.on('message', (job) => void work(job as Job))
// Whoever gave the jobs is gone.
process.on('disconnect', () => process.exit())
