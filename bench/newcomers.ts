// People whom a measurement creates by SCIM. They all report to one person who is made for that: so they are found again,
// also those whom a run left behind that was broken off, and deleted.
import { scim } from '../src/dialects/scim/index.ts'
import { headFor, type Line, openLine, type RawAnswer, rendered, renderedWrite } from './wire.ts'

export interface Newcomers {
  /** The body that creates one; `{n}` stands for a number. */
  readonly body: string
  /** Deletes them all, and whom they report to. */
  remove(): Promise<Removal>
}

export interface Removal {
  readonly people: number
  readonly inFlight: number
  readonly seconds: number
  /** Microseconds that each deletion took. */
  readonly took: readonly number[]
}

export const usersPath = '/scim/v2/Users'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const leader = 'kith-bench.lead@example.com'
const deletionsInFlight = 8

/** Nobody of an earlier run is left when it resolves. */
export async function newcomers(port: number, key: string): Promise<Newcomers> {
  const head = headFor(scim, key)
  const before = await found(port, head, `userName eq "${leader}"`)
  for (const leadId of before) await removeAll(port, head, leadId)
  const leadId = await created(port, head, bodyOf(leader))
  return { body: bodyOf(newcomer, leadId), remove: () => removeAll(port, head, leadId) }
}

const newcomer = 'kith-bench.{n}@example.com'

/** What a provider of identities sends of somebody new. */
const bodyOf = (userName: string, managerId?: string): string =>
  JSON.stringify({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
    userName,
    externalId: `external ${userName}`,
    active: true,
    name: { givenName: 'Newcomer', familyName: userName },
    displayName: `Newcomer ${userName}`,
    emails: [{ value: userName, type: 'work', primary: true }],
    phoneNumbers: [{ value: '+44 7700 900123', type: 'mobile' }],
    title: 'Trainee',
    locale: 'en-GB',
    timezone: 'Europe/London',
    [enterprise]: {
      employeeNumber: userName,
      department: 'Engineering',
      ...(managerId && { manager: { value: managerId } }),
    },
  })

async function created(port: number, head: string, body: string): Promise<string> {
  const { body: resource } = await asked(port, renderedWrite('POST', usersPath, head, body), 201)
  return (JSON.parse(resource.toString()) as { id: string }).id
}

/** The ids on the first page of those who fit. */
async function found(port: number, head: string, filter: string): Promise<string[]> {
  const query = `filter=${encodeURIComponent(filter)}&attributes=id&count=200`
  const { body } = await asked(port, rendered(`${usersPath}?${query}`, head), 200)
  const { Resources } = JSON.parse(body.toString()) as { Resources: { id: string }[] }
  return Resources.map(({ id }) => id)
}

async function asked(port: number, request: string, expected: number): Promise<RawAnswer> {
  const line = openLine(port)
  try {
    return await expect(line, request, expected)
  } finally {
    line.close()
  }
}

async function expect(line: Line, request: string, expected: number): Promise<RawAnswer> {
  const answer = await line.ask(request)
  if (answer.status === expected) return answer
  const [first] = request.split('\r\n', 1)
  throw new Error(`${first} was answered with ${answer.status}: ${answer.body.toString()}`)
}

async function removeAll(port: number, head: string, leadId: string): Promise<Removal> {
  const took: number[] = []
  let seconds = 0
  const remove = async (ids: readonly string[]) => {
    const began = performance.now()
    took.push(...(await removed(port, head, ids)))
    seconds += (performance.now() - began) / 1000
  }
  for (;;) {
    const ids = await found(port, head, `${enterprise}:manager.value eq "${leadId}"`)
    if (ids.length === 0) break
    await remove(ids)
  }
  await remove([leadId])
  return { people: took.length, inFlight: deletionsInFlight, seconds, took }
}

/** @returns the microseconds that each took */
async function removed(port: number, head: string, ids: readonly string[]): Promise<number[]> {
  const took: number[] = []
  const left = [...ids]
  const lane = async () => {
    const line = openLine(port)
    try {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const began = performance.now()
        await expect(line, renderedWrite('DELETE', `${usersPath}/${id}`, head), 204)
        took.push((performance.now() - began) * 1000)
      }
    } finally {
      line.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(deletionsInFlight, ids.length) }, lane))
  return took
}
