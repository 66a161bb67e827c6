import { Failure } from '../../failure.ts'
import type { PersonId } from '../../person/ids.ts'
import { type Audiences, fieldGroups } from '../../person/person.ts'
import type { PresetName } from '../../privacy/presets.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, get, ok, patch, put, type Reply, type Route } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { mergePatch } from './merge-patch.ts'
import { idFrom, myId } from './people.ts'
import { inOrder } from './project.ts'
import { Presets, Privacy, PrivacyPatch, PrivacyWrite } from './schema.ts'

const read = { summary: 'Read who sees what of a person', answers: { 200: Privacy } }
const replaced = {
  ...{ summary: 'Decide who sees what of a person' },
  ...{ body: PrivacyWrite, answers: { 200: Privacy } },
}
const patched = {
  ...{ summary: 'Decide who sees some of a person' },
  ...{ body: PrivacyPatch, answers: { 200: Privacy } },
}
const mine = (summary: string) => summary.replace('of a person', 'of me')

export const privacyRoutes: readonly Route[] = [
  get('/privacy/presets', async ({ steward }) => ok({ items: steward.presets }), {
    ...{ summary: 'List the presets of who sees what', answers: { 200: Presets } },
  }),
  get('/people/:id/privacy', async (call) => ok(await shown(call, idFrom(call.params.id))), read),
  put('/people/:id/privacy', (call) => replace(call, idFrom(call.params.id)), replaced),
  patch('/people/:id/privacy', (call) => change(call, idFrom(call.params.id)), patched),
  get('/me/privacy', async (call) => ok(await shown(call, myId(call))), {
    ...{ ...read, summary: mine(read.summary) },
  }),
  put('/me/privacy', (call) => replace(call, myId(call)), {
    ...{ ...replaced, summary: mine(replaced.summary) },
  }),
  patch('/me/privacy', (call) => change(call, myId(call)), {
    ...{ ...patched, summary: mine(patched.summary) },
  }),
]

const writeFrom = input(PrivacyWrite)
const patchFrom = input(PrivacyPatch)

async function replace(call: Call, id: PersonId): Promise<Reply> {
  const { own, preset } = writeFrom(call.body)
  refuseBoth(own, preset)
  return decide(call, id, () => (preset ? presetNamed(call, preset) : (own ?? {})))
}

/** The audiences of a preset. */
export const presetNamed = ({ steward }: Pick<Call, 'steward'>, name: PresetName): Audiences =>
  steward.presets.find((one) => one.name === name)?.audiences ?? {}

async function change(call: Call, id: PersonId): Promise<Reply> {
  const { own, preset } = patchFrom(call.body)
  refuseBoth(own, preset)
  return decide(call, id, (before) =>
    preset ? presetNamed(call, preset) : (mergePatch(before, own) as Audiences),
  )
}

/** @throws invalid */
function refuseBoth(own: object | undefined, preset: PresetName | undefined): void {
  if ((own === undefined) !== (preset === undefined)) return
  throw new Failure('invalid', 'own: either this or preset is wanted, one of them')
}

async function decide(
  call: Call,
  id: PersonId,
  decided: (before: Audiences) => Audiences,
): Promise<Reply> {
  await call.registrar.change(call.viewer, id, async ({ audiences }) => {
    if (call.header('if-match') !== undefined) refuseModified(call, await shown(call, id))
    return { audiences: decided(audiences) }
  })
  return ok(await shown(call, id))
}

async function shown(call: Call, id: PersonId): Promise<unknown> {
  const { audiences: own, audiencesInForce, organizationId } = await ownedBy(call, id)
  if (!own || !audiencesInForce) throw notTheirs()
  const organization = await call.steward.organization(call.viewer, organizationId)
  const inForce = Object.fromEntries(
    fieldGroups.map((group) => {
      const decidedBy = own[group]
        ? 'person'
        : organization.audiences[group]
          ? 'organization'
          : 'default'
      return [group, { value: audiencesInForce[group], decidedBy }]
    }),
  )
  const preset = call.steward.presets.find(({ audiences }) =>
    fieldGroups.every((group) => audiences[group] === audiencesInForce[group]),
  )?.name
  return inOrder(Privacy, { own, inForce, ...(preset && { preset }) })
}

/** Somebody whose settings the viewer may see. @throws not_found, forbidden */
export async function ownedBy({ viewer, directory }: Call, id: PersonId): Promise<VisiblePerson> {
  const person = await directory.find(viewer, { id })
  const { self, administrator } = person.relations
  if (self || administrator) return person
  throw notTheirs()
}

const notTheirs = () =>
  new Failure('forbidden', 'Only the person and administrators may see or change that')
