// The vendor's "My Profile": the caller's own account, whatever event it is about.
import { Failure } from '../../failure.ts'
import type { Call, Reply } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { acceptAccount } from './accept.ts'
import { done, formed } from './people.ts'
import { projectAccount } from './project.ts'
import { type AcceleventsAccount, AccountChange } from './schema.ts'

/** @throws no_such_path for a service: the vendor answers 404 where there is no profile, not as for an attendee */
export async function account({
  viewer,
  directory,
  pictureAddress,
}: Call): Promise<AcceleventsAccount> {
  if (!viewer.personId) throw new Failure('no_such_path', 'This key is nobody in person.')
  return projectAccount(await directory.me(viewer), pictureAddress)
}

const readChange = input(AccountChange)

export async function updateAccount(call: Call): Promise<Reply> {
  const { viewer, registrar, now } = call
  const sent = readChange(call.body)
  if (!viewer.personId) throw new Failure('no_such_path', 'This key is nobody in person.')
  await registrar.change(viewer, viewer.personId, async (before) => {
    const shown = await account(call)
    refuseModified(call, formed(shown, call))
    return acceptAccount(sent, { before, shown, now: new Date(now).toISOString() })
  })
  return done('Profile updated successfully.')
}
