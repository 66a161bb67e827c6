import { describe, expect, it } from 'vitest'
import type { Dialect } from '../src/dialects/dialect.ts'
import * as cast from './cast.ts'
import { type ViewerName, world } from './world.ts'

/** What nobody may give themselves through a vendor's profile: in the record's words and in those of the vendors. */
const privileged: Readonly<Record<string, unknown>> = {
  ...{ id: cast.reportee.id, number: 7, version: 9, organizationId: cast.organizations.manager.id },
  ...{ orgId: cast.organizations.manager.id, type: 'bot', createdAt: '2020-01-01T00:00:00.000Z' },
  ...{ updatedAt: '2020-01-01T00:00:00.000Z', touched: {}, createdById: cast.reportee.id },
  ...{ userName: 'root', username: 'root', externalId: 'mine', lifecycle: 'suspended' },
  ...{ isActive: false, active: false, status: 'ACCEPT', deleted: true, isDeleted: true },
  ...{ deletedAt: '2026-01-01T00:00:00.000Z', terminatedAt: '2026-01-01T00:00:00.000Z' },
  ...{ activation: 'generated', activationStatus: 2, loginEnabled: false },
  ...{ flags: { owner: true, administrator: true }, admin: false, isAdmin: true, isOwner: true },
  ...{ administrator: true, owner: true, role: 'ADMIN', roles: [{ id: 'all' }], userLabel: 'Root' },
  ...{ licenses: [{ id: 'all' }], entitlements: [{ value: 'all' }], team: { id: 'all' } },
  ...{ certificates: [{ value: 'mine' }], managerId: cast.reportee.id, groups: ['all'] },
  ...{ employeeNumber: '1', costCenter: '1', division: '1', department: '1', userType: '1' },
  ...{ workFrom: '2020-01-01T00:00:00.000Z', quotaLimit: 1e12, usedSpace: 0, data: { mine: 1 } },
  ...{ onboardingData: { mine: 1 }, audiences: { existence: 'nobody' }, zapierEnabled: true },
  ...{ extensions: { docspace: { listAdminModules: ['all'] } }, docspace: { shared: false } },
  ...{ emails: [{ value: 'root@example.com', verified: true }], verified: true },
  ...{ phones: [{ value: '+31612345678', verified: true }], emailVerified: true },
  ...{ userId: 7, eventId: 7, attendeeId: 7, rejectedBy: 7, request: true, keys: ['all'] },
  ...{ constructor: { prototype: { administrator: true } }, prototype: { administrator: true } },
}

interface VendorWrite {
  readonly method: string
  readonly path: string
  /** It writes whoever asks, and not Ada. */
  readonly own?: boolean
  /** Bodies of the vendor's own shape with something inside that is not. */
  readonly nested?: Readonly<Record<string, unknown>>
}

const roles = ['self', 'colleague', 'admin', 'owner'] as const satisfies readonly ViewerName[]
const personOf = { self: cast.ada, ...cast.askers }

/** That no write of a dialect gets anything into a record that its vendor's profile has no place for. */
export function withstands(dialect: Dialect, writes: readonly VendorWrite[]): void {
  describe.each(writes)(`${dialect.name}: $method $path`, ({ method, path, own, nested = {} }) => {
    it.each(roles)('gives nothing privileged to %s', async (as) => {
      const one = await world()
      const { id } = own ? personOf[as] : cast.ada
      const recordNow = async () => (await one.store.people.byId(id))?.person
      const before = await recordNow()
      for (const [field, value] of Object.entries({ ...privileged, ...nested })) {
        const { status } = await one.ask(dialect, path, {
          ...{ as, method, headers: { 'content-type': 'application/json' } },
          body: JSON.stringify(field in nested ? value : { [field]: value }),
        })
        const allowed = as === 'colleague' && !own ? [400, 403] : [200, 204, 400]
        expect(allowed, `${field}: ${status}`).toContain(status)
        expect(await recordNow(), field).toEqual(before)
      }
      expect(await one.store.changesAfter(0, 1000)).not.toContainEqual(
        expect.objectContaining({ kind: 'changed', entity: 'person' }),
      )
    })
  })
}
