// The one vocabulary of CSV headers, JSON Lines keys and `column=value`. docs/import.md is held to it.
import type { PersonChange } from '../../directory/amend.ts'
import { Failure } from '../../failure.ts'
import { personIdFrom } from '../../person/ids.ts'
import {
  Audience,
  type FieldGroup,
  fieldGroups,
  lifecycles,
  Person,
  socialNetworks,
} from '../../person/person.ts'
import { userNameProblem } from '../../person/user-names.ts'
import { canonicalZone } from '../../person/zones.ts'
import type { ExtensionRules } from '../../privacy/rules.ts'
import { countryCodeOf } from './countries.ts'
import {
  type AddressPart,
  addressesOf,
  emailsOf,
  phonesOf,
  phonesOfType,
  withAddressPart,
} from './entries.ts'
import {
  addressOf,
  arrayOf,
  bad,
  booleanOf,
  dateOf,
  holdingOf,
  instantOf,
  listOf,
  markOf,
  membersOf,
  numberOf,
  objectOf,
  pictureOf,
  referenceOf,
  shown,
  textOf,
  wordOf,
} from './values.ts'

/** What a row says of a person: fields of the record, and what has to be looked up in the directory. */
export interface RowChange extends PersonChange {
  /** A user name. */
  readonly manager?: string | null
  /** Names of groups to be in beside those that the person is in; `null` for none at all. */
  readonly groups?: readonly string[] | null
}

export interface ReadingContext {
  /** An instant. */
  readonly now: string
  /** The organization's, in which a day begins. */
  readonly timeZone: string
  /** The fields that each dialect keeps in its extension bag. */
  readonly extensions: Readonly<Record<string, ExtensionRules>>
}

export interface Column {
  /** Our name for it: the field's, where it is a field. */
  readonly name: string
  /** Other headers that mean it; case, blanks, `_` and `-` do not count. */
  readonly aliases: readonly string[]
  /** What a cell holds, for people to read. */
  readonly holds: string
  /**
   * What `value` changes in `person`; `null` removes. @throws invalid, saying what would be right
   */
  readonly read: (person: Person, value: unknown, context: ReadingContext) => RowChange
}

type Reader<T> = (value: unknown) => T
type Field = keyof PersonChange
type Required = {
  [F in Field]-?: undefined extends PersonChange[F]
    ? F extends keyof Person
      ? undefined extends Person[F]
        ? never
        : F
      : never
    : never
}[Field]

function neverNull(value: unknown): unknown {
  if (value === null) throw bad('can not be removed: everybody has one')
  return value
}

/** A field that everybody has. */
const required = <F extends Required>(
  name: F,
  aliases: readonly string[],
  holds: string,
  reader: Reader<Person[F]>,
): Column => ({ name, aliases, holds, read: (_, value) => ({ [name]: reader(neverNull(value)) }) })

/** A field that may be absent. */
const optional = <F extends Exclude<Field, Required>>(
  name: F,
  aliases: readonly string[],
  holds: string,
  reader: (value: unknown, context: ReadingContext) => NonNullable<Person[F]>,
): Column => ({
  name,
  aliases,
  holds,
  read: (_, value, context) => ({ [name]: value === null ? null : reader(value, context) }),
})

/** A field that is an instant; a date alone is the beginning of that day. */
const instant = (
  name: 'workFrom' | 'deletedAt' | 'terminatedAt',
  aliases: readonly string[],
): Column =>
  optional(name, aliases, 'an instant or a date', (value, { timeZone }) =>
    instantOf(value, timeZone),
  )

type TextField = {
  [F in Exclude<Field, Required>]: string extends Person[F] ? F : never
}[Exclude<Field, Required>]

/** A field of free text, as long as the record takes. */
function text(name: TextField, aliases: readonly string[], holds = 'text'): Column {
  const { maxLength } = Person.properties[name] as { readonly maxLength?: number }
  return optional(name, aliases, holds, (value) => textOf(value, maxLength))
}

const word = <Word extends string>(words: readonly Word[]) => ({
  holds: words.map((one) => `\`${one}\``).join(', '),
  of: (value: unknown): Word => wordOf(words, value),
})

const trueOrFalse = '`true` or `false`'
const several = 'several parted by `;`'

/** A field whose members have columns of their own; those that are not named stay. */
function merged<Members extends object>(
  there: Members,
  value: unknown,
  known: readonly string[],
  reader: (value: unknown) => unknown,
): Members {
  const given = objectOf(value)
  membersOf(given, known)
  const next = { ...there } as Record<string, unknown>
  for (const [name, one] of Object.entries(given)) {
    if (one === null) delete next[name]
    else next[name] = reader(one)
  }
  return next as Members
}

const flagNames = Object.keys(Person.properties.flags.properties) as (keyof Person['flags'])[]
const flagAliases: Partial<Record<keyof Person['flags'], readonly string[]>> = {
  owner: ['is owner'],
  administrator: ['admin', 'is admin'],
  roomAdministrator: ['room admin', 'is room admin'],
  guest: ['is guest', 'is visitor'],
  plainUser: ['is collaborator'],
  ldap: ['is ldap'],
  sso: ['is sso'],
}

const flags: readonly Column[] = flagNames.map((name) => ({
  name,
  aliases: flagAliases[name] ?? [],
  holds: trueOrFalse,
  read: (person, value) => ({
    flags: { ...person.flags, [name]: booleanOf(neverNull(value)) },
  }),
}))

const extraNames = ['about', 'knows', 'wantsToLearn', 'wantsToMeet'] as const
const extraText = (value: unknown) => textOf(value, 10_000)

const extraAliases: Readonly<Record<(typeof extraNames)[number], readonly string[]>> = {
  about: ['about me'],
  knows: ['can teach', 'knows about'],
  wantsToLearn: ['learning'],
  wantsToMeet: [],
}

const extraInfo: readonly Column[] = extraNames.map((name) => ({
  name,
  aliases: extraAliases[name],
  holds: 'text',
  read: (person, value) => ({
    extraInfo: merged(person.extraInfo, { [name]: value }, extraNames, extraText),
  }),
}))

const linkText = (value: unknown) => textOf(value, 2048)

const socialLinks: readonly Column[] = socialNetworks.map((name) => ({
  name,
  aliases: [`${name} url`],
  holds: 'text, usually an address',
  read: (person, value) => ({
    socialLinks: merged(person.socialLinks, { [name]: value }, socialNetworks, linkText),
  }),
}))

const audience = word(Audience.enum as readonly Audience[])

const audiences: readonly Column[] = fieldGroups.map((group: FieldGroup) => ({
  name: `audience.${group}`,
  aliases: [],
  holds: `who sees it: ${audience.holds}`,
  read: (person, value) => ({
    audiences: merged(person.audiences, { [group]: value }, fieldGroups, audience.of),
  }),
}))

const addressAliases: Readonly<Record<AddressPart, readonly string[]>> = {
  formatted: ['postal address', 'work address'],
  street: ['address', 'street address'],
  locality: ['city', 'town'],
  region: ['state', 'province'],
  postalCode: ['zip', 'zip code', 'postcode'],
  country: ['country code'],
}

const addressParts = (Object.keys(addressAliases) as AddressPart[]).map(
  (part): Column => ({
    name: part === 'formatted' ? 'formattedAddress' : part,
    aliases: addressAliases[part],
    holds: 'text; of the first address',
    read: ({ addresses }, value) => ({ addresses: withAddressPart(addresses, part, value) }),
  }),
)

const phoneOfType = (
  name: string,
  type: string | undefined,
  aliases: readonly string[],
): Column => ({
  name,
  aliases,
  holds: `a telephone number, kept as written; ${several}; those ${type ? `of type \`${type}\`` : 'without a type'}`,
  read: (person, value) => ({
    phones:
      value === null
        ? person.phones.filter((phone) => phone.type !== type)
        : phonesOfType(value, person.phones, type, homeOf(person)),
  }),
})

/** The country in which a number without a country's code is. */
const homeOf = ({ addresses: [first] }: Person): string | undefined => countryCodeOf(first?.country)

function userNameOf(value: unknown): string {
  const name = textOf(value, 255).trim()
  const problem = userNameProblem(name)
  if (problem) throw bad(`${shown(name)} can not be a user name: it ${problem}`)
  return name
}

function zoneOf(value: unknown): string {
  const zone = textOf(value, 255).trim()
  if (!canonicalZone(zone)) {
    throw bad(`${shown(zone)} is no IANA time zone such as Europe/Amsterdam`)
  }
  return zone
}

function personIdOf(value: unknown) {
  const id = personIdFrom(textOf(value).trim())
  if (!id) throw bad(`${shown(value)} is no id (UUID) of a person`)
  return id
}

/** Whoever becomes deleted is so from now, and whoever is no longer has no such time, unless the row says. */
function lifecycleOf({ lifecycle, deletedAt }: Person, value: unknown, now: string): PersonChange {
  const next = wordOf(lifecycles, neverNull(value))
  if (next === lifecycle) return { lifecycle: next }
  if (next === 'deleted') return { lifecycle: next, deletedAt: now }
  return { lifecycle: next, ...(deletedAt !== undefined && { deletedAt: null }) }
}

function contactsOf(value: unknown): Person['contacts'] {
  return arrayOf(value).map((one) => {
    const members = membersOf(one, ['type', 'value', 'display', 'primary'])
    const { type, value: text, display, ...rest } = members
    return {
      type: textOf(type, 64),
      value: textOf(text, 2048),
      ...(display !== undefined && { display: textOf(display, 255) }),
      ...markOf(rest),
    }
  })
}

/** The bags with those that are named put in place; each dialect knows what it keeps. */
function extensionsOf(
  there: Person['extensions'],
  value: unknown,
  extensions: ReadingContext['extensions'],
): Person['extensions'] {
  const next = { ...there }
  for (const [dialect, bag] of Object.entries(membersOf(value, Object.keys(extensions)))) {
    next[dialect] = { ...membersOf(bag, Object.keys(extensions[dialect] ?? {})) }
  }
  for (const [dialect, bag] of Object.entries(objectOf(value)))
    if (bag === null) delete next[dialect]
  return next
}

const holdings = (
  name: 'entitlements' | 'certificates',
  aliases: readonly string[],
  maxLength: number,
  what: string,
): Column => ({
  name,
  aliases,
  holds: `${what}, ${several}, or JSON: \`[{"value","display","type","primary"}]\`; all that there are`,
  read: (person, value) => ({
    [name]:
      value === null
        ? null
        : listOf(value).map((one) => holdingOf(one, person[name] ?? [], maxLength)),
  }),
})

const type = word(['person', 'bot', 'appuser'])
const activation = word(['none', 'pending', 'activated', 'generated'])
const meetingRequests = word(['everyone', 'connections', 'nobody'])
const colorMode = word(['light', 'dark', 'system'])

/** In the order of the documentation, which is also the order in which a row's values take effect. */
export const columns: readonly Column[] = [
  required(
    'userName',
    ['username', 'user', 'login', 'login name', 'user principal name', 'upn'],
    'the user name; the first e-mail address where there is none',
    userNameOf,
  ),
  text('externalId', ['employee id', 'worker id', 'uid'], 'text, unique'),
  required('displayName', ['name', 'full name'], 'text', (value) => textOf(value, 255)),
  text('formattedName', ['legal name'], 'text: the whole name, with its titles'),
  text('honorificPrefix', ['prefix', 'name prefix', 'salutation']),
  text('givenName', ['first name', 'forename', 'legal first name']),
  text('middleName', ['middle names', 'second name', 'legal middle name']),
  text('familyName', ['last name', 'surname', 'legal last name']),
  text('honorificSuffix', ['suffix', 'name suffix']),
  text('nickName', ['preferred name']),
  text('initials', []),
  text('pronouns', []),

  // Before the numbers, whose country they tell.
  {
    name: 'addresses',
    aliases: [],
    holds:
      'JSON: `[{"type","formatted","street","locality","region","postalCode","country","primary"}]`; all that there are',
    read: (_, value) => ({ addresses: value === null ? [] : addressesOf(arrayOf(value)) }),
  },
  ...addressParts,
  {
    name: 'emails',
    aliases: [
      'email',
      'email address',
      'email addresses',
      'mail',
      'work email',
      'primary email',
      'primary work email',
    ],
    holds: `an e-mail address, ${several}; all that there are`,
    read: ({ emails }, value, { now }) => ({
      emails: value === null ? [] : emailsOf(value, emails, now),
    }),
  },
  {
    name: 'phones',
    aliases: ['phone numbers'],
    holds: `a telephone number, kept as written; ${several}; all that there are`,
    read: (person, value) => ({
      phones: value === null ? [] : phonesOf(value, person.phones, homeOf(person)),
    }),
  },
  phoneOfType('workPhone', 'work', [
    'office phone',
    'business phone',
    'direct phone',
    'primary work phone',
  ]),
  phoneOfType('mobilePhone', 'mobile', ['mobile', 'cell', 'cell phone', 'mobile number']),
  phoneOfType('homePhone', 'home', []),
  phoneOfType('phone', undefined, [
    'phone number',
    'telephone',
    'telephone number',
    'tel',
    'primary phone',
  ]),

  {
    name: 'contacts',
    aliases: [],
    holds: 'JSON: `[{"type","value","display","primary"}]`; all that there are',
    read: (_, value) => ({ contacts: value === null ? [] : contactsOf(value) }),
  },
  {
    name: 'socialLinks',
    aliases: [],
    holds: 'JSON: an object of those below',
    read: (person, value) => ({
      socialLinks:
        value === null ? {} : merged(person.socialLinks, value, socialNetworks, linkText),
    }),
  },
  ...socialLinks,

  text('profileUrl', ['website', 'home page', 'url'], 'text, usually an address'),
  holdings('certificates', ['x509 certificates'], 65_536, 'X.509 in base64'),

  text('title', ['job title', 'position', 'business title', 'employee title']),
  text('company', ['organisation', 'organization', 'company name', 'employer']),
  text('division', []),
  text('department', ['dept']),
  text('costCenter', ['cost centre']),
  text('employeeNumber', ['personnel number', 'staff number']),
  text('userType', ['employee type', 'worker type']),
  text('location', ['office', 'office location', 'physical delivery office name']),
  {
    name: 'team',
    aliases: ['team name'],
    holds: 'a name, or JSON: `{"id","name","type","primary"}`',
    read: ({ team }, value) => ({
      team: value === null ? null : referenceOf(value, team ? [team] : []),
    }),
  },
  {
    name: 'role',
    aliases: ['role name'],
    holds: 'a name, or JSON: `{"id","name","type","primary"}`',
    read: ({ role }, value) => ({
      role: value === null ? null : referenceOf(value, role ? [role] : []),
    }),
  },
  {
    name: 'roles',
    aliases: [],
    holds: `a name, ${several}, or JSON: \`[{"id","name","type","primary"}]\`; all that there are`,
    read: ({ roles }, value) => ({
      roles: value === null ? [] : listOf(value).map((one) => referenceOf(one, roles)),
    }),
  },
  {
    name: 'licenses',
    aliases: ['license', 'licence', 'licences'],
    holds: `a name, ${several}, or JSON: \`[{"id","name","type","primary"}]\`; all that there are`,
    read: ({ licenses }, value) => ({
      licenses: value === null ? [] : listOf(value).map((one) => referenceOf(one, licenses)),
    }),
  },
  holdings('entitlements', ['entitlement'], 2048, 'text'),
  {
    name: 'groups',
    aliases: ['group', 'group names', 'member of'],
    holds: `a group’s name, ${several}; joined beside those there are, and made where there is none`,
    read: (_, value) => ({
      groups: value === null ? null : listOf(value).map((one) => textOf(one, 255)),
    }),
  },
  {
    name: 'manager',
    aliases: ['manager user name', 'manager email', 'reports to', 'supervisor'],
    holds: 'the manager’s user name, also of a later row',
    read: (_, value) => ({ manager: value === null ? null : textOf(value, 255).trim() }),
  },
  optional('managerId', [], 'the manager’s id', personIdOf),
  instant('workFrom', ['start date', 'hire date', 'employee hire date']),

  text('bio', ['biography']),
  text('notes', ['note', 'comment', 'comments']),
  {
    name: 'interests',
    aliases: ['interest'],
    holds: `text, ${several}; all that there are`,
    read: (_, value) => ({
      interests: value === null ? [] : listOf(value).map((one) => textOf(one, 255)),
    }),
  },
  {
    name: 'extraInfo',
    aliases: [],
    holds: 'JSON: an object of those below',
    read: (person, value) => ({
      extraInfo: value === null ? {} : merged(person.extraInfo, value, extraNames, extraText),
    }),
  },
  ...extraInfo,

  {
    name: 'avatar',
    aliases: ['avatar url', 'photo', 'photo url', 'picture', 'picture url', 'profile picture'],
    holds: 'the address of a picture, or JSON: `{"id","url"}`',
    read: ({ avatar }, value) => ({ avatar: value === null ? null : pictureOf(value, avatar) }),
  },
  {
    name: 'cover',
    aliases: ['cover url', 'cover photo'],
    holds: 'the address of a picture, or JSON: `{"id","url"}`',
    read: ({ cover }, value) => ({ cover: value === null ? null : pictureOf(value, cover) }),
  },
  optional('videoIntro', ['video intro url'], 'the address of a film', addressOf),

  optional('timeZone', ['tz'], 'an IANA time zone', zoneOf),
  text('locale', ['language']),
  text('preferredLanguage', []),
  optional('birthDate', ['birthday', 'date of birth', 'dob'], 'a date', dateOf),
  text('gender', ['sex']),
  optional('colorMode', ['theme'], colorMode.holds, colorMode.of),
  optional('emailNotifications', [], trueOrFalse, booleanOf),
  optional(
    'notifications',
    [],
    'JSON: `{"missedCalls":{"enabled":true,"channels":["email","app"]}}`',
    (value) => objectOf(value) as NonNullable<Person['notifications']>,
  ),
  optional('acceptsDirectMessages', [], trueOrFalse, booleanOf),
  optional('directMessagesFrom', [], meetingRequests.holds, meetingRequests.of),
  optional('acceptsMeetingRequests', [], meetingRequests.holds, meetingRequests.of),
  optional('acceptsCallsFromStrangers', [], trueOrFalse, booleanOf),
  optional(
    'meetingAvailability',
    [],
    'JSON: `{"timeZone","rules":[{"days":["MON"],"start":"09:00","end":"17:00"}]}`',
    (value) => objectOf(value) as NonNullable<Person['meetingAvailability']>,
  ),

  required('type', ['person type'], type.holds, type.of),
  {
    name: 'lifecycle',
    aliases: ['state of account', 'account state'],
    holds: word(lifecycles).holds,
    read: (person, value, { now }) => lifecycleOf(person, value, now),
  },
  instant('deletedAt', []),
  instant('terminatedAt', ['termination date', 'end date']),
  required('activation', ['activation status'], activation.holds, activation.of),
  required('loginEnabled', ['enabled', 'account enabled'], trueOrFalse, booleanOf),
  {
    name: 'flags',
    aliases: [],
    holds: 'JSON: an object of those below',
    read: (person, value) => ({
      flags: merged(person.flags, neverNull(value), flagNames, (one) => booleanOf(neverNull(one))),
    }),
  },
  ...flags,
  optional('quotaLimit', ['quota'], 'a whole number of bytes', (value) =>
    numberOf(value, { whole: true }),
  ),
  optional('usedSpace', [], 'a number of bytes', (value) => numberOf(value, { whole: false })),
  optional('createdById', [], 'the id of whoever made the account', personIdOf),

  {
    name: 'audiences',
    aliases: [],
    holds: 'JSON: an object such as `{"contact":"connections"}`',
    read: (person, value) => ({
      audiences: value === null ? {} : merged(person.audiences, value, fieldGroups, audience.of),
    }),
  },
  ...audiences,

  optional('data', [], 'JSON: an object of your own', (value) => ({ ...objectOf(value) })),
  optional('onboardingData', [], 'JSON: an object of your own', (value) => ({
    ...objectOf(value),
  })),
  {
    name: 'extensions',
    aliases: [],
    holds: 'JSON: what only one dialect has, by dialect',
    read: (person, value, context) => ({
      extensions: value === null ? {} : extensionsOf(person.extensions, value, context.extensions),
    }),
  },
]

/** What Kith alone decides. */
export const givenOut = [
  'id',
  'number',
  'version',
  'organizationId',
  'createdAt',
  'updatedAt',
  'touched',
] as const

/** The form in which headers are the same. */
export const headerKey = (header: string): string => header.toLowerCase().replace(/[\s_-]+/g, '')

const byKey = new Map(
  columns.flatMap((column) =>
    [column.name, ...column.aliases].map((name) => [headerKey(name), column]),
  ),
)

/**
 * What Google and Microsoft put behind a header: `First Name [Required]`, `Name [displayName] Required`. Other
 * than Microsoft's `Block sign in (Yes/No) [accountEnabled]`, what stands before it or in it is what it holds.
 */
function decorated(header: string): Column | undefined {
  const [, name = '', inside = ''] =
    /^([^[]+)\[([^\]]+)\](?:\s*(?:required|optional))?$/i.exec(header) ?? []
  if (/^\s*block/i.test(name)) return undefined
  return byKey.get(headerKey(name)) ?? byKey.get(headerKey(inside))
}

/** The column that a header, a key or the left side of column=value means. @throws invalid, naming the nearest */
export function columnOf(header: string): Column {
  const column = byKey.get(headerKey(header)) ?? decorated(header)
  if (column) return column
  const own = givenOut.find((name) => headerKey(name) === headerKey(header))
  if (own) {
    throw new Failure(
      'invalid',
      `column ${shown(header)}: Kith gives "${own}" out itself; leave it away`,
    )
  }
  const alike = nearest(header)
  const which = alike.length === 0 ? '' : `; the nearest are ${alike.join(', ')}`
  throw new Failure(
    'invalid',
    `there is no column ${shown(header)}${which || '; docs/import.md has all there are'}`,
  )
}

/** The names of columns that are spelt so much alike that one of them may be meant, at most three. */
function nearest(header: string): readonly string[] {
  const wanted = headerKey(header)
  const scores = new Map<string, number>()
  for (const [name, column] of byKey) {
    const score = unlikeness(name, wanted)
    scores.set(column.name, Math.min(score, scores.get(column.name) ?? Number.POSITIVE_INFINITY))
  }
  const most = wanted.length < 5 ? 1 : 2
  return [...scores]
    .filter(([, score]) => score <= most)
    .sort(([, one], [, other]) => one - other)
    .slice(0, 3)
    .map(([name]) => `"${name}"`)
}

function unlikeness(name: string, wanted: string): number {
  const contained = name.includes(wanted) || wanted.includes(name)
  const letters = distance(name, wanted)
  // A word in common says more than letters do; of less than four letters, nothing.
  return contained && Math.min(name.length, wanted.length) >= 4 ? Math.min(1.5, letters) : letters
}

/** How many letters must be put in, taken out, exchanged or, next to each other, swapped. */
function distance(one: string, other: string): number {
  let above: readonly number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const exchanged = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      const swaps = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const swapped = swaps ? (above[j - 2] ?? 0) + 1 : exchanged
      next.push(Math.min(exchanged, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    above = row
    row = next
  }
  return row[other.length] ?? 0
}
