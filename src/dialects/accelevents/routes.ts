import { get, ok, post, put, type Told } from '../dialect.ts'
import { account, updateAccount } from './account.ts'
import { people, roster } from './listing.ts'
import { asAttendee, asPerson, read, said, update } from './people.ts'
import {
  AcceleventsAccount,
  AcceleventsAttendee,
  AcceleventsDone,
  AcceleventsPeople,
  AcceleventsPerson,
  AcceleventsRoster,
  AccountChange,
  PeopleRequest,
  PersonChange,
  RosterRequest,
} from './schema.ts'

const told = {
  person: { summary: 'People profile details', answers: { 200: AcceleventsPerson } },
  attendee: { summary: 'Attendee details', answers: { 200: AcceleventsAttendee } },
  update: { summary: 'Update a profile', body: PersonChange, answers: { 200: AcceleventsDone } },
  people: { summary: 'People list', body: PeopleRequest, answers: { 200: AcceleventsPeople } },
  roster: { summary: 'All attendees', query: RosterRequest, answers: { 200: AcceleventsRoster } },
  account: { summary: 'My profile', answers: { 200: AcceleventsAccount } },
  updateAccount: {
    summary: 'Update my profile',
    body: AccountChange,
    answers: { 200: AcceleventsDone },
  },
} satisfies Readonly<Record<string, Told>>

const event = '/rest/event/:eventUrl'

export const routes = [
  get(`${event}/people/:id/profile`, (call) => read(call, asPerson), told.person),
  put(`${event}/people/:id/profile`, (call) => update(call, asPerson), told.update),

  get(`${event}/people/:id`, (call) => read(call, asPerson), told.person),
  put(`${event}/people/:id`, (call) => update(call, asPerson), told.update),

  get(`${event}/attendee/:id`, (call) => read(call, asAttendee), told.attendee),
  put(`${event}/attendee/:id`, (call) => update(call, asAttendee), told.update),

  post(`${event}/people`, async (call) => ok(await people(call, 'all')), told.people),
  post(
    `${event}/people/connected`,
    async (call) => ok(await people(call, 'connected')),
    told.people,
  ),
  post(
    `${event}/people/myConnections`,
    async (call) => ok(await people(call, 'connected')),
    told.people,
  ),
  post(
    `${event}/people/suggested`,
    async (call) => ok(await people(call, 'suggested')),
    told.people,
  ),

  get(
    '/rest/events/:eventUrl/staff/allAttendees',
    async (call) => ok(await roster(call)),
    told.roster,
  ),

  get('/rest/u/myprofile', async (call) => said(await account(call), call), told.account),
  put('/rest/u/myprofile', updateAccount, told.updateAccount),
]
