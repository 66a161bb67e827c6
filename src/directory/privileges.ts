import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../failure.ts'
import type { Person } from '../person/person.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { PersonChange } from './amend.ts'

/** Who may write a field: people themselves and administrators, or administrators alone. */
type Writers = 'self' | 'administrators'

/**
 * Total on purpose: a new field of the record does not compile until somebody has decided who may write it. Of the
 * flags that of an owner is for owners alone; whether an address is verified is no one's to say who owns it.
 */
const writers: Record<keyof PersonChange, Writers> = {
  type: 'administrators',
  displayName: 'self',
  formattedName: 'self',
  honorificPrefix: 'self',
  givenName: 'self',
  middleName: 'self',
  familyName: 'self',
  honorificSuffix: 'self',
  nickName: 'self',
  initials: 'self',
  pronouns: 'self',
  avatar: 'self',
  cover: 'self',
  videoIntro: 'self',
  emails: 'self',
  phones: 'self',
  addresses: 'self',
  contacts: 'self',
  socialLinks: 'self',
  profileUrl: 'self',
  certificates: 'administrators',
  title: 'self',
  company: 'self',
  location: 'self',
  bio: 'self',
  notes: 'self',
  interests: 'self',
  extraInfo: 'self',
  employeeNumber: 'administrators',
  costCenter: 'administrators',
  division: 'administrators',
  department: 'administrators',
  userType: 'administrators',
  team: 'administrators',
  role: 'administrators',
  roles: 'administrators',
  licenses: 'administrators',
  entitlements: 'administrators',
  managerId: 'administrators',
  workFrom: 'administrators',
  userName: 'administrators',
  lifecycle: 'administrators',
  deletedAt: 'administrators',
  terminatedAt: 'administrators',
  activation: 'administrators',
  loginEnabled: 'administrators',
  flags: 'administrators',
  timeZone: 'self',
  locale: 'self',
  preferredLanguage: 'self',
  acceptsDirectMessages: 'self',
  directMessagesFrom: 'self',
  acceptsMeetingRequests: 'self',
  acceptsCallsFromStrangers: 'self',
  meetingAvailability: 'self',
  data: 'administrators',
  onboardingData: 'administrators',
  birthDate: 'self',
  gender: 'self',
  colorMode: 'self',
  emailNotifications: 'self',
  notifications: 'self',
  externalId: 'administrators',
  quotaLimit: 'administrators',
  usedSpace: 'administrators',
  createdById: 'administrators',
  audiences: 'self',
  extensions: 'self',
}

/** What people themselves may not see: that it would change nothing must not tell what it is. */
const unseen: readonly (keyof PersonChange)[] = ['externalId', 'createdById', 'managerId']

/** Whether they may sign in at all; of owners it is for owners alone, since it would put them out. */
const standing: readonly (keyof PersonChange)[] = ['lifecycle', 'loginEnabled', 'userName']

/** What happens to what a caller may not write: as the vendor does, it is told or passed over. */
export type Manner = 'refuse' | 'ignore'

/**
 * `change` as far as `viewer` may make it; `before` is nobody for a new person, who takes an administrator.
 * What would change nothing needs no right. @throws forbidden, naming the field
 */
export function permitted(
  viewer: Viewer,
  before: Person | undefined,
  change: PersonChange,
  manner: Manner,
): PersonChange {
  const administers =
    before === undefined
      ? viewer.administers.has(viewer.organizationId)
      : viewer.administers.has(before.organizationId)
  const fields = Object.entries(change).filter(([name, value]) => {
    const field = name as keyof PersonChange
    if (value === undefined) return false
    const same = isDeepStrictEqual(value ?? undefined, before?.[field])
    if (same && (administers || !unseen.includes(field))) return false
    const may = mayWrite(viewer, before, field, value, administers)
    if (!may && manner === 'refuse') {
      throw new Failure('forbidden', `${field}: ${whose(field, administers)} may write it`)
    }
    return may
  })
  return Object.fromEntries(fields)
}

function mayWrite(
  { owner }: Viewer,
  before: Person | undefined,
  field: keyof PersonChange,
  value: unknown,
  administers: boolean,
): boolean {
  if (field === 'flags' && !owner) {
    const { owner: next } = value as Person['flags']
    if (next !== (before?.flags.owner ?? false)) return false
  }
  if (before?.flags.owner && !owner && standing.includes(field)) return false
  if (administers) return true
  if (field === 'emails' && verifies(before?.emails ?? [], value as Person['emails'])) return false
  if (field === 'phones' && verifies(before?.phones ?? [], value as Person['phones'])) return false
  return writers[field] === 'self'
}

const whose = (field: keyof PersonChange, administers: boolean): string =>
  administers && (field === 'flags' || standing.includes(field))
    ? 'only owners, where it is about an owner,'
    : 'only administrators'

/** Whether something comes to be verified that was not. */
const verifies = (
  before: readonly { readonly id: string; readonly value: string; readonly verified: boolean }[],
  after: readonly { readonly id: string; readonly value: string; readonly verified: boolean }[],
): boolean =>
  after.some(
    ({ id, value, verified }) =>
      verified && !before.some((one) => one.id === id && one.value === value && one.verified),
  )
