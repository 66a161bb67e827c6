import { Command } from 'commander'
import type { Organization, Store } from '../directory/ports.ts'
import { isUuid, newOrganizationId } from '../person/ids.ts'
import { canonicalZone } from '../person/zones.ts'
import { print, printJson, table, UsageError } from './output.ts'
import { inStore } from './store.ts'
import type { Wiring } from './wiring.ts'

interface CreateFlags {
  readonly timeZone: string
  readonly manages?: readonly string[]
}

export const organizationCommand = (wiring: Wiring): Command =>
  new Command('org')
    .description('organizations: create, list')
    .addCommand(
      inStore(wiring, new Command('create'), async (store, { args: [name = ''], flags, json }) => {
        const { timeZone, manages = [] } = flags as unknown as CreateFlags
        if (!canonicalZone(timeZone)) {
          throw new UsageError(
            `--time-zone: "${timeZone}" is no IANA time zone such as Europe/Amsterdam`,
          )
        }
        const managed = await Promise.all(manages.map((one) => findOrganization(store, one)))
        const organization: Organization = {
          id: newOrganizationId(),
          name,
          timeZone,
          audiences: {},
          manages: managed.map(({ id }) => id),
        }
        const at = new Date(wiring.now()).toISOString()
        await store.commit([{ kind: 'organization', organization }], 'cli', at)
        if (json) printJson(organization)
        else print(`Created organization "${name}", ${organization.id}`)
      })
        .description('create an organization')
        .argument('<name>')
        .option('--time-zone <zone>', 'its IANA time zone', 'UTC')
        .option(
          '--manages <organizations...>',
          'other organizations whose people its administrators administer',
        ),
    )
    .addCommand(
      inStore(wiring, new Command('list'), async (store, { json }) => {
        const organizations = await store.organizations.all()
        if (json) return printJson(organizations)
        print(
          table(
            ['ID', 'NAME', 'TIME ZONE'],
            organizations.map(({ id, name, timeZone }) => [id, name, timeZone]),
          ),
        )
      }).description('list the organizations'),
    )

/** The organization of that id or name; without one, the only one there is. @throws UsageError */
export async function findOrganization(
  store: Store,
  nameOrId: string | undefined,
): Promise<Organization> {
  const all = await store.organizations.all()
  const named = all.map(({ name }) => `"${name}"`).join(', ')
  if (all.length === 0) {
    throw new UsageError('There is no organization yet. Create one: kithd org create NAME')
  }
  if (nameOrId === undefined) {
    const [only, another] = all
    if (!only || another) throw new UsageError(`Which organization? --org takes one of ${named}`)
    return only
  }
  const found = all.filter(({ id, name }) =>
    isUuid(nameOrId) ? id === nameOrId.toLowerCase() : name === nameOrId,
  )
  const [one, twin] = found
  if (!one) throw new UsageError(`There is no organization "${nameOrId}"; there is ${named}`)
  if (twin)
    throw new UsageError(`Several organizations are called "${nameOrId}"; name it by its id`)
  return one
}
