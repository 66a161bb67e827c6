import { Failure } from '../failure.ts'

/** Work that takes memory and a core, at most so much of it at a time. */
export interface Queue<Kind extends string> {
  /** Does `work` when there is room and it is its turn. @throws too_many_requests, saying when to come again */
  run<Result>(task: Task<Kind>, work: () => Promise<Result>): Promise<Result>
}

export interface Task<Kind extends string> {
  readonly kind: Kind
  /** How much of the room it takes. */
  readonly weight: number
  /** Who wants it, of whom only so much waits. */
  readonly askerId: string
}

/** How many of a kind may wait, before more is refused. */
export interface Patience {
  readonly all: number
  readonly ofOne: number
}

interface Waiting {
  readonly weight: number
  readonly begin: () => void
}

/** Seconds. */
const comeAgain = 2

/**
 * The kinds take turns, and within a kind those who ask: so nobody holds up others by asking for much. What is heavy is
 * never passed by once it is its turn.
 */
export function createQueue<Kind extends string>(
  room: number,
  patience: Readonly<Record<Kind, Patience>>,
): Queue<Kind> {
  let taken = 0
  const lines = new Map(
    Object.keys(patience).map((kind) => [kind as Kind, new Map<string, Waiting[]>()]),
  )

  /** First the kind, then who in it, whose turn was longest ago. */
  function nextUp() {
    for (const [kind, line] of lines) {
      for (const [askerId, [task]] of line) if (task) return { kind, line, askerId, task }
    }
    return undefined
  }

  function proceed(): void {
    let next = nextUp()
    while (next && taken + next.task.weight <= room) {
      const { kind, line, askerId, task } = next
      const others = line.get(askerId)?.slice(1) ?? []
      line.delete(askerId)
      if (others.length > 0) line.set(askerId, others)
      lines.delete(kind)
      lines.set(kind, line)
      taken += task.weight
      task.begin()
      next = nextUp()
    }
  }

  return {
    async run({ kind, weight, askerId }, work) {
      const line = lines.get(kind) ?? new Map<string, Waiting[]>()
      const own = line.get(askerId) ?? []
      const count = [...line.values()].reduce((sum, { length }) => sum + length, 0)
      if (count >= patience[kind].all || own.length >= patience[kind].ofOne) {
        const said = 'Too many pictures are being worked on; try again soon'
        throw new Failure('too_many_requests', said, { retryAfter: comeAgain })
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      line.set(askerId, [...own, { weight, begin: resolve }])
      proceed()
      await promise
      try {
        return await work()
      } finally {
        taken -= weight
        proceed()
      }
    },
  }
}
