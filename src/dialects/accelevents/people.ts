import type { Encounter, Wanted } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import { numberFrom } from '../../person/ids.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, ok, type Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { acceptPerson, acceptUploads } from './accept.ts'
import { projectAttendee, projectPerson, withoutNulls } from './project.ts'
import { type AcceleventsDone, PersonChange } from './schema.ts'

type PersonCall = Call<'/rest/event/:eventUrl/people/:id'>

/** One of the two forms in which the vendor has a person. */
interface Form {
  readonly project: typeof projectPerson
  readonly wanted?: Wanted
}
export const asPerson: Form = { project: projectPerson }
export const asAttendee: Form = { project: projectAttendee, wanted: { deleted: true } }

/** A body in the form that the switches choose. */
export const formed = (body: object, { switches }: Pick<Call, 'switches'>): object =>
  switches.omitNull ? withoutNulls(body) : body

export const said = (body: object, call: Pick<Call, 'switches'>): Reply => ok(formed(body, call))

export const done = (message: string): Reply =>
  ok({ type: 'Success', message } satisfies AcceleventsDone)

export async function read(call: PersonCall, form: Form): Promise<Reply> {
  return said(form.project(await meet(call, form.wanted), call.switches), call)
}

const readChange = input(PersonChange)

/** What is left out stays. @throws forbidden for somebody whom the viewer may see and not write */
export async function update(call: PersonCall, form: Form): Promise<Reply> {
  const { viewer, gallery, switches, now } = call
  const number = attendeeNumber(call)
  const sent = readChange(call.body)
  const { person } = await meet(call)
  refuseOthers(person)
  await gallery.use(viewer, person.id, async (before) => {
    const encounter = await call.directory.meet(viewer, call.params.eventUrl, number)
    refuseModified(call, formed(form.project(encounter, switches), call))
    const shown = projectAttendee(encounter, {})
    const change = acceptPerson(sent, { before, shown, now: new Date(now).toISOString() })
    return { change, uploads: acceptUploads(sent, shown) }
  })
  return done('Profile updated successfully.')
}

function refuseOthers({ relations }: VisiblePerson): void {
  if (relations.self || relations.administrator) return
  throw new Failure('forbidden', 'Only the person and administrators may update this profile.')
}

export function meet(call: PersonCall, wanted?: Wanted): Promise<Encounter> {
  const number = attendeeNumber(call)
  return call.directory.meet(call.viewer, call.params.eventUrl, number, wanted)
}

function attendeeNumber({ params }: PersonCall): number {
  const number = numberFrom(params.id)
  if (number === undefined) throw new Failure('invalid_id', 'id: not a number that an id can be')
  return number
}
