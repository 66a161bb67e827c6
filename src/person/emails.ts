import type { Email } from './person.ts'
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
