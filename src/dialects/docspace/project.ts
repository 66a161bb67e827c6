import { primaryOf } from '../../person/emails.ts'
import type { Lifecycle, Person } from '../../person/person.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Acquaintance } from '../../privacy/rules.ts'
import { present, some } from '../present.ts'
import { dateTime, day } from './dates.ts'
import type { DocSpaceExtension } from './extension.ts'
import { htmlEncoded } from './html.ts'
import { pictureAddresses } from './pictures.ts'
import type { DocSpacePerson, DocSpaceShortPerson } from './schema.ts'

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
}

/** Nulls are left out, flags that may not be seen are false. */
export function projectPerson(person: VisiblePerson, angle: Angle): DocSpacePerson {
  const bag: DocSpaceExtension = person.extensions.docspace ?? {}
  const { dateObjects = false } = angle.switches
  const moment = (instant: string | undefined) =>
    instant === undefined ? undefined : dateTime(instant, angle.timeZone, dateObjects)
  const { department, groups } = memberships(person, angle)
  const { status, activationStatus } = statuses(person, angle)
  const office = officesFrom(person.flags)
  const { mobilePhone, mobilePhoneActivationStatus } = mobileFrom(person, angle)
  // In the order in which the vendor's server writes them.
  return present<DocSpacePerson>({
    firstName: person.givenName,
    lastName: person.familyName,
    userName: person.userName,
    email: emailOf(person),
    contacts: some(person.contacts),
    birthday: person.birthDate && day(person.birthDate, angle.timeZone, dateObjects),
    sex: sexFrom(person.gender),
    status,
    activationStatus,
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
    ...shortForm(
      {
        id: person.id,
        displayName: person.displayName ?? '',
        search: emailOf(person) ?? person.userName ?? person.displayName ?? '',
        title: person.title,
        avatar: person.avatar,
      },
      angle,
    ),
  })
}

interface Short {
  readonly id: string
  readonly displayName: string
  /** What finds the person in the portal's list of people. */
  readonly search: string
  readonly title?: string | undefined
  readonly avatar?: Person['avatar'] | undefined
}

function shortForm({ id, displayName, search, title, avatar }: Short, { base }: Angle) {
  return {
    id,
    displayName: htmlEncoded(displayName),
    title,
    ...pictureAddresses(avatar),
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

const emailOf = ({ emails }: VisiblePerson): string | undefined => primaryOf(emails)?.value

function sexFrom(gender: string | undefined): 'male' | 'female' | undefined {
  const word = gender?.toLowerCase()
  return word === 'male' || word === 'female' ? word : undefined
}

/** Numbers on the wire; the page allows names in their place. */
function statuses({ lifecycle, activation }: VisiblePerson, { switches }: Angle) {
  const status = employeeStatuses[lifecycle ?? 'active']
  const activationStatus = activationStatuses[activation ?? 'none']
  const form = switches.enumNames ? 'name' : 'number'
  return { status: status[form], activationStatus: activationStatus[form] }
}

const employeeStatuses = {
  active: { number: 1, name: 'Active' },
  suspended: { number: 2, name: 'Terminated' },
  deleted: { number: 2, name: 'Terminated' },
  invited: { number: 4, name: 'Pending' },
} as const satisfies Record<Lifecycle, object>

const activationStatuses = {
  none: { number: 0, name: 'NotActivated' },
  activated: { number: 1, name: 'Activated' },
  pending: { number: 2, name: 'Pending' },
  generated: { number: 4, name: 'AutoGenerated' },
} as const satisfies Record<Person['activation'], object>

/** The vendor tells a plain user nothing of other people's groups; to others a person without any has an empty department. */
function memberships({ groups = [], relations }: VisiblePerson, { plain }: Angle) {
  if (plain && !relations.self) return { department: undefined, groups: undefined }
  const named = groups.map(({ id, name, manager }) => ({
    id,
    name,
    ...(manager?.userName && { manager: manager.userName }),
  }))
  return {
    department: htmlEncoded(groups.map(({ name }) => name).join(', ')),
    groups: some(named),
  }
}

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
