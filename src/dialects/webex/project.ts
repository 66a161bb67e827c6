import type { Person, Phone } from '../../person/person.ts'
import type { PresenceState } from '../../presence/presence.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { encodeLicenseId, encodeOrganizationId, encodePersonId, encodeRoleId } from './ids.ts'
import type { WebexPerson } from './schema.ts'

/** Which of the forms of {@link WebexPerson} to give; see `switches` in index.ts. */
export type WebexForm = Readonly<Record<string, boolean>>

/** What is empty or may not be seen is left out; the vendor never sends null. */
export function projectPerson(person: VisiblePerson, form: WebexForm): WebexPerson {
  const { self, administrator, colleague } = person.relations
  return self || administrator || colleague ? insider(person, form) : outsider(person)
}

function insider(person: VisiblePerson, form: WebexForm): WebexPerson {
  const flag = (value: boolean) =>
    form['stringBooleans'] || form['seedForm'] ? (`${value}` as const) : value
  const phoneNumbers = phonesFrom(person.phones)
  const addresses = addressesFrom(person.addresses)
  const { state, lastActivityAt } = person.presence ?? {}
  return {
    ...head(person),
    ...(phoneNumbers.length > 0 && { phoneNumbers }),
    ...naming(person),
    ...(person.roles?.length && { roles: person.roles.map(({ id }) => encodeRoleId(id)) }),
    ...(person.licenses?.length && {
      licenses: person.licenses.map(({ id }) => encodeLicenseId(id)),
    }),
    ...(person.department && { department: person.department }),
    ...(person.manager?.displayName && { manager: person.manager.displayName }),
    ...(person.managerId && { managerId: encodePersonId(person.managerId) }),
    ...(person.title && { title: person.title }),
    ...(addresses.length > 0 && { addresses }),
    created: person.createdAt,
    ...(!form['seedForm'] && { lastModified: person.updatedAt }),
    ...(person.timeZone && { timezone: person.timeZone }),
    ...(lastActivityAt && { lastActivity: lastActivityAt }),
    ...(state && { status: statuses[state] }),
    ...(person.lifecycle && { invitePending: flag(person.lifecycle === 'invited') }),
    ...(person.loginEnabled !== undefined && {
      loginEnabled: flag(person.loginEnabled && person.lifecycle !== 'suspended'),
    }),
    type: person.type,
  }
}

/** All that a caller gets who is neither in the organization nor administers it, however much the person would show. */
function outsider(person: VisiblePerson): WebexPerson {
  return {
    ...head(person),
    phoneNumbers: [],
    ...naming(person),
    created: person.createdAt,
    type: person.type,
  }
}

const head = (person: VisiblePerson) => ({
  id: encodePersonId(person.id),
  emails: person.emails?.map(({ value }) => value) ?? [],
})

const naming = (person: VisiblePerson) => ({
  displayName: person.displayName ?? '',
  ...(person.nickName && { nickName: person.nickName }),
  ...(person.givenName && { firstName: person.givenName }),
  ...(person.familyName && { lastName: person.familyName }),
  ...(person.avatar && { avatar: person.avatar.url }),
  orgId: encodeOrganizationId(person.organizationId),
})

const phoneTypes = ['work', 'work_extension', 'mobile', 'fax'] as const

/** A number of a kind that the vendor has no word for is left out rather than called what it is not. */
function phonesFrom(phones: readonly Phone[] = []): NonNullable<WebexPerson['phoneNumbers']> {
  return phones.flatMap(({ type = 'work', value }) => {
    const known = phoneTypes.find((one) => one === type)
    return known ? [{ type: known, value }] : []
  })
}

const addressesFrom = (
  addresses: Person['addresses'] = [],
): NonNullable<WebexPerson['addresses']> =>
  addresses.map(({ type, country, locality, region, street, postalCode }) => ({
    ...(type && { type }),
    ...(country && { country }),
    ...(locality && { locality }),
    ...(region && { region }),
    ...(street && { streetAddress: street }),
    ...(postalCode && { postalCode }),
  }))

/** Mixed case is the vendor's. */
const statuses: Record<PresenceState, NonNullable<WebexPerson['status']>> = {
  pending: 'pending',
  doNotDisturb: 'DoNotDisturb',
  outOfOffice: 'OutOfOffice',
  active: 'active',
  call: 'call',
  meeting: 'meeting',
  presenting: 'presenting',
  inactive: 'inactive',
  unknown: 'unknown',
}
