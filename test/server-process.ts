import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { inject, onTestFinished } from 'vitest'

/** `kithd serve` in a process of its own, on a free port, which ends with the test. */
export interface ServerProcess {
  readonly child: ChildProcess
  readonly url: string
  /** Status and body of a GET. */
  get(path: string, key?: string): Promise<{ status: number; text: string }>
  /** Ends it as an operator does. @returns its exit code */
  stop(): Promise<number | null>
}

/** Starts one. Its log goes where every test's log is audited. */
export async function serverProcess(
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
  launcher: readonly string[] = [process.execPath],
): Promise<ServerProcess> {
  const [command = '', ...before] = launcher
  const child = spawn(command, [...before, 'bin/kithd.js', 'serve', '--port', '0', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const logFile = inject('logFile')
  let complained = ''
  child.stderr.on('data', (data) => {
    complained += data
    appendFileSync(logFile, data)
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /listening on (\S+)/.exec(line) ?? []
    if (!url) continue
    return {
      child,
      url,
      async get(path, key) {
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
        const reply = await fetch(url + path, { headers })
        return { status: reply.status, text: await reply.text() }
      },
      async stop() {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        return (await ended)[0]
      },
    }
  }
  throw new Error(`The server ended without listening: ${complained}`)
}
