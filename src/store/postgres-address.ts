import type { ConnectionOptions } from 'node:tls'

/** Where a database is, as a URL says it. */
export interface Address {
  /** Tried in turn, until one is the primary. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user?: string
  readonly password?: string
  /** False for none. */
  readonly ssl: false | ConnectionOptions
}

const usualPort = 5432

/** As libpq has them, but for those that would take what is not encrypted, or not checked, for good enough. */
const sslModes = ['disable', 'require', 'verify-full'] as const

/** Each of them says that it has to be the primary, which is what every node writes to. */
const targets = ['primary', 'read-write']

const parameters = ['sslmode', 'target_session_attrs']

/**
 * The address in `postgres://user:password@host:port,host:port/database?…`. A user or password that it does not say
 * comes from `PGUSER` or `PGPASSWORD`. What goes to another machine is encrypted, and the machine's name checked, unless
 * `sslmode` says otherwise. @throws Error that says what is wrong, without repeating the URL, which may hold a password
 */
export function addressOf(url: string): Address {
  const [, authority = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(url) ??
    refuse('it has to look like postgres://user@host:5432/database')
  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = authority.slice(0, Math.max(at, 0)).split(':')
  const asked = new URLSearchParams(query)
  for (const name of asked.keys()) {
    if (!parameters.includes(name)) {
      refuse(`there is no parameter "${name}"; there are ${parameters.join(' and ')}`)
    }
  }
  const target = asked.get('target_session_attrs') ?? 'primary'
  if (!targets.includes(target)) {
    refuse('target_session_attrs must be "primary": every node writes')
  }
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(hostOf)
  const usual = hosts.every(({ host }) => isHere(host)) ? 'disable' : 'verify-full'
  return {
    hosts,
    database: decoded(path) || refuse('it names no database'),
    ...(user && { user: decoded(user) }),
    ...(password.length > 0 && { password: decoded(password.join(':')) }),
    ssl: sslOf(asked.get('sslmode') ?? usual),
  }
}

/**
 * The addresses of all hosts in such a URL, each by itself: whatever they are, they are only read from. None for an empty
 * one. @throws Error as {@link addressOf}
 */
export function standbysOf(url: string): readonly Address[] {
  if (url === '') return []
  try {
    if (/[?&]target_session_attrs=/.test(url)) refuse('each host is read from, whatever it is')
    const { hosts, ...rest } = addressOf(url)
    return hosts.map((host) => ({ ...rest, hosts: [host] }))
  } catch (error) {
    throw new Error(
      `--read-from (KITH_READ_FROM): ${error instanceof Error ? error.message : error}`,
    )
  }
}

function hostOf(text: string): Address['hosts'][number] {
  const [, bracketed, plain, digits = String(usualPort)] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ??
    refuse('every host has to be a name or address, with or without a port: db1:5432,db2:5432')
  const port = Number(digits)
  if (port < 1 || port > 65_535) refuse('a port is a number from 1 to 65535')
  return { host: decoded(bracketed ?? plain ?? ''), port }
}

/** Whether nothing leaves this machine on its way there; a path is that of a folder of sockets. */
const isHere = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host)

function sslOf(mode: string): Address['ssl'] {
  const known = sslModes.find((one) => one === mode)
  switch (known) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-full':
      return { rejectUnauthorized: true }
    case undefined:
      return refuse(`sslmode must be one of ${sslModes.join(', ')}`)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse('something in it is not encoded as URLs are')
  }
}

function refuse(what: string): never {
  throw new Error(`its address can not be used: ${what}`)
}
