import { primaryOf } from '../../person/emails.ts'
import type { Lifecycle, Person } from '../../person/person.ts'
import type { PictureAddress } from '../../pictures/forms.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Acquaintance } from '../../privacy/rules.ts'
import { present, some } from '../present.ts'
import { dateTime, day } from './dates.ts'
import type { DocSpaceExtension } from './extension.ts'
import { htmlEncoded } from './html.ts'
import { pictureAddresses } from './pictures.ts'
import type { DocSpaceGroupSummary, DocSpacePerson, DocSpaceShortPerson } from './schema.ts'
import {
  type ActivationStatus,
  activationStatuses,
  type EmployeeStatus,
  employeeStatuses,
} from './words.ts'

/** What of the answer depends on who asks and how, beside what they may see. */
export interface Angle {
  /** Absolute addresses begin with it. */
  readonly base: string
  /** The portal's zone: that of the caller's organization. */
  readonly timeZone: string
  /** The caller holds no office in the portal. */
  readonly plain: boolean
  /** Asked for as `@self`. */
  readonly asSelf: boolean
  readonly switches: Readonly<Record<string, boolean>>
  readonly pictureAddress: PictureAddress
}

/** Nulls are left out, flags that may not be seen are false. */
export function projectPerson(person: VisiblePerson, angle: Angle): DocSpacePerson {
  const bag: DocSpaceExtension = person.extensions.docspace ?? {}
  const { dateObjects = false } = angle.switches
  const moment = (instant: string | undefined) =>
    instant === undefined ? undefined : dateTime(instant, angle.timeZone, dateObjects)
  const { department, groups } = memberships(person, angle)
  const office = officesFrom(person.flags)
  const { mobilePhone, mobilePhoneActivationStatus } = mobileFrom(person, angle)
  // In the order in which the vendor's server writes them.
  return present<DocSpacePerson>({
    firstName: person.givenName,
    lastName: person.familyName,
    userName: person.userName,
    email: emailOf(person),
    contacts: some(person.contacts?.map(({ type, value }) => ({ type, value }))),
    birthday: person.birthDate && day(person.birthDate, angle.timeZone, dateObjects),
    sex: sexFrom(person.gender),
    status: shownStatus(person, angle),
    activationStatus: shownActivation(person, angle),
    terminated: moment(person.terminatedAt),
    department,
    workFrom: moment(person.workFrom),
    groups,
    location: person.location,
    notes: person.notes,
    isAdmin: office.isAdmin,
    isRoomAdmin: office.isRoomAdmin,
    isLDAP: office.isLDAP,
    listAdminModules: some(bag.listAdminModules),
    isOwner: office.isOwner,
    isVisitor: office.isVisitor,
    isCollaborator: office.isCollaborator,
    cultureName: person.locale,
    mobilePhone,
    mobilePhoneActivationStatus,
    isSSO: office.isSSO,
    theme: angle.asSelf && person.colorMode ? themes[person.colorMode] : undefined,
    quotaLimit: person.quotaLimit,
    usedSpace: person.usedSpace,
    shared: bag.shared,
    isCustomQuota: bag.isCustomQuota,
    loginEventId: angle.asSelf ? bag.loginEventId : undefined,
    createdBy: person.createdBy && projectMention(person.createdBy, angle),
    registrationDate: dateTime(person.createdAt, angle.timeZone, dateObjects),
    ...shortForm(shortOf(person), angle),
  })
}

/** The person in few words, as lists of the simple kind tell of them. */
export const projectShort = (person: VisiblePerson, angle: Angle): DocSpaceShortPerson =>
  present<DocSpaceShortPerson>(shortForm(shortOf(person), angle))

interface Short {
  readonly id: string
  readonly displayName: string
  /** What finds the person in the portal's list of people. */
  readonly search: string
  readonly title?: string | undefined
  readonly avatar?: Person['avatar'] | undefined
}

const shortOf = (person: VisiblePerson): Short => ({
  id: person.id,
  displayName: person.displayName ?? '',
  search: emailOf(person) ?? person.userName ?? person.displayName ?? '',
  title: person.title,
  avatar: person.avatar,
})

function shortForm(
  { id, displayName, search, title, avatar }: Short,
  { base, pictureAddress }: Angle,
) {
  const { retina: _, ...avatars } = pictureAddresses({ id, avatar }, pictureAddress)
  return {
    id,
    displayName: htmlEncoded(displayName),
    title,
    ...avatars,
    profileUrl: `${base}/accounts/people/filter?search=${encodeURIComponent(search)}`,
    hasAvatar: avatar !== undefined,
    isAnonim: false,
  }
}

/** Somebody who is named in another's record: what a mention may tell, and no more. */
function projectMention(mention: Acquaintance, angle: Angle): DocSpaceShortPerson {
  const { id, displayName = '', userName } = mention
  const form = shortForm({ id, displayName, search: userName ?? displayName }, angle)
  return present<DocSpaceShortPerson>(form)
}

/** The one address that the vendor's people have. */
export const emailOf = ({ emails }: VisiblePerson): string | undefined => primaryOf(emails)?.value

function sexFrom(gender: string | undefined): 'male' | 'female' | undefined {
  const word = gender?.toLowerCase()
  return word === 'male' || word === 'female' ? word : undefined
}

type Form = Pick<Angle, 'switches'>

/** Where the account stands, as it is shown. */
export function shownStatus({ lifecycle }: VisiblePerson, { switches }: Form) {
  const name = statusNames[lifecycle ?? 'active']
  return switches.enumNames ? name : employeeStatuses[name]
}

function shownActivation({ activation }: VisiblePerson, { switches }: Form) {
  const name = activationNames[activation ?? 'none']
  return switches.enumNames ? name : activationStatuses[name]
}

const statusNames = {
  active: 'Active',
  suspended: 'Terminated',
  deleted: 'Terminated',
  invited: 'Pending',
} as const satisfies Record<Lifecycle, EmployeeStatus>

const activationNames = {
  none: 'NotActivated',
  activated: 'Activated',
  pending: 'Pending',
  generated: 'AutoGenerated',
} as const satisfies Record<Person['activation'], ActivationStatus>

/** The vendor tells a plain user nothing of other people's groups; to others a person without any has an empty department. */
function memberships(person: VisiblePerson, { plain }: Angle) {
  if (plain && !person.relations.self) return { department: undefined, groups: undefined }
  const groups = projectGroups(person)
  return {
    department: htmlEncoded(groups.map(({ name }) => name).join(', ')),
    groups: some(groups),
  }
}

/** The groups that a person is in. */
export const projectGroups = ({ groups = [] }: VisiblePerson): DocSpaceGroupSummary[] =>
  groups.map(({ id, name, manager }) => ({
    id,
    name,
    ...(manager?.userName && { manager: manager.userName }),
  }))

/** The owner counts as owner alone, not as administrator too. */
const officesFrom = (flags: Person['flags'] | undefined) => ({
  isAdmin: (flags?.administrator ?? false) && !flags?.owner,
  isRoomAdmin: flags?.roomAdministrator ?? false,
  isLDAP: flags?.ldap ?? false,
  isOwner: flags?.owner ?? false,
  isVisitor: flags?.guest ?? false,
  isCollaborator: flags?.plainUser ?? false,
  isSSO: flags?.sso ?? false,
})

function mobileFrom({ phones }: VisiblePerson, { switches }: Angle) {
  const mobile = phones?.find(({ type }) => type === 'mobile')
  const verified = mobile?.verified ?? false
  const name = verified ? ('Activated' as const) : ('NotActivated' as const)
  const number = verified ? (1 as const) : (0 as const)
  return {
    mobilePhone: mobile?.value,
    mobilePhoneActivationStatus: switches.enumNames ? name : number,
  }
}

const themes = { light: 'Base', dark: 'Dark', system: 'System' } as const
