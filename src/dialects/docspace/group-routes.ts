import Type from 'typebox'
import { get, ok, post, put, type Route, remove } from '../dialect.ts'
import {
  addGroup,
  changeMembers,
  deleteGroup,
  listGroups,
  listGroupsOf,
  showGroup,
  updateGroup,
} from './groups.ts'
import {
  DocSpaceGroup,
  enveloped,
  FieldsQuery,
  GroupMembers,
  GroupQuery,
  GroupSummary,
  GroupsQuery,
  GroupUpdate,
  NewGroup,
} from './schema.ts'
import { tellList, tellOne, tellWrite } from './told.ts'

const root = '/api/2.0/group'

export const groupRoutes = [
  get(
    root,
    async (call) => ok(await listGroups(call)),
    tellList('Get groups', DocSpaceGroup, GroupsQuery),
  ),

  get(
    `${root}/:id`,
    async (call) => ok(await showGroup(call, call.params.id)),
    tellOne('Get a group', DocSpaceGroup, GroupQuery),
  ),

  get(`${root}/user/:userId`, async (call) => ok(await listGroupsOf(call, call.params.userId)), {
    summary: 'Get user groups',
    query: FieldsQuery,
    answers: { 200: enveloped(Type.Array(GroupSummary)) },
  }),

  post(
    root,
    async (call) => ok(await addGroup(call)),
    tellWrite('POST', 'Add a new group', DocSpaceGroup, NewGroup),
  ),

  put(
    `${root}/:id`,
    async (call) => ok(await updateGroup(call, call.params.id)),
    tellWrite('PUT', 'Update a group', DocSpaceGroup, GroupUpdate),
  ),

  remove(
    `${root}/:id`,
    async (call) => ok(await deleteGroup(call, call.params.id)),
    tellWrite('DELETE', 'Delete a group'),
  ),

  post(
    `${root}/:id/members`,
    async (call) => ok(await changeMembers(call, call.params.id, 'POST')),
    tellWrite('POST', 'Replace group members', DocSpaceGroup, GroupMembers),
  ),

  put(
    `${root}/:id/members`,
    async (call) => ok(await changeMembers(call, call.params.id, 'PUT')),
    tellWrite('PUT', 'Add group members', DocSpaceGroup, GroupMembers),
  ),

  withBody(
    remove(
      `${root}/:id/members`,
      async (call) => ok(await changeMembers(call, call.params.id, 'DELETE')),
      tellWrite('DELETE', 'Remove group members', DocSpaceGroup, GroupMembers),
    ),
  ),
]

/** The vendor names in a body whom a DELETE is about. */
function withBody(route: Route): Route {
  return { ...route, body: 'json' }
}
