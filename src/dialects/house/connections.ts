import Type, { type Static } from 'typebox'
import type { ConnectionAction, Seen } from '../../gatherings/connecting.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, get, ok, post, postBare, type Reply, type Told } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { choiceFrom, pageFrom } from './listing.ts'
import { idFrom } from './people.ts'
import { listOf, paging } from './schema.ts'
import { PersonSummary, summaryOf } from './summary.ts'

const strict = { additionalProperties: false }

/** Those that are listed; between two people who have nothing to do with each other there is `none`. */
const listed = ['requested', 'accepted', 'rejected', 'blocked'] as const
const directions = ['incoming', 'outgoing'] as const

export const ToldConnection = Type.Object(
  {
    person: PersonSummary,
    state: Type.Enum(['none', ...listed], { description: 'As the caller sees it' }),
    direction: Type.Optional(
      Type.Enum([...directions], { description: 'Incoming: the caller is the one who was asked' }),
    ),
    rejectedBy: Type.Optional(Type.String({ format: 'uuid', description: 'Who rejected it' })),
    since: Type.Optional(
      Type.String({ format: 'date-time', description: 'Since when it is so, where it is known' }),
    ),
  },
  { ...strict, title: 'Connection' },
)
type ToldConnection = Static<typeof ToldConnection>

const ToldConnections = listOf(ToldConnection, 'Connections')

const ToldPermissions = Type.Object(
  { directMessage: Type.Boolean(), meeting: Type.Boolean(), call: Type.Boolean() },
  { ...strict, title: 'Permissions', description: 'What the caller may do to reach the person' },
)

const SentRequest = Type.Object(
  { personId: Type.String({ description: 'Whom to ask', maxLength: 64 }) },
  { ...strict, title: 'ConnectionRequest' },
)
const readRequest = input(SentRequest)

/** What is between the caller and somebody, without who that is. */
export const connectionOf = ({
  state,
  asked,
  rejectedById,
  since,
}: Seen): Omit<ToldConnection, 'person'> => ({
  state,
  ...(state !== 'none' && state !== 'blocked' && { direction: asked ? 'incoming' : 'outgoing' }),
  ...(rejectedById && { rejectedBy: rejectedById }),
  ...(since && { since }),
})

const toldOf = (person: VisiblePerson, seen: Seen): ToldConnection => ({
  person: summaryOf(person),
  ...connectionOf(seen),
})

type Named = Call<'/connections/:personId'>

/** @throws invalid_id, not_found also for somebody of whom the viewer may not know */
const personNamed = ({ directory, viewer }: Call, field: string, text: string) =>
  directory.find(viewer, { id: idFrom(text, field) })

async function list(call: Call): Promise<Reply> {
  const { connector, viewer } = call
  const state = choiceFrom(call.query, 'state', listed)
  const direction = choiceFrom(call.query, 'direction', directions)
  const { limit, after, headersTo } = pageFrom(call, 'connections')
  const { items, last } = await connector.list(viewer, {
    limit,
    ...(state && { state }),
    ...(direction && { asked: direction === 'incoming' }),
    ...(after && { after: idFrom(after, 'cursor') }),
  })
  const told = items.map(({ person, seen }) => toldOf(person, seen))
  return { ...ok({ items: told }), headers: headersTo(last) }
}

async function read(call: Named): Promise<Reply> {
  const { connector, viewer, params } = call
  const person = await personNamed(call, 'personId', params.personId)
  return ok(toldOf(person, await connector.seen(viewer, person)))
}

async function act(call: Call, person: VisiblePerson, action: ConnectionAction): Promise<Reply> {
  const { connector, viewer } = call
  const seen = await connector.act(viewer, person, action, (before) =>
    refuseModified(call, toldOf(person, before)),
  )
  // What it ends may be what the viewer saw more of the person by.
  const [still] = await call.directory.findAll(viewer, [person.id])
  return ok(still ? toldOf(still, seen) : { person: { id: person.id }, ...connectionOf(seen) })
}

const one = { 200: ToldConnection }

const query = Type.Object({
  state: Type.Optional(Type.Enum([...listed], { description: 'Absent: all of them' })),
  direction: Type.Optional(Type.Enum([...directions], { description: 'Absent: both' })),
  ...paging,
})

const tell = {
  list: { summary: 'The connections of the caller', query, answers: { 200: ToldConnections } },
  request: { summary: 'Ask somebody for a connection', body: SentRequest, answers: one },
  read: { summary: 'What is between the caller and a person', answers: one },
  permissions: {
    summary: 'What the caller may do to reach a person',
    answers: { 200: ToldPermissions },
  },
} satisfies Record<string, Told>

const summaries: Record<ConnectionAction, string> = {
  request: 'Ask a person for a connection; accepts where they have asked',
  accept: 'Accept the request of a person',
  reject: 'Reject the request of a person',
  withdraw: 'Take back a request that was not answered',
  disconnect: 'End a connection',
  block: 'Have nothing to do with a person any more, who is not told',
  unblock: 'Take back a block',
}

const actions = Object.keys(summaries) as ConnectionAction[]

/** What is between people. docs/connections.md tells who can do what when, and what each of the two sees. */
export const connectionRoutes = [
  get('/connections', list, tell.list),
  post(
    '/connections',
    async (call) => {
      const { personId } = readRequest(call.body)
      return act(call, await personNamed(call, 'personId', personId), 'request')
    },
    tell.request,
  ),
  get('/connections/:personId', read, tell.read),
  ...actions.map((action) =>
    postBare(
      `/connections/:personId/${action}` as '/connections/:personId/accept',
      async (call) => act(call, await personNamed(call, 'personId', call.params.personId), action),
      { summary: summaries[action], answers: one },
    ),
  ),
  get(
    '/people/:id/permissions',
    async (call) => {
      const { connector, viewer, params } = call
      return ok(await connector.permissions(viewer, await personNamed(call, 'id', params.id)))
    },
    tell.permissions,
  ),
]
