// What a User and a Group are made of: discovery, filters, PATCH and representations all read this one table.
import { fieldGroups, lifecycles, socialNetworks } from '../../person/person.ts'
import { sameName } from './json.ts'

/** One attribute, as RFC 7643 §7 describes it; also its form on the wire in /Schemas. */
export interface Attribute {
  /** In its canonical spelling. */
  readonly name: string
  readonly type:
    | 'string'
    | 'boolean'
    | 'decimal'
    | 'integer'
    | 'dateTime'
    | 'binary'
    | 'reference'
    | 'complex'
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

export interface Schema {
  /** A URN. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

export interface ResourceType {
  readonly name: 'User' | 'Group'
  /** Below the base address. */
  readonly endpoint: '/Users' | '/Groups'
  readonly description: string
  readonly schema: Schema
  /** None of them is required. */
  readonly extensions: readonly Schema[]
}

export const coreUserUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const coreGroupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const enterpriseUserUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const kithUserUrn = 'urn:kith:params:scim:schemas:extension:kith:1.0:User'
export const kithGroupUrn = 'urn:kith:params:scim:schemas:extension:kith:1.0:Group'

type Traits = Partial<Omit<Attribute, 'name' | 'type' | 'description'>>

const attribute = (
  name: string,
  type: Attribute['type'],
  description: string,
  traits: Traits = {},
): Attribute => ({
  name,
  type,
  multiValued: false,
  description,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...traits,
})

const text = (name: string, description: string, traits: Traits = {}): Attribute =>
  attribute(name, 'string', description, traits)

const flag = (name: string, description: string, traits: Traits = {}): Attribute =>
  attribute(name, 'boolean', description, traits)

const link = (
  name: string,
  referenceTypes: readonly string[],
  description: string,
  traits: Traits = {},
): Attribute => attribute(name, 'reference', description, { referenceTypes, ...traits })

const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  traits: Traits = {},
): Attribute => attribute(name, 'complex', description, { ...traits, subAttributes })

const readOnly = { mutability: 'readOnly' } as const
const several = { multiValued: true } as const
const required = { required: true } as const

/** The sub-attributes that values of most lists have beside their value (RFC 7643 §2.4). */
const labels = (canonicalTypes?: readonly string[]): readonly Attribute[] => [
  text('display', 'How the value is shown to people.'),
  typeLabel(canonicalTypes),
  primaryMark,
]

const typeLabel = (canonicalTypes?: readonly string[]): Attribute =>
  text('type', 'What the value is for.', canonicalTypes && { canonicalValues: canonicalTypes })

const primaryMark = flag(
  'primary',
  'Whether it is the one to use first; true for one value of the list at most.',
)

/** What every resource has, whatever its schemas (RFC 7643 §3 and §3.1). */
export const commonAttributes: readonly Attribute[] = [
  link('schemas', ['uri'], 'The schemas of which the resource has attributes.', {
    ...several,
    ...required,
    caseExact: true,
    returned: 'always',
  }),
  text('id', 'The name that this server gave the resource.', {
    ...readOnly,
    required: true,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  text('externalId', 'The name by which the provisioning client knows the resource.', {
    caseExact: true,
  }),
  complex(
    'meta',
    'What is known of the resource itself.',
    [
      text('resourceType', 'User or Group.', { ...readOnly, caseExact: true }),
      attribute('created', 'dateTime', 'When the resource was made.', readOnly),
      attribute('lastModified', 'dateTime', 'When the resource last changed.', readOnly),
      link('location', ['uri'], 'The address of the resource.', { ...readOnly, caseExact: true }),
      text('version', 'The entity tag of this representation.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
]

/** RFC 7643 §4.1. */
const userAttributes: readonly Attribute[] = [
  text('userName', 'The name with which the person signs in. Unique on the server.', {
    ...required,
    uniqueness: 'server',
  }),
  complex('name', 'The parts of the person’s name.', [
    text('formatted', 'The whole name, as it is written.'),
    text('familyName', 'The family name, or last name.'),
    text('givenName', 'The given name, or first name.'),
    text('middleName', 'The middle names.'),
    text('honorificPrefix', 'What goes before the name, such as Dr.'),
    text('honorificSuffix', 'What goes after the name, such as III.'),
  ]),
  text('displayName', 'The name shown to others.'),
  text('nickName', 'What the person is called informally.'),
  link('profileUrl', ['external'], 'The address of a page about the person.'),
  text('title', 'The person’s title, such as Vice President.'),
  text('userType', 'How the person relates to the organization, such as Contractor.'),
  text('preferredLanguage', 'The language the person wants to read, as in Accept-Language.'),
  text('locale', 'The person’s region for dates, numbers and currencies, such as en-US.'),
  text('timezone', 'The person’s time zone, by its IANA name.'),
  flag('active', 'Whether the person may sign in.'),
  text('password', 'Accepted from clients that insist on sending one, and never told.', {
    mutability: 'writeOnly',
    returned: 'never',
  }),
  complex(
    'emails',
    'The person’s e-mail addresses.',
    [text('value', 'The address.'), ...labels(['work', 'home', 'other'])],
    several,
  ),
  complex(
    'phoneNumbers',
    'The person’s telephone numbers.',
    [
      text('value', 'The number, kept as it was sent.'),
      ...labels(['work', 'home', 'mobile', 'fax', 'pager', 'other']),
    ],
    several,
  ),
  complex(
    'ims',
    'Where the person is reached by instant messages.',
    [
      text('value', 'The address or name there.'),
      ...labels(['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
    ],
    several,
  ),
  complex(
    'photos',
    'Pictures of the person.',
    [
      link('value', ['external'], 'The address of the picture.', { caseExact: true }),
      ...labels(['photo', 'thumbnail']),
    ],
    several,
  ),
  complex(
    'addresses',
    'Where the person receives mail.',
    [
      text('formatted', 'The whole address, with line breaks.'),
      text('streetAddress', 'Street, house and apartment.'),
      text('locality', 'City or town.'),
      text('region', 'State or province.'),
      text('postalCode', 'Postal code.'),
      text('country', 'Country, as an ISO 3166-1 alpha-2 code.'),
      typeLabel(['work', 'home', 'other']),
      primaryMark,
    ],
    several,
  ),
  complex(
    'groups',
    'The groups the person is a member of; changed by changing the group.',
    [
      text('value', 'The id of the group.', readOnly),
      link('$ref', ['Group'], 'The address of the group.', readOnly),
      text('display', 'The name of the group.', readOnly),
      text('type', 'Whether the person is a member directly.', {
        ...readOnly,
        canonicalValues: ['direct', 'indirect'],
      }),
    ],
    { ...several, ...readOnly },
  ),
  complex(
    'entitlements',
    'What the person is entitled to.',
    [text('value', 'The entitlement.'), ...labels()],
    several,
  ),
  complex('roles', 'What the person is.', [text('value', 'The role.'), ...labels()], several),
  complex(
    'x509Certificates',
    'Certificates issued to the person.',
    [
      attribute('value', 'binary', 'The certificate: DER in Base64.', { caseExact: true }),
      ...labels(),
    ],
    several,
  ),
]

/** RFC 7643 §4.2. */
const groupAttributes: readonly Attribute[] = [
  text('displayName', 'The name of the group.', required),
  complex(
    'members',
    'Who belongs to the group.',
    [
      text('value', 'The id of the member.', { mutability: 'immutable' }),
      link('$ref', ['User', 'Group'], 'The address of the member.', { mutability: 'immutable' }),
      text('type', 'What kind of resource the member is.', {
        mutability: 'immutable',
        canonicalValues: ['User', 'Group'],
      }),
      text('display', 'The name of the member.', readOnly),
    ],
    several,
  ),
]

/** RFC 7643 §4.3. */
const enterpriseUserAttributes: readonly Attribute[] = [
  text('employeeNumber', 'The number or name the organization gave the person.'),
  text('costCenter', 'The name of the cost center.'),
  text('organization', 'The name of the organization.'),
  text('division', 'The name of the division.'),
  text('department', 'The name of the department.'),
  complex('manager', 'Whom the person reports to.', [
    text('value', 'The id of the manager.', { ...required, caseExact: true }),
    link('$ref', ['User'], 'The address of the manager.'),
    text('displayName', 'The name of the manager.', readOnly),
  ]),
]

/** A thing with an identity and a name elsewhere. */
const reference: readonly Attribute[] = [
  text('value', 'Its id.', { ...required, caseExact: true }),
  text('display', 'Its name.'),
]

const audiences: readonly string[] = ['everyone', 'organization', 'event', 'connections', 'nobody']

/** What of a person's record the standard has no place for. */
const kithUserAttributes: readonly Attribute[] = [
  attribute('number', 'integer', 'The person’s id where ids are numbers.', {
    ...readOnly,
    uniqueness: 'server',
  }),
  text('type', 'What kind of account it is.', { canonicalValues: ['person', 'bot', 'appuser'] }),
  text('pronouns', 'How to speak of the person.'),
  text('initials', 'What is shown where there is no picture.'),
  text('gender', 'In the person’s own word.'),
  text('birthDate', 'A day, such as 1990-12-31.'),
  text('location', 'Where the person works.'),
  text('bio', 'What the person says of themselves.'),
  text('notes', 'What others noted about the person.'),
  text('interests', 'What the person is interested in.', several),
  complex('team', 'The team the person works in.', reference),
  complex('role', 'The person’s main role.', reference),
  complex('licenses', 'Licences assigned to the person.', reference, several),
  attribute('workFrom', 'dateTime', 'Since when the person works here.'),
  text('lifecycle', 'Where the account stands.', { canonicalValues: lifecycles }),
  text('activation', 'Whether the person proved the account to be theirs.', {
    canonicalValues: ['none', 'pending', 'activated', 'generated'],
  }),
  flag('loginEnabled', 'Whether the person may sign in, apart from where the account stands.'),
  complex(
    'socialLinks',
    'The person’s pages elsewhere.',
    socialNetworks.map((network) => text(network, `The page or name on ${network}.`)),
  ),
  complex('extraInfo', 'What the person tells those who come to an event.', [
    text('about', 'About the person.'),
    text('wantsToLearn', 'What the person wants to learn.'),
    text('knows', 'What the person can tell others of.'),
    text('wantsToMeet', 'Whom the person wants to meet.'),
  ]),
  flag('acceptsDirectMessages', 'Whether the person may be written to.'),
  text('directMessagesFrom', 'Who may write to the person, where they may be written to at all.', {
    canonicalValues: ['everyone', 'connections', 'nobody'],
  }),
  text('acceptsMeetingRequests', 'Who may ask for a meeting.', {
    canonicalValues: ['everyone', 'connections', 'nobody'],
  }),
  flag('acceptsCallsFromStrangers', 'Whether those who are not connected may call.'),
  text('colorMode', 'How the person wants pages to look.', {
    canonicalValues: ['light', 'dark', 'system'],
  }),
  flag('emailNotifications', 'Whether the person wants to be notified by e-mail.'),
  attribute('quotaLimit', 'integer', 'How many bytes the person may store.'),
  complex('flags', 'Offices and origins of the account.', [
    flag('owner', 'Owns the portal.'),
    flag('administrator', 'Administers the portal.'),
    flag('roomAdministrator', 'Administers rooms.'),
    flag('guest', 'Is a guest.'),
    flag('plainUser', 'Works in the rooms of others only.'),
    flag('ldap', 'Comes from an LDAP directory.'),
    flag('sso', 'Signs in elsewhere.'),
  ]),
  complex(
    'audiences',
    'The person’s own decisions on who sees what; the organization’s default where there is none.',
    fieldGroups.map((group) =>
      text(group, `Who sees the fields of the group ${group}.`, { canonicalValues: audiences }),
    ),
  ),
  attribute('terminatedAt', 'dateTime', 'When the account was suspended.', readOnly),
  complex(
    'createdBy',
    'Who made the account.',
    [
      text('value', 'The person’s id.', { ...readOnly, caseExact: true }),
      link('$ref', ['User'], 'The person’s address.', readOnly),
      text('display', 'The person’s name.', readOnly),
    ],
    readOnly,
  ),
]

/** What of a group's record the standard has no place for. */
const kithGroupAttributes: readonly Attribute[] = [
  text('description', 'What the group is for.'),
  complex(
    'owners',
    'Who looks after the group.',
    [
      text('value', 'The person’s id.', { ...required, caseExact: true }),
      link('$ref', ['User'], 'The person’s address.'),
      text('display', 'The person’s name.', readOnly),
    ],
    several,
  ),
]

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  description: 'A person, or a program that acts like one.',
  schema: {
    id: coreUserUrn,
    name: 'User',
    description: 'User account',
    attributes: userAttributes,
  },
  extensions: [
    {
      id: enterpriseUserUrn,
      name: 'EnterpriseUser',
      description: 'Where a person stands in an organization',
      attributes: enterpriseUserAttributes,
    },
    {
      id: kithUserUrn,
      name: 'KithUser',
      description: 'What Kith knows of a person beyond the standard',
      attributes: kithUserAttributes,
    },
  ],
}

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'A group of people.',
  schema: { id: coreGroupUrn, name: 'Group', description: 'Group', attributes: groupAttributes },
  extensions: [
    {
      id: kithGroupUrn,
      name: 'KithGroup',
      description: 'What Kith knows of a group beyond the standard',
      attributes: kithGroupAttributes,
    },
  ],
}

export const resourceTypes: readonly ResourceType[] = [userType, groupType]

/** The attribute of that name, in any case. */
export const attributeNamed = (
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined =>
  attributes.find((one) => one.name === name) ?? attributes.find((one) => sameName(one.name, name))

/** The extension of that URN, in any case. */
export const extensionNamed = (type: ResourceType, urn: string): Schema | undefined =>
  type.extensions.find(({ id }) => sameName(id, urn))

/** What a resource has on its top level: the common attributes and those of its core schema. */
export const topAttributes = (type: ResourceType): readonly Attribute[] => [
  ...commonAttributes,
  ...type.schema.attributes,
]

/** An attribute's name taken apart, nothing being said yet about whether there is such an attribute. */
export interface AttributeName {
  /**
   * The URN it began with: as the table spells it where the table knows it. Undefined for the top
   * level, also when that was named by the core schema's URN.
   */
  readonly schema: string | undefined
  /** The attribute, then its sub-attribute; empty where a URN stands alone and means all of its schema. */
  readonly names: readonly string[]
}

/**
 * Takes `text` apart (RFC 7644 §3.10), in which it is not clear from the text alone where a URN ends: those of
 * the table are recognized; of others the last part is the attribute, unless a version stands before it.
 */
export function splitName(text: string, type: ResourceType): AttributeName {
  if (!isQualified(text)) return { schema: undefined, names: text.split('.') }
  for (const { id } of [type.schema, ...type.extensions]) {
    const schema = id === type.schema.id ? undefined : id
    if (sameName(id, text)) return { schema, names: [] }
    if (text[id.length] === ':' && sameName(id, text.slice(0, id.length))) {
      return { schema, names: text.slice(id.length + 1).split('.') }
    }
  }
  const colon = text.lastIndexOf(':')
  const head = text.slice(0, colon)
  const isBare = /^\d+(\.\d+)*$/.test(head.slice(head.lastIndexOf(':') + 1))
  return isBare
    ? { schema: text, names: [] }
    : { schema: head, names: text.slice(colon + 1).split('.') }
}

/** Whether a name begins with a URN. */
export const isQualified = (name: string): boolean => /^urn:/i.test(name)

/** An attribute that the table knows, and how its name is spelled there. */
export interface FoundAttribute {
  readonly attribute: Attribute
  /** With the URN before it, if it is an extension's; sub-attributes after a dot. */
  readonly canonicalName: string
}

/** The attribute or sub-attribute that `name` means, in any case and with or without the core schema's URN. */
export function findAttribute(type: ResourceType, name: string): FoundAttribute | undefined {
  const { schema, names } = splitName(name, type)
  const chain = definitionsAlong(attributesOf(type, schema), names)
  const attribute = chain.at(-1)
  if (!attribute) return undefined
  const path = chain.map((one) => one?.name).join('.')
  return { attribute, canonicalName: schema === undefined ? path : `${schema}:${path}` }
}

/** The attributes of a schema, the top level's where it is undefined, none where nobody knows it. */
export const attributesOf = (
  type: ResourceType,
  schema: string | undefined,
): readonly Attribute[] =>
  schema === undefined ? topAttributes(type) : (extensionNamed(type, schema)?.attributes ?? [])

/** What the table says of each name in turn, each below the one before it; undefined from where it knows none. */
export function definitionsAlong(
  attributes: readonly Attribute[],
  names: readonly string[],
): readonly (Attribute | undefined)[] {
  let below: readonly Attribute[] = attributes
  return names.map((name) => {
    const found = attributeNamed(below, name)
    below = found?.subAttributes ?? []
    return found
  })
}
