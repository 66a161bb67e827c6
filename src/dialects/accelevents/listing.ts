import type { Encounter, PageInquiry } from '../../directory/directory.ts'
import type { Listed } from '../../directory/pages.ts'
import { Failure } from '../../failure.ts'
import type { Condition } from '../../search/search.ts'
import { termsOf } from '../../search/words.ts'
import type { Call } from '../dialect.ts'
import { input } from '../input.ts'
import { numberedPage } from '../paging.ts'
import { formed } from './people.ts'
import { projectEntry, projectPerson } from './project.ts'
import { PeopleRequest, RosterRequest } from './schema.ts'

type EventCall = Call<'/rest/event/:eventUrl'>

const readRequest = input(PeopleRequest)
const readRoster = input(RosterRequest)

/** Which people: all who attend, those with whom the viewer is connected, or those whom they may like to meet. */
type Choice = 'all' | 'connected' | 'suggested'

export async function people(call: EventCall, choice: Choice): Promise<object> {
  const request = readRequest(call.body ?? {})
  const chosen = await conditionOf(call, choice)
  const page = await pageOf(call, request, [...chosen, ...filtersOf(request)])
  const { items, recordsTotal, recordsFiltered } = page
  const data = items.map((one) => formed(projectPerson(one, call.switches), call))
  return { recordsTotal, recordsFiltered, data }
}

export async function roster(call: EventCall): Promise<object> {
  const request = readRoster(requestFrom(call.query))
  const page = await pageOf(call, request, sought(request.searchString))
  const { items, recordsTotal, recordsFiltered } = page
  const attendees = items.map((one) => formed(projectEntry(one), call))
  return { attendees, recordsFiltered, recordsTotal }
}

interface Page {
  readonly items: readonly Encounter[]
  readonly recordsTotal: number
  readonly recordsFiltered: number
}

async function pageOf(
  call: EventCall,
  { page = 0, size = 10 }: Pick<PeopleRequest, 'page' | 'size'>,
  conditions: readonly Condition[],
): Promise<Page> {
  const fitting = await ask(call, {
    ...(conditions.length > 0 && { condition: { op: 'and', of: conditions } }),
    ...{ ...numberedPage(call, page * size, size), total: true },
  })
  const { items, total: recordsFiltered = 0 } = fitting
  if (conditions.length === 0) return { items, recordsTotal: recordsFiltered, recordsFiltered }
  const everybody = await ask(call, { from: { skip: 0 }, limit: 0, total: true })
  // In a walk those who fitted are counted though they are gone.
  const recordsTotal = Math.max(everybody.total ?? 0, recordsFiltered)
  return { items, recordsTotal, recordsFiltered }
}

const ask = (
  { directory, viewer, params }: EventCall,
  question: PageInquiry,
): Promise<Listed<Encounter>> => directory.attendees(viewer, params.eventUrl, question)

/** A query's texts as the schema wants them. @throws invalid */
function requestFrom(query: URLSearchParams): Record<string, unknown> {
  const searchString = query.get('searchString')
  return {
    ...countFrom(query, 'page'),
    ...countFrom(query, 'size'),
    ...(searchString !== null && { searchString }),
  }
}

/** @throws invalid */
export function countFrom(query: URLSearchParams, name: string): Record<string, number> {
  const text = query.get(name)
  if (text === null || text === '') return {}
  if (/^\d{1,9}$/.test(text)) return { [name]: Number(text) }
  throw new Failure('invalid', `${name}: must be a whole number`)
}

// Conditions.

const nobody: Condition = { op: 'not', of: { op: 'present', field: 'id' } }

async function conditionOf(call: EventCall, choice: Choice): Promise<readonly Condition[]> {
  if (choice === 'all') return []
  if (choice === 'connected') return [{ op: 'connection', state: 'accepted' }]
  const { personId } = call.viewer
  if (personId === undefined) return [nobody]
  const { interests = [] } = await call.directory.me(call.viewer)
  return [
    { op: 'not', of: { op: 'eq', field: 'id', value: personId } },
    { op: 'connection', state: 'none' },
    anyOf(interests.map(interestedIn)),
  ]
}

function filtersOf(request: PeopleRequest): readonly Condition[] {
  const { searchString, title, company, interest, interestIds } = request
  const among = (field: string) => (value: string) => ({ op: 'eq', field, value }) as const
  const choices = [
    (title ?? []).map(among('title')),
    (company ?? []).map(among('company')),
    [...(interest ?? []), ...(interestIds ?? [])].map(interestedIn),
  ]
  return [...sought(searchString), ...choices.filter((one) => one.length > 0).map(anyOf)]
}

const interestedIn = (value: string): Condition => someInterest('eq', value)

const someInterest = (op: 'eq' | 'co', value: string): Condition => ({
  ...{ op: 'some', list: 'interests', where: { op, field: 'value', value } },
})

/** What was typed, as the beginnings of words of the person, or as it stands in what the vendor searches too. */
function sought(text: string | null | undefined): readonly Condition[] {
  const value = text?.trim() ?? ''
  if (value === '') return []
  const terms = termsOf(value).map((prefix): Condition => ({ op: 'word', prefix }))
  return [
    anyOf([
      ...(terms.length > 0 ? [{ op: 'and', of: terms } as const] : []),
      { op: 'co', field: 'title', value },
      { op: 'co', field: 'company', value },
      someInterest('co', value),
    ]),
  ]
}

const anyOf = (of: readonly Condition[]): Condition => (of.length > 0 ? { op: 'or', of } : nobody)
