import type { HeldPerson, Store } from '../../directory/ports.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'

/** Somebody as they will be once what is planned is written. */
export type Planned = Pick<HeldPerson, 'person' | 'groups'>

/** An organization's people as they will be: what is stored, and over it what is about to be. */
export interface Overlay {
  byId(id: PersonId): Promise<Planned | undefined>
  byUserName(userName: string): Promise<Planned | undefined>
  byExternalId(externalId: string): Promise<Planned | undefined>
  put(planned: Planned): void
  /** Forgets what was put: it has been written, or given up. */
  clear(): void
}

/** Members are told with the person. */
const beside = { groups: true }

export function overlayOn(
  { people }: Pick<Store, 'people'>,
  organizationId: OrganizationId,
): Overlay {
  const planned = new Map<PersonId, Planned>()
  const byName = new Map<string, PersonId>()
  const byExternal = new Map<string, PersonId>()

  /** `held` as it will be; undefined when it will no longer be what was asked for. */
  function over(
    held: HeldPerson | undefined,
    still: (person: Person) => boolean,
  ): Planned | undefined {
    const there = held && (planned.get(held.person.id) ?? held)
    return there && still(there.person) ? there : undefined
  }

  const byId = async (id: PersonId): Promise<Planned | undefined> =>
    planned.get(id) ?? (await people.byId(id, beside))

  return {
    byId,
    async byUserName(userName) {
      const id = byName.get(folded(userName))
      if (id) return byId(id)
      const held = await people.byUserName(organizationId, userName, beside)
      return over(held, (person) => folded(person.userName) === folded(userName))
    },
    async byExternalId(externalId) {
      const id = byExternal.get(externalId)
      if (id) return byId(id)
      const held = await people.byExternalId(organizationId, externalId, beside)
      return over(held, (person) => person.externalId === externalId)
    },
    put({ person, groups }) {
      const before = planned.get(person.id)?.person
      if (before) {
        byName.delete(folded(before.userName))
        if (before.externalId !== undefined) byExternal.delete(before.externalId)
      }
      planned.set(person.id, { person, groups })
      byName.set(folded(person.userName), person.id)
      if (person.externalId !== undefined) byExternal.set(person.externalId, person.id)
    },
    clear() {
      planned.clear()
      byName.clear()
      byExternal.clear()
    },
  }
}
