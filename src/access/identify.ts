import { timingSafeEqual } from 'node:crypto'
import { Failure } from '../failure.ts'
import { type Footprint, factOf } from '../footprint/footprint.ts'
import { Recall } from '../footprint/recall.ts'
import type { Watch } from '../footprint/stamps.ts'
import type { OrganizationId } from '../person/ids.ts'
import { folded } from '../person/text.ts'
import type { KeyRole, Viewer } from '../privacy/viewer.ts'
import { hashOf, type KeyHolder, type Keys, looksLikeSecret } from './key.ts'
import { accessFrom, accessTokenFor, looksLikeAccessToken, type Seal } from './seal.ts'

/** Where a vendor's clients put their key. In `Authorization`, `raw` takes a bare key as well as one after `Bearer`; a header of the vendor's own always does. */
export type CredentialPlace =
  | { readonly in: 'authorization'; readonly raw?: boolean; readonly basic?: boolean }
  | { readonly in: 'header'; readonly name: string }
  | { readonly in: 'cookie'; readonly name: string }

/** Every value of a header of the request, by its name in lower case. */
export type HeaderValues = (name: string) => readonly string[]

export interface Door {
  /**
   * The viewer behind a request's credentials, which must all agree. What makes them that viewer goes into the
   * footprint. @throws unauthenticated
   */
  identify(
    headers: HeaderValues,
    places: readonly CredentialPlace[],
    footprint: Footprint,
  ): Promise<Viewer>
  /** The viewer whom a signed address was made for, if their key still holds. @throws unauthenticated */
  identifyBy(keyId: string, footprint: Footprint): Promise<Viewer>
  /** The viewer that a key makes, if it still holds, without its being used. @throws unauthenticated */
  viewerOf(keyId: string, footprint: Footprint): Promise<Viewer>
  /** An access token for whoever knows a key's id and secret; undefined where they are not right. */
  grant(keyId: string, secret: string): Promise<Grant | undefined>
  /** Notes that a key was used, where the answer did not need to be made anew. */
  use(keyId: string): void
  /** Writes down which keys were used since the last time. */
  flush(): Promise<void>
}

export interface Grant {
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
}

interface Presented {
  readonly secret: string
  /** Basic names the person beside the key, and both must match. */
  readonly userName?: string
}

/** How many keys' holders are remembered. */
const mostRecalled = 10_000

/** Seconds. */
const tokenLife = 3_600

export function createDoor(keys: Keys, watch: Watch, now: () => number, seal: Seal): Door {
  const holders = new Recall<KeyHolder | undefined>(watch, now, mostRecalled)
  let used = new Map<string, number>()

  /** By secret or by the key's id, with what the answer is to be read from again when it changes. */
  function recall(
    name: string,
    footprint: Footprint,
    read: () => Promise<KeyHolder | undefined>,
  ): Promise<KeyHolder | undefined> {
    return holders.get(name, footprint, async (own) => {
      const holder = await read()
      if (!holder) return undefined
      own.reads(factOf('key', holder.key.id))
      own.reads(factOf('organization', holder.key.organizationId))
      if (holder.key.personId) own.reads(factOf('person', holder.key.personId))
      return holder
    })
  }

  async function holderOf(secret: string): Promise<KeyHolder | undefined> {
    const hash = hashOf(secret)
    const holder = await keys.holderByHash(hash)
    const theirs = holder && timingSafeEqual(Buffer.from(holder.key.hash), Buffer.from(hash))
    return theirs ? holder : undefined
  }

  function viewerBy(holder: KeyHolder | undefined, footprint: Footprint): Viewer {
    if (!holder || !holds(holder, now())) throw refusal()
    const { expiresAt } = holder.key
    if (expiresAt !== undefined) footprint.holds(Number.NEGATIVE_INFINITY, Date.parse(expiresAt))
    return viewerFrom(holder)
  }

  function admit(holder: KeyHolder | undefined, footprint: Footprint): Viewer {
    const viewer = viewerBy(holder, footprint)
    used.set(viewer.keyId, now())
    return viewer
  }

  /** Of a key's secret, or of an access token that was given for one. */
  function holderBehind(secret: string, footprint: Footprint): Promise<KeyHolder | undefined> {
    if (looksLikeAccessToken(secret)) {
      const access = accessFrom(seal, secret)
      if (!access || access.ends <= now()) throw refusal()
      footprint.holds(Number.NEGATIVE_INFINITY, access.ends)
      return recall(access.keyId, footprint, () => keys.holderById(access.keyId))
    }
    if (!looksLikeSecret(secret)) throw refusal()
    return recall(secret, footprint, () => holderOf(secret))
  }

  return {
    async identify(headers, places, footprint) {
      const { secret, userNames } = agreed(places.flatMap((place) => presentedIn(headers, place)))
      const holder = await holderBehind(secret, footprint)
      if (!holder) throw refusal()
      const owner = holder.person && folded(holder.person.userName)
      if (userNames.some((userName) => folded(userName) !== owner)) throw refusal()
      return admit(holder, footprint)
    },

    async identifyBy(keyId, footprint) {
      return admit(await recall(keyId, footprint, () => keys.holderById(keyId)), footprint)
    },

    async viewerOf(keyId, footprint) {
      return viewerBy(await recall(keyId, footprint, () => keys.holderById(keyId)), footprint)
    },

    async grant(keyId, secret) {
      const holder = looksLikeSecret(secret) ? await holderOf(secret) : undefined
      if (!holder || holder.key.id !== keyId || !holds(holder, now())) return undefined
      used.set(keyId, now())
      const { expiresAt } = holder.key
      const ends = now() + tokenLife * 1000
      const until = expiresAt === undefined ? ends : Math.min(ends, Date.parse(expiresAt))
      const token = accessTokenFor(seal, keyId, until)
      return { token, expiresIn: Math.floor((until - now()) / 1000) }
    },

    use(keyId) {
      used.set(keyId, now())
    },

    async flush() {
      if (used.size === 0) return
      const times = used
      used = new Map()
      await keys.used(new Map([...times].map(([keyId, at]) => [keyId, new Date(at).toISOString()])))
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
    owner: role === 'owner',
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
