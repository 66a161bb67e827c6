// What several nodes were told and what they answered, by one clock; and whether one directory that changes at one moment
// after the other could have answered like that, as far as is promised.

/** A state that something was given, and what is seen of it. */
export interface State {
  readonly seen: string
  /** The node that was asked for it. */
  readonly node: number
  /** When it was asked for. */
  readonly began: number
  /** When it was told to be done; absent while nobody knows whether it was. */
  acknowledged?: number
}

/** An answer, and what of a subject's state is seen in it. */
export interface Answer {
  readonly subject: string
  readonly node: number
  readonly began: number
  readonly ended: number
  readonly seen: string
}

/** How late an answer's news was, in milliseconds by its beginning; 0 where it was of its time. */
export interface Lateness {
  /** Behind what was acknowledged on the same node. */
  readonly own: number
  /** Behind what was acknowledged on any other. */
  readonly others: number
}

export interface Judgement extends Lateness {
  readonly answers: number
  readonly stale: readonly (Answer & Lateness)[]
}

/** The states of each subject in the order in which they were asked for, one after the other, and all answers. */
export class History {
  readonly states = new Map<string, State[]>()
  readonly answers: Answer[] = []

  /** `seen` was so before anybody asked. */
  begins(subject: string, seen: string): void {
    const always = { seen, node: -1, began: Number.NEGATIVE_INFINITY }
    this.states.set(subject, [{ ...always, acknowledged: Number.NEGATIVE_INFINITY }])
  }

  changes(subject: string, state: State): void {
    this.states.get(subject)?.push(state)
  }

  /** How many changes were acknowledged, of those that were asked for since that moment. */
  acknowledgedSince(moment: number): number {
    const all = [...this.states.values()].flatMap((states) => states.slice(1))
    return all.filter(({ began, acknowledged }) => began >= moment && acknowledged !== undefined)
      .length
  }

  /** By the latest state that the answer may show. @throws Error for what never was so */
  latenessOf({ subject, node, began, ended, seen }: Answer): Lateness {
    const states = this.states.get(subject) ?? []
    const shown = states.findLastIndex((one) => one.seen === seen && one.began < ended)
    if (shown < 0) throw new Error(`${subject} was never "${seen}"`)
    const later = states.slice(shown + 1)
    const behind = (some: readonly State[]) =>
      Math.max(
        0,
        ...some.map(({ acknowledged = Number.POSITIVE_INFINITY }) => began - acknowledged),
      )
    return {
      own: behind(later.filter((one) => one.node === node)),
      others: behind(later.filter((one) => one.node !== node)),
    }
  }

  /**
   * The latest news of all answers that began since that moment, and the answers that were later than `bound`; on the own
   * node none may be late.
   */
  judge(bound: number, since = Number.NEGATIVE_INFINITY): Judgement {
    const all = this.answers
      .filter(({ began }) => began >= since)
      .map((answer) => ({ ...answer, ...this.latenessOf(answer) }))
    return {
      answers: all.length,
      own: all.reduce((most, { own }) => Math.max(most, own), 0),
      others: all.reduce((most, { others }) => Math.max(most, others), 0),
      stale: all.filter(({ own, others }) => own > 0 || others > bound),
    }
  }
}
