import type { Intent } from '../../directory/receipts.ts'
import type { KeyOrder } from '../../directory/steward.ts'
import { Failure } from '../../failure.ts'
import type { OrganizationId } from '../../person/ids.ts'
import { type Call, get, ok, post, type Reply, type Route, remove } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { once } from './idempotency.ts'
import { pageFrom } from './listing.ts'
import { idFrom, made, organizationIn } from './people.ts'
import { inOrder } from './project.ts'
import { HouseKey, IssuedKey, Keys, KeysQuery, NewKey, Problem } from './schema.ts'

export const keyRoutes: readonly Route[] = [
  get('/keys', list, {
    ...{ summary: 'List the keys of an organization', query: KeysQuery, answers: { 200: Keys } },
  }),
  post('/keys', create, {
    ...{ summary: 'Create a key', body: NewKey, answers: { 201: IssuedKey, 422: Problem } },
  }),
  get('/keys/:id', async (call) => ok(await shown(call, idFrom(call.params.id))), {
    ...{ summary: 'Read a key without its secret', answers: { 200: HouseKey } },
  }),
  remove('/keys/:id', revoke, { summary: 'End a key', answers: { 204: null } }),
]

const newKeyFrom = input(NewKey)

async function list(call: Call): Promise<Reply> {
  const { viewer, steward, query } = call
  const organizationId = organizationIn(query) ?? viewer.organizationId
  const { limit, after = '', headersTo } = pageFrom(call, 'keys')
  const keys = (await steward.keys(viewer, organizationId)).filter(({ id }) => id > after)
  const page = keys.slice(0, limit)
  const headers = headersTo(keys.length > limit ? page.at(-1)?.id : undefined)
  return { ...ok({ items: page.map((key) => inOrder(HouseKey, key)) }), headers }
}

/** The secret is told once: to who sends the same again with an `Idempotency-Key`, the key without it. */
async function create(call: Call): Promise<Reply> {
  const order = orderFrom(newKeyFrom(call.body))
  const issued: { secret?: string } = {}
  const { id } = await once(call, async (intent?: Intent) => {
    const { key, secret } = await call.steward.issueKey(call.viewer, order, intent)
    issued.secret = secret
    return key.id
  })
  const key = await call.steward.key(call.viewer, id)
  const reply = made(call, `/keys/${id}`, inOrder(IssuedKey, { ...key, ...issued }))
  return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } }
}

function orderFrom({
  personId,
  service,
  role,
  expiresAt,
  organizationId,
}: ReturnType<typeof newKeyFrom>): KeyOrder {
  return {
    ...(personId !== undefined && { personId: idFrom(personId, 'personId') }),
    ...(service !== undefined && { service }),
    ...(role && { role }),
    ...(expiresAt !== undefined && { expiresAt: instantFrom(expiresAt) }),
    ...(organizationId !== undefined && {
      organizationId: idFrom(organizationId, 'organizationId') as string as OrganizationId,
    }),
  }
}

function instantFrom(text: string): string {
  const isInstant = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const instant = isInstant ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return new Date(instant).toISOString()
  throw new Failure('invalid', 'expiresAt: must be an instant such as 2030-01-01T00:00:00Z')
}

async function revoke(call: Call<'/keys/:id'>): Promise<Reply> {
  await call.steward.revokeKey(call.viewer, idFrom(call.params.id), async (key) =>
    refuseModified(call, inOrder(HouseKey, key)),
  )
  return { status: 204 }
}

const shown = async ({ viewer, steward }: Call, id: string): Promise<unknown> =>
  inOrder(HouseKey, await steward.key(viewer, id))
