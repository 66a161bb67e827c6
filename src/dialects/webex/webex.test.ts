import { speaks } from '../../../test/speaks.ts'
import { webex } from './index.ts'
import { WebexError, WebexPerson } from './schema.ts'

speaks(webex, {
  person: WebexPerson,
  error: WebexError,
  missing: 404,
  unacceptable: 404,
  random: ['trackingid'],
})
