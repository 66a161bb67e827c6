// Heartbeats at an even pace, each of the next person: a process of its own, which is told its jobs over IPC as the load
// generator is. An answer that takes long holds up no other heartbeat.
import { readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { house } from '../src/dialects/house/index.ts'
import type { Job, LoadReport } from './load.ts'
import { headFor, type Line, openLine, renderedWrite } from './wire.ts'

const heartbeatPath = '/api/v1/me/heartbeat'

/** Milliseconds between two looks at how many are due. */
const look = 5
/** Connections at most. */
const mostLines = 256
const mostProblems = 5

/** Whose turn it is; goes on where the job before ended. */
let turn = 0

async function work({ port, callers, perSecond = 1, leadIn, seconds, expected }: Job) {
  const keys = readFileSync(callers[0]?.file ?? '', 'latin1').split('\n')
  const idle: Line[] = []
  const all: Line[] = []
  const histogram = createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 3 })
  const problems: string[] = []
  const under = new Set<Promise<void>>()
  let [requests, errors] = [0, 0]

  function blame(problem: string): void {
    errors += 1
    if (problems.length < mostProblems) problems.push(problem)
  }

  async function beat(line: Line): Promise<void> {
    const head = headFor(house, keys[turn % keys.length] ?? '')
    turn += 1
    const began = performance.now()
    try {
      const { status } = await line.ask(renderedWrite('POST', heartbeatPath, head))
      histogram.record(Math.max(1, Math.round((performance.now() - began) * 1_000_000)))
      requests += 1
      if (status !== expected) blame(`status ${status}`)
      idle.push(line)
    } catch (error) {
      blame(String(error))
      all.splice(all.indexOf(line), 1)
      line.close()
    }
  }

  function freeLine(): Line | undefined {
    // A server closes those that rest for long.
    while (idle.length > 0) {
      const line = idle.pop()
      if (line?.open) return line
      all.splice(all.indexOf(line as Line), 1)
    }
    if (all.length >= mostLines) return undefined
    const opened = openLine(port)
    all.push(opened)
    return opened
  }

  const began = performance.now()
  const before = process.cpuUsage()
  const span = (leadIn + seconds) * 1000
  let sent = 0
  process.send?.({ kind: 'began' })
  for (let gone = 0; gone < span; gone = performance.now() - began) {
    const due = Math.floor((gone / 1000) * perSecond)
    for (let line = sent < due ? freeLine() : undefined; line; ) {
      const one = beat(line).finally(() => under.delete(one))
      under.add(one)
      sent += 1
      line = sent < due ? freeLine() : undefined
    }
    await sleep(look)
  }
  process.send?.({ kind: 'counted' })
  await Promise.all(under)
  for (const line of all) line.close()
  const { user, system } = process.cpuUsage(before)
  const micro = (percentile: number) => histogram.percentile(percentile) / 1000
  const latency = { p50: micro(50), p90: micro(90), p99: micro(99), p999: micro(99.9) }
  const report: LoadReport = {
    ...{ kind: 'ended', seconds: span / 1000, requests, errors, problems, cpu: user + system },
    latency: { ...latency, p9999: micro(99.99), max: histogram.max / 1000, octaves: [] },
  }
  process.send?.(report)
}

process.on('message', (job) => void work(job as Job))
process.on('disconnect', () => process.exit())
