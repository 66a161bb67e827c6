import type { HeldPerson } from '../../directory/ports.ts'
import { columns } from '../import/columns.ts'
import { escaped } from '../import/formulas.ts'
import { statedOf } from '../import/stated.ts'
import { cellText } from './cells.ts'

/** How a file of people is written. */
export interface Format {
  /** What stands before the first person. */
  readonly head: string
  /** `id` is the person's. */
  readonly write: (stated: Stated, id: string) => Written
}

/** What is told of a person, by column, as JSON. */
export type Stated = Readonly<Record<string, unknown>>

export interface Written {
  readonly text: string
  /** The columns that the format can't hold as they are. */
  readonly lost: readonly string[]
}

/** All that can be told of a person in a file, and what can't be in any. */
export function toldOf({ person, groups, named }: HeldPerson): {
  readonly stated: Stated
  readonly lost: readonly string[]
} {
  const manager = named.find(({ person: one }) => one.id === person.managerId)?.person
  const isNamed =
    manager !== undefined &&
    manager.lifecycle !== 'deleted' &&
    manager.organizationId === person.organizationId
  const all: Stated = {
    ...statedOf(person),
    ...(groups.length > 0 && { groups: groups.map(({ name }) => name) }),
    ...(isNamed && { manager: manager.userName }),
  }
  const halves = Object.keys(all).filter((name) => hasHalves(all[name]))
  const stated =
    halves.length === 0
      ? all
      : Object.fromEntries(Object.entries(all).filter(([name]) => !halves.includes(name)))
  return { stated, lost: person.managerId && !isNamed ? [...halves, 'manager'] : halves }
}

/** Half a character (a lone surrogate) is in no UTF-8, and an import refuses it. */
const hasHalves = (value: unknown): boolean =>
  typeof value === 'string'
    ? !value.isWellFormed()
    : typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([name, one]) => !name.isWellFormed() || hasHalves(one))

export const jsonLines: Format = {
  head: '',
  write: (stated) => ({ text: `${JSON.stringify(stated)}\n`, lost: [] }),
}

// CSV.

/** Objects whose members have columns of their own. */
const spread = ['flags', 'socialLinks', 'extraInfo'] as const
const phoneColumns = [
  ['workPhone', 'work'],
  ['mobilePhone', 'mobile'],
  ['homePhone', 'home'],
  ['phone', undefined],
] as const

/** Those that a file has; the others say the same in another way. */
const csvColumns: readonly string[] = columns
  .map(({ name }) => name)
  .filter(
    (name) =>
      !(spread as readonly string[]).includes(name) &&
      !name.startsWith('audience.') &&
      name !== 'managerId',
  )

export const csv: Format = {
  head: `${csvColumns.join(',')}\r\n`,
  write(stated) {
    const simple = simplified(stated)
    const lost: string[] = []
    const cells = csvColumns.map((name) => {
      const value = simple[name]
      if (value === undefined) return ''
      const text = cellText(name, value)
      // A cell of blanks says nothing.
      if (text.trim() === '') lost.push(name)
      return quoted(escaped(text))
    })
    return { text: `${cells.join(',')}\r\n`, lost }
  },
}

const quoted = (text: string): string =>
  /^\s|\s$|[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

/** In columns that people read, wherever they say as much as the JSON of a whole field. */
function simplified(stated: Stated): Stated {
  const { flags, socialLinks, extraInfo, phones, addresses, ...rest } = stated
  return {
    ...rest,
    ...(flags as Stated),
    ...(socialLinks as Stated),
    ...(extraInfo as Stated),
    ...(phonesByType(phones) ?? (phones === undefined ? {} : { phones })),
    ...(onlyAddress(addresses) ?? (addresses === undefined ? {} : { addresses })),
  }
}

interface StatedPhone {
  readonly value: string
  readonly type?: string
  readonly primary: boolean
  readonly verified: boolean
  readonly display?: string
}

/** In the order in which the columns are read the first number becomes the primary one. */
function phonesByType(phones: unknown): Stated | undefined {
  const all = (phones ?? []) as readonly StatedPhone[]
  const order = phoneColumns.map(([, type]) => type as string | undefined)
  const places = all.map(({ type }) => order.indexOf(type))
  const isPlain = all.every(
    ({ value, primary, verified, display }, at) =>
      primary === (at === 0) &&
      !(verified || display !== undefined) &&
      (places[at] ?? -1) >= (places[at - 1] ?? 0) &&
      value === value.trim() &&
      !/;|^\[/.test(value),
  )
  const values = new Set(all.map(({ value }) => value))
  if (!isPlain || values.size < all.length) return undefined
  return Object.fromEntries(
    phoneColumns.flatMap(([name, type]) => {
      const those = all.filter((one) => one.type === type).map(({ value }) => value)
      return those.length > 0 ? [[name, those.join(';')]] : []
    }),
  )
}

function onlyAddress(addresses: unknown): Stated | undefined {
  const [one, another] = (addresses ?? []) as readonly Stated[]
  if (!one || another || 'type' in one || 'primary' in one) return undefined
  const { formatted, ...parts } = one
  const said = Object.values(one)
  // A cell of blanks says nothing.
  if (said.length === 0 || said.some((part) => String(part).trim() === '')) return undefined
  return { ...parts, ...(formatted !== undefined && { formattedAddress: formatted }) }
}
