import { isUuid, type OrganizationId, type PersonId, personIdFrom } from '../../person/ids.ts'

type Kind = 'PEOPLE' | 'ORGANIZATION' | 'ROLE' | 'LICENSE'

const encode = (kind: Kind, id: string): string =>
  // The vendor's ids carry no padding and are URL-safe; a client that batches fails on any other form.
  Buffer.from(`ciscospark://us/${kind}/${id}`).toString('base64url')

export const encodePersonId = (id: string): string => encode('PEOPLE', id)
export const encodeOrganizationId = (id: string): string => encode('ORGANIZATION', id)
export const encodeRoleId = (id: string): string => encode('ROLE', id)
export const encodeLicenseId = (id: string): string => encode('LICENSE', id)

/** The person that `wireId` names: encoded, with or without padding, or a bare UUID. */
export const decodePersonId = (wireId: string): PersonId | undefined =>
  personIdFrom(named('PEOPLE', wireId) ?? wireId)

/** The organization that `wireId` names, in the forms of {@link decodePersonId}. */
export function decodeOrganizationId(wireId: string): OrganizationId | undefined {
  const id = named('ORGANIZATION', wireId) ?? wireId
  return isUuid(id) ? (id.toLowerCase() as OrganizationId) : undefined
}

/** The id of a role or a licence, which may be any text; undefined for that of something else. */
export function decodeReferenceId(kind: 'ROLE' | 'LICENSE', wireId: string): string | undefined {
  return named(kind, wireId) ?? (isEncoded(wireId) ? undefined : wireId)
}

/** The form in which an id that was not found is told: encoded, like the ids of those who were. */
export const asEncoded = (wireId: string): string =>
  isEncoded(wireId) ? wireId.replace(/=+$/, '') : encodePersonId(wireId)

const named = (kind: Kind, wireId: string): string | undefined =>
  new RegExp(`^ciscospark://[a-z]+/${kind}/(.+)$`).exec(decoded(wireId))?.[1]

const isEncoded = (wireId: string): boolean => decoded(wireId).startsWith('ciscospark://')

const decoded = (wireId: string): string => Buffer.from(wireId, 'base64').toString()
