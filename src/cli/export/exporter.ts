import type { HeldPerson, Organization, Store } from '../../directory/ports.ts'
import { type Format, toldOf } from './formats.ts'

export interface ExportParts {
  readonly store: Pick<Store, 'people'>
  readonly organization: Organization
  readonly format: Format
  /** Deleted people too. */
  readonly deleted: boolean
  /** How many are read at once. */
  readonly pageSize?: number
  /** How far it has come, from 0 to 1, and with how many people. */
  readonly onPage: (part: number, people: number) => void
}

export interface Exported {
  readonly people: number
  /** Of how many people the format could not hold a field as it is. */
  readonly lost: ReadonlyMap<string, number>
}

/**
 * Gives the text of a file to `write`, piece by piece. People are read by id, a page at a time, so who comes or
 * changes meanwhile is in it as they were when their page was read, or not at all.
 */
export async function exportPeople(
  { store, organization, format, deleted, pageSize = 500, onPage }: ExportParts,
  write: (text: string) => Promise<void>,
): Promise<Exported> {
  const lost = new Map<string, number>()
  let people = 0
  const note = (fields: readonly string[]) => {
    for (const field of fields) lost.set(field, (lost.get(field) ?? 0) + 1)
  }

  function textOf(held: HeldPerson): string {
    const told = toldOf(held)
    const written = format.write(told.stated, held.person.id)
    note([...told.lost, ...written.lost])
    people += 1
    return written.text
  }

  if (format.head !== '') await write(format.head)
  let page = await pageAfter(undefined)
  for (let last = page.at(-1); last; last = page.at(-1)) {
    const those = page.filter(({ person }) => deleted || person.lifecycle !== 'deleted')
    await write(those.map(textOf).join(''))
    onPage(placeOf(last.person.id), people)
    page = await pageAfter(last)
  }
  onPage(1, people)
  return { people, lost }

  function pageAfter(last: HeldPerson | undefined): Promise<readonly HeldPerson[]> {
    const after = last && { after: last.person.id }
    const beside = { groups: true, manager: true }
    return store.people.inOrganization(organization.id, { ...after, limit: pageSize }, beside)
  }
}

/** How many of all ids come before one: they are random. */
const placeOf = (id: string): number => Number.parseInt(id.slice(0, 8), 16) / 2 ** 32
