import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { organizations } from '../../test/cast.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { memoryStore } from '../store/memory.ts'
import { sqliteStore } from '../store/sqlite.ts'
import type { Store } from './ports.ts'
import { createSteward } from './steward.ts'

const { home } = organizations
const now = () => Date.parse('2026-03-04T05:06:07.000Z')
const viewer: Viewer = {
  keyId: 'key',
  organizationId: home.id,
  timeZone: 'UTC',
  administers: new Set([home.id]),
  owner: false,
  plain: false,
}

async function stewardOf(store: Store) {
  await store.commit(
    [{ kind: 'organization', organization: home }],
    'test',
    '2026-01-01T00:00:00.000Z',
  )
  return createSteward({ store, now })
}

describe('a key that is made', () => {
  it('reaches no organization that its maker does not', async () => {
    const store = memoryStore('a secret of the tests')
    const steward = await stewardOf(store)
    const [far, farther] = ['b', 'c'].map((letter) => ({
      ...home,
      id: `${letter}0000000-0000-4000-8000-00000000000${letter}` as typeof home.id,
      name: letter,
    }))
    if (!far || !farther) throw new Error('there are two')
    const chain = [farther, { ...far, manages: [farther.id] }, { ...home, manages: [far.id] }]
    await store.commit(
      chain.map((organization) => ({ kind: 'organization', organization })),
      'test',
      '2026-01-01T00:00:00.000Z',
    )
    const near = { ...viewer, owner: true, administers: new Set([home.id, far.id]) }
    const make = (role: 'member' | 'admin' | 'owner', organizationId = far.id) =>
      steward.issueKey(near, { service: 'reader', role, organizationId })
    await expect(make('admin')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(make('owner')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await make('member')).key.role).toBe('member')
    expect((await make('owner', home.id)).key.role).toBe('owner')
    const whole = { ...near, administers: new Set([home.id, far.id, farther.id]) }
    const order = { service: 'reader', role: 'admin', organizationId: far.id } as const
    expect((await steward.issueKey(whole, order)).key.role).toBe('admin')
    await expect(steward.issueKey(whole, { ...order, role: 'owner' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe.each([
  ['in memory', async () => memoryStore('a secret of the tests')],
  [
    'in SQLite',
    () => sqliteStore(join(mkdtempSync(join(tmpdir(), 'kith-steward-')), 'kith.db'), now),
  ],
])('an organization that two change at once, %s', (_, open) => {
  it('has what both said, and a line for each', async () => {
    const store = await open()
    const steward = await stewardOf(store)
    let interrupted = false
    await steward.changeOrganization(viewer, home.id, async ({ audiences }) => {
      if (!interrupted) {
        interrupted = true
        await steward.changeOrganization(viewer, home.id, async (there) => ({
          audiences: { ...there.audiences, work: 'nobody' },
        }))
      }
      return { audiences: { ...audiences, contact: 'nobody' } }
    })
    const { audiences } = await steward.organization(viewer, home.id)
    expect(audiences).toEqual({ work: 'nobody', contact: 'nobody' })
    expect(await store.changesAfter(0, 10)).toHaveLength(3)
    await store.close()
  })

  it('is not written to where nothing changes', async () => {
    const store = await open()
    const steward = await stewardOf(store)
    await steward.changeOrganization(viewer, home.id, async () => ({ name: home.name }))
    expect(await store.changesAfter(0, 10)).toHaveLength(1)
    await store.close()
  })
})
