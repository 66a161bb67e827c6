import { randomInt } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Client } from 'pg'
import type { Change, Write } from '../directory/ports.ts'
import { type Fact, factOf } from '../footprint/footprint.ts'
import { Stamps, type Watch } from '../footprint/stamps.ts'
import type { PersonId } from '../person/ids.ts'
import { factsChangedBy, type News } from './news.ts'
import type { Address } from './postgres-address.ts'
import { isUnreachable } from './postgres-failures.ts'
import { type Line, linesTo } from './postgres-lines.ts'
import { type Runner, runnerOn } from './postgres-runner.ts'
import type { Needed } from './postgres-standbys.ts'
import { whyNotUsed } from './sql/compatibility.ts'
import { migrationNames } from './sql/migrate.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

export interface PostgresWatch extends Watch {
  /** Takes notice, before it is acknowledged, of what this process has committed. */
  committed(changes: readonly Change[], writes: readonly Write[]): void
  /** The same for signals, which count as one revision. */
  signalled(personIds: Iterable<PersonId>, revision: number): void
  /** @throws Failure unavailable when a newer Kith has made it a database that this one can't use, as of the last look */
  refuseOutdated(): void
  /**
   * What a server has to have for its reads to be as good as the primary's: all that was noticed or written here, which at
   * that is no older than anything that is remembered may be. Undefined while nobody can tell; so is the first answer, which
   * has the primary signed, see {@link Needed}.
   */
  needed(): Needed | undefined
  close(): Promise<void>
}

/** Milliseconds between two looks at the log, where nobody says that there is anything to see. */
const interval = 200
/**
 * Milliseconds after the beginning of the last look in which what was read before it counts as it was. So nothing is told
 * as it was a second ago, whatever becomes of the notifications, the looks and the line.
 */
const trust = 800
/** Milliseconds that a look may take. */
const longest = 700
/** More news than this at once, and everything counts as changed. */
const mostNews = 5_000

const channel = 'kith_change'

const signed = "select value from counter where name = 'history'"
const signature = `insert into counter values ('history', $1)
  on conflict (name) do update set value = excluded.value`

/** Where the log, the signals and the database itself stand. */
interface Stand {
  readonly sequence: number
  readonly revision: number
  readonly incarnation: string
}

const start: Stand = { sequence: 0, revision: 0, incarnation: '' }

const standFrom = (row: { readonly [Name in keyof Stand]: Stand[Name] | null }): Stand => ({
  sequence: row.sequence ?? 0,
  revision: row.revision ?? 0,
  incarnation: row.incarnation ?? '',
})

/**
 * Takes notice of commits of all nodes by looking at the change log again and again. A notification, which may get lost
 * or not be there at all, does no more than have the next look come sooner. Resolves after the first look.
 */
export async function watchOver(address: Address, db: Kysely<Tables>): Promise<PostgresWatch> {
  const stamps = new Stamps()
  const lines = linesTo(address, { most: 1, longest, onOpen: listen })
  let stood = start
  let confirmed = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let soon = false
  /** Since the last look: so it may be another server, whose log need not go on from what the one before had. */
  let isNewLine = true
  let closed = false
  let outdated: string | undefined
  let timer: NodeJS.Timeout | undefined
  /** The latest of what this process has written since the line was opened. */
  let own = { sequence: 0, revision: 0 }
  let isNeeded = false
  let isSigned = false
  /** How many lines there were. */
  let opened = 0
  let history: number | undefined

  async function listen(client: Client): Promise<void> {
    isNewLine = true
    opened += 1
    isSigned = false
    history = undefined
    // What was written to another primary may be gone. What was to this one the next look finds.
    own = { sequence: 0, revision: 0 }
    client.on('notification', lookSoon)
    // Not every engine that speaks this protocol has it.
    await client.query(`listen ${channel}`).catch(() => {})
  }

  async function look(): Promise<void> {
    const began = performance.now()
    await lines.use(async (line) => {
      const read = runnerOn(line)
      const signing = isNeeded ? sign(line) : undefined
      const latest = read.first(queries.latest(db), standFrom)
      // Of a database of another version it may fail, which is told by the mark.
      latest.catch(() => {})
      heed(await read.first(queries.markRow(db), ({ step }) => step))
      const now = (await latest) ?? start
      if (isNewLine || now.incarnation !== stood.incarnation) {
        stamps.changeAll()
        stood = now
        isNewLine = false
      } else {
        await readNews(read, now)
      }
      confirmed = began
      await signing
    })
  }

  /** Leaves a number on this primary, unless that is done, and reads what is there: it, or another node's that came later. */
  async function sign(line: Line): Promise<void> {
    const mine = opened
    try {
      if (!isSigned) {
        // It need be nowhere else when it is done, and must not wait for a standby that is gone.
        await line.once('set synchronous_commit = off')
        await line.once(signature, [randomInt(2 ** 47)])
      }
      const [row] = await line.all<{ value: number }>(signed)
      // What a line says that was given up tells nothing of the one that took its place.
      if (mine !== opened) return
      isSigned = true
      history = row?.value
    } catch {
      // No standby will do until it can be.
      history = undefined
    }
  }

  const canTell = (): boolean => outdated === undefined && performance.now() - confirmed <= trust

  function heed(mark: string | undefined): void {
    outdated = mark === undefined ? undefined : whyNotUsed(mark, migrationNames)
    refuseOutdated()
  }

  function refuseOutdated(): void {
    if (outdated !== undefined) throw isUnreachable(new Error(outdated))
  }

  async function readNews(read: Runner, now: Stand): Promise<void> {
    const before = stood
    const changes =
      now.sequence > before.sequence
        ? await read.all(queries.newsRows(db, before.sequence, mostNews))
        : []
    const signals =
      now.revision > before.revision
        ? await read.all(queries.signalledRows(db, before.revision, mostNews))
        : []
    if (changes.length === mostNews || signals.length === mostNews) stamps.changeAll()
    const facts = [
      ...changes.flatMap(factsOf),
      ...signals.map(({ person_id }) => factOf('presence', person_id)),
    ]
    if (facts.length > 0) stamps.change(facts)
    // What this process has committed meanwhile has been noticed already.
    stood = {
      ...now,
      sequence: Math.max(now.sequence, stood.sequence),
      revision: Math.max(now.revision, stood.revision),
    }
  }

  async function lookOn(): Promise<void> {
    clearTimeout(timer)
    soon = false
    looking = look().catch(() => {})
    await looking
    looking = undefined
    if (closed) return
    if (soon) setImmediate(lookOn)
    else timer = setTimeout(lookOn, interval)
  }

  function lookSoon(): void {
    if (looking) soon = true
    else if (!closed && !soon) {
      soon = true
      clearTimeout(timer)
      setImmediate(lookOn)
    }
  }

  function tellOthers(): void {
    lines.use((line) => line.once(`notify ${channel}`)).catch(() => {})
  }

  try {
    await look()
  } catch (error) {
    await lines.close()
    throw error
  }
  timer = setTimeout(lookOn, interval)

  return {
    get moment() {
      return stamps.moment
    },
    // What there is to be noticed has been noticed, or `stands` says no.
    look() {},
    stands: (footprint, now) => canTell() && stamps.stands(footprint, now),
    refuseOutdated,
    needed() {
      if (!isNeeded) {
        isNeeded = true
        lookSoon()
      }
      if (history === undefined || isNewLine || !canTell()) return undefined
      return {
        ...{ incarnation: stood.incarnation, history },
        sequence: Math.max(stood.sequence, own.sequence),
        revision: Math.max(stood.revision, own.revision),
      }
    },
    committed(changes, writes) {
      if (changes.length === 0) return
      stamps.change([...changes.flatMap((change) => factsChangedBy(change)), ...reporting(writes)])
      own = { ...own, sequence: Math.max(own.sequence, changes.at(-1)?.sequence ?? 0) }
      if (changes[0]?.sequence === stood.sequence + 1) {
        stood = { ...stood, sequence: changes.at(-1)?.sequence ?? stood.sequence }
      }
      tellOthers()
    },
    signalled(personIds, revision) {
      stamps.change([...personIds].map((id) => factOf('presence', id)))
      own = { ...own, revision: Math.max(own.revision, revision) }
      if (revision === stood.revision + 1) stood = { ...stood, revision }
      tellOthers()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await looking
      await lines.close()
    },
  }
}

const factsOf = (row: {
  readonly entity: string
  readonly entity_id: string
  readonly person_id: string | null
  readonly manager_id: string | null
}): readonly Fact[] =>
  factsChangedBy({
    entity: row.entity as News['entity'],
    entityId: row.entity_id,
    personId: row.person_id,
    managerId: row.manager_id,
  })

/** Those to whom changed people report now. */
const reporting = (writes: readonly Write[]): readonly Fact[] =>
  writes.flatMap((one) =>
    one.kind === 'person' && one.person.managerId
      ? [factOf('reportees', one.person.managerId)]
      : [],
  )
