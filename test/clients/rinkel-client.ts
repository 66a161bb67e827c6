import assert from 'node:assert/strict'

// Knows what the vendor says of its answers, and nothing of this server’s code.

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface User {
  readonly id: string
  readonly initials: string
  readonly firstName: string
  readonly lastName: string
  readonly fullName: string
  readonly email: string
  readonly phoneNumber: PhoneNumber | null
  readonly availability: 'AVAILABLE' | 'UNAVAILABLE'
  readonly avatarUrls?: { readonly small: string | null; readonly large: string | null }
  readonly preferences: { readonly [name: string]: Json }
  readonly notifications: { readonly [name: string]: Json }
  readonly insights: { readonly enabled: boolean }
}

interface PhoneNumber {
  readonly e164: string
  readonly countryIsoCode: string
  readonly countryCallingCode: number
  readonly number: string
}

/** A refusal in the vendor's envelope. */
class RinkelRefusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Takes nothing that the vendor does not send: a field more, less or out of order is an error. */
export class RinkelClient {
  readonly #origin: string
  readonly #key: string

  constructor(origin: string, key: string) {
    this.#origin = origin
    this.#key = key
  }

  async user(id: string): Promise<User> {
    return userFrom(await this.#json(`/v1/users/${id}`), true)
  }

  async page(page: number, perPage: number, avatars = false): Promise<readonly User[]> {
    const query = new URLSearchParams({ page: String(page), 'per-page': String(perPage) })
    if (avatars) query.set('includeAvatars', 'true')
    const body = await this.#json(`/v1/users?${query}`)
    const { data } = fieldsOf(body, ['data'])
    assert.ok(Array.isArray(data))
    assert.ok(data.length <= perPage)
    return data.map((user) => userFrom(user, avatars))
  }

  /** Every page until one is not full. */
  async everybody(perPage: number): Promise<readonly User[]> {
    const all: User[] = []
    for (let page = 1; ; page += 1) {
      const users = await this.page(page, perPage)
      all.push(...users)
      if (users.length < perPage) return all
    }
  }

  async update(method: 'PATCH' | 'PUT', id: string, change: object): Promise<void> {
    const answer = await this.#ask(`/v1/users/${id}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
    })
    assert.equal(answer.status, 204)
    assert.equal(await answer.text(), '')
    assert.equal(answer.headers.get('content-type'), null)
  }

  async #json(path: string): Promise<Json> {
    const answer = await this.#ask(path)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/)
    return (await answer.json()) as Json
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { 'x-rinkel-api-key': this.#key, accept: 'application/json', ...init.headers }
    const answer = await fetch(this.#origin + path, { ...init, headers })
    if (answer.ok) return answer
    throw refusalFrom(answer.status, (await answer.json()) as Json)
  }
}

function refusalFrom(status: number, body: Json): RinkelRefusal {
  const { errors } = fieldsOf(body, ['errors'])
  assert.ok(Array.isArray(errors) && errors.length > 0)
  const { code, message } = fieldsOf(errors[0], ['code', 'message', 'detail'])
  assert.match(textOf(code), /^[A-Z_]+$/)
  return new RinkelRefusal(status, textOf(code), textOf(message))
}

function userFrom(body: Json, avatars: boolean): User {
  const user = fieldsOf(body, [
    ...['id', 'initials', 'firstName', 'lastName', 'fullName', 'email', 'phoneNumber'],
    ...['availability', ...(avatars ? ['avatarUrls'] : []), 'preferences'],
    ...['notifications', 'insights'],
  ])
  assert.match(textOf(user.id), /^[0-9a-f]{24}$/)
  for (const name of ['initials', 'firstName', 'lastName', 'fullName', 'email']) textOf(user[name])
  if (user.phoneNumber !== null) checkPhone(user.phoneNumber)
  among(user.availability, ['AVAILABLE', 'UNAVAILABLE'])
  if (avatars) checkAvatars(user.avatarUrls)
  checkPreferences(user.preferences)
  checkNotifications(user.notifications)
  booleanOf(fieldsOf(user.insights, ['enabled']).enabled)
  return user as unknown as User
}

function checkPhone(value: Json | undefined): void {
  const phone = fieldsOf(value, ['e164', 'countryIsoCode', 'countryCallingCode', 'number'])
  assert.match(textOf(phone.e164), /^\+[1-9]\d{4,14}$/)
  assert.match(textOf(phone.countryIsoCode), /^([A-Z]{2})?$/)
  assert.equal(phone.e164, `+${phone.countryCallingCode}${phone.number}`)
  assert.equal(typeof phone.countryCallingCode, 'number')
}

function checkAvatars(value: Json | undefined): void {
  for (const url of Object.values(fieldsOf(value, ['small', 'large']))) {
    if (url !== null) assert.match(textOf(url), /^https?:\/\/.+\?token=.+$/)
  }
}

function checkPreferences(value: Json | undefined): void {
  const preferences = fieldsOf(value, [
    ...['language', 'defaultCountryCode', 'defaultOutboundNumber', 'colorMode', 'webphone'],
  ])
  among(preferences.language, ['en', 'nl', 'es', 'sv'])
  among(preferences.defaultCountryCode, ['NL', 'BE', 'ES', 'SE'])
  if (preferences.defaultOutboundNumber !== null) textOf(preferences.defaultOutboundNumber)
  among(preferences.colorMode, ['light', 'dark', 'system'])
  const webphone = fieldsOf(preferences.webphone, ['ringTone', 'ringDevice', 'callWaiting'])
  assert.match(textOf(webphone.ringTone), /^ringtone[1-6]$/)
  booleanOf(webphone.ringDevice)
  const waiting = fieldsOf(webphone.callWaiting, ['enabled', 'playWaitingTone'])
  Object.values(waiting).forEach(booleanOf)
}

function checkNotifications(value: Json | undefined): void {
  const names = ['missedCalls', 'callOutsideBusinessHours', 'voicemail']
  for (const one of Object.values(fieldsOf(value, names))) {
    const { enabled, channels } = fieldsOf(one, ['enabled', 'channels'])
    booleanOf(enabled)
    assert.ok(Array.isArray(channels))
    for (const channel of channels) among(channel, ['email', 'app'])
  }
}

function fieldsOf(value: Json | undefined, names: readonly string[]): Record<string, Json> {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value))
  assert.deepEqual(Object.keys(value), names)
  return value as Record<string, Json>
}

function textOf(value: Json | undefined): string {
  assert.equal(typeof value, 'string')
  return value as string
}

function booleanOf(value: Json | undefined): void {
  assert.equal(typeof value, 'boolean')
}

function among(value: Json | undefined, words: readonly string[]): void {
  assert.ok(words.includes(textOf(value)), `${value} is none of ${words}`)
}
