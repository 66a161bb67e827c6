import { type Fact, type Footprint, slots } from './footprint.ts'

/** Tells whether what was read a while ago still stands, without reading it again. */
export interface Watch {
  /**
   * Takes notice of all that is committed by now, by whatever process. Writes of this process are noticed
   * without it, before they are acknowledged.
   */
  look(): void
  /** Rises with everything written that was taken notice of. */
  readonly moment: number
  /** Whether an answer with that footprint would come out the same at `now`, in milliseconds since the epoch. */
  stands(footprint: Footprint, now: number): boolean
}

/** When each fact last changed, as far as was told; of a fixed size, however much there is. */
export class Stamps implements Watch {
  moment = 1
  /** Everything may have changed at this moment. */
  #floor = 0
  // Eight bytes each: a count of moments must not come round.
  readonly #changed = new Float64Array(slots)

  /** Nothing to look for where nobody else writes. */
  look(): void {}

  /** All of them changed, at one new moment. */
  change(facts: Iterable<Fact>): void {
    this.moment += 1
    for (const fact of facts) this.#changed[fact] = this.moment
  }

  /** Everything may have changed. */
  changeAll(): void {
    this.moment += 1
    this.#floor = this.moment
  }

  stands(footprint: Footprint, now: number): boolean {
    if (now < footprint.from || now >= footprint.until) return false
    if (footprint.moment === this.moment) return true
    if (footprint.moment < this.#floor) return false
    for (const fact of footprint.facts) {
      if ((this.#changed[fact] ?? 0) > footprint.moment) return false
    }
    // It stood until now: next time only what comes after counts.
    footprint.moment = this.moment
    return true
  }
}
