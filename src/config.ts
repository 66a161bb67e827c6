import { isIP } from 'node:net'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Config {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** The path of the SQLite file, or the URL of a PostgreSQL database, which may hold a password: see {@link nameOf}. */
  readonly database: string
  /** The URL of standbys of the database to read from; empty for none. It may hold a password, too. */
  readonly readFrom: string
  /** The folder of the pictures that are kept here; empty where nothing says which. */
  readonly pictures: string
  /** How many processes answer requests; from 2 on, one more writes for them. */
  readonly workers: number
  /** Bytes of memory for finished answers, in each process that answers; 0 for none. */
  readonly cacheSize: number
  /** Bytes of disk, beside the database, for those that had to make room in memory; 0 for none. */
  readonly cacheDisk: number
  /** Milliseconds from a heartbeat until it is written at the latest. */
  readonly heartbeatInterval: number
  /** The origin (and path, behind a proxy that adds one) that absolute addresses begin with; absent: host and port. */
  readonly publicUrl?: string
  readonly trustedProxies: readonly string[]
  /** How much may be asked in a minute, and at once. */
  readonly limits: {
    /** Requests of each key, by dialect; 0 for any number. */
    readonly requests: Readonly<Record<string, number>>
    /** Failed credentials from each address. */
    readonly failures: number
  }
  /** The origins whose pages may ask with a key in a header; `*` for any. */
  readonly corsOrigins: readonly string[]
  readonly logLevel: LogLevel
  /** By dialect. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, boolean>>>>
}

/** What the dialects declare, as far as configuration is concerned. */
export interface Switchable {
  readonly name: string
  readonly switches: Readonly<
    Record<string, { readonly default: boolean; readonly seed: boolean; readonly effect: string }>
  >
}

interface Setting {
  readonly variable: string
  readonly flag: string
  readonly default: string
  readonly meaning: string
}

const mostWorkers = 64
/** Seconds. Well below the ten minutes after which somebody counts as inactive. */
const longestHeartbeat = 120

/** Every setting but the dialects' switches; the README's table is held to this. */
export const settings: readonly Setting[] = [
  {
    variable: 'KITH_HOST',
    flag: '--host',
    default: '127.0.0.1',
    meaning: 'the address to listen on',
  },
  {
    variable: 'KITH_PORT',
    flag: '--port',
    default: '4000',
    meaning: 'the port to listen on; 0 for any free one',
  },
  {
    variable: 'KITH_DATABASE',
    flag: '--database',
    default: 'kith.db',
    meaning:
      'the database: the path of an SQLite file, or `postgres://user@host:5432/database` ([PostgreSQL](docs/postgres.md))',
  },
  {
    variable: 'KITH_READ_FROM',
    flag: '--read-from',
    default: '',
    meaning:
      'standbys of a PostgreSQL database, which are read from where they know all that this node does: `postgres://user@host1:5432,host2:5432/database` ([standbys](docs/postgres.md#standbys))',
  },
  {
    variable: 'KITH_PICTURES',
    flag: '--pictures',
    default: '',
    meaning:
      'the folder of the pictures that are kept here; without it, the database’s path with `.pictures` after it. With PostgreSQL it has to be said, and be the same for all nodes',
  },
  {
    variable: 'KITH_WORKERS',
    flag: '--workers',
    default: '1',
    meaning: `how many processes answer requests, from 1 to ${mostWorkers}; from 2 on, one more writes for them`,
  },
  {
    variable: 'KITH_CACHE_SIZE',
    flag: '--cache-size',
    default: '64',
    meaning: 'megabytes of memory for finished answers, in each process that answers; 0 for none',
  },
  {
    variable: 'KITH_CACHE_DISK',
    flag: '--cache-disk',
    default: '2048',
    meaning:
      'megabytes of disk, beside the database (with PostgreSQL in the system’s folder for temporary files), for those that had to make room in memory, in each process; 0 for none',
  },
  {
    variable: 'KITH_HEARTBEAT_INTERVAL',
    flag: '--heartbeat-interval',
    default: '60',
    meaning: `seconds, from 1 to ${longestHeartbeat}, until a heartbeat that changes nobody’s state is written, which are lost at a crash ([presence](docs/presence.md))`,
  },
  {
    variable: 'KITH_PUBLIC_URL',
    flag: '--public-url',
    default: '',
    meaning:
      'what absolute addresses in answers begin with; without it, host and port. `Host` and `X-Forwarded-*` headers never get there',
  },
  {
    variable: 'KITH_TRUSTED_PROXIES',
    flag: '--trusted-proxies',
    default: '',
    meaning:
      'addresses or networks, by comma, whose `X-Forwarded-For` is believed, by the log and by the limit of failures',
  },
  {
    variable: 'KITH_FAILURE_LIMIT',
    flag: '--failure-limit',
    default: '30',
    meaning: 'how many credentials from one address may fail in a minute before no more are tried',
  },
  {
    variable: 'KITH_CORS_ORIGINS',
    flag: '--cors-origins',
    default: '',
    meaning:
      'origins, by comma, whose pages may ask with a key in a header (never in a cookie); `*` for any',
  },
  {
    variable: 'KITH_LOG_LEVEL',
    flag: '--log-level',
    default: 'info',
    meaning: `one of ${logLevels.join(', ')}`,
  },
  {
    variable: 'KITH_FIDELITY',
    flag: '--fidelity',
    default: 'wire',
    meaning:
      '`wire`: as the vendors’ servers answer; `seed`: every switch as the vendors’ pages show it',
  },
]

/** The most requests that a limit can allow in a minute. */
const mostRequests = 1_000_000

/** The environment variable of a dialect's limit, in requests a minute of each key: `KITH_WEBEX_LIMIT`. */
export const limitVariable = (dialect: string): string => `KITH_${dialect}_LIMIT`.toUpperCase()

/** The environment variable of a dialect's switch: `KITH_WEBEX_SEED_FORM` for `seedForm` of `webex`. */
export const switchVariable = (dialect: string, name: string): string =>
  `KITH_${dialect}_${name.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase()

/**
 * The configuration of flags, which win, and environment.
 * @throws Error that lists every problem, one a line
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string | undefined>>,
  dialects: readonly Switchable[],
): Config {
  const problems: string[] = []
  const value = (flag: string): string => {
    const setting = settings.find((one) => one.flag === flag)
    const camel = flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    return flags[camel] ?? (env[setting?.variable ?? ''] || undefined) ?? setting?.default ?? ''
  }
  const refuse = (flag: string, wanted: string) => {
    const variable = settings.find((one) => one.flag === flag)?.variable
    const shown = nameOf(value(flag))
    // An address that is not even a URL may hold a password all the same.
    const told = shown.slice(shown.lastIndexOf('@') + 1)
    problems.push(`${flag} (${variable}): ${wanted}, not "${told}"`)
  }

  const port = wholeNumber(value('--port'), 5)
  if (!isWithin(port, 0, 65_535)) refuse('--port', 'must be a number from 0 to 65535')

  const places = readPlaces(value, refuse)

  const megabytes = wholeNumber(value('--cache-size'), 6)
  if (Number.isNaN(megabytes)) refuse('--cache-size', 'must be a number of megabytes')

  const diskMegabytes = wholeNumber(value('--cache-disk'), 6)
  if (Number.isNaN(diskMegabytes)) refuse('--cache-disk', 'must be a number of megabytes')

  const heartbeat = wholeNumber(value('--heartbeat-interval'), 3)
  if (!isWithin(heartbeat, 1, longestHeartbeat))
    refuse('--heartbeat-interval', `must be a number of seconds from 1 to ${longestHeartbeat}`)

  const publicUrl = originFrom(value('--public-url'))
  if (publicUrl === undefined)
    refuse('--public-url', 'must be an address such as https://people.example.com')

  const logLevel = logLevels.find((level) => level === value('--log-level'))
  if (!logLevel) refuse('--log-level', `must be one of ${logLevels.join(', ')}`)

  const fidelity = value('--fidelity')
  if (!['wire', 'seed'].includes(fidelity)) refuse('--fidelity', 'must be "wire" or "seed"')

  const trustedProxies = listFrom(value('--trusted-proxies'))
  if (!trustedProxies.every(isNetwork)) {
    refuse('--trusted-proxies', 'must be addresses or networks such as 10.0.0.0/8, by comma')
  }

  const failures = wholeNumber(value('--failure-limit'), 7)
  if (!isWithin(failures, 1, mostRequests))
    refuse('--failure-limit', `must be a number from 1 to ${mostRequests}`)

  const corsOrigins = listFrom(value('--cors-origins'))
  if (!corsOrigins.every(isOrigin))
    refuse('--cors-origins', 'must be origins such as https://app.example.com, by comma, or *')

  const switches = readSwitches(env, dialects, fidelity === 'seed', problems)
  const requests = readLimits(env, dialects, problems)
  if (problems.length > 0 || !logLevel) {
    throw new Error(
      `The configuration has problems:\n${problems.map((one) => `  ${one}`).join('\n')}`,
    )
  }
  return {
    host: value('--host'),
    port,
    ...places,
    cacheSize: megabytes * 1_048_576,
    cacheDisk: diskMegabytes * 1_048_576,
    heartbeatInterval: heartbeat * 1000,
    ...(publicUrl && { publicUrl }),
    trustedProxies,
    limits: { requests, failures },
    corsOrigins,
    logLevel,
    switches,
  }
}

/** Where things are kept, and by how many processes. */
function readPlaces(
  value: (flag: string) => string,
  refuse: (flag: string, wanted: string) => void,
): Pick<Config, 'database' | 'readFrom' | 'pictures' | 'workers'> {
  const database = value('--database')
  if (!isServer(database) && !isPath(database)) {
    const wanted = 'must be the path of a file or a URL such as postgres://user@host/database'
    refuse('--database', wanted)
  }

  const readFrom = value('--read-from')
  if (readFrom !== '' && !(isServer(readFrom) && isServer(database))) {
    const wanted = 'must be a URL such as postgres://user@host1,host2/database'
    refuse('--read-from', `${wanted}, of standbys of a PostgreSQL database`)
  }

  if (!isFolder(value('--pictures'))) refuse('--pictures', 'must be the path of a folder')

  const workers = wholeNumber(value('--workers'), 2)
  if (!isWithin(workers, 1, mostWorkers)) {
    refuse('--workers', `must be a number from 1 to ${mostWorkers}`)
  } else if (workers > 1 && isServer(database)) {
    refuse('--workers', 'must be 1 with PostgreSQL, where each process is a node: run several')
  }
  return { database, readFrom, pictures: folderOf(value('--pictures'), database), workers }
}

/** Whether a database is a server's, and no file. */
export const isServer = (database: string): boolean => /^postgres(ql)?:\/\//i.test(database)

/** A database as it may be told of: without a user, a password or anything that may hold one. */
export function nameOf(database: string): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/*)(.*)$/is.exec(database) ?? []
  if (scheme === undefined) return database
  const [place = ''] = rest.split(/[?#]/)
  return scheme + place.slice(place.lastIndexOf('@') + 1)
}

/** Neither an address nor one of SQLite's own names. */
const isPath = (text: string): boolean =>
  !(/^([a-z][a-z0-9+.-]*:\/\/|file:|:memory:$|\s*$)/i.test(text) || text.includes('\0'))

/** Empty for none. */
const isFolder = (text: string): boolean => text === '' || isPath(text)

/** The folder of the pictures: as it is said, else beside the database; a server has nothing beside it. */
const folderOf = (said: string, database: string): string =>
  said || (isServer(database) ? '' : `${database}.pictures`)

/** NaN for anything but at most so many digits. */
const wholeNumber = (text: string, digits: number): number =>
  /^\d+$/.test(text) && text.length <= digits ? Number(text) : Number.NaN

const isWithin = (number: number, least: number, most: number): boolean =>
  number >= least && number <= most

const listFrom = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

/** As a browser sends it in `Origin`, or `*`. */
const isOrigin = (text: string): boolean =>
  text === '*' || (/^https?:/.test(text) && URL.parse(text)?.origin === text)

/** Without a slash at the end; empty for none; undefined for what is no address. */
function originFrom(text: string): string | undefined {
  if (text === '') return ''
  const url = URL.parse(text)
  const fit = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username
  return fit ? (url.origin + url.pathname).replace(/\/+$/, '') : undefined
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  const sized = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
  return family !== 0 && sized && rest.length === 0
}

const words: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
}

/** Requests a minute by dialect; 0 where nothing is said. */
function readLimits(
  env: Readonly<Record<string, string | undefined>>,
  dialects: readonly Switchable[],
  problems: string[],
): Record<string, number> {
  const limitOf = (dialect: string) => {
    const given = env[limitVariable(dialect)] || '0'
    const limit = wholeNumber(given, 7)
    if (isWithin(limit, 0, mostRequests)) return limit
    const wanted = `must be a number from 0 to ${mostRequests}`
    problems.push(`${limitVariable(dialect)}: ${wanted}, not "${given}"`)
    return 0
  }
  return Object.fromEntries(dialects.map(({ name }) => [name, limitOf(name)]))
}

function readSwitches(
  env: Readonly<Record<string, string | undefined>>,
  dialects: readonly Switchable[],
  seed: boolean,
  problems: string[],
): Record<string, Record<string, boolean>> {
  const known = new Set([
    ...settings.map(({ variable }) => variable),
    ...dialects.map(({ name }) => limitVariable(name)),
  ])
  const chosen = (dialect: string, name: string, one: { default: boolean; seed: boolean }) => {
    const variable = switchVariable(dialect, name)
    known.add(variable)
    const given = env[variable]?.toLowerCase() ?? ''
    if (given !== '' && !Object.hasOwn(words, given)) {
      problems.push(`${variable}: must be "on" or "off", not "${given}"`)
    }
    return words[given] ?? (seed ? one.seed : one.default)
  }
  const switches = Object.fromEntries(
    dialects.map(({ name: dialect, switches: own }) => [
      dialect,
      Object.fromEntries(
        Object.entries(own).map(([name, one]) => [name, chosen(dialect, name, one)]),
      ),
    ]),
  )
  for (const variable of Object.keys(env)) {
    // A misspelt setting that is silently ignored is the worst kind.
    if (variable.startsWith('KITH_') && !known.has(variable))
      problems.push(`${variable}: there is no such setting`)
  }
  return switches
}
