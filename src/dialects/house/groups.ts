import type { VisibleGroup } from '../../directory/directory.ts'
import type { Intent } from '../../directory/receipts.ts'
import type { PersonId } from '../../person/ids.ts'
import { type Call, get, ok, patch, post, type Reply, type Route, remove } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { once } from './idempotency.ts'
import { pageFrom, textFrom } from './listing.ts'
import { idFrom, made } from './people.ts'
import { projectGroup, projectGroupInList } from './project.ts'
import { GroupPatch, Groups, GroupsQuery, HouseGroup, NewHouseGroup, Problem } from './schema.ts'

export const groupRoutes: readonly Route[] = [
  get('/groups', list, {
    ...{ summary: 'List the groups of my organization', query: GroupsQuery },
    answers: { 200: Groups },
  }),
  post('/groups', create, {
    ...{ summary: 'Create a group', body: NewHouseGroup },
    answers: { 201: HouseGroup, 422: Problem },
  }),
  get('/groups/:id', async (call) => ok(await shown(call, idFrom(call.params.id))), {
    ...{ summary: 'Read a group and who is in it', answers: { 200: HouseGroup } },
  }),
  patch('/groups/:id', update, {
    ...{
      summary: 'Change a group or who is in it',
      body: GroupPatch,
      answers: { 200: HouseGroup },
    },
  }),
  remove('/groups/:id', dissolve, { summary: 'Delete a group', answers: { 204: null } }),
]

const newGroupFrom = input(NewHouseGroup)
const patchFrom = input(GroupPatch)

async function list(call: Call): Promise<Reply> {
  const { viewer, directory, query } = call
  const name = textFrom(query, 'name')
  const { limit, after, headersTo } = pageFrom(call, 'groups')
  const question = {
    ...(name !== undefined && { condition: { op: 'co' as const, field: 'name', value: name } }),
    from: after === undefined ? { skip: 0 } : { after: { key: null, id: after } },
    ...{ limit: limit + 1, total: false },
  }
  const { items } = await directory.searchGroups(viewer, question, false)
  const page = items.slice(0, limit)
  const headers = headersTo(items.length > limit ? page.at(-1)?.id : undefined)
  return { ...ok({ items: page.map(projectGroupInList) }), headers }
}

async function create(call: Call): Promise<Reply> {
  const { name, externalId, description, members = [], owners = [] } = newGroupFrom(call.body)
  const change = {
    name,
    ...(externalId !== undefined && { externalId }),
    ...(description !== undefined && { description }),
    members: { joining: members as PersonId[], leaving: [] },
    owners: { joining: owners as PersonId[], leaving: [] },
  }
  const { id } = await once(call, (intent?: Intent) =>
    call.registrar.found(call.viewer, change, intent),
  )
  return made(call, `/groups/${id}`, await shown(call, id))
}

async function update(call: Call<'/groups/:id'>): Promise<Reply> {
  const id = idFrom(call.params.id)
  const { name, externalId, description, members, owners } = patchFrom(call.body)
  await call.registrar.changeGroup(call.viewer, id, async () => {
    const there = await group(call, id)
    refuseModified(call, projectGroup(there))
    const leaving = (members?.leaving ?? []) as PersonId[]
    const subgroups = new Set(
      (there.members ?? []).flatMap((one) => (one.kind === 'group' ? [one.id] : [])),
    )
    return {
      ...(name !== undefined && { name }),
      ...(externalId !== undefined && { externalId }),
      ...(description !== undefined && { description }),
      members: {
        joining: (members?.joining ?? []) as PersonId[],
        leaving: leaving.filter((one) => !subgroups.has(one)),
      },
      subgroups: { joining: [], leaving: leaving.filter((one) => subgroups.has(one)) },
      owners: {
        joining: (owners?.joining ?? []) as PersonId[],
        leaving: (owners?.leaving ?? []) as PersonId[],
      },
    }
  })
  return ok(await shown(call, id))
}

async function dissolve(call: Call<'/groups/:id'>): Promise<Reply> {
  const id = idFrom(call.params.id)
  await call.registrar.dissolve(call.viewer, id, async () =>
    refuseModified(call, await shown(call, id)),
  )
  return { status: 204 }
}

const group = ({ viewer, directory }: Call, id: string): Promise<VisibleGroup> =>
  directory.group(viewer, id, true)

const shown = async (call: Call, id: string): Promise<unknown> =>
  projectGroup(await group(call, id))
