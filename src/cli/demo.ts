import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { type CredentialPlace, roleOf } from '../access/identify.ts'
import { issueKey } from '../access/key.ts'
import { createSeal } from '../access/seal.ts'
import type { Config } from '../config.ts'
import { consolePages, type PageData } from '../console/pages.ts'
import type { CastMember } from '../demo/cast.ts'
import { type Demo, demoData } from '../demo/demo.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Store } from '../directory/ports.ts'
import type { Person } from '../person/person.ts'
import { withServerOptions } from './options.ts'
import { print, printJson, styled } from './output.ts'
import { type Paths, pathsOf } from './paths.ts'
import { listen, stopSignal } from './serve.ts'
import type { Flags, Wiring } from './wiring.ts'

export const demoCommand = (wiring: Wiring): Command =>
  withServerOptions(new Command('demo'), ['--database', '--pictures', '--log-level'])
    .description('run the server with a demo organization, which is gone when it stops')
    .option('--log-level <value>', 'one of those of kithd serve (KITH_LOG_LEVEL, warn by default)')
    .option('--json', 'print one line of JSON when it listens')
    .action(async ({ json, ...flags }: Flags & { readonly json?: true }) => {
      const stopped = stopSignal()
      const folder = temporaryFolder()
      const config = configIn(folder, flags, wiring)
      const store = await wiring.openStore(config)
      const demo = demoData(wiring.now())
      const keys = await furnish(store, demo, wiring.now())
      const { mark } = createSeal(await store.secret())
      const told: Told = {
        demo,
        keys,
        dialects: wiring.dialects,
        pathsOf: (person) => {
          const eventUrl = demo.attendees.has(person.id) && { eventUrl: demo.event.url }
          return pathsOf({ ...person, ...eventUrl }, wiring.dialects, mark)
        },
      }
      const pages = consolePages(pageData({ ...told, dialects: wiring.vendors }))
      const server = await listen(wiring, { config, store, pages })
      await hangPictures(server.url, demo, keys)
      if (json) printJson(jsonLine(told, server.url))
      else print(summary(told, server.url))
      const living = setInterval(() => keepAlive(store, wiring.now()), liveliness)
      await stopped
      clearInterval(living)
      await server.close()
    })

/** A folder that is gone when the process is, however it ends short of being killed outright. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kith-demo-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Milliseconds; shorter than the ten minutes after which somebody active is taken for inactive. */
const liveliness = 120_000

/** Keeps those active who are meant to be, however long the demo runs. */
const keepAlive = (store: Store, now: number): void => {
  store.signal(demoData(now).signals).catch((error: Error) => console.error(error.message))
}

function configIn(folder: string, flags: Flags, wiring: Wiring): Config {
  const config = wiring.configFor({
    ...flags,
    database: join(folder, 'demo.db'),
    pictures: join(folder, 'pictures'),
  })
  // Unless more is asked for, only what is wrong stands beside what is printed here.
  const untold = flags.logLevel === undefined && config.logLevel === 'info'
  return untold ? { ...config, logLevel: 'warn' } : config
}

// What the demo is furnished with.

type Keys = Readonly<Record<CastMember, string>>

/** Writes the demo into an empty store, with a key for everybody in the cast. */
async function furnish(store: Store, demo: Demo, now: number): Promise<Keys> {
  const createdAt = new Date(now).toISOString()
  const issued = mapCast(demo, ({ id, organizationId, flags }) =>
    issueKey({ organizationId, personId: id, role: roleOf(flags), createdAt }),
  )
  const keys = Object.values(issued).map(({ key }) => key)
  const writes = [...demo.writes, ...keys.map((key) => ({ kind: 'key', key }) as const)]
  await store.commit(writes, 'demo', createdAt)
  await store.signal(demo.signals)
  return mapCast(demo, (_, name) => issued[name].secret)
}

const pictured = ['ada', 'bob', 'owner'] as const

/** Some have a picture, drawn for the demo; everybody else is shown by what stands in. */
async function hangPictures(url: string, { cast }: Demo, keys: Keys): Promise<void> {
  const headers = { authorization: `Bearer ${keys.owner}`, 'content-type': 'image/webp' }
  const hung = pictured.map(async (name) => {
    const body = readFileSync(new URL(`../demo/pictures/${name}.webp`, import.meta.url))
    const path = `/api/v1/people/${cast[name].id}/avatar`
    const { status } = await fetch(url + path, { method: 'PUT', headers, body })
    if (status !== 204) throw new Error(`The demo's picture of ${name} was refused: ${status}`)
  })
  await Promise.all(hung)
}

function mapCast<T>(
  { cast }: Demo,
  make: (person: Person, name: CastMember) => T,
): Record<CastMember, T> {
  const names = Object.keys(cast) as CastMember[]
  return Object.fromEntries(names.map((name) => [name, make(cast[name], name)])) as Record<
    CastMember,
    T
  >
}

interface Told {
  readonly demo: Demo
  readonly keys: Keys
  readonly dialects: readonly Dialect[]
  readonly pathsOf: (person: Person) => Paths
}

// What is told of it: to programs, to people, and to the page.

/** Other programs rely on this shape. */
function jsonLine({ demo, keys, pathsOf }: Told, url: string): object {
  const lastSegment = (path: string | undefined) => path?.split('/').at(-1)
  return {
    url,
    keys,
    people: mapCast(demo, (person) => {
      const { webex, rinkel } = pathsOf(person)
      const { id, number, userName, emails } = person
      return {
        uuid: id,
        number,
        userName,
        email: emails[0]?.value,
        webex: lastSegment(webex),
        rinkel: lastSegment(rinkel),
      }
    }),
    event: {
      url: demo.event.url,
      number: demo.event.number,
      attendees: {
        ada: demo.attendees.get(demo.cast.ada.id),
        bob: demo.attendees.get(demo.cast.bob.id),
      },
    },
  }
}

function summary({ demo, keys, dialects, pathsOf }: Told, url: string): string {
  const { cast } = demo
  const { ada, bob } = cast
  const paths = pathsOf(ada)
  const commands = dialects.flatMap(({ name, product, credentials: [place] }) => {
    const path = paths[name]
    if (!place || path === undefined) return []
    return [
      // A comment, so that a shell takes the whole block as it is.
      styled('dim', `# ${product}`),
      `curl -s ${curlCredential(place, keys.bob)} ${styled('cyan', url + path)}`,
      '',
    ]
  })
  const size = `${demo.people.length} people in ${demo.organizations.length} organizations`
  return [
    `${styled('bold', 'Kith')} is showing ${size} and an event.`,
    '',
    `Page    ${styled('cyan', `${url}/`)}`,
    `Server  ${styled('cyan', url)}`,
    '',
    `${styled('bold', ada.displayName)} as her colleague ${bob.displayName} sees her:`,
    '',
    ...commands,
    `${styled('bold', cast.owner.displayName)} owns the organization, and may read and write everybody in our own API:`,
    '',
    `curl -s ${curlCredential({ in: 'authorization' }, keys.owner)} ${styled('cyan', `${url}/api/v1/changes`)}`,
    '',
    styled('dim', '# Ctrl-C stops it; what it holds is gone then.'),
  ].join('\n')
}

function pageData({ demo, keys, dialects, pathsOf }: Told): PageData {
  const { cast, organizations } = demo
  const nameOf = new Map(organizations.map(({ id, name }) => [id, name]))
  return {
    dialects: dialects.map(({ name, product, credentials }) => {
      // A page may not set a cookie header; every vendor who takes a cookie takes a header too.
      const place = credentials.find((one) => one.in !== 'cookie') ?? { in: 'authorization' }
      const [first = place] = credentials
      return { name, product, ...headerFor(place), curl: curlCredential(first, 'KEY') }
    }),
    viewers: [
      ...Object.values(
        mapCast(demo, ({ displayName }, name) => ({
          id: name,
          name: displayName,
          ...roles[name],
          key: keys[name],
        })),
      ),
      { id: 'nobody', label: 'Nobody', name: 'without a key', meaning: '' },
    ],
    people: castFirst(demo).map((person) => ({
      name: person.displayName,
      userName: person.userName,
      title: person.title ?? person.type,
      organization: nameOf.get(person.organizationId) ?? '',
      paths: pathsOf(person),
      ...(person.organizationId === cast.owner.organizationId && { seenInFullBy: 'owner' }),
    })),
  }
}

const castFirst = ({ cast, people }: Demo): Person[] => {
  const known = [cast.ada, cast.bob, cast.owner, cast.admin, cast.outsider]
  const rest = people.filter((person) => !known.includes(person))
  return [...known, ...rest.sort((one, other) => (one.userName < other.userName ? -1 : 1))]
}

const roles: Readonly<Record<CastMember, { label: string; meaning: string }>> = {
  owner: { label: 'Owner', meaning: 'who owns the organization' },
  admin: { label: 'Admin', meaning: 'who administers it' },
  ada: { label: 'Ada', meaning: 'a plain member' },
  bob: { label: 'Bob', meaning: 'a plain member and connected with Ada' },
  outsider: { label: 'Outsider', meaning: 'who belongs to another organization' },
}

/** The argument that makes `curl` send `key` at that place. */
function curlCredential(place: CredentialPlace, key: string): string {
  if (place.in === 'cookie') return `-b ${place.name}=${key}`
  const { header, before } = headerFor(place)
  return `-H "${header}: ${before}${key}"`
}

/** How `key` is sent in a header: by its bearer in `Authorization`, bare in a header of the vendor's own. */
function headerFor(place: CredentialPlace): { header: string; before: string } {
  return place.in === 'header'
    ? { header: place.name, before: '' }
    : { header: 'Authorization', before: 'Bearer ' }
}
