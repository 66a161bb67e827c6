import Type, { type Static, type TSchema } from 'typebox'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Text = Type.String()
const Moment = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })
/** Booleans in a live capture, strings on the vendor's page. */
const Flag = Type.Union([Type.Boolean(), Type.Enum(['true', 'false'])])

export const phoneTypes = ['work', 'work_extension', 'mobile', 'fax'] as const

/** Field order is the vendor's (developer.webex.com, People). */
export const WebexPerson = Type.Object(
  {
    id: Text,
    emails: Type.Array(Text),
    phoneNumbers: optional(
      Type.Array(Type.Object({ type: Type.Enum([...phoneTypes]), value: Text }, strict)),
    ),
    displayName: Text,
    nickName: optional(Text),
    firstName: optional(Text),
    lastName: optional(Text),
    avatar: optional(Text),
    orgId: Text,
    roles: optional(Type.Array(Text)),
    licenses: optional(Type.Array(Text)),
    department: optional(Text),
    manager: optional(Text),
    managerId: optional(Text),
    title: optional(Text),
    addresses: optional(
      Type.Array(
        Type.Object(
          {
            type: optional(Text),
            country: optional(Text),
            locality: optional(Text),
            region: optional(Text),
            streetAddress: optional(Text),
            postalCode: optional(Text),
          },
          strict,
        ),
      ),
    ),
    created: Moment,
    lastModified: optional(Moment),
    timezone: optional(Text),
    lastActivity: optional(Moment),
    status: optional(
      Type.Enum([
        'active',
        'call',
        'DoNotDisturb',
        'inactive',
        'meeting',
        'OutOfOffice',
        'pending',
        'presenting',
        'unknown',
      ]),
    ),
    invitePending: optional(Flag),
    loginEnabled: optional(Flag),
    type: Type.Enum(['person', 'bot', 'appuser']),
  },
  { ...strict, title: 'Person' },
)
export type WebexPerson = Static<typeof WebexPerson>

export const WebexPeople = Type.Object(
  { notFoundIds: Type.Union([Type.Null(), Type.Array(Text)]), items: Type.Array(WebexPerson) },
  { ...strict, title: 'PersonCollection' },
)
export type WebexPeople = Static<typeof WebexPeople>

export const WebexPeopleQuery = Type.Object({
  id: optional(
    Type.String({ description: 'Up to 85 ids, separated by commas. No paging; no other filter.' }),
  ),
  email: optional(Type.String({ description: 'The whole address; case does not count.' })),
  displayName: optional(
    Type.String({ description: 'What the name begins with; case does not count.' }),
  ),
  orgId: optional(
    Type.String({ description: 'An organization of which the caller is an administrator.' }),
  ),
  roles: optional(Type.String({ description: 'Ids of roles, of which any will do.' })),
  max: optional(Type.Integer({ minimum: 1, default: 100, description: 'A page has 100 at most.' })),
  excludeStatus: optional(Type.Boolean({ description: 'Leaves out `status` and `lastActivity`.' })),
  showAllTypes: optional(Type.Boolean({ description: 'Without effect.' })),
  callingData: optional(Type.Boolean({ description: 'Without effect.' })),
  cursor: optional(Type.String({ description: 'From the `Link` of the page before.' })),
})

/** What a list in the record can hold. */
const most = { maxItems: 1000 }
/** Each is looked for at the others; the vendor itself takes one. */
const mostEmails = { maxItems: 100 }
const given = <Schema extends TSchema>(schema: Schema) =>
  optional(Type.Union([schema, Type.Null()]))

const WrittenPhone = Type.Object({
  type: given(Type.Enum([...phoneTypes])),
  value: Type.String({ minLength: 1 }),
  primary: given(Type.Boolean()),
})

const WrittenAddress = Type.Object({
  type: given(Text),
  country: given(Text),
  locality: given(Text),
  region: given(Text),
  streetAddress: given(Text),
  postalCode: given(Text),
})

/** What can be written, and what is refused for want of a place for it. The rest of a body is passed over. */
const written = {
  emails: given(Type.Array(Text, mostEmails)),
  phoneNumbers: given(Type.Array(WrittenPhone, most)),
  displayName: given(Text),
  nickName: given(Text),
  firstName: given(Text),
  lastName: given(Text),
  avatar: given(Text),
  orgId: given(Text),
  roles: given(Type.Array(Text, most)),
  licenses: given(Type.Array(Text, most)),
  department: given(Text),
  manager: given(Text),
  managerId: given(Text),
  title: given(Text),
  addresses: given(Type.Array(WrittenAddress, most)),
  timezone: given(Text),
  loginEnabled: given(Flag),
  extension: given(Text),
  locationId: given(Text),
  siteUrls: given(Type.Array(Text)),
}
const WebexWrite = Type.Object(written)
export type WebexWrite = Static<typeof WebexWrite>

export const NewWebexPerson = Type.Object(
  {
    ...written,
    emails: Type.Array(Text, { minItems: 1, ...mostEmails }),
  },
  { title: 'NewPerson' },
)

export const WebexUpdate = Type.Object(
  { ...written, displayName: Type.String({ minLength: 1 }) },
  { title: 'PersonUpdate' },
)

export const WebexError = Type.Object(
  {
    message: Text,
    errors: Type.Array(Type.Object({ description: Text }, strict)),
    trackingId: Type.String({ pattern: '^ROUTERGW_[0-9a-f-]{36}$' }),
  },
  strict,
)
export type WebexError = Static<typeof WebexError>
