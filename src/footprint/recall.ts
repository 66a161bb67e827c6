import { Footprint } from './footprint.ts'
import type { Watch } from './stamps.ts'

/** Remembers what was read for as long as it stands. At most `most` values; the oldest make room. */
export class Recall<Value> {
  readonly #known = new Map<string, { readonly value: Value; readonly footprint: Footprint }>()
  readonly #watch: Watch
  readonly #now: () => number
  readonly #most: number

  constructor(watch: Watch, now: () => number, most: number) {
    this.#watch = watch
    this.#now = now
    this.#most = most
  }

  /**
   * What `read` gives for `key`, read anew when it may have changed. `read` notes what it looks at, and `footprint`
   * gets all of that. What leaves no footprint could never be told to have changed, and is not remembered.
   */
  async get(
    key: string,
    footprint: Footprint,
    read: (own: Footprint) => Promise<Value>,
  ): Promise<Value> {
    const known = this.#known.get(key)
    if (known && this.#watch.stands(known.footprint, this.#now())) {
      footprint.includes(known.footprint)
      return known.value
    }
    const own = new Footprint(this.#watch.moment)
    const value = await read(own)
    this.#known.delete(key)
    if (own.facts.length > 0) this.#remember(key, value, own)
    footprint.includes(own)
    return value
  }

  #remember(key: string, value: Value, footprint: Footprint): void {
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size >= this.#most) this.#known.delete(oldest)
    this.#known.set(key, { value, footprint })
  }
}
