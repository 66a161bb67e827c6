import Type, { type Static } from 'typebox'
import type { Verbs } from '../../directory/verbs.ts'
import type { Whereabout } from '../../directory/whereabouts.ts'
import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import type { Absence, Declared } from '../../presence/presence.ts'
import type { Viewer } from '../../privacy/viewer.ts'
import {
  type Call,
  get,
  ok,
  patch,
  postBare,
  put,
  type Reply,
  remove,
  type Told,
} from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { idFrom, myId } from './people.ts'

/** How many people can be asked for at once. */
const mostAtOnce = 100

const strict = { additionalProperties: false }

const told = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }))

const StatusType = Type.Enum(['doNotDisturb', 'away', 'call', 'meeting', 'presenting'])

const State = Type.Enum([
  ...(['pending', 'doNotDisturb', 'outOfOffice', 'away', 'call', 'meeting', 'presenting'] as const),
  ...(['active', 'inactive', 'unknown'] as const),
])

const ToldPresence = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    state: State,
    until: told('When what makes this the state ends by itself'),
    lastActivityAt: told('When the person was last there'),
    status: Type.Optional(
      Type.Object(
        { type: StatusType, until: told('When it ends by itself') },
        { ...strict, description: 'What was set; told to the person and to administrators alone' },
      ),
    ),
    outOfOffice: Type.Optional(
      Type.Object(
        { from: told('Absent: from the beginning'), until: told('Absent: without an end') },
        { ...strict, description: 'What was set; told to the person and to administrators alone' },
      ),
    ),
  },
  { ...strict, title: 'Presence' },
)
type ToldPresence = Static<typeof ToldPresence>

const ToldPresences = Type.Object({ items: Type.Array(ToldPresence) }, strict)

/** `Date` takes days that no calendar has; an offset may lead into the year 10000, which would be written otherwise. */
function isInstant(text: string): boolean {
  try {
    return /^\d{4}-/.test(text) && /^\d{4}-/.test(instantFrom(text))
  } catch {
    return false
  }
}

const SentInstant = Type.Refine(
  Type.String({ maxLength: 64 }),
  isInstant,
  () => 'must be an instant such as 2026-03-04T05:06:07Z, with Z or an offset (RFC 3339)',
)

const SentPresence = Type.Object(
  {
    status: Type.Optional(
      Type.Union([
        Type.Object({ type: StatusType, until: Type.Optional(SentInstant) }, strict),
        Type.Null(),
      ]),
    ),
    outOfOffice: Type.Optional(
      Type.Union([
        Type.Object(
          { from: Type.Optional(SentInstant), until: Type.Optional(SentInstant) },
          strict,
        ),
        Type.Null(),
      ]),
    ),
  },
  { ...strict, title: 'PresenceChange' },
)
type SentPresence = Static<typeof SentPresence>

const readSent = input(SentPresence)

type Named = Call<'/people/:id/presence'>

/** Whose presence is asked for. @throws invalid_id, not_found for a service's own */
type Whom<Asking extends Call> = (call: Asking) => PersonId

const named: Whom<Named> = ({ params }) => idFrom(params.id)

/** @throws invalid, invalid_id */
function idsIn(query: URLSearchParams): PersonId[] {
  const texts = query.getAll('ids').flatMap((list) => list.split(','))
  if (texts.length === 0 || texts.length > mostAtOnce) {
    throw new Failure('invalid', `ids: must be 1 to ${mostAtOnce} ids of people, parted by commas`)
  }
  return [...new Set(texts.map((text) => idFrom(text, 'ids')))]
}

const presenceOf = ({ id, presence, declared = {} }: Whereabout): ToldPresence => ({
  id,
  state: presence.state,
  ...(presence.until !== undefined && { until: presence.until }),
  ...(presence.lastActivityAt !== undefined && { lastActivityAt: presence.lastActivityAt }),
  ...(declared.status && { status: declared.status }),
  ...(declared.outOfOffice && { outOfOffice: declared.outOfOffice }),
})

const instantFrom = (text: string): string =>
  new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString()

/** What was sent of both, in the form in which it is kept; null where it is to be as if nothing had been said. */
function acceptPresence({ status, outOfOffice }: SentPresence): {
  readonly [Field in keyof Declared]: Declared[Field] | null
} {
  return {
    ...(status !== undefined && { status: status && { ...status, ...spellFrom(status) } }),
    ...(outOfOffice !== undefined && { outOfOffice: outOfOffice && spellFrom(outOfOffice) }),
  }
}

const spellFrom = ({ from, until }: Absence): Absence => ({
  ...(from !== undefined && { from: instantFrom(from) }),
  ...(until !== undefined && { until: instantFrom(until) }),
})

/** `before` with what was sent in its place. */
function changed(before: Declared, sent: ReturnType<typeof acceptPresence>): Declared {
  const { status, outOfOffice } = { ...before, ...sent }
  return { ...(status && { status }), ...(outOfOffice && { outOfOffice }) }
}

async function read(call: Call, id: PersonId): Promise<Reply> {
  return ok(presenceOf(await call.whereabouts.status(call.viewer, id)))
}

async function write(
  call: Call,
  id: PersonId,
  declaredOf: (before: Declared) => Declared,
): Promise<void> {
  await call.whereabouts.declare(call.viewer, id, (now) => {
    refuseModified(call, presenceOf(now))
    return declaredOf(now.declared ?? {})
  })
}

async function replace(call: Call, id: PersonId): Promise<Reply> {
  const sent = acceptPresence(readSent(call.body))
  await write(call, id, () => changed({}, sent))
  return read(call, id)
}

/** As a merge patch (RFC 7396) of the two, each of which is sent whole. */
async function amend(call: Call, id: PersonId): Promise<Reply> {
  const sent = acceptPresence(readSent(call.body))
  await write(call, id, (before) => changed(before, sent))
  return read(call, id)
}

async function clear(call: Call, id: PersonId): Promise<Reply> {
  await write(call, id, () => ({}))
  return { status: 204 }
}

async function beat({ whereabouts, viewer }: Call): Promise<Reply> {
  await whereabouts.beat(viewer)
  return { status: 204 }
}

const one = { 200: ToldPresence }

const query = Type.Object({
  ids: Type.String({ description: `1 to ${mostAtOnce} ids of people, parted by commas` }),
})

const tell = {
  read: { summary: 'Whether a person is there', answers: one },
  replace: { summary: 'Set status and absence of a person', body: SentPresence, answers: one },
  amend: { summary: 'Change status or absence of a person', body: SentPresence, answers: one },
  clear: { summary: 'Take back status and absence of a person', answers: { 204: null } },
  readOwn: { summary: 'Whether others see the caller', answers: one },
  replaceOwn: { summary: "Set the caller's status and absence", body: SentPresence, answers: one },
  amendOwn: { summary: "Change the caller's status or absence", body: SentPresence, answers: one },
  clearOwn: { summary: "Take back the caller's status and absence", answers: { 204: null } },
  list: {
    summary: 'Whether people are there: those whose presence the caller may see',
    query,
    answers: { 200: ToldPresences },
  },
  beat: { summary: 'Tell that the caller is there', answers: { 204: null } },
} satisfies Record<string, Told>

/** Whether people are there, and what they say of it. docs/presence.md tells what each state means. */
export const presenceRoutes = [
  {
    ...postBare('/me/heartbeat', beat, tell.beat),
    again: ({ whereabouts }: Verbs, viewer: Viewer) => whereabouts.beatAgain(viewer),
  },
  get('/me/presence', async (call) => read(call, myId(call)), tell.readOwn),
  put('/me/presence', async (call) => replace(call, myId(call)), tell.replaceOwn),
  patch('/me/presence', async (call) => amend(call, myId(call)), tell.amendOwn),
  remove('/me/presence', async (call) => clear(call, myId(call)), tell.clearOwn),
  get('/people/:id/presence', async (call) => read(call, named(call)), tell.read),
  put('/people/:id/presence', async (call) => replace(call, named(call)), tell.replace),
  patch('/people/:id/presence', async (call) => amend(call, named(call)), tell.amend),
  remove('/people/:id/presence', async (call) => clear(call, named(call)), tell.clear),
  get(
    '/presence',
    async ({ whereabouts, viewer, query }) => {
      const found = await whereabouts.statuses(viewer, idsIn(query))
      return ok({ items: found.map(presenceOf) })
    },
    tell.list,
  ),
]
