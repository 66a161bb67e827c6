import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { issueKey } from '../../src/access/key.ts'
import type { Write } from '../../src/directory/ports.ts'
import { newPerson } from '../../src/person/draft.ts'
import { sqliteStore } from '../../src/store/sqlite.ts'
import * as cast from '../cast.ts'

/** Makes a database with ada and `others` other people. @returns a key that opens it */
export async function furnish(database: string, others = 0): Promise<string> {
  const store = await sqliteStore(database, Date.now)
  const at = new Date().toISOString()
  const organization = cast.organizations.home
  const { key, secret } = issueKey({
    organizationId: organization.id,
    service: 'faults',
    role: 'owner',
    createdAt: at,
  })
  const person = (userName: string): Write => ({
    kind: 'person',
    person: newPerson({ organizationId: organization.id, userName, title: 'First' }, at),
  })
  await store.commit(
    [
      { kind: 'organization', organization },
      person('ada'),
      ...Array.from({ length: others }, (_, index) => person(`other-${index}`)),
      { kind: 'key', key },
    ],
    'test',
    at,
  )
  await store.secret()
  await store.close()
  return secret
}

/** Another process that has a lock on the database until it is killed, or the test ends. */
export async function locker(database: string, kind: 'write' | 'all'): Promise<ChildProcess> {
  const file = join(import.meta.dirname, 'locker.ts')
  const child = spawn(process.execPath, [file, database, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

/** Kills a child and waits until what it had is given up. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const isRoot = process.getuid?.() === 0

/** What a command begins with to have mounts of its own: as root, or as whoever may pretend to be. */
export const ownMounts = ['unshare', isRoot ? '-m' : '-rm']

/** What a command begins with to have the mounts of a process. */
export const enterMounts = (pid: number): string[] => [
  'nsenter',
  ...['-t', `${pid}`, '-m'],
  ...(isRoot ? [] : ['-U', '--preserve-credentials']),
]

/** Whether a disk of a few megabytes can be had here. */
export function smallDisks(): boolean {
  const [command = '', ...flags] = ownMounts
  const trial = [...flags, 'mount', '-t', 'tmpfs', 'none', '/mnt']
  return spawnSync(command, trial).status === 0
}

/** Somebody for whom permissions count: nobody for root, for whom they do not. */
export const plainUser = isRoot ? { uid: 65_534, gid: 65_534 } : {}
