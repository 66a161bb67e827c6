import { type PersonId, personIdFrom } from '../../person/ids.ts'

type Kind = 'PEOPLE' | 'ORGANIZATION' | 'ROLE' | 'LICENSE'

const encode = (kind: Kind, id: string): string =>
  // The vendor's ids carry no padding and are URL-safe; a client that batches fails on any other form.
  Buffer.from(`ciscospark://us/${kind}/${id}`).toString('base64url')

export const encodePersonId = (id: string): string => encode('PEOPLE', id)
export const encodeOrganizationId = (id: string): string => encode('ORGANIZATION', id)
export const encodeRoleId = (id: string): string => encode('ROLE', id)
export const encodeLicenseId = (id: string): string => encode('LICENSE', id)

/** The person that `wireId` names: encoded, with or without padding, or a bare UUID. */
export function decodePersonId(wireId: string): PersonId | undefined {
  return personIdFrom(/^ciscospark:\/\/[a-z]+\/PEOPLE\/(.+)$/.exec(decoded(wireId))?.[1] ?? wireId)
}

/** The form in which an id that was not found is told: encoded, like the ids of those who were. */
export const asEncoded = (wireId: string): string =>
  decoded(wireId).startsWith('ciscospark://') ? wireId.replace(/=+$/, '') : encodePersonId(wireId)

const decoded = (wireId: string): string => Buffer.from(wireId, 'base64').toString()
