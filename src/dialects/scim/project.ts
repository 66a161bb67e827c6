import { hash } from 'node:crypto'
import type { VisibleGroup, VisibleMember } from '../../directory/directory.ts'
import { fieldGroups, type Holding, type Reference } from '../../person/person.ts'
import type { PictureAddress, Pictured } from '../../pictures/forms.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { GroupMembership } from '../../privacy/rules.ts'
import { present, some } from '../present.ts'
import type { ScimExtension, ScimPhoto } from './extension.ts'
import type { JsonObject } from './json.ts'
import {
  coreGroupUrn,
  coreUserUrn,
  enterpriseUserUrn,
  kithGroupUrn,
  kithUserUrn,
} from './schemas.ts'

/** A User (RFC 7643 §4.1) with all that its viewer may see; `base` is the absolute address of the service. */
export function projectUser(
  person: VisiblePerson,
  base: string,
  pictureAddress: PictureAddress,
): JsonObject {
  const enterprise = enterpriseOf(person, base)
  const kith = kithOf(person, base)
  return versioned({
    schemas: [
      coreUserUrn,
      ...(enterprise ? [enterpriseUserUrn] : []),
      ...(kith ? [kithUserUrn] : []),
    ],
    ...coreOf(person, base, pictureAddress),
    ...(enterprise && { [enterpriseUserUrn]: enterprise }),
    ...(kith && { [kithUserUrn]: kith }),
    meta: {
      resourceType: 'User',
      created: person.createdAt,
      lastModified: person.updatedAt,
      location: `${base}/Users/${person.id}`,
    },
  })
}

function coreOf(person: VisiblePerson, base: string, pictureAddress: PictureAddress): JsonObject {
  const { lifecycle } = person
  return present<JsonObject>({
    id: person.id,
    externalId: person.externalId,
    userName: person.userName,
    name: orNothing({
      formatted: person.formattedName,
      familyName: person.familyName,
      givenName: person.givenName,
      middleName: person.middleName,
      honorificPrefix: person.honorificPrefix,
      honorificSuffix: person.honorificSuffix,
    }),
    displayName: person.displayName,
    nickName: person.nickName,
    profileUrl: person.profileUrl,
    title: person.title,
    userType: person.userType,
    preferredLanguage: person.preferredLanguage,
    locale: person.locale,
    timezone: person.timeZone,
    active: lifecycle && (lifecycle === 'active' || lifecycle === 'invited'),
    emails: several(
      person.emails?.map(({ value, display, type, primary }) => ({
        ...{ value, display, type },
        primary: primary || undefined,
      })),
    ),
    phoneNumbers: several(
      person.phones?.map(({ value, display, type, primary }) => ({
        ...{ value, display, type },
        primary: primary || undefined,
      })),
    ),
    ims: several(person.contacts?.map(holdingOf)),
    photos: several(photosOf(person, portraitOf(person, pictureAddress))),
    addresses: several(
      person.addresses?.map(({ street, ...rest }) => ({ ...rest, streetAddress: street })),
    ),
    groups: several([
      ...(person.groups?.map((group) => membershipOf(group, 'direct', base)) ?? []),
      ...(person.groupsAbove?.map((group) => membershipOf(group, 'indirect', base)) ?? []),
    ]),
    entitlements: several(person.entitlements?.map(holdingOf)),
    roles: several(person.roles?.map(referenceOf)),
    x509Certificates: several(person.certificates?.map(holdingOf)),
  })
}

const membershipOf = (
  { id, name }: Pick<GroupMembership, 'id' | 'name'>,
  type: 'direct' | 'indirect',
  base: string,
) => ({ value: id, $ref: `${base}/Groups/${id}`, display: name, type })

const enterpriseOf = (person: VisiblePerson, base: string): JsonObject | undefined =>
  orNothing({
    employeeNumber: person.employeeNumber,
    costCenter: person.costCenter,
    organization: person.company,
    division: person.division,
    department: person.department,
    manager:
      person.managerId &&
      orNothing({
        value: person.managerId,
        $ref: `${base}/Users/${person.managerId}`,
        displayName: person.manager?.displayName,
      }),
  })

const kithOf = (person: VisiblePerson, base: string): JsonObject | undefined =>
  orNothing({
    number: person.number,
    type: person.type,
    pronouns: person.pronouns,
    initials: person.initials,
    gender: person.gender,
    birthDate: person.birthDate,
    location: person.location,
    bio: person.bio,
    notes: person.notes,
    interests: some(person.interests),
    team: person.team && orNothing(labelOf(person.team)),
    role: person.role && orNothing(labelOf(person.role)),
    licenses: several(person.licenses?.map(labelOf)),
    workFrom: person.workFrom,
    lifecycle: person.lifecycle,
    activation: person.activation,
    loginEnabled: person.loginEnabled,
    socialLinks: person.socialLinks && orNothing(person.socialLinks),
    extraInfo: person.extraInfo && orNothing(person.extraInfo),
    acceptsDirectMessages: person.acceptsDirectMessages,
    directMessagesFrom: person.directMessagesFrom,
    acceptsMeetingRequests: person.acceptsMeetingRequests,
    acceptsCallsFromStrangers: person.acceptsCallsFromStrangers,
    colorMode: person.colorMode,
    emailNotifications: person.emailNotifications,
    quotaLimit: person.quotaLimit,
    flags: person.flags && orNothing(person.flags),
    audiences: person.audiences && orNothing(inOrder(person.audiences)),
    terminatedAt: person.terminatedAt,
    createdBy:
      person.createdBy &&
      orNothing({
        value: person.createdBy.id,
        $ref: `${base}/Users/${person.createdBy.id}`,
        display: person.createdBy.displayName,
      }),
  })

/** A Group (RFC 7643 §4.2) with as much of what is in it as was read. */
export function projectGroup(group: VisibleGroup, base: string): JsonObject {
  const kith = orNothing({
    description: group.description,
    owners: several(
      group.owners?.map(({ id, displayName }) => ({
        value: id,
        $ref: `${base}/Users/${id}`,
        display: displayName,
      })),
    ),
  })
  return versioned(
    {
      schemas: [coreGroupUrn, ...(kith ? [kithGroupUrn] : [])],
      id: group.id,
      ...(group.externalId !== undefined && { externalId: group.externalId }),
      displayName: group.name,
      ...(group.members && { members: group.members.map((one) => memberFrom(one, base)) }),
      ...(kith && { [kithGroupUrn]: kith }),
      meta: {
        resourceType: 'Group',
        created: group.createdAt,
        lastModified: group.updatedAt,
        location: `${base}/Groups/${group.id}`,
      },
    },
    group.version,
  )
}

const memberFrom = (member: VisibleMember, base: string): JsonObject =>
  member.kind === 'group'
    ? {
        ...{ value: member.id, $ref: `${base}/Groups/${member.id}` },
        ...{ type: 'Group', display: member.name },
      }
    : present<JsonObject>({
        ...{ value: member.id, $ref: `${base}/Users/${member.id}` },
        ...{ type: 'User', display: member.displayName },
      })

/** As sent, as long as the avatar is the one that was sent; one that came from elsewhere stands for all of its kind. */
function photosOf(
  { extensions }: VisiblePerson,
  portrait: string | undefined,
): readonly ScimPhoto[] {
  const { photos = [] } = (extensions.scim ?? {}) as ScimExtension
  if (portrait && photos.some(({ value }) => value === portrait)) return photos
  const others = photos.filter((photo) => !isPortrait(photo))
  return portrait ? [{ value: portrait, type: 'photo' }, ...others] : others
}

/** The address by which the avatar is told. */
export const portraitOf = (person: Pictured, pictureAddress: PictureAddress): string | undefined =>
  pictureAddress(person, 'avatar', 500)

/** Whether it shows the person in the size that an avatar has, and not as a thumbnail. */
export const isPortrait = ({ type }: Pick<ScimPhoto, 'type'>): boolean =>
  type === undefined || type.toLowerCase() === 'photo'

const holdingOf = ({ value, display, type, primary }: Holding) => ({
  ...{ value, display, type },
  primary: primary || undefined,
})

const labelOf = ({ id, name }: Reference) => ({ value: id, display: name })

const referenceOf = ({ type, primary, ...rest }: Reference) => ({
  ...labelOf(rest),
  type,
  primary: primary || undefined,
})

const inOrder = (audiences: NonNullable<VisiblePerson['audiences']>) =>
  Object.fromEntries(fieldGroups.map((group) => [group, audiences[group]]))

/** Without what is undefined; undefined when that leaves nothing. */
function orNothing(value: object): JsonObject | undefined {
  const cut = present<JsonObject>(value as JsonObject)
  return Object.keys(cut).length > 0 ? cut : undefined
}

const several = (items: readonly object[] | undefined): readonly JsonObject[] | undefined =>
  some(items?.map((item) => present<JsonObject>(item as JsonObject)))

/**
 * With its weak validator (RFC 7644 §3.14): the count of its changes where the viewer may know of all of them, else a
 * hash of the representation, which tells nothing that the representation does not.
 */
function versioned<Resource extends JsonObject & { readonly meta: JsonObject }>(
  resource: Resource,
  count?: number,
): Resource {
  const mark = count ?? hash('sha256', JSON.stringify(resource), 'base64url').slice(0, 22)
  return { ...resource, meta: { ...resource.meta, version: `W/"${mark}"` } }
}
