/** Address families by number, as iproute2 names them. */
export const AF = { UNSPEC: 0, INET: 2, BRIDGE: 7, INET6: 10 } as const
export type IpFamily = 'inet' | 'inet6'

/** "inet" or "inet6", undefined for any other family. */
export function ipFamily(family: number): IpFamily | undefined {
  if (family === AF.INET) return 'inet'
  return family === AF.INET6 ? 'inet6' : undefined
}

/** Names of the set bits in the table's order; bits without a name are left out. */
export function flagNames(flags: number, table: readonly (readonly [bit: number, name: string])[]): string[] {
  const names: string[] = []
  for (const [bit, name] of table) if (flags & bit) names.push(name)
  return names
}

/** Scope of an address or route; a number in text for one without a name. */
export function scopeName(scope: number): string {
  return SCOPES[scope] ?? String(scope)
}
const SCOPES: Record<number, string> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' }

/** Routing protocol: who made a route. A number in text for one without a name. */
export function protocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? String(protocol)
}
const PROTOCOLS: Record<number, string> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  18: 'keepalived',
  42: 'babel',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
}

/** Routing table: main, local, default, else its number in text. Names from /etc/iproute2/rt_tables are the reader's. */
export function tableName(table: number): string {
  if (table === 254) return 'main'
  if (table === 255) return 'local'
  return table === 253 ? 'default' : String(table)
}

/** Type of a route. */
export function routeTypeName(type: number): string {
  return ROUTE_TYPES[type] ?? String(type)
}
const ROUTE_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
]
