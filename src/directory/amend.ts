import { isDeepStrictEqual } from 'node:util'
import { refuseAvailability } from '../person/availability.ts'
import { checkedPerson, composedName } from '../person/draft.ts'
import type { Person } from '../person/person.ts'
import { groupOf } from '../privacy/reveal.ts'

/** What may be asked to change; identity and bookkeeping never do. `null` removes. */
export type PersonChange = {
  readonly [Field in keyof Omit<
    Person,
    'id' | 'number' | 'version' | 'organizationId' | 'createdAt' | 'updatedAt' | 'touched'
  >]?: Person[Field] | null
}

/**
 * The next version of `person`, at the instant `now`; `person` itself when nothing is different.
 * What `change` does not name stays as it is. @throws invalid, naming the field
 */
export function amend(person: Person, change: PersonChange, now: string): Person {
  const next: Record<string, unknown> = { ...person }
  const touched = { ...person.touched }
  let changed = false
  for (const [name, value] of Object.entries(withName(person, change))) {
    const field = name as keyof PersonChange
    if (value === undefined || isDeepStrictEqual(value ?? undefined, person[field])) continue
    changed = true
    if (value === null) delete next[field]
    else next[field] = value
    const group = groupOf(field)
    if (group) touched[group] = now
  }
  if (!changed) return person
  const { meetingAvailability: before } = person
  const amended = checkedPerson({ ...next, touched, updatedAt: now, version: person.version + 1 })
  const { meetingAvailability } = amended
  // One that is not written is let be, whatever it is.
  if (meetingAvailability && meetingAvailability !== before) refuseAvailability(meetingAvailability)
  return amended
}

/** A display name that was made of the other names follows them; one that was given stays. */
function withName(person: Person, change: PersonChange): PersonChange {
  if (change.displayName !== undefined || person.displayName !== composedName(person)) return change
  const named = { ...person, ...withoutUndefined(change) }
  return {
    ...change,
    displayName: composedName({
      userName: named.userName ?? person.userName,
      ...(named.givenName && { givenName: named.givenName }),
      ...(named.familyName && { familyName: named.familyName }),
    }),
  }
}

const withoutUndefined = (change: PersonChange): PersonChange =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
