import { describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { world } from '../../test/world.ts'
import type { Viewer } from '../privacy/viewer.ts'
import { createRegistrar } from './registrar.ts'

const plain: Viewer = {
  keyId: 'k',
  personId: cast.ada.id,
  organizationId: cast.ada.organizationId,
  timeZone: 'UTC',
  administers: new Set(),
  owner: false,
  plain: true,
}
const colleague: Viewer = { ...plain, personId: cast.askers.colleague.id }
const admin: Viewer = { ...colleague, administers: new Set([cast.ada.organizationId]) }
const stranger: Viewer = { ...admin, administers: new Set([cast.organizations.elsewhere.id]) }

async function opened() {
  const { store } = await world()
  const signalsNow = async () => (await store.people.byId(cast.ada.id, { presence: true }))?.signals
  return { registrar: createRegistrar({ store, now: () => cast.testNow }), signalsNow, store }
}

describe('signal', () => {
  it.each([
    ['people themselves', plain],
    ['administrators', admin],
  ])('lets %s put down whereabouts, from what is on record', async (_, viewer) => {
    const { registrar, signalsNow } = await opened()
    await registrar.signal(viewer, cast.ada.id, (signals) => ({ ...signals, doNotDisturb: {} }))
    expect(await signalsNow()).toEqual({ ...cast.adaSignals, doNotDisturb: {} })
  })

  it.each([
    ['colleagues', colleague, 'forbidden'],
    ['administrators of others', stranger, 'forbidden'],
  ])('is not for %s', async (_, viewer, code) => {
    const { registrar, signalsNow } = await opened()
    await expect(registrar.signal(viewer, cast.ada.id, () => ({}))).rejects.toMatchObject({ code })
    expect(await signalsNow()).toEqual(cast.adaSignals)
  })

  it('knows nobody who is elsewhere, deleted or not there', async () => {
    const { registrar } = await opened()
    const nobody = '00000000-0000-4000-8000-000000000000' as typeof cast.ada.id
    for (const id of [cast.askers.outsider.id, cast.askers.deleted.id, nobody]) {
      await expect(registrar.signal(admin, id, () => ({}))).rejects.toMatchObject({
        code: 'not_found',
      })
    }
  })

  it('works it out anew where the person was heard of, or something said, meanwhile', async () => {
    const { registrar, signalsNow, store } = await opened()
    const later = '2026-03-04T05:06:00.000Z'
    const seen: unknown[] = []
    await registrar.signal(plain, cast.ada.id, async (signals) => {
      seen.push(signals)
      if (seen.length === 1) await store.beat(new Map([[cast.ada.id, later]]))
      if (seen.length === 2)
        await registrar.signal(admin, cast.ada.id, (of) => ({ ...of, away: {} }))
      return { ...signals, outOfOffice: {} }
    })
    const beaten = { ...cast.adaSignals, lastActivityAt: later }
    expect(seen).toEqual([cast.adaSignals, beaten, { ...beaten, away: {} }])
    expect(await signalsNow()).toEqual({ ...beaten, away: {}, outOfOffice: {} })
  })

  it('changes no version and leaves no line in the log', async () => {
    const { registrar, store } = await opened()
    const before = await store.changesAfter(0, 1000)
    await registrar.signal(plain, cast.ada.id, () => ({ outOfOffice: {} }))
    expect(await store.changesAfter(0, 1000)).toEqual(before)
    expect((await store.people.byId(cast.ada.id))?.person).toEqual(cast.ada)
  })
})
