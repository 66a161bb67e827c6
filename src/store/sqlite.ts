import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Store, Write } from '../directory/ports.ts'
import type { OnUpgrade } from '../directory/upkeep.ts'
import { beatsAtOnce } from './beats.ts'
import { type Line, lineOf, type Put } from './change.ts'
import { isNotAsSeen, isOvertaken } from './refusals.ts'
import { receiptFrom, receiptOf } from './sql/gatherings.ts'
import { migrate } from './sql/migrate.ts'
import * as queries from './sql/queries.ts'
import { kyselyOver } from './sqlite-adapter.ts'
import { gatheringReads, gatheringWrites } from './sqlite-gatherings.ts'
import { groupWrites } from './sqlite-group-writes.ts'
import { guardOf } from './sqlite-guard.ts'
import { hotReads } from './sqlite-reads.ts'
import { runnerOf } from './sqlite-runner.ts'
import { searchesOf } from './sqlite-searches.ts'
import { transactionsOn, trialOf } from './sqlite-transact.ts'
import { type SqliteWatch, watchOver } from './sqlite-watch.ts'
import { hotWrites } from './sqlite-writes.ts'

/** Milliseconds that the opening waits for another process's transaction. */
const patience = 5_000

/** KiB of pages that the writing handle keeps: what one batch of an import touches, each of them written once. */
const writerCache = 65_536

/** Milliseconds that a read waits inside SQLite, and the process with it: for a log that is being recovered. */
const readPatience = 50

/**
 * The embedded store: one SQLite file with its write-ahead log beside it, made readable for its owner only; a
 * file that is there already keeps its mode.
 * Several processes may have it open; what one commits holds for the others' next read.
 * @throws Error when the file can't be opened or was written by a newer Kith
 */
export async function sqliteStore(
  path: string,
  now: () => number,
  onUpgrade?: OnUpgrade,
): Promise<Store> {
  // The file holds personal data and key hashes; SQLite would make it readable by the group. One that is there is left
  // alone: to close it would give up the locks that this process may have on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const writer = new DatabaseSync(path, { timeout: patience })
  writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  writer.exec(`PRAGMA cache_size = ${-writerCache}`)
  const db = kyselyOver(writer)
  try {
    await migrate(db, new Date(now()).toISOString(), { onUpgrade })
  } catch (error) {
    // Or it would be in use by a store that nobody has.
    writer.close()
    throw error
  }
  // A handle of its own: a read on the writing handle would wait behind an open transaction.
  const reader = new DatabaseSync(path, { readOnly: true, timeout: patience })

  const read = runnerOf(reader)
  const write = runnerOf(writer)

  const hot = hotReads(reader)
  const hotWrite = hotWrites(writer)
  const groupWrite = groupWrites(db, write)
  const gatheringWrite = gatheringWrites(db, write)
  // Waiting is over with the opening: from here on others would have to wait, too.
  writer.exec('PRAGMA busy_timeout = 0')
  reader.exec(`PRAGMA busy_timeout = ${readPatience}`)
  const guard = guardOf(path)
  const news = watchOver(db, reader, read, guard)
  const searches = searchesOf(path, db, guard, readPatience)
  const mark = queries.markRow(db).compile()
  const transactions = transactionsOn(writer, guard, () => {
    guard.heed(write.first(mark, ({ step }) => step))
  })
  const tryToWrite = trialOf(writer, transactions)
  const { transact } = transactions

  /** Every read of what is told goes this way. */
  const answering = <T>(work: () => T): Promise<T> =>
    guard.answering(() => {
      guard.refuseReads()
      return work()
    })
  const watch: SqliteWatch = {
    ...news,
    get moment() {
      return news.moment
    },
    look: () =>
      guard.attempt(() => {
        guard.refuseReads()
        news.look()
      }),
  }

  /** Does one write. @returns its lines in the log, but for who and when */
  function put(one: Write, at: string): readonly Line[] {
    if (one.kind === 'members') return groupWrite.putMembers(one, at)
    if (one.kind === 'groupRemoval') return groupWrite.removeGroup(one.groupId, at)
    if (one.kind === 'attendeeRemoval') return gatheringWrite.removeAttendee(one)
    if (one.kind === 'receipt') {
      gatheringWrite.putReceipt(one.receipt)
      return []
    }
    return [lineOf(one, putOne(one))]
  }

  /** True when it made something new. */
  function putOne(one: Put): boolean {
    switch (one.kind) {
      case 'person': {
        const { person } = one
        const isNew = person.version === 1
        if (isNew) hotWrite.insertPerson(person)
        else if (!hotWrite.updatePerson(person)) throw isOvertaken('person')
        return isNew
      }
      case 'group':
        groupWrite.putGroup(one.group)
        return one.group.version === 1
      case 'event':
        return gatheringWrite.putEvent(one)
      case 'attendee':
        return gatheringWrite.putAttendee(one)
      case 'connection':
        return gatheringWrite.putConnection(one)
      case 'meeting':
        return gatheringWrite.putMeeting(one)
      case 'organization':
        refuseUnseen(one)
        return putWhole(one)
      case 'key':
        return putWhole(one)
    }
  }

  function putWhole(one: Extract<Put, { kind: 'organization' | 'key' }>): boolean {
    const isNew = write.all(queries.existing(db, one).compile()).length === 0
    for (const query of queries.putQueries(db, one)) write.run(query.compile())
    return isNew
  }

  /** Nobody else can commit by now, so what can be read is what is there. */
  function refuseUnseen({ organization, before }: Extract<Put, { kind: 'organization' }>): void {
    // Without a word of what was there, nothing is read.
    if (before === undefined) return
    const stored = allOrganizations().find(({ id }) => id === organization.id)
    if (isNotAsSeen(stored, before)) throw isOvertaken('organization')
  }

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
      search: (search) => searches.people(search),
      managersAbove: (id) => answering(() => hot.managersAbove(id)),
    },
    organizations: {
      all: () => answering(allOrganizations),
      byId: (id) =>
        answering(() => allOrganizations().find((organization) => organization.id === id)),
    },
    groups: {
      inOrganization: (organizationId) =>
        answering(() =>
          read.all(queries.groupRows(db, organizationId).compile()).map(queries.groupFrom),
        ),
      byIds: (ids) => answering(() => hot.groupsByIds(ids)),
      search: (search) => searches.groups(search),
      members: (groupIds) => answering(() => hot.members(groupIds)),
      ownedBy: (id) =>
        answering(() =>
          read.all(queries.groupIdsOwnedBy(db, id).compile()).map(({ group_id }) => group_id),
        ),
      managedBy: (id) =>
        answering(() =>
          read.all(queries.groupRowsManagedBy(db, id).compile()).map(queries.groupFrom),
        ),
    },
    gatherings: {
      ...gatheringReads(db, read, answering),
      connectionsOf: (personId, others) => answering(() => hot.connectionsOf(personId, others)),
      attendees: (eventNumber, personIds) => answering(() => hot.attendees(eventNumber, personIds)),
      search: (search) => searches.attendees(search),
    },
    keys: {
      holderByHash: (hash) => answering(() => hot.holderByHash(hash)),
      holderById: (keyId) => answering(() => hot.holderById(keyId)),
      list: (organizationId) =>
        answering(() =>
          read.all(queries.keyRows(db, organizationId).compile()).map(queries.keyFrom),
        ),
      used: (times) =>
        transact(() => {
          for (const [keyId, at] of times) write.run(queries.noteKeyUse(db, keyId, at).compile())
        }),
    },
    async commit(writes, actor, at) {
      await transact(() => {
        for (const line of writes.flatMap((one) => put(one, at))) {
          hotWrite.appendChange({ ...line, actor, at })
        }
      })
      watch.lookAfterOwn()
    },
    async signal(signals, before = new Map()) {
      await transact(() => {
        for (const [personId, stored] of before) {
          const now = hotWrite.storedSignals(personId)?.signals
          if (!isDeepStrictEqual(now, stored)) throw isOvertaken('presence')
        }
        const revision = nextRevision()
        for (const [personId, one] of signals) hotWrite.putSignals(personId, one, revision)
      })
      watch.lookAfterOwn()
    },
    async beat(times) {
      const all = [...times]
      for (let from = 0; from < all.length; from += beatsAtOnce) {
        if (from > 0) await turn()
        const some = all.slice(from, from + beatsAtOnce)
        await transact(() => hotWrite.beat(some, nextRevision()))
        watch.lookAfterOwn()
      }
    },
    receipt: (keyId, idempotencyKey) =>
      answering(() => read.first(receiptOf(db, keyId, idempotencyKey).compile(), receiptFrom)),
    watch,
    changesAfter: (sequence, limit) =>
      answering(() =>
        read.all(queries.changeRows(db, sequence, limit).compile()).map(queries.changeFrom),
      ),
    async secret() {
      const known = () => read.first(queries.secretRow(db).compile(), (row) => row.value)
      const made = randomBytes(32).toString('hex')
      if ((await answering(known)) === undefined) {
        await transact(() => void write.run(queries.insertSecret(db, made).compile()))
      }
      return (await answering(known)) ?? ''
    },
    async ready() {
      await answering(() => {
        guard.refuseWrites()
        reader.prepare('select 1 from migration limit 1').get()
      })
      await tryToWrite()
    },
    async close() {
      await Promise.all([transactions.settled(), searches.close()])
      reader.close()
      writer.close()
      guard.close()
    },
  }

  function nextRevision(): number {
    const [{ latest } = { latest: 0 }] = write.all(queries.latestRevision(db).compile())
    return Number(latest) + 1
  }

  function allOrganizations() {
    const management = read.all(queries.managementRows(db).compile())
    return queries.organizationsFrom(read.all(queries.organizationRows(db).compile()), management)
  }
}
