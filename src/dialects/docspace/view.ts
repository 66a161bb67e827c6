import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call, Method } from '../dialect.ts'
import { enveloped, type Frame } from './envelope.ts'
import { type Angle, projectPerson } from './project.ts'

/** What the whole form of a person takes. */
export const wanted = { groups: true, createdBy: true }

/** How the caller looks at people. */
export const angleOf = (
  { base, switches, viewer, pictureAddress }: Call,
  asSelf = false,
): Angle => {
  const { timeZone, plain } = viewer
  return { base, timeZone, plain, asSelf, switches, pictureAddress }
}

/** The caller as they see themselves. @throws not_found for a service */
export async function viewSelf(call: Call): Promise<unknown> {
  const person = await call.directory.me(call.viewer, wanted)
  return enveloped(call, projectPerson(person, angleOf(call, true)))
}

/** A person as an answer to this call. */
export const view = (
  call: Call,
  person: VisiblePerson,
  method: Method = 'GET',
  frame: Frame = call,
): unknown => enveloped(frame, projectPerson(person, angleOf(call)), method)
