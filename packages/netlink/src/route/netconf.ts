import { fieldDecoder } from '../codec/fields.ts'
import type { Message, Reader } from '../codec/reader.ts'
import type { NetlinkSocket } from '../socket.ts'
import { RTM } from './messages.ts'
import { AF, type IpFamily, ipFamily } from './names.ts'

/** The forwarding switches of a link, or of `all` or `default`. A field is absent where the family has no such switch. */
export type Netconf = {
  family: IpFamily
  ifindex: number | 'all' | 'default'
  forwarding?: boolean
  /** 0 off, 1 strict, 2 loose. */
  rpFilter?: number
  mcForwarding?: boolean
  proxyNeigh?: boolean
  ignoreRoutesWithLinkdown?: boolean
  bcForwarding?: boolean
}

/** Forwarding switches of a namespace, both families. Same as "ip netconf" and "ip -6 netconf". Throws NetlinkError. */
export function dumpNetconf(socket: NetlinkSocket): Netconf[] {
  return [AF.INET, AF.INET6].flatMap((family) => {
    // A namespace without IPv6 (ipv6.disable=1) has no such table.
    const request = { type: RTM.GETNETCONF, payload: Buffer.from([family, 0, 0, 0]), doing: 'dump netconf' }
    return socket.dump({ ...request, missing: 'EOPNOTSUPP' }, decodeNetconf)
  })
}

/** An RTM_NEWNETCONF or RTM_DELNETCONF message; an event names only what changed. */
export function decodeNetconf(reader: Reader, message: Message): Netconf | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 4)) return undefined
  const family = ipFamily(reader.bytes.readUInt8(start))
  if (family === undefined) return undefined
  const { ifindex, forwarding, mcForwarding, proxyNeigh, bcForwarding, ignoreRoutesWithLinkdown, rpFilter } =
    readFields(reader, start + 4, end)
  if (ifindex === undefined) return undefined
  const netconf: Netconf = { family, ifindex }
  if (forwarding !== undefined) netconf.forwarding = forwarding !== 0
  if (rpFilter !== undefined) netconf.rpFilter = rpFilter
  if (mcForwarding !== undefined) netconf.mcForwarding = mcForwarding !== 0
  if (proxyNeigh !== undefined) netconf.proxyNeigh = proxyNeigh !== 0
  if (bcForwarding !== undefined) netconf.bcForwarding = bcForwarding !== 0
  if (ignoreRoutesWithLinkdown !== undefined) netconf.ignoreRoutesWithLinkdown = ignoreRoutesWithLinkdown !== 0
  return netconf
}

const readFields = fieldDecoder({
  1: ['ifindex', netconfIndex],
  2: ['forwarding', 'i32'],
  3: ['rpFilter', 'i32'],
  4: ['mcForwarding', 'i32'],
  5: ['proxyNeigh', 'i32'],
  6: ['ignoreRoutesWithLinkdown', 'i32'],
  7: ['input', 'skip'],
  8: ['bcForwarding', 'i32'],
})

function netconfIndex(reader: Reader, start: number, end: number): Netconf['ifindex'] | undefined {
  const index = reader.i32(start, end)
  if (index === -1) return 'all'
  return index === -2 ? 'default' : index
}
