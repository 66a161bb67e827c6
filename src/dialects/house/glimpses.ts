import { Failure } from '../../failure.ts'
import { type Call, get, ok, type Reply, type Route } from '../dialect.ts'
import { textFrom } from './listing.ts'
import { idFrom } from './people.ts'
import { inOrder } from './project.ts'
import { GlimpseQuery, HouseGlimpse } from './schema.ts'

export const glimpseRoutes: readonly Route[] = [
  get('/people/:id/as/:dialect', glimpse, {
    ...{ summary: 'Read what somebody else gets of a person in a dialect', query: GlimpseQuery },
    answers: { 200: HouseGlimpse },
  }),
]

/** Byte for byte what the other's own request gets at this moment; their key does not count as used. */
async function glimpse(call: Call<'/people/:id/as/:dialect'>): Promise<Reply> {
  const { viewer, steward, params, query } = call
  const id = idFrom(params.id)
  if (!call.dialects.includes(params.dialect)) {
    throw new Failure('not_found', `dialect: must be one of ${call.dialects.join(', ')}`)
  }
  const event = textFrom(query, 'event')
  const regard = await steward.regard(viewer, id, textFrom(query, 'viewer'))
  const eventUrl = event ?? regard.eventUrl
  const who = { ...regard.person, ...(eventUrl !== undefined && { eventUrl }) }
  const glimpsed = await call.glimpse(params.dialect, regard.keyId, who)
  if (glimpsed) return ok(inOrder(HouseGlimpse, glimpsed))
  throw new Failure(
    'not_found',
    eventUrl === undefined
      ? `event: ${params.dialect} reads people in an event, and this person attends none`
      : `event: the person can not be read in ${params.dialect} there`,
  )
}
