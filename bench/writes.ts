import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './measure.ts'
import { dataFolder, type Population } from './people.ts'
import { end, kithd, serveAt, write } from './processes.ts'
import { openLine } from './wire.ts'
import type { CommitsJob, CommitsReport } from './writer.ts'

export interface Writes {
  readonly people: number
  readonly alone: Pick<CommitsReport, 'perSecond' | 'p50'>
  readonly eightInFlight: Pick<CommitsReport, 'perSecond' | 'p50'>
}

/** Changes of one person each, safe on disk one by one. They stay in the loaded directory: titles differ, and nothing else. */
export async function measureWrites(
  { people, database }: Population,
  seconds: number,
): Promise<Writes> {
  const job = (inFlight: number): CommitsJob => ({
    ...{ kind: 'commits', database, people, seconds, inFlight },
  })
  const { perSecond, p50 } = await write<CommitsReport>(job(1), undefined)
  const eight = await write<CommitsReport>(job(8), undefined)
  return {
    people,
    alone: { perSecond, p50 },
    eightInFlight: { perSecond: eight.perSecond, p50: eight.p50 },
  }
}

export interface Import {
  readonly rows: number
  readonly rowsPerSecond: number
  /** Seconds, with the start of the command. */
  readonly seconds: number
}

/** `kithd import` of a CSV file into a new database. */
export async function measureImport(rows: number): Promise<Import> {
  // Not among the system's temporary files, which may be in memory: to be safe on disk has to cost what it costs.
  const folder = mkdtempSync(join(dataFolder, 'import-'))
  try {
    const database = join(folder, 'import.db')
    const file = join(folder, 'people.csv')
    writeFileSync(file, csv(rows))
    await expectDone(kithd('org', 'create', 'Bench', '--database', database))
    const { ms } = await expectDone(kithd('import', file, '--database', database))
    return { rows, rowsPerSecond: rows / (ms / 1000), seconds: ms / 1000 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function expectDone(ending: ReturnType<typeof kithd>) {
  const ended = await ending
  if (ended.code !== 0) throw new Error(`kithd ended with ${ended.code}: ${ended.stderr}`)
  return ended
}

const heading = 'Username,First Name,Last Name,E-mail,Mobile,Job Title,Department,Manager,Country'

function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const name = `person.${index}`
    const manager = index === 0 ? '' : `person.${Math.floor((index - 1) / 8)}`
    const mobile = `+44 7700 900${String(index % 1000).padStart(3, '0')}`
    return `${name},Given${index},Family${index % 977},${name}@example.com,${mobile},Engineer,Engineering,${manager},GB`
  })
  return `${heading}\n${lines.join('\n')}\n`
}

export interface Start {
  readonly people: number
  /** Milliseconds from starting the process to the first 200 of /readyz. */
  readonly ms: number
  readonly slowest: number
  readonly times: number
}

/** `kithd serve`, started as its users start it; the first start, which compiles, does not count. */
export async function measureStart(
  { people, database }: Population,
  times: number,
): Promise<Start> {
  const took: number[] = []
  for (let time = 0; time <= times; time += 1) {
    const port = await freePort()
    const began = performance.now()
    const server = serveAt(database, port)
    try {
      await ready(port, began)
      took.push(performance.now() - began)
    } finally {
      await end(server)
    }
  }
  const [, ...counted] = took
  return { people, ms: median(counted), slowest: Math.max(...counted), times }
}

/** Milliseconds between two looks. */
const interval = 2
/** Milliseconds that a server gets. */
const patience = 60_000

async function ready(port: number, began: number): Promise<void> {
  for (;;) {
    const line = openLine(port)
    try {
      const { status } = await line.ask('GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
      if (status === 200) return
    } catch {
      // It does not listen yet.
    } finally {
      line.close()
    }
    if (performance.now() - began > patience) throw new Error('The server did not become ready')
    await sleep(interval)
  }
}

function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = createServer()
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}
