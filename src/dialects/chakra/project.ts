import { primaryOf } from '../../person/emails.ts'
import type { Email, Phone } from '../../person/person.ts'
import type { PictureAddress } from '../../pictures/forms.ts'
import type { PresenceState } from '../../presence/presence.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { ChakraEmail, ChakraListed, ChakraPerson, ChakraPhone } from './schema.ts'

/** Which of the forms of {@link ChakraPerson} to give; see `switches` in index.ts. */
export type ChakraForm = Readonly<Record<string, boolean>>

/** What team and role are told by: their ids in v1, their names in v2. */
export type Told = 'id' | 'name'

/** Every key is there whatever is known: what is empty or may not be seen is null, or an empty list. */
export function projectPerson(
  person: VisiblePerson,
  form: ChakraForm,
  told: Told,
  pictureAddress: PictureAddress,
): ChakraPerson {
  const text = textIn(form)
  const epoch = epochIn(form)
  const { emails = [], phones = [], reportees = [], presence } = person
  const primaryEmail = primaryOf(emails)
  const primaryPhone = primaryOf(phones)
  return {
    phones: phones.map(({ value }) => value),
    emails: emails.map((email) => emailFrom(email, person, form)),
    id: person.id,
    createdAt: epoch(person.createdAt),
    updatedAt: epoch(person.updatedAt),
    username: text(person.userName),
    firstName: text(person.givenName),
    lastName: text(person.familyName),
    middleName: text(person.middleName),
    displayName: text(person.displayName),
    gender: text(person.gender),
    // A plain date is read as midnight in UTC.
    dob: orNull(person.birthDate, epoch),
    bio: text(person.bio),
    profileImageUrl: text(pictureAddress(person, 'avatar', 500)),
    coverImageUrl: text(pictureAddress(person, 'cover', 1600)),
    timezone: text(person.timeZone),
    data: person.data ?? null,
    onboardingData: person.onboardingData ?? null,
    ...account(person, form),
    availabilityStatus: text(presence && statuses[presence.state]),
    team: text(person.team?.[told]),
    role: text(person.role?.[told]),
    primaryEmail: orNull(primaryEmail, (email) => emailFrom(email, person, form)),
    primaryPhone: orNull(primaryPhone, (phone) => phoneFrom(phone, person, form)),
    profile: null,
    reportees: reportees.map(({ id }) => id),
  }
}

/** The same in a list, which the vendor gives without three of the keys. */
export function projectListed(...whom: Parameters<typeof projectPerson>): ChakraListed {
  const { phones: _, emails: __, reportees: ___, ...listed } = projectPerson(...whom)
  return listed
}

/** Whose account may not be seen looks like anybody with a plain active one. */
function account({ lifecycle = 'active', deletedAt }: VisiblePerson, form: ChakraForm) {
  return {
    isActive: lifecycle === 'active',
    isDeleted: lifecycle === 'deleted',
    deletedAt: orNull(deletedAt, epochIn(form)),
  }
}

function emailFrom(email: Email, { id: user }: VisiblePerson, form: ChakraForm): ChakraEmail {
  const epoch = epochIn(form)
  return {
    id: email.id,
    createdAt: epoch(email.createdAt),
    updatedAt: epoch(email.updatedAt),
    email: email.value,
    normalizedEmail: email.normalized,
    type: textIn(form)(email.type),
    isVerified: email.verified,
    user,
  }
}

function phoneFrom(phone: Phone, { id: user }: VisiblePerson, form: ChakraForm): ChakraPhone {
  const text = textIn(form)
  return {
    id: phone.id,
    phone: phone.value,
    normalizedPhone: text(phone.e164),
    type: text(phone.type),
    isVerified: phone.verified,
    user,
  }
}

// The page requires every key, and types these as strings: it does not say what an empty one is.
const textIn =
  ({ emptyStrings }: ChakraForm) =>
  <Text extends string>(text: Text | undefined): Text | '' | null =>
    text ?? (emptyStrings ? '' : null)

// The page calls times integers and shows 0: it does not say of what.
const epochIn =
  ({ epochSeconds }: ChakraForm) =>
  (time: string): number =>
    epochSeconds ? Math.floor(Date.parse(time) / 1000) : Date.parse(time)

const orNull = <From, To>(value: From | undefined, to: (value: From) => To): To | null =>
  value === undefined ? null : to(value)

/** The vendor publishes no list of its words. */
const statuses: Record<PresenceState, NonNullable<ChakraPerson['availabilityStatus']>> = {
  active: 'AVAILABLE',
  doNotDisturb: 'BUSY',
  call: 'BUSY',
  meeting: 'BUSY',
  presenting: 'BUSY',
  inactive: 'AWAY',
  outOfOffice: 'AWAY',
  away: 'AWAY',
  pending: 'OFFLINE',
  unknown: 'OFFLINE',
}
