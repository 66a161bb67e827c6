// A thread that searches: whatever it takes, no read or write of the event loop waits for it.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { equip } from './sqlite-engine.ts'
import type { Asking, Told } from './sqlite-searches.ts'

class Late extends Error {}

const { path, patience } = workerData as { readonly path: string; readonly patience: number }
const handle = new DatabaseSync(path, { readOnly: true, timeout: patience })
let deadline = 0n
equip(handle, refuseLate)

parentPort?.on('message', (asking: Asking) => parentPort?.postMessage(answerTo(asking)))

function answerTo({ queries, until }: Asking): Told {
  deadline = until
  try {
    refuseLate()
    return { rows: rowsOf(queries) }
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number }
    const late = error instanceof Late
    return { failed: { message, late, ...(errcode !== undefined && { errcode }) } }
  }
}

function refuseLate(): void {
  if (process.hrtime.bigint() > deadline) throw new Late('A search took too long')
}

/** The rows of each query, all as of one moment. */
function rowsOf(queries: Asking['queries']): Told['rows'] & object {
  handle.exec('BEGIN')
  try {
    return queries.map(({ sql, parameters }) =>
      handle.prepare(sql).all(...(parameters as SQLInputValue[])),
    )
  } finally {
    if (handle.isTransaction) handle.exec('ROLLBACK')
  }
}
