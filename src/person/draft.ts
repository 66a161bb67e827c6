import { Compile } from 'typebox/compile'
import { Failure } from '../failure.ts'
import { refuseAvailability } from './availability.ts'
import { newNumber, newPersonId, type OrganizationId } from './ids.ts'
import { Person } from './person.ts'
import { userNameProblem } from './user-names.ts'

const validator = Compile(Person)

/** What it takes to make a person; everything else has a default or stays unknown. */
export type PersonDraft = Partial<Omit<Person, 'version' | 'updatedAt' | 'touched'>> & {
  readonly organizationId: OrganizationId
  readonly userName: string
}

/** The name to show for somebody for whom none was given: the name's parts, else the user name. */
export const composedName = ({
  givenName,
  familyName,
  userName,
}: Pick<PersonDraft, 'givenName' | 'familyName' | 'userName'>): string =>
  [givenName, familyName].filter(Boolean).join(' ') || userName

/** A first version of a person, at the instant `now`. @throws invalid, naming the field */
export function newPerson(draft: PersonDraft, now: string): Person {
  const createdAt = draft.createdAt ?? now
  const person = checkedPerson({
    id: newPersonId(),
    number: newNumber(),
    type: 'person',
    displayName: composedName(draft),
    emails: [],
    phones: [],
    addresses: [],
    contacts: [],
    socialLinks: {},
    interests: [],
    extraInfo: {},
    roles: [],
    licenses: [],
    lifecycle: 'active',
    activation: 'activated',
    loginEnabled: true,
    flags: {
      owner: false,
      administrator: false,
      roomAdministrator: false,
      guest: false,
      plainUser: true,
      ldap: false,
      sso: false,
    },
    audiences: {},
    extensions: {},
    ...draft,
    createdAt,
    updatedAt: createdAt,
    touched: {},
    version: 1,
  })
  if (person.meetingAvailability) refuseAvailability(person.meetingAvailability)
  return person
}

/** The record itself, if it is one. @throws invalid, naming the first field that is wrong and why */
export function checkedPerson(record: unknown): Person {
  // First, since other fields may be made of it.
  const { userName } = record as { userName?: unknown }
  const problem = typeof userName === 'string' ? userNameProblem(userName) : undefined
  if (problem) throw new Failure('invalid', `userName: ${problem}`)
  if (!validator.Check(record)) {
    const [error] = validator.Errors(record)
    const field = error?.instancePath.slice(1).replaceAll('/', '.') || 'the person'
    throw new Failure('invalid', `${field}: ${error?.message ?? 'is not as the record wants it'}`)
  }
  return record
}
