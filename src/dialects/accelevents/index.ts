import type { Dialect } from '../dialect.ts'
import { refuse } from './errors.ts'
import { routes } from './routes.ts'
import { AcceleventsError } from './schema.ts'

/** Accelevents, People in an event. Read routes.ts, then project.ts. */
export const accelevents: Dialect = {
  name: 'accelevents',
  product: 'Accelevents People',
  roots: ['/rest'],
  prefix: '/accelevents',
  // The vendor's pages name all three.
  credentials: [
    { in: 'header', name: 'key' },
    { in: 'authorization', raw: true },
    { in: 'header', name: 'authentication' },
  ],
  mediaTypes: ['application/json'],
  switches: {
    displayNames: {
      default: false,
      seed: true,
      effect:
        '`acceptMeetingRequests` is `Everyone`, `My Connection` or `No one`, as on the vendor’s page',
    },
    ianaEquivalent: {
      default: false,
      seed: false,
      effect: '`equivalentTimezone` is the canonical IANA name instead of the Windows one',
    },
    omitNull: {
      default: false,
      seed: false,
      effect: 'fields that are null are left out',
    },
  },
  routes,
  refuse,
  errorSchema: AcceleventsError,
  personPath: ({ number, eventUrl }) =>
    eventUrl === undefined
      ? undefined
      : `/rest/event/${encodeURIComponent(eventUrl)}/people/${number}/profile`,
}
