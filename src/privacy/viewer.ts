import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'

export const keyRoles = ['member', 'admin', 'owner'] as const
export type KeyRole = (typeof keyRoles)[number]

/** Who is asking. Made by `access`, from a key that holds at this moment; no read gets by without one. */
export interface Viewer {
  /** The key presented. */
  readonly keyId: string
  /** Absent for a service. */
  readonly personId?: PersonId
  readonly organizationId: OrganizationId
  /** IANA; the zone of the viewer's organization. */
  readonly timeZone: string
  /** The organizations whose people this viewer administers: none, or the own one and those it manages. */
  readonly administers: ReadonlySet<OrganizationId>
  /** An owner of the organization: what only owners may change. */
  readonly owner: boolean
  /** A person without any office: not owner, administrator or room administrator. */
  readonly plain: boolean
}

/** What ties viewer and person beyond their organizations, as far as the question at hand asked for it. */
export interface Ties {
  readonly connected: boolean
  /** Both attend the event that is asked in. */
  readonly coAttendee: boolean
  /** The person wants nothing of the viewer, who is not told so. */
  readonly unwelcome?: boolean
}

export const noTies: Ties = { connected: false, coAttendee: false }

/** What the viewer is to the person: a set, never a rank. */
export interface Relations extends Omit<Ties, 'unwelcome'> {
  readonly self: boolean
  readonly administrator: boolean
  readonly colleague: boolean
}

export function relationsOf(
  viewer: Viewer,
  person: Pick<Person, 'id' | 'organizationId'>,
  ties: Ties = noTies,
): Relations {
  const isPerson = viewer.personId !== undefined
  return {
    self: viewer.personId === person.id,
    administrator: viewer.administers.has(person.organizationId),
    colleague: viewer.organizationId === person.organizationId,
    connected: isPerson && ties.connected,
    coAttendee: isPerson && ties.coAttendee,
  }
}
