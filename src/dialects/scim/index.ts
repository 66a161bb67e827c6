import type { Dialect } from '../dialect.ts'
import { refuse } from './errors.ts'
import { extension } from './extension.ts'
import { routes } from './routes.ts'
import { ScimErrorBody } from './told.ts'

/** SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865): what providers of identities write in. Read routes.ts, then users.ts. */
export const scim: Dialect = {
  name: 'scim',
  product: 'SCIM 2.0',
  roots: ['/scim/v2', '/oauth/token'],
  prefix: '/provisioning',
  credentials: [{ in: 'authorization' }],
  mediaTypes: ['application/scim+json', 'application/json'],
  bodyTypes: ['application/scim+json', 'application/json'],
  switches: {},
  extension,
  routes,
  refuse,
  errorSchema: ScimErrorBody,
  personPath: ({ id }) => `/scim/v2/Users/${id}`,
}
