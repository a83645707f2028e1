import { type Family, familyOf, type Ip } from './ip.ts'

/** What an ICMP error says, in the numbers of its family. */
export type IcmpError = { type: number; code: number }

const ERRORS = {
  noRoute: { inet: { type: 3, code: 0 }, inet6: { type: 1, code: 0 } },
  unreachable: { inet: { type: 3, code: 1 }, inet6: { type: 1, code: 0 } },
  prohibited: { inet: { type: 3, code: 13 }, inet6: { type: 1, code: 1 } },
  port: { inet: { type: 3, code: 3 }, inet6: { type: 1, code: 4 } },
  tooBig: { inet: { type: 3, code: 4 }, inet6: { type: 2, code: 0 } },
  timeExceeded: { inet: { type: 11, code: 0 }, inet6: { type: 3, code: 0 } },
} as const satisfies Record<string, Record<Family, IcmpError>>

export const icmpError = (what: keyof typeof ERRORS, about: Ip): IcmpError => ERRORS[what][familyOf(about)]

/** "Destination unreachable" with a code of the family. */
export const unreachable = (code: number, about: Ip): IcmpError => ({ type: UNREACHABLE[familyOf(about)], code })

const UNREACHABLE: Readonly<Record<Family, number>> = { inet: 3, inet6: 1 }
/** Of "destination unreachable", what the kernel takes for something that may pass. */
const PASSING: Readonly<Record<Family, ReadonlySet<number>>> = {
  // Network or host unreachable, too large, a source route that failed, unreachable for the type of service.
  inet: new Set([0, 1, 4, 5, 11, 12]),
  // No route, beyond the scope, address unreachable.
  inet6: new Set([0, 2, 3]),
}

/** Whether the sender of a datagram is kept from knowing, because it may pass. Same for a time to live that is over. */
export const mayPass = ({ type, code }: IcmpError, about: Ip): boolean =>
  type !== UNREACHABLE[familyOf(about)] || PASSING[familyOf(about)].has(code)

/** The name of ICMP in a family, as flows have it. */
export const icmpOf = (ip: Ip): 'icmp' | 'icmpv6' => (familyOf(ip) === 'inet6' ? 'icmpv6' : 'icmp')
export const isIcmp = ({ protocol }: { protocol: string }): boolean => protocol === 'icmp' || protocol === 'icmpv6'

const ECHO = { request: { inet: 8, inet6: 128 }, reply: { inet: 0, inet6: 129 } } as const
export const echoType = (what: keyof typeof ECHO, ip: Ip): number => ECHO[what][familyOf(ip)]

export const SOLICITATION = 135
export const ADVERTISEMENT = 136
/** Neighbour and router discovery, and who listens to which group: no connection knows them. */
export const isDiscovery = ({ protocol, icmpType = 0 }: { protocol: string; icmpType?: number }): boolean =>
  protocol === 'icmpv6' && ((icmpType >= 130 && icmpType <= 137) || icmpType === 143)
