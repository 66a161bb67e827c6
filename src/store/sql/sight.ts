import { type Audience, type Audiences, type FieldGroup, fieldGroups } from '../../person/person.ts'
import { audiencesByDefault } from '../../search/matches.ts'

// Who may see what of a person, as a text of one letter for each field group, in the order of `fieldGroups`.

export const letters: Record<Audience, string> = {
  everyone: 'e',
  organization: 'o',
  event: 'v',
  connections: 'c',
  nobody: 'n',
}
/** Where the person has not decided. */
export const undecided = '-'

export const sightOf = (audiences: Audiences): string =>
  fieldGroups
    .map((group) => {
      const audience = audiences[group]
      return audience === undefined ? undecided : letters[audience]
    })
    .join('')

/** What holds in an organization for those who have not decided: nothing in it is undecided. */
export const organizationSightOf = (audiences: Audiences): string =>
  sightOf(audiencesByDefault(audiences))

/** Where in the text the group's letter is, from 1. */
export const placeInSight = (group: FieldGroup): number => fieldGroups.indexOf(group) + 1
