import type { Kysely } from 'kysely'

/** A part of a step, in a transaction of its own. `now` is an instant. */
export type Part = (db: Kysely<unknown>, now: string) => Promise<void>

/**
 * A step that brings the database up to date. What has to go through all people does so some at a time, each time in a
 * transaction of its own: one for a million of them would take as much of the disk again, and hold what was done back
 * until all is. Where it was interrupted it goes on from.
 */
export interface Migration {
  readonly name: string
  /**
   * The name of the oldest step that a node has to know to work beside this one, for a step that only adds what such a node
   * can do without: docs/upgrading.md. Without it, nodes that do not know the step itself are refused from its beginning.
   */
  readonly compatibleSince?: string
  readonly begin: Part
  /** Given all people, in the order of their ids, between the beginning and the end. */
  readonly fill?: (db: Kysely<unknown>, records: readonly StoredRecord[]) => Promise<void>
  readonly end?: Part
}

export interface StoredRecord {
  readonly id: string
  /** JSON. */
  readonly text: string
}
