import { Failure } from '../../failure.ts'
import type { Holding, Picture, Reference } from '../../person/person.ts'

// What a cell, a JSON value or the right side of column=value says. A text is what a CSV cell would say;
// anything else comes from JSON. Everything here throws `invalid`, saying what would be right.

export const bad = (message: string): Failure => new Failure('invalid', message)

/** A value as it is shown in a message: short, and without anything that a terminal would act upon. */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? 'nothing').replace(
    /\p{Cc}/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return text.length > 80 ? `${text.slice(0, 76)}…"` : text
}

function refuseUnkept(text: string): void {
  if (!text.isWellFormed()) throw bad(`${shown(text)} holds half a character (a lone surrogate)`)
  if (text.includes('\0')) throw bad(`${shown(text)} holds U+0000, which can not be kept`)
}

/** As deep as a body may be that comes by HTTP. */
const deepest = 64

/** Looks through a value that came as JSON. */
function refuseInside(value: unknown, depth = 1): void {
  if (typeof value === 'string') refuseUnkept(value)
  if (typeof value !== 'object' || value === null) return
  if (depth > deepest) throw bad(`has more than ${deepest} objects and lists in each other`)
  for (const [name, one] of Object.entries(value)) {
    refuseUnkept(name)
    refuseInside(one, depth + 1)
  }
}

export function textOf(value: unknown, maxLength = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string') throw bad(`${shown(value)} is no text; write it in quotes`)
  refuseUnkept(value)
  if (value.length > maxLength) {
    throw bad(`has ${value.length} characters; at most ${maxLength} are kept`)
  }
  return value
}

/**
 * One text, several parted by `;`, or a list of values, which a text may also spell as JSON. Blanks around them
 * and empty ones do not count.
 */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') return [value]
  const spelt = value.trimStart().startsWith('[') ? spelling(value) : undefined
  if (Array.isArray(spelt)) return spelt
  return value
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

/** What a text spells as JSON, if anything. */
function spelling(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A text that spells an object as that object; anything else as it is. */
function spelt(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value
  const object = spelling(value)
  return typeof object === 'object' && object !== null ? object : value
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  '1': true,
  false: false,
  no: false,
  '0': false,
}

export function booleanOf(value: unknown): boolean {
  const truth = typeof value === 'boolean' ? value : truths[String(value).trim().toLowerCase()]
  if (truth === undefined) throw bad(`${shown(value)} is neither true nor false (nor yes or no)`)
  return truth
}

export function numberOf(value: unknown, { whole }: { readonly whole: boolean }): number {
  const text = typeof value === 'string' ? value.trim() : value
  const number =
    typeof text === 'string' && /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
  const fits = typeof number === 'number' && number >= 0 && Number.isFinite(number)
  if (!fits || (whole && !Number.isSafeInteger(number))) {
    throw bad(`${shown(value)} is no ${whole ? 'whole ' : ''}number of bytes such as 1048576`)
  }
  return number
}

/** One of `words`, written in any case. */
export function wordOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  const given = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  const word = words.find((one) => one.toLowerCase() === given)
  if (word === undefined) throw bad(`${shown(value)} is none of ${words.join(', ')}`)
  return word
}

/** An instant in UTC with milliseconds; a plain date is the beginning of that day in `timeZone`. */
export function instantOf(value: unknown, timeZone: string): string {
  const text = typeof value === 'string' ? value.trim() : ''
  try {
    const { epochMilliseconds } = /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? Temporal.PlainDate.from(text).toZonedDateTime(timeZone)
      : Temporal.Instant.from(text)
    return new Date(epochMilliseconds).toISOString()
  } catch {
    throw bad(
      `${shown(value)} is no instant such as 2026-05-01T09:00:00Z, nor a date such as 2026-05-01`,
    )
  }
}

export function dateOf(value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : ''
  try {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw bad('another form')
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString()
  } catch {
    throw bad(`${shown(value)} is no date such as 1990-12-31`)
  }
}

export function addressOf(value: unknown): string {
  const text = textOf(value, 2048).trim()
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw bad(`${shown(value)} is no address such as https://example.com/ada.png`)
  }
  return text
}

/** An object given as such, or written as JSON in a text. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const given = fromJson(value, 'an object such as {"key":"value"}')
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw bad(`${shown(value)} is no object such as {"key":"value"}`)
  }
  refuseInside(given)
  return given as Record<string, unknown>
}

/** A list given as such, or written as JSON in a text. */
export function arrayOf(value: unknown): readonly unknown[] {
  const given = fromJson(value, 'a list such as [{"type":"home"}]')
  if (!Array.isArray(given)) throw bad(`${shown(value)} is no list such as [{"type":"home"}]`)
  refuseInside(given)
  return given
}

/** What a text spells as JSON; anything else as it is. */
export function fromJson(value: unknown, wanted: string): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw bad(`${shown(value)} is not the JSON of ${wanted}`)
  }
}

/** The members of an object that may have no others; `null` ones are as good as absent. */
export function membersOf(
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  const members = objectOf(value)
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw bad(`there is no ${shown(unknown)} in it; it may have ${known.join(', ')}`)
  }
  return Object.fromEntries(Object.entries(members).filter(([, one]) => one !== null))
}

/** A reference given whole, or the one of `there` that has this id or name; else a new one of that name. */
export function referenceOf(value: unknown, there: readonly Reference[]): Reference {
  const given = spelt(value)
  if (typeof given !== 'string') {
    const { id, name, ...rest } = membersOf(given, ['id', 'name', 'type', 'primary'])
    return {
      id: textOf(id, 255),
      ...(name !== undefined && { name: textOf(name, 255) }),
      ...markOf(rest),
    }
  }
  const name = textOf(given, 255).trim()
  return (
    there.find((one) => one.id === name) ??
    there.find((one) => one.name === name) ?? { id: name, name }
  )
}

/** What kind it is, and whether it is the first of its kind. */
export const markOf = ({
  type,
  primary,
}: Readonly<Record<string, unknown>>): { type?: string; primary?: boolean } => ({
  ...(type !== undefined && { type: textOf(type, 64) }),
  ...(primary !== undefined && { primary: booleanOf(primary) }),
})

/** What somebody was given or holds: given whole, or by its value; then one that is there stays as it is. */
export function holdingOf(value: unknown, there: readonly Holding[], maxLength: number): Holding {
  if (typeof value !== 'object') {
    const text = textOf(value, maxLength).trim()
    return there.find((one) => one.value === text) ?? { value: text }
  }
  const given = membersOf(value, ['value', 'display', 'type', 'primary'])
  return {
    value: textOf(given.value, maxLength),
    ...(given.display !== undefined && { display: textOf(given.display, 255) }),
    ...markOf(given),
  }
}

/** A picture given whole, or by its address; one that is there already keeps its id. */
export function pictureOf(value: unknown, there: Picture | undefined): Picture {
  const given = spelt(value)
  if (typeof given === 'object') {
    const { id, url, hash } = membersOf(given, ['id', 'url', 'hash'])
    if (hash !== undefined) return hostedOf(id, hash, url)
    const address = addressOf(url)
    return { id: id === undefined ? idOf(address, there) : textOf(id, 255), url: address }
  }
  const url = addressOf(value)
  return { id: idOf(url, there), url }
}

/** One whose bytes are kept beside the database, which no file of people holds. */
function hostedOf(id: unknown, hash: unknown, url: unknown): Picture {
  if (url !== undefined) throw bad('a picture has either an address or a hash')
  if (typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) return { id: textOf(id, 255), hash }
  throw bad(`${shown(hash)} is no hash; it has 64 hexadecimal digits`)
}

const idOf = (url: string, there: Picture | undefined): string =>
  there && 'url' in there && there.url === url ? there.id : crypto.randomUUID()
