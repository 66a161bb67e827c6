import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { CredentialPlace } from '../access/identify.ts'
import type { Dialect } from '../dialects/dialect.ts'

/** The header in which a client puts its key. */
export const headerOf = (place: CredentialPlace): string =>
  place.in === 'header' ? place.name : place.in === 'cookie' ? 'cookie' : 'authorization'

/** The headers on which a dialect's answers depend, in lower case. */
export const varyingOf = (dialect: Dialect): readonly string[] => [
  ...new Set([...dialect.credentials.map(headerOf), 'accept']),
]

/** What a request asks beside its target. */
export interface Asking {
  /** Every header, in order, that any answer may depend on; undefined where that is too long to be remembered. */
  readonly asked: string | undefined
  readonly ifNoneMatch: string | undefined
}

/** How many spellings of header names are remembered: clients use a few, attackers as many as they like. */
const mostSpellings = 1000
const longestSpelling = 64

/** Characters. A key takes some seventy. */
const longestAsked = 1024

/** What is remembered of a connection at most, in headers and in characters. */
const mostHeard = 64
const longestHeard = 4096

/** Of a header that is none of them. What matters in no way is -1. */
const condition = -2

/** Headers as they came last on a connection: clients say nearly the same each time. */
interface Heard {
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** By header: which of those it is that matter. */
  readonly roles: readonly number[]
  readonly asked: string | undefined
}

/** Reads what a request asks, in one pass over its headers. */
export function askingReader(dialects: readonly Dialect[]): (raw: IncomingMessage) => Asking {
  const names = [...new Set(dialects.flatMap(varyingOf))]
  /** By name as spelt: which of those it is. */
  const known = new Map<string, number>()
  const lastOn = new WeakMap<Socket, Heard>()

  function roleOf(spelling: string): number {
    const told = known.get(spelling)
    if (told !== undefined) return told
    const name = spelling.toLowerCase()
    const role = name === 'if-none-match' ? condition : names.indexOf(name)
    if (spelling.length <= longestSpelling && known.size < mostSpellings) known.set(spelling, role)
    return role
  }

  function hear({ rawHeaders }: IncomingMessage): Heard {
    let asked = ''
    const roles: number[] = []
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const role = roleOf(rawHeaders[index] as string)
      roles.push(role)
      // No value holds a line break.
      if (role >= 0) asked += `${role} ${rawHeaders[index + 1]}\n`
    }
    return { rawHeaders, roles, asked: asked.length > longestAsked ? undefined : asked }
  }

  return (raw) => {
    const last = lastOn.get(raw.socket)
    const isSame = last !== undefined && saysTheSame(raw.rawHeaders, last)
    const heard = isSame ? last : hear(raw)
    if (!isSame && isShort(raw)) lastOn.set(raw.socket, heard)
    return { asked: heard.asked, ifNoneMatch: conditionIn(raw.rawHeaders, heard.roles) }
  }
}

const isShort = ({ rawHeaders }: IncomingMessage): boolean =>
  rawHeaders.length <= 2 * mostHeard &&
  rawHeaders.reduce((size, { length }) => size + length, 0) <= longestHeard

/** Whether all that matters is the same, letter by letter, but for the condition. */
function saysTheSame(rawHeaders: readonly string[], { rawHeaders: last, roles }: Heard): boolean {
  if (rawHeaders.length !== last.length) return false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index] !== last[index]) return false
    if ((roles[index >> 1] as number) < 0) continue
    if (rawHeaders[index + 1] !== last[index + 1]) return false
  }
  return true
}

function conditionIn(rawHeaders: readonly string[], roles: readonly number[]): string | undefined {
  let found: string | undefined
  for (let at = roles.indexOf(condition); at >= 0; at = roles.indexOf(condition, at + 1)) {
    const value = rawHeaders[2 * at + 1] as string
    found = found === undefined ? value : `${found},${value}`
  }
  return found
}

/** Every value of a header: Node keeps but the first of some and joins others, which would hide a second credential. */
export function valuesOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

/** Whether a request has anything, good or bad, where clients put their key. */
export function presentedIn(raw: IncomingMessage, place: CredentialPlace): boolean {
  const values = valuesOf(raw, headerOf(place))
  if (place.in !== 'cookie') return values.length > 0
  const pairs = values.flatMap((value) => value.split(';'))
  return pairs.some((pair) => pair.trim().startsWith(`${place.name}=`))
}
