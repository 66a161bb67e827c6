import type { Config } from '../config.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Store } from '../directory/ports.ts'
import type { OnUpgrade, Transfer, Upkeep } from '../directory/upkeep.ts'

/** A fixed answer at a fixed path. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface ServerParts {
  readonly config: Config
  /** Closed with the server. */
  readonly store: Store
  readonly pages?: ReadonlyMap<string, Page>
}

export interface RunningServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Lets requests in flight end, then closes the store. */
  close(): Promise<void>
}

/** What the commands are given by main.ts. */
export interface Wiring {
  /** @throws Error that lists every problem */
  configFor(flags: Flags): Config
  openStore(
    config: Pick<Config, 'database'> & Partial<Pick<Config, 'readFrom'>>,
    onUpgrade?: OnUpgrade,
    /** `muchToWrite`: what comes next is worked out while it is written. */
    how?: { readonly muchToWrite: boolean },
  ): Promise<Store>
  readonly upkeep: Upkeep
  readonly transfer: Transfer
  serve(parts: ServerParts): Promise<RunningServer>
  readonly dialects: readonly Dialect[]
  /** Those of them that are vendors', and no standards. */
  readonly vendors: readonly Dialect[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export type Flags = Readonly<Record<string, string | undefined>>
