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
