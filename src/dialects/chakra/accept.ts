import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { isEmail, newEmail, primaryOf } from '../../person/emails.ts'
import type { Email, Person, Phone, Reference } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { present } from '../present.ts'
import type { ChakraPerson, ChakraUpdate, WrittenEmail } from './schema.ts'

/** What a body is taken over into. */
export interface Acceptance {
  readonly before: Person
  /** What the writer is shown of the person now. */
  readonly shown: ChakraPerson
  /** An instant. */
  readonly now: string
  /** The switch: times are in seconds. */
  readonly epochSeconds: boolean
}

type Writable = Pick<
  PersonChange,
  | 'emails'
  | 'phones'
  | 'userName'
  | 'givenName'
  | 'familyName'
  | 'middleName'
  | 'displayName'
  | 'gender'
  | 'birthDate'
  | 'bio'
  | 'avatar'
  | 'cover'
  | 'timeZone'
  | 'data'
  | 'onboardingData'
  | 'team'
  | 'role'
>

/** The change that an update asks for; null and "" remove. @throws invalid, naming the field */
export function changeFrom(body: ChakraUpdate, acceptance: Acceptance): PersonChange {
  const { before, shown } = acceptance
  refuseDeletion(body, shown)
  return {
    ...present<Writable>({
      emails: acceptEmails(body, acceptance),
      phones: acceptPhones(body, before),
      userName: textOf(body.username),
      givenName: textOf(body.firstName),
      familyName: textOf(body.lastName),
      middleName: textOf(body.middleName),
      displayName: textOf(body.displayName),
      gender: textOf(body.gender),
      birthDate: acceptBirthDate(body.dob, acceptance),
      bio: textOf(body.bio),
      avatar: acceptPicture(body.profileImageUrl, shown.profileImageUrl),
      cover: acceptPicture(body.coverImageUrl, shown.coverImageUrl),
      timeZone: textOf(body.timezone),
      data: body.data,
      onboardingData: body.onboardingData,
      team: acceptReference(body.team, before.team),
      role: acceptReference(body.role, before.role),
    }),
    ...acceptActive(body.isActive, before),
  }
}

/** Nothing where nothing was said; null where something is to be removed. */
const textOf = (text: string | null | undefined): string | null | undefined =>
  text === undefined ? undefined : text || null

function refuseDeletion({ isDeleted }: ChakraUpdate, shown: ChakraPerson): void {
  if (isDeleted === undefined || isDeleted === null || isDeleted === shown.isDeleted) return
  throw new Failure('invalid', 'isDeleted: nobody is deleted by an update')
}

/** `emails` are all that there are to be; `primaryEmail` is one of them, or one more. */
function acceptEmails(
  { emails, primaryEmail }: ChakraUpdate,
  { before, now }: Acceptance,
): Person['emails'] | undefined {
  if (emails === undefined && !primaryEmail) return undefined
  const given = emails?.map((one) => (typeof one === 'string' ? { email: one } : one))
  const kept = emails === undefined ? before.emails : []
  const all = new Map(kept.map((one) => [one.normalized, one]))
  for (const one of [...(given ?? []), ...(primaryEmail ? [primaryEmail] : [])]) {
    const email = emailOf(one, before, now)
    all.set(email.normalized, {
      ...email,
      primary: all.get(email.normalized)?.primary ?? email.primary,
    })
  }
  const normalized = primaryEmail && newEmail(primaryEmail.email, now).normalized
  return marked([...all.values()], (one) => one.normalized === normalized)
}

/** An address that is there already stays the one it is, with what is said of it anew. */
function emailOf(given: WrittenEmail, { emails }: Person, now: string): Email {
  const fresh = newEmail(given.email, now)
  const old = emails.find(({ normalized }) => normalized === fresh.normalized)
  if (!old && !isEmail(given.email)) {
    throw new Failure('invalid', `emails: ${JSON.stringify(given.email)} is no e-mail address`)
  }
  const { type = old?.type, isVerified } = given
  const { type: _, ...base } = old ?? fresh
  const next: Email = {
    ...{ ...base, value: given.email, verified: isVerified ?? base.verified },
    ...(type && { type }),
  }
  return old && same(next, old) ? old : { ...next, updatedAt: now }
}

/** Numbers, all that there are to be; `primaryPhone` is one of them, or one more. */
function acceptPhones(
  { phones, primaryPhone }: ChakraUpdate,
  before: Person,
): Person['phones'] | undefined {
  if (phones === undefined && !primaryPhone) return undefined
  const values = phones ?? (phones === undefined ? before.phones.map(({ value }) => value) : [])
  const named = primaryPhone?.phone
  const all = named === undefined || values.includes(named) ? values : [...values, named]
  const taken = new Set<Phone>()
  const numbers = all.map((value) => {
    const old = before.phones.find((one) => one.value === value && !taken.has(one))
    if (old) taken.add(old)
    return phoneOf(old ?? newPhone(value), value === named ? primaryPhone : undefined)
  })
  return marked(numbers, ({ value }) => value === named)
}

function phoneOf(base: Phone, said: ChakraUpdate['primaryPhone']): Phone {
  if (!said) return base
  const { type: old, ...rest } = base
  const { type = old, isVerified } = said
  return { ...rest, verified: isVerified ?? base.verified, ...(type && { type }) }
}

/** The items with the primary one marked; as they are where it is the primary one already, or none is named. */
function marked<Item extends { readonly primary: boolean }>(
  items: Item[],
  isPrimary: (item: Item) => boolean,
): Item[] {
  const chosen = items.find(isPrimary)
  if (!chosen || chosen === primaryOf(items)) return items
  return items.map((item) =>
    item.primary === (item === chosen) ? item : { ...item, primary: item === chosen },
  )
}

function acceptBirthDate(
  dob: number | null | undefined,
  { shown, epochSeconds }: Acceptance,
): string | null | undefined {
  if (dob === undefined || dob === shown.dob) return undefined
  if (dob === null) return null
  const date = new Date(epochSeconds ? dob * 1000 : dob)
  const text = Number.isNaN(date.valueOf()) ? '' : date.toISOString()
  if (/^\d{4}-/.test(text)) return text.slice(0, 10)
  throw new Failure('invalid', 'dob: is no time of the years 1000 to 9999')
}

function acceptPicture(
  url: string | null | undefined,
  shown: string | null,
): PersonChange['avatar'] {
  if (url === undefined || (url && url === shown)) return undefined
  return url ? { id: crypto.randomUUID(), url } : null
}

function acceptReference(
  id: string | null | undefined,
  before: Reference | undefined,
): Reference | null | undefined {
  if (id === undefined) return undefined
  if (!id) return null
  return id === before?.id ? before : { id }
}

/** Whoever was invited is not active either, and stays so. */
function acceptActive(
  isActive: boolean | null | undefined,
  { lifecycle }: Person,
): Pick<PersonChange, 'lifecycle'> {
  if (isActive === undefined || isActive === null || isActive === (lifecycle === 'active'))
    return {}
  return { lifecycle: isActive ? 'active' : 'suspended' }
}

const same = (one: object, other: object): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
