import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// Vendors' own clients, unmodified, in processes of their own, against a server on the loopback.

const run = promisify(execFile)
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Milliseconds in which a client must have asked everything and ended by itself. */
export const patience = 50_000

/** What node-sparky needs before it. */
export const preload = ['--require', script('writable-fs.cjs')]

/** What a client's answer to one question came to. */
type Outcome = { readonly got: unknown } | { readonly failed: unknown } | { readonly hangs: true }

interface Told {
  readonly answers: Readonly<Record<string, Outcome>>
  readonly strayed: readonly string[]
}

/** What a script is told. */
interface Errand {
  readonly url: string
  /** The key to ask with. */
  readonly token: string
  readonly ids: object
}

/** Has the script go about its errand. @throws unless it ends by itself, in time, without an error */
export async function tell(
  file: string,
  errand: Errand,
  flags: readonly string[] = [],
): Promise<Told> {
  const { stdout } = await run(process.execPath, [...flags, script(file), JSON.stringify(errand)], {
    env: { HYDRA_SERVICE_URL: errand.url },
    timeout: patience,
  })
  // What is before the last line is the client's own log.
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

export const got = (value: unknown): Outcome => ({ got: value })
