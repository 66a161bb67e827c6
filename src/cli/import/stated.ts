import type { Person } from '../../person/person.ts'
import { givenOut } from './columns.ts'

/** Given out by Kith, made of other fields, or told in another way; a row never says it. */
const unsaid: readonly string[] = [...givenOut, 'managerId'] satisfies readonly (keyof Person)[]

/** Of an address or a number, the same. */
const unsaidOfItems: readonly string[] = [
  'id',
  'normalized',
  'createdAt',
  'updatedAt',
  'e164',
  'country',
  'callingCode',
  'nationalNumber',
]

/** Lists that everybody has, and that say nothing when they are empty; an absent one is another than an empty. */
const optionalLists: readonly string[] = ['entitlements', 'certificates']

/** Everybody has them, and one without members says nothing; data of one's own may be empty, and is another than none. */
const bags: readonly string[] = ['socialLinks', 'extraInfo', 'audiences', 'extensions']

/**
 * What a row has to say for a new person to become like this one, by column, as JSON; but for the manager and
 * the groups.
 */
export function statedOf(person: Person): Readonly<Record<string, unknown>> {
  const stated: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(person)) {
    if (unsaid.includes(field) || value === undefined) continue
    const items = field === 'emails' || field === 'phones'
    const said = items ? (value as readonly object[]).map(withoutUnsaid) : value
    if (!isEmpty(field, said)) stated[field] = said
  }
  return stated
}

const withoutUnsaid = (item: object): object =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !unsaidOfItems.includes(name)))

const isEmpty = (field: string, value: unknown): boolean =>
  Array.isArray(value)
    ? value.length === 0 && !optionalLists.includes(field)
    : bags.includes(field) && Object.keys(value as object).length === 0
