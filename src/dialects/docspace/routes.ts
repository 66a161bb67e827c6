import { Failure } from '../../failure.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, get, getOpen, ok } from '../dialect.ts'
import { fieldsFrom, trimmed } from './fields.ts'
import { keyFrom } from './ids.ts'
import { defaultPicture } from './pictures.ts'
import { projectPerson } from './project.ts'

const wanted = { groups: true, createdBy: true }

export const routes = [
  get('/api/2.0/people/@self', async (call) =>
    ok(answer(call, await call.directory.me(call.viewer, wanted), true)),
  ),

  get('/api/2.0/people/:userId', async (call) => {
    const key = keyFrom(call.params.userId)
    return ok(answer(call, await call.directory.find(call.viewer, key, wanted), false))
  }),

  getOpen('/static/images/:name', async ({ params }) => {
    const body = defaultPicture(params.name)
    if (!body) throw new Failure('no_such_path', 'Not Found')
    // Its address holds a hash of its bytes.
    const headers = {
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
    }
    return { status: 200, body, headers }
  }),
]

/** The person in the vendor's envelope. */
function answer(call: Call, person: VisiblePerson, asSelf: boolean): unknown {
  const { base, switches, url, query, viewer } = call
  const { timeZone, plain } = viewer
  const whole = projectPerson(person, { base, timeZone, plain, asSelf, switches })
  const fields = fieldsFrom(query)
  const response = fields ? trimmed(whole, fields) : whole
  if (!switches.envelope) return response
  return { response, count: 1, links: [{ href: url, action: 'GET' }], status: 0, statusCode: 200 }
}
