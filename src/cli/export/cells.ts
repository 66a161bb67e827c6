/**
 * A value as a cell of a CSV file says it, and a property of ours in a vCard: a text, several parted by `;`, or
 * JSON where that would not be understood as it is meant. Pictures are their address, where they have one.
 */
export function cellText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return String(value)
  if (name === 'avatar' || name === 'cover') {
    return (value as { url?: string }).url ?? JSON.stringify(value)
  }
  const plain = Array.isArray(value) ? plainList(name, value) : plainReference(name, value)
  return plain ?? JSON.stringify(value)
}

/** The entries parted by `;`, if that is all there is to say of them. */
function plainList(name: string, list: readonly unknown[]): string | undefined {
  if (list.length === 0) return undefined
  const texts = list.map((one, at) => plainEntry(name, one, at))
  if (!texts.every((text) => text !== undefined && isPlain(text))) return undefined
  if (name === 'emails' && new Set(texts).size < texts.length) return undefined
  const text = texts.join(';')
  return text.startsWith('[') ? undefined : text
}

const isPlain = (text: string): boolean =>
  text !== '' && text === text.trim() && !text.includes(';') && !text.startsWith('{')

function plainEntry(name: string, entry: unknown, at: number): string | undefined {
  if (typeof entry === 'string') return entry
  const one = entry as Readonly<Record<string, unknown>>
  if (name === 'roles' || name === 'licenses') return plainReference(name, one)
  const { value, ...rest } = one
  const isOnly =
    name === 'emails'
      ? rest.primary === (at === 0) && rest.verified === false && Object.keys(rest).length === 2
      : (name === 'entitlements' || name === 'certificates') && Object.keys(rest).length === 0
  return isOnly ? String(value) : undefined
}

/** The name of a team, a role or a licence that has no other id. */
function plainReference(name: string, value: object): string | undefined {
  if (!['team', 'role', 'roles', 'licenses'].includes(name)) return undefined
  const { id, name: called, ...rest } = value as { id: string; name?: string }
  const isOnly = id === called && Object.keys(rest).length === 0
  return isOnly && isPlain(id) ? id : undefined
}
