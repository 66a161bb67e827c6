// The thread that commits for who has much to write, and works out meanwhile what comes next.
import { parentPort, workerData } from 'node:worker_threads'
import { Failure } from '../failure.ts'
import { sqliteStore } from './sqlite.ts'
import type { Asked, Outcome } from './sqlite-apart.ts'

const { path } = workerData as { readonly path: string }
const opening = sqliteStore(path, Date.now)

parentPort?.on('message', async (asked: Asked) => parentPort?.postMessage(await outcomeOf(asked)))

/** Whatever goes wrong is told, and nothing is thrown: it would be the end of the thread. */
async function outcomeOf({ id, writes, actor, at }: Asked): Promise<Outcome> {
  try {
    await (await opening).commit(writes, actor, at)
    return { id }
  } catch (error) {
    if (!(error instanceof Failure)) return { id, error }
    const { code, message, reason, cause } = error
    return { id, error: cause, failure: { code, message, ...(reason && { reason }) } }
  }
}
