import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newGroup } from '../src/directory/group.ts'
import type { Group, Members, Store, Write } from '../src/directory/ports.ts'
import type { PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import type {
  Between,
  Condition,
  EventSearch,
  Eyes,
  PeopleSearch,
  Search,
} from '../src/search/search.ts'
import * as cast from './cast.ts'

const at = '2026-03-04T05:06:07.000Z'
const { ada, manager, creator, reportee, askers } = cast
const { organizationId } = ada
const { home, elsewhere } = cast.organizations

const all: Eyes = { organizationId, administers: new Set([organizationId]) }
const service: Eyes = { organizationId, administers: new Set() }
const colleague: Eyes = { ...service, personId: askers.colleague.id }
const base = { organizationId, from: { skip: 0 }, limit: 100, total: true }

const is = (field: string, value: string | boolean | number): Condition => ({
  ...{ op: 'eq', field, value },
})
const some = (list: string, where: Condition): Condition => ({ op: 'some', list, where })
const next = (one: Person, change: Partial<Person>): Person => ({
  ...one,
  ...change,
  version: one.version + 1,
})
const person = (one: Person): Write => ({ kind: 'person', person: one })
const groupWrite = (group: Group): Write => ({ kind: 'group', group })

/** What every store finds, and for whom. A part of `keeps`. */
export function keepsSearch(name: string, open: () => Promise<Store>): void {
  describe(`${name}: a search`, () => {
    let store: Store
    const commit = (...writes: Write[]) => store.commit(writes, 'somebody', at)
    const found = (condition?: Condition, more: Partial<PeopleSearch> = {}) =>
      store.people.search({ ...base, eyes: all, ...(condition && { condition }), ...more })
    const search = async (...of: Parameters<typeof found>) =>
      (await found(...of)).places.map(({ id }) => id)
    const groups = async (condition?: Condition, more: Partial<Search> = {}) => {
      const { places } = await store.groups.search({
        ...base,
        ...(condition && { condition }),
        ...more,
      })
      return places.map(({ id }) => id)
    }

    beforeEach(async () => {
      store = await open()
      await commit(
        ...Object.values(cast.organizations).map(
          (organization): Write => ({ kind: 'organization', organization }),
        ),
        ...[ada, manager, creator, reportee, askers.deleted].map(person),
      )
    })
    afterEach(() => store.close())

    it('finds everybody of the organization but those who are deleted, by id', async () => {
      await commit(person(askers.outsider))
      expect(await search()).toEqual([manager.id, creator.id, reportee.id, ada.id])
      expect(await found(undefined, { from: { skip: 1 }, limit: 2 })).toEqual({
        places: [
          { id: creator.id, key: null },
          { id: reportee.id, key: null },
        ],
        total: 4,
      })
      expect(await found(undefined, { limit: 0 })).toEqual({ places: [], total: 4 })
      expect(await found(undefined, { limit: 0, total: false })).toEqual({ places: [] })
      expect(await search(undefined, { from: { after: { key: null, id: creator.id } } })).toEqual([
        reportee.id,
        ada.id,
      ])
    })

    it('counts all who fit, or those who come after a place', async () => {
      const after = { key: null, id: creator.id }
      const left = { from: { after }, total: 'left' } as const
      expect(await found(undefined, { ...left, limit: 1 })).toEqual({
        ...{ places: [{ id: reportee.id, key: null }], total: 2 },
      })
      expect(await found(undefined, { ...left, limit: 0 })).toEqual({ places: [], total: 2 })
      expect((await found(undefined, { ...left, total: true })).total).toBe(4)
      expect((await found(undefined, { ...left, from: { skip: 1 } })).total).toBe(4)
      const condition: Condition = { op: 'word', prefix: 'zz' }
      const order = { field: 'displayName', descending: true }
      const { places } = await found(condition, { order })
      for (const [index, place] of places.entries()) {
        const more = { ...left, order, from: { after: place } }
        const rest = places.slice(index + 1)
        expect(await found(condition, more)).toEqual({ places: rest, total: rest.length })
        expect((await found(condition, { ...more, limit: 0 })).total).toBe(rest.length)
      }
    })

    it('finds by what the record says', async () => {
      for (const one of [
        is('id', ada.id),
        is('number', ada.number),
        is('userName', 'CANARY.USERNAME'),
        is('externalId', 'canary-external'),
        is('title', 'canary TITLE'),
        is('managerId', manager.id),
        is('roomAdministrator', true),
        is('team', 'canary team'),
        is('quotaLimit', 7_777_777_777),
        is('birthDate', '1815-12-10'),
        some('emails', is('value', 'CANARY.second@ada-canary.EXAMPLE')),
        some('emails', { op: 'and', of: [is('type', 'Work'), is('primary', true)] }),
        some('phones', is('e164', '+14085267209')),
        some('interests', { op: 'sw', field: 'value', value: 'canary-interest-t' }),
        some('roles', is('display', 'canary adminrole')),
        some('addresses', is('country', 'canaryland')),
      ]) {
        expect(await search(one), JSON.stringify(one)).toEqual([ada.id])
      }
      const none = some('emails', { op: 'and', of: [is('type', 'home'), is('primary', true)] })
      expect(await search(none)).toEqual([])
      expect(await search(is('loginEnabled', 'true'))).toEqual([])
    })

    it('finds by any of many values, of a field or of the items of a list', async () => {
      const or = (...of: Condition[]): Condition => ({ op: 'or', of })
      const titles = Array.from({ length: 2000 }, (_, index) => is('title', `Title ${index}`))
      expect(await search(or(...titles))).toEqual([])
      expect(await search(or(...titles, is('title', 'CANARY title')))).toEqual([ada.id])
      expect(await search(or(is('title', 'Canary Title'), is('title', 7)))).toEqual([ada.id])
      expect(await search(or(is('title', 7), is('title', true)))).toEqual([])
      expect(await search({ op: 'not', of: or(...titles.slice(0, 2)) })).toHaveLength(4)
      const interest = (value: string) => some('interests', is('value', value))
      const interests = titles.map((_, index) => interest(`Interest ${index}`))
      expect(await search(or(...interests))).toEqual([])
      expect(
        await search(
          or(...interests, is('number', manager.number), interest('CANARY-interest-two')),
        ),
      ).toEqual([manager.id, ada.id])
      const typed = (type: string, primary: boolean) =>
        some('emails', { op: 'and', of: [is('type', type), is('primary', primary)] })
      expect(await search(or(typed('work', false), typed('home', true)))).toEqual([])
      expect(await search(or(typed('work', false), typed('home', false)))).toEqual([ada.id])
      expect(await search(or())).toEqual([])
    })

    it('finds by the groups that somebody is in', async () => {
      const [{ group }] = cast.groups
      const members = {
        kind: 'members',
        groupId: group.id,
        joining: [ada.id],
        leaving: [],
      } as const
      await commit(groupWrite(group), members)
      for (const where of [is('value', group.id), is('display', group.name.toUpperCase())]) {
        expect(await search(some('groups', where))).toEqual([ada.id])
      }
      expect(await search({ op: 'not', of: { op: 'some', list: 'groups' } })).not.toContain(ada.id)
    })

    it('takes wildcards, quotes and what looks like SQL for what they are', async () => {
      const odd = `50%_\\'"; drop table person; --\u{1f600}`
      await commit(person(next(ada, { title: odd })))
      for (const op of ['eq', 'co', 'sw', 'ew'] as const) {
        expect(await search({ op, field: 'title', value: odd })).toEqual([ada.id])
        expect(await search({ op, field: 'title', value: '%' })).toEqual(
          op === 'co' ? [ada.id] : [],
        )
      }
      expect(await search({ op: 'co', field: 'displayName', value: '_' })).toEqual([])
      for (const value of ['', '\u{1f600}', '-\u{1f600}']) {
        expect(await search({ op: 'ew', field: 'title', value })).toEqual([ada.id])
      }
    })

    it.each<[string, Eyes, readonly PersonId[]]>([
      ['an administrator', all, [ada.id]],
      ['a colleague', colleague, []],
      ['the person', { ...colleague, personId: ada.id }, [ada.id]],
      ['a service', service, []],
      ['an administrator of another', { ...all, administers: new Set([elsewhere.id]) }, []],
      ['a stranger', { ...colleague, organizationId: elsewhere.id }, []],
    ])('tells %s only of what they may see', async (_, eyes, expected) => {
      expect(await search(is('gender', 'female'), { eyes })).toEqual(expected)
      expect(await search({ op: 'present', field: 'gender' }, { eyes })).toEqual(expected)
      const not: Condition = { op: 'not', of: is('gender', 'female') }
      expect((await search(not, { eyes })).includes(ada.id)).toBe(expected.length === 0)
      const { places } = await found(undefined, {
        ...{ eyes, order: { field: 'gender', descending: false } },
      })
      expect(places.filter(({ key }) => key !== null).map(({ id }) => id)).toEqual(expected)
    })

    it('shows to connections what is for connections, and nobody whose existence is hidden', async () => {
      const connection = { requesterId: askers.colleague.id, addresseeId: ada.id }
      await commit(
        person(askers.colleague),
        person(next(ada, { audiences: { existence: 'connections', contact: 'connections' } })),
        person(next(reportee, { audiences: { existence: 'event' } })),
      )
      const having = { op: 'some', list: 'emails' } as const
      const everybody = () => search(undefined, { eyes: colleague })
      expect(await search(having, { eyes: colleague })).toEqual([])
      const without = [manager.id, creator.id, askers.colleague.id]
      expect(await everybody()).toEqual(without)
      await commit({ kind: 'connection', connection: { ...connection, state: 'requested' } })
      expect(await everybody()).toEqual(without)
      await commit({ kind: 'connection', connection: { ...connection, state: 'accepted' } })
      expect(await everybody()).toEqual([...without, ada.id])
      expect(await search(having, { eyes: colleague })).toEqual([ada.id])
      const another = { ...colleague, personId: creator.id }
      expect(await search(undefined, { eyes: another })).toEqual(without)
    })

    it('tells nobody of a manager whom they may not know of', async () => {
      const asked = { op: 'present', field: 'managerId' } as const
      expect(await search(asked, { eyes: colleague })).toEqual([reportee.id, ada.id])
      await commit(person(next(manager, { audiences: { existence: 'nobody' } })))
      expect(await search(asked, { eyes: colleague })).toEqual([reportee.id])
      expect(await search(is('managerId', manager.id), { eyes: colleague })).toEqual([])
      expect(await search(is('managerId', manager.id))).toEqual([ada.id])
    })

    it('finds by the words of names, accounts, addresses and numbers, whole or begun', async () => {
      const word = (prefix: string): Condition => ({ op: 'word', prefix })
      for (const prefix of [
        ...['canarydis', 'CANARYGIVEN', 'canarymiddle', 'canaryfam', 'canarynick'],
        ...['canary.user', 'username', 'canary.mail@ada', 'Canary.Sec', 'mail', '1408526', '+3161'],
      ]) {
        expect(await search(word(prefix)), prefix).toEqual([ada.id])
      }
      const and = (...prefixes: string[]): Condition => ({ op: 'and', of: prefixes.map(word) })
      expect(await search(and('ada', 'canary', '1408'))).toEqual([ada.id])
      expect(await search(and('ada', 'zzmanager'))).toEqual([])
      expect(await search({ op: 'or', of: [word('canarydis'), word('zzmanag')] })).toEqual([
        ...[manager.id, ada.id],
      ])
      expect(await search({ op: 'not', of: word('zz') })).toEqual([ada.id])
      for (const prefix of ['anarydisplay', 'ada canary', 'title', '%', '', 'zzdeleted']) {
        expect(await search(word(prefix)), prefix).toEqual([])
      }
      expect(await found(word('zz'), { from: { skip: 1 }, limit: 1 })).toEqual({
        ...{ places: [{ id: creator.id, key: null }], total: 3 },
      })
    })

    it('finds nobody by a word that the asker may not see', async () => {
      const audiences = { name: 'nobody', contact: 'connections', account: 'event' } as const
      const mail = { requesterId: ada.id, addresseeId: askers.colleague.id } as const
      await commit(
        ...[person(askers.colleague), person(next(ada, { audiences, displayName: 'Username' }))],
        { kind: 'connection', connection: { ...mail, state: 'accepted' } },
      )
      const seenBy = async (eyes: Eyes) => {
        const all = ['canarygiven', 'username', 'canary.username', 'mail', '1408']
        const fit = await Promise.all(
          all.map((prefix) => search({ op: 'word', prefix }, { eyes, total: false })),
        )
        return all.filter((_, index) => fit[index]?.includes(ada.id))
      }
      expect(await seenBy(all)).toHaveLength(5)
      expect(await seenBy({ ...colleague, personId: ada.id })).toHaveLength(5)
      expect(await seenBy(colleague)).toEqual(['mail', '1408'])
      expect(await seenBy({ ...colleague, attends: true })).toEqual([
        ...['username', 'canary.username', 'mail', '1408'],
      ])
      expect(await seenBy({ ...colleague, personId: creator.id })).toEqual([])
      expect(await seenBy(service)).toEqual([])
    })

    it('knows the words of somebody as they are now, and none of somebody deleted', async () => {
      const found = (prefix: string) => search({ op: 'word', prefix })
      const renamed = next(ada, { displayName: 'Lovelace', emails: [] })
      await commit(person(renamed))
      expect(await found('lovel')).toEqual([ada.id])
      expect(await found('canarydisplay')).toEqual([])
      expect(await found('mail')).toEqual([])
      const gone = next(renamed, { lifecycle: 'deleted' })
      await commit(person(gone))
      expect(await found('lovel')).toEqual([])
      await commit(person(next(gone, { lifecycle: 'active' })))
      expect(await found('lovel')).toEqual([ada.id])
    })

    it('finds by what is between somebody and who asks', async () => {
      const own = askers.colleague.id
      const connections = [
        { requesterId: own, addresseeId: ada.id, state: 'accepted' },
        { requesterId: manager.id, addresseeId: own, state: 'requested' },
        { requesterId: own, addresseeId: creator.id, state: 'rejected', rejectedById: own },
        { requesterId: manager.id, addresseeId: ada.id, state: 'rejected' },
      ] as const
      await commit(
        person(askers.colleague),
        ...connections.map((connection): Write => ({ kind: 'connection', connection })),
      )
      const between = (state: Between, eyes = colleague) =>
        search({ op: 'connection', state }, { eyes })
      expect(await between('accepted')).toEqual([ada.id])
      expect(await between('requested')).toEqual([manager.id])
      expect(await between('rejected')).toEqual([creator.id])
      expect(await between('none')).toEqual([reportee.id, own])
      expect(await between('accepted', service)).toEqual([])
      expect(await between('none', service)).toHaveLength(5)
    })

    it('finds by what is between two as the one who asks sees it, and blocks are theirs alone', async () => {
      const own = askers.colleague.id
      await commit(
        person(askers.colleague),
        ...(
          [
            { requesterId: own, addresseeId: ada.id, state: 'requested', blockedByIds: [ada.id] },
            { requesterId: manager.id, addresseeId: own, state: 'requested', blockedByIds: [own] },
            {
              requesterId: creator.id,
              addresseeId: own,
              state: 'none',
              blockedByIds: [creator.id],
            },
            { requesterId: reportee.id, addresseeId: own, state: 'none' },
          ] as const
        ).map((connection): Write => ({ kind: 'connection', connection })),
      )
      const between = (state: Between, personId = own) =>
        search({ op: 'connection', state }, { eyes: { ...colleague, personId } })
      expect(await between('requested')).toEqual([ada.id])
      expect(await between('blocked')).toEqual([manager.id])
      expect(await between('none')).toEqual([creator.id, reportee.id, own])
      expect(await between('blocked', ada.id)).toEqual([own])
      expect(await between('requested', ada.id)).toEqual([])
      expect(await between('requested', manager.id)).toEqual([own])
      expect(await between('blocked', creator.id)).toEqual([own])
      // Whoever is blocked meets those who have blocked them without what concerns meetings.
      const asked = is('acceptsMeetingRequests', 'connections')
      expect(await search(asked, { eyes: { ...colleague, personId: own } })).toEqual([])
      expect(await search(asked, { eyes: { ...colleague, personId: creator.id } })).toEqual([
        ada.id,
      ])
      expect(await search(asked, { eyes: { ...colleague, personId: ada.id } })).toEqual([ada.id])
    })

    it('asks each organization’s people as its own administrators and rules have it', async () => {
      const audiences = { gender: 'everyone', name: 'nobody' } as const
      const holding = cast.organizations.manager
      const eyes = { ...colleague, organizationId: holding.id, administers: new Set([home.id]) }
      await commit(
        { kind: 'organization', organization: { ...elsewhere, audiences } },
        ...[askers.outsider, askers.managingAdmin].map(person),
        person(next({ ...askers.coAttendee, version: 0 }, { gender: 'male' })),
      )
      const where = (id: string, condition: Condition) =>
        search(condition, { eyes, organizationId: id as typeof organizationId })
      expect(await where(home.id, is('externalId', 'canary-external'))).toEqual([ada.id])
      expect(await where(holding.id, is('title', 'x'))).toEqual([])
      expect(await where(holding.id, { op: 'word', prefix: 'zzmanaging' })).toEqual([
        askers.managingAdmin.id,
      ])
      expect(await where(elsewhere.id, { op: 'word', prefix: 'zz' })).toEqual([])
      expect(await where(elsewhere.id, is('gender', 'male'))).toEqual([askers.coAttendee.id])
    })

    it('orders by any field, without those who have none of it until last, a page at a time', async () => {
      await commit(
        person(next(ada, { title: '\u{1f600} b' })),
        person(next(manager, { title: '\u{ff5e} a' })),
        person(next(creator, { title: 'ZULU' })),
      )
      // U+FF5E is folded to a tilde. As UTF-16 the face would come before what follows U+DFFF.
      await commit(person({ ...next(manager, { title: '\u{fb1d}' }), version: 3 }))
      const up = [creator.id, manager.id, ada.id, reportee.id]
      for (const [descending, expected] of [
        [false, up],
        [true, up.toReversed()],
      ] as const) {
        const order = { field: 'title', descending }
        expect(await search(undefined, { order })).toEqual(expected)
        const pages: string[] = []
        const { places } = await found(undefined, { order })
        for (const after of places) {
          pages.push((await search(undefined, { order, from: { after }, limit: 1 })).join())
        }
        expect(pages).toEqual([...expected.slice(1), ''])
      }
    })

    it('orders by the primary one of a list, else by its first', async () => {
      const [first, second] = ada.emails
      if (!first || !second) throw new Error('She has two')
      const plain = { ...second, value: 'A@b.example', primary: false }
      await commit(person(next(manager, { emails: [plain, first] })))
      await commit(person(next(creator, { emails: [plain, { ...second, primary: false }] })))
      const order = { field: 'emails', descending: true }
      expect((await found(undefined, { order })).places).toEqual([
        { id: reportee.id, key: null },
        { id: manager.id, key: 'canary.mail@ada-canary.example' },
        { id: ada.id, key: 'canary.mail@ada-canary.example' },
        { id: creator.id, key: 'a@b.example' },
      ])
    })

    it('tells keys as what they are', async () => {
      for (const [field, key] of [
        ['roomAdministrator', true],
        ['quotaLimit', 7_777_777_777],
        ['userName', 'canary.username'],
        ['createdAt', ada.createdAt],
      ] as const) {
        const order = { field, descending: false }
        const { places } = await found(is('id', ada.id), { order })
        expect(places).toEqual([{ id: ada.id, key }])
      }
    })

    it('sees what was committed before it was asked', async () => {
      for (let version = 2; version < 12; version += 1) {
        await commit(person({ ...ada, title: `Title ${version}`, version }))
        expect(await search(is('title', `Title ${version}`))).toEqual([ada.id])
      }
    })

    it('answers many at once', async () => {
      const conditions = Array.from({ length: 50 }, (_, index) =>
        is('number', index % 2 ? ada.number : manager.number),
      )
      const answers = await Promise.all(conditions.map((condition) => search(condition)))
      expect(answers).toEqual(conditions.map((_, index) => [index % 2 ? ada.id : manager.id]))
    })

    it('answers the deepest and longest of conditions', async () => {
      const title = is('title', 'canary title')
      const many = Array.from({ length: 200 }, (_, index) => is('title', `Title ${index}`))
      expect(await search({ op: 'or', of: [...many, title] }, { eyes: colleague })).toEqual([
        ada.id,
      ])
      const depths = Array.from({ length: 32 }, (_, depth) => depth)
      const nested = depths.reduce<Condition>(
        (inner, depth) => ({
          op: depth % 2 ? 'or' : 'and',
          of: [inner, title, ...many.slice(0, 6)],
        }),
        some('emails', { op: 'not', of: is('type', 'x') }),
      )
      expect(await search(nested, { eyes: colleague })).toEqual([ada.id])
      const negated = depths.reduce<Condition>((of) => ({ op: 'not', of }), title)
      expect(await search(negated, { eyes: colleague })).toEqual([ada.id])
    })

    it('refuses names that are none of ours', async () => {
      await commit(groupWrite(cast.groups[0].group))
      for (const field of ['nothing', '__proto__', 'constructor', "title') or 1=1 --"]) {
        const order = { field, descending: false }
        for (const ask of [
          () => search(is(field, 'x')),
          () => search({ op: 'some', list: field }),
          () => search(some('emails', is(field, 'x'))),
          () => search(undefined, { order }),
          () => groups(is(field, 'x')),
          () => groups({ op: 'word', prefix: 'x' }),
          () => groups({ op: 'connection', state: 'none' }),
          () => search(some('emails', { op: 'word', prefix: 'x' })),
          () => groups(undefined, { order }),
        ]) {
          await expect(ask()).rejects.toThrow(/can be asked for/)
        }
      }
    })

    describe('of an event', () => {
      const { event, attendees } = cast
      const outside: Eyes = {
        ...{ organizationId: elsewhere.id, administers: new Set() },
        personId: askers.coAttendee.id,
      }
      const inside: Eyes = { ...outside, attends: true }
      const met = (condition?: Condition, more: Partial<EventSearch> = {}) =>
        store.gatherings.search({
          ...{ from: { skip: 0 }, limit: 100, total: true, eventNumber: event.number },
          ...{ eyes: inside, ...(condition && { condition }), ...more },
        })
      const attending = async (...of: Parameters<typeof met>) =>
        (await met(...of)).places.map(({ id }) => id)
      const everybody = [askers.colleague.id, askers.connection.id, askers.coAttendee.id, ada.id]

      beforeEach(async () => {
        const { coAttendee, colleague: one, connection, outsider } = askers
        const other = { ...event, number: 5, url: 'other', name: 'Other' }
        const twice = { ...attendees.ada, number: 6, eventNumber: 5 }
        const gone = { number: 7, eventNumber: event.number, personId: askers.deleted.id }
        await commit(
          ...[coAttendee, one, connection, outsider].map(person),
          ...[event, other].map((of): Write => ({ kind: 'event', event: of })),
          ...[...Object.values(attendees), twice, gone].map(
            (attendee): Write => ({ kind: 'attendee', attendee }),
          ),
        )
      })

      it('finds those of whatever organization who attend it, without deleted ones, by id', async () => {
        expect(await met()).toEqual({
          places: everybody.map((id) => ({ id, key: null })),
          total: 4,
        })
        expect(await attending(undefined, { eventNumber: 5 })).toEqual([ada.id])
        expect(await attending(undefined, { eventNumber: 8 })).toEqual([])
        expect(await met(undefined, { from: { skip: 3 }, limit: 1 })).toEqual({
          ...{ places: [{ id: ada.id, key: null }], total: 4 },
        })
        const order = { field: 'displayName', descending: true }
        const after = { key: 'zzconnection displayname', id: askers.connection.id }
        expect(await attending(undefined, { order, from: { after } })).toEqual([
          ...[askers.colleague.id, askers.coAttendee.id, ada.id],
        ])
      })

      it('shows of each what they show to whom the asker is to them', async () => {
        const title = is('title', 'canary title')
        const seen = async (eyes: Eyes) => (await attending(title, { eyes })).includes(ada.id)
        const decide = (change: Partial<Person>, version: number) =>
          commit(person({ ...ada, ...change, version }))
        const administrator = { ...outside, administers: new Set([home.id, elsewhere.id]) }
        expect(await seen(administrator)).toBe(true)
        expect(await seen({ ...outside, administers: new Set([elsewhere.id]) })).toBe(false)
        expect(await seen({ ...outside, organizationId: home.id })).toBe(true)
        expect(await seen({ ...outside, personId: ada.id })).toBe(true)
        expect(await seen(inside)).toBe(false)
        await decide({ audiences: { profile: 'event' } }, 2)
        expect(await seen(inside)).toBe(true)
        expect(await seen(outside)).toBe(false)
        expect(await seen({ ...outside, organizationId: home.id })).toBe(false)
        await decide({ audiences: { profile: 'connections' } }, 3)
        expect(await seen(inside)).toBe(false)
        const ends = { requesterId: ada.id, addresseeId: askers.coAttendee.id }
        await commit({ kind: 'connection', connection: { ...ends, state: 'accepted' } })
        expect(await seen(inside)).toBe(true)
        await decide({ audiences: { existence: 'nobody' } }, 4)
        expect(await attending()).not.toContain(ada.id)
        expect((await met(undefined, { eyes: administrator })).total).toBe(4)
      })

      it('holds what each one’s organization has decided for those who have not', async () => {
        const organization = {
          ...home,
          audiences: { profile: 'event', account: 'everyone' },
        } as const
        await commit({ kind: 'organization', organization })
        expect(await attending(is('title', 'canary title'))).toEqual([ada.id])
        expect(await attending({ op: 'present', field: 'userName' })).toEqual(everybody)
        await commit({ kind: 'organization', organization: home })
        expect(await attending(is('title', 'canary title'))).toEqual([])
        expect(await attending({ op: 'present', field: 'userName' })).toEqual([
          ...[askers.connection.id, askers.coAttendee.id],
        ])
      })

      it('finds by words and by connections among them', async () => {
        const word = (prefix: string): Condition => ({ op: 'word', prefix })
        const ends = { requesterId: ada.id, addresseeId: askers.coAttendee.id }
        await commit({ kind: 'connection', connection: { ...ends, state: 'requested' } })
        expect(await attending(word('zzco'))).toEqual(everybody.slice(0, 3))
        expect(await attending(word('canarydisplay'))).toEqual([ada.id])
        expect(await attending(word('mail'))).toEqual([])
        expect(await attending({ op: 'connection', state: 'requested' })).toEqual([ada.id])
        expect(await attending({ op: 'connection', state: 'none' })).toEqual(everybody.slice(0, 3))
      })

      it('tells nobody of a manager who is known to co-attendees alone', async () => {
        const boss = { number: 8, eventNumber: event.number, personId: manager.id }
        await commit(
          ...[person(next(manager, { audiences: { existence: 'event' } }))],
          ...[person(next(ada, { audiences: { work: 'everyone' } }))],
          { kind: 'attendee', attendee: boss },
        )
        expect(await attending()).toContain(manager.id)
        expect(await attending({ op: 'present', field: 'managerId' })).toEqual([])
      })
    })

    it('finds groups by what they are, who is in them and who looks after them', async () => {
      const draft = { organizationId, name: 'Ünïted', description: '', externalId: 'ext' }
      const club = newGroup(draft, '2026-01-01T00:00:00.000Z')
      const outer = newGroup({ organizationId, name: 'Outer' }, '2026-01-01T00:00:00.000Z')
      const inner = newGroup({ organizationId, name: 'Inner' }, '2026-01-01T00:00:00.000Z')
      const foreign = newGroup({ organizationId: elsewhere.id, name: 'Foreign' }, at)
      const members: Members = {
        ...{ kind: 'members', groupId: outer.id, joining: [ada.id, reportee.id], leaving: [] },
        ...{ nesting: [inner.id], appointing: [creator.id, reportee.id] },
      }
      await commit(
        ...[outer, inner, club, foreign].map(groupWrite),
        members,
        person(next(reportee, { lifecycle: 'deleted' })),
      )
      expect((await groups()).toSorted()).toEqual([outer.id, inner.id, club.id].sort())
      for (const one of [
        is('name', 'ünÏTED'),
        is('id', club.id),
        is('externalId', 'ext'),
        { op: 'ew', field: 'description', value: '' } as const,
      ]) {
        expect(await groups(one)).toEqual([club.id])
      }
      for (const one of [
        some('members', is('value', ada.id)),
        some('members', is('value', inner.id)),
        some('owners', is('value', creator.id)),
        { op: 'ge', field: 'updatedAt', value: at } as const,
      ]) {
        expect(await groups(one)).toEqual([outer.id])
      }
      for (const one of [
        some('members', is('value', reportee.id)),
        some('owners', is('value', reportee.id)),
        { op: 'present', field: 'description' } as const,
      ]) {
        expect(await groups(one)).toEqual([])
      }
      const order = { field: 'name', descending: true }
      expect(await groups(undefined, { order })).toEqual([club.id, outer.id, inner.id])
      expect(await groups(undefined, { order, from: { skip: 1 }, limit: 1 })).toEqual([outer.id])
    })
  })
}
