import type { IncomingMessage } from 'node:http'
import { Failure } from '../failure.ts'

/** Bodies that are read whole, and how much memory they have at any moment. */
export interface Intake {
  /**
   * Takes in whole a body that `senderId` sends. What it holds counts until `done` is called.
   * @throws too_large while it is read, for more than `limit` bytes; too_many_requests when others have taken all there is,
   * or the sender has a share of it already; invalid_body for one that ends before its time, or comes too slowly
   */
  bytes(raw: IncomingMessage, limit: number, senderId: string): Promise<Buffer>
  /** Whoever had the bytes of that request has no more use of them. */
  done(raw: IncomingMessage): void
}

/** Milliseconds, in each of which some bytes must come: else little would hold much for long. */
const stretch = 10_000

/**
 * All in bytes: `room` is for all bodies together, `share` what one sender may have of it, and `least` what must come in
 * ten seconds.
 */
export function createIntake(room: number, share: number, least = 320 * 1024): Intake {
  const held = new Map<IncomingMessage, { readonly senderId: string; readonly size: number }>()
  const sent = new Map<string, number>()
  let taken = 0

  function claim(raw: IncomingMessage, senderId: string, size: number): void {
    const own = (sent.get(senderId) ?? 0) + size
    if (own > share) throw tooMuch('You are sending too much at once')
    if (taken + size > room) throw tooMuch('Too much is being sent at the moment')
    taken += size
    sent.set(senderId, own)
    held.set(raw, { senderId, size: (held.get(raw)?.size ?? 0) + size })
  }

  return {
    bytes(raw, limit, senderId) {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      if (Number(raw.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
      const pieces: Buffer[] = []
      let length = 0
      let refused = false
      const refuse = (reason: Error) => {
        refused = true
        pieces.length = 0
        reject(reason)
      }
      let before = 0
      const watch = setInterval(() => {
        if (length - before < least) refuse(tooSlow(least))
        before = length
      }, stretch)
      raw.on('data', (piece: Buffer) => {
        // The rest is let go by, so that the refusal can be read.
        if (refused) return
        length += piece.length
        try {
          if (length > limit) throw tooLarge(limit)
          claim(raw, senderId, piece.length)
          pieces.push(piece)
        } catch (error) {
          refuse(error as Error)
        }
      })
      raw.once('end', () => resolve(Buffer.concat(pieces)))
      // Of a connection that breaks there is first an error: it is the sender's, and no failure here.
      for (const end of ['error', 'close']) raw.once(end, () => refuse(endedEarly()))
      return promise.finally(() => clearInterval(watch))
    },

    done(raw) {
      const { senderId = '', size = 0 } = held.get(raw) ?? {}
      held.delete(raw)
      taken -= size
      const left = (sent.get(senderId) ?? 0) - size
      if (left > 0) sent.set(senderId, left)
      else sent.delete(senderId)
    },
  }
}

const tooLarge = (limit: number) =>
  new Failure('too_large', `The body may have ${limit} bytes at most.`)

const tooMuch = (why: string) =>
  new Failure('too_many_requests', `${why}; try again soon`, { retryAfter: 2 })

const tooSlow = (least: number) =>
  new Failure(
    'invalid_body',
    `The body came too slowly: less than ${least} bytes in ${stretch / 1000} seconds.`,
  )

const endedEarly = () => new Failure('invalid_body', 'The request ended before its body did.')
