import { Command } from 'commander'
import type { Organization, Store } from '../directory/ports.ts'
import { isUuid, newOrganizationId } from '../person/ids.ts'
import { Audience, type FieldGroup, fieldGroups } from '../person/person.ts'
import { folded, hasControls } from '../person/text.ts'
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
    .description('organizations: create, set, list')
    .addCommand(
      inStore(
        wiring,
        new Command('create'),
        async (store, { args: [name = ''], flags, json }) => {
          const { timeZone, manages = [] } = flags as unknown as CreateFlags
          const managed = await Promise.all(manages.map((one) => findOrganization(store, one)))
          const organization: Organization = {
            id: newOrganizationId(),
            name: checkedName(name, await store.organizations.all()),
            timeZone: checkedZone('--time-zone', timeZone),
            audiences: {},
            manages: managed.map(({ id }) => id),
          }
          await write(wiring, store, organization)
          if (json) printJson(organization)
          else print(`Created organization "${name}", ${organization.id}`)
        },
        { creates: true },
      )
        .description('create an organization')
        .argument('<name>')
        .option('--time-zone <zone>', 'its IANA time zone', 'UTC')
        .option(
          '--manages <organizations...>',
          'other organizations whose people its administrators administer',
        ),
    )
    .addCommand(
      inStore(wiring, new Command('set'), async (store, { args, json }) => {
        const [nameOrId = '', ...settings] = args
        if (settings.length === 0) throw new UsageError(`Set what? Give ${settable}`)
        const before = await findOrganization(store, nameOrId)
        const others = (await store.organizations.all()).filter(({ id }) => id !== before.id)
        const organization = settings.reduce((one, text) => changed(one, text, others), before)
        const same = JSON.stringify(organization) === JSON.stringify(before)
        if (!same) await write(wiring, store, organization)
        if (json) printJson(organization)
        else if (same) print(`Nothing changed: "${organization.name}" is so already`)
        else print(`Changed organization "${organization.name}", ${organization.id}`)
      })
        .description('change an organization; docs/privacy.md tells of the audiences')
        .argument('<name-or-id>')
        .argument('[settings...]', settable),
    )
    .addCommand(
      inStore(wiring, new Command('list'), async (store, { json }) => {
        const organizations = await store.organizations.all()
        if (json) return printJson(organizations)
        const nameOf = new Map(organizations.map(({ id, name }) => [id, name]))
        print(
          table(
            ['ID', 'NAME', 'TIME ZONE', 'AUDIENCES', 'MANAGES'],
            organizations.map(({ id, name, timeZone, audiences, manages }) => [
              id,
              name,
              timeZone,
              Object.entries(audiences)
                .map((pair) => pair.join('='))
                .join(' ') || 'default',
              manages.map((one) => nameOf.get(one) ?? one).join(', '),
            ]),
          ),
        )
      }).description('list the organizations'),
    )

const settable =
  'name=NAME, timeZone=ZONE or audience.GROUP=AUDIENCE; audience.GROUP= goes back to the default'

const write = (wiring: Wiring, store: Store, organization: Organization): Promise<void> =>
  store.commit(
    [{ kind: 'organization', organization }],
    'cli',
    new Date(wiring.now()).toISOString(),
  )

/** `organization` with what one setting says of it. @throws UsageError */
function changed(
  organization: Organization,
  text: string,
  others: readonly Organization[],
): Organization {
  const [, label = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (label === '') throw new UsageError(`"${text}" is not of the form ${settable}`)
  if (label === 'name') return { ...organization, name: checkedName(value, others) }
  if (label === 'timeZone') return { ...organization, timeZone: checkedZone(label, value) }

  const group = fieldGroups.find((one) => label === `audience.${one}`)
  if (!group) {
    const known = fieldGroups.map((one) => `audience.${one}`).join(', ')
    throw new UsageError(`There is no setting "${label}"; there are name, timeZone, ${known}`)
  }
  return { ...organization, audiences: withAudience(organization.audiences, group, value) }
}

function withAudience(
  audiences: Organization['audiences'],
  group: FieldGroup,
  value: string,
): Organization['audiences'] {
  const { [group]: _, ...rest } = audiences
  if (value === '') return rest
  const all = Audience.enum as readonly Audience[]
  const audience = all.find((one) => one === value)
  if (!audience) {
    throw new UsageError(`audience.${group}: "${value}" is none of ${all.join(', ')}`)
  }
  return { ...audiences, [group]: audience }
}

/** @throws UsageError for what names nothing, or something else already */
function checkedName(name: string, others: readonly Organization[]): string {
  checkText('The name of an organization', name)
  if (isUuid(name)) throw new UsageError('The name of an organization can not be a UUID')
  const twin = others.find((one) => folded(one.name) === folded(name))
  if (twin) throw new UsageError(`There is already an organization "${twin.name}", ${twin.id}`)
  return name
}

/** For the names that are given from the shell. @throws UsageError */
export function checkText(what: string, text: string): void {
  if (text.trim() === '' || text.length > 255) {
    throw new UsageError(`${what} must have 1 to 255 characters`)
  }
  if (text !== text.trim() || hasControls(text)) {
    throw new UsageError(`${what} must not begin or end with a blank, nor hold control characters`)
  }
}

function checkedZone(what: string, zone: string): string {
  if (canonicalZone(zone)) return zone
  throw new UsageError(`${what}: "${zone}" is no IANA time zone such as Europe/Amsterdam`)
}

/** The organization of that id or name; without one, the only one there is. @throws UsageError */
export async function findOrganization(
  store: Store,
  nameOrId: string | undefined,
): Promise<Organization> {
  const all = await store.organizations.all()
  if (all.length === 0) {
    throw new UsageError('There is no organization yet. Create one: kithd org create NAME')
  }
  const found = nameOrId === undefined ? all : all.filter(isCalled(nameOrId))
  const [one, another] = found
  if (!one) throw new UsageError(`There is no organization "${nameOrId}"; there is ${named(all)}`)
  if (another) {
    throw new UsageError(
      `Which organization? Name it by ${nameOrId === undefined ? 'name or id' : 'id'}: ${named(found)}`,
    )
  }
  return one
}

function isCalled(nameOrId: string): (organization: Organization) => boolean {
  if (isUuid(nameOrId)) return ({ id }) => id === nameOrId.toLowerCase()
  return ({ name }) => folded(name) === folded(nameOrId)
}

const named = (organizations: readonly Organization[]): string =>
  organizations.map(({ id, name }) => `"${name}" (${id})`).join(', ')
