// The vCard of a person: what import/cards.ts reads, the other way round. What the standard's words do not
// say exactly is said again in our own, so that nothing is lost between the two.
import { isDeepStrictEqual } from 'node:util'
import { socialNetworks } from '../../person/person.ts'
import { ownJson, ownPrefix, producer, rowOfCard, sexes, typeFrom } from '../import/cards.ts'
import { type Property, propertyOf } from '../import/vcard.ts'
import { cellText } from './cells.ts'
import type { Format, Stated, Written } from './formats.ts'

export type CardVersion = '3.0' | '4.0'

/** Cards of that version. */
export const cards = (version: CardVersion): Format => ({
  head: '',
  write: (stated, id) => card(stated, id, version),
})

function card(stated: Stated, id: string, version: CardVersion): Written {
  const standard = propertiesOf(stated, version)
  const wanted = byColumn(stated)
  const said = understood(standard, version)
  const missing = Object.keys(wanted).filter((name) => !agrees(name, said.get(name), wanted[name]))
  const lines = [
    'BEGIN:VCARD',
    `VERSION:${version}`,
    `PRODID:${producer}`,
    `UID:urn:uuid:${id}`,
    ...standard,
    ...missing.map((name) => ownProperty(name, wanted[name])),
    'END:VCARD',
  ]
  return { text: lines.map(foldedLine).join(''), lost: [] }
}

/** Social links have a column each. */
function byColumn({ socialLinks, ...rest }: Stated): Stated {
  return { ...rest, ...(socialLinks as Stated) }
}

/** What whoever reads the properties takes them for, by column. */
function understood(lines: readonly string[], version: CardVersion): Map<string, unknown> {
  const all = [`VERSION:${version}`, `PRODID:${producer}`, ...lines]
  const properties = all.flatMap((line): Property[] => {
    const property = propertyOf(line, 1)
    return property ? [property] : []
  })
  const row = rowOfCard({ line: 1, properties, until: { bytes: 0, lines: 0 } })
  const cells = 'cells' in row ? row.cells : []
  return new Map(cells.map(({ column, value }) => [column.name, value]))
}

const agrees = (name: string, said: unknown, wanted: unknown): boolean =>
  typeof said === 'string'
    ? said === cellText(name, wanted) && said.trim() !== ''
    : isDeepStrictEqual(said, wanted)

function ownProperty(name: string, value: unknown): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase()
  const text = cellText(name, value)
  if (!unsayable.test(text)) return `${ownPrefix}${kebab}:${escapedText(text)}`
  return `${ownPrefix}${kebab};VALUE=${ownJson}:${escapedText(JSON.stringify(text))}`
}

// The properties.

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function propertiesOf(stated: Stated, version: CardVersion): readonly string[] {
  const is4 = version === '4.0'
  const one = (name: string, value: unknown, params = '') =>
    text(value) === '' ? [] : [`${name}${params}:${escapedText(text(value))}`]
  const list = (field: string) => (stated[field] ?? []) as readonly Item[]
  return [
    ...one('FN', stated.displayName),
    nameOf(stated),
    ...one('NICKNAME', stated.nickName),
    ...(is4 ? one('PRONOUNS', stated.pronouns) : []),
    ...list('emails').map((item) => valued('EMAIL', item, is4)),
    ...list('phones').map((item) => valued('TEL', item, is4)),
    ...(list('addresses') as readonly Address[]).flatMap((item) => addressOf(item, is4)),
    ...list('contacts').map((item) => messengerOf(item, is4)),
    ...socialNetworks.flatMap((network) =>
      one('X-SOCIALPROFILE', (stated.socialLinks as Stated)?.[network], `;TYPE=${network}`),
    ),
    ...one('URL', stated.profileUrl),
    ...one('TITLE', stated.title),
    ...one('ROLE', nameIn(stated.role)),
    ...organizationOf(stated),
    ...one('BDAY', is4 ? text(stated.birthDate).replaceAll('-', '') : stated.birthDate),
    ...(is4 && stated.gender !== undefined ? [`GENDER:${genderOf(text(stated.gender))}`] : []),
    ...one('NOTE', stated.notes),
    ...one('TZ', stated.timeZone, is4 ? '' : ';VALUE=text'),
    ...(is4 ? one('LANG', stated.preferredLanguage) : []),
    ...categoriesOf(stated.groups),
    ...(is4 ? interestsOf(stated.interests) : []),
    ...one('PHOTO', (stated.avatar as Stated)?.url, is4 ? '' : ';VALUE=uri'),
  ]
}

interface Item {
  readonly value?: string
  readonly type?: string
  readonly primary?: boolean
  readonly verified?: boolean
  readonly display?: string
}

interface Address extends Item {
  readonly formatted?: string
  readonly street?: string
  readonly locality?: string
  readonly region?: string
  readonly postalCode?: string
  readonly country?: string
}

/** 3.0 wants one in every card. */
const nameOf = (stated: Stated): string =>
  `N:${['familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix']
    .map((part) => escapedText(text(stated[part])))
    .join(';')}`

const valued = (name: string, item: Item, is4: boolean): string =>
  `${name}${typeParam(item.type)}${marks(item, is4)}:${escapedText(item.value ?? '')}`

/** In the standard's words, if they will be understood as what it is; else in ours. */
function typeParam(type: string | undefined): string {
  if (type === undefined) return ''
  const words = type === 'mobile' ? ['cell'] : type.split(' ')
  const isStandard = words.every((word) => /^[a-z][a-z0-9-]*$/.test(word))
  return isStandard && typeFrom(words) === type
    ? `;TYPE=${words.join(',')}`
    : `;${ownPrefix}TYPE=${param(type)}`
}

function marks({ primary, verified, display }: Item, is4: boolean): string {
  return [
    primary ? (is4 ? ';PREF=1' : ';TYPE=pref') : '',
    verified ? `;${ownPrefix}VERIFIED=true` : '',
    display === undefined ? '' : `;${ownPrefix}DISPLAY=${param(display)}`,
  ].join('')
}

const notPrimary = ({ primary }: Item): string =>
  primary === false ? `;${ownPrefix}PRIMARY=false` : ''

function addressOf(address: Address, is4: boolean): readonly string[] {
  const { street, locality, region, postalCode, country, formatted, type } = address
  const parts = ['', '', street, locality, region, postalCode, country]
  const value = parts.map((part) => escapedText(part ?? '')).join(';')
  const params = `${typeParam(type)}${marks(address, is4)}${notPrimary(address)}`
  const label = is4 && formatted !== undefined ? `;LABEL=${param(formatted)}` : ''
  const beside =
    is4 || formatted === undefined ? [] : [`LABEL${typeParam(type)}:${escapedText(formatted)}`]
  return [`ADR${params}${label}:${value}`, ...beside]
}

/** A messenger's address begins with its scheme; what is no scheme is our parameter. */
function messengerOf(item: Item, is4: boolean): string {
  const { type = '', value = '' } = item
  const isScheme = /^[a-z][a-z0-9+.-]*$/.test(type) && type !== 'x-apple'
  const own = isScheme ? '' : `;${ownPrefix}TYPE=${param(type)}`
  const uri = `${isScheme ? type : 'impp'}:${uriEncoded(value)}`
  return `IMPP${own}${marks(item, is4)}${notPrimary(item)}:${escapedText(uri)}`
}

/** What may not stand in an address is encoded, and nothing else. */
const uriEncoded = (value: string): string =>
  value.isWellFormed() ? encodeURI(value).replaceAll(/%5B/gi, '[').replaceAll(/%5D/gi, ']') : value

function organizationOf({ company, department }: Stated): readonly string[] {
  if (company === undefined && department === undefined) return []
  const units = department === undefined ? [] : [escapedText(text(department))]
  return [`ORG:${[escapedText(text(company)), ...units].join(';')}`]
}

function genderOf(gender: string): string {
  const [letter] = Object.entries(sexes).find(([, word]) => word === gender) ?? []
  return letter ?? `;${escapedText(gender)}`
}

const categoriesOf = (groups: unknown): readonly string[] =>
  Array.isArray(groups) ? [`CATEGORIES:${groups.map(escapedText).join(',')}`] : []

const interestsOf = (interests: unknown): readonly string[] =>
  ((interests ?? []) as readonly string[]).map((one) => `INTEREST:${escapedText(one)}`)

const nameIn = (role: unknown): string | undefined => (role as { name?: string } | undefined)?.name

// Syntax.

/** Control characters that may not stand in a card: all but the tab, and the line feed, which is written `\n`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsayable = /[\u0000-\u0008\u000b-\u001f\u007f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const allUnsayable = /[\u0000-\u0008\u000b-\u001f\u007f]/g

const escapedText = (value: string): string =>
  value
    .replace(allUnsayable, '')
    .replace(/[\\,;]/g, (sign) => `\\${sign}`)
    .replaceAll('\n', '\\n')

/** A parameter's value (RFC 6868). */
function param(value: string): string {
  if (/^[A-Za-z0-9-]+$/.test(value)) return value
  const inQuotes = value
    .replace(allUnsayable, '')
    .replaceAll('^', '^^')
    .replaceAll('\n', '^n')
    .replaceAll('"', "^'")
  return `"${inQuotes}"`
}

/** Bytes of a line, without its end. */
const longestLine = 75

/** A line as it stands in the file: parted after 75 bytes, never within a character. */
function foldedLine(line: string): string {
  if (Buffer.byteLength(line) <= longestLine) return `${line}\r\n`
  const pieces: string[] = []
  let piece = ''
  let bytes = 0
  for (const sign of line) {
    const size = Buffer.byteLength(sign)
    if (bytes + size > longestLine) {
      pieces.push(piece)
      // The blank with which it goes on counts.
      piece = ''
      bytes = 1
    }
    piece += sign
    bytes += size
  }
  return `${[...pieces, piece].join('\r\n ')}\r\n`
}
