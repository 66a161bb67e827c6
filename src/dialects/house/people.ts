import type { Wanted } from '../../directory/directory.ts'
import type { Intent } from '../../directory/receipts.ts'
import { Failure } from '../../failure.ts'
import { isUuid, type OrganizationId, type PersonId, personIdFrom } from '../../person/ids.ts'
import { lifecycles } from '../../person/person.ts'
import type { Condition, Scalar } from '../../search/search.ts'
import { termsOf } from '../../search/words.ts'
import { type Call, get, ok, patch, post, type Reply, type Route, remove } from '../dialect.ts'
import { firstOf } from '../paging.ts'
import { refuseModified } from '../precondition.ts'
import { admissionFrom, changeFrom } from './accept.ts'
import { once } from './idempotency.ts'
import { pageFrom, textFrom } from './listing.ts'
import { projectPerson } from './project.ts'
import { HousePerson, NewPerson, People, PeopleQuery, PersonPatch, Problem } from './schema.ts'

const wanted = { groups: true, manager: true, reportees: true, createdBy: true }

export const peopleRoutes: readonly Route[] = [
  get('/people', list, {
    ...{ summary: 'List people', query: PeopleQuery, answers: { 200: People } },
  }),
  post('/people', create, {
    ...{ summary: 'Create a person', body: NewPerson },
    answers: { 201: HousePerson, 422: Problem },
  }),
  get('/people/:id', async (call) => ok(await shown(call, idFrom(call.params.id))), {
    ...{ summary: 'Read a person', answers: { 200: HousePerson } },
  }),
  patch('/people/:id', (call) => update(call, idFrom(call.params.id)), {
    ...{ summary: 'Change a person', body: PersonPatch, answers: { 200: HousePerson } },
  }),
  remove('/people/:id', retire, { summary: 'Delete a person', answers: { 204: null } }),
  get('/me', async (call) => ok(await shown(call, myId(call))), {
    ...{ summary: 'Read my own record', answers: { 200: HousePerson } },
  }),
  patch('/me', (call) => update(call, myId(call)), {
    ...{ summary: 'Change my own record', body: PersonPatch, answers: { 200: HousePerson } },
  }),
]

async function list(call: Call): Promise<Reply> {
  const { items, headers } = await found(call, 'people')
  const body = { items: items.map((person) => projectPerson(person, call)) }
  return { ...ok(body), headers }
}

/** A page of the people who fit a query of {@link PeopleQuery}. @throws invalid */
export async function found(call: Call, topic: string, beside: Wanted = wanted) {
  const { viewer, directory, query } = call
  const organizationId = organizationIn(query)
  const { limit, after, headersTo } = pageFrom(call, topic)
  const listed = await directory.search(
    viewer,
    {
      ...(organizationId && { organizationId }),
      ...conditionFrom(query),
      from: after === undefined ? { skip: 0 } : { after: { key: null, id: after } },
      ...{ limit: limit + 1, total: false },
    },
    beside,
  )
  const { page, place } = firstOf(listed, limit)
  return { items: page, headers: headersTo(place) }
}

/** The id of an organization in a query; undefined without. @throws invalid */
export function organizationIn(query: URLSearchParams): OrganizationId | undefined {
  const text = textFrom(query, 'organizationId')
  if (text === undefined) return undefined
  if (isUuid(text)) return text.toLowerCase() as OrganizationId
  throw new Failure('invalid', 'organizationId: must be a UUID')
}

type Filter = (value: string) => Condition

const equals =
  (field: string, read: (text: string) => Scalar = (text) => text): Filter =>
  (value) => ({ op: 'eq', field, value: read(value) })
const having =
  (list: string): Filter =>
  (value) => ({ op: 'some', list, where: { op: 'eq', field: 'value', value } })

const filters: Readonly<Record<string, Filter>> = {
  q: (text) => {
    const terms = termsOf(text)
    if (terms.length === 0) throw new Failure('invalid', 'q: has no letter and no digit')
    return { op: 'and', of: terms.map((prefix) => ({ op: 'word', prefix })) }
  },
  userName: equals('userName'),
  email: having('emails'),
  externalId: equals('externalId'),
  displayName: (value) => ({ op: 'sw', field: 'displayName', value }),
  title: equals('title'),
  department: equals('department'),
  division: equals('division'),
  company: equals('company'),
  location: equals('location'),
  employeeNumber: equals('employeeNumber'),
  costCenter: equals('costCenter'),
  managerId: equals('managerId', (text) => idFrom(text, 'managerId')),
  groupId: (text) => having('groups')(idFrom(text, 'groupId')),
  lifecycle: equals('lifecycle', oneOf('lifecycle', lifecycles)),
  type: equals('type', oneOf('type', HousePerson.properties.type.enum)),
}

/** A word of those that there are. */
function oneOf(name: string, known: readonly string[]) {
  return (text: string): string => {
    if (known.includes(text)) return text
    throw new Failure('invalid', `${name}: must be one of ${known.join(', ')}`)
  }
}

function conditionFrom(query: URLSearchParams): { readonly condition?: Condition } {
  const all = Object.entries(filters).flatMap(([name, filter]) => {
    const text = textFrom(query, name)
    return text === undefined ? [] : [filter(text)]
  })
  return all.length > 0 ? { condition: { op: 'and', of: all } } : {}
}

async function create(call: Call): Promise<Reply> {
  const { viewer, registrar } = call
  const admission = admissionFrom(call.body, { now: instant(call) })
  const { id } = await once(call, (intent?: Intent) =>
    registrar.admit(viewer, admission, 'refuse', intent),
  )
  const body = await shown(call, id as PersonId)
  return made(call, `/people/${id}`, body)
}

/** 201, with where it is and which version of it this is. */
export const made = (call: Call, path: string, body: unknown): Reply => ({
  ...{ status: 201, body },
  headers: { location: call.base + path, etag: call.versionOf(body) },
})

async function update(call: Call, id: PersonId): Promise<Reply> {
  await call.registrar.change(
    call.viewer,
    id,
    async (before) => {
      const there = await shown(call, id)
      refuseModified(call, there)
      return changeFrom(call.body, { before, shown: there, now: instant(call) })
    },
    'refuse',
    'meant',
  )
  return ok(await shown(call, id))
}

async function retire(call: Call<'/people/:id'>): Promise<Reply> {
  const id = idFrom(call.params.id)
  await call.registrar.retire(call.viewer, id, async () =>
    refuseModified(call, await shown(call, id)),
  )
  return { status: 204 }
}

async function shown(
  call: Pick<Call, 'viewer' | 'directory' | 'pictureAddress'>,
  id: PersonId,
): Promise<HousePerson> {
  return projectPerson(await call.directory.find(call.viewer, { id }, wanted), call)
}

/** @throws invalid_id */
export function idFrom(text: string, field = 'id'): PersonId {
  const id = personIdFrom(text)
  if (id) return id
  throw new Failure(
    'invalid_id',
    `${field}: must be a UUID, not ${JSON.stringify(text.slice(0, 100))}`,
  )
}

/** @throws not_found for a service */
export function myId({ viewer: { personId } }: Pick<Call, 'viewer'>): PersonId {
  if (personId) return personId
  throw new Failure('not_found', 'This key is a service’s, which is nobody in person')
}

const instant = ({ now }: Pick<Call, 'now'>): string => new Date(now).toISOString()
