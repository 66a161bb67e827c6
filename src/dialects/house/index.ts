import type { Dialect } from '../dialect.ts'
import { availabilityRoutes } from './availability.ts'
import { cardRoutes } from './cards.ts'
import { changeRoutes } from './changes.ts'
import { connectionRoutes } from './connections.ts'
import { eventRoutes } from './events.ts'
import { glimpseRoutes } from './glimpses.ts'
import { groupRoutes } from './groups.ts'
import { keyRoutes } from './keys.ts'
import { meetingRoutes } from './meetings.ts'
import { organizationRoutes } from './organizations.ts'
import { peopleRoutes } from './people.ts'
import { pictureRoutes } from './pictures.ts'
import { preferenceRoutes } from './preferences.ts'
import { presenceRoutes } from './presence.ts'
import { privacyRoutes } from './privacy.ts'
import { refuse } from './problem.ts'
import { Problem } from './schema.ts'
import { topic } from './topic.ts'

/** Our own API, in the record's own words. It also answers for the paths that no dialect has. Read people.ts first. */
export const house: Dialect = {
  name: 'house',
  product: 'Kith',
  roots: ['/pictures'],
  prefix: '/api/v1',
  credentials: [{ in: 'authorization' }],
  mediaTypes: ['application/json'],
  bodyTypes: ['application/json', 'application/merge-patch+json'],
  switches: {},
  // Each topic has a file of its own.
  routes: [
    ...topic('People', [...cardRoutes, ...peopleRoutes]),
    ...topic('Groups', groupRoutes),
    ...topic('Organizations', organizationRoutes),
    ...topic('Keys', keyRoutes),
    ...topic('Changes', changeRoutes),
    ...topic('Privacy', privacyRoutes),
    ...topic('Preferences', preferenceRoutes),
    ...topic('Other eyes', glimpseRoutes),
    ...topic('Pictures', pictureRoutes),
    ...topic('Presence', presenceRoutes),
    ...topic('Connections', connectionRoutes),
    ...topic('Events', eventRoutes),
    ...topic('Availability', availabilityRoutes),
    ...topic('Meetings', meetingRoutes),
  ],
  refuse,
  errorSchema: Problem,
  // draft-ietf-httpapi-ratelimit-headers-10.
  tellAllowance: ({ limit, left, whole }) => ({
    'ratelimit-policy': `"key";q=${limit};w=60`,
    ratelimit: `"key";r=${left};t=${Math.ceil(whole / 1000)}`,
  }),
  personPath: ({ id }) => `/api/v1/people/${id}`,
}
