import type { Handles, HeldPerson, Store } from '../../directory/ports.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'

/** Somebody as they will be once what is planned is written. */
export type Planned = Pick<HeldPerson, 'person' | 'groups'>

/**
 * An organization's people as they will be: what is stored, and over it what is about to be. Nobody deleted is
 * found by a name. What it remembers are the people of two batches of rows, and those whom they name.
 */
export interface Overlay {
  byId(id: PersonId): Promise<Planned | undefined>
  /** The same without their groups, and as they were when it was first asked for since the last {@link foresee}. */
  mentioned(id: PersonId): Promise<Person | undefined>
  byUserName(userName: string): Promise<Planned | undefined>
  /** As for `mentioned`. */
  mentionedByName(userName: string): Promise<Person | undefined>
  byExternalId(externalId: string): Promise<Planned | undefined>
  /** Those who have the address in that `normalized` form, verified. */
  byVerifiedEmail(normalized: string): Promise<readonly Planned[]>
  /** Reads at once who has these handles, so that until the next time nobody is read by one of them. */
  foresee(handles: Handles): Promise<void>
  put(planned: Planned): void
  /** What was put is being written. What had been, when this was said before, is in the store, and forgotten here. */
  turn(): void
  /** Forgets whatever was put: it has been written, or given up. */
  clear(): void
}

/** Where a dry run keeps what it would have written. */
export interface Shelf {
  put(planned: Planned): void
  byId(id: PersonId): Planned | undefined
  byUserName(key: string): Planned | undefined
  byExternalId(externalId: string): Planned | undefined
  byVerifiedEmail(normalized: string): readonly Planned[]
}

/** Members are told with the person. */
const beside = { groups: true }

const isThere = (person: Person): boolean => person.lifecycle !== 'deleted'

const isVerified = (person: Person, address: string): boolean =>
  person.emails.some(({ normalized, verified }) => verified && normalized === address)

/** What is planned of one batch of rows. */
interface Layer {
  readonly people: Map<PersonId, Planned>
  /** Who had that name, external id or verified address in some plan, which a later one may have changed. */
  readonly names: Map<string, PersonId>
  readonly externalIds: Map<string, PersonId>
  readonly addresses: Map<string, Set<PersonId>>
}

const newLayer = (): Layer => ({
  people: new Map(),
  names: new Map(),
  externalIds: new Map(),
  addresses: new Map(),
})

/** What was read at once: of each handle that was asked for whoever has it, or undefined. */
interface Foreseen {
  readonly ids: Map<string, Planned | undefined>
  readonly names: Map<string, Planned | undefined>
  readonly externalIds: Map<string, Planned | undefined>
  readonly addresses: Map<string, readonly Planned[]>
}

function foreseenOf({ ids, userNames, externalIds, verifiedEmails }: Handles): Foreseen {
  const nobody = <Key>(keys: readonly Key[]) => new Map(keys.map((key) => [key, undefined]))
  return {
    ids: nobody(ids),
    names: nobody(userNames.map(folded)),
    externalIds: nobody(externalIds),
    addresses: new Map(verifiedEmails.map((address) => [address, []])),
  }
}

/** Puts somebody down under each handle of theirs that was asked for. */
function note({ ids, names, externalIds, addresses }: Foreseen, held: Planned): void {
  const { id, userName, externalId, emails } = held.person
  ids.set(id, held)
  if (!isThere(held.person)) return
  const key = folded(userName)
  if (names.has(key)) names.set(key, held)
  if (externalId !== undefined && externalIds.has(externalId)) externalIds.set(externalId, held)
  for (const address of new Set(emails.map(({ normalized }) => normalized))) {
    const others = addresses.get(address)
    if (others && isVerified(held.person, address)) addresses.set(address, [...others, held])
  }
}

const nothing: Handles = { ids: [], userNames: [], externalIds: [], verifiedEmails: [] }

export function overlayOn(
  { people }: { readonly people: OverlaidPeople },
  organizationId: OrganizationId,
  shelf?: Shelf,
): Overlay {
  let current = newLayer()
  /** What is being written. */
  let former = newLayer()
  let foreseen = foreseenOf(nothing)
  const known = new Map<PersonId, Person | undefined>()
  const knownNames = new Map<string, PersonId | undefined>()

  const soon = (id: PersonId): Planned | undefined =>
    current.people.get(id) ?? former.people.get(id)
  const put = (id: PersonId): Planned | undefined => soon(id) ?? shelf?.byId(id)

  /** `held` as it will be; undefined when it will no longer be what was asked for. */
  function over(
    held: Planned | undefined,
    still: (person: Person) => boolean,
  ): Planned | undefined {
    const there = held && (put(held.person.id) ?? held)
    return there && isThere(there.person) && still(there.person) ? there : undefined
  }

  /** Whoever is planned to be that, by the latest word on them. */
  function planned(
    table: 'names' | 'externalIds',
    key: string,
    still: (person: Person) => boolean,
  ): Planned | undefined {
    for (const layer of [current, former]) {
      const id = layer[table].get(key)
      const there = id === undefined ? undefined : over(soon(id), still)
      if (there) return there
    }
    return undefined
  }

  async function byId(id: PersonId): Promise<Planned | undefined> {
    return put(id) ?? (foreseen.ids.has(id) ? foreseen.ids.get(id) : people.byId(id, beside))
  }

  async function mentioned(id: PersonId): Promise<Person | undefined> {
    const one = put(id)?.person ?? foreseen.ids.get(id)?.person
    if (one) return one
    if (!known.has(id)) known.set(id, (await people.byId(id))?.person)
    return known.get(id)
  }

  /** Somebody who is planned to be called that. */
  function called(key: string): Planned | undefined {
    const isCalled = (person: Person) => folded(person.userName) === key
    return planned('names', key, isCalled) ?? over(shelf?.byUserName(key), isCalled)
  }

  async function storedByName(userName: string): Promise<Planned | undefined> {
    const key = folded(userName)
    return foreseen.names.has(key)
      ? foreseen.names.get(key)
      : people.byUserName(organizationId, userName, beside)
  }

  function forgetRead(): void {
    foreseen = foreseenOf(nothing)
    known.clear()
    knownNames.clear()
  }

  return {
    byId,
    mentioned,
    async byUserName(userName) {
      const key = folded(userName)
      const held = called(key) ?? (await storedByName(userName))
      return over(held, (person) => folded(person.userName) === key)
    },
    async mentionedByName(userName) {
      const key = folded(userName)
      const there = called(key)
      if (there) return there.person
      const isCalled = (person: Person) => folded(person.userName) === key
      if (foreseen.names.has(key)) return over(foreseen.names.get(key), isCalled)?.person
      if (!knownNames.has(key)) {
        const held = await people.byUserName(organizationId, userName)
        knownNames.set(key, held?.person.id)
        if (held) known.set(held.person.id, held.person)
      }
      const id = knownNames.get(key)
      const person = id && (await mentioned(id))
      return person && isThere(person) && isCalled(person) ? person : undefined
    },
    async byExternalId(externalId) {
      const still = (person: Person) => person.externalId === externalId
      const held =
        planned('externalIds', externalId, still) ??
        over(shelf?.byExternalId(externalId), still) ??
        (foreseen.externalIds.has(externalId)
          ? foreseen.externalIds.get(externalId)
          : await people.byExternalId(organizationId, externalId, beside))
      return over(held, still)
    },
    async byVerifiedEmail(normalized) {
      const ids = [current, former].flatMap(({ addresses }) => [
        ...(addresses.get(normalized) ?? []),
      ])
      const held =
        foreseen.addresses.get(normalized) ??
        (await people.byVerifiedEmail(organizationId, normalized))
      const found = new Map<PersonId, Planned>()
      const all = [
        ...ids.flatMap((id) => soon(id) ?? []),
        ...(shelf?.byVerifiedEmail(normalized) ?? []),
        ...held,
      ]
      for (const { person } of all) {
        if (found.has(person.id) || !isVerified(person, normalized)) continue
        const there = await byId(person.id)
        const still = over(there, (one) => isVerified(one, normalized))
        if (still) found.set(person.id, still)
      }
      return [...found.values()]
    },
    async foresee(handles) {
      forgetRead()
      const helds = await people.byAny(organizationId, handles, beside)
      const next = foreseenOf(handles)
      for (const held of helds) note(next, held)
      foreseen = next
    },
    put({ person, groups }) {
      current.people.set(person.id, { person, groups })
      if (!isThere(person)) return
      current.names.set(folded(person.userName), person.id)
      if (person.externalId !== undefined) current.externalIds.set(person.externalId, person.id)
      for (const { normalized, verified } of person.emails) {
        if (!verified) continue
        const others = current.addresses.get(normalized) ?? new Set()
        current.addresses.set(normalized, others.add(person.id))
      }
    },
    turn() {
      // Without writing, it is kept where it was asked to be.
      if (shelf) for (const one of current.people.values()) shelf.put(one)
      former = current
      current = newLayer()
      forgetRead()
    },
    clear() {
      current = newLayer()
      former = newLayer()
      forgetRead()
    },
  }
}

type OverlaidPeople = Pick<
  Store['people'],
  'byId' | 'byUserName' | 'byExternalId' | 'byVerifiedEmail' | 'byAny'
>
