// What each format can hold, field by field: docs/export.md is this table, and the round trip is tested by it.

/** A limit of a format; what it hits is left out and told, or is no part of what a file is about. */
export type Limit = 'blank' | 'pictureId'

const limits: Readonly<Record<Limit, string>> = {
  blank: 'not a text of nothing but blanks',
  pictureId: 'the address, not the id',
}

export interface Holding {
  /** Keys, column or properties, as they are in the file. */
  readonly as: string
  readonly limits?: readonly Limit[]
}

export interface Held {
  readonly jsonl: Holding
  readonly csv: Holding
  /** Where the standard's words do not say all of it, our own say it again. */
  readonly vcf: Holding
}

const own = (name: string): Holding => ({
  as: `X-KITH-${name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase()}`,
})
const text = (name: string, vcf: string | Holding = own(name)): Held => ({
  jsonl: { as: name },
  csv: { as: name, limits: ['blank'] },
  vcf: typeof vcf === 'string' ? { as: vcf } : vcf,
})
const other = (name: string, vcf: string | Holding = own(name), csv = name): Held => ({
  jsonl: { as: name },
  csv: { as: csv },
  vcf: typeof vcf === 'string' ? { as: vcf } : vcf,
})
const picture = (name: string, vcf: Holding = own(name)): Held => ({
  jsonl: { as: name },
  csv: { as: name, limits: ['pictureId'] },
  vcf: { ...vcf, limits: ['pictureId'] },
})

/** By field of the record, and what is beside it. */
export const holds = {
  userName: other('userName'),
  externalId: text('externalId'),
  displayName: text('displayName', 'FN'),
  formattedName: text('formattedName'),
  honorificPrefix: text('honorificPrefix', 'N'),
  givenName: text('givenName', 'N'),
  middleName: text('middleName', 'N'),
  familyName: text('familyName', 'N'),
  honorificSuffix: text('honorificSuffix', 'N'),
  nickName: text('nickName', 'NICKNAME'),
  initials: text('initials'),
  pronouns: text('pronouns', 'PRONOUNS (4.0)'),
  emails: other('emails', 'EMAIL'),
  phones: other('phones', 'TEL', 'workPhone, mobilePhone, homePhone, phone; or phones'),
  addresses: other(
    'addresses',
    'ADR, LABEL',
    'formattedAddress, street, locality, region, postalCode, country; or addresses',
  ),
  contacts: other('contacts', 'IMPP'),
  socialLinks: {
    ...text('socialLinks', 'X-SOCIALPROFILE'),
    csv: { as: 'instagram, facebook, twitter, linkedin', limits: ['blank'] },
  },
  profileUrl: text('profileUrl', 'URL'),
  certificates: other('certificates'),
  title: text('title', 'TITLE'),
  company: text('company', 'ORG'),
  division: text('division'),
  department: text('department', 'ORG'),
  costCenter: text('costCenter'),
  employeeNumber: text('employeeNumber'),
  userType: text('userType'),
  location: text('location'),
  team: other('team'),
  role: other('role', 'ROLE'),
  roles: other('roles'),
  licenses: other('licenses'),
  entitlements: other('entitlements'),
  groups: other('groups', 'CATEGORIES'),
  managerId: other('manager'),
  workFrom: other('workFrom'),
  bio: text('bio'),
  notes: text('notes', 'NOTE'),
  interests: other('interests', 'INTEREST (4.0)'),
  extraInfo: {
    ...text('extraInfo'),
    csv: { as: 'about, knows, wantsToLearn, wantsToMeet', limits: ['blank'] },
  },
  avatar: picture('avatar', { as: 'PHOTO' }),
  cover: picture('cover'),
  videoIntro: other('videoIntro'),
  timeZone: other('timeZone', 'TZ'),
  locale: text('locale'),
  preferredLanguage: text('preferredLanguage', 'LANG (4.0)'),
  birthDate: other('birthDate', 'BDAY'),
  gender: text('gender', 'GENDER (4.0)'),
  colorMode: other('colorMode'),
  emailNotifications: other('emailNotifications'),
  notifications: other('notifications'),
  acceptsDirectMessages: other('acceptsDirectMessages'),
  directMessagesFrom: other('directMessagesFrom'),
  acceptsMeetingRequests: other('acceptsMeetingRequests'),
  acceptsCallsFromStrangers: other('acceptsCallsFromStrangers'),
  meetingAvailability: other('meetingAvailability'),
  type: other('type'),
  lifecycle: other('lifecycle'),
  deletedAt: other('deletedAt'),
  terminatedAt: other('terminatedAt'),
  activation: other('activation'),
  loginEnabled: other('loginEnabled'),
  flags: {
    ...other('flags'),
    csv: { as: 'owner, administrator, roomAdministrator, guest, plainUser, ldap, sso' },
  },
  quotaLimit: other('quotaLimit'),
  usedSpace: other('usedSpace'),
  createdById: other('createdById'),
  audiences: other('audiences'),
  data: other('data'),
  onboardingData: other('onboardingData'),
  extensions: other('extensions'),
} as const satisfies Readonly<Record<string, Held>>

/** The table of docs/export.md, row by row. */
export const tableRows = (): readonly string[] =>
  Object.entries(holds).map(([field, held]: [string, Held]) => {
    const cells = [held.jsonl, held.csv, held.vcf].map(cellOf)
    return `| \`${field}\` | ${cells.join(' | ')} |`
  })

const cellOf = ({ as, limits: hit = [] }: Holding): string =>
  [as, ...hit.map((limit) => limits[limit])].join('; ')
