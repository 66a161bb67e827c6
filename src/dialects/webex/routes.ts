import { Failure } from '../../failure.ts'
import { type Call, get, ok } from '../dialect.ts'
import { asEncoded, decodePersonId } from './ids.ts'
import { projectPerson } from './project.ts'
import type { WebexPeople } from './schema.ts'

const wanted = { presence: true, manager: true }

/** What the vendor takes in one list (developer.webex.com, List People). */
const mostIds = 85

export const routes = [
  get('/v1/people', async (call) => ok(await several(call))),

  get('/v1/people/me', async ({ viewer, directory, switches }) =>
    ok(projectPerson(await directory.me(viewer, wanted), switches)),
  ),

  get('/v1/people/:personId', async ({ viewer, directory, params, switches }) => {
    const id = decodePersonId(params.personId)
    if (!id) throw new Failure('invalid_id', 'That is no person id')
    return ok(projectPerson(await directory.find(viewer, { id }, wanted), switches))
  }),
]

/** People by id. Unknown ids are told of in the answer, never an error: one of them would fail a client's whole batch. */
async function several({ viewer, directory, query, switches }: Call): Promise<WebexPeople> {
  const asked = idsFrom(query)
  const ids = asked.flatMap((wireId) => decodePersonId(wireId) ?? [])
  const people = await directory.findAll(viewer, [...new Set(ids)], wanted)
  const found = new Set(people.map(({ id }) => id))
  const missing = asked.filter((wireId) => {
    const id = decodePersonId(wireId)
    return !id || !found.has(id)
  })
  return {
    notFoundIds: missing.length > 0 ? [...new Set(missing.map(asEncoded))] : null,
    items: people.map((person) => projectPerson(person, switches)),
  }
}

function idsFrom(query: URLSearchParams): string[] {
  const ids = query
    .getAll('id')
    .flatMap((value) => value.split(','))
    .map((id) => id.trim())
  const asked = [...new Set(ids.filter(Boolean))]
  if (asked.length === 0) {
    throw new Failure('invalid', 'Email, displayName, or id list should be specified.')
  }
  if (asked.length > mostIds) {
    throw new Failure(
      'invalid',
      `id: at most ${mostIds} ids in one request; these are ${asked.length}.`,
    )
  }
  return asked
}
