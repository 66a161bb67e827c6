import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { Store } from '../directory/ports.ts'
import type { OnUpgrade } from '../directory/upkeep.ts'
import { beatsAtOnce } from './beats.ts'
import { addressOf, standbysOf } from './postgres-address.ts'
import { commitsOn } from './postgres-commits.ts'
import { answering as answeringFailures } from './postgres-failures.ts'
import { gatheringReads } from './postgres-gatherings.ts'
import { kyselyOn } from './postgres-kysely.ts'
import { type Lines, linesTo } from './postgres-lines.ts'
import { organizationsOn } from './postgres-organizations.ts'
import { hotReads } from './postgres-reads.ts'
import { type Runner, runnerOn } from './postgres-runner.ts'
import { searchesOn } from './postgres-searches.ts'
import { linesNear } from './postgres-standbys.ts'
import { transact } from './postgres-transact.ts'
import { bringUpToDate } from './postgres-upgrade.ts'
import { type PostgresWatch, watchOver } from './postgres-watch.ts'
import { putBeats, putSignals, storedSignals } from './postgres-writes.ts'
import { isOvertaken } from './refusals.ts'
import { receiptFrom, receiptOf } from './sql/gatherings.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'

// How many lines a node has at the most, by what for; with one more to watch the log.
const readers = 4
const searchers = 3
const writers = 2

/** Milliseconds that a statement may take, by what it is for. */
const readLongest = 3_000
const searchLongest = 10_000
const writeLongest = 5_000

/**
 * The store on PostgreSQL, beside which others may be on the same database: what one commits holds for the others within
 * a second, and for its own next read at once. `readFrom` is the URL of standbys, which are read from where that holds
 * all the same; empty for none. @throws Error when it can't be reached, or was written by a newer Kith
 */
export async function postgresStore(
  url: string,
  now: () => number,
  onUpgrade?: OnUpgrade,
  readFrom = '',
): Promise<Store> {
  const address = addressOf(url)
  const standbys = standbysOf(readFrom)
  await bringUpToDate(address, new Date(now()).toISOString(), { onUpgrade })
  const reading = linesTo(address, { most: readers, longest: readLongest })
  const searching = linesTo(address, { most: searchers, longest: searchLongest })
  const writing = linesTo(address, { most: writers, longest: writeLongest })
  const db = kyselyOn(reading)
  const watch = await watchOver(address, db)
  const { needed } = watch
  const near = standbys.length > 0 && {
    reading: linesNear(reading, standbys, { most: readers, longest: readLongest, needed }),
    searching: linesNear(searching, standbys, { most: searchers, longest: searchLongest, needed }),
  }
  return storeOn({ db, reading, searching, writing, watch, ...(near && { near }) })
}

interface Parts {
  readonly db: Kysely<Tables>
  readonly reading: Lines
  readonly searching: Lines
  readonly writing: Lines
  readonly watch: PostgresWatch
  /** For reads by which nothing is decided. */
  readonly near?: Pick<Parts, 'reading' | 'searching'>
}

function storeOn({ db, reading, searching, writing, watch, near }: Parts): Store {
  const answering = <T>(work: () => Promise<T>): Promise<T> =>
    answeringFailures(() => {
      watch.refuseOutdated()
      return work()
    })
  const commits = commitsOn(writing, db, watch.committed)
  const read = <T>(work: (read: Runner) => Promise<T>): Promise<T> =>
    answering(() => reading.use((line) => work(runnerOn(line))))
  const tryToWrite = trialOf(writing)
  const { holders, ...reads } = readsOn({ reading, searching }, db, answering)
  const keys: Store['keys'] = {
    ...holders,
    list: (organizationId) =>
      read(async ({ all }) =>
        (await all(queries.keyRows(db, organizationId))).map(queries.keyFrom),
      ),
    used: (times) =>
      answering(() =>
        writing.use(async (line) => {
          const { run } = runnerOn(line)
          const all = [...times].map(([keyId, at]) => run(queries.noteKeyUse(db, keyId, at)))
          await Promise.all(all)
        }),
      ),
  }

  function nearby(lines: Pick<Parts, 'reading' | 'searching'>): NonNullable<Store['nearby']> {
    const { holders: near, ...reads } = readsOn(lines, db, answering)
    return { ...reads, keys: { ...keys, ...soonest(near, holders) } }
  }

  return {
    ...reads,
    keys,
    ...(near && { nearby: nearby(near) }),
    commit: (writes, actor, at) => commits.commit(writes, actor, at),
    async signal(signals, before = new Map()) {
      const revision = await answering(() =>
        transact(writing, 'signal', async (line, stand) => {
          const stored = await storedSignals(line, [...before.keys()])
          for (const [personId, seen] of before) {
            if (!isDeepStrictEqual(stored.get(personId), seen)) throw isOvertaken('presence')
          }
          await putSignals(line, signals, stand + 1)
          return { value: stand + 1, stand: stand + 1 }
        }),
      )
      watch.signalled(signals.keys(), revision)
    },
    async beat(times) {
      const all = [...times]
      for (let from = 0; from < all.length; from += beatsAtOnce) {
        const some = all.slice(from, from + beatsAtOnce)
        const { seen, revision } = await answering(() =>
          transact(writing, 'signal', async (line, stand) => {
            const revision = stand + 1
            const seen = await putBeats(line, some, revision)
            return { value: { seen, revision }, stand: revision }
          }),
        )
        watch.signalled(seen, revision)
      }
    },
    receipt: (keyId, idempotencyKey) =>
      read(({ first }) => first(receiptOf(db, keyId, idempotencyKey), receiptFrom)),
    watch,
    changesAfter: (sequence, limit) =>
      read(async ({ all }) =>
        (await all(queries.changeRows(db, sequence, limit))).map(queries.changeFrom),
      ),
    async secret() {
      const known = () => read(({ first }) => first(queries.secretRow(db), ({ value }) => value))
      const stored = await known()
      if (stored !== undefined) return stored
      const made = randomBytes(32).toString('hex')
      await answering(() =>
        writing.use((line) => runnerOn(line).run(queries.insertSecret(db, made))),
      )
      return (await known()) ?? ''
    },
    async ready() {
      await Promise.all([read(({ all }) => all(queries.secretRow(db))), answering(tryToWrite)])
    },
    async close() {
      await commits.settled()
      await watch.close()
      const nearLines = near ? [near.reading, near.searching] : []
      await Promise.all([...nearLines, reading, searching, writing].map((lines) => lines.close()))
    },
  }
}

/** The reads over some lines. */
function readsOn(
  { reading, searching }: Pick<Parts, 'reading' | 'searching'>,
  db: Kysely<Tables>,
  answering: <T>(work: () => Promise<T>) => Promise<T>,
): Pick<Store, 'people' | 'organizations' | 'groups' | 'gatherings'> & { holders: Holders } {
  const hot = hotReads(reading)
  const searches = searchesOn(searching, db)
  const read = <T>(work: (read: Runner) => Promise<T>): Promise<T> =>
    answering(() => reading.use((line) => work(runnerOn(line))))
  const allOrganizations = (on: Runner) => organizationsOn(on, db)

  return {
    people: {
      byId: (id, beside) => answering(() => hot.byId(id, beside)),
      byIds: (ids, beside) => answering(() => hot.byIds(ids, beside)),
      byNumber: (number, beside) => answering(() => hot.byNumber(number, beside)),
      byUserName: (organizationId, userName, beside) =>
        answering(() => hot.byUserName(organizationId, userName, beside)),
      byExternalId: (organizationId, externalId, beside) =>
        answering(() => hot.byExternalId(organizationId, externalId, beside)),
      byAttendance: (eventNumber, number, beside) =>
        answering(() => hot.byAttendance(eventNumber, number, beside)),
      inOrganization: (organizationId, page, beside) =>
        answering(() => hot.inOrganization(organizationId, page, beside)),
      byVerifiedEmail: (organizationId, normalized) =>
        answering(() => hot.byVerifiedEmail(organizationId, normalized)),
      byAny: (organizationId, handles, beside) =>
        answering(() => hot.byAny(organizationId, handles, beside)),
      search: (search) => answering(() => searches.people(search)),
      managersAbove: (id) => answering(() => hot.managersAbove(id)),
    },
    organizations: {
      all: () => read(allOrganizations),
      byId: async (id) => (await read(allOrganizations)).find((one) => one.id === id),
    },
    groups: {
      inOrganization: (organizationId) =>
        read(async ({ all }) =>
          (await all(queries.groupRows(db, organizationId))).map(queries.groupFrom),
        ),
      byIds: (ids) => answering(() => hot.groupsByIds(ids)),
      search: (search) => answering(() => searches.groups(search)),
      members: (groupIds) => answering(() => hot.members(groupIds)),
      ownedBy: (id) =>
        read(async ({ all }) =>
          (await all(queries.groupIdsOwnedBy(db, id))).map(({ group_id }) => group_id),
        ),
      managedBy: (id) =>
        read(async ({ all }) =>
          (await all(queries.groupRowsManagedBy(db, id))).map(queries.groupFrom),
        ),
    },
    gatherings: {
      ...gatheringReads(db, read),
      connectionsOf: (personId, others) => answering(() => hot.connectionsOf(personId, others)),
      attendees: (eventNumber, personIds) => answering(() => hot.attendees(eventNumber, personIds)),
      search: (search) => answering(() => searches.attendees(search)),
    },
    holders: {
      holderByHash: (hash) => answering(() => hot.holderByHash(hash)),
      holderById: (keyId) => answering(() => hot.holderById(keyId)),
    },
  }
}

type Holders = Pick<Store['keys'], 'holderByHash' | 'holderById'>

/** A key that was made a moment ago, on whatever node, opens at once: who has none is asked for in both. */
const soonest = (near: Holders, all: Holders): Holders => ({
  holderByHash: async (hash) => (await near.holderByHash(hash)) ?? all.holderByHash(hash),
  holderById: async (keyId) => (await near.holderById(keyId)) ?? all.holderById(keyId),
})

/** Milliseconds for which an answer to whether the database can be written holds, whoever asks. */
const fresh = 1_000

/** Whether the database can be written: found out by writing, at most once a second, what nobody else waits for. */
function trialOf(lines: Lines): () => Promise<unknown> {
  let trial: Promise<unknown> | undefined
  let endedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (trial === undefined || performance.now() - endedAt >= fresh) {
      endedAt = Number.POSITIVE_INFINITY
      trial = lines
        .use((line) => line.run("update counter set value = value + 1 where name = 'trial'"))
        .finally(() => {
          endedAt = performance.now()
        })
    }
    return trial
  }
}
