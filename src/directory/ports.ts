import type { Key, Keys } from '../access/key.ts'
import type { Watch } from '../footprint/stamps.ts'
import type { Attendee, Connection, Event, Meeting } from '../gatherings/gatherings.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import type { Audiences, Person } from '../person/person.ts'
import type { Signals } from '../presence/presence.ts'
import type { EventSearch, Found, PeopleSearch, Search } from '../search/search.ts'

/** A tenant: the people in it are colleagues. */
export interface Organization {
  readonly id: OrganizationId
  readonly name: string
  /** IANA. */
  readonly timeZone: string
  /** What holds for those of its people who have not decided themselves. */
  readonly audiences: Audiences
  /** The organizations whose people its administrators administer too. */
  readonly manages: readonly OrganizationId[]
  /** Absent: none. */
  readonly defaults?: Defaults
}

/** What an organization sets for those of its people who have set nothing themselves. */
export type Defaults = Partial<
  Pick<
    Person,
    | 'timeZone'
    | 'locale'
    | 'preferredLanguage'
    | 'colorMode'
    | 'emailNotifications'
    | 'notifications'
    | 'acceptsDirectMessages'
    | 'directMessagesFrom'
    | 'acceptsMeetingRequests'
    | 'acceptsCallsFromStrangers'
  >
>

export interface Group {
  readonly id: string
  readonly organizationId: OrganizationId
  /** Nobody else's in the organization, compared by `folded`. */
  readonly name: string
  readonly managerId?: PersonId
  /** The id by which whoever provisions the group knows it; nobody else's in the organization. */
  readonly externalId?: string
  readonly description?: string
  /** Counts the writes of the group and of who is in it, from 1. */
  readonly version: number
  readonly createdAt: string
  /** The latest change of the group or of who is in it. */
  readonly updatedAt: string
}

/** Somebody or something that is directly in a group, or somebody who looks after it. */
export type GroupMember =
  | {
      readonly groupId: string
      readonly relation: 'member' | 'owner'
      readonly person: Mention
    }
  | {
      readonly groupId: string
      readonly relation: 'subgroup'
      readonly group: Pick<Group, 'id' | 'name'>
    }

/** What is read together with a person, in the same query; each costs a little. */
export interface Beside {
  readonly presence?: boolean
  /** The groups that the person is in, and who manages them. */
  readonly groups?: boolean
  /** The groups that those are in, directly or through others. */
  readonly groupsAbove?: boolean
  readonly manager?: boolean
  readonly reportees?: boolean
  readonly createdBy?: boolean
  /** What is between the person and this one. */
  readonly connectionWith?: PersonId | undefined
}

/** What people are found by, many at once. */
export interface Handles {
  readonly ids: readonly PersonId[]
  readonly userNames: readonly string[]
  readonly externalIds: readonly string[]
  /** In their `normalized` form; of those who have them verified. */
  readonly verifiedEmails: readonly string[]
}

/** A person as of one moment, with what was wanted beside; what was not wanted is as if there were none. */
export interface HeldPerson {
  readonly person: Person
  readonly organizationAudiences: Audiences
  /** Absent: none. */
  readonly organizationDefaults?: Defaults
  readonly signals: Signals | undefined
  /** By id. */
  readonly groups: readonly Group[]
  /** Those that the person is in through other groups alone, by id. */
  readonly groupsAbove: readonly Group[]
  /** The manager, the creator and the groups' managers, as far as they are there. */
  readonly named: readonly Mention[]
  /** Those who report to the person, by id. */
  readonly reportees: readonly Mention[]
  readonly connection: Connection | undefined
}

/** A person as met in an event. */
export interface HeldAttendee extends HeldPerson {
  readonly attendee: Attendee
}

/** What it takes to decide whether somebody may be mentioned. */
export interface Mention {
  readonly person: Mentioned
  readonly organizationAudiences: Audiences
}

export type Mentioned = Pick<
  Person,
  'id' | 'organizationId' | 'audiences' | 'displayName' | 'userName' | 'lifecycle'
>

/**
 * Reads of people, each one query. Deleted ones are answered like any other: who asks decides.
 * @throws unavailable when the store can't be read, or what it has is damaged
 */
export interface People {
  byId(id: PersonId, beside?: Beside): Promise<HeldPerson | undefined>
  /** In any order, without those who are not there. */
  byIds(ids: readonly PersonId[], beside?: Beside): Promise<readonly HeldPerson[]>
  byNumber(number: number, beside?: Beside): Promise<HeldPerson | undefined>
  /** Compared without case. */
  byUserName(
    organizationId: OrganizationId,
    userName: string,
    beside?: Beside,
  ): Promise<HeldPerson | undefined>
  byExternalId(
    organizationId: OrganizationId,
    externalId: string,
    beside?: Beside,
  ): Promise<HeldPerson | undefined>
  /** By the number of the attendee, else of the person, in that event. */
  byAttendance(
    eventNumber: number,
    number: number,
    beside?: Beside,
  ): Promise<HeldAttendee | undefined>
  /** Everybody, deleted ones too, by id, a page at a time: those after `after`, at most `limit`. */
  inOrganization(
    organizationId: OrganizationId,
    page: { readonly after?: PersonId; readonly limit: number },
    beside?: Beside,
  ): Promise<readonly HeldPerson[]>
  /** Those who have that address, in its `normalized` form, and it is verified; without deleted ones. */
  byVerifiedEmail(
    organizationId: OrganizationId,
    normalized: string,
  ): Promise<readonly HeldPerson[]>
  /**
   * Those of the organization whom the reads above would find by any of these, each once, in any order.
   * Of these handles there may be thousands.
   */
  byAny(
    organizationId: OrganizationId,
    handles: Handles,
    beside?: Beside,
  ): Promise<readonly HeldPerson[]>
  /** Those whose record fits. A constant number of queries, which hold up no other read. */
  search(search: PeopleSearch): Promise<Found<PersonId>>
  /** Those above a person, from the manager up; ends where it comes round. */
  managersAbove(id: PersonId): Promise<readonly PersonId[]>
}

export interface Organizations {
  all(): Promise<readonly Organization[]>
  byId(id: OrganizationId): Promise<Organization | undefined>
}

export interface Groups {
  inOrganization(organizationId: OrganizationId): Promise<readonly Group[]>
  /** In any order, without those that are not there. */
  byIds(ids: readonly string[]): Promise<readonly Group[]>
  search(search: Search): Promise<Found<string>>
  /** All that is directly in these groups, and who looks after them; by group, then id. Without deleted people. */
  members(groupIds: readonly string[]): Promise<readonly GroupMember[]>
  /** The groups that the person looks after: as an owner, not as what the record calls the manager. */
  ownedBy(id: PersonId): Promise<readonly string[]>
  /** The groups that have the person for their manager, by id. */
  managedBy(id: PersonId): Promise<readonly Group[]>
}

export interface Gatherings {
  eventByUrl(url: string): Promise<Event | undefined>
  attendeeByPerson(eventNumber: number, personId: PersonId): Promise<Attendee | undefined>
  connection(one: PersonId, other: PersonId): Promise<Connection | undefined>
  /** What is between a person and each of the others, in any order; one query. */
  connectionsOf(personId: PersonId, others: readonly PersonId[]): Promise<readonly Connection[]>
  /** Those of `personIds` who attend the event, in any order; one query. */
  attendees(eventNumber: number, personIds: readonly PersonId[]): Promise<readonly Attendee[]>
  /** The people who attend an event and fit; as {@link People.search}. */
  search(search: EventSearch): Promise<Found<PersonId>>
  /** By number, a page at a time. */
  eventsOf(organizationId: OrganizationId, page: Page<number>): Promise<readonly Event[]>
  /** The events that a person attends, by number, a page at a time. */
  eventsAttendedBy(personId: PersonId, page: Page<number>): Promise<readonly Event[]>
  /** All that is between a person and others, whatever its state, by the other's id, a page at a time. */
  connectionsWith(personId: PersonId, page: Page<PersonId>): Promise<readonly Connection[]>
  meetingById(id: string): Promise<Meeting | undefined>
  /** The meetings of any of these people that are booked and overlap the span, each once, by start, then id. */
  meetingsWithin(personIds: readonly PersonId[], span: Span): Promise<readonly Meeting[]>
  /** A person's meetings that end after `from`, cancelled ones too, by start, then id, a page at a time. */
  meetingsOf(
    personId: PersonId,
    page: Page<Pick<Meeting, 'start' | 'id'>> & { readonly from?: string },
  ): Promise<readonly Meeting[]>
}

/** Those that come after `after`, at most `limit`. */
export interface Page<Place> {
  readonly after?: Place
  readonly limit: number
}

/** From one instant to just before another. */
export interface Span {
  readonly from: string
  readonly until: string
}

/** That a create was done, so that whoever asks for it again with the same key is told of the first. */
export interface Receipt {
  /** Of the access key that asked. */
  readonly keyId: string
  /** What the caller called it (draft-ietf-httpapi-idempotency-key-header). */
  readonly idempotencyKey: string
  /** Of what was asked. */
  readonly fingerprint: string
  /** Of what was made. */
  readonly entityId: string
  readonly at: string
}

/** Who wrote: a person or key by id, or a program by name such as `cli`. */
export type Actor = string

/**
 * One write. `before`, where it is said, is what must be stored at that moment (null: nothing), else `conflict`: so two
 * who decide from what they saw never both do. A person's `version` must be one more than the stored one (1 for a new
 * person), else `conflict`.
 */
export type Write =
  | { readonly kind: 'person'; readonly person: Person }
  | {
      readonly kind: 'organization'
      readonly organization: Organization
      readonly before?: Organization
    }
  /** A group's `version` must be one more than the stored one (1 for a new group), else `conflict`. */
  | { readonly kind: 'group'; readonly group: Group }
  | Members
  /** Nobody is in it any more then, nor it in any other group. @throws conflict for one that is not there */
  | { readonly kind: 'groupRemoval'; readonly groupId: string }
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'event'; readonly event: Event; readonly before?: Event | null }
  | { readonly kind: 'attendee'; readonly attendee: Attendee }
  /** Who does not attend is no mistake, and leaves no line in the log. */
  | {
      readonly kind: 'attendeeRemoval'
      readonly eventNumber: number
      readonly personId: PersonId
    }
  | {
      readonly kind: 'connection'
      readonly connection: Connection
      readonly before?: Connection | null
    }
  /**
   * A meeting's `version` must be one more than the stored one (1 for a new meeting), else `conflict`. One that is booked
   * while a participant has another at the same time is refused as `conflict` with the reason `slot_taken`. So is a new
   * one, without a reason, whose organizer has `mostTogether` booked meetings with another participant that begin after it
   * was made.
   */
  | { readonly kind: 'meeting'; readonly meeting: Meeting; readonly mostTogether?: number }
  /** Leaves no line in the log; those of more than a day ago are forgotten. @throws conflict for a key that has one */
  | { readonly kind: 'receipt'; readonly receipt: Receipt }

/**
 * Who joins a group and who leaves it; everybody else stays what they are, so that writers who know nothing of each
 * other lose nothing. Joining twice and leaving what one is not in are no mistakes.
 */
export interface Members {
  readonly kind: 'members'
  readonly groupId: string
  readonly joining: readonly PersonId[]
  readonly leaving: readonly PersonId[]
  /** Groups that come into the group, or go. A group that would come to contain itself is refused as `invalid`. */
  readonly nesting?: readonly string[]
  readonly unnesting?: readonly string[]
  /** Who looks after it from now on, and who does no longer. */
  readonly appointing?: readonly PersonId[]
  readonly dismissing?: readonly PersonId[]
}

/** One line of the change log: that something was written, not what. */
export interface Change {
  /** Rises without gaps. */
  readonly sequence: number
  readonly entity:
    | Exclude<Write['kind'], 'members' | 'groupRemoval' | 'attendeeRemoval' | 'receipt'>
    | 'membership'
    /** Of a connection nothing changed but who wants nothing of the other: which nobody is told. */
    | 'block'
  /** A membership's is that of the group, a block's that of the connection. */
  readonly entityId: string
  /** The person it is about, if it is about one. */
  readonly personId?: PersonId
  /** Memberships, groups and attendees are made and removed; nothing else is ever removed. */
  readonly kind: 'created' | 'changed' | 'removed'
  readonly actor: Actor
  readonly at: string
}

/** Where everything is kept. Every implementation passes `keeps()`. */
export interface Store {
  readonly people: People
  readonly organizations: Organizations
  readonly groups: Groups
  readonly gatherings: Gatherings
  readonly keys: Keys
  /**
   * The same reads where they cost the least. What other processes wrote less than a second ago may be missing, and
   * be there and missing again; what this one wrote is there. Nothing that is written is decided by them. Absent: there
   * are none that cost less.
   */
  readonly nearby?: Pick<Store, 'people' | 'organizations' | 'groups' | 'gatherings' | 'keys'>
  /**
   * Does all writes or none, in order, each with its line in the change log; when the promise resolves
   * they are safe. @throws conflict for a version, user name, external id, number, address or group name already
   * taken, and for members or a group that are not there
   */
  commit(writes: readonly Write[], actor: Actor, at: string): Promise<void>
  /**
   * Presence is not a write of the record: it changes no version and leaves no line in the log. For those whom `before`
   * names it is what must be on record at that moment, as in {@link Write}; else all of it is refused as `conflict`.
   */
  signal(
    signals: ReadonlyMap<PersonId, Signals>,
    before?: ReadonlyMap<PersonId, Signals | undefined>,
  ): Promise<void>
  /**
   * Notes that people were there, at these instants: their last activity, and their first login where there is none.
   * What is on record already and later stays; everything else in their signals does, too.
   */
  beat(times: ReadonlyMap<PersonId, string>): Promise<void>
  /** What was done for a key under that name, while it is remembered. */
  receipt(keyId: string, idempotencyKey: string): Promise<Receipt | undefined>
  /** Whether what was read a while ago still stands. */
  readonly watch: Watch
  /** The changes after `sequence`, oldest first, at most `limit`. */
  changesAfter(sequence: number, limit: number): Promise<readonly Change[]>
  /** The secret behind this database's keyed hashes; made once, kept for ever. */
  secret(): Promise<string>
  /** Resolves when the store can be read and written. Finding out costs a write, at most one a second. */
  ready(): Promise<void>
  close(): Promise<void>
}
