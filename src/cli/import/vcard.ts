// What a vCard file is made of (RFC 2426, RFC 6350, and as much of 2.1 as Outlook writes); what it means is in cards.ts.
import { after, type Line, type Place } from './lines.ts'
import type { UnreadRow } from './rows.ts'

/** One line of a card, unfolded: `item1.EMAIL;TYPE=work,pref:ada@example.com`. */
export interface Property {
  readonly line: number
  /** In lower case; empty for none. */
  readonly group: string
  /** In upper case. */
  readonly name: string
  /** By name in upper case, as they are written, but for quotes. */
  readonly params: ReadonlyMap<string, readonly string[]>
  /** As it is written, with what was escaped. */
  readonly value: string
}

export interface Card {
  /** Where it begins. */
  readonly line: number
  readonly properties: readonly Property[]
  readonly until: Place
}

/** Characters. A card whose end was forgotten would otherwise be read into memory with all that follow. */
const longestCard = 16 * 2 ** 20

const begins = /^\s*BEGIN\s*:\s*VCARD\s*$/i
const ends = /^\s*END\s*:\s*VCARD\s*$/i

/** A card that is being read. */
interface Open {
  readonly first: Line
  readonly unfolded: { readonly line: number; readonly parts: string[]; quoted: boolean }[]
  length: number
  utf8: boolean
}

/** The cards of a file, or why there is none to be had. */
export async function* cardsOf(lines: AsyncIterable<Line>): AsyncGenerator<Card | UnreadRow> {
  const state: State = { isAstray: false }
  let last: Line | undefined
  for await (const line of lines) {
    last = line
    const done = step(state, line)
    if (done) yield done
  }
  if (state.open && last) yield unended(state.open, last)
}

interface State {
  open?: Open | undefined
  /** Of several lines that belong to no card only the first is told. */
  isAstray: boolean
}

/** What the line makes complete, if anything. */
function step(state: State, line: Line): Card | UnreadRow | undefined {
  const { open } = state
  if (begins.test(line.text)) {
    state.open = { first: line, unfolded: [], length: 0, utf8: line.utf8 }
    state.isAstray = false
    return open && unended(open, line)
  }
  if (!open) return astray(state, line)
  if (ends.test(line.text)) {
    state.open = undefined
    return cardFrom(open, line)
  }
  take(open, line)
  return undefined
}

function astray(state: State, line: Line): UnreadRow | undefined {
  if (state.isAstray || line.text.trim() === '') return undefined
  state.isAstray = true
  return { line: line.number, until: after(line), reason: outside }
}

const outside = 'belongs to no card: one begins with BEGIN:VCARD'

/** The place is before `next`, which may begin another. */
const unended = ({ first }: Open, next: Line): UnreadRow => ({
  line: first.number,
  until: { bytes: next.until - Buffer.byteLength(next.text + next.end), lines: next.number - 1 },
  reason: 'begins a card that never ends: END:VCARD is missing',
})

function take(open: Open, line: Line): void {
  open.utf8 &&= line.utf8
  open.length += line.text.length
  if (open.length > longestCard) return
  const before = open.unfolded.at(-1)
  if (before && /^[ \t]/.test(line.text)) {
    before.parts.push(line.text.slice(1))
  } else if (before?.quoted && before.parts.at(-1)?.endsWith('=')) {
    before.parts.push(`${before.parts.pop()?.slice(0, -1)}${line.text}`)
  } else if (line.text.trim() !== '') {
    const quoted = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE/i.test(line.text)
    open.unfolded.push({ line: line.number, parts: [line.text], quoted })
  }
}

function cardFrom({ first, unfolded, length, utf8 }: Open, end: Line): Card | UnreadRow {
  const until = after(end)
  const line = first.number
  const refused = (reason: string, at = line): UnreadRow => ({ line: at, until, reason })
  if (!utf8) return refused('begins a card with bytes that are not UTF-8; save the file as UTF-8')
  if (length > longestCard) return refused('begins a card of more than 16 million characters')
  const properties: Property[] = []
  for (const { line: at, parts } of unfolded) {
    const property = propertyOf(parts.join(''), at)
    if (!property) return refused('is no property such as FN:Ada Byron', at)
    properties.push(property)
  }
  return { line, properties, until }
}

// Properties.

const head = /^(?:([\w-]+)\.)?([\w-]+)/
/** One parameter; of its values, those in quotes may have anything in them but quotes. */
const param = /^;\s*([\w-]+)\s*(?:=((?:"[^"]*"|[^",;:])*(?:,(?:"[^"]*"|[^",;:])*)*))?/

/** What an unfolded line says; undefined when it is none of a card. */
export function propertyOf(text: string, line: number): Property | undefined {
  const [start = '', group = '', name = ''] = head.exec(text) ?? []
  if (start === '') return undefined
  let rest = text.slice(start.length)
  const params = new Map<string, readonly string[]>()
  for (let found = param.exec(rest); found; found = param.exec(rest)) {
    const [all, key = '', values] = found
    const [known, more] =
      values === undefined ? bareParam(key) : [key.toUpperCase(), valuesOf(values)]
    params.set(known, [...(params.get(known) ?? []), ...more])
    rest = rest.slice(all.length)
  }
  rest = rest.trimStart()
  if (!rest.startsWith(':')) return undefined
  const upper = name.toUpperCase()
  return { line, group: group.toLowerCase(), name: upper, params, value: rest.slice(1) }
}

/** 2.1 writes `TEL;WORK;VOICE:` and `NOTE;QUOTED-PRINTABLE:`. */
const bareParam = (word: string): [string, readonly string[]] =>
  /^(quoted-printable|base64|8bit|7bit)$/i.test(word) ? ['ENCODING', [word]] : ['TYPE', [word]]

function valuesOf(text: string): readonly string[] {
  const values = text.match(/(?:"[^"]*"|[^",])+/g) ?? []
  return values.map((one) => withCarets(one.replaceAll('"', '')))
}

/** RFC 6868. */
const carets: Readonly<Record<string, string>> = { '^n': '\n', '^^': '^', "^'": '"' }
const withCarets = (text: string): string => text.replace(/\^[n^']/g, (one) => carets[one] ?? one)

// Values.

export const unescapedText = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, sign: string) => (/n/i.test(sign) ? '\n' : sign))

/** The parts between separators that are not escaped, still with what is escaped in them. */
export function partsOf(text: string, separator: ';' | ','): readonly string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === separator) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)]
}

/** What a property of a card of version 2.1 says, in the way of 3.0. */
export function modernised(property: Property): Property {
  const encoding = property.params.get('ENCODING')?.[0]?.toLowerCase()
  const value = encoding === 'quoted-printable' ? fromQuoted(property.value) : property.value
  return {
    ...property,
    value: value
      .replace(/\\(?!;)/g, '\\\\')
      .replaceAll('\r\n', '\n')
      .replaceAll('\n', '\\n'),
  }
}

function fromQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  // What was not encoded is ASCII as a rule; where it is not, it was UTF-8 before.
  const whole = [...bytes].every((sign) => sign.charCodeAt(0) < 256)
  return whole ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}
