import type { PersonChange } from '../../directory/amend.ts'
import type { Admission } from '../../directory/registrar.ts'
import { isEmail, newEmail, primaryOf } from '../../person/emails.ts'
import type { Email, Person } from '../../person/person.ts'
import type { PictureAddress } from '../../pictures/forms.ts'
import { present } from '../present.ts'
import { dayFrom, momentFrom } from './dates.ts'
import type { DocSpaceExtension } from './extension.ts'
import { isDefaultPicture, pictureAddresses } from './pictures.ts'
import { Refusal } from './problem.ts'
import type { MemberUpdate, NewMember } from './schema.ts'
import { type EmployeeType, employeeTypes, sexes, wordOf } from './words.ts'

/** What is sent is taken on this clock. */
export interface Acceptance {
  /** An instant. */
  readonly now: string
  /** The portal's. */
  readonly timeZone: string
  /** Where the writer is shown pictures to be. */
  readonly pictureAddress: PictureAddress
}

/** What an update makes of the record. What it does not name stays. @throws Refusal */
export function acceptUpdate(
  member: MemberUpdate,
  before: Person,
  acceptance: Acceptance,
): PersonChange {
  const { disable, email, isUser } = member
  return {
    ...profileOf(member, before, acceptance),
    ...(email !== undefined && { emails: withEmail(before.emails, email, acceptance.now) }),
    ...(disable !== undefined && standingOf(disable, before, acceptance.now)),
    ...(isUser !== undefined && guesthoodOf(isUser, before)),
  }
}

/** A new person, but for the user name. @throws Refusal */
export function admissionFrom(
  member: NewMember,
  acceptance: Acceptance,
): Omit<Admission, 'userName'> {
  const profile = profileOf(member, undefined, acceptance)
  const given = Object.entries(profile).filter(([, value]) => value !== null)
  return {
    ...(Object.fromEntries(given) as Partial<Admission>),
    emails: withEmail([], member.email, acceptance.now),
    flags: flagsOf(typeOf(member)),
    // Nobody has come in yet.
    activation: 'none',
  }
}

/** What a new person is to be: a user where nothing is said. @throws Refusal */
export function typeOf({ type, isUser }: NewMember): EmployeeType {
  if (type === undefined) return isUser ? 'Guest' : 'User'
  return typeFrom(type)
}

/** A type that somebody can have. @throws Refusal */
export function typeFrom(sent: string | number): EmployeeType {
  const type = wordOf(employeeTypes, sent)
  if (type === 'All') throw new Refusal('invalid', 'Incorrect type')
  return type
}

/** What makes somebody of that type, and of no other. */
export const flagsOf = (type: EmployeeType, before?: Person['flags']): Person['flags'] => ({
  owner: false,
  administrator: type === 'DocSpaceAdmin',
  roomAdministrator: type === 'RoomAdmin',
  guest: type === 'Guest',
  plainUser: type === 'User',
  ldap: before?.ldap ?? false,
  sso: before?.sso ?? false,
})

/** Out of the portal, or back in. Whoever was never in stays invited. */
export function standingOf(terminated: boolean, { lifecycle }: Person, now: string): PersonChange {
  if (terminated)
    return lifecycle === 'suspended' ? {} : { lifecycle: 'suspended', terminatedAt: now }
  return lifecycle === 'suspended' ? { lifecycle: 'active', terminatedAt: null } : {}
}

/** Those who hold an office are no guests, whatever is sent; so it is on the vendor's server. */
function guesthoodOf(guest: boolean, { flags }: Person): PersonChange {
  if (guest === flags.guest) return {}
  if (guest && (flags.owner || flags.administrator)) {
    throw new Refusal('forbidden', 'An administrator can not be a guest')
  }
  return { flags: flagsOf(guest ? 'Guest' : 'User', flags) }
}

type Profile = Pick<
  PersonChange,
  | 'givenName'
  | 'familyName'
  | 'title'
  | 'location'
  | 'notes'
  | 'contacts'
  | 'gender'
  | 'birthDate'
  | 'workFrom'
  | 'locale'
  | 'avatar'
  | 'extensions'
>

function profileOf(
  member: NewMember | MemberUpdate,
  before: Person | undefined,
  { timeZone, pictureAddress }: Acceptance,
): Profile {
  const { sex, birthday, worksfrom, cultureName, contacts, files, spam } = member
  return present<Profile>({
    givenName: nameOf(member.firstName),
    familyName: nameOf(member.lastName),
    title: textOf(member.title),
    location: textOf(member.location),
    notes: textOf(member.comment),
    contacts: contacts && contactsOf(contacts, before?.contacts ?? []),
    gender: sex === undefined ? undefined : genderOf(wordOf(sexes, sex), before?.gender),
    birthDate: birthday && unlessReset(dayFrom(birthday, timeZone, 'birthday')),
    workFrom: worksfrom && momentOrNone(worksfrom, timeZone),
    locale: cultureName === undefined ? undefined : cultureFrom(cultureName),
    avatar: files === undefined ? undefined : avatarOf(files, before, pictureAddress),
    extensions: spam === undefined ? undefined : withSpam(before?.extensions ?? {}, spam),
  })
}

/** Raw is kept: a word that means the same is left as it is. */
const genderOf = (sex: string, before: string | undefined): string =>
  before?.toLowerCase() === sex ? before : sex

/** An empty text removes. */
const textOf = (text: string | undefined): string | null | undefined =>
  text === undefined ? undefined : text.trim() === '' ? null : text

/** @throws Refusal for one that is empty */
function nameOf(text: string | undefined): string | undefined {
  if (text?.trim() === '') throw new Refusal('invalid', 'Incorrect user name')
  return text
}

/** With this day the vendor's clients take a day away. */
const resetDay = '1900-01-01'

const unlessReset = (day: string): string | null => (day === resetDay ? null : day)

function momentOrNone(sent: NonNullable<MemberUpdate['worksfrom']>, timeZone: string) {
  const day = dayFrom(sent, timeZone, 'worksfrom')
  return day === resetDay ? null : momentFrom(sent, timeZone, 'worksfrom')
}

/** A language tag, as it was sent. @throws Refusal */
export function cultureFrom(name: string): string {
  try {
    // Throws for what is no tag.
    if (Intl.getCanonicalLocales(name).length > 0 && name.length <= 64) return name
  } catch {}
  throw new Refusal('invalid', 'The specified culture is not in the list of available ones')
}

function contactsOf(
  sent: NonNullable<MemberUpdate['contacts']>,
  before: Person['contacts'],
): Person['contacts'] {
  return sent.flatMap(({ type, value }) => {
    if (!value) return []
    const there = before.find((one) => one.type === (type || 'other') && one.value === value)
    return [there ?? { type: type || 'other', value }]
  })
}

function avatarOf(
  files: string,
  before: Person | undefined,
  pictureAddress: PictureAddress,
): Person['avatar'] | undefined {
  const shown = before ? Object.values(pictureAddresses(before, pictureAddress)) : []
  if (files === '' || shown.includes(files) || isDefaultPicture(files)) return undefined
  return { id: crypto.randomUUID(), url: files }
}

function withSpam(bags: Person['extensions'], spam: boolean): Person['extensions'] {
  const bag: DocSpaceExtension = { ...bags.docspace, spam }
  return { ...bags, docspace: { ...bag } }
}

/** The addresses with `address` as the one to write to, in place of the one that was. @throws Refusal */
function withEmail(before: readonly Email[], address: string, now: string): Email[] {
  const value = address.trim()
  if (!isEmail(value)) throw new Refusal('invalid', 'Incorrect email')
  const made = newEmail(value, now, { primary: true })
  const primary = primaryOf(before)
  if (primary?.value === value) return [...before]
  const there = before.find(({ normalized }) => normalized === made.normalized)
  if (there && there !== primary) {
    return before.map((one) => ({ ...one, primary: one === there }))
  }
  if (!primary) return [made]
  const { type } = primary
  return before.map((one) =>
    one === primary ? { ...made, ...(type !== undefined && { type }) } : one,
  )
}
