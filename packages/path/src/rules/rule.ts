import type { IpRange } from '../ip.ts'
import type { Range6 } from '../ipv6.ts'

/** What a match looks at. */
export type Field =
  | 'iif'
  | 'oif'
  | 'physIn'
  | 'physOut'
  | 'bridged'
  /** Addresses, the type and the time to live of IPv4; those of IPv6 have fields of their own. */
  | 'src'
  | 'dst'
  | 'src6'
  | 'dst6'
  | 'protocol'
  | 'sport'
  | 'dport'
  | 'icmpType'
  | 'icmp6Type'
  | 'nextHeader'
  | 'hopLimit'
  | 'ctState'
  | 'ctStatus'
  | 'ctDirection'
  | 'mark'
  | 'ctMark'
  /** Of IPv6: whether a route leads back by the link it came in by, without and with its mark. */
  | 'wayBack'
  | 'markedWayBack'
  | 'srcType'
  | 'dstType'
  | 'uid'
  | 'tcpFlags'
  | 'ttl'
  | 'length'
  | 'family'
  | 'etherType'
  /** Of ARP, which has addresses of its own. */
  | 'arpOperation'
  | 'arpSrc'
  | 'arpDst'
  /** A number that the kernel draws. */
  | 'chance'

/** What a field is compared with. */
export type Values =
  | { kind: 'ranges'; ranges: readonly (readonly [number, number])[] }
  | { kind: 'ranges6'; ranges: readonly Range6[] }
  /** Of a field with several words at once, such as states: one of them is enough. */
  | { kind: 'words'; words: readonly string[] }
  /** The field's bits under the mask. */
  | { kind: 'masked'; mask: number; value: number }
  /** Whatever it is, if there is such a thing about the packet: the element `*` of nft. */
  | { kind: 'any' }
  /** Of the flags in `of`, these are set and no others. */
  | { kind: 'flags'; of: readonly string[]; set: readonly string[] }

/** Holds when all fields are among the values of one alternative; several fields are a concatenation. */
export type Match = {
  kind: 'match'
  fields: readonly Field[]
  not: boolean
  alternatives: readonly (readonly Values[])[]
  text: string
}

/**
 * An address and ports to put in the place of others; what is absent stays. A run of several leaves the choice to the kernel, except where it is a prefix
 * (`netmap`), whose bits take the place of the address's own. With `random` the kernel draws the sender's port.
 */
export type NatTarget = { address?: IpRange; ports?: Span; netmap?: true; random?: true }
export type Span = readonly [from: number, to: number]

export type Action =
  | { kind: 'accept' | 'drop' | 'return' | 'queue' | 'continue' }
  | { kind: 'jump' | 'goto'; chain: string }
  /** The code of IPv4, and that of IPv6 where the rule is for both. */
  | { kind: 'reject'; with: 'tcp-reset' | 'icmp'; code: number; code6?: number }
  | { kind: 'dnat' | 'snat'; to: NatTarget }
  | { kind: 'masquerade' | 'redirect'; ports?: Span; random?: true }
  /** mark = (mark without the mask's bits) xor value. */
  | { kind: 'mark' | 'ctMark'; mask: number; value: number }
  /** From the packet to its connection, or back: target = (target without the bits of `clears`) xor (source's bits of `takes`). */
  | { kind: 'saveMark' | 'restoreMark'; clears: number; takes: number }
  | { kind: 'notrack' }
  /** It changes nothing of the way: log, counter. */
  | { kind: 'nothing' }
  | { kind: 'map'; fields: readonly Field[]; entries: readonly { values: readonly Values[]; action: Action }[] }

/** A part of a rule that is not understood and might do anything. */
export type Unknown = { kind: 'unknown'; what: string }
/** A match that is not understood, or whose answer nobody can know: how many came before, the time. */
export type Maybe = { kind: 'maybe'; what: string }

export type Statement = Match | Action | Unknown | Maybe
export type Statements = readonly Statement[]
