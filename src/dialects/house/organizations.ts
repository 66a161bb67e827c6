import type { OrganizationChange } from '../../directory/steward.ts'
import { Failure } from '../../failure.ts'
import type { OrganizationId } from '../../person/ids.ts'
import { type Call, get, ok, patch, type Reply, type Route } from '../dialect.ts'
import { input } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { acceptZones } from './accept.ts'
import { mergePatch } from './merge-patch.ts'
import { idFrom } from './people.ts'
import { presetNamed } from './privacy.ts'
import { projectOrganization } from './project.ts'
import { HouseOrganization, OrganizationPatch, Organizations } from './schema.ts'

export const organizationRoutes: readonly Route[] = [
  get('/organizations', list, {
    ...{ summary: 'List the organizations that I belong to or administer' },
    answers: { 200: Organizations },
  }),
  get('/organizations/:id', async (call) => ok(await shown(call, organizationId(call))), {
    ...{ summary: 'Read an organization', answers: { 200: HouseOrganization } },
  }),
  patch('/organizations/:id', update, {
    ...{ summary: 'Change an organization', body: OrganizationPatch },
    answers: { 200: HouseOrganization },
  }),
]

const patchFrom = input(OrganizationPatch)

async function list({ viewer, steward }: Call): Promise<Reply> {
  const all = await steward.organizations(viewer)
  return ok({ items: all.map(projectOrganization) })
}

async function update(call: Call<'/organizations/:id'>): Promise<Reply> {
  const id = organizationId(call)
  const { name, timeZone, preset, audiences, defaults } = patchFrom(call.body)
  if (preset && audiences) {
    throw new Failure('invalid', 'preset: can not be sent together with audiences')
  }
  acceptZones(defaults ?? {})
  await call.steward.changeOrganization(call.viewer, id, async (organization) => {
    const there = projectOrganization(organization)
    refuseModified(call, there)
    return {
      ...(name !== undefined && { name }),
      ...(timeZone !== undefined && { timeZone }),
      ...(preset && { audiences: presetNamed(call, preset) }),
      ...(audiences && { audiences: mergePatch(there.audiences, audiences) }),
      ...(defaults && { defaults: mergePatch(there.defaults, defaults) }),
    } as OrganizationChange
  })
  return ok(await shown(call, id))
}

const shown = async ({ viewer, steward }: Call, id: OrganizationId) =>
  projectOrganization(await steward.organization(viewer, id))

/** @throws invalid_id */
const organizationId = ({ params }: Call<'/organizations/:id'>): OrganizationId =>
  idFrom(params.id) as string as OrganizationId
