import type { HeldPerson, Store } from '../../directory/ports.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'

/** Somebody as they will be once what is planned is written. */
export type Planned = Pick<HeldPerson, 'person' | 'groups'>

/**
 * An organization's people as they will be: what is stored, and over it what is about to be. Nobody deleted is
 * found by a name. What it remembers are the people of one batch of rows, and those whom they name.
 */
export interface Overlay {
  byId(id: PersonId): Promise<Planned | undefined>
  /** The same without their groups, and as they were when it was first asked for since the last `clear`. */
  mentioned(id: PersonId): Promise<Person | undefined>
  byUserName(userName: string): Promise<Planned | undefined>
  /** As for `mentioned`. */
  mentionedByName(userName: string): Promise<Person | undefined>
  byExternalId(externalId: string): Promise<Planned | undefined>
  /** Those who have the address in that `normalized` form, verified. */
  byVerifiedEmail(normalized: string): Promise<readonly Planned[]>
  put(planned: Planned): void
  /** Forgets what was put: it has been written, or given up; without writing, it is kept where it was asked to be. */
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

export function overlayOn(
  { people }: { readonly people: OverlaidPeople },
  organizationId: OrganizationId,
  shelf?: Shelf,
): Overlay {
  const planned = new Map<PersonId, Planned>()
  const byName = new Map<string, PersonId>()
  const byExternal = new Map<string, PersonId>()
  /** Those who have or had an address verified. */
  const byAddress = new Map<string, Set<PersonId>>()
  const known = new Map<PersonId, Person | undefined>()
  const knownNames = new Map<string, PersonId | undefined>()

  const put = (id: PersonId): Planned | undefined => planned.get(id) ?? shelf?.byId(id)
  const putNow = (id: PersonId | undefined): Planned | undefined =>
    id === undefined ? undefined : planned.get(id)

  /** `held` as it will be; undefined when it will no longer be what was asked for. */
  function over(
    held: Planned | undefined,
    still: (person: Person) => boolean,
  ): Planned | undefined {
    const there = held && (put(held.person.id) ?? held)
    return there && isThere(there.person) && still(there.person) ? there : undefined
  }

  const byId = async (id: PersonId): Promise<Planned | undefined> =>
    put(id) ?? (await people.byId(id, beside))

  async function mentioned(id: PersonId): Promise<Person | undefined> {
    const one = put(id)?.person
    if (one) return one
    if (!known.has(id)) known.set(id, (await people.byId(id))?.person)
    return known.get(id)
  }

  /** Somebody who is planned to be called that. */
  function called(key: string): Planned | undefined {
    const isCalled = (person: Person) => folded(person.userName) === key
    return putNow(byName.get(key)) ?? over(shelf?.byUserName(key), isCalled)
  }

  function forget({ userName, externalId }: Person): void {
    byName.delete(folded(userName))
    if (externalId !== undefined) byExternal.delete(externalId)
  }

  return {
    byId,
    mentioned,
    async byUserName(userName) {
      const key = folded(userName)
      const held = called(key) ?? (await people.byUserName(organizationId, userName, beside))
      return over(held, (person) => folded(person.userName) === key)
    },
    async mentionedByName(userName) {
      const key = folded(userName)
      const soon = called(key)
      if (soon) return soon.person
      if (!knownNames.has(key)) {
        const held = await people.byUserName(organizationId, userName)
        knownNames.set(key, held?.person.id)
        if (held) known.set(held.person.id, held.person)
      }
      const id = knownNames.get(key)
      const person = id && (await mentioned(id))
      return person && isThere(person) && folded(person.userName) === key ? person : undefined
    },
    async byExternalId(externalId) {
      const still = (person: Person) => person.externalId === externalId
      const held =
        putNow(byExternal.get(externalId)) ??
        over(shelf?.byExternalId(externalId), still) ??
        (await people.byExternalId(organizationId, externalId, beside))
      return over(held, still)
    },
    async byVerifiedEmail(normalized) {
      const soon = [
        ...[...(byAddress.get(normalized) ?? [])].flatMap((id) => putNow(id) ?? []),
        ...(shelf?.byVerifiedEmail(normalized) ?? []),
      ]
      const held = await people.byVerifiedEmail(organizationId, normalized)
      const found = new Map<PersonId, Planned>()
      for (const { person } of [...soon, ...held]) {
        if (found.has(person.id) || !isVerified(person, normalized)) continue
        const there = await byId(person.id)
        const still = over(there, (one) => isVerified(one, normalized))
        if (still) found.set(person.id, still)
      }
      return [...found.values()]
    },
    put({ person, groups }) {
      const before = planned.get(person.id)?.person
      if (before) forget(before)
      planned.set(person.id, { person, groups })
      if (!isThere(person)) return
      byName.set(folded(person.userName), person.id)
      if (person.externalId !== undefined) byExternal.set(person.externalId, person.id)
      for (const { normalized, verified } of person.emails) {
        if (verified)
          byAddress.set(normalized, (byAddress.get(normalized) ?? new Set()).add(person.id))
      }
    },
    clear() {
      if (shelf) for (const one of planned.values()) shelf.put(one)
      for (const map of [planned, byName, byExternal, byAddress, known, knownNames]) map.clear()
    },
  }
}

type OverlaidPeople = Pick<
  Store['people'],
  'byId' | 'byUserName' | 'byExternalId' | 'byVerifiedEmail'
>
