import { expect, it } from 'vitest'
import { limitVariable, nameOf, readConfig, settings, switchVariable } from './config.ts'

const dialects = [
  {
    name: 'webex',
    switches: {
      seedForm: { default: false, seed: true, effect: 'one' },
      other: { default: true, seed: false, effect: 'two' },
    },
  },
]

it('has a default for everything', () => {
  expect(readConfig({}, {}, dialects)).toEqual({
    host: '127.0.0.1',
    port: 4000,
    database: 'kith.db',
    readFrom: '',
    pictures: 'kith.db.pictures',
    workers: 1,
    cacheSize: 67_108_864,
    cacheDisk: 2_147_483_648,
    heartbeatInterval: 60_000,
    trustedProxies: [],
    limits: { requests: { webex: 0 }, failures: 30 },
    corsOrigins: [],
    logLevel: 'info',
    switches: { webex: { seedForm: false, other: true } },
  })
})

it('takes a flag before the environment, and that before the default', () => {
  const env = {
    KITH_PORT: '1',
    KITH_HOST: '::1',
    KITH_PUBLIC_URL: 'https://people.example.com/kith/',
  }
  expect(readConfig(env, { port: '2' }, dialects)).toMatchObject({
    port: 2,
    host: '::1',
    publicUrl: 'https://people.example.com/kith',
  })
})

it('turns every switch to the vendor’s page at once, and each by itself', () => {
  const seed = readConfig({ KITH_FIDELITY: 'seed' }, {}, dialects)
  expect(seed.switches.webex).toEqual({ seedForm: true, other: false })
  const mixed = readConfig(
    { KITH_FIDELITY: 'seed', KITH_WEBEX_SEED_FORM: 'off', KITH_WEBEX_OTHER: 'On' },
    {},
    dialects,
  )
  expect(mixed.switches.webex).toEqual({ seedForm: false, other: true })
  expect(switchVariable('docspace', 'dateObjects')).toBe('KITH_DOCSPACE_DATE_OBJECTS')
})

it('lists every problem at once, and where it is', () => {
  const env = {
    KITH_PORT: '70000',
    KITH_PUBLIC_URL: 'people.example.com',
    KITH_LOG_LEVEL: 'loud',
    KITH_FIDELITY: 'exact',
    KITH_WORKERS: '65',
    KITH_WEBEX_SEED_FORM: 'constructor',
    KITH_WEBEX_SEEDFORM: 'on',
    KITH_DATABASE: 'mysql://x',
    KITH_TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/33',
    KITH_FAILURE_LIMIT: '0',
    KITH_CORS_ORIGINS: 'https://app.example.com, https://app.example.com/path',
    KITH_WEBEX_LIMIT: '-1',
    OTHER: 'no matter',
  }
  const read = () => readConfig(env, {}, dialects)
  for (const [variable, value] of Object.entries(env).slice(0, -1)) {
    expect(read).toThrow(variable)
    if (variable !== 'KITH_WEBEX_SEEDFORM') expect(read).toThrow(`"${value}"`)
  }
  expect(read).not.toThrow('OTHER')
  expect(read).toThrow('KITH_WEBEX_SEEDFORM: there is no such setting')
})

it('knows each setting by a flag and a variable of the same name', () => {
  for (const { flag, variable } of settings) {
    expect(variable).toBe(`KITH_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`)
  }
})

it.each(['', ' ', ':memory:', 'file:kith.db?mode=memory', 'mysql://x', 'a\0b'])(
  'refuses %j for the path of the database',
  (database) => {
    expect(() => readConfig({}, { database }, dialects)).toThrow(
      '--database (KITH_DATABASE): must be the path of a file',
    )
  },
)

it('keeps pictures beside the database, or where it is told to', () => {
  const picturesOf = (flags: Record<string, string>) => readConfig({}, flags, dialects).pictures
  expect(picturesOf({ database: '/var/lib/kith.db' })).toBe('/var/lib/kith.db.pictures')
  expect(picturesOf({ database: 'a.db', pictures: '/srv/pictures' })).toBe('/srv/pictures')
  for (const pictures of ['s3://bucket', 'a\0b', ' ']) {
    expect(() => picturesOf({ pictures })).toThrow('--pictures (KITH_PICTURES): must be the path')
  }
})

it.each(['0', '65', '-1', '1.5', '2x', 'two'])(
  'refuses %j for the number of workers',
  (workers) => {
    expect(() => readConfig({}, { workers }, dialects)).toThrow(
      `--workers (KITH_WORKERS): must be a number from 1 to 64, not "${workers}"`,
    )
  },
)

it.each([1, 2, 64])('takes %d for the number of workers', (workers) => {
  expect(readConfig({}, { workers: `${workers}` }, dialects)).toMatchObject({ workers })
})

it('takes a limit for each dialect, in requests a minute', () => {
  const { limits } = readConfig({ KITH_WEBEX_LIMIT: '600', KITH_FAILURE_LIMIT: '5' }, {}, dialects)
  expect(limits).toEqual({ requests: { webex: 600 }, failures: 5 })
  expect(limitVariable('docspace')).toBe('KITH_DOCSPACE_LIMIT')
  for (const limit of ['1000001', '1.5', 'none', ' '])
    expect(() => readConfig({ KITH_WEBEX_LIMIT: limit }, {}, dialects)).toThrow('KITH_WEBEX_LIMIT')
  expect(() => readConfig({ KITH_RINKEL_LIMIT: '1' }, {}, dialects)).toThrow('no such setting')
})

it('takes origins as browsers send them, or all', () => {
  const origins = (text: string) =>
    readConfig({ KITH_CORS_ORIGINS: text }, {}, dialects).corsOrigins
  expect(origins('https://a.example, http://localhost:3000')).toEqual([
    ...['https://a.example', 'http://localhost:3000'],
  ])
  expect(origins('*')).toEqual(['*'])
  for (const wrong of ['a.example', 'https://a.example/', 'https://A.example', 'null', 'file://x'])
    expect(() => origins(wrong), wrong).toThrow('KITH_CORS_ORIGINS')
})

it('takes a PostgreSQL database, which has no folder for pictures and one process for each node', () => {
  const database = 'postgres://kith:secret@db1:5432,db2/kith'
  expect(readConfig({}, { database }, dialects)).toMatchObject({
    database,
    pictures: '',
    workers: 1,
  })
  expect(readConfig({}, { database, pictures: '/mnt/kith' }, dialects).pictures).toBe('/mnt/kith')
  const read = () => readConfig({}, { database, workers: '2' }, dialects)
  expect(read).toThrow('--workers (KITH_WORKERS): must be 1 with PostgreSQL')
})

it('reads from standbys of a PostgreSQL database, and of no other', () => {
  const readFrom = 'postgres://kith:secret@db2,db3/kith'
  const from = (one: Record<string, string>) => readConfig({}, one, dialects).readFrom
  expect(from({})).toBe('')
  expect(from({ database: 'postgres://db1/kith', readFrom })).toBe(readFrom)
  for (const wrong of [
    { database: 'kith.db', readFrom },
    { database: 'postgres://db1/kith', readFrom: 'kith:secret@db2' },
  ]) {
    expect(() => from(wrong)).toThrow('--read-from (KITH_READ_FROM): must be a URL such as')
    expect(() => from(wrong)).not.toThrow('secret')
  }
})

it.each([
  ['postgres://kith:secret@db1:5432,db2/kith?sslmode=require', 'postgres://db1:5432,db2/kith'],
  ['postgres://kith:sec@ret@db1/kith', 'postgres://db1/kith'],
  ['postgres:/kith:secret@db1/kith', 'postgres:/db1/kith'],
  ['mysql://kith:secret@db1/kith', 'mysql://db1/kith'],
  ['kith.db', 'kith.db'],
])('tells of the database %s without what is secret in it', (database, name) => {
  expect(nameOf(database)).toBe(name)
})

it('names no secret of an address that it refuses', () => {
  const read = () => readConfig({}, { database: 'mysql://kith:secret@db1/kith' }, dialects)
  expect(read).toThrow('not "mysql://db1/kith"')
  expect(read).not.toThrow('secret')
})
