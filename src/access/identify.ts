import { timingSafeEqual } from 'node:crypto'
import { Failure } from '../failure.ts'
import type { OrganizationId } from '../person/ids.ts'
import { folded } from '../person/text.ts'
import type { KeyRole, Viewer } from '../privacy/viewer.ts'
import { hashOf, type KeyHolder, type Keys, looksLikeSecret } from './key.ts'

/** Where a vendor's clients put their key. In `Authorization`, `raw` takes a bare key as well as one after `Bearer`; a header of the vendor's own always does. */
export type CredentialPlace =
  | { readonly in: 'authorization'; readonly raw?: boolean; readonly basic?: boolean }
  | { readonly in: 'header'; readonly name: string }
  | { readonly in: 'cookie'; readonly name: string }

/** Every value of a header of the request, by its name in lower case. */
export type HeaderValues = (name: string) => readonly string[]

export interface Door {
  /** The viewer behind a request's credentials, which must all agree. @throws unauthenticated */
  identify(headers: HeaderValues, places: readonly CredentialPlace[]): Promise<Viewer>
  /** The viewer whom a signed address was made for, if their key still holds. @throws unauthenticated */
  identifyBy(keyId: string): Promise<Viewer>
  /** Writes down which keys were used since the last time. */
  flush(): Promise<void>
}

interface Presented {
  readonly secret: string
  /** Basic names the person beside the key, and both must match. */
  readonly userName?: string
}

export function createDoor(keys: Keys, now: () => number): Door {
  let used = new Map<string, string>()

  function admit(holder: KeyHolder | undefined): Viewer {
    if (!holder || !holds(holder, now())) throw refusal()
    used.set(holder.key.id, new Date(now()).toISOString())
    return viewerFrom(holder)
  }

  return {
    async identify(headers, places) {
      const { secret, userNames } = agreed(places.flatMap((place) => presentedIn(headers, place)))
      if (!looksLikeSecret(secret)) throw refusal()
      const hash = hashOf(secret)
      const holder = await keys.holderByHash(hash)
      if (!holder || !timingSafeEqual(Buffer.from(holder.key.hash), Buffer.from(hash)))
        throw refusal()
      const owner = holder.person && folded(holder.person.userName)
      if (userNames.some((userName) => folded(userName) !== owner)) throw refusal()
      return admit(holder)
    },

    async identifyBy(keyId) {
      return admit(await keys.holderById(keyId))
    },

    async flush() {
      if (used.size === 0) return
      const times = used
      used = new Map()
      await keys.used(times)
    },
  }
}

/** The one secret of all that was presented. Two that differ are an attack or a mistake; guessing helps neither. */
function agreed(presented: readonly Presented[]): { secret: string; userNames: string[] } {
  const [first] = presented
  if (!first || presented.some(({ secret }) => secret !== first.secret)) throw refusal()
  return { secret: first.secret, userNames: presented.flatMap(({ userName }) => userName ?? []) }
}

const refusal = () => new Failure('unauthenticated', 'A valid key is required')

function presentedIn(headers: HeaderValues, place: CredentialPlace): Presented[] {
  switch (place.in) {
    case 'cookie':
      return cookiesNamed(place.name, headers('cookie')).map((secret) => ({ secret }))
    case 'header':
      return headers(place.name).map((value) => ({ secret: bare(value, true) }))
    case 'authorization':
      return headers('authorization').map((value) => authorization(value, place))
  }
}

function authorization(
  value: string,
  place: Extract<CredentialPlace, { in: 'authorization' }>,
): Presented {
  const basic = place.basic && /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(value)?.[1]
  if (!basic) return { secret: bare(value, place.raw) }
  const text = Buffer.from(basic, 'base64').toString()
  const colon = text.indexOf(':')
  return { secret: text.slice(colon + 1), userName: colon < 0 ? '' : text.slice(0, colon) }
}

/** The key after `Bearer`, or the whole value where the vendor takes it bare. */
function bare(value: string, raw = false): string {
  const bearer = /^Bearer +(\S+) *$/i.exec(value)?.[1]
  return bearer ?? (raw ? value.trim() : '')
}

function cookiesNamed(name: string, headers: readonly string[]): string[] {
  return headers
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1).replace(/^"(.*)"$/, '$1'))
}

function holds({ key, person }: KeyHolder, now: number): boolean {
  if (key.revokedAt !== undefined) return false
  if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now) return false
  if (key.personId === undefined) return true
  return person?.lifecycle === 'active' && person.loginEnabled
}

function viewerFrom({ key, person, timeZone, manages }: KeyHolder): Viewer {
  const role = lower(key.role, person ? roleOf(person.flags) : key.role)
  const administers: OrganizationId[] = role === 'member' ? [] : [key.organizationId, ...manages]
  return {
    keyId: key.id,
    ...(person && { personId: person.id }),
    organizationId: key.organizationId,
    timeZone,
    administers: new Set(administers),
    plain: person !== undefined && role === 'member' && !person.flags.roomAdministrator,
  }
}

/** The role that a person's own record grants: a key never grants more. */
export function roleOf(flags: { owner: boolean; administrator: boolean }): KeyRole {
  if (flags.owner) return 'owner'
  return flags.administrator ? 'admin' : 'member'
}

const rank: Record<KeyRole, number> = { member: 0, admin: 1, owner: 2 }
const lower = (one: KeyRole, other: KeyRole): KeyRole => (rank[one] < rank[other] ? one : other)
