import type { Email, Person } from './person.ts'
import { folded, hasControls } from './text.ts'

/** The form in which two addresses are the same: without case, the domain in its ASCII form where it has one. */
function normalizedEmail(value: string): string {
  const at = value.lastIndexOf('@')
  const domain = value.slice(at + 1)
  const parsed = URL.parse(`http://${domain}/`)?.hostname
  return `${folded(value.slice(0, at))}@${parsed || folded(domain)}`
}

/** Whether mail could be sent there: one `@`, something on both sides, no blanks or control characters. */
export const isEmail = (text: string): boolean =>
  text.length <= 320 &&
  /^[^\s@<>"]+@[^\s@<>"/?#.]+(?:\.[^\s@<>"/?#.]+)+$/u.test(text) &&
  !hasControls(text)

/** A new address entity; `now` is an instant. */
export function newEmail(
  value: string,
  now: string,
  {
    type,
    primary = false,
    verified = false,
  }: Partial<Pick<Email, 'type' | 'primary' | 'verified'>> = {},
): Email {
  return {
    id: crypto.randomUUID(),
    value,
    normalized: normalizedEmail(value),
    ...(type !== undefined && { type }),
    primary,
    verified,
    createdAt: now,
    updatedAt: now,
  }
}

/** The address to write to: the primary one, else the first. */
export const primaryOf = <Item extends { readonly primary: boolean }>(
  items: readonly Item[] | undefined,
): Item | undefined => items?.find((item) => item.primary) ?? items?.[0]

/** The only address is the one to write to. */
export function withSolePrimary(emails: Person['emails']): Person['emails'] {
  const [only, ...others] = emails
  return only && others.length === 0 && !only.primary ? [{ ...only, primary: true }] : emails
}

/**
 * The addresses where `value` is the one to write to from now on, at the instant `now`: one that is there already comes
 * to be primary, any other takes the place of the one that was. What is written anew is not verified.
 */
export function withPrimaryEmail(
  emails: readonly Email[],
  value: string,
  now: string,
): Person['emails'] {
  const made = newEmail(value, now, { primary: true })
  const there = emails.find(({ normalized }) => normalized === made.normalized)
  const place = there ?? primaryOf(emails)
  if (!place) return [made]
  const { type } = place
  const next = there ? respelt(there, value, now) : { ...made, ...(type !== undefined && { type }) }
  return emails.map((one) => (one === place ? { ...next, primary: true } : notPrimary(one)))
}

const respelt = (email: Email, value: string, now: string): Email =>
  email.value === value ? email : { ...email, value, verified: false, updatedAt: now }

const notPrimary = <Item extends { readonly primary: boolean }>(item: Item): Item =>
  item.primary ? { ...item, primary: false } : item
