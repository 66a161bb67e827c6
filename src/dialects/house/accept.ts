import { isDeepStrictEqual } from 'node:util'
import Type, { type Static } from 'typebox'
import type { PersonChange } from '../../directory/amend.ts'
import type { Admission } from '../../directory/registrar.ts'
import { Failure } from '../../failure.ts'
import { isEmail, newEmail } from '../../person/emails.ts'
import type { Email, Person, Phone } from '../../person/person.ts'
import { newPhone } from '../../person/phones.ts'
import { canonicalZone } from '../../person/zones.ts'
import { input } from '../input.ts'
import { isObject, mergePatch } from './merge-patch.ts'
import { HousePerson, type SaidEmail, type SaidPhone, writable } from './schema.ts'

export interface Acceptance {
  /** Nobody for a new person. */
  readonly before?: Person
  /** The person as the writer is shown them. */
  readonly shown?: Readonly<Record<string, unknown>>
  /** An instant. */
  readonly now: string
}

const readFields = input(Type.Partial(Type.Object(writable, { additionalProperties: false })))

/** What everybody has, as it is without anything in it. */
const emptied: Readonly<Record<string, unknown>> = {
  ...{
    emails: [],
    phones: [],
    addresses: [],
    contacts: [],
    interests: [],
    roles: [],
    licenses: [],
  },
  ...{ socialLinks: {}, extraInfo: {}, audiences: {} },
}

/** What nobody can be without. */
const lasting = [
  'userName',
  'displayName',
  'type',
  'lifecycle',
  'activation',
  'loginEnabled',
  'flags',
]

/**
 * What a merge patch (RFC 7396) makes of the record. What is told but can't be written may come back as it was.
 * @throws invalid with the field
 */
export function changeFrom(patch: unknown, acceptance: Acceptance): PersonChange {
  const { shown = {} } = acceptance
  const sent = fieldsOf(patch)
  const names = Object.keys(sent).filter((name) => isToBeWritten(name, sent[name], acceptance))
  const whole = mergePatch(shown, sent) as Readonly<Record<string, unknown>>
  const removed = names.filter((name) => whole[name] === undefined)
  const vital = removed.find((name) => lasting.includes(name))
  if (vital) throw new Failure('invalid', `${vital}: can not be removed`)
  const kept = names.filter((name) => whole[name] !== undefined)
  const fields = readFields(Object.fromEntries(kept.map((name) => [name, whole[name]])))
  return {
    ...Object.fromEntries(removed.map((name) => [name, emptied[name] ?? null])),
    ...(fields as PersonChange),
    ...acceptZones(fields, shown),
    ...(fields.emails && { emails: acceptEmails(fields.emails as SaidEmails, acceptance) }),
    ...(fields.phones && { phones: acceptPhones(fields.phones as SaidPhones, acceptance) }),
    ...acceptPictures(fields, acceptance),
  }
}

/** @throws invalid with the field */
export function admissionFrom(body: unknown, acceptance: Acceptance): Admission {
  const sent = fieldsOf(body)
  const strange = Object.keys(sent).find((name) => !(name in writable))
  if (strange !== undefined) throw notWritten(strange)
  const { userName, ...change } = changeFrom(sent, acceptance)
  if (typeof userName !== 'string') throw new Failure('invalid', 'userName: is missing')
  const said = Object.entries(change).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(said), userName }
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (isObject(body)) return body
  throw new Failure('invalid_body', 'The body must be a JSON object')
}

/** What comes back as it was told is left alone, unless it was their organization's word and is to be theirs. */
function isToBeWritten(name: string, value: unknown, { before, shown = {} }: Acceptance): boolean {
  const asShown = value !== null && isDeepStrictEqual(value, shown[name])
  if (asShown && (!(name in writable) || Object.hasOwn(before ?? {}, name))) return false
  if (name in writable) return true
  throw notWritten(name)
}

const notWritten = (name: string): Failure =>
  new Failure(
    'invalid',
    name in HousePerson.properties
      ? `${name}: can not be written here`
      : `${name.slice(0, 100)}: there is no such field`,
  )

type Fields = ReturnType<typeof readFields>
type SaidEmails = readonly Static<typeof SaidEmail>[]
type SaidPhones = readonly Static<typeof SaidPhone>[]

/** @throws invalid */
export function acceptZones(
  { timeZone }: { readonly timeZone?: unknown },
  shown: Readonly<Record<string, unknown>> = {},
): { timeZone?: string } {
  if (typeof timeZone !== 'string' || timeZone === shown.timeZone) return {}
  if (canonicalZone(timeZone)) return { timeZone }
  throw new Failure('invalid', 'timeZone: must be an IANA time zone such as Europe/Amsterdam')
}

/** One that has an id, or is there already, stays the one it is. */
function acceptEmails(said: SaidEmails, { before, now }: Acceptance): Person['emails'] {
  const there = before?.emails ?? []
  const taken = new Set<Email>()
  return said.map(({ id, value, display, type, primary = false, verified }, at) => {
    const fresh = newEmail(value, now, { primary, verified: verified ?? false, ...withType(type) })
    const old = there.find(
      (one) => !taken.has(one) && (id ? one.id === id : one.normalized === fresh.normalized),
    )
    if (id !== undefined && !old) throw unknownItem('emails', at, id)
    if (old?.value !== value && !isEmail(value)) {
      throw new Failure('invalid', `emails.${at}.value: must be an e-mail address`)
    }
    const made = { ...fresh, ...withDisplay(display) }
    if (!old) return made
    taken.add(old)
    const kept = verified ?? (old.value === value && old.verified)
    const next = { ...made, id: old.id, createdAt: old.createdAt, verified: kept }
    const same = isDeepStrictEqual({ ...next, updatedAt: old.updatedAt }, { ...old })
    return same ? old : next
  })
}

/** The same of telephone numbers. */
function acceptPhones(said: SaidPhones, { before }: Acceptance): Person['phones'] {
  const there = before?.phones ?? []
  const taken = new Set<Phone>()
  return said.map(({ id, value, display, type, primary = false, verified }, at) => {
    const old = there.find((one) => !taken.has(one) && (id ? one.id === id : one.value === value))
    if (id !== undefined && !old) throw unknownItem('phones', at, id)
    const fresh = newPhone(value, { primary, verified: verified ?? false, ...withType(type) })
    const made = { ...fresh, ...withDisplay(display) }
    if (!old) return made
    taken.add(old)
    if (old.value !== value) return { ...made, id: old.id }
    // Its normal forms stay: a national number was read with a country that is not known any more.
    const { display: _display, type: _type, ...rest } = old
    const next = { ...rest, primary, verified: verified ?? old.verified }
    return { ...next, ...withDisplay(display), ...withType(type) }
  })
}

const withType = (type: string | undefined) => (type === undefined ? {} : { type })
const withDisplay = (display: string | undefined) => (display === undefined ? {} : { display })

const unknownItem = (list: string, at: number, id: string): Failure =>
  new Failure('invalid', `${list}.${at}.id: there is none with the id ${id}`)

/** A picture that is kept elsewhere, by its address; one that is kept here is put at its own path. */
function acceptPictures(fields: Fields, { before, shown = {} }: Acceptance): PersonChange {
  const accepted = (['avatar', 'cover'] as const).flatMap((kind) => {
    const sent = fields[kind] as { readonly id?: string; readonly url: string } | undefined
    if (!sent) return []
    if (isDeepStrictEqual(sent, shown[kind])) return [[kind, before?.[kind]] as const]
    // An id that is none of the sender's own words is that of the picture whose place this one takes.
    const { id: former } = (shown[kind] ?? {}) as { readonly id?: string }
    const id = sent.id === undefined || sent.id === former ? crypto.randomUUID() : sent.id
    return [[kind, { id, url: sent.url }] as const]
  })
  return Object.fromEntries(accepted)
}
