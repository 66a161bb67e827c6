// Read this file first: what can be asked of a directory of people and groups. matches.ts answers it of one of them in memory.
import type { OrganizationId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { personRules, type Rule } from '../privacy/rules.ts'
import type { Viewer } from '../privacy/viewer.ts'

export type Scalar = string | number | boolean

/**
 * How values are compared. `caseless` by their `folded` form; `instant` as ISO 8601 in UTC with milliseconds;
 * of a `boolean` there is only `eq`. Texts are ordered by code point.
 */
export type Kind = 'caseless' | 'exact' | 'boolean' | 'number' | 'instant'

export interface Field {
  /** From the record, or from the item of a list, to the value. Empty for items that are values themselves. */
  readonly path: readonly string[]
  readonly kind: Kind
}

/** A field of a person's record that can be asked for; who may not see it meets it as absent. */
export interface PersonField extends Field {
  readonly rule: Rule
}

/** A list of a person's, whose items can be asked for. */
export interface PersonList {
  /** From the record; absent: by the list's own name. */
  readonly path?: readonly string[]
  readonly rule: Rule
  readonly items: Readonly<Record<string, Field>>
}

export const operators = ['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type Operator = (typeof operators)[number]

/**
 * A condition. Every part of it is true or false: what is absent, or hidden from who asks, fulfils no comparison.
 * Inside of `some` the fields are those of the list's items.
 */
export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  /** There is an item that fulfils `where`; any item will do where nothing is said. */
  | { readonly op: 'some'; readonly list: string; readonly where?: Condition }
  | { readonly op: Operator; readonly field: string; readonly value: Scalar }
  /** Inside of `some`: the item's field is the same as the person's. */
  | { readonly op: 'same'; readonly field: string; readonly as: string }
  /** There is a value, and it is no empty text. */
  | { readonly op: 'present'; readonly field: string }
  /**
   * Of people: one of their words begins with this, without case and accents; see words.ts. None begins with nothing
   * but signs. What somebody typed is put into prefixes by `termsOf`.
   */
  | { readonly op: 'word'; readonly prefix: string }
  /** Of people: what is between them and who asks. */
  | { readonly op: 'connection'; readonly state: Between }

export const betweens = ['requested', 'accepted', 'rejected', 'none', 'blocked'] as const
/**
 * What is between two people, as who asks sees it: `blocked` by them, and not by the other. A service has nothing to do
 * with anybody, nor has anybody with themselves.
 */
export type Between = (typeof betweens)[number]

const at = (name: keyof Person, kind: Kind = 'caseless'): PersonField => ({
  path: [name],
  kind,
  rule: personRules[name],
})
const within = (name: keyof Person, part: string, kind: Kind = 'caseless'): PersonField => ({
  path: [name, part],
  kind,
  rule: personRules[name],
})

/** By name, which is that of the record's field. The names are ours: nothing that a caller sends gets into a query. */
export const personFields: Readonly<Record<string, PersonField>> = {
  id: at('id', 'exact'),
  number: at('number', 'number'),
  type: at('type', 'exact'),
  externalId: at('externalId', 'exact'),
  userName: at('userName'),
  displayName: at('displayName'),
  formattedName: at('formattedName'),
  honorificPrefix: at('honorificPrefix'),
  givenName: at('givenName'),
  middleName: at('middleName'),
  familyName: at('familyName'),
  honorificSuffix: at('honorificSuffix'),
  nickName: at('nickName'),
  initials: at('initials'),
  pronouns: at('pronouns'),
  avatarId: within('avatar', 'id', 'exact'),
  avatar: within('avatar', 'url', 'exact'),
  profileUrl: at('profileUrl', 'exact'),
  title: at('title'),
  company: at('company'),
  location: at('location'),
  bio: at('bio'),
  notes: at('notes'),
  employeeNumber: at('employeeNumber'),
  costCenter: at('costCenter'),
  division: at('division'),
  department: at('department'),
  userType: at('userType'),
  teamId: within('team', 'id', 'exact'),
  team: within('team', 'name'),
  roleId: within('role', 'id', 'exact'),
  role: within('role', 'name'),
  managerId: at('managerId', 'exact'),
  // Not in the record: the display name of that manager, for those who may see it there.
  managerName: { path: ['managerName'], kind: 'caseless', rule: personRules.managerId },
  workFrom: at('workFrom', 'instant'),
  lifecycle: at('lifecycle', 'exact'),
  activation: at('activation', 'exact'),
  loginEnabled: at('loginEnabled', 'boolean'),
  timeZone: at('timeZone'),
  locale: at('locale'),
  preferredLanguage: at('preferredLanguage'),
  acceptsDirectMessages: at('acceptsDirectMessages', 'boolean'),
  directMessagesFrom: at('directMessagesFrom', 'exact'),
  acceptsMeetingRequests: at('acceptsMeetingRequests', 'exact'),
  acceptsCallsFromStrangers: at('acceptsCallsFromStrangers', 'boolean'),
  birthDate: at('birthDate', 'exact'),
  gender: at('gender'),
  colorMode: at('colorMode', 'exact'),
  emailNotifications: at('emailNotifications', 'boolean'),
  quotaLimit: at('quotaLimit', 'number'),
  owner: within('flags', 'owner', 'boolean'),
  administrator: within('flags', 'administrator', 'boolean'),
  roomAdministrator: within('flags', 'roomAdministrator', 'boolean'),
  guest: within('flags', 'guest', 'boolean'),
  createdAt: at('createdAt', 'instant'),
  // Everybody else is told a time of their own, of what they may see.
  updatedAt: { path: ['updatedAt'], kind: 'instant', rule: 'administrators' },
}

const text = (name: string, kind: Kind = 'caseless'): Field => ({ path: [name], kind })
const typed = { type: text('type'), primary: text('primary', 'boolean'), display: text('display') }
const referenced = {
  value: text('id', 'exact'),
  display: text('name'),
  type: text('type'),
  primary: text('primary', 'boolean'),
}

/**
 * `groups` are those that the person is in, directly; `allGroups` with them those that they are in, told apart as
 * `direct` and `indirect` ones. Every other list is the record's.
 */
export const personLists: Readonly<Record<string, PersonList>> = {
  emails: {
    rule: personRules.emails,
    items: { value: text('value'), verified: text('verified', 'boolean'), ...typed },
  },
  phones: {
    rule: personRules.phones,
    items: { value: text('value'), e164: text('e164', 'exact'), ...typed },
  },
  addresses: {
    rule: personRules.addresses,
    items: {
      type: text('type'),
      primary: text('primary', 'boolean'),
      formatted: text('formatted'),
      street: text('street'),
      locality: text('locality'),
      region: text('region'),
      postalCode: text('postalCode'),
      country: text('country'),
    },
  },
  contacts: { rule: personRules.contacts, items: { value: text('value'), ...typed } },
  roles: { rule: personRules.roles, items: referenced },
  licenses: { rule: personRules.licenses, items: referenced },
  entitlements: { rule: personRules.entitlements, items: { value: text('value'), ...typed } },
  certificates: {
    rule: personRules.certificates,
    items: { value: text('value', 'exact'), ...typed },
  },
  interests: { rule: personRules.interests, items: { value: { path: [], kind: 'caseless' } } },
  // Beside the avatar, as they were sent by whoever provisions people.
  photos: {
    path: ['extensions', 'scim', 'photos'],
    rule: personRules.avatar,
    items: { value: text('value', 'exact'), ...typed },
  },
  groups: {
    rule: 'work',
    items: { value: text('id', 'exact'), display: text('name') },
  },
  allGroups: {
    rule: 'work',
    items: { value: text('id', 'exact'), display: text('name'), type: text('type') },
  },
}

/** Of a group; whoever may list groups at all sees these. */
export const groupFields: Readonly<Record<string, Field>> = {
  id: text('id', 'exact'),
  externalId: text('externalId', 'exact'),
  name: text('name'),
  description: text('description'),
  createdAt: text('createdAt', 'instant'),
  updatedAt: text('updatedAt', 'instant'),
}

/** Ids alone: `members` are people and groups that are directly in it. */
export const groupLists: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  members: { value: text('id', 'exact') },
  owners: { value: text('id', 'exact') },
}

/** Whose answer it is. */
export interface Eyes extends Pick<Viewer, 'personId' | 'organizationId' | 'administers'> {
  /** They attend the event that is asked in. */
  readonly attends?: boolean
}

/** By a field of the person's, or the value of a list's primary item, else of its first. Those without come last, descending first. */
export interface Order {
  readonly field: string
  readonly descending: boolean
}

/** Where a page begins: after so many, or after the place of somebody who was the last of the page before. */
export type From =
  | { readonly skip: number }
  | { readonly after: { readonly key: Scalar | null; readonly id: string } }

/** Who or what is asked for, in which order, and which of them. */
export interface Inquiry {
  readonly condition?: Condition
  /** Absent: by id, as are those who are alike. */
  readonly order?: Order
  readonly from: From
  /** At most so many; 0 for the total alone. */
  readonly limit: number
  /** Whether the total is wanted, which costs a look at everybody; `left` of those alone who come after the place of `from`. */
  readonly total: boolean | 'left'
}

export interface Search extends Inquiry {
  readonly organizationId: OrganizationId
}

/** Among those who are not deleted and whose existence `eyes` may know of. */
export interface PeopleSearch extends Search {
  readonly eyes: Eyes
}

/** Likewise, among those of whatever organization who attend an event. */
export interface EventSearch extends Inquiry {
  readonly eventNumber: number
  readonly eyes: Eyes
}

export interface Found<Id extends string> {
  /** In order, each with the key that it was ordered by; null where there is none. */
  readonly places: readonly { readonly id: Id; readonly key: Scalar | null }[]
  readonly total?: number
}
