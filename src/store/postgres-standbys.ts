import { DatabaseError } from 'pg'
import type { Address } from './postgres-address.ts'
import { isOfTheMoment } from './postgres-failures.ts'
import { type Line, type Lines, linesTo } from './postgres-lines.ts'

// Reads on standbys. A standby is asked, before each read and on the same line, where it stands; what it says counts when that
// is not behind anything that this node has noticed or written. See docs/decisions/017-reads-on-standbys.md.

/** Where the log and the signals of a server have to stand at least, and whose history they have to be. */
export interface Needed {
  readonly sequence: number
  readonly revision: number
  /** Of the database itself: another one after it was put back. */
  readonly incarnation: string
  /**
   * A random number that a node has left on its primary since it is joined to it: a server has it only if it follows that
   * one. Numbers of changes alone would not tell: what was lost with a primary may live on in a standby of its.
   */
  readonly history: number
}

/** Where a server stands, as one row; its subqueries are all of one moment. */
const standing = `select
  (select coalesce(max(sequence), 0) from change) as sequence,
  (select coalesce(max(revision), 0) from presence) as revision,
  (select coalesce(max(value), '') from secret where name = 'incarnation') as incarnation,
  (select value from counter where name = 'history') as history`

/** Milliseconds in which a standby has to say where it stands; else it is not waited for. */
const patience = 250
/** Milliseconds for which it is not asked after that, or after it was behind; twice as long each time, up to the most. */
interface Rest {
  readonly least: number
  readonly most: number
}
const whileBehind: Rest = { least: 2, most: 50 }
const whileGone: Rest = { least: 250, most: 1_000 }
/** Milliseconds that a read may have taken on a standby to be tried on the primary all the same. */
const hurry = 1_000

export interface StandbyOptions {
  /** How many lines to each, at the most. */
  readonly most: number
  /** Milliseconds that a statement may take. */
  readonly longest: number
  /** What a standby has to have; undefined while nobody can tell, and none will do. */
  readonly needed: () => Needed | undefined
}

/**
 * Lines for what only reads: to a standby, in turn, that has all that is needed, else to the primary. Work that a standby
 * was not fit for is done once more, so that it may change nothing, neither there nor here.
 */
export function linesNear(
  primary: Lines,
  standbys: readonly Address[],
  options: StandbyOptions,
): Lines {
  const all = standbys.map((address) => standbyAt(address, options))
  let turn = 0

  function next(): Standby | undefined {
    turn += 1
    for (let index = 0; index < all.length; index += 1) {
      const standby = all[(turn + index) % all.length]
      if (standby?.isFit()) return standby
    }
    return undefined
  }

  return {
    async use(work) {
      const told = options.needed() && (await next()?.read(work))
      return told ? told.value : primary.use(work)
    },
    async close() {
      await Promise.all(all.map((standby) => standby.close()))
    },
  }
}

interface Standby {
  /** Whether it is worth asking. */
  isFit(): boolean
  /** What `work` finds there; undefined where the primary has to be asked. @throws what the primary would take as long for */
  read<T>(work: (line: Line) => Promise<T>): Promise<{ readonly value: T } | undefined>
  close(): Promise<void>
}

function standbyAt(address: Address, { most, longest, needed }: StandbyOptions): Standby {
  const lines = linesTo(address, { most, longest, anywhere: true })
  let isFit = false
  let pause = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** Nobody's read waits for it until it is found to be fit again. */
  function rest({ least, most }: Rest): void {
    isFit = false
    if (timer || closed) return
    pause = Math.min(Math.max(least, pause * 2), most)
    timer = setTimeout(probe, pause).unref()
  }

  async function probe(): Promise<void> {
    const why = await lines
      .use(async (line) => {
        const least = needed()
        return has(await line.all<Needed>(standing), least) ? undefined : whileBehind
      })
      .catch(() => whileGone)
    timer = undefined
    if (why) return rest(why)
    isFit = true
    pause = 0
  }

  async function read<T>(work: (line: Line) => Promise<T>) {
    const { promise, resolve, reject } = Promise.withResolvers<{ value: T } | undefined>()
    const began = performance.now()
    let isGivenUp = false
    const late = setTimeout(() => giveUp(whileGone), patience)
    function giveUp(why: Rest): void {
      isGivenUp = true
      rest(why)
      resolve(undefined)
    }
    async function ask(line: Line): Promise<void> {
      const least = needed()
      if (isGivenUp || !least) return resolve(undefined)
      const stand = line.all<Needed>(standing)
      // It goes out with the question before it, and sees no less than that.
      const value = work(line)
      value.catch(() => {})
      const isIt = has(await stand, least)
      clearTimeout(late)
      if (!isIt) giveUp(whileBehind)
      const found = { value: await value }
      resolve(found)
    }
    lines
      .use(ask)
      .catch((error: unknown) => {
        if (isTooMuch(error) || performance.now() - began > hurry) reject(error)
        else if (isOfTheMoment(error)) resolve(undefined)
        else giveUp(whileGone)
      })
      .finally(() => clearTimeout(late))
    return promise
  }

  return {
    isFit() {
      // From the first time on: who never reads, such as a command, needs no line.
      if (!isFit) rest(whileBehind)
      return isFit
    },
    read,
    async close() {
      closed = true
      clearTimeout(timer)
      await lines.close()
    },
  }
}

function has([stand]: readonly Needed[], least: Needed | undefined): boolean {
  return (
    stand !== undefined &&
    least !== undefined &&
    stand.history === least.history &&
    stand.incarnation === least.incarnation &&
    stand.sequence >= least.sequence &&
    stand.revision >= least.revision
  )
}

/** The server took as long as a statement may take: so would the primary. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '57014'
