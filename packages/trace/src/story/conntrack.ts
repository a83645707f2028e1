import { conntrackId, type HopOf } from '@hopscope/model'
import type { TraceEvent } from '../events.ts'
import type { Facts } from '../facts.ts'

/** Where the kernel looks connections up, in prerouting and output. */
export const CONNTRACK_PRIORITY = -200

/** Bits of NFTA_TRACE_CT_STATE, as "ct state" of nft has them. */
const STATES: readonly (readonly [number, string])[] = [
  [1, 'invalid'],
  [2, 'established'],
  [4, 'related'],
  [8, 'new'],
  [64, 'untracked'],
]

/** The connection that a packet belongs to. */
export function conntrackHop(netns: string, ct: NonNullable<TraceEvent['ct']>, facts: Facts): HopOf<'conntrack'> {
  const state = ctStateName(ct.state ?? 0)
  const hop: HopOf<'conntrack'> = {
    kind: 'conntrack',
    netns,
    basis: 'observed',
    entry: state === 'new' ? 'created' : 'reused',
    state,
  }
  if (ct.id !== undefined && facts.snapshot.records.conntrack[conntrackId(netns, ct.id)]) {
    hop.conntrackId = conntrackId(netns, ct.id)
  }
  return hop
}

/** The first of the states that these bits stand for. */
export const ctStateName = (bits: number): string => STATES.find(([bit]) => bits & bit)?.[1] ?? String(bits)
