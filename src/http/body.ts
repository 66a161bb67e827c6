import type { IncomingMessage } from 'node:http'
import { Failure } from '../failure.ts'
import type { Intake } from './bytes.ts'

/** Bytes. A form holds no more than a key. */
const longest = { json: 1_048_576, form: 65_536 }

/** Objects and lists in each other. What is made of a body goes through it by calling itself. */
const deepest = 64

/**
 * The body of a request, parsed; undefined where there is none. `types` are the media types that are taken.
 * @throws unsupported_media_type, too_large or invalid_body, saying what would be right; too_many_requests as `intake` does
 */
export async function readBody(
  raw: IncomingMessage,
  types: readonly string[],
  form: 'json' | 'form',
  intake: Intake,
  senderId: string,
): Promise<unknown> {
  const { 'content-type': type, 'content-encoding': coding } = raw.headers
  const bytes = await intake.bytes(raw, longest[form], senderId)
  if (bytes.length === 0) return undefined
  const mediaType = type?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!types.includes(mediaType)) {
    const given =
      mediaType === '' ? 'there is no Content-Type' : `this is ${mediaType.slice(0, 100)}`
    throw new Failure('unsupported_media_type', `The body must be ${types.join(' or ')}; ${given}.`)
  }
  if (coding !== undefined && coding !== 'identity') {
    throw new Failure('unsupported_media_type', 'A body with a Content-Encoding is not read.')
  }
  const text = textOf(bytes)
  return form === 'form' ? fieldsOf(text) : parsed(text)
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Failure('invalid_body', 'The body is not UTF-8.')
  }
}

/** @throws invalid_body for a field that is there twice (RFC 6749 §3.2) */
function fieldsOf(text: string): Record<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) throw new Failure('invalid_body', `The form has "${name}" twice.`)
    fields.set(name, value)
  }
  return Object.fromEntries(fields)
}

function parsed(text: string): unknown {
  if (depthOf(text) > deepest) {
    throw new Failure(
      'invalid_body',
      `The body has more than ${deepest} objects and lists in each other.`,
    )
  }
  try {
    // A name that stands for an object's prototype must not become one.
    return JSON.parse(
      text,
      text.includes('__proto__') || text.includes('\\u') ? refuseOdd : undefined,
    )
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('invalid_body', `The body is no JSON: ${(error as Error).message}`)
  }
}

/** What is no text could not be kept as it was sent: half a character has no UTF-8, and U+0000 ends a text in some stores. */
function refuseOdd(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new Failure('invalid_body', 'The body has a member "__proto__".')
  if (!isText(name) || (typeof value === 'string' && !isText(value))) {
    const place = isText(name) && name !== '' ? `: ${name.slice(0, 100)}` : ''
    throw new Failure('invalid_body', `The body has a text with U+0000 or half a character${place}`)
  }
  return value
}

const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000')

/** How deep objects and lists lie in each other, whether or not it is JSON; in one pass, whatever it is. */
function depthOf(text: string): number {
  let depth = 0
  let most = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at]
    if (unit === '"') at = endOfText(text, at)
    else if (unit === '{' || unit === '[') depth += 1
    else if (unit === '}' || unit === ']') depth -= 1
    most = Math.max(most, depth)
  }
  return most
}

/** Where the text that begins at `start` ends: at its second quotation mark, or where everything does. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
