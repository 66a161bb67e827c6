import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Lifecycle, Person } from '../person/person.ts'
import type { KeyRole } from '../privacy/viewer.ts'

/** A key as it is kept: whoever reads the database can't use it. */
export interface Key {
  readonly id: string
  /** SHA-256 of the whole secret, in hex. */
  readonly hash: string
  readonly organizationId: OrganizationId
  /** Whose key it is: a person's, or a named service's. */
  readonly personId?: PersonId
  readonly service?: string
  readonly role: KeyRole
  readonly createdAt: string
  readonly expiresAt?: string
  readonly revokedAt?: string
  readonly lastUsedAt?: string
}

/** A key with all that decides what its bearer may do, read at one moment. */
export interface KeyHolder {
  readonly key: Key
  readonly person?: Pick<Person, 'id' | 'userName' | 'flags' | 'loginEnabled'> & {
    readonly lifecycle: Lifecycle
  }
  readonly timeZone: string
  /** The organizations that the key's organization manages. */
  readonly manages: readonly OrganizationId[]
}

/** Where keys are kept. The store room supplies it. */
export interface Keys {
  holderByHash(hash: string): Promise<KeyHolder | undefined>
  holderById(keyId: string): Promise<KeyHolder | undefined>
  list(organizationId?: OrganizationId): Promise<readonly Key[]>
  /** Notes when keys were last used; not a write of record. */
  used(times: ReadonlyMap<string, string>): Promise<void>
}

const prefix = 'kith_'
const secretLength = 43
const checkLength = 6
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A new secret: prefix, 256 random bits, checksum; 54 letters and digits that pass through any header, cookie or shell. */
export function newSecret(): string {
  const body = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), secretLength)
  return prefix + body + checksum(body)
}

/** A new key, and the secret that its bearer is given once. */
export function issueKey(of: Omit<Key, 'id' | 'hash'>): { key: Key; secret: string } {
  const secret = newSecret()
  return { key: { ...of, id: crypto.randomUUID(), hash: hashOf(secret) }, secret }
}

/** Whether `text` can be one of our secrets at all: a mistyped or cut one is told without asking the database. */
export function looksLikeSecret(text: string): boolean {
  if (text.length !== prefix.length + secretLength + checkLength) return false
  const body = text.slice(prefix.length, -checkLength)
  return text.startsWith(prefix) && text.endsWith(checksum(body))
}

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const checksum = (body: string): string => base62(BigInt(crc32(body)), checkLength)

function base62(number: bigint, length: number): string {
  let text = ''
  for (let rest = number; text.length < length; rest /= 62n)
    text = alphabet[Number(rest % 62n)] + text
  return text
}
