import type { PersonChange } from '../../directory/amend.ts'
import type { Admission } from '../../directory/registrar.ts'
import { Failure } from '../../failure.ts'
import { isEmail, newEmail } from '../../person/emails.ts'
import type { OrganizationId, PersonId } from '../../person/ids.ts'
import type { Email, Person, Phone, Reference } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { present } from '../present.ts'
import { decodeOrganizationId, decodePersonId, decodeReferenceId } from './ids.ts'
import { addressFrom, emailsFrom, phoneFrom, phonesFrom } from './project.ts'
import type { WebexPerson, WebexWrite } from './schema.ts'

/** What a body is taken over into. */
export interface Acceptance {
  /** Nothing for a new person. */
  readonly before?: Person
  /** What the writer is shown of the person now. */
  readonly shown?: WebexPerson
  /** Where the person is or comes to be. */
  readonly organizationId: OrganizationId
  /** An instant. */
  readonly now: string
}

/** What a PUT without them removes where the switch `keepOmitted` is off. An account always has an address. */
const emptied: WebexWrite = {
  phoneNumbers: null,
  nickName: null,
  firstName: null,
  lastName: null,
  avatar: null,
  roles: null,
  licenses: null,
  department: null,
  manager: null,
  title: null,
  addresses: null,
}

type Writable = Pick<
  PersonChange,
  | 'emails'
  | 'phones'
  | 'displayName'
  | 'nickName'
  | 'givenName'
  | 'familyName'
  | 'avatar'
  | 'roles'
  | 'licenses'
  | 'department'
  | 'managerId'
  | 'title'
  | 'addresses'
  | 'timeZone'
>

/** The change that a PUT asks for. What the vendor's servers make is passed over. @throws invalid, forbidden */
export const changeFrom = (
  body: WebexWrite,
  keepOmitted: boolean,
  acceptance: Acceptance,
): PersonChange => changesOf(keepOmitted ? body : { ...emptied, ...body }, acceptance)

/** A new person, known by the first address. @throws invalid, forbidden */
export function admissionFrom(body: WebexWrite, acceptance: Acceptance): Admission {
  const given = Object.entries(changesOf(body, acceptance)).filter(([, value]) => value !== null)
  const change: Omit<Admission, 'userName'> = Object.fromEntries(given)
  return { ...change, userName: change.emails?.[0]?.value ?? '' }
}

function changesOf(body: WebexWrite, acceptance: Acceptance): PersonChange {
  refuseHomeless(body)
  refuseOtherOrganization(body, acceptance)
  const { before, shown } = acceptance
  return {
    ...present<Writable>({
      emails: body.emails === undefined ? undefined : acceptEmails(body.emails ?? [], acceptance),
      phones: body.phoneNumbers === undefined ? undefined : acceptPhones(body, before),
      displayName: textOf(body.displayName),
      nickName: textOf(body.nickName),
      givenName: textOf(body.firstName),
      familyName: textOf(body.lastName),
      avatar: acceptAvatar(body.avatar, shown),
      roles: acceptReferences('ROLE', 'roles', body.roles, before),
      licenses: acceptReferences('LICENSE', 'licenses', body.licenses, before),
      department: textOf(body.department),
      managerId: acceptManager(body, shown),
      title: textOf(body.title),
      addresses: acceptAddresses(body.addresses, before),
      timeZone: textOf(body.timezone),
    }),
    ...acceptLogin(body.loginEnabled, before),
  }
}

/** What the vendor keeps of its telephony and its meeting sites has no place in the record. */
function refuseHomeless(body: WebexWrite): void {
  const field = (['extension', 'locationId', 'siteUrls'] as const).find(
    (name) => (body[name] ?? '').length > 0,
  )
  if (field) throw new Failure('invalid', `${field}: can not be kept here.`)
}

function refuseOtherOrganization({ orgId }: WebexWrite, { organizationId }: Acceptance): void {
  if (!orgId) return
  const id = decodeOrganizationId(orgId)
  if (!id) throw new Failure('invalid', 'orgId: that is no id of an organization.')
  if (id !== organizationId) throw new Failure('forbidden', 'orgId: that is another organization.')
}

/** Nothing where nothing was said; null where something is to be removed. */
const textOf = (text: string | null | undefined): string | null | undefined =>
  text === undefined ? undefined : text || null

/** The first is the primary one. An address that is there already stays the one it is. */
function acceptEmails(
  values: readonly string[],
  { before, now }: Acceptance,
): Person['emails'] | undefined {
  const there = before?.emails ?? []
  if (same(values, emailsFrom(there))) return undefined
  const made = new Map<string, Email>()
  for (const [at, value] of values.entries()) {
    const fresh = newEmail(value, now)
    const old = there.find(({ normalized }) => normalized === fresh.normalized)
    if (!old && !isEmail(value)) {
      throw new Failure('invalid', `emails.${at}: ${JSON.stringify(value)} is no e-mail address.`)
    }
    const primary = at === 0
    // Two ways of writing one address are one.
    if (!made.has(fresh.normalized)) made.set(fresh.normalized, emailOf(old, fresh, primary))
  }
  return [...made.values()]
}

function emailOf(old: Email | undefined, fresh: Email, primary: boolean): Email {
  if (!old) return { ...fresh, primary }
  const { value, updatedAt } = fresh
  return old.value === value && old.primary === primary
    ? old
    : { ...old, value, primary, updatedAt }
}

/** Numbers of kinds that the vendor does not show stay: whoever writes can't have known of them. */
function acceptPhones(
  { phoneNumbers, addresses }: WebexWrite,
  before: Person | undefined,
): Person['phones'] | undefined {
  const there = before?.phones ?? []
  const given = (phoneNumbers ?? []).map(({ type, value, primary }) => ({
    ...{ type: type ?? 'work', value, primary },
  }))
  const plain = given.map(({ type, value }) => ({ type, value }))
  const marks = given.some(({ primary }) => primary !== undefined && primary !== null)
  if (!marks && same(plain, phonesFrom(there))) return undefined
  const home = countryOf(addresses?.[0]?.country ?? before?.addresses[0]?.country)
  const taken = new Set<Phone>()
  const numbers = given.map(({ type, value, primary }): Phone => {
    const old = there.find((one) => !taken.has(one) && same(phoneFrom(one), { type, value }))
    if (!old) {
      return newPhone(value, { type, primary: primary ?? false, ...(home && { home }) })
    }
    taken.add(old)
    return { ...old, primary: primary ?? old.primary }
  })
  return [...numbers, ...there.filter((one) => !phoneFrom(one))]
}

/** The country in which a number without a country's code is. */
const countryOf = (text: string | null | undefined): string | undefined =>
  text && /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : undefined

function acceptAvatar(
  url: string | null | undefined,
  shown: WebexPerson | undefined,
): PersonChange['avatar'] {
  if (url === undefined || (url && url === shown?.avatar)) return undefined
  return url ? { id: crypto.randomUUID(), url } : null
}

/** Each may hold several ids, as in the vendor's example. */
function acceptReferences(
  kind: 'ROLE' | 'LICENSE',
  field: 'roles' | 'licenses',
  wireIds: readonly string[] | null | undefined,
  before: Person | undefined,
): Reference[] | undefined {
  if (wireIds === undefined) return undefined
  const all = (wireIds ?? []).flatMap((wireId) => wireId.split(',')).map((part) => part.trim())
  const ids = all.filter(Boolean).map((wireId) => {
    const id = decodeReferenceId(kind, wireId)
    if (id === undefined) throw new Failure('invalid', `${field}: that is an id of something else.`)
    return id
  })
  return [...new Set(ids)].map((id) => before?.[field].find((one) => one.id === id) ?? { id })
}

/** `manager` is a name in answers. Here it is an id, or the name that stands there already; as shown it changes nothing. */
function acceptManager(
  { manager, managerId }: WebexWrite,
  shown: WebexPerson | undefined,
): PersonId | null | undefined {
  if (managerId !== undefined && (managerId || undefined) === shown?.managerId) return undefined
  if (managerId !== undefined) return managerId ? personOf(managerId, 'managerId') : null
  if (manager === undefined || (manager && manager === shown?.manager)) return undefined
  return manager ? personOf(manager, 'manager') : null
}

function personOf(wireId: string, field: string): PersonId {
  const id = decodePersonId(wireId)
  if (id) return id
  throw new Failure('invalid', `${field}: that is no id of a person.`)
}

/** An address that is sent as it was given keeps what the vendor has no words for. */
function acceptAddresses(
  addresses: WebexWrite['addresses'],
  before: Person | undefined,
): Person['addresses'] | undefined {
  if (addresses === undefined) return undefined
  return (addresses ?? []).map((given) => {
    const { streetAddress: street, type, country, locality, region, postalCode } = given
    const made = Object.fromEntries(
      Object.entries({ type, street, locality, region, postalCode, country }).filter(
        ([, value]) => value,
      ),
    ) as Person['addresses'][number]
    return before?.addresses.find((one) => same(addressFrom(one), addressFrom(made))) ?? made
  })
}

/** Whoever is suspended can't log in either, and is told so in the same word. */
function acceptLogin(
  flag: WebexWrite['loginEnabled'],
  before: Person | undefined,
): Pick<PersonChange, 'loginEnabled' | 'lifecycle'> {
  if (flag === undefined || flag === null) return {}
  const enabled = String(flag) === 'true'
  const suspended = before?.lifecycle === 'suspended'
  if (enabled === ((before?.loginEnabled ?? true) && !suspended)) return {}
  return { loginEnabled: enabled, ...(enabled && suspended && { lifecycle: 'active' }) }
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
