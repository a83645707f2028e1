import type { Outcome, Way } from '@hopscope/model'
import type { Suggestion } from './suggestion.ts'

/** Where a packet begins: in a namespace, or out of sight behind a NIC (the one of the default route when left out). */
export type Origin = { kind: 'netns'; netns: string } | { kind: 'outside'; link?: string }

/** "Can it get there?" */
export type Query = {
  from: Origin
  /** An address, or a name as the sender would resolve it. */
  to: string
  /** arp: who has it? */
  protocol: 'tcp' | 'udp' | 'icmp' | 'arp'
  /** Of tcp and udp. */
  port?: number
  /** Sender's address; chosen as the kernel does when left out. */
  src?: string
  sport?: number
  uid?: number
  /** Bytes of the packet with its IP header; it may not be cut then. */
  bytes?: number
}

export type Prediction = {
  query: Query
  forward: Way
  /** The answer's way; absent when none is sent, or nobody in sight sends it. */
  back?: Way
  /** Of both ways together; `way` is the one that decided. */
  outcome: Outcome
  way: 'forward' | 'back'
  suggestions: readonly Suggestion[]
}
