import { Command, Option } from 'commander'
import { roleOf } from '../access/identify.ts'
import { issueKey, type Key } from '../access/key.ts'
import type { Organization, Store } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { type KeyRole, keyRoles } from '../privacy/viewer.ts'
import { checkText, findOrganization } from './organizations.ts'
import { explain, print, printJson, table, UsageError } from './output.ts'
import { inStore } from './store.ts'
import type { Wiring } from './wiring.ts'

interface CreateFlags {
  readonly person?: string
  readonly service?: string
  readonly role?: KeyRole
  readonly org?: string
  readonly expires?: string
}

export const keyCommand = (wiring: Wiring): Command =>
  new Command('key')
    .description('keys: create, list, revoke')
    .addCommand(
      inStore(wiring, new Command('create'), async (store, { flags, json }) => {
        const made = await newKey(store, flags as CreateFlags, wiring.now())
        const { key, secret } = made
        await store.commit([{ kind: 'key', key }], 'cli', key.createdAt)
        if (json) return printJson({ id: key.id, key: secret, ...describe(key) })
        // The secret stands alone on standard output, for a variable or a file.
        print(secret)
        explain(`Key ${key.id}, role ${key.role}. It is shown this once; only its hash is kept.`)
        for (const one of shortcomings(made, wiring.now())) explain(one)
      })
        .description('create a key, for a person or a service; it is printed once')
        .option('--person <user-name>', 'whose key it is')
        .option('--service <name>', 'what program it is for')
        .addOption(new Option('--role <role>', 'what it may do, at most').choices(keyRoles))
        .option('--org <name-or-id>', 'the organization, where there are several')
        .option('--expires <instant>', 'when it ends, such as 2030-01-01T00:00:00Z'),
    )
    .addCommand(
      inStore(wiring, new Command('list'), async (store, { flags, json }) => {
        const { org } = flags as CreateFlags
        const keys = await store.keys.list(
          org === undefined ? undefined : (await findOrganization(store, org)).id,
        )
        const names = await userNamesOf(store, keys)
        const bearerOf = ({ personId }: Key) => personId && names.get(personId)
        if (json) {
          const told = (key: Key) => ({ id: key.id, ...describe(key), userName: bearerOf(key) })
          return printJson(keys.map(told))
        }
        const now = new Date(wiring.now()).toISOString()
        print(
          table(
            ['ID', 'ROLE', 'FOR', 'STATE', 'CREATED', 'LAST USED'],
            keys.map((key) => [
              key.id,
              key.role,
              key.service ? `service ${key.service}` : `person ${bearerOf(key) ?? key.personId}`,
              stateOf(key, now),
              key.createdAt,
              key.lastUsedAt ?? 'never',
            ]),
          ),
        )
      })
        .description('list the keys, without their secrets')
        .option('--org <name-or-id>', 'only those of this organization'),
    )
    .addCommand(
      inStore(wiring, new Command('revoke'), async (store, { args: [id = ''], json }) => {
        const key = (await store.keys.list()).find((one) => one.id === id)
        if (!key) throw new UsageError(`There is no key ${id}; kithd key list shows the ids`)
        const revokedAt = key.revokedAt ?? new Date(wiring.now()).toISOString()
        if (!key.revokedAt) {
          await store.commit([{ kind: 'key', key: { ...key, revokedAt } }], 'cli', revokedAt)
        }
        if (json) printJson({ id, revokedAt })
        else print(`Key ${id} is revoked since ${revokedAt}.`)
      })
        .description('end a key; it stops working with the next request')
        .argument('<id>'),
    )

interface NewKey {
  readonly key: Key
  readonly secret: string
  readonly bearer: Person | undefined
}

async function newKey(store: Store, flags: CreateFlags, now: number): Promise<NewKey> {
  const { person: userName, service, expires } = flags
  if ((userName === undefined) === (service === undefined)) {
    throw new UsageError('Whose key? Give either --person USERNAME or --service NAME')
  }
  const organization = await findOrganization(store, flags.org)
  const bearer = userName === undefined ? undefined : await bearerOf(store, userName, organization)
  if (service !== undefined) checkText('The name of a service', service)
  const issued = issueKey({
    organizationId: organization.id,
    role: flags.role ?? (bearer ? roleOf(bearer.flags) : 'member'),
    createdAt: new Date(now).toISOString(),
    ...(bearer && { personId: bearer.id }),
    ...(service !== undefined && { service }),
    ...(expires !== undefined && { expiresAt: instantFrom(expires) }),
  })
  return { ...issued, bearer }
}

async function bearerOf(
  store: Store,
  userName: string,
  { id, name }: Organization,
): Promise<Person> {
  const held = await store.people.byUserName(id, userName)
  if (!held) throw new UsageError(`There is nobody with the user name "${userName}" in "${name}"`)
  return held.person
}

function instantFrom(text: string): string {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) {
    throw new UsageError(`--expires: "${text}" is no instant such as 2030-01-01T00:00:00Z`)
  }
  return new Date(instant).toISOString()
}

/** What a key will not do, though its making might let one think so. */
function* shortcomings({ key, bearer }: NewKey, now: number): Generator<string> {
  if (key.expiresAt && Date.parse(key.expiresAt) <= now) yield `It ended at ${key.expiresAt}.`
  if (!bearer) return
  const { userName, flags, lifecycle, loginEnabled } = bearer
  if (lifecycle !== 'active' || !loginEnabled) {
    yield `It opens nothing yet: that takes lifecycle=active loginEnabled=true of ${userName}.`
  }
  const granted = roleOf(flags)
  if (keyRoles.indexOf(key.role) > keyRoles.indexOf(granted)) {
    const flag = key.role === 'owner' ? 'owner' : 'administrator'
    yield `It is worth no more than its person's role, which is ${granted}, until kithd person set ${userName} ${flag}=true.`
  }
}

async function userNamesOf(
  store: Store,
  keys: readonly Key[],
): Promise<ReadonlyMap<PersonId, string>> {
  const ids = [...new Set(keys.flatMap(({ personId }) => personId ?? []))]
  const people = await store.people.byIds(ids)
  return new Map(people.map(({ person: { id, userName } }) => [id, userName]))
}

/** All of a key but its hash. */
function describe({ hash: _, id: __, ...rest }: Key) {
  return rest
}

function stateOf(key: Key, now: string): string {
  if (key.revokedAt) return 'revoked'
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'valid'
}
