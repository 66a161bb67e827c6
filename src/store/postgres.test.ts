import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import { keeps } from '../../test/keeps.ts'
import { type Cluster, hasPostgres, startCluster } from '../../test/postgres-cluster.ts'
import { readsAlike } from '../../test/reads-alike.ts'
import type { Store } from '../directory/ports.ts'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { postgresStore } from './postgres.ts'

const at = new Date(cast.testNow).toISOString()
const home = { kind: 'organization', organization: cast.organizations.home } as const
const ada = { kind: 'person', person: cast.ada } as const

describe.runIf(hasPostgres())('on PostgreSQL', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 120_000)
  afterAll(() => cluster.close())

  const open = (url: string) => postgresStore(url, () => cast.testNow)

  keeps('postgres', async () => open(await cluster.newDatabase()))

  describe('who is not there', () => {
    readsAlike(async () => open(await cluster.newDatabase()))
  })

  describe('postgres', () => {
    const nodes = async (count: number, url: string): Promise<Store[]> => {
      const all = await Promise.all(Array.from({ length: count }, () => open(url)))
      onTestFinished(async () => {
        await Promise.all(all.map((store) => store.close()))
      })
      return all
    }
    const twoNodes = async (url: string) => (await nodes(2, url)) as [Store, Store]
    const databaseOf = (url: string) => new URL(url).pathname.slice(1)
    /** How long it took until that was so, in milliseconds. */
    const until = async (isSo: () => boolean): Promise<number> => {
      const began = performance.now()
      while (!isSo()) {
        if (performance.now() - began > 10_000) throw new Error('It never was')
        await pause(5)
      }
      return performance.now() - began
    }
    const remembered = ({ watch }: Store) => {
      const footprint = new Footprint(watch.moment)
      footprint.reads(factOf('person', cast.ada.id))
      return () => watch.stands(footprint, cast.testNow)
    }

    it('lets several nodes begin on a new database at once', async () => {
      const url = await cluster.newDatabase()
      const [one, ...others] = await nodes(4, url)
      await one?.commit([home], 'test', at)
      for (const other of others) expect(await other.organizations.all()).toHaveLength(1)
    })

    it('numbers the changes of all nodes without gaps, and serializes what they write', async () => {
      const stores = await nodes(3, await cluster.newDatabase())
      await stores[0]?.commit([home, ada], 'test', at)
      const tries = Array.from({ length: 60 }, (_, index) => {
        const person = { ...cast.ada, title: `Title ${index}`, version: 2 + Math.floor(index / 12) }
        return stores[index % 3]?.commit([{ kind: 'person', person }], 'test', at)
      })
      const done = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
      const log = (await stores[0]?.changesAfter(0, 1000)) ?? []
      expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1))
      expect(log).toHaveLength(2 + done.length)
      const held = await stores[1]?.people.byId(cast.ada.id)
      expect(held?.person.version).toBe(1 + done.length)
    })

    it('refuses nobody who writes what nobody else does, on whatever node', async () => {
      const stores = await nodes(3, await cluster.newDatabase())
      await stores[0]?.commit([home], 'test', at)
      const events = Array.from({ length: 90 }, (_, index) => ({
        ...cast.event,
        ...{ number: 1000 + index, url: `event-${index}` },
      }))
      await Promise.all(
        events.map((event, index) =>
          stores[index % 3]?.commit([{ kind: 'event', event }], 'test', at),
        ),
      )
      const log = (await stores[0]?.changesAfter(0, 1000)) ?? []
      expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1))
      expect(log).toHaveLength(91)
    })

    it('books a time once, of many who try on several nodes', async () => {
      const stores = await nodes(2, await cluster.newDatabase())
      const { colleague } = cast.askers
      const people = [cast.ada, colleague].map((person) => ({ kind: 'person', person }) as const)
      await stores[0]?.commit([home, ...people], 'test', at)
      const tries = Array.from({ length: 40 }, (_, index) =>
        stores[index % 2]?.commit(
          [
            {
              kind: 'meeting',
              meeting: {
                ...{ id: `meeting-${index}`, version: 1, state: 'booked', title: 'A talk' },
                ...{ organizerId: cast.ada.id, participantIds: [cast.ada.id, colleague.id] },
                ...{ start: '2026-05-01T09:00:00.000Z', end: '2026-05-01T10:00:00.000Z' },
                ...{ createdAt: at, updatedAt: at },
              },
            },
          ],
          'test',
          at,
        ),
      )
      const told = await Promise.allSettled(tries)
      expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const reasons = told.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(reasons.every(({ reason }) => reason === 'slot_taken')).toBe(true)
    })

    it('takes notice of another node’s commit, and of nothing when nothing was', async () => {
      const [one, other] = await twoNodes(await cluster.newDatabase())
      await other.commit([home, ada], 'test', at)
      await pause(400)
      const stands = remembered(one)
      expect(stands()).toBe(true)
      await other.commit([{ kind: 'event', event: cast.event }], 'test', at)
      await pause(400)
      expect(stands()).toBe(true)
      await other.commit([{ kind: 'person', person: { ...cast.ada, version: 2 } }], 'test', at)
      expect(await until(() => !stands())).toBeLessThan(1_000)
    })

    it('takes notice of it within a second where nobody is notified', async () => {
      const url = await cluster.newDatabase()
      const [one] = await twoNodes(url)
      await one.commit([home, ada], 'test', at)
      for (let round = 0; round < 5; round += 1) {
        await until(remembered(one))
        const stands = remembered(one)
        await cluster.primary.psql(
          `begin; update counter set value = value + 1 where name = 'change';
          insert into change select value, 'person', '${cast.ada.id}', null, 'changed', 'psql', '${at}'
          from counter where name = 'change'; commit`,
          databaseOf(url),
        )
        expect(await until(() => !stands())).toBeLessThan(1_000)
      }
    })

    it('takes what it has committed itself for changed before it says that it is done', async () => {
      const [one] = await twoNodes(await cluster.newDatabase())
      await one.commit([home, ada], 'test', at)
      for (let version = 2; version < 12; version += 1) {
        const stands = remembered(one)
        await one.commit([{ kind: 'person', person: { ...cast.ada, version } }], 'test', at)
        expect(stands()).toBe(false)
      }
    })

    it('takes nothing for unchanged in a database that was put back', async () => {
      const url = await cluster.newDatabase()
      const [one] = await twoNodes(url)
      await one.commit([home, ada], 'test', at)
      await until(remembered(one))
      const stands = remembered(one)
      const statement = "update secret set value = 'restored' where name = 'incarnation'"
      await cluster.primary.psql(statement, databaseOf(url))
      expect(await until(() => !stands())).toBeLessThan(1_000)
    })

    it('refuses a database that a newer Kith has written', async () => {
      const url = await cluster.newDatabase()
      await (await open(url)).close()
      const statement = `update compatibility set step = '999-tomorrow'`
      await cluster.primary.psql(statement, databaseOf(url))
      await expect(open(url)).rejects.toThrow(/newer version of Kith \(step "999-tomorrow"\)/)
    })

    it('says unavailable, not absent, when a row is not as it was written', async () => {
      const url = await cluster.newDatabase()
      const [one] = await twoNodes(url)
      await one.commit([home, ada], 'test', at)
      const statement = "update person set record = replace(record, 'a', 'b')"
      await cluster.primary.psql(statement, databaseOf(url))
      await expect(one.people.byId(cast.ada.id)).rejects.toMatchObject({ code: 'unavailable' })
    })

    it('finds nobody by what PostgreSQL can not hold, and keeps nothing of it', async () => {
      const [one] = await twoNodes(await cluster.newDatabase())
      await one.commit([home, ada], 'test', at)
      const { organizationId, userName } = cast.ada
      const both = await Promise.all([
        one.people.byUserName(organizationId, `${userName}\0`),
        one.people.byUserName(organizationId, userName),
      ])
      expect(both.map((held) => held?.person.id)).toEqual([undefined, cast.ada.id])
      expect(await one.people.byNumber(1e300)).toBeUndefined()
      const event = { ...cast.event, name: 'a\0b' }
      await expect(one.commit([{ kind: 'event', event }], 'test', at)).rejects.toMatchObject({
        code: 'invalid',
      })
    })

    it('fails the one of many commits that can not be done, and no other', async () => {
      const [one] = await twoNodes(await cluster.newDatabase())
      await one.commit([home], 'test', at)
      const people = [cast.manager, { ...cast.creator, number: cast.manager.number }, cast.ada]
      const told = await Promise.allSettled(
        people.map((person) => one.commit([{ kind: 'person', person }], 'test', at)),
      )
      expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await one.changesAfter(0, 10)).toHaveLength(3)
    })
  })
})
