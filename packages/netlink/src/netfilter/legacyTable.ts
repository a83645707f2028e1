import { createHash } from 'node:crypto'
import { constants } from 'node:os'
import { cString } from '../codec/writer.ts'
import { NetlinkError } from '../errors.ts'
import * as libc from '../libc.ts'
import { insideNetns, type Netns } from '../namespaces.ts'
import type { IpFamily } from '../route/names.ts'

export type LegacyTable = {
  /** The entries as the kernel has them: struct ipt_entry or ip6t_entry, one after the other, with their counters. */
  blob: Buffer
  entries: number
  /** SHA-256 over the entries without counters: it changes when a rule or policy does, not when a packet passes. */
  fingerprint: string
}

// <linux/netfilter_ipv4/ip_tables.h>, <linux/netfilter_ipv6/ip6_tables.h>; the option numbers are the same.
const GET_INFO = 64
const GET_ENTRIES = 65
const INFO_LENGTH = 84
const ENTRIES_HEADER = 40
const NAME_LENGTH = 32
const IPPROTO_RAW = 255
const TRIES = 5
const LAYOUT = {
  inet: { domain: 2, level: 0, nextOffset: 90, counters: 96, smallest: 112 },
  inet6: { domain: 10, level: 41, nextOffset: 142, counters: 152, smallest: 168 },
} as const

/**
 * Rules of an iptables-legacy table, read without starting a program. Only ask for tables that
 * /proc/PID/net/ip_tables_names (or ip6_tables_names) of that namespace lists: asking for another one loads it, and an empty
 * loaded table is not the same as none. Throws NetlinkError (ENOPROTOOPT without iptables-legacy, EPERM, EAGAIN while the
 * table keeps changing). Same as "iptables-legacy-save -t TABLE".
 */
export function legacyTableBlob(netns: Netns, family: IpFamily, table: string): LegacyTable {
  const { domain } = LAYOUT[family]
  const type = libc.SOCK_RAW | libc.SOCK_CLOEXEC
  const fd = insideNetns(netns, () => libc.check(libc.socket(domain, type, IPPROTO_RAW), 'open raw socket'))
  try {
    return readTable(fd, family, table)
  } finally {
    libc.close(fd)
  }
}

/** SHA-256 of legacy entries with every counter zeroed; see `LegacyTable.fingerprint`. */
export function legacyFingerprint(blob: Buffer, family: IpFamily): string {
  const { nextOffset, counters, smallest } = LAYOUT[family]
  const copy = Buffer.from(blob)
  for (let at = 0; at + smallest <= copy.length; ) {
    copy.fill(0, at + counters, at + counters + 16)
    const next = copy.readUInt16LE(at + nextOffset)
    if (next < smallest) break
    at += next
  }
  return createHash('sha256').update(copy).digest('hex')
}

function readTable(fd: number, family: IpFamily, table: string): LegacyTable {
  const doing = `read legacy ${family} table ${table}`
  for (let tries = 0; tries < TRIES; tries++) {
    const info = getOption(fd, { family, option: GET_INFO, value: withName(INFO_LENGTH, table), doing })
    const size = info?.readUInt32LE(80) ?? 0
    const value = withName(ENTRIES_HEADER + size, table)
    value.writeUInt32LE(size, NAME_LENGTH)
    const entries = info && getOption(fd, { family, option: GET_ENTRIES, value, doing })
    if (!info || !entries) continue
    const blob = entries.subarray(ENTRIES_HEADER)
    return { blob, entries: info.readUInt32LE(76), fingerprint: legacyFingerprint(blob, family) }
  }
  throw new NetlinkError(constants.errno.EAGAIN, doing, 'the table keeps changing')
}

type Option = { family: IpFamily; option: number; value: Buffer; doing: string }

/** The filled value; undefined when the table's size changed since GET_INFO. */
function getOption(fd: number, { family, option, value, doing }: Option): Buffer | undefined {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(value.length)
  if (libc.getsockopt(fd, LAYOUT[family].level, option, value, length) >= 0) return value
  const errno = libc.lastErrno()
  if (errno === constants.errno.EAGAIN) return undefined
  throw new NetlinkError(errno, doing)
}

function withName(length: number, table: string): Buffer {
  const name = cString(table)
  if (name.length > NAME_LENGTH) throw new RangeError(`not a table's name: ${table}`)
  const value = Buffer.alloc(length)
  value.set(name)
  return value
}
