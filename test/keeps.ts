import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Key } from '../src/access/key.ts'
import type {
  Beside,
  Group,
  Handles,
  Members,
  Organization,
  Store,
  Write,
} from '../src/directory/ports.ts'
import { Failure } from '../src/failure.ts'
import type { OrganizationId, PersonId } from '../src/person/ids.ts'
import type { Person } from '../src/person/person.ts'
import type { Signals } from '../src/presence/presence.ts'
import * as cast from './cast.ts'
import { keepsGatherings } from './keeps-gatherings.ts'
import { keepsSearch } from './keeps-search.ts'

const at = '2026-03-04T05:06:07.000Z'
const nobody = '00000000-0000-4000-8000-000000000000' as PersonId
const { group } = cast.groups[0]

/** What every store does, whatever it keeps things in. Each store's own test begins with this. */
export function keeps(name: string, open: () => Promise<Store>): void {
  keepsSearch(name, open)
  keepsGatherings(name, open)
  describe(`${name}: every store`, () => {
    let store: Store
    const commit = (...writes: Write[]) => store.commit(writes, 'somebody', at)
    const person = (one: Person): Write => ({ kind: 'person', person: one })
    const organization = (one: Organization): Write => ({ kind: 'organization', organization: one })
    const members = (
      groupId: string,
      joining: readonly PersonId[],
      leaving: readonly PersonId[] = [],
      more: Partial<Members> = {},
    ): Write => ({ kind: 'members', groupId, joining, leaving, ...more })
    const groupWrite = (one: Group): Write => ({ kind: 'group', group: one })
    const another = (digit: number): Group => ({
      ...group,
      ...{ id: `0${digit}000000-5555-4555-8555-555555555555`, name: `Other ${digit}` },
    })
    const [outer, middle, inner, spare] = [another(1), another(2), another(3), another(4)]
    /** The same group after so many more writes, the last of them a moment ago. */
    const later = (one: Group, writes = 1): Group => ({
      ...one,
      ...{ version: one.version + writes, updatedAt: at },
    })
    const next = (one: Person, change: Partial<Person>): Person => ({
      ...one,
      ...change,
      version: one.version + 1,
    })

    beforeEach(async () => {
      store = await open()
      await commit(...Object.values(cast.organizations).map(organization), person(cast.ada))
    })
    afterEach(() => store.close())

    it('gives a person back exactly as written, by every name they have', async () => {
      const { id, number, organizationId, userName, externalId = '' } = cast.ada
      const { people } = store
      for (const held of [
        await people.byId(id),
        await people.byNumber(number),
        await people.byUserName(organizationId, userName),
        await people.byUserName(organizationId, userName.toUpperCase()),
        await people.byExternalId(organizationId, externalId),
        ...(await people.byIds([nobody, id])),
      ]) {
        expect(held?.person).toEqual(cast.ada)
        expect(held).toEqual({
          person: cast.ada,
          organizationAudiences: {},
          signals: undefined,
          groups: [],
          groupsAbove: [],
          named: [],
          reportees: [],
          connection: undefined,
        })
      }
    })

    it('knows nobody by what is nobody’s', async () => {
      const { people } = store
      const elsewhere = cast.organizations.elsewhere.id
      expect(await people.byId(nobody)).toBeUndefined()
      expect(await people.byNumber(1)).toBeUndefined()
      expect(await people.byUserName(elsewhere, cast.ada.userName)).toBeUndefined()
      expect(await people.byExternalId(elsewhere, cast.ada.externalId ?? '')).toBeUndefined()
      expect(await people.byIds([])).toEqual([])
      expect(await people.byAttendance(1, cast.ada.number)).toBeUndefined()
    })

    it('keeps text of every script, and what is no text to SQL', async () => {
      const odd = {
        ...cast.manager,
        displayName: `'; drop table person; -- "愛" नेहा \u{1f600} %_\\`,
        userName: '__proto__',
      }
      await commit(person(odd))
      expect((await store.people.byUserName(odd.organizationId, '__PROTO__'))?.person).toEqual(odd)
    })

    it('changes a person whose version is the next one, and no other', async () => {
      const second = next(cast.ada, { title: 'Second' })
      await commit(person(second))
      expect((await store.people.byId(cast.ada.id))?.person).toEqual(second)
      await expect(commit(person(second))).rejects.toMatchObject({ code: 'conflict' })
      await expect(commit(person({ ...second, version: 9 }))).rejects.toMatchObject({
        code: 'conflict',
      })
      await expect(commit(person({ ...cast.manager, version: 2 }))).rejects.toMatchObject({
        code: 'conflict',
      })
      expect((await store.people.byId(cast.ada.id))?.person).toEqual(second)
    })

    it.each<[string, Partial<Person>]>([
      ['user name, in whatever case', { userName: cast.ada.userName.toUpperCase() }],
      ['external id', { externalId: cast.ada.externalId as string }],
      ['number', { number: cast.ada.number }],
    ])('refuses somebody else with the same %s', async (_, same) => {
      await expect(commit(person({ ...cast.manager, ...same }))).rejects.toBeInstanceOf(Failure)
      await expect(commit(person({ ...cast.manager, ...same }))).rejects.toMatchObject({
        code: 'conflict',
      })
      expect(await store.people.byId(cast.manager.id)).toBeUndefined()
    })

    it('lets another organization have the same user name and external id', async () => {
      const { userName, externalId = '' } = cast.ada
      const twin = { ...cast.askers.outsider, userName, externalId }
      await commit(person(twin))
      const elsewhere = cast.organizations.elsewhere.id
      expect((await store.people.byUserName(elsewhere, userName))?.person.id).toBe(twin.id)
      expect((await store.people.byExternalId(elsewhere, externalId))?.person.id).toBe(twin.id)
    })

    it('does all writes or none, and logs each that is done', async () => {
      const before = await store.changesAfter(0, 1000)
      const both = commit(
        person(cast.manager),
        person({ ...cast.creator, number: cast.ada.number }),
      )
      await expect(both).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.people.byId(cast.manager.id)).toBeUndefined()
      expect(await store.changesAfter(0, 1000)).toEqual(before)

      await commit(person(cast.manager), person(next(cast.ada, { title: 'Other' })))
      const changes = await store.changesAfter(0, 1000)
      expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, index) => index + 1))
      expect(changes.slice(-2)).toEqual([
        {
          sequence: 5,
          entity: 'person',
          entityId: cast.manager.id,
          personId: cast.manager.id,
          kind: 'created',
          actor: 'somebody',
          at,
        },
        {
          sequence: 6,
          entity: 'person',
          entityId: cast.ada.id,
          personId: cast.ada.id,
          kind: 'changed',
          actor: 'somebody',
          at,
        },
      ])
      expect(await store.changesAfter(5, 1)).toEqual(changes.slice(5))
      expect(await store.changesAfter(3, 2)).toEqual(changes.slice(3, 5))
    })

    it('serializes commits that come at once', async () => {
      const attempts = Array.from({ length: 20 }, (_, index) =>
        commit(person(next(cast.ada, { title: `Title ${index}` }))),
      )
      const done = await Promise.allSettled(attempts)
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect((await store.people.byId(cast.ada.id))?.person.version).toBe(2)
      expect(await store.changesAfter(4, 1000)).toHaveLength(1)
    })

    it('tells the groups that somebody is in, by id, as they are now', async () => {
      await commit({ kind: 'group', group }, members(group.id, [cast.ada.id]))
      const groupsOf = async () => (await store.people.byId(cast.ada.id, { groups: true }))?.groups
      expect(await groupsOf()).toEqual([later(group)])
      const { managerId: _, ...unmanaged } = group
      const earlier = {
        ...{ ...unmanaged, id: '06000000-5555-4555-8555-555555555555', name: 'Earlier' },
        ...{ externalId: 'canary-group', description: 'Canary words' },
      }
      const renamed = { ...later(unmanaged, 2), name: 'Renamed' }
      await commit(groupWrite(renamed), groupWrite(earlier), members(earlier.id, [cast.ada.id]))
      expect(await groupsOf()).toEqual([later(earlier), renamed])
      expect(
        (await store.groups.inOrganization(group.organizationId)).map(({ id }) => id).sort(),
      ).toEqual([earlier.id, group.id].sort())
      expect(await store.groups.inOrganization(cast.organizations.elsewhere.id)).toEqual([])
    })

    it('lets people join and leave a group, once or twice, and nobody else with them', async () => {
      const { ada, manager } = cast
      await commit(
        person(manager),
        { kind: 'group', group },
        members(group.id, [ada.id, manager.id]),
      )
      await commit(members(group.id, [ada.id, ada.id]))
      const groupsOf = async (id: PersonId) =>
        (await store.people.byId(id, { groups: true }))?.groups
      expect(await groupsOf(ada.id)).toEqual([later(group)])
      await commit(members(group.id, [], [ada.id]))
      await commit(members(group.id, [], [ada.id, nobody]))
      expect(await groupsOf(ada.id)).toEqual([])
      expect(await groupsOf(manager.id)).toEqual([later(group, 2)])
      const line = { entity: 'membership', entityId: group.id, actor: 'somebody', at }
      const log = await store.changesAfter(0, 1000)
      expect(log.filter(({ entity }) => entity === 'membership')).toMatchObject([
        { ...line, personId: ada.id, kind: 'created' },
        { ...line, personId: manager.id, kind: 'created' },
        { ...line, personId: ada.id, kind: 'removed' },
      ])
      expect(log.at(-1)).toEqual({
        sequence: 13,
        entity: 'group',
        entityId: group.id,
        kind: 'changed',
        actor: 'somebody',
        at,
      })
    })

    it('keeps all who join a group at once', async () => {
      const { ada, manager, creator, reportee } = cast
      const all = [ada, manager, creator, reportee]
      await commit(...all.slice(1).map(person), { kind: 'group', group })
      await Promise.all(all.map(({ id }) => commit(members(group.id, [id]))))
      for (const held of await store.people.byIds(
        all.map(({ id }) => id),
        { groups: true },
      )) {
        expect(held.groups).toEqual([later(group, all.length)])
      }
    })

    it('refuses members and groups that are not there, and does none of it', async () => {
      const { deleted, outsider } = cast.askers
      const foreign = { ...outer, organizationId: outsider.organizationId }
      await commit(...[group, foreign].map(groupWrite), ...[deleted, outsider].map(person))
      for (const one of [
        members(group.id, [cast.ada.id, nobody]),
        members(nobody, [cast.ada.id]),
        members(nobody, [], [cast.ada.id]),
        ...[nobody, outsider.id, deleted.id].flatMap((id) => [
          members(group.id, [id]),
          members(group.id, [], [], { appointing: [id] }),
        ]),
        members(group.id, [], [], { nesting: [nobody] }),
        members(group.id, [], [], { nesting: [foreign.id] }),
        { kind: 'groupRemoval', groupId: nobody } as const,
      ]) {
        const both = commit(person(next(cast.ada, { title: 'Other' })), one)
        await expect(both).rejects.toMatchObject({
          code: 'conflict',
          message: expect.stringMatching(/not there/),
        })
      }
      expect(await store.people.byId(cast.ada.id, { groups: true })).toMatchObject({
        person: cast.ada,
        groups: [],
      })
    })

    it('writes an organization only over the one that was seen, where that is said', async () => {
      const { home } = cast.organizations
      const before = await store.organizations.byId(home.id)
      if (!before) throw new Error('it is there')
      const next = { ...before, name: 'Next' }
      const other = { ...before, name: 'Other' }
      await commit({ kind: 'organization', organization: next, before })
      await expect(
        commit({ kind: 'organization', organization: other, before }),
      ).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.organizations.byId(home.id)).toEqual(next)
      await commit({ kind: 'organization', organization: other, before: next })
      expect((await store.organizations.byId(home.id))?.name).toBe('Other')
    })

    it('refuses a second group of the same name in an organization, in whatever case', async () => {
      const other = { ...group, id: nobody, name: group.name.toUpperCase() }
      await commit({ kind: 'group', group })
      await expect(commit({ kind: 'group', group: other })).rejects.toMatchObject({
        code: 'conflict',
      })
      const fresh = { ...other, name: 'Other', externalId: 'canary-group' }
      await commit(groupWrite(fresh))
      for (const twin of [
        { ...other, version: 2 },
        { ...later(group), externalId: fresh.externalId },
      ]) {
        await expect(commit(groupWrite(twin))).rejects.toMatchObject({ code: 'conflict' })
      }
      await commit({
        kind: 'group',
        group: { ...group, id: cast.ada.id, organizationId: cast.organizations.elsewhere.id },
      })
      expect(await store.groups.inOrganization(cast.organizations.elsewhere.id)).toHaveLength(1)
    })

    it('changes a group whose version is the next one, and no other', async () => {
      const second = { ...later(group), description: 'Second' }
      await commit(groupWrite(group), groupWrite(second))
      for (const version of [1, 2, 4]) {
        await expect(commit(groupWrite({ ...group, version }))).rejects.toMatchObject({
          code: 'conflict',
        })
      }
      await expect(commit(groupWrite({ ...outer, version: 2 }))).rejects.toMatchObject({
        code: 'conflict',
      })
      expect(await store.groups.byIds([group.id, outer.id, group.id])).toEqual([second])
      expect(await store.groups.byIds([])).toEqual([])
    })

    it('counts a change of who is in a group as one of the group, but not one that changes nothing', async () => {
      const { ada } = cast
      const changes: readonly Partial<Members>[] = [
        ...[{ joining: [ada.id] }, { leaving: [ada.id] }],
        ...[{ nesting: [inner.id] }, { unnesting: [inner.id] }],
        ...[{ appointing: [ada.id] }, { dismissing: [ada.id] }],
      ]
      await commit(groupWrite(group), groupWrite(inner))
      for (const [index, change] of changes.entries()) {
        await commit(members(group.id, [], [], change))
        await commit(members(group.id, [], [], change))
        expect(await store.groups.byIds([group.id])).toEqual([later(group, index + 1)])
      }
      expect(await store.groups.byIds([inner.id])).toEqual([inner])
    })

    it('tells all that is in a group and who looks after it, by group and id', async () => {
      const { ada, manager, askers } = cast
      await commit(
        ...[manager, askers.colleague].map(person),
        ...[outer, middle, inner].map(groupWrite),
        members(outer.id, [ada.id, manager.id, askers.colleague.id], [], {
          ...{ nesting: [inner.id, middle.id], appointing: [ada.id] },
        }),
        members(middle.id, [ada.id]),
        person(next(askers.colleague, { lifecycle: 'deleted' })),
      )
      const told = await store.groups.members([middle.id, nobody, outer.id, middle.id])
      expect(
        told.map((one) =>
          one.relation === 'subgroup'
            ? [one.groupId, one.relation, one.group]
            : [one.groupId, one.relation, one.person.person.id, one.person.person.displayName],
        ),
      ).toEqual([
        [outer.id, 'subgroup', { id: middle.id, name: middle.name }],
        [outer.id, 'subgroup', { id: inner.id, name: inner.name }],
        [outer.id, 'member', manager.id, manager.displayName],
        [outer.id, 'member', ada.id, ada.displayName],
        [outer.id, 'owner', ada.id, ada.displayName],
        [middle.id, 'member', ada.id, ada.displayName],
      ])
      expect(told.at(-1)).toMatchObject({ person: { organizationAudiences: {} } })
      expect(await store.groups.members([])).toEqual([])
      expect(await store.groups.ownedBy(ada.id)).toEqual([outer.id])
      expect(await store.groups.ownedBy(manager.id)).toEqual([])
      const managed = (await store.groups.inOrganization(outer.organizationId))
        .filter(({ managerId }) => managerId === outer.managerId)
        .map(({ id }) => id)
      expect(managed).toContain(outer.id)
      const found = await store.groups.managedBy(outer.managerId as PersonId)
      expect(found.map(({ id }) => id)).toEqual(managed.sort())
      expect(await store.groups.managedBy(ada.id)).toEqual([])
    })

    it('refuses a group that would come to contain itself, at whatever depth', async () => {
      await commit(
        ...[outer, middle, inner].map(groupWrite),
        members(outer.id, [], [], { nesting: [middle.id] }),
        members(middle.id, [], [], { nesting: [inner.id] }),
      )
      for (const [groupId, id] of [
        [outer.id, outer.id],
        [middle.id, outer.id],
        [inner.id, outer.id],
      ] as const) {
        await expect(commit(members(groupId, [], [], { nesting: [id] }))).rejects.toMatchObject({
          code: 'invalid',
          message: 'members: the group would come to contain itself',
        })
      }
      await commit(members(outer.id, [], [], { nesting: [inner.id] }))
      await commit(members(middle.id, [], [], { unnesting: [inner.id] }))
      await commit(members(outer.id, [], [], { unnesting: [inner.id, middle.id] }))
      await commit(members(inner.id, [], [], { nesting: [outer.id] }))
    })

    it('tells the groups that a person is in through others alone, each once, and no longer than that', async () => {
      const { ada, manager } = cast
      const above = async (id: PersonId) => {
        const helds = await store.people.byIds([id], { groupsAbove: true })
        return helds.flatMap(({ groups, groupsAbove }) => [
          groups.length,
          ...groupsAbove.map((one) => one.id),
        ])
      }
      await commit(
        person(manager),
        ...[outer, middle, inner, spare].map(groupWrite),
        members(inner.id, [ada.id]),
        members(spare.id, [], [], { nesting: [inner.id] }),
        members(middle.id, [], [], { nesting: [inner.id] }),
        members(outer.id, [manager.id], [], { nesting: [middle.id, spare.id] }),
      )
      expect(await above(ada.id)).toEqual([0, outer.id, middle.id, spare.id])
      expect(await above(manager.id)).toEqual([0])
      const [held] = await store.people.byIds([ada.id], { groups: true, groupsAbove: true })
      expect(held?.groups).toEqual([later(inner)])
      expect(held?.groupsAbove).toEqual([later(outer), later(middle), later(spare)])
      expect((await store.people.byIds([ada.id], { groups: true }))[0]?.groupsAbove).toEqual([])

      await commit(members(outer.id, [ada.id]))
      expect(await above(ada.id)).toEqual([0, middle.id, spare.id])
      await commit(members(outer.id, [], [ada.id], { unnesting: [middle.id, spare.id] }))
      expect(await above(ada.id)).toEqual([0, middle.id, spare.id])
      await commit({ kind: 'groupRemoval', groupId: spare.id })
      expect(await above(ada.id)).toEqual([0, middle.id])
    })

    it('logs a group that comes into another or goes as changed too, and once only', async () => {
      await commit(...[outer, middle, inner].map(groupWrite))
      const { length } = await store.changesAfter(0, 1000)
      await commit(members(outer.id, [], [], { nesting: [middle.id, inner.id] }))
      await commit(members(outer.id, [], [], { nesting: [middle.id], unnesting: [inner.id] }))
      const changes = await store.changesAfter(length, 1000)
      expect(changes.map(({ entity, entityId, kind }) => [entity, entityId, kind])).toEqual(
        [outer, middle, inner, outer, inner].map(({ id }) => ['group', id, 'changed']),
      )
    })

    it('removes a group with all that hangs on it, and logs who was in it', async () => {
      const { ada, manager } = cast
      await commit(
        person(manager),
        ...[outer, middle, inner].map(groupWrite),
        members(outer.id, [], [], { nesting: [middle.id] }),
        members(middle.id, [manager.id, ada.id], [], {
          ...{ nesting: [inner.id], appointing: [ada.id] },
        }),
      )
      const { length } = await store.changesAfter(0, 1000)
      await commit({ kind: 'groupRemoval', groupId: middle.id })
      const lines = await store.changesAfter(length, 1000)
      expect(
        lines.map(({ entity, kind, entityId, personId }) => [entity, kind, entityId, personId]),
      ).toEqual([
        ['membership', 'removed', middle.id, manager.id],
        ['membership', 'removed', middle.id, ada.id],
        ['group', 'changed', outer.id, undefined],
        ['group', 'removed', middle.id, undefined],
      ])
      expect(await store.groups.byIds([outer.id, middle.id])).toEqual([later(outer, 2)])
      expect(await store.groups.members([outer.id, middle.id, inner.id])).toEqual([])
      expect(await store.groups.ownedBy(ada.id)).toEqual([])
      expect((await store.people.byId(ada.id, { groups: true }))?.groups).toEqual([])
      await commit(groupWrite({ ...spare, name: middle.name }))
      await expect(commit({ kind: 'groupRemoval', groupId: middle.id })).rejects.toMatchObject({
        code: 'conflict',
      })
    })

    it('frees the user name and external id of somebody deleted, until they come back', async () => {
      const { ada } = cast
      const { organizationId, userName, externalId = '' } = ada
      const gone = next(ada, { lifecycle: 'deleted' })
      await commit(person(gone))
      const { people } = store
      expect(await people.byUserName(organizationId, userName)).toBeUndefined()
      expect(await people.byUserName(organizationId, ada.id)).toBeUndefined()
      expect(await people.byExternalId(organizationId, externalId)).toBeUndefined()
      expect((await people.byId(ada.id))?.person).toEqual(gone)
      expect((await people.byNumber(ada.number))?.person).toEqual(gone)

      const heir = { ...cast.manager, userName, externalId }
      await commit(person(heir))
      expect((await people.byUserName(organizationId, userName))?.person).toEqual(heir)
      await commit(person(next(gone, { title: 'Still gone' })))
      const back = { ...ada, version: 4 }
      await expect(commit(person(back))).rejects.toMatchObject({ code: 'conflict' })
      await commit(person(next(heir, { lifecycle: 'deleted' })), person(back))
      expect((await people.byExternalId(organizationId, externalId))?.person).toEqual(back)
    })

    it('tells everybody in an organization, deleted or not, by id, a page at a time', async () => {
      const { ada, manager, creator, askers } = cast
      const { organizationId } = ada
      await commit(...[askers.deleted, creator, manager, askers.outsider].map(person))
      const first = await store.people.inOrganization(organizationId, { limit: 3 })
      const ids = [manager.id, creator.id, askers.deleted.id]
      expect(first.map((held) => held.person.id)).toEqual(ids)
      const page = { after: askers.deleted.id, limit: 3 }
      const rest = await store.people.inOrganization(organizationId, page, { manager: true })
      expect(rest).toMatchObject([{ person: ada, named: [{ person: { id: manager.id } }] }])
      expect(
        await store.people.inOrganization(organizationId, { after: ada.id, limit: 3 }),
      ).toEqual([])
    })

    it('finds those who have an address that is verified', async () => {
      const { ada, manager } = cast
      const [first, second] = ada.emails
      if (!first || !second) throw new Error('She has two')
      const having = async (normalized: string, organizationId = ada.organizationId) =>
        (await store.people.byVerifiedEmail(organizationId, normalized))
          .map((held) => held.person.id)
          .sort()
      const german = { ...first, value: 'a@bücher.example', normalized: 'a@xn--bcher-kva.example' }
      await commit(person({ ...manager, emails: [first, german] }))
      expect(await having(first.normalized)).toEqual([manager.id, ada.id])
      expect(await having(second.normalized)).toEqual([])
      expect(await having(german.normalized)).toEqual([manager.id])
      expect(await having('a@bücher.example')).toEqual([])
      expect(await having(first.normalized, cast.organizations.elsewhere.id)).toEqual([])
      await commit(person(next(ada, { emails: [{ ...second, verified: true }] })))
      expect(await having(first.normalized)).toEqual([manager.id])
      expect(await having(second.normalized)).toEqual([ada.id])
      await commit(person({ ...ada, lifecycle: 'deleted', version: 3 }))
      expect(await having(first.normalized)).toEqual([manager.id])
    })

    it('finds many at once by whatever they are known by, and nobody of another organization', async () => {
      const { ada, manager, creator, reportee, askers } = cast
      const [first] = ada.emails
      if (!first) throw new Error('She has one')
      const verified = { ...first, verified: true }
      await commit(
        ...[manager, creator, reportee, askers.outsider].map(person),
        person(next(manager, { emails: [{ ...verified, verified: false }] })),
        person({ ...askers.colleague, emails: [verified] }),
      )
      const none = { ids: [], userNames: [], externalIds: [], verifiedEmails: [] }
      const found = async (handles: Partial<Handles>, beside?: Beside) =>
        (await store.people.byAny(ada.organizationId, { ...none, ...handles }, beside)).map(
          ({ person: { id } }) => id,
        )
      const having = first.verified ? [ada.id, askers.colleague.id] : [askers.colleague.id]
      expect(await found({})).toEqual([])
      expect(await found({ ids: [nobody, creator.id, askers.outsider.id] })).toEqual([creator.id])
      expect(await found({ verifiedEmails: [first.normalized, 'x@y.example'] })).toEqual(
        expect.arrayContaining(having),
      )
      expect(await found({ externalIds: [ada.externalId ?? '', 'nobody’s'] })).toEqual([ada.id])
      const all = await found({
        ...{ ids: [reportee.id, ada.id], externalIds: [ada.externalId ?? ''] },
        userNames: [manager.userName.toUpperCase(), askers.outsider.userName, "'; --", '__proto__'],
        verifiedEmails: [first.normalized],
      })
      expect(all.sort()).toEqual([...new Set([...having, ada.id, reportee.id, manager.id])].sort())
      await commit(person(next(reportee, { lifecycle: 'deleted' })))
      expect(await found({ userNames: [reportee.userName, reportee.id] })).toEqual([])
      expect(await found({ ids: [reportee.id] }, { groups: true })).toEqual([reportee.id])
    })

    it('tells who is above a person, and comes to an end where that comes round', async () => {
      const { ada, manager, creator, reportee } = cast
      await commit(
        person({ ...manager, managerId: creator.id }),
        person({ ...creator, managerId: nobody }),
        person(reportee),
      )
      const above = (id: PersonId) => store.people.managersAbove(id)
      expect(await above(reportee.id)).toEqual([ada.id, manager.id, creator.id])
      expect(await above(creator.id)).toEqual([])
      expect(await above(nobody)).toEqual([])
      await commit(person({ ...creator, managerId: ada.id, version: 2 }))
      expect(await above(reportee.id)).toEqual([ada.id, manager.id, creator.id])
      expect(await above(ada.id)).toEqual([manager.id, creator.id])
      await commit(person({ ...creator, managerId: creator.id, version: 3 }))
      expect(await above(creator.id)).toEqual([])
      expect(await above(ada.id)).toEqual([manager.id, creator.id])
    })

    it('tells with a person those whom the record names, as far as they are wanted', async () => {
      const { ada, manager, creator, groupManager } = cast
      await commit(
        ...[manager, creator, groupManager].map(person),
        { kind: 'group', group },
        members(group.id, [ada.id]),
      )
      const named = async (beside: Beside) =>
        (await store.people.byId(ada.id, beside))?.named.map((one) => one.person.id).sort()
      expect(await named({ manager: true })).toEqual([manager.id])
      expect(await named({ createdBy: true })).toEqual([creator.id])
      expect(await named({ groups: true })).toEqual([groupManager.id])
      expect(await named({ manager: true, createdBy: true, groups: true })).toEqual(
        [manager.id, creator.id, groupManager.id].sort(),
      )
      expect(await named({})).toEqual([])

      const { displayName, userName, audiences, lifecycle, organizationId } = manager
      const mentioned = { id: manager.id, displayName, userName, audiences, lifecycle }
      const [held] = await store.people.byIds([ada.id], { manager: true })
      expect(held?.named).toMatchObject([
        { person: { ...mentioned, organizationId }, organizationAudiences: {} },
      ])
      await commit(person(next(manager, { displayName: 'Renamed', lifecycle: 'deleted' })))
      expect((await store.people.byId(ada.id, { manager: true }))?.named).toMatchObject([
        { person: { ...mentioned, displayName: 'Renamed', lifecycle: 'deleted' } },
      ])
      await commit(person(next(ada, { managerId: nobody })))
      expect(await named({ manager: true })).toEqual([])
    })

    it('tells with a person those who report to them, by id', async () => {
      await commit(
        person(cast.manager),
        person(cast.reportee),
        person({ ...cast.creator, managerId: cast.ada.id }),
      )
      const reportees = async () =>
        (await store.people.byId(cast.ada.id, { reportees: true }))?.reportees.map(
          (one) => one.person.id,
        )
      expect(await reportees()).toEqual([cast.creator.id, cast.reportee.id])
      await commit(person(next(cast.reportee, { managerId: cast.manager.id })))
      expect(await reportees()).toEqual([cast.creator.id])
    })

    it('finds who attends an event by either number, with what is between them and another', async () => {
      const { ada, askers, attendees, event } = cast
      const other = askers.connection
      const connection = { requesterId: other.id, addresseeId: ada.id, state: 'accepted' as const }
      await commit(
        person(other),
        { kind: 'event', event },
        { kind: 'attendee', attendee: attendees.ada },
        { kind: 'connection', connection },
      )
      for (const number of [attendees.ada.number, ada.number]) {
        const beside = { presence: true, connectionWith: other.id }
        const held = await store.people.byAttendance(event.number, number, beside)
        expect(held).toMatchObject({ person: ada, attendee: attendees.ada, connection })
      }
      const without = await store.people.byAttendance(event.number, ada.number)
      expect(without?.connection).toBeUndefined()
      expect(await store.people.byAttendance(1, attendees.ada.number)).toBeUndefined()
      expect(await store.people.byAttendance(event.number, other.number)).toBeUndefined()
    })

    it('puts down signals where what is said to be on record is, and else none of them', async () => {
      const { ada, manager } = cast
      await commit(person(manager))
      const [first, second] = [{ firstLoginAt: at }, { firstLoginAt: at, lastActivityAt: at }]
      const signalled = async (id: PersonId) =>
        (await store.people.byId(id, { presence: true }))?.signals
      const putting = (to: Signals, before: Signals | undefined) =>
        store.signal(new Map([manager, ada].map(({ id }) => [id, to])), new Map([[ada.id, before]]))
      await putting(first, undefined)
      for (const wrong of [undefined, second, {}]) {
        await expect(putting(second, wrong)).rejects.toMatchObject({ code: 'conflict' })
      }
      expect([await signalled(ada.id), await signalled(manager.id)]).toEqual([first, first])
      // Of several who saw the same, one is heard.
      const told = await Promise.allSettled([1, 2, 3].map(() => putting(second, first)))
      expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await signalled(ada.id)).toEqual(second)
    })

    it('keeps presence apart from the record and its log', async () => {
      const log = await store.changesAfter(0, 1000)
      await store.signal(new Map([[cast.ada.id, { firstLoginAt: at }]]))
      await store.signal(new Map([[cast.ada.id, cast.adaSignals]]))
      const held = await store.people.byId(cast.ada.id, { presence: true })
      expect(held?.signals).toEqual(cast.adaSignals)
      expect(held?.person.version).toBe(1)
      expect(await store.changesAfter(0, 1000)).toEqual(log)
    })

    it('lets an organization decide for its people, and manage others', async () => {
      const home = {
        ...cast.organizations.home,
        audiences: { contact: 'nobody' as const },
        manages: [cast.organizations.elsewhere.id],
      }
      await commit(organization(home))
      expect(await store.organizations.byId(home.id)).toEqual(home)
      expect((await store.people.byId(cast.ada.id))?.organizationAudiences).toEqual({
        contact: 'nobody',
      })
      expect(await store.organizations.all()).toHaveLength(3)
      expect(await store.organizations.byId(nobody as string as OrganizationId)).toBeUndefined()
    })

    it('finds events, attendees and connections', async () => {
      const { gatherings } = store
      const { askers, attendees, event } = cast
      const asked = {
        requesterId: askers.connection.id,
        addresseeId: cast.ada.id,
        state: 'requested' as const,
      }
      await commit(
        person(askers.connection),
        { kind: 'event', event },
        { kind: 'attendee', attendee: attendees.ada },
        { kind: 'connection', connection: asked },
      )
      expect(await gatherings.eventByUrl(event.url)).toEqual(event)
      expect(await gatherings.eventByUrl('no-such-event')).toBeUndefined()
      expect(await gatherings.attendeeByPerson(event.number, cast.ada.id)).toEqual(attendees.ada)
      expect(await gatherings.attendeeByPerson(event.number, askers.connection.id)).toBeUndefined()
      expect(await gatherings.connection(cast.ada.id, askers.connection.id)).toEqual(asked)
      const rejected = { ...asked, state: 'rejected' as const, rejectedById: cast.ada.id }
      await commit({ kind: 'connection', connection: rejected })
      expect(await gatherings.connection(askers.connection.id, cast.ada.id)).toEqual(rejected)
      await expect(
        commit({ kind: 'attendee', attendee: { ...attendees.ada, number: 5 } }),
      ).rejects.toMatchObject({ code: 'conflict' })
      await expect(commit({ kind: 'event', event: { ...event, number: 5 } })).rejects.toMatchObject(
        { code: 'conflict' },
      )
    })

    it('finds many attendees and connections at once, whoever asked', async () => {
      const { gatherings } = store
      const { connection: one, colleague: other, coAttendee } = cast.askers
      const { ada, colleague } = cast.attendees
      const asked = { requesterId: one.id, addresseeId: cast.ada.id, state: 'requested' as const }
      const answered = {
        requesterId: cast.ada.id,
        addresseeId: other.id,
        state: 'accepted' as const,
      }
      const foreign = { ...answered, requesterId: one.id }
      await commit(
        ...[one, other, coAttendee].map(person),
        { kind: 'event', event: cast.event },
        ...[ada, colleague].map((attendee): Write => ({ kind: 'attendee', attendee })),
        ...[asked, answered, foreign].map(
          (connection): Write => ({ kind: 'connection', connection }),
        ),
      )
      const ids = [one.id, other.id, one.id, coAttendee.id, nobody]
      const told = await gatherings.connectionsOf(cast.ada.id, ids)
      expect(told).toHaveLength(2)
      expect(told).toEqual(expect.arrayContaining([asked, answered]))
      expect(await gatherings.connectionsOf(cast.ada.id, [])).toEqual([])
      expect(await gatherings.connectionsOf(nobody, ids)).toEqual([])
      const { number } = cast.event
      expect(await gatherings.attendees(number, [...ids, other.id])).toEqual([colleague])
      expect(await gatherings.attendees(5, ids)).toEqual([])
    })

    it('keeps keys, with all that decides what their bearers may do', async () => {
      const organizationId = cast.organizations.manager.id
      const boss = { ...cast.askers.managingAdmin }
      const key: Key = {
        id: nobody,
        hash: 'a'.repeat(64),
        organizationId,
        personId: boss.id,
        role: 'admin',
        createdAt: at,
      }
      const service: Key = { ...key, id: cast.ada.id, hash: 'b'.repeat(64), service: 'sync' }
      delete (service as { personId?: PersonId }).personId
      await commit(person(boss), { kind: 'key', key }, { kind: 'key', key: service })

      const holder = await store.keys.holderByHash(key.hash)
      expect(holder).toMatchObject({
        key,
        person: boss,
        timeZone: 'UTC',
        manages: [cast.organizations.home.id],
      })
      expect(await store.keys.holderById(key.id)).toEqual(holder)
      expect(await store.keys.holderByHash(service.hash)).toEqual({
        key: service,
        timeZone: 'UTC',
        manages: [cast.organizations.home.id],
      })
      expect(await store.keys.holderByHash('c'.repeat(64))).toBeUndefined()
      expect(await store.keys.list(organizationId)).toEqual(expect.arrayContaining([key, service]))
      expect(await store.keys.list(cast.organizations.home.id)).toEqual([])

      const log = await store.changesAfter(0, 1000)
      await store.keys.used(new Map([[key.id, at]]))
      expect((await store.keys.holderById(key.id))?.key.lastUsedAt).toBe(at)
      expect(await store.changesAfter(0, 1000)).toEqual(log)

      await commit(
        { kind: 'key', key: { ...key, revokedAt: at } },
        person(next(boss, { lifecycle: 'suspended' })),
      )
      expect(await store.keys.holderById(key.id)).toMatchObject({
        key: { revokedAt: at },
        person: { lifecycle: 'suspended' },
      })
      await expect(commit({ kind: 'key', key: { ...key, id: boss.id } })).rejects.toMatchObject({
        code: 'conflict',
      })
    })

    it('has one secret, always the same', async () => {
      const secret = await store.secret()
      expect(secret).toMatch(/^[0-9a-f]{64}$/)
      expect(await store.secret()).toBe(secret)
    })

    it('says that it is ready', async () => {
      await expect(store.ready()).resolves.toBeUndefined()
    })
  })
}
