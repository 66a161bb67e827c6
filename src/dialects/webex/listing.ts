// Lists (developer.webex.com, List People): of those whose ids are given, or of those who fit, page by page.
import { Failure } from '../../failure.ts'
import type { OrganizationId } from '../../person/ids.ts'
import type { Condition } from '../../search/search.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { cursorAt, firstOf, nextLink, placeIn } from '../paging.ts'
import { asEncoded, decodeOrganizationId, decodePersonId, decodeReferenceId } from './ids.ts'
import { projectPerson } from './project.ts'
import type { WebexPeople } from './schema.ts'

export const wanted = { presence: true, manager: true }

/** What the vendor takes in one list. */
const mostIds = 85
const largestPage = 100

const filterMissing = () =>
  new Failure('invalid', 'Email, displayName, or id list should be specified.')

export const list = (call: Call): Promise<Reply> =>
  call.query.has('id') ? peopleById(call) : peopleWhoFit(call)

/** People by id. Unknown ids are told of in the answer, never an error: one of them would fail a client's whole batch. */
async function peopleById(call: Call): Promise<Reply> {
  const { viewer, directory, query, switches, pictureAddress } = call
  refuseOtherFilters(query)
  const asked = idsFrom(query)
  const organizationId = organizationFrom(query)
  refuseForeign(call, organizationId)
  const ids = asked.flatMap((wireId) => decodePersonId(wireId) ?? [])
  const known = await directory.findAll(viewer, [...new Set(ids)], wantedBy(query))
  const people = known.filter(
    (one) => one.organizationId === (organizationId ?? one.organizationId),
  )
  const found = new Set(people.map(({ id }) => id))
  const missing = asked.filter((wireId) => {
    const id = decodePersonId(wireId)
    return !id || !found.has(id)
  })
  return ok({
    notFoundIds: missing.length > 0 ? [...new Set(missing.map(asEncoded))] : null,
    items: people.map((person) => projectPerson(person, switches, pictureAddress)),
  } satisfies WebexPeople)
}

async function peopleWhoFit(call: Call): Promise<Reply> {
  const { viewer, directory, query, switches, pictureAddress } = call
  const filter = filterFrom(call)
  const max = pageSizeFrom(query)
  const after = placeFrom(call, filter)
  const listed = await directory.search(
    viewer,
    {
      ...(filter.organizationId && { organizationId: filter.organizationId }),
      ...conditionFrom(filter),
      from: after === undefined ? { skip: 0 } : { after: { key: null, id: after } },
      ...{ limit: max + 1, total: false },
    },
    wantedBy(query),
  )
  const { page, place } = firstOf(listed, max)
  const body: WebexPeople = {
    notFoundIds: null,
    items: page.map((person) => projectPerson(person, switches, pictureAddress)),
  }
  return { ...ok(body), ...(place && { headers: { link: linkTo(call, filter, place) } }) }
}

interface Filter {
  readonly organizationId: OrganizationId | undefined
  readonly email: string | undefined
  readonly displayName: string | undefined
  readonly roles: readonly string[]
}

/** @throws invalid, with the vendor's sentence where somebody who is no administrator asks for everybody */
function filterFrom(call: Call): Filter {
  const { query, viewer } = call
  if (query.has('locationId')) {
    throw new Failure('invalid', 'locationId: there are no locations here.')
  }
  const filter = {
    organizationId: organizationFrom(query),
    email: textFrom(query, 'email'),
    displayName: textFrom(query, 'displayName'),
    roles: query.has('roles') ? rolesFrom(query) : [],
  }
  const administers = viewer.administers.has(filter.organizationId ?? viewer.organizationId)
  const named = filter.email !== undefined || filter.displayName !== undefined
  if (!named && !administers) throw filterMissing()
  refuseForeign(call, filter.organizationId)
  return filter
}

function conditionFrom({ email, displayName, roles }: Filter): { readonly condition?: Condition } {
  const having = (list: string, value: string): Condition => ({
    ...{ op: 'some', list, where: { op: 'eq', field: 'value', value } },
  })
  const all: Condition[] = []
  if (email !== undefined) all.push(having('emails', email))
  if (displayName !== undefined) all.push({ op: 'sw', field: 'displayName', value: displayName })
  if (roles.length > 0) all.push({ op: 'or', of: roles.map((id) => having('roles', id)) })
  return all.length > 0 ? { condition: { op: 'and', of: all } } : {}
}

function textFrom(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)?.trim()
  // An empty filter is a mistake, and must not come to mean everybody.
  if (text === '') throw filterMissing()
  return text
}

function organizationFrom(query: URLSearchParams): OrganizationId | undefined {
  const text = query.get('orgId')
  if (text === null) return undefined
  const id = decodeOrganizationId(text.trim())
  if (!id) throw new Failure('invalid', 'orgId: that is no id of an organization.')
  return id
}

/** @throws forbidden alike for an organization that there is not and for one that the caller has no say in */
function refuseForeign({ viewer }: Call, organizationId: OrganizationId | undefined): void {
  if (organizationId === undefined || organizationId === viewer.organizationId) return
  if (viewer.administers.has(organizationId)) return
  throw new Failure('forbidden', 'orgId: only its administrators may list the people there.')
}

function rolesFrom(query: URLSearchParams): readonly string[] {
  const wireIds = separated(query.getAll('roles'))
  if (wireIds.length === 0) throw filterMissing()
  return wireIds.map((wireId) => {
    const id = decodeReferenceId('ROLE', wireId)
    if (id === undefined) throw new Failure('invalid', 'roles: that is no id of a role.')
    return id
  })
}

function pageSizeFrom(query: URLSearchParams): number {
  const text = query.get('max') ?? String(largestPage)
  if (!/^0*[1-9]\d{0,14}$/.test(text)) {
    throw new Failure('invalid', 'max: must be a whole number, and at least 1.')
  }
  return Math.min(Number(text), largestPage)
}

const wantedBy = (query: URLSearchParams) => ({
  ...wanted,
  presence: query.get('excludeStatus')?.toLowerCase() !== 'true',
})

function refuseOtherFilters(query: URLSearchParams): void {
  const other = ['email', 'displayName', 'roles', 'locationId'].find((name) => query.has(name))
  if (other === undefined) return
  throw new Failure('invalid', `${other}: can not be asked for together with id.`)
}

function idsFrom(query: URLSearchParams): readonly string[] {
  const asked = separated(query.getAll('id'))
  if (asked.length === 0) throw filterMissing()
  if (asked.length > mostIds) {
    throw new Failure(
      'invalid',
      `id: at most ${mostIds} ids in one request; these are ${asked.length}.`,
    )
  }
  return asked
}

function separated(values: readonly string[]): readonly string[] {
  const parts = values.flatMap((value) => value.split(',')).map((part) => part.trim())
  return [...new Set(parts.filter(Boolean))]
}

const markLength = 12

const markOf =
  ({ mark, viewer }: Call, filter: Filter) =>
  (id: string): string =>
    mark('webex cursor', JSON.stringify([viewer.organizationId, filter, id]), markLength)

/** The address of the next page. It keeps every parameter: the vendor's own have been known to lose filters. */
const linkTo = (call: Call, filter: Filter, id: string): string =>
  nextLink(call.url, cursorAt(id, markOf(call, filter)))

function placeFrom(call: Call, filter: Filter): string | undefined {
  const cursor = call.query.get('cursor')
  if (cursor === null) return undefined
  const place = placeIn(cursor, markOf(call, filter))
  if (place !== undefined) return place
  throw new Failure('invalid', 'cursor: is none of this server, or belongs to another filter.')
}
