import { createHash } from 'node:crypto'
import { closeSync, existsSync, lstatSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import type { Organization, Store } from '../../directory/ports.ts'
import { UsageError } from '../output.ts'
import { type Ledger, openLedger } from './ledger.ts'

/** The ledger of an import, which outlives the process until the import is through. */
export interface Journal {
  readonly ledger: Ledger
  /** Takes it away: all of the file is in the store. */
  finish(): void
  /** Leaves it for `--resume`, if there is anything to go on from. @returns whether there is */
  leave(): boolean
}

export interface JournalParts {
  readonly store: Pick<Store, 'secret' | 'people'>
  readonly organization: Organization
  readonly ignored: ReadonlySet<string>
  /** Goes on where an earlier import of the file was broken off. */
  readonly resume: boolean
  /** Says something beside the result. */
  readonly tell: (line: string) => void
}

/** Where the ledger of an import of that file is. */
export const journalOf = (file: string): string => `${file}.kith-resume`

/** A journal that is on disk only as long as the process is. */
export function passingJournal(): Journal {
  const ledger = openLedger()
  return {
    ledger,
    finish: () => ledger.close(),
    leave() {
      ledger.close()
      return false
    },
  }
}

/**
 * The journal of an import of `file`: a new one, or with `resume` the one that is there.
 * @throws UsageError when it can't be gone on with: the file or the database is not what it was
 */
export async function openJournal(file: string, parts: JournalParts): Promise<Journal> {
  const origin = await originOf(file, parts)
  const path = journalOf(file)
  if (existsSync(path)) {
    const before = opened(path)
    if (!before) return inUse(path, parts)
    if (parts.resume) {
      await refuseOther(file, before, origin, parts)
      return lasting(path, before)
    }
    discard(path, before, parts)
  } else if (parts.resume) {
    parts.tell(`There is no ${path}; the import begins at the beginning`)
  }
  return create(path, origin, parts)
}

function create(path: string, origin: Origin, { tell }: JournalParts): Journal {
  try {
    // SQLite would make it readable by others, and follow a link that somebody put there.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    tell(`If this import is broken off it can not be resumed: ${why}`)
    return passingJournal()
  }
  const ledger = openLedger(path)
  ledger.begin(JSON.stringify(origin))
  return lasting(path, ledger)
}

function lasting(path: string, ledger: Ledger): Journal {
  const finish = () => {
    ledger.close()
    remove(path)
  }
  return {
    ledger,
    finish,
    leave() {
      if (ledger.safe) ledger.close()
      else finish()
      return existsSync(path)
    },
  }
}

function remove(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
}

function discard(path: string, before: Ledger, { tell }: JournalParts): void {
  const rows = before.safe?.rows ?? 0
  before.close()
  remove(path)
  if (rows === 0) return
  tell(
    `An earlier import of this file was broken off after ${rows} rows; this one begins anew. --resume would have gone on`,
  )
}

/** Undefined when another process has it open. */
function opened(path: string): Ledger | undefined {
  if (!lstatSync(path).isFile()) throw new UsageError(`${path} is no plain file; take it away`)
  try {
    return openLedger(path)
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
    if (code === busy) return undefined
    if (code !== noDatabase) throw error
    throw new UsageError(`${path} is not what an import has left; take it away`)
  }
}

// sqlite.org/rescode.html
const busy = 5
const noDatabase = 26

function inUse(path: string, { resume, tell }: JournalParts): Journal {
  const why = `another import of the same file is under way, which has ${path}`
  if (resume) throw new UsageError(`It can not be resumed: ${why}`)
  tell(`If this import is broken off it can not be resumed: ${why}`)
  return passingJournal()
}

// Of what an import is.

interface Origin {
  readonly size: number
  readonly modified: number
  /** Of the first bytes of the file. */
  readonly head: string
  /** Of the database's secret. */
  readonly database: string
  readonly organization: string
  readonly ignored: readonly string[]
}

/** Bytes. */
const headSize = 65_536

async function originOf(
  file: string,
  { store, organization, ignored }: JournalParts,
): Promise<Origin> {
  const { size, mtimeMs } = statSync(file)
  return {
    size,
    modified: mtimeMs,
    head: sha256(headOf(file)),
    database: sha256(`import ${await store.secret()}`),
    organization: organization.id,
    ignored: [...ignored].sort(),
  }
}

function headOf(file: string): Buffer {
  const handle = openSync(file, 'r')
  try {
    const head = Buffer.alloc(headSize)
    return head.subarray(0, readSync(handle, head))
  } finally {
    closeSync(handle)
  }
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

const differences: Readonly<Record<keyof Origin, string>> = {
  size: 'the file is another, or was changed',
  modified: 'the file is another, or was changed',
  head: 'the file is another, or was changed',
  database: 'that import was into another database',
  organization: 'that import was into another organization',
  ignored: 'that import left out other columns (--ignore)',
}

async function refuseOther(
  file: string,
  ledger: Ledger,
  origin: Origin,
  { store }: JournalParts,
): Promise<void> {
  const why = differenceIn(ledger, origin) ?? (await lackIn(ledger, store))
  if (why === undefined) return
  ledger.close()
  throw new UsageError(
    `The import of "${file}" can not be resumed: ${why}. Without --resume it begins anew, which changes nothing of what is right already`,
  )
}

function differenceIn({ origin: text }: Ledger, origin: Origin): string | undefined {
  if (text === undefined) return 'it was broken off before it began'
  const before = JSON.parse(text) as Origin
  const names = Object.keys(differences) as (keyof Origin)[]
  const other = names.find((name) => JSON.stringify(before[name]) !== JSON.stringify(origin[name]))
  return other && differences[other]
}

/** A database that was put back to an earlier state does not have what is told to be safe in it. */
async function lackIn(
  { safe }: Ledger,
  { people }: Pick<Store, 'people'>,
): Promise<string | undefined> {
  if (!safe?.witness) return undefined
  const { personId, version } = safe.witness
  const held = await people.byId(personId)
  return held && held.person.version >= version
    ? undefined
    : 'the database lacks what that import has written; was it restored from a backup?'
}
