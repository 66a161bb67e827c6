import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'
import { networkOf, unknownNetwork } from './log.ts'

/** The most addresses whose network is remembered. */
const mostClients = 10_000

/** Where requests come from, as far as `proxies` are believed. */
export interface Clients {
  /** As it is told in the log. */
  network(raw: IncomingMessage): string
  /** What is counted as one client. */
  source(raw: IncomingMessage): string
}

export function clientsBehind(proxies: readonly string[]): Clients {
  const trusts = proxies.length > 0 ? proxyAddress.compile([...proxies]) : undefined
  const networks = new Map<string, string>()
  const addressOf = (raw: IncomingMessage) =>
    (trusts ? proxyAddress(raw, trusts) : raw.socket.remoteAddress) ?? ''
  return {
    network(raw) {
      const address = addressOf(raw)
      const known = networks.get(address)
      if (known !== undefined) return known
      const network = networkOf(address)
      // What is no address may be anything, as long as a proxy that is trusted passes it on.
      if (network === unknownNetwork) return network
      if (networks.size >= mostClients) networks.clear()
      networks.set(address, network)
      return network
    },
    source: (raw) => sourceOf(addressOf(raw)),
  }
}

/** An IPv4 address, the /64 of an IPv6 one (a client has all of it), or one name for all that is no address. */
export function sourceOf(address: string): string {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1')
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare
  if (isIPv4(mapped)) return mapped
  const [plain = ''] = bare.split('%')
  if (!isIPv6(plain)) return unknownNetwork
  // The one spelling that each address has there; it holds `::` where zeros are.
  const spelt = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [head = '', tail = ''] = spelt.split('::')
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean))
  const zeros = Array<string>(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0')
  const groups = [...(before ?? []), ...zeros, ...(after ?? [])]
  return `${groups.slice(0, 4).join(':')}::/64`
}
