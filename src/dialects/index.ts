import { accelevents } from './accelevents/index.ts'
import { chakra } from './chakra/index.ts'
import type { Dialect } from './dialect.ts'
import { docspace } from './docspace/index.ts'
import { house } from './house/index.ts'
import { rinkel } from './rinkel/index.ts'
import { scim } from './scim/index.ts'
import { webex } from './webex/index.ts'

/** Every vendor whose language this server speaks. To add one: a folder, and a line here. */
export const dialects: readonly Dialect[] = [accelevents, chakra, docspace, rinkel, webex]

/** The same with the standards, and our own. */
export const spoken: readonly Dialect[] = [...dialects, scim, house]
