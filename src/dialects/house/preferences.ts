import type { PersonId } from '../../person/ids.ts'
import { type Call, get, ok, patch, type Reply, type Route } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { acceptZones } from './accept.ts'
import { mergePatch } from './merge-patch.ts'
import { idFrom, myId } from './people.ts'
import { ownedBy } from './privacy.ts'
import { inOrder } from './project.ts'
import { Preferences, PreferencesPatch, preferenceNames } from './schema.ts'

const patched = { body: PreferencesPatch, answers: { 200: Preferences } }

export const preferenceRoutes: readonly Route[] = [
  get('/people/:id/preferences', async (call) => ok(await shown(call, idFrom(call.params.id))), {
    ...{ summary: 'Read the preferences of a person', answers: { 200: Preferences } },
  }),
  patch('/people/:id/preferences', (call) => change(call, idFrom(call.params.id)), {
    ...{ summary: 'Change the preferences of a person', ...patched },
  }),
  get('/me/preferences', async (call) => ok(await shown(call, myId(call))), {
    ...{ summary: 'Read my own preferences', answers: { 200: Preferences } },
  }),
  patch('/me/preferences', (call) => change(call, myId(call)), {
    ...{ summary: 'Change my own preferences', ...patched },
  }),
]

const patchFrom = input(PreferencesPatch)

async function change(call: Call, id: PersonId): Promise<Reply> {
  const { own: sent } = patchFrom(call.body)
  acceptZones(sent)
  await call.registrar.change(
    call.viewer,
    id,
    async (before) => {
      if (call.header('if-match') !== undefined) refuseModified(call, await shown(call, id))
      const next = mergePatch(before, sent) as Readonly<Record<string, unknown>>
      return Object.fromEntries(Object.keys(sent).map((name) => [name, next[name] ?? null]))
    },
    'refuse',
    'meant',
  )
  return ok(await shown(call, id))
}

async function shown(call: Call, id: PersonId): Promise<unknown> {
  const person = await ownedBy(call, id)
  const { followed = [] } = person
  const set = preferenceNames.filter((name) => person[name] !== undefined)
  const own = set.filter((name) => !followed.includes(name))
  return inOrder(Preferences, {
    own: Object.fromEntries(own.map((name) => [name, person[name]])),
    inForce: Object.fromEntries(
      set.map((name) => {
        const decidedBy = followed.includes(name) ? 'organization' : 'person'
        return [name, { value: person[name], decidedBy }]
      }),
    ),
  })
}
