import type { Message, Reader } from '../codec/reader.ts'
import { attribute, i32 } from '../codec/writer.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import { RTM } from './messages.ts'
import { flagNames, type IpFamily, ipFamily, scopeName } from './names.ts'

/** An address of a link; lifetimes in seconds, 4294967295 = forever. */
export type Address = {
  ifindex: number
  family: IpFamily
  /** The address itself. */
  local: string
  /** The other end of a point-to-point address. */
  peer?: string
  prefixlen: number
  broadcast?: string
  anycast?: string
  scope: string
  label?: string
  flags: number
  /** secondary, temporary, nodad, dadfailed, deprecated, tentative, permanent, mngtmpaddr, noprefixroute… */
  flagNames: string[]
  protocol?: number
  metric?: number
  validLifetime?: number
  preferredLifetime?: number
}

/** Asks for all addresses. */
export const ALL_ADDRESSES: Request = { type: RTM.GETADDR, payload: Buffer.alloc(8), doing: 'dump addresses' }

/** Addresses of a namespace, optionally of one link or of another namespace by its id. Same as "ip -d addr". Throws NetlinkError. */
export function dumpAddresses(
  socket: NetlinkSocket,
  filter: { ifindex?: number; targetNsid?: number } = {},
): Address[] {
  const { ifindex, targetNsid } = filter
  const header = Buffer.alloc(8)
  header.writeUInt32LE(ifindex ?? 0, 4)
  const target = targetNsid === undefined ? [] : [attribute(10, i32(targetNsid))]
  // A link that has gone has no addresses.
  const missing = ifindex === undefined ? undefined : 'ENODEV'
  const payload = Buffer.concat([header, ...target])
  const addresses = socket.dump({ ...ALL_ADDRESSES, payload, missing }, decodeAddress)
  return ifindex === undefined ? addresses : addresses.filter((address) => address.ifindex === ifindex)
}

/** An RTM_NEWADDR or RTM_DELADDR message. */
export function decodeAddress(reader: Reader, message: Message): Address | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 8)) return undefined
  const family = ipFamily(reader.bytes.readUInt8(start))
  if (family === undefined) return undefined
  const address: Address = {
    ifindex: reader.bytes.readUInt32LE(start + 4),
    family,
    local: '',
    prefixlen: reader.bytes.readUInt8(start + 1),
    scope: scopeName(reader.bytes.readUInt8(start + 3)),
    flags: reader.bytes.readUInt8(start + 2),
    flagNames: [],
  }
  reader.attributes(start + 8, end, (type, from, to) => readAttribute(address, reader, { type, from, to }))
  // IPv6 and broadcast links carry the address in IFA_ADDRESS; only where IFA_LOCAL differs is that the peer's.
  if (address.local === '') address.local = address.peer ?? ''
  if (address.peer === address.local) delete address.peer
  if (address.local === '') return undefined
  address.flagNames = addressFlags(address.flags, family)
  return address
}

function readAttribute(address: Address, reader: Reader, at: { type: number; from: number; to: number }): void {
  const { from, to } = at
  switch (at.type) {
    case 1:
      address.peer = reader.ip(from, to)
      return
    case 2:
      address.local = reader.ip(from, to) ?? ''
      return
    case 3:
      address.label = reader.text(from, to)
      return
    case 4:
      address.broadcast = reader.ip(from, to)
      return
    case 5:
      address.anycast = reader.ip(from, to)
      return
    case 6:
      if (!reader.has(from, to, 8)) return
      address.preferredLifetime = reader.bytes.readUInt32LE(from)
      address.validLifetime = reader.bytes.readUInt32LE(from + 4)
      return
    case 8:
      address.flags = reader.u32(from, to) ?? address.flags
      return
    case 9:
      address.metric = reader.u32(from, to)
      return
    case 11:
      address.protocol = reader.u8(from, to)
      return
    case 7: // IFA_MULTICAST
    case 10: // IFA_TARGET_NETNSID
      return
    default:
      reader.unknown()
  }
}

function addressFlags(flags: number, family: IpFamily): string[] {
  const first = flags & 1 ? [family === 'inet6' ? 'temporary' : 'secondary'] : []
  return [...first, ...flagNames(flags, FLAGS)]
}

const FLAGS: readonly (readonly [number, string])[] = [
  [0x02, 'nodad'],
  [0x04, 'optimistic'],
  [0x08, 'dadfailed'],
  [0x10, 'home'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
  [0x80, 'permanent'],
  [0x100, 'mngtmpaddr'],
  [0x200, 'noprefixroute'],
  [0x400, 'autojoin'],
  [0x800, 'stable-privacy'],
]
