import type { OrganizationId, PersonId } from '../person/ids.ts'

/** Something people attend together. Its people may come from several organizations. */
export interface Event {
  /** Random, unique, 52 bits. */
  readonly number: number
  readonly organizationId: OrganizationId
  /** The name in addresses, unique. */
  readonly url: string
  readonly name: string
}

/** One person in one event. */
export interface Attendee {
  /** Random, unique, 52 bits: not the person's number. */
  readonly number: number
  readonly eventNumber: number
  readonly personId: PersonId
}

export const connectionStates = ['requested', 'accepted', 'rejected'] as const

/** What is between two people; there is at most one between any two. */
export interface Connection {
  /** The one who asked. */
  readonly requesterId: PersonId
  /** The one who was asked. */
  readonly addresseeId: PersonId
  readonly state: (typeof connectionStates)[number]
  /** Who rejected it. */
  readonly rejectedById?: PersonId
}

/** The two of a connection in an order that does not depend on who asked. */
export const pairOf = (one: PersonId, other: PersonId): readonly [PersonId, PersonId] =>
  one < other ? [one, other] : [other, one]
