import Type, { type Static, type TProperties } from 'typebox'
import type { Method } from '../dialect.ts'
import {
  activationStatuses,
  areas,
  eitherForm,
  employeeStatuses,
  employeeTypes,
  loginTypes,
  payments,
  quotaFilters,
  sexes,
  sortOrders,
} from './words.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const Text = Type.String()
const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })

/** Local time with seven fraction digits on the wire, an object on the vendor's page. */
const DateTime = Type.Union([
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{7}(Z|[+-]\\d{2}:\\d{2})$',
  }),
  Type.Object(
    { utcTime: Text, timeZoneOffset: Type.String({ pattern: '^-?\\d{2}:\\d{2}:00$' }) },
    strict,
  ),
])
export type DocSpaceDateTime = Static<typeof DateTime>

export const Status = Type.Enum(eitherForm(employeeStatuses))
const ActivationStatus = Type.Enum(eitherForm(activationStatuses))
export const EmployeeKind = Type.Enum(eitherForm(employeeTypes))
const PhoneActivationStatus = Type.Enum([0, 1, 'NotActivated', 'Activated'])

/** What of a person is told wherever they are mentioned, in the vendor's order. */
const short = {
  id: Uuid,
  displayName: Text,
  title: optional(Text),
  avatar: Text,
  avatarOriginal: Text,
  avatarMax: Text,
  avatarMedium: Text,
  avatarSmall: Text,
  profileUrl: Text,
  hasAvatar: Type.Boolean(),
  isAnonim: Type.Boolean(),
}
export const ShortPerson = Type.Object(short, { title: 'Employee', ...strict })
export type DocSpaceShortPerson = Static<typeof ShortPerson>

/** A group as it is told of with somebody who is in it. */
export const GroupSummary = Type.Object({ id: Text, name: Text, manager: optional(Text) }, strict)
export type DocSpaceGroupSummary = Static<typeof GroupSummary>

/** Field order is the vendor's server's. */
export const DocSpacePerson = Type.Object(
  {
    firstName: optional(Text),
    lastName: optional(Text),
    userName: optional(Text),
    email: optional(Text),
    contacts: optional(Type.Array(Type.Object({ type: Text, value: Text }, strict))),
    birthday: optional(DateTime),
    sex: optional(Type.Enum(['male', 'female'])),
    status: Status,
    activationStatus: ActivationStatus,
    terminated: optional(DateTime),
    department: optional(Text),
    workFrom: optional(DateTime),
    groups: optional(Type.Array(GroupSummary)),
    location: optional(Text),
    notes: optional(Text),
    isAdmin: Type.Boolean(),
    isRoomAdmin: Type.Boolean(),
    isLDAP: Type.Boolean(),
    listAdminModules: optional(Type.Array(Text)),
    isOwner: Type.Boolean(),
    isVisitor: Type.Boolean(),
    isCollaborator: Type.Boolean(),
    cultureName: optional(Text),
    mobilePhone: optional(Text),
    mobilePhoneActivationStatus: PhoneActivationStatus,
    isSSO: Type.Boolean(),
    theme: optional(Type.Enum(['Base', 'Dark', 'System'])),
    quotaLimit: optional(Type.Integer()),
    usedSpace: optional(Type.Number()),
    shared: optional(Type.Boolean()),
    isCustomQuota: optional(Type.Boolean()),
    loginEventId: optional(Type.Integer()),
    createdBy: optional(ShortPerson),
    registrationDate: DateTime,
    ...short,
  },
  { title: 'EmployeeFull', ...strict },
)
export type DocSpacePerson = Static<typeof DocSpacePerson>

/** A group; the order is that of the vendor's document. */
export const DocSpaceGroup = Type.Object(
  {
    name: Text,
    category: Uuid,
    id: Text,
    isLDAP: Type.Boolean(),
    members: optional(Type.Array(DocSpacePerson)),
    membersCount: Type.Integer(),
  },
  { title: 'Group', ...strict },
)
export type DocSpaceGroup = Static<typeof DocSpaceGroup>

/** Whether there is somebody, and then where their account stands. */
export const Existence = Type.Object({ exists: Type.Boolean(), status: optional(Status) }, strict)
export type Existence = Static<typeof Existence>

/** What every success is wrapped in; where there is no `response`, there is nothing to tell. */
export const enveloped = (
  response?: Type.TSchema,
  more: TProperties = {},
  method: Method = 'GET',
) =>
  Type.Object(
    {
      ...(response && { response }),
      count: Type.Integer(),
      ...more,
      links: Type.Array(Type.Object({ href: Text, action: Type.Literal(method) }, strict)),
      status: Type.Literal(0),
      statusCode: Type.Literal(200),
    },
    strict,
  )

export const DocSpaceError = Type.Object(
  {
    error: Type.Object({ message: Text, type: Text, stack: Text, hresult: Type.Integer() }, strict),
    status: Type.Literal(1),
    statusCode: Type.Integer(),
  },
  strict,
)
export type DocSpaceError = Static<typeof DocSpaceError>

/** What is said of a request that does not fit its model. */
export const DocSpaceProblem = Type.Object(
  {
    response: Type.Object(
      {
        type: Text,
        title: Text,
        status: Type.Literal(400),
        errors: Type.Record(Text, Type.Array(Text)),
        traceId: Text,
      },
      strict,
    ),
    count: Type.Literal(1),
    links: Type.Array(Type.Object({ href: Text, action: Text }, strict)),
    status: Type.Literal(1),
    statusCode: Type.Literal(400),
  },
  strict,
)
export type DocSpaceProblem = Static<typeof DocSpaceProblem>

// What is sent. Members that are not named here are passed over, as by the vendor's server.

/** As many as go in a page. */
export const mostInPage = 100

const Count = Type.Integer({ minimum: 1, maximum: mostInPage })
const StartIndex = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })
const Guid = Type.String({ format: 'uuid' })
const Name = Type.String({ maxLength: 255 })

export const FieldsQuery = Type.Object({ fields: optional(Text) })

const paging = {
  count: optional(Count),
  startIndex: optional(StartIndex),
  sortBy: optional(Text),
  sortOrder: optional(Type.Enum(eitherForm(sortOrders))),
}
const narrowing = {
  filterBy: optional(Text),
  filterSeparator: optional(Text),
  filterValue: optional(Text),
}

export const ListQuery = Type.Object({ ...paging, ...narrowing, ...FieldsQuery.properties })
export type ListQuery = Static<typeof ListQuery>

export const SearchQuery = Type.Object({ query: optional(Text), ...ListQuery.properties })

export const FilterQuery = Type.Object({
  employeeStatus: optional(Status),
  groupId: optional(Guid),
  activationStatus: optional(ActivationStatus),
  employeeType: optional(EmployeeKind),
  employeeTypes: optional(Type.Array(EmployeeKind)),
  isAdministrator: optional(Type.Boolean()),
  payments: optional(Type.Enum(eitherForm(payments))),
  accountLoginType: optional(Type.Enum(eitherForm(loginTypes))),
  quotaFilter: optional(Type.Enum(eitherForm(quotaFilters))),
  withoutGroup: optional(Type.Boolean()),
  excludeGroup: optional(Type.Boolean()),
  invitedByMe: optional(Type.Boolean()),
  inviterId: optional(Guid),
  area: optional(Type.Enum(eitherForm(areas))),
  ...paging,
  filterSeparator: optional(Text),
  filterValue: optional(Text),
  ...FieldsQuery.properties,
})
export type FilterQuery = Static<typeof FilterQuery>

export const EmailQuery = Type.Object({
  email: optional(Name),
  encemail: optional(Text),
  culture: optional(Text),
  ...FieldsQuery.properties,
})

export const GroupsQuery = Type.Object({
  userId: optional(Guid),
  manager: optional(Type.Boolean()),
  ...paging,
  filterValue: optional(Text),
  ...FieldsQuery.properties,
})
export const GroupQuery = Type.Object({
  includeMembers: optional(Type.Boolean()),
  ...FieldsQuery.properties,
})

const Moment = Type.Union([
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}' }),
  Type.Object({ utcTime: Text }),
])
export type Moment = Static<typeof Moment>

const profile = {
  firstName: optional(Name),
  lastName: optional(Name),
  department: optional(Type.Array(Guid, { maxItems: 1000 })),
  title: optional(Name),
  location: optional(Name),
  comment: optional(Type.String({ maxLength: 10_000 })),
  contacts: optional(
    Type.Array(
      Type.Object({
        type: optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
        value: optional(Type.Union([Type.String({ maxLength: 2048 }), Type.Null()])),
      }),
      { maxItems: 1000 },
    ),
  ),
  sex: optional(Type.Enum(eitherForm(sexes))),
  birthday: optional(Moment),
  worksfrom: optional(Moment),
  cultureName: optional(Type.String({ maxLength: 64 })),
  files: optional(Type.String({ maxLength: 2048 })),
  spam: optional(Type.Boolean()),
  isUser: optional(Type.Boolean()),
}
const EmailAddress = Type.String({ maxLength: 255 })

export const NewMember = Type.Object({
  email: EmailAddress,
  type: optional(EmployeeKind),
  ...profile,
})
export type NewMember = Static<typeof NewMember>

export const MemberUpdate = Type.Object({
  email: optional(EmailAddress),
  disable: optional(Type.Boolean()),
  ...profile,
})
export type MemberUpdate = Static<typeof MemberUpdate>

export const Culture = Type.Object({ cultureName: Type.String({ maxLength: 85 }) })

/** As many people as one write may be about. */
const mostAtOnce = 1000

export const Members = Type.Object({
  userIds: Type.Array(Guid, { minItems: 1, maxItems: mostAtOnce }),
})

const MemberIds = Type.Array(Guid, { maxItems: mostAtOnce })
const GroupName = Type.String({ minLength: 1, maxLength: 128 })
export const NewGroup = Type.Object({
  groupName: GroupName,
  groupManager: optional(Guid),
  members: optional(MemberIds),
})
export const GroupUpdate = Type.Object({
  groupName: optional(GroupName),
  groupManager: optional(Guid),
  membersToAdd: optional(MemberIds),
  membersToRemove: optional(MemberIds),
})
export const GroupMembers = Type.Object({ members: MemberIds })
