import Type from 'typebox'
import {
  type Call,
  get,
  ok,
  post,
  postBare,
  postMultipart,
  put,
  putBare,
  type Told,
} from '../dialect.ts'
import { account, updateAccount } from './account.ts'
import { type Connecting, connecting } from './connecting.ts'
import { largestImage, uploadImage } from './images.ts'
import { people, roster } from './listing.ts'
import { asAttendee, asPerson, read, said, update } from './people.ts'
import { createMeeting, schedule } from './schedule.ts'
import {
  AcceleventsAccount,
  AcceleventsAttendee,
  AcceleventsDone,
  AcceleventsPeople,
  AcceleventsPerson,
  AcceleventsRoster,
  AcceleventsSchedule,
  AccountChange,
  MeetingRequest,
  PeopleRequest,
  PersonChange,
  RosterRequest,
  ScheduleRequest,
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
  upload: {
    summary: 'Upload an image',
    body: Type.Object({ file: Type.String({ format: 'binary' }) }),
    answers: { 200: AcceleventsDone },
  },
  schedule: {
    summary: 'My meetings in an event',
    query: ScheduleRequest,
    answers: { 200: AcceleventsSchedule },
  },
  meeting: {
    summary: 'Schedule a meeting',
    body: MeetingRequest,
    answers: { 200: AcceleventsDone },
  },
} satisfies Readonly<Record<string, Told>>

const event = '/rest/event/:eventUrl'

/** What is asked for by the address alone: a body is passed over. */
const connectingAt = (action: Connecting) => {
  const path = `${event}/people/:id/${action}` as const
  const told = { summary: summaries[action], answers: { 200: AcceleventsDone } }
  const handle = (call: Call<typeof path>) => connecting(call, action)
  return [postBare(path, handle, told), putBare(path, handle, told)]
}

const summaries: Record<Connecting, string> = {
  connect: 'Ask somebody for a connection',
  accept: 'Accept a connection request',
  reject: 'Reject a connection request',
  disconnect: 'End a connection',
}

export const routes = [
  get(`${event}/people/:id/profile`, (call) => read(call, asPerson), told.person),
  put(`${event}/people/:id/profile`, (call) => update(call, asPerson), told.update),

  get(`${event}/people/:id`, (call) => read(call, asPerson), told.person),
  put(`${event}/people/:id`, (call) => update(call, asPerson), told.update),

  get(`${event}/attendee/:id`, (call) => read(call, asAttendee), told.attendee),
  put(`${event}/attendee/:id`, (call) => update(call, asAttendee), told.update),

  ...connectingAt('connect'),
  ...connectingAt('accept'),
  ...connectingAt('reject'),
  ...connectingAt('disconnect'),

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

  get(`${event}/people/schedule/all`, (call) => schedule(call, 'all'), told.schedule),
  get(`${event}/people/schedule/upcoming`, (call) => schedule(call, 'upcoming'), told.schedule),
  post(`${event}/people/:id/schedule/create`, (call) => createMeeting(call), told.meeting),

  get(
    '/rest/events/:eventUrl/staff/allAttendees',
    async (call) => ok(await roster(call)),
    told.roster,
  ),

  postMultipart('/rest/event/upload/image', largestImage, uploadImage, told.upload),

  get('/rest/u/myprofile', async (call) => said(await account(call), call), told.account),
  put('/rest/u/myprofile', updateAccount, told.updateAccount),
]
