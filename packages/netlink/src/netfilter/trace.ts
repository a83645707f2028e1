import type { Message, Reader } from '../codec/reader.ts'
import { NFT_MSG, nftFamily, nftType } from './messages.ts'

/**
 * What one rule, or the end of one chain, did with a packet that is traced. Headers come once per base chain that the packet passes,
 * as hex: at most 20 bytes of the frame, 40 of the network and 20 of the transport header.
 */
export type NftTrace = {
  /** Of the packet for as long as it is in this namespace. The kernel gives the same id to other packets later. */
  id: number
  family: string
  table: string
  chain: string
  /** rule: it matched. return: from a chain without a match. policy: of a base chain without a verdict. */
  type: 'rule' | 'return' | 'policy'
  /** Of the rule. */
  handle?: number | undefined
  /** continue, jump, goto, return, accept, drop, stolen, queue, repeat; or the number of another one. */
  verdict?: string | undefined
  /** The chain that is jumped to. */
  to?: string | undefined
  policy?: string | undefined
  /** ifindexes. */
  iif?: number | undefined
  oif?: number | undefined
  mark?: number | undefined
  l2?: string | undefined
  l3?: string | undefined
  l4?: string | undefined
  /** The connection that it belongs to; from Linux 6.16 on, and only once conntrack has looked at it. */
  ct?: { id?: number; reply?: boolean; status?: number; state?: number } | undefined
}

/** Group of the messages that rules with "meta nftrace set 1" cause. */
export const NFNLGRP_NFTRACE = 9

/** A message of the group NFNLGRP_NFTRACE; undefined when it is cut, or something else. Same as "nft monitor trace". */
export function decodeNftTrace(reader: Reader, message: Message): NftTrace | undefined {
  if (message.type !== TRACE || !reader.has(message.start, message.end, 4)) return undefined
  const { bytes } = reader
  // With all that it may have from the start: an object that grows is made anew again and again.
  const trace: NftTrace = {
    id: -1,
    family: nftFamily(bytes.readUInt8(message.start)),
    table: '',
    chain: '',
    type: 'rule',
    handle: undefined,
    verdict: undefined,
    to: undefined,
    policy: undefined,
    iif: undefined,
    oif: undefined,
    mark: undefined,
    l2: undefined,
    l3: undefined,
    l4: undefined,
    ct: undefined,
  }
  let known = true
  // A switch rather than a field table: this runs a hundred thousand times a second when a flood is traced.
  reader.attributes(message.start + 4, message.end, (type, start, end) => {
    switch (type) {
      case 1:
        trace.table = name(reader, start, end)
        break
      case 2:
        trace.chain = name(reader, start, end)
        break
      case 3:
        trace.handle = reader.u64BE(start, end)
        break
      case 4: {
        const named = TYPES[reader.u32BE(start, end) ?? 0]
        if (named === undefined) known = false
        else trace.type = named
        break
      }
      case 5:
        readVerdict(reader, { start, end }, trace)
        break
      case 6:
        trace.id = reader.u32BE(start, end) ?? -1
        break
      case 7:
        trace.l2 = latest.l2.read(reader, start, end)
        break
      case 8:
        trace.l3 = latest.l3.read(reader, start, end)
        break
      case 9:
        trace.l4 = latest.l4.read(reader, start, end)
        break
      case 10:
        trace.iif = reader.u32BE(start, end)
        break
      case 12:
        trace.oif = reader.u32BE(start, end)
        break
      case 14:
        trace.mark = reader.u32BE(start, end)
        break
      case 16:
        trace.policy = verdictName(reader.i32BE(start, end))
        break
      case 18:
        connection(trace).id = reader.u32BE(start, end)
        break
      case 19:
        connection(trace).reply = reader.bool(start, end)
        break
      case 20:
        connection(trace).status = reader.u32BE(start, end)
        break
      case 21:
        connection(trace).state = reader.u32BE(start, end)
        break
      case 11: // kinds of the links, the family that a packet of an inet table is of, padding
      case 13:
      case 15:
      case 17:
        break
      default:
        reader.unknown()
    }
  })
  // Some kernels end a chain with a message of a rule that there is none of.
  if (trace.type === 'rule' && trace.handle === undefined) return undefined
  return known && trace.id >= 0 && trace.chain !== '' ? trace : undefined
}

const TRACE = nftType(NFT_MSG.TRACE)
const TYPES: readonly (NftTrace['type'] | undefined)[] = [undefined, 'policy', 'return', 'rule']
/** From −5 on. */
const VERDICTS = ['return', 'goto', 'jump', 'break', 'continue', 'drop', 'accept', 'stolen', 'queue', 'repeat']

const verdictName = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : (VERDICTS[code + 5] ?? String(code))

function connection(trace: NftTrace): NonNullable<NftTrace['ct']> {
  trace.ct ??= {}
  return trace.ct
}

function readVerdict(reader: Reader, { start, end }: { start: number; end: number }, trace: NftTrace): void {
  reader.attributes(start, end, (type, from, to) => {
    if (type === 1) trace.verdict = verdictName(reader.i32BE(from, to))
    else if (type === 2) trace.to = name(reader, from, to)
    else reader.unknown()
  })
}

/** Reads bytes as hex; those that were read last are not made a text of again, as each chain of a packet tells the same headers. */
class Repeated {
  private bytes = Buffer.alloc(0)
  private text = ''

  read(reader: Reader, start: number, end: number): string {
    const { bytes } = this
    if (bytes.length === end - start && begins(reader.bytes, start, bytes)) return this.text
    this.bytes = Buffer.from(reader.bytes.subarray(start, end))
    this.text = reader.hex(start, end)
    return this.text
  }
}
const latest = { l2: new Repeated(), l3: new Repeated(), l4: new Repeated() }

/** Tables and chains have few names: they are kept by their bytes, which is cheaper than a new string for every message. */
const names = new Map<number, { bytes: Buffer; text: string }[]>()
const MOST_NAMES = 4096
let kept = 0

function name(reader: Reader, start: number, end: number): string {
  const { bytes } = reader
  let hash = end - start
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0
  const list = names.get(hash)
  for (const one of list ?? []) if (one.bytes.length === end - start && begins(bytes, start, one.bytes)) return one.text
  if (++kept > MOST_NAMES) {
    names.clear()
    kept = 1
  }
  const made = { bytes: Buffer.from(bytes.subarray(start, end)), text: reader.text(start, end) }
  if (list && kept > 1) list.push(made)
  else names.set(hash, [made])
  return made.text
}

/** Byte by byte: these are short, and a call out of JavaScript takes longer. */
function begins(bytes: Buffer, start: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false
  return true
}
