import { expect, it } from 'vitest'
import { mayReach, type Relation, type Welcome } from './permissions.ts'

const stranger: Relation = { connected: false, blocked: false }
const connection: Relation = { connected: true, blocked: false }
const blocked: Relation = { connected: false, blocked: true }

// Direct message, meeting, call.
it.each<[Welcome, string, string]>([
  [{}, 'yes yes no', 'yes yes yes'],
  [{ acceptsDirectMessages: false }, 'no yes no', 'no yes yes'],
  [{ acceptsDirectMessages: false, directMessagesFrom: 'everyone' }, 'no yes no', 'no yes yes'],
  [{ directMessagesFrom: 'connections' }, 'no yes no', 'yes yes yes'],
  [{ directMessagesFrom: 'nobody' }, 'no yes no', 'no yes yes'],
  [{ acceptsMeetingRequests: 'connections' }, 'yes no no', 'yes yes yes'],
  [{ acceptsMeetingRequests: 'nobody' }, 'yes no no', 'yes no yes'],
  [{ acceptsCallsFromStrangers: true }, 'yes yes yes', 'yes yes yes'],
])('lets strangers and connections reach whoever says %o: %s, %s', (welcome, far, near) => {
  const told = (relation: Relation) => {
    const { directMessage, meeting, call } = mayReach(welcome, relation)
    return [directMessage, meeting, call].map((one) => (one ? 'yes' : 'no')).join(' ')
  }
  expect([told(stranger), told(connection)]).toEqual([far, near])
  expect(told(blocked)).toBe('no no no')
})
