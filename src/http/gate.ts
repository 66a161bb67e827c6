import { Failure } from '../failure.ts'
import { Buckets, type Count } from './buckets.ts'

/** How much may be asked, in a minute and at once. */
export interface Limits {
  /** Of each key, by dialect; none where nothing, or 0, is said. */
  readonly requests: Readonly<Record<string, number>>
  /** Credentials from one address that let nobody in. */
  readonly failures: number
}

/** How many keys, addresses and good credentials are remembered, each. */
const most = 10_000

/** Credentials of one address that are being tried, and those that come after them. */
interface Trying {
  underWay: number
  readonly waiting: (() => void)[]
}

/** Counts requests by key, and failed credentials by the address that they come from. */
export class Gate {
  readonly #requests: ReadonlyMap<string, Buckets>
  readonly #failures: Buckets
  /** Credentials that were good when they came last, the oldest first. */
  readonly #good = new Set<string>()
  /** By the address that they come from. */
  readonly #trying = new Map<string, Trying>()
  readonly #now: () => number

  constructor({ requests, failures }: Limits, now: () => number) {
    const limited = Object.entries(requests).filter(([, limit]) => limit > 0)
    this.#requests = new Map(limited.map(([name, limit]) => [name, new Buckets(limit, most)]))
    this.#failures = new Buckets(failures, most)
    this.#now = now
  }

  /** Counts a request of a key; undefined where the dialect has no limit. */
  count(dialect: string, keyId: string): Count | undefined {
    return this.#requests.get(dialect)?.take(keyId, this.#now())
  }

  /** Counts no request of a key after all: it is about to be counted anew. */
  discount(dialect: string, keyId: string): void {
    this.#requests.get(dialect)?.giveBack(keyId)
  }

  /**
   * Lets credentials be tried, and gives what they were good for. Whose address is out of tries gets no further,
   * unless these very credentials were good before: others behind the same address have to go on.
   * @param credentials undefined where they are too long to be remembered
   * @throws too_many_requests, and whatever `attempt` does
   */
  async tried<Value>(
    client: string,
    credentials: string | undefined,
    attempt: () => Promise<Value>,
  ): Promise<Value> {
    const isGood = credentials !== undefined && this.#good.has(credentials)
    if (!isGood) await this.#turn(client)
    try {
      const value = await attempt()
      if (credentials !== undefined && !isGood) this.#remember(credentials)
      return value
    } catch (error) {
      if (error instanceof Failure && error.code === 'unauthenticated') {
        this.#failures.take(client, this.#now())
        if (credentials !== undefined) this.#good.delete(credentials)
      }
      throw error
    } finally {
      if (!isGood) this.#done(client)
    }
  }

  /**
   * Resolves when the address has a try left, should all that are under way fail: else as many would be tried at once
   * as come at once. @throws too_many_requests
   */
  async #turn(client: string): Promise<void> {
    for (;;) {
      const { wait, left } = this.#failures.look(client, this.#now())
      const trying = this.#trying.get(client) ?? { underWay: 0, waiting: [] }
      if (wait > 0) {
        this.#callNext(client, trying)
        throw tooMany(wait)
      }
      this.#trying.set(client, trying)
      if (trying.underWay < left) {
        trying.underWay += 1
        return
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      trying.waiting.push(resolve)
      await promise
    }
  }

  #done(client: string): void {
    const trying = this.#trying.get(client)
    if (!trying) return
    trying.underWay -= 1
    this.#callNext(client, trying)
  }

  #callNext(client: string, { underWay, waiting }: Trying): void {
    const next = waiting.shift()
    if (underWay === 0 && waiting.length === 0) this.#trying.delete(client)
    next?.()
  }

  #remember(credentials: string): void {
    const [oldest] = this.#good
    if (oldest !== undefined && this.#good.size >= most) this.#good.delete(oldest)
    this.#good.add(credentials)
  }
}

/** What whoever has to wait is told; `wait` in milliseconds. */
export function tooMany(wait: number): Failure {
  const retryAfter = Math.max(1, Math.ceil(wait / 1000))
  const seconds = retryAfter === 1 ? 'a second' : `${retryAfter} seconds`
  return new Failure('too_many_requests', `Too many requests; try again in ${seconds}.`, {
    retryAfter,
  })
}
