import type { Question, VisibleGroup } from '../../directory/directory.ts'
import type { GroupChange } from '../../directory/registrar.ts'
import { Failure } from '../../failure.ts'
import { type PersonId, personIdFrom } from '../../person/ids.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Condition } from '../../search/search.ts'
import type { Call, Method } from '../dialect.ts'
import { refuseModified } from '../precondition.ts'
import { present } from '../present.ts'
import { enveloped, envelopedList, type Frame } from './envelope.ts'
import { all, everybody } from './filter.ts'
import { isDescending, placeOf } from './list.ts'
import { ModelProblem, Refusal } from './problem.ts'
import { projectGroups, projectPerson } from './project.ts'
import { bodyReader, queryReader } from './read.ts'
import { refuseVersion } from './rights.ts'
import {
  type DocSpaceGroup,
  GroupMembers,
  GroupQuery,
  GroupsQuery,
  GroupUpdate,
  NewGroup,
} from './schema.ts'
import { angleOf, wanted } from './view.ts'

const readGroups = queryReader(GroupsQuery)
const readGroup = queryReader(GroupQuery)
const readNew = bodyReader('POST', NewGroup)
const readUpdate = bodyReader('PUT', GroupUpdate)

/** The groups of the portal, by title. */
export async function listGroups(call: Call): Promise<unknown> {
  const { userId, manager, filterValue = '', sortBy = 'title', ...paging } = readGroups(call.query)
  if (sortBy.trim().toLowerCase() !== 'title') {
    throw new ModelProblem('GET', 'sortBy', 'There is no order by this, only by title.')
  }
  const named: Condition = { op: 'co', field: 'name', value: filterValue.trim() }
  const condition = all(
    ...(filterValue.trim() === '' ? [] : [named]),
    ...(userId === undefined ? [] : [await groupsOf(call, userId, manager === true)]),
  )
  const order = { field: 'name', descending: isDescending(paging.sortOrder) }
  const question: Question = { condition, order, ...placeOf(call, paging), total: true }
  const { items, total } = await call.directory.searchGroups(call.viewer, question, true)
  return envelopedList(call, {
    items: items.map((one) => projectGroup(one, seen(one, call))),
    total,
  })
}

/** Those that somebody is in, or also manages, as far as the caller is told. */
async function groupsOf(call: Call, userId: string, managed: boolean): Promise<Condition> {
  const person = await somebody(call, userId)
  const groups = (person?.groups ?? []).filter(
    ({ manager }) => !managed || manager?.id === person?.id,
  )
  if (groups.length === 0) return { op: 'not', of: everybody }
  return { op: 'or', of: groups.map(({ id }) => ({ op: 'eq', field: 'id', value: id })) }
}

/** The groups of one person, in short; none of somebody of whom there is nothing to be told. */
export async function listGroupsOf(call: Call, userId: string): Promise<unknown> {
  const person = await somebody(call, userId)
  return envelopedList(call, { items: person ? projectGroups(person) : [] })
}

/** The person, if the caller is told of their groups. */
async function somebody(
  { directory, viewer }: Call,
  userId: string,
): Promise<VisiblePerson | undefined> {
  const id = personIdFrom(userId)
  if (!id || (viewer.plain && viewer.personId !== id)) return undefined
  const [person] = await directory.findAll(viewer, [id], wanted)
  return person
}

export const showGroup = async (call: Call, id: string): Promise<unknown> =>
  groupView(call, await group(call, id))

export async function addGroup(call: Call): Promise<unknown> {
  const { groupName, groupManager, members = [] } = readNew(call.body)
  refuseManager('POST', groupManager)
  refuseVersion(call)
  // What is wrong with the query must be known before there is a group.
  readGroup(call.query)
  const change = { name: groupName, members: { joining: idsOf(members), leaving: [] } }
  const id = await call.registrar.found(call.viewer, change)
  return groupView(call, await group(call, id), 'POST')
}

export async function updateGroup(call: Call, id: string): Promise<unknown> {
  const { groupName, groupManager, membersToAdd, membersToRemove } = readUpdate(call.body)
  refuseManager('PUT', groupManager)
  const joining = idsOf(membersToAdd ?? [])
  const leaving = idsOf(membersToRemove ?? [])
  return changeGroup(call, id, 'PUT', () => ({
    ...(groupName !== undefined && { name: groupName }),
    members: { joining, leaving },
  }))
}

export async function deleteGroup(call: Call, id: string): Promise<unknown> {
  const there = await group(call, id)
  await call.registrar.dissolve(call.viewer, there.id, async () => {
    refuseModified(call, await groupView(call, await group(call, id)))
  })
  return enveloped(call, undefined, 'DELETE')
}

type MembersMethod = 'POST' | 'PUT' | 'DELETE'

const readMembers = {
  POST: bodyReader('POST', GroupMembers),
  PUT: bodyReader('PUT', GroupMembers),
  DELETE: bodyReader('DELETE', GroupMembers),
}

/** Members put in place of those who are there, added to them, or taken from them. */
export async function changeMembers(
  call: Call,
  id: string,
  method: MembersMethod,
): Promise<unknown> {
  const ids = idsOf(readMembers[method](call.body).members)
  return changeGroup(call, id, method, ({ members = [] }) => {
    if (method === 'PUT') return { members: { joining: ids, leaving: [] } }
    if (method === 'DELETE') return { members: { joining: [], leaving: ids } }
    const there = members.filter(({ kind }) => kind === 'person').map((one) => one.id as PersonId)
    const [before, after] = [new Set(there), new Set(ids)]
    const joining = ids.filter((one) => !before.has(one))
    return { members: { joining, leaving: there.filter((one) => !after.has(one)) } }
  })
}

async function changeGroup(
  call: Call,
  id: string,
  method: Method,
  changeOf: (group: VisibleGroup) => GroupChange,
): Promise<unknown> {
  const { id: known } = await group(call, id)
  // What has a version is the group, whose address this may be below.
  const url = call.url.replace(/\/members\/?(?=\?|$)/, '')
  const { query, switches } = call
  await call.registrar.changeGroup(call.viewer, known, async () => {
    const there = await group(call, known)
    refuseModified(call, await groupView(call, there, 'GET', { url, query, switches }))
    return changeOf(there)
  })
  return groupView(call, await group(call, known), method)
}

/** @throws Refusal */
async function group({ directory, viewer }: Call, id: string): Promise<VisibleGroup> {
  try {
    return await directory.group(viewer, id.toLowerCase(), true)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'not_found') throw error
    throw new Refusal('not_found', 'group not found')
  }
}

async function groupView(
  call: Call,
  group: VisibleGroup,
  method: Method = 'GET',
  frame: Frame = call,
): Promise<unknown> {
  const { includeMembers = true } = readGroup(call.query)
  const ids = seen(group, call)
  const people = includeMembers ? await call.directory.findAll(call.viewer, ids, wanted) : undefined
  const angle = angleOf(call)
  const members = people?.map((person) => projectPerson(person, angle))
  return enveloped(frame, projectGroup(group, ids, members), method)
}

/** The people who are in it, of whom a plain user is told themselves alone. */
const seen = ({ members = [] }: VisibleGroup, { viewer }: Call): PersonId[] =>
  members
    .filter(({ kind, id }) => kind === 'person' && !(viewer.plain && id !== viewer.personId))
    .map(({ id }) => id as PersonId)

/** The vendor's groups are in no category. */
const noCategory = '00000000-0000-0000-0000-000000000000'

const projectGroup = (
  { id, name }: VisibleGroup,
  memberIds: readonly PersonId[],
  members?: DocSpaceGroup['members'],
): DocSpaceGroup =>
  present<DocSpaceGroup>({
    name,
    category: noCategory,
    id,
    isLDAP: false,
    members,
    membersCount: memberIds.length,
  })

/** There is nowhere yet to keep who manages a group. @throws ModelProblem unless it is nobody */
function refuseManager(method: Method, id: string | undefined): void {
  if (id === undefined || id === noCategory) return
  throw new ModelProblem(method, 'groupManager', 'A manager can not be set here.')
}

const idsOf = (ids: readonly string[]): PersonId[] => ids.flatMap((id) => personIdFrom(id) ?? [])
