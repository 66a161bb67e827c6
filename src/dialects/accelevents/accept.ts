import { isDeepStrictEqual } from 'node:util'
import type { PersonChange as Change } from '../../directory/amend.ts'
import type { Upload } from '../../directory/gallery.ts'
import { Failure } from '../../failure.ts'
import { isEmail, withPrimaryEmail } from '../../person/emails.ts'
import type { FieldGroup, Person } from '../../person/person.ts'
import { withNumber } from '../../person/phones.ts'
import { pictureKinds } from '../../pictures/forms.ts'
import { acceptAvailability } from './availability.ts'
import type {
  AcceleventsAccount,
  AcceleventsAttendee,
  AccountChange,
  PersonChange,
} from './schema.ts'

export interface Acceptance<Shown> {
  readonly before: Person
  /** What the viewer is shown, in the form without switches. */
  readonly shown: Shown
  /** An instant. */
  readonly now: string
}

/** What an update of a profile makes of the record. @throws invalid, naming the field */
export function acceptPerson(
  all: PersonChange,
  { before, shown, now }: Acceptance<AcceleventsAttendee>,
): Change {
  const sent = newsOf(inConstants(all), shown)
  refuseGiven(sent, ['id', 'userId', 'eventId'])
  refuseGiven(sent, ['status', 'rejectedBy', 'request', 'deleted'])
  return {
    ...acceptNames(sent),
    ...withoutPictures(sent),
    ...acceptEmail(sent, before, now),
    ...named('pronouns', textOf(sent.pronouns)),
    ...named('company', textOf(sent.company)),
    ...named('title', textOf(sent.title)),
    ...named('timeZone', textOf(sent.timezoneId)),
    ...named('videoIntro', addressOf('videoIntro', sent.videoIntro)),
    ...named('acceptsDirectMessages', sent.acceptDirectMessages),
    // From nobody is what false says, so true takes it back.
    ...(sent.acceptDirectMessages &&
      before.directMessagesFrom === 'nobody' && { directMessagesFrom: null }),
    ...named('acceptsCallsFromStrangers', sent.allowCallsAndVideosFromNotConnectedAttendees),
    ...named('emailNotifications', sent.emailNotification),
    ...named(
      'acceptsMeetingRequests',
      sent.acceptMeetingRequests && words[sent.acceptMeetingRequests],
    ),
    ...named('interests', sent.interests === null ? [] : sent.interests),
    ...acceptAudiences(sent, before),
    ...acceptSocialLinks(sent, before),
    ...acceptExtraInfo(sent, before),
    ...acceptAddress({ locality: sent.city, country: sent.country }, before),
    ...named('meetingAvailability', acceptAvailability(sent, shown, before)),
  }
}

const pictures = { avatar: 'photo', cover: 'coverPhoto' } as const

/** The pictures that an update hangs up, by the ids that their upload gave. */
export function acceptUploads(all: PersonChange, shown: AcceleventsAttendee): readonly Upload[] {
  const sent = newsOf(all, shown)
  return pictureKinds.flatMap((kind) => {
    const [field, id] = [pictures[kind], sent[pictures[kind]]]
    return id ? [{ kind, id: String(id), field }] : []
  })
}

/** Those that it takes down. */
const withoutPictures = (sent: Partial<PersonChange>): Change =>
  Object.fromEntries(
    pictureKinds
      .filter((kind) => sent[pictures[kind]] === null || sent[pictures[kind]] === '')
      .map((kind) => [kind, null]),
  )

/** What an update of the caller's own account makes of the record. @throws invalid, naming the field */
export function acceptAccount(
  all: AccountChange,
  { before, shown, now }: Acceptance<AcceleventsAccount>,
): Change {
  const sent = newsOf(all, shown)
  refuseGiven(sent, ['zapierEnabled', 'admin', 'userLabel', 'userProfilePhoto'])
  const { cityOrProvidence: locality, zipcode: postalCode, state: region, country } = sent
  const street = streetOf(sent, shown)
  return {
    ...acceptNames(sent),
    ...acceptEmail(sent, before, now),
    ...acceptPhone(sent, shown, before),
    ...acceptAddress({ street, locality, region, postalCode, country }, before),
  }
}

/** What is other than it is shown: what comes back as it was changes nothing, whatever it was made of. */
function newsOf<Sent extends object>(sent: Sent, shown: object): Partial<Sent> {
  const news = Object.entries(sent).filter(
    ([field, value]) => !isDeepStrictEqual(value, shown[field as keyof typeof shown]),
  )
  return Object.fromEntries(news) as Partial<Sent>
}

function refuseGiven<Field extends string>(
  sent: Readonly<Partial<Record<Field, unknown>>>,
  fields: readonly Field[],
): void {
  const given = fields.find((field) => sent[field] !== undefined)
  if (given) throw new Failure('invalid', `${given}: can not be written here`)
}

/** A field of the change, where there is something to write. */
const named = <Field extends keyof Change>(field: Field, value: Change[Field]): Change =>
  value === undefined ? {} : { [field]: value }

/** Empty is none. */
const textOf = (text: string | null | undefined): string | null | undefined =>
  text === '' ? null : text

function addressOf(field: string, text: string | null | undefined): string | null | undefined {
  if (!text) return textOf(text)
  if (/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) && URL.canParse(text)) return text
  throw new Failure('invalid', `${field}: must be an address that begins with https:// or http://`)
}

const acceptNames = ({
  firstName,
  lastName,
}: Pick<Partial<PersonChange>, 'firstName' | 'lastName'>): Change => ({
  ...named('givenName', textOf(firstName)),
  ...named('familyName', textOf(lastName)),
})

function acceptEmail(
  { email }: Pick<Partial<PersonChange>, 'email'>,
  before: Person,
  now: string,
): Change {
  if (email === undefined) return {}
  if (!email || !isEmail(email)) throw new Failure('invalid', 'email: must be an e-mail address')
  return { emails: withPrimaryEmail(before.emails, email, now) }
}

function acceptPhone(
  sent: Partial<AccountChange>,
  shown: AcceleventsAccount,
  before: Person,
): Change {
  if (sent.phoneNumber === undefined && sent.countryCode === undefined) return {}
  const { phoneNumber, countryCode } = { ...shown, ...sent }
  if (phoneNumber === null) throw new Failure('invalid', 'phoneNumber: can not be removed')
  const phones = withNumber(before.phones, String(phoneNumber), countryCode?.toUpperCase())
  if (phones) return { phones }
  throw new Failure('invalid', 'phoneNumber: is no telephone number of the country in countryCode')
}

const words = { EVERY_ONE: 'everyone', MY_CONNECTION: 'connections', NO_ONE: 'nobody' } as const
const constants = {
  Everyone: 'EVERY_ONE',
  'My Connection': 'MY_CONNECTION',
  'No one': 'NO_ONE',
} as const

type InConstants = Omit<PersonChange, 'acceptMeetingRequests'> & {
  readonly acceptMeetingRequests?: keyof typeof words | null
}

/** The vendor's page has names where its answers have constants; either is taken. */
function inConstants({ acceptMeetingRequests: word, ...sent }: PersonChange): InConstants {
  if (word === undefined) return sent
  const known = word !== null && word in constants
  const constant = known ? constants[word as keyof typeof constants] : word
  return { ...sent, acceptMeetingRequests: constant as keyof typeof words | null }
}

const views = {
  showContactInfo: 'contact',
  showProfile: 'profile',
  exposeProfileToOtherUser: 'existence',
} as const satisfies Record<string, FieldGroup>

/** False hides from everybody; true takes the person's own word back, so that the organization's holds again. */
function acceptAudiences(sent: Partial<InConstants>, before: Person): Change {
  const audiences = { ...before.audiences }
  for (const [field, group] of Object.entries(views)) {
    const shows = sent[field as keyof typeof views]
    if (shows === false) audiences[group] = 'nobody'
    if (shows !== true) continue
    if (audiences[group] === undefined) {
      throw new Failure('conflict', `${field}: the organization shows it to nobody`)
    }
    delete audiences[group]
  }
  return { audiences }
}

const networks = {
  instagram: 'instagram',
  facebook: 'facebook',
  twitter: 'twitter',
  linkedIn: 'linkedin',
} as const

function acceptSocialLinks(sent: Partial<InConstants>, before: Person): Change {
  const links = Object.entries(networks).map(
    ([field, network]) =>
      [network, addressOf(field, sent[field as keyof typeof networks])] as const,
  )
  return { socialLinks: overlaid(before.socialLinks, Object.fromEntries(links)) }
}

function acceptExtraInfo({ extraInfo }: Partial<InConstants>, before: Person): Change {
  if (extraInfo === undefined) return {}
  if (extraInfo === null) return { extraInfo: {} }
  const { aboutMe, wantsToLearn, knows, wantsToMeet } = extraInfo
  const said = {
    about: textOf(aboutMe),
    wantsToLearn: textOf(wantsToLearn),
    knows: textOf(knows),
    wantsToMeet: textOf(wantsToMeet),
  }
  return { extraInfo: overlaid(before.extraInfo, said) }
}

type Address = Person['addresses'][number]
type AddressParts = {
  readonly [Part in 'street' | 'locality' | 'region' | 'postalCode' | 'country']?:
    | string
    | null
    | undefined
}

/** The parts of the first address; the others, and what is not named, stay. */
function acceptAddress(parts: AddressParts, before: Person): Change {
  const [first = {}, ...others] = before.addresses
  const texts = Object.entries(parts).map(([part, text]) => [part, textOf(text)])
  const next = overlaid<Address>(first, Object.fromEntries(texts))
  const addresses = Object.keys(next).length > 0 ? [next, ...others] : others
  return { addresses }
}

/** The lines of the street, where one of them is another. */
function streetOf(
  sent: Partial<AccountChange>,
  shown: AcceleventsAccount,
): string | null | undefined {
  if (sent.address1 === undefined && sent.address2 === undefined) return undefined
  const { address1, address2 } = { ...shown, ...sent }
  return [address1, address2].filter((line) => line).join('\n') || null
}

/** `before` with what `parts` say: undefined leaves alone, null removes. */
function overlaid<Whole extends object>(before: Whole, parts: object): Whole {
  const said = Object.entries(parts).filter(([, value]) => value !== undefined)
  const all = Object.entries({ ...before, ...Object.fromEntries(said) })
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as Whole
}
