import type { Kysely } from 'kysely'
import type { Actor, Change, Write } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import type { Person } from '../person/person.ts'
import { type Line as LogLine, lineOf, type Put } from './change.ts'
import { failureFrom, isOfTheMoment, isUnreachable, Lost } from './postgres-failures.ts'
import { gatheringWrites } from './postgres-gatherings.ts'
import { groupWrites } from './postgres-group-writes.ts'
import type { Line, Lines } from './postgres-lines.ts'
import { organizationsOn } from './postgres-organizations.ts'
import { runnerOn } from './postgres-runner.ts'
import { transact } from './postgres-transact.ts'
import { appendChanges, insertPeople, updatePerson } from './postgres-writes.ts'
import { isNotAsSeen, isOvertaken } from './refusals.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

/** How many commits are one transaction at the most, and how many writes of theirs; one commit may have more. */
const mostCommits = 64
const mostWrites = 500
/** How many commits may wait, and for how many milliseconds. */
const mostWaiting = 5_000
const patience = 5_000
/** The same after one that failed for want of the database: the next one may take as long as it did, and fail, too. */
const patienceInNeed = 3_000

interface Commit {
  readonly writes: readonly Write[]
  readonly actor: Actor
  readonly at: string
  readonly since: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A commit that has been tried, with what it says in the log or why it was not done. */
type Tried =
  | { readonly commit: Commit; readonly lines: readonly LogLine[] }
  | { readonly commit: Commit; readonly failure: unknown }

/** What was committed, for whoever remembers what was read. */
export type OnCommitted = (changes: readonly Change[], writes: readonly Write[]) => void

export interface Commits {
  /** As the store's `commit`. */
  commit(writes: readonly Write[], actor: Actor, at: string): Promise<void>
  /** Resolves when all that was asked for is done or has failed. */
  settled(): Promise<void>
}

/**
 * Commits in the order in which they come. Those that wait are one transaction, in which each has a savepoint: so it is not
 * for each of them that the disk is waited for. `onCommitted` is told before anything is acknowledged.
 */
export function commitsOn(lines: Lines, db: Kysely<Tables>, onCommitted: OnCommitted): Commits {
  const waiting: Commit[] = []
  let running: Promise<void> | undefined
  let inNeed = false

  async function run(): Promise<void> {
    for (let some = taken(); some.length > 0; some = taken()) {
      try {
        await commitAll(some)
        inNeed = false
      } catch (error) {
        const failure = isOfTheMoment(error) ? isUnreachable(error) : failureFrom(error)
        inNeed = failure instanceof Failure && failure.code === 'unavailable'
        for (const { reject } of some) reject(failure)
      }
    }
    running = undefined
  }

  /** Those that come next, without those that have waited for too long: who asked has gone by now. */
  function taken(): readonly Commit[] {
    const late = performance.now() - (inNeed ? patienceInNeed : patience)
    const some: Commit[] = []
    let writes = 0
    for (let next = waiting[0]; next && some.length < mostCommits; next = waiting[0]) {
      if (some.length > 0 && writes + next.writes.length > mostWrites) break
      waiting.shift()
      if (next.since < late) {
        next.reject(isUnreachable(new Lost('A commit has waited for too long')))
        continue
      }
      writes += next.writes.length
      some.push(next)
    }
    return some
  }

  async function commitAll(some: readonly Commit[]): Promise<void> {
    const { tried, changes } = await transact(lines, 'change', async (line, stand) => {
      const tried: Tried[] = []
      for (const commit of some) tried.push(await tryOne(line, commit, some.length > 1))
      const changes = numbered(tried, stand)
      await appendChanges(line, changes)
      return { value: { tried, changes }, stand: stand + changes.length }
    })
    const done = tried.filter((one) => !('failure' in one))
    onCommitted(
      changes,
      done.flatMap(({ commit }) => commit.writes),
    )
    for (const one of tried) {
      if ('failure' in one) one.commit.reject(one.failure)
      else one.commit.resolve()
    }
  }

  /** @throws what fails all the others with it */
  async function tryOne(line: Line, commit: Commit, amongOthers: boolean): Promise<Tried> {
    if (!amongOthers) return { commit, lines: await put(line, commit) }
    await line.once('savepoint one')
    try {
      const done = await put(line, commit)
      await line.once('release savepoint one')
      return { commit, lines: done }
    } catch (error) {
      const failure = failureFrom(error)
      const isOnlyThis = failure instanceof Failure && failure.code !== 'unavailable'
      if (!isOnlyThis || isOfTheMoment(error)) throw error
      await line.once('rollback to savepoint one')
      return { commit, failure }
    }
  }

  async function put(line: Line, { writes, at }: Commit): Promise<readonly LogLine[]> {
    const put = puttingOn(line, db, at)
    const all: LogLine[] = []
    for (const some of together(writes)) all.push(...(await put(some)))
    return all
  }

  return {
    commit(writes, actor, at) {
      if (waiting.length >= mostWaiting) {
        return Promise.reject(isUnreachable(new Lost('Too many commits wait')))
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ writes, actor, at, since: performance.now(), resolve, reject })
      running ??= Promise.resolve().then(run)
      return promise
    },
    async settled() {
      await running
    },
  }
}

/** The lines of all that was done, in order, from the one after `stand`. */
function numbered(tried: readonly Tried[], stand: number): readonly Change[] {
  const all = tried.flatMap((one) =>
    'failure' in one
      ? []
      : one.lines.map((line) => ({ ...line, actor: one.commit.actor, at: one.commit.at })),
  )
  return all.map((line, index) => ({ sequence: stand + index + 1, ...line }))
}

/** People who are new, one after the other, are written together; all else by itself. */
type Together = { readonly newcomers: readonly Person[] } | { readonly one: Write }

function together(writes: readonly Write[]): readonly Together[] {
  const all: ({ newcomers: Person[] } | { one: Write })[] = []
  for (const one of writes) {
    const last = all.at(-1)
    if (one.kind !== 'person' || one.person.version !== 1) all.push({ one })
    else if (last && 'newcomers' in last) last.newcomers.push(one.person)
    else all.push({ newcomers: [one.person] })
  }
  return all
}

function puttingOn(line: Line, db: Kysely<Tables>, at: string) {
  const write = runnerOn(line)
  const groups = groupWrites(db, write)
  const gatherings = gatheringWrites(db, write)

  /** True when it made something new. */
  async function putOne(one: Put): Promise<boolean> {
    switch (one.kind) {
      case 'person':
        await updatePerson(line, one.person)
        return false
      case 'group':
        await groups.putGroup(one.group)
        return one.group.version === 1
      case 'event':
        return gatherings.putEvent(one)
      case 'attendee':
        return gatherings.putAttendee(one)
      case 'connection':
        return gatherings.putConnection(one)
      case 'meeting':
        return gatherings.putMeeting(one)
      case 'organization':
        await refuseUnseen(one)
        return putWhole(one)
      case 'key':
        return putWhole(one)
    }
  }

  async function putWhole(one: Extract<Put, { kind: 'organization' | 'key' }>): Promise<boolean> {
    const isNew = (await write.all(queries.existing(db, one))).length === 0
    for (const query of queries.putQueries(db, one)) await write.run(query)
    return isNew
  }

  /** Nobody else commits meanwhile: one transaction at a time has the counter. */
  async function refuseUnseen({
    organization,
    before,
  }: Extract<Put, { kind: 'organization' }>): Promise<void> {
    if (before === undefined) return
    const stored = (await organizationsOn(write, db)).find(({ id }) => id === organization.id)
    if (isNotAsSeen(stored, before)) throw isOvertaken('organization')
  }

  return async (some: Together): Promise<readonly LogLine[]> => {
    if ('newcomers' in some) {
      await insertPeople(line, some.newcomers)
      return some.newcomers.map((person) => lineOf({ kind: 'person', person }, true))
    }
    const { one } = some
    if (one.kind === 'members') return groups.putMembers(one, at)
    if (one.kind === 'groupRemoval') return groups.removeGroup(one.groupId, at)
    if (one.kind === 'attendeeRemoval') return gatherings.removeAttendee(one)
    if (one.kind === 'receipt') {
      await gatherings.putReceipt(one.receipt)
      return []
    }
    return [lineOf(one, await putOne(one))]
  }
}
