import type { Encounter, Wanted } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import { numberFrom } from '../../person/ids.ts'
import { type Call, get, ok, type Reply } from '../dialect.ts'
import { projectAttendee, projectPerson, withoutNulls } from './project.ts'

export const routes = [
  get('/rest/event/:eventUrl/people/:id/profile', (call) => person(call)),

  get('/rest/event/:eventUrl/people/:id', (call) => person(call)),

  get('/rest/event/:eventUrl/attendee/:id', async (call) => {
    const encounter = await meet(call, { deleted: true })
    return said(projectAttendee(encounter, call.switches), call)
  }),
]

type PersonCall = Call<'/rest/event/:eventUrl/people/:id'>

async function person(call: PersonCall): Promise<Reply> {
  return said(projectPerson(await meet(call), call.switches), call)
}

async function meet(call: PersonCall, wanted?: Wanted): Promise<Encounter> {
  const { viewer, directory, params } = call
  const number = numberFrom(params.id)
  if (number === undefined) throw new Failure('invalid_id', 'id: not a number that an id can be')
  return directory.meet(viewer, params.eventUrl, number, wanted)
}

const said = (body: object, { switches }: PersonCall): Reply =>
  ok(switches.omitNull ? withoutNulls(body) : body)
