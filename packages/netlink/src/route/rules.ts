import { fieldDecoder } from '../codec/fields.ts'
import type { Message, Reader } from '../codec/reader.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import { RTM } from './messages.ts'
import { type IpFamily, ipFamily, protocolName, tableName } from './names.ts'

export type Range = { start: number; end: number }
/** A policy rule; `src` and `dst` are "all" or a prefix as iproute2 prints it. */
export type PolicyRule = {
  family: IpFamily
  priority: number
  src: string
  dst: string
  iif?: string
  oif?: string
  fwmark?: number
  fwmask?: number
  tos?: number
  table: number
  tableName: string
  /** to_tbl, goto, nop, blackhole, unreachable, prohibit. */
  action: string
  goto?: number
  suppressPrefixlength?: number
  suppressIfgroup?: number
  ipproto?: number
  sport?: Range
  dport?: Range
  sportMask?: number
  dportMask?: number
  dscp?: number
  dscpMask?: number
  flowlabel?: number
  flowlabelMask?: number
  uidrange?: Range
  l3mdev: boolean
  /** The rule matches what its selectors do not ("not from …"). */
  invert: boolean
  protocol?: string
  tunId?: number
}

const NONE = 0xffff_ffff
const FIB_RULE_INVERT = 2
const ACTIONS = ['unspec', 'to_tbl', 'goto', 'nop', 'res3', 'res4', 'blackhole', 'unreachable', 'prohibit']

/** Asks for all policy rules. */
export const ALL_RULES: Request = { type: RTM.GETRULE, payload: Buffer.alloc(12), doing: 'dump policy rules' }

/** Policy rules of both families in the kernel's order. Same as "ip -d rule", and "ip -6 …". Throws NetlinkError. */
export function dumpRules(socket: NetlinkSocket): PolicyRule[] {
  return socket.dump(ALL_RULES, decodeRule)
}

/** An RTM_NEWRULE or RTM_DELRULE message; undefined for rules that are neither IPv4 nor IPv6. */
export function decodeRule(reader: Reader, message: Message): PolicyRule | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 12)) return undefined
  const { bytes } = reader
  const family = ipFamily(bytes.readUInt8(start))
  if (family === undefined) return undefined
  const {
    src,
    dst,
    table: longTable,
    priority = 0,
    l3mdev = false,
    protocol,
    ...rest
  } = readFields(reader, start + 12, end)
  const action = bytes.readUInt8(start + 7)
  const table = longTable ?? bytes.readUInt8(start + 4)
  const tos = bytes.readUInt8(start + 3)
  const rule: PolicyRule = {
    family,
    priority,
    src: prefix(src, bytes.readUInt8(start + 2), family),
    dst: prefix(dst, bytes.readUInt8(start + 1), family),
    table,
    tableName: tableName(table),
    action: ACTIONS[action] ?? String(action),
    l3mdev,
    invert: (bytes.readUInt32LE(start + 8) & FIB_RULE_INVERT) !== 0,
    ...rest,
  }
  if (tos !== 0) rule.tos = tos
  if (protocol !== undefined) rule.protocol = protocolName(protocol)
  return rule
}

const readFields = fieldDecoder({
  1: ['dst', 'ip'],
  2: ['src', 'ip'],
  3: ['iif', 'text'],
  4: ['goto', 'u32'],
  6: ['priority', 'u32'],
  10: ['fwmark', 'u32'],
  11: ['flow', 'skip'],
  12: ['tunId', 'u64BE'],
  13: ['suppressIfgroup', unlessNone],
  14: ['suppressPrefixlength', unlessNone],
  15: ['table', 'u32'],
  16: ['fwmask', 'u32'],
  17: ['oif', 'text'],
  18: ['padding', 'skip'],
  19: ['l3mdev', 'bool'],
  20: ['uidrange', range32],
  21: ['protocol', 'u8'],
  22: ['ipproto', 'u8'],
  23: ['sport', range16],
  24: ['dport', range16],
  25: ['dscp', 'u8'],
  26: ['flowlabel', 'u32BE'],
  27: ['flowlabelMask', 'u32BE'],
  28: ['sportMask', 'u16'],
  29: ['dportMask', 'u16'],
  30: ['dscpMask', 'u8'],
})

/** The kernel always sends both suppressors, with all bits set for "none". */
function unlessNone(reader: Reader, start: number, end: number): number | undefined {
  const value = reader.u32(start, end)
  return value === NONE ? undefined : value
}

function range32(reader: Reader, start: number, end: number): Range | undefined {
  if (!reader.has(start, end, 8)) return undefined
  return { start: reader.bytes.readUInt32LE(start), end: reader.bytes.readUInt32LE(start + 4) }
}

function range16(reader: Reader, start: number, end: number): Range | undefined {
  if (!reader.has(start, end, 4)) return undefined
  return { start: reader.bytes.readUInt16LE(start), end: reader.bytes.readUInt16LE(start + 2) }
}

function prefix(address: string | undefined, length: number, family: IpFamily): string {
  if (address === undefined) return length === 0 ? 'all' : `${family === 'inet' ? '0.0.0.0' : '::'}/${length}`
  return length === (family === 'inet' ? 32 : 128) ? address : `${address}/${length}`
}
