import { conntrackId, type Flow, type Hop, type HopOf, type RuleHit } from '@hopscope/model'
import type { TraceEvent } from '../events.ts'
import type { Facts } from '../facts.ts'

type Seen = { netns: string; before: Flow; after: Flow; hops: readonly Hop[]; reply: boolean | undefined }
type Change = HopOf<'nat'>['change']

const CHANGES: Record<string, Change> = { DNAT: 'dnat', SNAT: 'snat', MASQUERADE: 'masquerade', REDIRECT: 'redirect' }

/** Headers that were others a moment ago: by the rule of a nat chain, or by what conntrack knows of the connection. */
export function natHop({ netns, before, after, hops, reply }: Seen): HopOf<'nat'> {
  const hit = lastTranslation(hops, netns)
  const source = before.src !== after.src || before.sport !== after.sport
  const byEntry: Change = reply ? 'reverse' : source ? 'snat' : 'dnat'
  const hop: HopOf<'nat'> = {
    kind: 'nat',
    netns,
    basis: 'observed',
    flow: after,
    change: hit?.change ?? byEntry,
    before,
    after,
  }
  if (hit) hop.ruleId = hit.ruleId
  return hop
}

/** The translation of a packet that was seen only after it: its connection says from what. */
export function earlierNat(netns: string, after: Flow, ct: TraceEvent['ct'], facts: Facts): HopOf<'nat'> | undefined {
  const known = ct?.id === undefined ? undefined : facts.snapshot.records.conntrack[conntrackId(netns, ct.id)]
  if (known === undefined) return undefined
  const { src, dst, sport, dport } = ct?.reply ? known.reply : known.orig
  const before: Flow = {
    ...after,
    src,
    dst,
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
  }
  return { kind: 'nat', netns, basis: 'inferred', flow: after, change: ct?.reply ? 'reverse' : 'dnat', before, after }
}

/** The rule that translates, if the packet has met one since it was last changed. */
function lastTranslation(hops: readonly Hop[], netns: string): { change: Change; ruleId: string } | undefined {
  for (const hop of hops.toReversed()) {
    if (hop.netns !== netns || hop.kind === 'nat') return undefined
    if (hop.kind !== 'chain') continue
    const hit = hop.hits.findLast((one) => changeOf(one) !== undefined)
    const change = hit && changeOf(hit)
    if (hit && change) return { change, ruleId: hit.ruleId }
  }
  return undefined
}

function changeOf({ target = '', text = '' }: RuleHit): Change | undefined {
  const named = CHANGES[target.toUpperCase()]
  if (named) return named
  const word = /(?:^| )(dnat|snat|masquerade|redirect)(?: |$)/.exec(text)?.[1]
  return word === undefined ? undefined : CHANGES[word.toUpperCase()]
}
