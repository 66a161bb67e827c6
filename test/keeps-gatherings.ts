import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Organization, Receipt, Span, Store, Write } from '../src/directory/ports.ts'
import { Footprint, factOf } from '../src/footprint/footprint.ts'
import {
  type Attendee,
  type Connection,
  connectionStates,
  type Event,
  type Meeting,
} from '../src/gatherings/gatherings.ts'
import type { PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import * as cast from './cast.ts'

const at = '2026-03-04T05:06:07.000Z'
const nobody = '00000000-0000-4000-8000-000000000000' as PersonId
const { ada, manager, creator, reportee, askers, event } = cast
const { home, elsewhere } = cast.organizations
/** In the order of their ids. */
const people = [manager, creator, reportee, ada]
const [one, two, three] = [manager, creator, reportee]

const conflict = { code: 'conflict' }
const slotTaken = { ...conflict, reason: 'slot_taken' }

/** An instant of one day. */
const time = (clock: string) => `2026-05-04T${clock}:00.000Z`
const span = (from: string, until: string): Span => ({ from: time(from), until: time(until) })

const meetingId = (number: number) =>
  `${String(number).padStart(8, '0')}-6666-4666-8666-666666666666`

/** One that is booked, of these people. */
const meeting = (
  number: number,
  [start, end]: readonly [string, string],
  participants: readonly Person[],
  more: Partial<Meeting> = {},
): Meeting => ({
  id: meetingId(number),
  version: 1,
  organizerId: (participants[0] ?? ada).id,
  participantIds: participants.map(({ id }) => id),
  ...{ start: time(start), end: time(end), state: 'booked' },
  ...{ createdAt: at, updatedAt: at },
  ...more,
})

const later = (one: Meeting, change: Partial<Meeting> = {}): Meeting => ({
  ...one,
  ...change,
  version: one.version + 1,
})

/** What every store does with events, connections, meetings and whatever else came with them. A part of `keeps`. */
export function keepsGatherings(name: string, open: () => Promise<Store>): void {
  describe(`${name}: gatherings`, () => {
    let store: Store
    const commit = (...writes: Write[]) => store.commit(writes, 'somebody', at)
    const book = (...meetings: readonly Meeting[]) =>
      commit(...meetings.map((meeting): Write => ({ kind: 'meeting', meeting })))
    const put = (connection: Connection, before?: Connection | null) =>
      commit({ kind: 'connection', connection, ...(before !== undefined && { before }) })
    const hold = (event: Event, before?: Event | null) =>
      commit({ kind: 'event', event, ...(before !== undefined && { before }) })
    const logged = async () => (await store.changesAfter(0, 5_000)).length
    const newLines = async (since: number) =>
      (await store.changesAfter(since, 5_000)).map(
        ({ sequence: _, actor: __, at: ___, ...line }) => line,
      )

    beforeEach(async () => {
      store = await open()
      await commit(
        ...Object.values(cast.organizations).map(
          (organization): Write => ({ kind: 'organization', organization }),
        ),
        ...people.map((person): Write => ({ kind: 'person', person })),
      )
    })
    afterEach(() => store.close())

    describe('events', () => {
      const numbered = (number: number, more: Partial<Event> = {}): Event => ({
        ...event,
        ...{ number, url: `event-${number}` },
        ...more,
      })
      const attendee = (number: number, eventNumber: number, person: Person): Attendee => ({
        ...{ number, eventNumber, personId: person.id },
      })
      const attends = (...of: Parameters<typeof attendee>): Write => ({
        kind: 'attendee',
        attendee: attendee(...of),
      })

      it('are given back with all that they say', async () => {
        const told = numbered(5, {
          ...{ description: 'Über \u{1f600}', timeZone: 'Europe/Berlin' },
          ...{ startsAt: time('08:00'), endsAt: time('18:00') },
        })
        await hold(told)
        expect(await store.gatherings.eventByUrl(told.url)).toEqual(told)
        await hold(numbered(5))
        expect(await store.gatherings.eventByUrl(told.url)).toEqual(numbered(5))
      })

      it('of an organization are told by number, a page at a time', async () => {
        const mine = [30, 4, 200, 5].map((number) => numbered(number))
        const others = numbered(6, { organizationId: elsewhere.id })
        for (const one of [...mine, others]) await hold(one)
        const page = (limit: number, after?: number) =>
          store.gatherings.eventsOf(home.id, { limit, ...(after !== undefined && { after }) })
        expect(await page(3)).toEqual([numbered(4), numbered(5), numbered(30)])
        expect(await page(3, 30)).toEqual([numbered(200)])
        expect(await page(3, 200)).toEqual([])
        expect(await store.gatherings.eventsOf(elsewhere.id, { limit: 3 })).toEqual([others])
      })

      it('that somebody attends are told by number, a page at a time', async () => {
        for (const number of [30, 4, 200, 5]) await hold(numbered(number))
        await commit(
          ...[attends(1, 200, ada), attends(2, 4, ada), attends(3, 30, ada)],
          ...[attends(4, 5, one), attends(5, 4, one)],
        )
        const page = async (limit: number, after?: number) =>
          (
            await store.gatherings.eventsAttendedBy(ada.id, {
              ...{ limit, ...(after !== undefined && { after }) },
            })
          ).map(({ number }) => number)
        expect(await page(2)).toEqual([4, 30])
        expect(await page(2, 30)).toEqual([200])
        expect(await page(2, 200)).toEqual([])
        const [first] = await store.gatherings.eventsAttendedBy(one.id, { limit: 1 })
        expect(first).toEqual(numbered(4))
        expect(await store.gatherings.eventsAttendedBy(two.id, { limit: 9 })).toEqual([])
      })

      it('are changed by whoever knows them as they are, and by nobody else', async () => {
        const [first, second] = [numbered(5), numbered(5, { name: 'Second' })]
        await expect(hold(first, second)).rejects.toMatchObject(conflict)
        await hold(first, null)
        for (const before of [null, second, { ...first, description: 'Else' }]) {
          await expect(hold(second, before)).rejects.toMatchObject(conflict)
        }
        expect(await store.gatherings.eventByUrl(first.url)).toEqual(first)
        await hold(second, { ...first })
        expect(await store.gatherings.eventByUrl(first.url)).toEqual(second)
        await hold(first)
        await expect(hold(numbered(6, { url: first.url }), null)).rejects.toMatchObject(conflict)
      })

      it('are left by whoever attends them, once, and may be joined again', async () => {
        await hold(numbered(5))
        await hold(numbered(6))
        await commit(attends(1, 5, ada), attends(2, 5, one), attends(3, 6, ada))
        const leave: Write = { kind: 'attendeeRemoval', eventNumber: 5, personId: ada.id }
        const before = await logged()
        await commit(leave)
        await commit(leave, { ...leave, personId: nobody }, { ...leave, eventNumber: 7 })
        expect(await newLines(before)).toEqual([
          { entity: 'attendee', entityId: '1', personId: ada.id, kind: 'removed' },
        ])
        const { gatherings } = store
        expect(await gatherings.attendeeByPerson(5, ada.id)).toBeUndefined()
        expect(await store.people.byAttendance(5, 1)).toBeUndefined()
        expect(await gatherings.attendees(5, [ada.id, one.id])).toEqual([attendee(2, 5, one)])
        expect(await gatherings.eventsAttendedBy(ada.id, { limit: 9 })).toEqual([numbered(6)])
        await commit(attends(4, 5, ada))
        expect(await gatherings.attendeeByPerson(5, ada.id)).toEqual(attendee(4, 5, ada))
        expect((await newLines(before)).at(-1)).toMatchObject({ entityId: '4', kind: 'created' })
      })

      it('that are left change what was told of who attends them', async () => {
        await hold(numbered(5))
        await commit(attends(1, 5, ada), attends(2, 5, one))
        const standing = standsFor(store)
        const facts = [factOf('attendee', 1), factOf('attendance', ada.id)]
        const others = [factOf('attendee', 2), factOf('attendance', one.id)]
        const [changed, same] = [facts.map(standing), others.map(standing)]
        await commit({ kind: 'attendeeRemoval', eventNumber: 5, personId: ada.id })
        expect(changed.map((stands) => stands())).toEqual([false, false])
        expect(same.map((stands) => stands())).toEqual([true, true])
      })
    })

    describe('connections', () => {
      const between = (
        requester: Person,
        addressee: Person,
        more: Partial<Connection> = {},
      ): Connection => ({
        ...{ requesterId: requester.id, addresseeId: addressee.id, state: 'requested' },
        ...more,
      })
      const asked = between(one, two)
      const accepted = between(one, two, { state: 'accepted', updatedAt: time('08:00') })

      it.each<[string, Connection]>([
        ...connectionStates.map((state): [string, Connection] => [state, { ...asked, state }]),
        ['rejected by one', { ...asked, state: 'rejected', rejectedById: two.id }],
        ['dated', accepted],
        ['blocked by who asked', { ...asked, blockedByIds: [one.id] }],
        ['blocked by who was asked', { ...asked, blockedByIds: [two.id] }],
        ['blocked by both', { ...asked, state: 'none', blockedByIds: [one.id, two.id] }],
        ['blocked by both, asked by the other', between(two, one, { blockedByIds: [one.id] })],
      ])('are given back as they were written: %s', async (_, connection) => {
        const { gatherings } = store
        await put({ ...accepted, blockedByIds: [one.id] })
        await put(connection)
        expect(await gatherings.connection(two.id, one.id)).toEqual(connection)
        expect(await gatherings.connectionsOf(one.id, [two.id])).toEqual([connection])
        expect(await gatherings.connectionsWith(two.id, { limit: 9 })).toEqual([connection])
        const held = await store.people.byId(two.id, { connectionWith: one.id })
        expect(held?.connection).toEqual(connection)
      })

      it('of somebody are told by the other, whoever asked, a page at a time', async () => {
        const all = [
          between(two, one),
          between(two, ada, { state: 'none', blockedByIds: [ada.id] }),
          between(three, two, { state: 'rejected', rejectedById: two.id }),
        ]
        await Promise.all([...all, between(one, ada), between(three, ada)].map((one) => put(one)))
        const page = (limit: number, after?: PersonId) =>
          store.gatherings.connectionsWith(two.id, { limit, ...(after && { after }) })
        const [withOne, withAda, withThree] = all
        expect(await page(9)).toEqual([withOne, withThree, withAda])
        expect(await page(2)).toEqual([withOne, withThree])
        expect(await page(1, one.id)).toEqual([withThree])
        expect(await page(9, three.id)).toEqual([withAda])
        expect(await page(9, ada.id)).toEqual([])
        expect(await store.gatherings.connectionsWith(nobody, { limit: 9 })).toEqual([])
      })

      it('are changed by whoever knows them as they are, and by nobody else', async () => {
        await expect(put(accepted, asked)).rejects.toMatchObject(conflict)
        await put(asked, null)
        const others: readonly (Connection | null)[] = [
          ...[null, accepted, between(two, one), { ...asked, updatedAt: time('08:00') }],
          { ...asked, blockedByIds: [one.id] },
        ]
        for (const before of others) {
          await expect(put(accepted, before)).rejects.toMatchObject(conflict)
        }
        expect(await store.gatherings.connection(one.id, two.id)).toEqual(asked)
        await put(accepted, { ...asked })
        expect(await store.gatherings.connection(one.id, two.id)).toEqual(accepted)
        await put(asked)
        expect(await store.gatherings.connection(one.id, two.id)).toEqual(asked)
      })

      it('are written once by two who saw the same', async () => {
        const before = await logged()
        const both = await Promise.allSettled([
          put(between(one, two), null),
          put(between(two, one), null),
          put(between(one, two), null),
        ])
        expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        expect(await newLines(before)).toHaveLength(1)
      })
    })

    describe('meetings', () => {
      const first = meeting(1, ['10:00', '11:00'], [one, two])
      const cancelled = { state: 'cancelled' } as const

      it('are given back as they were written', async () => {
        await hold(event)
        const full = meeting(7, ['10:00', '11:00'], [three, ada, one], {
          ...{ title: 'Grüße', note: '愛 \u{1f600} \' "', location: 'Room 1' },
          eventNumber: event.number,
        })
        await book(full)
        expect(await store.gatherings.meetingById(full.id)).toEqual(full)
        expect(await store.gatherings.meetingById(meetingId(8))).toBeUndefined()
        const { title: _, eventNumber: __, ...plain } = later(full, { participantIds: [three.id] })
        await book(plain)
        expect(await store.gatherings.meetingById(full.id)).toEqual(plain)
      })

      it('are in the log, one line for each write', async () => {
        const before = await logged()
        await book(first)
        await book(later(first, { state: 'cancelled' }))
        const line = { entity: 'meeting', entityId: first.id, personId: one.id }
        expect(await newLines(before)).toEqual([
          { ...line, kind: 'created' },
          { ...line, kind: 'changed' },
        ])
      })

      it('change when their version is the next one, and no other', async () => {
        await expect(book({ ...first, version: 2 })).rejects.toMatchObject(conflict)
        await book(first)
        for (const version of [1, 3]) {
          const other = book({ ...first, version, title: 'Else' })
          await expect(other).rejects.toMatchObject(conflict)
          await expect(other).rejects.not.toMatchObject(slotTaken)
        }
        expect(await store.gatherings.meetingById(first.id)).toEqual(first)
      })

      it('are of people, and of an event, who are there', async () => {
        const stranger = { ...ada, id: nobody }
        for (const one of [
          meeting(3, ['10:00', '11:00'], [ada, stranger]),
          { ...first, eventNumber: 5 },
        ]) {
          const all = commit({ kind: 'event', event }, { kind: 'meeting', meeting: one })
          await expect(all).rejects.toMatchObject({
            ...conflict,
            message: expect.stringMatching(/not there/),
          })
          expect(await store.gatherings.meetingById(one.id)).toBeUndefined()
        }
        expect(await store.gatherings.eventByUrl(event.url)).toBeUndefined()
      })

      it.each<[string, readonly [string, string], boolean]>([
        ['before it', ['08:00', '09:00'], true],
        ['until it begins', ['09:00', '10:00'], true],
        ['until a minute after it began', ['09:00', '10:01'], false],
        ['as it is', ['10:00', '11:00'], false],
        ['within it', ['10:20', '10:40'], false],
        ['around it', ['09:00', '12:00'], false],
        ['from a minute before it ends', ['10:59', '12:00'], false],
        ['as soon as it ends', ['11:00', '12:00'], true],
        ['after it', ['12:00', '13:00'], true],
      ])('take nobody who is taken: one %s', async (_, when, free) => {
        // Others of the same day, so that it takes the right one to tell.
        await book(
          meeting(10, ['06:00', '07:00'], [one, two]),
          meeting(11, ['14:00', '15:00'], [two, one]),
          meeting(12, ['09:30', '10:30'], [three]),
          first,
        )
        const tries = [[two, ada] as const, [ada, one] as const]
        for (const [index, participants] of tries.entries()) {
          const tried = book(meeting(20 + index, when, participants))
          if (free) await tried
          else await expect(tried).rejects.toMatchObject(slotTaken)
          // Of her, only what was booked is left.
          const { id } = meeting(20 + index, when, [])
          expect((await store.gatherings.meetingById(id)) !== undefined).toBe(free)
          if (free) await book(later(meeting(20 + index, when, participants), cancelled))
        }
      })

      it('refuse all that is done with one that is refused', async () => {
        await book(first)
        const before = await logged()
        const twin = meeting(2, ['10:30', '11:30'], [ada, two])
        await expect(
          book(meeting(3, ['12:00', '13:00'], [ada]), twin, meeting(4, ['14:00', '15:00'], [one])),
        ).rejects.toMatchObject(slotTaken)
        // Each is seen by the next.
        await expect(
          book(meeting(5, ['12:00', '13:00'], [ada]), meeting(6, ['12:30', '12:40'], [ada])),
        ).rejects.toMatchObject(slotTaken)
        expect(await logged()).toBe(before)
        expect(await store.gatherings.meetingsOf(ada.id, { limit: 9 })).toEqual([])
      })

      it('are no more than so many that two have to come, where it is said', async () => {
        const tried = (number: number, participants: readonly Person[], mostTogether = 2) => {
          const when = [`1${number}:00`, `1${number}:30`] as const
          const one = { kind: 'meeting', meeting: meeting(number, when, participants) } as const
          return commit({ ...one, mostTogether })
        }
        const past = { start: at, end: time('01:00') }
        await book(
          meeting(10, ['09:00', '09:30'], [ada, one], cancelled),
          meeting(11, ['09:00', '09:30'], [ada, one], past),
          meeting(12, ['08:00', '08:30'], [ada, three]),
        )
        await tried(0, [ada, one])
        await tried(1, [two, ada, one])
        const before = await logged()
        await expect(tried(2, [ada, one])).rejects.toMatchObject(conflict)
        await expect(tried(2, [one, two, ada])).rejects.not.toMatchObject(slotTaken)
        expect(await logged()).toBe(before)
        await tried(2, [ada, two, three])
        await tried(3, [ada, one], 3)
        await book(meeting(4, ['14:00', '14:30'], [ada, one]))
        const both = await Promise.allSettled(
          [5, 6].map((number) => tried(number, [one, three], 1)),
        )
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      })

      it('that are cancelled take nobody, until they are booked again', async () => {
        const second = meeting(2, ['10:30', '11:30'], [two])
        await book(first, later(first, cancelled), second)
        const again = later(later(first), { state: 'booked' })
        await expect(book(again)).rejects.toMatchObject(slotTaken)
        await book(later(second, cancelled), again)
        expect(await store.gatherings.meetingById(first.id)).toEqual(again)
        await book(meeting(3, ['10:00', '10:30'], [three], cancelled))
        await book(meeting(4, ['10:00', '10:30'], [three]))
      })

      it('may be moved over the time that they had, and free it', async () => {
        const moved = later(first, { start: time('10:30'), end: time('11:30') })
        await book(first, meeting(2, ['12:00', '13:00'], [two]), moved)
        await book(meeting(3, ['10:00', '10:30'], [one, two]))
        const further = later(moved, { end: time('12:01') })
        await expect(book(further)).rejects.toMatchObject(slotTaken)
        await book(later(moved, { end: time('12:00') }))
      })

      it('free who takes part no longer, and take who does now', async () => {
        await book(first, later(first, { participantIds: [one.id, three.id] }))
        await book(meeting(2, ['10:00', '11:00'], [two]))
        const taken = book(meeting(3, ['10:00', '11:00'], [three]))
        await expect(taken).rejects.toMatchObject(slotTaken)
      })

      it('are booked once by a thousand who try at the same time', async () => {
        const before = await logged()
        const tries = Array.from({ length: 1_000 }, (_, index) =>
          book(
            meeting(100 + index, index % 2 ? ['10:00', '11:00'] : ['10:30', '11:30'], [
              index % 3 ? one : two,
              three,
            ]),
          ),
        )
        const done = await Promise.allSettled(tries)
        const failed = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
        expect(failed).toHaveLength(999)
        for (const reason of failed) expect(reason).toMatchObject(slotTaken)
        expect(await newLines(before)).toHaveLength(1)
        const booked = await store.gatherings.meetingsOf(three.id, { limit: 9 })
        expect(booked).toHaveLength(1)
      })

      it('are left as they are when somebody is deleted', async () => {
        await book(first)
        await commit({ kind: 'person', person: { ...one, lifecycle: 'deleted', version: 2 } })
        expect(await store.gatherings.meetingById(first.id)).toEqual(first)
        expect(await store.gatherings.meetingsOf(one.id, { limit: 9 })).toEqual([first])
      })

      it('within a time are told of several people, each once, by their start and id', async () => {
        const both = meeting(9, ['10:00', '11:00'], [one, two])
        const all = [
          meeting(1, ['06:00', '07:00'], [one]),
          meeting(2, ['07:00', '08:30'], [one]),
          meeting(3, ['09:00', '09:30'], [one]),
          both,
          meeting(4, ['10:00', '12:00'], [three]),
          meeting(5, ['11:00', '12:00'], [two]),
          meeting(6, ['08:10', '08:20'], [one], cancelled),
          meeting(7, ['09:00', '11:00'], [ada]),
        ]
        await book(...all)
        const within = async (from: string, until: string, ...of: readonly Person[]) =>
          (
            await store.gatherings.meetingsWithin(
              of.map(({ id }) => id),
              span(from, until),
            )
          ).map(({ id }) => Number(id.slice(0, 8)))
        expect(await within('08:00', '11:00', one, two)).toEqual([2, 3, 9])
        expect(await within('08:00', '11:01', two, one, three, two)).toEqual([2, 3, 4, 9, 5])
        expect(await within('08:30', '09:00', one)).toEqual([])
        expect(await within('08:29', '09:01', one)).toEqual([2, 3])
        expect(await within('10:15', '10:20', one)).toEqual([9])
        expect(await within('10:00', '10:01', two)).toEqual([9])
        expect(await within('00:00', '23:59', one)).toEqual([1, 2, 3, 9])
        expect(await within('12:00', '23:59', one, two, three, ada)).toEqual([])
        expect(await within('00:00', '23:59')).toEqual([])
        expect(await store.gatherings.meetingsWithin([one.id], span('10:15', '10:20'))).toEqual([
          both,
        ])
      })

      it('of somebody are told by their start and id, cancelled ones too, a page at a time', async () => {
        const all = [
          meeting(1, ['06:00', '20:00'], [two, one], cancelled),
          meeting(2, ['07:00', '08:00'], [one]),
          meeting(4, ['09:00', '10:00'], [one], cancelled),
          meeting(5, ['09:00', '12:00'], [one, two]),
          meeting(3, ['13:00', '14:00'], [two, one]),
        ]
        await book(...all, meeting(6, ['09:00', '10:00'], [three]))
        const page = async (
          limit: number,
          after?: readonly [start: string, number: number],
          from?: string,
        ) =>
          (
            await store.gatherings.meetingsOf(one.id, {
              limit,
              ...(after && { after: { start: time(after[0]), id: meetingId(after[1]) } }),
              ...(from && { from: time(from) }),
            })
          ).map(({ id }) => Number(id.slice(0, 8)))
        expect(await store.gatherings.meetingsOf(one.id, { limit: 9 })).toEqual(all)
        expect(await page(2)).toEqual([1, 2])
        expect(await page(2, ['07:00', 2])).toEqual([4, 5])
        expect(await page(2, ['09:00', 4])).toEqual([5, 3])
        expect(await page(9, ['13:00', 3])).toEqual([])
        expect(await page(9, undefined, '08:00')).toEqual([1, 4, 5, 3])
        expect(await page(9, undefined, '11:59')).toEqual([1, 5, 3])
        expect(await page(9, undefined, '12:00')).toEqual([1, 3])
        expect(await page(9, ['06:00', 1], '12:00')).toEqual([3])
        expect(await page(9, undefined, '20:00')).toEqual([])
        expect(await store.gatherings.meetingsOf(nobody, { limit: 9 })).toEqual([])
      })
    })

    describe('receipts', () => {
      const receipt: Receipt = {
        ...{ keyId: 'key', idempotencyKey: 'name', fingerprint: 'asked', entityId: 'made' },
        at: '2026-03-04T05:06:07.000Z',
      }
      const note = (...receipts: readonly Receipt[]) =>
        commit(...receipts.map((receipt): Write => ({ kind: 'receipt', receipt })))

      it('are remembered by key and name, and leave no line in the log', async () => {
        const before = await logged()
        const others = [
          { ...receipt, keyId: 'other', entityId: 'second' },
          { ...receipt, idempotencyKey: 'Name', entityId: 'third' },
        ]
        await note(receipt, ...others)
        expect(await store.receipt('key', 'name')).toEqual(receipt)
        expect(await store.receipt('other', 'name')).toEqual(others[0])
        expect(await store.receipt('key', 'Name')).toEqual(others[1])
        expect(await store.receipt('other', 'Name')).toBeUndefined()
        expect(await logged()).toBe(before)
      })

      it('are written once, and what was to be done with a second is not done', async () => {
        const made = (number: number): Write => ({
          kind: 'event',
          event: { ...event, number, url: `event-${number}` },
        })
        const tries = [1, 2, 3].map((number) =>
          commit(made(number), {
            kind: 'receipt',
            receipt: { ...receipt, entityId: String(number) },
          }),
        )
        const done = await Promise.allSettled(tries)
        const failed = done.filter((one) => one.status === 'rejected')
        expect(failed).toMatchObject([{ reason: conflict }, { reason: conflict }])
        const [only, ...rest] = await store.gatherings.eventsOf(home.id, { limit: 9 })
        expect(rest).toEqual([])
        expect(await store.receipt('key', 'name')).toMatchObject({ entityId: `${only?.number}` })
      })

      it('of more than a day ago are forgotten when another is written', async () => {
        const named = (idempotencyKey: string, at: string) => ({ ...receipt, idempotencyKey, at })
        const old = named('old', '2026-03-04T05:06:06.999Z')
        const just = named('just', '2026-03-04T05:06:07.000Z')
        await note(old, just)
        expect(await store.receipt('key', 'old')).toEqual(old)
        await note(named('new', '2026-03-05T05:06:07.000Z'))
        expect(await store.receipt('key', 'old')).toBeUndefined()
        expect(await store.receipt('key', 'just')).toEqual(just)
        const again = { ...named('just', '2026-03-05T05:06:07.001Z'), entityId: 'again' }
        await note(again)
        expect(await store.receipt('key', 'just')).toEqual(again)
        await expect(note(again)).rejects.toMatchObject(conflict)
      })
    })

    describe('beats', () => {
      const signalsOf = async ({ id }: Person) =>
        (await store.people.byId(id, { presence: true }))?.signals
      const beat = (clock: string, ...all: readonly Pick<Person, 'id'>[]) =>
        store.beat(new Map(all.map(({ id }) => [id, time(clock)])))

      it('note when somebody was there first and last, and never go back', async () => {
        await beat('09:00', ada, one)
        const once = { firstLoginAt: time('09:00'), lastActivityAt: time('09:00') }
        expect(await signalsOf(ada)).toEqual(once)
        await beat('10:00', ada)
        await beat('09:30', ada)
        expect(await signalsOf(ada)).toEqual({ ...once, lastActivityAt: time('10:00') })
        expect(await signalsOf(one)).toEqual(once)
        expect(await signalsOf(two)).toBeUndefined()
      })

      it('leave all else that is known of somebody as it is', async () => {
        const status = { doNotDisturb: { until: time('12:00') }, engagement: 'call' as const }
        await store.signal(new Map([[ada.id, status]]))
        await beat('09:00', ada)
        const there = { firstLoginAt: time('09:00'), lastActivityAt: time('09:00') }
        expect(await signalsOf(ada)).toEqual({ ...status, ...there })
        const known = { ...status, firstLoginAt: time('01:00'), lastActivityAt: time('02:00') }
        await store.signal(new Map([[ada.id, known]]))
        await beat('01:30', ada)
        expect(await signalsOf(ada)).toEqual(known)
        await store.signal(new Map([[ada.id, { lastActivityAt: time('02:00') }]]))
        await beat('01:30', ada)
        expect(await signalsOf(ada)).toEqual({
          ...{ firstLoginAt: time('01:30'), lastActivityAt: time('02:00') },
        })
      })

      it('lose nothing that is said at the same time', async () => {
        const status = { doNotDisturb: {} }
        const writes = Array.from({ length: 20 }, (_, index) => {
          const clock = `09:${10 + index}`
          if (index === 10) return store.signal(new Map([[ada.id, status]]))
          return beat(clock, ada, one)
        })
        await Promise.all(writes)
        expect(await signalsOf(ada)).toMatchObject({ ...status, lastActivityAt: time('09:29') })
      })

      it('change no record and leave no line in the log', async () => {
        const before = await logged()
        await beat('09:00', ada)
        expect(await logged()).toBe(before)
        expect((await store.people.byId(ada.id))?.person).toEqual(ada)
      })

      it('of people who are not there are passed over', async () => {
        await beat('09:00', { id: nobody }, ada)
        expect(await signalsOf(ada)).toMatchObject({ lastActivityAt: time('09:00') })
        expect(await store.people.byId(nobody, { presence: true })).toBeUndefined()
        await store.beat(new Map())
      })

      it('are noticed by whoever remembers what they read', async () => {
        await beat('09:00', ada, one)
        const standing = standsFor(store)
        const [hers, others] = [ada, one].map(({ id }) => standing(factOf('presence', id)))
        await beat('09:01', ada)
        expect([hers?.(), others?.()]).toEqual([false, true])
      })

      it('of very many are all noted', async () => {
        const many = Array.from({ length: 1_234 }, (_, index): Person => {
          const id = `${String(index).padStart(8, '0')}-7777-4777-8777-777777777777` as PersonId
          return { ...manager, id, number: index + 1, userName: `user${index}` }
        })
        await commit(...many.map((person): Write => ({ kind: 'person', person })))
        await beat('09:00', ...many)
        const ids = many.map(({ id }) => id)
        const held = await store.people.byIds(ids, { presence: true })
        expect(held).toHaveLength(many.length)
        expect(new Set(held.map(({ signals }) => signals?.lastActivityAt))).toEqual(
          new Set([time('09:00')]),
        )
      })
    })

    describe('what an organization sets', () => {
      const set = (defaults?: Organization['defaults']) =>
        commit({ kind: 'organization', organization: { ...home, ...(defaults && { defaults }) } })

      it('is told with each of its people, as long as it sets anything', async () => {
        const defaults = {
          ...{ timeZone: 'Asia/Kathmandu', locale: 'ne-NP', acceptsDirectMessages: false },
          notifications: { missedCalls: { enabled: true, channels: ['email' as const] } },
        }
        await commit({ kind: 'person', person: askers.outsider })
        const told = async () => [
          await store.people.byId(ada.id, { manager: true, presence: true }),
          await store.people.byNumber(ada.number),
          ...(await store.people.byIds([ada.id])),
          ...(await store.people.inOrganization(home.id, { after: reportee.id, limit: 1 })),
        ]
        const theirs = async () => (await told()).map((held) => held?.organizationDefaults)
        const none = [undefined, undefined, undefined, undefined]
        expect(await theirs()).toEqual(none)
        await set(defaults)
        expect(await theirs()).toEqual([defaults, defaults, defaults, defaults])
        expect(await store.organizations.byId(home.id)).toEqual({ ...home, defaults })
        const outsider = await store.people.byId(askers.outsider.id)
        expect(outsider && 'organizationDefaults' in outsider).toBe(false)
        await set({ colorMode: 'dark' })
        expect((await theirs())[0]).toEqual({ colorMode: 'dark' })
        for (const nothing of [{}, undefined]) {
          await set(defaults)
          await set(nothing)
          expect(await theirs()).toEqual(none)
          expect((await told()).some((held) => held && 'organizationDefaults' in held)).toBe(false)
          expect(await store.organizations.byId(home.id)).toEqual(home)
        }
      })
    })
  })
}

/** Whether what was read of a fact a moment ago still stands. */
const standsFor =
  ({ watch }: Store) =>
  (fact: number) => {
    watch.look()
    const footprint = new Footprint(watch.moment)
    footprint.reads(fact)
    return () => {
      watch.look()
      return watch.stands(footprint, cast.testNow)
    }
  }
