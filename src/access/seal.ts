import { createHmac, timingSafeEqual } from 'node:crypto'

/** Keyed hashes: only this database's server can make them, and each purpose has its own. */
export interface Seal {
  /** `length` bytes of the keyed hash of `text`, in hex. */
  mark(purpose: string, text: string, length: number): string
}

export function createSeal(secret: string): Seal {
  return {
    mark: (purpose, text, length) =>
      createHmac('sha256', secret)
        .update(`${purpose}\n${text}`)
        .digest('hex')
        .slice(0, 2 * length),
  }
}

const hour = 3_600_000

/**
 * A token that opens one path for one key, for one to two hours. It ends on a whole hour, so that an
 * answer that holds such an address stays the same, byte for byte, for an hour.
 */
export function tokenFor(seal: Seal, path: string, keyId: string, now: number): string {
  const ends = tokenSpan(now).until + hour
  return `${keyId}.${ends}.${seal.mark('address', `${path}\n${keyId}\n${ends}`, 16)}`
}

/** From and until when {@link tokenFor} gives the same, in milliseconds since the epoch. */
export function tokenSpan(now: number): { from: number; until: number } {
  const from = Math.floor(now / hour) * hour
  return { from, until: from + hour }
}

/** The id of the key that `token` was made for; undefined when it is forged, for another path, or over. */
export function keyIdFrom(
  seal: Seal,
  path: string,
  token: string,
  now: number,
): string | undefined {
  const [keyId = '', ends = '', mark = '', ...rest] = token.split('.')
  const expected = seal.mark('address', `${path}\n${keyId}\n${ends}`, 16)
  const [given, wanted] = [Buffer.from(mark), Buffer.from(expected)]
  const genuine = given.length === wanted.length && timingSafeEqual(given, wanted)
  return genuine && rest.length === 0 && Number(ends) > now ? keyId : undefined
}
