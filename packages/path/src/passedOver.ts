import type { Flow, Hop, HopOf, HostSnapshot, Way } from '@hopscope/model'
import type { Prediction } from './query.ts'
import { type ListedChain, listChain } from './rules/listing.ts'
import type { Miss } from './rules/miss.ts'

/** A rule that a packet was compared with in vain, and why. */
export type PassedOver = { chain: string; ruleId: string; position: number; text: string; miss: Miss }
type Explained = Exclude<Hop, { kind: 'chain' }> | (HopOf<'chain'> & { passedOver: PassedOver[] })
type ExplainedWay = Omit<Way, 'hops'> & { hops: Explained[] }

/** The same prediction with the rules that each chain's packet was compared with in vain: what a machine may read of it. */
export function withPassedOver(
  prediction: Prediction,
  snapshot: HostSnapshot,
): Omit<Prediction, 'forward' | 'back'> & { forward: ExplainedWay; back?: ExplainedWay } {
  const { forward, back, ...rest } = prediction
  return { ...rest, forward: explainedWay(forward, snapshot), ...(back && { back: explainedWay(back, snapshot) }) }
}

/** The rules that a packet, as it came to a chain, was compared with in vain: there and in the chains that it led to. */
export const passedOver = (hop: HopOf<'chain'>, flow: Flow | undefined, snapshot: HostSnapshot): PassedOver[] =>
  passedIn(listChain(hop, flow, snapshot))

/** The packet as it comes to each hop of a way; undefined until one has told of it. */
export function flowsBefore(hops: readonly Hop[]): (Flow | undefined)[] {
  // What comes in from outside is told of by the first hop that changes it.
  const first = hops.find(({ kind, flow }) => kind === 'nat' || flow !== undefined)
  let now = first?.kind === 'nat' ? first.before : undefined
  return hops.map((hop) => {
    const before = now
    now = hop.kind === 'nat' ? hop.after : (hop.flow ?? before)
    return before
  })
}

/** A way, predicted or seen, with the rules of each chain that did not match. */
export function explainedWay({ hops, outcome }: Way, snapshot: HostSnapshot): ExplainedWay {
  const flows = flowsBefore(hops)
  const all = hops.map((hop, i) =>
    hop.kind === 'chain' ? { ...hop, passedOver: passedOver(hop, flows[i], snapshot) } : hop,
  )
  return { hops: all, outcome }
}

function passedIn({ chain, rules }: ListedChain): PassedOver[] {
  return rules.flatMap((one) => {
    if (one.state === 'matched') return one.into ? passedIn(one.into) : []
    if (one.state === 'unreached') return []
    const { id, position, text } = one.rule
    return [{ chain, ruleId: id, position, text, miss: one.miss }]
  })
}
