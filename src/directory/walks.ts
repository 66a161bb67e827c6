// Read this file first: how a list is walked through by the numbers of its pages while people come and go.
import { createHash } from 'node:crypto'
import type { Viewer } from '../privacy/viewer.ts'
import type { From } from '../search/search.ts'

/** A list that clients go through page by page, by number, as the dialect has it. */
export interface Walk {
  /** Where it is asked for: a walk through one list is none through another. */
  readonly list: string
  /** How many a page of it has. */
  readonly size: number
}

/** Where one of a walk's pages begins. */
export interface Beginning {
  /** The place of whoever was the last of the page before. */
  readonly after: Extract<From, { readonly after: unknown }>['after']
  /** How many were given on the pages before. */
  readonly given: number
}

/** A beginning, and how whoever goes on from there will ask for it. */
interface Mark extends Beginning {
  readonly offset: number
  readonly size: number
  /** The size of the page that ended there: another one, where the rest was asked for in another step. */
  readonly from: number
}

interface Walked {
  readonly marks: readonly Mark[]
  /** When the last step was taken, in milliseconds since the epoch. */
  readonly at: number
}

/** Walks of one who asks, the one in which a step was taken last at the end. */
type Holder = Map<string, Walked>

/** Milliseconds that a walk is remembered after its last step. */
const memory = 600_000

/** How many walks are remembered, of all and of one who asks; the oldest make room. */
const most = 10_000
const mostOfOne = 1_000

/** How many beginnings of a list are remembered: of the next page, of this one, and of some before or of another size. */
const mostMarks = 4

/**
 * Remembers where the pages ended that were given out, so that the one that follows begins right after whoever was the
 * last there: were it to begin after so many, all would shift when somebody comes or goes before them. It is of this
 * process alone. What is remembered is the asker's own, and tells nobody anything.
 */
export class Walks {
  /** By who asks, the one who did last at the end. */
  readonly #holders = new Map<string, Holder>()
  readonly #now: () => number
  #size = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The walk of a viewer through a list, where `asked` is what else tells it from others. */
  of({ personId, keyId }: Viewer, { list, size }: Walk, asked: readonly unknown[]): ViewersWalk {
    // However long the question is.
    const hash = createHash('sha256').update(JSON.stringify([keyId, list, asked]))
    const name = hash.digest('base64url')
    const holder = personId ?? keyId
    const known = () => this.#marks(holder, name)
    const add = (added: readonly Mark[]) => {
      const isReplaced = (mark: Mark) =>
        mark.size === size && added.some(({ offset }) => offset === mark.offset)
      const marks = [...known().filter((mark) => !isReplaced(mark)), ...added]
      this.#remember(holder, name, marks.slice(-mostMarks))
    }
    return {
      begin: () => {
        const others = known().filter((mark) => mark.size !== size && mark.from !== size)
        if (others.length > 0) this.#remember(holder, name, others)
        else this.#forget(holder, name)
      },
      beginningAt: (offset) => {
        const marks = known()
        const own = marks.findLast((mark) => mark.size === size && mark.offset === offset)
        const last = marks.at(-1)
        if (own?.from === size || last?.offset !== offset) return own
        add([{ ...last, size }])
        return last
      },
      endedAt: (offsets, beginning) =>
        add([...new Set(offsets)].map((offset) => ({ ...beginning, offset, size, from: size }))),
    }
  }

  #marks(holder: string, name: string): readonly Mark[] {
    const walked = this.#holders.get(holder)?.get(name)
    return walked && this.#stands(walked) ? walked.marks : []
  }

  #stands = ({ at }: Walked): boolean => this.#now() - at < memory

  #forget(id: string, name: string): void {
    const holder = this.#holders.get(id)
    if (!holder?.delete(name)) return
    this.#size -= 1
    if (holder.size === 0) this.#holders.delete(id)
  }

  #remember(id: string, name: string, marks: readonly Mark[]): void {
    this.#forget(id, name)
    const holder = this.#holders.get(id) ?? new Map<string, Walked>()
    this.#holders.delete(id)
    this.#holders.set(id, holder)
    holder.set(name, { marks, at: this.#now() })
    this.#size += 1
    if (holder.size > mostOfOne) this.#forgetOldestOf(id, holder)
    this.#makeRoom()
  }

  /** Lets go of the oldest, as long as there are too many or they are over. */
  #makeRoom(): void {
    for (const [id, holder] of this.#holders) {
      for (const [name, walked] of holder) {
        if (this.#size <= most && this.#stands(walked)) return
        this.#forget(id, name)
      }
    }
  }

  #forgetOldestOf(id: string, holder: Holder): void {
    const [oldest] = holder.keys()
    if (oldest !== undefined) this.#forget(id, oldest)
  }
}

/** One walk, as it is remembered. */
export interface ViewersWalk {
  /** Its first page is asked for: whatever was before was another walk. */
  begin(): void
  /** Where the page that is asked for as beginning after so many does begin; undefined where none was given out before it. */
  beginningAt(offset: number): Beginning | undefined
  /** A page was given out; whoever goes on asks for what begins at one of `offsets`. */
  endedAt(offsets: readonly number[], next: Beginning): void
}
