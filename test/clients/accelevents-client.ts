import assert from 'node:assert/strict'

// Knows what the vendor says of its answers, and nothing of this server’s code.

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Fields = Readonly<Record<string, Json>>
type Check = (value: Json | undefined) => void

export interface Page {
  readonly recordsTotal: number
  readonly recordsFiltered: number
  readonly data: readonly Fields[]
}

export interface Request {
  readonly page?: number
  readonly size?: number
  readonly searchString?: string
  readonly title?: readonly string[]
  readonly company?: readonly string[]
  readonly interest?: readonly string[]
}

/** A refusal in the vendor's envelope. */
class AcceleventsRefusal extends Error {
  readonly status: number
  readonly errorCode: number | undefined

  constructor(status: number, errorCode: number | undefined, message: string) {
    super(message)
    this.status = status
    this.errorCode = errorCode
  }
}

const places = {
  key: (key: string) => ({ Key: key }),
  authorization: (key: string) => ({ Authorization: key }),
  bearer: (key: string) => ({ Authorization: `Bearer ${key}` }),
  authentication: (key: string) => ({ AUTHENTICATION: key }),
}

/** Takes nothing that the vendor does not send: a field more, less or out of order is an error. */
export class AcceleventsClient {
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(origin: string, key: string, place: keyof typeof places = 'key') {
    this.#origin = origin
    this.#headers = { ...places[place](key), accept: 'application/json' }
  }

  async profile(eventUrl: string, id: number): Promise<Fields> {
    const body = await this.#json('GET', `/rest/event/${eventUrl}/people/${id}/profile`)
    return checked(body, personFields)
  }

  async attendee(eventUrl: string, id: number): Promise<Fields> {
    const body = await this.#json('GET', `/rest/event/${eventUrl}/attendee/${id}`)
    return checked(body, attendeeFields)
  }

  async people(eventUrl: string, list: string, request: Request = {}): Promise<Page> {
    const path = `/rest/event/${eventUrl}/people${list}`
    const body = await this.#json('POST', path, { ...everybody, ...request })
    const page = checked(body, { recordsTotal: count, recordsFiltered: count, data: array })
    const data = (page.data as readonly Json[]).map((person) => checked(person, personFields))
    return { ...(page as unknown as Page), data }
  }

  async allAttendees(eventUrl: string, page: number, size: number, searchString = '') {
    const query = new URLSearchParams({ page: `${page}`, size: `${size}`, searchString })
    const path = `/rest/events/${eventUrl}/staff/allAttendees?${query}`
    const body = await this.#json('GET', path)
    const { attendees, recordsFiltered, recordsTotal } = checked(body, {
      ...{ attendees: array, recordsFiltered: count, recordsTotal: count },
    })
    const entries = (attendees as readonly Json[]).map((entry) => checked(entry, entryFields))
    return { entries, recordsFiltered: recordsFiltered as number, recordsTotal }
  }

  async myProfile(): Promise<Fields> {
    return checked(await this.#json('GET', '/rest/u/myprofile'), accountFields)
  }

  updateProfile(eventUrl: string, id: number, change: object): Promise<void> {
    return this.#write(`/rest/event/${eventUrl}/people/${id}/profile`, change)
  }

  updateMyProfile(change: object): Promise<void> {
    return this.#write('/rest/u/myprofile', change)
  }

  async #write(path: string, change: object): Promise<void> {
    const done = checked(await this.#json('PUT', path, change), { type: text, message: text })
    assert.equal(done.type, 'Success')
  }

  async #json(method: string, path: string, body?: object): Promise<Json> {
    const answer = await fetch(this.#origin + path, {
      method,
      headers: { ...this.#headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/)
    const told = (await answer.json()) as Json
    if (answer.status === 200) return told
    throw refusalFrom(answer.status, told)
  }
}

const everybody = {
  ...{ page: 0, size: 10, searchString: '', title: [], company: [], interest: [], interestIds: [] },
}

function refusalFrom(status: number, body: Json): AcceleventsRefusal {
  const refusal = body as { readonly errorCode?: number; readonly message?: string }
  assert.ok(Object.keys(refusal).every((name) => name === 'errorCode' || name === 'message'))
  text(refusal.message)
  const { errorCode, message } = refusal
  if (errorCode !== undefined) assert.equal(Math.trunc(errorCode / 10_000), status)
  return new AcceleventsRefusal(status, errorCode, message ?? '')
}

// Checks.

const is =
  (type: string): Check =>
  (value) =>
    assert.equal(typeof value, type)
const text = is('string')
const flag = is('boolean')
const array: Check = (value) => assert.ok(Array.isArray(value))
const count: Check = (value) => assert.ok(Number.isSafeInteger(value) && Number(value) >= 0)
const id: Check = (value) => assert.ok(Number.isSafeInteger(value) && Number(value) > 0)
const orNull =
  (check: Check): Check =>
  (value) => {
    if (value !== null) check(value)
  }
const among =
  (...words: readonly string[]): Check =>
  (value) =>
    assert.ok(words.includes(String(value)), `${value} is none of ${words}`)
const like =
  (pattern: RegExp): Check =>
  (value) =>
    assert.match(String(value), pattern)
const minute = orNull(like(/^\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}$/))
const link = orNull(like(/^https?:\/\//))
const listOf =
  (check: Check): Check =>
  (value) => {
    array(value)
    for (const item of value as readonly Json[]) check(item)
  }
const objectOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) => {
    checked(value, fields)
  }

const personFields: Readonly<Record<string, Check>> = {
  ...{ id, userId: id, firstName: orNull(text), lastName: orNull(text), pronouns: orNull(text) },
  ...{ photo: orNull(text), coverPhoto: orNull(text), acceptDirectMessages: flag },
  acceptMeetingRequests: among('EVERY_ONE', 'MY_CONNECTION', 'NO_ONE'),
  ...{ showContactInfo: flag, company: orNull(text), title: orNull(text) },
  ...{ timezoneId: orNull(text), equivalentTimezone: orNull(text) },
  status: orNull(among('ACCEPT', 'REJECT', 'REQUESTED')),
  ...{ rejectedBy: orNull(id), eventId: id, videoIntro: link },
  extraInfo: orNull(
    objectOf({
      ...{ aboutMe: orNull(text), wantsToLearn: orNull(text) },
      ...{ knows: orNull(text), wantsToMeet: orNull(text) },
    }),
  ),
  ...{ interests: listOf(text), availabilityDuration: orNull(count), request: flag },
  ...{ instagram: link, facebook: link, twitter: link, linkedIn: link },
  ...{ availabilityStartTime: minute, availabilityEndTime: minute },
  ...{ availabilityTimezoneId: orNull(text), showProfile: flag },
  rules: orNull(
    listOf(
      objectOf({
        days: listOf(like(/^(MON|TUE|WED|THU|FRI|SAT|SUN)$/)),
        ...{ startTime: like(/^\d{2}:\d{2}$/), endTime: like(/^\d{2}:\d{2}$/) },
      }),
    ),
  ),
  ...{ meetingAvailabilitySetted: flag, emailNotification: flag },
  ...{ allowCallsAndVideosFromNotConnectedAttendees: flag, exposeProfileToOtherUser: flag },
}

const attendeeFields = {
  ...personFields,
  ...{ email: orNull(text), city: orNull(text), country: orNull(text), deleted: flag },
}

const entryFields = {
  ...{ attendeeId: id, barcode: orNull(text), email: orNull(text), firstName: orNull(text) },
  ...{ lastName: orNull(text), status: orNull(text), ticketStatus: orNull(text) },
  ticketType: orNull(text),
}

const accountFields = {
  ...{ email: orNull(text), firstName: orNull(text), lastName: orNull(text) },
  ...{ countryCode: orNull(text), phoneNumber: orNull(text), address1: orNull(text) },
  ...{ address2: orNull(text), cityOrProvidence: orNull(text), zipcode: orNull(text) },
  ...{ state: orNull(text), country: orNull(text), zapierEnabled: flag, admin: flag },
  ...{ userLabel: orNull(text), userProfilePhoto: orNull(text) },
}

/** The value with these fields in this order, each as it should be. */
function checked(value: Json | undefined, fields: Readonly<Record<string, Check>>): Fields {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value))
  const all = value as Fields
  assert.deepEqual(Object.keys(all), Object.keys(fields))
  for (const [name, check] of Object.entries(fields)) check(all[name])
  return all
}
