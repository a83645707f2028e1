import type { Link } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { isInet6, isLoopback, isMulticast } from '../ip.ts'
import { BROADCAST } from '../ipv4.ts'
import type { Packet } from '../packet.ts'
import { isLocal, lookUp } from './fib.ts'

export type SourceCheck = 'ok' | 'martian' | 'rp_filter' | { doubt: string }

/** rp_filter in force at a link: 0 off, 1 strict, 2 loose; the larger of the link's and that of all. */
export const rpFilterOf = ({ sysctl }: NetnsIndex, link: Link): number =>
  Math.max(sysctl?.rpFilterAll ?? 0, sysctl?.links[link.index]?.rpFilter ?? 0)

/**
 * Whether the kernel believes that a packet with this source comes in at this link, and is passed on to `out` unless it is for the namespace itself. Same
 * as "ip route get SRC iif OUT", compared.
 */
export function checkSource(
  space: NetnsIndex,
  link: Link,
  packet: Pick<Packet, 'src' | 'dst' | 'mark' | 'protocol'> & { out?: Link | undefined },
): SourceCheck {
  const { src, dst } = packet
  if (isMulticast(src)) return 'martian'
  // IPv6 asks no route whether it believes a source.
  if (isInet6(src)) return 'ok'
  if (src === BROADCAST || src >>> 24 === 0) return 'martian'
  if (link.flags.includes('LOOPBACK')) return 'ok'
  if (isLoopback(src)) return 'martian'
  const filter = rpFilterOf(space, link)
  const { addresses, policyRules } = space.tables('inet')
  const custom = policyRules.some(({ priority }) => priority !== 0 && priority !== 32766 && priority !== 32767)
  if (filter === 0 && !custom) return isLocal(space, src) ? 'martian' : 'ok'
  // An answer would come in where it goes out.
  const key = { dst: src, src: dst, iif: packet.out?.name ?? 'lo', mark: 0, protocol: packet.protocol }
  const found = lookUp(space, key)
  if ('doubt' in found) return filter === 0 ? 'ok' : { doubt: found.doubt }
  const hasAddress = addresses.some(({ record }) => record.index === link.index)
  const last = filter === 0 ? 'ok' : 'rp_filter'
  if (found.result === 'local' || found.result === 'broadcast' || found.result === 'multicast') return 'martian'
  if (found.result !== 'unicast') return last
  if (found.out?.index === link.index) return 'ok'
  if (!hasAddress) return last
  return filter === 1 ? 'rp_filter' : 'ok'
}
