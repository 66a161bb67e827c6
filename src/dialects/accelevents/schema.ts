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

export const AcceleventsError = Type.Object(
  { errorCode: Type.Optional(Type.Integer()), message: Text },
  strict,
)
export type AcceleventsError = Static<typeof AcceleventsError>
