import { flagNames } from './names.ts'

/** Hardware type as "ip link" names it after "link/"; a number in brackets for one without a name. */
export function linkTypeName(type: number): string {
  return TYPES[type] ?? `[${type}]`
}

/** Flags as "ip link" prints them: RUNNING shows only by its absence, as NO-CARRIER. */
export function linkFlagNames(flags: number): string[] {
  const names = flagNames(flags, FLAGS)
  return flags & IFF_UP && !(flags & IFF_RUNNING) ? ['NO-CARRIER', ...names] : names
}

export const OPERSTATES = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP']
export const LINKMODES = ['DEFAULT', 'DORMANT', 'TESTING']

/** Hardware types whose "address" is the local IP address of a tunnel. */
export const ADDRESSED_BY_IP: ReadonlySet<number> = new Set([768, 769, 776, 778, 823])

const TYPES: Record<number, string> = {
  0: 'netrom',
  1: 'ether',
  24: 'ieee1394',
  32: 'infiniband',
  280: 'can',
  512: 'ppp',
  519: 'rawip',
  768: 'ipip',
  769: 'tunnel6',
  772: 'loopback',
  776: 'sit',
  778: 'gre',
  801: 'ieee802.11',
  803: 'ieee802.11/radiotap',
  804: 'ieee802.15.4',
  823: 'gre6',
  824: 'netlink',
  825: '6lowpan',
  826: 'vsockmon',
  65534: 'none',
  65535: 'void',
}

const IFF_UP = 1
const IFF_RUNNING = 0x40
const FLAGS: readonly (readonly [number, string])[] = [
  [0x8, 'LOOPBACK'],
  [0x2, 'BROADCAST'],
  [0x10, 'POINTOPOINT'],
  [0x1000, 'MULTICAST'],
  [0x80, 'NOARP'],
  [0x200, 'ALLMULTI'],
  [0x100, 'PROMISC'],
  [0x400, 'MASTER'],
  [0x800, 'SLAVE'],
  [0x4, 'DEBUG'],
  [0x8000, 'DYNAMIC'],
  [0x4000, 'AUTOMEDIA'],
  [0x2000, 'PORTSEL'],
  [0x20, 'NOTRAILERS'],
  [IFF_UP, 'UP'],
  [0x1_0000, 'LOWER_UP'],
  [0x2_0000, 'DORMANT'],
  [0x4_0000, 'ECHO'],
]
