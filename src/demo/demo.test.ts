import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../directory/ports.ts'
import { presenceAt } from '../presence/presence.ts'
import { memoryStore } from '../store/memory.ts'
import { sqliteStore } from '../store/sqlite.ts'
import { demoData } from './demo.ts'

const now = Date.parse('2026-11-20T10:00:00.000Z')
const demo = demoData(now)
const { owner, admin, ada, bob, outsider } = demo.cast
const company = demo.people.filter(({ organizationId }) => organizationId === ada.organizationId)

const connections = demo.writes.flatMap((write) =>
  write.kind === 'connection' ? [write.connection] : [],
)

describe('the demo', () => {
  it('is the same every time', () => {
    expect(demoData(now)).toEqual(demo)
  })

  it('depends on the clock for presence alone', () => {
    expect(demoData(now + 86_400_000).writes).toEqual(demo.writes)
  })

  it.each<[string, () => Promise<Store>]>([
    ['in memory', async () => memoryStore()],
    ['in SQLite', inFile],
  ])('fits a store %s', async (_, open) => {
    const store = await open()
    onTestFinished(() => store.close())
    await store.commit(demo.writes, 'demo', new Date(now).toISOString())
    await store.signal(demo.signals)

    expect((await store.people.byId(ada.id))?.person).toEqual(ada)
    const attendee = await store.gatherings.attendeeByPerson(demo.event.number, bob.id)
    expect(attendee?.number).toBe(demo.attendees.get(bob.id))
  })

  async function inFile(): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'kith-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return sqliteStore(join(folder, 'demo.db'), () => now)
  }
})

describe('its company', () => {
  it('has 200 people, each with numbers, names and addresses of their own', () => {
    expect(company).toHaveLength(200)
    const all: (string | number)[][] = [
      demo.people.map(({ id }) => id),
      demo.people.map(({ number }) => number),
      demo.people.flatMap(({ emails }) => emails.map(({ normalized }) => normalized)),
      demo.people.flatMap(({ phones }) => phones.map(({ value }) => value)),
    ]
    for (const values of all) expect(new Set(values).size).toBe(values.length)
  })

  it.each([
    'Latin',
    'Greek',
    'Cyrillic',
    'Arabic',
    'Hebrew',
    'Devanagari',
    'Han',
    'Hiragana',
    'Hangul',
    'Thai',
    'Georgian',
  ])('has names in %s letters', (script) => {
    const letters = new RegExp(`\\p{Script=${script}}`, 'u')
    expect(company.filter(({ displayName }) => letters.test(displayName)).length).toBeGreaterThan(0)
  })

  it('has user names in plain letters, whatever the names are written in', () => {
    for (const { userName } of demo.people) expect(userName).toMatch(/^[a-z]+\.[a-z]+$/)
  })

  it('has a way up to the owner from everybody, without a loop', () => {
    const managerOf = new Map(company.map(({ id, managerId }) => [id, managerId]))
    for (const { id } of company) {
      const way = [id]
      for (let next = managerOf.get(id); next; next = managerOf.get(next)) {
        expect(way).not.toContain(next)
        way.push(next)
      }
      expect(way.at(-1)).toBe(owner.id)
    }
  })

  it('reaches nobody real', () => {
    for (const { emails, phones } of demo.people) {
      for (const { value } of emails) expect(value).toMatch(/@example\.(com|net|org)$/)
      for (const { value, type, e164 } of phones) {
        if (type === 'work_extension') expect(value).toMatch(/^\d{4}$/)
        else expect(e164).toBe(value.replaceAll(' ', ''))
      }
    }
  })

  it('has somebody in every state of presence and every stage of an account', () => {
    const states = company.map(({ id }) => presenceAt(demo.signals.get(id), now).state)
    expect([...new Set(states)].sort()).toEqual([
      'active',
      'call',
      'doNotDisturb',
      'inactive',
      'meeting',
      'outOfOffice',
      'pending',
      'presenting',
      'unknown',
    ])
    expect([...new Set(company.map(({ lifecycle }) => lifecycle))].sort()).toEqual([
      'active',
      'deleted',
      'invited',
      'suspended',
    ])
  })
})

describe('its cast', () => {
  it('has two plain colleagues who decided nothing about their privacy', () => {
    expect(ada).toMatchObject({ displayName: 'Ada Byron', userName: 'ada.byron' })
    expect(ada.emails).toMatchObject([{ value: 'ada@example.com', primary: true }])
    expect(bob.emails).toMatchObject([{ value: 'bob@example.com', primary: true }])
    for (const { organizationId, flags, audiences, lifecycle } of [ada, bob]) {
      expect(organizationId).toBe(owner.organizationId)
      expect(flags).toMatchObject({ plainUser: true, owner: false, administrator: false })
      expect(audiences).toEqual({})
      expect(lifecycle).toBe('active')
    }
  })

  it('connects the two in the event', () => {
    expect(demo.event.url).toBe('spring-summit')
    expect(demo.attendees.has(ada.id) && demo.attendees.has(bob.id)).toBe(true)
    expect(connections).toContainEqual({
      requesterId: bob.id,
      addresseeId: ada.id,
      state: 'accepted',
    })
  })

  it('has an owner and an administrator of the company', () => {
    expect(owner.flags).toMatchObject({ owner: true, administrator: false })
    expect(admin.flags).toMatchObject({ owner: false, administrator: true })
    expect(admin.organizationId).toBe(owner.organizationId)
  })

  it('has an outsider who shares nothing with them', () => {
    expect(outsider.organizationId).not.toBe(ada.organizationId)
    expect(demo.attendees.has(outsider.id)).toBe(false)
    const known = connections.flatMap(({ requesterId, addresseeId }) => [requesterId, addresseeId])
    expect(known).not.toContain(outsider.id)
  })
})

describe('its event', () => {
  it('brings 60 people of two organizations together', () => {
    expect(demo.attendees.size).toBe(60)
    const from = demo.people.filter(({ id }) => demo.attendees.has(id))
    expect(new Set(from.map(({ organizationId }) => organizationId)).size).toBe(2)
  })

  it('has connections of every kind, none of them twice', () => {
    expect(new Set(connections.map(({ state }) => state)).size).toBe(3)
    const pairs = connections.map(({ requesterId, addresseeId }) =>
      [requesterId, addresseeId].sort().join(),
    )
    expect(new Set(pairs).size).toBe(pairs.length)
  })
})
