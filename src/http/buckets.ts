const minute = 60_000

/** What somebody may still ask, counted at one moment. */
export interface Count {
  /** Requests a minute; as many may come at once. */
  readonly limit: number
  /** How many more are answered at once. */
  readonly left: number
  /** Milliseconds until this one would be answered; 0 where it is. */
  readonly wait: number
  /** Milliseconds until as many as the limit may come at once. */
  readonly whole: number
}

interface Bucket {
  left: number
  /** When that was so. */
  at: number
}

/** Requests that this rounding error makes of one is still one. */
const nearly = 1 - 1e-6

/**
 * A bucket for each name: it holds `limit` requests, and what was taken comes back evenly over a minute. At most `most`
 * are remembered; whoever asked least recently is forgotten, which fills their bucket.
 */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #limit: number
  readonly #most: number

  constructor(limit: number, most: number) {
    this.#limit = limit
    this.#most = most
  }

  /** Takes one out of the bucket, where there is one. */
  take(name: string, now: number): Count {
    const bucket = this.#buckets.get(name)
    const left = this.#leftOf(bucket, now)
    if (left < nearly) return this.#count(left, (1 - left) * this.#pace)
    this.#buckets.delete(name)
    if (this.#buckets.size >= this.#most) this.#forgetOldest()
    const taken = bucket ?? { left, at: now }
    taken.left = left - 1
    taken.at = now
    this.#buckets.set(name, taken)
    return this.#count(taken.left, 0)
  }

  /** Puts back what was taken last, as if it had not been asked. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name)
    if (bucket) bucket.left = Math.min(this.#limit, bucket.left + 1)
  }

  /** What {@link take} would say now, and nothing taken. */
  look(name: string, now: number): Count {
    const left = this.#leftOf(this.#buckets.get(name), now)
    return this.#count(left, left < nearly ? (1 - left) * this.#pace : 0)
  }

  /** Milliseconds that one takes to come back. */
  get #pace(): number {
    return minute / this.#limit
  }

  #leftOf(bucket: Bucket | undefined, now: number): number {
    if (!bucket) return this.#limit
    // A clock that was set back takes nothing away.
    return Math.min(this.#limit, bucket.left + Math.max(0, now - bucket.at) / this.#pace)
  }

  #count(left: number, wait: number): Count {
    return {
      limit: this.#limit,
      left: Math.max(0, Math.floor(left + 1 - nearly)),
      wait,
      whole: (this.#limit - left) * this.#pace,
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
