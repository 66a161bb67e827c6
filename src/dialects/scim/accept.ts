import type { PersonChange } from '../../directory/amend.ts'
import type { Admission, GroupChange } from '../../directory/registrar.ts'
import { newEmail } from '../../person/emails.ts'
import { personIdFrom } from '../../person/ids.ts'
import type { Email, Holding, Person, Phone, Reference } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { folded } from '../../person/text.ts'
import { isHostedAddress, notToBeKept } from '../../pictures/address.ts'
import type { ScimPhoto } from './extension.ts'
import type { Json, JsonObject } from './json.ts'
import { isPortrait } from './project.ts'
import { enterpriseUserUrn, kithGroupUrn, kithUserUrn } from './schemas.ts'
import { ScimError } from './scim-error.ts'

/** What a User's values are taken over from, so that an address keeps its identity. */
export type Before = Pick<
  Person,
  | 'emails'
  | 'phones'
  | 'lifecycle'
  | 'displayName'
  | 'flags'
  | 'extensions'
  | 'avatar'
  | 'type'
  | 'activation'
  | 'loginEnabled'
>

export interface Acceptance {
  /** Nothing for a new person. */
  readonly before?: Before
  /** The address by which the client is told the avatar that is there. */
  readonly portrait?: string
  /** An instant. */
  readonly now: string
  /** The URNs of the extensions that the client spoke of; those of others stay as they are. */
  readonly named: ReadonlySet<string>
}

/** What a whole User, as `canonicalResource` gives it, makes of the record. @throws ScimError invalidValue */
export function acceptUser(user: JsonObject, acceptance: Acceptance): PersonChange {
  const { named, before } = acceptance
  const enterprise = named.has(enterpriseUserUrn) ? objectOf(user[enterpriseUserUrn]) : undefined
  const kith = named.has(kithUserUrn) ? objectOf(user[kithUserUrn]) : undefined
  return {
    ...acceptCore(user, acceptance),
    ...(enterprise && acceptEnterprise(enterprise)),
    ...(kith && acceptKith(kith, before)),
    ...lifecycleOf(user.active, kith?.lifecycle, before?.lifecycle),
  }
}

/** The same of somebody who is not there yet. */
export function admissionFrom(user: JsonObject, acceptance: Acceptance): Admission {
  const change = acceptUser(user, acceptance)
  const given = Object.entries(change).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(given) as unknown as Admission
}

function acceptCore(user: JsonObject, acceptance: Acceptance): PersonChange {
  const { before, now } = acceptance
  const name = objectOf(user.name)
  const displayName = optional(user.displayName)
  return {
    externalId: optional(user.externalId),
    userName: required(user.userName, 'userName'),
    // One that was made of the other names follows them: it is not put down as if it had been given.
    ...(displayName !== null && displayName !== before?.displayName && { displayName }),
    formattedName: optional(name.formatted),
    honorificPrefix: optional(name.honorificPrefix),
    givenName: optional(name.givenName),
    middleName: optional(name.middleName),
    familyName: optional(name.familyName),
    honorificSuffix: optional(name.honorificSuffix),
    nickName: optional(user.nickName),
    profileUrl: optional(user.profileUrl),
    title: optional(user.title),
    userType: optional(user.userType),
    preferredLanguage: optional(user.preferredLanguage),
    locale: optional(user.locale),
    timeZone: optional(user.timezone),
    emails: emailsOf(itemsOf(user.emails), before?.emails ?? [], now),
    phones: phonesOf(itemsOf(user.phoneNumbers), before?.phones ?? [], homeOf(user)),
    contacts: itemsOf(user.ims).map((item, at) => ({
      type: 'other',
      ...holdingOf(item, `ims[${at}]`),
    })),
    ...picturesOf(itemsOf(user.photos), acceptance),
    addresses: itemsOf(user.addresses).map(({ streetAddress, ...rest }) => ({
      ...(rest as object),
      ...(typeof streetAddress === 'string' && { street: streetAddress }),
    })),
    entitlements: orNull(itemsOf(user.entitlements).map(holdingAt('entitlements'))),
    roles: itemsOf(user.roles).map(referenceAt('roles')),
    certificates: orNull(itemsOf(user.x509Certificates).map(holdingAt('x509Certificates'))),
  }
}

function acceptEnterprise(enterprise: JsonObject): PersonChange {
  const manager = optional(objectOf(enterprise.manager).value)
  return {
    employeeNumber: optional(enterprise.employeeNumber),
    costCenter: optional(enterprise.costCenter),
    company: optional(enterprise.organization),
    division: optional(enterprise.division),
    department: optional(enterprise.department),
    managerId: manager === null ? null : managerOf(manager),
  }
}

function managerOf(text: string) {
  const id = personIdFrom(text)
  if (id) return id
  throw new ScimError(
    'invalidValue',
    `${enterpriseUserUrn}:manager.value: ${JSON.stringify(text)} is the id of nobody.`,
  )
}

function acceptKith(kith: JsonObject, before: Before | undefined): PersonChange {
  const has = (name: string) => kith[name] !== undefined
  const flags = objectOf(kith.flags)
  return {
    ...(has('type') && { type: kith.type as Person['type'] }),
    pronouns: optional(kith.pronouns),
    initials: optional(kith.initials),
    gender: optional(kith.gender),
    birthDate: optional(kith.birthDate),
    location: optional(kith.location),
    bio: optional(kith.bio),
    notes: optional(kith.notes),
    interests: (kith.interests as Person['interests'] | undefined) ?? [],
    team: kith.team === undefined ? null : referenceAt('team')(objectOf(kith.team)),
    role: kith.role === undefined ? null : referenceAt('role')(objectOf(kith.role)),
    licenses: itemsOf(kith.licenses).map(referenceAt('licenses')),
    workFrom: optional(kith.workFrom),
    ...(has('activation') && { activation: kith.activation as Person['activation'] }),
    ...(has('loginEnabled') && { loginEnabled: kith.loginEnabled as boolean }),
    socialLinks: objectOf(kith.socialLinks) as Person['socialLinks'],
    extraInfo: objectOf(kith.extraInfo) as Person['extraInfo'],
    acceptsDirectMessages: flagOf(kith.acceptsDirectMessages),
    directMessagesFrom: word<Person['directMessagesFrom']>(kith.directMessagesFrom),
    acceptsMeetingRequests: word<Person['acceptsMeetingRequests']>(kith.acceptsMeetingRequests),
    acceptsCallsFromStrangers: flagOf(kith.acceptsCallsFromStrangers),
    colorMode: word<Person['colorMode']>(kith.colorMode),
    emailNotifications: flagOf(kith.emailNotifications),
    quotaLimit: typeof kith.quotaLimit === 'number' ? kith.quotaLimit : null,
    ...(has('flags') && { flags: { ...(before?.flags ?? memberFlags), ...flags } }),
    audiences: objectOf(kith.audiences) as Person['audiences'],
  }
}

const memberFlags: Person['flags'] = {
  ...{ owner: false, administrator: false, roomAdministrator: false, guest: false },
  ...{ plainUser: true, ldap: false, sso: false },
}

/** What `active` says, unless the finer word is another than it was. */
function lifecycleOf(
  active: Json | undefined,
  word: Json | undefined,
  before: Person['lifecycle'] | undefined,
): PersonChange {
  if (word !== undefined && word !== before) {
    if (word === 'deleted') {
      throw new ScimError('invalidValue', `${kithUserUrn}:lifecycle: DELETE deletes a User.`)
    }
    return { lifecycle: word as Person['lifecycle'] }
  }
  const lives = before === undefined || before === 'active' || before === 'invited'
  if (active === false && lives) return { lifecycle: 'suspended' }
  return active === true && !lives ? { lifecycle: 'active' } : {}
}

// Lists.

function emailsOf(
  items: readonly JsonObject[],
  before: readonly Email[],
  now: string,
): readonly Email[] & Person['emails'] {
  const taken = new Set<string>()
  return items.map((item, at) => {
    const { value, display, type, primary } = holdingOf(item, `emails[${at}]`)
    const made = newEmail(value, now, { ...(type && { type }), primary: primary ?? false })
    const next = { ...made, ...(display !== undefined && { display }) }
    const there = before.find((one) => one.normalized === made.normalized && !taken.has(one.id))
    if (!there) return next
    taken.add(there.id)
    const { id, verified, createdAt, updatedAt } = there
    const kept = { ...next, id, verified, createdAt, updatedAt }
    return sameItem(kept, there) ? there : { ...kept, updatedAt: now }
  })
}

function phonesOf(
  items: readonly JsonObject[],
  before: readonly Phone[],
  home: string | undefined,
): Person['phones'] {
  const taken = new Set<string>()
  return items.map((item, at) => {
    const { value, display, type, primary = false } = holdingOf(item, `phoneNumbers[${at}]`)
    const there = before.find((one) => one.value === value && !taken.has(one.id))
    if (!there) {
      const made = newPhone(value, { primary, ...(type && { type }), ...(home && { home }) })
      return { ...made, ...(display !== undefined && { display }) }
    }
    taken.add(there.id)
    const { type: _, display: __, ...rest } = there
    return {
      ...rest,
      primary,
      ...(type !== undefined && { type }),
      ...(display !== undefined && { display }),
    }
  })
}

/** The country in which a number without a country's code is: of the first address, where that is a code. */
function homeOf(user: JsonObject): string | undefined {
  const country = itemsOf(user.addresses)[0]?.country
  return typeof country === 'string' && /^[A-Za-z]{2}$/.test(country)
    ? country.toUpperCase()
    : undefined
}

function picturesOf(items: readonly JsonObject[], { before, portrait }: Acceptance): PersonChange {
  const all = items.map((item, at) => holdingOf(item, `photos[${at}]`)) as readonly ScimPhoto[]
  // Ours opens for this client alone: it is told anew to each, and never put down.
  const photos = all.filter(({ value }) => !(value === portrait && isHostedAddress(value)))
  const foreign = photos.findIndex(({ value }) => isHostedAddress(value))
  if (foreign >= 0) throw new ScimError('invalidValue', `photos[${foreign}].value: ${notToBeKept}`)
  const portraits = all.filter(isPortrait)
  const url = (portraits.find(({ primary }) => primary) ?? portraits[0])?.value
  const { scim: _, ...others } = before?.extensions ?? {}
  const extensions = photos.length > 0 ? { ...others, scim: { photos } } : others
  if (url === undefined) return { avatar: null, extensions }
  const known = portrait === url ? before?.avatar : undefined
  return { avatar: known ?? { id: crypto.randomUUID(), url }, extensions }
}

function holdingOf(item: JsonObject, place: string): Holding {
  const { value, display, type, primary } = item
  return {
    value: required(value, `${place}.value`),
    ...(typeof display === 'string' && { display }),
    ...(typeof type === 'string' && { type }),
    ...(primary === true && { primary }),
  }
}

const holdingAt = (place: string) => (item: JsonObject, at: number) =>
  holdingOf(item, `${place}[${at}]`)

const referenceAt =
  (place: string) =>
  (item: JsonObject): Reference => {
    const { value, display, ...rest } = holdingOf(item, place)
    return { id: value, ...(display !== undefined && { name: display }), ...rest }
  }

const sameItem = (one: object, other: object): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())

// Values.

const objectOf = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject

const itemsOf = (value: Json | undefined): readonly JsonObject[] =>
  (value ?? []) as readonly JsonObject[]

const optional = (value: Json | undefined): string | null =>
  typeof value === 'string' ? value : null

/** One of a few; the record says no to others. */
const word = <Word extends string | undefined>(value: Json | undefined) =>
  optional(value) as NonNullable<Word> | null

const flagOf = (value: Json | undefined): boolean | null =>
  typeof value === 'boolean' ? value : null

const orNull = <Item>(items: Item[]): Item[] | null => (items.length > 0 ? items : null)

function required(value: Json | undefined, place: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ScimError('invalidValue', `${place} is required.`)
}

// Groups.

/** Who is in a Group now, by id. */
export interface Inside {
  readonly people: readonly string[]
  readonly groups: readonly string[]
  readonly owners: readonly string[]
}

export const empty: Inside = { people: [], groups: [], owners: [] }

/** What a whole Group, as `canonicalResource` gives it, makes of what is there. @throws ScimError invalidValue */
export function acceptGroup(
  group: JsonObject,
  inside: Inside,
  named: ReadonlySet<string>,
): GroupChange & { readonly name: string } {
  const members = itemsOf(group.members)
  const isSubgroup = (item: JsonObject) =>
    folded(String(item.type ?? '')) === 'group' ||
    /\/Groups\/[^/]+$/.test(String(item.$ref ?? '')) ||
    inside.groups.includes(String(item.value ?? ''))
  const idsOf = (items: readonly JsonObject[], place: string) =>
    items.map((item) => required(item.value, `${place}.value`).toLowerCase())
  const kith = objectOf(group[kithGroupUrn])
  return {
    name: required(group.displayName, 'displayName'),
    externalId: optional(group.externalId),
    members: influx(
      inside.people,
      idsOf(
        members.filter((item) => !isSubgroup(item)),
        'members',
      ),
    ) as GroupChange['members'] & object,
    subgroups: influx(inside.groups, idsOf(members.filter(isSubgroup), 'members')),
    ...(named.has(kithGroupUrn) && {
      description: optional(kith.description),
      owners: influx(
        inside.owners,
        idsOf(itemsOf(kith.owners), 'owners'),
      ) as GroupChange['owners'] & object,
    }),
  }
}

/** From those who are there to those who are to be. */
function influx(before: readonly string[], after: readonly string[]) {
  const [there, wanted] = [new Set(before), new Set(after)]
  return {
    joining: [...wanted].filter((id) => !there.has(id)),
    leaving: [...there].filter((id) => !wanted.has(id)),
  }
}
