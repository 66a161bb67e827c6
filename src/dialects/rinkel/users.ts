import type { Wanted } from '../../directory/directory.ts'
import { Failure } from '../../failure.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call, Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { numberedPage } from '../paging.ts'
import { refuseModified } from '../precondition.ts'
import { acceptUser } from './accept.ts'
import { refuseInVain, signalsWith, wantedAvailability } from './availability.ts'
import { decodeId, encodeId } from './ids.ts'
import type { Page } from './listing.ts'
import { projectUser, withoutAvatars } from './project.ts'
import { RinkelChange, type RinkelUser, type RinkelUsers } from './schema.ts'

type UserCall = Call<'/v1/users/:id'>

/** The people of the viewer's organization whom the viewer may know of. */
export async function list(call: Call, { page, perPage, avatars }: Page): Promise<RinkelUsers> {
  const { items } = await call.directory.search(
    call.viewer,
    { ...numberedPage(call, (page - 1) * perPage, perPage), total: false },
    { presence: true },
  )
  const users = items.map((person) => shown(call, person))
  return { data: avatars ? users : users.map(withoutAvatars) }
}

export async function read(call: UserCall): Promise<RinkelUser> {
  return shown(call, await find(call, call.params.id, { presence: true }))
}

/** A user as the body of an answer. */
export const answered = ({ switches }: Call, user: RinkelUser): object =>
  switches.wrapSingle ? { data: user } : user

const readChange = input(RinkelChange)

/** @throws forbidden for somebody whom the viewer may see and not write */
export async function update(call: UserCall): Promise<Reply> {
  const { viewer, registrar, params, now } = call
  numberFrom(call, params.id)
  const sent = readChange(call.body)
  const person = await find(call, params.id, { presence: true })
  refuseOthers(person)
  const availability = wantedAvailability(sent, shown(call, person))
  if (availability) refuseInVain(availability, person)
  await registrar.change(viewer, person.id, async (before) => {
    const user = await read(call)
    refuseModified(call, answered(call, user))
    return acceptUser(sent, { before, shown: user, now: new Date(now).toISOString() })
  })
  if (availability) {
    await registrar.signal(viewer, person.id, signalsWith(availability, person, now))
  }
  return { status: 204 }
}

function refuseOthers({ relations }: VisiblePerson): void {
  if (relations.self || relations.administrator) return
  throw new Failure('forbidden', 'Only the user and administrators may update this user')
}

/** @throws invalid_id, not_found */
export async function find(call: Call, id: string, wanted?: Wanted): Promise<VisiblePerson> {
  const number = numberFrom(call, id)
  if (number === 'wrong') throw new Failure('not_found', 'No such person')
  return call.directory.find(call.viewer, { number }, wanted)
}

function numberFrom({ mark }: Call, id: string): number | 'wrong' {
  const number = decodeId(id, mark)
  if (number !== 'malformed') return number
  throw new Failure('invalid_id', 'id: 24 hexadecimal digits are wanted')
}

function shown({ mark, signed, switches }: Call, person: VisiblePerson): RinkelUser {
  const id = encodeId(person.number, mark)
  const avatarUrl = (size: string) => signed(`/users/${id}/avatar/${size}`)
  return projectUser(person, { id, avatarUrl, switches })
}
