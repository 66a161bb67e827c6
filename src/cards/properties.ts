import { socialNetworks } from '../person/person.ts'
import { escapedText, param } from './syntax.ts'
import { ownPrefix, sexes, typeFrom } from './words.ts'

export type CardVersion = '3.0' | '4.0'

/** What is told of a person, by the names of the record's fields; `groups` are names. */
export type Stated = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What a card says in the standard's words: RFC 6350 for 4.0, RFC 2426 for 3.0. Lines without their end. */
export function propertiesOf(stated: Stated, version: CardVersion): readonly string[] {
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
