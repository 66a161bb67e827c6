import { beforeEach, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { Footprint } from '../footprint/footprint.ts'
import type { Connection } from '../gatherings/gatherings.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { Condition, Inquiry } from '../search/search.ts'
import { memoryStore } from '../store/memory.ts'
import { createDirectory } from './directory.ts'
import type { Store, Write } from './ports.ts'

const at = '2026-03-04T05:06:07.000Z'
const { ada, askers, attendees, event, manager, organizations } = cast
const { home, elsewhere } = organizations
const all: Inquiry = { from: { skip: 0 }, limit: 100, total: true }
const viewerOf = ({ id, organizationId }: Person, more: Partial<Viewer> = {}): Viewer => ({
  ...{ keyId: 'k', personId: id, organizationId, timeZone: 'UTC' },
  ...{ administers: new Set(), owner: false, plain: true, ...more },
})
const admin = viewerOf(askers.admin, { administers: new Set([home.id]) })
const { personId: _, ...service } = viewerOf(askers.admin)
const person = (one: Person): Write => ({ kind: 'person', person: one })
const next = (one: Person, change: Partial<Person>): Person => ({
  ...one,
  ...change,
  version: one.version + 1,
})

let store: Store
let reads: string[]
const commit = (...writes: Write[]) => store.commit(writes, 'test', at)
function open() {
  const footprint = new Footprint(1)
  const noted = Object.fromEntries(
    Object.entries(store).map(([room, verbs]) => [room, room === 'watch' ? verbs : noting(verbs)]),
  ) as unknown as Store
  const directory = createDirectory({
    ...{ store: noted, now: () => cast.testNow, extensionRules: {} },
  })(footprint)
  return { directory, footprint }
}
/** The same verbs, each of whose calls is written down. */
function noting<Verbs extends object>(verbs: Verbs): Verbs {
  return new Proxy(verbs, {
    get(of, name) {
      const verb: unknown = Reflect.get(of, name)
      if (typeof verb !== 'function') return verb
      return (...parameters: readonly unknown[]) => {
        reads.push(String(name))
        return verb(...parameters)
      }
    },
  })
}

beforeEach(async () => {
  store = memoryStore()
  reads = []
  const { coAttendee, colleague, connection, deleted, outsider } = askers
  await commit(
    ...Object.values(organizations).map(
      (organization): Write => ({ kind: 'organization', organization }),
    ),
    ...[ada, manager, coAttendee, colleague, connection, deleted, outsider].map(person),
    { kind: 'event', event },
    ...Object.values(attendees).map((attendee): Write => ({ kind: 'attendee', attendee })),
    {
      kind: 'attendee',
      attendee: { number: 9, eventNumber: event.number, personId: deleted.id },
    },
    ...cast.connections.map((connection): Write => ({ kind: 'connection', connection })),
  )
})

describe('the people of an event', () => {
  const attending = async (viewer: Viewer, inquiry: Partial<Inquiry> = {}) => {
    const { items } = await open().directory.attendees(viewer, event.url, { ...all, ...inquiry })
    return items.map((one) => one.person.id)
  }

  it('are each told as they are met', async () => {
    const rejected: Connection = {
      ...{ requesterId: askers.coAttendee.id, addresseeId: askers.colleague.id },
      ...{ state: 'rejected', rejectedById: askers.colleague.id },
    }
    const mine: Connection = {
      ...{ requesterId: askers.coAttendee.id, addresseeId: ada.id },
      ...{ state: 'rejected', rejectedById: askers.coAttendee.id },
    }
    await commit(
      { kind: 'connection', connection: rejected },
      { kind: 'connection', connection: mine },
    )
    for (const viewer of [
      admin,
      service,
      ...[ada, askers.coAttendee].map((one) => viewerOf(one)),
    ]) {
      const wanted = { presence: true, groups: true, manager: true, createdBy: true }
      const { items, total, last } = await open().directory.attendees(
        ...[viewer, event.url, all, wanted],
      )
      const met = items.map((one) => {
        const { directory } = open()
        return directory.meet(viewer, event.url, one.attendee.number, wanted)
      })
      expect(items).toEqual(await Promise.all(met))
      expect([items.length, total, last]).toEqual([4, 4, undefined])
    }
  })

  it('are listed for those who may look into it, and for nobody else', async () => {
    expect(await attending(viewerOf(askers.coAttendee))).toHaveLength(4)
    expect(await attending(admin)).toHaveLength(4)
    expect(await attending(service)).toHaveLength(4)
    const strangers = [askers.outsider, manager].map((one) => viewerOf(one))
    for (const viewer of [...strangers, { ...service, organizationId: elsewhere.id }]) {
      const list = () => open().directory.attendees(viewer, event.url, all)
      const meet = () => open().directory.meet(viewer, event.url, attendees.ada.number)
      const failure = { code: 'no_such_event', message: 'No such event' }
      await expect(list()).rejects.toMatchObject(failure)
      await expect(meet()).rejects.toMatchObject(failure)
    }
    await expect(open().directory.attendees(admin, 'nothing', all)).rejects.toMatchObject({
      code: 'no_such_event',
    })
  })

  it('are shown what is for co-attendees, and an administrator who is none all of their own', async () => {
    await commit(person(next(ada, { audiences: { profile: 'event', existence: 'event' } })))
    const title: Condition = { op: 'eq', field: 'title', value: 'Canary Title' }
    expect(await attending(viewerOf(askers.coAttendee), { condition: title })).toEqual([ada.id])
    expect(await attending(admin, { condition: title })).toEqual([ada.id])
    expect(await attending(service, { condition: title })).toEqual([])
    expect(await attending(service)).toHaveLength(3)
  })

  it('come a page at a time, and are found by what is between them and the viewer', async () => {
    const viewer = viewerOf(askers.connection)
    const condition: Condition = { op: 'connection', state: 'accepted' }
    expect(await attending(viewer, { condition })).toEqual([ada.id])
    const { directory, footprint } = open()
    const page = await directory.attendees(viewer, event.url, { ...all, limit: 2 })
    expect(page).toMatchObject({ total: 4, last: { id: askers.connection.id } })
    expect(footprint.once).toBe(true)
    const { last } = page
    if (last) expect(await attending(viewer, { from: { after: last } })).toHaveLength(2)
  })
})

it('finds the people of an organization that the viewer administers, and nobody in any other', async () => {
  const foreign = viewerOf(askers.managingAdmin, {
    administers: new Set([organizations.manager.id, home.id]),
  })
  const ask = (viewer: Viewer, organizationId = home.id) =>
    open().directory.search(viewer, { ...all, organizationId, limit: 10 })
  expect((await ask(foreign)).total).toBe(3)
  expect((await ask(viewerOf(askers.colleague))).total).toBe(3)
  expect(await ask(foreign, elsewhere.id as never)).toEqual({ items: [], total: 0 })
  expect(await ask(viewerOf(askers.outsider))).toEqual({ items: [], total: 0 })
  expect((await open().directory.search(foreign, all)).total).toBe(0)
})

it('looks up what is between the viewer and a hundred people at once, whom and whoever they name', async () => {
  const choice = { name: 'connections', existence: 'connections', work: 'everyone' } as const
  const idAt = (group: string, index: number) =>
    `${group}00000${String(index).padStart(2, '0')}-2222-4222-8222-222222222222` as PersonId
  const people = Array.from({ length: 100 }, (_, index): Person[] => {
    const boss = { ...manager, id: idAt('b', index), number: 1000 + index, userName: `b${index}` }
    const own = { ...manager, id: idAt('c', index), number: 2000 + index, userName: `c${index}` }
    return [
      { ...boss, audiences: choice },
      { ...own, audiences: choice, managerId: boss.id },
    ]
  })
  const me = askers.colleague
  await commit(
    ...people.flat().map(person),
    ...people.flatMap(([boss, own], index): Write[] => {
      const to = (other: Person | undefined): Write => ({
        kind: 'connection',
        connection: {
          ...{ requesterId: me.id, addresseeId: other?.id ?? me.id },
          state: other === own || index % 2 ? 'accepted' : 'requested',
        },
      })
      return [to(boss), to(own)]
    }),
    ...people.map(
      ([, own], index): Write => ({
        kind: 'attendee',
        attendee: {
          ...{ number: 5000 + index, eventNumber: event.number },
          personId: own?.id ?? me.id,
        },
      }),
    ),
  )
  const condition: Condition = {
    ...{ op: 'and' },
    of: [
      { op: 'connection', state: 'accepted' },
      { op: 'present', field: 'managerId' },
    ],
  }
  const inquiry: Inquiry = { ...all, condition: { op: 'word', prefix: 'zzmanager' } }
  const named = (of: readonly { readonly manager?: object | undefined }[]) =>
    of.filter((one) => one.manager).length
  const viewer = viewerOf(me)
  const listed = async (limit: number) => {
    reads = []
    const { items } = await open().directory.attendees(
      ...[viewer, event.url, { ...inquiry, limit }, { manager: true }],
    )
    return { reads, named: named(items.map((one) => one.person)), count: items.length }
  }
  const page = await listed(100)
  expect(page).toMatchObject({ named: 50, count: 100 })
  expect(page.reads.sort()).toEqual([
    ...['attendeeByPerson', 'attendees', 'byIds', 'connectionsOf', 'eventByUrl', 'search'],
  ])
  expect((await listed(2)).reads.sort()).toEqual(page.reads)
  reads = []
  const found = await open().directory.search(viewer, { ...all, condition }, { manager: true })
  expect(named(found.items)).toBe(50)
  expect(reads.sort()).toEqual(['byIds', 'connectionsOf', 'search'])
})
