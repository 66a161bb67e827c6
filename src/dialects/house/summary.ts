import Type, { type Static } from 'typebox'
import type { VisiblePerson } from '../../privacy/reveal.ts'

const strict = { additionalProperties: false }
const Text = Type.Optional(Type.String())

/** Whoever is named in an answer about something else, as far as the caller may know of them. */
export const PersonSummary = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    displayName: Text,
    givenName: Text,
    familyName: Text,
    pronouns: Text,
    title: Text,
    company: Text,
  },
  { ...strict, title: 'PersonSummary' },
)
export type PersonSummary = Static<typeof PersonSummary>

export function summaryOf(person: VisiblePerson): PersonSummary {
  const { id, displayName, givenName, familyName, pronouns, title, company } = person
  return {
    id,
    ...(displayName !== undefined && { displayName }),
    ...(givenName !== undefined && { givenName }),
    ...(familyName !== undefined && { familyName }),
    ...(pronouns !== undefined && { pronouns }),
    ...(title !== undefined && { title }),
    ...(company !== undefined && { company }),
  }
}
