import type { Dialect } from '../dialect.ts'
import { refuse } from './errors.ts'
import { encodePersonId } from './ids.ts'
import { routes } from './routes.ts'
import { WebexError } from './schema.ts'

/** Webex People v1. Read routes.ts, then project.ts. */
export const webex: Dialect = {
  name: 'webex',
  product: 'Webex People',
  roots: ['/v1/people'],
  prefix: '/webexapis',
  credentials: [{ in: 'authorization' }],
  mediaTypes: ['application/json'],
  switches: {
    keepOmitted: {
      default: true,
      seed: false,
      effect: 'a PUT leaves alone what its body omits, which otherwise is removed',
    },
    seedForm: {
      default: false,
      seed: true,
      effect: 'the body of the vendor’s page: booleans as strings, no `lastModified`',
    },
    stringBooleans: {
      default: false,
      seed: true,
      effect: '`invitePending` and `loginEnabled` are the strings "true" and "false"',
    },
  },
  routes,
  refuse,
  errorSchema: WebexError,
  personPath: ({ id }) => `/v1/people/${encodePersonId(id)}`,
}
