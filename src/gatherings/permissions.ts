import type { Person } from '../person/person.ts'

/** What people decide about who may reach them; what they have not decided is as the defaults below say. */
export type Welcome = Pick<
  Person,
  | 'acceptsDirectMessages'
  | 'directMessagesFrom'
  | 'acceptsMeetingRequests'
  | 'acceptsCallsFromStrangers'
>

/** What is between who wants to reach somebody and that person. */
export interface Relation {
  /** Each has said yes to the other. */
  readonly connected: boolean
  /** One of the two, whoever it is, wants nothing of the other. */
  readonly blocked: boolean
}

/** What somebody may do to reach a person. */
export interface Permissions {
  readonly directMessage: boolean
  /** Ask for a meeting. */
  readonly meeting: boolean
  readonly call: boolean
}

const nothing: Permissions = { directMessage: false, meeting: false, call: false }

/** Unless they say otherwise, people take messages and requests for meetings from everyone, and calls of connections. */
export function mayReach(
  {
    acceptsDirectMessages = true,
    directMessagesFrom = 'everyone',
    acceptsMeetingRequests = 'everyone',
    acceptsCallsFromStrangers = false,
  }: Welcome,
  { connected, blocked }: Relation,
): Permissions {
  if (blocked) return nothing
  const among: Record<'everyone' | 'connections' | 'nobody', boolean> = {
    everyone: true,
    connections: connected,
    nobody: false,
  }
  return {
    directMessage: acceptsDirectMessages && among[directMessagesFrom],
    meeting: among[acceptsMeetingRequests],
    call: connected || acceptsCallsFromStrangers,
  }
}
