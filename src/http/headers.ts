import type { IncomingMessage } from 'node:http'
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

const noMatter = -1
const condition = -2

/** Reads what a request asks, in one pass over its headers. */
export function askingReader(dialects: readonly Dialect[]): (raw: IncomingMessage) => Asking {
  const names = [...new Set(dialects.flatMap(varyingOf))]
  /** By name as spelt: which of those it is. */
  const roles = new Map<string, number>()

  function roleOf(spelling: string): number {
    const name = spelling.toLowerCase()
    const role = name === 'if-none-match' ? condition : names.indexOf(name)
    if (spelling.length <= longestSpelling && roles.size < mostSpellings) roles.set(spelling, role)
    return role
  }

  return ({ rawHeaders }) => {
    let asked = ''
    let ifNoneMatch: string | undefined
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const spelling = rawHeaders[index] as string
      const role = roles.get(spelling) ?? roleOf(spelling)
      if (role === noMatter) continue
      const value = rawHeaders[index + 1] as string
      if (role === condition)
        ifNoneMatch = ifNoneMatch === undefined ? value : `${ifNoneMatch},${value}`
      // No value holds a line break.
      else asked += `${role} ${value}\n`
    }
    return { asked: asked.length > longestAsked ? undefined : asked, ifNoneMatch }
  }
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
