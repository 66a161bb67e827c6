/** What is done to a database as a whole, from the shell; a store that is embedded has it. */
export interface Upkeep {
  /**
   * Copies the database, as of one moment, to a file that is complete, checked and safe on disk when it appears
   * under its name. Nobody who reads or writes meanwhile has to wait; what they write is not in the copy.
   * @throws Error that says why not; then nothing is left behind
   */
  backUp(database: string, file: string, copying?: Copying): Promise<Contents>
  /**
   * Puts a backup in place of a database, which others may have open: they read it from their next read on. The
   * backup is checked first, whole; a database that it can't replace stays as it is.
   * @throws Error that says why not
   */
  restore(file: string, database: string, copying?: Copying): Promise<Restored>
  /**
   * Looks through a whole database, as of one moment, for what can't be: pages that do not hold together, references
   * to nothing, rows that disagree with their record, their checksum or the change log. Changes nothing, and holds
   * no writer up.
   */
  check(database: string, onProgress?: OnProgress): Checked
}

/**
 * Copies a whole database into one of another engine, which nobody can use before all of it is there and was checked row
 * by row. Broken off, it goes on where it was when it is done again. `from` is not changed.
 * @throws Error that says why not, where nothing can be told of the rows
 */
export type Transfer = (
  from: Whereabouts,
  to: Whereabouts,
  transferring?: Transferring,
) => Promise<Transferred>

/** Where a database is. */
export interface Whereabouts {
  /** The path of a file, or the URL of a server. */
  readonly database: string
  readonly isServer: boolean
  /** As it is called where people read it: without a password. */
  readonly name: string
}

export interface Transferring {
  /** Copies nothing; compares what is there. */
  readonly checkOnly?: boolean
  /** So many rows of so many are there; of those, `before` were before this run. */
  readonly onCopied?: (rows: number, of: number, before: number) => void
  /** So many rows of so many were compared. */
  readonly onChecked?: (rows: number, of: number) => void
}

export interface Transferred {
  /** How many rows this run has copied. */
  readonly copied: number
  readonly tables: readonly TableChecked[]
  /** How many rows differ. Unless there are none the new database can not be used. */
  readonly count: number
  /** The first of them. */
  readonly differences: readonly Difference[]
  /** Whether `from` was written to meanwhile; then the new one can not be used either. */
  readonly changed: boolean
}

/** Of one table, on both sides. */
export interface TableChecked {
  readonly table: string
  readonly from: Rows
  readonly to: Rows
}

export interface Rows {
  readonly rows: number
  /** Of all rows in the order of their keys; the same for the same rows on every engine. */
  readonly checksum: string
}

export interface Difference {
  readonly table: string
  readonly key: string
  /** In words. */
  readonly what: string
}

/** While a database is brought up to date: how many people of how many a step has gone through. */
export type OnUpgrade = (step: string, people: number, of: number) => void

/** From 0 to 1. */
export type OnProgress = (part: number) => void

export interface Copying {
  readonly onCopied?: OnProgress
  readonly onChecked?: OnProgress
  /** Overwrites what is there. */
  readonly force?: boolean
}

/** How much is in a database. */
export interface Contents {
  readonly people: number
  readonly organizations: number
  readonly changes: number
  /** Of the file, without a log beside it. */
  readonly bytes: number
}

export interface Restored extends Contents {
  /** Whether others had the database open, and have the restored one now. */
  readonly online: boolean
}

export interface Checked {
  /** Undefined where not even that can be told. */
  readonly contents: Contents | undefined
  /** Empty when all is well. */
  readonly faults: readonly Fault[]
}

/** One kind of thing that is wrong. */
export interface Fault {
  readonly what: string
  readonly count: number
  /** A few of those that it is wrong with, by id. */
  readonly first: readonly string[]
}
