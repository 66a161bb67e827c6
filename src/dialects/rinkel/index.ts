import type { Dialect } from '../dialect.ts'
import { refuse } from './errors.ts'
import { extension } from './extension.ts'
import { encodeId } from './ids.ts'
import { routes } from './routes.ts'
import { RinkelError } from './schema.ts'

/** Rinkel users v1. Read routes.ts, then project.ts. */
export const rinkel: Dialect = {
  name: 'rinkel',
  product: 'Rinkel',
  roots: ['/v1/users', '/users'],
  prefix: '/rinkel',
  credentials: [{ in: 'header', name: 'x-rinkel-api-key' }],
  mediaTypes: ['application/json'],
  switches: {
    wrapSingle: {
      default: false,
      seed: false,
      effect: 'a single user comes in `{"data": …}`, as in a list',
    },
    nullEmpty: {
      default: false,
      seed: false,
      effect: 'strings that are empty or may not be seen are null in place of `""`',
    },
  },
  extension,
  routes,
  refuse,
  errorSchema: RinkelError,
  personPath: ({ number }, mark) => `/v1/users/${encodeId(number, mark)}`,
}
