import {
  type FwChain,
  fwRuleId,
  type HookName,
  type HopOf,
  hookName,
  type Met,
  type RuleHit,
  type Verdict,
} from '@hopscope/model'
import type { TraceEvent } from './events.ts'
import type { ChainPlace, Facts } from './facts.ts'

/** A packet in one base chain and the chains that it jumps to from there. */
export type Visit = ChainPlace & { events: TraceEvent[]; met?: Met }

/** True when the event belongs to another visit than the one before it. */
export function startsVisit(visit: Visit | undefined, event: TraceEvent, facts: Facts): boolean {
  if (visit === undefined || visit.engine !== event.engine) return true
  if (visit.family !== event.family || visit.table !== event.table) return true
  const base = facts.chain(event)
  if (base?.hook === undefined && visit.chain !== event.chain) return false
  // Back in the base chain after a jump, or in it from the start; the policy ends it.
  return visit.chain !== event.chain || visit.events.at(-1)?.type === 'policy'
}

/** The hop of a visit: the rules that matched in order, and what became of the packet. */
export function chainHop({ engine, netns, family, table, chain, events, met }: Visit, facts: Facts): HopOf<'chain'> {
  const record = facts.chain({ engine, netns, family, table, chain })
  const hits = events.filter(({ type }) => type === 'rule').map((event) => hitOf(event, facts))
  const last = events.at(-1)
  const policy = last?.type === 'policy'
  const ended = policy ? last.policy : hits.at(-1)?.verdict
  const hop: HopOf<'chain'> = {
    kind: 'chain',
    netns,
    basis: 'observed',
    hook: hookOf(record),
    engine: engine ?? 'nft',
    family,
    table,
    chain,
    hits,
    // What is neither dropped nor taken over goes on; so does a packet whose last message was lost.
    verdict: ENDS.find((verdict) => verdict === ended) ?? 'accept',
    policy,
  }
  if (record?.priority !== undefined) hop.priority = record.priority
  if (met) hop.met = met
  return hop
}

const ENDS = ['accept', 'drop', 'reject', 'queue', 'stolen'] as const

/** A chain that is gone by now says no more where it stood. */
function hookOf(record: FwChain | undefined): HookName {
  return hookName.options.find((hook) => hook === record?.hook) ?? 'prerouting'
}

function hitOf(event: TraceEvent, facts: Facts): RuleHit {
  const { engine = 'nft', netns, family, table, chain, handle = 0, to } = event
  const rule = facts.rule(event, handle)
  const hit: RuleHit = {
    chain,
    ruleId: rule?.id ?? fwRuleId({ netns, engine, family, table, chain, handle }),
    handle,
    verdict: verdictOf(event, rule?.text ?? ''),
  }
  if (rule) Object.assign(hit, { position: rule.position, text: rule.text })
  if (rule?.target !== undefined) hit.target = rule.target
  if (to !== undefined) hit.to = to
  return hit
}

const VERDICTS: readonly Verdict[] = ['continue', 'jump', 'goto', 'return', 'accept', 'drop', 'queue', 'stolen']

/** To the kernel a reject is a drop, after something was sent back. */
function verdictOf({ verdict }: TraceEvent, text: string): Verdict {
  if (verdict === 'drop' && /(?:^| )(?:-j REJECT|reject)(?: |$)/.test(text)) return 'reject'
  return VERDICTS.find((one) => one === verdict) ?? 'continue'
}
