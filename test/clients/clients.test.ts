import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePersonId } from '../../src/dialects/webex/ids.ts'
import { webex } from '../../src/dialects/webex/index.ts'
import * as cast from '../cast.ts'
import { type ViewerName, type World, world } from '../world.ts'
import { got, patience, preload, tell } from './tell.ts'

const { ada, askers } = cast
const idOf = ({ id }: { readonly id: string }) => encodePersonId(id)
const nobody = '00000000-0000-4000-8000-000000000000'
// In base64 it would have one of the two characters in which the URL-safe alphabet differs.
const garbage = '~garbage'
// More than a batch of the plugin's, which is ten.
const { deleted: _, ...there } = askers
const crowd = [
  ada,
  cast.manager,
  cast.creator,
  cast.reportee,
  cast.groupManager,
  ...Object.values(there),
]
const ids = {
  ada: idOf(ada),
  uuid: ada.id,
  padded: Buffer.from(`ciscospark://us/PEOPLE/${ada.id}`).toString('base64'),
  many: crowd.map(idOf),
  unknown: encodePersonId(nobody),
  unknownUuid: nobody,
  garbage,
}

let one: World
let origin: string

beforeAll(async () => {
  one = await world()
  origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => one.app.close())

/** What `as` is answered without a client in between. */
async function plainly(as: ViewerName) {
  const person = async (id: string) => (await one.ask(webex, `/v1/people/${id}`, { as })).body
  return {
    me: await person('me'),
    ada: await person(ids.ada),
    crowd: await Promise.all(ids.many.map(person)),
  }
}

const failed = (like: object | string) => ({
  failed: typeof like === 'string' ? like : expect.objectContaining(like),
})

const errand = (as: ViewerName, base: string) => ({
  ...{ url: origin + base, token: one.keys[as].secret, ids },
})

const viewers = ['colleague', 'outsider', 'service'] as const
const bases = ['/v1', '/webexapis/v1'] as const

describe.concurrent.for(bases.flatMap((base) => viewers.map((as) => [as, base] as const)))(
  'for a key of %s at %s',
  ([as, base]) => {
    it('@webex/plugin-people reads what there is and is told what there is not', {
      timeout: patience + 10_000,
    }, async () => {
      const told = await tell('webex-plugin.cjs', errand(as, base))
      const { me, ada: her, crowd: everybody } = await plainly(as)
      // The form in which the plugin awaits an id that it did not get as one of the vendor's.
      const encodedGarbage = Buffer.from(`ciscospark://us/PEOPLE/${garbage}`).toString('base64url')
      expect(told).toEqual({
        answers: {
          me: as === 'service' ? failed({ name: 'NotFound', status: 404 }) : got(me),
          one: got(her),
          byRecord: got(her),
          byUuid: got(her),
          many: got(everybody),
          page: got(everybody),
          unknown: failed(ids.unknown),
          unknownUuid: failed(ids.unknown),
          garbage: failed(encodedGarbage),
          mixed: got([
            { status: 'rejected', reason: ids.unknown },
            { status: 'fulfilled', value: her },
            { status: 'rejected', reason: encodedGarbage },
            { status: 'fulfilled', value: her },
          ]),
          unfiltered: failed({ name: 'BadRequest', status: 400 }),
        },
        strayed: [],
      })
    })

    it('node-sparky reads what there is and is told what there is not', {
      timeout: patience + 10_000,
    }, async () => {
      const told = await tell('sparky.cjs', errand(as, base), preload)
      const { me, ada: her, crowd: everybody } = await plainly(as)
      const missing = failed({ status: 404, type: 'ERR_STATUS' })
      expect(told).toEqual({
        answers: {
          me: as === 'service' ? missing : got(me),
          one: got(her),
          byUuid: got(her),
          byPadded: got(her),
          many: got(everybody),
          unknown: missing,
          garbage: missing,
          mixed: got([her]),
          unfiltered: failed({ status: 400, type: 'ERR_REQUEST' }),
        },
        strayed: [],
      })
    })
  },
)
