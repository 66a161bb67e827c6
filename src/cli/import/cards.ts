// What the properties of a vCard are to us, one by one. export/cards.ts and src/cards write what is read here.
import { ownPrefix, producer, sexes, typeFrom } from '../../cards/words.ts'
import { Failure } from '../../failure.ts'
import { isEmail } from '../../person/emails.ts'
import { personIdFrom } from '../../person/ids.ts'
import { socialNetworks } from '../../person/person.ts'
import { hasControls } from '../../person/text.ts'
import { type Column, columnOf, headerKey } from './columns.ts'
import type { Line } from './lines.ts'
import type { Cell, Ignored, Problem, ReadRow, Row, UnreadRow } from './rows.ts'
import { fromJson, shown } from './values.ts'
import { type Card, cardsOf, modernised, type Property, partsOf, unescapedText } from './vcard.ts'

const nobody: Ignored = new Set()

/** The rows of a vCard file: a card each. */
export async function* cardRows(
  lines: AsyncIterable<Line>,
  ignored: Ignored = nobody,
): AsyncGenerator<ReadRow> {
  for await (const card of cardsOf(lines)) {
    yield 'properties' in card ? rowOfCard(card, ignored) : card
  }
}

/** What a card says. */
export function rowOfCard(card: Card, ignored: Ignored = nobody): ReadRow {
  const draft = draftOf(card, ignored)
  if (!('cells' in draft)) return draft
  for (const property of draft.properties) {
    const read = readers[property.name] ?? (isOwn(property) ? readOwn : leaveOut)
    read(property, draft)
  }
  return rowFrom(card, draft)
}

const isOwn = ({ name }: Property): boolean => name.startsWith(ownPrefix)

const firstOf = ({ properties }: Card, name: string): string | undefined =>
  properties.find((property) => property.name === name)?.value.trim()

/** A card that is being understood. */
interface Draft {
  readonly own: boolean
  readonly properties: readonly Property[]
  /** What Apple calls the properties of a group. */
  readonly labels: ReadonlyMap<string, string>
  /** By the column's name. */
  readonly cells: Map<string, Cell>
  /** What our own properties say, which comes before what the standard ones do. */
  readonly ours: Map<string, Cell>
  readonly leftOut: Problem[]
  personId?: Row['personId']
  otherwise?: Cell
}

function draftOf(card: Card, ignored: Ignored): Draft | UnreadRow {
  const { line, until } = card
  const version = firstOf(card, 'VERSION')
  if (!/^(2\.1|3\.0|4\.0)$/.test(version ?? '')) {
    const which = version === undefined ? 'without VERSION' : `of version ${shown(version)}`
    return { line, until, reason: `begins a card ${which}; 3.0, 4.0 and 2.1 are read` }
  }
  const kind = firstOf(card, 'KIND') ?? firstOf(card, 'X-ADDRESSBOOKSERVER-KIND') ?? 'individual'
  if (kind.toLowerCase() !== 'individual') {
    return { line, until, reason: `begins the card of a ${kind.toLowerCase()}, not of a person` }
  }
  const all = version === '2.1' ? card.properties.map(modernised) : card.properties
  return {
    own: firstOf(card, 'PRODID') === producer,
    properties: all.filter(({ name }) => !ignored.has(headerKey(name))),
    labels: new Map(
      all.flatMap(({ name, group, value }) => (name === 'X-ABLABEL' ? [[group, value]] : [])),
    ),
    cells: new Map(),
    ours: new Map(),
    leftOut: [],
  }
}

function rowFrom({ line, until }: Card, draft: Draft): Row {
  const cells = new Map([...draft.cells, ...draft.ours])
  const { personId, otherwise, leftOut } = draft
  return {
    line,
    until,
    cells: [...cells.values()],
    lenient: true,
    leftOut,
    ...(personId && { personId }),
    ...(otherwise && !cells.has('externalId') && { otherwise }),
  }
}

type Reader = (property: Property, draft: Draft) => void

// Where it goes.

const columnsByName = new Map<string, Column>()
function column(name: string): Column {
  const known = columnsByName.get(name) ?? columnOf(name)
  columnsByName.set(name, known)
  return known
}

const cellOf = (name: string, value: unknown, { name: label, line }: Property): Cell => ({
  column: column(name),
  ...{ label, value, line },
})

function tell(draft: Draft, { name: label, line }: Property, reason: string): void {
  draft.leftOut.push({ line, label, reason: `${reason}; it is left out` })
}

/** The first word counts; another one is told. */
function put(draft: Draft, name: string, value: string, property: Property): void {
  if (value.trim() === '') return
  const before = draft.cells.get(name)
  if (!before) draft.cells.set(name, cellOf(name, value, property))
  else if (before.value !== value) tell(draft, property, `${shown(value)} is a second one`)
}

function add(draft: Draft, name: string, item: unknown, property: Property): void {
  const before = draft.cells.get(name)
  if (before) (before.value as unknown[]).push(item)
  else draft.cells.set(name, cellOf(name, [item], property))
}

const itemsOf = (draft: Draft, name: string): readonly Item[] =>
  (draft.cells.get(name)?.value ?? []) as readonly Item[]

// Parameters.

interface Item {
  readonly value?: string
  readonly type?: string
  readonly primary?: boolean
}

const paramOf = ({ params }: Property, name: string): string | undefined => params.get(name)?.[0]

const typesOf = ({ params }: Property): readonly string[] =>
  (params.get('TYPE') ?? []).flatMap((one) => one.split(',')).map((one) => one.trim())

function typeOf(property: Property, { labels }: Draft): string | undefined {
  const exact = paramOf(property, `${ownPrefix}TYPE`)
  if (exact !== undefined) return exact
  const [, apple] = /^_\$!<(.*)>!\$_$/.exec(labels.get(property.group) ?? '') ?? []
  const label = apple?.toLowerCase() ?? labels.get(property.group)
  return typeFrom(typesOf(property)) ?? (label ? unescapedText(label).slice(0, 64) : undefined)
}

/** What our own cards say of every item, and others of the preferred one. */
function marksOf(property: Property, draft: Draft, list: string): Item & { display?: string } {
  const type = typeOf(property, draft)
  const display = paramOf(property, `${ownPrefix}DISPLAY`)
  const preferred =
    paramOf(property, 'PREF') === '1' || typesOf(property).some((one) => /^pref$/i.test(one))
  const primary = preferred && !itemsOf(draft, list).some((item) => item.primary)
  return {
    ...(type !== undefined && { type }),
    ...(display !== undefined && { display }),
    ...(primary && { primary }),
  }
}

/** Addresses and numbers are verified or not, and the first of their kind or not. */
const verifiedIn = (property: Property, { own }: Draft, { primary }: Item) =>
  own
    ? {
        verified: paramOf(property, `${ownPrefix}VERIFIED`) === 'true',
        primary: primary === true,
      }
    : {}

const saysNotPrimary = (property: Property) =>
  paramOf(property, `${ownPrefix}PRIMARY`) === 'false' ? { primary: false } : {}

// The properties.

const text =
  (name: string): Reader =>
  (property, draft) =>
    put(draft, name, unescapedText(property.value), property)

const listed =
  (name: string): Reader =>
  (property, draft) => {
    for (const part of partsOf(property.value, ',')) {
      const one = draft.own ? unescapedText(part) : unescapedText(part).trim()
      if (one !== '') add(draft, name, one, property)
    }
  }

const component = (part: string | undefined): string =>
  partsOf(part ?? '', ',')
    .map(unescapedText)
    .filter((one) => one !== '')
    .join(' ')

const nameParts = ['familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix']

function readName(property: Property, draft: Draft): void {
  const parts = partsOf(property.value, ';')
  for (const [at, name] of nameParts.entries()) put(draft, name, component(parts[at]), property)
  const more = parts.slice(nameParts.length).map(component).filter(Boolean)
  // RFC 9554 repeats there what is in the first five.
  if (more.length > 2) tell(draft, property, `${shown(more.join(';'))} is more than five parts`)
}

function readNickname(property: Property, draft: Draft): void {
  const [first = '', ...more] = partsOf(property.value, ',').map(unescapedText)
  put(draft, 'nickName', first, property)
  if (more.length > 0) tell(draft, property, `${shown(more.join(', '))} is more than one`)
}

function readEmail(property: Property, draft: Draft): void {
  const value = unescapedText(property.value)
    .trim()
    .replace(/^mailto:/i, '')
  if (value === '') return
  if (!isEmail(value)) {
    tell(draft, property, `${shown(value)} is no e-mail address`)
    return
  }
  const item = marksOf(property, draft, 'emails')
  const twin = itemsOf(draft, 'emails').find(
    (one) => one.value?.toLowerCase() === value.toLowerCase(),
  )
  if (!twin)
    add(draft, 'emails', { value, ...item, ...verifiedIn(property, draft, item) }, property)
  else if (twin.type !== item.type) tell(draft, property, `${shown(value)} is in it twice`)
}

function readPhone(property: Property, draft: Draft): void {
  const written = unescapedText(property.value).trim()
  if (written === '') return
  const value = /^tel:/i.test(written) ? numberIn(written) : written
  if (value === undefined || value.length > 64 || hasControls(value) || !/\d/.test(value)) {
    tell(draft, property, `${shown(written)} is no telephone number`)
    return
  }
  const item = marksOf(property, draft, 'phones')
  add(draft, 'phones', { value, ...item, ...verifiedIn(property, draft, item) }, property)
}

/** The number in a `tel:` address (RFC 3966), as people write it. */
function numberIn(uri: string): string | undefined {
  const [number = '', ...params] = uri.slice(4).split(';')
  const of = (name: string) =>
    params.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
  const context = of('phone-context')
  if (context !== undefined && !context.startsWith('+') && !number.startsWith('+')) return undefined
  const whole = number.startsWith('+') || context === undefined ? number : context + number
  const extension = of('ext')
  const decoded = percentDecoded(whole)
  return extension === undefined ? decoded : `${decoded} ext. ${extension}`
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function readAddress(property: Property, draft: Draft): void {
  const parts = partsOf(property.value, ';').map((part) =>
    partsOf(part, ',').map(unescapedText).join(', '),
  )
  const [box = '', extended = '', road = '', locality, region, postalCode, country] = parts
  const label = paramOf(property, 'LABEL')?.replace(/\\n/gi, '\n')
  const street = [box, extended, road].filter(Boolean).join('\n')
  const said = { formatted: label, street, locality, region, postalCode, country }
  const given = Object.fromEntries(Object.entries(said).filter(([, one]) => one))
  if (Object.keys(given).length === 0 && !draft.own) return
  const marks = marksOf(property, draft, 'addresses')
  add(draft, 'addresses', { ...marks, ...saysNotPrimary(property), ...given }, property)
}

/** 3.0 has the label of an address beside it, told by the type. */
function readLabel(property: Property, draft: Draft): void {
  const formatted = unescapedText(property.value)
  const type = typeOf(property, draft)
  const all = itemsOf(draft, 'addresses') as (Item & { formatted?: string })[]
  const at = all.findIndex((one) => one.type === type && one.formatted === undefined)
  const cell = draft.cells.get('addresses')
  if (cell && at >= 0) (cell.value as unknown[])[at] = { ...all[at], formatted }
  else tell(draft, property, 'is of no address')
}

function readOrganization(property: Property, draft: Draft): void {
  const [company = '', department = '', ...more] = partsOf(property.value, ';').map(unescapedText)
  put(draft, 'company', company, property)
  put(draft, 'department', department, property)
  const rest = more.filter(Boolean)
  if (rest.length > 0) tell(draft, property, `${shown(rest.join('; '))} is more than a department`)
}

function readBirthday(property: Property, draft: Draft): void {
  const value = unescapedText(property.value).trim()
  const omitted = paramOf(property, 'X-APPLE-OMIT-YEAR')
  const [, year = '', month = '', day = ''] =
    /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/.exec(value) ?? []
  if (value === '') return
  if (year === '' || year === omitted) {
    tell(draft, property, `${shown(value)} is no day with its year`)
    return
  }
  put(draft, 'birthDate', `${year}-${month}-${day}`, property)
}

function readGender(property: Property, draft: Draft): void {
  const [letter = '', words = ''] = partsOf(property.value, ';').map(unescapedText)
  put(draft, 'gender', words || (sexes[letter.trim().toUpperCase()] ?? letter), property)
}

function readUrl(property: Property, draft: Draft): void {
  const value = unescapedText(property.value).trim()
  if (value === '') return
  if (!draft.cells.has('profileUrl')) put(draft, 'profileUrl', value, property)
  else addContact(draft, { type: 'url', value }, property)
}

/** Apple writes some twice, in an old way and in a new one. */
function addContact(draft: Draft, contact: Item, property: Property): void {
  const { type = '', value = '' } = contact
  const same = itemsOf(draft, 'contacts').some((one) => one.type === type && one.value === value)
  if (value !== '' && (!same || draft.own)) add(draft, 'contacts', contact, property)
}

function readMessenger(property: Property, draft: Draft): void {
  const written = unescapedText(property.value).trim()
  const [, scheme = '', rest = written] = /^([a-z][a-z0-9+.-]*):([\s\S]*)$/i.exec(written) ?? []
  const service = paramOf(property, 'X-SERVICE-TYPE') ?? paramOf(property, 'SERVICE-TYPE')
  const named = scheme === '' || /^x-apple$/i.test(scheme) ? (service ?? 'impp') : scheme
  const { display, primary } = marksOf(property, draft, 'contacts')
  const type = paramOf(property, `${ownPrefix}TYPE`) ?? named.toLowerCase()
  const contact = {
    ...{ type, value: percentDecoded(rest) },
    ...(display !== undefined && { display }),
    ...(primary && { primary }),
    ...saysNotPrimary(property),
  }
  addContact(draft, contact, property)
}

const oldMessenger =
  (type: string): Reader =>
  (property, draft) =>
    addContact(draft, { type, value: unescapedText(property.value).trim() }, property)

function readSocial(property: Property, draft: Draft): void {
  const value = unescapedText(property.value).trim()
  const named = paramOf(property, 'SERVICE-TYPE') ?? paramOf(property, 'X-SERVICE-TYPE')
  const type = (named ?? typeFrom(typesOf(property)) ?? 'social').toLowerCase()
  const network = socialNetworks.find((one) => one === type)
  if (network) put(draft, network, value, property)
  else addContact(draft, { type, value }, property)
}

function readNote(property: Property, draft: Draft): void {
  const before = draft.cells.get('notes')
  const text = unescapedText(property.value)
  if (before) draft.cells.set('notes', { ...before, value: `${before.value}\n${text}` })
  else put(draft, 'notes', text, property)
}

function readPhoto(property: Property, draft: Draft): void {
  const value = unescapedText(property.value).trim()
  if (/^https?:/i.test(value)) put(draft, 'avatar', value, property)
  else if (value !== '')
    tell(draft, property, 'is a picture within the file; only an address is taken')
}

function readUid(property: Property, draft: Draft): void {
  const value = unescapedText(property.value).trim()
  const id = personIdFrom(value.replace(/^urn:uuid:/i, ''))
  if (id) draft.personId = id
  if (value !== '' && !draft.own) draft.otherwise = cellOf('externalId', value, property)
}

/** What a property of ours has in `VALUE` when what it says is written as JSON. */
export const ownJson = 'X-JSON'

/** X-KITH-COST-CENTER is our column `costCenter`, and says what a cell of a CSV file would. */
function readOwn(property: Property, draft: Draft): void {
  try {
    const { name } = columnOf(property.name.slice(ownPrefix.length))
    const text = unescapedText(property.value)
    const value = paramOf(property, 'VALUE') === ownJson ? fromJson(text, 'a text') : text
    draft.ours.set(name, cellOf(name, value, property))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    tell(draft, property, error.message)
  }
}

function leaveOut(property: Property, draft: Draft): void {
  if (property.value.trim() !== '') tell(draft, property, 'has no place in the record')
}

/** Of the card, not of the person; or told with another property. */
const silent: Reader = () => {}

const readers: Readonly<Record<string, Reader>> = {
  VERSION: silent,
  PRODID: silent,
  REV: silent,
  KIND: silent,
  'X-ADDRESSBOOKSERVER-KIND': silent,
  'X-ABLABEL': silent,
  'X-ABADR': silent,
  FN: text('displayName'),
  N: readName,
  NICKNAME: readNickname,
  PRONOUNS: text('pronouns'),
  EMAIL: readEmail,
  TEL: readPhone,
  ADR: readAddress,
  LABEL: readLabel,
  ORG: readOrganization,
  TITLE: text('title'),
  ROLE: text('role'),
  BDAY: readBirthday,
  GENDER: readGender,
  'X-GENDER': readGender,
  URL: readUrl,
  IMPP: readMessenger,
  'X-AIM': oldMessenger('aim'),
  'X-ICQ': oldMessenger('icq'),
  'X-JABBER': oldMessenger('xmpp'),
  'X-MSN': oldMessenger('msn'),
  'X-YAHOO': oldMessenger('ymsgr'),
  'X-SKYPE': oldMessenger('skype'),
  'X-SKYPE-USERNAME': oldMessenger('skype'),
  'X-GOOGLE-TALK': oldMessenger('xmpp'),
  'X-SOCIALPROFILE': readSocial,
  SOCIALPROFILE: readSocial,
  NOTE: readNote,
  TZ: text('timeZone'),
  LANG: text('preferredLanguage'),
  CATEGORIES: listed('groups'),
  INTEREST: (property, draft) => add(draft, 'interests', unescapedText(property.value), property),
  PHOTO: readPhoto,
  UID: readUid,
}
