import type { OrganizationId, PersonId } from '../person/ids.ts'

/** Something people attend together. Its people may come from several organizations. */
export interface Event {
  /** Random, unique, 52 bits. */
  readonly number: number
  readonly organizationId: OrganizationId
  /** The name in addresses, unique. */
  readonly url: string
  readonly name: string
  readonly description?: string
  /** IANA; absent: that of the organization. */
  readonly timeZone?: string
  /** An instant. */
  readonly startsAt?: string
  /** An instant, after the start. */
  readonly endsAt?: string
}

/** One person in one event. */
export interface Attendee {
  /** Random, unique, 52 bits: not the person's number. */
  readonly number: number
  readonly eventNumber: number
  readonly personId: PersonId
}

/** `none`: there was something, or one of the two wants nothing of the other. */
export const connectionStates = ['none', 'requested', 'accepted', 'rejected'] as const

/** What is between two people; there is at most one between any two. */
export interface Connection {
  /** The one who asked, the last time that somebody did. */
  readonly requesterId: PersonId
  /** The one who was asked. */
  readonly addresseeId: PersonId
  readonly state: (typeof connectionStates)[number]
  /** Who rejected it. */
  readonly rejectedById?: PersonId
  /** Which of the two want nothing of the other, by id; never empty. */
  readonly blockedByIds?: readonly PersonId[]
  /** An instant: when it last changed. */
  readonly updatedAt?: string
}

/** An appointment of several people. Who has a meeting that is booked has no other at the same time. */
export interface Meeting {
  /** A UUID. */
  readonly id: string
  /** Counts the writes, from 1. */
  readonly version: number
  readonly organizerId: PersonId
  /** All who take part, the organizer first; each once. */
  readonly participantIds: readonly PersonId[]
  /** Where it is part of an event. */
  readonly eventNumber?: number
  /** Instants; the end is after the start, and no longer part of it. */
  readonly start: string
  readonly end: string
  readonly title?: string
  readonly note?: string
  readonly location?: string
  readonly state: 'booked' | 'cancelled'
  readonly createdAt: string
  /** The latest change of anything but who takes part. */
  readonly updatedAt: string
}

/** The two of a connection in an order that does not depend on who asked. */
export const pairOf = (one: PersonId, other: PersonId): readonly [PersonId, PersonId] =>
  one < other ? [one, other] : [other, one]
