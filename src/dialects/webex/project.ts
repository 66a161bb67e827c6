import { primaryOf } from '../../person/emails.ts'
import type { Email, Person, Phone } from '../../person/person.ts'
import type { PictureAddress } from '../../pictures/forms.ts'
import type { PresenceState } from '../../presence/presence.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { present, some } from '../present.ts'
import { encodeLicenseId, encodeOrganizationId, encodePersonId, encodeRoleId } from './ids.ts'
import { phoneTypes, type WebexPerson } from './schema.ts'

/** Which of the forms of {@link WebexPerson} to give; see `switches` in index.ts. */
export type WebexForm = Readonly<Record<string, boolean>>

/** What is empty or may not be seen is left out; the vendor never sends null. */
export function projectPerson(
  person: VisiblePerson,
  form: WebexForm,
  pictureAddress: PictureAddress,
): WebexPerson {
  const { self, administrator, colleague } = person.relations
  const insider = self || administrator || colleague
  return present<WebexPerson>({
    id: encodePersonId(person.id),
    emails: emailsFrom(person.emails),
    // Outsiders get none, and that in as many words.
    phoneNumbers: insider ? some(phonesFrom(person.phones)) : [],
    displayName: person.displayName ?? '',
    nickName: person.nickName,
    firstName: person.givenName,
    lastName: person.familyName,
    // The vendor's clients expect a PNG.
    avatar: pictureAddress(person, 'avatar', 1600, 'png'),
    orgId: encodeOrganizationId(person.organizationId),
    ...(insider ? work(person) : noWork),
    created: person.createdAt,
    ...(insider ? account(person, form) : noAccount),
    type: person.type,
  })
}

// However much a person would show: a caller who is neither in the organization nor administers it gets
// nothing of what follows.

const work = (person: VisiblePerson) => ({
  roles: some(person.roles?.map(({ id }) => encodeRoleId(id))),
  licenses: some(person.licenses?.map(({ id }) => encodeLicenseId(id))),
  department: person.department,
  manager: person.manager?.displayName,
  managerId: person.managerId && encodePersonId(person.managerId),
  title: person.title,
  addresses: some(person.addresses?.map(addressFrom)),
})

function account(person: VisiblePerson, { seedForm, stringBooleans }: WebexForm) {
  const flag = (value: boolean | undefined) =>
    value !== undefined && (seedForm || stringBooleans) ? (`${value}` as const) : value
  const { lifecycle, loginEnabled, presence } = person
  return {
    lastModified: seedForm ? undefined : person.updatedAt,
    timezone: person.timeZone,
    lastActivity: presence?.lastActivityAt,
    status: presence && statuses[presence.state],
    invitePending: flag(lifecycle && lifecycle === 'invited'),
    loginEnabled: flag(loginEnabled && lifecycle !== 'suspended'),
  }
}

const noWork: Nothing<ReturnType<typeof work>> = {
  roles: undefined,
  licenses: undefined,
  department: undefined,
  manager: undefined,
  managerId: undefined,
  title: undefined,
  addresses: undefined,
}

const noAccount: Nothing<ReturnType<typeof account>> = {
  lastModified: undefined,
  timezone: undefined,
  lastActivity: undefined,
  status: undefined,
  invitePending: undefined,
  loginEnabled: undefined,
}

type Nothing<Fields> = { readonly [Field in keyof Fields]: undefined }

/** The primary one first: when an address list is written, the first is the primary one. */
export function emailsFrom(emails: readonly Email[] = []): string[] {
  const primary = primaryOf(emails)
  const rest = emails.filter((email) => email !== primary)
  return [...(primary ? [primary] : []), ...rest].map(({ value }) => value)
}

/** A number of a kind that the vendor has no word for is left out rather than called what it is not. */
export const phonesFrom = (phones: readonly Phone[] = []): WebexPhone[] =>
  phones.flatMap((phone) => phoneFrom(phone) ?? [])

type WebexPhone = NonNullable<WebexPerson['phoneNumbers']>[number]

export function phoneFrom({ type = 'work', value }: Phone): WebexPhone | undefined {
  const known = phoneTypes.find((one) => one === type)
  return known && { type: known, value }
}

type WebexAddress = NonNullable<WebexPerson['addresses']>[number]

export const addressFrom = (address: Person['addresses'][number]): WebexAddress =>
  present<WebexAddress>({
    type: address.type,
    country: address.country,
    locality: address.locality,
    region: address.region,
    streetAddress: address.street,
    postalCode: address.postalCode,
  })

/** Mixed case is the vendor's. */
const statuses: Record<PresenceState, NonNullable<WebexPerson['status']>> = {
  pending: 'pending',
  doNotDisturb: 'DoNotDisturb',
  outOfOffice: 'OutOfOffice',
  away: 'inactive',
  active: 'active',
  call: 'call',
  meeting: 'meeting',
  presenting: 'presenting',
  inactive: 'inactive',
  unknown: 'unknown',
}
