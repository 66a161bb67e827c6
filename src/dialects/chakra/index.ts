import type { Dialect } from '../dialect.ts'
import { refuse } from './errors.ts'
import { routes } from './routes.ts'
import { ChakraError } from './schema.ts'

/** ChakraHQ Users, v1 and v2. Read routes.ts, then project.ts. */
export const chakra: Dialect = {
  name: 'chakra',
  product: 'ChakraHQ Users',
  roots: ['/v1/ext', '/v2/ext', '/v1/health'],
  prefix: '/chakra',
  credentials: [{ in: 'authorization' }],
  mediaTypes: ['application/json'],
  switches: {
    emptyStrings: {
      default: false,
      seed: true,
      effect: 'keys that the vendor’s page types as strings are "" instead of null when empty',
    },
    epochSeconds: {
      default: false,
      seed: false,
      effect: 'times are in seconds since the epoch instead of milliseconds',
    },
  },
  routes,
  refuse,
  errorSchema: ChakraError,
  personPath: ({ id }) => `/v1/ext/user/${id}`,
}
