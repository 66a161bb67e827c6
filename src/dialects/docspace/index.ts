import Type from 'typebox'
import type { Dialect } from '../dialect.ts'
import { refuse, tellAllowance } from './errors.ts'
import { extension } from './extension.ts'
import { routes } from './routes.ts'
import { DocSpaceError, DocSpaceProblem } from './schema.ts'

/** ONLYOFFICE DocSpace, people API 2.0. Read routes.ts, then project.ts. */
export const docspace: Dialect = {
  name: 'docspace',
  product: 'ONLYOFFICE DocSpace',
  roots: ['/api/2.0', '/static'],
  prefix: '/docspace',
  credentials: [
    { in: 'cookie', name: 'asc_auth_key' },
    { in: 'authorization', raw: true, basic: true },
  ],
  mediaTypes: ['application/json', 'text/json', 'text/plain'],
  switches: {
    envelope: {
      default: true,
      seed: false,
      effect: 'the person comes in `{"response": …, "count": 1, …}`; off: the person alone',
    },
    dateObjects: {
      default: false,
      seed: true,
      effect: 'dates are objects `{utcTime, timeZoneOffset}` in place of strings',
    },
    enumNames: {
      default: false,
      seed: true,
      effect:
        '`status`, `activationStatus` and `mobilePhoneActivationStatus` are names in place of numbers',
    },
    seedErrors: {
      default: false,
      seed: true,
      effect: '404 says “User not found” in place of “The user could not be found”',
    },
  },
  extension,
  routes,
  refuse,
  errorSchema: Type.Union([DocSpaceError, DocSpaceProblem]),
  tellAllowance,
  personPath: ({ id }) => `/api/2.0/people/${id}`,
}
