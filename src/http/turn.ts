import type { Socket } from 'node:net'
import type { Watch } from '../footprint/stamps.ts'

/** Looks after commits as often as needed. @throws what the watch throws */
export interface Turn {
  /** Before anything is answered to a request that came in by `socket`. */
  begin(socket: Socket): void
  /** Looks where the request that has just begun could not. */
  ensure(): void
}

/** Fewer requests than this are answered on one look. */
const mostOnOneLook = 64

/**
 * Requests whose bytes lay ready when the event loop turned are answered on one look: whoever sent them can't
 * have heard yet of a commit that came after it. Two of them from one connection are an exception, since the second
 * may have been sent while the first was waited for, and gets a look of its own.
 */
export function turnOf(watch: Watch): Turn {
  let turn = 0
  let looked = false
  let ending = false
  let answered = 0
  const lastTurn = new WeakMap<Socket, number>()
  const end = () => {
    looked = false
    ending = false
  }

  function look(): void {
    // Nobody relies on a look that failed.
    looked = false
    watch.look()
    looked = true
    turn += 1
    answered = 0
    if (ending) return
    ending = true
    setImmediate(end)
  }

  return {
    begin(socket) {
      answered += 1
      if (looked && answered < mostOnOneLook && lastTurn.get(socket) !== turn) {
        lastTurn.set(socket, turn)
        return
      }
      look()
      lastTurn.set(socket, turn)
    },
    ensure() {
      if (!looked) look()
    },
  }
}
