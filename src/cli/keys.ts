import { Command, Option } from 'commander'
import { roleOf } from '../access/identify.ts'
import { hashOf, type Key, newSecret } from '../access/key.ts'
import type { Store } from '../directory/ports.ts'
import { type KeyRole, keyRoles } from '../privacy/viewer.ts'
import { findOrganization } from './organizations.ts'
import { print, printJson, table, UsageError } from './output.ts'
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
        const { key, secret } = await newKey(store, flags as CreateFlags, wiring.now())
        await store.commit([{ kind: 'key', key }], 'cli', key.createdAt)
        if (json) return printJson({ id: key.id, key: secret, ...describe(key) })
        print(`${secret}\n`)
        print(`Key ${key.id}, role ${key.role}. It is shown this once; only its hash is kept.`)
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
        if (json) return printJson(keys.map((key) => ({ id: key.id, ...describe(key) })))
        const now = new Date(wiring.now()).toISOString()
        print(
          table(
            ['ID', 'ROLE', 'FOR', 'STATE', 'CREATED', 'LAST USED'],
            keys.map((key) => [
              key.id,
              key.role,
              key.service ? `service ${key.service}` : `person ${key.personId}`,
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

async function newKey(
  store: Store,
  { person: userName, service, role, org, expires }: CreateFlags,
  now: number,
): Promise<{ key: Key; secret: string }> {
  if ((userName === undefined) === (service === undefined)) {
    throw new UsageError('Whose key? Give either --person USERNAME or --service NAME')
  }
  const organization = await findOrganization(store, org)
  const held =
    userName === undefined ? undefined : await store.people.byUserName(organization.id, userName)
  if (userName !== undefined && !held) {
    throw new UsageError(
      `There is nobody with the user name "${userName}" in "${organization.name}"`,
    )
  }
  const ends = expires === undefined ? undefined : Date.parse(expires)
  if (Number.isNaN(ends)) {
    throw new UsageError(`--expires: "${expires}" is no instant such as 2030-01-01T00:00:00Z`)
  }
  const secret = newSecret()
  const key: Key = {
    id: crypto.randomUUID(),
    hash: hashOf(secret),
    organizationId: organization.id,
    role: role ?? (held ? roleOf(held.person.flags) : 'member'),
    createdAt: new Date(now).toISOString(),
    ...(held && { personId: held.person.id }),
    ...(service !== undefined && { service }),
    ...(ends !== undefined && { expiresAt: new Date(ends).toISOString() }),
  }
  return { key, secret }
}

/** All of a key but its hash. */
function describe({ hash: _, id: __, ...rest }: Key) {
  return rest
}

function stateOf(key: Key, now: string): string {
  if (key.revokedAt) return 'revoked'
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'valid'
}
