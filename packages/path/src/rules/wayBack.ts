import type { NetnsIndex } from '../host/hostIndex.ts'
import { isInet6, isLinkLocal, isMulticast } from '../ip.ts'
import type { Packet } from '../packet.ts'
import { lookUp } from '../steps/fib.ts'
import { FOUND, MISSING } from './values.ts'

/**
 * Whether a route leads back to the sender by the link that a packet of IPv6 came in by, as `-m rpfilter` and `fib saddr . iif oif` ask. Same as
 * "ip -6 route get SRC oif LINK".
 */
export function wayBack(
  { space, packet, iif }: { space: NetnsIndex; packet: Packet; iif?: { name: string } },
  mark: number,
): readonly string[] | { unknown: string } {
  const { src, dst, protocol } = packet
  const link = [...space.links.values()].find(({ name }) => name === iif?.name)
  if (!isInet6(src) || link === undefined) return { unknown: 'the way back' }
  if (link.flags.includes('LOOPBACK')) return [FOUND]
  const found = lookUp(space, {
    ...{ dst: src, iif: 'lo', mark, protocol },
    ...(!isMulticast(dst) && { src: dst }),
    // Such an address says nothing without its link.
    ...(isLinkLocal(src) && { oif: link.index }),
  })
  if ('doubt' in found) return { unknown: found.doubt }
  return [found.result === 'unicast' && found.out === link ? FOUND : MISSING]
}
