// From a filter to a condition that the directory can answer: by the two tables below, and by nothing else.
import type { Condition, Kind, Scalar } from '../../search/search.ts'
import { instantFrom } from './canonical.ts'
import { booleanOf, type Comparison, type Filter } from './filter.ts'
import { sameName } from './json.ts'
import {
  coreGroupUrn,
  coreUserUrn,
  enterpriseUserUrn,
  findAttribute,
  kithGroupUrn,
  kithUserUrn,
  type ResourceType,
} from './schemas.ts'
import { ScimError } from './scim-error.ts'

/** What an attribute is in the directory; `never` is for what nobody has there. */
type Target =
  | FieldTarget
  | ListTarget
  | PhotosTarget
  | { readonly always: string }
  | { readonly lives: string }
  | { readonly never: true }

interface FieldTarget {
  readonly field: string
  readonly kind?: Kind
  /** The field that tells whether there is a value, where that is another. */
  readonly presence?: string
}

/** The avatar, and what was sent beside it: see `photosOf` in project.ts. */
interface PhotosTarget {
  readonly photos: true
  /** The sub-attribute that was named; `value` is meant where none was. */
  readonly part?: string
}

interface ListTarget {
  readonly list: string
  /** From sub-attributes to what the list calls them. */
  readonly items: Readonly<Record<string, FieldTarget>>
  /** The sub-attribute that was named; `value` is meant where none was. */
  readonly part?: string
}

type Targets = Readonly<Record<string, Target>>

const flag = (field: string): FieldTarget => ({ field, kind: 'boolean' })
const instant = (field: string): FieldTarget => ({ field, kind: 'instant' })
const same = (...names: readonly string[]): Record<string, FieldTarget> =>
  Object.fromEntries(names.map((field) => [field, { field }]))

const labelled: ListTarget['items'] = {
  ...same('value', 'display', 'type'),
  primary: flag('primary'),
}
const list = (name: string, items: ListTarget['items'] = labelled): ListTarget => ({
  list: name,
  items,
})
const below = (prefix: string, targets: Targets): Targets =>
  Object.fromEntries(Object.entries(targets).map(([name, target]) => [prefix + name, target]))

const references = list('licenses', same('value', 'display'))

/** By canonical name. An attribute that is not here can't be filtered or sorted by. */
const userTargets: Targets = {
  ...same('id', 'externalId', 'userName', 'displayName', 'nickName', 'profileUrl', 'title'),
  ...same('userType', 'preferredLanguage', 'locale'),
  timezone: { field: 'timeZone' },
  'name.formatted': { field: 'formattedName' },
  ...below('name.', same('familyName', 'givenName', 'middleName')),
  ...below('name.', same('honorificPrefix', 'honorificSuffix')),
  active: { lives: 'lifecycle' },
  schemas: { always: coreUserUrn },
  'meta.resourceType': { always: 'User' },
  'meta.created': instant('createdAt'),
  'meta.lastModified': instant('updatedAt'),
  emails: list('emails'),
  phoneNumbers: list('phones'),
  ims: list('contacts'),
  photos: { photos: true },
  addresses: list('addresses', {
    ...same('formatted', 'locality', 'region', 'postalCode', 'country', 'type'),
    streetAddress: { field: 'street' },
    primary: flag('primary'),
  }),
  groups: list('allGroups', same('value', 'display', 'type')),
  entitlements: list('entitlements'),
  roles: list('roles'),
  x509Certificates: list('certificates'),
  ...below(`${enterpriseUserUrn}:`, {
    ...same('employeeNumber', 'costCenter', 'division', 'department'),
    organization: { field: 'company' },
    manager: { field: 'managerId' },
    'manager.value': { field: 'managerId' },
    'manager.displayName': { field: 'managerName' },
  }),
  ...below(`${kithUserUrn}:`, {
    ...same('type', 'pronouns', 'initials', 'gender', 'birthDate', 'location', 'bio', 'notes'),
    ...same('lifecycle', 'activation', 'acceptsMeetingRequests', 'directMessagesFrom', 'colorMode'),
    number: { field: 'number', kind: 'number' },
    quotaLimit: { field: 'quotaLimit', kind: 'number' },
    workFrom: instant('workFrom'),
    loginEnabled: flag('loginEnabled'),
    acceptsDirectMessages: flag('acceptsDirectMessages'),
    acceptsCallsFromStrangers: flag('acceptsCallsFromStrangers'),
    emailNotifications: flag('emailNotifications'),
    'team.value': { field: 'teamId' },
    'team.display': { field: 'team' },
    'role.value': { field: 'roleId' },
    'role.display': { field: 'role' },
    'flags.owner': flag('owner'),
    'flags.administrator': flag('administrator'),
    'flags.roomAdministrator': flag('roomAdministrator'),
    'flags.guest': flag('guest'),
    licenses: references,
    interests: list('interests', same('value')),
  }),
}

const groupTargets: Targets = {
  ...same('id', 'externalId'),
  displayName: { field: 'name' },
  schemas: { always: coreGroupUrn },
  'meta.resourceType': { always: 'Group' },
  'meta.created': instant('createdAt'),
  'meta.lastModified': instant('updatedAt'),
  members: list('members', same('value')),
  [`${kithGroupUrn}:description`]: { field: 'description' },
  [`${kithGroupUrn}:owners`]: list('owners', same('value')),
}

/** What the directory is asked for a filter. @throws ScimError invalidFilter for what can't be asked for, naming it */
export const conditionFrom = (filter: Filter, type: ResourceType): Condition =>
  conditionOf(filter, (path) => targetOf(path, type))

/** The field that `sortBy` means. @throws ScimError invalidPath */
export function orderField(sortBy: string, type: ResourceType): string {
  const target = found(sortBy, type)
  if (target && 'field' in target && target.kind !== 'boolean') return target.field
  if (target && 'list' in target && type.name === 'User' && target.items.value) {
    if (target.part === undefined || target.part === 'value') return target.list
  }
  throw new ScimError('invalidPath', `sortBy: there is no order by "${shown(sortBy)}".`)
}

type Locate = (path: string) => Target

function conditionOf(filter: Filter, locate: Locate): Condition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, of: filter.filters.map((one) => conditionOf(one, locate)) }
    case 'not':
      return { op: 'not', of: conditionOf(filter.filter, locate) }
    case '[]': {
      const target = locate(filter.attrPath)
      if ('photos' in target) return somePhoto((part) => conditionOf(filter.valFilter, part))
      if (!('list' in target)) throw unknown(filter.attrPath, 'has no values to choose from')
      const where = conditionOf(filter.valFilter, (path) => itemTarget(target, path))
      return { op: 'some', list: target.list, where }
    }
    case 'pr':
      return presence(locate(filter.attrPath))
    default:
      return comparison(filter, locate(filter.attrPath))
  }
}

function presence(target: Target): Condition {
  if ('always' in target) return anything
  if ('never' in target) return nothing
  if ('lives' in target) return { op: 'present', field: target.lives }
  if ('field' in target) return { op: 'present', field: target.presence ?? target.field }
  if ('photos' in target) return somePhoto((part) => presence(part(target.part ?? 'value')))
  return target.part !== undefined
    ? { op: 'some', list: target.list, where: presence(partOf(target)) }
    : { op: 'some', list: target.list }
}

const anything: Condition = { op: 'present', field: 'id' }
const nothing: Condition = { op: 'not', of: anything }

function comparison(filter: Comparison, target: Target): Condition {
  const { op, attrPath, compValue } = filter
  if (compValue === null) {
    if (op !== 'eq' && op !== 'ne') throw unordered(attrPath)
    const present = presence(target)
    return op === 'ne' ? present : { op: 'not', of: present }
  }
  if ('list' in target) {
    const field = partOf(target)
    const list = target.list
    if (op !== 'ne') return { op: 'some', list, where: compared({ ...filter, op }, field) }
    // There is none, or one that is another.
    const present: Condition = { op: 'present', field: field.field }
    const other: Condition = { op: 'not', of: compared({ ...filter, op: 'eq' }, field) }
    return {
      op: 'or',
      of: [
        { op: 'not', of: { op: 'some', list, where: present } },
        { op: 'some', list, where: { op: 'and', of: [present, other] } },
      ],
    }
  }
  if ('photos' in target) return photosCompared(filter, target)
  if (op === 'ne') return { op: 'not', of: comparison({ ...filter, op: 'eq' }, target) }
  if ('never' in target) return nothing
  if ('always' in target) return constant(filter, target.always)
  if ('lives' in target) return living(filter, target.lives)
  return compared({ ...filter, op }, target)
}

// Photos, as they are told: all that were sent, as long as the avatar is one of them; else the avatar, and of those
// that were sent the ones that are no portraits.

const avatarIsOneOfThem: Condition = {
  ...{ op: 'some', list: 'photos', where: { op: 'same', field: 'value', as: 'avatar' } },
}
const isPortrait: Condition = {
  ...{ op: 'or' },
  of: [
    { op: 'not', of: { op: 'present', field: 'type' } },
    { op: 'eq', field: 'type', value: 'photo' },
  ],
}
const avatarParts: Readonly<Record<string, Target>> = {
  value: { field: 'avatar', presence: 'avatarId' },
  type: { always: 'photo' },
  ...{ display: { never: true }, primary: { never: true } },
}

/** That there is one which fulfils `where`, for which its parts are located. */
function somePhoto(where: (part: Locate) => Condition): Condition {
  const sent = where((path) => itemTarget({ list: 'photos', items: labelled }, path))
  const avatar = where((path) => {
    const name = Object.keys(avatarParts).find((one) => sameName(one, path)) ?? ''
    return avatarParts[name] ?? itemTarget({ list: 'photos', items: labelled }, path)
  })
  const other: Condition = { op: 'and', of: [{ op: 'not', of: isPortrait }, sent] }
  return {
    op: 'or',
    of: [
      { op: 'and', of: [avatarIsOneOfThem, { op: 'some', list: 'photos', where: sent }] },
      {
        op: 'and',
        of: [
          { op: 'not', of: avatarIsOneOfThem },
          {
            op: 'or',
            of: [
              { op: 'and', of: [{ op: 'present', field: 'avatarId' }, avatar] },
              { op: 'some', list: 'photos', where: other },
            ],
          },
        ],
      },
    ],
  }
}

function photosCompared(filter: Comparison, target: PhotosTarget): Condition {
  const name = target.part ?? 'value'
  if (filter.op !== 'ne') return somePhoto((part) => comparison(filter, part(name)))
  // There is none, or one that is another.
  const present = (part: Locate) => presence(part(name))
  return {
    op: 'or',
    of: [
      { op: 'not', of: somePhoto(present) },
      somePhoto((part) => ({ op: 'and', of: [present(part), comparison(filter, part(name))] })),
    ],
  }
}

function compared(
  { op, attrPath, compValue }: Comparison & { readonly op: Exclude<Comparison['op'], 'ne'> },
  { field, kind = 'caseless' }: FieldTarget,
): Condition {
  if (kind === 'boolean') {
    const value = booleanOf(compValue)
    if (op !== 'eq') throw unordered(attrPath)
    if (value === undefined) throw unfit(attrPath, 'true or false', compValue)
    return { op, field, value }
  }
  if (kind === 'instant' && op !== 'co' && op !== 'sw' && op !== 'ew') {
    const value = instantFrom(typeof compValue === 'string' ? dayOf(compValue) : compValue)
    if (value === undefined) throw unfit(attrPath, 'an instant in quotes', compValue)
    return { op, field, value }
  }
  if (kind === 'number') {
    if (typeof compValue !== 'number') throw unfit(attrPath, 'a number', compValue)
    return { op, field, value: compValue }
  }
  if (typeof compValue === 'boolean') throw unfit(attrPath, 'a text in quotes', compValue)
  const value: Scalar = String(compValue)
  return { op, field, value }
}

const dayOf = (text: string): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text

/** What is the same for all. */
function constant({ op, attrPath, compValue }: Comparison, value: string): Condition {
  const given = String(compValue)
  if (op === 'eq') return sameName(given, value) ? anything : nothing
  if (op !== 'co' && op !== 'sw' && op !== 'ew') throw unordered(attrPath)
  const [whole, part] = [value.toLowerCase(), given.toLowerCase()]
  const holds = { co: whole.includes(part), sw: whole.startsWith(part), ew: whole.endsWith(part) }
  return holds[op] ? anything : nothing
}

/** `active` is a view of where the account stands. */
function living({ op, attrPath, compValue }: Comparison, field: string): Condition {
  const value = booleanOf(compValue as Scalar)
  if (op !== 'eq') throw unordered(attrPath)
  if (value === undefined) throw unfit(attrPath, 'true or false', compValue)
  const words = value ? ['active', 'invited'] : ['suspended']
  return { op: 'or', of: words.map((word) => ({ op: 'eq', field, value: word })) }
}

// Attributes.

function partOf(target: ListTarget): FieldTarget {
  const field = target.items[target.part ?? 'value']
  if (!field) throw unknown(target.list, 'has no value to compare: name a sub-attribute')
  return field
}

function targetOf(path: string, type: ResourceType): Target {
  const target = found(path, type)
  if (target) return target
  const known = findAttribute(type, path)
  throw unknown(path, known ? 'can not be filtered by' : `is no attribute of a ${type.name}`)
}

function found(path: string, type: ResourceType): Target | undefined {
  const name = findAttribute(type, path)?.canonicalName
  if (name === undefined) return undefined
  const targets = type.name === 'User' ? userTargets : groupTargets
  const whole = targets[name]
  if (whole) return whole
  const dot = name.lastIndexOf('.')
  const parent = targets[name.slice(0, dot)]
  const part = name.slice(dot + 1)
  if (parent && 'photos' in parent) return labelled[part] && { ...parent, part }
  if (!parent || !('list' in parent) || !parent.items[part]) return undefined
  return { ...parent, part }
}

function itemTarget({ list: name, items }: ListTarget, path: string): FieldTarget {
  const key = Object.keys(items).find((one) => sameName(one, path))
  const field = key === undefined ? undefined : items[key]
  if (field) return field
  throw unknown(`${name}.${path}`, 'can not be filtered by')
}

const shown = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)

const unknown = (path: string, problem: string): ScimError =>
  new ScimError('invalidFilter', `"${shown(path)}" ${problem}.`)

const unordered = (path: string): ScimError =>
  new ScimError('invalidFilter', `There is no such comparison for "${shown(path)}".`)

const unfit = (path: string, wanted: string, value: Comparison['compValue']): ScimError =>
  new ScimError(
    'invalidFilter',
    `"${shown(path)}" is compared with ${wanted}, not ${shown(JSON.stringify(value))}.`,
  )
