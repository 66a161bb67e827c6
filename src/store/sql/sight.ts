import { type Audience, type Audiences, type FieldGroup, fieldGroups } from '../../person/person.ts'

// Who may see what of a person, as a text of one letter for each field group, in the order of `fieldGroups`.

const letters: Record<Audience, string> = {
  everyone: 'e',
  organization: 'o',
  event: 'v',
  connections: 'c',
  nobody: 'n',
}
/** Where the person has not decided. */
const undecided = '-'

export const sightOf = (audiences: Audiences): string =>
  fieldGroups
    .map((group) => {
      const audience = audiences[group]
      return audience === undefined ? undecided : letters[audience]
    })
    .join('')

/** Where in the text the group's letter is, from 1. */
export const placeInSight = (group: FieldGroup): number => fieldGroups.indexOf(group) + 1

/** The letters that stand for any of `audiences`, where `inForce` holds for those who have not decided. */
export const lettersOf = (audiences: readonly Audience[], inForce: Audience): string =>
  audiences.map((audience) => letters[audience]).join('') +
  (audiences.includes(inForce) ? undecided : '')
