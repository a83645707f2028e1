/** What a match looks at. */
export type Field =
  | 'iif'
  | 'oif'
  | 'physIn'
  | 'physOut'
  | 'bridged'
  | 'src'
  | 'dst'
  | 'protocol'
  | 'sport'
  | 'dport'
  | 'icmpType'
  | 'ctState'
  | 'ctStatus'
  | 'ctDirection'
  | 'mark'
  | 'ctMark'
  | 'srcType'
  | 'dstType'
  | 'uid'
  | 'tcpFlags'
  | 'ttl'
  | 'length'
  | 'family'
  | 'etherType'

/** What a field is compared with. */
export type Values =
  | { kind: 'ranges'; ranges: readonly (readonly [number, number])[] }
  /** Of a field with several words at once, such as states: one of them is enough. */
  | { kind: 'words'; words: readonly string[] }
  /** The field's bits under the mask. */
  | { kind: 'masked'; mask: number; value: number }
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

/** An address and ports to put in the place of others; what is absent stays. A run of several leaves the choice to the kernel. */
export type NatTarget = { address?: Span; ports?: Span }
export type Span = readonly [from: number, to: number]

export type Action =
  | { kind: 'accept' | 'drop' | 'return' | 'queue' | 'continue' }
  | { kind: 'jump' | 'goto'; chain: string }
  | { kind: 'reject'; with: 'tcp-reset' | 'icmp'; code: number }
  | { kind: 'dnat' | 'snat'; to: NatTarget }
  | { kind: 'masquerade' | 'redirect'; ports?: Span }
  /** mark = (mark without the mask's bits) xor value. */
  | { kind: 'mark' | 'ctMark'; mask: number; value: number }
  | { kind: 'saveMark' | 'restoreMark'; mask: number }
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
