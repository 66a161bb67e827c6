import type { PersonId } from '../person/ids.ts'
import {
  type Audience,
  type Audiences,
  type FieldGroup,
  fieldGroups,
  type Person,
  type Reference,
} from '../person/person.ts'
import type { Declared, Presence } from '../presence/presence.ts'

/**
 * Who sees a field: the audience of its group; or, whatever the settings, nobody but self and
 * administrators (`own`), administrators alone (`administrators`), or no viewer at all (`internal`).
 */
export type Rule = FieldGroup | 'own' | 'administrators' | 'internal'

/**
 * Total on purpose, like {@link knownRules}: a new field of the record does not compile until someone has
 * decided who may see it.
 */
export const personRules: Record<keyof Person, Rule> = {
  id: 'existence',
  number: 'existence',
  organizationId: 'existence',
  type: 'existence',
  createdAt: 'existence',

  displayName: 'name',
  formattedName: 'name',
  honorificPrefix: 'name',
  givenName: 'name',
  middleName: 'name',
  familyName: 'name',
  honorificSuffix: 'name',
  nickName: 'name',
  initials: 'name',
  pronouns: 'name',

  avatar: 'picture',
  cover: 'picture',
  videoIntro: 'picture',

  emails: 'contact',
  phones: 'contact',
  addresses: 'contact',
  contacts: 'contact',
  socialLinks: 'contact',
  profileUrl: 'contact',
  certificates: 'contact',

  title: 'profile',
  company: 'profile',
  location: 'profile',
  bio: 'profile',
  notes: 'profile',
  interests: 'profile',
  extraInfo: 'profile',

  employeeNumber: 'work',
  costCenter: 'work',
  division: 'work',
  department: 'work',
  userType: 'work',
  team: 'work',
  role: 'work',
  roles: 'work',
  licenses: 'work',
  entitlements: 'work',
  managerId: 'work',
  workFrom: 'work',

  userName: 'account',
  lifecycle: 'account',
  deletedAt: 'account',
  terminatedAt: 'account',
  activation: 'account',
  loginEnabled: 'account',
  flags: 'account',

  timeZone: 'locale',
  locale: 'locale',
  preferredLanguage: 'locale',

  acceptsDirectMessages: 'meetings',
  directMessagesFrom: 'meetings',
  acceptsMeetingRequests: 'meetings',
  acceptsCallsFromStrangers: 'meetings',
  meetingAvailability: 'meetings',

  data: 'data',
  onboardingData: 'data',

  birthDate: 'birthDate',
  gender: 'gender',
  colorMode: 'preferences',
  emailNotifications: 'notifications',
  notifications: 'notifications',

  quotaLimit: 'own',
  usedSpace: 'own',
  audiences: 'own',
  externalId: 'administrators',
  createdById: 'administrators',

  // Everyone gets an `updatedAt` of their own, made from `touched`; the version would tell of hidden changes.
  updatedAt: 'internal',
  touched: 'internal',
  version: 'internal',
  // Each bag has rules of its own.
  extensions: 'internal',
}

/** Somebody else who is named in a person's record, as far as the viewer may know of them. */
export interface Acquaintance {
  readonly id: PersonId
  readonly displayName?: string
  readonly userName?: string
}

export interface GroupMembership extends Reference {
  readonly name: string
  readonly manager?: Acquaintance
}

/** What is known of a person at this moment beside the stored record. */
export interface Known {
  readonly presence: Presence | undefined
  /** What was said of where they are, and may not show, or not yet. */
  readonly declared: Declared | undefined
  readonly groups: readonly GroupMembership[]
  /** Those that the person is in through other groups alone. */
  readonly groupsAbove: readonly Pick<GroupMembership, 'id' | 'name'>[]
  readonly manager: Acquaintance | undefined
  readonly reportees: readonly Acquaintance[]
  readonly createdBy: Acquaintance | undefined
}

export const knownRules: Record<keyof Known, Rule> = {
  presence: 'presence',
  declared: 'own',
  groups: 'work',
  groupsAbove: 'work',
  manager: 'work',
  reportees: 'work',
  createdBy: 'administrators',
}

/** The rules of one dialect's extension bag. */
export type ExtensionRules<Extension extends object = Record<string, unknown>> = Readonly<
  Record<keyof Extension & string, Rule>
>

/** What holds where neither the person nor the organization has decided. */
export const defaultAudiences: Readonly<Record<FieldGroup, Audience>> = {
  existence: 'everyone',
  name: 'everyone',
  picture: 'everyone',
  contact: 'organization',
  profile: 'organization',
  work: 'organization',
  account: 'organization',
  locale: 'organization',
  presence: 'organization',
  meetings: 'organization',
  data: 'organization',
  birthDate: 'nobody',
  gender: 'nobody',
  preferences: 'nobody',
  notifications: 'nobody',
}

/**
 * What the person has decided, as it holds towards somebody who may be of those they want nothing of. Did such a one go
 * on to see whom the person takes meetings and messages of, they would know what to make of being turned away.
 */
export const audiencesTowards = (own: Audiences, unwelcome = false): Audiences =>
  unwelcome ? { ...own, meetings: 'nobody' } : own

/** The audience in force for a group: the person's word, then the organization's, then the default. */
export const audienceOf = (group: FieldGroup, own: Audiences, organization: Audiences): Audience =>
  own[group] ?? organization[group] ?? defaultAudiences[group]

/** {@link audienceOf} for every group. */
export const audiencesInForce = (
  own: Audiences,
  organization: Audiences,
): Readonly<Record<FieldGroup, Audience>> =>
  Object.fromEntries(
    fieldGroups.map((group) => [group, audienceOf(group, own, organization)]),
  ) as Record<FieldGroup, Audience>
