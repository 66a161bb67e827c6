import Type, { type Static, type TSchema } from 'typebox'
import { weekdays } from '../../person/person.ts'

const strict = { additionalProperties: false }
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Flag = Type.Boolean()
const Text = Type.String()
const Id = Type.Integer({ minimum: 1 })
/** On the clock of `availabilityTimezoneId`. */
const LocalMinute = Type.String({ pattern: '^\\d{4}/\\d{2}/\\d{2} \\d{2}:\\d{2}$' })
const LocalTime = Type.String({ pattern: '^\\d{2}:\\d{2}$' })

const ExtraInfo = Type.Object(
  {
    aboutMe: orNull(Text),
    wantsToLearn: orNull(Text),
    knows: orNull(Text),
    wantsToMeet: orNull(Text),
  },
  strict,
)

const Rule = Type.Object(
  { days: Type.Array(Type.Enum([...weekdays])), startTime: LocalTime, endTime: LocalTime },
  strict,
)

const fields = {
  /** The attendee: the person in this event. */
  id: Id,
  /** The person. */
  userId: Id,
  firstName: orNull(Text),
  lastName: orNull(Text),
  pronouns: orNull(Text),
  photo: orNull(Text),
  coverPhoto: orNull(Text),
  acceptDirectMessages: Flag,
  acceptMeetingRequests: Type.Enum([
    'EVERY_ONE',
    'MY_CONNECTION',
    'NO_ONE',
    // By the switch `displayNames`.
    'Everyone',
    'My Connection',
    'No one',
  ]),
  showContactInfo: Flag,
  company: orNull(Text),
  title: orNull(Text),
  timezoneId: orNull(Text),
  equivalentTimezone: orNull(Text),
  status: orNull(Type.Enum(['ACCEPT', 'REJECT', 'REQUESTED'])),
  rejectedBy: orNull(Id),
  eventId: Id,
  videoIntro: orNull(Text),
  extraInfo: orNull(ExtraInfo),
  interests: Type.Array(Text),
  /** Minutes. */
  availabilityDuration: orNull(Type.Integer({ minimum: 1 })),
  request: Flag,
  instagram: orNull(Text),
  facebook: orNull(Text),
  twitter: orNull(Text),
  linkedIn: orNull(Text),
  availabilityStartTime: orNull(LocalMinute),
  availabilityEndTime: orNull(LocalMinute),
  availabilityTimezoneId: orNull(Text),
  showProfile: Flag,
  rules: orNull(Type.Array(Rule)),
  meetingAvailabilitySetted: Flag,
  emailNotification: Flag,
  allowCallsAndVideosFromNotConnectedAttendees: Flag,
  exposeProfileToOtherUser: Flag,
}

/** All 35 fields, in the order of the vendor's page. */
export const AcceleventsPerson = Type.Object(fields, strict)
export type AcceleventsPerson = Static<typeof AcceleventsPerson>

export const AcceleventsAttendee = Type.Object(
  { ...fields, email: orNull(Text), city: orNull(Text), country: orNull(Text), deleted: Flag },
  strict,
)
export type AcceleventsAttendee = Static<typeof AcceleventsAttendee>

/** What a person's own account is, of which the vendor has a page of its own. Strings where the vendor says nothing else. */
export const AcceleventsAccount = Type.Object(
  {
    email: orNull(Text),
    firstName: orNull(Text),
    lastName: orNull(Text),
    countryCode: orNull(Text),
    phoneNumber: orNull(Text),
    address1: orNull(Text),
    address2: orNull(Text),
    cityOrProvidence: orNull(Text),
    zipcode: orNull(Text),
    state: orNull(Text),
    country: orNull(Text),
    zapierEnabled: Flag,
    admin: Flag,
    userLabel: orNull(Text),
    userProfilePhoto: orNull(Text),
  },
  strict,
)
export type AcceleventsAccount = Static<typeof AcceleventsAccount>

const records = {
  /** All whom the caller may see in the event. */
  recordsTotal: Type.Integer({ minimum: 0 }),
  /** Those of them who fit, on whatever page. */
  recordsFiltered: Type.Integer({ minimum: 0 }),
}

export const AcceleventsPeople = Type.Object(
  { ...records, data: Type.Array(AcceleventsPerson) },
  strict,
)

const RosterEntry = Type.Object(
  {
    attendeeId: Id,
    barcode: orNull(Text),
    email: orNull(Text),
    firstName: orNull(Text),
    lastName: orNull(Text),
    status: orNull(Text),
    ticketStatus: orNull(Text),
    ticketType: orNull(Text),
  },
  strict,
)
export type RosterEntry = Static<typeof RosterEntry>

export const AcceleventsRoster = Type.Object(
  {
    attendees: Type.Array(RosterEntry),
    recordsFiltered: records.recordsFiltered,
    recordsTotal: records.recordsTotal,
  },
  strict,
)

const Meeting = Type.Object(
  {
    id: Text,
    eventId: orNull(Id),
    title: orNull(Text),
    description: orNull(Text),
    location: orNull(Text),
    /** On the clock of `timezoneId`. */
    startTime: orNull(LocalMinute),
    endTime: orNull(LocalMinute),
    timezoneId: Text,
    status: Type.Enum(['SCHEDULED', 'CANCELLED']),
    organizerId: orNull(Id),
    participants: Type.Array(
      Type.Object(
        { userId: Id, firstName: orNull(Text), lastName: orNull(Text), photo: orNull(Text) },
        strict,
      ),
    ),
  },
  strict,
)
export type AcceleventsMeeting = Static<typeof Meeting>

export const AcceleventsSchedule = Type.Object({ ...records, data: Type.Array(Meeting) }, strict)
export type AcceleventsSchedule = Static<typeof AcceleventsSchedule>

export const AcceleventsDone = Type.Object({ type: Type.Literal('Success'), message: Text }, strict)
export type AcceleventsDone = Static<typeof AcceleventsDone>

// What is taken. What is left out stays, null empties, and what is not named here is passed over.

const optional = Type.Optional
const page = {
  page: Type.Integer({ minimum: 0, maximum: 999_999_999, default: 0 }),
  size: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
}
const Sought = Type.String({ maxLength: 255 })
const Choice = optional(orNull(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 100 })))

export const PeopleRequest = Type.Object({
  page: optional(page.page),
  size: optional(page.size),
  searchString: optional(orNull(Sought)),
  title: Choice,
  company: Choice,
  interest: Choice,
  /** An interest's id is its name. */
  interestIds: Choice,
})
export type PeopleRequest = Static<typeof PeopleRequest>

export const RosterRequest = Type.Object({
  page: optional(page.page),
  size: optional(page.size),
  searchString: optional(Sought),
})
export type RosterRequest = Static<typeof RosterRequest>

const Line = optional(orNull(Type.String({ maxLength: 255 })))
const Switch = optional(orNull(Flag))
const Address = optional(orNull(Type.String({ maxLength: 2048 })))
const Essay = optional(orNull(Type.String({ maxLength: 10_000 })))
const Minute = optional(orNull(Type.String({ pattern: '^\\d{4}/\\d{2}/\\d{2} \\d{2}:\\d{2}$' })))
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
/** `24:00` is the end of the day. */
const ClockEnd = Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' })
/** What follows from something else or is given out: it may come back as it was. */
const Given = optional(Type.Unknown())

export const PersonChange = Type.Object({
  firstName: Line,
  lastName: Line,
  pronouns: optional(orNull(Type.String({ maxLength: 64 }))),
  email: optional(orNull(Type.String({ maxLength: 320 }))),
  city: Line,
  country: Line,
  company: Line,
  title: Line,
  timezoneId: Line,
  acceptDirectMessages: Switch,
  acceptMeetingRequests: optional(orNull(fields.acceptMeetingRequests)),
  showContactInfo: optional(Flag),
  showProfile: optional(Flag),
  exposeProfileToOtherUser: optional(Flag),
  emailNotification: Switch,
  allowCallsAndVideosFromNotConnectedAttendees: Switch,
  videoIntro: Address,
  instagram: Address,
  facebook: Address,
  twitter: Address,
  linkedIn: Address,
  extraInfo: optional(
    orNull(Type.Object({ aboutMe: Essay, wantsToLearn: Essay, knows: Essay, wantsToMeet: Essay })),
  ),
  interests: optional(
    orNull(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 1000 })),
  ),
  availabilityDuration: optional(orNull(Type.Integer({ minimum: 1, maximum: 1440 }))),
  availabilityStartTime: Minute,
  availabilityEndTime: Minute,
  availabilityTimezoneId: Line,
  rules: optional(
    orNull(
      Type.Array(
        Type.Object({
          days: Type.Array(Type.Enum([...weekdays]), { maxItems: 7 }),
          startTime: Clock,
          endTime: ClockEnd,
        }),
        { maxItems: 100 },
      ),
    ),
  ),
  id: Given,
  userId: Given,
  eventId: Given,
  photo: Given,
  coverPhoto: Given,
  status: Given,
  rejectedBy: Given,
  request: Given,
  deleted: Given,
})
export type PersonChange = Static<typeof PersonChange>

export const ScheduleRequest = Type.Object({
  page: optional(page.page),
  size: optional(page.size),
})

export const MeetingRequest = Type.Object({
  startTime: Type.String({ pattern: '^\\d{4}/\\d{2}/\\d{2} \\d{2}:\\d{2}$' }),
  /** Absent: after as long as the person has meetings take. */
  endTime: Minute,
  /** Absent: the caller's. */
  timezoneId: Line,
  title: Line,
  description: Essay,
  location: Line,
})

export const AccountChange = Type.Object({
  email: optional(orNull(Type.String({ maxLength: 320 }))),
  firstName: Line,
  lastName: Line,
  countryCode: optional(orNull(Type.String({ maxLength: 2 }))),
  phoneNumber: optional(orNull(Type.Union([Type.String({ maxLength: 64 }), Type.Integer()]))),
  address1: Line,
  address2: Line,
  cityOrProvidence: Line,
  zipcode: optional(orNull(Type.String({ maxLength: 64 }))),
  state: Line,
  country: Line,
  zapierEnabled: Given,
  admin: Given,
  userLabel: Given,
  userProfilePhoto: Given,
})
export type AccountChange = Static<typeof AccountChange>

export const AcceleventsError = Type.Object(
  { errorCode: Type.Optional(Type.Integer()), message: Text },
  strict,
)
export type AcceleventsError = Static<typeof AcceleventsError>
