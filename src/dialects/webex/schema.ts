import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Text = Type.String()
const Moment = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })
/** Booleans in a live capture, strings on the vendor's page. */
const Flag = Type.Union([Type.Boolean(), Type.Enum(['true', 'false'])])

/** Field order is the vendor's (developer.webex.com, People). */
export const WebexPerson = Type.Object(
  {
    id: Text,
    emails: Type.Array(Text),
    phoneNumbers: optional(
      Type.Array(
        Type.Object(
          { type: Type.Enum(['work', 'work_extension', 'mobile', 'fax']), value: Text },
          strict,
        ),
      ),
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
  strict,
)
export type WebexPerson = Static<typeof WebexPerson>

export const WebexPeople = Type.Object(
  { notFoundIds: Type.Union([Type.Null(), Type.Array(Text)]), items: Type.Array(WebexPerson) },
  strict,
)
export type WebexPeople = Static<typeof WebexPeople>

export const WebexError = Type.Object(
  {
    message: Text,
    errors: Type.Array(Type.Object({ description: Text }, strict)),
    trackingId: Type.String({ pattern: '^ROUTERGW_[0-9a-f-]{36}$' }),
  },
  strict,
)
export type WebexError = Static<typeof WebexError>
