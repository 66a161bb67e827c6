import type { Person } from '../../person/person.ts'
import { comparableAt, entryOf } from '../../search/matches.ts'
import { personFields } from '../../search/search.ts'
import { type WordRule, wordRules, wordsOf } from '../../search/words.ts'
import type { Tables } from './tables.ts'

// What of a person is searched without reading the record, which is many times as long and has to be taken apart: the
// words, and the fields that lists are mostly ordered and narrowed by, in the form in which they are compared. The
// words are in an index of their own, too.

/** Few and short: of rows that are longer than a quarter of a page the engine keeps a part elsewhere. */
export const digestFields = [
  ...['displayName', 'givenName', 'familyName', 'title', 'company', 'department', 'location'],
  ...['team', 'role', 'activation', 'loginEnabled', 'createdAt', 'updatedAt'],
] as const

/** What stands for a rule in a sum of rules. */
export const bitOf = (rule: WordRule): number => 2 ** wordRules.indexOf(rule)

/** A person's digest; undefined for somebody deleted, who is not searched for. */
export function digestRow(person: Person): Tables['digest'] | undefined {
  if (person.lifecycle === 'deleted') return undefined
  const words: Record<WordRule, string> = { name: '', account: '', contact: '' }
  for (const { word, rule } of wordsOf(person)) words[rule] += ` ${word}`
  const fields = digestFields.map((name) => [
    name,
    comparableAt(person, entryOf(personFields, name)),
  ])
  return { person_id: person.id, ...words, fields: JSON.stringify(Object.fromEntries(fields)) }
}

/** The rows of the index of words that belong to a digest. */
export function wordRows(
  organizationId: string,
  digest: Tables['digest'] | undefined,
): readonly Tables['person_word'][] {
  if (digest === undefined) return []
  const rules = new Map<string, number>()
  for (const rule of wordRules) {
    for (const word of digest[rule].split(' ').slice(1)) {
      rules.set(word, (rules.get(word) ?? 0) + bitOf(rule))
    }
  }
  return [...rules].map(([word, sum]) => ({
    organization_id: organizationId,
    word,
    person_id: digest.person_id,
    rules: sum,
  }))
}
