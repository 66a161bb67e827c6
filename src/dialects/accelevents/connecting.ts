import type { ConnectionAction, StateSeen } from '../../gatherings/connecting.ts'
import type { Call, Reply } from '../dialect.ts'
import { done, meet } from './people.ts'

type PersonCall = Call<'/rest/event/:eventUrl/people/:id'>

/** What the vendor's pages have; to take a request back, and to block, is not among it. */
export type Connecting = Extract<ConnectionAction, 'accept' | 'reject' | 'disconnect'> | 'connect'

/** Whoever is met in the event can be connected with, whatever else the caller may know of them. */
export async function connecting(call: PersonCall, action: Connecting): Promise<Reply> {
  const { connector, viewer } = call
  const { person } = await meet(call)
  const { state } = await connector.act(viewer, person, action === 'connect' ? 'request' : action)
  return done(messages[state])
}

/** By what is between the two now. */
const messages: Record<StateSeen, string> = {
  requested: 'Connection request sent successfully.',
  accepted: 'Connection request accepted successfully.',
  rejected: 'Connection request rejected successfully.',
  none: 'Disconnected successfully.',
  blocked: 'Disconnected successfully.',
}
