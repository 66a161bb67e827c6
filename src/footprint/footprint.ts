/** The kinds of things that an answer can depend on. */
export type FactKind =
  /** A person's record. */
  | 'person'
  /** Whether somebody is in touch: their signals. */
  | 'presence'
  /** Who reports to a person. */
  | 'reportees'
  | 'organization'
  | 'group'
  | 'key'
  | 'event'
  | 'attendee'
  /** In which events a person is. */
  | 'attendance'
  | 'connection'
  | 'meeting'

/**
 * Something that an answer can depend on, as the number of a slot. Two may share one: whoever then asks whether
 * the one has changed is told yes when the other has, which costs a look but is never a lie.
 */
export type Fact = number

const few = 32

/** How many slots there are. A power of two. */
export const slots = 2 ** 20

/** FNV-1a (RFC 9923), folded to the number of slots. */
export function factOf(kind: FactKind, id: string | number): Fact {
  const name = `${kind}:${id}`
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  }
  return ((hash >>> 12) ^ hash) & (slots - 1)
}

/**
 * What an answer was made from: enough to tell later whether it would come out the same. It is noted while
 * reading, by what reads, so that nobody has to remember what an answer depends on.
 */
export class Footprint {
  facts: Fact[] = []
  /** Milliseconds since the epoch: it holds from then on … */
  from = Number.NEGATIVE_INFINITY
  /** … and until just before then. */
  until = Number.POSITIVE_INFINITY
  /** The moment as of which it is known to hold; taken before the first read. */
  moment: number
  /** It is to be made anew each time. */
  once = false
  /** Where there are so many that looking through them takes long. */
  #many: Set<Fact> | undefined

  constructor(moment: number) {
    this.moment = moment
  }

  reads(fact: Fact): void {
    if (this.#has(fact)) return
    this.facts.push(fact)
    this.#many?.add(fact)
  }

  #has(fact: Fact): boolean {
    if (this.facts.length < few) return this.facts.includes(fact)
    this.#many ??= new Set(this.facts)
    return this.#many.has(fact)
  }

  /** What the clock says goes into the answer, and would not change between these two instants. */
  holds(from: number, until: number): void {
    if (from > this.from) this.from = from
    if (until < this.until) this.until = until
  }

  /** The answer is not to be given again: when it is made anew would tell of what it does not show. */
  forThisTimeOnly(): void {
    this.once = true
  }

  /** Takes no more memory than it needs, once everything was read. */
  settle(): void {
    this.facts = this.facts.slice()
    this.#many = undefined
  }

  /** All that another one names, whose moment is not before this one's. */
  includes(other: Footprint): void {
    for (const fact of other.facts) this.reads(fact)
    this.once ||= other.once
    this.holds(other.from, other.until)
  }
}
