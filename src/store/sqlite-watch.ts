import type { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { factOf } from '../footprint/footprint.ts'
import { Stamps, type Watch } from '../footprint/stamps.ts'
import { factsChangedBy, type News } from './news.ts'
import * as queries from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'
import type { Guard } from './sqlite-guard.ts'
import type { Runner } from './sqlite-runner.ts'

export interface SqliteWatch extends Watch {
  /** Like `look`, right after a commit of this process; nothing to do as long as nobody has looked yet. */
  lookAfterOwn(): void
}

/** More news than this at once, and everything counts as changed. */
const mostNews = 5_000

/** Milliseconds after which SQLite is asked in any case: should the log's index ever tell too little, no answer is older. */
const trust = 100

/**
 * Takes notice of commits: where the log's index may tell of some, which takes less than a microsecond to see, by way of
 * SQLite's own counter of them, `data_version`, which takes three, and only then of the change log. The guard is told of the
 * mark that the database has, and may throw. `reader` has no transaction open when it is looked: it would see nothing new.
 */
export function watchOver(
  db: Kysely<Tables>,
  reader: DatabaseSync,
  read: Runner,
  { heed, mayHaveNews }: Pick<Guard, 'heed' | 'mayHaveNews'>,
): SqliteWatch {
  const stamps = new Stamps()
  const counter = reader.prepare('PRAGMA data_version')
  const latest = queries.latest(db).compile()
  const mark = queries.markRow(db).compile()
  let seen: unknown
  /** A look did not come to its end, or something is known to have been written. */
  let isBehind = true
  /** Whether the log's index has told of everything so far. */
  let isTrusted = true
  let asked = Number.NEGATIVE_INFINITY
  let stood = { sequence: 0, revision: 0, incarnation: '' }

  function look(): void {
    // Read first, both: what is committed after them makes them others again.
    const isTold = mayHaveNews() || isBehind
    const now = performance.now()
    if (!isTold && isTrusted && now - asked < trust) return
    isBehind = true
    const count = counter.get()?.data_version
    asked = now
    if (count !== seen) {
      // Unless it was committed since the index was read.
      if (!isTold && !mayHaveNews()) isTrusted = false
      catchUp(count)
    }
    isBehind = false
  }

  function catchUp(count: unknown): void {
    heed(read.first(mark, ({ step }) => step))
    const now = read.first(latest, ({ sequence, revision, incarnation }) => ({
      sequence: Number(sequence ?? 0),
      revision: Number(revision ?? 0),
      incarnation: incarnation ?? '',
    })) ?? { sequence: 0, revision: 0, incarnation: '' }
    const news = now.sequence - stood.sequence
    if (seen === undefined || news > mostNews || now.incarnation !== stood.incarnation) {
      stamps.changeAll()
    } else {
      if (news > 0) readChanges()
      if (now.revision !== stood.revision) readSignals()
    }
    stood = now
    seen = count
  }

  function readChanges(): void {
    const rows = read.all(queries.newsRows(db, stood.sequence, mostNews).compile())
    stamps.change(
      rows.flatMap(({ entity, entity_id, person_id, manager_id }) =>
        factsChangedBy({
          entity: entity as News['entity'],
          entityId: entity_id,
          personId: person_id,
          managerId: manager_id,
        }),
      ),
    )
  }

  function readSignals(): void {
    const rows = read.all(queries.signalledRows(db, stood.revision, mostNews).compile())
    if (rows.length === mostNews) stamps.changeAll()
    else stamps.change(rows.map(({ person_id }) => factOf('presence', person_id)))
  }

  return {
    get moment() {
      return stamps.moment
    },
    stands: (footprint, now) => stamps.stands(footprint, now),
    look,
    lookAfterOwn() {
      try {
        isBehind = true
        if (seen !== undefined) look()
      } catch {
        // It is written, and is not to be told as failed. The next look makes up for this one, or says why not.
      }
    },
  }
}
