import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

/** Who may import whom. `:type` means its types only. Itself and failure.ts are free to all. */
const knows: Record<string, readonly string[]> = {
  person: [],
  cards: ['person'],
  presence: [],
  gatherings: ['person'],
  privacy: ['person', 'presence:type'],
  search: ['person', 'privacy'],
  footprint: [],
  pictures: ['person:type'],
  access: ['person', 'privacy:type', 'footprint'],
  directory: [
    'person',
    'privacy',
    'presence',
    'search',
    'gatherings',
    'footprint',
    'access',
    'pictures',
  ],
  store: [
    'person',
    'search',
    'gatherings',
    'footprint',
    'presence:type',
    'access:type',
    'directory:type',
    'kysely',
    'pg',
  ],
  dialects: [
    'person',
    'cards',
    'presence:type',
    'privacy:type',
    'search',
    'directory:type',
    'access:type',
    'gatherings:type',
    'pictures',
  ],
  http: [
    'access',
    'footprint',
    'person',
    'pictures',
    'dialects:type',
    'directory:type',
    'privacy:type',
    'config.ts:type',
    'fastify',
    'pino',
    'negotiator',
  ],
  workers: ['access:type', 'directory:type', 'http:type', 'config.ts:type'],
  demo: ['person', 'directory', 'presence:type', 'gatherings:type', 'privacy:type'],
  console: [],
  cli: [
    'access',
    'cards',
    'config.ts',
    'console',
    'demo',
    'dialects',
    'directory',
    'gatherings',
    'person',
    'pictures',
    'privacy',
    'commander',
  ],
  'config.ts': [],
  'main.ts': [
    'access',
    'cli',
    'config.ts',
    'dialects',
    'directory',
    'http',
    'pictures',
    'store',
    'workers',
  ],
}

/** Packages that a room must be granted by name above; every other package is free to all. */
const granted = ['fastify', 'pino', 'negotiator', 'kysely', 'pg', 'commander']

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.replaceAll('\\', '/'))

const imports = files.flatMap((file) => {
  const source = readFileSync(join('src', file), 'utf8')
  return [...source.matchAll(/^(?:import|export) (type )?[^']*?from '([^']+)'/gms)].map(
    ([, type, target = '']) => {
      const to = target.startsWith('.') ? join(dirname(file), target) : target
      return { file, to, typeOnly: type !== undefined }
    },
  )
})

const roomOf = (path: string): string => path.split('/')[0] ?? ''
const dialectOf = (path: string): string | undefined => /^dialects\/(\w+)\//.exec(path)?.[1]

function permitted(file: string, to: string, typeOnly: boolean): boolean {
  const room = roomOf(to)
  if (!files.includes(to) && !granted.includes(room)) return true
  if (room === 'failure.ts' || room === roomOf(file)) return true
  const allowed = knows[roomOf(file)] ?? []
  return allowed.includes(room) || (typeOnly && allowed.includes(`${room}:type`))
}

it('lets each room know only those that it may', () => {
  const trespassers = imports.filter(({ file, to, typeOnly }) => !permitted(file, to, typeOnly))
  expect(trespassers).toEqual([])
})

it('keeps dialects strangers to each other', () => {
  const nosy = imports.filter(({ file, to }) => {
    const [own, other] = [dialectOf(file), dialectOf(to)]
    return own && other && own !== other
  })
  expect(nosy).toEqual([])
})

it('has read every room and found what they import', () => {
  const rooms = new Set(files.map(roomOf))
  expect([...rooms].sort()).toEqual([...Object.keys(knows), 'failure.ts'].sort())
  for (const room of Object.keys(knows).filter((one) => knows[one]?.length)) {
    expect(imports.some(({ file }) => roomOf(file) === room)).toBe(true)
  }
})

it('has no room or file of a name that says nothing', () => {
  const vague = /(^|\/)(utils?|helpers?|common|shared|lib|core|misc)(\/|\.ts|$)/
  expect(files.filter((file) => vague.test(file))).toEqual([])
})
