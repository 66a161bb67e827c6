import type { ConnectionSeen, Encounter } from '../../directory/directory.ts'
import { primaryOf } from '../../person/emails.ts'
import type { FieldGroup, MeetingAvailability } from '../../person/person.ts'
import { numberOf } from '../../person/phones.ts'
import { canonicalZone, windowsZone, zoned } from '../../person/zones.ts'
import type { PictureAddress } from '../../pictures/forms.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type {
  AcceleventsAccount,
  AcceleventsAttendee,
  AcceleventsPerson,
  RosterEntry,
} from './schema.ts'

/** Which of the forms of {@link AcceleventsPerson} to give; see `switches` in index.ts. */
export type AcceleventsForm = Readonly<Record<string, boolean>>

/** Every field is there whatever is known: what is empty or may not be seen is null or the vendor's default. */
export function projectPerson(
  { event, attendee, person, connection }: Encounter,
  form: AcceleventsForm,
): AcceleventsPerson {
  const { socialLinks = {} } = person
  const meetings = meetingsOf(person.meetingAvailability)
  return {
    id: attendee.number,
    userId: person.number,
    firstName: orNull(person.givenName),
    lastName: orNull(person.familyName),
    pronouns: orNull(person.pronouns),
    photo: orNull(person.avatar?.id),
    coverPhoto: orNull(person.cover?.id),
    acceptDirectMessages:
      person.acceptsDirectMessages !== false && person.directMessagesFrom !== 'nobody',
    acceptMeetingRequests: meetingRequests(person, form),
    showContactInfo: isShown(person, 'contact'),
    company: orNull(person.company),
    title: orNull(person.title),
    timezoneId: orNull(person.timeZone),
    equivalentTimezone: equivalentOf(person.timeZone, form),
    status: connection ? states[connection.state] : null,
    rejectedBy: orNull(connection?.rejectedBy),
    eventId: event.number,
    videoIntro: orNull(person.videoIntro),
    extraInfo: extraInfoOf(person.extraInfo),
    interests: person.interests ?? [],
    availabilityDuration: meetings.duration,
    request: connection?.state === 'requested' && connection.asked,
    instagram: orNull(socialLinks.instagram),
    facebook: orNull(socialLinks.facebook),
    twitter: orNull(socialLinks.twitter),
    linkedIn: orNull(socialLinks.linkedin),
    availabilityStartTime: meetings.start,
    availabilityEndTime: meetings.end,
    availabilityTimezoneId: meetings.timeZone,
    showProfile: isShown(person, 'profile'),
    rules: meetings.rules,
    meetingAvailabilitySetted: meetings.set,
    emailNotification: person.emailNotifications ?? true,
    allowCallsAndVideosFromNotConnectedAttendees: person.acceptsCallsFromStrangers ?? false,
    exposeProfileToOtherUser: isShown(person, 'existence'),
  }
}

/** The person with what only the organizers' pages of the vendor have. */
export function projectAttendee(encounter: Encounter, form: AcceleventsForm): AcceleventsAttendee {
  const { emails, addresses, lifecycle } = encounter.person
  const [address] = addresses ?? []
  return {
    ...projectPerson(encounter, form),
    email: orNull(primaryOf(emails)?.value),
    city: orNull(address?.locality),
    country: orNull(address?.country),
    deleted: lifecycle === 'deleted',
  }
}

/** Of tickets nothing is known here. */
export function projectEntry({ attendee, person }: Encounter): RosterEntry {
  return {
    attendeeId: attendee.number,
    barcode: null,
    email: orNull(primaryOf(person.emails)?.value),
    firstName: orNull(person.givenName),
    lastName: orNull(person.familyName),
    status: null,
    ticketStatus: null,
    ticketType: null,
  }
}

/** What somebody is in no event in particular. */
export function projectAccount(
  person: VisiblePerson,
  pictureAddress: PictureAddress,
): AcceleventsAccount {
  const [address] = person.addresses ?? []
  const [address1, ...more] = address?.street?.split('\n') ?? []
  const phone = numberOf(person.phones)
  const admin = person.flags?.owner === true || person.flags?.administrator === true
  return {
    email: orNull(primaryOf(person.emails)?.value),
    firstName: orNull(person.givenName),
    lastName: orNull(person.familyName),
    countryCode: orNull(phone?.country),
    phoneNumber: orNull(phone?.country ? phone.nationalNumber : phone?.e164),
    address1: orNull(address1),
    address2: orNull(more.length > 0 ? more.join('\n') : undefined),
    cityOrProvidence: orNull(address?.locality),
    zipcode: orNull(address?.postalCode),
    state: orNull(address?.region),
    country: orNull(address?.country),
    zapierEnabled: false,
    admin,
    userLabel: admin ? 'Admin' : null,
    userProfilePhoto: orNull(pictureAddress(person, 'avatar', 500)),
  }
}

/** `body` without its fields that are null, and without those of the objects in it. */
export function withoutNulls(body: object): object {
  const known = Object.entries(body).filter(([, value]) => value !== null)
  return Object.fromEntries(
    known.map(([field, value]) => [field, isObject(value) ? withoutNulls(value) : value]),
  )
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const orNull = <Value>(value: Value | undefined): Value | null => value ?? null

/** The vendor's booleans are views of who may see a group; only self and administrators are told what was decided. */
const isShown = ({ audiencesInForce }: VisiblePerson, group: FieldGroup): boolean =>
  audiencesInForce?.[group] !== 'nobody'

const constants = { everyone: 'EVERY_ONE', connections: 'MY_CONNECTION', nobody: 'NO_ONE' } as const
const displayNames = {
  everyone: 'Everyone',
  connections: 'My Connection',
  nobody: 'No one',
} as const

const meetingRequests = (
  { acceptsMeetingRequests = 'everyone' }: VisiblePerson,
  form: AcceleventsForm,
) => (form.displayNames ? displayNames : constants)[acceptsMeetingRequests]

const states: Record<ConnectionSeen['state'], AcceleventsPerson['status']> = {
  requested: 'REQUESTED',
  accepted: 'ACCEPT',
  rejected: 'REJECT',
  // The vendor has no word for it.
  blocked: null,
}

function equivalentOf(timeZone: string | undefined, form: AcceleventsForm): string | null {
  if (timeZone === undefined) return null
  return orNull(form.ianaEquivalent ? canonicalZone(timeZone) : windowsZone(timeZone))
}

function extraInfoOf(info: VisiblePerson['extraInfo'] = {}): AcceleventsPerson['extraInfo'] {
  const { about, wantsToLearn, knows, wantsToMeet } = info
  const all = [about, wantsToLearn, knows, wantsToMeet]
  if (all.every((one) => one === undefined)) return null
  return {
    aboutMe: orNull(about),
    wantsToLearn: orNull(wantsToLearn),
    knows: orNull(knows),
    wantsToMeet: orNull(wantsToMeet),
  }
}

const noMeetings = {
  timeZone: null,
  duration: null,
  start: null,
  end: null,
  rules: null,
  set: false,
}

function meetingsOf(availability: MeetingAvailability | undefined) {
  if (!availability) return noMeetings
  const { timeZone, duration, start, end, rules } = availability
  return {
    timeZone,
    duration: orNull(duration),
    start: localMinute(start, timeZone),
    end: localMinute(end, timeZone),
    rules: rules.map((rule) => ({ days: rule.days, startTime: rule.start, endTime: rule.end })),
    set: rules.length > 0 || start !== undefined,
  }
}

/** `yyyy/MM/dd HH:mm`, the vendor's only form of a time. */
export function localMinute(instant: string | undefined, timeZone: string): string | null {
  if (instant === undefined) return null
  const [date = '', time = ''] = zoned(instant, timeZone).toPlainDateTime().toString().split('T')
  return `${date.replaceAll('-', '/')} ${time.slice(0, 5)}`
}
