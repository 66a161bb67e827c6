import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extensionRulesOf } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import type { Write } from '../src/directory/ports.ts'
import { Footprint } from '../src/footprint/footprint.ts'
import type { Connection } from '../src/gatherings/gatherings.ts'
import { type Audiences, type FieldGroup, fieldGroups, type Person } from '../src/person/person.ts'
import { declaredAt, presenceAt, type Signals } from '../src/presence/presence.ts'
import { reveal, type VisiblePerson } from '../src/privacy/reveal.ts'
import { personRules } from '../src/privacy/rules.ts'
import * as arbitrary from './arbitrary.ts'
import * as cast from './cast.ts'
import { type Answer, credential, type World, world } from './world.ts'

const cases = 1000
const at = new Date(cast.testNow).toISOString()

interface Case {
  readonly as: cast.ViewerName
  readonly person: Person
  readonly other: Person
  readonly signals: Signals
  readonly otherSignals: Signals
  readonly organization: Audiences
  readonly connection: Connection['state']
  readonly seedForm: boolean
  /** Asked in the event, where both of some viewers are. */
  readonly inEvent: boolean
}

const someCase: fc.Arbitrary<Case> = fc.record({
  as: fc.constantFrom(...cast.viewerNames),
  person: arbitrary.person,
  other: arbitrary.person,
  signals: arbitrary.signals,
  otherSignals: arbitrary.signals,
  organization: arbitrary.audiences,
  connection: fc.constantFrom('requested', 'accepted', 'rejected'),
  seedForm: fc.boolean(),
  inEvent: fc.boolean(),
})

/** Somebody who has every field, so that what can be seen of them tells which fields can. */
const whole = {
  ...Object.fromEntries(Object.keys(personRules).map((field) => [field, 'something'])),
  ...cast.ada,
} as Person

describe('whatever people, settings, relations and viewers', () => {
  it('shows in every dialect only what reveal gives, and nothing that depends on the rest', {
    timeout: 300_000,
  }, async () => {
    const seed = Object.fromEntries(
      dialects.map(({ name, switches }) => [
        name,
        Object.fromEntries(Object.entries(switches).map(([one, value]) => [one, value.seed])),
      ]),
    )
    const worlds = { wire: await world(), seed: await world({ switches: seed }) }
    const answered = { seen: 0, refused: 0 }

    await fc.assert(
      fc.asyncProperty(someCase, async (one) => {
        const here = one.seedForm ? worlds.seed : worlds.wire
        await settle(here, one, one.person, one.signals, true)
        const visible = await visibleTo(here, one, one.person)
        const open = await visibleTo(here, one, { ...whole, audiences: one.person.audiences })
        const first = await answers(here, one)
        for (const { text, headers, status } of first) {
          if (status === 200) answered.seen += 1
          else answered.refused += 1
          expectRevealed(text + JSON.stringify(headers), one.person, visible)
        }

        // The same person, but for everything that this viewer may not see.
        const { person, signals, related } = elsewhere(one, open)
        await settle(here, one, person, signals, related)
        const second = await answers(here, one)
        expect(second.map(plain)).toEqual(first.map(plain))
      }),
      { numRuns: cases, endOnFailure: true },
    )
    // Both branches were really taken.
    expect(answered.seen).toBeGreaterThan(cases)
    expect(answered.refused).toBeGreaterThan(cases / 10)
  })
})

/** Puts the case in place of whatever was there. */
async function settle(
  { store }: World,
  { organization, connection }: Case,
  person: Person,
  signals: Signals,
  related: boolean,
): Promise<void> {
  const stored = await store.people.byId(cast.ada.id)
  const reportee = await store.people.byId(cast.reportee.id)
  if (!stored || !reportee) throw new Error('They are there')
  const { managerId: _, ...unmanaged } = cast.reportee
  const writes: Write[] = [
    { kind: 'person', person: { ...person, version: stored.person.version + 1 } },
    {
      kind: 'person',
      person: { ...(related ? cast.reportee : unmanaged), version: reportee.person.version + 1 },
    },
    { kind: 'organization', organization: { ...cast.organizations.home, audiences: organization } },
    ...cast.groups.map(({ group, memberIds }) => ({
      kind: 'members' as const,
      groupId: group.id,
      joining: related ? memberIds : [],
      leaving: related ? [] : memberIds,
    })),
    {
      kind: 'connection',
      connection: {
        requesterId: cast.askers.connection.id,
        addresseeId: cast.ada.id,
        state: connection,
        ...(connection === 'rejected' && { rejectedById: cast.ada.id }),
      },
    },
  ]
  await store.commit(writes, 'test', at)
  await store.signal(new Map([[cast.ada.id, signals]]))
}

/** Each dialect's read, at every path under which it has one; by id, so that a changed user name changes no address. */
async function answers(here: World, { as, inEvent }: Case): Promise<Answer[]> {
  const more: Record<string, readonly string[]> = {
    accelevents: [
      `/rest/event/${cast.event.url}/people/${cast.ada.number}`,
      `/rest/event/${cast.event.url}/attendee/${cast.attendees.ada.number}`,
    ],
    chakra: [`/v2/ext/user/${cast.ada.id}`],
    docspace: as === 'self' ? ['/api/2.0/people/@self'] : [],
    webex: [`/v1/people?id=${cast.ada.id}`],
  }
  const asked = dialects
    .filter(({ name }) => (name === 'accelevents') === inEvent)
    .flatMap((dialect) =>
      [here.pathOf(dialect), ...(more[dialect.name] ?? [])].map((path) => ({ dialect, path })),
    )
  return Promise.all(asked.map(({ dialect, path }) => here.ask(dialect, path, { as })))
}

/** What reveal says of `person`, by way of no dialect; undefined also for a caller whose key does not hold. */
async function visibleTo(
  here: World,
  one: Case,
  person: Person,
): Promise<VisiblePerson | undefined> {
  const headers = credential(webex, here.keys[one.as].secret)
  const values = (name: string) => (headers[name] ? [headers[name]] : [])
  const viewer = await here.door
    .identify(values, webex.credentials, new Footprint(0))
    .catch(() => undefined)
  if (!viewer) return undefined
  const ties = {
    connected: one.as === 'connection' && one.connection === 'accepted',
    coAttendee: one.inEvent && ['self', 'colleague', 'connection', 'coAttendee'].includes(one.as),
  }
  const manager = person.managerId && { id: person.managerId }
  const known = { groups: [], groupsAbove: [], manager, reportees: [], createdBy: undefined }
  const rules = extensionRulesOf(dialects)
  const presence = presenceAt(one.signals, cast.testNow)
  const declared = declaredAt(one.signals, cast.testNow)
  return reveal(
    { person, organizationAudiences: one.organization, presence, declared, ...known },
    viewer,
    ties,
    rules,
  )
}

/** Every word of the person that stands in the answer, in whatever encoding, is one that reveal gave. */
function expectRevealed(answer: string, person: Person, visible: VisiblePerson | undefined): void {
  const readable = [
    answer,
    ...(answer.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).map((part) =>
      Buffer.from(part, 'base64').toString(),
    ),
  ].join('\n')
  const given = JSON.stringify(visible ?? {})
  const words = new Set(JSON.stringify(person).match(/[a-zA-Z]+~\d+~/g))
  for (const word of words) if (readable.includes(word)) expect(given).toContain(word)
  for (const id of new Set(
    JSON.stringify(person).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g),
  )) {
    if (id !== person.id && readable.includes(id)) expect(given).toContain(id)
  }
}

/**
 * The case's person with another's value in every field that the viewer may not see. `open` is what they may see
 * of somebody who has every field there is, and the same settings.
 */
function elsewhere(
  { as, person, other, signals, otherSignals }: Case,
  open: VisiblePerson | undefined,
): { person: Person; signals: Signals; related: boolean } {
  const sees = (field: string) => open !== undefined && field in open
  const near = open !== undefined && (open.relations.self || open.relations.administrator)
  const mixed: Record<string, unknown> = {}
  for (const field of new Set([...Object.keys(person), ...Object.keys(other)])) {
    const value = (sees(field) ? person : other)[field as keyof Person]
    if (value !== undefined) mixed[field] = value
  }
  const touched: Person['touched'] = {}
  for (const group of fieldGroups) {
    const value = (sees(witnesses[group]) ? person : other).touched[group]
    if (value !== undefined) touched[group] = value
  }
  const { id, number, organizationId, audiences } = person
  const updatedAt = near ? person.updatedAt : other.updatedAt
  const extensions = bagsOf(person, other, open)
  return {
    // What decides, and what the person is found by, is not what is decided about.
    person: {
      ...(mixed as Person),
      ...(as === 'self' && whatAdmits(person)),
      id,
      number,
      organizationId,
      audiences,
      touched,
      updatedAt,
      extensions,
    },
    signals: sees('presence') ? signals : otherSignals,
    related: sees('groups'),
  }
}

/** Whether a person's own key holds hangs on these. */
const whatAdmits = ({ lifecycle, loginEnabled, flags }: Person) => ({
  lifecycle,
  loginEnabled,
  flags,
})

/** A field of each group. */
const witnesses: Record<FieldGroup, string> = {
  existence: 'id',
  name: 'displayName',
  picture: 'avatar',
  contact: 'emails',
  profile: 'interests',
  work: 'roles',
  account: 'userName',
  locale: 'locale',
  presence: 'presence',
  meetings: 'acceptsDirectMessages',
  data: 'data',
  birthDate: 'birthDate',
  gender: 'gender',
  preferences: 'colorMode',
  notifications: 'emailNotifications',
}

function bagsOf(
  person: Person,
  other: Person,
  open: VisiblePerson | undefined,
): Person['extensions'] {
  const bags: Record<string, Record<string, unknown>> = {}
  const mine = Object.entries(person.extensions)
  for (const [dialect, bag] of [...Object.entries(other.extensions), ...mine]) {
    const seen = open?.extensions[dialect] ?? {}
    for (const field of Object.keys(bag)) {
      const value = (field in seen ? person : other).extensions[dialect]?.[field]
      if (value !== undefined) bags[dialect] = { ...bags[dialect], [field]: value }
    }
  }
  return bags
}

const plain = ({ status, headers, text }: Answer) => {
  const { date: _, trackingid: __, ...rest } = headers
  return { status, headers: rest, text: text.replace(/ROUTERGW_[\w-]+/g, '') }
}
