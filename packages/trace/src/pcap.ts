import type { TraceEvent } from './events.ts'
import { bytesOf, isArp, readHeaders } from './headers.ts'
import type { TracedPacket } from './packets.ts'

/** A packet's headers as hex, as they were first seen; `at` in milliseconds. */
export type Head = { at: number; l3: string; l4?: string }

/** Undefined when the kernel told none. */
export function headOf({ events, at }: Pick<TracedPacket, 'events' | 'at'>): Head | undefined {
  const told = events.find((event): event is TraceEvent & { l3: string } => event.l3 !== undefined)
  return told && { at, l3: told.l3, ...(told.l4 !== undefined && { l4: told.l4 }) }
}

/** Packets begin with their network header. */
const LINKTYPE_RAW = 101
const MAGIC = 0xa1b2c3d4
const SNAPLEN = 65_535
const HEADER = 24
const RECORD = 16

/**
 * A pcap file of packets as they were first seen, with as much of each as the kernel told (its headers). `epoch` is the time, in milliseconds
 * since 1970, at which their clock was 0. Same as what `tcpdump -w` writes with a small `-s`.
 */
export function pcapFile(heads: readonly Head[], epoch: number): Uint8Array {
  const records = heads.flatMap(({ at, l3, l4 }) => {
    const headers = readHeaders({ l3, l4 })
    // A file of packets that begin with IP has no place for ARP.
    return headers && !isArp(headers) ? [{ at, length: headers.length, bytes: [...bytesOf(l3), ...bytesOf(l4)] }] : []
  })
  const size = records.reduce((sum, { bytes }) => sum + RECORD + bytes.length, HEADER)
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  const put = (offset: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(offset + 4 * i, value, true)
  }
  put(0, MAGIC, 0, 0, 0, SNAPLEN, LINKTYPE_RAW)
  view.setUint16(4, 2, true)
  view.setUint16(6, 4, true)
  let offset = HEADER
  for (const { at, length, bytes } of records) {
    const micros = Math.round((epoch + at) * 1000)
    put(offset, Math.floor(micros / 1e6), micros % 1e6, bytes.length, Math.max(length, bytes.length))
    file.set(bytes, offset + RECORD)
    offset += RECORD + bytes.length
  }
  return file
}
