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
  const genuine = isSame(mark, seal.mark('address', `${path}\n${keyId}\n${ends}`, 16))
  return genuine && rest.length === 0 && Number(ends) > now ? keyId : undefined
}

/** A token that opens `text` for one key, for as long as the key holds. */
export const lastingTokenFor = (seal: Seal, text: string, keyId: string): string =>
  `${keyId}.${seal.mark('lasting address', `${text}\n${keyId}`, 16)}`

/** The id of the key that such a token was made for; undefined when it is forged or for another text. */
export function lastingKeyIdFrom(seal: Seal, text: string, token: string): string | undefined {
  const [keyId = '', mark = '', ...rest] = token.split('.')
  const genuine = isSame(mark, seal.mark('lasting address', `${text}\n${keyId}`, 16))
  return genuine && rest.length === 0 ? keyId : undefined
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}

const accessPrefix = 'kitht_'

/** A token that stands for a key until `ends`, in milliseconds since the epoch. The key must still hold by itself. */
export const accessTokenFor = (seal: Seal, keyId: string, ends: number): string =>
  `${accessPrefix}${keyId}.${ends}.${seal.mark('access', `${keyId}\n${ends}`, 32)}`

/** Whether `text` is meant as an access token, good or bad. */
export const looksLikeAccessToken = (text: string): boolean => text.startsWith(accessPrefix)

/** The key that an access token stands for, and until when; undefined when it is forged. Whether it is over is not asked. */
export function accessFrom(seal: Seal, token: string): { keyId: string; ends: number } | undefined {
  const [keyId = '', ends = '', mark = '', ...rest] = token.slice(accessPrefix.length).split('.')
  const genuine = rest.length === 0 && isSame(mark, seal.mark('access', `${keyId}\n${ends}`, 32))
  return genuine ? { keyId, ends: Number(ends) } : undefined
}
