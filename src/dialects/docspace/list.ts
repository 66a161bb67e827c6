import { Failure } from '../../failure.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Condition, Order } from '../../search/search.ts'
import type { Call } from '../dialect.ts'
import { numberedPage } from '../paging.ts'
import { enveloped, envelopedList } from './envelope.ts'
import { all, conditionFrom, inGroup, withStatus, withText } from './filter.ts'
import { ModelProblem, Refusal } from './problem.ts'
import { emailOf, projectPerson, projectShort, shownStatus } from './project.ts'
import { pathReader, queryReader } from './read.ts'
import {
  EmailQuery,
  type Existence,
  FilterQuery,
  ListQuery,
  mostInPage,
  SearchQuery,
  Status,
} from './schema.ts'
import { angleOf, wanted } from './view.ts'
import { type EmployeeStatus, employeeStatuses, sortOrders, wordOf } from './words.ts'

const readList = queryReader(ListQuery)
const readSearch = queryReader(SearchQuery)
const readFilter = queryReader(FilterQuery)
const readEmail = queryReader(EmailQuery)
const readStatus = pathReader('GET', 'status', Status)

type Form = 'full' | 'short'

/** The people of a status, narrowed by a group or by text. */
export function listByStatus(call: Call, status: EmployeeStatus): Promise<unknown> {
  const query = readList(call.query)
  return listed(call, query, all(withStatus(status), ...narrowed(query, call)), 'full')
}

export const statusFrom = (text: string): EmployeeStatus =>
  wordOf(employeeStatuses, readStatus(text))

/** The people whom the extended filter leaves. */
export function listByFilter(call: Call, form: Form): Promise<unknown> {
  const query = readFilter(call.query)
  return listed(call, query, conditionFrom(query, call.viewer), form)
}

/** The people of a status whom a text finds; nobody where there is none. */
export function listByText(
  call: Call,
  {
    text,
    status,
    form,
  }: {
    readonly text?: string
    readonly status: EmployeeStatus
    readonly form: Form
  },
): Promise<unknown> {
  const query = readSearch(call.query)
  const sought = text ?? query.query ?? ''
  if (sought.trim() === '') return Promise.resolve(envelopedList(call, { items: [], total: 0 }))
  const group = groupOf(query)
  const inside = group === undefined ? [] : [inGroup(group, call.viewer)]
  return listed(call, query, all(withStatus(status), withText(sought), ...inside), form)
}

/** In a group where it is filtered by one, else with a text. */
function narrowed(query: ListQuery, { viewer }: Call): Condition[] {
  const group = groupOf(query)
  if (group !== undefined) return [inGroup(group, viewer)]
  const { filterValue = '', filterSeparator } = query
  return filterValue.trim() === '' ? [] : [withText(filterValue, filterSeparator)]
}

/** The group of `filterBy=group`; the vendor's server takes no other word for anything. @throws ModelProblem */
function groupOf({ filterBy, filterValue }: ListQuery): string | undefined {
  if (filterBy === undefined) return undefined
  if (filterBy.toLowerCase() !== 'group') {
    throw new ModelProblem('GET', 'filterBy', 'There is a filter by "group" alone.')
  }
  return filterValue
}

type Paging = Pick<ListQuery, 'count' | 'startIndex' | 'sortBy' | 'sortOrder'>

async function listed(
  call: Call,
  paging: Paging,
  condition: Condition,
  form: Form,
): Promise<unknown> {
  const angle = angleOf(call)
  const question = { condition, ...placeOf(call, paging), order: orderFrom(paging), total: true }
  const more = form === 'full' ? wanted : {}
  const { items, total } = await call.directory.search(call.viewer, question, more)
  const project = form === 'full' ? projectPerson : projectShort
  return envelopedList(call, { items: items.map((one) => project(one, angle)), total })
}

/** What of a list a page is. */
export const placeOf = (call: Call, { count = mostInPage, startIndex = 0 }: Paging) =>
  numberedPage(call, startIndex, count)

/** The vendor's words, in any case, and what they are to the directory. */
const orders: Readonly<Record<string, string>> = {
  firstname: 'givenName',
  lastname: 'familyName',
  displayname: 'displayName',
  username: 'userName',
  email: 'emails',
  registrationdate: 'createdAt',
  title: 'title',
  id: 'id',
}

/** By first name, unless another is asked for. @throws ModelProblem */
function orderFrom({ sortBy = 'firstName', sortOrder }: Paging): Order {
  const word = sortBy.trim().toLowerCase()
  const field = Object.hasOwn(orders, word) ? orders[word] : undefined
  if (field === undefined) {
    const words = Object.keys(orders).join(', ')
    throw new ModelProblem('GET', 'sortBy', `There is no order by this, only by ${words}.`)
  }
  return { field, descending: isDescending(sortOrder) }
}

export const isDescending = (order: Paging['sortOrder']): boolean =>
  order !== undefined && wordOf(sortOrders, order) === 'Descending'

// By e-mail address.

/** The person with an address. @throws not_found */
export async function personByEmail(call: Call): Promise<unknown> {
  const person = await holderOf(call, soughtEmail(call))
  if (!person) throw new Failure('not_found', 'No such person')
  return enveloped(call, projectPerson(person, angleOf(call)))
}

/** Whether somebody whom the viewer may know of has an address that they may see. */
export async function existence(call: Call): Promise<unknown> {
  const person = await holderOf(call, soughtEmail(call))
  const found: Existence = person
    ? { exists: true, status: shownStatus(person, call) }
    : { exists: false }
  return enveloped(call, found)
}

/** @throws Refusal */
function soughtEmail({ query }: Call): string {
  const { email = '' } = readEmail(query)
  if (email.trim() !== '') return email.trim()
  throw new Refusal('invalid', 'Incorrect email')
}

/** Whoever has the address, before all as the one that is shown; as far as the viewer sees that they have it. */
export async function holderOf(
  { directory, viewer }: Pick<Call, 'directory' | 'viewer'>,
  email: string,
): Promise<VisiblePerson | undefined> {
  const where: Condition = { op: 'eq', field: 'value', value: email }
  const condition: Condition = { op: 'some', list: 'emails', where }
  const question = { condition, from: { skip: 0 }, limit: mostInPage, total: false }
  const { items } = await directory.search(viewer, question, wanted)
  const isShown = (one: VisiblePerson) => emailOf(one)?.toLowerCase() === email.toLowerCase()
  return items.find(isShown) ?? items[0]
}
