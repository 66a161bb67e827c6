import type { Question } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import {
  type Call,
  get,
  type OpenCall,
  ok,
  patch,
  post,
  postOpen,
  put,
  type Reply,
  type Route,
  remove,
} from '../dialect.ts'
import { numberedPage } from '../paging.ts'
import { bulk } from './bulk.ts'
import {
  resourceTypeList,
  resourceTypeNamed,
  schemaList,
  schemaNamed,
  serviceProviderConfig,
} from './discovery.ts'
import { groups } from './groups.ts'
import type { Json, JsonObject } from './json.ts'
import {
  idFrom,
  pageFrom,
  questionFrom,
  type Request,
  requestFromBody,
  requestFromQuery,
} from './listing.ts'
import { attributeList } from './path.ts'
import { withAttributes } from './representation.ts'
import type { Asker, Resources } from './resources.ts'
import { findAttribute } from './schemas.ts'
import { token } from './token.ts'
import { told, toldOf } from './told.ts'
import { users } from './users.ts'

const root = '/scim/v2'

const resources: readonly Resources[] = [users, groups]

const me = toldOf(users.type)

export const routes: readonly Route[] = [
  ...resources.flatMap(routesOf),
  get(
    `${root}/Me`,
    async (call) => shown(call, users, await users.read(asker(call), mine(call))),
    me.read,
  ),
  put(`${root}/Me`, (call) => replace(call, users, mine(call)), me.replace),
  patch(`${root}/Me`, (call) => modify(call, users, mine(call)), me.modify),
  remove(`${root}/Me`, (call) => retire(call, users, mine(call)), me.remove),
  post(`${root}/.search`, everywhere, told.search),
  get(root, (call) => list(call, requestFromQuery(call.query), resources), told.everything),
  post(`${root}/Bulk`, (call) => bulk(asker(call), call.body as Json | undefined), told.bulk),
  ...[`${root}/ServiceProviderConfig`, `${root}/serviceConfiguration`].map((path) =>
    get(path, async (call) => ok(serviceProviderConfig(unfiltered(call))), told.config),
  ),
  get(`${root}/ResourceTypes`, async (call) => ok(resourceTypeList(unfiltered(call))), told.types),
  get(
    `${root}/ResourceTypes/:name`,
    async (call) => found(resourceTypeNamed(call.params.name, unfiltered(call))),
    told.type,
  ),
  get(`${root}/Schemas`, async (call) => ok(schemaList(unfiltered(call))), told.schemas),
  get(
    `${root}/Schemas/:urn`,
    async (call) => found(schemaNamed(call.params.urn, unfiltered(call))),
    told.schema,
  ),
  postOpen('/oauth/token', token, told.token),
]

/** The base of a request for what describes the service, which is told in whole or not at all (RFC 7644 §4). */
function unfiltered(call: Call): string {
  if (call.query.has('filter')) {
    throw new Failure('forbidden', 'filter: what describes the service is not filtered')
  }
  return baseOf(call)
}

function routesOf(kind: Resources): readonly Route[] {
  const path = `${root}${kind.type.endpoint}` as const
  const told = toldOf(kind.type)
  return [
    get(path, (call) => list(call, requestFromQuery(call.query), [kind]), told.list),
    post(path, (call) => create(call, kind), told.create),
    post(
      `${path}/.search`,
      (call) => list(call, requestFromBody(bodyOf(call)), [kind]),
      told.search,
    ),
    get(
      `${path}/:id`,
      async (call) => {
        const id = idFrom(call.params.id)
        return shown(call, kind, await kind.read(asker(call), id, withMembers(selectionOf(call))))
      },
      told.read,
    ),
    put(`${path}/:id`, (call) => replace(call, kind, idFrom(call.params.id)), told.replace),
    patch(`${path}/:id`, (call) => modify(call, kind, idFrom(call.params.id)), told.modify),
    remove(`${path}/:id`, (call) => retire(call, kind, idFrom(call.params.id)), told.remove),
  ]
}

function everywhere(call: Call): Promise<Reply> {
  return list(call, requestFromBody(bodyOf(call)), resources)
}

const bodyOf = ({ body }: Pick<Call, 'body'>) => body as Json | undefined

const baseOf = ({ base }: Pick<Call | OpenCall, 'base'>): string => `${base}${root}`

const asker = (call: Call): Asker => ({
  viewer: call.viewer,
  directory: call.directory,
  // At hand, and not touched by those who only read.
  get registrar() {
    return call.registrar
  },
  pictureAddress: call.pictureAddress,
  base: baseOf(call),
  now: () => new Date(call.now).toISOString(),
})

/** @throws not_found for a service, which is nobody in person */
function mine({ viewer }: Call): string {
  if (viewer.personId) return viewer.personId
  throw new Failure('not_found', 'This key is nobody in person')
}

// Writes.

async function create(call: Call, kind: Resources): Promise<Reply> {
  refuseSelection(call, kind)
  const id = await kind.create(asker(call), bodyOf(call))
  const resource = await kind.read(asker(call), id)
  const { location } = resource.meta as { readonly location: string }
  const reply = isMinimal(call) ? { status: 201, headers: minimal } : shown(call, kind, resource)
  return { ...reply, status: 201, headers: { ...reply.headers, location } }
}

async function replace(call: Call, kind: Resources, id: string): Promise<Reply> {
  refuseSelection(call, kind)
  await kind.replace(asker(call), id, bodyOf(call), call.header('if-match'))
  return changed(call, kind, id)
}

async function modify(call: Call, kind: Resources, id: string): Promise<Reply> {
  refuseSelection(call, kind)
  await kind.modify(asker(call), id, bodyOf(call), call.header('if-match'))
  // A group may be large, and Entra ID asks for none back (RFC 7644 §3.5.2 lets both).
  const terse = kind === groups && !call.query.has('attributes')
  return terse ? { status: 204 } : changed(call, kind, id)
}

async function retire(call: Call, kind: Resources, id: string): Promise<Reply> {
  await kind.remove(asker(call), id, call.header('if-match'))
  return { status: 204 }
}

async function changed(call: Call, kind: Resources, id: string): Promise<Reply> {
  if (isMinimal(call)) return { status: 204, headers: minimal }
  return shown(call, kind, await kind.read(asker(call), id, withMembers(selectionOf(call))))
}

/** RFC 7240 §4.2. */
const isMinimal = (call: Call): boolean =>
  /(?:^|[,;\s])return\s*=\s*"?minimal"?(?=$|[,;\s])/i.test(call.header('prefer') ?? '')
const minimal = { 'preference-applied': 'return=minimal' }

// Reads.

type Selection = Pick<Request, 'attributes' | 'excludedAttributes'>

const selectionOf = ({ query }: Call): Selection => ({
  attributes: attributeList(query.get('attributes') ?? ''),
  excludedAttributes: attributeList(query.get('excludedAttributes') ?? ''),
})

/** Before anything is written: an answer that can't be told must not come after. @throws ScimError invalidPath */
function refuseSelection(call: Call, { type }: Resources): void {
  const { attributes, excludedAttributes } = selectionOf(call)
  withAttributes({}, attributes, excludedAttributes, type)
}

/** A resource as far as it is asked for, with its validator. */
function shown(call: Call, { type }: Resources, resource: JsonObject): Reply {
  const { attributes, excludedAttributes } = selectionOf(call)
  const { location, version } = resource.meta as Readonly<Record<'location' | 'version', string>>
  return {
    status: 200,
    body: withAttributes(resource, attributes, excludedAttributes, type),
    headers: { etag: version, 'content-location': location },
  }
}

/** Whether it is worth reading who is in a group. */
function withMembers({ attributes, excludedAttributes }: Selection): boolean {
  const names = (list: readonly string[]) =>
    list.map((name) => findAttribute(groups.type, name)?.canonicalName ?? name)
  if (attributes.length > 0)
    return names(attributes).some((name) => /members|owners|^urn:/.test(name))
  return !names(excludedAttributes).includes('members')
}

/** Of several kinds, those of the first come first. */
async function list(call: Call, request: Request, kinds: readonly Resources[]): Promise<Reply> {
  const [kind, ...others] = kinds
  if (!kind || others.length > 0) return ok(await listAll(call, request, kinds))
  const question = asStep(call, questionFrom(request, kind.type, call.mark))
  const page = await kind.list(asker(call), question, withMembers(request))
  const items = page.items.map((one) => cut(one, request, kind))
  return ok(pageFrom({ ...page, items }, request, kind.type, call.mark))
}

/** A page by index is one of a walk; what is asked for the total alone is none. */
const asStep = (call: Call, { from, limit, ...question }: Question): Question =>
  'skip' in from && limit > 0
    ? { ...question, ...numberedPage(call, from.skip, limit) }
    : { ...question, from, limit }

const cut = (
  resource: JsonObject,
  { attributes, excludedAttributes }: Selection,
  kind: Resources,
) => withAttributes(resource, attributes, excludedAttributes, kind.type)

/** A filter that a kind has no attribute for finds none of it; one that none has is a mistake. */
async function listAll(
  call: Call,
  request: Request,
  kinds: readonly Resources[],
): Promise<JsonObject> {
  if (request.cursor !== undefined) {
    throw new Failure('invalid', 'cursor: ask for Users or for Groups; both have pages by index.')
  }
  const asked = kinds.map((kind) => {
    try {
      return { kind, question: questionFrom(request, kind.type, call.mark) }
    } catch (error) {
      return { kind, error }
    }
  })
  const [failed] = asked
  if (asked.every((one) => 'error' in one))
    throw failed && 'error' in failed ? failed.error : undefined
  const items: JsonObject[] = []
  let total = 0
  for (const { kind, question } of asked) {
    if (!question) continue
    const skip = Math.max(0, request.startIndex - 1 - total)
    const limit = request.count - items.length
    const page = await kind.list(
      asker(call),
      { ...question, from: { skip }, limit },
      withMembers(request),
    )
    total += page.total ?? 0
    items.push(...page.items.map((one) => cut(one, request, kind)))
  }
  return pageFrom({ items, total }, request, users.type, call.mark)
}

function found(body: object | undefined): Reply {
  if (body) return ok(body)
  throw new Failure('not_found', 'There is no such resource.')
}
