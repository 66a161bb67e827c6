import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accelevents } from '../src/dialects/accelevents/index.ts'
import { house } from '../src/dialects/house/index.ts'
import { spoken } from '../src/dialects/index.ts'
import { newEmail } from '../src/person/emails.ts'
import type { Person } from '../src/person/person.ts'
import * as cast from './cast.ts'
import { type Answer, type World, world } from './world.ts'

// What people do to what is between them, in any order and from any side, against a table that was written by hand.

const cases = Number(process.env.KITH_CONNECTION_CASES ?? 20)

const names = ['self', 'colleague', 'connection'] as const
type Name = (typeof names)[number]

const openly = (person: Person, mail: string): Person => ({
  ...person,
  emails: [newEmail(mail, person.createdAt, { primary: true, verified: true })],
  acceptsDirectMessages: true,
  acceptsMeetingRequests: 'everyone',
  acceptsCallsFromStrangers: true,
  audiences: { contact: 'connections', meetings: 'everyone' },
})

const people: Record<Name, Person> = {
  self: openly(cast.ada, 'only.connections.of.ada@people.example'),
  colleague: openly(cast.askers.colleague, 'only.connections.of.zzcolleague@people.example'),
  connection: openly(cast.askers.connection, 'only.connections.of.zzcon@people.example'),
}
const attendees: Record<Name, number> = {
  self: cast.attendees.ada.number,
  colleague: cast.attendees.colleague.number,
  connection: cast.attendees.connection.number,
}

const furnished = (all = people) => ({
  ada: all.self,
  others: [all.colleague, all.connection],
  connections: [],
})

// The table.

/** What is between two as one of them sees it; whether that one has blocked the other stands apart. */
type View = 'none' | 'outgoing' | 'incoming' | 'accepted' | 'rejectedByMe' | 'rejectedByThem'

const mirrored: Record<View, View> = {
  none: 'none',
  outgoing: 'incoming',
  incoming: 'outgoing',
  accepted: 'accepted',
  rejectedByMe: 'rejectedByThem',
  rejectedByThem: 'rejectedByMe',
}

const refusals = {
  unknown: { house: 404, accelevents: [404, 4043001] },
  accepted: { house: 409, accelevents: [404, 4043002] },
  rejected: { house: 409, accelevents: [404, 4043003] },
  connected: { house: 409, accelevents: [406, 4068003] },
  blocking: { house: 409, accelevents: [409, undefined] },
} as const
type Refused = `!${keyof typeof refusals}`

type Action = 'request' | 'accept' | 'reject' | 'withdraw' | 'disconnect' | 'block' | 'unblock'

/** By what the one who acts sees: what they see then, or how they are refused. */
const table: Record<Action, Record<View | 'blocked', View | 'blocked' | Refused>> = {
  request: {
    none: 'outgoing',
    outgoing: 'outgoing',
    incoming: 'accepted',
    accepted: '!connected',
    rejectedByMe: 'outgoing',
    rejectedByThem: '!rejected',
    blocked: '!blocking',
  },
  accept: {
    none: '!unknown',
    outgoing: '!unknown',
    incoming: 'accepted',
    accepted: 'accepted',
    rejectedByMe: '!rejected',
    rejectedByThem: '!unknown',
    blocked: '!unknown',
  },
  reject: {
    none: '!unknown',
    outgoing: '!unknown',
    incoming: 'rejectedByMe',
    accepted: '!accepted',
    rejectedByMe: 'rejectedByMe',
    rejectedByThem: '!unknown',
    blocked: '!unknown',
  },
  withdraw: {
    none: 'none',
    outgoing: 'none',
    incoming: '!unknown',
    accepted: '!accepted',
    rejectedByMe: '!unknown',
    rejectedByThem: '!rejected',
    blocked: 'blocked',
  },
  disconnect: {
    none: 'none',
    outgoing: '!unknown',
    incoming: '!unknown',
    accepted: 'none',
    rejectedByMe: '!unknown',
    rejectedByThem: '!unknown',
    blocked: 'blocked',
  },
  // What is left behind the block.
  block: {
    none: 'none',
    outgoing: 'none',
    incoming: 'incoming',
    accepted: 'none',
    rejectedByMe: 'rejectedByMe',
    rejectedByThem: 'rejectedByThem',
    blocked: 'blocked',
  },
  unblock: {
    none: 'none',
    outgoing: 'outgoing',
    incoming: 'incoming',
    accepted: 'accepted',
    rejectedByMe: 'rejectedByMe',
    rejectedByThem: 'rejectedByThem',
    blocked: 'blocked',
  },
}
const actions = Object.keys(table) as Action[]

/** By who looks, then at whom. */
interface Model {
  readonly views: Record<Name, Partial<Record<Name, View>>>
  readonly blocks: Record<Name, Set<Name>>
}

const fresh = (): Model => ({
  views: { self: {}, colleague: {}, connection: {} },
  blocks: { self: new Set(), colleague: new Set(), connection: new Set() },
})

const viewOf = ({ views, blocks }: Model, one: Name, other: Name): View | 'blocked' =>
  blocks[one].has(other) ? 'blocked' : (views[one][other] ?? 'none')

/** Does it in the model; how it is refused, if it is. */
function move(model: Model, one: Name, other: Name, action: Action): Refused | undefined {
  const outcome = table[action][viewOf(model, one, other)]
  if (outcome.startsWith('!')) return outcome as Refused
  if (outcome !== 'blocked') {
    model.views[one][other] = outcome as View
    model.views[other][one] = mirrored[outcome as View]
  }
  if (action === 'block') model.blocks[one].add(other)
  if (action === 'unblock') model.blocks[one].delete(other)
  return undefined
}

// The directory.

const at = (action: Action, other: Name) => `/api/v1/connections/${people[other].id}/${action}`
const act = (here: World, one: Name, other: Name, action: Action) =>
  here.ask(house, at(action, other), { as: one, method: 'POST' })

const vendors = { request: 'connect', accept: 'accept', reject: 'reject', disconnect: 'disconnect' }
const inEvent = (path: string) => `/rest/event/${cast.event.url}/people${path}`

const seenInHouse = (view: View | 'blocked', one: Name, other: Name): object => {
  const rejected = { outgoing: other, incoming: one }
  switch (view) {
    case 'none':
    case 'blocked':
      return { state: view }
    case 'outgoing':
    case 'incoming':
      return { state: 'requested', direction: view }
    case 'accepted':
      return { state: 'accepted', direction: expect.stringMatching(/^(incoming|outgoing)$/) }
    case 'rejectedByMe':
      return { state: 'rejected', direction: 'incoming', rejectedBy: people[rejected.incoming].id }
    case 'rejectedByThem':
      return { state: 'rejected', direction: 'outgoing', rejectedBy: people[rejected.outgoing].id }
  }
}

const seenAtVendor = (view: View | 'blocked', one: Name, other: Name): readonly unknown[] => {
  const nothing = [null, false, null]
  const seen: Record<View | 'blocked', readonly unknown[]> = {
    none: nothing,
    blocked: nothing,
    outgoing: ['REQUESTED', false, null],
    incoming: ['REQUESTED', true, null],
    accepted: ['ACCEPT', false, null],
    rejectedByMe: ['REJECT', false, people[one].number],
    rejectedByThem: ['REJECT', false, people[other].number],
  }
  return seen[view]
}

/** What `one` sees of `other`, everywhere. */
async function check(here: World, model: Model, one: Name, other: Name): Promise<void> {
  const view = viewOf(model, one, other)
  const own = await here.ask(house, `/api/v1/connections/${people[other].id}`, { as: one })
  const { person, since: _, ...connection } = own.body
  expect(person.id).toBe(people[other].id)
  expect(connection).toEqual(seenInHouse(view, one, other))

  const path = inEvent(`/${attendees[other]}`)
  const { status, request, rejectedBy } = (await here.ask(accelevents, path, { as: one })).body
  expect([status, request, rejectedBy]).toEqual(seenAtVendor(view, one, other))

  const mail = people[other].emails[0]?.value ?? ''
  for (const dialect of spoken) {
    const answer = await here.ask(dialect, here.pathOf(dialect, people[other]), { as: one })
    if (!showsMail.has(dialect.name)) continue
    const shown = [mail, encodeURIComponent(mail)].some((text) => answer.text.includes(text))
    // Some dialects keep to one organization, whoever is connected.
    const near = people[one].organizationId === people[other].organizationId
    const told = near || dialect === house ? view === 'accepted' : view === 'accepted' && shown
    expect([dialect.name, shown]).toEqual([dialect.name, told])
  }
}

/** The vendor's read of a person in an event has no address. */
const showsMail = new Set(spoken.map(({ name }) => name).filter((name) => name !== 'accelevents'))

async function checkLists(here: World, model: Model, one: Name): Promise<void> {
  const others = names.filter((name) => name !== one)
  const expected = others
    .map((other) => [people[other].id as string, viewOf(model, one, other)] as const)
    .filter(([, view]) => view !== 'none')
    .sort(([first], [second]) => (first < second ? -1 : 1))
  const { body } = await here.ask(house, '/api/v1/connections', { as: one })
  const listed = body.items.map(({ person }: { person: { id: string } }) => person.id)
  expect(listed).toEqual(expected.map(([id]) => id))
  const connected = expected.filter(([, view]) => view === 'accepted').map(([id]) => id)
  const accepted = await here.ask(house, '/api/v1/connections?state=accepted', { as: one })
  expect(accepted.body.items).toHaveLength(connected.length)

  for (const list of ['connected', 'myConnections', 'suggested']) {
    const none = others.filter((other) => viewOf(model, one, other) === 'none').length
    const many = list === 'suggested' ? none : connected.length
    const answer = await here.ask(accelevents, inEvent(`/${list}`), { as: one, method: 'POST' })
    const { recordsFiltered, recordsTotal, data } = answer.body
    expect([list, recordsFiltered, data.length]).toEqual([list, many, many])
    expect(recordsTotal).toBe(4)
  }
}

class Move implements fc.AsyncCommand<Model, World> {
  readonly one: Name
  readonly other: Name
  readonly action: Action
  readonly atVendor: boolean

  constructor(one: Name, other: Name, action: Action, atVendor: boolean) {
    this.one = one
    this.other = other
    this.action = action
    this.atVendor = atVendor && action in vendors
  }

  check = () => true

  async run(model: Model, here: World): Promise<void> {
    const { one, other, action } = this
    const refused = move(model, one, other, action)
    const { status, body } = this.atVendor
      ? await here.ask(
          accelevents,
          inEvent(`/${attendees[other]}/${vendors[action as keyof typeof vendors]}`),
          { as: one, method: 'POST' },
        )
      : await act(here, one, other, action)
    const refusal = refused && refusals[refused.slice(1) as keyof typeof refusals]
    if (this.atVendor) {
      const told = refusal ? refusal.accelevents : [200, undefined]
      expect([status, body.errorCode]).toEqual(told)
    } else expect(status).toBe(refusal ? refusal.house : 200)
    await check(here, model, one, other)
    await check(here, model, other, one)
    // Nobody else's.
    const bystander = names.find((name) => name !== one && name !== other) ?? 'self'
    await check(here, model, bystander, one)
    await checkLists(here, model, one)
    await checkLists(here, model, other)
  }

  toString = () => `${this.one} ${this.action} ${this.other}${this.atVendor ? ' (vendor)' : ''}`
}

const pairs = names.flatMap((one) =>
  names.filter((name) => name !== one).map((other) => [one, other] as const),
)
/** The same two mostly, so that they get somewhere. */
const pair = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...pairs.filter((two) => !two.includes('connection'))) },
  { weight: 1, arbitrary: fc.constantFrom(...pairs) },
)
const action = fc.constantFrom(...actions, 'request', 'request', 'accept', 'accept')
const moves = fc
  .tuple(pair, action as fc.Arbitrary<Action>, fc.boolean())
  .map(([[one, other], doing, atVendor]) => new Move(one, other, doing, atVendor))

/** They share an interest, so that whoever has nothing to do with them may like to meet them. */
const sociable = Object.fromEntries(
  names.map((name) => [
    name,
    {
      ...people[name],
      interests: ['a shared interest'],
      audiences: { ...people[name].audiences, profile: 'everyone' as const },
    },
  ]),
) as Record<Name, Person>

it('shows both sides what the table says, whatever they do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands([moves], { maxCommands: 14, size: 'max' }), async (commands) => {
      const real = await world(furnished(sociable))
      await fc.asyncModelRun(() => ({ model: fresh(), real }), commands)
    }),
    { numRuns: cases, endOnFailure: true },
  )
}, 600_000)

// Blocked, or not.

/** Somebody who is closed to those with whom there is nothing, so that a block closes nothing else. */
const reserved: Person = {
  ...people.colleague,
  acceptsMeetingRequests: 'nobody',
  directMessagesFrom: 'nobody',
  acceptsCallsFromStrangers: false,
  audiences: { contact: 'connections', meetings: 'nobody' },
}

/** All that Ada can find out about the other. */
async function glimpses(here: World, after: Answer | undefined): Promise<unknown> {
  const { id, number } = reserved
  const asked = [
    ...spoken.map((dialect) => [dialect, 'GET', here.pathOf(dialect, reserved)] as const),
    ...[
      `/api/v1/connections/${id}`,
      '/api/v1/connections',
      `/api/v1/people/${id}/permissions`,
      `/api/v1/events/${cast.event.url}/attendees`,
      ...['requested', 'accepted', 'rejected', 'blocked'].map(
        (state) => `/api/v1/connections?state=${state}`,
      ),
    ].map((path) => [house, 'GET', path] as const),
    ...['', '/connected', '/myConnections', '/suggested'].map(
      (list) => [accelevents, 'POST', inEvent(list)] as const,
    ),
    [accelevents, 'GET', inEvent(`/${number}`)] as const,
  ]
  const answers = [after]
  for (const [dialect, method, path] of asked) {
    answers.push(await here.ask(dialect, path, { as: 'self', method }))
  }
  return answers.map((answer) => {
    if (!answer) return undefined
    const { date: _, trackingid: __, ...headers } = answer.headers
    return [answer.status, headers, answer.text.replace(/ROUTERGW_[\w-]+/g, '')]
  })
}

/** What it looks like to the other when somebody blocks: what they could have done instead. */
const instead: Record<View, Action | undefined> = {
  none: undefined,
  outgoing: 'withdraw',
  incoming: undefined,
  accepted: 'disconnect',
  rejectedByMe: undefined,
  rejectedByThem: undefined,
}

it('tells nobody that they are blocked: it is as if the other had gone away or not answered', async () => {
  const before = fc.array(
    fc.tuple(fc.boolean(), fc.constantFrom<Action>('request', 'accept', 'reject', 'disconnect')),
    { maxLength: 4 },
  )
  const later = fc.array(fc.constantFrom<Action>(...actions), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(before, later, async (first, then) => {
      const options = furnished({ ...people, colleague: reserved })
      const [blocking, leaving] = [await world(options), await world(options)]
      const model = fresh()
      for (const [byAda, doing] of first) {
        const [one, other] = byAda
          ? (['self', 'colleague'] as const)
          : (['colleague', 'self'] as const)
        move(model, one, other, doing)
        for (const here of [blocking, leaving]) await act(here, one, other, doing)
      }
      const left = instead[model.views.colleague.self ?? 'none']
      if (left) expect((await act(leaving, 'colleague', 'self', left)).status).toBe(200)
      expect((await act(blocking, 'colleague', 'self', 'block')).status).toBe(200)
      expect(await glimpses(blocking, undefined)).toEqual(await glimpses(leaving, undefined))
      for (const doing of then) {
        const [here, there] = [
          await act(blocking, 'self', 'colleague', doing),
          await act(leaving, 'self', 'colleague', doing),
        ]
        expect(await glimpses(blocking, here)).toEqual(await glimpses(leaving, there))
        const seen = await blocking.ask(house, `/api/v1/connections/${cast.ada.id}`, {
          as: 'colleague',
        })
        expect(seen.body.state).toBe('blocked')
      }
    }),
    { numRuns: cases, endOnFailure: true },
  )
}, 600_000)
