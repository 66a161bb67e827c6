import { describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { PersonChange } from './amend.ts'
import { permitted } from './privileges.ts'

const { ada } = cast
const plain: Viewer = {
  keyId: 'k',
  personId: ada.id,
  organizationId: ada.organizationId,
  timeZone: 'UTC',
  administers: new Set(),
  owner: false,
  plain: true,
}
const admin: Viewer = { ...plain, administers: new Set([ada.organizationId]), plain: false }
const owner: Viewer = { ...admin, owner: true }

/** What of these a viewer may not write, of Ada. */
const refused = (viewer: Viewer, change: PersonChange): string[] => {
  const allowed = permitted(viewer, ada, change, 'ignore')
  return Object.keys(change).filter((field) => !(field in allowed))
}

/** By hand: what nobody may give themselves. */
const privileged: PersonChange = {
  type: 'bot',
  userName: 'root',
  lifecycle: 'invited',
  deletedAt: '2026-01-01T00:00:00.000Z',
  terminatedAt: '2026-01-01T00:00:00.000Z',
  activation: 'generated',
  loginEnabled: false,
  flags: { ...ada.flags, administrator: true },
  externalId: 'mine',
  quotaLimit: 1e12,
  usedSpace: 0.25,
  createdById: cast.reportee.id,
  licenses: [{ id: 'all' }],
  roles: [{ id: 'all' }],
  role: { id: 'all' },
  team: { id: 'all' },
  entitlements: [{ value: 'all' }],
  certificates: [{ value: 'mine' }],
  managerId: cast.reportee.id,
  employeeNumber: '1',
  costCenter: '1',
  division: '1',
  department: '1',
  userType: '1',
  workFrom: '2020-01-01T00:00:00.000Z',
  data: { mine: 1 },
  onboardingData: { mine: 1 },
}

describe('what somebody may write of themselves', () => {
  it('is none of what is privileged', () => {
    expect(refused(plain, privileged)).toEqual(Object.keys(privileged))
  })

  it('is their names, profile and decisions, but not that an address is verified', () => {
    const own: PersonChange = {
      title: 'T',
      givenName: 'G',
      audiences: { contact: 'nobody' },
      bio: null,
      locale: 'x',
    }
    expect(refused(plain, own)).toEqual([])
    const [email] = ada.emails
    if (!email) throw new Error('Ada has no address')
    const unverified = { ...email, value: 'new@example.com', verified: false }
    expect(refused(plain, { emails: [unverified] })).toEqual([])
    expect(refused(plain, { emails: [{ ...unverified, verified: true }] })).toEqual(['emails'])
  })

  it('is said so, with the field, unless it changes nothing', () => {
    expect(() => permitted(plain, ada, { quotaLimit: 1e12 }, 'refuse')).toThrow(/^quotaLimit: /)
    expect(permitted(plain, ada, { flags: { ...ada.flags } }, 'refuse')).toEqual({})
  })
})

it('administrators may write all of it, but who is an owner', () => {
  expect(refused(admin, privileged)).toEqual([])
  const enthroned = { flags: { ...ada.flags, owner: true } }
  expect(refused(admin, enthroned)).toEqual(['flags'])
  expect(refused(owner, enthroned)).toEqual([])
})
