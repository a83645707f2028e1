import type { Flow, Link } from '@hopscope/model'
import { familyOf, type Ip, ipText } from './ip.ts'
import type { Span } from './rules/rule.ts'

/** What a connection is known by; ports are absent for icmp, and a sender's port that nobody chose yet. */
export type Tuple = { protocol: string; src: Ip; dst: Ip; sport?: number; dport?: number }

/** A connection as the conntrack table of one namespace knows it. */
export type Tracked = {
  readonly netns: string
  readonly orig: Tuple
  reply: Tuple
  /** Whether the table already decided on its destination and its source; the rules are asked only once. */
  dstDone: boolean
  srcDone: boolean
  dnat: boolean
  snat: boolean
  mark: number
  seenReply: boolean
  /** Among which ports the translation draws one for the sender, and among which the sender's own is. */
  drawn?: Span
  origDrawn?: Span
}

export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'

/** What the packet carries of connection tracking while it stays in one namespace. */
export type Ct = { state: CtState; entry?: Tracked; direction: 'original' | 'reply' }

/** A packet on its way; replaced, never changed. */
export type Packet = Tuple & {
  icmpType?: number
  icmpCode?: number
  /** Of arp: 1 asks, 2 answers. */
  arpOperation?: 1 | 2
  tcpFlags: readonly string[]
  mark: number
  ttl: number
  /** It comes from another machine, whose distance nobody knows. */
  far?: boolean
  /** Length with its IP header; a guess unless it is whole. */
  bytes: number
  /** May not be cut. */
  whole: boolean
  /** Among which ports the kernel of a namespace drew the one that is not known; absent where its sender did. */
  drawn?: Span
  /** Of an ICMP error: the packet that it is about. */
  inner?: Tuple
  /** User of the sender, where that is known; only in the sender's own namespace. */
  uid?: number
  /** Made in the namespace it is in. */
  local: boolean
  /** What is left from the namespace it is in; absent in a new one. */
  ct?: Ct
  /** The bridge port it came in by, which br_netfilter remembers. */
  physIn?: Link
}

export const flowOf = (p: Packet): Flow => ({
  family: familyOf(p.dst),
  protocol: p.protocol,
  src: ipText(p.src),
  dst: ipText(p.dst),
  ...(p.sport !== undefined && { sport: p.sport }),
  ...(p.dport !== undefined && { dport: p.dport }),
  ...(p.icmpType !== undefined && { icmpType: p.icmpType }),
  ...(p.icmpCode !== undefined && { icmpCode: p.icmpCode }),
  ...(p.arpOperation !== undefined && { arpOperation: p.arpOperation }),
})

export const tupleOf = ({ protocol, src, dst, sport, dport }: Tuple): Tuple => ({ protocol, src, dst, sport, dport })
export const turned = ({ protocol, src, dst, sport, dport }: Tuple): Tuple => ({
  protocol,
  src: dst,
  dst: src,
  sport: dport,
  dport: sport,
})
export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.protocol === b.protocol && a.src === b.src && a.dst === b.dst && a.sport === b.sport && a.dport === b.dport
